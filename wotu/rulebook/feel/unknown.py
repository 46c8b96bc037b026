"""UNKNOWN: a value that exists but is not known, with what is still possible. Sound: completing it changes no answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Value = Any


@dataclass(frozen=True, slots=True)
class Interval:
    """Every value of one ordered kind ("number", "string", "date", …) between two ends; an end of None is unbounded."""

    kind: str
    low: Value = None
    high: Value = None
    low_closed: bool = True
    high_closed: bool = True


@dataclass(frozen=True, slots=True)
class Choices:
    """One of these values (null may be among them)."""

    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value not known: any at all (`possible` None, null included), in an interval (or null if `or_null`), or a choice."""

    possible: Interval | Choices | None = None
    or_null: bool = False


UNKNOWN = Unknown()


def choices(values: Iterable[Value]) -> Value:
    """Unknown among these values; the value itself when they are all the same."""
    raise NotImplementedError


def join(values: Iterable[Value]) -> Value:
    """What is possible when any of these may turn out; the same value on every way is that value."""
    raise NotImplementedError


def has_unknown(value: Value) -> bool:
    """Whether anything in the value, however deep, is unknown."""
    raise NotImplementedError


def possible_values(value: Value) -> tuple[Value, ...] | None:
    """Every value it can turn out to be, when they are few; a known value alone is itself; None when not countable."""
    raise NotImplementedError
