"""The shell: what each role's navigation holds, who is let in where, and what a page says when it can't be shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from wotu.registers.roles import (
    ADMIN,
    AUDITOR,
    INVESTMENT_OFFICER,
    LEADER,
    POLICY_OFFICER,
    REVIEWER,
    ROLES,
    SITE_OPERATOR,
    Role,
)
from wotu.registry import health
from wotu.site import zone

SignIn = Callable[..., Client]

EVERYBODY = ["首页", "大屏", "企业列表", "数字与口径", "数据接入", "快照", "任务", "接口文档"]
POLICY = ["政策匹配"]
INTEL = ["文章", "公布与台账"]
OVERSIGHT = ["审计", "来源", "指标", "全部记录"]


def lines(html: str) -> set[str]:
    """Titles of the sidebar's lines."""
    sidebar = html[html.index('id="nav-sidebar-apps"') : html.index('id="main"')]
    return set(re.findall(r"<span>([^<]+)</span>", sidebar))


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (ADMIN, [*EVERYBODY, *POLICY, *INTEL, *OVERSIGHT, "用户"]),
        (AUDITOR, [*EVERYBODY, *POLICY, *INTEL, *OVERSIGHT]),
        (POLICY_OFFICER, [*EVERYBODY, *POLICY, *INTEL]),
        (LEADER, [*EVERYBODY, *POLICY, *INTEL]),
        (INVESTMENT_OFFICER, [*EVERYBODY, *INTEL]),
        (REVIEWER, [*EVERYBODY, *INTEL]),
        (SITE_OPERATOR, EVERYBODY),
    ],
)
def test_each_role_sees_only_its_rooms(signed_in: SignIn, role: Role, expected: list[str]) -> None:
    assert lines(signed_in(role).get("/").content.decode()) == set(expected)


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.id)
def test_every_line_of_the_navigation_opens(signed_in: SignIn, role: Role) -> None:
    client = signed_in(role)
    html = client.get("/").content.decode()
    sidebar = html[html.index('id="nav-sidebar-apps"') : html.index('id="main"')]
    for address in re.findall(r'<a href="([^"]+)"', sidebar):
        assert client.get(address).status_code == 200, address


def test_a_page_outside_the_role_says_who_may_and_whom_to_ask(signed_in: SignIn) -> None:
    answer = signed_in(SITE_OPERATOR).get("/audit/")
    html = answer.content.decode()
    assert answer.status_code == 403
    assert "这一页对系统管理员、审计开放" in html
    assert "请系统管理员在“用户”里给您加上角色" in html


def test_an_account_without_a_role_is_told_so_and_may_sign_out(signed_in: SignIn) -> None:
    answer = signed_in().get("/")
    assert answer.status_code == 403
    assert "请系统管理员在“用户”里给您加上角色" in answer.content.decode()
    assert 'id="logout-form"' in answer.content.decode()


def test_an_address_that_is_not_there_says_what_to_do(signed_in: SignIn) -> None:
    answer = signed_in(LEADER).get("/nowhere/")
    assert answer.status_code == 404
    assert "请从左侧导航重新进入" in answer.content.decode()


def test_a_failure_says_what_to_do_and_nothing_of_the_inside(
    signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError("secret of the inside")

    monkeypatch.setattr("wotu.site.desk.home.health", fail)
    client = signed_in(LEADER)
    client.raise_request_exception = False
    answer = client.get("/")
    assert answer.status_code == 500
    assert "请稍后再试" in answer.content.decode()
    assert "secret" not in answer.content.decode()


def test_a_part_of_a_page_that_is_refused_fits_where_it_would_have_stood(signed_in: SignIn) -> None:
    answer = signed_in(SITE_OPERATOR).get("/audit/", headers={"HX-Request": "true"})
    assert answer.status_code == 403
    assert "<html" not in answer.content.decode()


def test_a_part_of_a_page_sends_a_stranger_to_the_login_page_and_back(db: None) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/jobs/?state=failed"}
    answer = Client().get("/jobs/rows/", headers=headers)
    assert answer.headers["HX-Redirect"] == "/login/?next=/jobs/%3Fstate%3Dfailed"


def addresses(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    """An example of every address there is."""
    for pattern in patterns:
        whole = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, whole)
        else:
            yield re.sub(r"<[^>]*>", "1", whole)


OPEN = ("login/", "api/v1/docs", "api/v1/openapi.json", "jsi18n/", "logout/")
"""Addresses that need no login: the door itself, and the description of the API, which holds nothing of the zone."""


def test_no_page_is_open_to_a_stranger(db: None) -> None:
    stranger = Client()
    stranger.raise_request_exception = False
    for address in addresses(get_resolver().url_patterns):
        if address in OPEN or not re.fullmatch(r"[\w./-]*", address):
            continue
        status = stranger.get(f"/{address}").status_code
        assert status in (302, 401, 404, 405), f"/{address} answered {status}"


def test_the_demonstration_logins_are_shown_only_where_everything_is_demonstration_data(db: None) -> None:
    from django.contrib.auth.models import User

    from wotu.registry.models import Enterprise

    User.objects.create_user("policy", f"policy{zone.DEMO_MAIL}", "x", is_staff=True)
    assert "演示账号" not in Client().get("/login/").content.decode()
    zone.cache.clear()
    invented = Enterprise.objects.create(code="91320505MA00000000", name="演示公司", is_demo=True)
    assert zone.DEMO_PASSWORD in Client().get("/login/").content.decode()
    zone.cache.clear()
    Enterprise.objects.filter(pk=invented.pk).update(is_demo=False)
    assert zone.DEMO_PASSWORD not in Client().get("/login/").content.decode()


def test_a_fresh_zone_has_its_roles(db: None) -> None:
    assert set(Group.objects.values_list("name", flat=True)) == {role.name for role in ROLES}


def test_the_api_is_at_its_root_and_asks_for_a_token(db: None) -> None:
    answer = Client().get("/api/v1/enterprises")
    assert answer.status_code == 401
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert "令牌" in answer.json()["title"]


def test_the_page_that_tries_the_api_needs_nothing_from_outside(db: None) -> None:
    html = Client().get("/api/v1/docs").content.decode()
    assert "ninja/swagger-ui-bundle.js" in html
    assert not re.search(r'(src|href)="https?://', html)


def test_a_zone_without_a_snapshot_has_no_health_to_speak_of(db: None) -> None:
    assert health.health() is None
