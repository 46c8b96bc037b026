"""One rule with a clause otherwise: a threshold, a list, or a clause switched off, and who would come and go by it.

A rule that is being tried has the planes of each of its conditions kept, so that only the changed condition is worked out:
one pass over one column in the fewest bytes, one over the words of the planes. Rows that were changed since the table was
loaded are kept aside as a small table and looked at beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from wotu.rulebook.columnar import quick
from wotu.rulebook.columnar.algebra import of_value
from wotu.rulebook.columnar.bind import KINDS, LIMIT, WIDE, Bound, Numbers, Quotients, above, at_least, factors
from wotu.rulebook.columnar.codes import looked_up, never
from wotu.rulebook.columnar.conditions import All, Any_, Compare, Fact, Lookup, Named, Not, Of, Settled, Truth, Whole
from wotu.rulebook.columnar.figures import Amounts, Choice, Nothing, figure, worked
from wotu.rulebook.columnar.kernel import Words, packed, unpacked, words
from wotu.rulebook.columnar.laying import Leaf
from wotu.rulebook.columnar.memory import every
from wotu.rulebook.columnar.plan import plan
from wotu.rulebook.columnar.program import Program, run
from wotu.rulebook.documents import refuse
from wotu.rulebook.feel import Value
from wotu.rulebook.feel import tree as t
from wotu.rulebook.feel.temporal import make_date

if TYPE_CHECKING:
    from wotu.rulebook.rulebook import Rulebook

Rows = npt.NDArray[np.int64]
Bits = npt.NDArray[np.bool_]
Sides = tuple[Words, Words]
Sum = tuple[Decimal, int]
"""What some rows get together, and how many of them the columns alone do not tell."""
FAR = Decimal("1e1000")
FEW_TEXTS = 256
"""Texts of a column that are kept as a plane each, at most."""
RANK = 2**31 - 1
"""The greatest rank of a quotient."""
FEW_OPEN = 64
"""Of this many rows one may have a bound's rank; if there are more, all quotients are compared."""
PLACES = 12
"""Decimals of an amount at most."""


@dataclass(frozen=True, slots=True)
class Change:
    """One clause otherwise: another bound in its comparison (the `place`-th, from 0), other texts in its list, or off."""

    clause: str
    bound: Decimal | date | None = None
    texts: tuple[str, ...] | None = None
    off: bool = False
    place: int = 0


@dataclass(frozen=True, slots=True)
class Effect:
    """How many were and would be eligible, who comes and who goes (by row), and the amounts in 元 where the rule has one."""

    before: int
    after: int
    gained: npt.NDArray[np.int64]
    lost: npt.NDArray[np.int64]
    amount_before: Decimal | None
    amount_after: Decimal | None


def goal_of(book: Rulebook) -> Truth:
    """The conditions of a rule's outcome."""
    assert book.eligible_name is not None
    return plan(book).truths[book.eligible_name]


