"""How an answer came about: rows that matched and entries that did not, every null with its cause and place."""

from __future__ import annotations

import ast
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

import wotu.policy
import wotu.rulebook
from tests.rulebook.dmn.models import decided, definitions, given
from wotu.rulebook import UNKNOWN, Rulebook
from wotu.rulebook.documents import write_json
from wotu.rulebook.explain.document import trace_document
from wotu.rulebook.explain.tell import trace_lines
from wotu.rulebook.explain.trace import NullReason
from wotu.rulebook.explain.why import listed, why

ROOM = Path(wotu.rulebook.__file__).parent
RULES = Path(wotu.policy.__file__).parent / "rules"

GRADES = """<decisionTable hitPolicy="{policy}">
  <input><inputExpression typeRef="number"><text>分</text></inputExpression></input>
  <input><inputExpression typeRef="boolean"><text>本地</text></inputExpression></input>
  <output name="等级" typeRef="string"/>
  <rule><inputEntry><text>&gt;= 80</text></inputEntry><inputEntry><text>true</text></inputEntry>
    <outputEntry><text>"A"</text></outputEntry></rule>
  <rule><inputEntry><text>[60..80)</text></inputEntry><inputEntry><text>-</text></inputEntry>
    <outputEntry><text>"B"</text></outputEntry></rule>
</decisionTable>"""


def grades(policy: str = "UNIQUE") -> Rulebook:
    table = GRADES.replace("{policy}", policy)
    return Rulebook.from_bytes(
        definitions(given("分") + given("本地", "boolean") + decided("等级", table, "in_分 in_本地", "string"))
    )


def null_of(logic: str, needs: str = "", kind: str = "", null: str = "unknown", **inputs: object) -> NullReason:
    """The one reason why a decision is null."""
    body = "".join(given(name, "Any") for name in ("a", "b")) + decided("d", logic, needs, kind)
    [reason] = Rulebook.from_bytes(definitions(body)).trace(inputs, null=null).nulls
    return reason


def test_a_table_says_which_rules_matched_and_what_stopped_the_others() -> None:
    table = grades().trace({"分": 85, "本地": False}).steps[0].table
    assert table is not None
    first, second = table.rows
    assert (first.state, second.state) == ("missed", "missed")
    assert [(entry.column, entry.test, entry.value) for entry in first.failed] == [("本地", "true", False)]
    assert [(entry.column, entry.test, entry.value) for entry in second.failed] == [("分", "[60..80)", Decimal(85))]


def test_a_row_that_matches_is_said_and_one_behind_it_is_not_looked_at_under_first() -> None:
    wide = GRADES.replace("&gt;= 80", "&gt;= 60").replace("{policy}", "FIRST")
    book = Rulebook.from_bytes(
        definitions(given("分") + given("本地", "boolean") + decided("等级", wide, "in_分 in_本地"))
    )
    table = book.trace({"分": 70, "本地": True}).steps[0].table
    assert table is not None
    assert [row.state for row in table.rows] == ["hit", "after"]
    assert [row.number for row in table.hits] == [1]


def test_with_an_unknown_the_rules_that_may_match_say_what_is_open() -> None:
    step = grades().trace({"分": UNKNOWN, "本地": False}).steps[0]
    assert step.table is not None
    first, second = step.table.rows
    assert (first.state, [entry.column for entry in first.failed]) == ("missed", ["本地"])
    assert (second.state, [entry.test for entry in second.open]) == ("maybe", ["[60..80)"])
    assert step.lacks == ("分",)


def test_under_first_the_row_behind_those_that_may_match_only_may_be_used() -> None:
    wide = GRADES.replace("{policy}", "FIRST").replace("[60..80)", "-").replace("<text>true<", "<text>-<")
    book = Rulebook.from_bytes(
        definitions(given("分") + given("本地", "boolean") + decided("等级", wide, "in_分 in_本地"))
    )
    trace = book.trace({"本地": True})
    assert trace.steps[0].table is not None
    assert [row.state for row in trace.steps[0].table.rows] == ["maybe", "maybe"]
    assert "   ? 第 2 行：前面的行都不命中时用这一行" in [line[2:] for line in trace_lines(trace)]


def test_tables_of_functions_and_boxes_are_gone_through_too() -> None:
    function = f"""<businessKnowledgeModel id="f_档" name="档"><encapsulatedLogic>
      <formalParameter name="分" typeRef="number"/><formalParameter name="本地" typeRef="boolean"/>
      {GRADES.replace("{policy}", "FIRST")}</encapsulatedLogic></businessKnowledgeModel>"""
    box = f"<context><contextEntry><variable name='内'/>{GRADES.replace('{policy}', 'FIRST')}</contextEntry></context>"
    inputs = given("分") + given("本地", "boolean")
    for logic, needs, title in (
        ("档(分 + 5, 本地)", "in_分 in_本地 f_档", "业务知识模型“档”"),
        (box, "in_分 in_本地", "决策“等级”"),
    ):
        book = Rulebook.from_bytes(definitions(inputs + function + decided("等级", logic, needs)))
        [table] = book.trace({"分": 78, "本地": True}).steps[0].inner
        assert (table.title, table.hits[0].number) == (title, 1 if needs.endswith("f_档") else 2)
        assert dict(table.values)["分"] == (83 if needs.endswith("f_档") else 78)


