"""Decision tables -> one expression: each column's rows looked up as bits, the rows of all columns together, their answer.

A column of constants is looked up by where the value stands among them. What answers with constants alone is one entry of
a list (FIRST, UNIQUE) or is remembered for the rows that match (the other hit policies).
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ..dmn.matching import Column
from ..dmn.table import Table
from ..feel import Env, FeelError, Run, coerce
from ..feel import tree as t
from ..feel.literals import literal_value
from ..feel.values import Value
from . import cells
from .code import (
    ANY,
    BOOLEAN,
    COUNTED,
    NULL,
    NUMBER,
    STRING,
    Cannot,
    Code,
    Program,
    as_kind,
    counted,
    either_of,
    value_of,
)
from .expressions import Writer, made
from .runtime import MISSING, Unusual, anew

REMEMBERED = 4096
"""Answers of one table that are remembered, at most."""
MOST_ROWS = 500
"""Rows of a table whose answers are computed, at most."""
_KINDS: dict[type, str] = {Decimal: NUMBER, str: STRING, bool: BOOLEAN}


def table_code(table: Table) -> Callable[[Writer], Code]:
    """How to write the table."""

    def write(writer: Writer) -> Code:
        bits = _rows(table, writer)
        if table.hit_policy in ("FIRST", "UNIQUE"):
            return _single(table, writer, bits)
        return _remembered(table, writer, bits)

    return write


# --- which rows match -----------------------------------------------------------------------------------------------


def _rows(table: Table, writer: Writer) -> str:
    """The rows that match, as bits."""
    codes = [writer.write(node) for node in table.inputs]
    pairs = [writer.program.named(code) for code in codes]
    allowed = [
        cells.held(writer, tests, again).text
        for tests, (_, again) in zip(table.values, pairs, strict=True)
        if isinstance(tests, t.UnaryTests)
    ]
    before = [first.text for first, again in pairs if first is not again]
    columns = [
        text
        for place, column in enumerate(table.columns)
        if (text := _column(table, place, column, writer, pairs[place][1])) is not None
    ]
    free = (1 << len(table.rows)) - 1
    found = " & ".join(columns) or str(free)
    if allowed:
        found = f"({found} if {' and '.join(allowed)} else refuse())"
    return f"({', '.join(before)}, {found})[-1]" if before else found


def _column(table: Table, place: int, column: Column, writer: Writer, value: Code) -> str | None:
    """The rows that a column's value meets; None when any value meets all."""
    if not column.tests:
        return None
    program = writer.program
    if column.line:
        kind = _kind_of(column.points[0])
        return _looked_up(program, column, as_kind(value, kind), kind)
    if column.constant and column.kind is bool:
        value = as_kind(value, BOOLEAN)
        yes, no = (column.way(truth, Env({}))[0] for truth in (True, False))
        return f"({yes} if {value.text} else {no})"
    if value.kind == ANY or value.null:
        raise Cannot
    tests = [f"{1 << row} * {_cell(table, place, row, writer, value)}" for row, _ in column.tests]
    return f"({' | '.join([str(column.free), *tests])})"


def _cell(table: Table, place: int, row: int, writer: Writer, value: Code) -> str:
    cell = table.rows[row].cells[place]
    if not isinstance(cell, t.UnaryTests):
        raise Cannot
    return cells.held(writer, cell, value).text


def _kind_of(point: Value) -> str:
    return _KINDS[type(point)] if type(point) in _KINDS else counted(point)[0]


def _looked_up(program: Program, column: Column, value: Code, kind: str) -> str:
    """By the place of the value among the column's constants."""
    line = [sure for sure, possible in column.line]
    if any(sure != possible for sure, possible in column.line):
        raise Cannot
    points = [counted(point)[1] for point in column.points] if kind in COUNTED else list(column.points)
    gaps, at = line[0::2], line[1::2]
    if kind == STRING and len(set(gaps)) == 1:
        return f"{program.constant(dict(zip(points, at, strict=True)).get)}({value.text}, {gaps[0]})"
    names = program.constant(points)
    if at == gaps[1:]:
        return f"{program.constant(gaps)}[bisect_right({names}, {value.text})]"
    if at == gaps[:-1]:
        return f"{program.constant(gaps)}[bisect_left({names}, {value.text})]"
    whole = program.constant(line)
    return f"{whole}[bisect_left({names}, {value.text}) + bisect_right({names}, {value.text})]"


