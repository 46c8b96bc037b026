"""Reading the registry: lists of enterprises, and everything one enterprise's page shows; a fixed number of queries each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from wotu.registry.models import (
    Area,
    Attribute,
    Enterprise,
    EnterpriseKind,
    Fact,
    FormerName,
    Import,
    Kind,
)

AGES: dict[str, tuple[str, int | None, int | None]] = {
    "0-3": ("不满3年", None, 3),
    "3-5": ("3–5年", 3, 5),
    "5-10": ("5–10年", 5, 10),
    "10-": ("满10年", 10, None),
    "unknown": ("成立日期未知", None, None),
}
"""Ages an officer asks for: label, full years from (included), to (not included)."""


def among(ids: Iterable[int]) -> RawSQL:
    """Ids for `pk__in=`, as one parameter however many they are: a statement takes no more than 32,766 in SQLite.

    Enterprise.objects.filter(pk__in=among(ids))
    """
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::bigint[])", (list(ids),))
    return RawSQL("SELECT value FROM json_each(%s)", (json.dumps(list(ids)),))


SORTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "name": ("名称", ("name", "id")),
    "-name": ("名称（倒序）", ("-name", "-id")),
    "code": ("信用代码", ("code",)),
    "-code": ("信用代码（倒序）", ("-code",)),
    "area": ("片区", ("area__code", "name", "id")),
    "-area": ("片区（倒序）", ("-area__code", "name", "id")),
    "industry": ("行业", ("industry", "name", "id")),
    "-industry": ("行业（倒序）", ("-industry", "name", "id")),
    "established_on": ("成立最早", ("established_on", "id")),
    "-established_on": ("成立最近", ("-established_on", "-id")),
}
SIZES = (20, 50, 100, 200)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which enterprises an officer asks for; every field is one word of the list's sentence."""

    search: str = ""
    area: str = ""
    kind: str = ""
    industry: str = ""
    age: str = ""
    state: str = "open"
    certificate: str = ""
    sort: str = "name"

    def clean(self) -> Wanted:
        """The same wish with words the list does not know left out."""
        return Wanted(
            search=self.search.strip()[:100],
            area=self.area[:20],
            kind=self.kind if self.kind in Kind.values else "",
            industry=self.industry[:5].upper(),
            age=self.age if self.age in AGES else "",
            state=self.state if self.state in ("open", "closed", "all") else "open",
            certificate=self.certificate[:40],
            sort=self.sort if self.sort in SORTS else "name",
        )


