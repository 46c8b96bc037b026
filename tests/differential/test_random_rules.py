"""Whatever rule an officer writes and whatever stands in the table, the plan answers as the interpreter does."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.rulebook.dmn.models import decided, definitions
from tests.rulebook.dmn.models import given as given_
from wotu.rulebook import Rulebook
from wotu.rulebook.columnar import compiled, interpreted

from .random_rules import rule, table

DAY = date(2026, 4, 1)
MARK = "<extensionElements><wotu:{}/></extensionElements>"


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


def test_a_clause_that_no_allowed_value_meets_has_a_distance_only_where_the_value_is_known() -> None:
    share = "<itemDefinition name='率'><typeRef>number</typeRef><allowedValues><text>(0..10)</text></allowedValues></itemDefinition>"
    clause = decided("够", "率 >= 10", "in_率", "boolean").replace("<variable", MARK.format("clause") + "<variable", 1)
    goal = decided("符合", "够", "d_够", "boolean").replace("<variable", MARK.format("eligible") + "<variable", 1)
    book = Rulebook.from_bytes(definitions(share + given_("率", "率") + clause + goal))
    rows = pa.table({"率": pa.array([Decimal(4), None, Decimal(0), Decimal("9.5")], pa.decimal128(8, 2))})

    assert differences(book, rows) == []
    [found] = compiled.screen([book], rows, as_of=DAY).rules
    assert found.table["near"].to_pylist() == ["够"] * 4
    assert found.table["distance"].to_pylist() == [6, None, None, Decimal("0.5")]
