"""Whatever is wrong with a model, loading it says where and how to mend it; never a traceback."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

import wotu.policy
from wotu.rulebook import Rulebook, RulebookError

from .models import MODEL, decided, definitions
from .models import given as given_input

RULES = sorted((Path(wotu.policy.__file__).parent / "rules").glob("*.dmn"))
STAFF = given_input("职工总数")


def refusal(data: bytes) -> str:
    with pytest.raises(RulebookError) as refused:
        Rulebook.from_bytes(data, name="规则.dmn")
    return str(refused.value)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "文件是空的"),
        (b"not xml", "不是完整的 XML"),
        (b"<definitions/>", "不是 DMN 1.2–1.5 的 <definitions>"),
        (definitions("<decision/>"), "没有 name"),
        (definitions(decided("甲", "1 +")), "到此为止"),
        (definitions(decided("甲", "")), "表达式是空的"),
        (definitions(decided("甲", "1", kind="数字")), "没有类型“数字”"),
        (definitions(decided("甲", "1") + decided("甲", "2")), "有两个决策都叫“甲”"),
        (definitions(decided("甲", "1", "in_无")), "要求的元素“in_无”不存在"),
        (definitions(STAFF + decided("甲", "职工总数 > 1")), "模型里有输入“职工总数”，请在这里加上对它的要求"),
        (definitions(STAFF + decided("甲", "职工总人数 > 1", "in_职工总数")), "没有“职工总人数”。是不是“职工总数”？"),
        (definitions(decided("甲", "乙", "d_乙") + decided("乙", "甲", "d_甲")), "决策绕成一圈：甲 → 乙 → 甲"),
        (definitions('<import name="他" namespace="urn:none" importType="DMN"/>'), "没有找到命名空间为“urn:none”的模型"),
        (
            definitions('<itemDefinition name="甲"><typeRef>乙</typeRef></itemDefinition>'
                        '<itemDefinition name="乙"><typeRef>甲</typeRef></itemDefinition>'),
            "类型绕成一圈",
        ),
        (
            definitions('<itemDefinition name="甲"><typeRef>number</typeRef><allowedValues><text>[1..</text>'
                        "</allowedValues></itemDefinition>"),
            "类型“甲”的允许值",
        ),
        (
            definitions(decided("甲", '<decisionTable hitPolicy="BEST"><input><inputExpression><text>1</text>'
                                "</inputExpression></input><output/><rule><outputEntry><text>1</text></outputEntry></rule>"
                                "</decisionTable>")),
            "没有命中策略“BEST”",
        ),
        (definitions(decided("甲", "<relation><column name='a'/><row/></relation>")), "有 0 个值，而表有 1 列"),
        (definitions(decided("甲", "(" * 200 + "1" + ")" * 200)), "表达式嵌套太深"),
        (definitions(decided("甲", "1" + "+1" * 5000)), "表达式嵌套太深"),
        (definitions(decided("甲", "<list>" * 100 + "</list>" * 100)), "表达式嵌套太深"),
        (b"<a>" * 5000, "不是完整的 XML"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(data: bytes, said: str) -> None:
    found = refusal(data)

    assert said in found
    assert found.startswith("规则.dmn")


def test_the_row_with_too_few_cells_is_named_by_its_line() -> None:
    table = "<decisionTable><input><inputExpression><text>1</text></inputExpression></input><output/>\n<rule/></decisionTable>"

    assert "第 4 行 <rule>：有 0 个条件格，而表有 1 个输入列" in refusal(definitions(decided("甲", table)))


def test_a_mistake_inside_a_formula_is_shown_with_a_caret() -> None:
    found = refusal(definitions(decided("甲", "1 + (2 *")))

    assert "第 1 行第 9 列" in found
    assert found.endswith("1 + (2 *\n        ^")


def test_nothing_outside_the_document_is_read_and_no_entity_expanded(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    body = decided("甲", '"x"').replace("<![CDATA[", "").replace("]]>", "").replace('"x"', '"&x;"')
    for entity in (f'<!ENTITY x SYSTEM "file://{secret}">', "".join(
        f'<!ENTITY {name} "{f"&{below};" * 10}">' for name, below in zip("xabcdefgh", "abcdefghi", strict=True)
    ) + '<!ENTITY i "i">'):  # fmt: skip
        data = definitions(body).replace(b"<definitions", f"<!DOCTYPE definitions [{entity}]><definitions".encode(), 1)
        assert "secret" not in refusal(data)


ODD = ("", "-", "1 +", "[1..", '"', "x" * 3000, "(" * 300, "1" + "+1" * 3000, "9" * 4000, "not(", "a.b.c", "{" * 200)
TAGS = (
    "context",
    "list",
    "decisionTable",
    "invocation",
    "filter",
    "for",
    "relation",
    "conditional",
    "variable",
    "rule",
)


def damaged(root: etree._Element, chance: Random) -> None:
    """One thing in the document made wrong."""
    elements = list(root.iter(tag=etree.Element))
    element = chance.choice(elements)
    parent = element.getparent()
    match chance.randint(0, 6):
        case 0 if parent is not None:
            parent.remove(element)
        case 1 if element.attrib:
            del element.attrib[chance.choice(list(element.attrib))]
        case 2 if element.attrib:
            element.set(
                chance.choice(list(element.attrib)), chance.choice(("", "x", "#x", "number", "a.b", "-1", "http://x#y"))
            )
        case 3:
            element.text = chance.choice(ODD)
        case 4 if parent is not None:
            parent.append(etree.fromstring(etree.tostring(element)))
        case 5:
            element.tag = f"{{{MODEL}}}{chance.choice(TAGS)}"
        case _:
            children = list(element)
            chance.shuffle(children)
            element[:] = children


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
def test_a_damaged_rule_is_refused_in_words_or_evaluates(seed: int) -> None:
    chance = Random(seed)
    root = etree.fromstring(chance.choice(RULES).read_bytes())
    for _ in range(chance.randint(1, 3)):
        damaged(root, chance)
    with suppress(RulebookError):
        Rulebook.from_bytes(etree.tostring(root)).evaluate({})


def test_a_list_that_holds_itself_is_refused() -> None:
    book = Rulebook.from_bytes(
        definitions(given_input("单", "Any") + decided("甲", "count(单)", "in_单", kind="number"))
    )
    endless: list[object] = [1]
    endless.append(endless)
    with pytest.raises(RulebookError, match="嵌套超过 50 层"):
        book.evaluate({"单": endless})
