"""FEEL values as plain data for JSON: decimals stay decimals, dates are ISO text, null and unknown are None.

What is still possible of an unknown is said beside it, by `possible`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from .feel import Choices, Interval, Sublist, Unknown, text_of


def plain(value: Any) -> Any:
    """The value as JSON can hold it (see `documents.write_json`)."""
    if isinstance(value, Unknown) or value is None:
        return None
    if isinstance(value, bool | str | Decimal):
        return value
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return text_of(value)


def possible(value: Any) -> dict[str, Any]:
    """What an unknown can still be: `values` or `low`/`high` with `kind`; empty when nothing is known of it."""
    if not isinstance(value, Unknown):
        return {}
    match value.possible:
        case Choices(values=values):
            if all(isinstance(item, Decimal) for item in values):
                values = tuple(sorted(values))
            return {"values": [plain(item) for item in values]}
        case Interval() as span:
            said: dict[str, Any] = {"kind": span.kind}
            if span.low is not None:
                said |= {"low": plain(span.low), "low_included": span.low_closed}
            if span.high is not None:
                said |= {"high": plain(span.high), "high_included": span.high_closed}
            return said | ({"or_null": True} if value.or_null else {})
        case Sublist(items=items):
            return {"items": [plain(item) for item in items]}
    return {}
