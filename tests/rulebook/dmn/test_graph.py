"""Decisions, knowledge models, services and imported models evaluate in order of need, each seeing what it requires."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from wotu.rulebook import UNKNOWN, Rulebook, RulebookError
from wotu.rulebook.feel import has_unknown

from .models import decided, definitions, given


def values(body: str, inputs: dict[str, Any] | None = None, **how: Any) -> dict[str, Any]:
    return dict(Rulebook.from_bytes(definitions(body)).evaluate(inputs or {}, **how).values)


def test_a_decision_sees_what_it_requires_and_nothing_else() -> None:
    body = given("收入") + decided("税", "收入 * 0.25", "in_收入") + decided("净", "收入 - 税", "in_收入 d_税")

    assert values(body, {"收入": 100}) == {"税": Decimal("25.00"), "净": Decimal("75.00")}
    with pytest.raises(RulebookError, match="模型里有决策“税”"):
        values(body + decided("错", "税"))


def test_only_the_decisions_asked_for_and_their_needs_are_evaluated() -> None:
    body = given("a") + decided("b", "a + 1", "in_a") + decided("c", "b * 2", "d_b") + decided("d", "a", "in_a")

    assert values(body, {"a": 1}, decisions=["c"]) == {"b": Decimal(2), "c": Decimal(4)}


def test_an_input_and_a_decision_may_share_a_name() -> None:
    body = given("技术领域", "string") + decided("技术领域", '技术领域 = "新材料"', "in_技术领域")

    assert values(body, {"技术领域": "新材料"}) == {"技术领域": True}


def test_knowledge_models_call_each_other_and_themselves() -> None:
    factorial = """<businessKnowledgeModel id="f_f" name="阶乘"><variable name="阶乘"/><encapsulatedLogic>
        <formalParameter name="n" typeRef="number"/><literalExpression><text>if n = 0 then 1 else n * 阶乘(n - 1)</text>
        </literalExpression></encapsulatedLogic></businessKnowledgeModel>"""
    twice = """<businessKnowledgeModel id="f_t" name="两倍"><variable name="两倍"/>
        <knowledgeRequirement><requiredKnowledge href="#f_f"/></knowledgeRequirement><encapsulatedLogic>
        <formalParameter name="n" typeRef="number"/><literalExpression><text>2 * 阶乘(n)</text></literalExpression>
        </encapsulatedLogic></businessKnowledgeModel>"""

    assert values(factorial + twice + decided("甲", "两倍(4)", "f_t")) == {"甲": Decimal(48)}
    assert values(factorial + decided("甲", '阶乘("4")', "f_f")) == {"甲": None}


def test_a_service_evaluates_its_decisions_with_what_it_is_given() -> None:
    body = given("a") + decided("b", "a + 1", "in_a") + decided("c", "b * 10", "d_b")
    service = """<decisionService id="f_s" name="服务"><variable name="服务"/><outputDecision href="#d_c"/>
        <encapsulatedDecision href="#d_b"/><inputData href="#in_a"/></decisionService>"""
    found = values(body + service + decided("e", "服务(4) + 服务(a: 1)", "f_s"), {"a": 100})

    assert found["e"] == Decimal(70)
    assert found["c"] == Decimal(1010)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """c imports b twice under two names; b imports a."""
    href = '<informationRequirement><requiredDecision href="{}"/></informationRequirement>'
    imported = '<import name="{}" namespace="urn:{}" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>'
    greeting = decided("问候", '"你好，" + 名字', "in_名字")
    (tmp_path / "a.dmn").write_bytes(definitions(given("名字", "string") + greeting, "a", "urn:a"))
    longer = decided("长", 'A 模型.问候 + "！"').replace("<literal", href.format("urn:a#d_问候") + "<literal")
    for name in ("b", "b2"):
        (tmp_path / f"{name}.dmn").write_bytes(
            definitions(imported.format("A 模型", "a") + longer, name, f"urn:{name}")
        )
    both = decided("二人", "B.长 + B2.长").replace(
        "<literal", href.format("urn:b#d_长") + href.format("urn:b2#d_长") + "<literal"
    )
    (tmp_path / "c.dmn").write_bytes(
        definitions(imported.format("B", "b") + imported.format("B2", "b2") + both, "c", "urn:c")
    )
    return tmp_path


def test_a_model_imported_on_two_ways_has_inputs_of_its_own_on_each(folder: Path) -> None:
    book = Rulebook.load(folder / "c.dmn")

    assert [info.name for info in book.inputs] == ["B.A 模型.名字", "B2.A 模型.名字"]
    found = book.evaluate({"B.A 模型.名字": "甲", "B2.A 模型.名字": "乙"}).values
    assert found["二人"] == "你好，甲！你好，乙！"


def test_what_is_missing_is_unknown_or_null_as_asked() -> None:
    body = given("a") + given("b") + decided("或", "a > 1 or b > 1", "in_a in_b") + decided("空", "a = null", "in_a")

    assert values(body, {"b": 2})["或"] is True
    assert has_unknown(values(body, {"b": 0})["或"])
    assert has_unknown(values(body, {"a": None, "b": UNKNOWN})["或"])
    assert values(body, {"b": 0})["空"] is False, "an unknown number is some number, not null"
    assert values(body, {"b": 0}, null="feel") == {"或": None, "空": True}


BOXES = {
    "<context><contextEntry><variable name='x'/><literalExpression><text>2</text></literalExpression></contextEntry>"
    "<contextEntry><literalExpression><text>x * 3</text></literalExpression></contextEntry></context>": Decimal(6),
    "<list><literalExpression><text>1</text></literalExpression><literalExpression><text>2</text></literalExpression>"
    "</list>": [Decimal(1), Decimal(2)],
    "<relation><column name='名'/><column name='数'/><row><literalExpression><text>\"甲\"</text></literalExpression>"
    "<literalExpression><text>1</text></literalExpression></row></relation>": [{"名": "甲", "数": Decimal(1)}],
    "<conditional><if><literalExpression><text>1 > 2</text></literalExpression></if><then><literalExpression><text>1</text>"
    "</literalExpression></then><else><literalExpression><text>2</text></literalExpression></else></conditional>": Decimal(
        2
    ),
    "<filter><in><literalExpression><text>[1, 5, 9]</text></literalExpression></in><match><literalExpression>"
    "<text>item > 4</text></literalExpression></match></filter>": [Decimal(5), Decimal(9)],
    "<for iteratorVariable='i'><in><literalExpression><text>[1..3]</text></literalExpression></in><return><literalExpression>"
    "<text>i * i</text></literalExpression></return></for>": [Decimal(1), Decimal(4), Decimal(9)],
    "<some iteratorVariable='i'><in><literalExpression><text>[1, 2]</text></literalExpression></in><satisfies>"
    "<literalExpression><text>i > 1</text></literalExpression></satisfies></some>": True,
    "<every iteratorVariable='i'><in><literalExpression><text>[1, 2]</text></literalExpression></in><satisfies>"
    "<literalExpression><text>i > 1</text></literalExpression></satisfies></every>": False,
    "<invocation><literalExpression><text>max</text></literalExpression><binding><parameter name='list'/>"
    "<literalExpression><text>[3, 7]</text></literalExpression></binding></invocation>": Decimal(7),
}


@pytest.mark.parametrize("box", BOXES, ids=lambda box: box[1 : box.index(">")].split()[0])
def test_a_boxed_expression_has_the_value_that_its_formula_would(box: str) -> None:
    logic = box.replace("1 > 2", "1 &gt; 2").replace("item > 4", "item &gt; 4").replace("i > 1", "i &gt; 1")

    assert values(decided("甲", logic)) == {"甲": BOXES[box]}
