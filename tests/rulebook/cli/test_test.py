"""`wotu rules test`: cases run and compared, differences said, bad cases refused with their place."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from tests.rulebook.dmn.models import decided, definitions, given

from .conftest import HIGH_TECH, RULES


@pytest.fixture
def cases(tmp_path):  # type: ignore[no-untyped-def]
    """A file of cases."""

    def write(text: str, name: str = "cases.yaml") -> str:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return str(tmp_path / name)

    return write


def test_all_pass_and_json_has_exactly_three_keys(rules) -> None:
    said = rules("test", HIGH_TECH, "--json")
    assert said.status == 0
    assert list(said.json) == ["passed", "failed", "differences"]
    assert (said.json["passed"] > 20, said.json["failed"], said.json["differences"]) == (True, 0, [])


def test_each_difference_is_said_with_its_case(rules, cases) -> None:
    file = cases(
        "- name: 够\n  inputs: &base {科技人员数: 12, 职工总数: 100, 近三年研发费用: 6, 近三年销售收入: 100}\n"
        "  expected: {科技人员占比: true, 近三年研发强度: 0.060, 符合: null}\n"
        "- name: 不够\n  inputs: {<<: *base, 科技人员数: 9}\n  expected: {科技人员占比: true, 近三年研发强度: 0.07, 符合: false}\n"
    )
    said = rules("test", HIGH_TECH, "--examples", file, "--json")
    assert said.status == 1
    assert (said.json["passed"], said.json["failed"]) == (1, 1)
    assert [(d["example"], d["name"], d["decision"], d["expected"], d["actual"]) for d in said.json["differences"]] == [
        (2, "不够", "科技人员占比", True, False),
        (2, "不够", "近三年研发强度", Decimal("0.07"), Decimal("0.06")),
    ]
    assert "第 2 个算例（不够）：科技人员占比应为 是，实为 否" in rules("test", HIGH_TECH, "--examples", file).out


def test_json_cases_count_numbers_by_value(rules, cases) -> None:
    text = '[{"inputs": {"近三年研发费用": 1, "近三年销售收入": 10}, "expected": {"近三年研发强度": 0.10000}}]'
    assert rules("test", HIGH_TECH, "--examples", cases(text, "cases.json")).status == 0


def test_a_decision_that_is_not_there_fails_with_a_hint(rules, cases) -> None:
    said = rules("test", HIGH_TECH, "--examples", cases("- {inputs: {}, expected: {科技人员占必: null}}"))
    assert said.status == 1
    assert "没有这个决策，是不是“科技人员占比”？" in said.out


def test_an_input_that_cannot_be_fails_its_case_only(rules, cases) -> None:
    text = "- {inputs: {职工总数: 多}, expected: {符合: null}}\n- {inputs: {}, expected: {符合: null}}"
    said = rules("test", HIGH_TECH, "--examples", cases(text), "--json")
    assert (said.json["passed"], said.json["failed"]) == (1, 1)
    assert "“职工总数”" in said.json["differences"][0]["why"]


def test_an_input_the_rule_does_not_have_is_said(rules, cases) -> None:
    said = rules("test", HIGH_TECH, "--examples", cases("- {inputs: {职工数: 1}, expected: {符合: null}}"))
    assert said.status == 0
    assert "规则没有输入“职工数”，未使用，是不是“职工总数”？" in said.err


def test_a_folder_runs_each_rule_with_the_cases_beside_it(rules) -> None:
    said = rules("test", str(RULES))
    assert said.status == 0
    assert "合计：通过 " in said.out
    assert said.out.count("未通过 0") == len(list(RULES.glob("*.dmn"))) + 1


GRADES = """<decisionTable hitPolicy="FIRST">
  <input><inputExpression typeRef="number"><text>分</text></inputExpression></input><output name="等级" typeRef="string"/>
  <rule><inputEntry><text>&gt;= 80</text></inputEntry><outputEntry><text>"A"</text></outputEntry></rule>
  <rule><inputEntry><text>&gt;= 60</text></inputEntry><outputEntry><text>"B"</text></outputEntry></rule>
  <rule><inputEntry><text>-</text></inputEntry><outputEntry><text>"C"</text></outputEntry></rule>
