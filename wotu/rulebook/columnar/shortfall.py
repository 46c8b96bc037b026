"""Rows that are one clause short: which clause and how far, in the same words as an explanation; and what would settle others.

Called once for each distinct row of a table, so it looks closer only where the clauses' answers leave the question open,
and explains a clause once for each distinct set of the inputs which that clause reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from wotu.rulebook.explain import ClauseReason, clause_reason, near_miss
from wotu.rulebook.explain.build import view_of
from wotu.rulebook.explain.lacking import Asked, gathered, lacks_of
from wotu.rulebook.explain.reasons import Asker, flat
from wotu.rulebook.explain.settle import settling_clause
from wotu.rulebook.explain.view import Case, TableView, View
from wotu.rulebook.feel.tree import And, Name

if TYPE_CHECKING:
    from wotu.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One row: `eligible` (None: not known), the clause it lacks with the gap, or the clause that would settle it."""

    eligible: bool | None
    clause: str | None = None
    amount: Decimal | None = None
    unit: str | None = None
    text: str | None = None
    settles: str | None = None


MET = Shortfall(True)
NOT_MET = Shortfall(False)
OPEN = Shortfall(None)


def shortfalls(rulebook: Rulebook) -> Callable[[Mapping[str, object], Mapping[str, Any]], Shortfall]:
    """For one rule: from a row's inputs and its decisions' values (all below 符合) to how short it is."""
    view = view_of(rulebook)
    goal = view.eligible
    if goal is None:
        return lambda inputs, values: OPEN
    required = required_of(view, goal)
    asked = [part for part in gathered(lacks_of(view, goal)) if isinstance(part, Asked)]
    reads: dict[str, tuple[str, ...]] = {}
    explained: dict[tuple[object, ...], ClauseReason] = {}

    def short(inputs: Mapping[str, object], values: Mapping[str, Any]) -> Shortfall:
        answer = values[goal]
        if answer is True:
            return MET
        if answer is False and sum(values[one.decision] is not one.wanted for one in asked) > 1:
            return NOT_MET
        if answer is not False and sum(values[name] is not True for name in required) > 1:
            return OPEN
        case = Case(view, _Inputs(rulebook, inputs), values)
        if answer is not False:
            clause = settling_clause(case, goal)
            return OPEN if clause is None else Shortfall(None, settles=clause)

        def reason_of(name: str) -> ClauseReason:
            if name not in reads:
                reads[name] = view.reads(name)
            key = (name, *(inputs.get(each) for each in reads[name]))
            if key not in explained:
                explained[key] = clause_reason(Asker(case, "zh"), name)
            return explained[key]

        near = near_miss(case, reason_of)
        if near is None:
            return NOT_MET
        gap = near.distance
        if gap is None:
            return Shortfall(False, near.clause)
        return Shortfall(False, near.clause, gap.amount, gap.unit, gap.text)

    return short


def required_of(view: View, goal: str) -> tuple[str, ...]:
    """The boolean decisions that must all hold for the goal: two of them open, and no single one decides."""
    owner = view.decisions[goal]
    if owner.logic is None or isinstance(owner.logic, TableView):
        return ()
    names = (owner.needs.get(item.name) for item in flat(owner.logic, And) if isinstance(item, Name))
    found = (ref[1] for ref in names if ref is not None and ref[0] == "decision")
    return tuple(name for name in found if view.decisions[name].boolean)


class _Inputs(Mapping[str, Any]):
    """A row's inputs as FEEL values, made when somebody looks."""

    def __init__(self, rulebook: Rulebook, inputs: Mapping[str, object]) -> None:
        self._made: Mapping[str, Any] | None = None
        self._of = (rulebook, inputs)

    def _values(self) -> Mapping[str, Any]:
        if self._made is None:
            rulebook, inputs = self._of
            self._made = rulebook.input_values(inputs)
        return self._made

    def __getitem__(self, name: str) -> Any:
        return self._values()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values())

    def __len__(self) -> int:
        return len(self._values())
