"""What a model says about itself in the words of the wotu extension: inputs, decisions, clauses and their sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal

from .dmn import model as m
from .dmn.declared import base_name
from .dmn.graph import Logic
from .dmn.possible import unknown_of
from .dmn.spans import closed_list
from .feel import UNKNOWN
from .feel.types import ANY, Type
from .feel.values import Value

WOTU = "{https://wotu.dev/dmn/1}"
Role = Literal["clause", "eligible", "outcome", "part"]
ELIGIBLE = "符合"
"""The decision that combines the clauses, marked or not."""


@dataclass(frozen=True, slots=True)
class InputInfo:
    """An input of the rule, as its author described it."""

    id: str
    name: str
    type: Type
    base: str
    """number, string, boolean, date …: the type below its item definition."""
    unit: str | None = None
    english: str = ""
    definition: str = ""
    period: str = ""
    suggest: tuple[str, ...] = ()
    """Usual values; others are possible."""
    choices: tuple[str, ...] = ()
    """Its allowed texts, where they are a closed list."""
    allowed: Value = UNKNOWN
    """What it can be at all: an unknown with its possibilities."""


@dataclass(frozen=True, slots=True)
class DecisionInfo:
    """A decision of the rule and the part it plays."""

    id: str
    name: str
    type: Type
    base: str
    role: Role
    kind: str = ""
    """Of an outcome: amount, tax, grade or score."""
    unit: str | None = None
    english: str = ""
    max: Decimal | None = None
    question: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a clause comes from."""

    document: str = ""
    number: str = ""
    article: str = ""
    url: str = ""
    effective_from: date | None = None
    effective_to: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition of the rule: a boolean decision with its source; `name` and `decision` are the same."""

    name: str
    decision: str
    requires: str = ""
    requires_english: str = ""
    citation: Citation | None = None
    evidence: str = ""
    """found, recalled or checked; empty where the file does not say."""
    evidence_note: str = ""
    english: str = ""
    article: str = ""


def said_of(element: m.Element, name: str) -> Mapping[str, str]:
    """The attributes of a wotu extension element; empty when there is none."""
    return next((e.attributes for e in element.extensions if e.tag == WOTU + name), {})


def _has(element: m.Element, name: str) -> bool:
    return any(e.tag == WOTU + name for e in element.extensions)


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.replace(";", "；").split("；") if part.strip())


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return None


def input_info(item: m.InputData, kind: Type | None) -> InputInfo:
    said = said_of(item, "input")
    return InputInfo(
        id=item.id,
        name=item.name,
        type=kind or ANY,
        base=base_name(kind),
        unit=said.get("unit") or None,
        english=said.get("en", ""),
        definition=said.get("definition") or item.description,
        period=said.get("period", ""),
        suggest=_list(said.get("suggest", "")),
        choices=closed_list(kind),
        allowed=unknown_of(kind),
    )


def _role(item: m.Decision) -> Role:
    if _has(item, "clause"):
        return "clause"
    if _has(item, "eligible") or item.name == ELIGIBLE:
        return "eligible"
    return "outcome" if _has(item, "outcome") else "part"


def decision_info(item: m.Decision, logic: Logic) -> DecisionInfo:
    role = _role(item)
    said = said_of(item, role)
    return DecisionInfo(
        id=item.id,
        name=item.name,
        type=logic.kind or ANY,
        base=base_name(logic.kind),
        role=role,
        kind=said.get("kind", ""),
        unit=said.get("unit") or None,
        english=said.get("en", ""),
        max=_number(said.get("max", "")),
        question=item.question,
        description=item.description,
    )


def clauses_of(model: m.Definitions, sources: Mapping[str, m.KnowledgeSource]) -> tuple[Clause, ...]:
    """The clauses in their order."""
    found: list[tuple[Decimal, Clause]] = []
    for item in model.decisions:
        if not _has(item, "clause"):
            continue
        said = said_of(item, "clause")
        source = next((sources[ref.id] for ref in item.authority if ref.id in sources), None)
        clause = Clause(
            name=item.name,
            decision=item.name,
            requires=said.get("requires") or item.description,
            requires_english=said.get("requiresEn", ""),
            citation=_citation(source, said.get("article", "")) if source is not None else None,
            evidence=said.get("evidence", ""),
            evidence_note=said.get("evidenceNote", ""),
            english=said.get("en", ""),
            article=said.get("article", ""),
        )
        found.append((_number(said.get("order", "")) or Decimal(len(found) + 1), clause))
    return tuple(clause for _, clause in sorted(found, key=lambda pair: pair[0]))


def _citation(source: m.KnowledgeSource, article: str) -> Citation:
    said = said_of(source, "source")
    return Citation(
        document=said.get("document") or source.name,
        number=said.get("number", ""),
        article=said.get("article") or article,
        url=source.location,
        effective_from=_day(said.get("effectiveFrom", "")),
        effective_to=_day(said.get("effectiveTo", "")),
        note=said.get("note", ""),
    )
