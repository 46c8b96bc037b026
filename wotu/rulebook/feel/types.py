"""FEEL types and what conforms to what (DMN 10.3.2.9); conversions that a call or a typed variable makes by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any as Anything


@dataclass(frozen=True, slots=True)
class Type:
    """A FEEL type; `str()` is its text."""


@dataclass(frozen=True, slots=True)
class Simple(Type):
    """A built-in type without parameters."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class ListOf(Type):
    """`list<item>`"""

    item: Type

    def __str__(self) -> str:
        return f"list<{self.item}>"


@dataclass(frozen=True, slots=True)
class RangeOf(Type):
    """`range<item>`"""

    item: Type

    def __str__(self) -> str:
        return f"range<{self.item}>"


@dataclass(frozen=True, slots=True)
class ContextOf(Type):
    """`context<a: number, b: string>`; further entries are allowed."""

    fields: tuple[tuple[str, Type], ...]

    def __str__(self) -> str:
        return f"context<{', '.join(f'{name}: {kind}' for name, kind in self.fields)}>"


@dataclass(frozen=True, slots=True)
class FunctionOf(Type):
    """`function<a, b> -> result`"""

    parameters: tuple[Type, ...]
    result: Type

    def __str__(self) -> str:
        return f"function<{', '.join(str(kind) for kind in self.parameters)}> -> {self.result}"


@dataclass(frozen=True, slots=True)
class Constrained(Type):
    """An item definition: its name, what it is made of, and `allows(value)` for its allowed values (None: all)."""

    name: str
    base: Type
    allows: Callable[[Anything], Anything] | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Named(Type):
    """A type known by name only; looked up among the item definitions when the expression is compiled."""

    name: str

    def __str__(self) -> str:
        return self.name


ANY = Simple("Any")
NULL = Simple("Null")
NUMBER = Simple("number")
STRING = Simple("string")
BOOLEAN = Simple("boolean")
DATE = Simple("date")
TIME = Simple("time")
DATE_TIME = Simple("date and time")
DAYS_DURATION = Simple("days and time duration")
YEARS_DURATION = Simple("years and months duration")
CONTEXT = ContextOf(())
LIST = ListOf(ANY)

SIMPLE: dict[str, Type] = {
    str(kind): kind
    for kind in (ANY, NULL, NUMBER, STRING, BOOLEAN, DATE, TIME, DATE_TIME, DAYS_DURATION, YEARS_DURATION)
} | {
    "any": ANY,
    "dateTime": DATE_TIME,
    "dayTimeDuration": DAYS_DURATION,
    "yearMonthDuration": YEARS_DURATION,
    "context": CONTEXT,
    "list": LIST,
}
"""Type names as expressions and as typeRefs write them."""
