"""Amounts and other numbers of a rule as exact integer columns; rows that cannot be said so are asked of the interpreter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wotu.rulebook.columnar.bind import Bound
from wotu.rulebook.columnar.conditions import Truth
from wotu.rulebook.columnar.interpreted import admissible, plainly
from wotu.rulebook.columnar.outcomes import NUMBER
from wotu.rulebook.columnar.plan import Planner, plan
from wotu.rulebook.columnar.program import holding
from wotu.rulebook.columnar.terms import Linear, constant_of, term_of
from wotu.rulebook.columnar.trees import untyped
from wotu.rulebook.feel import tree as t
from wotu.rulebook.feel.types import ANY
from wotu.rulebook.feel.types import NUMBER as FEEL_NUMBER

if TYPE_CHECKING:
    from wotu.rulebook.dmn.graph import Logic
    from wotu.rulebook.rulebook import Rulebook

Bits = npt.NDArray[np.bool_]
MOST = 10**34
"""Results of more digits are rounded by FEEL; those rows are asked of the interpreter."""
SMALL = 2**62
PLACES = 12


# --- what a figure is made of ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sum:
    """Columns times factors, or a constant."""

    term: Linear


@dataclass(frozen=True, slots=True)
class Product:
    """One times the other."""

    left: Figure
    right: Figure


@dataclass(frozen=True, slots=True)
class Total:
    """One plus the other, or minus it."""

    left: Figure
    right: Figure
    sign: int


@dataclass(frozen=True, slots=True)
class Extreme:
    """The greatest (or least) of several."""

    parts: tuple[Figure, ...]
    greatest: bool


@dataclass(frozen=True, slots=True)
class Rounded:
    """Rounded to so many decimals, in one of FEEL's ways."""

    part: Figure
    way: str
    places: int


@dataclass(frozen=True, slots=True)
class Choice:
    """One figure where a condition holds, another where it does not."""

    condition: Truth
    then: Figure
    otherwise: Figure


@dataclass(frozen=True, slots=True)
class Nothing:
    """FEEL's null."""


Figure = Sum | Product | Total | Extreme | Rounded | Choice | Nothing

WAYS = {
    "round half up": "half up",
    "round half down": "half down",
    "round up": "up",
    "round down": "down",
    "decimal": "half even",
    "floor": "floor",
    "ceiling": "ceiling",
}


@lru_cache(maxsize=4096)
def figure(book: Rulebook, decision: str) -> Figure | None:
    """A decision as a figure; None where it is anything else, or better known by its codes."""
    planned = plan(book)
    if not planned.interpreted(decision):
        return None
    planner = planned.planner
    logic = planner.logic(decision)
    return None if logic is None else _of_decision(planner, logic)


def _of_decision(planner: Planner, logic: Logic) -> Figure | None:
    if logic.tree is None or logic.kind not in (None, ANY, FEEL_NUMBER):
        return None
    return _figure(planner, logic, untyped(planner.flat(logic, logic.whole)))


def _figure(planner: Planner, logic: Logic, node: t.Node) -> Figure | None:
    term = term_of(node, planner.resolver(logic))
    if isinstance(term, Linear):
        return Sum(term) if term.kind == "number" else None
    below: Callable[[t.Node], Figure | None] = lambda part: _figure(planner, logic, part)  # noqa: E731
    match node:
        case t.NullLiteral():
            return Nothing()
        case t.Typed(value=value, type=kind) if kind == FEEL_NUMBER:
            return below(value)
        case t.Name(name=name):
            source, target = planner.needs(logic).get(name, ("", ""))
            inner = planner.logic(target) if source == "decision" else None
            return None if inner is None else _of_decision(planner, inner)
        case t.Arithmetic(operator="+" | "-" | "*", left=left, right=right):
            a, b = below(left), below(right)
            if a is None or b is None:
                return None
            if node.operator == "*":
                return Product(a, b)
            return Total(a, b, 1 if node.operator == "+" else -1)
        case t.If(condition=condition, then=then, otherwise=otherwise):
            truth, first, second = planner.condition(logic, condition), below(then), below(otherwise)
            return None if truth is None or first is None or second is None else Choice(truth, first, second)
        case t.Call(function=t.Name(name=name), arguments=arguments) if planner.builtin(logic, name):
            return _called(planner, logic, name, arguments)
    return None


