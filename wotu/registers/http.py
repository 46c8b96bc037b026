"""Shapes that every room's API shares: paging and problems (RFC 9457), in Chinese or English."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet
from ninja import Schema
from pydantic import Field


class Problem(Exception):
    """An error the caller can act on: status, a short title and what to do, in both languages."""

    def __init__(self, status: int, zh: str, en: str, **more: Any) -> None:
        super().__init__(zh)
        self.status, self.zh, self.en, self.more = status, zh, en, more


class Paging(Schema):
    """Which part of a list."""

    offset: int = Field(0, ge=0, le=10_000_000, description="从第几条起")
    limit: int = Field(50, ge=1, le=500, description="最多几条")


def page(items: QuerySet[Any] | Sequence[Any], paging: Paging, show: Callable[[Any], Any]) -> dict[str, Any]:
    """A page of a queryset: `{"total", "offset", "limit", "items"}`."""
    total = items.count() if isinstance(items, QuerySet) else len(items)
    part = items[paging.offset : paging.offset + paging.limit]
    return {"total": total, "offset": paging.offset, "limit": paging.limit, "items": [show(item) for item in part]}


def require_room(user: Any, room: str) -> None:
    """Refuse a user whose roles do not include the room."""
    from wotu.registers.roles import ROLES, ROOMS
    from wotu.registers.verbs import may

    if not may(user, tuple(role for role in ROLES if room in role.rooms)):
        raise Problem(403, f"您的账号没有“{ROOMS[room]}”的权限。", f"Your account has no access to “{room}”.")
