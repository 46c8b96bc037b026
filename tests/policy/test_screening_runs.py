"""How a screening runs: by the edition of the day, resumable, with progress, and refused in words."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.management import call_command

from wotu.policy import editions
from wotu.policy import screening as module
from wotu.policy.models import Screening
from wotu.policy.screening import ScreeningError, screen
from wotu.registers.jobs import working
from wotu.registers.models import Job
from wotu.registry import lake
from wotu.registry.models import Enterprise
from wotu.rulebook import columnar

from .conftest import DAY, HIGH_TECH, four

pytestmark = pytest.mark.django_db


@pytest.fixture
def zone(db: None) -> dict[str, Enterprise]:
    """The four enterprises, not screened yet."""
    return four()


def test_the_edition_in_force_on_the_day_is_used(zone: dict[str, Enterprise]):
    editions.sync()
    lake.snapshot()
    before, after = screen(date(2026, 3, 31)), screen(date(2026, 4, 1))
    used = [s.rules.get(edition__policy__name="专精特新中小企业").edition.effective_from for s in (before, after)]
    assert used == [date(2022, 8, 1), date(2026, 4, 1)]


def test_a_killed_run_goes_on_where_it_stopped(zone: dict[str, Enterprise], monkeypatch: pytest.MonkeyPatch):
    editions.sync()
    lake.snapshot()
    monkeypatch.setattr(module, "BATCH", 1)
    real, asked = columnar.screen, []

    def dies(*arguments: Any, **more: Any) -> Any:
        asked.append(1)
        if len(asked) == 3:
            raise KeyboardInterrupt
        return real(*arguments, **more)

    monkeypatch.setattr(columnar, "screen", dies)
    with pytest.raises(KeyboardInterrupt):
        screen(DAY)
    assert not Screening.objects.filter(state=Screening.State.DONE).exists()
    made = screen(DAY)
    assert (made.enterprises, len(asked)) == (4, 5)  # two batches were kept, two were still to do


def test_progress_is_kept_in_a_job(zone: dict[str, Enterprise]):
    editions.sync()
    lake.snapshot()
    job = Job.objects.create(kind="screening", title="筛查")
    with working(job) as progress:
        screen(DAY, rules=[HIGH_TECH], job=progress)
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == (Job.State.DONE, 4, 4)


def test_an_unknown_rule_or_a_day_before_any_rule_is_refused_with_what_there_is(zone: dict[str, Enterprise]):
    editions.sync()
    lake.snapshot()
    with pytest.raises(ScreeningError, match=r"没有这样的规则：高企.*高新技术企业认定"):
        screen(DAY, rules=["高企"])
    with pytest.raises(ScreeningError, match="1990-01-01"):
        screen(date(1990, 1, 1))


def test_without_a_snapshot_the_command_says_what_to_do(db: None):
    with pytest.raises(Exception, match="snapshot"):
        call_command("screen", "--as-of", "2026-06-30")
