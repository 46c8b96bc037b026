"""The wall: who sees which numbers, what each opens, in how many queries; the map, the years and the latest movement."""

from __future__ import annotations

import doctest
import re
from datetime import date, datetime

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.tinyzone import build, code, sign_in
from wotu.cockpit import wall, zonemap
from wotu.policy.models import Edition, Policy, Screening, ScreeningRule
from wotu.registers.measures import measure
from wotu.registers.roles import INVESTMENT_OFFICER, LEADER, SITE_OPERATOR
from wotu.registry.desk import bars
from wotu.registry.models import Area, Enterprise

pytestmark = pytest.mark.django_db

MOST = 20
DAY = "as_of=2024-05-31"


@pytest.fixture(autouse=True)
def zone() -> dict[str, Enterprise]:
    return build()


def get(client: Client, address: str) -> tuple[str, int]:
    with CaptureQueriesContext(connection) as caught:
        answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode(), len(caught)


def screening(day: date, near: int) -> Screening:
    """A finished screening of one rule."""
    now = timezone.make_aware(datetime(day.year, day.month, day.day, 9))
    made = Screening.objects.create(
        as_of=day, known_at=now, rules_hash="0" * 64, profile_hash="0" * 64, path="screening/x",
        state=Screening.State.DONE, enterprises=8, finished_at=now,
    )  # fmt: skip
    policy = Policy.objects.create(name="育苗办法")
    edition = Edition.objects.create(policy=policy, rule_file="育苗办法.dmn", sha256="0" * 64)
    ScreeningRule.objects.create(screening=made, edition=edition, eligible=2, not_eligible=1, unknown=0, near_miss=near)
    return made


def test_a_stranger_and_an_account_without_a_role_do_not_see_the_wall() -> None:
    assert Client().get("/cockpit/").status_code == 302
    assert sign_in().get("/cockpit/").status_code == 403
    assert sign_in().get("/cockpit/moving/").status_code == 403


@pytest.mark.parametrize("role", [LEADER, INVESTMENT_OFFICER, SITE_OPERATOR])
def test_each_role_sees_the_numbers_of_its_rooms(role) -> None:  # type: ignore[no-untyped-def]
    html, _queries = get(sign_in(role), f"/cockpit/?{DAY}")
    assert "国家高新技术企业" in html
    assert ("差一项" in html) == ("policy" in role.rooms)
    assert ("可申报高企" in html) == ("policy" in role.rooms)


def test_the_wall_keeps_to_its_queries_counted_anew_or_kept() -> None:
    screening(date(2024, 5, 1), near=5)
    client = sign_in(LEADER)
    cache.clear()
    _html, anew = get(client, f"/cockpit/?{DAY}")
    _html, kept = get(client, f"/cockpit/?{DAY}")
    _html, moving = get(client, f"/cockpit/moving/?{DAY}")
    assert kept < anew <= MOST
    assert moving <= MOST


def test_every_number_area_and_bar_opens() -> None:
    screening(date(2024, 5, 1), near=5)
    client = sign_in(LEADER)
    html = "".join(get(client, address)[0] for address in (f"/cockpit/?{DAY}", f"/cockpit/moving/?{DAY}"))
    doors = {door.replace("&amp;", "&") for door in re.findall(r'data-panel="([^"]+)"', html)}
    assert len(doors) >= 8 + 2 + 2 * 8
    for door in doors:
        assert client.get(door, headers={"HX-Request": "true"}).status_code == 200, door


def test_numbers_are_those_of_the_day_in_the_address() -> None:
    client = sign_in(LEADER)
    for day, foreign in (("2022-12-31", 3), ("2024-05-31", 1)):
        html, _queries = get(client, f"/cockpit/?as_of={day}")
        number = re.search(r"外资企业</span>\s*<span class=\"ck-value\"><span data-count=\"(\d+)\">", html)
        assert number is not None
        assert int(number[1]) == foreign
        assert f'value="{day}"' in html


def test_a_day_to_come_is_today() -> None:
    html, _queries = get(sign_in(LEADER), "/cockpit/?as_of=2999-01-01")
    assert f'value="{timezone.localdate()}"' in html


def test_an_area_opens_exactly_its_enterprises() -> None:
    client = sign_in(LEADER)
    html, _queries = get(client, f"/cockpit/?{DAY}&map=registry.high_tech")
    found = re.search(r'href="([^"]+area=south)"[^>]*aria-label="南片综合保税区：(\d+) 家"', html)
    assert found is not None
    panel = client.get(found[1].replace("&amp;", "&"), headers={"HX-Request": "true"}).content.decode()
    assert int(found[2]) == 1
    assert "立夏商贸有限公司" in panel
    assert "青禾电子有限公司" not in panel


