"""Pieces of generated Python: the text of an expression with what is known of its value.

No text of a model's author ever becomes part of a program: names and values stand in its namespace under names made here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..dmn.declared import base_name
from ..feel.temporal import day_number
from ..feel.types import Type
from ..feel.values import Date, DaysDuration, YearsDuration
from . import runtime

ANY, NULL = "any", "null"
NUMBER, STRING, BOOLEAN = "number", "string", "boolean"
DATE, DAYS, YEARS = "date", "days and time duration", "years and months duration"
PLAIN: dict[str, str] = {NUMBER: "Decimal", STRING: "str", BOOLEAN: "bool"}
"""Kinds that stand in a program as FEEL has them, with their Python types."""
COUNTED: dict[str, tuple[str, str]] = {
    DATE: ("date_of", "day_number"),
    DAYS: ("DaysDuration", "nanos_of"),
    YEARS: ("YearsDuration", "months_of"),
}
"""Kinds that stand in a program as whole numbers (days, nanoseconds, months): how to make the value, and the number."""


class Cannot(Exception):
    """This piece is left to the interpreter."""


@dataclass(frozen=True, slots=True)
class Code:
    """A Python expression: the kind of its value, whether that may be null, and whether computing it may go wrong."""

    text: str
    kind: str
    null: bool = False
    safe: bool = False
    """It never goes wrong, so it need not be computed where it does not matter."""
    short: bool = False
    """A name or a constant: it may stand in several places."""


@dataclass
class Program:
    """The namespace that a program runs in, and the names it has used up."""

    names: dict[str, Any]
    made: int = 0

    def fresh(self, letter: str) -> str:
        """A name nobody has."""
        self.made += 1
        return f"{letter}{self.made}"

    def constant(self, value: Any) -> str:
        """The name of a value of the namespace."""
        name = self.fresh("k")
        self.names[name] = value
        return name

    def literal(self, value: Any) -> Code:
        """The code of a value."""
        if value is None:
            return Code("None", NULL, null=True, safe=True, short=True)
        match value:
            case bool():
                return Code(repr(value), BOOLEAN, safe=True, short=True)
            case Decimal():
                return Code(self.constant(value), NUMBER, safe=True, short=True)
            case str():
                return Code(self.constant(value), STRING, safe=True, short=True)
            case Date() | DaysDuration() | YearsDuration():
                kind, number = counted(value)
                return Code(f"({number})", kind, safe=True, short=True)
        raise Cannot

    def named(self, code: Code) -> tuple[Code, Code]:
        """The code as it is to be written first, and as it may be written again."""
        if code.short:
            return code, code
        name = self.fresh("t")
        again = Code(name, code.kind, code.null, safe=True, short=True)
        return Code(f"({name} := {code.text})", code.kind, code.null, code.safe), again


def program() -> Program:
    """An empty program."""
    return Program(dict(runtime.NAMES))


def counted(value: Any) -> tuple[str, int]:
    """The kind of a date or duration, and the number it stands in a program as."""
    if isinstance(value, Date):
        return DATE, day_number(value)
    return (DAYS, value.nanos) if isinstance(value, DaysDuration) else (YEARS, value.months)


def kind_of_type(kind: Type | None) -> str:
    """The kind of a declared type; any where a program has no special way with it."""
    name = base_name(kind)
    return name if name in PLAIN or name in COUNTED else ANY


def as_kind(code: Code, kind: str) -> Code:
    """The code with a value surely of the kind: at run time the interpreter takes over where it is not."""
    if code.kind == kind:
        return code if not code.null else Code(f"not_null({code.text})", kind)
    if code.kind != ANY:
        raise Cannot
    needed = runtime.NEEDED[kind]
    return Code(f"{needed}({code.text})", kind)


def value_of(code: Code) -> str:
    """The text of the FEEL value."""
    if code.kind not in COUNTED:
        return code.text
    make = COUNTED[code.kind][0]
    return f"maybe({make}, {code.text})" if code.null else f"{make}({code.text})"


def either_of(codes: list[Code], text: Callable[[list[str]], str]) -> Code:
    """Code that comes to one of several: their common kind, or values of any kind."""
    kinds = {code.kind for code in codes} - {NULL}
    null = any(code.null for code in codes)
    safe = all(code.safe for code in codes)
    if len(kinds) == 1 and ANY not in kinds:
        return Code(text([code.text for code in codes]), kinds.pop(), null, safe)
    if not kinds:
        return Code(text([code.text for code in codes]), NULL, True, safe)
    return Code(text([value_of(code) for code in codes]), ANY, True, safe)
