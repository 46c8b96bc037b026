"""The FEEL tree: one frozen dataclass per construct. Meaning lives in compile.py, text in show.py, plans in columnar/."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator as Walk
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any, Literal

from .types import Type

Span = tuple[int, int]
"""Start and end offset in the source text, end excluded."""


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of FEEL; two nodes are equal when they say the same, wherever they stand in the text."""

    span: Span = field(default=(0, 0), kw_only=True, compare=False, repr=False)


# --- literals -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NumberLiteral(Node):
    """`12.50`"""

    value: Decimal


@dataclass(frozen=True, slots=True)
class StringLiteral(Node):
    """`"text"`, escapes resolved."""

    value: str


@dataclass(frozen=True, slots=True)
class BooleanLiteral(Node):
    """`true` or `false`"""

    value: bool


@dataclass(frozen=True, slots=True)
class NullLiteral(Node):
    """`null`"""


@dataclass(frozen=True, slots=True)
class AtLiteral(Node):
    """`@"2024-01-01"`: a date, time, date and time, duration (or a range of them), as its text."""

    text: str


@dataclass(frozen=True, slots=True)
class ListLiteral(Node):
    """`[a, b]`"""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextEntry(Node):
    """`key: value` inside a context."""

    key: str
    value: Node


@dataclass(frozen=True, slots=True)
class ContextLiteral(Node):
    """`{a: 1, b: a + 1}`; later entries see earlier ones, unless they stand `apart` (a row of a relation)."""

    entries: tuple[ContextEntry, ...]
    apart: bool = False


@dataclass(frozen=True, slots=True)
class RangeLiteral(Node):
    """`[low..high)`; an end left open to infinity is None."""

    low: Node | None
    high: Node | None
    low_closed: bool
    high_closed: bool


RangeOperator = Literal["<", "<=", ">", ">=", "=", "!="]


@dataclass(frozen=True, slots=True)
class UnaryRange(Node):
    """`(< 5)`: a range written with one comparison (DMN 1.5)."""

    operator: RangeOperator
    value: Node


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """`name: type` of a function."""

    name: str
    type: Type | None


@dataclass(frozen=True, slots=True)
class FunctionLiteral(Node):
    """`function(a, b: number) body`; external when `body` is a context saying java: or pmml:."""

    parameters: tuple[Parameter, ...]
    body: Node
    external: bool


# --- names and calls ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A name in scope, spelled as the scope spells it; `?` is the value under test in a unary test."""

    name: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    """`value.name`"""

    value: Node
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """`value[condition]`: by position when the condition is a number, else by truth; `boolean`: by truth only (boxed)."""

    value: Node
    condition: Node
    boolean: bool = False


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`function(a, b)`"""

    function: Node
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class NamedCall(Node):
    """`function(from: a, to: b)`"""

    function: Node
    arguments: tuple[tuple[str, Node], ...]


# --- operators ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Negate(Node):
    """`-a`"""

    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """`a + b`, also - * / **"""

    operator: Literal["+", "-", "*", "/", "**"]
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """`a < b`, also = != <= > >="""

    operator: RangeOperator
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    """`value between low and high` (FEEL 10.3.2.7); both ends included."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """`value in (test, test)`; the tests are unary tests, any of them may hold."""

    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """`value instance of type`"""

    value: Node
    type: Type


@dataclass(frozen=True, slots=True)
class And(Node):
    """`a and b` (three-valued)"""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Or(Node):
    """`a or b` (three-valued)"""

    left: Node
    right: Node


# --- control --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class If(Node):
    """`if condition then a else b`"""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Iterator(Node):
    """`name in domain`, or `name in domain..until` where `until` is given."""

    name: str
    domain: Node
    until: Node | None = None


@dataclass(frozen=True, slots=True)
class For(Node):
    """`for a in x, b in y return result`; `partial` is in scope of the result."""

    iterators: tuple[Iterator, ...]
    result: Node


@dataclass(frozen=True, slots=True)
class Some(Node):
    """`some a in x satisfies condition`"""

    iterators: tuple[Iterator, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class Every(Node):
    """`every a in x satisfies condition`"""

    iterators: tuple[Iterator, ...]
    condition: Node


# --- unary tests (the cells of a decision table, allowed values) ----------------------------------------------------


@dataclass(frozen=True, slots=True)
class UnaryTests(Node):
    """`a, b` or `not(a, b)`: any of the tests holds for `?`, or none when negated."""

    tests: tuple[Node, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class AnyTest(Node):
    """`-`: holds for everything."""


@dataclass(frozen=True, slots=True)
class CompareTest(Node):
    """`< 5`: `?` compared with the value."""

    operator: RangeOperator
    value: Node


@dataclass(frozen=True, slots=True)
class ValueTest(Node):
    """Any expression as a test: a boolean about `?` decides; a list or range contains `?`; anything else equals `?`."""

    value: Node


# --- what boxed expressions add -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Typed(Node):
    """A value converted to a type (a typeRef); null when it does not conform."""

    value: Node
    type: Type


@dataclass(frozen=True, slots=True)
class Let(Node):
    """A boxed context with a result: the entries are names for the result, and later entries see earlier ones."""

    entries: tuple[ContextEntry, ...]
    result: Node


@dataclass(frozen=True, slots=True)
class Native(Node):
    """Something already compiled for the scope it stands in: a decision table inside another expression."""

    run: Callable[[Any], Any]
    title: str


_NAMES: dict[type[Node], tuple[str, ...]] = {}


def names_of(kind: type[Node]) -> tuple[str, ...]:
    """The names of a kind's fields; asked of it once."""
    if kind not in _NAMES:
        _NAMES[kind] = tuple(item.name for item in fields(kind))
    return _NAMES[kind]


def children(node: Node) -> Walk[Node]:
    """The nodes directly below, in reading order."""
    for name in names_of(node.__class__):
        value = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            for part in value:
                if isinstance(part, Node):
                    yield part
                elif isinstance(part, tuple) and len(part) == 2 and isinstance(part[1], Node):
                    yield part[1]


def walk(node: Node) -> Walk[Node]:
    """The node and everything below it, top first; without recursion, however deep the tree."""
    stack = [node]
    while stack:
        top = stack.pop()
        yield top
        stack.extend(reversed(tuple(children(top))))
