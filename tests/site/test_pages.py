"""Home, jobs, snapshots, the audit trail and accounts: what they show, in how many queries, and what they change."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta

import openpyxl
import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from wotu.policy.models import ClauseEvidence, Edition, Policy, Screening, ScreeningRule
from wotu.registers import jobkinds
from wotu.registers.jobkinds import JobKind
from wotu.registers.models import AuditLine, Job
from wotu.registers.roles import ADMIN, AUDITOR, LEADER, POLICY_OFFICER, SITE_OPERATOR
from wotu.registry import attributes
from wotu.registry.models import Attribute, Enterprise, Fact, Import, Snapshot, Source

SignIn = Callable[..., Client]

MOST = 20
"""Queries home may take once its numbers are counted."""


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Ids of the jobs that a kind of work of our own started."""
    ids: list[int] = []
    monkeypatch.setitem(jobkinds._kinds, "dig", JobKind("dig", "挖掘", "policy", ids.append))
    return ids


def job(state: str, **more: object) -> Job:
    return Job.objects.create(kind="dig", title="挖一口井", state=state, **more)


# -- home -------------------------------------------------------------------------------------------------------------


def test_home_keeps_to_its_queries(signed_in: SignIn) -> None:
    client = signed_in(POLICY_OFFICER)
    client.get("/")
    with CaptureQueriesContext(connection) as caught:
        assert client.get("/").status_code == 200
    assert len(caught) <= MOST


def test_home_says_what_waits_and_offers_the_way_to_do_it(signed_in: SignIn, started: list[int]) -> None:
    stopped = job("failed", message="磁盘已满")
    source = Source.objects.create(name="统计局", kind=Source.Kind.STATISTICS)
    batch = Import.objects.create(name="规上工业.xlsx", sha256="0" * 64, source=source, state=Import.State.MAPPED)
    edition = Edition.objects.create(policy=Policy.objects.create(name="育苗办法"), rule_file="x.dmn", sha256="0" * 64)
    ClauseEvidence.objects.create(edition=edition, clause="成立满一年", state=ClauseEvidence.State.RECALLED)
    html = signed_in(POLICY_OFFICER).get("/").content.decode()
    assert f'action="/jobs/{stopped.pk}/resume/"' in html
    assert f'href="/registry/imports/{batch.pk}/"' in html
    assert f'href="/policy/match/{edition.pk}/"' in html
    assert "1 个条款待对照原文" in html


def test_home_offers_a_leader_nothing_to_do(signed_in: SignIn, started: list[int]) -> None:
    job("failed")
    assert "没有等您办的事" in signed_in(LEADER).get("/").content.decode()


def test_home_warns_of_certificates_that_run_out_unless_they_were_renewed(signed_in: SignIn) -> None:
    attributes.sync()
    issue = Attribute.objects.get(code="hte_issued_on")
    source = Source.objects.create(name="科技局", kind=Source.Kind.AUTHORITY)
    today = timezone.localdate()
    ends = today + timedelta(days=30)
    old = ends.replace(year=ends.year - 3, day=min(ends.day, 28))
    for name, days in (("甲公司", [old]), ("乙公司", [old, today])):
        enterprise = Enterprise.objects.create(code=f"{len(name)}{name}", name=name)
        for day in days:
            Fact.objects.create(enterprise=enterprise, attribute=issue, period=str(day), starts_on=day, ends_on=day,
                                day=day, source=source)  # fmt: skip
    client = signed_in(POLICY_OFFICER)
    assert "1 家的高新技术企业证书 90 天内到期" in client.get("/").content.decode()
    listed = client.get("/expiring/?attribute=hte_issued_on").content.decode()
    assert "甲公司" in listed
    assert "乙公司" not in listed


def test_every_number_on_home_is_a_door(signed_in: SignIn) -> None:
    client = signed_in(POLICY_OFFICER)
    doors = re.findall(r'data-panel="(/registry/measures/[^"]+)"', client.get("/").content.decode())
    assert len(doors) == 6
    for door in doors:
        assert client.get(door, headers={"HX-Request": "true"}).status_code == 200, door


# -- jobs -------------------------------------------------------------------------------------------------------------