def _called(planner: Planner, logic: Logic, name: str, arguments: tuple[t.Node, ...]) -> Figure | None:
    if name in ("max", "min"):
        if len(arguments) == 1 and isinstance(arguments[0], t.ListLiteral):
            arguments = arguments[0].items
        parts = [_figure(planner, logic, part) for part in arguments]
        kept = tuple(part for part in parts if part is not None)
        return Extreme(kept, name == "max") if len(kept) == len(parts) > 1 else None
    if name in WAYS and 1 <= len(arguments) <= 2:
        if len(arguments) == 1 and name not in ("floor", "ceiling"):
            return None
        places = constant_of(term_of(arguments[1], planner.resolver(logic))) if len(arguments) == 2 else Decimal(0)
        part = _figure(planner, logic, arguments[0])
        if part is not None and places is not None and places == int(places) and 0 <= places <= PLACES:
            return Rounded(part, WAYS[name], int(places))
    return None


# --- figures of a table ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Amounts:
    """Scaled integers (Python's own where 64 bits might not do); rows not `known` are null, or the interpreter's (`ask`)."""

    values: npt.NDArray[Any]
    scale: int
    known: Bits
    ask: Bits

    def at(self, scale: int) -> npt.NDArray[Any]:
        """The integers with more decimals."""
        return _times(self.values, 10 ** (scale - self.scale))


def _top(values: npt.NDArray[Any]) -> int:
    return max(abs(int(values.min())), abs(int(values.max()))) if len(values) else 0


def _times(values: npt.NDArray[Any], factor: int) -> npt.NDArray[Any]:
    if values.dtype == object or abs(factor) >= SMALL or _top(values) * abs(factor) >= SMALL:
        return values.astype(object) * factor
    return values * np.int64(factor)


def _settled(values: npt.NDArray[Any], scale: int, known: Bits, ask: Bits) -> Amounts:
    """The rows whose integers have more digits than FEEL keeps go to the interpreter."""
    if values.dtype == object and _top(values) >= MOST:
        long = np.asarray(np.abs(values) >= MOST, np.bool_)
        ask, known = ask | (known & long), known & ~long
        values = np.where(known, values, 0)
    if values.dtype == object and _top(values) < SMALL:
        values = values.astype(np.int64)
    return Amounts(values, scale, known, ask & ~known)


def worked(bound: Bound, node: Figure) -> Amounts:
    """A figure row for row."""
    match node:
        case Nothing():
            no = np.zeros(bound.rows, np.bool_)
            return Amounts(np.zeros(bound.rows, np.int64), 0, no, no)
        case Sum(term=term):
            numbers = bound.term(term)
            return Amounts(numbers.values, numbers.scale, numbers.known, ~numbers.known)  # type: ignore[union-attr]
        case Product(left=left, right=right):
            a, b = worked(bound, left), worked(bound, right)
            wide = _top(a.values) * _top(b.values) >= SMALL
            values = a.values.astype(object) * b.values.astype(object) if wide else a.values * b.values
            return _settled(values, a.scale + b.scale, a.known & b.known, a.ask | b.ask)
        case Total(left=left, right=right, sign=sign):
            a, b = worked(bound, left), worked(bound, right)
            scale = max(a.scale, b.scale)
            x, y = a.at(scale), b.at(scale)
            if _top(x) + _top(y) >= SMALL:
                x, y = x.astype(object), y.astype(object)
            known = a.known & b.known
            return _settled(np.where(known, x + sign * y, 0), scale, known, a.ask | b.ask)
        case Extreme(parts=parts, greatest=greatest):
            return _extreme([worked(bound, part) for part in parts], greatest)
        case Rounded(part=part, way=way, places=places):
            whole = worked(bound, part)
            if whole.scale <= places:
                return whole
            values = rounded(whole.values, 10 ** (whole.scale - places), way)
            return Amounts(values, places, whole.known, whole.ask)
        case Choice():
            return _chosen(bound, node)
    raise AssertionError(node)


