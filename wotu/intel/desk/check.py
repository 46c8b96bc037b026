"""公布与台账: what was published beside what is counted; a difference opens into what explains it and the rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wotu.intel import crosscheck, series
from wotu.intel.crosscheck import Line
from wotu.intel.explain import explanations
from wotu.intel.models import Claim, Target
from wotu.registers.pages import staff_page
from wotu.registry import claims
from wotu.registry.claims import Comparison
from wotu.registry.desk import sheet, show
from wotu.registry.desk.bars import bars
from wotu.registry.desk.measures import door
from wotu.registry.models import ZoneClaim

SIZE = 30
SHOWN = (
    ("", _("全部指标")),
    ("counted", _("台账有数的")),
    ("off", _("对不上的")),
    ("odd", _("说法有疑问的")),
    ("alone", _("台账还数不了的")),
)
MOST_BARS = 8


def _wanted(line: Line, shown: str) -> bool:
    match shown:
        case "counted":
            return line.measure is not None
        case "off":
            return line.differs
        case "odd":
            return any(finding.shape in ("contradiction", "old") for finding in line.findings)
        case "alone":
            return line.measure is None
        case _:
            return True


@staff_page(room="intel", title=_("公布与台账"))
def overview(request: HttpRequest) -> HttpResponseBase:
    """Every indicator that was published; the address holds the filter."""
    shown, search = request.GET.get("show", ""), request.GET.get("q", "").strip()[:100]
    every = [line for line in crosscheck.lines(crosscheck.published()) if _wanted(line, shown)]
    found = [line for line in every if search in line.series.name]
    if request.GET.get("export") == "xlsx":
        return export(found, shown, search)
    page = Paginator(found, SIZE).get_page(request.GET.get("page"))
    articles = _articles([line.latest for line in page.object_list])
    rows = [
        {
            "line": line,
            "article": articles.get(line.latest.pk),
            "counted_door": door(line.measure.id, crosscheck.day_of(line.latest)) if line.measure else "",
            "timeline": f"{reverse('intel:timeline')}?{urlencode({'name': line.series.name})}",
        }
        for line in page.object_list
    ]
    context = {"page": page, "rows": rows, "shown": shown, "shows": SHOWN, "search": search}
    return render(request, "intel/check/overview.html", context)


def _articles(said: Sequence[ZoneClaim]) -> dict[int, Claim]:
    """The claim behind each figure that an article brought in, by figure."""
    ids = [figure.pk for figure in said]
    found = Claim.objects.filter(Q(published__in=ids) | Q(published_growth__in=ids)).select_related(
        "article", "decided_by"
    )
    behind: dict[int, Claim] = {}
    for claim in found.order_by("-pk"):
        for figure in (claim.published_id, claim.published_growth_id):
            if figure is not None:
                behind[figure] = claim
    return behind


def export(found: Sequence[Line], shown: str, search: str) -> HttpResponseBase:
    """The list as .xlsx."""
    headers = (
        ("指标", "text"), ("公布", "text"), ("期间", "text"), ("来源", "text"), ("原文", "text"), ("台账", "text"), ("台账日期", "date"),
        ("台账减公布", "text"), ("是否相符", "text"), ("说明", "text"),
    )  # fmt: skip

    def lines() -> Iterator[list[sheet.Value]]:
        for line in found:
            said, compared = line.latest, line.comparison
            counted = show.value(compared.counted.value, line.measure.unit) if compared and line.measure else ""
            yield [
                line.series.name, claims.said(said), show.period(said.period) or None, said.source.name, said.quote, counted,
                crosscheck.day_of(said) if compared else "",
                "" if compared is None or compared.difference is None else show.number(compared.difference),
                "" if compared is None or compared.agrees is None else "相符" if compared.agrees else "不符",
                "；".join(finding.text for finding in line.findings),
            ]  # fmt: skip

    notes = (
        ("内容", "对外公布的数与登记台账同一日期的数"),
        ("筛选", str(dict(SHOWN).get(shown, "全部指标"))),
        ("查找", search or "不限"),
        ("行数", f"{len(found)} 个指标，各取最近一次公布"),
        ("导出时间", timezone.localtime().strftime("%Y-%m-%d %H:%M")),
    )
    return sheet.send(f"公布与台账-{timezone.localdate()}", headers, lines(), notes)


@dataclass(frozen=True, slots=True)
class Point:
    """One figure of a timeline, beside the count of its day."""

    said: ZoneClaim
    comparison: Comparison | None
    claim: Claim | None
    """What brought it in, where an article did."""


@staff_page(room="intel", title=_("历次公布"))
def timeline(request: HttpRequest) -> HttpResponse:
    """One indicator across articles: every figure with what was counted on its day."""
    name = request.GET.get("name", "")[:200]
    told = crosscheck.published((name, series.name(name, kind="growth")))
    if name not in told:
        raise Http404(_("没有公布过这个指标。"))
    [line] = [line for line in crosscheck.lines(told) if line.series.name == name]
    measure = line.measure
    read = crosscheck.readings_on((measure, crosscheck.day_of(c)) for c in line.said) if measure else {}
    articles = _articles(line.said)
    points = [
        Point(
            said,
            claims.compare(said, read[measure.id, crosscheck.day_of(said)]) if measure else None,
            articles.get(said.pk),
        )
        for said in line.said
    ]
    last = [point.said for point in points[-MOST_BARS:] if point.said.unit == line.latest.unit]
    size = 10**8 if line.latest.unit in ("元", "美元") else 1
    chart = bars(
        [
            (
                said.period[:10] or str(crosscheck.day_of(said)),
                said.value / size,
                reverse("intel:difference", args=[said.pk]),
            )
            for said in last
        ],
        width=720,
    )
    context = {
        "title": name,
        "line": line,
        "points": list(reversed(points)),
        "chart": chart if len(last) > 1 else None,
        "targets": Target.objects.filter(series=name).select_related("source", "claim__article"),
        "waiting": Claim.objects.filter(series=name, state=Claim.State.PROPOSED).select_related("article")[:10],
    }
    return render(request, "intel/check/timeline.html", context)


@staff_page(room="intel", title=_("公布与台账"))
def difference(request: HttpRequest, id: int) -> HttpResponse:
    """The panel of one published figure: where it comes from, what was counted for its day, and what explains the rest."""
    said = get_object_or_404(ZoneClaim.objects.select_related("source"), pk=id)
    told = crosscheck.published((said.name, series.name(said.name, kind="growth")))
    one, day = series.series(said.name), crosscheck.day_of(said)
    measure = one.counted_by
    context: dict[str, Any] = {
        "title": said.name,
        "said": said,
        "day": day,
        "measure": measure,
        "comparison": claims.compare(said, measure.read(day)) if measure else None,
        "explained": explanations(said),
        "findings": tuple(
            crosscheck.findings(told[said.name], told.get(series.name(said.name, kind="growth"), ()), one)
        ),
        "claim": _articles([said]).get(said.pk),
        "counted_door": door(measure.id, day) if measure else "",
        "rows_door": door(measure.id, day, rows=True) if measure else "",
        "timeline": f"{reverse('intel:timeline')}?{urlencode({'name': said.name})}",
        "times": len(told[said.name]),
    }
    template = "panel" if request.headers.get("HX-Request") else "alone"
    return render(request, f"intel/check/{template}.html", context)
