"""Reading inputs: numbers, texts, truths and dates as callers usually give them; anything else by the reader of its type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..feel.types import Constrained, Type
from ..feel.values import Value
from .code import ANY, BOOLEAN, COUNTED, DATE, NUMBER, STRING, Code, Program, kind_of_type
from .expressions import Writer, allows


@dataclass(frozen=True, slots=True)
class Given:
    """An input in a program: its code as a name, the text of its FEEL value, and of whether it is of its kind."""

    code: Code
    value: str
    plain: str
    lines: tuple[str, ...]


def read(program: Program, name: str, kind: Type | None, reader: Callable[[Any, Value], Value]) -> Given:
    """The lines that read one input; `ok` becomes false where it is not known, or not plain."""
    sort = kind_of_type(kind)
    x, t = program.fresh("x"), program.fresh("t")
    key, long_way = program.constant(name), program.constant(reader)
    again = f"{x} = {long_way}(get({key}), missing)"
    none = f"if {x} is None: absent = True"
    if sort in COUNTED:
        return _counted(program, sort, key, x, t, again, none, kind)
    if sort == ANY:
        return Given(Code(x, ANY, True, True, True), x, "", (f"{x} = get({key})", none, again))
    python = {NUMBER: "Decimal", STRING: "str", BOOLEAN: "bool"}[sort]
    plain = f"type({x}) is {python}"
    held = _allowed(program, Code(x, sort, safe=True, short=True), kind)
    lines = [f"{x} = get({key})"]
    if sort == NUMBER:
        lines += [
            f"{t} = type({x})",
            f"if {t} is int: {x} = plus({x})",
            f"elif {t} is Decimal and {x}.is_finite(): {x} = plus({x})",
            f"elif {t} is float and {x} - {x} == 0: {x} = Decimal(repr({x} + 0.0))",
            f"else: {t} = None",
            f"if {t} is None{f' or not {held}' if held else ''}:",
        ]
    else:
        lines.append(f"if not ({plain}{f' and {held}' if held else ''}):")
    lines += [f"    {none}", f"    {again}", f"    if not {plain}: ok = False"]
    return Given(Code(x, sort, False, True, True), x, plain, tuple(lines))


def _counted(program: Program, sort: str, key: str, x: str, t: str, again: str, none: str, kind: Type | None) -> Given:
    """A date or duration: its number beside what was given."""
    n = program.fresh("n")
    make, number = COUNTED[sort]
    held = _allowed(program, Code(n, sort, safe=True, short=True), kind)
    lines = [f"{x} = get({key})", f"{t} = type({x})"]
    if sort == DATE:
        lines += [
            f"if {t} is date: {n} = day_of({x})",
            f"elif {t} is str: {n} = read_day({x})",
            f"elif {t} is Date: {n} = day_number({x})",
            f"else: {n} = None",
        ]
    else:
        lines.append(f"{n} = {number}({x}) if {t} is {make} else None")
    python = "Date" if sort == DATE else make
    lines += [
        f"if {n} is None{f' or not {held}' if held else ''}:",
        f"    {none}",
        f"    {again}",
        f"    {n} = {number}({x}) if type({x}) is {python} else None",
        f"    if {n} is None: ok = False",
    ]
    value = f"given_date({x}, {n})" if sort == DATE else x
    return Given(Code(n, sort, False, True, True), value, f"{n} is not None", tuple(lines))


def _allowed(program: Program, code: Code, kind: Type | None) -> str:
    """The text of whether the type allows the value; empty when it allows all."""
    held: list[str] = []
    writer = Writer(program, {}, {})
    while isinstance(kind, Constrained):
        if kind.allows is not None:
            held.append(allows(writer, kind, code))
        kind = kind.base
    return f"({' and '.join(held)})" if held else ""
