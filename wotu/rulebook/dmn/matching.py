"""Which rows of a decision table a value meets, column by column, as sets of rows in the bits of a number.

With an unknown value a column's possibilities are cut where its cells' constants are, so that each piece meets or misses
every constant cell. Where all cells are constants of one ordered kind, the answer of every piece is known beforehand.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import cmp_to_key

from ..feel import Choices, Env, FeelError, Interval, Unknown, truths
from ..feel import tree as t
from ..feel.known import compare, kind_of, same
from ..feel.values import Date, DaysDuration, Value, YearsDuration
from .spans import spans_of

Test = Callable[[Env, Value], Value]
Way = tuple[int, int]
"""The rows surely met, and those possibly met (the sure ones among them)."""
ORDERED = (Decimal, str, Date, DaysDuration, YearsDuration)
"""Kinds whose Python order is FEEL's."""


MOST_BITS = 256_000_000
"""Rows times constants of a column that is looked up; beyond, every row is tried."""


class Column:
    """One column of conditions: a test for each row, None where any value will do."""

    def __init__(self, cells: Sequence[t.Node], tests: Sequence[Test | None]) -> None:
        self.tests = [(row, test) for row, test in enumerate(tests) if test is not None]
        self.free = sum(1 << row for row, test in enumerate(tests) if test is None)
        self.constant = True
        read: list[tuple[int, bool, list[Value]]] = []
        """Of each row that is nothing but constants: whether it is negated, its points and intervals."""
        found: list[Value] = []
        for row, _ in self.tests:
            cell = cells[row]
            for test in cell.tests if isinstance(cell, t.UnaryTests) else ():
                pieces = spans_of((test,))
                self.constant = self.constant and pieces is not None
                read.append((row, isinstance(cell, t.UnaryTests) and cell.negated, pieces or []))
                found += [end for piece in pieces or () for end in _ends(piece)]
        self.cuts = _apart(found)
        """Every constant that a cell compares with."""
        kinds = {type(cut) for cut in self.cuts}
        self.kind = kinds.pop() if self.constant and len(kinds) == 1 else None
        self.points: list[Value] = []
        self.line: list[Way] = []
        """Below the first constant, at it, between it and the second, …, above the last."""
        if self.kind in ORDERED and len(self.cuts) * len(cells) <= MOST_BITS:
            self._look_ahead(read)

    def _look_ahead(self, read: Sequence[tuple[int, bool, list[Value]]]) -> None:
        """The rows met at each constant, and between each two: where each row begins and ends to be met, then along the line."""
        self.points = sorted(self.cuts)
        self.name = kind_of(self.points[0])
        size = 2 * len(self.points) + 1
        stretches: dict[int, list[tuple[int, int]]] = {}
        negated: set[int] = set()
        for row, negates, pieces in read:
            stretches.setdefault(row, []).extend(self._span(piece, size) for piece in pieces)
            if negates:
                negated.add(row)
        turns = [0] * (size + 1)
        for row, spans in stretches.items():
            bit = 1 << row
            if row in negated:
                turns[0] ^= bit
                turns[size] ^= bit
            last = 0
            for start, end in sorted(spans):
                if end > last:
                    turns[max(start, last)] ^= bit
                    turns[end] ^= bit
                    last = end
        now = self.free
        for turn in turns[:size]:
            now ^= turn
            self.line.append((now, now))
        self.null = self.way(None, Env({}))

    def _span(self, piece: Value, size: int) -> tuple[int, int]:
        """The places along the line that a point or interval takes, the end excluded."""
        if type(piece) is not Unknown:
            place = self.place(piece)
            return place, place + 1
        assert isinstance(piece.possible, Interval)
        first, last = self._ends_of(piece.possible, size)
        return first, max(first, last + 1)

    def _ends_of(self, span: Interval, size: int) -> tuple[int, int]:
        """The first and the last place along the line that an interval takes."""
        first = 0 if span.low is None else self.place(span.low, 0 if span.low_closed else 1)
        last = size - 1 if span.high is None else self.place(span.high, 0 if span.high_closed else -1)
        return first, last

    def place(self, value: Value, inwards: int = 0) -> int:
        """Where on the line a value stands; one further when it stands at a constant that is excluded."""
        found = bisect_left(self.points, value)
        at = found < len(self.points) and self.points[found] == value
        return 2 * found + 1 + inwards if at else 2 * found

    def stretch(self, span: Interval) -> list[Way]:
        """The ways along an interval."""
        first, last = self._ends_of(span, len(self.line))
        return self.line[first : last + 1]

    def way(self, value: Value, env: Env) -> Way:
        """The rows that one value, or one piece of what is possible, meets."""
        sure = possible = self.free
        for row, test in self.tests:
            truth = test(env, value)
            if truth is True:
                sure |= 1 << row
                possible |= 1 << row
            elif type(truth) is Unknown and True in truths(truth):
                possible |= 1 << row
                if len(truths(truth)) == 1:
                    sure |= 1 << row
        return sure, possible

    def ways(self, value: Value, env: Env) -> list[Way]:
        """Every way the column can turn out for the value, each once."""
        if not self.tests:
            return [(self.free, self.free)]
        if self.line:
            if type(value) is self.kind:
                return [self.line[self.place(value)]]
            if type(value) is Unknown and isinstance(value.possible, Interval) and value.possible.kind == self.name:
                found = self.stretch(value.possible)
                return list(dict.fromkeys([*found, self.null] if value.or_null else found))
        if type(value) is not Unknown:
            return [self.way(value, env)]
        return list(dict.fromkeys(self.way(piece, env) for piece in self.pieces(value)))

    def pieces(self, value: Unknown) -> list[Value]:
        """The ways the value can turn out that the cuts tell apart."""
        possible = value.possible
        if isinstance(possible, Choices):
            return list(possible.values)
        if not isinstance(possible, Interval):
            return [value]
        points = [cut for cut in self.cuts if kind_of(cut) == possible.kind]
        try:
            points.sort(key=cmp_to_key(compare))
            found = _split(possible, points)
        except FeelError:
            return [value]
        return [*found, None] if value.or_null else found


