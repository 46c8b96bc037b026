"""How far rows are from the clause they lack, for all of them at once: the same numbers as the explanation of one enterprise.

A clause is taken apart as explanations take it apart: what all must hold lacks what its one failing part lacks, of
alternatives the one counts that takes least. Rows where that can't be told this way are explained one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wotu.rulebook.columnar.algebra import term_of
from wotu.rulebook.columnar.amounts import FEW, TAME, Amounts, against, worked
from wotu.rulebook.columnar.bind import WIDE, Bound, Rows
from wotu.rulebook.columnar.completions import some
from wotu.rulebook.columnar.conditions import Truth
from wotu.rulebook.columnar.figures import decimals
from wotu.rulebook.columnar.interpreted import plainly
from wotu.rulebook.columnar.measuring import PLACES, figure_of
from wotu.rulebook.columnar.outcomes import NUMBER
from wotu.rulebook.columnar.program import holding
from wotu.rulebook.columnar.quantities import Figure, Quotient, Rounded, Size, Sum, Total, kind_of
from wotu.rulebook.columnar.terms import Linear, View, constant_of
from wotu.rulebook.dmn.given import Refused
from wotu.rulebook.explain.measure import STEP, STEPS, around, is_constant, measured, unit_of
from wotu.rulebook.explain.reasons import ORDER, flat, shared_measures
from wotu.rulebook.explain.view import DecisionView, TableView, names_in
from wotu.rulebook.feel import UNKNOWN, known
from wotu.rulebook.feel import tree as t

if TYPE_CHECKING:
    from wotu.rulebook.columnar.near import Near, State

Bits = npt.NDArray[np.bool_]
NOT_SAID = 99
"""How many changes an explanation counts where it knows of none."""
LEAST = Decimal("1e-9")


@dataclass(frozen=True, eq=False)
class Gap:
    """A part of a clause: where it holds, and the inputs it reads."""

    test: Truth
    reads: frozenset[str]


@dataclass(frozen=True, eq=False)
class Never(Gap):
    """Explanations name no distance for it."""


@dataclass(frozen=True, eq=False)
class Fact(Gap):
    """A fact, or one of several texts: something to be otherwise, but no amount of it."""

    changes: int = 1


@dataclass(frozen=True, slots=True)
class Leading:
    """(column + rest) / under: the column that explanations move, in steps of its unit."""

    view: View
    rest: Linear
    under: Linear | None
    step: Decimal


@dataclass(frozen=True, eq=False)
class Apart(Gap):
    """A measure against a constant."""

    figure: Figure
    operator: str
    threshold: Linear
    unit: str | None
    measure: t.Node
    alone: View | None
    """The column that is all of the measure."""
    new: Decimal | None
    """What that column would be changed to."""
    leading: Leading | None
    """What is moved where the measure is more than a column."""


@dataclass(frozen=True, eq=False)
class Every(Gap):
    """All of the parts."""

    parts: tuple[Gap, ...]
    kept: tuple[bool | None, ...]
    """For each part whether what closes it leaves the others as they are; None where that is not told here."""


@dataclass(frozen=True, eq=False)
class Either(Gap):
    """One of the parts; `shared` are the measures that all of them have."""

    parts: tuple[Gap, ...]
    shared: frozenset[t.Node]


@dataclass(frozen=True, slots=True)
class Found:
    """Row for row: whether there is a distance, its amount (times 10**12) if any, its unit, and the effort of closing it."""

    has: Bits
    amount: npt.NDArray[Any]
    numbered: Bits
    unit: npt.NDArray[np.int64]
    changes: npt.NDArray[np.int64]
    moved: npt.NDArray[Any]
    beside: npt.NDArray[Any]
    """The effort is so many changes, then `moved` beside this much."""
    ask: Bits
    """Rows to be explained one by one."""
    weighed: Bits
    """Whether the effort is known."""


# --- a clause taken apart -------------------------------------------------------------------------------------------


@lru_cache(maxsize=20_000)
def gap_of(near: Near, clause: str) -> Gap | None:
    """A clause as explanations take it apart; None where that is not told here."""
    return _Apart(near, clause).clause()


class _Apart:
    """Takes one decision apart."""

    def __init__(self, near: Near, name: str) -> None:
        self.near, self.name = near, name
        self.owner: DecisionView = near.view.decisions[name]
        self.planner = near.planned.planner

    def clause(self) -> Gap | None:
        logic, truth = self.owner.logic, self.near.planned.truths.get(self.name)
        if truth is None:
            return None
        if logic is None or isinstance(logic, TableView):
            return Never(truth, frozenset(self.near.view.reads(self.name)))
        return self.node(logic)

    def node(self, node: t.Node) -> Gap | None:
        logic = self.planner.logic(self.name)
        test = None if logic is None else self.planner.condition(logic, self.planner.flat(logic, node))
        if logic is None or test is None:
            return None
        reads = frozenset(self.reads(node))
        match node:
            case t.And():
                return self.every(test, reads, tuple(flat(node, t.And)))
            case t.Or():
                return self.either(test, reads, tuple(flat(node, t.Or)))
            case t.Between(value=value, low=low, high=high):
                return self.every(test, reads, (t.Comparison(">=", value, low), t.Comparison("<=", value, high)))
            case t.Call(function=t.Name(name="not"), arguments=(inner,)):
                fact = isinstance(inner, t.Name) and self.owner.origin(inner.name) == "input"
                return Fact(test, reads) if fact else Never(test, reads)
            case t.Name(name=name) if name in self.owner.needs:
                origin, target = self.owner.needs[name]
                if origin == "input":
                    return Fact(test, reads)
                found = _Apart(self.near, target).clause()
                return None if found is None else replace(found, test=test, reads=reads)
            case t.Comparison():
                return self.comparison(test, reads, node)
            case t.In(tests=tests):
                inner_tests = [each.value if isinstance(each, t.ValueTest) else each for each in tests]
                said = all(isinstance(each, t.StringLiteral | t.NumberLiteral) for each in inner_tests)
                return Fact(test, reads, NOT_SAID) if said else Never(test, reads)
            case t.If():
                return None
        return Never(test, reads)

    def reads(self, node: t.Node) -> set[str]:
        found: set[str] = set()
        for name in names_in(node):
            origin, target = self.owner.needs.get(name, ("", ""))
            found |= {target} if origin == "input" else set(self.near.view.reads(target)) if origin else set()
        return found

    def comparison(self, test: Truth, reads: frozenset[str], node: t.Comparison) -> Gap | None:
        turned = measured(node, lambda side: is_constant(self.owner, side))
        if turned is None or turned.operator not in ORDER:
            return Never(test, reads)
        logic = self.planner.logic(self.name)
        assert logic is not None
        threshold = term_of(turned.threshold, self.planner.resolver(logic))
        if not isinstance(threshold, Linear) or constant_of(threshold) is None:
            return None
        if threshold.kind not in ("number", "days"):
            return Never(test, reads)
        figure = figure_of(self.planner, logic, self.planner.flat(logic, turned.measure))
        if figure is None or kind_of(figure) != threshold.kind:
            return None
        unit = unit_of(self.near.view, self.owner, turned.measure) if threshold.kind == "number" else "天"
        view = _alone(figure)
        new = None if view is None else self.closing(view, turned.operator, threshold.constant)
        if new is None and not (
            isinstance(turned.measure, t.Name) and self.owner.origin(turned.measure.name) == "input"
        ):
            view = None
        leading = self.leading(figure) if view is None else None
        return Apart(test, reads, figure, turned.operator, threshold, unit, turned.measure, view, new, leading)

    def leading(self, figure: Figure) -> Leading | None:
        """The first column of a sum, or of the sum that is divided, if nothing else reads it."""
        over, under = (figure.left, figure.right) if isinstance(figure, Quotient) else (figure, None)
        if not isinstance(over, Sum) or not over.term.parts or over.term.kind != "number":
            return None
        if under is not None and not isinstance(under, Sum):
            return None
        (view, factor), *others = over.term.parts
        below = None if under is None else under.term
        if factor != 1 or (below is not None and view in below.views()):
            return None
        step = STEPS.get(self.near.view.inputs[view.name].unit or "", STEP)
        return Leading(view, Linear("number", tuple(others), over.term.constant), below, step)

    def closing(self, view: View, operator: str, threshold: Decimal) -> Decimal | None:
        """The first value tried for a column that passes."""
        read = view.reader()
        for value in around(threshold, self.near.view.inputs[view.name].unit):
            try:
                if known.relate(operator, value, threshold) is True and read(value, UNKNOWN) == value:
                    return Decimal(value)
            except Refused:
                continue
        return None

    def every(self, test: Truth, reads: frozenset[str], nodes: Sequence[t.Node]) -> Gap | None:
        found = [self.node(node) for node in nodes]
        parts = tuple(part for part in found if part is not None)
        if len(parts) < len(found):
            return None
        kept = [_kept(part, [other for other in parts if other is not part]) for part in parts]
        return Every(test, reads, parts, tuple(kept))

    def either(self, test: Truth, reads: frozenset[str], nodes: Sequence[t.Node]) -> Gap | None:
        found = [self.node(node) for node in nodes]
        parts = tuple(part for part in found if part is not None)
        if len(parts) < len(found):
            return None
        return Either(test, reads, parts, shared_measures(self.owner, tuple(nodes)))


def _alone(figure: Figure) -> View | None:
    if (
        not isinstance(figure, Sum)
        or figure.term.kind != "number"
        or figure.term.constant
        or len(figure.term.parts) != 1
    ):
        return None
    view, factor = figure.term.parts[0]
    return view if factor == 1 else None


def _kept(part: Gap, others: Sequence[Gap]) -> bool | None:
    """Whether the others still hold once the part is closed."""
    touched = [other for other in others if other.reads & part.reads]
    if not touched or isinstance(part, Never) or (isinstance(part, Fact) and part.changes == NOT_SAID):
        return True
    if isinstance(part, Apart) and part.alone is not None:
        if part.new is None:
            return True
        same = [isinstance(other, Apart) and other.alone == part.alone for other in touched]
        if all(same):
            return all(
                known.relate(other.operator, part.new, other.threshold.constant) is True
                for other in touched
                if isinstance(other, Apart)
            )
    return None


# --- for the rows of a table ----------------------------------------------------------------------------------------


def found_in(bound: Bound, gap: Gap, units: list[str | None]) -> Found:
    """What rows lack that lack this part; `units` grows by those that occur."""
    match gap:
        case Apart():
            return _apart(bound, gap, units)
        case Every():
            return _every(bound, gap, units)
        case Either():
            return _either(bound, gap, units)
    return _plain(bound.rows, not isinstance(gap, Never), gap.changes if isinstance(gap, Fact) else NOT_SAID)


def _plain(rows: int, has: bool, changes: int) -> Found:
    every, no = np.ones(rows, np.bool_), np.zeros(rows, np.bool_)
    zeros, ones = np.zeros(rows, np.int64), np.ones(rows, np.int64)
    return Found(every & has, zeros, no, zeros, changes * ones, ones if changes == 1 else zeros, ones, no, every)


def _apart(bound: Bound, gap: Apart, units: list[str | None]) -> Found:
    apart = Size(Total(gap.figure, Sum(gap.threshold), -1, gap.threshold.kind))
    found = worked(bound, Rounded(apart, "half even", PLACES), strict=True)
    if gap.unit not in units:
        units.append(gap.unit)
    plain = _plain(bound.rows, True, 1)
    moved, beside, weighed = plain.moved, plain.beside, np.zeros(bound.rows, np.bool_)
    if gap.alone is not None:
        numbers = worked(bound, gap.figure, strict=True)
        scale = max(numbers.scale, PLACES, 0 if gap.new is None else -int(gap.new.as_tuple().exponent))
        old = numbers.at(scale).astype(object)
        if gap.new is None:
            moved, plain = np.zeros(bound.rows, np.int64), replace(plain, changes=plain.changes * NOT_SAID)
        else:
            new = int(WIDE.scaleb(gap.new, scale))
            moved = np.abs(old - new)
            beside = np.maximum(np.abs(old), max(abs(new), int(WIDE.scaleb(LEAST, scale))))
        weighed = numbers.known
    elif gap.leading is not None:
        old, moving, weighed = _closed(bound, gap, gap.leading)
        moved, beside = np.abs(moving.values - old), np.maximum(np.abs(old), np.abs(moving.values))
        beside = np.maximum(beside, int(WIDE.scaleb(LEAST, moving.scale)))
    return replace(
        plain,
        has=found.known,
        amount=found.at(PLACES),
        numbered=found.known,
        unit=np.full(bound.rows, units.index(gap.unit)),
        moved=moved,
        beside=beside,
        ask=found.ask,
        weighed=weighed,
    )


def _closed(bound: Bound, gap: Apart, leading: Leading) -> tuple[npt.NDArray[Any], Amounts, Bits]:
    """What the leading column is and would be changed to, with as many decimals; and where that is told here."""
    zero = Linear("number", (), Decimal(0))
    old, rest = worked(bound, Sum(Linear("number", ((leading.view, Decimal(1)),)))), worked(bound, Sum(leading.rest))
    under = worked(bound, Sum(leading.under or replace(zero, constant=Decimal(1))))
    cut, step = gap.threshold.constant, leading.step
    places = max(0, -int(cut.as_tuple().exponent))
    scale = max(old.scale, rest.scale, under.scale + places, -int(step.as_tuple().exponent), PLACES)
    wanted = under.values.astype(object) * int(WIDE.scaleb(cut, places)) * 10 ** (scale - under.scale - places)
    wanted = wanted - rest.at(scale).astype(object)
    size = int(WIDE.scaleb(step, scale))
    low = wanted // size * size
    exact = np.asarray(low == wanted, np.bool_)
    new = {
        ">=": np.where(exact, low, low + size),
        ">": low + size,
        "<=": low,
        "<": np.where(exact, low - size, low),
    }[gap.operator]
    told = old.known & rest.known & under.known & np.asarray(under.values > 0, np.bool_)
    told &= np.asarray((abs(new) < TAME * 10**FEW) & (under.values < TAME), np.bool_) & (scale <= FEW)
    new = np.where(told, new, 0)
    if leading.view.allowed and told.any():
        kind = pa.decimal128(38, scale)
        column = pa.array([Decimal(int(each)).scaleb(-scale, WIDE) for each in new], kind)
        told &= Bound(pa.table({leading.view.name: column})).numbers(leading.view).known
    every = np.ones(bound.rows, np.bool_)
    return old.at(scale).astype(object), Amounts(new, scale, every, ~every), told


def _left(bound: Bound, part: Gap, others: Sequence[Gap]) -> tuple[Bits, Bits]:
    """Where closing a part leaves the others as they are, and where it is not told here."""
    every, no = np.ones(bound.rows, np.bool_), np.zeros(bound.rows, np.bool_)
    if not isinstance(part, Apart) or part.leading is None:
        return no, every
    touched = [other for other in others if part.leading.view.name in other.reads]
    _, new, told = _closed(bound, part, part.leading)
    kept = told
    for other in touched:
        if not isinstance(other, Apart) or other.alone != part.leading.view:
            return no, every
        signs, _ = against(new, other.threshold.constant)
        kept = kept & {">=": signs >= 0, ">": signs > 0, "<=": signs <= 0, "<": signs < 0}[other.operator]
    return kept, ~told


def _taken(parts: Sequence[Found], which: npt.NDArray[np.int64]) -> Found:
    """Of each row the part that counts."""
    first = parts[0]
    for place, part in enumerate(parts[1:], 1):
        chosen = which == place
        columns = {name: np.where(chosen, getattr(part, name), getattr(first, name)) for name in Found.__slots__}
        first = Found(**columns)
    return first


def _every(bound: Bound, gap: Every, units: list[str | None]) -> Found:
    states = [holding(bound, part.test) for part in gap.parts]
    fails = np.stack([state[1] for state in states])
    holds = np.stack([state[0] for state in states])
    one = (fails.sum(axis=0) == 1) & (holds.sum(axis=0) == len(gap.parts) - 1)
    parts = []
    for part, kept in zip(gap.parts, gap.kept, strict=True):
        found = found_in(bound, part, units)
        if kept is False:
            found = replace(found, has=found.has & False)
        elif kept is None:
            left, open_ = _left(bound, part, [other for other in gap.parts if other is not part])
            found = replace(found, has=found.has & (left | open_), ask=found.ask | open_)
        parts.append(found)
    taken = _taken(parts, np.asarray(fails.argmax(axis=0)))
    several = (fails.sum(axis=0) > 1) & ((fails | holds).all(axis=0))
    return replace(
        taken,
        has=taken.has & one,
        numbered=taken.numbered & taken.has & one,
        ask=(taken.ask & one) | (~one & ~several),
        weighed=taken.weighed & one,
    )


def _either(bound: Bound, gap: Either, units: list[str | None]) -> Found:
    parts = [found_in(bound, part, units) for part in gap.parts]
    several = np.stack([_several(bound, part) for part in gap.parts])
    asks = np.stack([part.ask for part in parts]) | several
    has = np.stack([part.has for part in parts]) & ~several
    # one change is less than several; of what is not weighed it is not told whether it is one
    one = np.stack([part.has & part.weighed & (part.changes == 1) for part in parts]).any(axis=0)
    asks &= ~(several & one)
    if gap.shared:
        only = np.stack([_lacks_only(bound, part, gap.shared) for part in gap.parts])
        near = (has & only).any(axis=0)
        has, asks = np.where(near, has & only, has), np.where(near, asks & only, asks)
    ask: Bits = np.asarray(asks.any(axis=0))
    best = np.asarray(has.argmax(axis=0))
    many = has.sum(axis=0) > 1
    if many.any():
        best, unsure = _least(parts, has, best)
        ask = ask | (many & unsure)
    taken, said = _taken(parts, best), np.asarray(has.any(axis=0))
    return replace(taken, has=said, numbered=taken.numbered & said, ask=ask, weighed=taken.weighed & said)


def _several(bound: Bound, gap: Gap) -> Bits:
    """Where more than one part of an alternative fails: whether what they lack can be said together is not told here."""
    if not isinstance(gap, Every):
        return np.zeros(bound.rows, np.bool_)
    return np.asarray(np.sum([holding(bound, part.test)[1] for part in gap.parts], axis=0) > 1)


def _lacks_only(bound: Bound, gap: Gap, shared: frozenset[t.Node]) -> Bits:
    """Where an alternative lacks nothing but the shared measures."""
    found = np.ones(bound.rows, np.bool_)
    for part in gap.parts if isinstance(gap, Every) else (gap,):
        if not isinstance(part, Apart) or part.measure not in shared:
            found = found & holding(bound, part.test)[0]
    return found


def _least(parts: Sequence[Found], has: Any, first: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], Bits]:
    """Which part takes least effort, and where that is too close to tell."""
    best, taken = np.array(first), _taken(parts, first)
    unsure = np.zeros(len(best), np.bool_)
    for place, part in enumerate(parts):
        rivals = has[place] & (best != place)
        left = part.moved.astype(object) * taken.beside.astype(object)
        right = taken.moved.astype(object) * part.beside.astype(object)
        same = part.changes == taken.changes
        close = same & np.asarray((left != right) & (abs(left - right) * 10**24 <= np.maximum(left, right)), np.bool_)
        less = (part.changes < taken.changes) | (same & np.asarray(left < right, np.bool_))
        # of equals the first counts, and parts are met in their order
        unsure |= rivals & (close | ~part.weighed | ~taken.weighed)
        best = np.where(rivals & less, place, best)
        taken = _taken(parts, best)
    return best, unsure


def distances_of(
    near: Near, bound: Bound, state: State, clause: str, rows: Rows, explained: bool = True
) -> tuple[pa.Array, pa.Array]:
    """How far the rows are from a clause that they lack, and in which unit.

    Unless `explained`, rows that would have to be explained one by one get no distance.
    """
    fails = state(clause)[1][rows]
    if not fails.all():  # a clause that must not be met is no distance away
        amounts, named = distances_of(near, bound, state, clause, rows[fails], explained)
        places = pa.array(np.cumsum(fails) - 1, mask=~fails)
        return amounts.take(places), named.take(places)
    gap = gap_of(near, clause)
    units: list[str | None] = []
    ask = np.arange(len(rows))
    amounts, named = pa.nulls(len(rows), NUMBER), pa.nulls(len(rows), pa.string())
    if gap is not None:
        columns = [name for name in near.planned.views if name in bound.table.column_names]
        found = found_in(some(bound, columns, rows), gap, units)
        ask = np.flatnonzero(found.ask)
        none = np.zeros(len(rows), np.bool_)
        amounts = decimals(Amounts(found.amount, PLACES, found.numbered, none))
        named = pa.array([*units, None], pa.string()).take(pa.array(np.where(found.numbered, found.unit, len(units))))
    if not explained or not len(ask):
        return amounts, named
    reads = near.view.reads(clause)
    numbers, short = near.each(bound, state, rows[ask], bound.tuples(reads, rows[ask]))
    places = np.arange(len(rows))
    places[ask] = len(rows) + numbers
    told = pa.array([plainly(each.amount, NUMBER) for each in short], NUMBER)
    return (
        pa.concat_arrays([amounts, told]).take(pa.array(places)),
        pa.concat_arrays([named, pa.array([each.unit for each in short], pa.string())]).take(pa.array(places)),
    )


__all__ = ["distances_of"]
