"""The latest movement in the zone: who was registered, who got a title, what was imported and screened; newest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from wotu.policy.models import Screening
from wotu.registers.pages import may_enter
from wotu.registry.desk import show
from wotu.registry.models import Enterprise, Fact, Import

LOOK_BACK = timedelta(days=120)
"""How far back certificates are looked for."""
EACH = 6
"""Lines of one kind at most."""
TITLES = {
    "hte_issued_on": "国家高新技术企业",
    "tech_sme_registered_on": "科技型中小企业",
    "innovative_sme_on": "创新型中小企业",
    "provincial_srdi_on": "省级专精特新",
    "national_srdi_on": "专精特新“小巨人”",
}


@dataclass(frozen=True, slots=True)
class Movement:
    """One thing that happened: when, of which kind, in words, and the record it opens."""

    on: date
    kind: str
    words: str
    link: str
    demo: bool = False


def latest(as_of: date, user: Any, most: int = 16) -> list[Movement]:
    """What happened by a day, the newest first; one query a kind."""
    found = [*registrations(as_of), *certificates(as_of), *imports(as_of)]
    if may_enter(user, "policy"):
        found += screenings(as_of)
    return sorted(found, key=lambda one: one.on, reverse=True)[:most]


def registrations(as_of: date) -> Iterator[Movement]:
    """The enterprises established last."""
    found = Enterprise.objects.filter(established_on__lte=as_of).select_related("area")
    for one in found.order_by("-established_on", "-pk")[:EACH]:
        assert one.established_on is not None
        where = f"，{one.area.name}" if one.area else ""
        yield Movement(
            one.established_on,
            "新登记",
            f"{one.name}{where}",
            reverse("registry:enterprise", args=[one.pk]),
            one.is_demo,
        )


def certificates(as_of: date) -> Iterator[Movement]:
    """The titles given last; their facts bear the day as their period, which is what the index knows."""
    found = Fact.objects.filter(
        attribute__code__in=TITLES,
        period__gte=(as_of - LOOK_BACK).isoformat(),
        period__lte=as_of.isoformat(),
        day__lte=as_of,
        superseded_at=None,
    ).select_related("enterprise", "attribute")
    for fact in found.order_by("-period", "-pk")[:EACH]:
        assert fact.day is not None
        one = fact.enterprise
        words = f"{one.name}，{TITLES[fact.attribute.code]}"
        yield Movement(fact.day, "新认定", words, reverse("registry:enterprise", args=[one.pk]), one.is_demo)


def imports(as_of: date) -> Iterator[Movement]:
    """The files imported last."""
    found = Import.objects.filter(state=Import.State.DONE, finished_at__lt=_after(as_of))
    for one in found.order_by("-finished_at")[:EACH]:
        assert one.finished_at is not None
        back = f"，退回 {show.number(one.rows_rejected)} 行" if one.rows_rejected else ""
        words = f"{one.name}，写入 {show.number(one.facts_written)} 条事实{back}"
        yield Movement(
            timezone.localdate(one.finished_at), "数据接入", words, reverse("registry:import", args=[one.pk])
        )


def screenings(as_of: date) -> Iterator[Movement]:
    """The screenings finished last."""
    found = Screening.objects.filter(state=Screening.State.DONE, finished_at__lt=_after(as_of))
    for one in found.order_by("-finished_at")[:EACH]:
        assert one.finished_at is not None
        words = f"基准日 {one.as_of}，{show.number(one.enterprises)} 家企业"
        link = f"{reverse('policy:match')}?screening={one.pk}"
        yield Movement(timezone.localdate(one.finished_at), "政策筛查", words, link)


def _after(as_of: date) -> datetime:
    return timezone.make_aware(datetime.combine(as_of + timedelta(days=1), time.min))
