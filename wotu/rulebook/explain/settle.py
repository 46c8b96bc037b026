"""What isn't known: which facts would settle the answer."""

from __future__ import annotations

from typing import Any

from wotu.rulebook.feel.unknown import has_unknown

from .model import Change, Settling
from .reasons import case_after, missing, state_of
from .thresholds import candidates
from .view import Case, TableView

TRY_AT_MOST = 16
"""With more inputs missing than this, none of them is tried alone."""


def settling_clause(case: Case, decision: str) -> str | None:
    """The clause whose answer alone, met or not, would settle a decision not known; the lowest there is, or None."""
    view, found, clause = case.view, decision, None
    for _ in range(len(view.decisions)):
        owner = view.decisions[found]
        if isinstance(owner.logic, TableView) or owner.logic is None:
            break
        logic = owner.logic
        lower = next(
            (
                name
                for local, (origin, name) in owner.needs.items()
                if origin == "decision"
                and view.decisions[name].boolean
                and not isinstance(case.results.get(name), bool)
                if all(isinstance(case.value(found, logic, {local: answer}), bool) for answer in (True, False))
            ),
            None,
        )
        if lower is None:
            break
        found = lower
        clause = found if found in view.clauses else clause
    return clause


def settling(case: Case, decisions: tuple[str, ...], goal: str | None) -> tuple[Settling, ...]:
    """The inputs not known that keep decisions open, those that settle the goal alone first."""
    by_input: dict[str, list[str]] = {}
    for name in decisions:
        owner = case.view.decisions[name]
        logic = None if isinstance(owner.logic, TableView) else owner.logic
        for lack in missing(case, owner, logic, state_of(case.results.get(name))):
            by_input.setdefault(lack, []).append(name)
    found = []
    for name, clauses in by_input.items():
        alone = _alone(case, goal, name, len(by_input))
        found.append(Settling(name, case.view.inputs[name].unit, alone, tuple(clauses)))
    return tuple(sorted(found, key=lambda item: ("always", "sometimes", "never").index(item.alone)))


def _alone(case: Case, goal: str | None, name: str, lacking: int) -> Any:
    """Tried at each of the rule's thresholds; `always` only when nothing else is missing or every value has been tried."""
    if goal is None or lacking == 1:
        return "always"
    if lacking > TRY_AT_MOST:
        return "sometimes"
    answers = []
    entry = case.view.inputs[name]
    other = ("（其他）",) if entry.type == "string" and not entry.choices else ()
    for value in (*candidates(case, goal, name), *other):
        after = case_after(case, (Change(name, None, value),), goal)
        if after is not None:
            answers.append(not has_unknown(after.results.get(goal)))
    if answers and all(answers) and (entry.type == "boolean" or entry.choices):
        return "always"
    return "sometimes" if any(answers) else "never"
