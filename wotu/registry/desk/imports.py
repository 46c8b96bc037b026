"""数据接入: a spreadsheet uploaded, its columns mapped, its problems shown, its rows committed, what comes back."""

from __future__ import annotations

import copy
import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery, Sum, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from wotu.registers.models import Job
from wotu.registers.pages import staff_page
from wotu.registers.verbs import Refused
from wotu.registry import actions, attributes, periods
from wotu.registry.desk import sheet
from wotu.registry.intake import work
from wotu.registry.intake.books import Unreadable
from wotu.registry.intake.headings import combine
from wotu.registry.intake.mapping import AUTO, SURE, BadMapping, Vocabulary
from wotu.registry.intake.rows import Reason
from wotu.registry.models import Import, RejectedRow, Source
from wotu.registry.periods import BadPeriod, Period

SIZE = 20
ROWS = 50
KINDS = (Source.Kind.SHEET, Source.Kind.AUTHORITY, Source.Kind.STATISTICS, Source.Kind.DECLARATION)
STEPS = (_("上传"), _("对应"), _("检查"), _("入库"), _("结果"))
UNITS = ("元", "千元", "万元", "百万元", "亿元", "人", "万人", "%", "小数", "件", "项", "平方米", "亩", "吨", "万吨", "千瓦时", "万千瓦时", "吨标准煤")  # fmt: skip


@staff_page(room="registry", title=_("数据接入"))
def imports(request: HttpRequest) -> HttpResponse:
    """One card a source, then every import."""
    return _list(request)


def _list(request: HttpRequest, problem: str = "", status: int = 200) -> HttpResponse:
    found = Import.objects.select_related("source", "by", "job")
    source, state, search = (request.GET.get(k, "").strip()[:100] for k in ("source", "state", "q"))
    if source.isdigit():
        found = found.filter(source=int(source))
    if state in Import.State.values:
        found = found.filter(state=state)
    if search:
        found = found.filter(name__icontains=search)
    page = Paginator(found, SIZE).get_page(request.GET.get("page"))
    context = {
        "title": _("数据接入"),
        "cards": _cards(),
        "page": page,
        "source": source,
        "state": state,
        "search": search,
        "states": Import.State.choices,
        "kinds": [(kind.value, kind.label) for kind in KINDS],
        "may": actions.upload.verb.allowed(request.user),
        "problem": problem,
        "posted": request.POST,
    }
    return render(request, "registry/imports/list.html", context, status=status)


def _cards() -> Sequence[Source]:
    """Every source that has sent a spreadsheet, the freshest first."""
    last = Import.objects.filter(source=OuterRef("pk"), state=Import.State.DONE).order_by("-finished_at", "-id")
    cards = list(
        Source.objects.filter(imports__isnull=False)
        .annotate(
            files=Count("imports"),
            rows=Sum("imports__rows_accepted"),
            rejected=Sum("imports__rows_rejected"),
            fresh=Max("imports__finished_at"),
            open=Count("imports", filter=~Q(imports__state=Import.State.DONE)),
            last_id=Subquery(last.values("pk")[:1]),
            last_name=Subquery(last.values("name")[:1]),
        )
        .order_by("-fresh", "name")
    )
    today = timezone.localdate()
    for card in cards:
        days = (today - timezone.localdate(card.fresh)).days if card.fresh else None
        card.age = "" if days is None else "今天" if days == 0 else f"{days}天前"  # type: ignore[attr-defined]
    return cards


@require_POST
@staff_page(room="registry", title=_("上传表格"), by=actions.OFFICERS)
def upload(request: HttpRequest) -> HttpResponse:
    """Take a file in; what can't be read is said beside the form and leaves nothing behind."""
    file = request.FILES.get("file")
    source = request.POST.get("source", "").strip()
    if file is None or not source:
        return _list(request, "请选择一份表格，并写明它的来源（如“科技局高企名单”）。", 422)
    with tempfile.NamedTemporaryFile(suffix=Path(file.name or "").suffix[:8]) as kept:
        for piece in file.chunks():
            kept.write(piece)
        kept.flush()
        try:
            batch = actions.receive(
                Path(kept.name), file.name or "表格", source, request.user, kind=request.POST.get("kind", "")
            )
        except (Unreadable, BadMapping) as error:
            return _list(request, str(error), 422)
    if batch.state != Import.State.UPLOADED:
        messages.info(request, _("这份文件已经上传过，来源相同：打开的是原来的那一次。"))
    return redirect("registry:import", id=batch.pk)


@staff_page(room="registry", title=_("数据接入"))
def detail(request: HttpRequest, id: int) -> HttpResponse:
    """One import at the step where it stands."""
    batch = get_object_or_404(Import.objects.select_related("source", "by", "job"), pk=id)
    return _detail(request, batch, batch.mapping)


