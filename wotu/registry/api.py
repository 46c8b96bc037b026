"""The registry over HTTP: enterprises, their facts and their profile as of a day."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q
from ninja import Query, Router, Schema

from wotu.registers.http import Paging, Problem, page, require_room
from wotu.registry.models import Enterprise, Fact
from wotu.registry.profiles import profile

router = Router(tags=["企业"])


class EnterpriseOut(Schema):
    """An enterprise as lists show it."""

    code: str
    name: str
    industry: str
    area: str | None
    address: str
    established_on: date | None
    closed_on: date | None
    kinds: list[str]
    former_names: list[str]
    demo: bool


class EnterprisePage(Schema):
    """A page of enterprises."""

    total: int
    offset: int
    limit: int
    items: list[EnterpriseOut]


class FactOut(Schema):
    """A fact with its source; `value` null means that the source itself does not know."""

    id: int
    attribute: str
    period: str
    value: Decimal | date | bool | str | None
    unit: str
    source: str
    source_kind: str
    recorded_at: datetime
    superseded_at: datetime | None
    file: str | None
    sheet: str
    row: int | None


class FactPage(Schema):
    """A page of facts."""

    total: int
    offset: int
    limit: int
    items: list[FactOut]


class CellOut(Schema):
    """One column of a profile; `value` null is unknown, and `why` then says who could supply it."""

    name: str
    type: str
    unit: str
    value: Decimal | date | bool | str | None
    facts: list[int]
    why: str


class ProfileOut(Schema):
    """What was known of an enterprise as of a day."""

    code: str
    name: str
    as_of: date
    known_at: datetime | None
    columns: list[CellOut]


def enterprise_or_problem(code: str) -> Enterprise:
    """The enterprise with this 统一社会信用代码, or a 404 that says so."""
    found = Enterprise.objects.select_related("area").filter(code=code).first()
    if found is None:
        raise Problem(404, f"没有统一社会信用代码为“{code}”的企业。", f"No enterprise has the code “{code}”.")
    return found


def _enterprise(e: Enterprise) -> dict[str, Any]:
    return {
        "code": e.code,
        "name": e.name,
        "industry": e.industry,
        "area": e.area and e.area.name,
        "address": e.address,
        "established_on": e.established_on,
        "closed_on": e.closed_on,
        "kinds": [str(k.get_kind_display()) for k in e.kinds.all()],
        "former_names": [n.name for n in e.former_names.all()],
        "demo": e.is_demo,
    }


def _fact(f: Fact) -> dict[str, Any]:
    return {
        "id": f.pk,
        "attribute": f.attribute.name,
        "period": f.period,
        "value": f.value,
        "unit": f.attribute.unit,
        "source": f.source.name,
        "source_kind": f.source.get_kind_display(),
        "recorded_at": f.recorded_at,
        "superseded_at": f.superseded_at,
        "file": f.batch and f.batch.name,
        "sheet": f.sheet,
        "row": f.row,
    }


@router.get("/enterprises", response=EnterprisePage, summary="企业列表")
def enterprises(request: Any, paging: Query[Paging], q: str = "", area: str = "", kind: str = "") -> dict[str, Any]:
    """Enterprises by name, former name or the beginning of the code; `kind` as in `/enterprises` items (央企, 外资 …)."""
    require_room(request.auth, "registry")
    found = Enterprise.objects.select_related("area").prefetch_related("kinds", "former_names").order_by("code")
    if q:
        found = found.filter(
            Q(name__icontains=q)
            | Q(code__startswith=q)
            | Q(pk__in=Enterprise.objects.filter(former_names__name__icontains=q).values("pk"))
        )
    if area:
        found = found.filter(area__name=area)
    if kind:
        from wotu.registry.models import Kind

        named = {str(k.label): k.value for k in Kind}
        found = found.filter(pk__in=Enterprise.objects.filter(kinds__kind=named.get(kind, kind)).values("pk"))
    return page(found, paging, _enterprise)


@router.get("/enterprises/{code}", response=EnterpriseOut, summary="一家企业")
def enterprise(request: Any, code: str) -> dict[str, Any]:
    """One enterprise by its 统一社会信用代码."""
    require_room(request.auth, "registry")
    return _enterprise(enterprise_or_problem(code))


@router.get("/enterprises/{code}/facts", response=FactPage, summary="企业的事实")
def facts(
    request: Any, code: str, paging: Query[Paging], attribute: str = "", superseded: bool = False
) -> dict[str, Any]:
    """Facts of an enterprise, newest period first; superseded ones only on request."""
    require_room(request.auth, "registry")
    found = (
        Fact.objects.filter(enterprise=enterprise_or_problem(code))
        .select_related("attribute", "source", "batch")
        .order_by("attribute__code", "-ends_on", "-recorded_at", "-id")
    )
    if attribute:
        found = found.filter(attribute__name=attribute)
    if not superseded:
        found = found.filter(superseded_at=None)
    return page(found, paging, _fact)


@router.get("/enterprises/{code}/profile", response=ProfileOut, summary="企业画像（某日）")
def enterprise_profile(
    request: Any, code: str, as_of: date | None = None, known_at: datetime | None = None
) -> dict[str, Any]:
    """Every declared column as of a day, by what was known at a moment (both default to now)."""
    require_room(request.auth, "registry")
    found = profile(enterprise_or_problem(code), as_of or date.today(), known_at)
    return {
        "code": found.enterprise.code,
        "name": found.enterprise.name,
        "as_of": found.as_of,
        "known_at": found.known_at,
        "columns": [
            {
                "name": cell.column.name,
                "type": cell.column.type,
                "unit": cell.column.unit,
                "value": cell.value,
                "facts": list(cell.facts),
                "why": cell.why,
            }
            for cell in found.cells.values()
        ],
    }
