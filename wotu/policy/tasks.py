"""Long work of the policy room, in the worker."""

from __future__ import annotations

from datetime import date

from django.urls import reverse
from django_tasks import task

from wotu.registers.jobs import working
from wotu.registers.models import Job


@task()
def run_screening(job_id: int) -> None:
    """Run the screening a job asks for; a job that was killed goes on where it stopped when it is queued again."""
    from wotu.policy.screening import screen, summary

    job = Job.objects.get(pk=job_id)
    if job.state == Job.State.DONE:
        return
    with working(job) as progress:
        made = screen(
            date.fromisoformat(job.arguments["as_of"]), rules=job.arguments.get("rules") or None, job=progress
        )
        job.message = summary(made)
        job.link = f"{reverse('policy:match')}?screening={made.pk}"
