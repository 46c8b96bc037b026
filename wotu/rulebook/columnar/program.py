"""Conditions of many rules as one program over bit planes: every distinct condition once, every distinct combination once."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from wotu.rulebook.columnar import laying
from wotu.rulebook.columnar.bind import Bound
from wotu.rulebook.columnar.conditions import All, Any_, Compare, Named, Not, Truth, Whole
from wotu.rulebook.columnar.kernel import (
    AND,
    BLOCK,
    COUNT,
    NOT,
    OR,
    SHORT_AND,
    unpacked,
    words,
)
from wotu.rulebook.columnar.laying import Conditions, Laid, Leaf
from wotu.rulebook.columnar.terms import Term

SAMPLED = 4
"""Blocks that are worked out once more in two steps, to tell how the time divides."""
Step = tuple[int, int, int, int]
Share = TypeVar("Share")
Done = TypeVar("Done")


@dataclass(eq=False)
class Program:
    """Steps from conditions to what is wanted of them."""

    leaves: list[Leaf] = field(default_factory=list)
    outputs: dict[int, int] = field(default_factory=dict)
    """Values whose planes are kept, and in which place."""
    known: dict[Any, int] = field(default_factory=dict)
    """The value number of each leaf and each operation."""
    terms: dict[Term, Term] = field(default_factory=dict)
    made: int = 0
    conditions: Conditions = field(default_factory=lambda: Conditions(()))
    """The conditions, shared by all that is compiled of one program."""

    def truth(self, truth: Truth) -> int:
        """The value of a condition."""
        match truth:
            case Named(truth=part) | Whole(part=part):
                return self.truth(part)
            case Not(part=part):
                return self.value(NOT, self.truth(part))
            case All(parts=parts) | Any_(parts=parts):
                return self.value(AND if isinstance(truth, All) else OR, *map(self.truth, parts))
        if truth not in self.known:
            self.known[truth] = self.made
            self.made += 1
            if isinstance(truth, Compare):  # equal terms are one, so that a layout need not compare them again
                truth = replace(truth, term=self.terms.setdefault(truth.term, truth.term))
            self.leaves.append(truth)
        return self.known[truth]

    def value(self, operator: int, *operands: int) -> int:
        """An operation's value number; the same operation is made once."""
        if len(operands) == 1 and operator in (AND, OR, SHORT_AND):
            return operands[0]
        operation = (operator, *operands)
        if operation not in self.known:
            self.known[operation] = self.made
            self.made += 1
        return self.known[operation]

    def keep(self, value: int) -> int:
        """Which output holds a value's planes."""
        return self.outputs.setdefault(value, len(self.outputs))

    def compiled(self, counted: Sequence[int] = (), stages: Sequence[Stage] | None = None) -> Compiled:
        """The steps with registers that are used again when nothing needs their value any more.

        With `stages` no planes are kept: each stage sees the registers of its values when its steps have run.
        """
        operations = [(key, number) for key, number in self.known.items() if isinstance(key, tuple)]
        leaf = {self.known[truth]: place for place, truth in enumerate(self.leaves)}
        kept = () if stages is not None else tuple(self.outputs)
        tally = {value: place for place, value in enumerate(dict.fromkeys(counted))}
        register = dict(leaf)
        free: list[int] = []
        size = len(leaf)
        steps: list[Step] = [(COUNT, place, at, at + 1) for at, (_, place) in enumerate(_of(tally, leaf))]
        operands = [register[value] for value, _ in _of(tally, leaf)]
        ends: list[tuple[int, int, int]] = []

        def step(operator: int, result: int, values: Sequence[int]) -> None:
            start = len(operands)
            operands.extend(register[value] for value in values)
            steps.append((operator, result, start, len(operands)))

        order = _in_turn(operations, stages or ())
        last = {value: place for place, (_, values) in enumerate(order) for value in values}
        for place, (made, values) in enumerate(order):
            if made is None:
                start = len(operands)
                operands.extend(register[value] for value in values)
                ends.append((len(steps), start, len(operands)))
            else:
                operator, number = made
                if not free:
                    free.append(size)
                    size += 1
                register[number] = free.pop()
                step(operator, register[number], values)
                if number in tally:
                    step(COUNT, tally[number], (number,))
            for value in {*values, *(() if made is None else (made[1],))}:
                if last.get(value, place) == place and value not in leaf and value not in kept:
                    free.append(register[value])
        if len(self.conditions.leaves) != len(self.leaves):
            self.conditions = Conditions(tuple(self.leaves))
        return Compiled(
            self.conditions,
            np.asarray(steps, np.int64).reshape(-1, 4),
            np.asarray(operands, np.int64),
            size,
            tuple(register[value] for value in kept),
            tuple(tally),
            np.asarray(ends, np.int64).reshape(-1, 3),
        )


@dataclass(frozen=True, slots=True)
class Stage:
    """What is looked at together, before further steps run."""

    made: int
    """How many values the program had then."""
    values: tuple[int, ...]


def _of(tally: Mapping[int, int], leaf: Mapping[int, int]) -> list[tuple[int, int]]:
    """Conditions that are counted, with their place."""
    return [(value, place) for value, place in tally.items() if value in leaf]


