"""The measure register: what is counted or summed, as of when, and the records behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class Reading:
    """A measure's value on a day; `value` None is unknown and `why` then says who could supply it."""

    value: Decimal | int | None
    as_of: date
    demo: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """A number that opens into its rows: `read(as_of)` gives it, `rows(as_of)` the records counted (always the same set)."""

    id: str
    name: str
    unit: str
    definition: str
    room: str
    read: Callable[[date], Reading]
    rows: Callable[[date], QuerySet[Any]]
    dimensions: tuple[str, ...] = ()
    published: str = field(default="")
    """Name of the published figure (a sourced claim) that stands beside this count."""


_measures: dict[str, Measure] = {}


def declare(measures: Iterable[Measure]) -> None:
    """Make an app's measures known; called from its `AppConfig.ready`, safe to repeat."""
    for measure in measures:
        _measures[measure.id] = measure


def measures(room: str | None = None) -> tuple[Measure, ...]:
    """Every declared measure, or those of one room, in the order of declaration."""
    return tuple(m for m in _measures.values() if room is None or m.room == room)


def measure(id: str) -> Measure | None:
    """The measure with this id, or None."""
    return _measures.get(id)
