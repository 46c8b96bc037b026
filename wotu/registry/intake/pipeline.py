"""Rows of a book in blocks, each with what became of it: read, made sure whose they are, compared with each other and with the registry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from wotu.registry.intake.books import Book, Sheet, column_letter
from wotu.registry.intake.ledger import Ledger
from wotu.registry.intake.rows import Days, Reader, Reason, Row
from wotu.registry.intake.survey import SheetPlan, Survey

BLOCK = 500
"""Rows read, checked and written together."""
NO_CODE = "没有统一社会信用代码，按名称在库里也没有找到这家企业，请补上代码后再导入"


class Registry(Protocol):
    """What is known already; `None` in its place means that there is no database to ask."""

    def resolve(self, rows: Sequence[Row]) -> None:
        """Find the rows' enterprises, by name where there is no code; reject rows that the registry contradicts."""

    def compare(self, rows: Sequence[Row]) -> None:
        """Mark rows repeated that tell the registry nothing new."""


@dataclass(frozen=True, slots=True)
class Block:
    """Some consecutive rows of one sheet."""

    sheet: int
    last: int
    """Number of the last row."""
    rows: tuple[Row, ...]


def blocks(
    book: Book, plan: Survey, days: Days, registry: Registry | None, after: tuple[int, int] | None = None
) -> Iterator[Block]:
    """Every row that is not blank, in order; the same book and plan give the same blocks.

    Blocks up to `after` (sheet, row) are read, so that repeats of them are known, but not compared with the registry.
    """
    ledger = Ledger()
    try:
        by_name = {p.layout.sheet: (i, p) for i, p in enumerate(plan.sheets)}
        names: dict[str, str] = {}
        for sheet in book.sheets():
            if sheet.name not in by_name:
                continue
            place, sheet_plan = by_name[sheet.name]
            settle = _settle(sheet_plan, ledger, registry, names, len(plan.sheets) > 1)
            yield from _sheet(place, sheet, Reader(sheet_plan, sheet, days, book.epoch_1904), settle, after)
    finally:
        ledger.close()


def _sheet(
    place: int,
    sheet: Sheet,
    reader: Reader,
    settle: Callable[[list[Row], bool], None],
    after: tuple[int, int] | None,
) -> Iterator[Block]:
    layout = reader.plan.layout

    def block(rows: list[Row]) -> Block:
        last = rows[-1].number
        settle(rows, after is None or (place, last) > after)
        return Block(place, last, tuple(rows))

    waiting: list[Row] = []
    for number, cells in sheet.rows():
        if number < layout.first_data:
            continue
        if number > layout.last_row:
            break
        row = reader.read(number, cells)
        if row is None:
            continue
        waiting.append(row)
        if len(waiting) == BLOCK:
            yield block(waiting)
            waiting = []
    if waiting:
        yield block(waiting)


def _settle(
    plan: SheetPlan, ledger: Ledger, registry: Registry | None, names: dict[str, str], several: bool
) -> Callable[[list[Row], bool], None]:
    """The steps that a block of rows goes through once its cells are read."""
    column = plan.column("code")
    header = (column.header, column_letter(column.index)) if column else ()

    def settle(rows: list[Row], compare: bool) -> None:
        for row in rows:
            if row.code and row.name and several:
                names.setdefault(row.name, row.code)
        if column is None:
            for row in rows:
                row.code = row.code or names.get(row.name, "")
        if registry is not None:
            registry.resolve([row for row in rows if row.status == "accepted"])
        for row in rows:
            if row.status == "accepted" and not row.code:
                row.reject(Reason("缺信用代码", NO_CODE, *header))
        for row in rows:
            if row.status == "accepted" and (
                hash(row.code) in plan.repeated or (row.name and hash(row.name) in plan.repeated)
            ):
                ledger.enter(row)
        if registry is not None and compare:
            registry.compare([row for row in rows if row.status == "accepted"])

    return settle
