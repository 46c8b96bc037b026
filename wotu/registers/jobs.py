"""Progress of long work: a context that marks a job running, beats at each block and ends it in a plain sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from wotu.registers.models import Job


@dataclass(slots=True)
class Progress:
    """The handle long work reports through; `advance` is called inside the transaction of the block it reports."""

    job: Job

    def expect(self, total: int) -> None:
        """Set how many units there are in all; said again, it begins another stretch of the work from nothing done."""
        self.job.total, self.job.done, self.job.beat_at = total, 0, timezone.now()
        self.job.save(update_fields=["total", "done", "beat_at"])

    def advance(self, done: int, cursor: dict[str, Any] | None = None) -> None:
        """`done` units are finished; `cursor` is where a resumed run starts."""
        self.job.done = done
        if cursor is not None:
            self.job.cursor = cursor
        self.job.beat_at = timezone.now()
        self.job.save(update_fields=["done", "cursor", "beat_at"])


@contextmanager
def working(job: Job) -> Iterator[Progress]:
    """Run long work under a job: running, then done, or failed with the sentence of what went wrong."""
    job.state, job.started_at = Job.State.RUNNING, job.started_at or timezone.now()
    job.beat_at = timezone.now()
    job.save(update_fields=["state", "started_at", "beat_at"])
    try:
        yield Progress(job)
    except BaseException as error:
        job.state, job.message, job.finished_at = Job.State.FAILED, str(error) or type(error).__name__, timezone.now()
        job.save(update_fields=["state", "message", "finished_at"])
        raise
    job.state, job.finished_at = Job.State.DONE, timezone.now()
    job.save(update_fields=["state", "message", "link", "finished_at"])
