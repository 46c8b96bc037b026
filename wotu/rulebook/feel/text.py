"""The text of a value, as string() gives it and as it would be written in FEEL."""

from __future__ import annotations

import re
from decimal import Decimal

from .temporal import write_date, write_date_time, write_duration, write_time
from .values import Date, DateTime, DaysDuration, FeelError, Function, Range, Time, Value, YearsDuration

_ESCAPED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_PLAIN_KEY = re.compile(r"[^\W\d][\w ]*")


def number_text(value: Decimal) -> str:
    """Plain digits, without an exponent and without zeros that say nothing."""
    if not value:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def quoted(text: str) -> str:
    """The text as a FEEL string literal."""
    return '"' + "".join(_ESCAPED.get(sign, sign) for sign in text) + '"'


def text_of(value: Value, nested: bool = False) -> str:
    """The value as text; inside lists and contexts strings are quoted."""
    match value:
        case str():
            return quoted(value) if nested else value
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case Decimal():
            return number_text(value)
        case Date():
            return write_date(value)
        case Time():
            return write_time(value)
        case DateTime():
            return write_date_time(value)
        case DaysDuration() | YearsDuration():
            return write_duration(value)
        case list():
            return "[" + ", ".join(text_of(item, True) for item in value) + "]"
        case dict():
            entries = (f"{_key(key)}: {text_of(item, True)}" for key, item in value.items())
            return "{" + ", ".join(entries) + "}"
        case Range():
            return _range_text(value)
        case Function():
            return f"function {value.name}"
    raise FeelError("这个值没有文字")


def _key(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) else quoted(key)


def _range_text(value: Range) -> str:
    if value.operator:
        end = value.high if value.operator in ("<", "<=") else value.low
        return f"({value.operator} {text_of(end, True)})"
    open_sign, close_sign = "[" if value.low_closed else "(", "]" if value.high_closed else ")"
    return f"{open_sign}{text_of(value.low, True)}..{text_of(value.high, True)}{close_sign}"
