"""Whatever rule an officer writes and whatever stands in the table, the plan answers as the interpreter does."""

from __future__ import annotations

from datetime import date
from random import Random

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wotu.rulebook import Rulebook
from wotu.rulebook.columnar import compiled, interpreted

from .random_rules import rule, table

DAY = date(2026, 4, 1)


def differences(book: Rulebook, rows: pa.Table) -> list[tuple[str, int, object, object]]:
    """Column, row, the interpreter's and the plan's answer, where they differ."""
    [slow] = interpreted.screen([book], rows, as_of=DAY).rules
    [fast] = compiled.screen([book], rows, as_of=DAY).rules
    assert slow.table.schema == fast.table.schema
    found = []
    for name in slow.table.column_names:
        pairs = zip(slow.table[name].to_pylist(), fast.table[name].to_pylist(), strict=True)
        found += [(name, place, a, b) for place, (a, b) in enumerate(pairs) if a != b]
    return found


@settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_any_rule_over_any_table(random: Random) -> None:
    text, book = rule(random)
    assert differences(book, table(random, 40)) == [], text
