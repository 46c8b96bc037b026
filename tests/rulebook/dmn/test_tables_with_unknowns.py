"""Random decision tables of every hit policy: completing unknown conditions changes no answer."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.rulebook.feel.unknowns import INPUTS, admits
from wotu.rulebook.dmn import model as m
from wotu.rulebook.dmn.boxed import Maker
from wotu.rulebook.dmn.reader import AGGREGATIONS, HIT_POLICIES
from wotu.rulebook.dmn.table import compile_table
from wotu.rulebook.dmn.types import Types
from wotu.rulebook.feel import Env, Run, Scope, has_unknown

COLUMNS = {
    "score": ("-", "< 5", "[0..5)", "[5..10]", ">= 5", "3, 5, 7", "not(5)", "< m", "10", "(2..8)", "null"),
    "s": ("-", '"a"', '"b", "新材料"', 'not("a")', '"z"', "t"),
    "b": ("-", "true", "false", "not(true)"),
    "maybe": ("-", "<= 0", "> 0", "null", "[1..3]", "n", "? > 1"),
    "e": ("-", '< date("2024-06-30")', '>= date("2024-06-30")', '[date("2024-02-01")..date("2024-03-01")]'),
}
OUTPUTS = ("1", "2", "3", "5", "n", "score + 1", "null")
SCOPE = Scope(dict.fromkeys(INPUTS))
COMPLETE = st.fixed_dictionaries({name: values for name, (_, values) in INPUTS.items()})


def literal(text: str) -> m.Literal:
    return m.Literal(text=text)


def table(chance: Random, policy: str, aggregation: str) -> m.DecisionTable:
    """A table of one to three conditions, one or two results and up to six rows."""
    columns = chance.sample(list(COLUMNS), chance.randint(1, 3))
    results = 1 if aggregation else chance.randint(1, 2)
    rows = [
        m.TableRule(
            inputs=tuple(m.UnaryTests(text=chance.choice(COLUMNS[name])) for name in columns),
            outputs=tuple(literal(chance.choice(OUTPUTS)) for _ in range(results)),
        )
        for _ in range(chance.randint(1, 6))
    ]
    order = m.UnaryTests(text="5, 3, 2, 1")
    default = literal(chance.choice(OUTPUTS)) if chance.random() < 0.3 else None
    values = m.UnaryTests(text="[0..9]") if chance.random() < 0.2 else None
    return m.DecisionTable(
        hit_policy=policy,
        aggregation=aggregation,
        inputs=tuple(
            m.InputClause(expression=literal(name), values=values if name == "score" else None) for name in columns
        ),
        outputs=tuple(m.OutputClause(name=f"out{place}", values=order, default=default) for place in range(results)),
        rules=tuple(rows),
    )


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**40), COMPLETE, st.sets(st.sampled_from(list(INPUTS))))
def test_completing_the_conditions_changes_no_answer(seed: int, known: dict[str, Any], told: set[str]) -> None:
    chance = Random(seed)
    before = {name: known[name] if name in told else unknown for name, (unknown, _) in INPUTS.items()}
    for policy, aggregation in [
        *((policy, "") for policy in HIT_POLICIES),
        *(("COLLECT", each) for each in AGGREGATIONS),
    ]:
        box = table(chance, policy, aggregation)
        maker = Maker("table", Types("table", (), {}), "表")
        run = compile_table(box, SCOPE, maker).run
        assert maker.findings == []
        answer, outcome = run(Env(before, run=Run())), run(Env(dict(known), run=Run()))

        assert admits(answer, outcome), f"{box} was {answer}, but is {outcome}"
        if told == set(INPUTS):
            assert not has_unknown(answer)
