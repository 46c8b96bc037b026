"""The zone's map: areas drawn from their outlines, shaded by how densely enterprises stand in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wotu.registry.models import Area

SHADES = 5
MARGIN = 4
"""Room around the outlines, in their unit (百米)."""
LETTERS = 6
"""Characters of a name on one line of its label."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Place:
    """One area on the map: its shape, where its name stands, its number and shade (1 the lightest, 0 none there)."""

    name: str
    door: str
    rows: int
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
    loose: tuple[tuple[str, int, str], ...]
    box: str
    steps: tuple[tuple[int, str], ...]
    """The legend: each shade and the densities it stands for."""


def surface(outline: Sequence[Point]) -> float:
    """Surface of a polygon in the square of its unit.

    >>> surface([(0, 0), (10, 0), (10, 10), (0, 10)])
    100.0
    """
    return abs(sum(x * v - u * y for (x, y), (u, v) in _sides(outline))) / 2


def centre(outline: Sequence[Point]) -> Point:
    """The centre of gravity of a polygon.

    >>> centre([(0, 0), (10, 0), (10, 10), (0, 10)])
    (5.0, 5.0)
    """
    twice = sum(x * v - u * y for (x, y), (u, v) in _sides(outline))
    if not twice:
        return outline[0]
    across = sum((x + u) * (x * v - u * y) for (x, y), (u, v) in _sides(outline))
    down = sum((y + v) * (x * v - u * y) for (x, y), (u, v) in _sides(outline))
    return round(across / (3 * twice), 1), round(down / (3 * twice), 1)


def _sides(outline: Sequence[Point]) -> list[tuple[Point, Point]]:
    return list(zip(outline, [*outline[1:], outline[0]], strict=True))


def draw(areas: Sequence[Area], counted: Mapping[int | None, int], doors: Mapping[int, str]) -> Plan:
    """The map of the areas with their numbers; the densest area has the deepest shade."""
    drawn = [area for area in areas if len(area.outline) >= 3]
    density = {area.pk: counted.get(area.pk, 0) / (surface(area.outline) / 100 or 1) for area in drawn}
    top = max(density.values(), default=0.0)
    corners = [point for area in drawn for point in area.outline]
    places = []
    for area in drawn:
        x, y = centre(area.outline)
        share = density[area.pk] / top if top else 0.0
        places.append(
            Place(
                name=area.name,
                door=doors[area.pk],
                rows=counted.get(area.pk, 0),
                points=" ".join(f"{px},{py}" for px, py in area.outline),
                lines=_label(area.name),
                x=x,
                y=y,
                density=round(density[area.pk], 1),
                shade=min(SHADES, 1 + int(share * SHADES)) if share else 0,
            )
        )
    loose = tuple((a.name, counted.get(a.pk, 0), doors[a.pk]) for a in areas if len(a.outline) < 3)
    return Plan(tuple(places), loose, _box(corners), _steps(top))


def _label(name: str) -> tuple[tuple[str, float], ...]:
    """A name in lines of at most `LETTERS` characters, standing above its number."""
    half = -(-len(name) // 2) if len(name) > LETTERS else len(name)
    lines = [part for part in (name[: half - 1], name[half - 1 :]) if part] if len(name) > LETTERS else [name]
    return tuple((line, round(-0.5 - 1.1 * (len(lines) - 1 - place), 2)) for place, line in enumerate(lines))


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
