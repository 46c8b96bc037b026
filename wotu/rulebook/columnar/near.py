"""Rows one clause short, and what would settle others: only those rows are looked at closer, each kind of row once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wotu.rulebook.columnar.bind import WIDE, Bound, Rows
from wotu.rulebook.columnar.conditions import All, Compare, Fact, Not, Truth
from wotu.rulebook.columnar.interpreted import admissible, plainly
from wotu.rulebook.columnar.outcomes import NUMBER
from wotu.rulebook.columnar.plan import RulePlan
from wotu.rulebook.columnar.program import holding
from wotu.rulebook.columnar.shortfall import Shortfall, required_of, shortfalls
from wotu.rulebook.columnar.terms import Linear
from wotu.rulebook.columnar.terms import View as View_
from wotu.rulebook.explain.build import view_of
from wotu.rulebook.explain.lacking import Lack, lacks_of, near_clauses, only_clauses
from wotu.rulebook.explain.reasons import told_gap
from wotu.rulebook.explain.view import Case, View
from wotu.rulebook.feel.tree import Name

if TYPE_CHECKING:
    from wotu.rulebook.rulebook import Rulebook

Bits = npt.NDArray[np.bool_]
State = Callable[[str], tuple[Bits, Bits]]
"""Where a boolean decision is true, and where it is false."""


@dataclass(frozen=True, eq=False)
class Near:
    """What of a rule decides whether a row is one clause short."""

    book: Rulebook
    view: View
    goal: str
    levels: tuple[str, ...]
    """The boolean decisions below the goal."""
    required: tuple[str, ...]
    """Those that must all hold."""
    lacks: Lack
    """What the goal asks, clause by clause."""
    pure: bool
    """Whether that is nothing but and, or and not of clauses."""
    short: Callable[[Mapping[str, object], Mapping[str, Any]], Shortfall] = field(repr=False)
    planned: RulePlan = field(repr=False)

    def columns(self, bound: Bound, state: State, near: Bits) -> dict[str, pa.Array]:
        """near, distance, distance_unit, distance_text and settles of every row; `near` says which rows are one short."""
        holds, fails = state(self.goal)
        unsure = np.zeros(bound.rows, np.int64)
        for name in self.required:
            unsure += ~state(name)[0]
        open_rows = ~holds & ~fails & (unsure <= 1)
        found: list[Shortfall] = []
        places = np.full(bound.rows, -1, np.int64)
        for rows, many in ((np.flatnonzero(open_rows), self.settling), (np.flatnonzero(near), self.lacking)):
            if len(rows):
                numbers, shortfalls = many(bound, state, rows)
                places[rows] = numbers + len(found)
                found += shortfalls
        take = pa.array(np.where(places < 0, len(found), places))

        def spread(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
            return pa.array([*(plainly(value, kind) for value in values), None], kind).take(take)

        return {
            "near": spread([s.clause for s in found], pa.string()),
            "distance": spread([s.amount for s in found], NUMBER),
            "distance_unit": spread([s.unit for s in found], pa.string()),
            "distance_text": spread([s.text for s in found], pa.string()),
            "settles": spread([s.settles for s in found], pa.string()),
        }

    def settling(self, bound: Bound, state: State, rows: Rows) -> tuple[npt.NDArray[np.int64], list[Shortfall]]:
        """What would settle rows not known: the same for rows whose boolean decisions stand alike."""
        if not self.pure:
            return self.each(bound, state, rows, _by_inputs(bound, self.book, rows))
        return self.each(bound, state, rows, self.alike(state, rows)[0].tolist())

    def lacking(self, bound: Bound, state: State, rows: Rows) -> tuple[npt.NDArray[np.int64], list[Shortfall]]:
        """The clause and the distance: the same for rows that lack the same clause by the same inputs of it."""
        if not self.pure:
            return self.each(bound, state, rows, _by_inputs(bound, self.book, rows))
        keys, firsts = self.alike(state, rows)
        numbers = np.zeros(len(rows), np.int64)
        found: list[Shortfall] = []
        for key, first in enumerate(firsts):
            these = np.flatnonzero(keys == key)
            clauses = near_clauses(self.case(bound, state, rows[first]), self.goal)
            reads = self.view.reads(clauses[0]) if len(clauses) == 1 else tuple(self.view.inputs)
            alone = self.alone(bound, clauses[0], rows[these]) if len(clauses) == 1 else None
            if alone is not None and alone.any():
                answered = self.simply(bound, state, clauses[0], rows[these[alone]])
                if answered is not None:
                    numbers[these[alone]] = answered[0] + len(found)
                    found += answered[1]
                    these = these[~alone]
            answered = self.each(bound, state, rows[these], bound.tuples(reads, rows[these]))
            numbers[these] = answered[0] + len(found)
            found += answered[1]
        return numbers, found

    def alone(self, bound: Bound, clause: str, rows: Rows) -> Bits | None:
        """Where one part of a clause fails by a value that is known and the others hold; None unless each part is a column of
        its own."""
        parts = self.parts(clause)
        steps = [step for step in map(_simple, parts) if step is not None]
        if len(steps) < len(parts) or len({step.view.name for step in steps}) < len(steps):
            return None
        held = [holding(bound, part) for part in parts]
        fails = np.sum([each[1][rows] for each in held], axis=0)
        holds = np.sum([each[0][rows] for each in held], axis=0)
        found = np.asarray((fails == 1) & (holds == len(parts) - 1))
        for step, each in zip(steps, held, strict=True):
            if step.bound is not None:
                found &= ~each[1][rows] | bound.numbers(step.view).known[rows]
        return found

    def parts(self, clause: str) -> tuple[Truth, ...]:
        """What must all hold for a clause."""
        truth = self.planned.truths[clause]
        return truth.parts if isinstance(truth, All) else (truth,)

    def simply(
        self, bound: Bound, state: State, clause: str, rows: Rows
    ) -> tuple[npt.NDArray[np.int64], list[Shortfall]] | None:
        """Rows that lack a clause by one fact, or by one column's distance from a constant, its other parts holding.

        What that part lacks is what the whole lacks, since the other parts read other columns. None where it is not so.
        """
        parts = self.parts(clause)
        steps = [_simple(part) for part in parts]
        failing = np.stack([holding(bound, part)[1][rows] for part in parts])
        numbers = np.zeros(len(rows), np.int64)
        found: list[Shortfall] = []
        for place, step in enumerate(steps):
            these = np.flatnonzero(failing[place])
            if not len(these):
                continue
            assert step is not None
            sample, known = self.each(bound, state, rows[these[:1]], [0])
            answered = (
                (np.zeros(len(these), np.int64), known)
                if step.bound is None
                else self.apart(bound, step, clause, rows[these])
            )
            if answered[1][int(answered[0][0])] != known[int(sample[0])]:
                return None  # something else is at play: ask for each
            numbers[these] = answered[0] + len(found)
            found += answered[1]
        return numbers, found

    def apart(
        self, bound: Bound, step: _Step, clause: str, rows: Rows
    ) -> tuple[npt.NDArray[np.int64], list[Shortfall]]:
        """How far a column is from a constant, in the words of an explanation."""
        assert step.bound is not None
        numbers = bound.numbers(step.view)
        unit = next((info.unit for info in self.book.inputs if info.name == step.view.name), None)
        distinct, back = np.unique(numbers.values[rows], return_inverse=True)
        found = []
        for value in distinct:
            gap = abs(WIDE.subtract(step.bound, WIDE.scaleb(int(value), -numbers.scale)))
            told = told_gap(step.operator, gap, step.bound, unit, "zh")
            found.append(Shortfall(False, clause, gap, unit, told))
        return back.astype(np.int64), found

    def alike(self, state: State, rows: Rows) -> tuple[npt.NDArray[np.int64], list[int]]:
        """Rows numbered by how their boolean decisions stand, and the first row of each number."""
        numbers = np.zeros(len(rows), np.int64)
        for name in self.levels:
            holds, fails = (side[rows] for side in state(name))
            numbers = numbers * 3 + np.where(holds, 0, np.where(fails, 1, 2))
            _, numbers = np.unique(numbers, return_inverse=True)
        _, firsts, back = np.unique(numbers, return_index=True, return_inverse=True)
        return back.astype(np.int64), firsts.tolist()

    def each(
        self, bound: Bound, state: State, rows: Rows, keys: Sequence[Any]
    ) -> tuple[npt.NDArray[np.int64], list[Shortfall]]:
        """The shortfall of each row, worked out once for each key."""
        known: dict[Any, int] = {}
        found: list[Shortfall] = []
        numbers = np.zeros(len(rows), np.int64)
        wanted: list[int] = []
        for place, key in enumerate(keys):
            number = known.setdefault(key, len(known))
            if number == len(wanted):
                wanted.append(place)
            numbers[place] = number
        for place, inputs in zip(wanted, self.inputs(bound, rows[wanted]), strict=True):
            found.append(self.short(inputs, _Values(self, state, int(rows[place]), inputs)))
        return numbers, found

    def inputs(self, bound: Bound, rows: Rows) -> Iterator[Mapping[str, object]]:
        """Some rows as inputs of the rule, without what it refuses."""
        names = [entry.name for entry in self.book.inputs]
        for values in bound.tuples(names, rows):
            yield admissible(self.book, dict(zip(names, values, strict=True)))[0]

    def case(self, bound: Bound, state: State, row: int) -> Case:
        """One row as explanations see it."""
        inputs = next(self.inputs(bound, np.asarray([row])))
        return Case(self.view, self.book.input_values(inputs), _Values(self, state, int(row), inputs))


class _Values(Mapping[str, Any]):
    """A row's decisions: true and false from the planes; anything else from the interpreter, when somebody looks."""

    def __init__(self, near: Near, state: State, row: int, inputs: Mapping[str, object]) -> None:
        self.near, self.state, self.row, self.inputs = near, state, row, inputs
        self.known: dict[str, Any] = {}
        self.names = (near.goal, *near.levels)

    def __getitem__(self, name: str) -> Any:
        if name not in self.known:
            if name in self.names:
                holds, fails = self.state(name)
                if holds[self.row] or fails[self.row]:
                    self.known[name] = bool(holds[self.row])
                    return self.known[name]
            self.known |= self.near.book.evaluate(self.inputs, decisions=(name,)).values
        return self.known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True, slots=True)
