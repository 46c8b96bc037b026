"""Numbers of the registry: each counts exactly the rows it opens, on any day, and says how, from whom and beside what."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.tinyzone import build, certify, code, sign_in
from wotu.registers.measures import Measure, measure, measures
from wotu.registers.roles import LEADER, SITE_OPERATOR
from wotu.registry.claims import beside, compare, said
from wotu.registry.measures import window
from wotu.registry.models import Enterprise, Fact
from wotu.registry.readings import Readings, stamp

pytestmark = pytest.mark.django_db

MOST = 20
DAYS = (date(1999, 1, 1), date(2019, 12, 31), date(2021, 11, 5), date(2024, 5, 31), date(2024, 6, 1), date(2026, 2, 28))
COUNTED = [m.id for m in measures("registry") if m.history]


@pytest.fixture(autouse=True)
def zone() -> dict[str, Enterprise]:
    return build()


def known(id: str) -> Measure:
    found = measure(id)
    assert found is not None
    return found


def names(id: str, day: date) -> set[str]:
    return {e.name.removesuffix("有限公司") for e in known(id).rows(day)}


# -- what is counted -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("id", COUNTED)
def test_a_number_is_the_count_of_its_rows_alone_together_and_looking_back(id: str) -> None:
    number = known(id)
    assert number.history is not None
    read = [number.read(day) for day in DAYS]
    for day, reading in zip(DAYS, read, strict=True):
        assert reading.value is None or reading.value == number.rows(day).count() == sum(
            number.by("area", day).values()
        )
    assert number.history(DAYS) == tuple(reading.value for reading in read)
    assert [Readings().together([number], day)[id] for day in DAYS] == read


def test_a_certificate_holds_for_three_years_to_the_day(zone: dict[str, Enterprise]) -> None:
    assert names("registry.high_tech", date(2021, 5, 31)) == set()
    assert names("registry.high_tech", date(2024, 5, 31)) == {"青禾电子", "惊蛰机械", "立夏商贸"}
    assert names("registry.high_tech", date(2024, 6, 1)) == {"惊蛰机械", "立夏商贸"}
    assert "立夏商贸" in names("registry.high_tech", date(2027, 2, 27))
    assert "立夏商贸" not in names("registry.high_tech", date(2027, 2, 28))


def test_a_superseded_certificate_does_not_count(zone: dict[str, Enterprise]) -> None:
    Fact.objects.filter(enterprise=zone["惊蛰机械"]).update(superseded_at=timezone.now())
    assert "惊蛰机械" not in names("registry.high_tech", date(2024, 6, 1))


def test_two_certificates_of_one_enterprise_count_once(zone: dict[str, Enterprise]) -> None:
    certify(zone["惊蛰机械"], date(2024, 1, 10))
    assert known("registry.high_tech").read(date(2024, 6, 1)).value == 2


def test_a_registered_tech_sme_holds_to_the_end_of_march() -> None:
    assert names("registry.tech_sme", date(2024, 12, 31)) == {"白露软件"}
    assert names("registry.tech_sme", date(2025, 3, 31)) == {"白露软件"}
    assert names("registry.tech_sme", date(2025, 4, 1)) == set()


def test_a_kind_counts_through_its_last_day_and_only_while_the_enterprise_is_open() -> None:
    assert names("registry.foreign", date(2022, 12, 31)) == {"青禾电子", "白露软件", "寒露物流"}
    assert names("registry.foreign", date(2023, 1, 1)) == {"青禾电子", "寒露物流"}
    assert names("registry.foreign", date(2023, 6, 30)) == {"青禾电子"}


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (date(2021, 11, 5), date(2021, 1, 1), date(2021, 9, 30)),
        (date(2021, 9, 30), date(2021, 1, 1), date(2021, 9, 30)),
        (date(2021, 9, 29), date(2021, 1, 1), date(2021, 6, 30)),
        (date(2022, 3, 30), date(2021, 1, 1), date(2021, 12, 31)),
    ],
)
def test_newcomers_are_those_of_the_year_to_the_last_finished_quarter(day: date, first: date, last: date) -> None:
    assert window(day) == (first, last)


def test_growth_is_a_fraction_and_unknown_without_a_year_before() -> None:
    growth = known("registry.newcomers_growth")
    assert growth.read(date(2022, 12, 31)).value == Decimal(-1) / 2
    assert growth.read(date(2018, 12, 31)).value is None


def test_an_unknown_number_says_who_could_supply_it() -> None:
    reading = known("registry.national_srdi").read(date(2024, 6, 1))
    assert (reading.value, reading.why) == (None, "未接入：还没有这类记录，可由工信提供")
    early = known("registry.high_tech").read(date(2020, 1, 1))
    assert (early.value, early.why) == (None, "最早的记录自2021-06-01起，这一天还没有记录")


def test_no_measure_divides_by_what_it_was_not_declared_for() -> None:
    with pytest.raises(LookupError, match="不能按"):
        known("registry.talents").by("area", date(2024, 6, 1))


# -- kept readings -------------------------------------------------------------------------------------------------------


def test_kept_readings_change_with_the_records(zone: dict[str, Enterprise]) -> None:
    day, number = date(2024, 6, 1), known("registry.high_tech")
    assert Readings().read(number, day).value == 2
    with CaptureQueriesContext(connection) as caught:
        assert Readings().read(number, day).value == 2
    assert len(caught) == 1
    before = stamp()
    certify(zone["芒种材料"], date(2024, 4, 1))
    assert stamp() != before
    assert Readings().read(number, day).value == 3


# -- the published figure beside it --------------------------------------------------------------------------------------


def test_a_published_figure_stands_beside_with_its_difference() -> None:
    number = known("registry.foreign")
    claim = beside(number)[number.id]
    found = compare(claim, number.read(date(2021, 11, 5)))
    assert (said(claim), found.difference, found.agrees) == ("2,000 家", Decimal(-1997), False)


@pytest.mark.parametrize(("value", "agrees"), [(39, False), (40, False), (41, True)])
def test_more_than_forty_is_more_than_forty(value: int, agrees: bool) -> None:
    number = known("registry.central")
    claim = beside(number)[number.id]
    reading = number.read(date(2021, 11, 5))
    assert compare(claim, reading).agrees is None
    assert compare(claim, type(reading)(value, reading.as_of, False)).agrees is agrees
    assert said(claim) == "40 余家"


# -- the panel and the list ----------------------------------------------------------------------------------------------


def panel(id: str, query: str = "as_of=2024-05-31", role=LEADER) -> tuple[int, str, int]:  # type: ignore[no-untyped-def]
    client = sign_in(role)
    with CaptureQueriesContext(connection) as caught:
        answer = client.get(f"/registry/measures/{id}/?{query}", headers={"HX-Request": "true"})
    return answer.status_code, answer.content.decode(), len(caught)


def test_a_panel_says_everything_about_its_number() -> None:
    status, html, queries = panel("registry.high_tech")
    assert status == 200
    assert queries <= MOST
    for words in (
        "3 家",
        "2024-05-31",
        "证书在有效期",
        "2021-06-01至2024-05-31之间",
        "科技局",
        "972 家",
        "累计集聚国家高企972家",
        "按同一日期登记数为 1 家",
        "比公布数少 971 家",
        "立夏商贸有限公司",
        "2024-02-29 发证（科技局）",
        "北片 <strong>",
        "/registry/measures/registry.high_tech/rows/?as_of=2024-05-31",
    ):
        assert words in html, words
    assert "<html" not in html


def test_a_panel_opened_by_itself_is_a_page() -> None:
    html = sign_in(LEADER).get("/registry/measures/registry.high_tech/?as_of=2024-05-31").content.decode()
    assert "<html" in html
    assert "3 家" in html


def test_a_number_without_records_is_called_unknown() -> None:
    _status, html, _queries = panel("registry.talents")
    assert "未知" in html
    assert "可由人社提供" in html
    assert "39,000 人" in html
    assert "全部名单" not in html


def test_a_number_of_an_area_opens_only_its_enterprises() -> None:
    _status, html, _queries = panel("registry.high_tech", "as_of=2024-05-31&area=south")
    assert "南片综合保税区 · 国家高新技术企业" in html
    assert "立夏商贸有限公司" in html
    assert "青禾电子有限公司" not in html
    _status, html, _queries = panel("registry.enterprises", "as_of=2024-05-31&area=unknown")
    assert "片区未知 · 市场主体" in html
    assert "小满餐饮有限公司" in html
    assert "演示" in html


@pytest.mark.parametrize("address", ["registry.nothing/", "registry.high_tech/?area=west", "policy.near/?area=north"])
def test_what_is_not_there_is_not_found(address: str) -> None:
    assert sign_in(LEADER).get(f"/registry/measures/{address}").status_code == 404


def test_a_number_of_another_room_is_refused_with_who_may_see_it() -> None:
    assert panel("policy.near", role=SITE_OPERATOR)[0] == 403
    assert panel("registry.high_tech", role=SITE_OPERATOR)[0] == 200
    assert sign_in(SITE_OPERATOR).get("/registry/measures/policy.near/rows/").status_code == 403


def test_the_overview_sets_every_number_beside_what_was_published() -> None:
    client = sign_in(SITE_OPERATOR)
    with CaptureQueriesContext(connection) as caught:
        html = client.get("/registry/measures/?as_of=2024-05-31").content.decode()
    assert len(caught) <= MOST
    assert "✗ 少 1,997 家" in html
    assert "符合政策条件" not in html
    assert html.index("公布了、还没有登记可数的") < html.index("大湾区推介会签约项目总投资")


def test_the_list_is_searched_sorted_and_keeps_to_its_queries() -> None:
    client = sign_in(LEADER)
    address = "/registry/measures/registry.enterprises/rows/?as_of=2024-05-31"
    with CaptureQueriesContext(connection) as caught:
        html = client.get(f"{address}&sort=-code").content.decode()
    assert len(caught) <= MOST
    assert [n for n in ("小满餐饮", "霜降仪器", "青禾电子") if n in html] == ["小满餐饮", "霜降仪器", "青禾电子"]
    assert html.index("小满餐饮") < html.index("霜降仪器") < html.index("青禾电子")
    assert "寒露物流" not in html
    html = client.get(f"{address}&q=材料").content.decode()
    assert "芒种材料" in html
    assert "青禾电子" not in html
    html = client.get(f"{address}&q={code(3)}").content.decode()
    assert "惊蛰机械" in html


def test_an_export_is_exactly_the_list_with_its_definition() -> None:
    answer = sign_in(LEADER).get(
        "/registry/measures/registry.high_tech/rows/?as_of=2024-05-31&sort=-established_on&export=xlsx"
    )
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[arg-type]
    head, *rows = book["清单"].iter_rows(values_only=True)
    assert head == ("企业名称", "统一社会信用代码", "片区", "行业", "成立日期", "依据", "数据")
    assert [row[0] for row in rows] == ["立夏商贸有限公司", "惊蛰机械有限公司", "青禾电子有限公司"]
    assert rows[0][5:] == ("2024-02-29 发证（科技局）", "真实数据")
    notes = dict(row for row in book["说明"].iter_rows(values_only=True))
    assert notes["基准日"] == "2024-05-31"
    assert notes["数值"] == "3 家"
    assert "三年" in notes["口径"]
