"""Numbers, days and months of a whole column at once, exact: integers, or quotients of integers, never a float.

A quotient is kept as two integers. FEEL rounds it to 34 digits; how far that can move it is carried along as `error`, and the
few rows that stand so near to a constant that it might matter are left to the interpreter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from wotu.rulebook.columnar.bind import WIDE, Bound, Numbers
from wotu.rulebook.columnar.calendar import date_parts, months_between, shifted
from wotu.rulebook.columnar.quantities import (
    Choice,
    Extreme,
    Figure,
    Member,
    Months,
    Moved,
    Nothing,
    Product,
    Quotient,
    Rounded,
    Scored,
    Size,
    Sum,
    Total,
)

if TYPE_CHECKING:
    from wotu.rulebook.columnar.conditions import Coded, Truth

Bits = npt.NDArray[np.bool_]
Integers = npt.NDArray[Any]
MOST = 10**34
"""Results of more digits are rounded by FEEL; those rows are asked of the interpreter."""
SMALL = 2**62
TAME = 10**18
FEW = 15
"""Numbers below `TAME` of so many decimals have fewer digits than FEEL keeps, and so have their sums."""
ULP = Fraction(1, 10**33)
"""How far one rounding to 34 digits moves a number, at most, as a share of it."""


# --- figures of a table ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Amounts:
    """Scaled integers (Python's own where 64 bits might not do); rows not `known` are null, or the interpreter's (`ask`)."""

    values: Integers
    scale: int
    known: Bits
    ask: Bits
    under: Integers | None = None
    """Positive integers that `values` are divided by; None: 1 throughout."""
    error: Fraction = Fraction(0)
    """How far FEEL's value may lie from this one, at most."""
    once: bool = True
    """Whether FEEL's value is this one rounded once, so that two that are equal here are equal there."""
    tame: bool = True
    """Whether FEEL's value is this one where this one is a number of few decimals."""
    size: Fraction = Fraction(0)
    """No value is greater, where `under` says something."""

    def at(self, scale: int) -> Integers:
        """The integers with more decimals."""
        return _times(self.values, 10 ** (scale - self.scale))

    def most(self) -> Fraction:
        """No value is greater."""
        return self.size if self.under is not None else Fraction(top(self.values), 10**self.scale)


def top(values: Integers) -> int:
    """The greatest size."""
    return max(abs(int(values.min())), abs(int(values.max()))) if len(values) else 0


def _times(values: Integers, factor: int) -> Integers:
    if values.dtype == object or abs(factor) >= SMALL or top(values) * abs(factor) >= SMALL:
        return values.astype(object) * factor
    return values * np.int64(factor)


def multiplied(a: Integers, b: Integers | None) -> Integers:
    """Two columns of integers, in 64 bits where these surely do."""
    if b is None:
        return a
    if a.dtype == object or b.dtype == object or top(a) * top(b) >= SMALL:
        return np.asarray(a.astype(object) * b.astype(object))
    return np.asarray(a * b)


def _added(a: Integers, b: Integers, sign: int) -> Integers:
    if a.dtype == object or b.dtype == object or top(a) + top(b) >= SMALL:
        a, b = a.astype(object), b.astype(object)
    return np.asarray(a + sign * b)


def _settled(values: Integers, scale: int, known: Bits, ask: Bits) -> Amounts:
    """The rows whose integers have more digits than FEEL keeps go to the interpreter."""
    values = np.where(known, values, 0)
    if values.dtype == object and top(values) >= MOST:
        long = np.asarray(np.abs(values) >= MOST, np.bool_)
        ask, known = ask | (known & long), known & ~long
        values = np.where(known, values, 0)
    if values.dtype == object and top(values) < SMALL:
        values = values.astype(np.int64)
    return Amounts(values, scale, known, ask & ~known)


def worked(bound: Bound, node: Figure, strict: bool = False) -> Amounts:
    """A figure row for row; `strict` where it matters whether a row is null or not known."""
    below: Callable[[Figure], Amounts] = lambda part: worked(bound, part, strict)  # noqa: E731
    match node:
        case Nothing():
            no = np.zeros(bound.rows, np.bool_)
            return Amounts(np.zeros(bound.rows, np.int64), 0, no, no)
        case Sum(term=term):
            numbers = bound.term(term)
            assert isinstance(numbers, Numbers)
            return Amounts(numbers.values, numbers.scale, numbers.known, ~numbers.known)
        case Product(left=left, right=right):
            return _product(below(left), below(right), *_tens(left), *_tens(right))
        case Quotient(left=left, right=right):
            return _quotient(below(left), below(right))
        case Total(left=left, right=right, sign=sign):
            return _total(below(left), below(right), sign)
        case Extreme(parts=parts, greatest=greatest):
            return _extreme([below(part) for part in parts], greatest)
        case Size(part=part):
            found = below(part)
            return _like(found, np.abs(found.values), found.known, found.ask)
        case Rounded(part=part, way=way, places=places):
            return _rounded(below(part), way, places)
        case Choice(condition=condition, then=then, otherwise=otherwise):
            never = isinstance(otherwise, Nothing) and not strict
            return _chosen(bound, condition, below(then), below(otherwise), never)
        case Scored(coded=coded):
            return _scored(bound, coded)
        case Months(start=start, end=end):
            a, b = below(start), below(end)
            known = a.known & b.known
            months = np.where(known, months_between(a.values, b.values), 0)
            return Amounts(months, 0, known, (a.ask | b.ask) & ~known)
        case Moved(date=part, months=months):
            found = below(part)
            return _like(found, shifted(found.values, months), found.known, found.ask)
        case Member(part=part, name=name):
            found = below(part)
            return _like(found, np.where(found.known, _member(found.values, name), 0), found.known, found.ask)
    raise AssertionError(node)


def _like(found: Amounts, values: Integers, known: Bits, ask: Bits) -> Amounts:
    return replace(found, values=values, known=known, ask=ask)


def _member(values: Integers, name: str) -> Integers:
    if name == "days":
        return values
    if name in ("years", "months"):
        years = np.sign(values) * (np.abs(values) // 12)
        return np.asarray(years if name == "years" else values - 12 * years)
    return date_parts(values)[("year", "month", "day").index(name)]


def _tens(node: Figure) -> tuple[bool]:
    """Whether it is a constant that moves digits only."""
    if not isinstance(node, Sum) or node.term.parts or node.term.kind != "number":
        return (False,)
    return (node.term.constant.normalize().as_tuple().digits == (1,),)


def _exact(*parts: Amounts) -> bool:
    return all(part.under is None and not part.error for part in parts)


def _product(a: Amounts, b: Amounts, a_tens: bool, b_tens: bool) -> Amounts:
    known, ask = a.known & b.known, a.ask | b.ask
    values, scale = multiplied(a.values, b.values), a.scale + b.scale
    if _exact(a, b):
        return _settled(values, scale, known, ask)
    size = a.most() * b.most()
    error = a.most() * b.error + b.most() * a.error + a.error * b.error
    once = (a_tens and b.once) or (b_tens and a.once)
    return Amounts(
        np.where(known, values, 0),
        scale,
        known,
        ask & ~known,
        _unders(a, b),
        error if once else error + size * ULP,
        once,
        once or (a_tens and b.tame) or (b_tens and a.tame),
        size,
    )


def _unders(a: Amounts, b: Amounts) -> Integers | None:
    if a.under is None or b.under is None:
        return a.under if b.under is None else b.under
    return multiplied(a.under, b.under)


def _quotient(a: Amounts, b: Amounts) -> Amounts:
    assert _exact(b)
    scale = max(a.scale, b.scale)
    over, under = a.at(scale), b.at(scale)
    real = under != 0
    both = a.known & b.known
    known = both & real
    over = np.where(known, np.where(under < 0, -over, over), 0)
    under = np.abs(np.where(known, under, 1))
    least = Fraction(int(under[known].min()) if known.any() else 1, 10**scale)
    size = a.most() / least
    return Amounts(
        over,
        0,
        known,
        (a.ask | b.ask) & ~both,
        under if a.under is None else multiplied(a.under, under),
        a.error / least + size * ULP,
        _exact(a),
        _exact(a) and size < TAME,
        size,
    )


def _total(a: Amounts, b: Amounts, sign: int) -> Amounts:
    scale, known, ask = max(a.scale, b.scale), a.known & b.known, a.ask | b.ask
    x, y = a.at(scale), b.at(scale)
    if _exact(a, b):
        return _settled(_added(x, y, sign), scale, known, ask)
    values = np.where(known, _added(multiplied(x, b.under), multiplied(y, a.under), sign), 0)
    size = a.most() + b.most()
    error = a.error + b.error + size * ULP
    # a quotient that is a number of few decimals is not rounded, nor is its sum with such a number
    tame = size < TAME and ((_exact(a) and b.tame) or (_exact(b) and a.tame)) and scale <= FEW
    return Amounts(values, scale, known, ask & ~known, _unders(a, b), error, False, tame, size)


def _aligned(parts: Sequence[Amounts]) -> tuple[list[Integers], list[Integers | None], int]:
    scale = max(part.scale for part in parts)
    ones = np.ones(len(parts[0].values), np.int64)
    unders: list[Integers | None] = [part.under for part in parts]
    if any(under is not None for under in unders):
        unders = [ones if under is None else under for under in unders]
    return [part.at(scale) for part in parts], unders, scale


def _extreme(parts: list[Amounts], greatest: bool) -> Amounts:
    values, unders, scale = _aligned(parts)
    known = np.logical_and.reduce([part.known for part in parts])
    ask = np.logical_or.reduce([part.ask for part in parts])
    best, under = values[0], unders[0]
    for other, below in zip(values[1:], unders[1:], strict=True):
        x, y = multiplied(best, below), multiplied(other, under)
        first = np.asarray(x >= y if greatest else x <= y, np.bool_)
        best = np.where(first, best, other)
        under = None if under is None or below is None else np.where(first, under, below)
    return _joined(parts, best, under, scale, known, ask)


def _joined(
    parts: Sequence[Amounts], values: Integers, under: Integers | None, scale: int, known: Bits, ask: Bits
) -> Amounts:
    """Each row one of the parts."""
    if under is None and all(map(_exact, parts)):
        return _settled(values, scale, known, ask)
    error, size = max(part.error for part in parts), max(part.most() for part in parts)
    once, tame = all(part.once for part in parts), all(part.tame for part in parts)
    return Amounts(np.where(known, values, 0), scale, known, ask & ~known, under, error, once, tame, size)


def _chosen(bound: Bound, condition: Truth, a: Amounts, b: Amounts, never: bool) -> Amounts:
    from wotu.rulebook.columnar.program import holding  # which itself asks for codes, and those for figures

    holds, fails = holding(bound, condition)
    (x, y), (first, second), scale = _aligned([a, b])
    known = (holds & a.known) | (fails & b.known)
    ask = (holds & a.ask) | (fails & b.ask)
    if not never:
        ask |= ~holds & ~fails  # a condition that is null takes the otherwise; one not known may, either way
    under = None if first is None or second is None else np.where(holds, first, second)
    return _joined([a, b], np.where(holds, x, y), under, scale, known, ask)


def _scored(bound: Bound, coded: Coded) -> Amounts:
    from wotu.rulebook.columnar.codes import answers  # which itself asks for figures

    made = answers(bound, coded)
    numbers = [value if isinstance(value, Decimal) and abs(value) < MOST else None for value in made.values]
    scale = max([0, *(-int(n.as_tuple().exponent) for n in numbers if n is not None)])
    ints: Integers = np.asarray([0 if n is None else int(WIDE.scaleb(n, scale)) for n in numbers], object)
    known = np.asarray([n is not None for n in numbers], np.bool_)[made.codes]
    nothing = np.asarray([value is None for value in made.values], np.bool_)[made.codes]
    return _settled(ints[made.codes], scale, known, ~known & ~nothing)


# --- rounding -------------------------------------------------------------------------------------------------------


def _rounded(whole: Amounts, way: str, places: int) -> Amounts:
    if _exact(whole):
        if whole.scale <= places:
            return whole
        values = rounded(whole.values, 10 ** (whole.scale - places), way)
        return Amounts(values, places, whole.known, whole.ask)
    unit = _unit(whole)
    values = _times(whole.values, 10**places)
    rest = values % unit
    twice = 2 * rest if unit.dtype == object or top(unit) < SMALL else 2 * rest.astype(object)
    halves = np.abs(twice - unit)
    near = _within(rest, whole.error, unit, places) | _within(unit - rest, whole.error, unit, places)
    near |= _within(halves, 2 * whole.error, unit, places)
    if whole.tame and places < FEW:
        near &= (rest != 0) & (halves != 0)
    close = whole.known & np.asarray(near, np.bool_)
    known = whole.known & ~close
    return _settled(rounded(values, unit, way), places, known, whole.ask | close)


def _unit(found: Amounts) -> Integers:
    """What `values` are to be divided by."""
    under = np.ones(len(found.values), np.int64) if found.under is None else found.under
    return _times(under, 10**found.scale)


def _within(gaps: Integers, error: Fraction, unit: Integers, places: int) -> Bits:
    """Which gaps (in units of 1 / unit / 10**places) are no greater than the error."""
    error *= 10**places
    if error * top(unit) < 1:
        return np.asarray(gaps == 0, np.bool_)
    return np.asarray(
        np.abs(gaps).astype(object) * error.denominator <= unit.astype(object) * error.numerator, np.bool_
    )


def rounded(values: Integers, unit: int | Integers, way: str) -> Integers:
    """Integers divided by the unit and rounded as FEEL's functions do."""
    if isinstance(unit, int):
        if values.dtype != object and unit >= SMALL:
            values = values.astype(object)
        size: Any = unit if values.dtype == object else np.int64(unit)
    else:
        size = unit
        if values.dtype == object or unit.dtype == object or top(unit) >= SMALL // 2:
            values, size = values.astype(object), unit.astype(object)
    low = values // size
    rest = values - low * size
    twice = 2 * rest
    match way:
        case "floor":
            more = np.zeros(len(values), np.bool_)
        case "ceiling":
            more = rest > 0
        case "down":
            more = (rest > 0) & (values < 0)
        case "up":
            more = (rest > 0) & (values > 0)
        case "half up":
            more = (twice > size) | ((twice == size) & (values > 0))
        case "half down":
            more = (twice > size) | ((twice == size) & (values < 0))
        case _:
            more = (twice > size) | ((twice == size) & (low % 2 != 0))
    return np.asarray(low + more.astype(np.int64))


# --- against constants and each other -------------------------------------------------------------------------------


def against(found: Amounts, cut: Decimal) -> tuple[npt.NDArray[np.int64], Bits]:
    """-1, 0 or 1 as a value is below, at or above the constant, and where that is not sure."""
    places = max(0, -int(cut.as_tuple().exponent))
    number = int(WIDE.scaleb(cut, places))
    unit = _unit(found)
    if found.under is None and not found.error:
        if places <= found.scale:
            return _signs(_less(found.values, number * 10 ** (found.scale - places))), np.zeros(len(unit), np.bool_)
        return _signs(_less(found.at(places), number)), np.zeros(len(unit), np.bool_)
    gaps = _added(_times(found.values, 10**places), _times(unit, number), -1)
    trusted = found.tame and places <= FEW
    return _signs(gaps), _close(gaps, found.known, found.error, unit, places, trusted)


def versus(a: Amounts, b: Amounts) -> tuple[npt.NDArray[np.int64], Bits]:
    """-1, 0 or 1 as one is below, at or above the other, and where that is not sure."""
    (x, y), (first, second), scale = _aligned([a, b])
    gaps = _added(multiplied(x, second), multiplied(y, first), -1)
    unders = np.ones(len(x), np.int64) if first is None else multiplied(first, second)
    unit = _times(unders, 10**scale)
    few = scale <= FEW and ((_exact(a) and b.tame) or (_exact(b) and a.tame))
    return _signs(gaps), _close(gaps, a.known & b.known, a.error + b.error, unit, 0, few or (a.once and b.once))


def _close(gaps: Integers, known: Bits, error: Fraction, unit: Integers, places: int, trusted: bool) -> Bits:
    """Which gaps rounding might close or open; those that are none are `trusted` or not."""
    if not error:
        return np.zeros(len(gaps), np.bool_)
    near = _within(gaps, error, unit, places)
    if trusted:
        near &= np.asarray(gaps != 0, np.bool_)
    return near & known


def _less(values: Integers, number: int) -> Integers:
    if values.dtype != object and abs(number) >= SMALL:
        values = values.astype(object)
    return np.asarray(values - number)


def _signs(gaps: Integers) -> npt.NDArray[np.int64]:
    return np.asarray(gaps > 0, np.bool_).astype(np.int64) - np.asarray(gaps < 0, np.bool_)


__all__ = ["Amounts", "against", "rounded", "versus", "worked"]
