"""What isn't known: which facts would settle the answer, and how many clauses are short."""

from __future__ import annotations

from typing import Any

from wotu.rulebook.feel.tree import And, Name, Node, Or
from wotu.rulebook.feel.unknown import has_unknown

from .model import Change, Settling, Shortfall
from .reasons import case_after, flat, missing, state_of
from .thresholds import candidates
from .view import Case, TableView

TRY_AT_MOST = 16
"""With more inputs missing than this, none of them is tried alone."""


def shortfall(case: Case, decision: str) -> Shortfall:
    """Unmet and unknown clauses below a decision: all-of adds, any-of takes the smallest; nothing below what is met."""
    owner = case.view.decisions[decision]
    if isinstance(owner.logic, TableView) or owner.logic is None or not _stands_on_clauses(case, decision):
        return _one(case.results.get(decision))
    return _of_node(case, decision, owner.logic)


def _stands_on_clauses(case: Case, decision: str) -> bool:
    return any(case.view.decisions[lower].boolean for lower in case.view.decisions[decision].decisions())


def _one(value: Any) -> Shortfall:
    return Shortfall(int(value is False), int(not isinstance(value, bool)))


def _of_node(case: Case, decision: str, node: Node) -> Shortfall:
    value = case.value(decision, node)
    if value is True:
        return Shortfall(0, 0)
    owner = case.view.decisions[decision]
    if isinstance(node, And):
        parts = [_of_node(case, decision, item) for item in flat(node, And)]
        return Shortfall(sum(part.unmet for part in parts), sum(part.unknown for part in parts))
    if isinstance(node, Or):
        parts = [_of_node(case, decision, item) for item in flat(node, Or)]
        best = min(parts, key=lambda part: (part.unmet, part.unknown))
        return best if value is False or best.unmet == 0 else Shortfall(0, 1)
    if isinstance(node, Name) and owner.origin(node.name) == "decision":
        target = owner.needs[node.name][1]
        if case.view.decisions[target].boolean:
            return shortfall(case, target)
    return _one(value)


def near_clause(case: Case, decision: str) -> str | None:
    """Of a decision one clause short, that clause: the lowest on the way down through all-of; None when there is a choice."""
    view, found = case.view, decision
    for _ in range(len(view.decisions)):
        failing = [
            lower
            for lower in view.decisions[found].decisions()
            if view.decisions[lower].boolean and case.results.get(lower) is not True
        ]
        logic = view.decisions[found].logic
        if len(failing) != 1 or isinstance(logic, TableView) or logic is None or not isinstance(logic, And | Name):
            break
        if not all(isinstance(item, Name) or case.value(found, item) is True for item in flat(logic, And)):
            break
        found = failing[0]
    return None if found == decision else found


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
    for value in candidates(case, goal, name):
        after = case_after(case, (Change(name, None, value),), goal)
        if after is not None:
            answers.append(not has_unknown(after.results.get(goal)))
    entry = case.view.inputs[name]
    if answers and all(answers) and (entry.type == "boolean" or entry.choices):
        return "always"
    return "sometimes" if any(answers) else "never"
