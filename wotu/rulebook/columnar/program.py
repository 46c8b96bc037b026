"""Conditions of many rules as one program over bit planes: every distinct condition once, every distinct combination once."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from wotu.rulebook.columnar import kernel
from wotu.rulebook.columnar.bind import LIMIT, Bound, Numbers, Quotients, above, at_least, factors
from wotu.rulebook.columnar.codes import answers, looked_up, open_answers
from wotu.rulebook.columnar.kernel import AND, COUNT, NOT, OR, SHORT_AND, SHORT_OR, Words, packed, unpacked, words
from wotu.rulebook.columnar.plan import All, Any_, Compare, Fact, Lookup, Named, Not, Of, Settled, Truth, Whole
from wotu.rulebook.columnar.terms import View

PIECE = 512
"""Words worked on at a time by one thread: 32,768 rows."""
Leaf = Compare | Fact | Lookup | Of | Settled
Step = tuple[int, int, int, int]


@dataclass(eq=False)
class Program:
    """Steps from conditions to what is wanted of them."""

    leaves: list[Leaf] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    outputs: list[int] = field(default_factory=list)
    """Registers whose planes are kept."""
    counts: int = 0
    known: dict[Any, int] = field(default_factory=dict)
    """The value number of each leaf and each operation."""
    made: int = 0

    def truth(self, truth: Truth) -> int:
        """The value of a condition."""
        match truth:
            case Named(truth=part) | Whole(part=part):
                return self.truth(part)
            case Not(part=part):
                return self.value((NOT, self.truth(part), self.truth(part)))
            case All(parts=parts) | Any_(parts=parts):
                operator = AND if isinstance(truth, All) else OR
                found = [self.truth(part) for part in parts]
                return self.chain(operator, found)
        if truth not in self.known:
            self.known[truth] = self.made
            self.made += 1
            self.leaves.append(truth)
        return self.known[truth]

    def short(self, truth: Truth, stands: Mapping[str, bool]) -> int:
        """The value that says what is short of a condition; `stands` names the decisions that stand on other boolean ones."""
        match truth:
            case Named(decision=decision, truth=part) if stands.get(decision):
                return self.short(part, stands)
            case All(parts=parts):
                return self.chain(SHORT_AND, [self.short(part, stands) for part in parts])
            case Any_(parts=parts):
                ways = self.chain(AND, [self.short(part, stands) for part in parts])
                return self.value((SHORT_OR, self.truth(truth), ways))
        return self.truth(truth)

    def chain(self, operator: int, values: Sequence[int]) -> int:
        """Left to right."""
        found = values[0]
        for value in values[1:]:
            found = self.value((operator, found, value))
        return found

    def value(self, operation: tuple[int, int, int]) -> int:
        """An operation's value number; the same operation is made once."""
        if operation not in self.known:
            self.known[operation] = self.made
            self.made += 1
        return self.known[operation]

    def keep(self, value: int) -> int:
        """Which output holds a value's planes."""
        if value not in self.outputs:
            self.outputs.append(value)
        return self.outputs.index(value)

    def compiled(self, counted: Sequence[int] = ()) -> Compiled:
        """The steps with registers that are used again when nothing needs their value any more."""
        operations = [(key, number) for key, number in self.known.items() if isinstance(key, tuple)]
        leaf = {self.known[truth]: place for place, truth in enumerate(self.leaves)}
        last: dict[int, int] = {}
        for place, ((_, left, right), _) in enumerate(operations):
            last[left] = last[right] = place
        register = dict(leaf)
        free: list[int] = []
        size = len(leaf)
        steps: list[Step] = []
        tally = {value: place for place, value in enumerate(dict.fromkeys(counted))}
        steps += [(COUNT, tally[value], register[value], 0) for value in tally if value in register]
        for place, ((operator, left, right), number) in enumerate(operations):
            if free:
                mine = free.pop()
            else:
                mine, size = size, size + 1
            register[number] = mine
            steps.append((operator, mine, register[left], register[right]))
            if number in tally:
                steps.append((COUNT, tally[number], mine, 0))
            for value in {left, right, number}:
                if last.get(value, place) == place and value not in leaf and value not in self.outputs:
                    free.append(register[value])
        return Compiled(
            tuple(self.leaves),
            np.asarray(steps, np.int64).reshape(-1, 4),
            size,
            tuple(register[value] for value in self.outputs),
            tuple(tally),
        )


