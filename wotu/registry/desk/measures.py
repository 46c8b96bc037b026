"""A number opens: its side panel (口径, query, sources, published figure, first rows) and the full list with its export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wotu.registers import measures as register
from wotu.registers.measures import Measure, Reading, RowColumn
from wotu.registers.pages import may_enter, roles_of, staff_page
from wotu.registers.roles import ROOMS
from wotu.registry import claims, queries
from wotu.registry.claims import Comparison
from wotu.registry.desk import sheet, show
from wotu.registry.desk.bars import Bars, bars
from wotu.registry.desk.portrait import asked_day
from wotu.registry.models import Area, ZoneClaim
from wotu.registry.readings import Readings

FIRST = 8
"""Rows that the panel shows before the full list."""
YEARS = 7
"""Year ends that the panel looks back on."""
NOWHERE = "unknown"
"""Stands in the address for enterprises whose area is not known."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which number an address asks for: the measure, the day, and an area where it is narrowed to one."""

    measure: Measure
    as_of: date
    area: str = ""
    place: str = ""
    """Name of the area."""

    def rows(self) -> QuerySet[Any]:
        """The records counted."""
        rows = self.measure.rows(self.as_of)
        if not self.area:
            return rows
        return rows.filter(area=None) if self.area == NOWHERE else rows.filter(area__code=self.area)

    def read(self) -> Reading:
        """The number itself; of an area it is the count of its rows, unknown where the whole is."""
        whole = self.measure.read(self.as_of)
        if not self.area or whole.value is None:
            return whole
        found = self.rows().aggregate(rows=Count("pk"), demo=Count("pk", filter=Q(is_demo=True)))
        return Reading(found["rows"], whole.as_of, found["demo"] > 0)

    def words(self) -> str:
        """The query in words."""
        words = self.measure.words(self.as_of)
        return f"{words}；片区：{self.place}" if self.area else words

    @property
    def unit(self) -> str:
        """Unit of the number: an area counts rows, whatever the whole is measured in."""
        return "家" if self.area else self.measure.unit

    @property
    def title(self) -> str:
        """The number's name."""
        return f"{self.place} · {self.measure.name}" if self.area else self.measure.name


def door(measure: str, as_of: date, area: str = "", *, rows: bool = False, **more: Any) -> str:
    """Address of a number's panel, or of its full list."""
    name = "registry:measure_rows" if rows else "registry:measure"
    words = {"as_of": as_of.isoformat(), **({"area": area} if area else {}), **more}
    return f"{reverse(name, args=[measure])}?{urlencode(words)}"


def asked(request: HttpRequest, id: str) -> Asked:
    """What the address asks for; refused to roles without the measure's room."""
    measure = register.measure(id)
    if measure is None:
        raise Http404(_("没有这个数字。"))
    if not may_enter(request.user, measure.room):
        names = "、".join(role.name for role in roles_of(measure.room))
        raise PermissionDenied(f"您的账号看不到“{measure.name}”：它对{names}开放。需要的话，请系统管理员给您加上角色。")
    as_of = min(asked_day(request), timezone.localdate())
    area = request.GET.get("area", "")
    if not area:
        return Asked(measure, as_of)
    if "area" not in measure.dimensions:
        raise Http404(_("这个数字不分片区。"))
    if area == NOWHERE:
        return Asked(measure, as_of, NOWHERE, "片区未知")
    place = Area.objects.filter(code=area).first()
    if place is None:
        raise Http404(_("没有这个片区。"))
    return Asked(measure, as_of, area, place.name)


@dataclass(frozen=True, slots=True)
class Line:
    """One record behind a number: its cells, where it leads, and why it counts."""

    cells: tuple[tuple[RowColumn, Any], ...]
    link: str
    proof: str
    demo: bool


def lines(of: Asked, rows: Sequence[Any]) -> tuple[Line, ...]:
    """Records as the list shows them; what proves them is one query for all."""
    table = of.measure.table
    proof = of.measure.proof(rows, of.as_of) if of.measure.proof and rows else {}
    return tuple(
        Line(
            tuple((column, column.value(row)) for column in table.columns),
            table.link(row, of.as_of),
            proof.get(row.pk, ""),
            bool(table.demo and table.demo(row)),
        )
        for row in rows
    )