def years_before(day: date, years: int) -> date:
    """The same day `years` earlier; 29 February falls back to the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def in_force(day: date, prefix: str = "") -> Q:
    """Condition on `since`/`until` of a kind: in force on the day."""
    since, until = f"{prefix}since", f"{prefix}until"
    return (Q(**{f"{since}__isnull": True}) | Q(**{f"{since}__lte": day})) & (
        Q(**{f"{until}__isnull": True}) | Q(**{f"{until}__gte": day})
    )


def enterprises(wanted: Wanted, as_of: date) -> QuerySet[Enterprise]:
    """The enterprises that answer a wish as of a day, in its order; a search meets names, former names and codes."""
    rows = Enterprise.objects.all()
    if wanted.search:
        former = FormerName.objects.filter(name__icontains=wanted.search).values("enterprise_id")
        rows = rows.filter(
            Q(name__icontains=wanted.search) | Q(code__icontains=wanted.search.upper()) | Q(id__in=former)
        )
    if wanted.area:
        rows = rows.filter(area__isnull=True) if wanted.area == "unknown" else rows.filter(area__code=wanted.area)
    if wanted.kind:
        rows = rows.filter(
            Exists(EnterpriseKind.objects.filter(in_force(as_of), enterprise=OuterRef("pk"), kind=wanted.kind))
        )
    if wanted.industry:
        rows = rows.filter(industry__startswith=wanted.industry)
    if wanted.age == "unknown":
        rows = rows.filter(established_on__isnull=True)
    elif wanted.age:
        _label, least, most = AGES[wanted.age]
        if least is not None:
            rows = rows.filter(established_on__lte=years_before(as_of, least))
        if most is not None:
            rows = rows.filter(established_on__gt=years_before(as_of, most))
    if wanted.state == "open":
        rows = rows.filter(Q(closed_on__isnull=True) | Q(closed_on__gt=as_of))
    elif wanted.state == "closed":
        rows = rows.filter(closed_on__lte=as_of)
    return rows.order_by(*SORTS[wanted.sort][1])


@dataclass(frozen=True, slots=True)
class Row:
    """One enterprise of a list with what the list may show beside its own fields."""

    enterprise: Enterprise
    kinds: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)


def rows(chosen: Sequence[Enterprise], as_of: date, *, attributes: Iterable[str] = ()) -> tuple[Row, ...]:
    """Kinds, former names and the newest value of each attribute for a page of enterprises: at most three queries."""
    ids = [e.pk for e in chosen]
    kinds: dict[int, list[str]] = {}
    for held in EnterpriseKind.objects.filter(in_force(as_of), enterprise_id__in=ids).order_by("id"):
        kinds.setdefault(held.enterprise_id, []).append(str(held.get_kind_display()))
    former: dict[int, list[str]] = {}
    for name in FormerName.objects.filter(enterprise_id__in=ids).order_by("-until", "id"):
        former.setdefault(name.enterprise_id, []).append(name.name)
    facts = newest(ids, attributes, as_of)
    return tuple(
        Row(e, tuple(dict.fromkeys(kinds.get(e.pk, ()))), tuple(former.get(e.pk, ())), facts.get(e.pk, {}))
        for e in chosen
    )


def newest(ids: Sequence[int], attributes: Iterable[str], as_of: date) -> dict[int, dict[str, Fact]]:
    """For each enterprise and attribute the current fact of the latest period begun by the day; the most trusted source wins."""
    codes = tuple(attributes)
    if not codes or not ids:
        return {}
    found: dict[int, dict[str, Fact]] = {}
    current = (
        Fact.objects.filter(
            enterprise_id__in=ids, attribute__code__in=codes, superseded_at__isnull=True, starts_on__lte=as_of
        )
        .select_related("attribute", "source")
        .order_by("enterprise_id", "attribute_id", "-ends_on", "-source__trust", "-recorded_at", "-id")
    )
    for fact in current:
        found.setdefault(fact.enterprise_id, {}).setdefault(fact.attribute.code, fact)
    return found


def in_blocks(
    found: QuerySet[Any], limit: int, *, size: int = 1000, related: tuple[str, ...] = ("area",)
) -> Iterator[list[Any]]:
    """A list in blocks for an export: each block is one query by ids that were read once, so the order holds."""
    ids = list(found.values_list("pk", flat=True)[:limit])
    records = found.model._default_manager.select_related(*(related or (None,)))
    for start in range(0, len(ids), size):
        wanted = ids[start : start + size]
        by_id = records.in_bulk(wanted)
        yield [by_id[i] for i in wanted if i in by_id]


def areas() -> tuple[Area, ...]:
    """The towns and parks of the zone."""
    return tuple(Area.objects.only("id", "code", "name"))


def history(enterprise: Enterprise, codes: Iterable[str], as_of: date | None = None) -> dict[str, list[Fact]]:
    """Current facts of the attributes, oldest period first, one a period (the most trusted source's)."""
    current = Fact.objects.filter(
        enterprise=enterprise, attribute__code__in=tuple(codes), superseded_at__isnull=True
    ).select_related("attribute", "source")
    if as_of is not None:
        current = current.filter(starts_on__lte=as_of)
    found: dict[str, list[Fact]] = {}
    seen: set[tuple[str, str]] = set()
    for fact in current.order_by("starts_on", "ends_on", "-source__trust", "-recorded_at", "-id"):
        key = (fact.attribute.code, fact.period)
        if key not in seen:
            seen.add(key)
            found.setdefault(fact.attribute.code, []).append(fact)
    return found


def provenance(enterprise: Enterprise, codes: Iterable[str]) -> tuple[tuple[Attribute, tuple[Fact, ...]], ...]:
    """Attributes and every fact about them for one enterprise, superseded ones included, newest period first."""
    wanted = tuple(codes)
    by_code = {attribute.code: attribute for attribute in Attribute.objects.filter(code__in=wanted)}
    facts: dict[str, list[Fact]] = {}
    found = (
        Fact.objects.filter(enterprise=enterprise, attribute__code__in=wanted)
        .select_related("source", "batch", "by", "attribute", "superseded_by__source")
        .order_by("-ends_on", "-starts_on", F("superseded_at").desc(nulls_first=True), "-source__trust", "-id")
    )
    for fact in found[:500]:
        facts.setdefault(fact.attribute.code, []).append(fact)
    return tuple((by_code[code], tuple(facts.get(code, ()))) for code in wanted if code in by_code)


def facts_by_id(ids: Iterable[int]) -> dict[int, Fact]:
    """Facts with their source, import and recorder, by id."""
    return Fact.objects.select_related("attribute", "source", "batch", "by").in_bulk(list(set(ids)))


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the timeline: what became known or happened on a day."""

    on: date
    kind: str
    title: str
    detail: str = ""
    periods: tuple[tuple[str, int], ...] = ()
    source: str = ""
    batch: Import | None = None
    attribute: str = ""
    facts: int = 0
    demo: bool = False


def timeline(enterprise: Enterprise) -> tuple[Event, ...]:
    """Everything dated about an enterprise, newest first: its own life, names, kinds, certificates, what was recorded.

    Facts recorded on one day from one source and file are one line (with how many), because an import of forty
    columns is one event; the values of dated attributes (certificates and the like) are events of their own day.
    """
    events: list[Event] = []
    if enterprise.established_on:
        events.append(Event(enterprise.established_on, "life", "成立", enterprise.address))
    if enterprise.closed_on:
        events.append(Event(enterprise.closed_on, "life", "注销"))
    for name in FormerName.objects.filter(enterprise=enterprise):
        if name.until:
            events.append(Event(name.until, "name", f"更名：不再使用“{name.name}”"))
    for kind in EnterpriseKind.objects.filter(enterprise=enterprise).select_related("source"):
        if kind.since:
            events.append(Event(kind.since, "kind", f"成为{kind.get_kind_display()}", source=kind.source.name))
        if kind.until:
            events.append(Event(kind.until, "kind", f"不再是{kind.get_kind_display()}", source=kind.source.name))
    dated = Fact.objects.filter(enterprise=enterprise, day__isnull=False, superseded_at__isnull=True).select_related(
        "attribute", "source"
    )
    for fact in dated:
        assert fact.day is not None
        events.append(
            Event(fact.day, "certificate", fact.attribute.name, source=fact.source.name, attribute=fact.attribute.code)
        )
    recorded = (
        Fact.objects.filter(enterprise=enterprise)
        .values("recorded_at__date", "source__name", "source__kind", "batch_id", "period")
        .annotate(facts=Count("id"))
        .order_by("-recorded_at__date", "source__name", "-period")
    )
    grouped: dict[tuple[date, str, int | None], list[tuple[str, int]]] = {}
    for line in recorded:
        key = (line["recorded_at__date"], line["source__name"], line["batch_id"])
        grouped.setdefault(key, []).append((line["period"], line["facts"]))
    batches = Import.objects.in_bulk([batch for _, _, batch in grouped if batch is not None])
    for (on, source, batch), periods in grouped.items():
        total = sum(count for _, count in periods)
        events.append(
            Event(
                on,
                "import" if batch else "fact",
                f"记录{total}项事实",
                periods=tuple(periods),
                source=source,
                batch=batches.get(batch) if batch else None,
                facts=total,
            )
        )
    return tuple(sorted(events, key=lambda e: (e.on, e.facts), reverse=True))
