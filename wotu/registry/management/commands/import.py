"""`wotu import`: a spreadsheet into the registry, or a look at what it would do."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, TextIO, cast

import yaml
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from wotu.registry import actions, attributes
from wotu.registry.intake import kept, mapping, pipeline, report, work
from wotu.registry.intake.books import Unreadable, open_book
from wotu.registry.intake.known import Known
from wotu.registry.intake.rows import Days
from wotu.registry.intake.survey import Wishes, survey
from wotu.registry.models import Attribute, Import, Source
from wotu.registry.periods import BadPeriod, Period


class Command(BaseCommand):
    """Read a spreadsheet, map its columns, and either show what it says or record it."""

    help = "导入一张表格（.xlsx、.xls、.csv、.ods）；--dry-run 只看不写"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="表格文件")
        parser.add_argument("--source", metavar="NAME", required=True, help="来源名称，如“科技局高企名单”；没有就新建")
        parser.add_argument("--dry-run", action="store_true", help="只读表格、说明问题，不写入")
        parser.add_argument("--map", metavar="FILE", type=Path, help="列对应文件（YAML 或 JSON）：表头: 指标")
        parser.add_argument("--sheet", metavar="NAME", action="append", default=[], help="只读这张工作表，可写多次")
        parser.add_argument("--period", metavar="PERIOD", default="", help="表里没写时，数据所属的期间，如 2023")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出每一行和每一项事实")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            given = self._given(options)
            if options["dry_run"]:
                self._dry_run(options, given)
            else:
                self._import(options, given)
        except (Unreadable, mapping.BadMapping) as error:
            if options["json"]:
                self.stdout.write(json.dumps({"rows": [], "facts": [], "error": str(error)}, ensure_ascii=False))
            raise CommandError(str(error), returncode=2) from error

    def _given(self, options: dict[str, Any]) -> Wishes:
        columns: dict[str, mapping.Wish] = {}
        period = options["period"]
        if options["map"] is not None:
            try:
                columns, said = mapping.read_wishes(yaml.safe_load(options["map"].read_text(encoding="utf-8")))
            except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
                raise mapping.BadMapping(
                    f"列对应文件“{options['map']}”读不出来（{_brief(error)}）；应是 UTF-8 的 YAML 或 JSON。"
                ) from error
            period = period or said
        if period:
            try:
                Period.parse(period)
            except BadPeriod as error:
                raise mapping.BadMapping(str(error)) from None
        return Wishes(given=columns, period=period, only=frozenset(options["sheet"]))

    def _dry_run(self, options: dict[str, Any], given: Wishes) -> None:
        vocabulary, known, remembered = _asked(options["source"])
        book = open_book(options["file"])
        plan = survey(book, vocabulary, Wishes(given.placed, given.given, remembered, given.period, only=given.only))
        today = timezone.localdate()
        found = pipeline.blocks(book, plan, Days(today, today), known)
        if options["json"]:
            out = cast(TextIO, self.stdout._out)  # the wrapper would break lines where pieces end
            report.write_json(out, plan, found, {"source": options["source"], "file": book.name})
            return
        tally = report.Tally()
        for block in found:
            tally.add(block.rows)
        self._tell(plan, tally)

    def _tell(self, plan: Any, tally: report.Tally) -> None:
        for sheet in plan.sheets:
            self.stdout.write(
                f"工作表“{sheet.layout.sheet}”：表头第{sheet.layout.first_header}行，数据自第{sheet.layout.first_data}行"
            )
            for column in sheet.columns:
                to = column.target.name if column.target and column.confidence >= mapping.AUTO else "不导入"
                unit = f"，{column.unit}" if column.unit else ""
                period = f"，{column.period}" if column.period else ""
                self.stdout.write(f"  {column.header} → {to}{unit}{period}")
        for finding in report.findings(plan):
            self.stdout.write(f"注意　{finding}")
        for problem in tally.plain()["problems"]:
            self.stdout.write(f"{problem['kind']}：{problem['rows']}行")
            for example in problem["examples"]:
                self.stdout.write(f"  “{example['sheet']}”第{example['row']}行：{example['what']}")
        counts = tally.counts
        self.stdout.write(
            f"可入库{counts['accepted']}行、{tally.facts}项事实，重复{counts['repeated']}行，退回{counts['rejected']}行，"
            f"不是数据的{counts['ignored']}行；没有写入任何内容。"
        )

    def _import(self, options: dict[str, Any], given: Wishes) -> None:
        if options["json"]:
            self._dry_run(options, given)
        try:
            Attribute.objects.exists()
        except DatabaseError:
            raise CommandError("数据库还没有建好或连不上：请先运行 wotu migrate，再导入一次。", returncode=2) from None
        path: Path = options["file"]
        batch = actions.receive(path, path.name, options["source"], None, given)
        if batch.state == Import.State.DONE and not given.given and not given.period:
            self._end(
                options,
                f"{work.sentence(batch)}这份文件{timezone.localtime(batch.finished_at):%Y-%m-%d %H:%M}已经入库，没有变化。",
            )
            return
        if batch.state in (Import.State.UPLOADED, Import.State.DONE):
            mapping_ = remapped(batch, given) if batch.state == Import.State.DONE else None
            batch = actions.map_columns(batch, None, mapping=mapping_, queue=False)
        batch = actions.commit(batch, None, queue=False)
        if batch.job.done:
            self.stderr.write(f"上次停在第{batch.job.done}行之后，接着入库。")
        try:
            batch = work.run(batch.job, self._progress)
        except work.Overtaken as error:
            raise CommandError(str(error), returncode=3) from None
        self._end(options, work.sentence(batch))

    def _end(self, options: dict[str, Any], sentence: str) -> None:
        if not options["json"]:
            self.stdout.write(sentence)

    def _progress(self, done: int, total: int) -> None:
        if sys.stderr.isatty():
            self.stderr.write(f"\r已入库 {done:,} / {total:,} 行", ending="")
            self.stderr.flush()


def _asked(source: str) -> tuple[mapping.Vocabulary, Known | None, dict[str, mapping.Wish]]:
    """The attributes, the registry and what is remembered of a source; the shipped attributes where there is no database."""
    try:
        if not Attribute.objects.exists():
            return mapping.Vocabulary.of(), None, {}
        found = Source.objects.filter(name=source).first()
        remembered = actions.remembered(found)
        rows = {attribute.code: attribute for attribute in Attribute.objects.all()}
        return mapping.Vocabulary.of(attributes.stored()), Known(found, rows), remembered
    except DatabaseError:
        return mapping.Vocabulary.of(), None, {}


def remapped(batch: Import, given: Wishes) -> dict[str, Any]:
    """An import's mapping made again with what is given now."""
    book = open_book(Path(batch.file.path), batch.name)
    return kept.keep(survey(book, mapping.Vocabulary.of(attributes.stored()), given))


def _brief(error: Exception) -> str:
    return str(error).splitlines()[0][:120]
