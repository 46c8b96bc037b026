"""What somebody wants to reach: a decision of the rule, or any condition over its inputs and decisions.

reach(book, inputs, '等级 = "A"', changeable={"研发费用"}).plans[0].text
reach(book, inputs, "总分 >= 60 and not(有处罚)").reason.text
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from wotu.rulebook.dmn.names import strange
from wotu.rulebook.documents import meant, refuse
from wotu.rulebook.feel import Choices, FeelSyntaxError, Interval, Scope, Sublist, Unknown, parse

from .build import case_of, view_of
from .changes import Search, plans_for
from .model import Part, Plan, State
from .reasons import Asker, explain_decision, state_of
from .view import Case, DecisionView, Ref, View, names_in

if TYPE_CHECKING:
    from wotu.rulebook.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Reached:
    """How things stand with a goal: met or not and why, and the smallest changes that reach it (none when it is met)."""

    goal: str
    state: State
    reason: Part
    plans: tuple[Plan, ...]


def reach(
    book: Rulebook,
    inputs: Mapping[str, Any],
    goal: str,
    changeable: Iterable[str] | None = None,
    *,
    weights: Mapping[str, Decimal] | None = None,
    limit: int = 5,
    null: str = "unknown",
    lang: str = "zh",
) -> Reached:
    """How far the goal is and what reaches it, cheapest first; each plan has been tried.

    `goal` is the name of a yes-or-no decision or a FEEL condition. Only `changeable` inputs are touched (default: all).
    RulebookError for a goal that is no condition, and where evaluating would raise it.
    """
    view = with_goal(view_of(book), goal)
    case = _with_result(case_of(view_of(book), inputs, None, null), view, goal)
    value = case.results.get(goal)
    if not _is_condition(view, goal, value):
        raise refuse("目标", f"“{goal}”不是条件", f"请写成是或否的条件，例如 {_example(view, goal)}")
    reason = explain_decision(Asker(case, lang), goal)
    allowed = frozenset(view.inputs if changeable is None else changeable) & frozenset(view.inputs)
    plans = () if value is True else plans_for(case, goal, Search(allowed, weights or {}), limit, lang)
    return Reached(goal, state_of(value), reason, plans)


def _is_condition(view: View, goal: str, value: Any) -> bool:
    """Whether it can come out as yes or no; what is null or quite unknown might."""
    if goal in view.rulebook.logic:
        return view.decisions[goal].boolean or isinstance(value, bool)
    if isinstance(value, Unknown):
        if isinstance(value.possible, Choices):
            return any(isinstance(item, bool) for item in value.possible.values)
        return not isinstance(value.possible, Interval | Sublist)
    return value is None or isinstance(value, bool)


def _example(view: View, goal: str) -> str:
    return f"{goal} >= 60" if goal in view.decisions else "总分 >= 60"


def with_goal(view: View, goal: str) -> View:
    """The view with the goal as one more decision; the view itself where the goal is a decision already."""
    if goal in view.decisions:
        return view
    book = view.rulebook
    types = {info.name: info.type for info in book.inputs} | {info.name: info.type for info in book.decisions}
    scope = Scope(types, book.network.models[""].types.known)
    tree = parse(goal, scope)
    for name in strange(tree, scope):
        near = meant(name.name, types)
        hint = f"是不是“{near}”？" if near else f"可以用：{'、'.join(types)}"
        raise FeelSyntaxError(goal, name.span[0], f"没有“{name.name}”", hint)
    decisions = {info.name for info in book.decisions}
    needs: dict[str, Ref] = {
        name: ("decision" if name in decisions else "input", name) for name in names_in(tree) if name in types
    }
    aim = DecisionView(goal, True, None, "", scope, needs, tree, {})
    return replace(view, decisions={**view.decisions, goal: aim}, compiled={}, lacks={})


def _with_result(case: Case, view: View, goal: str) -> Case:
    aim = view.decisions[goal]
    found = Case(view, case.inputs, case.results)
    if goal in case.results or aim.logic is None:
        return found
    return Case(view, case.inputs, {**case.results, **view.results(case.inputs, goal)})
