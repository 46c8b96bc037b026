"""政策匹配 and 可享政策: numbers that open their rows, a bounded number of queries, exports, who may check a clause."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from wotu.policy.models import ClauseEvidence, Edition, Screening
from wotu.registers.models import AuditLine, Job
from wotu.registers.roles import LEADER, POLICY_OFFICER, SITE_OPERATOR, Role
from wotu.registry.models import Enterprise

from .conftest import DAY, member

pytestmark = pytest.mark.django_db
MOST = 20


def client(role: Role) -> Client:
    signed = Client()
    signed.force_login(member(role))
    return signed


def test_a_list_shows_exactly_what_its_number_counts(screening: Screening, edition: Edition):
    page = client(POLICY_OFFICER).get(f"/policy/match/{edition.pk}/?state=near").content.decode()
    assert "乙差一项有限公司" in page
    assert "甲全符合有限公司" not in page
    clause = client(POLICY_OFFICER).get(f"/policy/match/{edition.pk}/?state=unmet&clause=高新收入占比").content.decode()
    assert "丁不符合有限公司" in clause
    assert "乙差一项有限公司" not in clause


def test_pages_take_a_bounded_number_of_queries(screening: Screening, edition: Edition, zone: dict[str, Enterprise]):
    signed = client(POLICY_OFFICER)
    for path in (
        "/policy/match/",
        f"/policy/match/{edition.pk}/?state=near",
        f"/policy/enterprises/{zone['near'].pk}/?as_of={DAY}",
        f"/policy/enterprises/{zone['near'].pk}/{edition.pk}/?as_of={DAY}&how=1",
    ):
        signed.get(path)
        with CaptureQueriesContext(
            connection,
        ) as taken:
            assert signed.get(path).status_code == 200
        assert len(taken) <= MOST, (path, len(taken))


def test_an_export_holds_the_list_and_says_what_it_is(screening: Screening, edition: Edition):
    answer = client(LEADER).get(f"/policy/match/{edition.pk}/?state=near&export=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    rows = list(book["清单"].iter_rows(values_only=True))
    assert [row[0] for row in rows] == ["企业名称", "乙差一项有限公司"]
    assert "科技人员占比" in rows[1]
    assert any("2026-06-30" in str(row) for row in book["说明"].iter_rows(values_only=True))


def test_a_check_of_a_clause_is_recorded_with_who_and_why(screening: Screening, edition: Edition):
    evidence = ClauseEvidence.objects.get(edition=edition, clause="注册满一年")
    path = f"/policy/match/{edition.pk}/evidence/{evidence.pk}/"
    assert client(LEADER).post(path, {"note": "看过"}).status_code == 403
    signed = client(POLICY_OFFICER)
    signed.post(path, {"note": ""})
    evidence.refresh_from_db()
    assert evidence.state == ClauseEvidence.State.FOUND
    signed.post(path, {"note": "科技部网站公布的办法全文"})
    evidence.refresh_from_db()
    assert (evidence.state, evidence.note) == (ClauseEvidence.State.CHECKED, "科技部网站公布的办法全文")
    assert AuditLine.objects.filter(verb="policy.check", subject_id=str(evidence.pk)).count() == 1


def test_a_screening_can_be_asked_for_by_those_who_may(screening: Screening):
    assert client(LEADER).post("/policy/match/screen/", {"as_of": "2026-05-01"}).status_code == 403
    client(POLICY_OFFICER).post("/policy/match/screen/", {"as_of": "2026-05-01"})
    assert Job.objects.get(kind="screening").arguments["as_of"] == "2026-05-01"


def test_a_room_one_may_not_enter_stays_closed(screening: Screening, edition: Edition):
    signed = client(SITE_OPERATOR)
    assert signed.get("/policy/match/").status_code == 403
    assert signed.get(f"/policy/match/{edition.pk}/").status_code == 403
    assert Client().get("/policy/match/").status_code == 302
