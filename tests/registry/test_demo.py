"""The demonstration zone: the same every time, counted to the published totals, resumable, never among real enterprises."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from wotu.registry import claims
from wotu.registry.demo import load, sheet
from wotu.registry.demo.population import populate
from wotu.registry.demo.seed import DemoRefused, seed
from wotu.registry.demo.zone import PUBLISHED_ON, SIZES
from wotu.registry.measures import MEASURES
from wotu.registry.models import Enterprise, Fact, Import, RejectedRow

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
DAY = date(2026, 6, 30)
PUBLISHED = {
    "registry.high_tech": 972,
    "registry.listed": 22,
    "registry.foreign": 2000,
    "registry.japanese": 645,
    "registry.regional_hq": 35,
    "registry.institutes": 100,
}
"""国际商报 2021-11-05; 央企 40 余 and the newcomers are said below."""


def test_the_same_size_and_day_give_the_same_zone_and_another_day_another():
    one, same, other = (populate(SIZES["small"], day) for day in (DAY, DAY, date(2026, 6, 29)))
    assert np.array_equal(one.established, same.established)
    assert np.array_equal(one.trade, same.trade)
    assert not np.array_equal(one.established, other.established)


def test_the_newcomers_of_2021_and_their_growth_are_in_the_larger_zone():
    people = populate(SIZES["zone"], DAY)
    established = people.established.astype("datetime64[D]")

    def between(first: str, last: str) -> int:
        return int(((established >= np.datetime64(first)) & (established <= np.datetime64(last)) & people.dated).sum())

    now, before = between("2021-01-01", "2021-09-30"), between("2020-01-01", "2020-09-30")
    assert now == 22_473
    assert (Decimal(now) / before - 1).quantize(Decimal("0.001")) == Decimal("2.067")


def test_a_killed_run_goes_on_where_it_stopped_and_counting_gives_the_published_totals(
    monkeypatch: pytest.MonkeyPatch,
):
    real, written = load.facts, []

    def dies(*arguments, **more):  # type: ignore[no-untyped-def]
        written.append(1)
        if len(written) == 2:
            raise KeyboardInterrupt
        return real(*arguments, **more)

    monkeypatch.setattr(load, "facts", dies)
    with pytest.raises(KeyboardInterrupt):
        seed("small", DAY)
    kept = Fact.objects.count()
    assert kept > 0
    made = seed("small", DAY)
    assert (made.fresh, made.resumed) == (True, True)
    assert Fact.objects.count() > kept
    # In no order: PostgreSQL has counted no rows yet and would take minutes to join what it takes for empty tables.
    keys = Fact.objects.order_by().values_list("enterprise_id", "attribute_id", "period", "source_id", "recorded_at")
    assert len(set(keys)) == len(keys)
    assert_published()
    again = seed()
    assert (again.fresh, again.day, again.size.id) == (False, DAY, "small")
    batch = sheet.send_in(DAY)
    assert batch is not None
    assert (batch.state, batch.rows_accepted, RejectedRow.objects.filter(batch=batch).count()) == (
        Import.State.DONE,
        58,
        3,
    )
    assert sheet.send_in(DAY) is None


def assert_published() -> None:
    """The records of the small zone, counted, are what was published, on the day of that and on the zone's own."""
    claims.sync()
    counted = {measure.id: measure for measure in MEASURES}
    for day in (PUBLISHED_ON, DAY):
        assert {id: counted[id].read(day).value for id in PUBLISHED} == PUBLISHED
        assert counted["registry.central"].read(day).value > 40
    assert counted["registry.talents"].read(DAY).value is None  # nothing is recorded of talents yet: unknown, not 0
    assert Enterprise.objects.count() == 6000
    assert not Enterprise.objects.filter(is_demo=False).exists()
    assert not Fact.objects.filter(starts_on__gt=DAY).exists()


def test_real_enterprises_and_days_that_do_not_fit_are_refused():
    with pytest.raises(DemoRefused, match="2021-11-05"):
        seed("small", date(2021, 1, 1))
    with pytest.raises(DemoRefused, match="huge"):
        seed("huge", DAY)
    Enterprise.objects.create(code="91320505MA00000000", name="真实企业")
    with pytest.raises(DemoRefused, match="真实企业"):
        seed("small", DAY)
