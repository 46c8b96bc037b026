"""Reviewing: who may do what, what an accepted claim becomes, what is recognised, what is kept and what is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import DataError, IntegrityError, transaction

from tests.intel.conftest import TEXT, claim, taken_in
from wotu.intel import actions
from wotu.intel.models import Article, Claim, ReviewText, Shingle, Target
from wotu.registers.models import AuditLine
from wotu.registers.roles import AUDITOR, INVESTMENT_OFFICER, LEADER, SITE_OPERATOR, Role
from wotu.registers.verbs import Refused
from wotu.registry.models import Enterprise, Fact, ZoneClaim


def test_what_is_read_waits_and_nothing_enters_the_registry(article: Article) -> None:
    assert {c.state for c in article.claims.all()} == {"proposed"}
    assert not ZoneClaim.objects.filter(source__name__contains="园区报").exists()
    hte = claim(article, "国家高新技术企业")
    assert (hte.value, hte.unit, hte.about) == (Decimal(5), "家", "zone")
    assert TEXT[hte.start : hte.stop] == hte.quote


def test_an_accepted_figure_is_published_with_its_source_quote_and_voucher(article: Article, reviewer: User) -> None:
    actions.accept(claim(article, "国家高新技术企业"), reviewer)
    accepted = claim(article, "国家高新技术企业")
    figure = accepted.published
    assert figure is not None
    assert (figure.name, figure.value, figure.source.name) == ("国家高新技术企业", Decimal(5), "园区报 2021-11-05")
    assert figure.quote == accepted.quote
    assert (accepted.state, accepted.decided_by) == ("accepted", reviewer)
    assert AuditLine.objects.filter(verb="intel.accept", by=reviewer, subject_id=str(accepted.pk)).exists()


def test_a_growth_beside_a_figure_is_published_too(article: Article, reviewer: User) -> None:
    actions.accept(claim(article, "新增市场主体"), reviewer)
    growth = claim(article, "新增市场主体").published_growth
    assert growth is not None
    assert (growth.name, growth.value, growth.unit, growth.period) == (
        "新增市场主体增长",
        Decimal(50),
        "%",
        "2021-01..2021-09",
    )


def test_a_target_is_no_figure(article: Article, reviewer: User) -> None:
    aim = Claim.objects.get(article=article, status=Claim.Status.TARGET)
    actions.accept(aim, reviewer)
    target = Target.objects.get(claim=aim)
    assert (target.value, target.due_on) == (Decimal(2000), date(2025, 12, 31))
    assert not ZoneClaim.objects.filter(value=2000, source=target.source).exists()


def test_a_figure_about_a_known_enterprise_becomes_its_fact(article: Article, reviewer: User) -> None:
    one = claim(article, "上市企业")
    changes = {"about": "enterprise", "subject": "青禾电子有限公司", "indicator": "营业收入", "value": "3.2亿", "unit": "元",
               "period": "2020"}  # fmt: skip
    actions.correct(one, reviewer, changes=changes)
    fact = Fact.objects.get(enterprise__name="青禾电子有限公司", attribute__code="revenue")
    assert (fact.value, fact.period, fact.source.name, fact.by) == (
        Decimal(320_000_000),
        "2020",
        "园区报 2021-11-05",
        reviewer,
    )
    one.refresh_from_db()
    assert one.fact == fact
    assert one.read_as["value"].startswith("1")
    with pytest.raises(Refused, match="事实不能抹去"):
        actions.reopen(one, reviewer)


def test_an_enterprise_that_is_not_registered_is_refused_in_words(article: Article, reviewer: User) -> None:
    with pytest.raises(Refused, match="登记里没有叫“无名公司”的企业"):
        actions.correct(claim(article, "上市企业"), reviewer, changes={"about": "enterprise", "subject": "无名公司"})
    assert claim(article, "上市企业").open


@pytest.mark.parametrize("role", [INVESTMENT_OFFICER, LEADER, AUDITOR, SITE_OPERATOR], ids=lambda role: role.id)
def test_only_the_second_role_decides(article: Article, member: Callable[[Role], User], role: Role) -> None:
    with pytest.raises(PermissionDenied):
        actions.accept(claim(article, "上市企业"), member(role))
    with pytest.raises(PermissionDenied):
        actions.accept_all(article, member(role))
    assert not article.claims.exclude(state="proposed").exists()


def test_who_took_an_article_in_may_propose_but_not_accept(article: Article, officer: User, reviewer: User) -> None:
    listed = claim(article, "上市企业")
    actions.revise(listed, officer, changes={"value": "2"}, note="又上市一家")
    with pytest.raises(PermissionDenied):
        actions.accept(listed, officer)
    actions.accept(listed, reviewer)
    assert claim(article, "上市企业").value == 2


def test_nobody_decides_what_he_proposed_himself(article: Article, reviewer: User) -> None:
    made = Claim(article=article)
    actions.propose(made, reviewer, changes={"indicator": "外资企业", "value": "2", "unit": "家"}, quote="外资企业2家")
    with pytest.raises(Refused, match="您自己提出的"):
        actions.accept(made, reviewer)
    left = actions.accept_all(article, reviewer)
    assert left.left == 1
    article.refresh_from_db()
    assert article.state == "review"


def test_the_system_vouches_for_nothing(article: Article) -> None:
    with pytest.raises(Refused, match="由看过原文的人决定"):
        actions.accept(claim(article, "上市企业"), None)


def test_words_that_are_not_in_the_article_are_refused(article: Article, officer: User) -> None:
    with pytest.raises(Refused, match="正文里没有"):
        actions.propose(Claim(article=article), officer, changes={"indicator": "院士", "value": "9"}, quote="院士9人")


def test_the_text_goes_when_the_review_ends_and_quotes_stay_short(article: Article, reviewer: User) -> None:
    assert ReviewText.objects.get(article=article).text == TEXT
    actions.accept_all(article, reviewer)
    article.refresh_from_db()
    assert article.state == "done"
    assert not ReviewText.objects.filter(article=article).exists()
    kept = " ".join(
        str(v) for model in (Article, Claim, Shingle, AuditLine) for row in model.objects.values() for v in row.values()
    )
    assert "晒出科技企业家底\n" not in kept
    assert "今年前9个月，新增市场主体300家、增长50%" not in kept
    assert max(len(c.quote) for c in article.claims.all()) <= 200


def test_the_same_article_is_recognised_whatever_its_width_and_script(article: Article, officer: User) -> None:
    again = TEXT.replace("截至目前，", "截至目前,").replace("5家", "５家").replace("企业", "企業")
    assert taken_in(again, officer) == article
    assert Article.objects.count() == 1


def test_a_reworded_reprint_is_recognised_and_its_claims_are_merged(
    article: Article, officer: User, reviewer: User
) -> None:
    actions.accept_all(article, reviewer)
    reworded = "据悉，" + TEXT.replace("晒出科技企业家底", "科技企业再添新军").replace(
        "截至目前，", "截至目前，全区形势喜人，"
    )
    reprint = taken_in(reworded, officer, publisher="转载网")
    assert reprint != article
    assert reprint.republishes == article
    figures = ZoneClaim.objects.count()
    done = actions.accept_all(reprint, reviewer)
    assert done.merged >= 3
    assert claim(reprint, "上市企业").same_as == claim(article, "上市企业")
    assert claim(reprint, "上市企业").state == "merged"
    assert ZoneClaim.objects.count() == figures


def test_another_article_of_the_zone_is_no_reprint(article: Article, officer: User) -> None:
    other = "苏州高新区举办招才引智大会。会上，总投资20亿元的6个项目签约，涉及医疗器械、集成电路等产业，预计带动就业3000人。"
    assert taken_in(other, officer, published=date(2022, 3, 1)).republishes is None


def test_a_decision_can_be_taken_back(article: Article, reviewer: User) -> None:
    listed = claim(article, "上市企业")
    actions.accept(listed, reviewer)
    figures = ZoneClaim.objects.count()
    actions.reopen(listed, reviewer)
    listed.refresh_from_db()
    assert (listed.state, listed.published, listed.decided_by) == ("proposed", None, None)
    assert ZoneClaim.objects.count() == figures - 1


def test_accepting_twice_changes_nothing(article: Article, reviewer: User) -> None:
    listed = claim(article, "上市企业")
    actions.accept(listed, reviewer, key="once")
    figures, lines = ZoneClaim.objects.count(), AuditLine.objects.count()
    actions.accept(listed, reviewer, key="once")
    with pytest.raises(Refused, match="现为“已接受”"):
        actions.accept(listed, reviewer)
    assert (ZoneClaim.objects.count(), AuditLine.objects.count()) == (figures, lines)


def test_a_figure_the_zone_already_keeps_from_that_source_is_not_kept_twice(
    zone: dict[str, Enterprise], officer: User, reviewer: User
) -> None:
    before = ZoneClaim.objects.count()
    told = taken_in("截至目前，苏州高新区上市企业22家。", officer, publisher="国际商报")
    actions.accept(claim(told, "上市企业"), reviewer)
    assert claim(told, "上市企业").published == ZoneClaim.objects.get(key="listed")
    assert ZoneClaim.objects.count() == before


def test_wrong_states_cannot_be_stored(article: Article, reviewer: User) -> None:
    listed = claim(article, "上市企业")
    for wrong in ({"state": "accepted"}, {"quote": "长" * 201}, {"stop": 0}, {"same_as_id": listed.pk}):
        with pytest.raises((IntegrityError, DataError)), transaction.atomic():
            Claim.objects.filter(pk=listed.pk).update(**wrong)
