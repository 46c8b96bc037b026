"""Gaps, overlaps, rules that never count and results that may not be: each named with inputs that show it."""

from __future__ import annotations

import json

import pytest

from .models import book, decision, one, table, told


def graded(rows, policy="UNIQUE", inputs=None, columns=("分",), needs="分", kind="string", **more):  # type: ignore[no-untyped-def]
    logic = table(columns, rows, policy, **more)
    return book(inputs or {"分": "number: [0..100]"}, decision("等级", logic, needs, kind))


def test_a_complete_table_without_overlaps_is_clean() -> None:
    assert told(graded([("< 60", '"低"'), ("[60..80)", '"中"'), (">= 80", '"高"')])) == []


def test_a_gap_is_a_region_with_inputs_in_it() -> None:
    found = one(graded([("< 60", '"低"'), ("> 60", '"高"')]), "没有规则")
    assert (found.what, found.severity) == ("没有规则：分 = 60", "warning")
    assert json.loads(found.example or "") == {"分": 60}
    assert "决策“等级”" in found.where
    found = one(graded([("[0..60)", '"低"'), ("[65..100]", '"高"')]), "没有规则")
    assert found.what == "没有规则：60 ≤ 分 < 65"


def test_what_the_input_cannot_be_is_no_gap() -> None:
    assert told(graded([("[0..60)", '"低"'), ("[60..100]", '"高"')])) == []


@pytest.mark.parametrize(
    ("kind", "cells", "gap"),
    [
        ("date", ('< date("2024-01-01")', '> date("2024-01-02")'), "2024-01-01 ≤ 甲 ≤ 2024-01-02"),
        ("date", ('<= date("2024-01-01")', '>= date("2024-01-02")'), None),
        ("boolean", ("true", "true"), "甲 为否"),
        ('string: "农业", "工业", "商业"', ('"农业"', '"工业"'), "甲 为“商业”"),
        ("string", ('"农业"', '"工业"'), "甲 不是“农业”、“工业”"),
        ("string", ('"农业"', 'not("农业")'), None),
        ("time", ('< time("08:00:00")', '> time("08:00:00")'), "甲 = 08:00:00"),
        (
            "dateTime",
            ('< date and time("2024-01-01T08:00:00")', '>= date and time("2024-01-01T09:00:00")'),
            "2024-01-01T08:00:00 ≤ 甲 < 2024-01-01T09:00:00",
        ),
        ("dayTimeDuration", ('< duration("P30D")', '> duration("P30D")'), "甲 = 30 天"),
        ("yearMonthDuration", ('<= duration("P11M")', '>= duration("P1Y")'), None),
        ("yearMonthDuration", ('<= duration("P11M")', '> duration("P1Y")'), "甲 = P1Y"),
        ("number 单位人", ("<= 10", ">= 11"), "10 人 < 甲 < 11 人"),
    ],
)
def test_gaps_in_every_kind_of_value(kind, cells, gap) -> None:
    about = graded([(cells[0], '"一"'), (cells[1], '"二"')], "FIRST", {"甲": kind}, ("甲",), "甲")
    assert [what for what in told(about) if what.startswith("没有规则")] == ([f"没有规则：{gap}"] if gap else [])


def test_a_gap_that_whole_numbers_never_meet_is_only_mentioned() -> None:
    about = graded([("<= 10", '"小"'), (">= 11", '"大"')], inputs={"分": "number 单位人"})
    assert one(about, "没有规则").severity == "info"


def test_a_default_closes_every_gap() -> None:
    assert told(graded([("< 60", '"低"')], default='"高"')) == []


def test_lists_may_be_empty_but_sums_are_null() -> None:
    rows = [("> 60", "1"), ("> 80", "2")]
    assert told(graded(rows, "COLLECT", kind="number")) == []
    assert one(graded(rows, "COLLECT", aggregation="SUM", kind="number"), "没有规则").what == "没有规则：0 ≤ 分 ≤ 60"


