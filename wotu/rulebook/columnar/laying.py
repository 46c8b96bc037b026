"""A program's conditions on one table, laid out block by block as the machine code wants them.

What does not depend on the table is worked out once for a program: which conditions read the same term, and, for every number
of decimals and of bytes that a column may have, their bounds as integers. So a table costs what its columns cost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wotu.rulebook.columnar.bind import (
    KINDS,
    LIMIT,
    MOST,
    Bits,
    Bound,
    Numbers,
    Quotients,
    Texts,
    above,
    at_least,
    either,
    factors,
)
from wotu.rulebook.columnar.conditions import Compare, Fact, Lookup, Of, Settled
from wotu.rulebook.columnar.kernel import BLOCK, GIVEN, QUOTIENT, QUOTIENT_MIDDLE, WIDE, Words, packed, words
from wotu.rulebook.columnar.memory import bits, every, told, valid
from wotu.rulebook.columnar.terms import Linear, View

if TYPE_CHECKING:
    from wotu.rulebook.columnar.lookups import Verdicts
    from wotu.rulebook.feel.values import Value

Leaf = Compare | Fact | Lookup | Of | Settled
KIND, FIRST, SECOND, FACTOR, DIVISOR, KNOWN, PATCH, FLAGS, EQUAL, REAL, REGISTER = range(11)
"""The eleven numbers of a condition, as `kernel` says them."""
POSITIVE = 2
"""The flag of a quotient none of whose divisors is negative."""
REMEMBERED = 65_536
"""Texts of which it is remembered what a condition says of them, about."""
Table = npt.NDArray[np.int64]
Leaves = tuple[tuple[int, Compare], ...]
"""Comparisons, each with the register for its planes."""
Place = tuple[int, int, int, int]
"""What is added to FIRST, SECOND, KNOWN and REAL of conditions: where they find what they read."""
Sides = tuple[Words, Words]


@dataclass(frozen=True, eq=False)
class Laid:
    """Conditions, columns[block, column, row] of three widths, known[block, plane, word], given[block, place, side, word]."""

    conditions: Table
    wide: npt.NDArray[np.int64]
    middle: npt.NDArray[np.int32]
    narrow: npt.NDArray[np.int16]
    known: npt.NDArray[np.uint64]
    given: npt.NDArray[np.uint64]

    @property
    def blocks(self) -> int:
        """How many blocks of rows there are."""
        return len(self.wide)


# --- once for a program ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Compared:
    """The conditions that compare one sum with constants."""

    term: Linear
    leaves: Leaves
    made: dict[tuple[int, int], Table] = field(default_factory=dict)

    def table(self, scale: int, width: int) -> Table:
        """The conditions on a column of so many decimals and so wide, wherever it lies.

        A bound beyond what the width holds is put at its end: all numbers there are on the same side of both.
        """
        key = scale, width
        if key not in self.made:
            self.made[key] = np.asarray([self._one(*leaf, scale, width) for leaf in self.leaves], np.int64)
        return self.made[key]

    def _one(self, register: int, leaf: Compare, scale: int, width: int) -> list[int]:
        least, more, most = at_least(leaf.bound, scale), above(leaf.bound, scale), MOST[width]
        bound, equal = more if leaf.operator == ">" else least, leaf.operator == "="
        if equal and (more != least + 1 or not -most < bound < most):
            bound = most  # which no number here is
        return [WIDE + width, 0, 0, max(1 - most, min(most, bound)), 0, 0, -1, 0, int(equal), -1, register]


@dataclass(frozen=True, eq=False)
class Divided:
    """The conditions that compare one quotient with constants, those that ask for equality or the others."""

    over: Linear
    under: Linear
    equal: bool
    leaves: Leaves
    made: dict[tuple[int, int], Factors] = field(default_factory=dict)

    def factors(self, over: int, under: int) -> Factors:
        """The conditions on columns of so many decimals, wherever they lie."""
        key = over, under
        if key not in self.made:
            pairs = [factors(leaf.bound, over, under) for _, leaf in self.leaves]
            self.made[key] = Factors(self.leaves, pairs)
        return self.made[key]


class Factors:
    """Quotients' bounds as factors of their columns: n / m as over * m against under * n."""

    def __init__(self, leaves: Leaves, pairs: Sequence[tuple[int, int]]) -> None:
        self.leaves = leaves
        self.pairs = pairs
        most, least = max(m for m, _ in pairs), max(1, *(abs(n) for _, n in pairs))
        self.most = max(most, least)
        fit = self.most < LIMIT
        self.ends = ((LIMIT - 1) // most, (LIMIT - 1) // least) if fit else (-1, -1)
        """How large the columns may be for the products to fit 64 bits."""
        self.made: dict[tuple[bool, bool], Table] = {}

    def table(self, middle: bool, positive: bool) -> Table:
        """The conditions, where the columns are of 32 bits or of 64, and where no divisor is negative."""
        key = middle, positive
        if key not in self.made:
            kind, flags = QUOTIENT_MIDDLE if middle else QUOTIENT, POSITIVE if positive else 0
            table = [
                [kind, 0, 0, m, n, 0, -1, flags | (leaf.operator == ">"), int(leaf.operator == "="), -1, register]
                for (register, leaf), (m, n) in zip(self.leaves, self.pairs, strict=True)
            ]
            self.made[key] = np.asarray(table, np.int64)
        return self.made[key]


class Conditions:
    """A program's conditions, and what was found out of them that is the same for every table.

    To another process they take along `found` only.
    """

    def __init__(self, leaves: tuple[Leaf, ...], found: dict[tuple[str, int], Any] | None = None) -> None:
        self.leaves = leaves
        self.found = {} if found is None else found
        """What the interpreter said: by ("never", register) whether a comparison is never sure where its term is not known; by
        ("verdicts", register) the `Verdicts` of a condition on texts, where somebody asked for these.
        """
        self.texts: dict[int, dict[Any, int]] = {}
        """By register, what a condition says of each text that was met."""
        self.given: list[tuple[int, Fact | Lookup | Of | Settled]] = []
        self.compared: list[Compared] = []
        self.divided: list[Divided] = []
        groups: dict[tuple[int, bool], list[tuple[int, Compare]]] = {}
        for register, leaf in enumerate(leaves):
            if isinstance(leaf, Compare):
                apart = not isinstance(leaf.term, Linear) and leaf.operator == "="
                groups.setdefault((id(leaf.term), apart), []).append((register, leaf))
            else:
                self.given.append((register, leaf))
        sums: dict[Linear, Linear] = {}
        """Equal sums are one, so that a table need not compare them again."""
        for (_, apart), own in groups.items():
            term = own[0][1].term
            if isinstance(term, Linear):
                self.compared.append(Compared(sums.setdefault(term, term), tuple(own)))
            else:
                over, under = (sums.setdefault(each, each) for each in (term.over, term.under))
                self.divided.append(Divided(over, under, apart, tuple(own)))

    def __reduce__(self) -> tuple[Any, ...]:
        return Conditions, (self.leaves, self.found)

    def never_sure(self, register: int, leaf: Compare) -> bool:
        """Whether a comparison is never sure where something of its term is not known."""
        key = "never", register
        if key not in self.found:
            from wotu.rulebook.columnar.codes import never  # the interpreter, where a program needs it

            self.found[key] = never(leaf)
        return bool(self.found[key])

    def told(self, register: int, leaf: Lookup, texts: Texts) -> npt.NDArray[np.uint8]:
        """What a condition says of texts: 1 where it holds, 2 where it does not."""
        verdicts: Verdicts | None = self.found.get(("verdicts", register))
        plain = verdicts is not None and not leaf.view.allowed
        values = (*texts.words, None) if plain else texts.values
        known = self.texts.get(register, {})
        new = [value for value in values if value not in known]
        if new:
            holds, fails = _looked_up(leaf, new) if verdicts is None else verdicts.of(new)
            known = known if len(known) < REMEMBERED else {each: known[each] for each in values if each in known}
            known = {**known, **dict(zip(new, (holds + 2 * fails).tolist(), strict=True))}
            self.texts[register] = known
        return np.asarray([known[value] for value in values], np.uint8)


def _looked_up(leaf: Lookup, values: Sequence[Value]) -> tuple[Bits, Bits]:
    from wotu.rulebook.columnar.codes import looked_up  # the interpreter, where a program needs it

    return looked_up(leaf.shape, leaf.view, values)


# --- for each table -------------------------------------------------------------------------------------------------


def laid(conditions: Conditions, bound: Bound) -> Laid:
    """A program's conditions on a table; kept with the table."""
    if conditions not in bound.made:
        bound.made[conditions] = _Layout(conditions, bound).laid()
    found: Laid = bound.made[conditions]
    return found


class _Layout:
    """Lays out conditions: each column of numbers once, in the fewest bytes, each plane once."""

    def __init__(self, conditions: Conditions, bound: Bound) -> None:
        self.conditions = conditions
        self.bound = bound
        self.sums: dict[int, Numbers] = {}
        self.columns: dict[tuple[int, int], int] = {}
        self.numbers: tuple[list[Numbers], list[Numbers], list[Numbers]] = ([], [], [])
        """What is laid out in each width."""
        self.places: dict[int, int] = {}
        self.planes: list[Words] = []
        self.given: list[Sides] = []
        self.patched: list[tuple[int, int]] = []
        """Conditions, and the given planes that are added to theirs."""

    def laid(self) -> Laid:
        """All of it."""
        given = [_as_given(register, self.give(self.sides(register, leaf))) for register, leaf in self.conditions.given]
        tables, places, size = [_table(given)], [(0, 0, 0, 0)], len(given)
        groups: tuple[Compared | Divided, ...] = (*self.conditions.compared, *self.conditions.divided)
        for group in groups:  # one column after the other, each while it is in the cache
            table, place = self.compared(group, size) if isinstance(group, Compared) else self.divided(group, size)
            tables.append(table)
            places.append(place)
            size += len(table)
        conditions = np.concatenate(tables)
        conditions[:, (FIRST, SECOND, KNOWN, REAL)] += np.repeat(places, list(map(len, tables)), axis=0)
        for row, pair in self.patched:
            conditions[row, PATCH] = pair
        blocks = -(-words(self.bound.rows) // BLOCK)
        wide, middle, narrow = (self.by_block(width, blocks) for width in range(len(KINDS)))
        known = _by_block(self.planes or [_nothing(self.bound)], blocks)
        sides = [side for pair in self.given for side in pair] or [_nothing(self.bound)] * 2
        pairs = _by_block(sides, blocks).reshape(blocks, len(sides) // 2, 2, BLOCK)
        return Laid(conditions, wide, middle, narrow, known, pairs)

    def by_block(self, width: int, blocks: int) -> npt.NDArray[Any]:
        """Columns of one width as [block, column, row], 0 beyond their ends."""
        numbers, size = self.numbers[width], 64 * BLOCK
        found = np.empty((blocks, max(1, len(numbers)), size), KINDS[width])
        if blocks:
            found[-1, :, 64 * words(self.bound.rows) - (blocks - 1) * size :] = 0
        for place, own in enumerate(numbers):
            own.laid(found, place)
        return found

    # --- numbers ----------------------------------------------------------------------------------------------------

    def sum(self, term: Linear) -> Numbers:
        """A sum of columns."""
        if id(term) not in self.sums:
            self.sums[id(term)] = self.bound.sum(term)
        return self.sums[id(term)]

    def column(self, numbers: Numbers, width: int) -> int:
        """Where a column lies among those of a width."""
        key = id(numbers), width
        if key not in self.columns:
            self.columns[key] = len(self.numbers[width])
            self.numbers[width].append(numbers)
        return self.columns[key]

    def plane(self, rows: Words) -> int:
        """Where a plane of rows lies."""
        if id(rows) not in self.places:
            self.places[id(rows)] = len(self.planes)
            self.planes.append(rows)
        return self.places[id(rows)]

    def compared(self, group: Compared, first: int) -> tuple[Table, Place]:
        """Conditions on one sum."""
        numbers = self.sum(group.term)
        width = numbers.narrowest()
        for place, sides in self.patches(group.leaves, numbers, numbers.strange):
            self.patched.append((first + place, self.give(sides)))
        return group.table(numbers.scale, width), (self.column(numbers, width), 0, self.plane(numbers.plane), 0)

    def divided(self, group: Divided, first: int) -> tuple[Table, Place]:
        """Conditions on one quotient; in integers of any length where products might not fit 64 bits."""
        over, under = self.sum(group.over), self.sum(group.under)
        term, strange, own = (
            Quotients(over, under),
            either(over.strange, under.strange),
            group.factors(over.scale, under.scale),
        )
        if over.top > own.ends[0] or under.top > own.ends[1]:
            exact = {place: _exactly(term, leaf) for place, (_, leaf) in enumerate(group.leaves)}
            for place, (holds, fails) in self.patches(group.leaves, term, strange):
                exact[place] = exact[place][0] | holds, exact[place][1] | fails
            rows = [_as_given(register, self.give(exact[place])) for place, (register, _) in enumerate(group.leaves)]
            return _table(rows), (0, 0, 0, 0)
        for place, sides in self.patches(group.leaves, term, strange):
            self.patched.append((first + place, self.give(sides)))
        middle = max(over.top, under.top, own.most) < MOST[1]
        lies = self.column(over, int(middle)), self.column(under, int(middle))
        real = self.plane(over.plane & under.real)
        known = (self.plane(term.plane), real + 1) if group.equal else (real, 0)  # nothing equals null
        return own.table(middle, under.least >= 0), (*lies, *known)

    def patches(self, leaves: Leaves, term: Numbers | Quotients, strange: Bits | None) -> Iterator[tuple[int, Sides]]:
        """The planes that say what is sure where a term is not known, with the place of the condition in its group."""
        for place, (register, leaf) in enumerate(leaves):
            if strange is None and self.conditions.never_sure(register, leaf):
                continue
            if strange is None and (term.plane == every(self.bound.rows)).all():
                return
            from wotu.rulebook.columnar.codes import open_answers

            opened = open_answers(self.bound, leaf)
            if opened:
                holds, fails = np.zeros(self.bound.rows, np.bool_), np.zeros(self.bound.rows, np.bool_)
                for rows, surely, surely_not in opened:
                    holds[rows], fails[rows] = surely, surely_not
                yield place, (packed(holds), packed(fails))

    # --- planes that are there already --------------------------------------------------------------------------------

    def give(self, sides: Sides) -> int:
        """Where given planes lie."""
        self.given.append(sides)
        return len(self.given) - 1

    def sides(self, register: int, leaf: Fact | Lookup | Of | Settled) -> Sides:
        """Where a condition holds, and where it does not."""
        match leaf:
            case Fact(view=view):
                return self.fact(view)
            case Lookup(view=view):
                texts = self.bound.texts(view)
                return told(texts.codes, self.conditions.told(register, leaf, texts))
            case Of(coded=coded):
                from wotu.rulebook.columnar.codes import answers

                made = answers(self.bound, coded)
                return packed(made.truth(True)), packed(made.truth(False))
        rows, nothing = every(self.bound.rows), _nothing(self.bound)
        return rows if leaf.value is True else nothing, rows if leaf.value is False else nothing

    def fact(self, view: View) -> Sides:
        """A column of truth values."""
        column = self.bound.column(view)
        if pa.types.is_boolean(column.type) and not view.allowed and (data := column.buffers()[1]) is not None:
            sure, said = valid(column), bits(data, column.offset, len(column))
            return sure & said, sure & ~said
        texts = self.bound.texts(view)
        verdicts = np.asarray([1 if each is True else 2 if each is False else 0 for each in texts.values], np.uint8)
        return told(texts.codes, verdicts)


def _table(rows: Sequence[Sequence[int]]) -> Table:
    return np.asarray(rows, np.int64).reshape(-1, REGISTER + 1)


def _as_given(register: int, place: int) -> list[int]:
    """A condition whose planes are there."""
    return [GIVEN, place, 0, 0, 0, 0, -1, 0, 0, -1, register]


def _nothing(bound: Bound) -> Words:
    return np.zeros(words(bound.rows), np.uint64)


def _by_block(planes: Sequence[Words], blocks: int) -> npt.NDArray[np.uint64]:
    """Planes as [block, plane, word], 0 beyond their ends."""
    found = np.zeros((len(planes), blocks * BLOCK), np.uint64)
    for place, plane in enumerate(planes):
        found[place, : len(plane)] = plane
    return np.ascontiguousarray(found.reshape(len(planes), blocks, BLOCK).swapaxes(0, 1))


def _exactly(term: Quotients, leaf: Compare) -> Sides:
    """A quotient compared in integers of any length."""
    null, known = term.null(), term.known
    if leaf.operator == "=":
        holds = term.at_least(leaf.bound) & ~term.above(leaf.bound) & ~null & known
        return packed(holds), packed(known & ~holds)
    found = term.above(leaf.bound) if leaf.operator == ">" else term.at_least(leaf.bound)
    holds = found & ~null & known
    return packed(holds), packed(known & ~null & ~holds)
