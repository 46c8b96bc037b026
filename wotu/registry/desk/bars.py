"""A small chart of a number on several days, as SVG on the page itself: every bar is a door to the records of its day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wotu.registers.measures import Value
from wotu.registry.desk import show

WIDTH, HEIGHT = 480, 168
HEAD, FOOT = 20, 22
"""Room above the bars for their values and below for their labels."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One day: where its bar stands, what it says and where it leads; `height` 0 with no value is unknown."""

    label: str
    written: str
    known: bool
    door: str
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """Where labels are centred."""
        return round(self.x + self.width / 2, 1)

    @property
    def above(self) -> float:
        """Base line of the value above the bar."""
        return round(self.y - 6, 1)


@dataclass(frozen=True, slots=True)
class Bars:
    """The whole chart; its parts are in units of its own width and height."""

    bars: tuple[Bar, ...]
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def floor(self) -> int:
        """Where the bars stand."""
        return self.height - FOOT

    @property
    def foot(self) -> int:
        """Base line of the labels."""
        return self.height - 5


def bars(points: Sequence[tuple[str, Value, str]], unit: str = "", **size: Any) -> Bars:
    """A chart of (label, value, door); the tallest bar fills the room, an unknown value has none.

    >>> chart = bars([("2020", 50, "/a"), ("2021", None, "/b"), ("2022", 100, "/c")])
    >>> [(bar.written, bar.height) for bar in chart.bars]
    [('50', 63.0), ('未知', 0.0), ('100', 126.0)]
    """
    frame = Bars((), **size)
    room = frame.floor - HEAD
    top = max((float(value) for _label, value, _door in points if value is not None), default=0.0)
    step = frame.width / max(1, len(points))
    made = []
    for place, (label, value, door) in enumerate(points):
        height = round(room * max(0.0, float(value)) / top, 1) if value is not None and top > 0 else 0.0
        written = show.UNKNOWN if value is None else show.value(value, unit) if unit == "%" else show.number(value)
        made.append(
            Bar(
                label=label,
                written=written,
                known=value is not None,
                door=door,
                x=round(place * step + step * 0.18, 1),
                y=round(frame.floor - height, 1),
                width=round(step * 0.64, 1),
                height=height,
            )
        )
    return Bars(tuple(made), **size)