def test_areas_and_the_rest_add_up_to_the_whole() -> None:
    html, _queries = get(sign_in(LEADER), f"/cockpit/?{DAY}")
    areas = sum(int(rows) for rows in re.findall(r'ck-place-rows" x="[^"]+" y="[^"]+" dy="[^"]+">(\d+)<', html))
    nowhere = re.search(r"片区未知 <b>(\d+)</b>", html)
    assert nowhere is not None
    found = measure("registry.enterprises")
    assert found is not None
    assert areas + int(nowhere[1]) == found.read(date(2024, 5, 31)).value


def test_what_was_not_screened_is_unknown_on_tile_and_map_never_zero() -> None:
    html, _queries = get(sign_in(LEADER), f"/cockpit/?{DAY}&map=policy.could_apply")
    assert "没有做过筛查" in html
    assert html.count('ck-place-unknown" x=') == 2
    assert 'aria-label="北片：未知"' in html


def test_a_map_nobody_offers_shows_the_first() -> None:
    html, _queries = get(sign_in(SITE_OPERATOR), f"/cockpit/?{DAY}&map=policy.could_apply")
    assert re.search(r'aria-current="true">市场主体<', html)


def test_an_area_without_an_outline_is_listed(zone: dict[str, Enterprise]) -> None:
    Area.objects.filter(code="north").update(outline=[])
    html, _queries = get(sign_in(LEADER), f"/cockpit/?{DAY}")
    assert re.search(r"area=north\"[^>]*>北片 <b>\d+</b>", html)


def test_invented_records_mark_their_numbers() -> None:
    html, _queries = get(sign_in(LEADER), f"/cockpit/?{DAY}")
    assert "演示数据" in html
    Enterprise.objects.filter(is_demo=True).delete()
    Enterprise.objects.create(code=code(99), name="新来的有限公司", established_on=date(2024, 5, 5))
    html, _queries = get(sign_in(LEADER), f"/cockpit/?{DAY}")
    assert "演示" not in html


def test_the_years_are_the_readings_of_their_last_days() -> None:
    html, _queries = get(sign_in(LEADER), f"/cockpit/moving/?{DAY}")
    high_tech = measure("registry.high_tech")
    assert high_tech is not None
    for year in (2021, 2023):
        assert f'aria-label="{year}：{high_tech.read(date(year, 12, 31)).value}"' in html
    assert 'aria-label="2020：未知"' in html
    assert "前3个月" in html


def test_the_latest_movement_is_newest_first_and_not_of_later_days() -> None:
    screening(date(2024, 5, 1), near=5)
    html, _queries = get(sign_in(LEADER), f"/cockpit/moving/?{DAY}")
    assert (
        html.index("基准日 2024-05-01")
        < html.index("白露软件有限公司，科技型中小企业")
        < html.index("立夏商贸有限公司，国家")
    )
    earlier, _queries = get(sign_in(LEADER), "/cockpit/moving/?as_of=2024-03-01")
    assert "白露软件有限公司，科技型" not in earlier
    assert "基准日" not in earlier
    other, _queries = get(sign_in(SITE_OPERATOR), f"/cockpit/moving/?{DAY}")
    assert "基准日 2024-05-01" not in other


def test_before_the_first_record_every_number_is_unknown() -> None:
    html, _queries = get(sign_in(LEADER), "/cockpit/?as_of=1980-01-01")
    assert html.count("ck-value ck-unknown") == 8


@pytest.mark.parametrize("module", [zonemap, bars])
def test_examples_in_the_drawing_hold(module) -> None:  # type: ignore[no-untyped-def]
    assert doctest.testmod(module).failed == 0


def test_labels_stand_inside_their_area() -> None:
    hook = ((0, 0), (30, 0), (30, 30), (20, 30), (20, 10), (0, 10))
    x, y = zonemap.heart(hook)
    assert zonemap._within((x, y), hook)


def test_every_number_of_the_wall_is_declared() -> None:
    ids = {id for side in (wall.LEFT, wall.RIGHT) for id, parts in side for id in (id, *parts)} | set(wall.MAPPED)
    assert {id for id in ids if measure(id) is None} == set()
    assert all("area" in (measure(id) or pytest.fail(id)).dimensions for id in wall.MAPPED)
