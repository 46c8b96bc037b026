"""The wall in a real browser: numbers and areas open over it, it fits every screen and keeps still for who asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.tinyzone import build, sign_in
from wotu.registers.roles import LEADER

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCREENS = ((1920, 1080), (1440, 900), (390, 844))
WALL = "/cockpit/?as_of=2024-05-31"
Open = Callable[..., Page]


@pytest.fixture
def wall(browser: Browser, live_server) -> Iterator[Open]:  # type: ignore[no-untyped-def]
    """Opens the wall as the leader; a script that fails fails the test."""
    build()
    key = sign_in(LEADER).cookies["sessionid"].value
    contexts, errors = [], []

    def show(width: int = 1920, height: int = 1080, **more: object) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN", **more)  # type: ignore[arg-type]
        context.add_cookies([{"name": "sessionid", "value": key, "url": live_server.url}])
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(live_server.url + WALL)
        expect(page.get_by_role("heading", name="最新动态")).to_be_visible()
        return page

    yield show
    for context in contexts:
        context.close()
    assert errors == []


def test_a_number_opens_its_rows_over_the_wall_and_closes_again(wall: Open) -> None:
    page = wall()
    number = page.locator(".ck-door", has_text="国家高新技术企业")
    expect(number).to_contain_text("3")
    number.click()
    panel = page.get_by_role("dialog")
    expect(panel).to_contain_text("自发证之日起三年")
    expect(panel).to_contain_text("2024-05-31")
    expect(panel.get_by_role("link", name="立夏商贸有限公司")).to_be_visible()
    expect(panel.get_by_role("link", name="导出 Excel")).to_be_visible()
    panel.get_by_role("link", name="南片综合保税区").click()
    expect(panel).to_contain_text("南片综合保税区 · 国家高新技术企业")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()


def test_an_area_opens_by_mouse_and_by_keyboard(wall: Open) -> None:
    page = wall()
    area = page.get_by_role("link", name="北片：")
    area.click()
    expect(page.get_by_role("dialog")).to_contain_text("北片 · 市场主体")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="南片综合保税区：").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("南片综合保税区 · 市场主体")


def test_another_day_is_chosen_in_the_address(wall: Open) -> None:
    page = wall()
    page.get_by_label("基准日").fill("2022-12-31")
    page.wait_for_url("**as_of=2022-12-31*")
    expect(page.locator(".ck-door", has_text="外资企业")).to_contain_text("3")


@pytest.mark.parametrize(("width", "height"), SCREENS)
def test_the_wall_fits_its_screen(wall: Open, width: int, height: int) -> None:
    page = wall(width, height)
    wide, tall = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert wide <= width
    assert tall <= height or width < 900
    cut = page.evaluate(
        "[...document.querySelectorAll('.ck-number')].filter(n => n.scrollHeight > n.clientHeight + 1 || n.scrollWidth > n.clientWidth + 1).length"
    )
    assert cut == 0


def test_nothing_moves_for_who_asks_for_stillness(wall: Open) -> None:
    page = wall(reduced_motion="reduce")
    assert page.locator(".ck-door", has_text="国家高新技术企业").inner_text().split()[:2] == ["国家高新技术企业", "3"]
    page.wait_for_timeout(4_500)
    assert page.locator("[data-ticker] ol.ck-still").count() == 1
