"""The staff's roles in the database: groups by the names that code gives them."""

from __future__ import annotations

from django.contrib.auth.models import Group

from wotu.registers.roles import ROLES


def seed_roles(using: str = "default") -> list[str]:
    """Make a group for each role that has none; the names of those made."""
    known = set(Group.objects.using(using).values_list("name", flat=True))
    made = [role.name for role in ROLES if role.name not in known]
    Group.objects.using(using).bulk_create([Group(name=name) for name in made])
    return made