@dataclass(frozen=True, eq=False)
class Compiled:
    """A program ready to run."""

    leaves: tuple[Leaf, ...]
    steps: npt.NDArray[np.int64]
    registers: int
    outputs: tuple[int, ...]
    counted: tuple[int, ...]
    """Value numbers whose rows are counted, in the order of `counts`."""


@dataclass(frozen=True, slots=True)
class Planes:
    """What a program came to: outputs[place, 0 or 1, word], and the counts."""

    outputs: npt.NDArray[np.uint64]
    counts: npt.NDArray[np.int64]
    seconds: Mapping[str, float]
    """Spent binding columns, on the conditions and on combining them (the threads' share of each)."""


# --- conditions on one table ----------------------------------------------------------------------------------------

Fill = Callable[[int, int, Words, Words], None]
"""Writes the words from..to of a condition's two planes."""


def prepared(bound: Bound, leaf: Leaf) -> Fill:
    """How a condition's planes are filled for a table; what can be done once for all of it is done here."""
    key = ("fill", leaf)
    if key not in bound.made:
        bound.made[key] = _prepared(bound, leaf)
    found: Fill = bound.made[key]
    return found


def _prepared(bound: Bound, leaf: Leaf) -> Fill:
    match leaf:
        case Fact(view=view):
            return _given(*_fact(bound, view))
        case Lookup(view=view, shape=shape):
            codes, found = looked_up(bound, shape, view)
            return _given(*(np.asarray([each is side for each in found], np.bool_)[codes] for side in (True, False)))
        case Of(coded=coded):
            made = answers(bound, coded)
            return _given(made.truth(True), made.truth(False))
        case Settled(value=value):
            every = np.ones(bound.rows, np.bool_)
            return _given(every & (value is True), every & (value is False))
        case Compare():
            return _tested(bound, leaf)
    raise AssertionError(leaf)


def _fact(bound: Bound, view: View) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    column = bound.column(view)
    if pa.types.is_boolean(column.type) and not view.allowed:
        holds = np.asarray(pc.fill_null(column, False))
        return holds, ~np.asarray(pc.fill_null(column, True))
    texts = bound.texts(view)
    return tuple(np.asarray([each is side for each in texts.values], np.bool_)[texts.codes] for side in (True, False))  # type: ignore[return-value]


def _given(holds: npt.NDArray[np.bool_], fails: npt.NDArray[np.bool_]) -> Fill:
    true, false = packed(holds), packed(fails)

    def fill(start: int, stop: int, into: Words, other: Words) -> None:
        into[:] = true[start:stop]
        other[:] = false[start:stop]

    return fill


def _tested(bound: Bound, test: Compare) -> Fill:
    term = bound.term(test.term)
    opened = open_answers(bound, test)
    equal, strict = test.operator == "=", test.operator == ">"
    fill: Fill
    if isinstance(term, Numbers):
        fill = _compared(bound, test, term)
    else:
        m, n = factors(test.bound, term.over.scale, term.under.scale)
        if term.over.top * m < LIMIT and term.under.top * abs(n) < LIMIT:
            over, under, known = term.over.values, term.under.values, known_words(bound, term)
            run, factor, other_factor = kernel.quotient(), np.int64(m), np.int64(n)

            def fill(start: int, stop: int, into: Words, other: Words) -> None:
                some = slice(64 * start, 64 * stop)
                run(over[some], under[some], factor, other_factor, strict, equal, known[start:stop], into, other)

        else:
            fill = _given(*_exactly(term, test))
    if not opened:
        return fill
    holds, fails = np.zeros(bound.rows, np.bool_), np.zeros(bound.rows, np.bool_)
    for rows, surely, surely_not in opened:
        holds[rows], fails[rows] = surely, surely_not
    more, more_not, inner = packed(holds), packed(fails), fill

    def patched(start: int, stop: int, into: Words, other: Words) -> None:
        inner(start, stop, into, other)
        into |= more[start:stop]
        other |= more_not[start:stop]

    return patched


