"""The zone's map: areas drawn from their outlines, shaded by how densely enterprises stand in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import hypot

from wotu.registry.models import Area

SHADES = 5
MARGIN = 4
"""Room around the outlines, in their unit (百米)."""
GRID = 32
"""Points tried along each side of an area when its label is placed."""
LETTERS, LAST = 6, 5
"""Characters of a name on one line of its label, and on the last line of a longer name (…街道, 综合保税区, 商务创新区)."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Place:
    """One area on the map: its shape, where its name stands, its number and shade (1 the lightest, 0 none there)."""

    name: str
    door: str
    rows: int | None
    points: str
    lines: tuple[tuple[str, float], ...]
    """The name's lines and how far below the centre each stands, in ems."""
    x: float
    y: float
    density: float
    """Per square kilometre of the outline."""
    shade: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole map; `loose` are areas without an outline, as (name, rows, door)."""

    places: tuple[Place, ...]
    loose: tuple[tuple[str, int | None, str], ...]
    box: str
    steps: tuple[tuple[int, str], ...]
    """The legend: each shade and the densities it stands for."""


def surface(outline: Sequence[Point]) -> float:
    """Surface of a polygon in the square of its unit.

    >>> surface([(0, 0), (10, 0), (10, 10), (0, 10)])
    100.0
    """
    return abs(sum(x * v - u * y for (x, y), (u, v) in _sides(outline))) / 2


@lru_cache(maxsize=256)
def heart(outline: tuple[Point, ...]) -> Point:
    """The point within a polygon that is farthest from its sides, to a grid: where a label has most room.

    >>> heart(((0, 0), (16, 0), (16, 16), (0, 16)))
    (8.0, 8.0)
    """
    left, top = min(x for x, _ in outline), min(y for _, y in outline)
    width, height = max(x for x, _ in outline) - left, max(y for _, y in outline) - top
    grid = [(left + width * i / GRID, top + height * j / GRID) for i in range(1, GRID) for j in range(1, GRID)]
    inside = [point for point in grid if _within(point, outline)] or [outline[0]]
    x, y = max(inside, key=lambda point: (round(_room(point, outline), 6), -abs(point[0] - left - width / 2)))
    return round(x, 1), round(y, 1)


def _within(point: Point, outline: tuple[Point, ...]) -> bool:
    x, y = point
    crossed = [(y < b) != (y < d) and x < a + (c - a) * (y - b) / (d - b) for (a, b), (c, d) in _sides(outline)]
    return sum(crossed) % 2 == 1


def _room(point: Point, outline: tuple[Point, ...]) -> float:
    """Distance from the nearest side."""
    x, y = point
    nearest = []
    for (a, b), (c, d) in _sides(outline):
        long = (c - a) ** 2 + (d - b) ** 2
        share = max(0.0, min(1.0, ((x - a) * (c - a) + (y - b) * (d - b)) / long)) if long else 0.0
        nearest.append(hypot(x - a - share * (c - a), y - b - share * (d - b)))
    return min(nearest)


def _sides(outline: Sequence[Point]) -> list[tuple[Point, Point]]:
    return list(zip(outline, [*outline[1:], outline[0]], strict=True))


def draw(areas: Sequence[Area], counted: Mapping[int | None, int] | None, doors: Mapping[int, str]) -> Plan:
    """The map of the areas with their numbers; the densest area has the deepest shade. Without counts all is unknown."""
    rows = {area.pk: None if counted is None else counted.get(area.pk, 0) for area in areas}
    outlines = {area.pk: tuple((x, y) for x, y in area.outline) for area in areas if len(area.outline) >= 3}
    density = {pk: (rows[pk] or 0) / (surface(outline) / 100 or 1) for pk, outline in outlines.items()}
    top = max(density.values(), default=0.0)
    places = []
    for area in areas:
        if area.pk not in outlines:
            continue
        outline, share = outlines[area.pk], density[area.pk] / top if top else 0.0
        x, y = heart(outline)
        places.append(
            Place(
                name=area.name,
                door=doors[area.pk],
                rows=rows[area.pk],
                points=" ".join(f"{px},{py}" for px, py in outline),
                lines=_label(area.name),
                x=x,
                y=y,
                density=round(density[area.pk], 1),
                shade=min(SHADES, 1 + int(share * SHADES)) if share else 0,
            )
        )
    loose = tuple((area.name, rows[area.pk], doors[area.pk]) for area in areas if area.pk not in outlines)
    return Plan(tuple(places), loose, _box([point for outline in outlines.values() for point in outline]), _steps(top))


def _label(name: str) -> tuple[tuple[str, float], ...]:
    """A name in one or two lines, standing above its number."""
    if len(name) <= LETTERS:
        return ((name, -0.5),)
    return (name[:-LAST], -1.6), (name[-LAST:], -0.5)


def _box(corners: Sequence[Point]) -> str:
    if not corners:
        return "0 0 1 1"
    left, top = min(x for x, _ in corners) - MARGIN, min(y for _, y in corners) - MARGIN
    right, bottom = max(x for x, _ in corners) + MARGIN, max(y for _, y in corners) + MARGIN
    return f"{left} {top} {right - left} {bottom - top}"


def _steps(top: float) -> tuple[tuple[int, str], ...]:
    """Each shade with the densities it stands for."""
    if not top:
        return ()
    places = 0 if top >= 10 * SHADES else 1

    def said(step: int) -> str:
        return f"{top * step / SHADES:,.{places}f}"

    return tuple((step, f"{said(step - 1)}–{said(step)}") for step in range(1, SHADES + 1))
