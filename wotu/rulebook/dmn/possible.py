"""What an input not given can still be: its type's values, narrowed to the allowed ones."""

from __future__ import annotations

from ..feel import UNKNOWN, Choices, Interval, Unknown, choices, join, truths
from ..feel.known import ORDERED, compare, kind_of
from ..feel.types import BOOLEAN, Constrained, ContextOf, Simple, Type
from ..feel.values import Value
from .declared import Allowed


def unknown_of(kind: Type | None) -> Value:
    """An unknown of the type: an interval or a choice where its allowed values say so; a structure is unknown by entry."""
    if isinstance(kind, Constrained):
        inner = unknown_of(kind.base)
        return narrowed(inner, kind.allows) if isinstance(kind.allows, Allowed) else inner
    if kind == BOOLEAN:
        return choices((True, False))
    if isinstance(kind, Simple) and kind.name in ORDERED:
        return Unknown(Interval(kind.name))
    if isinstance(kind, ContextOf) and kind.fields:
        return {name: unknown_of(below) for name, below in kind.fields}
    return UNKNOWN


def narrowed(value: Value, allowed: Allowed) -> Value:
    """The unknown without what the tests surely refuse; as it was when they cannot be read as points and intervals."""
    if type(value) is not Unknown:
        return value
    if isinstance(value.possible, Choices):
        kept = [item for item in value.possible.values if True in truths(allowed(item))]
        return choices(kept) if kept else value
    from .spans import spans_of  # which looks into trees; most inputs have no allowed values

    pieces = None if allowed.tests.negated else spans_of(allowed.tests.tests)
    if pieces is None:
        return value
    if not isinstance(value.possible, Interval):
        return value if value.possible is not None else join(pieces)
    met = [cut for piece in pieces if (cut := _cut(piece, value.possible)) is not None]
    return join(met) if met else value


def _cut(piece: Value, span: Interval) -> Value | None:
    """The part of a piece that lies in the span; None when there is none."""
    if type(piece) is not Unknown:
        inside = _Ends(Interval(kind_of(piece), piece, piece)).meet(span)
        return piece if inside is not None else None
    assert isinstance(piece.possible, Interval)
    found = _Ends(piece.possible).meet(span)
    return None if found is None else Unknown(found)


class _Ends:
    """An interval to be met with another."""

    def __init__(self, span: Interval) -> None:
        self.span = span

    def meet(self, other: Interval) -> Interval | None:
        """What lies in both; None when nothing does."""
        mine = self.span
        if mine.kind != other.kind:
            return None
        low, low_closed = mine.low, mine.low_closed
        if other.low is not None and (low is None or (order := compare(other.low, low)) > 0):
            low, low_closed = other.low, other.low_closed
        elif other.low is not None and order == 0:
            low_closed = low_closed and other.low_closed
        high, high_closed = mine.high, mine.high_closed
        if other.high is not None and (high is None or (order := compare(other.high, high)) < 0):
            high, high_closed = other.high, other.high_closed
        elif other.high is not None and order == 0:
            high_closed = high_closed and other.high_closed
        if low is not None and high is not None:
            order = compare(low, high)
            if order > 0 or (order == 0 and not (low_closed and high_closed)):
                return None
        return Interval(mine.kind, low, high, low_closed, high_closed)


__all__ = ["narrowed", "unknown_of"]
