"""A handful of enterprises whose standing under 高新技术企业认定 is known by hand, screened as of 2026-06-30."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker
from stdnum.cn import uscc

from wotu.policy import editions
from wotu.policy.models import Edition, Screening
from wotu.policy.screening import screen
from wotu.registers.roles import Role
from wotu.registry import attributes, facts, lake
from wotu.registry.models import Enterprise, Source
from wotu.registry.periods import Period

DAY = date(2026, 6, 30)
HIGH_TECH = "高新技术企业认定"
MET: dict[str, dict[str, Any]] = {
    "day": {"owns_core_ip": True, "tech_field": "新材料", "innovation_score": 80, "major_violation_1y": False},
    "2025": {
        "tech_staff": 12,
        "total_staff": 100,
        "employees": 100,
        "rd_expense": 3_000_000,
        "domestic_rd_expense": 3_000_000,
        "revenue": 40_000_000,
        "hitech_income": 30_000_000,
        "total_income": 40_000_000,
    },
    "2024": {"rd_expense": 3_000_000, "domestic_rd_expense": 3_000_000, "revenue": 30_000_000},
    "2023": {"rd_expense": 2_000_000, "domestic_rd_expense": 2_000_000, "revenue": 30_000_000},
}
"""Facts that meet every clause; R&D is 8% of sales."""


def code(number: int) -> str:
    """A well-formed 统一社会信用代码."""
    base = f"91320505MA{number:07d}"
    return base + uscc.calc_check_digit(base)


def member(role: Role) -> User:
    """Somebody who holds a role."""
    user = User.objects.create_user(f"{role.id}{User.objects.count()}", password="x", is_staff=True)
    user.groups.add(Group.objects.get_or_create(name=role.name)[0])
    return user


def enterprise(number: int, name: str, source: Source, **instead: dict[str, Any]) -> Enterprise:
    """An enterprise that meets every clause but for the facts given instead (None: not stated at all)."""
    made = Enterprise.objects.create(code=code(number), name=name, established_on=date(2018, 1, 5), industry="C3972")
    facts.record(
        (
            facts.Stated(made.pk, attribute, Period.parse("2026-03-01" if period == "day" else period), value)
            for period, values in MET.items()
            for attribute, value in {**values, **instead.get(period if period == "day" else f"y{period}", {})}.items()
            if value is not None
        ),
        source=source,
    )
    return made


def four() -> dict[str, Enterprise]:
    """Four enterprises: all met, one clause short by a little, one fact missing, several clauses short."""
    attributes.sync()
    source = Source.objects.create(name="税务局", kind=Source.Kind.AUTHORITY, trust=80)
    return {
        "met": enterprise(1, "甲全符合有限公司", source),
        "near": enterprise(2, "乙差一项有限公司", source, y2025={"tech_staff": 9}),
        "unknown": enterprise(3, "丙不知道有限公司", source, day={"innovation_score": None}),
        "not": enterprise(4, "丁不符合有限公司", source, y2025={"tech_staff": 3, "hitech_income": 1_000_000}),
    }


def screened() -> Screening:
    """The zone snapshotted and screened by every rule in force."""
    editions.sync()
    lake.snapshot()
    return screen(DAY)


@pytest.fixture(scope="module")
def kept(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """The four enterprises, screened once for all tests of a file: each test's own changes are rolled back to here."""
    folder = tmp_path_factory.mktemp("kept") / "lake"
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(LAKE=folder):
            four()
            screened()
        with django_db_blocker.block():
            yield folder
        transaction.set_rollback(True)


@pytest.fixture
def zone(kept: Path, db: None) -> dict[str, Enterprise]:
    """The four enterprises of `four`, by what they are examples of."""
    return dict(zip(("met", "near", "unknown", "not"), Enterprise.objects.order_by("code"), strict=True))


@pytest.fixture
def screening(kept: Path, lake: Path, db: None) -> Screening:
    """The screening of the zone, its files in this test's own lake."""
    shutil.copytree(kept, lake)
    return Screening.objects.get()


@pytest.fixture
def edition(screening: Screening) -> Edition:
    """The edition of the high-tech title that the screening used."""
    return Edition.objects.get(policy__name=HIGH_TECH)
