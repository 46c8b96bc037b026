"""A screened table says, row by row, what evaluating and explaining that row says."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wotu.rulebook import Rulebook, columnar
from wotu.rulebook.columnar.interpreted import plainly
from wotu.rulebook.columnar.outcomes import CLAUSE, VALUE
from wotu.rulebook.rulebook import InputInfo

from .plausible import BOOKS, IDS, rows

TYPES = {"number": pa.decimal128(38, 12), "boolean": pa.bool_(), "date": pa.date32(), "string": pa.string()}


def table(inputs: tuple[InputInfo, ...], given: list[dict[str, Any]]) -> pa.Table:
    return pa.table({i.name: pa.array([row[i.name] for row in given], TYPES[i.base]) for i in inputs})


def expected(book: Rulebook, row: dict[str, Any]) -> dict[str, Any]:
    admitted, _ = columnar.admissible(book, row)
    values, told = book.evaluate(admitted).values, book.explain(admitted)
    near = told.near_miss
    gap = near.distance if near else None
    found: dict[str, Any] = {
        "eligible": told.eligible,
        "near": near.clause if near else None,
        "distance": plainly(gap.amount, columnar.NUMBER) if gap else None,
        "distance_unit": gap.unit if gap else None,
        "distance_text": gap.text if gap else None,
    }
    for clause in book.clauses:
        value = values[clause.decision]
        found[CLAUSE + clause.decision] = value if isinstance(value, bool) else None
    for info in book.decisions:
        if info.role == "outcome":
            value = values[info.name]
            found[VALUE + info.name] = value if isinstance(value, bool | str | Decimal) else None
    return found


@pytest.mark.parametrize("book", BOOKS, ids=IDS)
def test_a_row_of_a_table_is_answered_like_the_enterprise_alone(book: Rulebook) -> None:
    @settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(rows(book), min_size=1, max_size=8))
    def check(given_rows: list[dict[str, Any]]) -> None:
        [outcome] = columnar.screen([book], table(book.inputs, given_rows), as_of=date(2026, 4, 1)).rules
        for row, answered in zip(given_rows, outcome.table.to_pylist(), strict=True):
            settles = answered.pop("settles")
            assert answered == expected(book, row)
            assert settles is None or (answered["eligible"] is None and answered[CLAUSE + settles] is None)

    check()


@pytest.mark.parametrize("book", BOOKS, ids=IDS)
def test_the_clause_that_settles_an_open_row_settles_it_either_way(book: Rulebook) -> None:
    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(rows(book))
    def check(row: dict[str, Any]) -> None:
        [outcome] = columnar.screen([book], table(book.inputs, [row]), as_of=date(2026, 4, 1)).rules
        [settles] = outcome.table["settles"].to_pylist()
        if settles is None:
            return
        admitted, _ = columnar.admissible(book, row)
        told = book.explain(admitted)
        clause = next(reason for reason in told.clauses if reason.name == settles)
        assert clause.state == "unknown"
        assert {item.name for item in told.unknown_inputs} == set(clause.missing)

    check()