class Tried:
    """One rule being tried on a table of which some rows have changed since it was loaded."""

    def __init__(self, book: Rulebook, bound: Bound, threads: int) -> None:
        self.book = book
        self.goal = goal_of(book)
        self.parts = self.goal.parts if isinstance(self.goal, All) else (self.goal,)
        self.loaded = _Layer(book, self.goal, self.parts, bound, threads)
        self.few: _Layer | None = None
        self.paid: Sum | None = None

    def forget(self) -> None:
        """Other rows have changed."""
        self.few = self.paid = None

    def effect(self, change: Change, before: Words, rows: Rows, few: Bound | None) -> Effect:
        """What a change does; `before` is who is eligible now, `rows` those that have changed, with their values in `few`."""
        made = _Changed(change).within(self.parts, self.places(change.clause))
        after = self.loaded.after(made)
        if few is not None:
            if self.few is None:
                self.few = _Layer(self.book, self.goal, self.parts, few, 1)
            quick.overlaid(after, rows, self.few.after(made))
        totals = np.zeros(4, np.int64)
        quick.weighed(before, after, totals)
        gained, lost = np.empty(totals[2], np.int64), np.empty(totals[3], np.int64)
        if len(gained):
            quick.listed(after, before, gained)
        if len(lost):
            quick.listed(before, after, lost)
        amounts = self.amounts(before, gained, lost, rows) if self.loaded.paid is not None else (None, None)
        return Effect(int(totals[0]), int(totals[1]), gained, lost, *amounts)

    def places(self, clause: str) -> list[int]:
        """The parts of the goal that a clause is, or stands in."""
        names = [_names(part) for part in self.parts]
        found = [place for place, own in enumerate(names) if clause in own]
        if not found:
            known = "、".join(dict.fromkeys(name for own in names for name in own))
            raise refuse("试算", f"规则“{self.book.name}”没有条款“{clause}”", f"现有：{known}")
        return found

    def amounts(self, before: Words, gained: Rows, lost: Rows, rows: Rows) -> tuple[Decimal | None, Decimal | None]:
        """The sums; None where an amount is not known by its columns alone."""
        if self.paid is None:
            self.paid = self.sum(np.flatnonzero(unpacked(before, self.loaded.bound.rows)), rows)
        (total, asked), (more, more_asked), (less, less_asked) = self.paid, self.sum(gained, rows), self.sum(lost, rows)
        after = WIDE.subtract(WIDE.add(total, more), less)
        return None if asked else total, None if asked + more_asked - less_asked else after

    def sum(self, some: Rows, changed: Rows) -> Sum:
        """What some rows get, by the values they have now."""
        if self.few is None or not len(some):
            return self.loaded.sum(some)
        places = np.minimum(np.searchsorted(changed, some), len(changed) - 1)
        now = changed[places] == some
        (total, asked), (other, other_asked) = self.loaded.sum(some[~now]), self.few.sum(places[now])
        return WIDE.add(total, other), asked + other_asked


