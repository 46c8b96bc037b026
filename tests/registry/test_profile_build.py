"""The table of all profiles: equal to each single one, and a killed run goes on where it was."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.core.management import call_command
from django.utils import timezone

from wotu.registry import attributes, facts, lake, profiles
from wotu.registry.models import Enterprise, Snapshot, Source
from wotu.registry.periods import Period

pytestmark = pytest.mark.django_db

AS_OF = date(2025, 6, 30)


@pytest.fixture
def snapshot() -> Snapshot:
    """Five enterprises: a corrected figure, a year missing, a source's “unknown”, two sources, something yet to come."""
    attributes.sync()
    then = timezone.now() - timedelta(days=2)
    for number in range(5):
        Enterprise.objects.create(
            code=f"9132050500000{number:05}", name=f"企业{number}", established_on=date(2015, 1, 1), created_at=then
        )
    first, second = (Source.objects.create(name=n, kind="statistics", trust=t) for n, t in (("甲", 60), ("乙", 80)))
    ids = list(Enterprise.objects.order_by("pk").values_list("pk", flat=True))

    def say(source: Source, who: int, attribute: str, period: str, value: Any) -> None:
        facts.record([facts.Stated(ids[who], attribute, Period.parse(period), value)], source=source, at=then)

    for who in range(4):
        for year, amount in (("2022", 100), ("2023", 110), ("2024", 121)):
            say(first, who, "revenue", year, Decimal(amount * (who + 1)))
            say(first, who, "rd_expense", year, Decimal(amount))
    say(second, 0, "revenue", "2024", Decimal(242))
    say(second, 1, "revenue", "2024", None)
    say(first, 2, "revenue", "2024", Decimal("3.33"))
    say(first, 2, "rd_expense", "2023", Decimal(0))
    say(first, 3, "best_ip", "2025-06-30", "Ⅰ类")
    say(first, 3, "best_ip", "2025-07-01", "Ⅱ类")
    return lake.snapshot()


def rows(table: profiles.ProfileTable) -> list[dict[str, Any]]:
    return pq.read_table(table.file).to_pylist()


def test_the_table_is_every_single_profile(snapshot: Snapshot):
    table = rows(profiles.build(snapshot, AS_OF))
    for row in table:
        alone = profiles.profile(Enterprise.objects.get(pk=row.pop("enterprise_id")), AS_OF)
        assert {name: profiles.tidy(value) for name, value in row.items()} == alone.inputs()
    assert [row["营业收入"] for row in table] == [242, 242, Decimal("3.33"), 484, None]
    assert [row["近三年研发费用"] for row in table] == [331, 331, 221, 331, None]
    assert table[3]["最高知识产权类别"] == "Ⅰ类"


def test_a_killed_run_goes_on_after_its_last_finished_block(
    snapshot: Snapshot, settings: Any, monkeypatch: pytest.MonkeyPatch
):
    whole = profiles.build(snapshot, AS_OF)
    folder = Path(settings.LAKE) / "profile"
    whole.path.rename(folder.parent / "kept")
    monkeypatch.setattr(profiles, "BLOCK", 2)
    block, asked = profiles._block, []

    def killed_at_the_third(*given: Any) -> Any:
        asked.append(given[-2:])
        if len(asked) == 3:
            raise KeyboardInterrupt
        return block(*given)

    monkeypatch.setattr(profiles, "_block", killed_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        profiles.build(snapshot, AS_OF)
    assert not [path for path in folder.iterdir() if not path.name.startswith(".")]
    again = profiles.build(snapshot, AS_OF)
    assert len(asked) == 4
    assert asked[3] == asked[2]
    assert rows(again) == pq.read_table(folder.parent / "kept" / "profile.parquet").to_pylist()
    assert [path.name for path in folder.iterdir()] == [again.path.name]


def test_the_command_says_where_the_table_is(snapshot: Snapshot, capsys: pytest.CaptureFixture[str]):
    call_command("profile", "--as-of", "2025-06-30")
    said = capsys.readouterr().out
    assert "2025-06-30 的画像：5家企业" in said
    assert Path(said.split("写在 ")[1].strip()).exists()
