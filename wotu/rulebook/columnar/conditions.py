"""What a plan is made of: conditions on columns and what joins them, and decisions by their codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from wotu.rulebook.columnar.later import Later
from wotu.rulebook.columnar.terms import Term, View

if TYPE_CHECKING:
    from wotu.rulebook.columnar.quantities import Figure
    from wotu.rulebook.feel import Value
    from wotu.rulebook.feel import tree as t

Sign = Literal[">=", ">", "="]


@dataclass(frozen=True)
class Compare(Later):
    """A term compared with a constant; `shape` is the term's tree with columns' labels for names.

    Where two sums are compared, `term` is their difference, `bound` 0 and `shape` the whole comparison.
    """

    LATER = "shape"

    shape: t.Node
    term: Term
    operator: Sign
    """The others are negations of these."""
    bound: Decimal
    paired: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """A boolean column."""

    view: View


@dataclass(frozen=True)
class Lookup(Later):
    """Any condition on one column of texts: asked once for each text that occurs."""

    LATER = "shape"

    view: View
    shape: t.Node


@dataclass(frozen=True, slots=True)
class Settled:
    """Always the same."""

    value: bool | None


@dataclass(frozen=True)
class Of(Later):
    """Whether another decision's value, known by its codes, is true or false."""

    LATER = "coded"

    coded: Coded


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    part: Truth


@dataclass(frozen=True, slots=True)
class All:
    """All of these."""

    parts: tuple[Truth, ...]


@dataclass(frozen=True, slots=True)
class Any_:
    """Any of these."""

    parts: tuple[Truth, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """Another boolean decision of the rule."""

    decision: str
    truth: Truth


@dataclass(frozen=True, slots=True)
class Whole:
    """Counts as one condition, however many comparisons it takes (`between`, `in`)."""

    part: Truth


Truth = Compare | Fact | Lookup | Settled | Of | Not | All | Any_ | Named | Whole


@dataclass(frozen=True, slots=True)
class Raw:
    """A column as it is, each value for itself."""

    view: View


@dataclass(frozen=True, slots=True)
class Cut:
    """A term by the stretches between the constants it is compared with; `shape` with columns' labels for names."""

    shape: t.Node
    term: Term
    cuts: tuple[Decimal, ...]


@dataclass(frozen=True, eq=False)
class Gauge:
    """A figure by the stretches between the constants it is compared with; what it cannot say is asked of `rest`."""

    figure: Figure
    cuts: tuple[Decimal, ...]
    rest: Coded
    columns: tuple[str, ...]
    """The columns that `rest` may read."""


@dataclass(frozen=True, eq=False)
class Versus:
    """Two figures compared with each other; what they cannot say is asked of `rest`, the comparison itself."""

    operator: str
    left: Figure
    right: Figure
    rest: Coded
    columns: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Loose:
    """A decision or part of one of which only matters whether it is surely true or surely false."""

    coded: Coded
    views: tuple[View, ...]
    """The columns of numbers and dates that it may read."""
    columns: tuple[str, ...]
    """All that it may read."""


@dataclass(frozen=True, eq=False)
class Coded:
    """A decision worked out by the interpreter from operands, once for each combination."""

    rule: str
    decision: str
    operands: tuple[tuple[str, Operand], ...]
    run: Callable[[Mapping[str, Value]], Value] = field(repr=False)
    interpreted: bool
    """Whether a column of numbers or dates is among the operands as it is."""
    lasting: bool = True
    """Whether its answers are the same tomorrow: nothing in it may ask for today."""
    answered: dict[tuple[str, ...], Value] = field(default_factory=dict, repr=False)
    """What it came to for combinations met before, by the operands' values as text."""


Operand = Raw | Cut | Gauge | Versus | Loose | Coded


def views_read(operand: Operand) -> tuple[View, ...]:
    """Every column that an operand may read."""
    found: dict[View, None] = {}
    seen: set[int] = set()
    todo: list[Operand] = [operand]
    while todo:
        top = todo.pop()
        if id(top) in seen:
            continue
        seen.add(id(top))
        match top:
            case Raw(view=view):
                found[view] = None
            case Cut(term=term):
                found |= dict.fromkeys(term.views())
            case Gauge(rest=below) | Versus(rest=below) | Loose(coded=below):
                todo.append(below)
            case Coded(operands=operands):
                todo += [each for _, each in operands]
    return tuple(found)


def columns_read(operand: Operand) -> tuple[str, ...]:
    """The names of the columns that an operand may read."""
    return tuple(dict.fromkeys(view.name for view in views_read(operand)))