# --- what they answer -----------------------------------------------------------------------------------------------


def _single(table: Table, writer: Writer, bits: str) -> Code:
    """FIRST and UNIQUE: the answer of one row, or the default."""
    program = writer.program
    found = program.fresh("b")
    place = f"({found} & -{found}).bit_length()" if table.hit_policy == "FIRST" else f"{found}.bit_length()"
    lone = "" if table.hit_policy == "FIRST" else f" if not {found} & ({found} - 1) else refuse()"
    complete = _always_one(table)
    rows = [row.outputs for row in table.rows]
    constants = [None if table.defaults is None else _constant(table, table.defaults)]
    constants += [_constant(table, outputs) for outputs in rows]
    if all(value is not MISSING for value in constants):
        kind, null = _common(constants[1:] if complete else constants)
        listed = program.constant(constants)
        text = f"{listed}[{place}]{lone}"
        if any(isinstance(value, list | dict) for value in constants):
            text = f"anew({text})"
        return Code(f"({found} := {bits}, {text})[1]", kind, null)
    if len(rows) > MOST_ROWS:
        raise Cannot
    codes = [_output(table, writer, outputs) for outputs in rows]
    index = program.fresh("b")
    if complete:
        codes.insert(0, codes[0])  # some row always matches
    else:
        codes.insert(0, program.literal(None) if table.defaults is None else _output(table, writer, table.defaults))
    chosen = either_of(codes, lambda texts: _choose(index, texts, 0))
    return Code(f"({found} := {bits}, {index} := {place}{lone}, {chosen.text})[2]", chosen.kind, chosen.null)


def _choose(index: str, texts: list[str], start: int) -> str:
    """The text at an index, found by halves."""
    if len(texts) == 1:
        return texts[0]
    middle = len(texts) // 2
    left, right = _choose(index, texts[:middle], start), _choose(index, texts[middle:], start + middle)
    return f"({left} if {index} < {start + middle} else {right})"


def _always_one(table: Table) -> bool:
    """Whether some row takes every value."""
    every = (1 << len(table.rows)) - 1
    for column in table.columns:
        every &= column.free
    return every != 0


def _output(table: Table, writer: Writer, outputs: tuple[t.Node, ...]) -> Code:
    """A row's answer: a value, or a context of the output columns."""
    codes = [writer.write(node) for node in outputs]
    if len(table.output_names) == 1:
        return codes[0] if codes else writer.program.literal(None)
    pairs = zip(table.output_names, codes, strict=False)
    entries = (f"{writer.program.constant(name)}: {value_of(code)}" for name, code in pairs)
    return made(writer, f"{{{', '.join(entries)}}}", codes)


def _constant(table: Table, outputs: tuple[t.Node, ...]) -> Value:
    """A row's answer where it is always the same; MISSING otherwise."""
    values = [_constant_value(node) for node in outputs]
    if any(value is MISSING for value in values):
        return MISSING
    if len(table.output_names) == 1:
        return values[0] if values else None
    return dict(zip(table.output_names, values, strict=False))


def _constant_value(node: t.Node) -> Value:
    try:
        if isinstance(node, t.Typed):
            inner = _constant_value(node.value)
            return inner if inner is MISSING else coerce(inner, node.type)
        return literal_value(node)
    except FeelError:
        return MISSING


def _common(values: list[Value]) -> tuple[str, bool]:
    """The one kind that the values are of, and whether null is among them."""
    kinds = {_KINDS.get(type(value), ANY) for value in values if value is not None}
    null = any(value is None for value in values)
    if len(kinds) == 1 and ANY not in kinds:
        return kinds.pop(), null
    return (ANY if kinds else NULL), True


def _remembered(table: Table, writer: Writer, bits: str) -> Code:
    """Any hit policy over constants: what the rows come to together, worked out once."""
    if any(_constant(table, row.outputs) is MISSING for row in table.rows):
        raise Cannot
    if table.defaults is not None and _constant(table, table.defaults) is MISSING:
        raise Cannot
    answers: dict[int, Any] = {}

    def answer(found: int) -> Value:
        known = answers.get(found, MISSING)
        if known is MISSING:
            notes: list[Any] = []
            known = table.answer(found, Env({}, run=Run(diagnostics=notes)))
            if notes:
                raise Unusual
            if len(answers) < REMEMBERED:
                answers[found] = known
        return anew(known)

    return Code(f"{writer.program.constant(answer)}({bits})", ANY, null=True)
