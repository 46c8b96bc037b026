"""A rulebook's inputs and outputs as JSON schema (2020-12): types, allowed values, units, what each thing is.

Every value may be null: in wotu's JSON null is "not known". What JSON schema cannot say (a range of dates) stands as FEEL in
`x-allowed`; units and periods in `x-unit` and `x-period`.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from ..dmn.declared import Allowed
from ..dmn.spans import spans_of
from ..feel import Interval, Unknown
from ..feel.types import Constrained, ContextOf, ListOf, Simple, Type
from ..feel.values import Value
from ..plain import plain
from ..rulebook import DecisionInfo, InputInfo, Rulebook

DRAFT = "https://json-schema.org/draft/2020-12/schema"

_SIMPLE: dict[str, dict[str, Any]] = {
    "number": {"type": "number"},
    "string": {"type": "string"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "time": {"type": "string", "format": "time", "x-feel": "time"},
    "date and time": {"type": "string", "format": "date-time", "x-feel": "date and time"},
    "days and time duration": {"type": "string", "format": "duration", "x-feel": "days and time duration"},
    "years and months duration": {"type": "string", "format": "duration", "x-feel": "years and months duration"},
    "Null": {"type": "null"},
}


def schema(book: Rulebook) -> dict[str, Any]:
    """The schema of `{"inputs": {…}, "outputs": {…}}`; `$defs` has each of the two alone."""
    model = book.model
    made: dict[str, Any] = {"$schema": DRAFT, "$id": model.namespace, "title": book.name}
    if model.description:
        made["description"] = model.description
    if book.edition:
        made["x-edition"] = book.edition
    inputs = {info.name: _input(info) for info in book.inputs}
    outputs = {info.name: _output(info) for info in book.decisions}
    return made | {
        "type": "object",
        "required": ["inputs"],
        "properties": {"inputs": {"$ref": "#/$defs/inputs"}, "outputs": {"$ref": "#/$defs/outputs"}},
        "$defs": {
            "inputs": {"type": "object", "additionalProperties": False, "properties": inputs},
            "outputs": {"type": "object", "additionalProperties": False, "properties": outputs},
        },
    }


def _input(info: InputInfo) -> dict[str, Any]:
    said = {
        "description": info.definition,
        "x-unit": info.unit,
        "x-period": info.period,
        "x-en": info.english,
        "examples": list(info.suggest),
    }
    return _or_null(_kind(info.type)) | {key: value for key, value in said.items() if value}


def _output(info: DecisionInfo) -> dict[str, Any]:
    said = {
        "description": info.question or info.description,
        "x-role": info.role,
        "x-kind": info.kind,
        "x-unit": info.unit,
        "x-max": info.max,
        "x-en": info.english,
    }
    return _or_null(_kind(info.type)) | {key: value for key, value in said.items() if value}


def _or_null(made: dict[str, Any]) -> dict[str, Any]:
    """The same, or null."""
    if "anyOf" in made:
        return made | {"anyOf": [*made["anyOf"], {"type": "null"}]}
    if "type" not in made or made["type"] == "null":
        return made
    if "enum" in made:
        made = made | {"enum": [*made["enum"], None]}
    return made | {"type": [made["type"], "null"]}


def _kind(kind: Type) -> dict[str, Any]:
    match kind:
        case Constrained(base=base, allows=allows):
            return _allowed(_kind(base), allows) if isinstance(allows, Allowed) else _kind(base)
        case ListOf(item=item):
            return {"type": "array", "items": _or_null(_kind(item))}
        case ContextOf(fields=fields):
            properties = {name: _or_null(_kind(below)) for name, below in fields}
            return {"type": "object", "properties": properties} if properties else {"type": "object"}
        case Simple(name=name):
            return dict(_SIMPLE.get(name, {}))
    return {}


def _allowed(made: dict[str, Any], allowed: Allowed) -> dict[str, Any]:
    """The type with what its allowed values say; as FEEL beside it where JSON schema has no words for them."""
    spans = None if allowed.tests.negated else spans_of(allowed.tests.tests)
    said = _spans(made.get("type"), spans) if spans is not None else None
    return made | (said if said is not None else {"x-allowed": allowed.text})


def _spans(kind: object, spans: Sequence[Value]) -> dict[str, Any] | None:
    points = [plain(span) for span in spans if not isinstance(span, Unknown)]
    if len(points) == len(spans):
        return {"enum": points}
    if kind != "number":
        return None
    ranges = [
        _bounds(span.possible) for span in spans if isinstance(span, Unknown) and isinstance(span.possible, Interval)
    ]
    if len(ranges) + len(points) < len(spans):
        return None
    if len(ranges) == 1 and not points:
        return ranges[0]
    return {"anyOf": [*({"const": point} for point in points), *({"type": "number"} | bounds for bounds in ranges)]}


def _bounds(span: Interval) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if isinstance(span.low, Decimal):
        found["minimum" if span.low_closed else "exclusiveMinimum"] = span.low
    if isinstance(span.high, Decimal):
        found["maximum" if span.high_closed else "exclusiveMaximum"] = span.high
    return found
