"""Spreadsheets made in code, as zones keep them, and what a reading without a database makes of each."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
from stdnum.cn import uscc

from wotu.registry.intake import pipeline, report
from wotu.registry.intake.books import open_book
from wotu.registry.intake.mapping import Vocabulary, Wish
from wotu.registry.intake.rows import Days
from wotu.registry.intake.survey import Survey, Wishes, survey

TODAY = date(2026, 6, 30)
HEAD = ("企业名称", "统一社会信用代码")


def code(number: int) -> str:
    """A right 统一社会信用代码 of an invented enterprise."""
    base = f"91320505MA{number:07d}"
    return base + str(uscc.calc_check_digit(base))


def firm(number: int) -> tuple[str, str]:
    """Name and code of an invented enterprise."""
    return f"苏州第{number:03d}科技有限公司", code(number)


def xlsx(
    path: Path,
    sheets: dict[str, Sequence[Sequence[Any]]],
    *,
    merges: Iterable[str] = (),
    formats: dict[str, str] | None = None,
    hidden_rows: Iterable[int] = (),
    hidden_sheets: Iterable[str] = (),
) -> Path:
    """Write a workbook; merges, formats and hidden rows go to every sheet of it."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
        for reference in merges:
            sheet.merge_cells(reference)
        for reference, form in (formats or {}).items():
            for line in sheet[reference]:
                for cell in line if isinstance(line, tuple) else (line,):
                    cell.number_format = form
        for row in hidden_rows:
            sheet.row_dimensions[row].hidden = True
        if title in hidden_sheets:
            sheet.sheet_state = "hidden"
    book.save(path)
    return path


def text(path: Path, rows: Sequence[Sequence[Any]], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    """Write a text file of separated values."""
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


@dataclass(frozen=True)
class Read:
    """A reading, in the words tests compare."""

    plan: Survey
    rows: dict[int, str]
    reasons: dict[int, str]
    facts: dict[tuple[str, str, str], Any]

    @property
    def said(self) -> list[str]:
        return [str(finding) for finding in report.findings(self.plan)]


def read(path: Path, given: dict[str, Wish] | None = None, **wishes: Any) -> Read:
    """Read a file without a database: statuses by row, reasons by row, values by (code, attribute, period)."""
    book = open_book(path)
    plan = survey(book, Vocabulary.of(), Wishes(given=given or {}, **wishes))
    rows: dict[int, str] = {}
    reasons: dict[int, str] = {}
    facts: dict[tuple[str, str, str], Any] = {}
    for block in pipeline.blocks(book, plan, Days(TODAY, TODAY), None):
        for row in block.rows:
            rows[row.number] = row.status
            if row.reasons:
                reasons[row.number] = "；".join(map(str, row.reasons))
            if row.status in ("accepted", "repeated"):
                for said in row.said:
                    facts[row.code, said.attribute.name, said.period.text] = report.value_json(said.value)
    return Read(plan, rows, reasons, facts)
