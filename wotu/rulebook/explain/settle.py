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
    if isinstance(node, And):
        parts = [_of_node(case, decision, item) for item in flat(node, And)]
        return Shortfall(sum(part.unmet for part in parts), sum(part.unknown for part in parts))
    if isinstance(node, Or):
        parts = [_of_node(case, decision, item) for item in flat(node, Or)]
        best = min(parts, key=lambda part: (part.unmet, part.unknown))
        return best if value is False or best.unmet == 0 else Shortfall(0, 1)
    target = _clause_named(case, decision, node)
    return _one(value) if target is None else shortfall(case, target)


def near_clauses(case: Case, decision: str) -> tuple[str, ...]:
    """Of a decision one clause short, that clause: the lowest on the way down through all-of; several where any would do."""
    view, found = case.view, decision
    for _ in range(len(view.decisions)):
        owner = view.decisions[found]
        if isinstance(owner.logic, TableView) or owner.logic is None or not _stands_on_clauses(case, found):
            break
        short = [item for item in flat(owner.logic, And) if case.value(found, item) is not True]
        if len(short) != 1:
            break
        clause = _clause_named(case, found, short[0])
        if clause is None:
            return _ways_out(case, decision, short[0]) if found == decision else (found,)
        found = clause
    return () if found == decision else (found,)


def _ways_out(case: Case, decision: str, node: Node) -> tuple[str, ...]:
    """The clauses any one of which would do, where alternatives are what is short."""
    found: list[str] = []
    for way in flat(node, Or):
        if _of_node(case, decision, way) == Shortfall(1, 0):
            names = (_clause_named(case, decision, item) for item in flat(way, And))
            found += [name for name in names if name is not None and case.results.get(name) is False]
    return tuple(found)


def _clause_named(case: Case, decision: str, node: Node) -> str | None:
    """The boolean decision that a name in another one stands for."""
    owner = case.view.decisions[decision]
    if not isinstance(node, Name) or owner.origin(node.name) != "decision":
        return None
    name = owner.needs[node.name][1]
    return name if case.view.decisions[name].boolean else None


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
