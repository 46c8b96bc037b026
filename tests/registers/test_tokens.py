"""API tokens."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from wotu.registers import tokens
from wotu.registers.models import ApiToken

pytestmark = pytest.mark.django_db


def test_a_token_finds_its_user_and_only_its_digest_is_kept():
    user = User.objects.create_user("a")
    key = tokens.issue(user, "统计")
    assert tokens.holder(key) == user
    assert key not in str(ApiToken.objects.values())


def test_an_expired_replaced_or_foreign_token_finds_nobody():
    user = User.objects.create_user("a")
    old = tokens.issue(user, "统计")
    tokens.issue(user, "统计")
    expired = tokens.issue(user, "旧", timezone.now() - timedelta(days=1))
    assert [tokens.holder(k) for k in (old, expired, "wotu_x")] == [None, None, None]


def test_an_inactive_user_is_nobody():
    user = User.objects.create_user("a", is_active=False)
    assert tokens.holder(tokens.issue(user, "统计")) is None
