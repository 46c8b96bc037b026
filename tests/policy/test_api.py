"""/api/v1 of the policy room: rules, evaluate, screenings."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from wotu.policy.models import Edition, Screening
from wotu.registers import tokens
from wotu.registers.models import Job
from wotu.registers.roles import INVESTMENT_OFFICER, LEADER, POLICY_OFFICER, Role
from wotu.registry.models import Enterprise

from .conftest import HIGH_TECH, code, member

pytestmark = pytest.mark.django_db


class Caller:
    """Calls the API as somebody with a role."""

    def __init__(self, role: Role) -> None:
        self.headers = {"Authorization": f"Bearer {tokens.issue(member(role), '测试')}"}
        self.client = Client()

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1{path}", headers=self.headers)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self.client.post(f"/api/v1{path}", body, content_type="application/json", headers=self.headers)


def test_a_rule_shows_its_clauses_with_citation_and_evidence(edition: Edition):
    answer = Caller(POLICY_OFFICER).get(f"/rules/{edition.pk}").json()
    clause = next(c for c in answer["clauses"] if c["name"] == "科技人员占比")
    assert "国科发火" in clause["citation"]["number"]
    assert clause["evidence"]["label"] in ("公开转述", "待核")
    assert {i["name"] for i in answer["inputs"]} >= {"科技人员数", "职工总数"}


def test_inputs_are_evaluated_with_reasons(screening: Screening):
    answer = (
        Caller(POLICY_OFFICER)
        .post("/evaluate", {"rule": HIGH_TECH, "inputs": {"科技人员数": 9, "职工总数": 100}})
        .json()
    )
    assert answer["values"]["科技人员占比"] is False
    assert answer["eligible"] is False
    assert "创新能力" in answer["unknown"]
    reason = next(c for c in answer["explanation"]["clauses"] if c["name"] == "科技人员占比")
    assert reason["state"] == "not met"
    assert reason["distance"]["text"]


def test_an_enterprise_is_evaluated_as_of_a_day(screening: Screening, zone: dict[str, Enterprise]):
    caller = Caller(LEADER)
    asked = {"rule": HIGH_TECH, "as_of": "2026-06-30", "enterprise": zone["met"].code}
    answer = caller.post("/evaluate", asked).json()
    assert (answer["eligible"], answer["as_of"]) == (True, "2026-06-30")
    unknown = caller.post("/evaluate", {**asked, "enterprise": zone["unknown"].code}).json()
    assert (unknown["eligible"], unknown["values"]["创新能力"]) == (None, None)


def test_screenings_give_counts_and_the_lists_behind_them(screening: Screening, edition: Edition):
    caller = Caller(POLICY_OFFICER)
    [listed] = caller.get("/screenings").json()["items"]
    counts = next(r for r in caller.get(f"/screenings/{listed['id']}").json()["rules"] if r["rule"] == edition.pk)
    assert (counts["eligible"], counts["near_miss"], counts["unknown"], counts["not_eligible"]) == (1, 1, 1, 2)
    near = caller.get(f"/screenings/{listed['id']}/rules/{edition.pk}/enterprises?state=near").json()
    assert [m["clause"] for m in near["items"]] == ["科技人员占比"]


def test_a_screening_is_queued_by_those_who_may(screening: Screening):
    done = Caller(POLICY_OFFICER).post("/screenings", {"as_of": "2026-06-29"})
    assert done.status_code == 202
    assert Job.objects.get(pk=done.json()["id"]).arguments["as_of"] == "2026-06-29"
    assert Caller(LEADER).post("/screenings", {}).status_code == 403


@pytest.mark.parametrize(
    ("asked", "status", "says"),
    [
        ({"rule": "没有这条", "inputs": {}}, 404, "没有这条"),
        ({"rule": HIGH_TECH}, 422, "inputs"),
        ({"rule": HIGH_TECH, "inputs": {"职工总数": "很多"}}, 422, "职工总数"),
        ({"rule": HIGH_TECH, "enterprise": code(999)}, 404, code(999)),
    ],
)
def test_what_cannot_be_evaluated_is_a_problem_in_words(
    screening: Screening, asked: dict[str, Any], status: int, says: str
):
    answer = Caller(POLICY_OFFICER).post("/evaluate", asked)
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("application/problem+json")
    assert says in answer.json()["title"]


def test_other_rooms_see_nothing_of_policies(screening: Screening):
    assert Caller(INVESTMENT_OFFICER).get("/rules").status_code == 403
    assert Client().get("/api/v1/rules").status_code == 401
