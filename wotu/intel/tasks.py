"""Many articles read in the worker: one after the other, each taken in or set aside with its reason; resumable."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse
from django_tasks import task

from wotu.intel import actions, take_in
from wotu.intel.take_in import Citation
from wotu.registers.jobs import Progress, working
from wotu.registers.models import Job
from wotu.registers.verbs import Refused

MOST_REASONS = 20
"""Files whose reason is told by name; of the others only how many."""
ENDINGS = (".txt", ".htm", ".html", ".md", ".pdf", ".docx")


@task()
def run_loading(job_id: int) -> None:
    """Read the files a job names; what an earlier run has read is not read again. Uploaded files go when they are read."""
    job = Job.objects.get(pk=job_id)
    if job.state == Job.State.DONE:
        return
    folder = Path(settings.MEDIA_ROOT) / job.arguments["folder"]
    uploaded = not job.arguments.get("keep")
    with working(job) as progress:
        load([folder / name for name in job.arguments["names"]], job.by, progress, throw_away=uploaded)
        if uploaded:
            with contextlib.suppress(OSError):
                folder.rmdir()


def load(files: Iterable[Path], by: Any, progress: Progress, *, throw_away: bool = False) -> None:
    """Read files under a job, one transaction each, and end it with a sentence."""
    paths = list(files)
    job = progress.job
    counts: dict[str, Any] = {"new": 0, "known": 0, "reprints": 0, "refused": [], **job.cursor.get("counts", {})}
    done = int(job.cursor.get("done", 0))
    if not done:
        progress.expect(len(paths))
    for place, path in enumerate(paths[done:], start=done + 1):
        if reason := _one(path, by, counts):
            counts["refused"].append(f"{path.name}：{reason}")
        progress.advance(place, {"done": place, "counts": counts})
        if throw_away:
            path.unlink(missing_ok=True)
    job.message = summary(len(paths), counts)
    job.link = f"{reverse('intel:articles')}?state=review"


def summary(total: int, counts: dict[str, Any]) -> str:
    """What became of the files, in words."""
    refused: list[str] = counts["refused"]
    said = f"读了 {total} 份：收录 {counts['new']} 篇（疑似转载 {counts['reprints']} 篇），已有 {counts['known']} 篇"
    if not refused:
        return f"{said}。"
    more = f"等 {len(refused)} 份" if len(refused) > MOST_REASONS else ""
    return f"{said}，没有收录 {len(refused)} 份：" + "；".join(refused[:MOST_REASONS]) + f"{more}。"


def _one(path: Path, by: Any, counts: dict[str, Any]) -> str:
    """Take one file in; why not, where it can't be."""
    try:
        received = actions.receive(take_in.draft(take_in.read_file(path), Citation()), by)
    except (take_in.Unreadable, Refused, OSError) as error:
        return str(error).rstrip("。")
    if not received.fresh:
        counts["known"] += 1
        return ""
    counts["new"] += 1
    counts["reprints"] += received.article.republishes_id is not None
    return ""
