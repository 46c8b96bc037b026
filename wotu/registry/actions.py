"""The registry's verbs: a spreadsheet uploaded, its columns mapped, its rows committed."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from django.core.files import File
from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from wotu.registers.models import Job
from wotu.registers.roles import INVESTMENT_OFFICER, POLICY_OFFICER, SITE_OPERATOR
from wotu.registers.verbs import Refused, verb
from wotu.registry import attributes
from wotu.registry.intake import kept
from wotu.registry.intake.books import open_book
from wotu.registry.intake.mapping import AUTO, BadMapping, Vocabulary, Wish, key, misfit
from wotu.registry.intake.survey import Wishes, survey
from wotu.registry.models import ColumnMapping, Import, Source
from wotu.registry.periods import BadPeriod, Period

OFFICERS = (POLICY_OFFICER, INVESTMENT_OFFICER, SITE_OPERATOR)
State = Import.State


def receive(path: Path, name: str, source: str, by: Any, given: Wishes | None = None, kind: str = "") -> Import:
    """Take a file in: the import it is already, or a new one with its columns guessed. Raises `Unreadable`, `BadMapping`.

    The file is looked over before anything is stored, so that one that can't be read leaves nothing behind.
    """
    book = open_book(path, name)
    attributes.sync()
    known = Source.objects.filter(name=source).first()
    given = given or Wishes()
    vocabulary = Vocabulary.of(attributes.stored())
    wanted = Wishes(given=given.given, remembered=remembered(known), period=given.period, only=given.only)
    plan = survey(book, vocabulary, wanted)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        batch = Import.objects.filter(sha256=digest, source=known).first() if known else None
        if batch is not None:
            return batch
        file.seek(0)
        batch = Import(name=name[:200], sha256=digest, mapping={**kept.keep(plan), "chosen": bool(given.period)})
        try:
            upload(batch, by, content=File(file, name=name), source=source, kind=kind)
        except IntegrityError:  # the same file, sent twice at the same moment
            return Import.objects.get(sha256=digest, source__name=source[:100])
    return batch


@verb(Import, "upload", str(_("上传表格")), by=OFFICERS, room="registry")
def upload(batch: Import, by: Any, *, content: File[bytes], source: str, kind: str = "") -> None:
    """Keep a file that was looked over, under its source; a source not known yet is made."""
    kind = (
        kind if kind in (Source.Kind.AUTHORITY, Source.Kind.STATISTICS, Source.Kind.DECLARATION) else Source.Kind.SHEET
    )
    batch.source, _made = Source.objects.get_or_create(name=source[:100], defaults={"kind": kind})
    batch.by = by
    batch.file.save(f"{batch.sha256[:16]}{Path(batch.name).suffix.lower()[:8]}", content, save=False)
    batch.save()


@verb(
    Import, "map", str(_("确认列对应")), by=OFFICERS, room="registry",
    when=(State.UPLOADED, State.MAPPED, State.FAILED, State.DONE), then=State.MAPPED,
)  # fmt: skip
def map_columns(batch: Import, by: Any, *, mapping: dict[str, Any] | None = None, queue: bool = True) -> None:
    """Settle what each column is (`mapping` as `kept.keep` gives it, changed), remember it, and look at the rows."""
    if mapping is not None:
        _checked(mapping)
        batch.mapping = {**mapping, "chosen": True}
        _remember(batch.source, mapping)
    batch.problems, batch.rows_total, batch.finished_at = {}, None, None
    batch.rows_accepted = batch.rows_repeated = batch.rows_rejected = 0
    if queue:
        from wotu.registry.tasks import run_check

        batch.job = _job(batch, by, "import_check", f"检查 {batch.name}")
        run_check.enqueue(batch.job.pk)
    batch.save()


@verb(
    Import, "commit", str(_("入库")), by=OFFICERS, room="registry",
    when=(State.MAPPED, State.COMMITTING, State.FAILED), then=State.COMMITTING,
)  # fmt: skip
def commit(batch: Import, by: Any, *, queue: bool = True) -> None:
    """Start writing the rows, or go on where a killed or failed run stopped; any run still at it gives way."""
    from wotu.registry.tasks import run_import

    before = batch.job
    job = _job(batch, by, "import", f"导入 {batch.name}")
    if batch.state == State.MAPPED:
        batch.facts_written = 0
        batch.rejected.all().delete()
    elif before is not None and before.kind == "import":
        job.cursor, job.done, job.total = before.cursor, before.done, before.total
        job.save(update_fields=["cursor", "done", "total"])
        if before.state != Job.State.FAILED:
            before.state, before.message = Job.State.FAILED, "中断了，由新的任务接着办理。"
            before.save(update_fields=["state", "message"])
    batch.job = job
    batch.save()
    if queue:
        run_import.enqueue(job.pk)


def remembered(source: Source | None) -> dict[str, Wish]:
    """How a source's headers were mapped last time."""
    if source is None:
        return {}
    return {one.header: Wish(one.target, one.unit) for one in ColumnMapping.objects.filter(source=source)}


def _job(batch: Import, by: Any, kind: str, title: str) -> Job:
    return Job.objects.create(kind=kind, title=title[:200], by=by, arguments={"import": batch.pk})


def _checked(mapping: dict[str, Any]) -> None:
    """Refuse a mapping without the enterprise's code or name, with two columns for one thing, or with a bad period."""
    vocabulary = Vocabulary.of(attributes.stored())
    sheets = [sheet for sheet in mapping["sheets"] if not sheet["skip"]]
    if not sheets:
        raise Refused("每张工作表都选了不导入，没有可导入的内容。")
    for sheet in sheets:
        try:
            if sheet["period"]:
                Period.parse(sheet["period"])
            for column in sheet["columns"]:
                if column["period"]:
                    Period.parse(column["period"])
                target = vocabulary.target(column["target"]) if column["confidence"] >= AUTO else None
                if target is not None and (problem := misfit(target, column["unit"])):
                    raise BadMapping(f"列“{column['header']}”的{problem}")
        except (BadMapping, BadPeriod) as error:
            raise Refused(f"工作表“{sheet['name']}”：{error}") from None
        targets = {column["target"] for column in sheet["columns"] if column["confidence"] >= AUTO}
        if not targets & {"code", "name"}:
            raise Refused(f"工作表“{sheet['name']}”里没有一列对应“统一社会信用代码”或“企业名称”，请至少对应一列。")


def _remember(source: Source, mapping: dict[str, Any]) -> None:
    """Keep what an officer settled, so that the source's next file maps itself."""
    settled: dict[str, ColumnMapping] = {}
    for sheet in mapping["sheets"]:
        for column in sheet["columns"]:
            if sheet["skip"] or column["how"] not in ("指定", "上次"):
                continue
            header = key(column["header"])
            settled[header] = ColumnMapping(
                source=source, header=header, target=column["target"], unit=column.get("said_unit", "")[:10]
            )
    ColumnMapping.objects.bulk_create(
        settled.values(), update_conflicts=True, unique_fields=["source", "header"], update_fields=["target", "unit"]
    )