def test_a_running_job_says_how_far_how_fast_and_how_long(signed_in: SignIn, started: list[int]) -> None:
    now = timezone.now()
    job("running", total=1150, done=250, started_at=now - timedelta(seconds=50), beat_at=now)
    html = signed_in(POLICY_OFFICER).get("/jobs/").content.decode()
    assert "250 / 1,150" in html
    assert "每秒 5" in html
    assert "还要约3分钟" in html
    assert 'hx-trigger="every 2s"' in html


def test_a_list_in_which_nothing_moves_does_not_ask_again(signed_in: SignIn, started: list[int]) -> None:
    job("done", started_at=timezone.now(), finished_at=timezone.now())
    assert "hx-trigger" not in signed_in(POLICY_OFFICER).get("/jobs/rows/").content.decode()


@pytest.mark.parametrize("state", ["failed", "running"])
def test_a_job_that_stopped_goes_on_and_leaves_a_line(signed_in: SignIn, started: list[int], state: str) -> None:
    stopped = job(state, beat_at=timezone.now() - timedelta(hours=1))
    signed_in(POLICY_OFFICER).post(f"/jobs/{stopped.pk}/resume/")
    stopped.refresh_from_db()
    assert started == [stopped.pk]
    assert stopped.state == "waiting"
    assert AuditLine.objects.get().verb == "jobs.resume"


def test_a_job_that_still_works_is_not_started_twice(signed_in: SignIn, started: list[int]) -> None:
    busy = job("running", beat_at=timezone.now())
    answer = signed_in(POLICY_OFFICER).post(f"/jobs/{busy.pk}/resume/", follow=True)
    assert "正在进行，不用继续" in answer.content.decode()
    assert started == []


def test_a_job_of_another_room_is_not_seen_nor_started(signed_in: SignIn, started: list[int]) -> None:
    stopped = job("failed")
    client = signed_in(SITE_OPERATOR)
    assert "挖一口井" not in client.get("/jobs/").content.decode()
    assert client.post(f"/jobs/{stopped.pk}/resume/").status_code == 404
    assert started == []


# -- audit ------------------------------------------------------------------------------------------------------------


