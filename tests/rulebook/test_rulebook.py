"""What a rulebook tells of its rule, what it takes as inputs, and how it refuses what it cannot take."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import wotu.policy
from wotu.rulebook import UNKNOWN, Rulebook, RulebookError
from wotu.rulebook.examples import read_examples, run_examples
from wotu.rulebook.feel import Choices, Date, DaysDuration, Interval, Unknown

from .dmn.models import decided, definitions, given

RULES = Path(wotu.policy.__file__).parent / "rules"
NAMES = sorted(file.stem for file in RULES.glob("*.dmn"))


@pytest.fixture(scope="module")
def high_tech() -> Rulebook:
    return Rulebook.load(RULES / "高新技术企业认定.dmn")


def test_a_rule_says_its_edition_clauses_and_where_they_come_from(high_tech: Rulebook) -> None:
    assert (high_tech.name, high_tech.edition, high_tech.eligible_name) == ("高新技术企业认定", "2016-01-01", "符合")
    assert [clause.name for clause in high_tech.clauses][:2] == ["注册满一年", "核心知识产权"]
    assert len(high_tech.clauses) == 9
    first = high_tech.clauses[0]
    assert (first.decision, first.article, first.evidence) == ("注册满一年", "办法第十一条（一）", "found")
    assert first.citation is not None
    assert first.citation.document == "高新技术企业认定管理办法"
    assert first.citation.number == "国科发火〔2016〕32号"
    assert first.citation.url.startswith("https://")


def test_an_input_says_its_unit_meaning_and_what_it_can_be(high_tech: Rulebook) -> None:
    inputs = {info.name: info for info in high_tech.inputs}
    score, field, day = inputs["创新能力得分"], inputs["技术领域"], inputs["申请日期"]

    assert (score.base, score.unit, score.english) == ("number", "分", "Innovation capability score")
    assert score.allowed == Unknown(Interval("number", Decimal(0), Decimal(100)))
    assert field.suggest[0] == "电子信息"
    assert (field.choices, day.base) == ((), "date")


@pytest.mark.parametrize("name", NAMES)
def test_the_worked_examples_of_every_shipped_rule_come_out(name: str) -> None:
    report = run_examples(Rulebook.load(RULES / f"{name}.dmn"), read_examples(RULES / f"{name}.examples.yaml"))

    assert [difference.text for difference in report.differences] == []
    assert report.passed > 10


@pytest.mark.parametrize("name", NAMES)
def test_the_independent_examples_come_out_too(shared: Path, name: str) -> None:
    cases = read_examples(shared / "rules" / f"{name}.examples.yaml")
    report = run_examples(Rulebook.load(RULES / f"{name}.dmn"), cases)

    assert [difference.text for difference in report.differences] == []
    assert report.passed == len(cases)


TYPES = """<itemDefinition name="得分"><typeRef>number</typeRef><allowedValues><text>[0..100]</text></allowedValues>
</itemDefinition><itemDefinition name="档"><typeRef>string</typeRef><allowedValues><text>"甲", "乙"</text></allowedValues>
</itemDefinition><itemDefinition name="年报"><itemComponent name="年"><typeRef>number</typeRef></itemComponent>
<itemComponent name="收入"><typeRef>number</typeRef></itemComponent></itemDefinition>
<itemDefinition name="年报表" isCollection="true"><typeRef>年报</typeRef></itemDefinition>"""


def taken(kind: str, value: Any) -> Any:
    """An input's value as a decision sees it."""
    book = Rulebook.from_bytes(definitions(TYPES + given("值", kind) + decided("它", "值", "in_值")))
    return book.evaluate({"值": value}).values["它"]