def _detail(
    request: HttpRequest, batch: Import, mapping: dict[str, Any], problem: str = "", status: int = 200
) -> HttpResponse:
    job = batch.job
    busy = work.alive(job)
    checked = batch.state == Import.State.MAPPED and job is not None and job.state == Job.State.DONE
    may = actions.commit.verb.allowed(request.user)
    step = {"uploaded": 1, "mapped": 2 if busy or not checked else 3, "committing": 3, "failed": 3, "done": 4}[
        batch.state
    ]
    again = "map" in request.GET and batch.state != Import.State.COMMITTING
    context: dict[str, Any] = {
        "title": batch.name,
        "batch": batch,
        "job": job,
        "busy": busy,
        "checked": checked,
        "stopped": not busy
        and (job is None or job.state != Job.State.DONE)
        and batch.state not in ("uploaded", "done"),
        "may": may,
        "step": step,
        "steps": list(enumerate(STEPS)),
        "problem": problem,
        "mapping_shown": (batch.state == Import.State.UPLOADED or again or bool(problem)) and not busy,
        "counts": batch.problems.get("counts"),
        "said": batch.problems.get("findings", []),
    }
    if context["mapping_shown"]:
        context |= _mapping_context(mapping)
    if not busy and batch.problems and not context["mapping_shown"]:
        context |= _rejected_context(request, batch)
    return render(request, "registry/imports/detail.html", context, status=status)


def _mapping_context(mapping: dict[str, Any]) -> dict[str, Any]:
    vocabulary = Vocabulary.of(attributes.stored())
    targets = [(t.name, "企业登记" if t.is_field else t.unit) for t in vocabulary.targets.values()]
    sheets = copy.deepcopy(mapping.get("sheets", []))
    for one in sheets:
        for column in one["columns"]:
            taken = bool(column["target"]) and column["confidence"] >= AUTO
            column["taken"] = column["name"] if taken else ""
            column["like"] = column["name"] if column["target"] and not taken else ""
            column["sure"] = _sure(column, taken)
    return {"sheets": sheets, "targets": targets, "units": UNITS, "findings": mapping.get("findings", [])}


def _sure(column: dict[str, Any], taken: bool) -> tuple[str, str, str]:
    """How sure a column is: shape, word, colour."""
    if column["problem"]:
        return "✗", "有问题", "no"
    if taken and column["how"] == "指定":
        return "✓", "已指定", "yes"
    if taken and column["how"] == "上次":
        return "✓", "同上次", "yes"
    if taken:
        return ("✓", "确定", "yes") if column["confidence"] >= SURE else ("?", "大概", "unknown")
    return ("–", "不导入", "off") if column["confidence"] >= 1 else ("?", "没认出", "unknown")


def _rejected_context(request: HttpRequest, batch: Import) -> dict[str, Any]:
    kind = request.GET.get("kind", "")[:20]
    found = batch.rejected.order_by("sheet", "row")
    if kind:
        found = of_kind(found, kind)
    page = Paginator(found, ROWS).get_page(request.GET.get("page"))
    named = {
        one["name"]: next((c["index"] for c in one["columns"] if c["target"] == "name"), None)
        for one in batch.mapping.get("sheets", [])
    }
    return {
        "kind": kind,
        "kinds": batch.problems.get("problems", []),
        "page": page,
        "rows": [(row, _cell(row, named.get(row.sheet))) for row in page.object_list],
    }


def _cell(row: RejectedRow, index: int | None) -> str:
    return str(row.cells[index] or "") if index is not None and index < len(row.cells) else ""


def of_kind(rows: QuerySet[RejectedRow], kind: str) -> QuerySet[RejectedRow]:
    """The rows with a problem of this kind; the text is searched as SQLite (escaped) and as PostgreSQL (plain) keep it."""
    plain, escaped = json.dumps(kind, ensure_ascii=False), json.dumps(kind)
    found = rows.annotate(reasons_text=Cast("reasons", TextField()))
    return found.filter(Q(reasons_text__contains=f'"kind": {plain}') | Q(reasons_text__contains=f'"kind": {escaped}'))


@require_POST
@staff_page(room="registry", title=_("确认列对应"), by=actions.OFFICERS)
def map_columns(request: HttpRequest, id: int) -> HttpResponse:
    """Settle the columns as the form says and look at the rows."""
    batch = get_object_or_404(Import.objects.select_related("source", "job"), pk=id)
    mapping = posted_mapping(request, batch.mapping) if "period-0" in request.POST else None
    try:
        actions.map_columns(batch, request.user, mapping=mapping)
    except (Refused, BadMapping) as error:
        return _detail(request, batch, mapping or batch.mapping, str(error), 422)
    return redirect("registry:import", id=id)