def listed(of: Asked, search: str = "", sort: str = "") -> QuerySet[Any]:
    """The records behind a number, narrowed by a search and in the order asked for."""
    table, found = of.measure.table, of.rows().select_related(*(of.measure.table.related or (None,)))
    if search and table.search:
        found = found.filter(table.search(search))
    chosen = next((c for c in table.columns if c.id == sort.removeprefix("-") and c.order), None)
    fields = chosen.order if chosen else table.columns[0].order or ("pk",)
    if chosen and sort.startswith("-"):
        fields = (f"-{fields[0]}", *fields[1:])
    return found.order_by(*fields)


def year_ends(as_of: date, years: int = YEARS) -> tuple[date, ...]:
    """The last days of the years before a day, and the day itself."""
    last = as_of.year if (as_of.month, as_of.day) == (12, 31) else as_of.year - 1
    ends = [date(year, 12, 31) for year in range(last - years + 1, last + 1)]
    return tuple(ends) if as_of in ends else (*ends, as_of)


def history(measure: Measure, days: Sequence[date], values: Sequence[register.Value], **size: Any) -> Bars:
    """A number at year ends and on its day, each a door to the number of that day; the same months stand there once."""
    points = {_label(measure, day): (value, door(measure.id, day)) for day, value in zip(days, values, strict=True)}
    return bars([(label, value, address) for label, (value, address) in points.items()], measure.unit, **size)


def _label(measure: Measure, day: date) -> str:
    if measure.span:
        words = measure.span(day)
        return words.removesuffix("年") if words.endswith("年") else words.removeprefix(f"{day.year}年")
    return str(day.year) if (day.month, day.day) == (12, 31) else f"{day:%m-%d}"


def _published(of: Asked) -> tuple[Comparison, date] | None:
    """The published figure beside what is counted for its own day; none where the number is narrowed to an area."""
    claim = None if of.area else claims.beside(of.measure).get(of.measure.id)
    if claim is None:
        return None
    day = claims.day(claim) or of.as_of
    return claims.compare(claim, of.measure.read(day)), day


def _areas(of: Asked) -> list[tuple[str, int, str]]:
    """The number by area: name, rows, door; most rows first."""
    if of.area or "area" not in of.measure.dimensions:
        return []
    counted = of.measure.by("area", of.as_of)
    names = {area.pk: area for area in queries.areas()}
    found = [
        (names[pk].name if pk else "片区未知", rows, door(of.measure.id, of.as_of, names[pk].code if pk else NOWHERE))
        for pk, rows in counted.items()
    ]
    return sorted(found, key=lambda item: (item[0] == "片区未知", -item[1]))


@staff_page(room="registry", title=_("数字"))
def measure(request: HttpRequest, id: str) -> HttpResponse:
    """The side panel of a number; opened by itself it is a page."""
    of = asked(request, id)
    reading = of.read()
    known = reading.value is not None
    days = year_ends(of.as_of)
    values = Readings().history(of.measure, days) if of.measure.history and not of.area else ()
    context = {
        "title": of.title,
        "of": of,
        "reading": reading,
        "span": of.measure.span(of.as_of) if of.measure.span else "",
        "sources": of.measure.sources(of.as_of) if known else (),
        "published": _published(of),
        "areas": _areas(of) if known else (),
        "chart": history(of.measure, days, values, width=600) if any(values) else None,
        "lines": lines(of, list(listed(of)[:FIRST])) if known else (),
        "list_address": door(of.measure.id, of.as_of, of.area, rows=True),
        "export_address": door(of.measure.id, of.as_of, of.area, rows=True, export="xlsx"),
        "whole": door(of.measure.id, of.as_of) if of.area else "",
    }
    template = "panel" if request.headers.get("HX-Request") else "page"
    return render(request, f"registry/measures/{template}.html", context)


@dataclass(frozen=True, slots=True)
class Beside:
    """A number in the overview: what is counted now and what was published, compared on the published day."""

    measure: Measure
    reading: Reading
    door: str
    comparison: Comparison | None = None
    then: str = ""
    """Door to the number of the published day."""


