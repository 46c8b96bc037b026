"""企业画像: everything known about one enterprise as of a day, each value with the fact behind it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from wotu.registers import columns as register
from wotu.registers.columns import AsOf, Column, HeldUntil, Outcome
from wotu.registers.pages import may_enter, staff_page
from wotu.registry import queries
from wotu.registry.desk.industries import industry_name
from wotu.registry.desk.tabs import Subject, Tab, tabs
from wotu.registry.models import Attribute, Enterprise, EnterpriseKind, Fact, FormerName, Kind
from wotu.registry.profiles import Cell, Profile

FIGURES = ("revenue", "rd_expense", "employees", "ip_class1", "tax_paid")
"""Codes of the five attributes in the line of figures, by which a zone first looks at a firm."""


def asked_day(request: HttpRequest) -> date:
    """The as-of day in the address; today where it is absent or no date."""
    try:
        return date.fromisoformat(request.GET.get("as_of", ""))
    except ValueError:
        return localdate()


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the five figures: the newest value, how it moved since the period before, and its line."""

    attribute: Attribute
    fact: Fact | None
    change: Decimal | None
    points: tuple[tuple[str, float | None, str], ...]


@dataclass(frozen=True, slots=True)
class Chip:
    """What an enterprise is, at a glance; opens the record that says so."""

    label: str
    door: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One column of the profile with its newest fact."""

    cell: Cell
    fact: Fact | None
    facts: int

    @property
    def known(self) -> bool:
        """Whether a value is known as of the day."""
        return self.cell.value is not None

    @property
    def origin(self) -> str:
        """Where a value without facts of its own comes from."""
        derive = self.cell.column.derive
        if isinstance(derive, Outcome):
            return f"规则“{derive.rule}”的结论"
        return "就是基准日" if isinstance(derive, AsOf) else "企业登记信息"


def attributes_of(derive: object) -> tuple[str, ...]:
    """Codes of the attributes a column's derivation looks at, however deep."""
    if isinstance(derive, tuple):
        return tuple(dict.fromkeys(code for part in derive for code in attributes_of(part)))
    if not is_dataclass(derive) or isinstance(derive, type):
        return ()
    found: list[str] = []
    for part in fields(derive):
        value = getattr(derive, part.name)
        found.extend([value] if part.name == "attribute" else attributes_of(value))
    return tuple(dict.fromkeys(found))


def points(facts: Iterable[Fact]) -> tuple[tuple[str, float | None, str], ...]:
    """Facts as a chart takes them: period, value, source; a year without a fact is a gap, not a straight line."""
    told = [(f.period, None if f.number is None else float(f.number), f.source.name) for f in facts]
    years = {period for period, _value, _source in told}
    if len(years) < 2 or not all(len(year) == 4 and year.isdigit() for year in years):
        return tuple(told)
    silent = {str(year) for year in range(int(min(years)), int(max(years)))} - years
    return tuple(sorted([*told, *((year, None, "没有事实") for year in silent)], key=lambda point: point[0]))


def change_of(newest: Fact | None, before: Fact | None) -> Decimal | None:
    """The relative change since the period right before; None where that period or either value is not known."""
    if newest is None or before is None or newest.number is None or not before.number:
        return None
    if before.ends_on + timedelta(days=1) != newest.starts_on:
        return None
    return (newest.number - before.number) / abs(before.number)


def figures(enterprise: Enterprise, as_of: date) -> tuple[Figure, ...]:
    """The line of figures: two queries."""
    attributes = {a.code: a for a in Attribute.objects.filter(code__in=FIGURES)}
    found = queries.history(enterprise, attributes, as_of)
    line = []
    for code in FIGURES:
        if code not in attributes:
            continue
        facts = found.get(code, [])
        newest = facts[-1] if facts else None
        before = facts[-2] if len(facts) > 1 else None
        line.append(Figure(attributes[code], newest, change_of(newest, before), points(facts[-8:])))
    return tuple(line)