def _compared(bound: Bound, test: Compare, numbers: Numbers) -> Fill:
    known = known_words(bound, numbers)
    equal = test.operator == "="
    if test.operator == ">":
        least = above(test.bound, numbers.scale)
    else:
        least = at_least(test.bound, numbers.scale)
        equal = equal and least == above(test.bound, numbers.scale) - 1
    values = narrow(bound, numbers)
    sizes = np.iinfo(values.dtype)
    if test.operator == "=" and (not equal or not sizes.min <= least <= sizes.max):
        return _given(np.zeros(bound.rows, np.bool_), numbers.known)
    if least <= sizes.min:
        return _given(numbers.known, np.zeros(bound.rows, np.bool_))
    if least > sizes.max:
        return _given(np.zeros(bound.rows, np.bool_), numbers.known)
    run, border = kernel.compare(), values.dtype.type(least)

    def fill(start: int, stop: int, into: Words, other: Words) -> None:
        run(values[64 * start : 64 * stop], border, equal, known[start:stop], into, other)

    return fill


def _exactly(term: Quotients, test: Compare) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """In integers of any length."""
    null, known = term.null(), term.known
    if test.operator == "=":
        holds = term.at_least(test.bound) & ~term.above(test.bound) & ~null & known
        return holds, known & ~holds
    found = term.above(test.bound) if test.operator == ">" else term.at_least(test.bound)
    holds = found & ~null & known
    return holds, known & ~null & ~holds


def holding(bound: Bound, truth: Truth) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Where a condition surely holds, and where it surely does not."""
    key = ("holding", truth)
    if key not in bound.made:
        program = Program()
        program.keep(program.truth(truth))
        planes = run(program.compiled(), bound).outputs
        bound.made[key] = unpacked(planes[0, 0], bound.rows), unpacked(planes[0, 1], bound.rows)
    found: tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]] = bound.made[key]
    return found


def known_words(bound: Bound, term: Numbers | Quotients) -> Words:
    """Which rows are known, as words."""
    key = ("known", id(term))
    if key not in bound.made:
        bound.made[key] = packed(term.known)
    found: Words = bound.made[key]
    return found


def narrow(bound: Bound, numbers: Numbers) -> npt.NDArray[Any]:
    """The values in the fewest bytes that hold them."""
    key = ("narrow", id(numbers))
    if key not in bound.made:
        kind = np.int16 if numbers.top < 2**15 else np.int32 if numbers.top < 2**31 else np.int64
        bound.made[key] = numbers.values.astype(kind, copy=False)
    found: npt.NDArray[Any] = bound.made[key]
    return found


# --- running --------------------------------------------------------------------------------------------------------


def run(compiled: Compiled, bound: Bound, threads: int = 1) -> Planes:
    """The planes and counts for every row of a table."""
    began = time.perf_counter()
    fills = [prepared(bound, leaf) for leaf in compiled.leaves]
    size = words(bound.rows)
    outputs = np.zeros((len(compiled.outputs), 2, size), np.uint64)
    starts = range(0, size, PIECE)
    combine = kernel.combine()
    seconds = {"bind": time.perf_counter() - began, "atoms": 0.0, "combine": 0.0}

    def work(mine: Sequence[int]) -> tuple[npt.NDArray[np.int64], float, float]:
        planes = np.zeros((max(1, compiled.registers), 2, PIECE), np.uint64)
        counts = np.zeros((max(1, len(compiled.counted)), 2), np.int64)
        filling = combining = 0.0
        for start in mine:
            stop = min(start + PIECE, size)
            count = stop - start
            first = time.perf_counter()
            for place, fill in enumerate(fills):
                fill(start, stop, planes[place, 0, :count], planes[place, 1, :count])
            second = time.perf_counter()
            combine(compiled.steps, planes, counts, count)
            for place, register in enumerate(compiled.outputs):
                outputs[place, :, start:stop] = planes[register, :, :count]
            filling, combining = filling + second - first, combining + time.perf_counter() - second
        return counts, filling, combining

    share = max(1, min(threads, len(starts)))
    if share == 1:
        done = [work(starts)]
    else:
        with ThreadPoolExecutor(share) as pool:
            done = list(pool.map(work, [starts[place::share] for place in range(share)]))
    seconds["atoms"] = sum(each[1] for each in done) / share
    seconds["combine"] = sum(each[2] for each in done) / share
    return Planes(outputs, np.sum([each[0] for each in done], axis=0), seconds)
