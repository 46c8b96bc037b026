"""Conditions of many rules as one program over bit planes: every distinct condition once, every distinct combination once."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from wotu.rulebook.columnar.bind import KINDS, LIMIT, Bound, Numbers, Quotients, Texts, above, at_least, factors
from wotu.rulebook.columnar.conditions import All, Any_, Compare, Fact, Lookup, Named, Not, Of, Settled, Truth, Whole
from wotu.rulebook.columnar.kernel import (
    AND,
    BLOCK,
    COUNT,
    GIVEN,
    NOT,
    OR,
    QUOTIENT,
    QUOTIENT_MIDDLE,
    SHORT_AND,
    SHORT_OR,
    WIDE,
    Words,
    packed,
    unpacked,
    words,
)
from wotu.rulebook.columnar.terms import Term, View

if TYPE_CHECKING:
    from wotu.rulebook.columnar.lookups import Verdicts

SAMPLED = 4
"""Blocks that are worked out once more in two steps, to tell how the time divides."""
Leaf = Compare | Fact | Lookup | Of | Settled
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

    def short(self, truth: Truth, stands: Mapping[str, bool]) -> int:
        """The value that says what is short of a condition; `stands` names the decisions that stand on other boolean ones."""
        match truth:
            case Named(decision=decision, truth=part) if stands.get(decision):
                return self.short(part, stands)
            case All(parts=parts):
                return self.value(SHORT_AND, *(self.short(part, stands) for part in parts))
            case Any_(parts=parts):
                return self.value(SHORT_OR, self.truth(truth), *(self.short(part, stands) for part in parts))
        return self.truth(truth)

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
        return Compiled(
            tuple(self.leaves),
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

    leaves: tuple[Leaf, ...]
    steps: npt.NDArray[np.int64]
    operands: npt.NDArray[np.int64]
    registers: int
    outputs: tuple[int, ...]
    counted: tuple[int, ...]
    """Value numbers whose rows are counted, in the order of `counts`."""
    stages: npt.NDArray[np.int64]
    """Of each stage where its steps end, and where the registers of its values begin and end among the operands."""
    kept: dict[Any, Any] = field(default_factory=dict)
    """What was found out of the conditions that is the same for every table; by their identity in this process."""

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


# --- conditions on one table ----------------------------------------------------------------------------------------

Holding = tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]


@dataclass(eq=False)
class Laid:
    """A program's conditions on one table, laid out block by block as the machine code wants them."""

    conditions: npt.NDArray[np.int64]
    wide: npt.NDArray[np.int64]
    middle: npt.NDArray[np.int32]
    narrow: npt.NDArray[np.int16]
    known: npt.NDArray[np.uint64]
    given: npt.NDArray[np.uint64]

    @property
    def blocks(self) -> int:
        """How many blocks of rows there are."""
        return len(self.wide)


