"""Some rules over one table that stays in memory: what if a clause were otherwise, and what has changed since.

session = Session(books, table)
session.what_if("高新技术企业认定", Change("科技人员占比", bound=Decimal("0.08")))   # Effect(before, after, gained, lost, …)
session.update(rows, table_of_those_rows)                                       # {rule: rows whose verdict changed}
session.answer({"营业收入": Decimal(500), …})                                    # {rule: True, False or None}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wotu.rulebook.columnar import quick
from wotu.rulebook.columnar.bind import Bound
from wotu.rulebook.columnar.feed import MOST, Feed
from wotu.rulebook.columnar.interpreted import lacking
from wotu.rulebook.columnar.kernel import Words
from wotu.rulebook.columnar.program import Program, run
from wotu.rulebook.columnar.whatif import Change, Effect, Tried, goal_of
from wotu.rulebook.documents import refuse
from wotu.rulebook.findings import RulebookError

if TYPE_CHECKING:
    from wotu.rulebook.rulebook import Rulebook

ASIDE = 65_536
"""Changed rows that are kept beside the table before they are put into it, at most."""
TABLES = 32
"""Tables of changed rows that are kept, at most, before they are made one."""
FEW = 4
"""A table of at most so many times the rows that are asked for is taken whole."""
Rows = npt.NDArray[np.int64]
_NONE = np.zeros(0, np.int64)


class Session:
    """Some rules over one table, kept in memory; not for several threads at once."""

    def __init__(self, books: Sequence[Rulebook], table: pa.Table, *, threads: int = 1) -> None:
        findings = [finding for book in books for finding in lacking(book, table.column_names)]
        if findings:
            raise RulebookError(findings)
        self.books = {book.name: book for book in books if book.eligible_name is not None}
        self.threads = threads
        self.program = Program()
        self.places = {name: self.program.keep(self.program.truth(goal_of(book))) for name, book in self.books.items()}
        self.compiled = self.program.compiled()
        self.bound = Bound(table)
        planes = run(self.compiled, self.bound, threads).outputs
        self.bound.made.pop(self.compiled.conditions, None)  # by block: as large as the table, and not needed again
        self.counted = np.bitwise_count(planes).sum(axis=2, dtype=np.int64).reshape(-1)
        """Of each output how many rows are true, and how many false."""
        self.planes = np.ascontiguousarray(planes.reshape(-1, planes.shape[2]).T)
        """The answers word by word: planes[word, 2 * output + side], so that those of one enterprise lie together."""
        self.outputs = len(planes)
        self.feed = Feed(self.program, self.bound)
        self.aside: list[tuple[Rows, pa.Table]] = []
        """Rows that changed since the table was loaded, with all their values; the later ones count."""
        self.latest = np.zeros(self.bound.rows, np.int32)
        """Of each row which of these tables has its values, from 1; 0 where it is as it was loaded."""
        self.few: Bound | None = None
        self.tried: dict[str, Tried] = {}
        self.now: dict[str, Words] = {}

    def counts(self) -> dict[str, tuple[int, int, int]]:
        """For each rule: eligible, not, not known."""
        found = {}
        for name, place in self.places.items():
            yes, no = int(self.counted[2 * place]), int(self.counted[2 * place + 1])
            found[name] = yes, no, self.bound.rows - yes - no
        return found

    def what_if(self, rule: str, change: Change) -> Effect:
        """The effect of a change on one rule; RulebookError where the rule has no such clause or nothing to change in it."""
        if rule not in self.books:
            raise refuse("试算", f"没有规则“{rule}”", f"现有：{'、'.join(self.books)}")
        rows = _NONE
        if self.aside:
            rows, few = self._changed()
            self.few = Bound(few) if len(rows) and self.few is None else self.few
        if rule not in self.tried:
            self.tried[rule] = Tried(self.books[rule], self.bound, self.threads)
        return self.tried[rule].effect(change, self.eligible(rule), rows, self.few)

    def eligible(self, rule: str) -> Words:
        """Who is eligible now; kept while nothing changes."""
        if rule not in self.now:
            self.now[rule] = np.ascontiguousarray(self.planes[:, 2 * self.places[rule]])
        return self.now[rule]

    def answer(self, row: Mapping[str, object]) -> dict[str, bool | None]:
        """One enterprise's values against every rule, whether or not it stands in the table; what is not given is not known."""
        cells = [_cell(name, row.get(name), self.feed.types[name]) for name in self.feed.every]
        found = self.feed.answers(pa.RecordBatch.from_arrays(cells, self.feed.every), rows=1)
        holds, fails = (found[:, :, 0] & np.uint64(1)).T.astype(np.bool_).tolist()
        return {name: True if holds[place] else False if fails[place] else None for name, place in self.places.items()}

    def update(self, rows: Rows, changed: pa.Table) -> dict[str, int]:
        """Put other values into some rows, of all columns or of some.

        Gives the rules that read one of these columns, which alone are asked, and for each how many of the rows are answered
        otherwise than before.
        """
        rows = np.array(rows, np.int64)
        self._check(rows, changed)
        outputs, names = np.ones(self.outputs, np.bool_), self.bound.table.column_names
        if not changed.schema.equals(self.bound.table.schema):
            outputs = self.feed.reading(changed.column_names)
            changed = self._fitting(changed)
            given = set(changed.column_names)
            if others := [name for name in names if name not in given]:
                present = self._present(rows, others)
                changed = pa.table({name: (changed if name in given else present)[name] for name in names})
            changed = changed.select(names)
        flips = np.zeros(self.outputs, np.int64)
        for first in range(0, len(rows), MOST):
            self._answer(rows[first : first + MOST], changed.slice(first, MOST), outputs, flips)
        self._keep(rows, changed)
        self.few = None
        self.now.clear()
        for tried in self.tried.values():
            tried.forget()
        told = flips.tolist()
        return {name: told[place] for name, place in self.places.items() if outputs[place]}

    # --- changed rows -----------------------------------------------------------------------------------------------

    def _answer(self, rows: Rows, changed: pa.Table, outputs: npt.NDArray[np.bool_], flips: Rows) -> None:
        found = self.feed.answers(changed, outputs)
        answers = np.ascontiguousarray(found.reshape(-1, found.shape[2]).T)
        asked, room = np.repeat(outputs, 2).astype(np.uint64), np.empty(2 * self.outputs, np.int64)
        quick.put(self.planes, rows, answers, asked, self.counted, flips, room)

    def _check(self, rows: Rows, changed: pa.Table) -> None:
        """Refuse what is none of this table's rows and columns."""
        unknown = [name for name in changed.column_names if name not in self.feed.types]
        if unknown or not changed.num_columns:
            raise refuse("更新", f"表里没有列“{'”“'.join(unknown)}”", "请只给表里有的列")
        if len(rows) != changed.num_rows:
            raise refuse("更新", f"给了 {len(rows)} 个行号、{changed.num_rows} 行值", "请每行一个行号")
        if len(rows) and not 0 <= int(rows.min()) <= int(rows.max()) < self.bound.rows:
            raise refuse("更新", f"行号超出了表的 {self.bound.rows} 行", "行号从 0 开始")
        if len(set(rows.tolist())) != len(rows):
            raise refuse("更新", "同一行给了两次", "请每行只给一次")

    def _fitting(self, changed: pa.Table) -> pa.Table:
        """The values in the types of the table's columns; where one is too narrow for them, the table's column is widened."""
        schema = self.bound.table.schema
        columns, wider = {}, {}
        for name, column in zip(changed.column_names, changed.columns, strict=True):
            kind = schema.field(name).type
            if _family(column.type) not in (_family(kind), "null"):
                raise refuse("更新", f"列“{name}”是 {kind}，给的值是 {column.type}", "请给表里那种类型的值")
            found = column if column.type == kind else _cast(column, kind)
            if found is None:
                wider[name], found = _widened(self.bound.table[name], column)
            columns[name] = found
        if wider:
            table = self._whole()
            now = {name: table[name].cast(wider.get(name, table[name].type)) for name in table.column_names}
            self._reload(pa.table(now))
        return pa.table(columns)

    def _keep(self, rows: Rows, table: pa.Table) -> None:
        """Keep changed rows beside the table, in order."""
        if not (np.diff(rows) > 0).all():
            order = np.argsort(rows)
            rows, table = rows[order], table.take(pa.array(order))
        self.aside.append((rows, table))
        self.latest[rows] = len(self.aside)
        if len(self.aside) > TABLES:
            self._changed()

    def _changed(self) -> tuple[Rows, pa.Table]:
        """The rows kept aside as one table, each once; they are put into the whole table where they are many."""
        if len(self.aside) > 1:
            rows = np.concatenate([each for each, _ in self.aside])
            found, last = np.unique(rows[::-1], return_index=True)
            table = _joined([table for _, table in self.aside], len(rows) - 1 - last)
            self.aside = [(found, table)]
            self.latest[found] = 1
        if self.aside and len(self.aside[0][0]) > ASIDE:
            self._reload(self._whole())
        return self.aside[0] if self.aside else (_NONE, self.bound.table.slice(0, 0))

    def _whole(self) -> pa.Table:
        """The table with the changed rows in it."""
        if not self.aside:
            return self.bound.table
        rows = np.concatenate([each for each, _ in self.aside])
        places = np.arange(self.bound.rows)
        places[rows] = self.bound.rows + np.arange(len(rows))
        return _joined([self.bound.table, *(table for _, table in self.aside)], places)

    def _reload(self, table: pa.Table) -> None:
        """Go on with another table of the same answers."""
        self.bound, self.few, self.aside = Bound(table), None, []
        self.latest[:] = 0
        self.feed = Feed(self.program, self.bound)
        self.tried.clear()

    def _present(self, rows: Rows, names: list[str]) -> pa.Table:
        """The values that some rows have now."""
        latest = self.latest[rows]
        if not latest.any():
            return self.bound.table.select(names).take(pa.array(rows))
        loaded = np.flatnonzero(latest == 0)
        tables, order = [self.bound.table.select(names).take(pa.array(rows[loaded]))], np.empty(len(rows), np.int64)
        order[loaded] = np.arange(len(loaded))
        done = len(loaded)
        for number in np.unique(latest[latest > 0]).tolist():
            own, table = self.aside[number - 1]
            where = np.flatnonzero(latest == number)
            places, found = np.searchsorted(own, rows[where]), table.select(names)
            if len(own) > FEW * len(rows):  # else whole: joining small tables takes less than a look into each of them
                found, places = found.take(pa.array(places)), np.arange(len(places))
            order[where] = done + places
            tables.append(found)
            done += found.num_rows
        return _joined(tables, order)


