"""审计: every audit line, found by who, what, when and which record; and the same list as a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wotu.registers.models import AuditLine
from wotu.registers.pages import STAFF, staff_page
from wotu.registers.roles import ADMIN, AUDITOR
from wotu.registers.verbs import verbs
from wotu.registry.desk import sheet

SIZE = 50
ACCOUNTS = {
    "site.add_account": _("新建账号"),
    "site.change_account": _("修改账号"),
}
"""What happens to accounts is written down by the account pages (wotu/site/admin.py), not by verbs."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    """An audit line as the page shows it."""

    line: AuditLine
    verb: str
    kind: str
    changes: tuple[Change, ...]


def labels() -> dict[str, str]:
    """What each verb is called."""
    return {verb.id: str(verb.label) for verb in verbs()} | {id: str(name) for id, name in ACCOUNTS.items()}


def shown(line: AuditLine, names: dict[str, str]) -> Line:
    """An audit line in words: the record's kind and its fields by their names."""
    try:
        model: Any = apps.get_model(line.subject_type)
    except (LookupError, ValueError):
        model = None
    return Line(
        line,
        names.get(line.verb, line.verb),
        str(model._meta.verbose_name) if model else line.subject_type,
        tuple(
            Change(_field(model, name), _value(model, name, before), _value(model, name, after))
            for name, (before, after) in line.changes.items()
        ),
    )


def _field(model: Any, name: str) -> str:
    try:
        return str(model._meta.get_field(name.removesuffix("_id")).verbose_name) if model else name
    except FieldDoesNotExist:
        return name


def _value(model: Any, name: str, value: Any) -> str:
    """A kept value in words: a choice by its label, nothing as 空, a structure by how much is in it."""
    if value in (None, "", "None", {}, []):
        return "空"
    if isinstance(value, dict | list):
        return f"{len(value)} 项"
    try:
        choices = dict(model._meta.get_field(name).flatchoices) if model else {}
    except (FieldDoesNotExist, AttributeError):
        choices = {}
    return str(choices.get(value, value))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def wanted(request: HttpRequest) -> QuerySet[AuditLine]:
    """The lines the address asks for."""
    get = request.GET.get
    found = AuditLine.objects.select_related("by")
    if get("verb"):
        found = found.filter(verb=get("verb"))
    if get("by", "").isdigit():
        found = found.filter(by_id=int(get("by", "0")))
    elif get("by") == "system":
        found = found.filter(by=None)
    if search := get("q", "").strip()[:100]:
        found = found.filter(subject__icontains=search) | found.filter(note__icontains=search)
    if since := _day(get("since", "")):
        found = found.filter(at__gte=timezone.make_aware(datetime.combine(since, time.min)))
    if until := _day(get("until", "")):
        found = found.filter(at__lte=timezone.make_aware(datetime.combine(until, time.max)))
    return found.order_by("-at", "-id")


@staff_page(room=STAFF, title=_("审计"), by=(ADMIN, AUDITOR))
def audit(request: HttpRequest) -> HttpResponseBase:
    """The trail; everything it shows is in the address."""
    found, names = wanted(request), labels()
    if request.GET.get("export") == "xlsx":
        return export(request, found, names)
    page = Paginator(found, SIZE).get_page(request.GET.get("page"))
    doers = get_user_model().objects.filter(pk__in=AuditLine.objects.order_by().values("by").distinct())
    context = {
        "page": page,
        "lines": [shown(line, names) for line in page.object_list],
        "verbs": sorted(names.items(), key=lambda item: item[1]),
        "doers": [(user.pk, user.get_full_name() or user.get_username()) for user in doers],
    }
    return render(request, "site/audit.html", context)


def export(request: HttpRequest, found: QuerySet[AuditLine], names: dict[str, str]) -> HttpResponseBase:
    """The lines asked for as .xlsx."""

    def rows() -> Iterator[list[sheet.Value]]:
        for line in found[: sheet.LIMIT].iterator(chunk_size=2000):
            said = shown(line, names)
            changes = "；".join(f"{c.field}：{c.before} → {c.after}" for c in said.changes)
            by = (line.by.get_full_name() or line.by.get_username()) if line.by else "系统"
            at = timezone.localtime(line.at).strftime("%Y-%m-%d %H:%M:%S")
            yield [at, by, said.verb, said.kind, line.subject, changes, line.note]

    headers = tuple((title, "text") for title in ("时间", "办理人", "动作", "对象种类", "对象", "变化", "说明"))
    asked = "；".join(f"{key}={value}" for key, value in request.GET.items() if key not in ("export", "page") and value)
    total = found.count()
    notes = (
        ("内容", "审计记录"),
        ("条件", asked or "不限"),
        ("行数", f"{min(total, sheet.LIMIT)}，共 {total} 条" + ("（超出上限，已截断）" if total > sheet.LIMIT else "")),
        ("导出", f"{timezone.localtime():%Y-%m-%d %H:%M}，{request.user.get_username()}"),
    )
    return sheet.send(f"审计记录-{timezone.localdate()}", headers, rows(), notes)
