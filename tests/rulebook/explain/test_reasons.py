"""Reasons and ways out by example: near misses, what would settle, what may be changed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import wotu.policy
from wotu.rulebook import Rulebook
from wotu.rulebook.examples import beside, read_examples
from wotu.rulebook.explain import Explanation, what_would_do

RULES = Path(wotu.policy.__file__).parent / "rules"


def rule(name: str) -> tuple[Rulebook, dict[str, Any]]:
    """A rule, and the inputs of its first worked case, which meets everything."""
    file = RULES / f"{name}.dmn"
    return Rulebook.load(file), dict(read_examples(beside(file))[0].inputs)


@pytest.fixture(scope="module")
def high_tech() -> tuple[Rulebook, dict[str, Any]]:
    return rule("高新技术企业认定")


@pytest.fixture(scope="module")
def tech_sme() -> tuple[Rulebook, dict[str, Any]]:
    return rule("科技型中小企业评价")


def told(given: tuple[Rulebook, dict[str, Any]], **changes: Any) -> Explanation:
    book, inputs = given
    return book.explain({**inputs, **changes})


def clause(explanation: Explanation, name: str) -> Any:
    return next(reason for reason in explanation.clauses if reason.name == name)


def test_a_near_miss_names_the_lowest_clause_that_is_short(tech_sme) -> None:
    near = told(tech_sme, 职工总数=501, 科技人员数=200).near_miss
    assert near is not None
    assert (near.clause, near.text) == ("规模", "职工总数 501 人，超出 1 人")


def test_alternatives_already_met_by_another_are_not_what_is_short(tech_sme) -> None:
    near = told(tech_sme, 境内居民企业=False).near_miss
    assert near is not None
    assert near.clause == "居民企业"


def test_two_clauses_short_is_no_near_miss(high_tech) -> None:
    told_of = told(high_tech, 科技人员数=1, 创新能力得分=70)
    assert told_of.near_miss is None
    assert told_of.text == "高新技术企业认定：不符合，未满足：科技人员占比、创新能力。"


def test_one_short_and_one_not_known_is_no_near_miss(high_tech) -> None:
    assert told(high_tech, 科技人员数=1, 创新能力得分=None).near_miss is None


def test_a_ratios_distance_is_in_points_and_in_what_would_have_to_be_spent(high_tech) -> None:
    gap = clause(told(high_tech, 近三年研发费用=Decimal(4_990_000)), "研发费用占比").distance
    assert (gap.amount, gap.points, gap.text) == (Decimal("0.0001"), Decimal("0.01"), "差 0.01 个百分点 ≈ 1 万元")
    assert [(change.name, change.new) for change in gap.changes] == [("近三年研发费用", Decimal(5_000_000))]


def test_a_threshold_that_itself_is_not_enough_says_so(high_tech) -> None:
    gap = clause(told(high_tech, 创新能力得分=70), "创新能力").distance
    assert (gap.strict, gap.text) == (True, "须高于 70 分")
    assert gap.changes[0].new == Decimal("70.01")


def test_what_is_settled_whatever_an_unknown_is_lacks_nothing(high_tech) -> None:
    explained = told(high_tech, 最近一年销售收入=None)
    assert explained.eligible is True
    assert explained.unknown_inputs == ()


def test_an_unknown_that_settles_alone_is_said_to(high_tech) -> None:
    [only] = told(high_tech, 创新能力得分=None).unknown_inputs
    assert (only.name, only.alone, only.unit) == ("创新能力得分", "always", "分")
    both = told(high_tech, 创新能力得分=None, 一年内重大事故或违法=None).unknown_inputs
    assert {(item.name, item.alone) for item in both} == {
        ("创新能力得分", "sometimes"),
        ("一年内重大事故或违法", "sometimes"),
    }


def test_a_ratio_over_zero_needs_a_person_not_a_fact(high_tech) -> None:
    explained = told(high_tech, 科技人员数=0, 职工总数=0)
    reason = clause(explained, "科技人员占比")
    assert (reason.state, reason.missing, reason.note) == ("unknown", (), "职工总数为 0，比例不存在")
    assert explained.text.startswith("高新技术企业认定：未知，须人工判断：科技人员占比 不存在")


def test_feels_null_is_known_to_have_no_value(high_tech) -> None:
    book, inputs = high_tech
    explained = book.explain({**inputs, "技术领域": None}, null="feel")
    assert clause(explained, "技术领域").state == "not met"
    assert explained.unknown_inputs == ()


def test_only_what_may_change_is_changed(high_tech) -> None:
    book, inputs = high_tech
    short = {**inputs, "科技人员数": 5, "近三年研发费用": 4_000_000, "近三年境内研发费用": 4_000_000}
    plans = what_would_do(book, short, {"科技人员数", "近三年研发费用", "近三年境内研发费用"})
    assert {change.name for plan in plans for change in plan.changes} <= {
        "科技人员数",
        "近三年研发费用",
        "近三年境内研发费用",
    }
    assert plans[0].text == "科技人员数由 5 人 改为 10 人；近三年研发费用由 400 万元 改为 500 万元"
    assert what_would_do(book, short, {"创新能力得分"}) == ()
    assert what_would_do(book, inputs) == ()


def test_a_change_that_would_break_another_clause_brings_what_mends_it(high_tech) -> None:
    book, inputs = high_tech
    short = {**inputs, "近三年研发费用": 4_000_000, "近三年境内研发费用": 2_400_000}
    [first, *_] = what_would_do(book, short, {"近三年研发费用", "近三年境内研发费用"})
    assert {change.name: change.new for change in first.changes} == {
        "近三年研发费用": Decimal(5_000_000),
        "近三年境内研发费用": Decimal(3_000_000),
    }


def test_dearer_inputs_are_changed_last(high_tech) -> None:
    book, inputs = high_tech
    short = {**inputs, "科技人员数": 5}
    both = {"科技人员数", "职工总数"}
    assert what_would_do(book, short, both, weights={"科技人员数": Decimal(9)})[0].changes[0].name == "职工总数"
    assert what_would_do(book, short, both, weights={"职工总数": Decimal(9)})[0].changes[0].name == "科技人员数"


def test_a_score_finds_the_cheapest_step_up(tech_sme) -> None:
    book, inputs = tech_sme
    short = {**inputs, "科技人员数": 15, "研发费用总额": 2_000_000, "二类知识产权数": 2}
    assert book.evaluate(short).values["综合得分"] == 50
    plan = what_would_do(book, short, {"研发费用总额"})[0]
    assert plan.text == "研发费用总额由 200 万元 改为 250 万元"


def test_an_internal_result_is_called_what_people_call_it(tech_sme) -> None:
    short = {"科技人员数": 15, "研发费用总额": 2_000_000, "二类知识产权数": 2}
    assert clause(told(tech_sme, **short), "评分达标").text == "综合得分 50 分，差 10 分"


def test_large_counts_have_a_comma_at_the_thousands(tech_sme) -> None:
    assert clause(told(tech_sme, 职工总数=6129), "规模").text == "职工总数 6,129 人，超出 5,629 人"
