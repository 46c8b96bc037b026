"""Columns of one table as arrays: numbers as scaled integers, dates as days, texts and booleans as codes; never a float.

A cell is known, unknown (null, or a value that the view's type refuses) or odd: a value that does not fit the array (too
many digits, or in a column of another type), which the interpreter looks at itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wotu.rulebook.columnar.kernel import Words, packed, unpacked
from wotu.rulebook.columnar.memory import LONGEST, Cells, every, valid, whole_numbers
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
MOST = tuple(int(np.iinfo(kind).max) for kind in KINDS)
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


@dataclass(frozen=True, eq=False)
class Numbers:
    """Scaled integers row for row, 0 where they are not known; they are read where they lie when somebody asks for them."""

    cells: Cells
    scale: int
    plane: Words
    """The rows where they are known."""
    least: int
    most: int
    """The ends of what is known; 0 where nothing is."""
    real: Words
    """The rows where they are known and not 0."""
    strange: Bits | None = None
    """The rows that are odd; None where there is none."""
    power: int = 0
    """The power of ten that the cells are divided by."""

    @property
    def rows(self) -> int:
        """How many there are."""
        return len(self.cells.array)

    @cached_property
    def values(self) -> Ints:
        """The integers."""
        return self.whole_words(np.int64)[: self.rows]

    @cached_property
    def known(self) -> Bits:
        """The rows where they are known."""
        return unpacked(self.plane, self.rows)

    @cached_property
    def odd(self) -> Bits:
        """The rows that do not fit."""
        return np.zeros(self.rows, np.bool_) if self.strange is None else self.strange

    @property
    def top(self) -> int:
        """The greatest size of a number."""
        return max(self.most, -self.least)

    def narrowest(self) -> int:
        """Which of `KINDS` takes the fewest bytes, with room for one more than the greatest."""
        top = self.top
        return 2 if top < MOST[2] else 1 if top < MOST[1] else 0

    def laid(self, into: npt.NDArray[Any], place: int) -> None:
        """Write the integers to into[block, place, row], whose kind has room for them."""
        self.cells.laid(self.plane, self.power, into, place)

    def whole_words(self, kind: type[np.int64 | np.int32 | np.int16]) -> npt.NDArray[Any]:
        """The integers as numbers of a kind that has room for them, and 0 up to a whole word of rows."""
        found = np.empty((1, 1, 64 * len(self.plane)), kind)
        if found.size:
            self.laid(found, 0)
        flat: npt.NDArray[Any] = found[0, 0]
        return flat

    def some(self, rows: Rows) -> Numbers:
        """Some of the rows."""
        strange = None if self.strange is None else self.strange[rows]
        return scaled(Cells(self.values[rows]), self.scale, packed(self.known[rows]), strange)

    def at_least(self, bound: Decimal) -> Bits:
        """Which are not below the bound (of those known)."""
        return np.asarray(self.values >= at_least(bound, self.scale))

    def above(self, bound: Decimal) -> Bits:
        """Which are above the bound (of those known)."""
        return np.asarray(self.values >= above(bound, self.scale))

    def null(self) -> Bits | None:
        """Known, and known to be FEEL's null."""
        return None


