"""FEEL values: numbers are 34-digit decimals, text is str, null is None; dates, times, durations and ranges are here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, DivisionByZero, InvalidOperation, Overflow
from typing import Any

from .types import Type

MATH = Context(
    prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, traps=[DivisionByZero, InvalidOperation, Overflow]
)
"""IEEE 754 decimal128: every FEEL number is a result of this context."""

Value = Any
"""Decimal | str | bool | None | Date | Time | DateTime | DaysDuration | YearsDuration | Range | list | dict | Function
| Unknown (also inside lists and contexts)."""

NANOS = 1_000_000_000
"""Nanoseconds in a second."""


class FeelError(Exception):
    """An operation that FEEL answers with null; the message (Chinese) says why."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A fixed offset in seconds east of UTC, or a named zone (`name`), or both when the offset came from the name."""

    offset: int | None
    name: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class Date:
    """A day of the proleptic Gregorian calendar, years -999999999..999999999."""

    year: int
    month: int
    day: int


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day to the nanosecond, with or without zone."""

    hour: int
    minute: int
    second: int
    nano: int = 0
    zone: Zone | None = None


@dataclass(frozen=True, slots=True)
class DateTime:
    """A date with a time of day."""

    date: Date
    time: Time


@dataclass(frozen=True, slots=True, order=True)
class DaysDuration:
    """A days and time duration, in nanoseconds."""

    nanos: int


@dataclass(frozen=True, slots=True, order=True)
class YearsDuration:
    """A years and months duration, in months."""

    months: int


@dataclass(frozen=True, slots=True)
class Range:
    """`[low..high)`. Written with one comparison (`(> 10)`) it keeps its `operator` and has only the end it needs."""

    low: Value
    high: Value
    low_closed: bool = True
    high_closed: bool = True
    operator: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """Something FEEL can call: `call(run, arguments)` gets as many values as there are parameters (fewer if optional)."""

    name: str
    parameters: tuple[str, ...]
    call: Callable[[Any, Sequence[Value]], Value]
    types: tuple[Type | None, ...] = ()
    result: Type | None = None
    required: int | None = None
    """How many of the parameters must be given; None means all."""
    overloads: tuple[Function, ...] = ()
    """Built-ins of one name that differ in their parameters, this one included; tried in order."""
    declared: tuple[str, str, str] = ("", "any", "")
    """Of a built-in: its parameters and its result as `builtins.define` reads them, and how it takes many."""
