"""How healthy the zone's data is, read from the newest snapshot and profile in the lake: cheap, and the same until the next."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from wotu.registers import columns as register
from wotu.registry import lake
from wotu.registry.models import Snapshot

KEEP = 24 * 3600
"""Seconds; what is kept is named by immutable files, so it never grows stale."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One source in a snapshot: how many facts it states, and when it last stated one."""

    id: int
    name: str
    facts: int
    last: datetime

    @property
    def days(self) -> int:
        """Days since it last stated anything."""
        return (timezone.now() - self.last).days


@dataclass(frozen=True, slots=True)
class Gap:
    """One column of the profile and the share of enterprises for which it is unknown."""

    column: str
    supplier: str
    share: float

    @property
    def percent(self) -> float:
        """The share in percent."""
        return 100 * self.share


@dataclass(frozen=True, slots=True)
class Health:
    """Sources by age, oldest first; columns by what is unknown, most first; both as of what was read."""

    known_at: datetime
    feeds: tuple[Feed, ...]
    as_of: date | None = None
    enterprises: int = 0
    gaps: tuple[Gap, ...] = ()

    @property
    def unknown(self) -> float:
        """The share of unknown values over all columns, in percent."""
        return 100 * sum(gap.share for gap in self.gaps) / len(self.gaps) if self.gaps else 0.0


def health() -> Health | None:
    """Of the newest snapshot that lies in the lake; None where there is none, or it can't be read."""
    snapshot = next((s for s in Snapshot.objects.all()[:3] if lake.folder(s.path).exists()), None)
    if snapshot is None:
        return None
    table = _newest_profile(snapshot)
    key = f"health:{Path(settings.LAKE).name}:{snapshot.pk}:{snapshot.sha256[:16]}:{table.name if table else ''}"
    found = cache.get(key)
    if found is None:
        try:
            found = _read(snapshot, table)
        except (duckdb.Error, OSError):
            return None
        cache.set(key, found, KEEP)
    return found  # type: ignore[no-any-return]


def _newest_profile(snapshot: Snapshot) -> Path | None:
    """The profile of the snapshot with the latest as-of day; folders are named by their day."""
    root = Path(settings.LAKE) / "profile"
    for folder in sorted(root.glob("????-??-??-*"), reverse=True)[:20] if root.exists() else ():
        manifest = folder / "manifest.json"
        if manifest.exists() and json.loads(manifest.read_text()).get("snapshot") == snapshot.sha256:
            return folder
    return None


def _read(snapshot: Snapshot, table: Path | None) -> Health:
    place = lake.folder(snapshot.path)
    with lake.connect() as connection:
        rows = connection.execute(
            "SELECT f.source_id, s.name, count(*), max(f.recorded_at)"
            f" FROM {lake.parquet(place / 'facts.parquet')} f JOIN {lake.parquet(place / 'sources.parquet')} s"
            " ON s.id = f.source_id GROUP BY ALL ORDER BY 4, 2"
        ).fetchall()
        feeds = tuple(Feed(*row) for row in rows)
        if table is None:
            return Health(snapshot.known_at, feeds)
        file = lake.parquet(table / "profile.parquet")
        said = json.loads((table / "manifest.json").read_text())
        declared = [c for c in register.columns() if c.name in said["columns"]]
        counts = ", ".join(f'count("{c.name.replace(chr(34), chr(34) * 2)}")' for c in declared)
        total, *known = connection.execute(f"SELECT count(*), {counts} FROM {file}").fetchone() or (0,)
    gaps = [
        Gap(c.name, c.supplied_by, 1 - k / total) for c, k in zip(declared, known, strict=True) if total and k < total
    ]
    return Health(
        snapshot.known_at,
        feeds,
        date.fromisoformat(said["as_of"]),
        total,
        tuple(sorted(gaps, key=lambda gap: -gap.share)),
    )