def _extreme(parts: list[Amounts], greatest: bool) -> Amounts:
    scale = max(part.scale for part in parts)
    values = [part.at(scale) for part in parts]
    known = np.logical_and.reduce([part.known for part in parts])
    best = values[0]
    for other in values[1:]:
        best = np.where(best >= other if greatest else best <= other, best, other)
    ask = np.logical_or.reduce([part.ask for part in parts])
    return _settled(np.where(known, best, 0), scale, known, ask)


def _chosen(bound: Bound, node: Choice) -> Amounts:
    holds, fails = holding(bound, node.condition)
    a, b = worked(bound, node.then), worked(bound, node.otherwise)
    scale = max(a.scale, b.scale)
    known = (holds & a.known) | (fails & b.known)
    values = np.where(holds, a.at(scale), b.at(scale))
    ask = (holds & a.ask) | (fails & b.ask)
    if not isinstance(node.otherwise, Nothing):
        ask |= ~holds & ~fails  # a condition that is null takes the otherwise; one not known may, either way
    return _settled(np.where(known, values, 0), scale, known, ask)


def rounded(values: npt.NDArray[Any], unit: int, way: str) -> npt.NDArray[Any]:
    """Integers divided by the unit and rounded as FEEL's functions do."""
    if values.dtype != object and unit >= SMALL:
        values = values.astype(object)
    size: Any = unit if values.dtype == object else np.int64(unit)
    low = values // size
    rest = values - low * size
    twice = 2 * rest
    match way:
        case "floor":
            more = np.zeros(len(values), np.bool_)
        case "ceiling":
            more = rest > 0
        case "down":
            more = (rest > 0) & (values < 0)
        case "up":
            more = (rest > 0) & (values > 0)
        case "half up":
            more = (twice > size) | ((twice == size) & (values > 0))
        case "half down":
            more = (twice > size) | ((twice == size) & (values < 0))
        case _:
            more = (twice > size) | ((twice == size) & (low % 2 != 0))
    return np.asarray(low + more.astype(np.int64))


def figured(book: Rulebook, bound: Bound, decision: str, node: Figure) -> pa.Array:
    """A figure row for row as an outcome's number."""
    found = worked(bound, node)
    rows = np.flatnonzero(found.ask)
    plain = _decimals(found)
    if not len(rows):
        return plain
    names = [entry.name for entry in book.inputs]
    columns = [bound.table[name].take(pa.array(rows)).to_pylist() for name in names]
    known: dict[Any, Any] = {}
    asked: list[Any] = []
    for row in zip(*columns, strict=True):
        if row not in known:
            inputs, _ = admissible(book, dict(zip(names, row, strict=True)))
            known[row] = plainly(book.evaluate(inputs, decisions=(decision,)).values[decision], NUMBER)
        asked.append(known[row])
    places = np.arange(bound.rows)
    places[rows] = bound.rows + np.arange(len(rows))
    return pa.concat_arrays([plain, pa.array(asked, NUMBER)]).take(pa.array(places))


def _decimals(found: Amounts) -> pa.Array:
    values, scale = found.values, found.scale
    if scale > PLACES:
        values, scale = rounded(values, 10 ** (scale - PLACES), "half even"), PLACES
    fits = np.asarray(np.abs(values) < 10 ** (26 + scale), np.bool_) & found.known
    if values.dtype == object:
        unit = Decimal(1).scaleb(-scale)
        exact = [plainly(int(value) * unit, NUMBER) if fit else None for value, fit in zip(values, fits, strict=True)]
        return pa.array(exact, NUMBER)
    both = np.empty((len(values), 2), np.int64)
    both[:, 0], both[:, 1] = values, values >> 63
    mask = pa.py_buffer(np.packbits(fits, bitorder="little").tobytes())
    made = pa.Array.from_buffers(pa.decimal128(38, scale), len(values), [mask, pa.py_buffer(both.tobytes())])
    return made.cast(NUMBER)
