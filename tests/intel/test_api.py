"""The room over HTTP: articles read and recognised, claims proposed and decided, who may not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.intel.conftest import TEXT
from wotu.registers import tokens
from wotu.registers.roles import POLICY_OFFICER, REVIEWER, SITE_OPERATOR, Role


class Caller:
    """Somebody with a token."""

    def __init__(self, user: User) -> None:
        self.key = tokens.issue(user, "test")
        self.client = Client()

    def get(self, address: str) -> Any:
        return self.client.get(f"/api/v1{address}", headers={"Authorization": f"Bearer {self.key}"})

    def post(self, address: str, body: dict[str, Any]) -> Any:
        headers = {"Authorization": f"Bearer {self.key}"}
        return self.client.post(f"/api/v1{address}", body, content_type="application/json", headers=headers)


@pytest.fixture
def caller(member: Callable[[Role], User]) -> Callable[[Role], Caller]:
    return lambda role: Caller(member(role))


def test_an_article_goes_from_text_to_a_fact(zone: object, caller: Callable[[Role], Caller]) -> None:
    officer, reviewer = caller(POLICY_OFFICER), caller(REVIEWER)
    sent = {"text": TEXT, "publisher": "园区报", "published": "2021-11-05"}
    made = officer.post("/articles", sent)
    assert (made.status_code, made.json()["known"]) == (201, False)
    again = officer.post("/articles", sent)
    assert (again.status_code, again.json()["id"]) == (200, made.json()["id"])
    [hte] = officer.get(f"/claims?article={made.json()['id']}&series=国家高新技术企业&state=proposed").json()["items"][
        :1
    ]
    assert (hte["value"], hte["unit"], hte["quote"]) == ("5", "家", "国家高新技术企业5家")
    assert officer.post(f"/claims/{hte['id']}/accept", {}).status_code == 403
    done = reviewer.post(f"/claims/{hte['id']}/correct", {"changes": {"value": "6"}, "note": "对照原文"})
    assert (done.json()["state"], done.json()["value"], done.json()["decided_by"]) == ("corrected", "6", "review")
    assert reviewer.post(f"/claims/{hte['id']}/accept", {}).status_code == 409
    [line] = [one for one in officer.get("/crosscheck").json() if one["indicator"] == "国家高新技术企业"]
    assert (line["published"], line["agrees"]) == ("6", False)


def test_a_proposal_waits_for_another(zone: object, caller: Callable[[Role], Caller]) -> None:
    officer = caller(POLICY_OFFICER)
    article = officer.post("/articles", {"text": TEXT}).json()["id"]
    proposal = {"article": article, "quote": "外资企业2家", "indicator": "外商企业数量", "value": "2", "unit": "家"}
    made = officer.post("/claims", proposal)
    assert (made.status_code, made.json()["state"], made.json()["proposed_by"]) == (201, "proposed", "policy")
    missing = officer.post("/claims", {**proposal, "quote": "没有这句"})
    assert missing.status_code == 409
    assert "正文里没有" in missing.json()["title"]


def test_others_are_kept_out_and_bad_text_is_told(zone: object, caller: Callable[[Role], Caller]) -> None:
    assert caller(SITE_OPERATOR).get("/articles").status_code == 403
    empty = caller(POLICY_OFFICER).post("/articles", {"text": "  "})
    assert empty.status_code == 422
    assert caller(POLICY_OFFICER).get("/claims/99").status_code == 404
