"""The main job in a real browser: from an enterprise to what it is entitled to, the clause that says so and the fact behind it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Page, expect

from tests.policy.conftest import DAY, HIGH_TECH, four, screened
from wotu.registers.roles import POLICY_OFFICER

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(live_server: Any, page: Page) -> str:
    """A screened zone, and a policy officer signed in to it."""
    four()
    screened()
    user = User.objects.create_user("lin", password="a-long-password", is_staff=True, first_name="林")
    user.groups.add(Group.objects.get_or_create(name=POLICY_OFFICER.name)[0])
    page.goto(live_server.url)
    page.get_by_label("登录名").fill("lin")
    page.get_by_label("密码").fill("a-long-password")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="今日待办")).to_be_visible()
    return str(live_server.url)


def test_an_eligibility_is_followed_to_its_clause_and_its_fact(page: Page, desk: str) -> None:
    page.goto(f"{desk}/registry/enterprises/")
    page.get_by_role("link", name="甲全符合有限公司").click()
    page.get_by_role("link", name="可享政策").first.click()
    page.goto(f"{page.url.split('&')[0]}&as_of={DAY}")
    rule = page.locator("details.pm-rule", has_text=HIGH_TECH)
    rule.locator("summary").click()
    clause = rule.locator("li.pm-clause", has_text="科技人员占比")
    expect(clause).to_contain_text("满足")
    expect(clause).to_contain_text("国科发火〔2016〕32号")
    expect(clause).to_contain_text("公开转述")
    clause.get_by_role("button", name="科技人员数").first.click()
    panel = page.get_by_role("dialog")
    expect(panel).to_contain_text("12 人")
    expect(panel).to_contain_text("税务局")
    expect(panel).to_contain_text("2025年")


def test_a_near_miss_says_how_far_and_what_would_do(page: Page, desk: str) -> None:
    page.goto(f"{desk}/policy/match/")
    page.get_by_role("link", name=HIGH_TECH).first.click()
    page.locator(".pm-numbers a", has_text="差一项").click()
    page.get_by_role("link", name="乙差一项有限公司").click()
    rule = page.locator("details.pm-rule", has_text=HIGH_TECH)
    expect(rule.locator("li.pm-clause", has_text="科技人员占比")).to_contain_text("差 1 个百分点")
    rule.get_by_role("button", name="怎样才能符合").click()
    expect(rule.locator(".pm-plans li").first).to_contain_text("科技人员数")


def test_every_clause_of_a_rule_is_in_its_diagram(page: Page, desk: str) -> None:
    page.goto(f"{desk}/policy/match/")
    page.get_by_role("link", name=HIGH_TECH).first.click()
    page.get_by_role("link", name="规则图（DMN）").click()
    diagram = page.locator(".pm-diagram")
    expect(diagram.locator("svg").first).to_be_visible()
    expect(diagram).to_contain_text("创新能力")
    page.locator("[data-clause-door='创新能力']").click()
    expect(diagram).to_contain_text("符合")


def test_an_officer_records_that_a_clause_was_checked(page: Page, desk: str) -> None:
    page.goto(f"{desk}/policy/match/")
    page.get_by_role("link", name=HIGH_TECH).first.click()
    clause = page.locator("li[data-clause='注册满一年']")
    clause.get_by_text("记为已核对").first.click()
    clause.get_by_label("对照的文本").fill("科技部网站公布的办法全文")
    clause.get_by_role("button", name="记为已核对").click()
    expect(clause).to_contain_text("已核对")
    expect(clause).to_contain_text("林")