def _in_turn(
    operations: Sequence[tuple[tuple[int, ...], int]], stages: Sequence[Stage]
) -> list[tuple[tuple[int, int] | None, tuple[int, ...]]]:
    """Operations (what is made: operator and value; of what) in their order, and where each stage looks (nothing is made)."""
    found: list[tuple[tuple[int, int] | None, tuple[int, ...]]] = []
    waiting = iter(operations)
    coming = next(waiting, None)
    for stage in (*stages, Stage(2**62, ())):
        while coming is not None and coming[1] < stage.made:
            (operator, *values), number = coming
            found.append(((operator, number), tuple(values)))
            coming = next(waiting, None)
        found.append((None, stage.values))
    return found[:-1]


@dataclass(frozen=True, eq=False)
class Compiled:
    """A program ready to run."""

    conditions: Conditions
    """They have the first registers, in their order."""
    steps: npt.NDArray[np.int64]
    operands: npt.NDArray[np.int64]
    registers: int
    outputs: tuple[int, ...]
    counted: tuple[int, ...]
    """Value numbers whose rows are counted, in the order of `counts`."""
    stages: npt.NDArray[np.int64]
    """Of each stage where its steps end, and where the registers of its values begin and end among the operands."""
    kept: dict[Any, Any] = field(default_factory=dict)
    """What was found out while it ran, in this process."""

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """Its conditions."""
        return self.conditions.leaves

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "kept": {}}

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """Found out when first asked."""
        if key not in self.kept:
            self.kept[key] = make()
        return self.kept[key]


@dataclass(frozen=True, slots=True)
class Planes:
    """What a program came to: outputs[place, 0 or 1, word], and the counts."""

    outputs: npt.NDArray[np.uint64]
    counts: npt.NDArray[np.int64]
    seconds: Mapping[str, float]
    """Spent binding columns, on conditions (atoms) and on combining them, as the first blocks divide."""


# --- running --------------------------------------------------------------------------------------------------------

Holding = tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]


def holding(bound: Bound, truth: Truth) -> Holding:
    """Where a condition surely holds, and where it surely does not."""
    key = ("holding", truth)
    if key not in bound.made:
        program = Program()
        program.keep(program.truth(truth))
        planes = run(program.compiled(), bound).outputs
        bound.made[key] = unpacked(planes[0, 0], bound.rows), unpacked(planes[0, 1], bound.rows)
    found: Holding = bound.made[key]
    return found


def laid(compiled: Compiled, bound: Bound) -> Laid:
    """The conditions of a program on a table; kept with the table."""
    return laying.laid(compiled.conditions, bound)


def run(compiled: Compiled, bound: Bound, threads: int = 1) -> Planes:
    """The planes and counts for every row of a table."""
    from wotu.rulebook.columnar import machine

    began = time.perf_counter()
    given = laid(compiled, bound)
    outputs = np.zeros((len(compiled.outputs), 2, words(bound.rows)), np.uint64)
    ready = time.perf_counter()
    columns = (given.wide, given.middle, given.narrow, given.known, given.given)
    program = (compiled.steps, compiled.operands, np.asarray(compiled.outputs, np.int64))

    def work(edges: tuple[int, int]) -> npt.NDArray[np.int64]:
        counts = np.zeros((max(1, len(compiled.counted)), 2), np.int64)
        machine.screen(given.conditions, *columns, *program, outputs, counts, *room(compiled), *edges)
        return counts

    edges = np.linspace(0, given.blocks, pieces(threads) + 1, dtype=int).tolist()
    done = at_once(work, list(pairwise(edges)), threads)
    spent, part = time.perf_counter() - ready, share_of_conditions(compiled, bound)
    seconds = {"bind": ready - began, "atoms": spent * part, "combine": spent * (1 - part)}
    return Planes(outputs, np.sum(done, axis=0), seconds)


def room(compiled: Compiled) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """What a block is worked out in: planes for the registers, and a few more."""
    return np.zeros((max(1, compiled.registers), 2, BLOCK), np.uint64), np.zeros((3, BLOCK), np.uint64)


def pieces(threads: int) -> int:
    """Into how many pieces work is cut: several a thread, since some take longer."""
    return 1 if threads == 1 else 4 * threads


def at_once(work: Callable[[Share], Done], shares: Sequence[Share], threads: int) -> list[Done]:
    """The work done on each share, by so many threads."""
    if threads == 1:
        return [work(share) for share in shares]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, shares))


def share_of_conditions(compiled: Compiled, bound: Bound) -> float:
    """How much of the time goes into conditions, as some blocks of the first table say, worked out in two steps for this alone."""
    found: float = compiled.once("share of conditions", lambda: _share_of_conditions(compiled, laid(compiled, bound)))
    return found


def _share_of_conditions(compiled: Compiled, given: Laid) -> float:
    from wotu.rulebook.columnar import machine

    filling = combining = 0.0
    planes, few = room(compiled)
    counts = np.zeros((max(1, len(compiled.counted)), 2), np.int64)
    for block in range(min(given.blocks, SAMPLED)):
        columns = (given.wide[block], given.middle[block], given.narrow[block], given.known[block], given.given[block])
        one = time.perf_counter()
        machine.fill(given.conditions, *columns, planes, few)
        two = time.perf_counter()
        machine.combine(compiled.steps, compiled.operands, planes, counts)
        filling, combining = filling + two - one, combining + time.perf_counter() - two
    return filling / ((filling + combining) or 1)
