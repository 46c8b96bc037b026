"""An explanation as plain data, for JSON: the command line and the API say it the same way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wotu.rulebook.feel import Unknown
from wotu.rulebook.plain import plain, possible

from .model import Change, ClauseReason, Distance, Explanation, Part, Plan, Used
from .words import citation_words, evidence_words

Document = dict[str, Any]


def explanation_document(explanation: Explanation) -> Document:
    """Everything an explanation says; numbers exact, states `met`, `not met`, `unknown`."""
    near, short = explanation.near_miss, explanation.shortfall
    return {
        "rule": explanation.rule,
        "edition": explanation.edition,
        "eligible": explanation.eligible,
        "decision": explanation.eligible_name,
        "text": explanation.text,
        "clauses": [_clause(reason, explanation.lang) for reason in explanation.clauses],
        "outcomes": {name: plain(value) for name, value in explanation.outcomes.items()},
        "unknown_inputs": [
            {"name": item.name, "unit": item.unit, "settles": item.alone, "clauses": list(item.clauses)}
            for item in explanation.unknown_inputs
        ],
        "shortfall": {"unmet": short.unmet, "unknown": short.unknown} if short else None,
        "near_miss": {"clause": near.clause, "distance": _distance(near.distance), "text": near.text} if near else None,
    }


def plans_document(plans: Iterable[Plan]) -> list[Document]:
    """Plans, cheapest first."""
    return [{"text": plan.text, "changes": _changes(plan.changes), "cost": plain(plan.cost)} for plan in plans]


def citation_document(citation: Any) -> Document | None:
    """Document, number, article and address of a clause's source."""
    if citation is None:
        return None
    return {
        "text": citation_words(citation),
        "document": citation.document,
        "number": citation.number,
        "article": citation.article,
        "url": citation.url,
    }


def _clause(reason: ClauseReason, lang: str) -> Document:
    return {
        "name": reason.name,
        "label": reason.label,
        "state": reason.state,
        "text": reason.text,
        "needs": reason.needs,
        "used": _used(reason.used),
        "distance": _distance(reason.distance),
        "citation": citation_document(reason.citation),
        "evidence": reason.evidence,
        "evidence_words": evidence_words(reason.evidence, lang),
        "missing": list(reason.missing),
        "note": reason.note,
        "level": reason.level,
        "parts": [_part(part) for part in reason.parts],
    }


def _part(part: Part) -> Document:
    return {
        "kind": part.kind,
        "state": part.state,
        "text": part.text,
        "needs": part.needs,
        "used": _used(part.used),
        "distance": _distance(part.distance),
        "missing": list(part.missing),
        "note": part.note,
        "parts": [_part(inner) for inner in part.parts],
    }


def _used(used: Iterable[Used]) -> list[Document]:
    said = []
    for item in used:
        one: Document = {"name": item.name, "value": plain(item.value), "unit": item.unit}
        if isinstance(item.value, Unknown):
            one |= {"known": False, "possible": possible(item.value)}
        said.append(one)
    return said


def _distance(distance: Distance | None) -> Document | None:
    if distance is None:
        return None
    return {
        "text": distance.text,
        "amount": distance.amount,
        "unit": distance.unit,
        "points": distance.points,
        "strict": distance.strict,
        "changes": _changes(distance.changes),
    }


def _changes(changes: Iterable[Change]) -> list[Document]:
    return [
        {"name": c.name, "from": plain(c.old), "to": plain(c.new), "unit": c.unit, "derived": c.derived}
        for c in changes
    ]
