"""Arithmetic with unknowns: on every way they can turn out when few, else on the intervals around them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from . import known
from .known import ORDERED, kind_of
from .unknown import UNKNOWN, Interval, Unknown, as_interval, attempt, combinations, interval, join, lift
from .values import MATH, FeelError

Value = Any

GREATEST = Decimal("9.999999999999999999999999999999999E+6144")
LEAST = Decimal("1E-6176")
NO_LESS, NO_MORE = GREATEST.copy_negate(), LEAST.copy_negate()
"""The ends of the number line, and the negative number next to 0; a plain minus sign would round them."""
_DURATIONS = ("days and time duration", "years and months duration")


def calculate(operator: str, left: Value, right: Value) -> Value:
    """`left operator right` with unknowns; FeelError when it can only be null."""
    ways = combinations((left, right), 256)
    if ways is not None:
        return join([attempt(known.ARITHMETIC[operator], way) for way in ways])
    for side in (left, right):
        if type(side) is not Unknown and kind_of(side) not in ORDERED:
            raise FeelError(f"{kind_of(side)} 不能计算")
    a, b = as_interval(left), as_interval(right)
    if a is None or b is None:
        return UNKNOWN
    (first, first_null), (second, second_null) = a, b
    or_null = first_null or second_null
    if first.kind == second.kind == "number":
        return NUMERIC[operator](first, second, or_null)
    return _calculate_others(operator, first, second, or_null)


def _ends(span: Interval) -> tuple[Decimal, Decimal]:
    return (NO_LESS if span.low is None else span.low), (GREATEST if span.high is None else span.high)


def _around(corners: Iterable[tuple[Callable[..., Decimal], Decimal, Decimal]], or_null: bool) -> Value:
    """The number interval around the corners, in which rounding is monotone; null too where a corner overflows."""
    low: Decimal | None = GREATEST
    high: Decimal | None = NO_LESS
    for operation, a, b in corners:
        try:
            value = known.number(operation, a, b)
        except FeelError:
            or_null = True
            below = (a < 0) != (b < 0) if operation in (MATH.multiply, MATH.divide) else a < 0
            if below:
                low = None
            else:
                high = None
            continue
        low = None if low is None or value <= NO_LESS else min(low, value)
        high = None if high is None or value >= GREATEST else max(high, value)
    if low is not None and high is not None and low > high:
        return None
    return interval("number", low, high, True, True, or_null)


def _add(first: Interval, second: Interval, or_null: bool) -> Value:
    (a, b), (c, d) = _ends(first), _ends(second)
    return _around([(MATH.add, a, c), (MATH.add, b, d)], or_null)


def _subtract(first: Interval, second: Interval, or_null: bool) -> Value:
    return _add(first, _mirror(second), or_null)


def _mirror(span: Interval) -> Interval:
    low = None if span.high is None else known.negate(span.high)
    high = None if span.low is None else known.negate(span.low)
    return Interval(span.kind, low, high, span.high_closed, span.low_closed)


def _multiply(first: Interval, second: Interval, or_null: bool) -> Value:
    return _around([(MATH.multiply, x, y) for x in _ends(first) for y in _ends(second)], or_null)


def _divide(first: Interval, second: Interval, or_null: bool) -> Value:
    low, high = _ends(second)
    parts: list[tuple[Decimal, Decimal]] = []
    if low < 0:
        parts.append((low, min(high, NO_MORE)))
    if high > 0:
        parts.append((max(low, LEAST), high))
    or_null = or_null or (low < 0 < high) or (low == 0 and second.low_closed) or (high == 0 and second.high_closed)
    if not parts:
        return None
    return _around([(MATH.divide, x, y) for part in parts for x in _ends(first) for y in part], or_null)


def _power(first: Interval, second: Interval, or_null: bool) -> Value:
    low = Decimal(0) if first.low is not None and first.low >= 0 else None
    return Unknown(Interval("number", low, None), True)


NUMERIC: dict[str, Callable[[Interval, Interval, bool], Value]] = {
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "/": _divide,
    "**": _power,
}


def _calculate_others(operator: str, first: Interval, second: Interval, or_null: bool) -> Value:
    """Dates and durations, by their ends: addition and subtraction are monotone; the rest is any value of its kind."""
    kinds = (first.kind, second.kind)
    if kinds == ("string", "string") and operator == "+":
        return Unknown(Interval("string"), True)
    if not {"date", *_DURATIONS} & set(kinds):
        return UNKNOWN if {"time", "date and time"} & set(kinds) else None
    if operator not in ("+", "-") or {"time", "date and time", "number", "string"} & set(kinds):
        return UNKNOWN
    operation = known.ARITHMETIC[operator]
    against = (second.high, second.low) if operator == "-" else (second.low, second.high)
    ends: list[Value] = []
    for a, b in zip((first.low, first.high), against, strict=True):
        if a is None or b is None:
            ends.append(None)
            or_null = True
            continue
        try:
            ends.append(operation(a, b))
        except FeelError:
            return UNKNOWN
    kind = next((kind_of(end) for end in ends if end is not None), None)
    if kind is None:
        return UNKNOWN
    return interval(kind, ends[0], ends[1], True, True, or_null)


def opposite(operand: Unknown) -> Value:
    """`-operand`"""
    if type(operand.possible) is Interval:
        if operand.possible.kind not in ("number", *_DURATIONS):
            return None
        return Unknown(_mirror(operand.possible), operand.or_null)
    return lift(known.negate, operand)
