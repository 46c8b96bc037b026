"""Reading labelled sentences: what was found, what was missed, what was read that is not there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from wotu.intel.reading import read_text

SENTENCES = Path(__file__).with_name("sentences")
ON = date(2021, 11, 5)
SIZES = {"万亿": 10**12, "亿": 10**8, "万": 10**4}


@dataclass(frozen=True)
class Wanted:
    """A figure a sentence states."""

    head: str
    value: Decimal
    unit: str
    period: str
    target: bool


@dataclass(frozen=True)
class Got:
    """A figure the reader found; a growth inside a claim counts as one of its own."""

    words: str
    value: Decimal
    unit: str
    period: str
    target: bool

    def is_(self, wanted: Wanted) -> bool:
        return (
            self.value == wanted.value
            and self.unit == wanted.unit
            and wanted.head in self.words
            and (not wanted.period or wanted.period == self.period)
            and (not wanted.target or self.target)
        )


@dataclass(frozen=True)
class Mark:
    """How one sentence was read."""

    say: str
    right: int
    missed: tuple[Wanted, ...]
    wrong: tuple[Got, ...]


def entries(kind: str) -> list[dict[str, Any]]:
    return yaml.safe_load((SENTENCES / f"{kind}.yaml").read_text(encoding="utf-8"))


def kinds() -> list[str]:
    return sorted(path.stem for path in SENTENCES.glob("*.yaml"))


def wanted(line: str) -> Wanted:
    head, number, unit, *more = line.split()
    size = next((name for name in SIZES if number.endswith(name)), "")
    value = Decimal(number.removesuffix(size)) * SIZES.get(size, 1)
    period = next((piece for piece in more if piece != "目标"), "")
    return Wanted(head, value, unit, period, "目标" in more)


def figures(text: str, on: date = ON) -> list[Got]:
    found = []
    for claim in read_text(text, on).claims:
        words, target = claim.indicator + claim.subject, claim.status == "target"
        found.append(Got(words, claim.value, claim.unit, claim.period, target))
        if claim.growth:
            found.append(Got(words, claim.growth.value, claim.growth.unit, claim.period, target))
    return found


def mark(entry: dict[str, Any], text: str | None = None) -> Mark:
    """Match greedily: every wanted figure takes one found figure that is it."""
    left, missed, right = figures(text or entry["say"], entry.get("day", ON)), [], 0
    for want in map(wanted, entry["read"]):
        hit = next((got for got in left if got.is_(want)), None)
        if hit is None:
            missed.append(want)
        else:
            left.remove(hit)
            right += 1
    return Mark(entry["say"], right, tuple(missed), tuple(left))
