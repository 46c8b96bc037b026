"""What changed between two versions, in words, and inputs that are decided otherwise, tried on both."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest

from wotu.rulebook import Rulebook
from wotu.rulebook.check.diff import Difference, diff

from .models import book, decision, table

INPUTS = {"收入": "number: >= 0 单位", "年限": "number: >= 0"}
YEARS = {"年限": "number 单位年"}


def said(found: Difference) -> list[tuple[str, str, str, str]]:
    return [(each.what, each.name, each.before, each.after) for each in found.said]


def years(line: str) -> Rulebook:
    return book(YEARS, decision("够年", line, "年限"), decision("符合", "够年", "*够年"))


def test_nothing_changed_is_proven() -> None:
    found = diff(years("年限 >= 2"), years("年限 >= 2"))
    assert (found.said, found.outcomes) == ((), ())
    assert {each.decision: each.proven for each in found.same} == {"够年": True, "符合": True}


def test_a_moved_line_is_said_with_its_unit_and_shown_on_inputs() -> None:
    found = diff(years("年限 >= 2"), years("年限 >= 3"))
    assert said(found) == [("line", "年限", "≥ 2 年", "≥ 3 年")]
    assert [(each.decision, each.before, each.after, each.by) for each in found.outcomes] == [
        ("够年", True, False, ("年限",)),
        ("符合", True, False, ("年限",)),
    ]
    assert 2 <= found.outcomes[0].inputs["年限"] < 3


def test_inputs_decisions_and_clauses_come_and_go() -> None:
    old = book({"甲": "number", "乙": "boolean"}, decision("一", "甲 > 1", "甲"), decision("二", "乙", "乙"))
    new = book({"甲": "number: >= 0", "丙": "date"}, decision("一", "甲 > 1", "甲"), decision("三", "丙 != null", "丙"))
    assert said(diff(old, new)) == [
        ("input", "丙", "", "日期"),
        ("input", "甲", "数", "数，允许 >= 0"),
        ("input", "乙", "真假", ""),
        ("decision", "三", "", "丙 != null"),
        ("decision", "二", "乙", ""),
    ]


def test_what_is_written_otherwise_but_means_the_same_shows_no_difference() -> None:
    found = diff(years("年限 >= 2"), years("not(年限 < 2)"))
    assert found.outcomes == ()
    assert {each.decision: each.proven for each in found.same} == {"够年": False, "符合": False}


def bands(*rows: tuple[str, str], policy: str = "FIRST") -> Rulebook:
    return book({"分": "number: [0..100]"}, decision("档", table(["分"], rows, policy), "分", "number"))


def test_tables_are_compared_exactly() -> None:
    old = bands((">= 80", "3"), (">= 60", "2"), ("-", "1"))
    same = diff(old, bands(("[80..100]", "3"), ("[60..80)", "2"), ("< 60", "1"), policy="UNIQUE"))
    assert [each.proven for each in same.same] == [True]
    found = diff(old, bands((">= 80", "3"), ("> 60", "2"), ("-", "1")))
    assert [(each.inputs, each.before, each.after) for each in found.outcomes] == [
        ({"分": Decimal(60)}, Decimal(2), Decimal(1))
    ]
    assert said(found) == [("table", "档 第 2 行 分", ">= 60", "> 60")]


@pytest.mark.parametrize("seed", range(12))
def test_random_tables_proven_the_same_never_differ(seed: int) -> None:
    chance = Random(seed)

    def cut() -> tuple[str, str]:
        return chance.choice(["< 3", ">= 3", "[3..6]", "(3..6)", "> 6", "6", "-"]), chance.choice("12")

    old, new = (bands(*(cut() for _ in range(3)), ("-", "1")) for _ in range(2))
    found = diff(old, new)
    if found.same:
        for value in [0, 1, 2.5, 3, 4, 6, 6.5, 7, 100]:
            assert old.evaluate({"分": value}).values == new.evaluate({"分": value}).values
    for each in found.outcomes:
        assert old.evaluate(each.inputs).values[each.decision] == each.before != each.after
        assert new.evaluate(each.inputs).values[each.decision] == each.after


def test_a_row_that_never_matches_tells_nothing_apart() -> None:
    found = diff(bands((">= 80", "3"), ("-", "1")), bands(("> 100", "2"), (">= 80", "3"), ("-", "1")))
    assert (found.outcomes, [each.proven for each in found.same]) == ((), [True])
