"""UNKNOWN: a value that exists but is not known, with what is still possible. Sound: completing it changes no answer.

Everything here over-approximates: a possibility may be listed that cannot happen, none that can is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

from . import known
from .known import ORDERED, compare, kind_of
from .values import FeelError, Range

Value = Any


@dataclass(frozen=True, slots=True)
class Interval:
    """Every value of one ordered kind ("number", "string", "date", …) between two ends; an end of None is unbounded."""

    kind: str
    low: Value = None
    high: Value = None
    low_closed: bool = True
    high_closed: bool = True


@dataclass(frozen=True, slots=True)
class Choices:
    """One of these values (null may be among them)."""

    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Sublist:
    """A list of these items in this order, of which those not `sure` may be missing."""

    items: tuple[Value, ...]
    sure: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value not known: any at all (`possible` None, null included), in an interval (or null if `or_null`), a choice…"""

    possible: Interval | Choices | Sublist | None = None
    or_null: bool = False


UNKNOWN = Unknown()
FEW = 64
"""No more possibilities than this are listed or tried one by one."""

TRUTH = (True, False, None)


# --- what is possible -----------------------------------------------------------------------------------------------


def choices(values: Iterable[Value]) -> Value:
    """Unknown among these values; the value itself when they are all the same."""
    distinct: list[Value] = []
    for value in values:
        if not any(_identical(value, other) for other in distinct):
            distinct.append(value)
    if len(distinct) == 1:
        return distinct[0]
    return Unknown(Choices(tuple(distinct)))


def _identical(left: Value, right: Value) -> bool:
    """No operation of FEEL can tell the two apart."""
    if type(left) is not type(right):
        return False
    if isinstance(left, list):
        return len(left) == len(right) and all(map(_identical, left, right))
    if isinstance(left, dict):
        return list(left) == list(right) and all(_identical(value, right[key]) for key, value in left.items())
    if isinstance(left, Range):
        return _identical(
            [left.low, left.high, left.low_closed, left.high_closed, left.operator],
            [right.low, right.high, right.low_closed, right.high_closed, right.operator],
        )
    return bool(left == right)


def interval(kind: str, low: Value, high: Value, low_closed: bool, high_closed: bool, or_null: bool) -> Value:
    """An unknown of that kind between two ends; the value itself when only one is left."""
    if low is not None and high is not None and low_closed and high_closed and compare(low, high) == 0:
        if not or_null and _identical(low, high):
            return low
        if _identical(low, high):
            return choices((low, None))
    return Unknown(Interval(kind, low, high, low_closed, high_closed), or_null)


def join(values: Iterable[Value]) -> Value:
    """What is possible when any of these may turn out; the same value on every way is that value."""
    points: list[Value] = []
    spans: list[Interval] = []
    nested: list[Value] = []
    or_null = False
    every = list(values)
    if len(every) == 1:
        return every[0]
    for value in every:
        if type(value) is not Unknown:
            (nested if has_unknown(value) else points).append(value)
        elif value.possible is None:
            return UNKNOWN
        elif type(value.possible) is Choices:
            points.extend(value.possible.values)
        elif type(value.possible) is Interval:
            spans.append(value.possible)
            or_null = or_null or value.or_null
        else:
            nested.append(value)
    if nested:
        return _join_nested(nested + points + [Unknown(span, or_null) for span in spans])
    if not spans:
        found = choices(points)
        if type(found) is not Unknown or len(found.possible.values) <= FEW:  # type: ignore[union-attr]
            return found
    return _hull(points, spans, or_null)


def _hull(points: Sequence[Value], spans: Sequence[Interval], or_null: bool) -> Value:
    """The interval around points and intervals of one kind; UNKNOWN when they are of several."""
    or_null = or_null or any(point is None for point in points)
    ends = [*spans, *(Interval(kind_of(point), point, point) for point in points if point is not None)]
    kinds = {end.kind for end in ends}
    if len(kinds) != 1 or not kinds <= ORDERED:
        return UNKNOWN
    found = ends[0]
    try:
        for end in ends[1:]:
            low, low_closed = _lower(found, end)
            high, high_closed = _higher(found, end)
            found = Interval(found.kind, low, high, low_closed, high_closed)
    except FeelError:
        return UNKNOWN
    return Unknown(found, or_null)


def _lower(left: Interval, right: Interval) -> tuple[Value, bool]:
    if left.low is None or right.low is None:
        return None, True
    order = compare(left.low, right.low)
    if order == 0:
        return left.low, left.low_closed or right.low_closed
    return (left.low, left.low_closed) if order < 0 else (right.low, right.low_closed)


def _higher(left: Interval, right: Interval) -> tuple[Value, bool]:
    if left.high is None or right.high is None:
        return None, True
    order = compare(left.high, right.high)
    if order == 0:
        return left.high, left.high_closed or right.high_closed
    return (left.high, left.high_closed) if order > 0 else (right.high, right.high_closed)


