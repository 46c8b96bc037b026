"""What would reach a wanted grade, score, amount or condition: the smallest changes of what may change, each tried."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import wotu.policy
from tests.differential.plausible import BOOKS, EXAMPLES, IDS
from tests.rulebook.dmn.models import decided, definitions, given
from wotu.rulebook import Rulebook, RulebookError
from wotu.rulebook.documents import write_json
from wotu.rulebook.examples import beside, read_examples
from wotu.rulebook.explain import reach, what_would_do
from wotu.rulebook.explain.document import reached_document

RULES = Path(wotu.policy.__file__).parent / "rules"


def rule(name: str) -> tuple[Rulebook, dict[str, Any]]:
    file = RULES / f"{name}.dmn"
    return Rulebook.load(file), dict(read_examples(beside(file))[0].inputs)


def texts(book: Rulebook, inputs: dict[str, Any], goal: str, *changeable: str) -> list[str]:
    return [plan.text for plan in reach(book, inputs, goal, changeable or None).plans]


def test_a_grade_of_a_table_is_reached_by_the_inputs_that_may_change() -> None:
    book, _ = rule("中小企业划型标准")
    firm = {"行业": "工业", "从业人员": 250, "营业收入": 10_000_000}
    assert texts(book, firm, '规模 = "中型"', "从业人员", "营业收入") == [
        "从业人员由 250 人 改为 300 人；营业收入由 1000 万元 改为 2000 万元"
    ]
    assert texts(book, firm, '规模 = "中型"', "从业人员") == []
    assert texts(book, firm, '规模 in ("微型", "大型")', "从业人员") == ["从业人员由 250 人 改为 19 人"]


def test_a_score_is_reached_through_its_bands() -> None:
    book, inputs = rule("科技型中小企业评价")
    short = {**inputs, "科技人员数": 15, "研发费用总额": 2_000_000, "二类知识产权数": 2}
    told = reach(book, short, "综合得分 >= 70")
    assert (told.state, told.reason.text) == ("not met", "综合得分 50 分，差 20 分")
    assert told.plans[0].text == "研发费用总额由 200 万元 改为 300 万元"
    for plan in told.plans:
        after = {**book.input_values(short), **{change.name: change.new for change in plan.changes}}
        assert book.evaluate(after).values["综合得分"] >= 70


def test_an_amount_is_reached_through_its_branches_and_its_rounding() -> None:
    book, inputs = rule("小型微利企业")
    assert texts(book, inputs, "应纳税额 <= 30000") == ["年应纳税所得额由 100 万元 改为 60 万元"]
    assert texts(book, inputs, "应纳税额 > 100000") == ["年应纳税所得额由 100 万元 改为 200.00002 万元"]


def test_what_is_reached_already_needs_nothing_and_can_be_turned_about() -> None:
    book, inputs = rule("小型微利企业")
    assert (reach(book, inputs, "符合").state, texts(book, inputs, "符合")) == ("met", [])
    assert "从业人数季度平均由 54 人 改为 301 人" in texts(book, inputs, "not(符合)")


def test_a_goal_joins_decisions_and_inputs() -> None:
    book, inputs = rule("科技型中小企业评价")
    short = {**inputs, "科技人员数": 15}
    plans = reach(book, short, "科技人员得分 = 20 and 科技人员数 <= 20").plans
    assert plans
    for plan in plans:
        after = {**book.input_values(short), **{change.name: change.new for change in plan.changes}}
        assert book.evaluate(after).values["科技人员得分"] == 20
        assert after["科技人员数"] <= 20


def test_a_fact_not_known_is_said_to_be_needed() -> None:
    book = Rulebook.from_bytes(definitions(given("分") + decided("好", "分 >= 60", "in_分", "boolean")))
    assert [plan.text for plan in what_would_do(book, {}, goal="好")] == ["分须为 60"]


@pytest.mark.parametrize(
    ("goal", "sentence"),
    [
        ("创新能力得分", "“创新能力得分”不是条件"),
        ("近三年研发强度 + 1", "“近三年研发强度 + 1”不是条件"),
        ("创新能力得份 > 3", "没有“创新能力得份”。是不是“创新能力得分”？"),
        ("创新能力得分 >", "第 1 行第 9 列"),
    ],
)
def test_a_goal_that_is_no_condition_is_refused(goal: str, sentence: str) -> None:
    book, inputs = rule("高新技术企业认定")
    with pytest.raises(RulebookError) as refused:
        reach(book, inputs, goal)
    assert sentence in str(refused.value)


@pytest.mark.parametrize("book", BOOKS, ids=IDS)
def test_every_plan_reaches_every_goal_it_is_given_for(book: Rulebook) -> None:
    """Each yes-or-no decision turned about, and each score and grade moved, on a worked case of every shipped rule."""
    inputs = dict(EXAMPLES[book.sha256][0].inputs)
    values = book.evaluate(inputs).values
    tried = 0
    for info in book.decisions:
        goal = {"boolean": f"not({info.name})", "number": f"{info.name} < {values[info.name]}"}.get(info.base)
        if goal is None or not isinstance(values[info.name], bool | Decimal):
            continue
        told = reach(book, inputs, goal, limit=2)
        for plan in told.plans:
            after = {**book.input_values(inputs), **{change.name: change.new for change in plan.changes}}
            now = book.evaluate(after).values[info.name]
            assert now is not True if info.base == "boolean" else now < values[info.name], (goal, plan.text)
            tried += 1
        assert write_json(reached_document(told))
    assert tried or book.eligible_name is None
