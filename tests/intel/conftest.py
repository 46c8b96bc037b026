"""A tiny zone, somebody of each role, and articles written for the tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from tests import tinyzone
from wotu.intel import actions, take_in
from wotu.intel.models import Article, Claim
from wotu.intel.take_in import Citation
from wotu.registers.roles import POLICY_OFFICER, REVIEWER, Role
from wotu.registry.models import Enterprise

TEXT = """苏州高新区晒出科技企业家底

截至目前，苏州高新区集聚国家高新技术企业5家、上市企业1家，外资企业2家。今年前9个月，新增市场主体300家、增长50%。
到2025年，国家高新技术企业达到2000家。
"""
"""What no real zone ever published."""


@pytest.fixture
def zone(db: None) -> dict[str, Enterprise]:
    return tinyzone.build()


@pytest.fixture
def member(db: None) -> Callable[[Role], User]:
    """Somebody who holds a role, one a role."""

    def of(role: Role) -> User:
        user, made = User.objects.get_or_create(username=role.id, defaults={"is_staff": True, "first_name": role.name})
        if made:
            user.groups.add(Group.objects.get_or_create(name=role.name)[0])
        return user

    return of


@pytest.fixture
def signed_in(member: Callable[[Role], User]) -> Callable[[Role], Client]:
    def sign_in(role: Role) -> Client:
        client = Client()
        client.force_login(member(role))
        return client

    return sign_in


def taken_in(
    text: str, by: User, *, publisher: str = "园区报", published: date = date(2021, 11, 5), title: str = ""
) -> Article:
    """An article of that text, as an officer pastes it."""
    read = take_in.read_pasted(text, published)
    given = Citation(title, publisher, "", published)
    return actions.receive(take_in.draft(read, given), by).article


@pytest.fixture
def article(zone: dict[str, Enterprise], member: Callable[[Role], User]) -> Article:
    """The article of `TEXT`, waiting for review."""
    return taken_in(TEXT, member(POLICY_OFFICER))


@pytest.fixture
def officer(member: Callable[[Role], User]) -> User:
    return member(POLICY_OFFICER)


@pytest.fixture
def reviewer(member: Callable[[Role], User]) -> User:
    return member(REVIEWER)


def claim(article: Article, series: str) -> Claim:
    """What an article says of an indicator."""
    return Claim.objects.get(article=article, series=series, status=Claim.Status.FACT)