class _Layout:
    """Lays out conditions: each column of numbers once, in the fewest bytes, each plane once."""

    def __init__(self, compiled: Compiled, bound: Bound) -> None:
        self.compiled = compiled
        self.bound = bound
        self.terms: dict[int, tuple[Numbers | Quotients, bool]] = {}
        """Each term's rows, and whether the interpreter has to be asked about some."""
        self.columns: dict[Any, int] = {}
        self.arrays: tuple[list[Any], list[Any], list[Any]] = ([], [], [])
        self.known: dict[Any, int] = {}
        self.planes: list[Words] = []
        self.divisors: dict[int, bool] = {}
        """Of each divisor whether it is negative nowhere."""
        self.given: list[tuple[Words, Words]] = []

    def laid(self) -> Laid:
        blocks = -(-words(self.bound.rows) // BLOCK)
        made = [[*self.condition(leaf), place] for place, leaf in enumerate(self.compiled.leaves)]
        made.sort(key=lambda condition: condition[:3])  # one column after the other, each while it is in the cache
        conditions = np.asarray(made, np.int64).reshape(-1, 11)
        wide, middle, narrow = (
            _by_block(arrays, blocks, 64 * BLOCK, kind) for arrays, kind in zip(self.arrays, KINDS, strict=True)
        )
        known = _by_block(self.planes, blocks, BLOCK, np.uint64)
        sides = [side for pair in self.given for side in pair] or [np.zeros(0, np.uint64)] * 2
        given = _by_block(sides, blocks, BLOCK, np.uint64).reshape(blocks, len(sides) // 2, 2, BLOCK)
        return Laid(conditions, wide, middle, narrow, known, given)

    def condition(self, leaf: Leaf) -> list[int]:
        match leaf:
            case Fact(view=view):
                return self.as_given(_fact(self.bound, view))
            case Lookup(view=view):
                texts = self.bound.texts(view)
                found = self.met(leaf, texts)
                return self.as_given((found[0][texts.codes], found[1][texts.codes]))
            case Of(coded=coded):
                from wotu.rulebook.columnar.codes import answers

                made = answers(self.bound, coded)
                return self.as_given((made.truth(True), made.truth(False)))
            case Settled(value=value):
                every = np.ones(self.bound.rows, np.bool_)
                return self.as_given((every & (value is True), every & (value is False)))
        term, _ = self.term(leaf)
        return self.compared(leaf, term) if isinstance(term, Numbers) else self.divided(leaf, term)

    def met(self, leaf: Lookup, texts: Texts) -> Holding:
        """Of each text whether a condition surely holds, and whether it surely does not."""
        known: Verdicts | None = self.compiled.kept.get(("verdicts", id(leaf)))
        found: Holding
        if known is not None:
            words = texts.values if leaf.view.allowed else (*texts.words, None)
            found = self.compiled.once((id(leaf), words), lambda: known.of(words))
            return found
        from wotu.rulebook.columnar.codes import looked_up  # the interpreter, where a program needs it

        found = self.compiled.once((id(leaf), texts.values), lambda: looked_up(leaf.shape, leaf.view, texts.values))
        return found

    def term(self, leaf: Compare) -> tuple[Numbers | Quotients, bool]:
        key = id(leaf.term)
        if key not in self.terms:
            found = self.bound.term(leaf.term)
            self.terms[key] = found, bool(found.odd.any())
        return self.terms[key]

    def as_given(self, holding: Holding) -> list[int]:
        """Planes that are there already."""
        self.given.append((packed(holding[0]), packed(holding[1])))
        return [GIVEN, len(self.given) - 1, 0, 0, 0, 0, -1, 0, 0, -1]

    def patch(self, leaf: Compare) -> int:
        """The planes that say what is sure where the term is not known; -1 where nothing is."""
        _, odd = self.term(leaf)
        if not odd and self.compiled.once(("never", id(leaf)), lambda: _never(leaf)):
            return -1
        from wotu.rulebook.columnar.codes import open_answers

        opened = open_answers(self.bound, leaf)
        if not opened:
            return -1
        holds, fails = np.zeros(self.bound.rows, np.bool_), np.zeros(self.bound.rows, np.bool_)
        for rows, surely, surely_not in opened:
            holds[rows], fails[rows] = surely, surely_not
        self.given.append((packed(holds), packed(fails)))
        return len(self.given) - 1

    def mask(self, key: Any, bits: Callable[[], npt.NDArray[np.bool_]]) -> int:
        """Where a plane of rows lies."""
        if key not in self.known:
            self.known[key] = len(self.planes)
            self.planes.append(packed(bits()))
        return self.known[key]

    def column(self, numbers: Numbers, width: int | None = None) -> tuple[int, int]:
        """Where a column lies: in which of the three widths (the fewest bytes, unless told), and its place there."""
        if width is None:
            width = numbers.narrowest()
        key = id(numbers), width
        if key not in self.columns:
            self.columns[key] = len(self.arrays[width])
            self.arrays[width].append(numbers.values)
        return width, self.columns[key]

    def compared(self, leaf: Compare, numbers: Numbers) -> list[int]:
        equal = leaf.operator == "="
        least, more = self.compiled.once(
            (id(leaf), numbers.scale), lambda: (at_least(leaf.bound, numbers.scale), above(leaf.bound, numbers.scale))
        )
        some = not equal or more == least + 1
        least = more if leaf.operator == ">" else least
        mask, patch = self.mask(id(numbers), lambda: numbers.known), self.patch(leaf)
        width, place = self.column(numbers)
        if not some or abs(least) > numbers.top + 1:  # the same for every value there is
            holds = numbers.known if some and not equal and least < 0 else np.zeros(self.bound.rows, np.bool_)
            made = self.as_given((holds, numbers.known & ~holds))
            made[6] = patch
            return self.merged(made)
        return [WIDE + width, place, 0, least, 0, mask, patch, 0, int(equal), -1]

    def merged(self, made: list[int]) -> list[int]:
        """Given planes with what is patched in."""
        place, patch = made[1], made[6]
        if patch >= 0:
            pairs = zip(self.given[place], self.given[patch], strict=True)
            holds, fails = (one | other for one, other in pairs)
            self.given[place] = holds, fails
        made[6] = -1
        return made

    def divided(self, leaf: Compare, term: Quotients) -> list[int]:
        scales = term.over.scale, term.under.scale
        m, n = self.compiled.once((id(leaf), scales), lambda: factors(leaf.bound, *scales))
        over, under = term.over, term.under
        if not (over.top * m < LIMIT and under.top * abs(n) < LIMIT):
            made = self.as_given(_exactly(term, leaf))
            made[6] = self.patch(leaf)
            return self.merged(made)
        middle = max(over.top, under.top, m, abs(n)) < 2**31 - 1
        (_, first), (_, second) = self.column(over, int(middle)), self.column(under, int(middle))
        if id(under) not in self.divisors:
            self.divisors[id(under)] = not len(under.values) or int(under.values.min()) >= 0
        flags = int(leaf.operator == ">") | (2 if self.divisors[id(under)] else 0)
        kind, patch = QUOTIENT_MIDDLE if middle else QUOTIENT, self.patch(leaf)
        if leaf.operator == "=":  # nothing equals null
            mask, real = self.mask(id(term), lambda: term.known), self.mask(("real", id(term)), lambda: ~term.null())
            return [kind, first, second, m, n, mask, patch, flags, 1, real]
        mask = self.mask(("of numbers", id(term)), lambda: term.known & ~term.null())
        return [kind, first, second, m, n, mask, patch, flags, 0, -1]


def _never(leaf: Compare) -> bool:
    from wotu.rulebook.columnar.codes import never

    return never(leaf)


def _by_block(arrays: Sequence[Any], blocks: int, length: int, kind: Any) -> npt.NDArray[Any]:
    """Arrays as [block, array, place], of 0 beyond their ends."""
    found = np.zeros((blocks, max(1, len(arrays)), length), kind)
    for place, values in enumerate(arrays):
        whole = len(values) // length
        found[:whole, place] = values[: whole * length].reshape(whole, length)
        if whole < blocks:
            found[whole, place, : len(values) - whole * length] = values[whole * length :]
    return found


def _fact(bound: Bound, view: View) -> Holding:
    column = bound.column(view)
    if pa.types.is_boolean(column.type) and not view.allowed:
        holds = np.asarray(pc.fill_null(column, False))
        return holds, ~np.asarray(pc.fill_null(column, True))
    texts = bound.texts(view)
    sides = [np.asarray([each is side for each in texts.values], np.bool_)[texts.codes] for side in (True, False)]
    return sides[0], sides[1]


def _exactly(term: Quotients, leaf: Compare) -> Holding:
    """In integers of any length."""
    null, known = term.null(), term.known
    if leaf.operator == "=":
        holds = term.at_least(leaf.bound) & ~term.above(leaf.bound) & ~null & known
        return holds, known & ~holds
    found = term.above(leaf.bound) if leaf.operator == ">" else term.at_least(leaf.bound)
    holds = found & ~null & known
    return holds, known & ~null & ~holds


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


# --- running --------------------------------------------------------------------------------------------------------


def laid(compiled: Compiled, bound: Bound) -> Laid:
    """The conditions of a program on a table; kept with the table."""
    if compiled not in bound.made:
        bound.made[compiled] = _Layout(compiled, bound).laid()
    found: Laid = bound.made[compiled]
    return found


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
