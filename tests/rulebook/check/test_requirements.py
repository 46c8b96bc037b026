"""The graph and what a policy rule must say: requirements used, units, citations, evidence."""

from __future__ import annotations

from .models import book, decision, one, source, told

GOOD = '<wotu:clause order="1" requires="要有收入" evidence="found" article="第一条"/>'


def test_what_is_required_must_be_used() -> None:
    about = book({"甲": "number", "乙": "number"}, decision("果", "甲 > 1", "甲 乙"))
    found = one(about, "没有用到")
    assert (found.what, found.severity) == ("要求了“乙”，逻辑里却没有用到", "warning")
    assert "决策“果”" in found.where


def test_an_input_nobody_requires_and_one_without_a_type() -> None:
    about = book({"甲": "number", "乙": ""}, decision("果", "甲 > 1", "甲"))
    assert told(about) == ["没有决策用到这个输入", "没有类型，什么值都收"]


def test_circles_and_missing_elements() -> None:
    about = book({}, decision("甲", "乙", "*乙"), decision("乙", "甲", "*甲"))
    assert "决策绕成一圈：甲 → 乙 → 甲" in told(about, "error")
    assert "要求的元素“丙”不存在" in told(book({}, decision("甲", "1 = 1", "*丙")), "error")


def rule(clause: str = GOOD, kind: str = "boolean", cites: str = "条", **inputs: str):  # type: ignore[no-untyped-def]
    return book(
        inputs or {"收入": "number 单位元"},
        decision("有收入", "收入 > 0", "收入", kind, clause, cites),
        decision("符合", "有收入", "*有收入"),
        source("条"),
        rule=True,
    )


def test_a_rule_that_says_all_is_clean() -> None:
    assert told(rule()) == []


def test_numbers_have_units() -> None:
    assert told(rule(收入="number")) == ["是数，却没有单位"]


def test_clauses_are_cited_and_say_how_sure_they_are() -> None:
    assert told(rule(cites="")) == ["条款没有出处"]
    assert told(rule(GOOD.replace(' evidence="found"', ""))) == ["没有说这一条有多可靠（evidence）"]
    found = one(rule(GOOD.replace("found", "fuond")), "evidence 不能是")
    assert found.how_to_mend == "是不是 found？"
    assert told(rule(GOOD.replace(' requires="要有收入"', ""))) == ["没有用一句话写明要求（requires）"]


def test_words_of_the_extension_that_mean_nothing_are_told() -> None:
    found = one(rule(GOOD.replace("evidence=", "evidense=")), "没有属性 evidense")
    assert found.how_to_mend == "是不是 evidence？"
    found = one(rule(GOOD.replace("wotu:clause", "wotu:clauze")), "没有 wotu:clauze")
    assert found.how_to_mend == "是不是 wotu:clause？"


def test_a_clause_is_true_or_false_and_counts() -> None:
    assert "条款须得出真假，变量的类型是：string" in told(rule(kind="string"), "error")
    about = book(
        {"收入": "number 单位元"},
        decision("有收入", "收入 > 0", "收入", "boolean", GOOD, "条"),
        decision("符合", "收入 > 1", "收入"),
        source("条"),
        rule=True,
    )
    assert told(about) == ["“符合”没有用到这一条，满不满足都一样"]
