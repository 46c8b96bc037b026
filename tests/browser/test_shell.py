"""The desk in a real browser: signing in, home, the menu on a phone, and a number that opens."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Page, expect

from wotu.registers.roles import POLICY_OFFICER
from wotu.registry.models import Enterprise

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(live_server: Any) -> str:
    """Where a zone with one enterprise and one policy officer is served."""
    user = User.objects.create_user("lin", password="a-long-password", is_staff=True, first_name="林")
    user.groups.add(Group.objects.get_or_create(name=POLICY_OFFICER.name)[0])
    Enterprise.objects.create(code="91320505MA00000000", name="沃野科技有限公司", established_on="2015-01-01")
    return str(live_server.url)


def sign_in(page: Page, desk: str, address: str = "/") -> None:
    page.goto(desk + address)
    page.get_by_label("登录名").fill("lin")
    page.get_by_label("密码").fill("a-long-password")
    page.get_by_role("button", name="登录").click()


def test_signing_in_leads_to_the_page_that_was_asked_for(page: Page, desk: str) -> None:
    sign_in(page, desk, "/jobs/?state=failed")
    expect(page).to_have_url(re.compile(r"/jobs/\?state=failed$"))
    expect(page.get_by_role("heading", name="任务")).to_be_visible()


def test_a_wrong_password_is_answered_in_chinese(page: Page, desk: str) -> None:
    page.goto(desk)
    page.get_by_label("登录名").fill("lin")
    page.get_by_label("密码").fill("wrong")
    page.get_by_role("button", name="登录").click()
    said = page.get_by_role("alert").inner_text()
    assert "密码" in said
    assert not re.search("[A-Za-z]{3}", said)


def test_a_number_of_home_opens_beside_it(page: Page, desk: str) -> None:
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    sign_in(page, desk)
    page.get_by_role("button", name="市场主体").first.click()
    panel = page.get_by_role("dialog")
    expect(panel).to_contain_text("口径")
    expect(panel).to_contain_text("沃野科技有限公司")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    assert failures == []


def test_on_a_phone_the_menu_opens_by_keyboard_and_nothing_runs_off_the_side(page: Page, desk: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, desk)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    line = page.get_by_role("link", name="企业列表")
    expect(line).to_be_hidden()
    page.get_by_role("button", name="导航", exact=True).press("Enter")
    expect(line).to_be_visible()
    page.keyboard.press("Escape")
    expect(line).to_be_hidden()
