"""What a rule's worked cases reach: each clause met, not met and not known; each row of each decision table.

covered = coverage(book, read_examples(Path("规则.examples.yaml")))
covered.never("met"), covered.unreached             # what to write a case for
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from .findings import RulebookError

if TYPE_CHECKING:
    from .examples import Example
    from .rulebook import Null, Rulebook, Step

State = Literal["met", "not met", "unknown"]
STATES: tuple[State, ...] = ("met", "not met", "unknown")


@dataclass(frozen=True, slots=True)
class ClauseCoverage:
    """In how many cases a clause came out met, not met, and neither (not known or null)."""

    clause: str
    cases: Mapping[State, int]


@dataclass(frozen=True, slots=True)
class TableCoverage:
    """A decision's table: in how many cases each row (counted from 1) decided."""

    decision: str
    cases: Mapping[int, int]

    @property
    def unreached(self) -> tuple[int, ...]:
        """The rows that no case reaches."""
        return tuple(row for row, count in self.cases.items() if not count)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What all cases together reach."""

    clauses: tuple[ClauseCoverage, ...]
    tables: tuple[TableCoverage, ...]

    def never(self, state: State) -> tuple[str, ...]:
        """The clauses that never came out so."""
        return tuple(item.clause for item in self.clauses if not item.cases[state])

    @property
    def unreached(self) -> Mapping[str, tuple[int, ...]]:
        """The rows that no case reaches, by decision; only decisions that have such rows."""
        return {table.decision: table.unreached for table in self.tables if table.unreached}

    @property
    def whole(self) -> bool:
        """Whether nothing is left out."""
        return not self.unreached and not any(self.never(state) for state in STATES)


def coverage(book: Rulebook, examples: Iterable[Example], *, null: Null = "unknown") -> Coverage:
    """Evaluate every case whole. A rule without clauses is measured by its yes-or-no decisions."""
    clauses = [clause.decision for clause in book.clauses] or [d.name for d in book.decisions if d.base == "boolean"]
    states = {name: dict.fromkeys(STATES, 0) for name in clauses}
    tables: dict[str, dict[int, int]] = {}
    for info in book.decisions:
        table = book.logic[info.name].table
        if table is not None:
            tables[info.name] = dict.fromkeys(range(1, len(table.rows) + 1), 0)
    known = {info.name for info in book.inputs}
    for example in examples:
        given = {name: value for name, value in example.inputs.items() if name in known}
        try:
            found = book.evaluate(given, null=null, trace=True)
        except RulebookError:
            continue  # such a case fails; that is said where cases are run
        for name in clauses:
            states[name][_state(found.values.get(name))] += 1
        for step in found.trace:
            for row in _deciding(book, step) if step.decision in tables else ():
                tables[step.decision][row] += 1
    return Coverage(
        tuple(ClauseCoverage(name, cases) for name, cases in states.items()),
        tuple(TableCoverage(name, cases) for name, cases in tables.items()),
    )


def _state(value: Any) -> State:
    return "met" if value is True else "not met" if value is False else "unknown"


def _deciding(book: Rulebook, step: Step) -> tuple[int, ...]:
    """The rows that surely matched; under FIRST the first of them, when no earlier one may."""
    table = book.logic[step.decision].table
    if table is not None and table.hit_policy == "FIRST":
        return (step.hits[0].row,) if step.hits and step.hits[0].sure else ()
    return tuple(hit.row for hit in step.hits if hit.sure)
