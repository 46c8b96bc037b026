"""The staff's pages: who may enter a room, and the decorator that every page of the desk carries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url

from wotu.registers.roles import ADMIN, ROLES, Role
from wotu.registers.verbs import may

P = ParamSpec("P")

STAFF = "staff"
"""The room of pages that everybody on the staff may open (home, jobs)."""


@dataclass(frozen=True, slots=True)
class StaffPage:
    """What the shell knows of the page being shown; it lies on the request as `staff_page`."""

    room: str
    title: Any


def roles_of(room: str) -> tuple[Role, ...]:
    """The roles whose rooms include this one."""
    return tuple(role for role in ROLES if room in role.rooms)


def may_enter(user: Any, room: str) -> bool:
    """Whether one of the user's roles has the room; `STAFF` is open to every role."""
    return may(user, ROLES if room == STAFF else roles_of(room))


def staff_page(
    *, room: str, title: Any, by: tuple[Role, ...] = ()
) -> Callable[[Callable[Concatenate[HttpRequest, P], HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Open a view to the staff whose roles have the room (and, where `by` names roles, hold one of them).

    A stranger is sent to the login page and comes back after it; somebody without the role is told who can give it.
    """

    def decorate(view: Callable[Concatenate[HttpRequest, P], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def page(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            user: Any = request.user
            if not (user.is_authenticated and user.is_active):
                return _to_login(request)
            if not (user.is_staff and may_enter(user, room) and (not by or may(user, by))):
                raise PermissionDenied(_refusal(title, by or (ROLES if room == STAFF else roles_of(room))))
            request.staff_page = StaffPage(room, title)  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

        return page

    return decorate


def _refusal(title: Any, roles: tuple[Role, ...]) -> str:
    names = "、".join(role.name for role in dict.fromkeys((ADMIN, *roles)))
    return f"您的账号打不开“{title}”：这一页对{names}开放。需要的话，请系统管理员在“用户”里给您加上角色。"


def _to_login(request: HttpRequest) -> HttpResponseBase:
    """The login page; a part of a page that htmx asked for sends the whole page there and back."""
    if request.headers.get("HX-Request"):
        back = request.headers.get("HX-Current-URL") or resolve_url(settings.LOGIN_REDIRECT_URL)
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = redirect_to_login(_path(back)).url
        return answer
    return redirect_to_login(request.get_full_path())


def _path(address: str) -> str:
    """The path and query of an address, so that the way back stays on this site."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
