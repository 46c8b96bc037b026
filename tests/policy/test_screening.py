"""A screening: the right answer for each enterprise, counted by clause, immutable, never computed twice, resumable."""

from __future__ import annotations

import pytest

from wotu.policy import queries
from wotu.policy.models import Edition, Screening
from wotu.policy.screening import screen
from wotu.registry import facts, lake
from wotu.registry.models import Enterprise, Source
from wotu.registry.periods import Period
from wotu.rulebook import columnar

from .conftest import DAY

pytestmark = pytest.mark.django_db


def names(screening: Screening, edition: Edition, state: str, clause: str | None = None) -> list[str]:
    return [m.name for m in queries.members(screening, edition, state=state, clause=clause)[1]]


def test_each_enterprise_gets_the_answer_its_facts_give(screening: Screening, edition: Edition):
    assert names(screening, edition, "eligible") == ["甲全符合有限公司"]
    assert names(screening, edition, "unknown") == ["丙不知道有限公司"]
    assert names(screening, edition, "near") == ["乙差一项有限公司"]
    assert names(screening, edition, "not") == ["丁不符合有限公司", "乙差一项有限公司"]


def test_a_near_miss_says_which_clause_and_how_far(screening: Screening, edition: Edition):
    _total, [near] = queries.members(screening, edition, state="near")
    assert near.clause == "科技人员占比"
    assert "1" in near.distance
    assert "百分点" in near.distance


def test_each_count_of_a_clause_opens_exactly_its_rows(screening: Screening, edition: Edition):
    rule = screening.rules.get(edition=edition)
    for line in rule.clauses:
        opened = {
            label: queries.members(screening, edition, state=state, clause=line["clause"])[0]
            for label, state in {
                "met": "met", "not_met": "unmet", "unknown": "open", "only_stop": "near", "would_settle": "settles",
            }.items()
        }  # fmt: skip
        assert opened == {label: line[label] for label in opened}, line["clause"]
    assert names(screening, edition, "settles", "创新能力") == ["丙不知道有限公司"]


def test_the_counts_of_a_rule_cover_every_enterprise(screening: Screening):
    for rule in screening.rules.all():
        graded = sum(grade["count"] for grade in rule.grades)
        assert rule.eligible + rule.not_eligible + rule.unknown + graded == screening.enterprises == 4


def test_the_same_rules_and_facts_are_never_screened_twice(screening: Screening, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(columnar, "screen", lambda *_, **__: pytest.fail("computed again"))
    assert screen(DAY).pk == screening.pk


def test_a_new_fact_gives_a_new_screening_and_leaves_the_old_one(
    screening: Screening, edition: Edition, zone: dict[str, Enterprise]
):
    source = Source.objects.get()
    said = facts.Stated(zone["unknown"].pk, "innovation_score", Period.parse("2026-04-01"), 90)
    facts.record([said], source=source)
    lake.snapshot()
    later = screen(DAY)
    assert names(later, edition, "eligible") == ["丙不知道有限公司", "甲全符合有限公司"]
    assert names(screening, edition, "eligible") == ["甲全符合有限公司"]


def test_a_rule_that_only_grades_counts_grades_and_opens_them(screening: Screening):
    rule = screening.rules.get(edition__policy__name="中小企业划型标准")
    assert rule.grades == [{"value": "小型", "count": 4}]
    assert (rule.eligible, rule.not_eligible, rule.unknown) == (0, 0, 0)
    for grade in rule.grades:
        assert queries.members(screening, rule.edition, state="grade", clause=grade["value"])[0] == grade["count"]
    assert queries.members(screening, rule.edition, state="unknown")[0] == rule.unknown