@pytest.mark.parametrize(
    ("logic", "needs", "inputs", "cause", "expression", "sentence"),
    [
        ("1 + 2 / 0", "", {}, "division by zero", "2 / 0", "除以 0"),
        ('"1" + 1', "", {}, "type mismatch", '"1" + 1', "string 与 number 不能相加"),
        ("[1, 2][3]", "", {}, "out of range", "[1, 2][3]", "位置不在列表里"),
        ('date("2026-02-30")', "", {}, "failed conversion", 'date("2026-02-30")', "没有这一天：2026-2-30"),
        ('number("1,5", ",", ",")', "", {}, "failed conversion", 'number("1,5", ",", ",")', "number 的千位分隔符与小数点相同"),
        ("{x: 1}.y", "", {}, "no such entry", "{x: 1}.y", "没有条目 y"),
        ("abs(1, 2)", "", {}, "wrong arguments", "abs(1, 2)", "abs 不接受 2 个参数"),
        ('matches("a", "(")', "", {}, "bad pattern", 'matches("a", "(")', "正则表达式的括号没有闭合"),
        ("log(0)", "", {}, "not computable", "log(0)", "对数只对正数有定义"),
        ("a", "in_a", {"a": None}, "missing input", "a", "a没有值"),
        ("a + 1", "in_a", {"a": None}, "missing input", "a + 1", "a没有值"),
        ("if b > 1 then null else 2", "in_b", {"b": 3}, "says null", "null", "规则写的就是 null"),
    ],
)  # fmt: skip
def test_a_null_says_its_cause_its_expression_and_why(logic, needs, inputs, cause, expression, sentence) -> None:
    reason = null_of(logic, needs, null="feel", **inputs)
    assert (reason.cause, reason.expression, reason.why) == (cause, expression, sentence)
    assert reason.place is not None
    assert reason.place.title == "决策“d”"


def test_a_value_that_is_not_of_the_decisions_type_says_so() -> None:
    reason = null_of('"x"', kind="number")
    assert (reason.cause, reason.why) == ("type mismatch", "string 不符合类型 number")


def test_a_table_without_a_matching_rule_says_the_values_it_met() -> None:
    [reason] = grades().trace({"分": 10, "本地": True}).nulls
    assert (reason.cause, reason.why) == ("unmatched table", "没有一行符合：分 10、本地 是")
    [reason] = grades().trace({"分": None, "本地": True}, null="feel").nulls
    assert (reason.cause, reason.lacks) == ("unmatched table", ("分",))


def test_rules_that_match_together_against_the_hit_policy_are_said() -> None:
    both = GRADES.replace("{policy}", "UNIQUE").replace("[60..80)", "&gt; 0")
    book = Rulebook.from_bytes(
        definitions(given("分") + given("本地", "boolean") + decided("等级", both, "in_分 in_本地"))
    )
    [reason] = book.trace({"分": 85, "本地": True}, lang="en").nulls
    assert reason.cause == "conflicting rows"
    assert reason.why == "rules 1、2 match together though the hit policy is UNIQUE"


def test_what_is_null_because_something_else_is_points_there() -> None:
    body = given("a") + decided("x", "1 / a", "in_a") + decided("y", "x + 1", "d_x")
    first, second = Rulebook.from_bytes(definitions(body)).trace({"a": 0}).nulls
    assert (first.decision, first.cause) == ("x", "division by zero")
    assert (second.decision, second.cause, second.lacks, second.why) == ("y", "follows", ("x",), "x的结果是 null")


def test_inside_one_expression_only_the_root_is_told() -> None:
    book = Rulebook.from_bytes(definitions(given("a") + decided("x", "1 / a >= 2 and 3 > 2", "in_a")))
    trace = book.trace({"a": 0})
    assert [reason.expression for reason in trace.nulls] == ["1 / a"]
    assert [reason.follows for reason in trace.steps[0].nulls] == [False, True]


def test_a_yes_or_no_carries_its_reason() -> None:
    book = Rulebook.load(RULES / "高新技术企业认定.dmn")
    step = book.trace({"科技人员数": 9, "职工总数": 100}).step("科技人员占比")
    assert step.reason is not None
    assert (step.reason.state, step.reason.needs) == ("not met", "不低于 10%")
    assert step.reason.distance is not None
    assert step.reason.distance.text == "差 1 个百分点 ≈ 1 人"


def test_it_is_told_in_lines_and_as_data_in_both_languages() -> None:
    for lang, words in (("zh", "不合 [60..80)"), ("en", "does not fit [60..80)")):
        trace = grades().trace({"分": 10, "本地": True}, lang=lang)
        assert any(words in line for line in trace_lines(trace))
        assert '"cause": "unmatched table"' in write_json(trace_document(trace))


def test_asking_for_some_decisions_traces_those_they_stand_on() -> None:
    book = Rulebook.load(RULES / "科技型中小企业评价.dmn")
    steps = [step.decision for step in book.trace({}, ["科技人员得分"]).steps]
    assert steps[-1] == "科技人员得分"
    assert len(steps) < len(book.decisions)


@cache
def sentences() -> set[str]:
    """Every sentence that the engine gives for a null, as its sources have it, with 甲 for what is filled in."""
    found: set[str] = set()
    for file in [*(ROOM / "feel").rglob("*.py"), *(ROOM / "dmn").rglob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                place = {"FeelError": 0, "fail": 1}.get(name)
                if place is not None and len(node.args) > place:
                    found |= words(node.args[place])
    return found


def words(node: ast.expr) -> set[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.JoinedStr):
        return {"".join(str(part.value) if isinstance(part, ast.Constant) else "甲" for part in node.values)}
    return set()


def test_every_sentence_of_the_engine_has_its_kind_and_its_english() -> None:
    assert len(sentences()) > 80
    unlisted = {sentence for sentence in sentences() if not listed(sentence)}
    assert unlisted == set()
    for sentence in sentences():
        told = why(sentence, "en")[1].replace("甲", "")
        assert not any("\u4e00" <= sign <= "\u9fff" for sign in told), sentence