def test_a_ratio_is_tried_with_real_inputs() -> None:
    about = book(
        {"费用": "number: >= 0", "收入": "number: >= 0"},
        decision("档", table(["费用 / 收入"], [("< 0.03", "1"), ("> 0.05", "2")]), "费用 收入", "number"),
    )
    found = one(about, "0.03 ≤ 费用 / 收入 ≤ 0.05")
    inputs = json.loads(found.example or "")
    assert 0.03 <= inputs["费用"] / inputs["收入"] <= 0.05


def test_two_rules_at_once_break_unique() -> None:
    found = one(graded([("<= 60", '"低"'), (">= 60", '"高"')]), "同时命中")
    assert (found.severity, found.example) == ("error", '{"分": 60}')
    assert found.what == "第 1 行与第 2 行同时命中，而命中策略 UNIQUE 只许一行，结果为 null：分 = 60"
    assert "的第 2 行" in found.where
    assert told(graded([("<= 60", '"低"'), (">= 60", '"高"')], "FIRST")) == []


def test_any_wants_the_same_result() -> None:
    same = [("<= 60", '"低"'), ("<= 50", '"低"'), ("> 60", '"高"')]
    assert told(graded(same, "ANY"), "error") == []
    assert "结果不同" in one(graded([*same, (">= 60", '"高"')], "ANY"), "同时命中而结果不同").what


def test_a_rule_that_earlier_ones_cover_is_never_reached() -> None:
    found = one(graded([("< 50", '"低"'), (">= 50", '"高"'), ("[40..60]", '"中"')], "FIRST"), "轮不到")
    assert (found.what, found.severity) == ("轮不到这一行：第 1、2 行已全部覆盖它", "warning")
    rows = [("<= 60", '"低"'), ("-", '"高"'), ("< 50", '"低"')]
    shadowed = [what for what in told(graded(rows, "PRIORITY", values='"高", "低"')) if "轮不到" in what]
    assert len(shadowed) == 2


def test_a_cell_outside_the_allowed_values_never_holds() -> None:
    found = one(graded([("> 100", '"满"'), ("<= 100", '"低"')]), "永远不成立")
    assert (found.severity, found.example) == ("warning", "> 100")


def test_rules_that_could_be_one_are_mentioned() -> None:
    rows = [("< 50", '"低"'), ("[50..60)", '"低"'), (">= 60", '"高"')]
    found = one(graded(rows), "可以合成一行")
    assert (found.severity, found.what) == ("info", "第 1 行与第 2 行结果相同，只有一个条件不同，可以合成一行")


def test_results_stay_within_the_output_values() -> None:
    about = graded([("< 60", '"低"'), (">= 60", '"好"')], values='"高", "低"')
    found = one(about, "不在这一列的输出值之内")
    assert (found.severity, found.how_to_mend) == ("error", '输出值有 "高", "低"')


def test_a_cell_that_looks_elsewhere_hides_no_gap_and_makes_no_overlap() -> None:
    about = book(
        {"分": "number: [0..100]", "线": "number: [0..100]"},
        decision("等级", table(["分"], [("< 线", "1"), (">= 线", "2"), ("< 50", "3")]), "分 线", "number"),
    )
    assert [what.partition("，")[0] for what in told(about)] == ["第 1 行第 1 列、第 2 行第 1 列用到了别的值或函数"]


def test_of_a_large_table_the_first_gaps_are_named() -> None:
    columns = [f"列{place}" for place in range(10)]
    rows = [
        [
            *(
                f"[{number * (place + 3) % 90}..{number * (place + 3) % 90 + 30})" if (number + place) % 3 else "-"
                for place in range(10)
            ),
            "1",
        ]
        for number in range(200)
    ]
    inputs = dict.fromkeys(columns, "number: [0..100]")
    found = told(graded(rows, "FIRST", inputs, columns, " ".join(columns)))
    assert any("还有更多" in what for what in found)