def scaled(cells: Cells, scale: int, plane: Words, strange: Bits | None = None, power: int = 0) -> Numbers:
    """Integers, divided by a power of ten, that are below `LIMIT` where they are known."""
    found, ten = cells.surveyed(plane), 10**power
    return Numbers(cells, scale, plane, found.least // ten, found.most // ten, found.real, strange, power)


@dataclass(frozen=True, eq=False)
class Quotients:
    """Two rows of scaled integers, one divided by the other."""

    over: Numbers
    under: Numbers

    @cached_property
    def plane(self) -> Words:
        """The rows where both are known."""
        return self.over.plane & self.under.plane

    @cached_property
    def known(self) -> Bits:
        """The rows where both are known."""
        return unpacked(self.plane, self.over.rows)

    @cached_property
    def strange(self) -> Bits | None:
        """The rows that are odd; None where there is none."""
        return either(self.over.strange, self.under.strange)

    @cached_property
    def odd(self) -> Bits:
        """The rows that do not fit."""
        return self.over.odd if self.strange is None else self.strange

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


def either(one: Bits | None, other: Bits | None) -> Bits | None:
    """The rows in one or the other; None where there is none."""
    return other if one is None else one if other is None else one | other


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
        if view.name not in self.columns:
            self.columns[view.name] = whole(self.table, view.name)
        return self.columns[view.name]

    @cached_property
    def columns(self) -> dict[str, pa.Array]:
        """Columns in one piece: all of a table of one, else those that were asked for."""
        batches = self.table.to_batches() if self.table.num_columns else []
        return dict(zip(self.table.column_names, batches[0].columns, strict=True)) if len(batches) == 1 else {}

    def values(self, view: View, rows: Rows) -> list[Value]:
        """The FEEL values of some rows, as the interpreter takes them: refused ones are unknown."""
        read = view.reading()
        return [read(value)[0] for value in self.column(view).take(pa.array(rows)).to_pylist()]

    def tuples(self, names: Iterable[str], rows: Rows) -> list[tuple[Any, ...]]:
        """Some rows of some columns, as Python has them."""
        taken = pa.array(rows)
        return list(zip(*(self.table[name].take(taken).to_pylist() for name in names), strict=True))

    def refused(self, view: View) -> int | None:
        """The first row whose value the view's type refuses."""
        if view.base not in ("number", "date"):
            texts = self.texts(view)
            refused = np.asarray([refused for _, refused in texts.read], np.bool_)
            wrong = refused[texts.codes] if refused.any() else refused
            return int(wrong.argmax()) if wrong.any() else None
        numbers = self.numbers(view)
        left = self._valid(view) & ~numbers.plane
        if not left.any():
            return None
        wrong, read = unpacked(left, self.rows) & ~numbers.odd, view.reading()
        for row in np.flatnonzero(numbers.odd):
            wrong[row] = read(self.column(view)[int(row)].as_py())[1]
        return int(wrong.argmax()) if wrong.any() else None

    # --- numbers and dates ------------------------------------------------------------------------------------------

    def numbers(self, view: View) -> Numbers:
        """A column of numbers or dates."""
        if view not in self.made:
            self.made[view] = self._admitted(view, self._numbers(view))
        found: Numbers = self.made[view]
        return found

    def _numbers(self, view: View) -> Numbers:
        """A column whatever a view's type refuses; one for all views of it."""
        key = ("numbers", view.name, view.base)
        if key not in self.made:
            self.made[key] = _integers(self.column(view), view.base, self._valid(view))
        found: Numbers = self.made[key]
        return found

    def _valid(self, view: View) -> Words:
        """The rows of a column that are not null."""
        key = ("valid", view.name)
        if key not in self.made:
            self.made[key] = valid(self.column(view))
        found: Words = self.made[key]
        return found

    def _admitted(self, view: View, found: Numbers) -> Numbers:
        """Those that a view's allowed values let pass; the same where that is all."""
        for test in view.tests():
            from wotu.rulebook.columnar.admitting import admitted  # which reads trees; few columns have allowed values

            passed = admitted(test, found, view)
            if passed is not None:
                found = scaled(found.cells, found.scale, found.plane & packed(passed), found.strange, found.power)
        return found

    def term(self, term: Term) -> Numbers | Quotients:
        """A term row for row; rows that it cannot say are odd."""
        if term not in self.made:
            self.made[term] = self.sum(term) if isinstance(term, Linear) else self._quotient(term)
        found: Numbers | Quotients = self.made[term]
        return found

    def _quotient(self, term: Ratio) -> Quotients:
        return Quotients(self.sum(term.over), self.sum(term.under))

    def sum(self, term: Linear) -> Numbers:
        """A sum of columns; rows that it cannot say are odd."""
        if len(term.parts) == 1 and term.parts[0][1] == 1 and not term.constant:
            return self.numbers(term.parts[0][0])
        if term not in self.made:
            self.made[term] = self.partly(term, term.views()) if term.parts else self._alone(term.constant)
        found: Numbers = self.made[term]
        return found

    def _alone(self, constant: Decimal) -> Numbers:
        scale = max(0, -int(constant.as_tuple().exponent))
        number = int(constant.scaleb(scale))
        if abs(number) < LIMIT:
            return scaled(Cells(np.full(self.rows, number, np.int64)), scale, every(self.rows))
        return _nothing(self.rows, every(self.rows))

    def partly(self, term: Linear, views: Sequence[View]) -> Numbers:
        """The sum of some of its columns (with the constant when they are all); odd throughout where it might not fit."""
        parts = [(self.numbers(view), factor) for view, factor in term.parts if view in views]
        constant = term.constant if len(parts) == len(term.parts) else Decimal(0)
        places = [-int(value.normalize().as_tuple().exponent) for value in (constant, *(f for _, f in parts))]
        scale = max([places[0], *(n.scale + place for (n, _), place in zip(parts, places[1:], strict=True)), 0])
        ints = [int(factor.scaleb(scale - numbers.scale)) for numbers, factor in parts]
        start = int(constant.scaleb(scale))
        plane = np.bitwise_and.reduce([numbers.plane for numbers, _ in parts])
        strange: Bits | None = None
        for numbers, _ in parts:
            strange = either(strange, numbers.strange)
        if abs(start) + sum(abs(i) * n.top for i, (n, _) in zip(ints, parts, strict=True)) >= LIMIT:
            return _nothing(self.rows, plane, strange)
        values = np.full(self.rows, start, np.int64)
        for number, (numbers, _) in zip(ints, parts, strict=True):
            values += numbers.values * np.int64(number)
        return scaled(Cells(values), scale, plane, strange)

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
        words = coded.dictionary.to_pylist()
        return Texts(_codes(coded.indices, len(words)), tuple(words), view)


def whole(table: pa.Table, name: str) -> pa.Array:
    """A column in one piece."""
    column = table[name]
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _codes(indices: pa.Array, nothing: int) -> npt.NDArray[np.int32]:
    """The places in a dictionary row for row; `nothing` where there is none."""
    cells = whole_numbers(indices)
    assert cells is not None
    codes = cells.array.astype(np.int32, copy=False)
    return np.where(unpacked(valid(indices), len(codes)), codes, np.int32(nothing)) if indices.null_count else codes


def _nothing(rows: int, plane: Words, strange: Bits | None = None) -> Numbers:
    """No numbers at all; odd are the rows in the plane, and those that were before."""
    none = np.zeros_like(plane)
    odd = either(unpacked(plane, rows) if plane.any() else None, strange)
    return Numbers(Cells(np.zeros(rows, np.int32)), 0, none, 0, 0, none, odd)


def _integers(column: pa.Array, base: str, sure: Words) -> Numbers:
    """A column as scaled integers where it is not null; what does not fit, or is of another type, is odd."""
    kind = column.type
    cells = whole_numbers(column) if pa.types.is_date32(kind) == (base == "date") else None
    if cells is None:
        return _nothing(len(column), sure)
    scale = kind.scale if pa.types.is_decimal(kind) else 0
    found, large = _shortest(cells, scale, sure, pa.types.is_uint64(kind))
    for fewer in SCALES if large and scale else ():  # the fewest places that hold all, where some have too many digits
        if fewer >= scale:
            break
        try:
            less = whole_numbers(column.cast(pa.decimal128(38, fewer)))
        except pa.ArrowInvalid:
            continue
        assert less is not None
        return _shortest(less, fewer, sure, False)[0]
    return found


def _shortest(cells: Cells, scale: int, sure: Words, unsigned: bool) -> tuple[Numbers, bool]:
    """Numbers with no more places than they need, and whether some are too large."""
    power = max(0, min(scale, LONGEST))
    found, large = cells.surveyed(sure, power), None
    if not found.fits or max(found.most, -found.least) >= LIMIT or (unsigned and found.least < 0):
        low, high = cells.halves()
        fits = (low >= 0 if unsigned else high == low >> 63) & (low < LIMIT) & (low > -LIMIT)
        large = unpacked(sure, len(low)) & ~fits
        sure = sure & packed(fits)
        found = cells.surveyed(sure, power)
    ten, fewer = 10**found.power, scale - found.power
    numbers = Numbers(cells, fewer, sure, found.least // ten, found.most // ten, found.real, large, found.power)
    return numbers, large is not None