</decisionTable>"""


@pytest.fixture
def graded(tmp_path: Path):  # type: ignore[no-untyped-def]
    """A rule with a table and a yes-or-no decision, with cases inside it (`inside`) or beside it (`beside`)."""

    def write(beside: str = "", inside: str = "") -> str:
        carried = f"<extensionElements><wotu:examples>{inside}</wotu:examples></extensionElements>" if inside else ""
        body = carried + given("分") + decided("等级", GRADES, "in_分", "string")
        (tmp_path / "评分.dmn").write_bytes(definitions(body + decided("好", '等级 = "A"', "d_等级", "boolean")))
        if beside:
            (tmp_path / "评分.examples.yaml").write_text(beside, encoding="utf-8")
        return str(tmp_path / "评分.dmn")

    return write


def test_what_no_case_reaches_is_said(rules, graded) -> None:
    said = rules("test", graded("- {inputs: {分: 90}, expected: {等级: A}}\n- {inputs: {}, expected: {好: null}}"))
    assert said.out.splitlines() == [
        "评分：通过 2，未通过 0",
        "  · 算例里从未不满足：好",
        "  · 没有算例命中“等级”判定表第 2–3 行",
    ]


def test_what_no_case_reaches_is_in_the_json_when_asked_for(rules, graded) -> None:
    file = graded("- {inputs: {分: 90}, expected: {等级: A}}\n- {inputs: {分: 70}, expected: {等级: B}}")
    assert list(rules("test", file, "--json").json) == ["passed", "failed", "differences"]
    assert rules("test", file, "--json", "--coverage").json["coverage"] == [
        {
            "rule": "评分.dmn",
            "clauses": [{"clause": "好", "met": 1, "not_met": 1, "unknown": 0}],
            "never_met": [],
            "never_not_met": [],
            "never_unknown": ["好"],
            "tables": [{"decision": "等级", "rows": 3, "unreached": [3]}],
        }
    ]


def test_a_row_that_only_may_match_is_not_reached(rules, graded) -> None:
    file = graded("- {inputs: {分: null}, expected: {等级: null}}")
    assert rules("test", file, "--json", "--coverage").json["coverage"][0]["tables"][0]["unreached"] == [1, 2, 3]


def test_a_rule_may_carry_its_cases_itself(rules, graded) -> None:
    file = graded(inside="[{inputs: {分: 90}, expected: {等级: B}}]")
    said = rules("test", file, "--json")
    assert (said.json["passed"], said.json["failed"]) == (0, 1)
    assert said.json["differences"][0]["why"] == "命中第 1 行"
    both = graded("- {inputs: {分: 10}, expected: {等级: C}}", "[{inputs: {分: 90}, expected: {等级: A}}]")
    assert rules("test", both, "--json").json["passed"] == 2


def test_a_file_of_cases_stands_for_the_rule_beside_it(rules) -> None:
    assert rules("test", str(RULES / "小型微利企业.examples.yaml")).out.startswith("小型微利企业：通过 ")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{a: 1}", "算例应是一个列表"),
        ("[]", "没有算例"),
        ("- 3", "第 1 个算例：不是 {inputs, expected}"),
        ("- {inputs: {}, expected: {符合: null}}\n- {input: {}, expected: {}}", "第 2 个算例：有不认识的项“input”"),
        ("- {inputs: {}}", "缺少 expected"),
        ("- {inputs: 3, expected: {符合: true}}", "第 1 个算例的 inputs"),
        ("- {inputs: {}, expected: {}}", "没有任何结果"),
        ("- {inputs: {职工总数: 1, 职工总数: 2}, expected: {符合: null}}", "“职工总数”出现了两次"),
        ("- {inputs: {职工总数: .nan}, expected: {符合: null}}", "不是数"),
        ("- {inputs: {", "第 1 行"),
    ],
)
def test_misshapen_cases_are_refused_with_their_place(rules, cases, text, sentence) -> None:
    said = rules("test", HIGH_TECH, "--examples", cases(text))
    assert (said.status, said.out) == (2, "")
    assert sentence in said.err


def test_a_rule_without_cases_is_said(rules, tmp_path: Path) -> None:
    rule = tmp_path / "规则.dmn"
    shutil.copy(HIGH_TECH, rule)
    assert "旁边没有 规则.examples.yaml" in rules("test", str(rule)).err
    assert rules("test", str(tmp_path)).status == 2
    rule.write_text("不是 XML", encoding="utf-8")
    said = rules("test", str(rule), "--examples", str(RULES / "高新技术企业认定.examples.yaml"))
    assert (said.status, "规则.dmn" in said.err) == (2, True)