class _Layer:
    """A rule's conditions on one table, each with its planes."""

    def __init__(self, book: Rulebook, goal: Truth, parts: Sequence[Truth], bound: Bound, threads: int) -> None:
        self.book, self.goal, self.bound, self.threads = book, goal, bound, threads
        program = Program()
        held = [program.keep(program.truth(part)) for part in parts]
        leaves = {leaf: program.keep(program.known[leaf]) for leaf in program.leaves}
        planes = self.run(program)
        self.leaves: dict[Leaf, Sides] = {leaf: (planes[place, 0], planes[place, 1]) for leaf, place in leaves.items()}
        self.holds = [planes[place, 0] for place in held]
        self.others: dict[tuple[int, ...], Words] = {}
        self.columns: dict[Any, Any] = {}

    def run(self, program: Program) -> Words:
        """A program's outputs, without keeping what it needed for them."""
        compiled = program.compiled()
        found: Words = run(compiled, self.bound, self.threads).outputs
        self.bound.made.pop(compiled.conditions, None)
        return found

    def after(self, made: Mapping[int, Truth]) -> Words:
        """Who is eligible where some parts of the goal are others."""
        places = tuple(made)
        if places not in self.others:
            rest = [plane for other, plane in enumerate(self.holds) if other not in made]
            self.others[places] = np.bitwise_and.reduce([self.every, *rest])
        found = self.others[places]
        for part in made.values():
            found = found & self.planes(part)[0]
        return found

    @cached_property
    def every(self) -> Words:
        """All rows."""
        return every(self.bound.rows)

    def planes(self, truth: Truth) -> Sides:
        """Where a condition surely holds, and where it surely does not."""
        match truth:
            case Named(truth=part) | Whole(part=part):
                return self.planes(part)
            case Not(part=part):
                holds, fails = self.planes(part)
                return fails, holds
            case All(parts=parts) | Any_(parts=parts):
                sides = [self.planes(part) for part in parts]
                one, other = (np.bitwise_and, np.bitwise_or)[:: 1 if isinstance(truth, All) else -1]
                return one.reduce([yes for yes, _ in sides]), other.reduce([no for _, no in sides])
        kept = self.leaves.get(truth)
        return self.made(truth) if kept is None else kept

    def made(self, leaf: Leaf) -> Sides:
        """The planes of a condition that the rule does not have."""
        found: Sides | None = None
        match leaf:
            case Settled(value=value):
                nothing = np.zeros_like(self.every)
                return (self.every if value is True else nothing), (self.every if value is False else nothing)
            case Lookup():
                return self.picked(leaf)
            case Compare() if self.unsure(leaf):
                term = self.bound.term(leaf.term)
                found = self.bounded(leaf, term) if isinstance(term, Numbers) else self.divided(leaf, term)
            case Fact() | Of() | Compare():
                pass
        if found is None:
            program = Program()
            program.keep(program.truth(leaf))
            planes = self.run(program)
            found = planes[0, 0], planes[0, 1]
        return found

    def unsure(self, leaf: Compare) -> bool:
        """Whether a comparison is never sure where its term is not known.

        What is sure for no bound far out on either side has no ends, and so is sure for none between; that is asked once.
        """
        if leaf.operator != "=" and abs(leaf.bound) <= FAR:
            key = "unsure", leaf.shape, leaf.term, leaf.operator
            if key not in self.columns:
                self.columns[key] = all(never(replace(leaf, bound=end)) for end in (FAR, -FAR))
            if self.columns[key]:
                return True
        return never(leaf)

    # --- one column -------------------------------------------------------------------------------------------------

    def blank(self) -> Sides:
        """Room for two planes."""
        size = words(self.bound.rows)
        return np.empty(size, np.uint64), np.empty(size, np.uint64)

    def column(self, numbers: Numbers, most: int = len(KINDS)) -> Any:
        """Numbers in the fewest bytes (in those of the kind named, or more), in whole words."""
        kind = min(most, numbers.narrowest())
        key = id(numbers), kind
        if key not in self.columns:
            self.columns[key] = numbers.whole_words(KINDS[kind])
        return self.columns[key]

    def sides(self, term: Quotients) -> tuple[Any, Any]:
        """What is divided and what by, in as many bytes."""
        kind = min(1, term.over.narrowest(), term.under.narrowest())
        return self.column(term.over, kind), self.column(term.under, kind)

    def known(self, term: Numbers | Quotients) -> Words | None:
        """Where a term is known; None where the interpreter has to be asked of some rows."""
        return None if term.strange is not None else term.plane

    def bounded(self, leaf: Compare, numbers: Numbers) -> Sides | None:
        """A number compared with a constant."""
        known = self.known(numbers)
        if known is None:
            return None
        values, equal = self.column(numbers), leaf.operator == "="
        least, more = at_least(leaf.bound, numbers.scale), above(leaf.bound, numbers.scale)
        bound = more if leaf.operator == ">" else least
        if (equal and more != least + 1) or abs(bound) > numbers.top:
            holds = not equal and bound < -numbers.top
            return (known, np.zeros_like(known)) if holds else (np.zeros_like(known), known)
        yes, no = self.blank()
        quick.bounded(values, known, bound, int(equal), yes, no)
        return yes, no

    def divided(self, leaf: Compare, term: Quotients) -> Sides | None:
        """A quotient compared with a constant."""
        known, over, under = self.known(term), term.over, term.under
        m, n = factors(leaf.bound, over.scale, under.scale)
        if known is not None and (found := self.ranked(leaf, term, m, n)) is not None:
            return found
        if known is None or not (over.top * m < LIMIT and under.top * abs(n) < LIMIT) or max(m, abs(n)) >= LIMIT:
            return None
        yes, no = self.blank()
        quick.divided(*self.sides(term), known, m, n, int(leaf.operator == "="), int(leaf.operator == ">"), yes, no)
        return yes, no

    def ranked(self, leaf: Compare, term: Quotients, m: int, n: int) -> Sides | None:
        """The same by the quotients' ranks, and by themselves only where these do not tell; None where that is many rows."""
        key, room = ("ranks", id(term)), 62 - term.over.top.bit_length()
        if key not in self.columns:
            self.columns[key] = Ranks.of(*self.sides(term), room, term.plane & term.under.real)
        ranks: Ranks = self.columns[key]
        place = ranks.place(m, n)
        if not -RANK < place < RANK:
            return None
        above, same = self.blank()
        quick.ranked(ranks.ranks, ranks.real, place, above, same)
        open_ = np.empty(int(np.bitwise_count(same).sum()), np.int64)
        if len(open_) > self.bound.rows // FEW_OPEN:
            return None
        quick.listed(same, np.zeros_like(same), open_)
        equal = leaf.operator == "="
        yes = np.zeros_like(above) if equal else above
        if len(open_):
            over, under = (side[open_].astype(object) for side in self.sides(term))
            gap = (over * m - under * n) * np.where(under < 0, -1, 1)
            holds = gap == 0 if equal else gap > 0 if leaf.operator == ">" else gap >= 0
            some = open_[np.asarray(holds, np.bool_)]
            np.bitwise_or.at(yes, some >> 6, np.uint64(1) << (some & 63).astype(np.uint64))
        return yes, (term.plane if equal else ranks.real) & ~yes

    def picked(self, leaf: Lookup) -> Sides:
        """A condition on a text: a plane for each text, where these are few."""
        texts = self.bound.texts(leaf.view)
        holds, fails = _met(leaf, texts.values)
        if len(texts.values) > FEW_TEXTS:
            return packed(holds[texts.codes]), packed(fails[texts.codes])
        key = "texts", id(texts)
        if key not in self.columns:
            self.columns[key] = [packed(texts.codes == code) for code in range(len(texts.values))]
        yes, other = self.united(key, holds), self.united(key, ~holds & ~fails)
        return yes, self.every & ~(yes | other)

    def united(self, key: Any, codes: Bits) -> Words:
        """The rows with one of some texts."""
        found = np.zeros_like(self.every)
        for code in np.flatnonzero(codes).tolist():
            np.bitwise_or(found, self.columns[key][code], out=found)
        return found

    # --- amounts ----------------------------------------------------------------------------------------------------

    @cached_property
    def paid(self) -> Amounts | None:
        """What each row would get if it were eligible; None where the rule has no amount of that shape."""
        name = next((info.name for info in self.book.decisions if info.kind == "amount" or info.name == "金额"), None)
        node = None if name is None else figure(self.book, name)
        goal = Named(str(self.book.eligible_name), self.goal)
        if not isinstance(node, Choice) or node.condition != goal or not isinstance(node.otherwise, Nothing):
            return None
        found = worked(self.bound, node.then)
        return found if found.under is None and found.scale <= PLACES else None

    def sum(self, rows: Rows) -> Sum:
        """What some rows get together."""
        if self.paid is None:
            return Decimal(0), len(rows)
        paid = self.paid
        if self.payable.dtype == object:
            total = sum(map(int, self.payable[rows]))
        else:
            quick.totalled(self.payable, rows, said := np.empty(2, np.int64))
            total = (int(said[0]) << 32) + int(said[1])
        return WIDE.scaleb(Decimal(total), -paid.scale), int(paid.ask[rows].sum()) if self.asking else 0

    @cached_property
    def payable(self) -> npt.NDArray[Any]:
        """What the columns tell of each row's amount, in the fewest bytes; 0 where they do not tell or there is none."""
        assert self.paid is not None
        values = np.where(self.paid.known & ~self.paid.ask, self.paid.values, 0)
        if values.dtype == object or not len(values):
            return values
        top = max(int(values.max()), -int(values.min()))
        return values.astype(next(kind for kind in reversed(KINDS) if top <= np.iinfo(kind).max or kind is np.int64))

    @cached_property
    def asking(self) -> bool:
        """Whether there are amounts that the columns do not tell."""
        return self.paid is not None and bool(self.paid.ask.any())


