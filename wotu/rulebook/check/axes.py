"""What a column of a decision table can be, cut into parts that no cell tells apart: points, stretches between, null.

A part has a sample: a value in it. Numbers and texts are dense, dates and durations are not, so a stretch between two
days that follow each other is no part. Cells that look at anything but the column's value are opaque: they may hold anywhere.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from functools import cmp_to_key
from itertools import pairwise
from typing import Any, Literal

from ..dmn.spans import spans_of
from ..feel import Choices, Env, FeelError, Interval, Unknown, has_unknown
from ..feel import tree as t
from ..feel.known import ORDERED, compare, kind_of, same
from ..feel.literals import literal_value
from ..feel.temporal import DAY, clock_nanos, date_of, day_number, instant, time_at
from ..feel.values import MATH, NANOS, Date, DateTime, DaysDuration, Time, Value, YearsDuration, Zone

Test = Callable[[Env, Value], Value]


@dataclass(frozen=True, slots=True)
class Part:
    """A point, a stretch strictly between two ends (None: unbounded), or the rest: whatever no cell names."""

    sample: Value
    shape: Literal["point", "stretch", "rest"] = "point"
    low: Value = None
    high: Value = None


@dataclass(frozen=True)
class Axis:
    """One expression under test: its parts, and for each rule the parts where it surely and where it possibly holds."""

    node: t.Node
    parts: tuple[Part, ...]
    sure: tuple[int, ...]
    possible: tuple[int, ...]

    @property
    def full(self) -> int:
        """All parts."""
        return (1 << len(self.parts)) - 1

    @property
    def null(self) -> int:
        """The part that is null, where there is one."""
        return sum(1 << place for place, part in enumerate(self.parts) if part == Part(None))

    def of(self, bits: int) -> tuple[Part, ...]:
        """The parts in a set."""
        return tuple(part for place, part in enumerate(self.parts) if bits >> place & 1)


# --- where cells cut ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cuts:
    """The constants that a test compares with; `ordered` where it asks for more or less, not only for the same."""

    points: tuple[Value, ...] = ()
    ordered: bool = False

    def __add__(self, other: Cuts) -> Cuts:
        return Cuts(self.points + other.points, self.ordered or other.ordered)


def cuts_of(cell: t.Node) -> Cuts | None:
    """Where a cell cuts its axis; None when it looks at more than constants."""
    tests = cell.tests if isinstance(cell, t.UnaryTests) else (cell,)
    found = Cuts()
    for test in tests:
        one = _cuts(test)
        if one is None:
            return None
        found += one
    return found


def _cuts(test: t.Node) -> Cuts | None:
    pieces = spans_of((test,))
    if pieces is not None:
        return sum((_ends(piece) for piece in pieces), Cuts())
    match test:
        case t.AnyTest() | t.NullLiteral() | t.BooleanLiteral():
            return Cuts()
        case t.CompareTest(operator=operator, value=value):
            return _constant(value, operator not in ("=", "!="))
        case t.ValueTest(value=value):
            return _cuts(value) if _about(value) else _constant(value, False)
        case t.And(left=left, right=right) | t.Or(left=left, right=right):
            return _both(_cuts(left), _cuts(right))
        case t.Comparison(operator=operator, left=t.Name(name="?"), right=value):
            return _constant(value, operator not in ("=", "!="))
        case t.Comparison(operator=operator, left=value, right=t.Name(name="?")):
            return _constant(value, operator not in ("=", "!="))
        case t.Between(value=t.Name(name="?"), low=low, high=high):
            return _both(_constant(low, True), _constant(high, True))
        case t.In(value=t.Name(name="?"), tests=tests) if not any(map(_about, tests)):
            return cuts_of(t.UnaryTests(tests))
        case t.Call(function=t.Name(name="not"), arguments=(inner,)) if _about(inner):
            return _cuts(inner)
    return None


def _about(node: t.Node) -> bool:
    return any(isinstance(part, t.Name) and part.name == "?" for part in t.walk(node))


def _both(a: Cuts | None, b: Cuts | None) -> Cuts | None:
    return None if a is None or b is None else a + b


def _ends(piece: Value) -> Cuts:
    if type(piece) is not Unknown:
        return Cuts((piece,))
    assert isinstance(piece.possible, Interval)
    return Cuts(tuple(end for end in (piece.possible.low, piece.possible.high) if end is not None), True)


def _constant(node: t.Node, ordered: bool) -> Cuts | None:
    try:
        value = literal_value(node)
    except FeelError:
        return None
    values = value if isinstance(value, list) else [value]
    if not all(item is None or isinstance(item, bool) or kind_of(item) in ORDERED for item in values):
        return None
    return Cuts(tuple(item for item in values if item is not None), ordered)


# --- cutting --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its cells by rule, each with its test, and its own list of values (None: any)."""

    cells: Sequence[t.Node]
    tests: Sequence[Test]
    values: tuple[t.Node, Test] | None = None


