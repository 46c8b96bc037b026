"""Decisions by codes: each row's operands cut to what the logic can tell apart, the interpreter asked once a combination.

The interpreter answers a tree from the values of its parts and nothing else, so a value may be put in place of another that
no part compares differently; that is all this does, and why it gives the interpreter's own answers, unknowns and all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from wotu.rulebook.columnar.algebra import as_value, of_value
from wotu.rulebook.columnar.amounts import against, versus, worked
from wotu.rulebook.columnar.bind import WIDE, Bound, Numbers, Rows, at_least
from wotu.rulebook.columnar.completions import WAYS, completed, lacking, some
from wotu.rulebook.columnar.conditions import Coded, Compare, Cut, Gauge, Loose, Operand, Raw, Versus
from wotu.rulebook.columnar.quantities import kind_of
from wotu.rulebook.columnar.terms import Kind, Linear, Ratio, Term, View
from wotu.rulebook.feel import (
    UNKNOWN,
    Choices,
    Env,
    FeelError,
    Interval,
    Run,
    Scope,
    Unknown,
    Value,
    choices,
    compile_expression,
)
from wotu.rulebook.feel import tree as t
from wotu.rulebook.feel.unknown import relates

Codes = npt.NDArray[np.int64]
DENSE = 1 << 20
"""Combinations up to this many are looked up in an array rather than sorted."""
REMEMBERED = 200_000
"""Combinations whose answers are kept from one table to the next, at most."""
FAR = Decimal(10) ** 40
"""An end of an interval further out than this is as good as none: no column reaches there."""


@dataclass(frozen=True, slots=True)
class Answers:
    """A code for each row and the values that the codes stand for."""

    codes: Codes
    values: tuple[Value, ...]

    def truth(self, wanted: bool) -> npt.NDArray[np.bool_]:
        """The rows whose value is true (or false)."""
        return np.asarray([value is wanted for value in self.values], np.bool_)[self.codes]


def answers(bound: Bound, operand: Operand) -> Answers:
    """An operand or a coded decision row for row; kept with the table."""
    if operand not in bound.made:
        if isinstance(operand, Raw):
            texts = bound.distinct(operand.view)
            made = Answers(texts.codes.astype(np.int64), texts.values)
        elif isinstance(operand, Cut):
            made = _cut(bound, operand)
        elif isinstance(operand, Gauge):
            made = _gauged(bound, operand)
        elif isinstance(operand, Versus):
            made = _compared(bound, operand)
        elif isinstance(operand, Loose):
            made = _loosely(bound, operand)
        else:
            made = _worked_out(bound, operand)
        bound.made[operand] = made
    found: Answers = bound.made[operand]
    return found


def _worked_out(bound: Bound, coded: Coded) -> Answers:
    parts = [answers(bound, operand) for _, operand in coded.operands]
    names = [name for name, _ in coded.operands]
    keys, combinations = _combined(parts, bound.rows)
    values: list[Value] = []
    known: dict[Value, int] = {}
    codes = np.zeros(len(combinations), np.int64)
    remember = coded.lasting and not coded.interpreted
    texts = [[repr(value) for value in part.values] for part in parts] if remember else []
    if len(coded.answered) > REMEMBERED:
        coded.answered.clear()
    for place, combination in enumerate(combinations):
        key = tuple(text[code] for text, code in zip(texts, combination, strict=True)) if remember else ()
        if remember and key in coded.answered:
            value = coded.answered[key]
        else:
            value = coded.run(
                {name: part.values[code] for name, part, code in zip(names, parts, combination, strict=True)}
            )
            if remember:
                coded.answered[key] = value
        code = known.setdefault(value if value is None or type(value) is bool else repr(value), len(values))
        if code == len(values):
            values.append(value)
        codes[place] = code
    return Answers(codes[keys] if len(codes) else np.zeros(0, np.int64), tuple(values))


def _combined(parts: Sequence[Answers], rows: int) -> tuple[Codes, list[tuple[int, ...]]]:
    """For each row the number of its combination of codes, and the combinations that occur."""
    keys = np.zeros(rows, np.int64)
    found: list[tuple[int, ...]] = [()] if rows else []
    for part in parts:
        size = len(part.values)
        keys, distinct = _numbered(keys * size + part.codes, len(found) * size)
        found = [(*found[number // size], number % size) for number in distinct]
    return keys, found


def _numbered(keys: Codes, most: int) -> tuple[Codes, list[int]]:
    """The keys numbered from 0, and the distinct ones."""
    if most <= DENSE:
        seen = np.zeros(most, np.bool_)
        seen[keys] = True
        distinct = np.flatnonzero(seen)
        numbers = np.zeros(most, np.int64)
        numbers[distinct] = np.arange(len(distinct))
        return numbers[keys], distinct.tolist()
    found, back = np.unique(keys, return_inverse=True)
    return back.astype(np.int64), found.tolist()


# --- figures --------------------------------------------------------------------------------------------------------


def _gauged(bound: Bound, gauge: Gauge) -> Answers:
    """A figure by where it lies among its constants."""
    found = worked(bound, gauge.figure, strict=True)
    line = Line(kind_of(gauge.figure), gauge.cuts)
    codes, ask = np.zeros(bound.rows, np.int64), found.ask
    for cut in gauge.cuts:
        signs, close = against(found, cut)
        codes += signs + 1
        ask = ask | close
    values: list[Value] = [*line.values, None]
    codes = np.where(found.known, codes, len(values) - 1)
    return _asked(bound, gauge.rest, gauge.columns, Answers(codes, tuple(values)), ask, line)


def _compared(bound: Bound, pair: Versus) -> Answers:
    """Whether one figure stands to another as it should."""
    left, right = worked(bound, pair.left, strict=True), worked(bound, pair.right, strict=True)
    signs, close = versus(left, right)
    zero, one = Decimal(0), Decimal(1)
    kind = kind_of(pair.left)
    ways = [(zero, one), (zero, zero), (one, zero), (zero, None), (None, zero), (None, None)]
    values = [_relation(pair.operator, kind, *way) for way in ways]
    codes = np.where(left.known, np.where(right.known, signs + 1, 3), np.where(right.known, 4, 5))
    return _asked(bound, pair.rest, pair.columns, Answers(codes, tuple(values)), left.ask | right.ask | close, None)


def _relation(operator: str, kind: Kind, left: Decimal | None, right: Decimal | None) -> Value:
    sides = [None if each is None else as_value(kind, each) for each in (left, right)]
    try:
        return relates(operator, *sides)
    except FeelError:
        return None


def _loosely(bound: Bound, loose: Loose) -> Answers:
    """Rows not known are answered as they are only where all that was tried in place of what they lack agrees."""
    gaps = lacking(bound, loose.views)
    rows, full = np.flatnonzero(gaps), np.flatnonzero(~gaps)
    if not len(rows):
        return answers(bound, loose.coded)
    verdict: npt.NDArray[np.int64] | None = None
    for way in range(len(WAYS)):
        tried = completed(some(bound, loose.columns, rows), loose.views, way)
        found = answers(tried, loose.coded)
        said = found.truth(True).astype(np.int64) - found.truth(False)
        agree = (said != 0) if verdict is None else (said != 0) & (said == verdict)
        rows, verdict = rows[agree], said[agree]
    codes = np.zeros(bound.rows, np.int64)
    values: list[Value] = [UNKNOWN]
    for these in (full, rows):
        if len(these):
            found = answers(some(bound, loose.columns, these), loose.coded)
            codes[these] = found.codes + len(values)
            values += found.values
    return Answers(codes, tuple(values))


def _asked(
    bound: Bound, rest: Coded, columns: Sequence[str], made: Answers, ask: npt.NDArray[np.bool_], line: Line | None
) -> Answers:
    """The answers with some rows' asked of the interpreter."""
    rows = np.flatnonzero(ask)
    if not len(rows):
        return made
    few = answers(some(bound, columns, rows), rest)
    values = list(made.values)
    known: dict[str, int] = {}
    places = np.zeros(len(few.values), np.int64)
    for place, value in enumerate(few.values):
        kept = value if line is None else line.cut(value)
        code = known.setdefault(repr(kept), len(values))
        if code == len(values):
            values.append(kept)
        places[place] = code
    made.codes[rows] = places[few.codes]
    return Answers(made.codes, tuple(values))


