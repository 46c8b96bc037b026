"""What the demonstration zone is made of, as data: sizes, published counts, what enterprises do and where they sit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from wotu.registry.models import Kind

PUBLISHED_ON = date(2021, 11, 5)
"""The day of the published figures (国际商报)."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a demonstration zone is: enterprises in all, with R&D (`tech`), ordinary companies (`plain`), the rest."""

    id: str
    enterprises: int
    tech: int
    plain: int
    newcomers: tuple[tuple[date, date, int], ...] = ()
    """How many market entities were registered between two days, both included."""
    in_lake: bool = False
    """Facts go straight to the lake; the database keeps the enterprises and the certificates' facts."""


NEWCOMERS = (
    (date(2021, 1, 1), date(2021, 9, 30), 22_473),
    (date(2020, 1, 1), date(2020, 9, 30), 7_327),
)
"""Published: 22,473 from January to September 2021, 206.7% more than the 7,327 that follow for the year before."""

SIZES = {
    size.id: size
    for size in (
        Size("small", 6_000, 2_000, 2_200),
        Size("zone", 50_000, 5_000, 16_000, NEWCOMERS),
        Size("city", 1_000_000, 50_000, 300_000, NEWCOMERS, in_lake=True),
    )
}

STANDING: dict[Kind, tuple[int, int]] = {
    Kind.FOREIGN: (2_000, 40),
    Kind.JAPANESE: (645, 12),
    Kind.REGIONAL_HQ: (35, 0),
    Kind.LISTED: (22, 2),
    Kind.CENTRAL: (42, 0),
    Kind.INSTITUTE: (100, 0),
}
"""How many enterprises are of a kind both on the published day and today, and how many changed hands between."""

CERTIFIED, CHANGED = 972, 72
"""高新技术企业 on both days, and how many lost the title (and as many won it) between."""


@dataclass(frozen=True, slots=True)
class Trade:
    """What an enterprise does."""

    code: str
    words: tuple[str, ...]
    weights: tuple[float, float, float]
    """In the tiers tech, plain, micro."""
    field: str
    place: str


@dataclass(frozen=True, slots=True)
class Division:
    """An area of the zone, with a schematic outline and how strongly each kind of place is drawn to it."""

    code: str
    name: str
    outline: tuple[tuple[float, float], ...]
    draws: dict[str, float]


@cache
def trades() -> tuple[Trade, ...]:
    """Everything the enterprises do (mix.yaml)."""
    return tuple(
        Trade(t["code"], tuple(t["words"]), (t["tech"], t["plain"], t["micro"]), t["field"], t["place"])
        for t in _read(Path(__file__).with_name("mix.yaml"))
    )


@cache
def divisions() -> tuple[Division, ...]:
    """The areas of the zone (areas.yaml)."""
    return tuple(
        Division(a["code"], a["name"], tuple((x, y) for x, y in a["outline"]), a["draws"])
        for a in _read(Path(__file__).parent.parent / "areas.yaml")["areas"]
    )


def _read(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))
