"""Range functions (DMN 10.3.4.9): how points and ranges lie to each other, after Allen and HL7."""

from __future__ import annotations

from ..known import compare, equal
from ..values import FeelError, Function, Range, Value
from .define import define


def _ends(value: Value) -> tuple[Value, bool, Value, bool]:
    """Start, whether it belongs to it, end, whether it belongs to it; a point is both its ends."""
    if not isinstance(value, Range):
        if value is None:
            raise FeelError("区间函数的参数是 null")
        return value, True, value, True
    if value.operator == "=":
        return value.low, True, value.low, True
    if value.low is None or value.high is None:
        raise FeelError("区间没有端点")
    return value.low, value.low_closed, value.high, value.high_closed


def before(a: Value, b: Value) -> Value:
    _, _, end, end_in = _ends(a)
    start, start_in, _, _ = _ends(b)
    order = compare(end, start)
    return order < 0 or (order == 0 and not (end_in and start_in))


def after(a: Value, b: Value) -> Value:
    return before(b, a)


def meets(a: Range, b: Range) -> Value:
    _, _, end, end_in = _ends(a)
    start, start_in, _, _ = _ends(b)
    return end_in and start_in and compare(end, start) == 0


def met_by(a: Range, b: Range) -> Value:
    return meets(b, a)


def overlaps(a: Range, b: Range) -> Value:
    return not before(a, b) and not after(a, b)


def _starts_before(a: Value, b: Value) -> bool:
    start, start_in, _, _ = _ends(a)
    other, other_in, _, _ = _ends(b)
    order = compare(start, other)
    return order < 0 or (order == 0 and start_in and not other_in)


def _ends_before(a: Value, b: Value) -> bool:
    _, _, end, end_in = _ends(a)
    _, _, other, other_in = _ends(b)
    order = compare(end, other)
    return order < 0 or (order == 0 and not end_in and other_in)


def overlaps_before(a: Range, b: Range) -> Value:
    return _starts_before(a, b) and not before(a, b) and not _ends_before(b, a)


def overlaps_after(a: Range, b: Range) -> Value:
    return (_starts_before(b, a) and not after(a, b) and _ends_before(b, a)) or (
        _starts_before(b, a) and not after(a, b) and not _ends_before(a, b)
    )


def finishes(a: Value, b: Range) -> Value:
    _, _, end, end_in = _ends(a)
    _, _, other, other_in = _ends(b)
    return end_in == other_in and compare(end, other) == 0 and not _starts_before(a, b)


def finished_by(a: Range, b: Value) -> Value:
    return finishes(b, a)


def includes(a: Range, b: Value) -> Value:
    return not _starts_before(b, a) and not _ends_before(a, b)


def during(a: Value, b: Range) -> Value:
    return includes(b, a)


def starts(a: Value, b: Range) -> Value:
    start, start_in, _, _ = _ends(a)
    other, other_in, _, _ = _ends(b)
    return start_in == other_in and compare(start, other) == 0 and not _ends_before(b, a)


def started_by(a: Range, b: Value) -> Value:
    return starts(b, a)


def coincides(a: Value, b: Value) -> Value:
    start, start_in, end, end_in = _ends(a)
    other, other_in, last, last_in = _ends(b)
    return start_in == other_in and end_in == last_in and equal(start, other) and equal(end, last)


def _pair(name: str, function: object, first: str, second: str) -> Function:
    return define(name, f"{first}, {second}", function, result="boolean")  # type: ignore[arg-type]


_ANY = ("any", "any")
_TWO = ("range1: range", "range2: range")
_POINT_RANGE = ("point: any", "range: range")
_RANGE_POINT = ("range: range", "point: any")


def _forms(name: str, function: object, *forms: tuple[str, str]) -> tuple[Function, ...]:
    return tuple(_pair(name, function, *form) for form in forms)


_POINTS = ("point1: any", "point2: any")

FUNCTIONS: tuple[Function, ...] = (
    *_forms("before", before, _TWO, _POINT_RANGE, _RANGE_POINT, _POINTS),
    *_forms("after", after, _TWO, _POINT_RANGE, _RANGE_POINT, _POINTS),
    *_forms("meets", meets, _TWO),
    *_forms("met by", met_by, _TWO),
    *_forms("overlaps", overlaps, _TWO),
    *_forms("overlaps before", overlaps_before, _TWO),
    *_forms("overlaps after", overlaps_after, _TWO),
    *_forms("finishes", finishes, _TWO, _POINT_RANGE),
    *_forms("finished by", finished_by, _TWO, _RANGE_POINT),
    *_forms("includes", includes, _TWO, _RANGE_POINT),
    *_forms("during", during, _TWO, _POINT_RANGE),
    *_forms("starts", starts, _TWO, _POINT_RANGE),
    *_forms("started by", started_by, _TWO, _RANGE_POINT),
    *_forms("coincides", coincides, _TWO, _POINTS),
)