# --- terms cut at constants -----------------------------------------------------------------------------------------


def _cut(bound: Bound, cut: Cut) -> Answers:
    term = bound.term(cut.term)
    line = Line(cut.term.kind, cut.cuts)
    codes = np.zeros(bound.rows, np.int64)
    for each in cut.cuts:
        codes += term.at_least(each)
        codes += term.above(each)
    values: list[Value] = list(line.values)
    null = term.null()
    if null is not None:
        codes = np.where(null, len(values), codes)
        values.append(None)
    known: dict[str, int] = {}
    for rows, found in unknowns(bound, cut.shape, cut.term, cut.cuts):
        places = []
        for value in found[1]:
            cutvalue = line.cut(value)
            code = known.setdefault(repr(cutvalue), len(values))
            if code == len(values):
                values.append(cutvalue)
            places.append(code)
        codes[rows] = np.asarray(places, np.int64)[found[0]]
    return Answers(codes, tuple(values))


class Line:
    """The constants that something is compared with, and a value for each of them and each stretch between two."""

    def __init__(self, kind: Kind, cuts: Sequence[Decimal]) -> None:
        self.kind = kind
        self.cuts = tuple(cuts)
        self.inner: list[tuple[Decimal, Decimal]] = []
        whole = kind != "number"
        ends = [None, *cuts, None]
        for low, high in pairwise(ends):
            self.inner.append(_between(low, high, whole))
        found: list[Value] = []
        for place in range(2 * len(cuts) + 1):
            number = self.cuts[place // 2] if place % 2 else self.inner[place // 2][0]
            found.append(as_value(self.kind, number))
        self.values = tuple(found)

    def place(self, number: Decimal) -> int:
        """Even between constants, odd at one."""
        return sum((number >= cut) + (number > cut) for cut in self.cuts)

    def cut(self, value: Value) -> Value:
        """A value that the constants do not tell from this one."""
        if not isinstance(value, Unknown):
            term = of_value(value)
            return value if term is None or term.kind != self.kind else self.values[self.place(term.constant)]
        possible = value.possible
        if isinstance(possible, Choices):
            return choices([self.cut(each) for each in possible.values])
        if not isinstance(possible, Interval):
            return value
        low, low_closed = self._end(possible.low, possible.low_closed, 0)
        high, high_closed = self._end(possible.high, possible.high_closed, 1)
        return Unknown(Interval(possible.kind, low, high, low_closed, high_closed), value.or_null)

    def _end(self, end: Value, closed: bool, side: int) -> tuple[Value, bool]:
        term = None if end is None else of_value(end)
        if term is None or term.kind != self.kind:
            return end, closed
        place = self.place(term.constant)
        if place % 2:
            return as_value(self.kind, self.cuts[place // 2]), closed
        return as_value(self.kind, self.inner[place // 2][side]), True


def _between(low: Decimal | None, high: Decimal | None, whole: bool) -> tuple[Decimal, Decimal]:
    """Two numbers inside a stretch, the first below the second where there is room."""
    one = Decimal(1)
    if low is None:
        return (Decimal(0), one) if high is None else (WIDE.subtract(high, 2 * one), WIDE.subtract(high, one))
    if high is None:
        return WIDE.add(low, one), WIDE.add(low, 2 * one)
    if whole:
        return low + 1, max(low + 1, high - 1)
    quarter = WIDE.divide(WIDE.subtract(high, low), Decimal(4))
    return WIDE.add(low, quarter), WIDE.subtract(high, quarter)


# --- what is not known ----------------------------------------------------------------------------------------------

Group = tuple[Rows, tuple[Codes, Sequence[Value]]]
"""Rows, a code for each, and the values that the codes stand for."""


def unknowns(bound: Bound, shape: t.Node, term: Term, cuts: Sequence[Decimal]) -> list[Group]:
    """The rows of a term that are not known, with values as good as the interpreter's where only `cuts` matter."""
    found = bound.term(term)
    rows = np.flatnonzero(~found.known)
    if not len(rows):
        return []
    views = term.views()
    evaluate = _evaluator(shape, views)
    odd = found.odd[rows]
    groups: list[Group] = []
    if odd.any():
        groups.append(_one_by_one(bound, evaluate, views, rows[odd]))
        rows = rows[~odd]
    missing = np.zeros(len(rows), np.int64)
    for place, view in enumerate(views):
        missing |= (~bound.numbers(view).known[rows]).astype(np.int64) << place
    for pattern in np.unique(missing):
        these = rows[missing == pattern]
        lacking = tuple(view for place, view in enumerate(views) if pattern >> place & 1)
        given = {view.label: view.unknown() for view in lacking}
        if len(lacking) == len(views):
            groups.append((these, (np.zeros(len(these), np.int64), [evaluate(given)])))
            continue
        group = _partly(bound, evaluate, term, views, lacking, these, cuts)
        groups.append(group if group is not None else _one_by_one(bound, evaluate, views, these))
    return groups


class _Evaluator:
    """A canonical tree as a function of its columns' values."""

    def __init__(self, shape: t.Node, views: Sequence[View]) -> None:
        self.run = compile_expression(shape, Scope({view.label: None for view in views}))

    def __call__(self, given: Mapping[str, Value]) -> Value:
        return self.run(Env(dict(given), run=Run()))


@lru_cache(maxsize=20_000)
def _evaluator(shape: t.Node, views: tuple[View, ...]) -> _Evaluator:
    return _Evaluator(shape, views)


def _one_by_one(bound: Bound, evaluate: _Evaluator, views: Sequence[View], rows: Rows) -> Group:
    """The interpreter, once for each distinct row."""
    columns = [bound.values(view, rows) for view in views]
    known: dict[str, int] = {}
    values: list[Value] = []
    codes = np.zeros(len(rows), np.int64)
    for place, row in enumerate(zip(*columns, strict=True)):
        key = repr(row)
        if key not in known:
            known[key] = len(values)
            values.append(evaluate(dict(zip((view.label for view in views), row, strict=True))))
        codes[place] = known[key]
    return rows, (codes, values)


def _partly(
    bound: Bound,
    evaluate: _Evaluator,
    term: Term,
    views: Sequence[View],
    lacking: Sequence[View],
    rows: Rows,
    cuts: Sequence[Decimal],
) -> Group | None:
    """Rows of which some columns are known and some not, without asking for each; None where that cannot be done."""
    if isinstance(term, Ratio):
        return _by_sign(bound, evaluate, term, lacking, rows)
    return _shifted(bound, evaluate, term, views, lacking, rows, cuts)


SIGNS = (Decimal(-2), Decimal("-0.5"), Decimal(0), Decimal("0.5"), Decimal(2))


def signs_decide(term: Ratio, lacking: Sequence[View]) -> View | None:
    """The known one of two columns divided, where of the other only the ends 0 and none are known; else None."""
    for part in (term.over, term.under):
        if len(part.parts) != 1 or part.parts[0][1] != 1 or part.constant:
            return None
    (over, _), (under, _) = term.over.parts[0], term.under.parts[0]
    if over == under or len(lacking) != 1:
        return None
    unknown = lacking[0].unknown()
    if not isinstance(unknown, Unknown) or not isinstance(unknown.possible, Interval):
        return None
    if any(end is not None and end != 0 for end in (unknown.possible.low, unknown.possible.high)):
        return None
    return under if lacking[0] == over else over


def _by_sign(bound: Bound, evaluate: _Evaluator, term: Ratio, lacking: Sequence[View], rows: Rows) -> Group | None:
    """One column over another of which one may be anything from 0 or without end: only the other's sign and size matter.

    Divided by what may be as near to 0, or multiplied to as far out, as numbers go, the ends of the result are 0 or the end
    of all numbers; the known column decides by its sign, and by whether it is at least 1 (below that the end overflows).
    """
    known = signs_decide(term, lacking)
    if known is None:
        return None
    numbers = bound.numbers(known)
    values = numbers.values[rows]
    one = at_least(Decimal(1), numbers.scale)
    codes = np.where(values == 0, 2, np.where(values > 0, 3 + (values >= one), 1 - (values <= -one)))
    given = [{lacking[0].label: lacking[0].unknown(), known.label: each} for each in SIGNS]
    return rows, (codes.astype(np.int64), [evaluate(each) for each in given])


def _shifted(
    bound: Bound,
    evaluate: _Evaluator,
    term: Linear,
    views: Sequence[View],
    lacking: Sequence[View],
    rows: Rows,
    cuts: Sequence[Decimal],
) -> Group | None:
    """A sum: what the unknown columns allow, moved by what is known; sorted by where its ends come to lie."""
    known = [view for view in views if view not in lacking]
    given = {view.label: view.unknown() for view in lacking}
    if any(view.base != "number" for view in views):
        days = {view.label: as_value("date", Decimal(0)) for view in known}
        alone = evaluate({**given, **days})
        # dates between no ends: nothing that is known of the others says more
        free = all(view.unknown() == Unknown(Interval("date")) for view in lacking)
        return (rows, (np.zeros(len(rows), np.int64), [alone])) if free and alone == UNKNOWN else None
    alone = evaluate({**given, **{view.label: Decimal(0) for view in known}})
    if not isinstance(alone, Unknown) or not isinstance(alone.possible, Interval) or alone.possible.kind != "number":
        return None
    if any(abs(cut) > FAR for cut in cuts):
        return None
    numbers = bound.partly(term, known)
    if numbers.odd[rows].any():
        return None
    part = numbers.some(rows)
    span = alone.possible
    low = None if span.low is None or span.low < -FAR else span.low
    high = None if span.high is None or span.high > FAR else span.high
    if (low is not None and low > FAR) or (high is not None and high < -FAR):
        return None
    first, last = _places(part, low, cuts), _places(part, high, cuts)
    keys, found = _numbered(first * (2 * len(cuts) + 1) + last, (2 * len(cuts) + 1) ** 2)
    line = Line(term.kind, cuts)
    values: list[Value] = []
    for key in found:
        a, b = divmod(key, 2 * len(cuts) + 1)
        start = None if low is None else line.cuts[a // 2] if a % 2 else line.inner[a // 2][0]
        end = None if high is None else line.cuts[b // 2] if b % 2 else line.inner[b // 2][1]
        values.append(Unknown(Interval("number", start, end, span.low_closed, span.high_closed), alone.or_null))
    return rows, (keys, values)


def _places(part: Numbers, end: Decimal | None, cuts: Sequence[Decimal]) -> Codes:
    """Where the known part and an end come to lie among the cuts."""
    places = np.zeros(len(part.values), np.int64)
    if end is not None:
        for cut in cuts:
            gap = WIDE.subtract(cut, end)
            places += part.at_least(gap)
            places += part.above(gap)
    return places


# --- conditions on what is not known --------------------------------------------------------------------------------


def open_answers(bound: Bound, test: Compare) -> list[tuple[Rows, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]]:
    """Rows that a test's term is not known in, with where the test surely holds and where it surely does not."""
    if never(test) and bound.term(test.term).strange is None:
        return []
    if test.paired:
        found = unknowns_of_pair(bound, test)
    else:
        found = unknowns(bound, test.shape, test.term, (test.bound,))
    answered = []
    for rows, (codes, values) in found:
        verdicts = [value if test.paired else _related(test, value) for value in values]
        holds = np.asarray([verdict is True for verdict in verdicts], np.bool_)
        fails = np.asarray([verdict is False for verdict in verdicts], np.bool_)
        if holds.any() or fails.any():
            answered.append((rows, holds[codes], fails[codes]))
    return answered


@lru_cache(maxsize=50_000)
def never(test: Compare) -> bool:
    """Whether a test is never sure where something of its term is not known, whatever is known of the rest."""
    views = test.term.views()
    evaluate = _evaluator(test.shape, views)
    given = [{view.label: view.unknown() for view in views}]
    if len(views) == 2 and isinstance(test.term, Ratio) and not test.paired:
        for lacking, known in (views, views[::-1]):
            if signs_decide(test.term, (lacking,)) is None:
                return False
            given += [{lacking.label: lacking.unknown(), known.label: each} for each in SIGNS]
    elif len(views) > 1:
        return False
    values = [evaluate(each) for each in given]
    verdicts = values if test.paired else [_related(test, value) for value in values]
    return not any(isinstance(verdict, bool) for verdict in verdicts)


def unknowns_of_pair(bound: Bound, test: Compare) -> list[Group]:
    """Two sums compared: without an end on the unknown side nothing is sure, else the interpreter is asked."""
    numbers = bound.term(test.term)
    rows = np.flatnonzero(~numbers.known)
    if not len(rows):
        return []
    views = test.term.views()
    evaluate = _evaluator(test.shape, views)
    every = np.logical_and.reduce([~bound.numbers(view).known[rows] for view in views]) & ~numbers.odd[rows]
    given = {view.label: view.unknown() for view in views}
    groups: list[Group] = [(rows[every], (np.zeros(int(every.sum()), np.int64), [evaluate(given)]))]
    if not every.all():
        groups.append(_one_by_one(bound, evaluate, views, rows[~every]))
    return groups


def _related(test: Compare, value: Value) -> Value:
    try:
        return relates(test.operator, value, as_value(test.term.kind, test.bound))
    except FeelError:
        return None


def looked_up(
    shape: t.Node, view: View, values: Sequence[Value]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Of each value of a column of texts whether a condition surely holds, and whether it surely does not."""
    evaluate = _evaluator(shape, (view,))
    found = [evaluate({view.label: value}) for value in values]
    return np.asarray([each is True for each in found], np.bool_), np.asarray(
        [each is False for each in found], np.bool_
    )
