"""The shell around every page of the desk: the navigation a role sees, and what the frame of a page needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from wotu.registers.pages import STAFF, may_enter
from wotu.registers.roles import ADMIN, AUDITOR, Role
from wotu.registers.verbs import may


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the navigation: shown to roles that have the room and, where `by` names roles, hold one of them."""

    title: Any
    icon: str
    address: str
    room: str = STAFF
    by: tuple[Role, ...] = ()


NAVIGATION: tuple[tuple[Any, tuple[Entry, ...]], ...] = (
    ("", (Entry(_("首页"), "home", "site:home"), Entry(_("大屏"), "space_dashboard", "cockpit:wall", "cockpit"))),
    (
        _("企业"),
        (
            Entry(_("企业列表"), "apartment", "registry:enterprises", "registry"),
            Entry(_("数字与口径"), "functions", "registry:measures", "registry"),
            Entry(_("数据接入"), "upload_file", "registry:imports", "registry"),
            Entry(_("快照"), "photo_camera", "site:snapshots", "registry"),
        ),
    ),
    (_("政策"), (Entry(_("政策匹配"), "rule", "policy:match", "policy"),)),
    (
        _("情报"),
        (
            Entry(_("文章"), "article", "intel:articles", "intel"),
            Entry(_("公布与台账"), "balance", "intel:check", "intel"),
        ),
    ),
    (
        _("运行"),
        (
            Entry(_("任务"), "checklist", "site:jobs"),
            Entry(_("审计"), "history", "site:audit", by=(ADMIN, AUDITOR)),
            Entry(_("接口文档"), "api", "site:api"),
        ),
    ),
    (
        _("系统管理"),
        (
            Entry(_("用户"), "group", "admin:auth_user_changelist", by=(ADMIN,)),
            Entry(_("来源"), "source", "admin:registry_source_changelist", by=(ADMIN, AUDITOR)),
            Entry(_("指标"), "straighten", "admin:registry_attribute_changelist", by=(ADMIN, AUDITOR)),
            Entry(_("全部记录"), "database", "site:records", by=(ADMIN, AUDITOR)),
        ),
    ),
)


def visible(user: Any) -> list[tuple[Any, list[Entry]]]:
    """The navigation of one user, groups without a line left out."""
    groups = [
        (title, [e for e in entries if may_enter(user, e.room) and (not e.by or may(user, e.by))])
        for title, entries in NAVIGATION
    ]
    return [(title, entries) for title, entries in groups if entries]


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The sidebar as unfold draws it, the line of the page being shown marked."""
    groups = [
        (title, [(entry, reverse(entry.address)) for entry in entries]) for title, entries in visible(request.user)
    ]
    here = max((a for _t, entries in groups for _e, a in entries if _within(request.path, a)), key=len, default="")
    return [
        {
            "title": title,
            "items": [
                {"title": entry.title, "icon": entry.icon, "link": address, "active": address == here}
                for entry, address in entries
            ],
        }
        for title, entries in groups
    ]


def _within(path: str, address: str) -> bool:
    return path == address or (address != "/" and path.startswith(address))


def context(request: HttpRequest) -> dict[str, Any]:
    """What the frame of a staff page needs; nothing for a part of a page that htmx asks for."""
    page = getattr(request, "staff_page", None)
    if page is None:
        return {}
    if request.headers.get("HX-Request"):
        return {"title": page.title}
    return {**admin.site.each_context(request), "title": page.title}