def axis(node: t.Node, domain: Value, columns: Sequence[Column]) -> Axis:
    """The axis of an expression whose value lies in `domain`, for the columns that put it to the test.

    What is not in a column's own list of values is no part.
    """
    env = Env({})
    found = [[cuts_of(cell) for cell in column.cells] for column in columns]
    cuts = sum((one for cells in found for one in cells if one is not None), Cuts())
    lists = [column.values for column in columns if column.values is not None]
    cuts = sum((cuts_of(cell) or Cuts() for cell, _ in lists), cuts)
    parts = parts_of(domain, cuts)
    blurred = [Part(None, "rest")] == parts
    parts = [part for part in parts if all(holds(env, part.sample) is not False for _, holds in lists) or blurred]
    full = (1 << len(parts)) - 1
    along = _Along.over(parts)
    sure: list[int] = []
    possible: list[int] = []
    for rule in range(len(columns[0].cells) if columns else 0):
        held = may = full
        for column, clear in zip(columns, found, strict=True):
            if is_any(column.cells[rule]):
                continue
            if clear[rule] is None or blurred:
                held = 0
                continue
            bits = along.of(column.cells[rule]) if along is not None else None
            if bits is None:
                test = column.tests[rule]
                bits = sum(1 << at for at, part in enumerate(parts) if test(env, part.sample) is True)
            held, may = held & bits, may & bits
        sure.append(held)
        possible.append(may)
    return Axis(node, tuple(parts), tuple(sure), tuple(possible))


class _Along:
    """A line of parts, on which an interval is found by its ends instead of by trying every part."""

    KINDS = frozenset(("number", "date", "days and time duration", "years and months duration"))
    """Kinds of which equal and neither less nor more are the same."""

    def __init__(self, kind: str, samples: list[Value]) -> None:
        self.kind = kind
        self.keys = [cmp_to_key(compare)(sample) for sample in samples]

    @classmethod
    def over(cls, parts: Sequence[Part]) -> _Along | None:
        """None where the parts are no line."""
        samples = [part.sample for part in parts if part.sample is not None]
        kinds = {kind_of(sample) for sample in samples}
        if len(kinds) != 1 or not kinds <= cls.KINDS or any(part.shape == "rest" for part in parts):
            return None
        found = cls(kinds.pop(), samples)
        return found if all(a < b for a, b in pairwise(found.keys)) else None

    def of(self, cell: t.Node) -> int | None:
        """The parts in which a cell of constants holds; None where it must be tried."""
        if not isinstance(cell, t.UnaryTests) or cell.negated:
            return None
        pieces = spans_of(cell.tests)
        if pieces is None:
            return None
        found = 0
        for piece in pieces:
            span = piece.possible if type(piece) is Unknown else Interval(kind_of(piece), piece, piece)
            if not isinstance(span, Interval) or span.kind != self.kind:
                return None
            first, last = 0, len(self.keys)
            if span.low is not None:
                first = (bisect_left if span.low_closed else bisect_right)(self.keys, cmp_to_key(compare)(span.low))
            if span.high is not None:
                last = (bisect_right if span.high_closed else bisect_left)(self.keys, cmp_to_key(compare)(span.high))
            found |= (1 << max(first, last)) - (1 << first)
        return found


def is_any(cell: t.Node) -> bool:
    """Whether the cell holds for everything."""
    tests = cell.tests if isinstance(cell, t.UnaryTests) and not cell.negated else (cell,)
    return any(isinstance(test, t.AnyTest) for test in tests)


def parts_of(domain: Value, cuts: Cuts) -> list[Part]:
    """A domain cut at these constants."""
    if has_unknown(domain) and type(domain) is not Unknown:
        return [Part(None, "rest")]
    if type(domain) is not Unknown:
        return [Part(domain)]
    possible = domain.possible
    if isinstance(possible, Choices):
        return [Part(value) for value in possible.values]
    points = [point for place, point in enumerate(cuts.points) if not any(same(point, p) for p in cuts.points[:place])]
    if not isinstance(possible, Interval):
        kinds = {kind_of(point) for point in points}
        if kinds == {"boolean"}:
            return [Part(True), Part(False)]
        if len(kinds) != 1:
            return [*([] if cuts.ordered else map(Part, points)), Part(None, "rest")]
        possible = Interval(kinds.pop())
    points = [point for point in points if kind_of(point) == possible.kind and _in(point, possible)]
    if possible.kind == "string" and not cuts.ordered and possible.low is None and possible.high is None:
        sample = "其他"
        while sample in points:
            sample += "…"
        found = [*map(Part, points), Part(sample, "rest")]
    else:
        found = _line(possible, points)
    return [*found, Part(None)] if domain.or_null else found


def _in(point: Value, span: Interval) -> bool:
    try:
        above = span.low is None or (order := compare(point, span.low)) > 0 or (order == 0 and span.low_closed)
        below = span.high is None or (order := compare(point, span.high)) < 0 or (order == 0 and span.high_closed)
    except FeelError:
        return False
    return above and below