def merged(ways: Sequence[Way]) -> Way:
    """All ways as one: what every one is sure of, what any one allows."""
    sure, possible = ways[0]
    for other_sure, other_possible in ways[1:]:
        sure &= other_sure
        possible |= other_possible
    return sure, possible


def _ends(piece: Value) -> list[Value]:
    """The constants that a point or interval is made of."""
    if type(piece) is not Unknown:
        return [piece]
    assert isinstance(piece.possible, Interval)
    return [end for end in (piece.possible.low, piece.possible.high) if end is not None]


def _apart(values: Iterable[Value]) -> list[Value]:
    """The values without those that are the same as an earlier one."""
    found: list[Value] = []
    seen: set[tuple[type, Value]] = set()
    for value in values:
        if isinstance(value, ORDERED) or type(value) is bool:
            if (type(value), value) not in seen:
                seen.add((type(value), value))
                found.append(value)
        elif not any(same(value, other) for other in found):
            found.append(value)
    return found


def _split(span: Interval, points: Sequence[Value]) -> list[Value]:
    found: list[Value] = []
    low, low_closed = span.low, span.low_closed
    for point in points:
        if low is not None:
            order = compare(point, low)
            if order < 0 or (order == 0 and not low_closed):
                continue
            if order == 0:
                found.append(point)
                low_closed = False
                continue
        if span.high is not None:
            order = compare(point, span.high)
            if order > 0 or (order == 0 and not span.high_closed):
                break
        found.append(Unknown(Interval(span.kind, low, point, low_closed, False)))
        found.append(point)
        low, low_closed = point, False
    if low is None or span.high is None or compare(low, span.high) < 0 or (low_closed and span.high_closed):
        found.append(Unknown(Interval(span.kind, low, span.high, low_closed, span.high_closed)))
    return found
