"""Ids by the hundred thousand in one statement."""

from __future__ import annotations

import pytest

from wotu.registry.models import Enterprise
from wotu.registry.queries import among

pytestmark = pytest.mark.django_db


def test_more_ids_than_a_statement_takes_parameters_find_their_enterprises():
    made = Enterprise.objects.bulk_create(
        Enterprise(code=f"9132050500000{number:05}", name=f"企业{number}") for number in range(3)
    )
    wanted = [made[0].pk, made[2].pk, *range(10_000_000, 10_300_000)]
    found = Enterprise.objects.filter(pk__in=among(wanted)).exclude(name="无").order_by("pk")
    assert (found.count(), [e.name for e in found]) == (2, ["企业0", "企业2"])
    assert not Enterprise.objects.filter(pk__in=among(())).exists()
