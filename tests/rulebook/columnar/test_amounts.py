"""Figures of whole columns where integers alone do not tell: quotients rounded to 34 digits, and calendars."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from tests.rulebook.dmn.models import decided, definitions, given
from wotu.rulebook import Rulebook, columnar
from wotu.rulebook.columnar import interpreted
from wotu.rulebook.columnar.amounts import rounded
from wotu.rulebook.columnar.calendar import date_parts, months_between, shifted
from wotu.rulebook.columnar.plan import plan

DAY = date(2026, 1, 1)
EPOCH = date(1970, 1, 1)


def answers(text: str, **columns: list[int | None]) -> list[object]:
    """What a condition on columns of numbers comes to, the same by columns and one by one."""
    inputs = "".join(given(name) for name in columns)
    needs = " ".join(f"in_{name}" for name in columns)
    book = Rulebook.from_bytes(definitions(inputs + decided("够", text, needs, "boolean")))
    assert plan(book).below("够") is None
    rows = pa.table({name: pa.array(values, pa.int64()) for name, values in columns.items()})
    found = columnar.decide(book, rows, ["够"], as_of=DAY)["够"].to_pylist()
    assert found == interpreted.decide(book, rows, ["够"], as_of=DAY)["够"].to_pylist()
    return found


def test_a_third_times_three_is_less_than_one_as_in_feel() -> None:
    assert answers("a / b * 3 >= 1", a=[1, 2, 3], b=[3, 6, 9]) == [False, False, False]
    assert answers("a / b * 100 >= 25", a=[1, 1, None], b=[4, 5, 4]) == [True, False, None]
    assert answers("1 - a / b >= 0.75", a=[1, 1, 1], b=[4, 3, 0]) == [True, False, None]


def test_products_beyond_64_bits_are_exact() -> None:
    most = 2**61
    assert answers("a * b >= 5316911983139663491615228241121378304", a=[most, most - 1], b=[most, most]) == [
        True,
        False,
    ]


def test_what_is_not_known_is_settled_only_where_nothing_can_change_it() -> None:
    assert answers("max(a, b) >= 5", a=[7, 1, None], b=[None, None, 9]) == [True, None, True]
    assert answers("a * a + b > -1 and b > 0", a=[None, None], b=[0, 3]) == [False, None]


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [("2024-02-29", "2025-02-28", 11), ("2024-01-31", "2024-02-29", 0), ("2024-05-15", "2024-03-15", -2)],
)
def test_months_are_whole_ones(start: str, end: str, months: int) -> None:
    days = [np.asarray([(date.fromisoformat(text) - EPOCH).days]) for text in (start, end)]
    assert months_between(*days).tolist() == [months]


def test_a_month_on_is_that_months_last_day_where_it_is_shorter() -> None:
    days = np.asarray([(date(2024, 1, 31) - EPOCH).days, (date(1969, 12, 31) - EPOCH).days])
    assert [part.tolist() for part in date_parts(shifted(days, 1))] == [[2024, 1970], [2, 1], [29, 31]]


def test_rounding_by_a_column_is_that_of_each_row() -> None:
    values, units = np.asarray([5, 5, -5, 7]), np.asarray([2, 3, 2, 2])
    assert rounded(values, units, "half even").tolist() == [2, 2, -2, 4]
    assert rounded(values, units, "up").tolist() == [3, 2, -3, 4]
    assert Decimal(rounded(values, units, "floor").tolist()[2]) == -3