def _joined(tables: Sequence[pa.Table], rows: Rows) -> pa.Table:
    """Some rows of several tables one below the other."""
    return pa.concat_tables(tables).unify_dictionaries().combine_chunks().take(pa.array(rows))


def _cell(name: str, value: object, kind: pa.DataType) -> pa.Array:
    """One value as a column: of the table's type where it is of that type, else of its own."""
    if value is None:
        return pa.nulls(1, kind)
    try:
        if type(value) in _FITTING.get(kind.id, ()):
            return pa.array([value], kind)
    except (pa.ArrowInvalid, OverflowError):
        pass
    try:
        return pa.array([Decimal(value) if type(value) is int else value])
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        raise refuse("试算", f"列“{name}”的值 {value} 不能作为输入", "请给数字、文字、true 或 false、日期") from None


def _cast(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray | None:
    """The same values in another type; None where it does not hold them."""
    try:
        return column.cast(kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None


def _widened(one: pa.ChunkedArray, other: pa.ChunkedArray) -> tuple[pa.DataType, pa.ChunkedArray]:
    """The type that holds the numbers of both columns, and the second in it."""
    scale = max(kind.scale if pa.types.is_decimal(kind) else 0 for kind in (one.type, other.type))
    if scale <= 19 and _cast(one, pa.decimal128(38, scale)) is not None:
        found = _cast(other, pa.decimal128(38, scale))
        if found is not None:
            return found.type, found
    return pa.decimal256(76, scale), other.cast(pa.decimal256(76, scale))


def _family(kind: pa.DataType) -> str:
    """Types of one family hold the same values, as far as they reach."""
    if pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return "number"
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    return "string" if pa.types.is_string(value) or pa.types.is_large_string(value) else str(kind)


_WHOLE = (pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64())
_FITTING: dict[int, tuple[type, ...]] = {
    **{kind.id: (int,) for kind in _WHOLE},
    **{kind.id: (Decimal, int) for kind in (pa.decimal32(1), pa.decimal64(1), pa.decimal128(1))},
    pa.date32().id: (date,), pa.bool_().id: (bool,), pa.string().id: (str,), pa.large_string().id: (str,),
    pa.dictionary(pa.int32(), pa.string()).id: (str,),
}  # fmt: skip
"""Python's types of which every value means in a column of this type what it means alone."""

__all__ = ["Change", "Effect", "Session"]
