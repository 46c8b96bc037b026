"""Why a rule says what it says: clause by clause, with values, distances, what is missing, and what would change it.

    explanation = explain(rulebook, inputs, rulebook.evaluate(inputs))     # or rulebook.explain(inputs)
    explanation.text                         # “高新技术企业认定：差一项，研发费用占比 4.2%，差 0.8 个百分点 ≈ 160 万元。”
    plans = what_would_do(rulebook, inputs, changeable={"近三年研发费用", "科技人员数"})

Every state comes from evaluating that very piece of the rule; a distance's changes have been tried before they are stated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from wotu.rulebook.feel.tree import And
from wotu.rulebook.feel.unknown import has_unknown

from .build import case_of, view_of
from .goal import Reached, reach
from .lacking import near_clauses, shortfall
from .model import (
    Change,
    ClauseReason,
    Distance,
    Explanation,
    NearMiss,
    Part,
    Plan,
    Settling,
    Shortfall,
    State,
    Used,
)
from .reasons import Asker, effort, explain_decision, flat, state_of
from .settle import settling
from .view import Case, TableView, View, names_in
from .words import listed, say, show_value

if TYPE_CHECKING:
    from wotu.rulebook.rulebook import Evaluation, Rulebook

__all__ = [
    "Change",
    "ClauseReason",
    "Distance",
    "Explanation",
    "NearMiss",
    "Part",
    "Plan",
    "Reached",
    "Settling",
    "Shortfall",
    "State",
    "Used",
    "explain",
    "reach",
    "what_would_do",
]


def explain(
    rulebook: Rulebook,
    inputs: Mapping[str, object],
    evaluation: Evaluation | None = None,
    *,
    null: str = "unknown",
    lang: str = "zh",
) -> Explanation:
    """Every clause's reason for these inputs; `lang` is zh or en. Raises RulebookError where evaluating would."""
    view = view_of(rulebook)
    case = case_of(view, inputs, evaluation, null)
    ask = Asker(case, lang)
    levels = view.levels()
    ordered = [name for name in view.clauses if name in levels] + [name for name in levels if name not in view.clauses]
    reasons = tuple(clause_reason(ask, name, levels[name]) for name in ordered)
    goal = view.eligible
    verdict = case.results.get(goal) if goal is not None else None
    unknown = settling(case, (goal,) if goal is not None else tuple(ordered), goal)
    short = shortfall(case, goal) if goal is not None else None
    by_name = {reason.name: reason for reason in reasons}
    near = near_miss(case, by_name.__getitem__)
    told = [info for info in rulebook.decisions if info.role == "outcome"]
    outcomes = {info.name: case.results.get(info.name) for info in told}
    units = {info.name: info.unit for info in told}
    text = _verdict(view, case, reasons, near, unknown, lang)
    eligible = verdict if isinstance(verdict, bool) else None
    return Explanation(
        view.name, view.edition, eligible, goal, text, reasons, outcomes, unknown, short, near, lang, units
    )


def what_would_do(
    rulebook: Rulebook,
    inputs: Mapping[str, object],
    changeable: Iterable[str] | None = None,
    *,
    goal: str | None = None,
    weights: Mapping[str, Decimal] | None = None,
    limit: int = 5,
    null: str = "unknown",
    lang: str = "zh",
) -> tuple[Plan, ...]:
    """Plans that reach the goal (default: that the rule is met), cheapest first; none when it is reached already.

    `goal` is a yes-or-no decision or a FEEL condition over decisions and inputs: `等级 = "A"`, `总分 >= 60`, `not(符合)`.
    Only `changeable` inputs are touched (default: all). A weight says how much dearer an input's change is than another's.
    """
    wanted = goal or view_of(rulebook).eligible
    if wanted is None:
        return ()
    return reach(rulebook, inputs, wanted, changeable, weights=weights, limit=limit, null=null, lang=lang).plans


def clause_reason(ask: Asker, name: str, level: int = 1) -> ClauseReason:
    """Why one clause is met, not met or not known."""
    view = ask.case.view
    decision = view.decisions[name]
    label = name if ask.lang == "zh" else decision.english or name
    part = explain_decision(ask, name, label)
    clause = view.clauses.get(name)
    needs = ((clause.requires if ask.lang == "zh" else clause.requires_english) if clause else "") or part.needs
    return ClauseReason(
        name=name,
        label=label,
        state=state_of(ask.case.results.get(name)),
        text=part.text,
        needs=needs,
        used=part.used,
        distance=part.distance,
        citation=clause.citation if clause else None,
        evidence=clause.evidence if clause else "",
        missing=part.missing,
        parts=(part,) if part.kind != "all" and part.kind != "any" else part.parts,
        note=part.note,
        level=level,
    )


def near_miss(case: Case, reason_of: Callable[[str], ClauseReason]) -> NearMiss | None:
    """The one clause that is short while nothing else is; `reason_of` explains a clause when it is needed."""
    goal = case.view.eligible
    if goal is None or case.results.get(goal) is not False or shortfall(case, goal) != Shortfall(1, 0):
        return None
    failing = [reason_of(name) for name in near_clauses(case, goal)]
    if not failing:
        return None
    best = min(failing, key=lambda reason: effort(reason.distance.changes if reason.distance else ()))
    return NearMiss(best.name, best.distance, best.text)


def _verdict(
    view: View,
    case: Case,
    reasons: tuple[ClauseReason, ...],
    near: NearMiss | None,
    unknown: tuple[Settling, ...],
    lang: str,
) -> str:
    """The answer in one sentence."""
    title = view.name if lang == "zh" else view.english or view.name
    if view.eligible is None:
        told = [info for info in view.rulebook.decisions if info.role == "outcome"]
        values = (
            f"{info.name if lang == 'zh' else info.english or info.name} "
            f"{show_value(case.results.get(info.name), info.unit, lang)}"
            for info in told
        )
        return say(lang, "no verdict", title, listed(values, lang))
    verdict = case.results.get(view.eligible)
    if verdict is True:
        return say(lang, "eligible", title)
    if verdict is False:
        if near is not None:
            return say(lang, "near", title, near.text)
        return say(lang, "ineligible", title, listed(_failing(case, reasons), lang))
    if has_unknown(verdict) and unknown:
        names = (item.name if lang == "zh" else view.inputs[item.name].english or item.name for item in unknown)
        return say(lang, "undecided", title, listed(names, lang))
    open_ones = [reason.text for reason in reasons if reason.state == "unknown"]
    return say(lang, "by hand", title, say(lang, "and").join(open_ones))


def _failing(case: Case, reasons: tuple[ClauseReason, ...]) -> list[str]:
    """The clauses not met that stop the answer, without those that stand on another one named."""
    goal = case.view.eligible
    owner = case.view.decisions[goal] if goal is not None else None
    stops: set[str] = set()
    if owner is not None and goal is not None and owner.logic is not None and not isinstance(owner.logic, TableView):
        for item in flat(owner.logic, And):
            if case.value(goal, item) is not True:
                stops |= {owner.needs[name][1] for name in names_in(item) if name in owner.needs}
    unmet = [reason for reason in reasons if reason.state == "not met"]
    return [reason.label for reason in unmet if reason.level == 1 and reason.name in stops] or [
        reason.label for reason in unmet
    ]
