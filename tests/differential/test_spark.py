"""Random rules over random tables: a cluster, one machine and the interpreter give the same answers, to the last amount."""

from __future__ import annotations

import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.on_spark import result, spark  # noqa: F401 - a fixture
from wotu.rulebook.columnar import interpreted
from wotu.rulebook.columnar.bind import WIDE
from wotu.rulebook.columnar.library import Chosen, library
from wotu.rulebook.columnar.outcomes import CUT, HELD
from wotu.rulebook.columnar.runner import Job
from wotu.rulebook.columnar.runner import screen as screen_here
from wotu.rulebook.findings import RulebookError

from .random_rules import rule, table

pytestmark = [pytest.mark.spark, pytest.mark.slow]
DAY = date(2026, 4, 1)
EXAMPLES, RULES, ROWS = 6, 6, 120


def test_a_cluster_one_machine_and_the_interpreter_agree(spark: Any) -> None:  # noqa: F811 - the fixture
    from wotu.rulebook.columnar.spark import SUMMED
    from wotu.rulebook.columnar.spark import screen as screen_there

    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.generate],
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )  # a failing example takes seconds: it is not made smaller
    @given(st.randoms(use_true_random=False))
    def agree(random: Random) -> None:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            (folder / "rules").mkdir()
            for number in range(RULES):
                (folder / "rules" / f"{number}.dmn").write_text(rule(random)[0], encoding="utf-8")
            whole = _written(random, folder / "table")
            rules = library(folder / "rules", DAY)
            job = Job(rules, folder / "table", folder / "here", DAY, 2, 2**30, unfit="unknown", distances=True)
            there = str(folder / "there")
            try:
                screen_here(job)
            except RulebookError:  # an amount of more digits than can be summed: refused there as here
                with pytest.raises(RulebookError, match="没法准确合计"):
                    screen_there(spark, rules, str(folder / "table"), there, DAY, unfit="unknown", distances=True)
                return
            here = result(folder / "here")
            if any(abs(each["amount"]) * ROWS >= Decimal(10) ** SUMMED for each in here["amounts"]):
                return  # whether a total fits the cluster's numbers depends on how its blocks fall
            screen_there(spark, rules, str(folder / "table"), there, DAY, unfit="unknown", distances=True)
            assert result(folder / "there") == {**here, "amounts": [_held(each) for each in here["amounts"]]}
            for number, chosen in enumerate(rules.rules):
                _is_the_interpreters(chosen, number, whole, here)

    agree()


def _written(random: Random, folder: Path) -> pa.Table:
    """A table in files and row groups of various sizes."""
    whole = table(random, ROWS)
    whole = whole.append_column("id", pa.array(random.sample(range(10**6), ROWS)))
    folder.mkdir()
    start = 0
    for number in range(3):
        end = ROWS if number == 2 else random.randint(start, ROWS)
        pq.write_table(
            whole.slice(start, end - start), folder / f"{number}.parquet", row_group_size=random.randint(1, 60)
        )
        start = end
    return whole


def _is_the_interpreters(chosen: Chosen, number: int, whole: pa.Table, found: dict[str, Any]) -> None:
    """A rule's result row by row against evaluating each row alone."""
    [alone] = interpreted.screen([chosen.book], whole, as_of=DAY).rules
    rows = dict(enumerate(alone.table.to_pylist()))
    planes = {side: found["planes"][number, side] for side in ("eligible", "not", "one_short")}
    assert planes["eligible"] == {place for place, row in rows.items() if row["eligible"] is True}
    assert planes["not"] == {place for place, row in rows.items() if row["eligible"] is False}
    assert planes["one_short"] == {place for place, row in rows.items() if row["near"] is not None}
    near = [each for each in found["near"] if each["rule"] == number]
    assert [each["row"] for each in near] == sorted(planes["one_short"])
    for each in near:  # which of several alternatives is lacking is not said; whatever is said is right
        row = rows[each["row"]]
        told = (row["near"], row["distance"], row["distance_unit"])
        assert each["clause"] is None or (each["clause"], each["distance"], each["unit"]) == told
    paid = {each["row"]: each["amount"] for each in found["amounts"] if each["rule"] == number}
    owed = {place: _amount(chosen, whole, place) for place in planes["eligible"]}
    assert paid == {place: amount for place, amount in owed.items() if amount is not None}
    for clause in (each for each in found["clauses"] if each["rule"] == number):
        states = [_state(chosen, whole, place, row, clause["clause"]) for place, row in rows.items()]
        counted = (states.count(True), states.count(False), states.count(None))
        assert (clause["met"], clause["unmet"], clause["unknown"]) == counted


def _held(paid: dict[str, Any]) -> dict[str, Any]:
    """An amount as a cluster's result has it: empty where it has more digits than Spark's numbers."""
    return {**paid, "amount": paid["amount"] if abs(paid["amount"]) < Decimal(10) ** HELD else None}


def _state(chosen: Chosen, whole: pa.Table, place: int, row: dict[str, Any], clause: str) -> Any:
    """Whether a row meets a clause; a group that is not marked as one is asked about by itself."""
    if f"条款:{clause}" in row:
        return row[f"条款:{clause}"]
    value = _value(chosen, whole, place, clause)
    return value if isinstance(value, bool) else None


def _amount(chosen: Chosen, whole: pa.Table, place: int) -> Any:
    value = None if chosen.amount is None else _value(chosen, whole, place, chosen.amount)
    return value.quantize(CUT, context=WIDE) if isinstance(value, Decimal) else None


def _value(chosen: Chosen, whole: pa.Table, place: int, decision: str) -> Any:
    [row] = whole.select([entry.name for entry in chosen.book.inputs]).slice(place, 1).to_pylist()
    return chosen.book.evaluate(interpreted.admissible(chosen.book, row)[0], decisions=(decision,)).values[decision]
