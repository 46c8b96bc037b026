"""The list of enterprises and 企业画像: what they show, to whom, in how many queries, and what an export holds."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from stdnum.cn import uscc

from wotu.registers.roles import LEADER, SITE_OPERATOR
from wotu.registry import attributes
from wotu.registry.models import Area, Attribute, Enterprise, EnterpriseKind, Fact, FormerName, Kind, Source

pytestmark = pytest.mark.django_db

MOST = 20
"""Queries a page may take, however many enterprises there are."""


def code(number: int) -> str:
    base = f"91320505MA{number:07d}"
    return base + uscc.calc_check_digit(base)


def login(*roles: str) -> Client:
    user = User.objects.create_user(f"u{User.objects.count()}", password="x", is_staff=True)
    for role in roles:
        user.groups.add(Group.objects.get_or_create(name=role)[0])
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def source() -> Source:
    return Source.objects.create(name="税务局", kind=Source.Kind.AUTHORITY, trust=80)


@pytest.fixture
def zone(source: Source) -> list[Enterprise]:
    attributes.sync()
    area = Area.objects.create(code="fq", name="枫桥")
    made = [
        Enterprise.objects.create(
            code=code(n),
            name=f"第{n:02d}科技有限公司",
            industry="C3972",
            area=area,
            established_on=date(2010 + n, 5, 1),
        )
        for n in range(12)
    ]
    EnterpriseKind.objects.create(enterprise=made[3], kind=Kind.FOREIGN, source=source, since=date(2015, 1, 1))
    FormerName.objects.create(enterprise=made[4], name="老字号电子厂", until=date(2019, 1, 1))
    for n, enterprise in enumerate(made):
        record(enterprise, source, "revenue", "2023", 1_000_000 * (n + 1))
        record(enterprise, source, "revenue", "2024", 2_000_000 * (n + 1))
    return made


def record(enterprise: Enterprise, source: Source, attribute: str, year: str, value: Any, **more: Any) -> Fact:
    return Fact.objects.create(
        enterprise=enterprise,
        attribute=Attribute.objects.get(code=attribute),
        period=year,
        starts_on=date(int(year), 1, 1),
        ends_on=date(int(year), 12, 31),
        number=Decimal(value),
        source=source,
        **more,
    )


def page(client: Client, address: str) -> tuple[str, int]:
    """The page and how many queries it took."""
    with CaptureQueriesContext(
        connection,
    ) as caught:
        answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode(), len(caught)


def names(html: str) -> list[str]:
    return [f"第{n:02d}" for n in range(12) if f"第{n:02d}科技有限公司</a>" in html]


def test_a_stranger_is_sent_to_the_login_page(zone: list[Enterprise]) -> None:
    answer = Client().get("/registry/enterprises/")
    assert answer.status_code == 302
    assert "login" in answer["Location"]


def test_an_account_without_a_role_sees_no_enterprise(zone: list[Enterprise]) -> None:
    client = login()
    assert client.get("/registry/enterprises/").status_code == 403
    assert client.get(f"/registry/enterprises/{zone[0].pk}/").status_code == 403


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("q=老字号", ["第04"]),
        ("kind=foreign", ["第03"]),
        ("kind=foreign&as_of=2014-12-31", []),
        (f"q={code(7)}", ["第07"]),
        ("age=3-5&as_of=2020-06-01", ["第06", "第07"]),
        ("industry=I", []),
        ("industry=C39&q=第1", ["第10", "第11"]),
        ("area=unknown", []),
    ],
)
def test_filters_narrow_the_list(zone: list[Enterprise], words: str, expected: list[str]) -> None:
    html, _ = page(login(LEADER.name), f"/registry/enterprises/?{words}")
    assert names(html) == expected


def test_the_list_takes_as_many_queries_for_two_as_for_twelve(zone: list[Enterprise]) -> None:
    client = login(LEADER.name)
    wanted = "/registry/enterprises/?col=code&col=kinds&col=former&col=fact.revenue"
    page(client, wanted)
    _, few = page(client, f"{wanted}&q=第1")
    _, many = page(client, wanted)
    assert few == many
    assert many <= MOST


def test_an_export_holds_exactly_what_is_shown(zone: list[Enterprise]) -> None:
    client = login(LEADER.name)
    answer = client.get("/registry/enterprises/?q=第1&col=code&col=fact.revenue&sort=-name&export=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[arg-type]
    rows = list(book["清单"].iter_rows(values_only=True))
    assert rows[0] == ("企业名称", "统一社会信用代码", "营业收入（元）", "营业收入 期间")
    assert rows[1:] == [
        ("第11科技有限公司", code(11), 24_000_000, "2024"),
        ("第10科技有限公司", code(10), 22_000_000, "2024"),
    ]
    assert "第1" in str(list(book["说明"].iter_rows(values_only=True)))


def test_a_name_that_looks_like_a_formula_stays_text(source: Source) -> None:
    Enterprise.objects.create(code=code(1), name="=1+1")
    answer = login(LEADER.name).get("/registry/enterprises/?export=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[arg-type]
    cell = book["清单"]["A2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_an_unknown_value_is_called_unknown_in_page_and_export(source: Source) -> None:
    attributes.sync()
    Enterprise.objects.create(code=code(1), name="新来的公司")
    client = login(LEADER.name)
    html, _ = page(client, "/registry/enterprises/?col=fact.revenue&col=established_on")
    assert html.count('<span class="rg-unknown">未知</span>') == 2
    answer = client.get("/registry/enterprises/?col=fact.revenue&export=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[arg-type]
    assert book["清单"]["B2"].value == "未知"


@pytest.mark.parametrize("tab", ["overview", "indicators", "timeline", "relations"])
def test_every_tab_of_a_portrait_keeps_to_its_queries(zone: list[Enterprise], tab: str) -> None:
    client = login(SITE_OPERATOR.name)
    address = f"/registry/enterprises/{zone[4].pk}/?tab={tab}"
    page(client, address)
    html, queries = page(client, address)
    assert "第04科技有限公司" in html
    assert queries <= MOST


def test_a_portrait_shows_the_newest_figure_and_how_it_moved(zone: list[Enterprise]) -> None:
    html, _ = page(login(LEADER.name), f"/registry/enterprises/{zone[1].pk}/?as_of=2025-06-30")
    assert "400 万元" in html
    assert "+100.0%" in html


def test_a_portrait_of_an_earlier_day_knows_no_later_year(zone: list[Enterprise]) -> None:
    html, _ = page(login(LEADER.name), f"/registry/enterprises/{zone[1].pk}/?as_of=2023-12-31")
    assert "200 万元" in html
    assert "400 万元" not in html


def test_a_change_over_a_gap_of_years_is_not_stated(zone: list[Enterprise], source: Source) -> None:
    record(zone[1], source, "rd_expense", "2021", 100)
    record(zone[1], source, "rd_expense", "2024", 300)
    html, _ = page(login(LEADER.name), f"/registry/enterprises/{zone[1].pk}/?as_of=2025-06-30")
    assert "+200" not in html


def test_the_source_of_a_figure_strikes_what_was_superseded(zone: list[Enterprise], source: Source) -> None:
    old = Fact.objects.get(enterprise=zone[2], period="2024")
    now = timezone.now()
    Fact.objects.filter(pk=old.pk).update(superseded_at=now)
    new = record(zone[2], source, "revenue", "2024", 7_770_000, sheet="规上工业", row=18)
    Fact.objects.filter(pk=old.pk).update(superseded_by=new)
    html, _ = page(login(LEADER.name), f"/registry/enterprises/{zone[2].pk}/facts/revenue/")
    assert "777 万元" in html
    assert "<s>600 万元</s>" in html
    assert "税务局" in html


def test_an_attribute_nobody_declared_is_not_found(zone: list[Enterprise]) -> None:
    answer = login(LEADER.name).get(f"/registry/enterprises/{zone[2].pk}/facts/nonsense/")
    assert answer.status_code == 404


def test_a_kind_opens_the_record_that_says_so(zone: list[Enterprise]) -> None:
    html, _ = page(login(LEADER.name), f"/registry/enterprises/{zone[3].pk}/kinds/foreign/")
    assert "外资" in html
    assert "2015-01-01" in html
    assert "税务局" in html


def test_the_timeline_tells_names_kinds_and_what_was_recorded(zone: list[Enterprise]) -> None:
    html, _ = page(login(LEADER.name), f"/registry/enterprises/{zone[4].pk}/?tab=timeline")
    assert "更名：不再使用“老字号电子厂”" in html
    assert "记录2项事实" in html
    assert "2024年（1 项）" in html


def test_records_can_be_looked_at_but_not_edited(zone: list[Enterprise]) -> None:
    client = login(LEADER.name)
    for address in ("/registry/enterprise/", f"/registry/enterprise/{zone[0].pk}/change/", "/registry/fact/"):
        assert client.get(address).status_code == 200, address
    assert client.get("/registry/enterprise/add/").status_code == 403
    assert client.post(f"/registry/enterprise/{zone[0].pk}/delete/", {"post": "yes"}).status_code == 403
