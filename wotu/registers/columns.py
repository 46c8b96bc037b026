"""The column register: what a profile row knows about an enterprise, and how each value is derived.

A column's `name` is the input name that rules use. Its derivation is data, so that one declaration gives the DuckDB
plan over the lake, the one-enterprise profile and the words on the enterprise page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

FeelType = Literal["number", "string", "boolean", "date"]
Supplier = Literal["企业填报", "税务", "统计", "市场监管", "知识产权", "科技", "工信", "人社", "沃土", "未接入"]


@dataclass(frozen=True, slots=True)
class Enterprise:
    """A field of the enterprise's own record (`established_on`, `industry`, `name` …)."""

    field: str


@dataclass(frozen=True, slots=True)
class AsOf:
    """The as-of day itself (an application made that day)."""


@dataclass(frozen=True, slots=True)
class Latest:
    """The attribute's value of the latest period begun by the as-of day; unknown if that ended over `within` years ago."""

    attribute: str
    within: int | None = None


@dataclass(frozen=True, slots=True)
class Year:
    """The attribute's value for the year `back` years before the as-of day's year (1 = last year)."""

    attribute: str
    back: int = 1


@dataclass(frozen=True, slots=True)
class SumOfYears:
    """The sum over the last `years` full years; unknown as soon as one year since establishment is unknown."""

    attribute: str
    years: int = 3


@dataclass(frozen=True, slots=True)
class Average:
    """The mean of last year's four quarters, each the mean of its beginning and end; unknown unless all are known.

    A quarter's fact is its value at the end; its beginning is the end of the quarter before.
    """

    attribute: str


@dataclass(frozen=True, slots=True)
class Mean:
    """The arithmetic mean of the parts; unknown unless all are known."""

    parts: tuple[Derivation, ...]


@dataclass(frozen=True, slots=True)
class Ratio:
    """`of` divided by `to`, cut off after 24 decimals; unknown where `to` is not above zero (or is 10^18 or more).

    A comparison with a threshold of up to 6 decimals is exact as long as `to` is below 10^15 元 in whole 分.
    """

    of: Derivation
    to: Derivation


@dataclass(frozen=True, slots=True)
class Growth:
    """(now - before) / before as a ratio; unknown where `before` is not above zero."""

    now: Derivation
    before: Derivation


@dataclass(frozen=True, slots=True)
class CompoundGrowth:
    """The yearly rate that leads from `before` to `now` in two years: the root of their ratio, less one."""

    now: Derivation
    before: Derivation


@dataclass(frozen=True, slots=True)
class HeldUntil:
    """True while a certificate (its date of issue is the attribute) is within its validity of `years`.

    False once it has run out; unknown if no certificate was ever recorded. `until` (month, day) is for titles that end
    on that day of the year `years` after the issue, the day included.
    """

    attribute: str
    years: int
    until: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True as soon as one part is true, false when all are false, else unknown."""

    parts: tuple[Derivation, ...]


@dataclass(frozen=True, slots=True)
class FirstOf:
    """The first part that is known: computed where its parts are known, else as reported."""

    parts: tuple[Derivation, ...]


@dataclass(frozen=True, slots=True)
class ByPrefix:
    """The text that a code's longest listed prefix stands for; unknown where the code is too short to tell."""

    of: Derivation
    table: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer of another rule for the same enterprise and day (`rule` by its name, `decision` in it)."""

    rule: str
    decision: str


Derivation = (
    Enterprise
    | AsOf
    | Latest
    | Year
    | SumOfYears
    | Average
    | Mean
    | Ratio
    | Growth
    | CompoundGrowth
    | HeldUntil
    | AnyOf
    | FirstOf
    | ByPrefix
    | Outcome
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the profile: an input any rule can use and a line on the enterprise page."""

    id: str
    name: str
    type: FeelType
    unit: str
    definition: str
    derive: Derivation
    supplied_by: Supplier
    allowed: str = ""


_columns: dict[str, Column] = {}


class DuplicateDeclaration(ValueError):
    """Two apps declared the same name; the message names both."""


def declare(columns: Iterable[Column]) -> None:
    """Make an app's columns known; called from its `AppConfig.ready`, safe to repeat."""
    for column in columns:
        known = _columns.get(column.name)
        if known is not None and known != column:
            raise DuplicateDeclaration(f"列“{column.name}”被声明了两次：{known.id} 与 {column.id}")
        _columns[column.name] = column


def columns() -> tuple[Column, ...]:
    """Every declared column, in the order of declaration."""
    return tuple(_columns.values())


def column(name: str) -> Column | None:
    """The column that rules call `name`, or None."""
    return _columns.get(name)
