"""Few rows against all rules, at once: how cells of each column become integers and codes is settled beforehand.

Made with a table's first screening, from the rules' conditions and the types of the columns; a few rows then cost some
microseconds a column. It says only what it can say exactly: where a number has more places or digits than are provided for,
a value is odd, or a condition is none of numbers and texts, those conditions are asked of the screening itself for those rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wotu.rulebook.columnar import quick
from wotu.rulebook.columnar.admitting import ends
from wotu.rulebook.columnar.bind import LIMIT, Bound, above, at_least, factors, whole
from wotu.rulebook.columnar.codes import never
from wotu.rulebook.columnar.conditions import Compare, Fact, Lookup, Of, Settled, columns_read
from wotu.rulebook.columnar.kernel import AND, NOT, OR, words
from wotu.rulebook.columnar.laying import Leaf
from wotu.rulebook.columnar.memory import every
from wotu.rulebook.columnar.program import Compiled, Program, run
from wotu.rulebook.columnar.terms import Linear, Term, View
from wotu.rulebook.dmn.spans import spans_of

Bits = npt.NDArray[np.bool_]
Planes = npt.NDArray[np.uint64]
MOST = 16_384
"""Rows up to which this is the shorter way."""
PLACES = 4
"""Decimals provided for in columns that have room for more than their values need."""
TEXTS = 65_536
"""Texts of a column whose answers are kept, at most."""
FEW_TEXTS = 4_096
"""Texts of a column that are met beforehand, at most."""


@dataclass(eq=False)
class _Texts:
    """The texts (or truth values) of one column met so far, and the conditions that read it."""

    codes: dict[object, int] = field(default_factory=dict)
    leaves: list[int] = field(default_factory=list)
    learnt: int = 0
    """How many of the codes have their verdicts."""

    def coded(self, column: pa.Array) -> tuple[pa.Array, list[int]]:
        """The column as indices, and the code that each index stands for."""
        if len(self.codes) > TEXTS:
            self.codes.clear()
            self.learnt = 0
        if pa.types.is_dictionary(column.type) and len(column.dictionary) > 4 * len(column) + 64:
            column = column.cast(column.type.value_type)
        if not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode()
        codes = self.codes
        found = column.dictionary.to_pylist()
        return column.indices, [
            quick.NO_TEXT if each is None else codes.setdefault(each, len(codes) + quick.FIRST) for each in found
        ]


class Feed:
    """Some rules, ready to be asked about few rows of tables with the same columns.

    A condition is ten numbers: its kind; the number (or column of texts) it reads; that of its divisor, or its row of
    verdicts; the bound, or the factor of what is divided; the divisor's factor; 1 if it asks for equality; what it is where
    nothing is known; 1 if it is strict; the sizes up to which what is divided and the divisor can be told.
    """

    def __init__(self, program: Program, bound: Bound) -> None:
        self.types = {name: bound.table.schema.field(name).type for name in bound.table.column_names}
        self.bound = bound
        self.numbers: dict[tuple[str, str], int] = {}
        """Columns of numbers or dates by name and base."""
        self.texts: dict[str, _Texts] = {}
        self.views: dict[View, tuple[int, int]] = {}
        """Where a view's numbers lie, and their scale."""
        self.terms: dict[Linear, tuple[int, int] | None] = {}
        self.made: dict[tuple[int, ...], Compiled] = {}
        self.layout: _Layout | None = None
        self.leaves = tuple(program.leaves)
        self.reads = [_columns(leaf, tuple(self.types)) for leaf in self.leaves]
        self._views: list[list[int]] = []
        self._spans: list[tuple[int, int, int]] = []
        self._sums: list[tuple[int, int, int]] = []
        self._parts: list[tuple[int, int, int]] = []
        self._sum_of: dict[Linear, int] = {}
        for leaf in self.leaves:
            for view in leaf.term.views() if isinstance(leaf, Compare) else ():
                self._number(view)
        self.conditions = np.asarray([self._condition(place) for place in range(len(self.leaves))], np.int64)
        self.conditions = self.conditions.reshape(-1, 10)
        self.verdicts = np.zeros((max(1, sum(len(texts.leaves) for texts in self.texts.values())), 8), np.uint8)
        self.verdicts[:, quick.ODD] = quick.ASKED
        for name, texts in self.texts.items():
            self._meet(name, texts, bound.table[name])
        self._views_made = np.asarray(self._views, np.int64).reshape(-1, 5)
        self._spans_made = np.asarray(self._spans, np.int64).reshape(-1, 3)
        self._sums_made = np.asarray(self._sums, np.int64).reshape(-1, 3)
        self._parts_made = np.asarray(self._parts, np.int64).reshape(-1, 3)
        self._joins(program)
        self.every = list(dict.fromkeys(name for own in self.reads for name in own))
        """The columns that are read."""
        del self.bound

    # --- settled beforehand -----------------------------------------------------------------------------------------

    def _joins(self, program: Program) -> None:
        """The steps, and which conditions each output rests on."""

        ways = {AND: quick.ALL, OR: quick.ANY, NOT: quick.OPPOSITE}
        places = {program.known[leaf]: place for place, leaf in enumerate(self.leaves)}
        rests = [1 << place for place in range(len(self.leaves))]
        steps: list[tuple[int, int, int, int]] = []
        operands: list[int] = []
        for key, number in program.known.items():
            if not isinstance(key, tuple):
                continue
            places[number] = len(rests)
            own = [places[value] for value in key[1:]]
            steps.append((ways[key[0]], len(rests), len(operands), len(operands) + len(own)))
            operands += own
            rest = 0
            for place in own:
                rest |= rests[place]
            rests.append(rest)
        self.steps = np.asarray(steps, np.int64).reshape(-1, 4)
        self.operands = np.asarray(operands, np.int64)
        self.size = len(rests)
        self.outputs = np.asarray([places[value] for value in program.outputs], np.int64)
        self.needs = np.asarray(
            [[rests[output] >> place & 1 for place in range(len(self.leaves))] for output in self.outputs], np.bool_
        ).reshape(len(self.outputs), len(self.leaves))

    def _number(self, view: View) -> int:
        """Where a view's numbers lie."""
        if view in self.views:
            return self.views[view][0]
        column = self.numbers.setdefault((view.name, view.base), len(self.numbers))
        kind = self.types[view.name]
        places = kind.scale if pa.types.is_decimal(kind) else 0
        scale = places
        if pa.types.is_decimal(kind) and kind.precision > 18:
            found = self.bound.numbers(view)
            scale = min(places, max(found.scale, PLACES))
            if found.top * 10 ** (scale - found.scale) >= 2**50:
                scale = found.scale
            scale = max(scale, places - 18)
        fewer = places - scale
        spans = self._allowed(view, scale)
        first = -1 if spans is None else len(self._spans)
        self._spans += spans or []
        row = [column, 10 ** min(9, fewer), 10 ** max(0, fewer - 9), first, len(self._spans)]
        self.views[view] = len(self._views), scale
        self._views.append(row)
        return self.views[view][0]

    def _allowed(self, view: View, scale: int) -> list[tuple[int, int, int]] | None:
        """The allowed values as spans of integers by test; None where they are no spans."""
        found: list[tuple[int, int, int]] = []
        for number, test in enumerate(view.tests()):
            spans = None if test.tests.negated else spans_of(test.tests.tests)
            if spans is None:
                return None
            for piece in spans:
                span = ends(piece, "number" if view.base == "number" else "date")
                if span is None:
                    return None
                low, low_closed, high, high_closed = span
                least = -LIMIT if low is None else at_least(low, scale) if low_closed else above(low, scale)
                most = LIMIT if high is None else above(high, scale) - 1 if high_closed else at_least(high, scale) - 1
                found.append((number, least, most))
        return found

    def _term(self, term: Linear) -> tuple[int, int] | None:
        """Where a sum's numbers lie, and their scale; None where it is none of columns, or too large."""
        if term not in self.terms:
            self.terms[term] = self._sum(term)
        return self.terms[term]

    def _sum(self, term: Linear) -> tuple[int, int] | None:
        if not term.parts:
            return None
        if len(term.parts) == 1 and term.parts[0][1] == 1 and not term.constant:
            return self.views[term.parts[0][0]]
        views = [self.views[view] for view, _ in term.parts]
        places = [-int(value.normalize().as_tuple().exponent) for value in (term.constant, *(f for _, f in term.parts))]
        scale = max([places[0], *(own + place for (_, own), place in zip(views, places[1:], strict=True)), 0])
        numbers = [int(f.scaleb(scale - own)) for (_, f), (_, own) in zip(term.parts, views, strict=True)]
        start = int(term.constant.scaleb(scale))
        sizes = [(LIMIT - 1 - abs(start)) // (len(numbers) * max(1, abs(number))) for number in numbers]
        if min(sizes) <= 0:
            return None
        begin = len(self._parts)
        self._parts += [(view, number, size) for (view, _), number, size in zip(views, numbers, sizes, strict=True)]
        self._sums.append((start, begin, len(self._parts)))
        return len(self._views) + len(self._sums) - 1, scale

    def _condition(self, place: int) -> list[int]:

        leaf = self.leaves[place]
        match leaf:
            case Settled(value=value):
                return [quick.CONSTANT, 0, 0, _SETTLED[value], 0, 0, 0, 0, 0, 0]
            case Fact(view=view) | Lookup(view=view):
                rows = sum(len(texts.leaves) for texts in self.texts.values())
                texts = self.texts.setdefault(view.name, _Texts())
                texts.leaves.append(place)
                return [quick.CODES, list(self.texts).index(view.name), rows, 0, 0, 0, 0, 0, 0, 0]
            case Compare(term=term):
                made = self._linear(leaf, term) if isinstance(term, Linear) else self._ratio(leaf, term)
                if made is not None:
                    made[6] = self._unknown(place, leaf)
                    return made
        return [quick.ASK, 0, 0, 0, 0, 0, 0, 0, 0, 0]

    def _linear(self, leaf: Compare, term: Linear) -> list[int] | None:

        found = self._term(term)
        if found is None:
            return None
        number, scale = found
        least, more = at_least(leaf.bound, scale), above(leaf.bound, scale)
        if leaf.operator == "=" and more != least + 1:
            least = LIMIT  # which no number here is
        bound = more if leaf.operator == ">" else least
        return [quick.LINEAR, number, 0, bound, 0, int(leaf.operator == "="), 0, 0, 0, 0]

    def _ratio(self, leaf: Compare, term: Term) -> list[int] | None:

        assert not isinstance(term, Linear)
        over, under = self._term(term.over), self._term(term.under)
        if over is None or under is None:
            return None
        m, n = factors(leaf.bound, over[1], under[1])
        if max(m, abs(n)) >= LIMIT:
            return None
        sizes = [(LIMIT - 1) // m, (LIMIT - 1) // max(1, abs(n))]
        return [quick.RATIO, over[0], under[0], m, n, int(leaf.operator == "="), 0, int(leaf.operator == ">"), *sizes]

    def _unknown(self, place: int, leaf: Compare) -> int:
        """What a comparison is where something of its term is not known."""
        if never(leaf):
            return 0
        if len(leaf.term.views()) > 1:
            return quick.ASKED
        name = self.reads[place][0]
        return int(self._asked([place], pa.table({name: pa.nulls(1, self.types[name])}))[0, 0])

    # --- few rows ---------------------------------------------------------------------------------------------------

    def reading(self, names: Iterable[str]) -> Bits:
        """The outputs that rest on any of these columns."""
        some = set(names)
        touched = np.asarray([not some.isdisjoint(own) for own in self.reads], np.bool_)
        return np.asarray((self.needs & touched).any(axis=1), np.bool_)

    def answers(self, table: pa.Table | pa.RecordBatch, outputs: Bits | None = None, rows: int | None = None) -> Planes:
        """found[output, 0 or 1, word] of a table of at most `MOST` rows; outputs that are not asked for hold anything.

        `rows` says how many where it has no columns.
        """

        rows = table.num_rows if rows is None else rows
        size = words(rows)
        numbers = len(self._views) + len(self._sums)
        wanted: Bits = np.ones(len(self.leaves), np.bool_)
        if outputs is not None:
            wanted = np.asarray(self.needs[outputs].any(axis=0), np.bool_)
        there = every(rows)
        layout, columns = self._layout(table.schema), _columns_of(table)
        lies = self._cells(columns, layout.numbers)
        values = np.zeros((max(1, numbers), 64 * size), np.int64)
        known, odd = np.zeros((2, max(1, numbers), size), np.uint64)
        quick.numbers(self._views_made, self._spans_made, lies, rows, values, known, odd)
        quick.summed(self._sums_made, self._parts_made, len(self._views), rows, values, known, odd)
        codes = self._codes(columns, layout.texts, rows, size)
        planes = np.zeros((max(1, self.size), 2, size), np.uint64)
        asked, asking = np.zeros(len(self.leaves), np.bool_), np.zeros(size, np.uint64)
        quick.fill(
            self.conditions, wanted, there, values, known, odd, codes, self.verdicts, planes, asked, asking
        )  # fmt: skip
        if asked.any():
            self._ask(table, rows, np.flatnonzero(asked).tolist(), asking, planes)
        quick.join(self.steps, self.operands, planes)
        return planes[self.outputs]

    def _ask(
        self, table: pa.Table | pa.RecordBatch, rows: int, places: list[int], asking: Planes, planes: Planes
    ) -> None:
        """Some conditions of some rows as the screening has them."""
        these = np.flatnonzero(np.unpackbits(asking.view(np.uint8), count=rows, bitorder="little"))
        names = list(dict.fromkeys(name for place in places for name in self.reads[place]))
        some = table.select(names).take(pa.array(these))
        verdicts = self._asked(places, pa.Table.from_batches([some]) if isinstance(some, pa.RecordBatch) else some)
        word, bit = these >> 6, np.uint64(1) << (these & 63).astype(np.uint64)
        for place, own in zip(places, verdicts, strict=True):
            for side, verdict in enumerate((quick.HOLDS, quick.FAILS)):
                plane = planes[place, side]
                np.bitwise_and.at(plane, word, ~bit)
                np.bitwise_or.at(plane, word[own == verdict], bit[own == verdict])

    def _asked(self, places: Sequence[int], table: pa.Table) -> npt.NDArray[np.uint8]:
        """verdicts[condition, row] as the screening has them."""
        key = tuple(places)
        if key not in self.made:
            if len(self.made) > 256:
                self.made.clear()
            program = Program()
            for place in places:
                program.keep(program.truth(self.leaves[place]))
            self.made[key] = program.compiled()
        found = run(self.made[key], Bound(table)).outputs
        bits = np.unpackbits(found.view(np.uint8).reshape(len(places), 2, -1), axis=2, bitorder="little")
        return np.asarray(bits[:, 0, : table.num_rows] + 2 * bits[:, 1, : table.num_rows], np.uint8)

    def _layout(self, schema: pa.Schema) -> _Layout:
        """Where a table has the columns of numbers and of texts, and how they lie; kept for tables of the same columns."""
        if self.layout is None or not schema.equals(self.layout.schema):
            numbers = [(name, *self._how(schema, name, base)) for name, base in self.numbers]
            texts = [(name, *self._how(schema, name, "text")) for name in self.texts]
            self.layout = _Layout(schema, [each[1:] for each in numbers], [each[1:] for each in texts])
        return self.layout

    def _how(self, schema: pa.Schema, name: str, base: str) -> tuple[int, int]:

        place = schema.get_field_index(name)
        kind = pa.null() if place < 0 else schema.field(place).type
        if kind != self.types[name] or not _fits(kind, base):
            return place, quick.STRANGE
        if base != "text":
            return place, _integers()[kind.id]
        return place, quick.BITS if pa.types.is_boolean(kind) else _TO_CODES

    def _cells(self, columns: Sequence[pa.Array], places: Sequence[tuple[int, int]]) -> npt.NDArray[np.int64]:
        """How columns of numbers lie in memory, and where."""
        return np.asarray([_lies(columns, *each) for each in places], np.int64).reshape(-1, 4)

    def _codes(
        self, columns: Sequence[pa.Array], places: Sequence[tuple[int, int]], rows: int, size: int
    ) -> npt.NDArray[np.int32]:
        """codes[column of texts, row]."""

        codes = np.zeros((max(1, len(self.texts)), 64 * size), np.int32)
        lies, meanings, begin = [], [quick.NO_TEXT], []
        kept = []
        for texts, (place, how) in zip(self.texts.values(), places, strict=True):
            begin.append(len(meanings))
            if place >= 0 and how == _TO_CODES:
                column, own = texts.coded(columns[place])
                kept.append(column)
                meanings += own
                lies.append(_lies(kept, len(kept) - 1, _integers()[column.type.id]))
            else:
                lies.append(_lies(columns, place, how))
        listed = np.asarray(lies, np.int64).reshape(-1, 4)
        quick.coded(listed, np.asarray(meanings, np.int32), np.asarray(begin, np.int64), rows, codes)
        self._learn()
        return codes

    # --- texts ------------------------------------------------------------------------------------------------------

    def _meet(self, name: str, texts: _Texts, column: pa.ChunkedArray) -> None:
        """Learn what null comes to, and the texts that a table has where these are few."""
        nothing = pa.nulls(1, self.types[name])
        for place, verdict in zip(texts.leaves, self._asked(texts.leaves, pa.table({name: nothing})), strict=True):
            self.verdicts[self.conditions[place, 2], quick.NO_TEXT] = verdict[0]
        if not _fits(column.type, "text"):
            return
        found = [True, False] if pa.types.is_boolean(column.type) else column.unique().to_pylist()
        if len(found) <= FEW_TEXTS:
            texts.codes = {value: code for code, value in enumerate((v for v in found if v is not None), quick.FIRST)}
            self._learn()

    def _learn(self) -> None:
        """Ask for the verdicts of texts that were not met before."""
        for name, texts in self.texts.items():
            new = list(texts.codes)[texts.learnt :]
            if not new:
                continue
            first, last = texts.learnt + quick.FIRST, len(texts.codes) + quick.FIRST
            if last > self.verdicts.shape[1]:
                room = np.zeros((len(self.verdicts), last - self.verdicts.shape[1] + last), np.uint8)
                self.verdicts = np.concatenate([self.verdicts, room], axis=1)
            kind = self.types[name].value_type if pa.types.is_dictionary(self.types[name]) else self.types[name]
            found = self._asked(texts.leaves, pa.table({name: pa.array(new, kind)}))
            self.verdicts[self.conditions[texts.leaves, 2], first:last] = found
            texts.learnt = len(texts.codes)


_TO_CODES = -1
_SETTLED = {True: quick.HOLDS, False: quick.FAILS, None: quick.UNKNOWN}
_NULLS = np.zeros(MOST // 8 + 8, np.uint8)
"""Bits of validity of a column that is not there."""
Place = tuple[int, int]
"""Which column of a table, and how its cells lie."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where tables of one schema have what is read."""

    schema: pa.Schema
    numbers: list[Place]
    texts: list[Place]


@lru_cache(maxsize=1)
def _integers() -> dict[int, int]:
    """How numbers of Arrow's types lie in memory."""

    return {
        pa.int8().id: quick.I1, pa.int16().id: quick.I2, pa.int32().id: quick.I4, pa.int64().id: quick.I8,
        pa.uint8().id: quick.U1, pa.uint16().id: quick.U2, pa.uint32().id: quick.U4, pa.uint64().id: quick.U8,
        pa.decimal32(1, 0).id: quick.I4, pa.decimal64(1, 0).id: quick.I8, pa.decimal128(1, 0).id: quick.BOTH,
        pa.date32().id: quick.I4,
    }  # fmt: skip


def _fits(kind: pa.DataType, base: str) -> bool:
    """Whether the cells of a column are read as they are by views of this base."""
    if base == "text":
        value = kind.value_type if pa.types.is_dictionary(kind) else kind
        return bool(pa.types.is_string(value) or pa.types.is_large_string(value) or pa.types.is_boolean(kind))
    if base == "date":
        return bool(pa.types.is_date32(kind))
    if pa.types.is_decimal(kind):
        return not pa.types.is_decimal256(kind) and kind.scale >= 0
    return bool(pa.types.is_integer(kind))


def _lies(columns: Sequence[pa.Array], place: int, how: int) -> tuple[int, int, int, int]:
    """How the cells of a column lie, the addresses of these and of their validity, and the first one."""
    column = None if place < 0 else columns[place]
    if column is None or column.null_count == len(column):
        return how, 0, int(_NULLS.ctypes.data), 0
    buffers = column.buffers()
    valid, data = buffers[0], buffers[1] if len(buffers) > 1 else None
    return how, data.address if data else 0, valid.address if valid else 0, column.offset


def _columns_of(table: pa.Table | pa.RecordBatch) -> list[pa.Array]:
    """The columns, each in one piece."""
    if isinstance(table, pa.RecordBatch):
        return list(table.columns)
    batches = table.to_batches()
    return batches[0].columns if len(batches) == 1 else [whole(table, name) for name in table.column_names]


def _columns(leaf: Leaf, every: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that a condition reads; at least one, to know how many rows there are."""
    match leaf:
        case Compare(term=term):
            return tuple(dict.fromkeys(view.name for view in term.views()))
        case Fact(view=view) | Lookup(view=view):
            return (view.name,)
        case Of(coded=coded):
            return columns_read(coded) or every[:1]
    return ()