def chips(enterprise: Enterprise, kinds: Iterable[EnterpriseKind], profile: Profile) -> tuple[Chip, ...]:
    """Titles in force (certificates within their validity) and kinds in force, each once."""
    base = f"/registry/enterprises/{enterprise.pk}"
    found = [
        Chip(cell.column.name.removesuffix("有效"), f"{base}/columns/{cell.column.id}/", "title")
        for cell in profile.cells.values()
        if isinstance(cell.column.derive, HeldUntil) and cell.value is True
    ]
    found += [Chip(str(kind.get_kind_display()), f"{base}/kinds/{kind.kind}/") for kind in kinds]
    return tuple({chip.label: chip for chip in found}.values())


def overview(request: HttpRequest, subject: Subject) -> dict[str, Any]:
    """概览: who it is, how much is known and who owes what is not."""
    lines = known_lines(subject.profile)
    owed: dict[str, list[str]] = {}
    for line in lines:
        if not line.known:
            owed.setdefault(line.cell.column.supplied_by, []).append(line.cell.column.name)
    known = sum(line.known for line in lines)
    return {
        "lines": lines,
        "known": known,
        "total": len(lines),
        "share": round(100 * known / len(lines)) if lines else 0,
        "owed": sorted(owed.items(), key=lambda item: -len(item[1])),
        "former_names": FormerName.objects.filter(enterprise=subject.enterprise).order_by("-until", "id"),
        "industry_name": industry_name(subject.enterprise.industry),
    }


def known_lines(profile: Profile) -> tuple[Line, ...]:
    """Every profile column with its newest fact: one query for all facts."""
    facts = queries.facts_by_id(id for cell in profile.cells.values() for id in cell.facts)
    return tuple(
        Line(cell, next((facts[id] for id in cell.facts if id in facts), None), len(cell.facts))
        for cell in profile.cells.values()
    )


def indicators(request: HttpRequest, subject: Subject) -> dict[str, Any]:
    """指标与来源: every column of the profile, by who supplies it; the address may ask for known or unknown ones."""
    lines = known_lines(subject.profile)
    wanted = request.GET.get("known", "")
    shown = [line for line in lines if wanted not in ("yes", "no") or line.known == (wanted == "yes")]
    groups: dict[str, list[Line]] = {}
    for line in shown:
        groups.setdefault(line.cell.column.supplied_by, []).append(line)
    return {
        "groups": groups.items(),
        "wanted": wanted,
        "known": sum(line.known for line in lines),
        "unknown": sum(not line.known for line in lines),
        "total": len(lines),
    }


def timeline(request: HttpRequest, subject: Subject) -> dict[str, Any]:
    """时间线: what happened and what was recorded, by day, forty a page."""
    events = queries.timeline(subject.enterprise)
    kinds = (
        ("", _("全部")),
        ("life", _("设立与注销")),
        ("certificate", _("证书与日期")),
        ("name", _("更名")),
        ("kind", _("类型")),
        ("import", _("导入")),
        ("fact", _("其他记录")),
    )
    wanted = request.GET.get("event", "")
    chosen = [event for event in events if not wanted or event.kind == wanted]
    counts = {id: sum(1 for e in events if not id or e.kind == id) for id, _name in kinds}
    return {
        "page": Paginator(chosen, 40).get_page(request.GET.get("page")),
        "event_kinds": [(id, name, counts[id]) for id, name in kinds if counts[id]],
        "wanted": wanted,
    }


def relations(request: HttpRequest, subject: Subject) -> dict[str, Any]:
    """关系: the names it bore and the kinds it is or was of."""
    return {
        "former_names": FormerName.objects.filter(enterprise=subject.enterprise).order_by("-until", "id"),
        "kinds_ever": EnterpriseKind.objects.filter(enterprise=subject.enterprise)
        .select_related("source")
        .order_by("since"),
    }


