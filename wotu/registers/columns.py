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
    """A field of the enterprise's own record (`established_on`, `industry_code` …)."""

    field: str


@dataclass(frozen=True, slots=True)
class Latest:
    """The value in force on the as-of day of an attribute without yearly periods."""

    attribute: str


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
    """The mean of the attribute's quarters of last year; unknown unless all four are known."""

    attribute: str


@dataclass(frozen=True, slots=True)
class Formula:
    """A FEEL expression over other columns (by their Chinese names); division by zero gives unknown."""

    feel: str


@dataclass(frozen=True, slots=True)
class HeldUntil:
    """True while a certificate attribute (a date of issue) is within its validity of `years`; unknown if never recorded."""

    attribute: str
    years: int


@dataclass(frozen=True, slots=True)
class AsOf:
    """The as-of day itself (an application made that day)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer of another rule for the same enterprise and day (`rule` by its name, `decision` in it)."""

    rule: str
    decision: str


Derivation = Enterprise | Latest | Year | SumOfYears | Average | Formula | HeldUntil | AsOf | Outcome


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
