"""Signing in to the desk as somebody of a role."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.test import Client

from wotu.registers.roles import Role


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    """Answers that the shell keeps for a minute don't outlive a test."""
    cache.clear()


@pytest.fixture
def signed_in(db: None) -> Callable[..., Client]:
    """A browser signed in with the roles given."""

    def sign_in(*roles: Role) -> Client:
        user = User.objects.create_user(f"u{User.objects.count()}", password="x", is_staff=True)
        user.groups.set([Group.objects.get_or_create(name=role.name)[0] for role in roles])
        client = Client()
        client.force_login(user)
        return client

    return sign_in
