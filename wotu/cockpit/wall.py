"""What stands on the wall: which numbers, on which day, what each opens, and the map in the middle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from wotu.cockpit.zonemap import Plan, draw
from wotu.registers import measures as register
from wotu.registers.measures import Measure, Reading
from wotu.registers.pages import may_enter
from wotu.registry import claims
from wotu.registry.desk import show
from wotu.registry.desk.bars import Bars
from wotu.registry.desk.measures import NOWHERE, door, history, year_ends
from wotu.registry.models import Area
from wotu.registry.readings import Readings

LEFT = (
    ("registry.enterprises", ()),
    ("registry.newcomers", ("registry.newcomers_growth",)),
    ("registry.high_tech", ("policy.could_apply",)),
    ("policy.near", ()),
)
RIGHT = (
    ("registry.listed", ()),
    ("registry.foreign", ("registry.japanese", "registry.regional_hq")),
    ("registry.central", ()),
    ("registry.institutes", ()),
)
"""The numbers on both sides of the map, each with the parts that stand under it."""

MAPPED = ("registry.enterprises", "registry.high_tech", "registry.tech_sme", "registry.foreign", "policy.could_apply")
"""Numbers that the map can show by area; the first unless the address names another."""

TRENDS = (
    ("registry.newcomers", "每年新登记的市场主体"),
    ("registry.high_tech", "年末有效的国家高新技术企业"),
)
BARS = 8
SIZE = {"width": 520, "height": 176}

SHORT = {"registry.newcomers_growth": "同比", "registry.regional_hq": "地区总部", "registry.japanese": "其中日资"}
"""What a part is called under its number."""


@dataclass(frozen=True, slots=True)
class Number:
    """One number of the wall: its reading, what it opens, the published figure and its parts."""

    measure: Measure
    reading: Reading
    door: str
    span: str = ""
    published: str = ""
    published_for: str = ""
    parts: tuple[Number, ...] = ()

    @property
    def name(self) -> str:
        """What it is called under another number."""
        return SHORT.get(self.measure.id, self.measure.name)

    @property
    def whole(self) -> int | None:
        """The value where it is a whole number, so that it can be counted up."""
        return self.reading.value if isinstance(self.reading.value, int) else None


@dataclass(frozen=True, slots=True)
class Map:
    """The map of one measure by area, with what the viewer may show on it instead."""

    measure: Measure
    reading: Reading
    plan: Plan
    nowhere: int
    nowhere_door: str
    offered: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class Trend:
    """A number over the years."""

    measure: Measure
    title: str
    chart: Bars | None
    door: str


def visible(ids: Iterable[str], user: Any) -> dict[str, Measure]:
    """The declared measures among these that the user's rooms include."""
    found = {id: register.measure(id) for id in ids}
    return {id: measure for id, measure in found.items() if measure and may_enter(user, measure.room)}


def numbers(readings: Readings, as_of: date, user: Any) -> tuple[list[Number], list[Number]]:
    """The numbers left and right of the map."""
    ids = [id for side in (LEFT, RIGHT) for id, parts in side for id in (id, *parts)]
    seen = visible(ids, user)
    said, read = claims.beside(*seen.values()), readings.together(seen.values(), as_of)

    def number(id: str, parts: tuple[str, ...] = ()) -> Number:
        measure, claim = seen[id], said.get(id)
        return Number(
            measure,
            read[id],
            door(id, as_of),
            measure.span(as_of) if measure.span else "",
            claims.said(claim) if claim else "",
            show.period(claim.period) if claim else "",
            tuple(number(part) for part in parts if part in seen),
        )

    left, right = ([number(id, parts) for id, parts in side if id in seen] for side in (LEFT, RIGHT))
    return left, right


def zone_map(readings: Readings, as_of: date, user: Any, wanted: str) -> Map:
    """The map of the wanted measure, else of the first; unknown where its number is."""
    offered = visible(MAPPED, user)
    measure = offered.get(wanted) or next(iter(offered.values()))
    reading = readings.read(measure, as_of)
    counted: Mapping[int | None, int] = readings.by(measure, "area", as_of) if reading.value is not None else {}
    areas = list(Area.objects.all())
    plan = draw(
        areas,
        counted if reading.value is not None else None,
        {area.pk: door(measure.id, as_of, area.code) for area in areas},
    )
    return Map(
        measure,
        reading,
        plan,
        counted.get(None, 0),
        door(measure.id, as_of, NOWHERE),
        tuple(offered.values()),
    )


def trends(readings: Readings, as_of: date, user: Any) -> tuple[Trend, ...]:
    """The numbers over the years, one query each."""
    seen = visible([id for id, _title in TRENDS], user)
    days = year_ends(as_of, BARS - 1)
    made = []
    for id, title in TRENDS:
        if id in seen:
            values = readings.history(seen[id], days)
            chart = history(seen[id], days, values, **SIZE) if any(values) else None
            made.append(Trend(seen[id], title, chart, door(id, as_of)))
    return tuple(made)
