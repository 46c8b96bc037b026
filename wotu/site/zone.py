"""What the shell says of the zone as a whole: whether everything in it is demonstration data, and its demo logins."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _

from wotu.registers.roles import ROLES
from wotu.registry.models import Enterprise

DEMO_PASSWORD = "wotu-demo"
"""Of the demonstration logins, which exist only in a zone that `wotu demo` made."""
DEMO_MAIL = "@demo.invalid"
KEEP = 60
"""Seconds for which the answer is kept: every page asks."""


def all_demo() -> bool:
    """Whether the zone holds enterprises and every one of them is invented."""
    known = cache.get("zone.all_demo")
    if known is None:
        known = (
            Enterprise.objects.filter(is_demo=True).exists() and not Enterprise.objects.filter(is_demo=False).exists()
        )
        cache.set("zone.all_demo", known, KEEP)
    return bool(known)


def demo_mark(request: HttpRequest) -> list[str] | None:
    """The mark in the header of a zone of demonstration data."""
    return [_("演示数据"), "warning"] if request.user.is_authenticated and all_demo() else None


def demo_logins() -> tuple[tuple[str, str], ...]:
    """(login, role) of the demonstration accounts, only where the whole zone is demonstration data."""
    if not all_demo():
        return ()
    made = set(
        get_user_model()
        .objects.filter(username__in=[role.id for role in ROLES], email__endswith=DEMO_MAIL, is_active=True)
        .values_list("username", flat=True)
    )
    return tuple((role.id, role.name) for role in ROLES if role.id in made)
