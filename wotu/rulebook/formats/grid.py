"""A sheet with headings as records, and a place for every cell, so that a finding of the engine's says where on the sheet."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from ..documents import meant
from ..findings import Finding, RulebookError
from .columns import COLUMNS, Column
from .workbook import Cell, Sheet

HEADING_WITHIN = 10
"""Headings stand in one of the first so many rows; above them a title may stand."""
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


@dataclass
class Places:
    """Cells by number: an element that came from a cell bears the number as its line."""

    file: str
    cells: list[Cell] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def mark(self, cell: Cell) -> int:
        """The cell's number."""
        self.cells.append(cell)
        return len(self.cells)

    def find(self, cell: Cell, what: str, how: str, example: str | None = None) -> None:
        """Note what is wrong in a cell."""
        self.findings.append(cell.problem(what, how, example))

    def stop(self) -> None:
        """Raise what was noted, if anything."""
        if self.findings:
            raise RulebookError(_once(self.findings))

    def placed(self, finding: Finding) -> Finding:
        """A finding of the engine's, whose line is a cell's number, with the cell's place."""
        match = re.match(rf"{re.escape(self.file)} 第 (\d+) 行 ?(.*)", finding.where, re.DOTALL)
        if not match or not 0 < int(match[1]) <= len(self.cells):
            return finding
        where = self.cells[int(match[1]) - 1].place
        return Finding(where, finding.what, finding.how_to_mend, finding.severity, finding.example)


def _once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(dict.fromkeys(findings))


@dataclass(frozen=True, slots=True)
class Record:
    """A row under headings: its cells by the columns' names in code."""

    places: Places
    columns: Mapping[str, Column]
    cells: Mapping[str, Cell]
    row: int

    def cell(self, key: str) -> Cell:
        """The cell; where the sheet has no such column, the row's first."""
        return self.cells.get(key) or next(iter(self.cells.values()))

    def text(self, key: str) -> str:
        """The cell's text; empty where the sheet has no such column."""
        return self.cells[key].text if key in self.cells else ""

    def word(self, key: str) -> str:
        """What the model says for the cell's word; a finding where it is none that may stand here."""
        text = self.text(key)
        if not text:
            return ""
        words = self.columns[key].words or {}
        if text in words:
            return words[text]
        if text in words.values() or self.columns[key].open:
            return text
        near = meant(text, words)
        self.places.find(self.cell(key), f"没有“{text}”", f"是不是“{near}”？" if near else f"可写：{'、'.join(words)}")
        return ""

    def day(self, key: str) -> str:
        """A date as 2016-01-01."""
        text = self.text(key)
        match = re.fullmatch(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?", text)
        try:
            return date(*(int(part) for part in match.groups())).isoformat() if match else self._no_day(key, text)
        except ValueError:
            return self._no_day(key, text)

    def _no_day(self, key: str, text: str) -> str:
        if text:
            self.places.find(self.cell(key), f"“{text}”不是日期", "请写成 2016-01-01")
        return ""

    def number(self, key: str) -> str:
        """A number's text, without thousands' commas."""
        text = self.text(key).replace(",", "").replace("，", "")
        if text and not re.fullmatch(r"-?\d+(\.\d+)?", text):
            self.places.find(self.cell(key), f"“{text}”不是数", "请只写数字，单位写在“单位”里")
            return ""
        return text

    def id(self) -> str:
        """The id written; empty where none is."""
        text = self.text("id")
        if text and not _ID.fullmatch(text):
            self.places.find(
                self.cell("id"), f"“{text}”不能做标识", "只用英文字母、数字和 _ - .，以字母开头；也可以空着"
            )
            return ""
        return text


def records(sheet: Sheet, name: str, places: Places) -> Iterator[Record]:
    """The rows below the headings; what is wrong with the headings is noted."""
    columns = {column.title: column for column in COLUMNS[name]}
    needed = [column for column in COLUMNS[name] if column.needed]
    start = next(
        (
            place
            for place, row in enumerate(sheet.rows[:HEADING_WITHIN])
            if sum(cell.text in columns for cell in row.values()) > len(row) / 2
        ),
        None,
    )
    if start is None:
        if sheet.rows:
            where = f"工作表“{sheet.name}”"
            titles = "、".join(column.title for column in COLUMNS[name])
            places.findings.append(
                Finding(where, f"找不到表头（要有“{needed[0].title}”一列）", f"第一行请写：{titles}")
            )
        return
    by_column: dict[int, Column] = {}
    for number, cell in sheet.rows[start].items():
        column = columns.get(cell.text)
        if column is None:
            near = meant(cell.text, columns)
            how = f"是不是“{near}”？" if near else f"可用的列：{'、'.join(columns)}"
            places.find(cell, f"没有“{cell.text}”这一列", how)
        elif column in by_column.values():
            places.find(cell, f"“{cell.text}”这一列出现了两次", "请只留一列")
        else:
            by_column[number] = column
    heading = next(iter(sheet.rows[start].values()))
    for column in needed:
        if column not in by_column.values():
            places.find(heading, f"缺少“{column.title}”这一列", f"请在表头加上“{column.title}”：{column.what}")
            return
    keyed = {column.key: column for column in by_column.values()}
    for row in sheet.rows[start + 1 :]:
        for number, cell in row.items():
            if number not in by_column:
                places.find(cell, "这一列没有表头", "请写上表头，或删去这一格")
        cells = {column.key: sheet.cell(row, number) for number, column in by_column.items()}
        if not any(cell.text for cell in cells.values()):
            continue
        record = Record(places, keyed, cells, cells[needed[0].key].row)
        missing = [column for column in needed if not record.text(column.key)]
        for column in missing:
            places.find(record.cell(column.key), f"“{column.title}”空着", f"请填写{column.title}")
        if not missing:
            yield record


class Ids:
    """Ids for what has none: from its English name where it has one, else from a sum of its name, so that rows may move."""

    def __init__(self) -> None:
        self.taken: set[str] = set()

    def give(self, kind: str, name: str, english: str = "") -> str:
        """A new id."""
        words = re.findall(r"[a-z0-9]+", english.lower()) if english.isascii() else []
        stem = "_".join(words[:5]) or f"{zlib.crc32(name.encode()):08x}"
        made, count = f"{kind}_{stem}", 1
        while made in self.taken:
            count += 1
            made = f"{kind}_{stem}_{count}"
        self.taken.add(made)
        return made

    def take(self, record: Record) -> None:
        """Reserve the id written in a row; a finding where it is there already."""
        id = record.id()
        if id in self.taken:
            record.places.find(record.cell("id"), f"标识“{id}”已经用过", "请换一个，或空着")
        if id:
            self.taken.add(id)
