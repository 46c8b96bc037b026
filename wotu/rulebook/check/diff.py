"""What changed between two versions of a rule: what it asks for, where its lines lie, and whom it now treats otherwise.

    found = diff(Rulebook.load(old), Rulebook.load(new), cases)
    found.said           # inputs, decisions, clauses and lines added, removed and moved, in words
    found.outcomes       # for each decision that changes: inputs, what it was, what it is, which inputs make the difference
    found.same           # decisions that did not change: proven where their logic or tables are the same, tried otherwise

Decisions and inputs are the same when they bear the same name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from random import Random
from typing import Any, Literal

from ..dmn import model as m
from ..dmn.graph import Logic
from ..feel import has_unknown
from ..feel import tree as t
from ..feel.known import same
from ..feel.show import show
from ..feel.values import Value
from ..findings import RulebookError
from ..infos import Clause, InputInfo
from ..rulebook import Rulebook
from .ground import Ground, distinct, sets_of
from .lines import lines, moved
from .signatures import word
from .tables_apart import Apart, apart

TRIES = 1500
"""So many random sets of inputs are tried for a decision, after the cases."""
CASES = 40
"""So many cases are taken as starting points."""
CLEARER = 60
"""So many examples are looked through for one in which a single input makes the difference."""
NOTHING = object()
"""No value: the version refuses the inputs, or does not know."""

What = Literal["input", "decision", "clause", "line", "table"]


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was added (no `before`), removed (no `after`) or changed, in words."""

    what: What
    name: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decision that comes out otherwise for these inputs; `by` are those that make the difference, each alone or all together."""

    decision: str
    inputs: Mapping[str, Value]
    before: Value
    after: Value
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Same:
    """A decision for which no difference was found; `proven` when there can be none."""

    decision: str
    proven: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """What is different between two versions."""

    said: tuple[Change, ...]
    outcomes: tuple[Outcome, ...]
    same: tuple[Same, ...]


def diff(before: Rulebook, after: Rulebook, cases: Iterable[Mapping[str, Any]] = ()) -> Difference:
    """Compare two versions; `cases` are inputs to start looking from (those of the examples beside the rules)."""
    pair = _Pair(Ground(before), Ground(after), tuple(islice(cases, CASES)))
    outcomes: list[Outcome] = []
    same_ones: list[Same] = []
    for info in after.decisions:
        if info.name not in before.logic:
            continue
        found = pair.outcome(info.name)
        if isinstance(found, Outcome):
            outcomes.append(found)
        else:
            same_ones.append(found)
    said = (*_inputs(before, after), *_decisions(before, after), *_clauses(before, after), *_lines(before, after))
    return Difference(said, tuple(outcomes), tuple(same_ones))


# --- what the files say ---------------------------------------------------------------------------------------------


def _inputs(before: Rulebook, after: Rulebook) -> Iterator[Change]:
    old, new = ({info.name: info for info in book.inputs} for book in (before, after))
    for name, info in new.items():
        if name not in old:
            yield Change("input", name, "", _input_words(info))
    for name, info in old.items():
        if name not in new:
            yield Change("input", name, _input_words(info), "")
        elif _input_words(info) != _input_words(new[name]):
            yield Change("input", name, _input_words(info), _input_words(new[name]))


def _input_words(info: InputInfo) -> str:
    allowed = getattr(getattr(info.type, "allows", None), "text", "")
    parts = [word(info.type), info.unit or "", allowed and f"允许 {allowed}"]
    return "，".join(part for part in parts if part)


def _decisions(before: Rulebook, after: Rulebook) -> Iterator[Change]:
    clauses = {clause.decision for book in (before, after) for clause in book.clauses}
    for name in after.logic:
        if name not in before.logic and name not in clauses:
            yield Change("decision", name, "", _logic_words(after.logic[name]))
    for name in before.logic:
        if name not in after.logic and name not in clauses:
            yield Change("decision", name, _logic_words(before.logic[name]), "")


def _logic_words(logic: Logic) -> str:
    if logic.table is not None:
        return f"判定表，{len(logic.table.rows)} 行"
    return show(logic.tree) if logic.tree is not None else "没有逻辑"


def _clauses(before: Rulebook, after: Rulebook) -> Iterator[Change]:
    old, new = ({clause.name: clause for clause in book.clauses} for book in (before, after))
    for name, clause in new.items():
        was, now = _clause_words(old.get(name)), _clause_words(clause)
        if was != now:
            yield Change("clause", name, was, now)
    for name, clause in old.items():
        if name not in new:
            yield Change("clause", name, _clause_words(clause), "")


def _clause_words(clause: Clause | None) -> str:
    return "" if clause is None else clause.requires or clause.name


def _lines(before: Rulebook, after: Rulebook) -> Iterator[Change]:
    for measure, was, now in moved(lines(before), lines(after)):
        yield Change("line", measure, was, now)
    for name, logic in after.logic.items():
        old = before.logic.get(name)
        if old is not None and old.table is not None and logic.table is not None and not _equal(old, logic):
            yield from _table(name, old.decision.expression, logic.decision.expression)


def _table(name: str, old: m.Expression | None, new: m.Expression | None) -> Iterator[Change]:
    """The cells and results of a table that say something else; only how many rows where rows came or went."""
    assert isinstance(old, m.DecisionTable)
    assert isinstance(new, m.DecisionTable)
    if len(old.rules) != len(new.rules) or len(old.inputs) != len(new.inputs) or len(old.outputs) != len(new.outputs):
        yield Change("table", name, f"{len(old.rules)} 行", f"{len(new.rules)} 行")
        return
    titles = [getattr(clause.expression, "text", "").strip() for clause in new.inputs]
    titles += [clause.name or new.output_label or name for clause in new.outputs]
    for number, (a, b) in enumerate(zip(old.rules, new.rules, strict=True), 1):
        cells = zip(titles, (*a.inputs, *a.outputs), (*b.inputs, *b.outputs), strict=False)
        for title, was, now in cells:
            texts = [getattr(cell, "text", "").strip() for cell in (was, now)]
            if texts[0] != texts[1]:
                yield Change("table", f"{name} 第 {number} 行 {title}", *texts)


# --- what comes out -------------------------------------------------------------------------------------------------


@dataclass
class _Pair:
    """Two versions side by side, to be tried with the same inputs."""

    old: Ground
    new: Ground
    cases: tuple[Mapping[str, Any], ...]
    proven: dict[str, bool] = field(default_factory=dict)

    @cached_property
    def options(self) -> Mapping[str, tuple[Value, ...]]:
        """For each input of either: the values that matter to either, and that both take."""
        names = dict.fromkeys([*self.new.critical, *self.old.critical])
        found: dict[str, tuple[Value, ...]] = {}
        for name in names:
            values = distinct([*self.old.critical.get(name, ()), *self.new.critical.get(name, ())])
            found[name] = tuple(
                value
                for value in values
                if all(name not in ground.bases or ground.takes(name, value) for ground in (self.old, self.new))
            )
        return found

    def outcome(self, decision: str) -> Outcome | Same:
        """An example of a difference, or that there is none."""
        if self.unchanged(decision, ()):
            return Same(decision, True)
        found = apart(self.old, self.new, decision, self.both)
        if isinstance(found, Apart):
            return self.told(decision, found.inputs)
        if found is True and self.lower_unchanged(decision):
            return Same(decision, True)
        differing = (inputs for inputs in self.tries(decision) if self.differ(decision, inputs))
        first: Outcome | None = None
        for inputs in islice(differing, CLEARER):
            told = self.told(decision, inputs)
            if told.by:
                return told
            first = first or told
        return self.together(first) if first is not None else Same(decision, False)

    def unchanged(self, decision: str, above: tuple[str, ...]) -> bool:
        """Whether both versions say the very same of the decision and all that it stands on."""
        if decision in above:
            return True
        if decision not in self.proven:
            old, new = self.old.book.logic.get(decision), self.new.book.logic.get(decision)
            self.proven[decision] = bool(
                old is not None
                and new is not None
                and _equal(old, new)
                and self.lower_unchanged(decision, (*above, decision))
            )
        return self.proven[decision]

    def lower_unchanged(self, decision: str, above: tuple[str, ...] = ()) -> bool:
        """The same of what it stands on alone."""
        needs = self.new.book.needs(decision)
        if needs != self.old.book.needs(decision):
            return False
        kinds = [{info.name: info.type for info in ground.book.inputs} for ground in (self.old, self.new)]
        return all(
            self.unchanged(name, above) if source == "decision" else _same_type(kinds[0].get(name), kinds[1].get(name))
            for source, name in needs.values()
        )

    def tries(self, decision: str) -> Iterator[Mapping[str, Value]]:
        """Inputs worth trying: each case, each case with one input changed, then many at random."""
        bases = self.bases(decision)
        yield from bases
        options = {name: self.options.get(name) or (None,) for name in bases[0]}
        for base in bases:
            for name in base:
                yield from ({**base, name: value} for value in options[name])
        for values in sets_of(list(options.values()), TRIES):
            yield dict(zip(options, values, strict=True))

    def bases(self, decision: str) -> list[Mapping[str, Value]]:
        """The cases, with what they leave out taken from the other version's first cases, or at random."""
        names = list(dict.fromkeys([*self.old.reads(decision), *self.new.reads(decision)]))
        chance = Random(len(names))
        usual = {name: chance.choice(self.options.get(name) or (None,)) for name in names}
        cases = self.cases or ({},)
        for case in reversed(cases):
            usual |= {name: value for name, value in case.items() if name in usual and value is not None}
        return [{name: case.get(name, usual[name]) for name in names} for case in cases]

    def both(self, decision: str, inputs: Mapping[str, Any]) -> tuple[Value, Value]:
        """What the two versions come to; NOTHING where one refuses the inputs or does not know."""
        return _value(self.old, decision, inputs), _value(self.new, decision, inputs)

    def differ(self, decision: str, inputs: Mapping[str, Any]) -> bool:
        """Whether both know, and not the same."""
        before, after = self.both(decision, inputs)
        return before is not NOTHING and after is not NOTHING and not _alike(before, after)

    def told(self, decision: str, inputs: Mapping[str, Any]) -> Outcome:
        """The difference with its inputs, and those that make it."""
        read = {*self.old.reads(decision), *self.new.reads(decision)}
        given = {name: value for name, value in inputs.items() if name in read and value is not None}
        before, after = self.both(decision, given)
        by = tuple(name for name in given if self.undone(decision, given, name, before, after))
        return Outcome(decision, given, before, after, by)

    def together(self, found: Outcome) -> Outcome:
        """With the inputs that make the difference between them, where none does alone: those that a case without it has otherwise."""
        for case in self.bases(found.decision):
            before, after = self.both(found.decision, case)
            if before is NOTHING or not _alike(before, after):
                continue
            moved = {name: case[name] for name in found.inputs if name in case and case[name] != found.inputs[name]}
            for name in list(moved):
                fewer = {other: value for other, value in moved.items() if other != name}
                was, now = self.both(found.decision, {**found.inputs, **fewer})
                if _alike(was, now) and _alike(was, before):
                    moved = fewer
            return replace(found, by=tuple(moved))
        return found

    def undone(self, decision: str, inputs: Mapping[str, Any], name: str, was: Value, now: Value) -> bool:
        """Whether with another value of the input one version comes to what the other says (of a condition: is met too)."""
        wanted = [True] if isinstance(was, bool) and isinstance(now, bool) else [was, now]
        for value in self.options.get(name, ()):
            before, after = self.both(decision, {**inputs, name: value})
            if any(_alike(before, each) and _alike(after, each) for each in wanted):
                return True
        return False


