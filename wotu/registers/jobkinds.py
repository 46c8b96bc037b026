"""Kinds of long work: what they are called, whose room they belong to, and how one is started again where it stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult

from wotu.registers.models import Job
from wotu.registers.pages import STAFF, may_enter
from wotu.registers.roles import ROLES
from wotu.registers.verbs import Refused, verb

SILENT = timedelta(minutes=10)
"""A running job that has not reported for so long was abandoned by a worker that is gone."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of long work; `start` queues the job with this id and is None where it can't be started again."""

    id: str
    name: Any
    room: str = STAFF
    start: Callable[[int], object] | None = None


_kinds: dict[str, JobKind] = {}


class WorkerGone(Exception):
    """The worker that ran a task was killed before its end."""


def declare(kinds: Iterable[JobKind]) -> None:
    """Make an app's kinds of work known; called from its `AppConfig.ready`, safe to repeat."""
    _kinds.update({kind.id: kind for kind in kinds})


def kind(id: str) -> JobKind:
    """The kind with this id; an undeclared one is nobody's in particular and can't be started again."""
    return _kinds.get(id) or JobKind(id, id)


def kinds() -> tuple[JobKind, ...]:
    """Every declared kind, in the order of declaration."""
    return tuple(_kinds.values())


def abandoned(job: Job) -> bool:
    """Whether a job says it is running but nobody has reported on it for a while."""
    last = job.beat_at or job.started_at or job.created_at
    return job.state == Job.State.RUNNING and timezone.now() - last > SILENT


def resumable(job: Job) -> bool:
    """Whether a job stopped before its end and its kind knows how to go on."""
    return kind(job.kind).start is not None and (job.state == Job.State.FAILED or abandoned(job))


def resume_orphans() -> int:
    """Queue again what a killed worker left half done; only for the process that starts the only worker. How many."""
    cut = WorkerGone(str(_("后台进程被中断。")))
    running = list(DBTaskResult.objects.running())
    for result in running:
        result.set_failed(cut)
    numbers = {number for result in running for number in result.args_kwargs["args"] if isinstance(number, int)}
    orphans = [j for j in Job.objects.filter(pk__in=numbers, state=Job.State.RUNNING) if kind(j.kind).start is not None]
    for job in orphans:
        Job.objects.filter(pk=job.pk).update(state=Job.State.FAILED, message=str(cut))
        resume(job, None)
    return len(orphans)


@verb(
    Job, "resume", str(_("继续任务")), by=tuple(r for r in ROLES if r.writes), room="jobs", when=("failed", "running")
)
def resume(job: Job, by: Any) -> None:
    """Queue a failed or abandoned job again; it goes on behind the last block it finished."""
    of = kind(job.kind)
    if by is not None and not may_enter(by, of.room):
        raise PermissionDenied("这项任务不属于您的业务，不能由您继续。")
    if of.start is None:
        raise Refused(f"“{job.title}”这类任务不能接着做，请重新发起。")
    if job.state == Job.State.RUNNING and not abandoned(job):
        raise Refused(f"“{job.title}”正在进行，不用继续。")
    job.state, job.message, job.started_at, job.finished_at = Job.State.WAITING, "", None, None
    job.beat_at = timezone.now()
    job.save(update_fields=["state", "message", "started_at", "finished_at", "beat_at"])
    of.start(job.pk)
