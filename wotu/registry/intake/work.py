"""The long work of an import: a look at every row before it is committed, and the commit itself, block by block."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from wotu.registers.jobs import Progress, working
from wotu.registers.models import Job
from wotu.registry import attributes
from wotu.registry.facts import Recorded, attributes_by_code
from wotu.registry.intake import commit, kept, pipeline, report
from wotu.registry.intake.books import Book, open_book
from wotu.registry.intake.known import Known
from wotu.registry.intake.mapping import Vocabulary
from wotu.registry.intake.rows import Days
from wotu.registry.intake.survey import Survey, survey
from wotu.registry.models import Import, RejectedRow

Say = Callable[[int, int], None]
"""Told how many rows of how many are done, after each block."""


SILENT = timedelta(minutes=2)
"""An import beats after every block, within seconds; one silent for so long has lost its worker and may be taken over."""


class Overtaken(Exception):
    """Another job has taken the import over; this one stops without a trace."""


def check(job: Job) -> None:
    """Look at every row: count what would be accepted, keep what would be set aside. Writes no fact."""
    batch = _batch(job)
    with working(job) as progress:
        book, plan = opened(batch)
        progress.expect(plan.rows)
        RejectedRow.objects.filter(batch=batch).delete()
        tally, done = report.Tally(), 0
        known = Known(batch.source, attributes_by_code())
        for block in pipeline.blocks(book, plan, days(batch), known):
            tally.add(block.rows)
            done += len(block.rows)
            with transaction.atomic():
                _own(batch, job)
                commit.set_aside(batch, block.rows)
                progress.advance(done)
        with transaction.atomic():
            batch = _own(batch, job)
            batch.problems = summary_of(tally, plan, known)
            batch.rows_total = tally.rows
            batch.save(update_fields=["problems", "rows_total"])
        counts = tally.counts
        job.message = (
            f"{batch.name}：可入库{counts['accepted']}行，重复{counts['repeated']}行，退回{counts['rejected']}行。"
        )
        job.link = address(batch)


def run(job: Job, say: Say | None = None) -> Import:
    """Commit an import from its job's cursor on; each block is one transaction with the cursor behind it."""
    batch = _batch(job)
    try:
        with working(job) as progress:
            batch = _run(batch, job, progress, say)
            job.message, job.link = sentence(batch), address(batch)
    except Overtaken:
        raise
    except BaseException:
        Import.objects.filter(pk=batch.pk, job=job, state=Import.State.COMMITTING).update(state=Import.State.FAILED)
        raise
    return batch


def _run(batch: Import, job: Job, progress: Progress, say: Say | None) -> Import:
    known_attributes = attributes_by_code()
    book, plan = opened(batch)
    progress.expect(plan.rows)
    Import.objects.filter(pk=batch.pk, job=job).update(state=Import.State.COMMITTING)
    cursor = job.cursor or {}
    after = _place(cursor)
    tally = report.Tally.of(cursor.get("tally", {}))
    known, when, done = Known(batch.source, known_attributes), days(batch), 0
    for block in pipeline.blocks(book, plan, when, known, after=after):
        done += len(block.rows)
        if after is not None and (block.sheet, block.last) <= after:
            continue
        tally.add(block.rows)
        with transaction.atomic():
            batch = _own(batch, job)
            recorded = commit.write(batch, block.rows, known, known_attributes, job.by, when.default)
            _count(batch, tally, recorded)
            progress.advance(done, {"sheet": block.sheet, "row": block.last, "tally": tally.plain()})
        if say is not None:
            say(done, plan.rows)
    with transaction.atomic():
        batch = _own(batch, job)
        batch.state, batch.finished_at = Import.State.DONE, timezone.now()
        batch.rows_total, batch.problems = tally.rows, summary_of(tally, plan, known)
        batch.save(update_fields=["state", "finished_at", "rows_total", "problems"])
    return batch


def _count(batch: Import, tally: report.Tally, recorded: Recorded) -> None:
    batch.rows_accepted = tally.counts["accepted"]
    batch.rows_repeated = tally.counts["repeated"]
    batch.rows_rejected = tally.counts["rejected"]
    batch.facts_written += recorded.written
    batch.save(update_fields=["rows_accepted", "rows_repeated", "rows_rejected", "facts_written"])


def alive(job: Job | None) -> bool:
    """Whether a check or a commit waits for the worker or moves."""
    if job is None or job.state not in (Job.State.WAITING, Job.State.RUNNING):
        return False
    last = job.beat_at or job.started_at or job.created_at
    return job.state == Job.State.WAITING or timezone.now() - last < SILENT


def opened(batch: Import) -> tuple[Book, Survey]:
    """An import's file, opened and surveyed by the mapping it keeps."""
    book = open_book(Path(batch.file.path), batch.name)
    chosen = bool(batch.mapping.get("chosen"))
    return book, survey(book, Vocabulary.of(attributes.stored()), kept.wishes(batch.mapping, chosen=chosen))


def days(batch: Import) -> Days:
    """The days a reading of this import depends on; the same however often it is resumed."""
    today: date = timezone.localdate()
    return Days(today, timezone.localdate(batch.created_at))


def address(batch: Import) -> str:
    """Where the desk shows an import; spelled out, so that the command line need not load every page."""
    return f"/registry/imports/{batch.pk}/"


def sentence(batch: Import) -> str:
    """A finished import in one sentence."""
    parts = [f"入库{batch.rows_accepted}行、写入{batch.facts_written}项事实"]
    if batch.rows_repeated:
        parts.append(f"{batch.rows_repeated}行已有同样内容")
    if batch.rows_rejected:
        parts.append(f"退回{batch.rows_rejected}行")
    return f"“{batch.name}”（{batch.source}）：{'，'.join(parts)}。"


def summary_of(tally: report.Tally, plan: Survey, known: Known) -> dict[str, Any]:
    """Problems as an import keeps them: by kind, with what there is to say about the file as a whole."""
    said = [str(finding) for finding in report.findings(plan)]
    if known.strange_areas:
        names = sorted(known.strange_areas)
        said.append(f"片区“{'”“'.join(names[:8])}”{'等' if len(names) > 8 else ''}不在片区表里，企业的片区没有改。")
    return {**tally.plain(), "findings": said}


def _batch(job: Job) -> Import:
    return Import.objects.select_related("source").get(pk=job.arguments["import"])


def _own(batch: Import, job: Job) -> Import:
    """The import, locked, if this job still has it and nobody else has moved its cursor; raises `Overtaken`."""
    fresh = Import.objects.select_for_update(of=("self",)).select_related("source").get(pk=batch.pk)
    cursor = Job.objects.values_list("cursor", flat=True).get(pk=job.pk)
    if fresh.job_id != job.pk or _place(cursor) != _place(job.cursor):
        raise Overtaken(f"“{batch.name}”已由另一个任务接着办理。")
    return fresh


def _place(cursor: dict[str, Any]) -> tuple[int, int] | None:
    """The sheet and row a cursor stands behind."""
    return (cursor["sheet"], cursor["row"]) if cursor else None
