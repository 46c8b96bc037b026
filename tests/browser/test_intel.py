"""From a news page to facts somebody vouches for, in a real browser: pasted, marked, decided, published, cross-checked."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Page, expect

from tests import tinyzone
from wotu.intel.models import Article, Claim, ReviewText
from wotu.registers.roles import POLICY_OFFICER, REVIEWER, Role
from wotu.registry.models import ZoneClaim

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SignIn = Callable[[Role], Page]


@pytest.fixture
def sign_in(live_server: Any, page: Page) -> SignIn:
    """Sign somebody of a role in, after whoever was signed in before."""

    def by(role: Role) -> Page:
        user = User.objects.create_user(role.id, password="a-long-password", is_staff=True, first_name=role.name)
        user.groups.add(Group.objects.get_or_create(name=role.name)[0])
        page.context.clear_cookies()
        page.goto(live_server.url)
        page.get_by_label("登录名").fill(role.id)
        page.get_by_label("密码").fill("a-long-password")
        page.get_by_role("button", name="登录").click()
        expect(page.get_by_role("heading", name="今日待办")).to_be_visible()
        return page

    return by


def paste(page: Page, base: str, text: str) -> str:
    """Paste an article; the address of its review."""
    page.goto(f"{base}/intel/articles/")
    page.get_by_role("link", name="收录文章").click()
    page.get_by_label("报道正文").fill(text)
    page.get_by_role("button", name="读取").click()
    expect(page.locator("mark").first).to_be_visible()
    return page.url


def test_an_article_becomes_facts_that_stand_beside_the_count(live_server: Any, sign_in: SignIn, shared: Path) -> None:
    tinyzone.build()
    ZoneClaim.objects.all().delete()
    text = (shared / "data/seed/article.txt").read_text(encoding="utf-8")
    base = str(live_server.url)

    page = sign_in(POLICY_OFFICER)
    review = paste(page, base, text)
    expect(page.locator("mark", has_text="国家高企972家")).to_be_visible()
    expect(page.locator(".it-text")).to_contain_text(re.compile("800万方米平方米？"))
    expect(page.get_by_role("button", name="接受", exact=True)).to_have_count(0)

    page = sign_in(REVIEWER)
    page.goto(review)
    card = page.locator(".it-card", has_text="国家高企972家")
    card.locator(".it-quote").click()
    expect(page.locator("mark.it-current")).to_have_text("国家高企972家")
    page.keyboard.press("e")
    value = card.get_by_label("数值")
    expect(value).to_be_focused()
    value.fill("970")
    card.get_by_label("说明").fill("与科技局核对")
    card.get_by_role("button", name="改后接受").click()
    expect(card).to_contain_text("原来读作 数值：972")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="其余全部接受").click()
    expect(page.get_by_text("已审结，正文不再保留")).to_be_visible()
    assert not ReviewText.objects.exists()
    assert not Claim.objects.filter(state="proposed").exists()

    page.goto(f"{base}/registry/measures/")
    listed = page.get_by_role("row").filter(has=page.get_by_role("link", name="国家高新技术企业"))
    expect(listed).to_contain_text("970 家")
    expect(listed.locator("[title*='国家高企972家']")).to_have_count(1)

    page.goto(f"{base}/intel/check/?show=off")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="国家高新技术企业"))
    expect(row).to_contain_text("970 家")
    expect(row).to_contain_text("国际商报 2021-11-05")
    row.locator(".it-off").click()
    panel = page.get_by_role("dialog")
    expect(panel).to_contain_text("✗ 不符")
    expect(panel).to_contain_text("“国家高企972家”")
    expect(panel).to_contain_text("情报审核")
    panel.get_by_role("link", name="打开台账名单").click()
    expect(page.get_by_role("link", name="青禾电子有限公司")).to_be_visible()

    page.goto(f"{base}/intel/check/?q=新增市场主体")
    expect(page.get_by_text("推得2020年前9个月约 7,327 家")).to_be_visible()


def test_a_review_is_done_by_keyboard(live_server: Any, sign_in: SignIn) -> None:
    tinyzone.build()
    page = sign_in(REVIEWER)
    text = "高新区家底\n\n截至目前，苏州高新区集聚国家高新技术企业5家、上市企业1家，外资企业2家，上市企业1家领跑全省。"
    paste(page, str(live_server.url), text)
    states = page.locator(".it-card")
    first = page.locator(".it-card.it-current")
    expect(first).to_contain_text("国家高新技术企业")
    page.keyboard.press("a")
    expect(states.nth(0)).to_contain_text("已接受")
    expect(first).to_contain_text("上市企业")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(states.nth(2)).to_contain_text("已退回")
    expect(page.locator("#it-count")).to_contain_text("条待审")
    page.keyboard.press("k")
    page.keyboard.press("m")
    expect(page.get_by_role("button", name="合并", exact=True).first).to_be_visible()
    page.keyboard.press("Escape")
    assert Article.objects.get().state == "review"


def test_a_review_fits_a_phone(live_server: Any, sign_in: SignIn) -> None:
    tinyzone.build()
    page = sign_in(REVIEWER)
    page.set_viewport_size({"width": 390, "height": 844})
    paste_text = "高新区家底\n\n截至目前，苏州高新区集聚国家高新技术企业5家、上市企业1家，外资企业2家。"
    page.goto(f"{live_server.url}/intel/articles/new/")
    page.get_by_label("报道正文").fill(paste_text)
    page.get_by_role("button", name="读取").click()
    expect(page.locator(".it-card").first).to_be_visible()
    expect(page.locator("mark").first).not_to_be_visible()
    page.get_by_role("button", name="原文").click()
    expect(page.locator("mark.it-current")).to_be_visible()
    page.locator(".it-thumb").get_by_role("button", name="接受").click()
    page.get_by_role("button", name="数字").click()
    expect(page.locator(".it-card").first).to_contain_text("已接受")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
