"""Snapshots: what was known at a moment, whole, immutable, in flat memory."""

from __future__ import annotations

import errno
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.utils import timezone

from wotu.registry import lake
from wotu.registry.models import Attribute, Enterprise, Fact, Snapshot, Source

pytestmark = pytest.mark.django_db


@pytest.fixture
def source() -> Source:
    return Source.objects.create(name="统计局", kind="statistics", trust=80)


@pytest.fixture
def revenue() -> Attribute:
    return Attribute.objects.get_or_create(
        code="revenue", defaults={"name": "营业收入", "type": "number", "unit": "元", "period_kind": "year"}
    )[0]


def enterprise(number: int) -> Enterprise:
    return Enterprise.objects.create(code=f"9132050500000{number:05}", name=f"企业{number:03}")


def said(who: Enterprise, what: Attribute, source: Source, value: str, **more: Any) -> Fact:
    return Fact.objects.create(
        enterprise=who, attribute=what, source=source, period="2024", starts_on=date(2024, 1, 1),
        ends_on=date(2024, 12, 31), number=Decimal(value), **more,
    )  # fmt: skip


def read(snapshot: Snapshot, name: str) -> list[dict[str, Any]]:
    return pq.read_table(lake.folder(snapshot.path) / f"{name}.parquet").to_pylist()


def test_a_snapshot_holds_every_known_fact_exactly(source: Source, revenue: Attribute):
    fact = said(enterprise(1), revenue, source, "123456789012.34")
    enterprise(2)
    made = lake.snapshot()
    [row] = read(made, "facts")
    assert (row["id"], row["attribute"], row["number"]) == (fact.pk, "revenue", Decimal("123456789012.34"))
    assert [e["name"] for e in read(made, "enterprises")] == ["企业001", "企业002"]
    assert (made.enterprises, made.facts) == (2, 1)


def test_a_snapshot_of_a_past_moment_holds_what_was_known_then(source: Source, revenue: Attribute):
    now = timezone.now()
    who = enterprise(1)
    Enterprise.objects.update(created_at=now - timedelta(days=9))
    later = said(who, revenue, source, "2", recorded_at=now - timedelta(days=1))
    Fact.objects.filter(pk=later.pk).update(superseded_at=now)
    first = said(who, revenue, source, "1", recorded_at=now - timedelta(days=5))
    Fact.objects.filter(pk=first.pk).update(superseded_at=now - timedelta(days=1), superseded_by=later)
    assert [r["number"] for r in read(lake.snapshot(now - timedelta(days=3)), "facts")] == [1]
    assert [r["number"] for r in read(lake.snapshot(now - timedelta(hours=1)), "facts")] == [2]


def test_nothing_new_is_no_new_snapshot(source: Source, revenue: Attribute):
    said(enterprise(1), revenue, source, "1")
    assert lake.snapshot() == lake.snapshot()
    said(enterprise(2), revenue, source, "1")
    lake.snapshot()
    assert Snapshot.objects.count() == 2


def test_blocks_lose_no_enterprise(source: Source, revenue: Attribute, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lake, "BLOCK", 2)
    for number in range(5):
        said(enterprise(number), revenue, source, str(number))
    made = lake.snapshot()
    assert [r["number"] for r in read(made, "facts")] == [0, 1, 2, 3, 4]
    assert made.enterprises == 5


def test_a_full_disk_leaves_nothing_behind(
    source: Source, revenue: Attribute, settings: Any, monkeypatch: pytest.MonkeyPatch
):
    said(enterprise(1), revenue, source, "1")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(lake, "fact_block", full)
    with pytest.raises(lake.LakeError, match="磁盘已满"):
        lake.snapshot()
    assert not list((settings.LAKE / "facts").iterdir())
    assert not Snapshot.objects.exists()


def test_what_a_killed_run_left_aside_is_swept(source: Source, revenue: Attribute, settings: Any):
    said(enterprise(1), revenue, source, "1")
    left = settings.LAKE / "facts" / ".aside-killed"
    left.mkdir(parents=True)
    (left / ".lock").touch()
    lake.snapshot()
    assert not left.exists()


def test_a_moment_to_come_is_refused():
    with pytest.raises(lake.LakeError, match="在将来"):
        lake.snapshot(timezone.now() + timedelta(days=1))


def test_no_enterprise_is_said_with_what_to_do():
    with pytest.raises(lake.LakeError, match="wotu import"):
        lake.snapshot()
