"""API tokens: made once, kept as a digest, checked at each call."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db.models import Q
from django.utils import timezone

from wotu.registers.models import ApiToken

PREFIX = "wotu_"


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def issue(user: User, name: str, expires_at: datetime | None = None) -> str:
    """Make (or replace) a user's token of this name and return the key, which is never shown again."""
    key = PREFIX + secrets.token_urlsafe(32)
    ApiToken.objects.update_or_create(
        user=user,
        name=name,
        defaults={"digest": _digest(key), "expires_at": expires_at, "created_at": timezone.now(), "used_at": None},
    )
    return key


def holder(key: str) -> User | None:
    """The active user who holds this key, or None; remembers the use at most once a minute."""
    now = timezone.now()
    token = (
        ApiToken.objects.select_related("user")
        .filter(Q(expires_at=None) | Q(expires_at__gt=now), digest=_digest(key), user__is_active=True)
        .first()
    )
    if token is None:
        return None
    if token.used_at is None or now - token.used_at > timedelta(minutes=1):
        ApiToken.objects.filter(pk=token.pk).update(used_at=now)
    return token.user
