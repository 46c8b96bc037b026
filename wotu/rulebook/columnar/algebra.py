"""From FEEL trees to terms: sums of columns and ratios of two such, worked out as the interpreter would."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Context, Decimal, Inexact, InvalidOperation

from wotu.rulebook.columnar.terms import Kind, Linear, Ratio, Term, View
from wotu.rulebook.dmn.declared import allowed_of, base_name
from wotu.rulebook.feel import Date, DaysDuration, FeelError, Value, YearsDuration
from wotu.rulebook.feel import tree as t
from wotu.rulebook.feel.literals import literal_value
from wotu.rulebook.feel.temporal import DAY, date_of, day_number
from wotu.rulebook.feel.types import Simple, Type

EPOCH = day_number(Date(1970, 1, 1))
EXACT = Context(prec=34, traps=[Inexact, InvalidOperation])
"""Constants are worked out here only where 34 digits hold them, as the interpreter would."""
MOST_DIGITS = 12
"""Digits of the factors in one term together, so that no step of it is rounded to 34 digits."""

Resolve = Callable[[str], Term | None]


def view(name: str, kind: Type | None) -> View | None:
    """The view of an input; None where its type is none that a column has."""
    base = base_name(kind)
    if base not in ("number", "date", "string", "boolean"):
        return None
    return View(name, base, tuple(allowed.text for allowed in allowed_of(kind)), kind)


def term_of(node: t.Node, resolve: Resolve) -> Term | None:
    """The term that a tree says; None where it is anything else. `resolve` says what a name stands for."""
    try:
        found = _term(node, resolve)
    except (Inexact, InvalidOperation):
        return None
    if found is None:
        return None
    sums = (found,) if isinstance(found, Linear) else (found.over, found.under)
    digits = sum(_digits(factor) for each in sums for _, factor in each.parts if abs(factor) != 1)
    return found if digits <= MOST_DIGITS else None


def _digits(value: Decimal) -> int:
    return len(value.normalize().as_tuple().digits)


def _term(node: t.Node, resolve: Resolve) -> Term | None:
    match node:
        case t.Name(name=name):
            return resolve(name)
        case t.Typed(value=value, type=Simple(name="number")):
            inner = _term(value, resolve)
            return inner if inner is not None and inner.kind == "number" else None
        case t.Negate(operand=operand):
            inner = _term(operand, resolve)
            return _times(inner, Decimal(-1)) if isinstance(inner, Linear) and inner.kind != "date" else None
        case t.Arithmetic(operator=operator, left=left, right=right):
            a, b = _term(left, resolve), _term(right, resolve)
            return None if a is None or b is None else _combined(operator, a, b)
    try:
        return of_value(literal_value(node))
    except FeelError:
        return None


def of_value(value: Value) -> Linear | None:
    """A number, a date, a whole number of days or of months as a term."""
    if type(value) is Decimal:
        return Linear("number", (), value)
    if type(value) is Date:
        return Linear("date", (), Decimal(day_number(value) - EPOCH))
    if type(value) is DaysDuration and value.nanos % DAY == 0:
        return Linear("days", (), Decimal(value.nanos // DAY))
    if type(value) is YearsDuration:
        return Linear("months", (), Decimal(value.months))
    return None


def as_value(kind: Kind, number: Decimal) -> Value:
    """The FEEL value that a term's number stands for."""
    if kind == "number":
        return number
    if kind == "months":
        return YearsDuration(int(number))
    return date_of(int(number) + EPOCH) if kind == "date" else DaysDuration(int(number) * DAY)


SUMS: dict[tuple[str, Kind, Kind], Kind] = {
    ("+", "number", "number"): "number",
    ("-", "number", "number"): "number",
    ("-", "date", "date"): "days",
    ("+", "date", "days"): "date",
    ("+", "days", "date"): "date",
    ("-", "date", "days"): "date",
    ("+", "days", "days"): "days",
    ("-", "days", "days"): "days",
}


def _combined(operator: str, a: Term, b: Term) -> Term | None:
    if not isinstance(a, Linear) or not isinstance(b, Linear):
        return None
    kind = SUMS.get((operator, a.kind, b.kind))
    if kind is not None:
        return _sum(kind, a, b if operator == "+" else _times(b, Decimal(-1)))
    if a.kind != "number" or b.kind != "number":
        return None
    if operator == "*" and not a.parts:
        return _times(b, a.constant)
    if operator == "*" and not b.parts:
        return _times(a, b.constant)
    if operator == "/" and a.parts and b.parts:
        return Ratio(a, b)
    if operator == "/" and a.parts and b.constant:
        try:
            return _times(a, EXACT.divide(Decimal(1), b.constant))
        except Inexact:
            return Ratio(a, b)
    return None


def _sum(kind: Kind, a: Linear, b: Linear) -> Linear | None:
    if set(a.views()) & set(b.views()):
        return None  # x - x is not 0 while x isn't known: its two places are two unknowns to the interpreter
    return Linear(kind, a.parts + b.parts, EXACT.add(a.constant, b.constant))


def _times(term: Linear, factor: Decimal) -> Linear:
    parts = tuple((view, EXACT.multiply(each, factor)) for view, each in term.parts)
    return Linear(term.kind, parts, EXACT.multiply(term.constant, factor))


def difference(left: Term, right: Term) -> Linear | None:
    """left - right, to be compared with 0; None where the two cannot be compared so."""
    if not isinstance(left, Linear) or not isinstance(right, Linear) or left.kind != right.kind:
        return None
    return _sum("days" if left.kind == "date" else left.kind, left, _times(right, Decimal(-1)))
