"""The measure register: what is counted or summed, as of when, and the records behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from django.db.models import Count, Q, QuerySet

Value = Decimal | int | None
Written = Literal["text", "count", "date", "money", "ratio"]


@dataclass(frozen=True, slots=True)
class Reading:
    """A measure's value on a day; `value` None is unknown and `why` then says who could supply it."""

    value: Value
    as_of: date
    demo: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class RowColumn:
    """One column of the list behind a number: its title, how it is written, how it is read and ordered."""

    id: str
    title: str
    value: Callable[[Any], Any]
    kind: Written = "text"
    order: tuple[str, ...] = ()
    """Fields that sort the list by this column; empty where it can't be sorted by it."""


@dataclass(frozen=True, slots=True)
class Table:
    """How the records behind a number are listed; the first column names the record."""

    noun: str
    """What one row is, with its counting word: 家企业, 项规则."""
    columns: tuple[RowColumn, ...]
    link: Callable[[Any, date], str] = lambda row, as_of: ""
    search: Callable[[str], Q] | None = None
    related: tuple[str, ...] = ()
    demo: Callable[[Any], bool] | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """A source of the records behind a number: how many of them it states, and when it last stated one."""

    name: str
    detail: str = ""
    rows: int | None = None
    last: datetime | None = None
    url: str = ""


PLAIN = Table("条记录", (RowColumn("name", "记录", str),))
"""The list of a measure that declares no table of its own."""


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
    """Fields of a row by which its rows may be counted apart."""
    published: str = field(default="")
    """Name of the published figure (a sourced claim) that stands beside this count."""
    table: Table = PLAIN
    words: Callable[[date], str] = lambda as_of: ""
    """The query in words, as of a day."""
    sources: Callable[[date], tuple[Origin, ...]] = lambda as_of: ()
    proof: Callable[[Sequence[Any], date], Mapping[Any, str]] | None = None
    """Why each of these rows counts (one query for all of them): key of the row to the record that says so."""
    history: Callable[[Sequence[date]], tuple[Value, ...]] | None = None
    """The values on several days in one query; each equals `read` of its day."""
    span: Callable[[date], str] | None = None
    """The time that a reading of a day covers, in words; None where it is the state of that day."""
    summed: str = ""
    """Field of a row that is added up; empty where the rows themselves are counted."""

    def by(self, dimension: str, as_of: date) -> dict[Any, int]:
        """How many rows there are for each value of a dimension (None: not known), in one query."""
        if dimension not in self.dimensions:
            raise LookupError(f"“{self.name}”不能按“{dimension}”分。")
        counted = self.rows(as_of).order_by().values(dimension).annotate(rows=Count("pk"))
        return {line[dimension]: line["rows"] for line in counted}


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
