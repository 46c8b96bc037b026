"""What constant tests hold for, as points and intervals."""

from __future__ import annotations

from collections.abc import Sequence

from ..feel import FeelError, Interval, Unknown
from ..feel import tree as t
from ..feel.known import ORDERED, compare, kind_of
from ..feel.literals import literal_value
from ..feel.types import Type
from ..feel.values import Value
from .declared import allowed_of


def spans_of(tests: Sequence[t.Node]) -> list[Value] | None:
    """Points and intervals (as unknowns) that constant tests hold for; None when one of them is anything else."""
    found: list[Value] = []
    for test in tests:
        piece = _span(test)
        if piece is None:
            return None
        found += piece
    return found or None


def _span(test: t.Node) -> list[Value] | None:
    try:
        match test:
            case t.CompareTest(operator=operator, value=value):
                return _beside(operator, literal_value(value))
            case t.ValueTest(value=t.UnaryRange(operator=operator, value=value)):
                return _beside(operator, literal_value(value))
            case t.ValueTest(value=t.RangeLiteral(low=low, high=high, low_closed=left, high_closed=right)):
                if low is None or high is None:
                    return None
                ends = (literal_value(low), literal_value(high))
                kind = kind_of(ends[0])
                if kind not in ORDERED or kind != kind_of(ends[1]) or compare(*ends) > 0:
                    return None
                return [Unknown(Interval(kind, *ends, left, right))]
            case t.ValueTest(value=value):
                point = literal_value(value)
                if isinstance(point, list):
                    return point if all(kind_of(item) in ORDERED for item in point) else None
                return [point] if kind_of(point) in ORDERED or isinstance(point, bool) else None
    except FeelError:
        return None
    return None


def _beside(operator: str, end: Value) -> list[Value] | None:
    kind = kind_of(end)
    if kind not in ORDERED or operator == "!=":
        return None
    if operator == "=":
        return [end]
    closed = operator in ("<=", ">=")
    if operator in ("<", "<="):
        return [Unknown(Interval(kind, None, end, True, closed))]
    return [Unknown(Interval(kind, end, None, closed, True))]


def closed_list(kind: Type | None) -> tuple[str, ...]:
    """The texts a type allows, where they are a closed list; empty otherwise."""
    for allowed in allowed_of(kind):
        points = [] if allowed.tests.negated else spans_of(allowed.tests.tests) or []
        if points and all(isinstance(point, str) for point in points):
            return tuple(points)
    return ()


__all__ = ["closed_list", "spans_of"]
