"""可享政策: what one enterprise may have as of a day, and for each rule the tree of its clauses down to the facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _

from wotu.policy import editions, queries
from wotu.policy.models import ClauseEvidence, Edition
from wotu.registers import columns as register
from wotu.registers.columns import Column
from wotu.registers.pages import staff_page
from wotu.registry.desk.portrait import asked_day
from wotu.registry.desk.tabs import Subject, Tab
from wotu.registry.models import Enterprise
from wotu.registry.profiles import Profile
from wotu.rulebook.explain import Explanation, what_would_do
from wotu.rulebook.explain.model import ClauseReason, Part, Plan, Used
from wotu.rulebook.explain.words import show_value

STATES = {"eligible": _("符合"), "near": _("差一项"), "unknown": _("未知"), "not": _("不符合"), "outcome": _("结论")}


@dataclass(frozen=True, slots=True)
class Standing:
    """How an enterprise stands with one edition of a rule."""

    edition: Edition
    state: str
    sentence: str
    explanation: Explanation
    outcomes: tuple[tuple[str, str], ...]

    @property
    def label(self) -> str:
        """The state in a word."""
        return str(STATES[self.state])


@dataclass(frozen=True, slots=True)
class Value:
    """A value that a clause looked at, with the profile column that explains where it comes from."""

    name: str
    shown: str
    known: bool
    column: Column | None


@dataclass(frozen=True, slots=True)
class Branch:
    """A part of a clause as the page shows it: state, words, values and its own parts."""

    state: str
    text: str
    needs: str
    distance: str
    note: str
    values: tuple[Value, ...]
    joined: str
    parts: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause as the page shows it, with its citation and how sure we are of it."""

    reason: ClauseReason
    state: str
    values: tuple[Value, ...]
    evidence: ClauseEvidence | None
    parts: tuple[Branch, ...]
    suppliers: tuple[tuple[str, str], ...]


def standing_of(explanation: Explanation) -> str:
    """Which group an answer belongs to; a rule without 符合 has a conclusion instead."""
    if explanation.eligible_name is None:
        return "outcome"
    if explanation.eligible is None:
        return "unknown"
    if explanation.eligible:
        return "eligible"
    return "near" if explanation.near_miss else "not"


def _standing(edition: Edition, explanation: Explanation) -> Standing:
    units = explanation.units
    outcomes = tuple((name, show_value(value, units.get(name), "zh")) for name, value in explanation.outcomes.items())
    sentence = explanation.near_miss.text if explanation.near_miss else explanation.text.split("：", 1)[-1]
    return Standing(edition, standing_of(explanation), sentence, explanation, outcomes)


def standings(subject: Subject) -> tuple[Standing, ...]:
    """Every rule in force on the day for one enterprise."""
    explained = queries.explanations(subject.enterprise, subject.as_of, subject.profile)
    return tuple(_standing(edition, explanation) for edition, explanation in explained)


def _grouped(found: Iterable[Standing]) -> list[tuple[str, str, list[Standing]]]:
    groups: dict[str, list[Standing]] = {state: [] for state in STATES}
    for standing in found:
        groups[standing.state].append(standing)
    return [(state, str(STATES[state]), rows) for state, rows in groups.items() if rows]


def policies(request: HttpRequest, subject: Subject) -> dict[str, Any]:
    """The tab's context: rules in groups, the one in the address opened."""
    return {"groups": _grouped(standings(subject)), "opened": request.GET.get("rule", "")}


TAB = Tab(
    "policies",
    str(_("可享政策")),
    "policy",
    20,
    "policy/portrait/policies.html",
    policies,
    summary="/policy/enterprises/",
    style="policy/policy.css",
)


@staff_page(room="policy", title=_("可享政策"))
def summary(request: HttpRequest, id: int) -> HttpResponse:
    """The groups in short, for the overview of an enterprise."""
    subject = Subject(get_object_or_404(Enterprise, pk=id), asked_day(request))
    context = {"groups": _grouped(standings(subject)), "enterprise": subject.enterprise, "as_of": subject.as_of}
    return render(request, "policy/portrait/summary.html", context)


@staff_page(room="policy", title=_("条款"))
def tree(request: HttpRequest, id: int, edition_id: int) -> HttpResponse:
    """One rule for one enterprise, clause by clause."""
    subject = Subject(get_object_or_404(Enterprise, pk=id), asked_day(request))
    edition = get_object_or_404(Edition.objects.select_related("policy"), pk=edition_id)
    book = editions.rulebook(edition)
    inputs = queries.inputs_of(book, subject.profile)
    explanation = book.explain(inputs)
    evidence = queries.evidence(edition)
    clauses = [_clause(reason, evidence, subject.profile) for reason in explanation.clauses]
    context = {
        "enterprise": subject.enterprise,
        "as_of": subject.as_of,
        "edition": edition,
        "standing": _standing(edition, explanation),
        "clauses": clauses,
        "unknowns": [(u, register.column(u.name), _why(subject.profile, u.name)) for u in explanation.unknown_inputs],
        "plans": _plans(book, inputs, explanation) if "how" in request.GET else None,
        "asked_how": "how" in request.GET,
    }
    return render(request, "policy/portrait/tree.html", context)


def _plans(book: Any, inputs: Mapping[str, Any], explanation: Explanation) -> tuple[Plan, ...]:
    return what_would_do(book, inputs, limit=3) if explanation.eligible is not True else ()


def _why(profile: Profile, name: str) -> str:
    cell = profile.cells.get(name)
    return cell.why if cell else str(_("画像里没有这一列，须人工判断。"))


def _value(used: Used) -> Value:
    column = register.column(used.name)
    shown = show_value(used.value, used.unit, "zh")
    return Value(used.name, shown, not shown.startswith("未知"), column)


def _branch(part: Part) -> Branch:
    joined = {"all": str(_("须全部满足")), "any": str(_("满足其一即可")), "not": str(_("不得有"))}.get(part.kind, "")
    return Branch(
        part.state.replace(" ", "-"),
        part.text,
        part.needs,
        part.distance.text if part.distance else "",
        part.note,
        tuple(_value(used) for used in part.used),
        joined if part.parts else "",
        tuple(_branch(inner) for inner in part.parts),
    )


def _clause(reason: ClauseReason, evidence: Mapping[str, ClauseEvidence], profile: Profile) -> Clause:
    suppliers = tuple(
        (name, column.supplied_by if (column := register.column(name)) else str(_("人工判断")))
        for name in reason.missing
    )
    return Clause(
        reason,
        reason.state.replace(" ", "-"),
        tuple(_value(used) for used in reason.used),
        evidence.get(reason.name),
        tuple(_branch(part) for part in reason.parts),
        suppliers,
    )