def overview(user: Any, as_of: date) -> tuple[list[Beside], list[ZoneClaim]]:
    """Every number of the user's rooms beside its published figure, and the published figures that nothing counts yet."""
    seen = [m for m in register.measures() if may_enter(user, m.room)]
    readings, said = Readings(), claims.beside(*register.measures())
    now = readings.together(seen, as_of)
    days = {m.id: claims.day(said[m.id]) or as_of for m in seen if m.id in said}
    then = {
        day: readings.together([m for m in seen if days.get(m.id) == day], day) for day in sorted(set(days.values()))
    }
    listed = [
        Beside(
            m,
            now[m.id],
            door(m.id, as_of),
            claims.compare(said[m.id], then[days[m.id]][m.id]) if m.id in days else None,
            door(m.id, days[m.id]) if m.id in days else "",
        )
        for m in seen
    ]
    return listed, claims.uncounted(*register.measures())


@staff_page(room="registry", title=_("数字与口径"))
def measures(request: HttpRequest) -> HttpResponse:
    """Every number with its definition, beside what was published."""
    as_of = min(asked_day(request), timezone.localdate())
    listed, alone = overview(request.user, as_of)
    rooms = [(ROOMS[room], list(group)) for room, group in groupby(listed, key=lambda beside: beside.measure.room)]
    context = {"as_of": as_of, "today": timezone.localdate(), "rooms": rooms, "alone": alone}
    return render(request, "registry/measures/overview.html", context)


@staff_page(room="registry", title=_("名单"))
def rows(request: HttpRequest, id: str) -> HttpResponseBase:
    """Every record behind a number; search, order and page are in the address."""
    of = asked(request, id)
    search, sort = request.GET.get("q", "").strip()[:100], request.GET.get("sort", "")
    found = listed(of, search, sort)
    if request.GET.get("export") == "xlsx":
        return export(of, found, search, sort)
    size = next((size for size in queries.SIZES if str(size) == request.GET.get("size")), 50)
    page = Paginator(found, size).get_page(request.GET.get("page"))
    context = {
        "title": f"{of.title} · 名单",
        "of": of,
        "reading": of.measure.read(of.as_of),
        "today": timezone.localdate(),
        "search": search,
        "sort": sort,
        "page": page,
        "sizes": queries.SIZES,
        "lines": lines(of, list(page.object_list)),
        "columns": of.measure.table.columns,
        "proved": of.measure.proof is not None,
        "searchable": of.measure.table.search is not None,
        "areas": [(a.code, a.name) for a in queries.areas()] if "area" in of.measure.dimensions else (),
        "panel_address": door(of.measure.id, of.as_of, of.area),
    }
    return render(request, "registry/measures/rows.html", context)


def export(of: Asked, found: QuerySet[Any], search: str, sort: str) -> FileResponse:
    """The list as .xlsx: the same columns and order, every page of it."""
    table = of.measure.table
    headers: list[tuple[str, str]] = [(column.title, column.kind) for column in table.columns]
    if of.measure.proof:
        headers.append(("依据", "text"))
    if table.demo:
        headers.append(("数据", "text"))

    def cells(block: Iterable[Line]) -> Iterator[list[sheet.Value]]:
        for line in block:
            proof = [line.proof] if of.measure.proof else []
            origin = ["演示数据" if line.demo else "真实数据"] if table.demo else []
            yield [*(value for _column, value in line.cells), *proof, *origin]

    def everything() -> Iterator[list[sheet.Value]]:
        for block in queries.in_blocks(found, sheet.LIMIT, related=table.related):
            yield from cells(lines(of, block))

    total = found.count()
    ordered = next((c.title for c in table.columns if c.id == sort.removeprefix("-")), table.columns[0].title)
    reading = of.read()
    notes = (
        ("内容", f"{of.title}的名单"),
        ("基准日", reading.as_of.isoformat()),
        ("数值", show.value(reading.value, of.unit) + (f"（{reading.why}）" if reading.value is None else "")),
        ("口径", of.measure.definition),
        ("怎么数", of.words()),
        ("查找", search or "全部"),
        ("排序", ordered + ("，倒序" if sort.startswith("-") else "")),
        ("行数", f"{min(total, sheet.LIMIT)}，共 {total} {table.noun}" + ("（超出上限，已截断）" if total > sheet.LIMIT else "")),
        ("导出时间", timezone.localtime().strftime("%Y-%m-%d %H:%M")),
    )  # fmt: skip
    return sheet.send(f"{of.title}-{of.as_of.isoformat()}", headers, everything(), notes)
