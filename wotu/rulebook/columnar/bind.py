"""Columns of one table as arrays: numbers as scaled integers, dates as days, texts and booleans as codes; never a float.

A cell is known, unknown (null, or a value that the view's type refuses) or odd: a value that does not fit the array (too
many digits, or in a column of another type), which the interpreter looks at itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from wotu.rulebook.columnar.terms import Linear, Ratio, Term, View

if TYPE_CHECKING:
    from wotu.rulebook.feel import Value

Ints = npt.NDArray[np.int64]
Bits = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]

LIMIT = 2**62
"""Integers here stay below this, so that sums of two cannot wrap."""
WIDE = Context(prec=200)
KINDS: tuple[type[np.int64 | np.int32 | np.int16], ...] = (np.int64, np.int32, np.int16)
"""Kinds of integers that columns are narrowed to, the widest first."""
SCALES = (0, 2, 4, 6, 8, 12, 18)
"""Decimals tried, fewest first, when a column has more than its values need."""


def at_least(bound: Decimal, scale: int) -> int:
    """The smallest scaled integer that is not below the bound; beyond any integer here where the bound is."""
    return _clamped(WIDE.scaleb(bound, scale).to_integral_value(ROUND_CEILING))


def above(bound: Decimal, scale: int) -> int:
    """The smallest scaled integer above the bound."""
    return _clamped(WIDE.scaleb(bound, scale).to_integral_value(ROUND_FLOOR) + 1)


def _clamped(value: Decimal) -> int:
    return LIMIT if value > LIMIT else -LIMIT if value < -LIMIT else int(value)


@dataclass(frozen=True, slots=True)
class Numbers:
    """Scaled integers row for row; where not `known`, 0. `top` is the greatest size among them."""

    values: Ints
    scale: int
    known: Bits
    odd: Bits
    top: int

    def narrowest(self) -> int:
        """Which of `KINDS` takes the fewest bytes, with room for one more than the greatest."""
        return max(place for place, kind in enumerate(KINDS) if self.top < np.iinfo(kind).max)

    def at_least(self, bound: Decimal) -> Bits:
        """Which are not below the bound (of those known)."""
        return np.asarray(self.values >= at_least(bound, self.scale))

    def above(self, bound: Decimal) -> Bits:
        """Which are above the bound (of those known)."""
        return np.asarray(self.values >= above(bound, self.scale))

    def null(self) -> Bits | None:
        """Known, and known to be FEEL's null."""
        return None


@dataclass(frozen=True, slots=True)
class Quotients:
    """Two rows of scaled integers, one divided by the other."""

    over: Numbers
    under: Numbers
    known: Bits
    odd: Bits

    def at_least(self, bound: Decimal) -> Bits:
        """Which are not below the bound (of those known and not null)."""
        gap, up = self._gap(bound), self.under.values > 0
        return np.asarray((gap >= 0) & up | (gap <= 0) & ~up, np.bool_)

    def above(self, bound: Decimal) -> Bits:
        """Which are above the bound (of those known and not null)."""
        gap, up = self._gap(bound), self.under.values > 0
        return np.asarray((gap > 0) & up | (gap < 0) & ~up, np.bool_)

    def null(self) -> Bits:
        """Divided by 0."""
        return np.asarray(self.under.values == 0)

    def _gap(self, bound: Decimal) -> Any:
        """over * m - under * n, of the sign of over / under - bound where under is positive; in Python's integers if need be."""
        m, n = factors(bound, self.over.scale, self.under.scale)
        if self.over.top * m < LIMIT and self.under.top * abs(n) < LIMIT:
            return self.over.values * np.int64(m) - self.under.values * np.int64(n)
        return self.over.values.astype(object) * m - self.under.values.astype(object) * n


def factors(bound: Decimal, over: int, under: int) -> tuple[int, int]:
    """m > 0 and n so that a/b >= bound as a*m >= b*n for scaled integers a and b > 0."""
    exponent = bound.as_tuple().exponent
    assert isinstance(exponent, int)
    places = max(0, -exponent)
    m, n = 10 ** (places + under), int(bound.scaleb(places)) * 10**over
    shared = np.gcd.reduce([m, n]) if abs(n) < LIMIT and m < LIMIT else 1
    return m // int(shared), n // int(shared)


@dataclass(frozen=True, eq=False)
class Texts:
    """A code for each row, and what each code stands for; the last, after the column's own, is the unknown of the view."""

    codes: npt.NDArray[np.int32]
    words: tuple[Any, ...]
    """The column's own, as Python has them."""
    view: View

    @cached_property
    def read(self) -> tuple[tuple[Value, bool], ...]:
        """As the interpreter takes them, and which of them the type's allowed values refuse: these are unknown too."""
        return (*map(self.view.reading(), self.words), (self.view.unknown(), False))

    @cached_property
    def values(self) -> tuple[Value, ...]:
        """As the interpreter takes them."""
        return tuple(value for value, _ in self.read)


