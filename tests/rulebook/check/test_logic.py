"""Expressions that cannot go together are said before they run, under a caret; what may be right is left alone."""

from __future__ import annotations

import pytest

from .models import book, decision, one, table, told

INPUTS = {
    "数": "number",
    "文": "string",
    "真": "boolean",
    "日": "date",
    "刻": "dateTime",
    "时": "time",
    "长": "dayTimeDuration",
    "什么": "Any",
}
NEEDS = " ".join(INPUTS)


def about(logic: str, kind: str = "Any"):  # type: ignore[no-untyped-def]
    used = " ".join(name for name in INPUTS if name in logic)
    return book({name: INPUTS[name] for name in used.split()}, decision("果", logic, used, kind))


@pytest.mark.parametrize(
    ("logic", "what"),
    [
        ('数 > "5"', "数不能与文字比较，结果总是 null"),
        ("文 = 5", "文字不能与数比较，结果总是 null"),
        ("真 > false", "真假没有大小，不能用 > 比较"),
        ("日 + 30", "日期与数不能相加"),
        ("日 * 2", "日期与数不能相乘"),
        ("日 < 刻", "日期不能与日期时间比较，结果总是 null"),
        ("日 - 日 >= 365", "时长不能与数比较，结果总是 null"),
        ("数 / 0", "除以 0"),
        ("-文", "文字没有相反数"),
        ("if 数 then 1 else 2", "if 的条件是数，要真假"),
        ("数 and 真", "and、or 的一边是数，要真假"),
        ("some x in [1, 2] satisfies x", "satisfies 后面是数，要真假"),
        ("string length(数)", "string length 的第 1 个参数是数，要文字"),
        ("substring(文)", "substring 不接受 1 个参数"),
        ("round up(n: 数, scal: 1)", "round up 没有参数“scal”"),
        ('date("2026-02-30")', "没有这一天：2026-2-30"),
        ('duration("5天")', "不是时长：5天"),
        ("日.yaer", "日期没有 yaer"),
        ("文.x", "文字没有 x"),
        ("{a: 1}.b", "没有条目“b”"),
        ("[1, 2][文]", "筛选条件是文字，要真假或位置"),
        ("数(1)", "数不是函数，不能调用"),
        ("数 in [10..5]", "区间的低端大于高端，什么都不在里面"),
        ('数 in (1, "b")', "数不能与文字比较，结果总是 null"),
        ('数 between 1 and "9"', "数不能与文字比较，结果总是 null"),
        ("(function(a: number) a + 1)(文)", "第 1 个参数是文字，要数"),
        ("{f: function(x) x + 1, y: f(1, 2)}", "要 1 个参数，给了 2 个"),
        ("for x in [1, 2] return x + 日", "数与日期不能相加"),
    ],
)
def test_what_cannot_be_is_said(logic, what) -> None:
    assert [said.partition("列：")[2] for said in told(about(logic))] == [what]


@pytest.mark.parametrize(
    "logic",
    [
        "数 > 5 and 文 = \"a\" or not(真)",
        "日 + duration(\"P30D\") < date(\"2026-01-01\")",
        "日 - 日 >= duration(\"P365D\")",
        "数 = null or 文 != null",
        "if 数 = null then null else 文",
        "什么 > 5 and 什么.x = 2 and 什么[1] = 3",
        "sum([数, 1]) > count([文])",
        "min(数, 1) + max([1, 2])",
        "[1, 2, 3][item > 2][1] + 1",
        "[{a: 1}, {a: 2}].a",
        "{a: 1, b: a + 1}.b > 1",
        "数 in (1, [2..3], > 9)",
        "数 in [1, 2]",
        "for x in 1..3 return x * 数",
        "every d in [日] satisfies d.year > 2000",
        "(function(a: number) a + 1)(数)",
        "string(数) + 文",
        "years and months duration(日, 日).years >= 1",
        "date and time(日, 时) > 刻",
        "刻 - 日 > 长",
        "数 instance of number",
        "string join([文, \"a\"], \",\")",
        "get value({a: 1}, \"a\")",
    ],
)  # fmt: skip
def test_what_is_right_is_left_alone(logic) -> None:
    assert told(about(logic)) == []


def test_a_problem_is_shown_in_its_text_with_a_caret_and_a_way_out() -> None:
    found = one(about("数 > 1 and\n 日 > 5"), "不能与数比较")
    assert found.where == "规则.dmn 第 4 行 决策“果”"
    assert found.what == "第 2 行第 2 列：日期不能与数比较，结果总是 null"
    assert found.example == " 日 > 5\n ^"
    assert "date(" in found.how_to_mend


def test_a_decisions_logic_gives_what_it_declares() -> None:
    found = one(about("数 + 1", "boolean"), "声明的类型是 boolean")
    assert (found.severity, found.what) == ("error", "逻辑得出的是数，声明的类型是 boolean，结果会变成 null")
    assert told(about("数 + 1", "number")) == []
    assert told(about("[数]", "number")) == []


def test_cells_fit_their_column_and_conditions_what_they_test() -> None:
    rows = [("> 5", "1"), ('"低"', "2")]
    about = book({"分": "number"}, decision("果", table(["分"], rows, default="0"), "分", "number"))
    found = one(about, "不能与文字比较")
    assert found.where.endswith("决策“果”的第 2 行第 1 列")


def test_names_get_suggestions_and_requirements_are_asked_for() -> None:
    found = one(book({"营业收入": "number"}, decision("果", "营业收人 > 1", "营业收入")), "没有“营业收人”")
    assert "营业收入" in found.how_to_mend
    found = one(book({"收入": "number"}, decision("甲", "收入 > 1", "收入"), decision("果", "甲", "")), "没有“甲”")
    assert "informationRequirement" in found.how_to_mend


def test_types_flow_through_decisions_and_boxes() -> None:
    boxed = "<context><contextEntry><variable name='和'/><literalExpression><text>数 + 1</text></literalExpression></contextEntry>"
    boxed += '<contextEntry><literalExpression><text>和 + "元"</text></literalExpression></contextEntry></context>'
    assert told(about(boxed)) == ["第 1 行第 1 列：数与文字不能相加"]
    two = book({"数": "number"}, decision("甲", "数 * 2", "数", "number"), decision("乙", '甲 + "元"', "*甲", "string"))
    assert "数与文字不能相加" in one(two, "不能相加").what