OWN_TABS = (
    Tab("overview", "概览", "registry", 10, "registry/portrait/overview.html", overview),
    Tab("indicators", "指标与来源", "registry", 30, "registry/portrait/indicators.html", indicators),
    Tab("timeline", "时间线", "registry", 40, "registry/portrait/timeline.html", timeline),
    Tab("relations", "关系", "registry", 50, "registry/portrait/relations.html", relations),
)


def tabs_for(user: Any) -> tuple[Tab, ...]:
    """The page's own tabs and those that other rooms declared, as far as the user may enter their rooms."""
    return tuple(sorted((t for t in (*OWN_TABS, *tabs()) if may_enter(user, t.room)), key=lambda t: t.order))


@staff_page(room="registry", title=_("企业画像"))
def portrait(request: HttpRequest, id: int) -> HttpResponse:
    """The page of one enterprise; `tab` and `as_of` in the address hold what is shown."""
    enterprise = get_object_or_404(Enterprise.objects.select_related("area"), pk=id)
    subject = Subject(enterprise, as_of := asked_day(request))
    offered = tabs_for(request.user)
    tab = next((t for t in offered if t.id == request.GET.get("tab")), offered[0])
    kinds = EnterpriseKind.objects.filter(queries.in_force(as_of), enterprise=enterprise).order_by("id")
    context = {
        "title": enterprise.name,
        "enterprise": enterprise,
        "as_of": as_of,
        "today": localdate(),
        "tabs": offered,
        "tab": tab,
        "figures": figures(enterprise, as_of),
        "chips": chips(enterprise, kinds, subject.profile),
        **tab.context(request, subject),
    }
    return render(request, "registry/portrait/page.html", context)


@staff_page(room="registry", title=_("来源"))
def column(request: HttpRequest, id: int, column_id: str) -> HttpResponse:
    """Where a profile column's value comes from: the provenance panel."""
    enterprise = get_object_or_404(Enterprise, pk=id)
    declared = next((c for c in register.columns() if c.id == column_id), None)
    if declared is None:
        raise Http404(_("没有这一列。"))
    as_of = asked_day(request)
    cell = Subject(enterprise, as_of).profile.cells[declared.name]
    return _provenance(request, enterprise, as_of, attributes_of(declared.derive), cell, declared)


@staff_page(room="registry", title=_("来源"))
def attribute(request: HttpRequest, id: int, code: str) -> HttpResponse:
    """Every fact about one attribute: the provenance panel with its history as a chart."""
    enterprise = get_object_or_404(Enterprise, pk=id)
    return _provenance(request, enterprise, asked_day(request), (code,), None, None)


def _provenance(
    request: HttpRequest,
    enterprise: Enterprise,
    as_of: date,
    codes: Sequence[str],
    cell: Cell | None,
    declared: Column | None,
) -> HttpResponse:
    found = queries.provenance(enterprise, codes)
    if not found and declared is None:
        raise Http404(_("没有这项指标。"))
    used = set(cell.facts) if cell else set()
    parts = [
        {
            "attribute": item,
            "facts": facts,
            "current": [f for f in facts if f.superseded_at is None],
            "points": points(sorted((f for f in facts if f.superseded_at is None), key=lambda f: f.starts_on)),
        }
        for item, facts in found
    ]
    context = {
        "enterprise": enterprise,
        "as_of": as_of,
        "cell": cell,
        "column": declared,
        "used": used,
        "parts": parts,
    }
    return render(request, "registry/portrait/provenance.html", context)


@staff_page(room="registry", title=_("类型"))
def kind(request: HttpRequest, id: int, kind: str) -> HttpResponse:
    """What says that an enterprise is of a kind: the records, with their days and source."""
    if kind not in Kind.values:
        raise Http404(_("没有这种类型。"))
    held = (
        EnterpriseKind.objects.filter(enterprise_id=id, kind=kind)
        .select_related("enterprise", "source")
        .order_by("since")
    )
    if not held:
        raise Http404(_("没有这条记录。"))
    return render(request, "registry/portrait/kind.html", {"held": held, "label": Kind(kind).label})