@pytest.mark.parametrize(
    ("kind", "value", "seen"),
    [
        ("number", 12, Decimal(12)),
        ("number", 0.1, Decimal("0.1")),
        ("number", Decimal("1.50"), Decimal("1.5")),
        ("string", "文字", "文字"),
        ("boolean", False, False),
        ("date", "2026-04-01", Date(2026, 4, 1)),
        ("date", datetime.date(2026, 4, 1), Date(2026, 4, 1)),
        ("dayTimeDuration", "P30D", DaysDuration(30 * 86_400 * 10**9)),
        ("Any", [1, {"a": "b"}], [Decimal(1), {"a": "b"}]),
        ("得分", 60, Decimal(60)),
        ("年报", {"年": 2024, "收入": 5}, {"年": Decimal(2024), "收入": Decimal(5)}),
        ("年报表", [{"年": 2024, "收入": 5}], [{"年": Decimal(2024), "收入": Decimal(5)}]),
        ("得分", None, Unknown(Interval("number", Decimal(0), Decimal(100)))),
        ("得分", UNKNOWN, Unknown(Interval("number", Decimal(0), Decimal(100)))),
        ("档", None, Unknown(Choices(("甲", "乙")))),
        ("boolean", None, Unknown(Choices((True, False)))),
        ("年报", {"年": 2024}, {"年": Decimal(2024), "收入": Unknown(Interval("number"))}),
    ],
)
def test_a_value_is_taken_as_its_type_wants_it(kind: str, value: Any, seen: Any) -> None:
    assert taken(kind, value) == seen


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("number", "12", "输入“值”：“12” 不是数字。请给数字，如 120"),
        ("number", True, "true 不是数"),
        ("number", float("nan"), "nan 不是数"),
        ("boolean", 1, "1 不是 true 或 false。请给 true 或 false"),
        ("date", "2026-02-30", "“2026-02-30” 不是日期。请给日期，如 2026-04-01"),
        ("得分", 101, "101 不在允许的值之内。可以是 [0..100]"),
        ("档", "丙", '“丙” 不在允许的值之内。可以是 "甲", "乙"'),
        ("年报", {"年": 2024, "收": 5}, "没有“收”这一项。可以写 年、收入"),
        ("年报表", [{"年": 2024}, {"年": "x"}], "输入“值”第 2 项的“年”：“x” 不是数"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_in_words(kind: str, value: Any, said: str) -> None:
    with pytest.raises(RulebookError) as refused:
        taken(kind, value)

    assert said in str(refused.value)


def test_an_input_or_decision_that_does_not_exist_is_refused_with_a_guess(high_tech: Rulebook) -> None:
    with pytest.raises(RulebookError, match="没有输入“职工人数”。是不是“职工总数”？"):
        high_tech.evaluate({"职工人数": 1})
    with pytest.raises(RulebookError, match="没有决策“符合吗”。是不是“符合”？"):
        high_tech.evaluate({}, decisions=["符合吗"])


def test_why_something_is_null_is_told() -> None:
    book = Rulebook.from_bytes(definitions(given("a") + decided("比", "1 / a", "in_a")))
    found = book.evaluate({"a": 0})

    assert found.values == {"比": None}
    assert [(remark.decision, remark.expression, remark.why) for remark in found.diagnostics] == [
        ("比", "1 / a", "除以 0")
    ]


def test_where_something_is_null_is_told_with_a_caret() -> None:
    book = Rulebook.from_bytes(definitions(given("a") + decided("比", "if a > 0\n then 1 / a else 1 / a + 2", "in_a")))
    [remark, *_] = book.evaluate({"a": 0}).diagnostics
    place = remark.place

    assert place is not None
    assert (place.title, place.source, place.line, place.column) == ("决策“比”", "1 / a", 2, 18)
    assert place.shown == " then 1 / a else 1 / a + 2\n                 ^"


def test_a_trace_tells_each_decision_in_order_and_the_rows_that_matched() -> None:
    book = Rulebook.load(RULES / "中小企业划型标准.dmn")
    given = {"行业": "工业", "从业人员": 1000, "营业收入": 400_000_000, "资产总额": None}
    size, small = book.evaluate(given, trace=True).trace

    assert (size.decision, size.value, small.value) == ("规模", "大型", False)
    assert (size.needs["行业"], small.needs) == ("工业", {"规模": "大型"})
    assert next(hit for hit in size.hits if hit.sure).annotations != ()
