"""Whatever an unknown turns out to be, an answer given before still holds, and what it turns out to be was possible."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wotu.rulebook.feel import Env, LimitError, Run, Scope, compile_expression, has_unknown, parse

from .unknowns import INPUTS, admits, expression

SCOPE = Scope(dict.fromkeys(INPUTS))
COMPLETE = st.fixed_dictionaries({name: values for name, (_, values) in INPUTS.items()})
SEVERAL = 8
"""Expressions tried on each set of values."""


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**40), st.integers(1, 4), COMPLETE, st.sets(st.sampled_from(list(INPUTS))))
def test_completing_the_unknowns_changes_no_answer(
    seed: int, depth: int, known: dict[str, Any], told: set[str]
) -> None:
    before = {name: known[name] if name in told else unknown for name, (unknown, _) in INPUTS.items()}
    chance = Random(seed)
    for _ in range(SEVERAL):
        text = expression(chance.choice(["NUMBER", "TRUTH", "TRUTH", "TEXT", "LIST"]), chance, depth)
        run = compile_expression(parse(text, SCOPE), SCOPE)
        try:
            answer, outcome = run(Env(before, run=Run())), run(Env(dict(known), run=Run()))
        except LimitError:
            continue

        assert admits(answer, outcome), f"{text} was {answer}, but is {outcome}"


def test_an_answer_is_given_where_every_possibility_agrees() -> None:
    cases = {
        "score + 1 > 0": True,
        "score > 10": False,
        "m >= 0 or n > 3": True,
        "if b then 5 else 5": None,
        "(if b then 5 else 7) >= 5": True,
        's in ("a", "b", "新材料")': True,
        "score between -1 and 11": True,
        "count([n, m, score]) = 3": True,
        "e.year = 2024": True,
        'e - date("2023-12-31") > duration("P0D")': True,
        "max(score, 10) = 10": True,
        "sum([score, m]) >= 0": True,
        "b and false": False,
    }
    unknown = {name: start for name, (start, _) in INPUTS.items()}
    for text, wanted in cases.items():
        answer = compile_expression(parse(text, SCOPE), SCOPE)(Env(unknown, run=Run()))
        assert not has_unknown(answer), f"{text} is {answer}"
        if wanted is not None:
            assert answer is wanted, f"{text} is {answer}"