@dataclass(eq=False)
class Bound:
    """One table bound to views; each column is looked at when first asked for."""

    table: pa.Table
    made: dict[Any, Any] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Rows of the table."""
        return int(self.table.num_rows)

    def column(self, view: View) -> pa.Array:
        """The Arrow column, in one piece."""
        key = ("column", view.name)
        if key not in self.made:
            self.made[key] = whole(self.table, view.name)
        return self.made[key]

    def values(self, view: View, rows: Rows) -> list[Value]:
        """The FEEL values of some rows, as the interpreter takes them: refused ones are unknown."""
        read = view.reading()
        return [read(value)[0] for value in self.column(view).take(pa.array(rows)).to_pylist()]

    def refused(self, view: View) -> int | None:
        """The first row whose value the view's type refuses."""
        if view.base not in ("number", "date"):
            texts = self.texts(view)
            wrong = np.asarray([refused for _, refused in texts.read], np.bool_)[texts.codes]
            return int(wrong.argmax()) if wrong.any() else None
        numbers, read = self.numbers(view), view.reading()
        wrong = np.asarray(pc.is_valid(self.column(view))) & ~numbers.known & ~numbers.odd
        for row in np.flatnonzero(numbers.odd):
            wrong[row] = read(self.column(view)[int(row)].as_py())[1]
        return int(wrong.argmax()) if wrong.any() else None

    # --- numbers and dates ------------------------------------------------------------------------------------------

    def numbers(self, view: View) -> Numbers:
        """A column of numbers or dates."""
        if view not in self.made:
            self.made[view] = self._numbers(view)
        found: Numbers = self.made[view]
        return found

    def _numbers(self, view: View) -> Numbers:
        found = _integers(self.column(view), view.base)
        for test in view.tests():
            from wotu.rulebook.columnar.admitting import admitted  # which reads trees; few columns have allowed values

            known = found.known & admitted(test, found, view)
            values = np.where(known, found.values, 0)
            found = Numbers(values, found.scale, known, found.odd, _top(values))
        return found

    def term(self, term: Term) -> Numbers | Quotients:
        """A term row for row; rows that it cannot say are odd."""
        if term not in self.made:
            if isinstance(term, Linear):
                self.made[term] = self._sum(term)
            else:
                self.made[term] = self._quotient(term)
        found: Numbers | Quotients = self.made[term]
        return found

    def _quotient(self, term: Ratio) -> Quotients:
        over, under = self._sum(term.over), self._sum(term.under)
        odd = over.odd | under.odd if over.odd.any() or under.odd.any() else over.odd
        return Quotients(over, under, over.known & under.known, odd)

    def _sum(self, term: Linear) -> Numbers:
        if not term.parts:
            return self._alone(term.constant)
        if len(term.parts) == 1 and term.parts[0][1] == 1 and not term.constant:
            return self.numbers(term.parts[0][0])
        return self.partly(term, term.views())

    def _alone(self, constant: Decimal) -> Numbers:
        scale = max(0, -int(constant.as_tuple().exponent))
        every = np.ones(self.rows, np.bool_)
        number = int(constant.scaleb(scale))
        fits = abs(number) < LIMIT
        values = np.full(self.rows, number if fits else 0, np.int64)
        return Numbers(values, scale, every & fits, every & (not fits), abs(number) if fits else 0)

    def partly(self, term: Linear, views: Sequence[View]) -> Numbers:
        """The sum of some of its columns (with the constant when they are all); odd throughout where it might not fit."""
        parts = [(self.numbers(view), factor) for view, factor in term.parts if view in views]
        constant = term.constant if len(parts) == len(term.parts) else Decimal(0)
        places = [-int(value.normalize().as_tuple().exponent) for value in (constant, *(f for _, f in parts))]
        scale = max([places[0], *(n.scale + place for (n, _), place in zip(parts, places[1:], strict=True)), 0])
        ints = [int(factor.scaleb(scale - numbers.scale)) for numbers, factor in parts]
        start = int(constant.scaleb(scale))
        known = np.logical_and.reduce([numbers.known for numbers, _ in parts])
        odd = np.logical_or.reduce([numbers.odd for numbers, _ in parts])
        if abs(start) + sum(abs(i) * n.top for i, (n, _) in zip(ints, parts, strict=True)) >= LIMIT:
            return Numbers(np.zeros(self.rows, np.int64), 0, np.zeros_like(known), odd | known, 0)
        values = np.full(self.rows, start, np.int64)
        for number, (numbers, _) in zip(ints, parts, strict=True):
            values += numbers.values * np.int64(number)
        values = np.where(known, values, 0)
        return Numbers(values, scale, known, odd, _top(values))

    # --- texts and booleans -----------------------------------------------------------------------------------------

    def texts(self, view: View) -> Texts:
        """A column of texts or booleans by codes."""
        if view not in self.made:
            self.made[view] = self._texts(view)
        found: Texts = self.made[view]
        return found

    def distinct(self, view: View) -> Texts:
        """Any column by codes of its distinct values."""
        key = ("distinct", view)
        if key not in self.made:
            self.made[key] = self._texts(view)
        found: Texts = self.made[key]
        return found

    def _texts(self, view: View) -> Texts:
        column = self.column(view)
        coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        codes = np.asarray(pc.fill_null(coded.indices.cast(pa.int32()), -1))
        words = coded.dictionary.to_pylist()
        spread = np.where(codes < 0, len(words), codes).astype(np.int32)
        return Texts(spread, tuple(words), view)


