"""Rows one clause short, and what would settle others: only those rows are looked at closer, each kind of row once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wotu.rulebook.columnar.bind import Bound, Rows
from wotu.rulebook.columnar.interpreted import admissible, plainly
from wotu.rulebook.columnar.outcomes import NUMBER
from wotu.rulebook.columnar.plan import All, Any_, Named, Not, RulePlan, Truth, Whole
from wotu.rulebook.columnar.shortfall import Shortfall, required_of, shortfalls
from wotu.rulebook.explain.build import view_of
from wotu.rulebook.explain.settle import near_clauses
from wotu.rulebook.explain.view import Case, TableView, View

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
    stands: Mapping[str, bool]
    """Whether a boolean decision stands on other boolean ones (by tree), the goal included."""
    pure: bool
    """Whether the goal, and each such decision, is nothing but and, or and not of boolean decisions."""
    short: Callable[[Mapping[str, object], Mapping[str, Any]], Shortfall] = field(repr=False)

    def columns(self, bound: Bound, state: State, near: Bits) -> dict[str, pa.Array]:
        """near, distance, distance_unit, distance_text and settles of every row; `near` says which rows are one short."""
        holds, fails = state(self.goal)
        unsure = np.zeros(bound.rows, np.int64)
        for name in self.required:
            unsure += ~state(name)[0]
        open_rows = ~holds & ~fails & (unsure <= 1)
        near = near & (unsure <= 1)
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
        reads: list[tuple[str, ...]] = []
        for first in firsts:
            case = self.case(bound, state, rows[first])
            clauses = near_clauses(case, self.goal)
            reads.append(self.view.reads(clauses[0]) if len(clauses) == 1 else tuple(self.view.inputs))
        inputs = {name: bound.table[name].take(pa.array(rows)).to_pylist() for name in {n for r in reads for n in r}}
        found = [(int(key), *(inputs[name][place] for name in reads[key])) for place, key in enumerate(keys)]
        return self.each(bound, state, rows, found)

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
        columns = [bound.table[name].take(pa.array(rows)).to_pylist() for name in names]
        for values in zip(*columns, strict=True):
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


def _by_inputs(bound: Bound, book: Rulebook, rows: Rows) -> list[Any]:
    names = [entry.name for entry in book.inputs]
    return list(zip(*(bound.table[name].take(pa.array(rows)).to_pylist() for name in names), strict=True))


def near_of(book: Rulebook, planned: RulePlan) -> Near | None:
    """What of a rule decides how short a row is; None where the rule has no goal."""
    view = view_of(book)
    goal = view.eligible
    if goal is None or goal not in planned.truths:
        return None
    levels = tuple(view.levels())
    stands = {name: _stands(view, name) for name in (goal, *levels)}
    pure = all(_pure(planned.truths[name]) for name in (goal, *levels) if stands[name])
    return Near(book, view, goal, levels, required_of(view, goal), stands, pure, shortfalls(book))


def _stands(view: View, name: str) -> bool:
    owner = view.decisions[name]
    by_tree = owner.logic is not None and not isinstance(owner.logic, TableView)
    return by_tree and any(view.decisions[lower].boolean for lower in owner.decisions())


def _pure(truth: Truth) -> bool:
    match truth:
        case Named():
            return True
        case Not(part=part) | Whole(part=part):
            return _pure(part)
        case All(parts=parts) | Any_(parts=parts):
            return all(map(_pure, parts))
    return False


__all__ = ["Near", "near_of"]