@dataclass(frozen=True, slots=True)
class Ranks:
    """Quotients in their order as numbers of 32 bits: rounded down to the next 2^-shift, the largest ones alike.

    One of a greater rank than a bound's is above it, one of a lesser rank below; where the ranks are alike, the quotient and the
    bound are compared as they are.
    """

    ranks: npt.NDArray[np.int32]
    shift: int
    real: Words
    """The rows where both are known and the divisor is not 0."""

    @classmethod
    def of(cls, over: npt.NDArray[Any], under: npt.NDArray[Any], room: int, real: Words) -> Ranks:
        """Ranks of quotients of which what is divided may be shifted so far; what is not real has some rank too."""
        found = (over.astype(np.int64) << room) // np.where(under == 0, 1, under)  # rounded down, whatever the signs
        some = np.abs(found[unpacked(real, len(found))])
        most = len(some) * 99 // 100
        usual = int(np.partition(some, most)[most]) if len(some) else 0
        less = max(0, usual.bit_length() - 30)
        ranks = np.clip(found >> less, -RANK, RANK).astype(np.int32)
        return cls(ranks, room - less, real)

    def place(self, m: int, n: int) -> int:
        """The rank of a bound n / m."""
        return (n << self.shift) // m if self.shift >= 0 else n // (m << -self.shift)


