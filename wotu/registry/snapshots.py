"""Taking a snapshot as a verb with its work in the worker."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tasks import task

from wotu.registers.jobs import working
from wotu.registers.models import Job
from wotu.registers.roles import POLICY_OFFICER
from wotu.registers.verbs import verb
from wotu.registry import lake
from wotu.registry.models import Snapshot


@verb(Job, "take_snapshot", str(_("生成快照")), by=POLICY_OFFICER, room="registry")
def take_snapshot(job: Job, by: Any) -> None:
    """Queue a snapshot of the facts known now; `job` is a new one."""
    job.kind, job.title, job.by = "snapshot", f"快照 {timezone.localtime():%Y-%m-%d %H:%M}", by
    job.save()
    run_snapshot.enqueue(job.pk)


@task()
def run_snapshot(job_id: int) -> None:
    """Write the snapshot a job asks for; a killed one left nothing and is simply written again."""
    job = Job.objects.get(pk=job_id)
    if job.state == Job.State.DONE:
        return
    with working(job) as progress:
        job.message = summary(lake.snapshot(progress=progress))


def summary(snapshot: Snapshot) -> str:
    """A snapshot in one sentence."""
    return (
        f"截至 {timezone.localtime(snapshot.known_at):%Y-%m-%d %H:%M} 的快照：{snapshot.enterprises}家企业，"
        f"{snapshot.facts}条事实。"
    )