def posted_mapping(request: HttpRequest, before: dict[str, Any]) -> dict[str, Any]:
    """The kept mapping with what the form changes; a changed column is the officer's word."""
    vocabulary = Vocabulary.of(attributes.stored())
    mapping = copy.deepcopy(before)
    for i, one in enumerate(mapping.get("sheets", [])):
        one["skip"] = f"skip-{i}" in request.POST
        one["period"] = _period(request.POST.get(f"period-{i}", one["period"]))
        for column in one["columns"]:
            j = column["index"]
            if (said := request.POST.get(f"target-{i}-{j}")) is None:
                continue
            taken = column["name"] if column["target"] and column["confidence"] >= AUTO else ""
            unit, period = (request.POST.get(f"{k}-{i}-{j}", column[k]).strip()[:20] for k in ("unit", "period"))
            said, period = said.strip()[:60], _period(period)
            if (said, unit, period) == (taken, column["unit"], column["period"]):
                continue
            try:
                target = vocabulary.target(said)
            except BadMapping:
                target = None
            unit_changed = unit != column["unit"]
            column |= {
                "target": target.code if target else said,
                "name": target.name if target else said,
                "field": bool(target and target.is_field),
                "type": target.type if target else "",
                "unit": unit,
                "period": period,
                "confidence": 1.0,
                "how": "指定",
                "problem": "",
            }
            if unit_changed:
                column["said_unit"] = unit
    return mapping


def _period(text: str) -> str:
    """A period as people write it (2023年, 2023年三季度) in its canonical form; what is none stays, to be refused."""
    text = text.strip()
    if not text:
        return ""
    try:
        return Period.parse(text).text
    except BadPeriod:
        found = periods.find(text)
        return str(found[0].text) if found and not found[1] else text


@require_POST
@staff_page(room="registry", title=_("入库"), by=actions.OFFICERS)
def commit(request: HttpRequest, id: int) -> HttpResponse:
    """Start writing, or go on where it stopped."""
    batch = get_object_or_404(Import, pk=id)
    try:
        actions.commit(batch, request.user)
    except Refused as error:
        messages.error(request, str(error))
    return redirect("registry:import", id=id)


@staff_page(room="registry", title=_("导入进度"))
def progress(request: HttpRequest, id: int) -> HttpResponse:
    """How far an import's work is; once it ends the whole page is shown anew."""
    batch = get_object_or_404(Import.objects.select_related("job"), pk=id)
    job = batch.job
    if not work.alive(job):
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return answer
    return render(request, "registry/imports/progress.html", {"batch": batch, "job": job})


@staff_page(room="registry", title=_("退回的行"))
def rejected(request: HttpRequest, id: int) -> HttpResponseBase:
    """The rows set aside as .xlsx: their original columns with the reason behind, to be mended and sent in again."""
    batch = get_object_or_404(Import.objects.select_related("source"), pk=id)
    lists = []
    for one in batch.mapping.get("sheets", []):
        if batch.rejected.filter(sheet=one["name"]).exists():
            columns = sorted(one["columns"], key=lambda column: column["index"])
            headers = [(heading(column, one), "text") for column in columns]
            lists.append(
                (one["name"], [("原表行号", "count"), *headers, ("原因", "text")], _lines(batch, one["name"], columns))
            )
    notes = (
        ("内容", f"“{batch.name}”退回的行"),
        ("来源", str(batch.source)),
        ("怎么用", "按“原因”一列改好后，用同一来源重新上传这份文件即可；“原表行号”和“原因”两列不会导入"),
        ("导出时间", timezone.localtime().strftime("%Y-%m-%d %H:%M")),
    )
    return sheet.send_lists(f"退回-{Path(batch.name).stem}", lists, notes)


def heading(column: dict[str, Any], one: dict[str, Any]) -> str:
    """A column's header with the unit and period that stood elsewhere in the sheet, so that it can be read alone."""
    said = []
    if column["target"] and not column["field"] and column["confidence"] >= AUTO:
        period = column["period"] or one["period"]
        header = column["header"]
        has_year = any(other["target"] in ("year", "period") for other in one["columns"])
        if period and column["type"] != "date" and not has_year and period[:4] not in header:
            said.append(str(Period.parse(period)))
        if column["unit"] and not combine(tuple(header.split("/")))[1].unit:
            said.append(column["unit"])
    return str(column["header"]) + (f"（{'，'.join(said)}）" if said else "")


def _lines(batch: Import, name: str, columns: list[dict[str, Any]]) -> Iterator[list[sheet.Value]]:
    for row in batch.rejected.filter(sheet=name).order_by("row").iterator(chunk_size=2000):
        cells = [row.cells[c["index"]] if c["index"] < len(row.cells) else "" for c in columns]
        yield [row.row, *("" if cell is None else cell for cell in cells), reasons_text(row)]


def reasons_text(row: RejectedRow) -> str:
    """All reasons of a row in one line."""
    reasons = (Reason(**reason) for reason in row.reasons)
    return "；".join(map(str, reasons))