def _join_nested(values: list[Value]) -> Value:
    """Lists of one length item by item, contexts of the same entries entry by entry; UNKNOWN otherwise."""
    first = values[0]
    if all(type(value) is list and len(value) == len(first) for value in values):
        return [join(items) for items in zip(*values, strict=True)]
    if all(type(value) is dict and list(value) == list(first) for value in values):
        return {key: join([value[key] for value in values]) for key in first}
    return UNKNOWN


def has_unknown(value: Value) -> bool:
    """Whether anything in the value, however deep, is unknown."""
    kind = type(value)
    if kind is Unknown:
        return True
    if kind is list:
        return any(map(has_unknown, value))
    if kind is dict:
        return any(map(has_unknown, value.values()))
    if kind is Range:
        return has_unknown(value.low) or has_unknown(value.high)
    return False


def possible_values(value: Value, few: int = FEW) -> tuple[Value, ...] | None:
    """Every value it can turn out to be, when they are few; a known value alone is itself; None when not countable."""
    kind = type(value)
    if kind is Unknown:
        possible = value.possible
        if type(possible) is Choices:
            return possible.values if len(possible.values) <= few else None
        if type(possible) is Sublist:
            return _sublists(possible, few)
        return None
    if kind is list or kind is dict:
        parts = value if kind is list else value.values()
        if not any(map(has_unknown, parts)):
            return (value,)
        found = combinations(parts, few)
        if found is None:
            return None
        return tuple(list(items) if kind is list else dict(zip(value, items, strict=True)) for items in found)
    if kind is Range and has_unknown(value):
        found = combinations((value.low, value.high), few)
        if found is None:
            return None
        return tuple(Range(low, high, value.low_closed, value.high_closed, value.operator) for low, high in found)
    return (value,)


def combinations(values: Iterable[Value], few: int = FEW) -> list[tuple[Value, ...]] | None:
    """Every way the values can turn out together, when there are few."""
    sets: list[tuple[Value, ...]] = []
    size = 1
    for value in values:
        found = possible_values(value, few)
        if found is None or (size := size * len(found)) > few:
            return None
        sets.append(found)
    return list(product(*sets))


def _sublists(possible: Sublist, few: int) -> tuple[Value, ...] | None:
    maybe = possible.sure.count(False)
    if maybe > 6 or 2**maybe > few:
        return None
    found: list[Value] = [[]]
    for item, sure in zip(possible.items, possible.sure, strict=True):
        options = possible_values(item, few)
        if options is None:
            return None
        found = [*([] if sure else found), *([*start, option] for start in found for option in options)]
        if len(found) > few:
            return None
    return tuple(found)


def lift(function: Callable[..., Value], *operands: Value, otherwise: Value = UNKNOWN) -> Value:
    """The function tried on every way the operands can turn out, when few; null where it fails; `otherwise` when many."""
    ways = combinations(operands)
    return otherwise if ways is None else join([attempt(function, way) for way in ways])


def attempt(function: Callable[..., Value], operands: Sequence[Value]) -> Value:
    """The function's value; null where it fails."""
    try:
        return function(*operands)
    except FeelError:
        return None


def as_interval(value: Value) -> tuple[Interval, bool] | None:
    """The interval around what is possible, and whether null is too; None when it is not of one ordered kind."""
    if type(value) is not Unknown:
        kind = kind_of(value)
        return (Interval(kind, value, value), False) if kind in ORDERED else None
    possible = value.possible
    if type(possible) is Interval:
        return possible, value.or_null
    if type(possible) is Choices:
        if all(point is None for point in possible.values):
            return None
        around = _hull(possible.values, (), False)
        if type(around) is Unknown and type(around.possible) is Interval:
            return around.possible, around.or_null
    return None


# --- truth ----------------------------------------------------------------------------------------------------------


def truths(value: Value) -> tuple[bool | None, ...]:
    """Which of true, false and null a condition can turn out to be; what is not boolean counts as null."""
    if value is True or value is False:
        return (value,)
    if type(value) is not Unknown:
        return (None,)
    if type(value.possible) is Choices:
        found = {item if item is True or item is False else None for item in value.possible.values}
        return tuple(item for item in TRUTH if item in found)
    return (None,) if type(value.possible) in (Interval, Sublist) else TRUTH


def both(left: Value, right: Value) -> Value:
    """`left and right`, three-valued; unknowns by what they can turn out to be."""
    return _both(truths(left), truths(right))


def either(left: Value, right: Value) -> Value:
    """`left or right`, three-valued; unknowns by what they can turn out to be."""
    return _either(truths(left), truths(right))


@cache
def _both(left: tuple[bool | None, ...], right: tuple[bool | None, ...]) -> Value:
    return choices(False if a is False or b is False else (True if a and b else None) for a in left for b in right)


@cache
def _either(left: tuple[bool | None, ...], right: tuple[bool | None, ...]) -> Value:
    return choices(True if a or b else (False if a is False and b is False else None) for a in left for b in right)


def negation(value: Value) -> Value:
    """`not(value)`, three-valued."""
    return choices(None if truth is None else not truth for truth in truths(value))


# --- comparison -----------------------------------------------------------------------------------------------------

ANY_TRUTH = Unknown(Choices(TRUTH))
TRUE_OR_FALSE = Unknown(Choices((True, False)))