def _names(truth: Truth) -> list[str]:
    match truth:
        case Named(decision=decision, truth=part):
            return [decision, *_names(part)]
        case Not(part=part) | Whole(part=part):
            return _names(part)
        case All(parts=parts) | Any_(parts=parts):
            return [name for part in parts for name in _names(part)]
    return []


def _met(leaf: Lookup, values: Sequence[Value]) -> tuple[Bits, Bits]:
    """Of each value whether a condition surely holds, and whether it surely does not; whether a text is on a list is seen at once."""
    match leaf.shape:
        case t.In(value=t.Name(), tests=tests):
            listed = [
                test.value.value
                for test in tests
                if isinstance(test, t.ValueTest) and isinstance(test.value, t.StringLiteral)
            ]
            if len(listed) == len(tests):
                holds = np.asarray([value in listed for value in values], np.bool_)
                others = [place for place, value in enumerate(values) if not isinstance(value, str)]
                fails = ~holds
                if listed and not leaf.view.allowed:  # nothing is known of it, so that it may be any text
                    fails[others] = False
                    return holds, fails
                holds[others], fails[others] = looked_up(leaf.shape, leaf.view, [values[place] for place in others])
                return holds, fails
    return looked_up(leaf.shape, leaf.view, values)


def changed_goal(book: Rulebook, change: Change) -> Truth:
    """The conditions of a rule's outcome with a change in them; RulebookError where there is nothing to change."""
    return _Changed(change).within([goal_of(book)], [0])[0]


class _Changed:
    """Puts a change into the clause it names, wherever that stands."""

    def __init__(self, change: Change) -> None:
        self.change = change
        self.left = change.place
        self.done = False
        self.clause: Truth | None = None

    def within(self, parts: Sequence[Truth], places: Iterable[int]) -> dict[int, Truth]:
        """Some parts with the change; RulebookError where there is nothing to change."""
        made = {place: self.find(parts[place]) for place in places}
        if not self.done:
            what = "没有可以改的名单" if self.change.texts is not None else "没有可以改的界限"
            raise refuse("试算", f"条款“{self.change.clause}”{what}", "请换一个条款，或把它关掉")
        return made

    def find(self, truth: Truth) -> Truth:
        match truth:
            case Named(decision=decision, truth=part):
                if decision != self.change.clause:
                    return Named(decision, self.find(part))
                if self.clause is None:
                    self.clause = Settled(True) if self.change.off else Named(decision, self.inside(part))
                    self.done = self.done or self.change.off
                return self.clause
            case Not(part=part):
                return Not(self.find(part))
            case Whole(part=part):
                return Whole(self.find(part))
            case All(parts=parts):
                return All(tuple(map(self.find, parts)))
            case Any_(parts=parts):
                return Any_(tuple(map(self.find, parts)))
        return truth

    def inside(self, truth: Truth) -> Truth:
        match truth:
            case Compare() if self.change.bound is not None and not self.done:
                return self.bounded(truth)
            case Lookup(view=view) if self.change.texts is not None and not self.done:
                self.done = True
                tests = tuple(t.ValueTest(t.StringLiteral(text)) for text in self.change.texts)
                return Lookup(view, t.In(t.Name(view.label), tests))
            case Not(part=part):
                return Not(self.inside(part))
            case Whole(part=part):
                return Whole(self.inside(part))
            case Named(decision=decision, truth=part):
                return Named(decision, self.inside(part))
            case All(parts=parts):
                return All(tuple(map(self.inside, parts)))
            case Any_(parts=parts):
                return Any_(tuple(map(self.inside, parts)))
        return truth

    def bounded(self, compare: Compare) -> Truth:
        if self.left:
            self.left -= 1
            return compare
        bound = self.change.bound
        value = make_date(bound.year, bound.month, bound.day) if isinstance(bound, date) else bound
        term = of_value(value)
        if compare.paired or term is None or term.kind != compare.term.kind:
            raise refuse("试算", f"条款“{self.change.clause}”的界限不能是 {bound}", "请给同一种值")
        self.done = True
        return replace(compare, bound=term.constant)


__all__ = ["Change", "Effect", "Tried", "changed_goal", "goal_of"]
