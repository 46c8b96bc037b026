"""Rows with something not known, answered where two ways it may turn out to be answer otherwise.

The interpreter is sound: what it says for sure of a row stays, whatever the unknown values turn out to be. So where two
values that a column may have lead to different answers, it cannot be sure, and need not be asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from wotu.rulebook.columnar.bind import Bound, Rows
from wotu.rulebook.columnar.terms import View
from wotu.rulebook.dmn.given import Refused
from wotu.rulebook.feel import UNKNOWN

Bits = npt.NDArray[np.bool_]
NUMBERS = [Decimal(number) for number in (10**12, 10**9, 10**6, 1000, 100, 10, 3, 2, 1, "0.5", 0)]
DATES = [date(2200, 1, 1), date(2100, 1, 1), date(2000, 1, 1), date(1900, 1, 1)]
WAYS = ((1, 1), (0, 0), (0, 1), (1, 0), (2, 2), (3, 3))
"""Which of four values columns take that are not known, one after the other."""


def lacking(bound: Bound, views: Sequence[View]) -> Bits:
    """The rows where a column of numbers or dates is not known."""
    found = np.zeros(bound.rows, np.bool_)
    for view in views:
        numbers = bound.numbers(view)
        found |= ~numbers.known & ~numbers.odd
    return found


def completed(bound: Bound, views: Sequence[View], way: int) -> Bound:
    """The table with something it may be in place of each value that is not known."""
    columns = {name: bound.table[name] for name in bound.table.column_names}
    for place, view in enumerate(views):
        gaps = ~bound.numbers(view).known & ~bound.numbers(view).odd
        if gaps.any():
            value = _tried(view, bound.column(view).type)[WAYS[way][place % 2]]
            if value is not None:
                columns[view.name] = pc.if_else(pa.array(gaps), value, bound.column(view))
    return Bound(pa.table(columns))


def some(bound: Bound, columns: Sequence[str], rows: Rows) -> Bound:
    """A few rows of a few columns."""
    return Bound(bound.table.select(list(columns)).take(pa.array(rows)))


@lru_cache(maxsize=10_000)
def _tried(view: View, kind: pa.DataType) -> tuple[Any, ...]:
    """The least, the greatest, one in between and the one nearest 0 of what the column may have; None where none fits."""
    tried: list[Any] = DATES if view.base == "date" else [*NUMBERS, *(-number for number in reversed(NUMBERS))]
    read, found = view.reader(), []
    for value in tried:
        try:
            read(value, UNKNOWN)
            found.append((value, pa.scalar(value).cast(kind)))
        except (Refused, pa.ArrowInvalid, pa.ArrowNotImplementedError):
            continue
    if not found:
        return None, None, None, None
    values = [each for _, each in found]
    if view.base == "date":
        return values[-1], values[0], values[len(values) // 2], values[0]
    one = min(found, key=lambda each: abs(each[0] - 1))[1]
    return values[-1], values[0], one, min(found, key=lambda each: abs(each[0]))[1]