def _line(span: Interval, points: list[Value]) -> list[Part]:
    """Points and what lies between them, from one end of the span to the other."""
    if span.low is not None and span.low_closed:
        points = [*points, span.low]
    if span.high is not None and span.high_closed:
        points = [*points, span.high]
    try:
        points = sorted(points, key=cmp_to_key(compare))
    except FeelError:  # with and without time zone: there is no order among them
        return [Part(point) for point in points] or [Part(None, "rest")]
    points = [point for place, point in enumerate(points) if not place or compare(points[place - 1], point)]
    found: list[Part] = []
    low = span.low
    for point in points:
        found += [*_stretch(span.kind, low, point), Part(point)]
        low = point
    return [*found, *_stretch(span.kind, low, span.high)]


def _stretch(kind: str, low: Value, high: Value) -> list[Part]:
    sample = between(kind, low, high)
    return [] if sample is None else [Part(sample, "stretch", low, high)]


# --- a value between ------------------------------------------------------------------------------------------------


def between(kind: str, low: Value, high: Value) -> Value:
    """A plain value strictly between two ends (None: unbounded); None when there is none."""
    if low is not None and high is not None and compare(low, high) >= 0:
        return None
    match kind:
        case "number":
            return _number(low, high)
        case "string":
            return _text(low, high)
        case "date":
            first, last = _with(day_number, low), _with(day_number, high)
            return _with(date_of, _whole(first, last, _DAY_ZERO))
        case "days and time duration":
            nanos = _rounded(_with(_nanos, low), _with(_nanos, high), (DAY, 3600 * NANOS, NANOS))
            return _with(DaysDuration, nanos)
        case "years and months duration":
            return _with(YearsDuration, _rounded(_with(_months, low), _with(_months, high), (12,)))
        case "time":
            return _time(low, high)
        case "date and time":
            return _moment(low, high)
    return None


def _with(make: Callable[[Any], Any], value: Any) -> Any:
    """What is made of a value; None of None."""
    return None if value is None else make(value)


def _nanos(value: DaysDuration) -> int:
    return value.nanos


def _months(value: YearsDuration) -> int:
    return value.months


_DAY_ZERO = day_number(Date(2024, 6, 30))


def _number(low: Decimal | None, high: Decimal | None) -> Decimal | None:
    if low is None and high is None:
        return Decimal(0)
    if low is None or high is None:
        end = high if low is None else low
        assert end is not None
        step = max(Decimal(1), abs(end).scaleb(-1).to_integral_value() if abs(end) < 10**30 else abs(end))
        try:
            found = MATH.subtract(end, step) if low is None else MATH.add(end, step)
        except ArithmeticError:
            return None
        return found if found != end else None
    middle = MATH.divide(MATH.add(low, high), Decimal(2))
    for digits in range(MATH.prec if middle else 0):
        near = middle.quantize(Decimal(1).scaleb(middle.adjusted() - digits), ROUND_FLOOR, MATH)
        if low < near < high:
            return near
    return middle if low < middle < high else None


def _text(low: str | None, high: str | None) -> str | None:
    for found in ((low or "") + "甲", (low or "") + "0", (low or "") + "\x00", "", "0"):
        if (low is None or found > low) and (high is None or found < high):
            return found
    return None


def _whole(low: int | None, high: int | None, usual: int = 0, step: int = 1) -> int | None:
    if low is None or high is None:
        if low is None and high is None:
            return usual
        return low + step if low is not None else (high or 0) - step
    return (low + high) // 2 if high - low > 1 else None


def _rounded(low: int | None, high: int | None, steps: Sequence[int]) -> int | None:
    """A whole number between, on the largest step that has one there."""
    for step in (*steps, 1):
        found = _whole(None if low is None else low // step, None if high is None else -(-high // step), step=1)
        if found is not None and (low is None or found * step > low) and (high is None or found * step < high):
            return found * step
    return None


def _zone(low: Time | None, high: Time | None) -> Zone | None:
    end = low if low is not None else high
    return None if end is None else end.zone


def _time(low: Time | None, high: Time | None) -> Time | None:
    first = -1 if low is None else clock_nanos(low)
    last = DAY if high is None else clock_nanos(high)
    found = _rounded(first, last, (3600 * NANOS, 60 * NANOS, NANOS))
    if found is None:
        return None
    made = time_at(found, _zone(low, high))
    try:
        fits = (low is None or compare(made, low) > 0) and (high is None or compare(made, high) < 0)
    except FeelError:
        return None
    return made if fits else None


def _moment(low: DateTime | None, high: DateTime | None) -> DateTime | None:
    zone = _zone(None if low is None else low.time, None if high is None else high.time)
    shift = 0 if zone is None else (zone.offset or 0) * NANOS
    first, last = _with(instant, low), _with(instant, high)
    found = _rounded(
        None if first is None else first + shift,
        None if last is None else last + shift,
        (DAY, 3600 * NANOS, 60 * NANOS, NANOS),
    )
    if found is None:
        return None
    if low is None and high is None:
        found = _DAY_ZERO * DAY
    made = DateTime(date_of(found // DAY), time_at(found % DAY, zone))
    try:
        fits = (low is None or compare(made, low) > 0) and (high is None or compare(made, high) < 0)
    except FeelError:
        return None
    return made if fits else None