def whole(table: pa.Table, name: str) -> pa.Array:
    """A column in one piece."""
    column = table[name]
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _top(values: Ints) -> int:
    if not len(values):
        return 0
    return max(abs(int(values.min())), abs(int(values.max())))


def _integers(column: pa.Array, base: str) -> Numbers:
    """A column as scaled integers; what is not null and does not fit, or is of another type, is odd."""
    kind, rows = column.type, len(column)
    if base == "number" and pa.types.is_decimal(kind) and not pa.types.is_decimal256(kind):
        return _decimals(column)
    valid = _valid(column)
    if base == "date" and pa.types.is_date32(kind):
        return _whole(column.cast(pa.int32()), valid, valid)
    if base == "number" and pa.types.is_uint64(kind):
        fits = np.asarray(pc.fill_null(pc.less(column, pa.scalar(LIMIT, pa.uint64())), False))
        return _whole(pc.if_else(pa.array(fits), column, pa.scalar(0, pa.uint64())), fits, valid)
    if base == "number" and pa.types.is_integer(kind):
        if kind.bit_width < 64:
            return _whole(column, valid, valid)
        fits = np.asarray(pc.fill_null(pc.less(pc.abs(pc.max_element_wise(column, -LIMIT)), LIMIT), False))
        return _whole(column, fits, valid)
    return Numbers(np.zeros(rows, np.int64), 0, np.zeros(rows, np.bool_), valid, 0)


def _whole(column: pa.Array, known: Bits, valid: Bits) -> Numbers:
    values = np.asarray(pc.fill_null(column, 0) if column.null_count else column).astype(np.int64)
    if not known.all():
        values[~known] = 0
    return Numbers(values, 0, known, valid & ~known, _top(values))


def _decimals(column: pa.Array) -> Numbers:
    """Decimals with no more places than they need; where some have too many digits, with the fewest places that hold all."""
    found, large = _halves(column)
    for scale in SCALES if large else ():
        if scale >= column.type.scale:
            break
        try:
            fewer = column.cast(pa.decimal128(38, scale))
        except pa.ArrowInvalid:
            continue
        return _halves(fewer)[0]
    return found


def _halves(column: pa.Array) -> tuple[Numbers, int]:
    """The numbers of a column of decimals, and how many of them are too large."""
    from wotu.rulebook.columnar import cells

    rows, kind, scale = len(column), column.type, column.type.scale
    _, buffer = column.buffers()
    if buffer is None or not rows or column.null_count == rows:
        nothing = np.zeros(rows, np.bool_)
        return Numbers(np.zeros(rows, np.int64), 0, nothing, nothing, 0), 0
    known = _valid(column)
    values = np.empty(rows, np.int64)
    if kind.bit_width == 128:
        both = np.frombuffer(buffer, np.int64)[2 * column.offset : 2 * (column.offset + rows)]
        cells.halves(both, known, values, said := np.empty(3, np.int64))
        beyond, least, most = bool(said[0]), int(said[1]), int(said[2])
    else:
        narrow = np.frombuffer(buffer, f"i{kind.bit_width // 8}")[column.offset : column.offset + rows]
        np.multiply(narrow, known, out=values, dtype=np.int64)
        both, beyond, least, most = narrow, False, int(values.min()), int(values.max())
    large = np.zeros(rows, np.bool_)
    if beyond or max(most, -least) >= LIMIT:
        low, high = (both[::2], both[1::2]) if kind.bit_width == 128 else (both, both >> 63)
        large = known & ~((high == low >> 63) & (low < LIMIT) & (low > -LIMIT))
        known = known & ~large
        values[large] = 0
        least, most = int(values.min()), int(values.max())
    top = max(most, -least)
    cells.power_of_ten(values, 10 ** max(0, min(scale, 18)), found := np.empty(1, np.int64))
    power = int(found[0])
    if power > 1:
        cells.shortened(values, power)
        scale, top = scale - len(str(power)) + 1, top // power
    return Numbers(values, scale, known, large, top), int(large.sum())


def _valid(column: pa.Array) -> Bits:
    """Which cells are not null."""
    bits = column.buffers()[0]
    if bits is None or not column.null_count:
        return np.ones(len(column), np.bool_)
    first = column.offset // 8
    size, skipped = len(column), column.offset % 8
    eights = np.frombuffer(bits, np.uint8)[first : first + (skipped + size + 7) // 8]
    return np.unpackbits(eights, count=skipped + size, bitorder="little")[skipped:].view(np.bool_)


def pieces(rows: int, size: int) -> Iterator[tuple[int, int]]:
    """Ranges of so many rows."""
    return ((start, min(start + size, rows)) for start in range(0, rows, size))
