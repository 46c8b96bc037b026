"""Which numbers and dates of a column the allowed values of its type let pass."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from wotu.rulebook.columnar.algebra import as_value, of_value
from wotu.rulebook.columnar.bind import LIMIT, WIDE, Bits, Numbers, above, at_least
from wotu.rulebook.columnar.terms import Kind, View
from wotu.rulebook.dmn.declared import Allowed
from wotu.rulebook.dmn.spans import spans_of
from wotu.rulebook.feel import Interval, Unknown, Value, truths

Span = tuple[Decimal | None, bool, Decimal | None, bool]
"""The ends of an interval, None where there is none, each with whether it is closed."""


def admitted(test: Allowed, numbers: Numbers, view: View) -> Bits | None:
    """Which known rows an allowed-values test lets pass; None where all that is known does."""
    pieces = None if test.tests.negated else spans_of(test.tests.tests)
    kind: Kind = "number" if view.base == "number" else "date"
    spans = None if pieces is None else [ends(piece, kind) for piece in pieces]
    if spans is not None and all(span is not None for span in spans):
        passed = np.zeros(numbers.rows, np.bool_)
        for span in spans:
            assert span is not None
            if _within(span, numbers):
                return None
            low, low_closed, high, high_closed = span
            inside = np.ones_like(passed)
            if low is not None:
                inside &= numbers.at_least(low) if low_closed else numbers.above(low)
            if high is not None:
                inside &= ~(numbers.above(high) if high_closed else numbers.at_least(high))
            passed |= inside
        return passed
    distinct, back = np.unique(numbers.values, return_inverse=True)
    exact = (WIDE.scaleb(Decimal(int(each)), -numbers.scale) for each in distinct)
    found = [True in truths(test(as_value(kind, each))) for each in exact]
    return np.asarray(found, np.bool_)[back] if found else np.zeros(0, np.bool_)


def _within(span: Span, numbers: Numbers) -> bool:
    """Whether all that is known lies in an interval."""
    low, low_closed, high, high_closed = span
    least = -LIMIT if low is None else (at_least if low_closed else above)(low, numbers.scale)
    beyond = LIMIT if high is None else (above if high_closed else at_least)(high, numbers.scale)
    return least <= numbers.least and numbers.most < beyond


def ends(piece: Value, kind: Kind) -> Span | None:
    """The ends of a point or an interval as a term's numbers."""
    if not isinstance(piece, Unknown):
        point = of_value(piece)
        return None if point is None or point.kind != kind else (point.constant, True, point.constant, True)
    possible = piece.possible
    if not isinstance(possible, Interval):
        return None
    low = None if possible.low is None else of_value(possible.low)
    high = None if possible.high is None else of_value(possible.high)
    for end, there in ((low, possible.low), (high, possible.high)):
        if there is not None and (end is None or end.kind != kind):
            return None
    return (
        None if low is None else low.constant,
        possible.low_closed,
        None if high is None else high.constant,
        possible.high_closed,
    )