class _Step:
    """A fact (no bound), or a column against a constant."""

    view: View_
    operator: str = ""
    bound: Decimal | None = None


NEGATED = {">=": "<", ">": "<="}


def _simple(part: Truth) -> _Step | None:
    """A part whose distance one column tells; None where it takes more."""
    inner = part.part if isinstance(part, Not) else part
    if isinstance(inner, Fact):
        return _Step(inner.view)
    if not isinstance(inner, Compare) or inner.paired or inner.operator == "=" or not isinstance(inner.shape, Name):
        return None
    if not isinstance(inner.term, Linear) or inner.term.kind != "number":
        return None
    operator = NEGATED[inner.operator] if isinstance(part, Not) else inner.operator
    return _Step(inner.term.views()[0], operator, inner.bound)


def _by_inputs(bound: Bound, book: Rulebook, rows: Rows) -> list[Any]:
    return bound.tuples((entry.name for entry in book.inputs), rows)


def near_of(book: Rulebook, planned: RulePlan) -> Near | None:
    """What of a rule decides how short a row is; None where the rule has no goal."""
    view = view_of(book)
    goal = view.eligible
    if goal is None or goal not in planned.truths:
        return None
    lacks = lacks_of(view, goal)
    pure = only_clauses(view, goal)
    return Near(book, view, goal, tuple(view.levels()), required_of(view, goal), lacks, pure, shortfalls(book), planned)


__all__ = ["Near", "near_of"]