def _value(ground: Ground, decision: str, inputs: Mapping[str, Any]) -> Value:
    given = {name: value for name, value in inputs.items() if name in ground.bases and value is not None}
    try:
        value = ground.book.evaluate(given, (decision,)).values[decision]
    except RulebookError:
        return NOTHING
    return NOTHING if has_unknown(value) else value


def _alike(a: Value, b: Value) -> bool:
    return type(a) is type(b) and same(a, b)


def _equal(old: Logic, new: Logic) -> bool:
    """Whether two decisions' own logic says the same."""
    if str(old.kind) != str(new.kind) or not _same_type(old.kind, new.kind):
        return False
    if old.table is not None and new.table is not None:
        a, b = old.table, new.table
        boxes = [logic.decision.expression for logic in (old, new)]
        return (
            (a.hit_policy, a.aggregation, a.inputs, a.output_names)
            == (b.hit_policy, b.aggregation, b.inputs, b.output_names)
            and [(row.cells, row.outputs) for row in a.rows] == [(row.cells, row.outputs) for row in b.rows]
            and _clauses_of(boxes[0]) == _clauses_of(boxes[1])
        )
    natives = [
        node
        for logic in (old, new)
        if logic.tree is not None
        for node in t.walk(logic.tree)
        if isinstance(node, t.Native)
    ]
    return (
        old.table is new.table is None
        and old.tree == new.tree
        and not natives
        and not old.constants
        and not new.constants
    )


def _clauses_of(box: Any) -> list[Any]:
    """The columns' own lists of values and defaults, as written."""
    found = [getattr(clause.values, "text", "") for clause in (*box.inputs, *box.outputs)]
    return [*found, *(getattr(clause.default, "text", "") for clause in box.outputs)]


def _same_type(old: Any, new: Any) -> bool:
    """Types that are called the same and allow the same."""
    if old is None or new is None:
        return old is new
    texts = [getattr(getattr(kind, "allows", None), "text", "") for kind in (old, new)]
    bases = [getattr(kind, "base", None) for kind in (old, new)]
    if bases[0] is not None and bases[1] is not None:
        return texts[0] == texts[1] and _same_type(*bases)
    return bool(old == new)
