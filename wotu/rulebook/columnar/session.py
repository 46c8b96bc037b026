"""What if: a table loaded once, a threshold, a list or a clause changed, and who would gain or lose by it at once.

Also the way to keep a screening up to date: only the enterprises that changed are looked at again.

    session = Session(books, table)
    session.what_if("高新技术企业认定", Change("科技人员占比", bound=Decimal("0.08")))   # Effect(before, after, gained, lost, …)
    session.update(rows, table_of_those_rows)                                       # {rule: rows whose verdict changed}
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wotu.rulebook.columnar.bind import Bound, Numbers, above, at_least
from wotu.rulebook.columnar.codes import never
from wotu.rulebook.columnar.conditions import All, Any_, Compare, Lookup, Named, Not, Settled, Truth, Whole
from wotu.rulebook.columnar.figures import Amounts, Choice, Nothing, figure, worked
from wotu.rulebook.columnar.interpreted import lacking
from wotu.rulebook.columnar.kernel import GIVEN, QUOTIENT, Words, packed, unpacked
from wotu.rulebook.columnar.plan import plan
from wotu.rulebook.columnar.program import Compiled, Laid, Program, holding, laid, run
from wotu.rulebook.columnar.terms import of_value
from wotu.rulebook.documents import refuse
from wotu.rulebook.feel import tree as t
from wotu.rulebook.feel.temporal import make_date
from wotu.rulebook.findings import RulebookError

if TYPE_CHECKING:
    from wotu.rulebook.rulebook import Rulebook


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


class Session:
    """Some rules over one table, kept in memory; not for several threads at once."""

    def __init__(self, books: Sequence[Rulebook], table: pa.Table, *, threads: int = 1) -> None:
        findings = [finding for book in books for finding in lacking(book, table.column_names)]
        if findings:
            raise RulebookError(findings)
        self.books = {book.name: book for book in books if book.eligible_name is not None}
        self.threads = threads
        self.bound = Bound(table)
        program = Program()
        for book in self.books.values():
            program.keep(program.truth(_goal(book)))
        self.compiled: Compiled = program.compiled()
        self.places = {name: program.keep(program.truth(_goal(book))) for name, book in self.books.items()}
        self.planes = run(self.compiled, self.bound, threads).outputs
        self.open: dict[str, _Open] = {}

    def counts(self) -> dict[str, tuple[int, int, int]]:
        """For each rule: eligible, not, not known."""
        found = {}
        for name, place in self.places.items():
            yes, no = (int(np.bitwise_count(self.planes[place, side]).sum()) for side in (0, 1))
            found[name] = yes, no, self.bound.rows - yes - no
        return found

    def what_if(self, rule: str, change: Change) -> Effect:
        """The effect of a change on one rule; RulebookError where the rule has no such clause or nothing to change in it."""
        if rule not in self.books:
            raise refuse("试算", f"没有规则“{rule}”", f"现有：{'、'.join(self.books)}")
        if rule not in self.open:
            self.open[rule] = _Open(self.books[rule], self.bound, self.threads)
        return self.open[rule].effect(change)

    def update(self, rows: npt.NDArray[np.int64], changed: pa.Table) -> dict[str, int]:
        """Put other values into some rows; for each rule how many of those rows are answered otherwise than before."""
        flips = self.answered(rows, changed)
        self.bound = Bound(_replaced(self.bound.table, rows, changed))
        self.open.clear()
        return flips

    def answered(self, rows: npt.NDArray[np.int64], changed: pa.Table) -> dict[str, int]:
        """Put the answers for other values into some rows of the planes, not the values themselves."""
        answered = run(self.compiled, Bound(changed)).outputs
        flips: dict[str, int] = {}
        words, bits = rows >> 6, np.uint64(1) << (rows & 63).astype(np.uint64)
        for name, place in self.places.items():
            differs = np.zeros(len(rows), np.bool_)
            for side in (0, 1):
                plane = self.planes[place, side]
                before, after = (plane[words] & bits) != 0, unpacked(answered[place, side], len(rows))
                changes = before != after
                differs |= changes
                np.bitwise_xor.at(plane, words[changes], bits[changes])
            flips[name] = int(differs.sum())
        return flips


def _replaced(table: pa.Table, rows: npt.NDArray[np.int64], changed: pa.Table) -> pa.Table:
    places = np.arange(table.num_rows)
    places[rows] = table.num_rows + np.arange(len(rows))
    return pa.concat_tables([table, changed.select(table.column_names).cast(table.schema)]).take(pa.array(places))


def _goal(book: Rulebook) -> Truth:
    assert book.eligible_name is not None
    return plan(book).truths[book.eligible_name]


class _Open:
    """One rule being tried: the planes of what its goal is made of."""

    def __init__(self, book: Rulebook, bound: Bound, threads: int) -> None:
        self.book, self.bound, self.threads = book, bound, threads
        self.goal = _goal(book)
        self.parts = self.goal.parts if isinstance(self.goal, All) else (self.goal,)
        program = Program()
        for part in (self.goal, *self.parts):
            program.keep(program.truth(part))
        compiled = program.compiled()
        self.outputs = [program.keep(program.truth(part)) for part in (self.goal, *self.parts)]
        self.planes = run(compiled, bound, threads).outputs
        self.leaves = {leaf: place for place, leaf in enumerate(compiled.leaves)}
        self.laid: Laid = laid(compiled, bound)
        holds = [self.planes[place, 0] for place in self.outputs[1:]]
        self.others: list[Words] = []
        """For each part where all the others hold."""
        for place in range(len(holds)):
            rest = [plane for other, plane in enumerate(holds) if other != place]
            every = packed(np.ones(bound.rows, np.bool_))
            self.others.append(np.bitwise_and.reduce([every, *rest]))

    def effect(self, change: Change) -> Effect:
        place = self.place(change.clause)
        before = self.planes[self.outputs[0], 0]
        after = self.others[place] & self.changed(self.parts[place], change)
        gained, lost = after & ~before, before & ~after
        rows = [np.flatnonzero(unpacked(plane, self.bound.rows)) if plane.any() else _NONE for plane in (gained, lost)]
        amounts = self.amounts(before, after) if self.paid is not None else (None, None)
        return Effect(_count(before), _count(after), rows[0], rows[1], *amounts)

    def place(self, clause: str) -> int:
        """The part of the goal that a clause is, or stands in."""
        for place, part in enumerate(self.parts):
            if clause in set(_names(part)):
                return place
        known = [name for part in self.parts for name in _names(part)]
        raise refuse("试算", f"规则“{self.book.name}”没有条款“{clause}”", f"现有：{'、'.join(dict.fromkeys(known))}")

    def changed(self, part: Truth, change: Change) -> Words:
        """Where a part would hold."""
        made = _Changed(change).of(part)
        quick = self.quickly(part, made)
        return packed(holding(self.bound, made)[0]) if quick is None else quick

    def quickly(self, part: Truth, made: Truth) -> Words | None:
        """The same for a part that is one comparison: only its bound is another, columns and planes lie there already."""
        (old, flipped), (new, _) = _bare(part), _bare(made)
        if not isinstance(old, Compare) or not isinstance(new, Compare) or old not in self.leaves or not never(new):
            return None
        from wotu.rulebook.columnar import machine

        term = self.bound.term(new.term)
        row = self.laid.conditions[self.leaves[old]].copy()
        if not isinstance(term, Numbers) or row[0] == GIVEN or row[0] >= QUOTIENT or row[6] >= 0 or new.operator == "=":
            return None
        row[3] = above(new.bound, term.scale) if new.operator == ">" else at_least(new.bound, term.scale)
        if abs(int(row[3])) > term.top + 1:
            return None
        size = self.planes.shape[2]
        found = np.zeros((1, 2, size), np.uint64)
        columns = (self.laid.wide, self.laid.middle, self.laid.narrow, self.laid.known, self.laid.given)
        nothing = np.zeros((0, 4), np.int64), np.zeros(0, np.int64)
        machine.screen(
            row.reshape(1, -1),
            *columns,
            *nothing,
            1,
            np.zeros(1, np.int64),
            found,
            np.zeros((1, 2), np.int64),
            0,
            self.laid.blocks,
        )
        plane: Words = found[0, 1 if flipped else 0]
        return plane

    @cached_property
    def paid(self) -> Amounts | None:
        """What each row would get if it were eligible; None where the rule has no amount of that shape."""
        name = next((info.name for info in self.book.decisions if info.kind == "amount" or info.name == "金额"), None)
        node = None if name is None else figure(self.book, name)
        goal = Named(str(self.book.eligible_name), self.goal)
        if not isinstance(node, Choice) or node.condition != goal or not isinstance(node.otherwise, Nothing):
            return None
        return worked(self.bound, node.then)

    def amounts(self, before: Words, after: Words) -> tuple[Decimal | None, Decimal | None]:
        """The sums; None where an amount is not known by its columns alone."""
        assert self.paid is not None
        found: list[Decimal | None] = []
        for plane in (before, after):
            rows = unpacked(plane, self.bound.rows)
            if (self.paid.ask & rows).any():
                found.append(None)
            else:
                total = int(self.paid.values[rows & self.paid.known].sum(dtype=object) or 0)
                found.append(Decimal(total).scaleb(-self.paid.scale))
        return found[0], found[1]


_NONE = np.zeros(0, np.int64)


def _count(plane: Words) -> int:
    return int(np.bitwise_count(plane).sum())


def _names(truth: Truth) -> list[str]:
    match truth:
        case Named(decision=decision, truth=part):
            return [decision, *_names(part)]
        case Not(part=part) | Whole(part=part):
            return _names(part)
        case All(parts=parts) | Any_(parts=parts):
            return [name for part in parts for name in _names(part)]
    return []


def _bare(truth: Truth) -> tuple[Truth, bool]:
    """A condition without names around it, and whether it is negated."""
    flipped = False
    while isinstance(truth, Named | Not | Whole):
        flipped = flipped != isinstance(truth, Not)
        truth = truth.truth if isinstance(truth, Named) else truth.part
    return truth, flipped


class _Changed:
    """Puts a change into a condition; once."""

    def __init__(self, change: Change) -> None:
        self.change = change
        self.left = change.place
        self.done = False

    def of(self, truth: Truth) -> Truth:
        """The condition with the change in the clause it names; RulebookError where there is nothing to change."""
        made = self.find(truth)
        if not self.done:
            what = "没有可以改的名单" if self.change.texts is not None else "没有可以改的界限"
            raise refuse("试算", f"条款“{self.change.clause}”{what}", "请换一个条款，或把它关掉")
        return made

    def find(self, truth: Truth) -> Truth:
        match truth:
            case Named(decision=decision, truth=part):
                if decision != self.change.clause:
                    return Named(decision, self.find(part))
                if self.change.off:
                    self.done = True
                    return Settled(True)
                return Named(decision, self.inside(part))
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


__all__ = ["Change", "Effect", "Session"]
