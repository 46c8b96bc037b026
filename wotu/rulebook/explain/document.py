"""An explanation as plain data, for JSON: the command line and the API say it the same way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wotu.rulebook.dmn.texts import Place
from wotu.rulebook.feel import Unknown
from wotu.rulebook.plain import plain, possible

from .goal import Reached
from .model import Change, ClauseReason, Distance, Explanation, Part, Plan, Used
from .tables import Entry, TableTrace
from .trace import NullReason, Trace
from .why import cause_words
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


def reached_document(reached: Reached) -> Document:
    """A goal, how things stand with it, and what reaches it."""
    return {
        "goal": reached.goal,
        "state": reached.state,
        "reason": _part(reached.reason),
        "plans": plans_document(reached.plans),
    }


def trace_document(trace: Trace) -> list[Document]:
    """Every step: the values it stood on, its table's rows, its nulls with cause and place."""
    return [
        {
            "decision": step.decision,
            "label": step.label,
            "value": plain(step.value),
            **({"known": False, "possible": possible(step.value)} if isinstance(step.value, Unknown) else {}),
            "used": _used(step.used),
            "table": _table(step.table) if step.table is not None else None,
            "inner_tables": [_table(table) for table in step.inner],
            "reason": _part(step.reason) if step.reason is not None else None,
            "nulls": [null_document(reason, trace.lang) for reason in step.nulls],
            "lacks": list(step.lacks),
        }
        for step in trace.steps
    ]


def null_document(reason: NullReason, lang: str) -> Document:
    """Why an expression is null, and where it stands."""
    return {
        "decision": reason.decision,
        "expression": reason.expression,
        "cause": reason.cause,
        "cause_words": cause_words(reason.cause, lang),
        "why": reason.why,
        "lacks": list(reason.lacks),
        "follows": reason.follows,
        **place_document(reason.place),
    }


def place_document(place: Place | None) -> Document:
    """Line and column inside the expression, its line in the file, and the line with a caret below; empty without a place."""
    if place is None:
        return {}
    return {
        "in": place.title,
        "line": place.line,
        "column": place.column,
        "file_line": place.file_line,
        "source": place.shown,
    }


def _table(table: TableTrace) -> Document:
    return {
        **({"title": table.title} if table.title else {}),
        "hit_policy": table.hit_policy,
        "values": [{"column": column, "value": plain(value)} for column, value in table.values],
        "matched": [row.number for row in table.rows if row.state == "hit"],
        "may_match": [row.number for row in table.rows if row.state == "maybe"],
        "rows": [
            {
                "row": row.number,
                "state": row.state,
                "failed": [_entry(entry) for entry in row.failed],
                "open": [_entry(entry) for entry in row.open],
                "annotations": list(row.annotations),
            }
            for row in table.rows
        ],
    }


def _entry(entry: Entry) -> Document:
    return {"column": entry.column, "test": entry.test, "value": plain(entry.value), "unit": entry.unit}


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
