"""企业列表: filters that read as a sentence, columns of choice, and an export of exactly what is shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wotu.registers.pages import staff_page
from wotu.registry import queries
from wotu.registry.desk import industries, sheet
from wotu.registry.desk.listing import DEFAULT, MOST_FACTS, Shown, available, choose
from wotu.registry.desk.portrait import asked_day
from wotu.registry.models import Kind
from wotu.registry.queries import Wanted

STATES = (("open", _("存续")), ("closed", _("已注销")), ("all", _("存续或注销")))


def asked(request: HttpRequest) -> Wanted:
    """The wish the address bar states."""
    get = request.GET.get
    return Wanted(
        search=get("q", ""),
        area=get("area", ""),
        kind=get("kind", ""),
        industry=get("industry", ""),
        age=get("age", ""),
        state=get("state", "open"),
        sort=get("sort", "name"),
    ).clean()


def sentence(wanted: Wanted, as_of: date) -> str:
    """A wish in words, as an export states it."""
    area = next((a.name for a in queries.areas() if a.code == wanted.area), "")
    parts = [
        f"{area}片区" if area else ("片区未知" if wanted.area == "unknown" else "全部片区"),
        str(Kind(wanted.kind).label) if wanted.kind else "全部类型",
        f"{wanted.industry} {industries.industry_name(wanted.industry)}" if wanted.industry else "全部行业",
        queries.AGES[wanted.age][0] if wanted.age else "不限成立年数",
        str(dict(STATES)[wanted.state]),
    ]
    if wanted.search:
        parts.append(f"名称、曾用名或代码含“{wanted.search}”")
    return "，".join(parts) + f"；截至 {as_of.isoformat()}"


@staff_page(room="registry", title=_("企业列表"))
def enterprises(request: HttpRequest) -> HttpResponseBase:
    """The list; everything it shows is in the address."""
    wanted, as_of = asked(request), asked_day(request)
    offered = available()
    chosen = choose(request.GET.getlist("col") or DEFAULT, offered)
    found = queries.enterprises(wanted, as_of)
    if request.GET.get("export") == "xlsx":
        return export(wanted, as_of, chosen)
    sizes = {str(size): size for size in queries.SIZES}
    size = sizes.get(request.GET.get("size", ""), 50)
    page = Paginator(found.select_related("area"), size).get_page(request.GET.get("page"))
    if wanted.search and page.paginator.count == 1 and request.GET.get("go"):
        return redirect("registry:enterprise", id=page.object_list[0].pk)
    rows = queries.rows(list(page.object_list), as_of, attributes=[c.attribute for c in chosen if c.attribute])
    area_choices = [(a.code, a.name) for a in queries.areas()]
    context = {
        "title": _("企业列表"),
        "wanted": wanted,
        "as_of": as_of,
        "today": timezone.localdate(),
        "page": page,
        "rows": [(row, [(column, column.value(row, as_of)) for column in chosen]) for row in rows],
        "columns": chosen,
        "offered": offered,
        "chosen_ids": {c.id for c in chosen},
        "most_facts": MOST_FACTS,
        "areas": [*area_choices, ("unknown", _("未知"))],
        "kinds": Kind.choices,
        "industries": [(letter, f"{letter} {name}") for letter, name in industries.sections()],
        "divisions": industries.divisions(wanted.industry[:1]) if wanted.industry else (),
        "ages": [(id, label) for id, (label, _least, _most) in queries.AGES.items()],
        "states": STATES,
        "sorts": [(id, label) for id, (label, _fields) in queries.SORTS.items()],
        "sizes": queries.SIZES,
        "export_limit": sheet.LIMIT,
    }
    return render(request, "registry/enterprises.html", context)


def export(wanted: Wanted, as_of: date, chosen: tuple[Shown, ...]) -> FileResponse:
    """The list as .xlsx: the same rows and columns, every page of it, read a thousand enterprises at a time."""
    found = queries.enterprises(wanted, as_of)
    headers = [("企业名称", "text")]
    for column in chosen:
        headers.append((f"{column.title}（{column.unit}）" if column.unit else column.title, column.kind))
        if column.attribute:
            headers.append((f"{column.title} 期间", "text"))

    def lines() -> Iterator[list[sheet.Value]]:
        attributes = [c.attribute for c in chosen if c.attribute]
        for block in queries.in_blocks(found, sheet.LIMIT):
            for row in queries.rows(block, as_of, attributes=attributes):
                line: list[sheet.Value] = [row.enterprise.name]
                for column in chosen:
                    line.append(column.value(row, as_of))
                    if column.attribute:
                        fact = row.facts.get(column.attribute)
                        line.append(fact.period if fact else "")
                yield line

    total = found.count()
    notes = (
        ("内容", "企业列表"),
        ("范围", sentence(wanted, as_of)),
        ("排序", queries.SORTS[wanted.sort][0]),
        ("行数", f"{min(total, sheet.LIMIT)}，共 {total} 家" + ("（超出上限，已截断）" if total > sheet.LIMIT else "")),
        ("指标口径", "每项指标取截至该日最近一期、可信次序最高来源的现行值；“未知”表示没有事实，不等于 0"),
        ("导出时间", timezone.localtime().strftime("%Y-%m-%d %H:%M")),
        ("数据", "演示数据由“数据”一列标明"),
    )
    return sheet.send(f"企业列表-{as_of.isoformat()}", headers, lines(), notes)
