"""Pages for what went wrong: each says what happened and what to do next."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _


def _page(request: HttpRequest, status: int, title: str, sentence: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return render(request, "site/errors/part.html", {"sentence": sentence}, status=status)
    user: Any = getattr(request, "user", None)
    frame = admin.site.each_context(request) if user is not None and user.is_authenticated else {}
    shown = {**frame, "title": title, "sentence": sentence, "status": status}
    return render(request, "site/errors/page.html" if frame else "site/errors/plain.html", shown, status=status)


def denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: says who may open the page and whom to ask."""
    said = str(exception or "")
    return _page(
        request,
        403,
        _("没有权限"),
        said or _("您的账号没有这一步的权限。需要的话，请系统管理员在“用户”里给您加上角色。"),
    )


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: the record or the address is not there."""
    return _page(
        request,
        404,
        _("没有这一页"),
        _("这个地址没有内容：可能抄错了一位，或那条记录不在这个园区。请从左侧导航重新进入。"),
    )


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of a form whose page is too old to be trusted."""
    return _page(
        request,
        403,
        _("页面已过期"),
        _("为了安全，这一页要重新打开后再提交：请返回、刷新，再做一次。没有任何数据被改动。"),
    )


def broken(request: HttpRequest) -> HttpResponse:
    """500: rendered without the database or the user, because either may be what broke."""
    page = render_to_string(
        "site/errors/plain.html",
        {
            "title": _("出错了"),
            "status": 500,
            "sentence": _(
                "程序没能完成这一步，没有写入一半的数据。请稍后再试；若一直这样，请把时间和网址告诉系统管理员。"
            ),
        },
    )
    return HttpResponse(page, status=500)
