"""The quick way through a rule answers as the interpreter does: the same values to the digit, the same reasons for nulls."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any, Literal
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.rulebook.feel.unknowns import expression
from wotu.rulebook import Rulebook, RulebookError
from wotu.rulebook.feel import UNKNOWN
from wotu.rulebook.feel.values import Date
from wotu.rulebook.rulebook import _remarks

from .random_rules import MODEL, TYPES, cell, rule

Null = Literal["unknown", "feel"]
KINDS = {
    "n": "number", "m": "Tm", "score": "Tscore", "open": "number", "few": "number", "maybe": "number", "x": "Any",
    "b": "boolean", "b2": "boolean", "s": "Ts", "t": "string", "d": "date", "e": "date",
}  # fmt: skip
"""The inputs of random FEEL (see tests/rulebook/feel/unknowns.py), typed."""
RESULTS = {"NUMBER": "number", "TRUTH": "boolean", "TEXT": "string", "DATE": "date", "LIST": "", "SPAN": ""}


def answers(book: Rulebook, inputs: dict[str, Any], null: Null, long_way: bool) -> Any:
    """Values and reasons, or what is refused."""
    try:
        if not long_way:
            found = book.evaluate(inputs, null=null)
            return {name: repr(value) for name, value in found.values.items()}, found.diagnostics
        values, interpreter, _ = book._interpreted(book._plan(None), inputs, None if null == "feel" else UNKNOWN, None)
    except RulebookError as refused:
        return str(refused)
    remarks = _remarks(book.network.texts, interpreter.owners, interpreter.noted)
    return {name: repr(value) for name, value in values.items()}, remarks


def quick(book: Rulebook) -> bool:
    """Make the quick way, as evaluating a few times does; whether there is one."""
    plan = book._plan(None)
    while plan.asked < 3:
        book._quick(plan)
    return plan.quick is not None


def hold(book: Rulebook, inputs: dict[str, Any], null: Null) -> None:
    assert answers(book, inputs, null, False) == answers(book, inputs, null, True), inputs


def given_as(random: Random, value: Any) -> Any:
    """A value as one caller or another may give it."""
    if isinstance(value, Decimal):
        usual = [value, value, float(value), *([int(value)] if value == int(value) else [])]
        return random.choice([*usual, *([str(value)] if random.random() < 0.05 else [])])
    if isinstance(value, Date):
        value = date(value.year, value.month, value.day)
    if isinstance(value, date):
        return random.choice([value, value.isoformat(), Date(value.year, value.month, value.day), f" {value} "])
    return value


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**40))
def test_rules_as_officers_write_them(seed: int) -> None:
    random = Random(seed)
    _, book = rule(random)
    assert quick(book)
    for gaps in (0.0, 0.0, 0.0, 0.1, 0.5):
        row = {name: given_as(random, cell(random, name, gaps)) for name in TYPES}
        hold(book, row, random.choice(["unknown", "feel"]))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**40))
def test_any_feel_at_all(seed: int) -> None:
    random = Random(seed)
    decisions: list[str] = []
    for place in range(4):
        kind = random.choice([*RESULTS, "NUMBER", "TRUTH"])
        text = expression(kind, random, random.randint(1, 3))
        earlier = "".join(
            f'<informationRequirement><requiredDecision href="#d{n}"/></informationRequirement>' for n in range(place)
        )
        for name in "nbsd":  # now and then an earlier decision in the place of an input
            if place and random.random() < 0.3:
                text = re.sub(rf"\b{name}\b", f"D{random.randrange(place)}", text)
        declared = RESULTS[kind] if random.random() < 0.7 else ""
        typed = f' typeRef="{declared}"' if declared else ""
        inputs = "".join(
            f'<informationRequirement><requiredInput href="#{n}"/></informationRequirement>' for n in KINDS
        )
        box = f"<literalExpression><text>{escape(text)}</text></literalExpression>"
        decisions.append(
            f'<decision id="d{place}" name="D{place}"><variable name="D{place}"{typed}/>{inputs}{earlier}{box}</decision>'
        )
    types = "".join(
        f'<itemDefinition name="{n}"><typeRef>{base}</typeRef><allowedValues><text>{escape(tests)}</text></allowedValues></itemDefinition>'
        for n, base, tests in (
            ("Tm", "number", ">= 0"),
            ("Tscore", "number", "[0..10]"),
            ("Ts", "string", '"a", "b", "新材料"'),
        )
    )
    data = "".join(
        f'<inputData id="{n}" name="{n}"><variable name="{n}" typeRef="{k}"/></inputData>' for n, k in KINDS.items()
    )
    head = f'<definitions xmlns="{MODEL}" name="试" namespace="urn:feel">'
    book = Rulebook.lenient(f"{head}{types}{data}{''.join(decisions)}</definitions>".encode())
    quick(book)
    for told in (1.0, 1.0, 0.7):
        row = {name: given_as(random, _value(random, name)) for name in KINDS if random.random() < told}
        hold(book, row, random.choice(["unknown", "feel"]))


def _value(random: Random, name: str) -> Any:
    match name:
        case "b" | "b2":
            return random.random() < 0.5
        case "s":
            return random.choice(["a", "b", "新材料"])
        case "t":
            return random.choice(["a", "", "c"])
        case "d" | "e":
            return Date(2024, random.randint(1, 12), random.randint(1, 28))
        case "x":
            return random.choice([Decimal(1), "a", True, [Decimal(1), Decimal(2)], None])
    number = Decimal(
        random.choice(["0", "1", "2", "3", "0.1", "5", "10", "9.99", "1e-20", "123456789012345678901234567890.12345"])
    )
    return min(number, Decimal(10)) if name == "score" else number


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ({"money": -1}, "不在允许的值之内"),
        ({"moeny": 1}, "没有输入“moeny”"),
        ({"money": float("nan")}, "不是数字"),
        ({"money": Decimal("Infinity")}, "不是数字"),
        ({"b": 1}, "不是 true 或 false"),
        ({"d": "2024-13-01"}, "不是日期"),
    ],
)
def test_the_quick_way_refuses_what_the_long_way_refuses(inputs: dict[str, Any], says: str) -> None:
    _, book = rule(Random(7))
    quick(book)
    row = {name: cell(Random(1), name, 0.0) for name in TYPES} | {"share": 0, "open": 1, "few": 1, "odd": 1, "s": "甲"}
    hold(book, {**row, "e": "2024-01-01", "money": 1, "other": 1} | inputs, "unknown")
    assert says in answers(book, {**row, "e": "2024-01-01", "money": 1, "other": 1} | inputs, "unknown", False)
