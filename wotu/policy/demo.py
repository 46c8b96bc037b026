"""The policy room's part of the demonstration zone: real rules, and the first screening of its enterprises."""

from __future__ import annotations

from datetime import date

from wotu.policy import editions
from wotu.policy.models import Screening
from wotu.policy.screening import screen
from wotu.registers.jobs import working
from wotu.registers.models import Job


def first_screening(day: date) -> tuple[Screening, bool]:
    """The screening as of the zone's day, and whether it was made now; raises `lake.LakeError`."""
    editions.sync()
    before = Screening.objects.filter(as_of=day, state=Screening.State.DONE).count()
    job = Job.objects.create(kind="screening", title=f"筛查 {day}", arguments={"as_of": day.isoformat(), "rules": []})
    with working(job) as progress:
        made = screen(day, job=progress)
        job.message = f"{made.as_of} 筛查完成：{made.enterprises}家企业。"
    fresh = Screening.objects.filter(as_of=day, state=Screening.State.DONE).count() > before
    if not fresh:
        job.delete()
    return made, fresh