def equals(left: Value, right: Value) -> Value:
    """`left = right` with unknowns; FeelError when it can only be null."""
    if type(left) is not Unknown and type(right) is not Unknown:
        if not has_unknown(left) and not has_unknown(right):
            return known.equal(left, right)
        return _equal_parts(left, right)
    ways = combinations((left, right))
    if ways is not None:
        return join([attempt(known.equal, way) for way in ways])
    if left is None or right is None:
        other = right if left is None else left
        if type(other.possible) is Sublist:
            return False
        return False if type(other.possible) is Interval and not other.or_null else TRUE_OR_FALSE
    a, b = as_interval(left), as_interval(right)
    if a is None or b is None:
        return ANY_TRUTH
    (first, first_null), (second, second_null) = a, b
    answers: list[bool | None] = []
    if first.kind != second.kind:
        answers.append(None)
    elif first.kind in ("time", "date and time"):
        answers += [True, False]
    else:
        answers += [False, True] if _meet(first, second) else [False]
    if first_null or second_null:
        answers.append(False)
        if first_null and second_null:
            answers.append(True)
    return choices(answers)


def _meet(first: Interval, second: Interval) -> bool:
    """Whether a value can be in both."""
    return _reaches(first, second, strict=False) and _reaches(second, first, strict=False)


def _reaches(first: Interval, second: Interval, *, strict: bool) -> bool:
    """Whether something in the first can be below (or, unless strict, at) something in the second."""
    if first.low is None or second.high is None:
        return True
    order = compare(first.low, second.high)
    return order < 0 or (order == 0 and not strict and first.low_closed and second.high_closed)


def _equal_parts(left: Value, right: Value) -> Value:
    """Equality of lists, contexts and ranges that hold unknowns."""
    if type(left) is not type(right):
        if left is None or right is None:
            return False
        raise FeelError(f"不能比较 {kind_of(left)} 与 {kind_of(right)}")
    if isinstance(left, list):
        pairs = list(zip(left, right, strict=False)) if len(left) == len(right) else None
    elif isinstance(left, dict):
        pairs = [(value, right[key]) for key, value in left.items()] if left.keys() == right.keys() else None
    else:
        pairs = [(left.low, right.low), (left.high, right.high)]
        if (left.low_closed, left.high_closed, left.operator) != (right.low_closed, right.high_closed, right.operator):
            pairs = None
    if pairs is None:
        return False
    answers: Value = True
    for a, b in pairs:
        answers = both(answers, choices(bool(truth) for truth in truths(_try_equals(a, b))))
        if answers is False:
            return False
    return answers


def _try_equals(left: Value, right: Value) -> Value:
    try:
        return equals(left, right)
    except FeelError:
        return None


def relates(operator: str, left: Value, right: Value) -> Value:
    """Any of the six comparisons with unknowns; FeelError when it can only be null."""
    if operator == "=":
        return equals(left, right)
    if operator == "!=":
        return negation(equals(left, right))
    if type(left) is not Unknown and type(right) is not Unknown:
        return known.relate(operator, left, right)
    ways = combinations((left, right))
    if ways is not None:
        return join([attempt(known.relate, (operator, *way)) for way in ways])
    for side in (left, right):
        if type(side) is not Unknown and kind_of(side) not in ORDERED:
            raise FeelError(f"{kind_of(side)} 没有大小")
    if operator in (">", ">="):
        operator, left, right = "<" if operator == ">" else "<=", right, left
    a, b = as_interval(left), as_interval(right)
    if a is None or b is None:
        return ANY_TRUTH
    (first, first_null), (second, second_null) = a, b
    if first.kind != second.kind:
        return None
    answers: list[bool | None] = [None] if first_null or second_null else []
    if first.kind in ("time", "date and time") and not (_anchored(first) and _anchored(second)):
        answers.append(None)
    try:
        if _reaches(first, second, strict=operator == "<"):
            answers.append(True)
        if _reaches(second, first, strict=operator == "<="):
            answers.append(False)
    except FeelError:
        answers = list(TRUTH)
    return choices(answers)


def _anchored(span: Interval) -> bool:
    """An end says whether the times in between have zones."""
    return span.low is not None or span.high is not None


def inside(value: Value, span: Value) -> Value:
    """Whether the range holds the value, with unknowns in either."""
    if type(span) is Unknown:
        return lift(inside_known, value, span, otherwise=ANY_TRUTH)
    if span.operator:
        end = span.high if span.operator in ("<", "<=") else span.low
        return relates(span.operator, value, end)
    if span.low is None or span.high is None:
        return None
    return both(
        _try_relates(">=" if span.low_closed else ">", value, span.low),
        _try_relates("<=" if span.high_closed else "<", value, span.high),
    )


def inside_known(value: Value, span: Value) -> Value:
    if not isinstance(span, Range):
        raise FeelError("不是区间")
    return known.in_range(value, span)


def _try_relates(operator: str, left: Value, right: Value) -> Value:
    try:
        return relates(operator, left, right)
    except FeelError:
        return None
