"""Imports in the worker: the look before a commit, and the commit."""

from __future__ import annotations

from django_tasks import task

from wotu.registers.models import Job
from wotu.registry.intake import work


@task()
def run_check(job_id: int) -> None:
    """Look at an import's rows."""
    job = Job.objects.get(pk=job_id)
    if job.state != Job.State.DONE:
        work.check(job)


@task()
def run_import(job_id: int) -> None:
    """Commit an import; what an earlier run has finished is not done again."""
    job = Job.objects.get(pk=job_id)
    if job.state != Job.State.DONE:
        work.run(job)
