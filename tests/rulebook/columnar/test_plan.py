"""What a plan says of a rule: by columns where it can, by the interpreter where it must, and why."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

import wotu.policy
from tests.rulebook.dmn.models import decided, definitions, given
from wotu.rulebook import Rulebook, columnar
from wotu.rulebook.cli import main
from wotu.rulebook.cli.plan import decisions
from wotu.rulebook.columnar import interpreted
from wotu.rulebook.columnar.conditions import All, Compare, Fact, Named, Not
from wotu.rulebook.columnar.plan import plan

RULES = sorted((Path(wotu.policy.__file__).parent / "rules").glob("*.dmn"))


def book(*decided_: str) -> Rulebook:
    inputs = [given("收入"), given("利润"), given("在园", "boolean"), given("行业", "string"), given("注册", "date")]
    return Rulebook.from_bytes(definitions("\n".join([*inputs, *decided_])))


def how(rule: Rulebook) -> dict[str, str]:
    return {each["decision"]: each["how"] for each in decisions(rule, plan(rule))}


@pytest.mark.parametrize("file", RULES, ids=lambda file: file.stem)
def test_every_decision_of_the_shipped_rules_is_answered_by_columns(file: Path) -> None:
    rule = Rulebook.load(file)
    assert [each for each in decisions(rule, plan(rule)) if not each["compiled"]] == []


def test_conditions_become_planes_and_are_the_same_however_they_are_written() -> None:
    rule = book(
        decided("甲", "收入 >= 5 and not(在园)", "in_收入 in_在园", "boolean"),
        decided("乙", "5 <= 收入", "in_收入", "boolean"),
        decided("符合", "甲 and 乙", "d_甲 d_乙", "boolean"),
    )
    truths = plan(rule).truths
    first = truths["甲"]
    assert isinstance(first, All)
    assert isinstance(first.parts[0], Compare)
    assert isinstance(first.parts[1], Not)
    assert isinstance(first.parts[1].part, Fact)
    assert truths["乙"] == first.parts[0]
    assert truths["符合"] == All((Named("甲", first), Named("乙", first.parts[0])))


def test_each_decision_is_answered_in_its_own_way() -> None:
    rule = book(
        decided("占比", "利润 / 收入", "in_收入 in_利润", "number"),
        decided("够", "占比 >= 0.1 and 注册 < date(\"2020-01-01\")", "d_占比 in_注册", "boolean"),
        decided("档", "if 收入 >= 10 then 3 else if 行业 = \"农业\" then 2 else 1", "in_收入 in_行业", "number"),
        decided("奖", "if 够 then min(收入 * 0.1, 500) else null", "d_够 in_收入", "number"),
        decided("怪", "modulo(收入, 7) = 3", "in_收入", "boolean"),
    )  # fmt: skip
    assert how(rule) == {"占比": "并入上级", "够": "位平面", "档": "分档", "奖": "整数列", "怪": "解释器"}
    assert plan(rule).reasons["怪"] == "收入不只是与常数比较，按不同的值逐个计算"


def test_boxed_contexts_are_put_where_they_are_named() -> None:
    box = (
        '<context><contextEntry><variable name="半"/><literalExpression><text>收入 * 0.5</text></literalExpression>'
        "</contextEntry><contextEntry><literalExpression><text>半 >= 3</text></literalExpression></contextEntry></context>"
    )
    rule = book(decided("够", box, "in_收入", "boolean"))
    assert isinstance(plan(rule).truths["够"], Compare)


def test_knowledge_models_are_put_in_place() -> None:
    share = (
        '<businessKnowledgeModel id="f_占" name="占"><variable name="占"/><encapsulatedLogic><formalParameter name="a" typeRef="number"/>'
        '<formalParameter name="b" typeRef="number"/><literalExpression><text>a / b</text></literalExpression></encapsulatedLogic>'
        "</businessKnowledgeModel>"
    )
    above = (
        '<businessKnowledgeModel id="f_超" name="超"><variable name="超" typeRef="boolean"/><encapsulatedLogic>'
        '<formalParameter name="x" typeRef="number"/><literalExpression><text>占(x, 2) > 3 or 占(x, 4) = 1</text></literalExpression>'
        '</encapsulatedLogic><knowledgeRequirement><requiredKnowledge href="#f_占"/></knowledgeRequirement></businessKnowledgeModel>'
    )
    rule = book(
        share,
        above,
        decided("甲", "占(利润, 收入) >= 0.1 and 超(收入)", "in_收入 in_利润 f_占 f_超", "boolean"),
        decided("乙", "占(b: 收入, a: 利润) >= 0.1", "in_收入 in_利润 f_占", "boolean"),
    )
    first, second = plan(rule).truths["甲"], plan(rule).truths["乙"]
    assert isinstance(second, Compare)
    assert isinstance(first, All)
    assert first.parts[0] == second
    amounts = pa.array([Decimal(7), Decimal(4), Decimal(5), Decimal(0), None], pa.decimal128(12, 2))
    rows = pa.table(
        {
            "收入": amounts,
            "利润": amounts,
            "在园": pa.array([None] * 5, pa.bool_()),
            "行业": pa.array([None] * 5, pa.string()),
            "注册": pa.array([None] * 5, pa.date32()),
        }
    )
    answered = columnar.decide(rule, rows, ["甲"], as_of=date(2026, 1, 1))["甲"].to_pylist()
    assert answered == interpreted.decide(rule, rows, ["甲"], as_of=date(2026, 1, 1))["甲"].to_pylist()
    assert answered == [True, True, False, False, None]


def test_the_command_says_how_and_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "怪.dmn"
    file.write_bytes(
        definitions(
            given("收入")
            + decided("怪", "modulo(收入, 7) = 3", "in_收入", "boolean")
            + decided("好", "收入 > 1", "in_收入", "boolean")
        )
    )
    assert main(["plan", str(file)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "怪  解释器：收入不只是与常数比较，按不同的值逐个计算",
        "好  位平面",
        "2 个决策，1 个按列计算，1 个由解释器按不同的值计算",
    ]


def test_integers_beyond_64_bits_and_columns_of_other_types_are_answered_too() -> None:
    rule = book(
        decided("够", "利润 / 收入 >= 0.1", "in_收入 in_利润", "boolean"),
        decided("大", "收入 > 100", "in_收入", "boolean"),
    )
    huge = Decimal("123456789012345678901234567890.5")
    amounts = pa.array([huge, Decimal(10), Decimal(-10), Decimal(0), None], pa.decimal128(38, 1))
    rows = pa.table(
        {
            "收入": amounts,
            "利润": pa.array([2**62, 1, -1, 5, 5], pa.int64()),
            "在园": pa.array([None] * 5, pa.bool_()),
            "行业": pa.array([None] * 5, pa.string()).dictionary_encode(),
            "注册": pa.array([None] * 5, pa.date32()),
        }
    )
    answered = columnar.decide(rule, rows, ["够", "大"], as_of=date(2026, 1, 1))
    assert answered.to_pydict() == {"够": [False, True, True, None, None], "大": [True, False, False, False, None]}
