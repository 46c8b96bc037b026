"""From FEEL trees to figures: what numbers and dates of columns can be worked out for all rows at once."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from wotu.rulebook.columnar.algebra import SUMS, term_of
from wotu.rulebook.columnar.quantities import (
    Choice,
    Extreme,
    Figure,
    Member,
    Months,
    Moved,
    Nothing,
    Product,
    Quotient,
    Rounded,
    Scored,
    Size,
    Sum,
    Total,
    kind_of,
    plain,
)
from wotu.rulebook.columnar.terms import Kind, Linear, Ratio, constant_of
from wotu.rulebook.columnar.trees import untyped
from wotu.rulebook.feel import tree as t
from wotu.rulebook.feel.types import ANY, DATE
from wotu.rulebook.feel.types import NUMBER as FEEL_NUMBER

if TYPE_CHECKING:
    from wotu.rulebook.columnar.plan import Planner
    from wotu.rulebook.dmn.graph import Logic

PLACES = 12
MOST_POWER = 4
WAYS = {
    "round half up": "half up",
    "round half down": "half down",
    "round up": "up",
    "round down": "down",
    "decimal": "half even",
    "floor": "floor",
    "ceiling": "ceiling",
}
MEMBERS: dict[Kind, tuple[str, ...]] = {
    "date": ("year", "month", "day"),
    "months": ("years", "months"),
    "days": ("days",),
    "number": (),
}


def decision_figure(planner: Planner, logic: Logic) -> Figure | None:
    """A decision as a figure; None where it is anything else."""
    if logic.tree is None or logic.kind not in (None, ANY, FEEL_NUMBER, DATE):
        return None
    found = figure_of(planner, logic, untyped(planner.flat(logic, logic.whole)))
    wanted = {FEEL_NUMBER: "number", DATE: "date"}.get(logic.kind) if logic.kind not in (None, ANY) else None
    return found if found is None or wanted is None or kind_of(found) == wanted else None


def figure_of(planner: Planner, logic: Logic, node: t.Node) -> Figure | None:
    """A tree as a figure; None where it is anything else."""
    found = _figure(planner, logic, node)
    if found is not None or constant_of(term_of(node, planner.resolver(logic))) is not None:
        return found
    coded = planner.part(logic, node)
    return None if coded is None or coded.interpreted else Scored(coded)


def _figure(planner: Planner, logic: Logic, node: t.Node) -> Figure | None:
    term = term_of(node, planner.resolver(logic))
    if isinstance(term, Linear):
        return Sum(term)
    if isinstance(term, Ratio):
        return Quotient(Sum(term.over), Sum(term.under))
    below: Callable[[t.Node], Figure | None] = lambda part: figure_of(planner, logic, part)  # noqa: E731
    match node:
        case t.NullLiteral():
            return Nothing()
        case t.Typed(value=value, type=kind) if kind == FEEL_NUMBER:
            return _number(below(value))
        case t.Typed(value=value, type=kind) if kind == DATE:
            part = below(value)
            return part if part is not None and kind_of(part) == "date" else None
        case t.Name(name=name):
            source, target = planner.needs(logic).get(name, ("", ""))
            return _decided(planner, target) if source == "decision" else None
        case t.Negate(operand=operand):
            part = _number(below(operand))
            return None if part is None else Product(part, Sum(Linear("number", (), Decimal(-1))))
        case t.Arithmetic(operator="**", left=left, right=right):
            return _power(_number(below(left)), constant_of(term_of(right, planner.resolver(logic))))
        case t.Arithmetic(operator=operator, left=left, right=right):
            a, b = below(left), below(right)
            return None if a is None or b is None else _joined(operator, a, b)
        case t.If(condition=condition, then=then, otherwise=otherwise):
            first, second = below(then), below(otherwise)
            if first is None or second is None or not _alike(first, second):
                return None
            truth = planner.condition(logic, condition)
            return None if truth is None else Choice(truth, first, second)
        case t.Path(value=value, name=name):
            part = below(value)
            return Member(part, name) if part is not None and name in MEMBERS[kind_of(part)] else None  # type: ignore[arg-type]
        case t.Call(function=t.Name(name=name), arguments=arguments) if planner.builtin(logic, name):
            return _called(planner, logic, name, arguments)
    return None


def _number(part: Figure | None) -> Figure | None:
    return part if part is not None and (isinstance(part, Nothing) or kind_of(part) == "number") else None


def _alike(a: Figure, b: Figure) -> bool:
    return isinstance(a, Nothing) or isinstance(b, Nothing) or kind_of(a) == kind_of(b)


def _decided(planner: Planner, target: str) -> Figure | None:
    """A decision by its own figure, or by the numbers it comes to where these are few."""
    logic = planner.logic(target)
    found = None if logic is None else decision_figure(planner, logic)
    if found is not None or logic is None or logic.kind != FEEL_NUMBER:
        return found
    coded = planner.coded(target)
    return None if coded.interpreted else Scored(coded)


def _power(part: Figure | None, power: Decimal | None) -> Figure | None:
    if part is None or power is None or power != int(power) or not 1 <= power <= MOST_POWER:
        return None
    made = part
    for _ in range(int(power) - 1):
        made = Product(made, part)
    return made


def _joined(operator: str, a: Figure, b: Figure) -> Figure | None:
    kinds = kind_of(a), kind_of(b)
    if operator in ("+", "-"):
        if kinds[1] == "months" and kinds[0] == "date" and isinstance(b, Sum) and not b.term.parts:
            months = int(b.term.constant)
            return Moved(a, months if operator == "+" else -months)
        kind = "number" if kinds == ("number", "number") else SUMS.get((operator, *kinds))
        return None if kind is None else Total(a, b, 1 if operator == "+" else -1, kind)
    if kinds != ("number", "number"):
        return None
    if operator == "*":
        return Product(a, b)
    return Quotient(a, b) if plain(b) else None


def _called(planner: Planner, logic: Logic, name: str, arguments: tuple[t.Node, ...]) -> Figure | None:
    if name in ("max", "min", "sum", "mean"):
        if len(arguments) == 1 and isinstance(arguments[0], t.ListLiteral):
            arguments = arguments[0].items
        parts = [figure_of(planner, logic, part) for part in arguments]
        kept = tuple(part for part in parts if part is not None)
        if len(kept) < len(parts) or len(parts) < 2 or len(set(map(kind_of, kept))) > 1:
            return None
        if name in ("max", "min"):
            return Extreme(kept, name == "max")
        if kind_of(kept[0]) != "number" or not (name == "sum" or all(map(plain, kept))):
            return None
        total = _summed(kept)
        return total if name == "sum" else Quotient(total, Sum(Linear("number", (), Decimal(len(kept)))))
    if name == "abs" and len(arguments) == 1:
        part = _number(figure_of(planner, logic, arguments[0]))
        return None if part is None else Size(part)
    if name == "years and months duration" and len(arguments) == 2:
        start, end = (figure_of(planner, logic, part) for part in arguments)
        dates = start is not None and end is not None and kind_of(start) == kind_of(end) == "date"
        return Months(start, end) if dates and start is not None and end is not None else None
    if name in WAYS and 1 <= len(arguments) <= 2:
        if len(arguments) == 1 and name not in ("floor", "ceiling"):
            return None
        places = constant_of(term_of(arguments[1], planner.resolver(logic))) if len(arguments) == 2 else Decimal(0)
        part = _number(figure_of(planner, logic, arguments[0]))
        if part is not None and places is not None and places == int(places) and 0 <= places <= PLACES:
            return Rounded(part, WAYS[name], int(places))
    return None


def _summed(parts: tuple[Figure, ...]) -> Figure:
    found = parts[0]
    for part in parts[1:]:
        found = Total(found, part, 1)
    return found