def test_the_trail_is_found_by_word_and_exported_as_shown(signed_in: SignIn) -> None:
    at = timezone.now()
    for subject, note in (("甲条款", "对照原文"), ("乙条款", "")):
        AuditLine.objects.create(at=at, verb="policy.check", subject_type="policy.ClauseEvidence", subject_id="1",
                                 subject=subject, changes={"state": ["recalled", "checked"]}, note=note)  # fmt: skip
    client = signed_in(AUDITOR)
    html = client.get("/audit/?q=原文").content.decode()
    assert "甲条款" in html
    assert "乙条款" not in html
    assert "待核 → 已核对" in html
    answer = client.get("/audit/?q=原文&export=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    [_head, row] = book["清单"].iter_rows(values_only=True)
    assert row[1:] == ("系统", "记为已核对", "条款核对", "甲条款", "核对状态：待核 → 已核对", "对照原文")


def test_only_the_administrator_and_the_auditor_read_the_trail(signed_in: SignIn) -> None:
    assert signed_in(ADMIN).get("/audit/").status_code == 200
    assert signed_in(POLICY_OFFICER).get("/audit/").status_code == 403


def test_a_change_of_a_structure_is_shown_by_how_much_is_in_it(signed_in: SignIn) -> None:
    changes = {"mapping": [{}, {"sheets": [], "chosen": True}], "state": ["uploaded", "mapped"]}
    AuditLine.objects.create(
        verb="registry.map", subject_type="registry.Import", subject_id="1", subject="表", changes=changes
    )
    page = signed_in(ADMIN).get("/audit/").content.decode()
    assert "2 项" in page
    assert "已对应" in page


# -- snapshots --------------------------------------------------------------------------------------------------------


def test_only_who_may_take_a_snapshot_can(signed_in: SignIn) -> None:
    assert "生成快照" not in signed_in(LEADER).get("/snapshots/").content.decode()
    assert signed_in(LEADER).post("/snapshots/take/").status_code == 403
    assert signed_in(POLICY_OFFICER).post("/snapshots/take/").status_code == 302
    assert Job.objects.get().kind == "snapshot"


# -- accounts ---------------------------------------------------------------------------------------------------------


def test_the_administrator_gives_a_role_and_it_is_written_down(signed_in: SignIn) -> None:
    someone = User.objects.create_user("wang", password="x", first_name="王")
    policy = Group.objects.get(name=POLICY_OFFICER.name)
    said = {"username": "wang", "first_name": "王", "email": "", "groups": [policy.pk], "is_active": "on"}
    answer = signed_in(ADMIN).post(f"/auth/user/{someone.pk}/change/", said)
    assert answer.status_code == 302
    someone.refresh_from_db()
    assert [group.name for group in someone.groups.all()] == [POLICY_OFFICER.name]
    assert someone.is_staff
    line = AuditLine.objects.get()
    assert line.verb == "site.change_account"
    assert "政策专员" in line.note
    assert someone.password not in f"{line.changes}{line.note}"


def test_the_last_administrator_cannot_step_down(signed_in: SignIn) -> None:
    client = signed_in(ADMIN)
    me = User.objects.get()
    answer = client.post(f"/auth/user/{me.pk}/change/", {"username": me.username, "is_active": "on", "groups": []})
    assert answer.status_code == 200
    assert "这是最后一个系统管理员" in answer.content.decode()
    assert me.groups.filter(name=ADMIN.name).exists()


def test_nobody_else_opens_the_accounts(signed_in: SignIn) -> None:
    assert signed_in(AUDITOR).get("/auth/user/").status_code == 403


# -- what follows a snapshot ------------------------------------------------------------------------------------------


def test_home_leads_from_new_facts_to_a_snapshot_and_from_a_snapshot_to_a_screening(signed_in: SignIn) -> None:
    attributes.sync()
    moment = timezone.now() - timedelta(days=3)
    enterprise = Enterprise.objects.create(code="91320505MA00000000", name="甲公司")
    source = Source.objects.create(name="科技局", kind=Source.Kind.AUTHORITY)
    Fact.objects.create(enterprise=enterprise, attribute=Attribute.objects.get(code="revenue"), period="2024",
                        starts_on="2024-01-01", ends_on="2024-12-31", number=1, source=source,
                        recorded_at=moment - timedelta(hours=1))  # fmt: skip
    client = signed_in(POLICY_OFFICER)
    assert 'action="/snapshots/take/"' in client.get("/").content.decode()
    Snapshot.objects.create(known_at=moment, path="facts/x", enterprises=1, facts=1, sha256="0" * 64)
    html = client.get("/").content.decode()
    assert 'action="/snapshots/take/"' not in html
    assert f'name="as_of" value="{timezone.localtime(moment).date()}"' in html


def test_the_list_of_facts_takes_as_many_queries_for_many_as_for_one(signed_in: SignIn) -> None:
    attributes.sync()
    enterprise = Enterprise.objects.create(code="91320505MA00000000", name="甲公司")
    source = Source.objects.create(name="科技局", kind=Source.Kind.AUTHORITY)
    revenue = Attribute.objects.get(code="revenue")
    client, taken = signed_in(AUDITOR), []
    for year in range(2015, 2025):
        Fact.objects.create(enterprise=enterprise, attribute=revenue, period=str(year), starts_on=f"{year}-01-01",
                            ends_on=f"{year}-12-31", number=1, source=source)  # fmt: skip
        with CaptureQueriesContext(connection) as caught:
            assert client.get("/registry/fact/").status_code == 200
        taken.append(len(caught))
    assert taken[-1] == taken[1]


def test_home_shows_the_screening_of_the_latest_day_and_what_it_added(signed_in: SignIn) -> None:
    edition = Edition.objects.create(policy=Policy.objects.create(name="育苗办法"), rule_file="x.dmn", sha256="0" * 64)
    now = timezone.now()
    for as_of, eligible in (("2026-06-30", 15), ("2026-03-31", 12), ("2025-12-31", 99)):
        screening = Screening.objects.create(as_of=as_of, known_at=now, rules_hash="r", profile_hash=as_of, path="x",
                                             state=Screening.State.DONE, finished_at=now)  # fmt: skip
        ScreeningRule.objects.create(
            screening=screening, edition=edition, eligible=eligible, not_eligible=0, unknown=7, near_miss=0
        )
        now += timedelta(hours=1)
    html = signed_in(LEADER).get("/").content.decode()
    assert "基准日 2026-06-30" in html
    assert "+3" in html
    assert ">99<" not in html
