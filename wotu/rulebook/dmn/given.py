"""Values from outside (Python, JSON, YAML, columns) -> FEEL values of an input's type."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from decimal import Decimal, Overflow
from typing import Any

from ..feel import UNKNOWN, FeelError, Function, Unknown, is_instance, text_of, truths
from ..feel.temporal import make_date, read_date, read_date_time, read_duration, read_time
from ..feel.types import ANY, Constrained, ContextOf, ListOf, Simple, Type
from ..feel.values import MATH, NANOS, Date, DateTime, DaysDuration, Range, Time, Value, YearsDuration, Zone
from .declared import Allowed, base_name
from .possible import unknown_of

NUMBERS = (Decimal, int, float)
DEEPEST = 50
"""Lists and structures inside each other, at most."""
MOST_ITEMS = 1_000_000
"""Values in one input, at most."""
FEEL_KINDS = (Date, Time, DateTime, DaysDuration, YearsDuration, Range, Function)
WORDS = {
    "number": "数字，如 120",
    "string": "文字",
    "boolean": "true 或 false",
    "date": "日期，如 2026-04-01",
    "time": "时间，如 08:30:00",
    "date and time": "日期时间，如 2026-04-01T08:30:00",
    "days and time duration": "时长，如 P30D、PT8H",
    "years and months duration": "年月时长，如 P1Y6M",
    "list": "列表",
    "context": "按名称写的结构",
    "function": "函数",
}
"""What a value of each kind is called, with how it is written."""


class Refused(Exception):
    """A value that is not of its type: what is wrong, and what would be right."""

    def __init__(self, what: str, wanted: str, within: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.wanted = wanted
        self.within = within

    def inside(self, place: str) -> Refused:
        """The same, seen from further out."""
        return Refused(self.what, self.wanted, f"{place}{self.within}")


def given(value: Any, kind: Type | None, missing: Value) -> Value:
    """The FEEL value; None becomes `missing` (null, or UNKNOWN narrowed to what the type allows). Refused otherwise."""
    if value is None:
        return None if missing is None else unknown_of(kind)
    if type(value) is Unknown:
        return unknown_of(kind) if value == UNKNOWN else value
    if isinstance(kind, Constrained):
        found = given(value, kind.base, missing)
        if isinstance(kind.allows, Allowed) and found is not None and True not in truths(kind.allows(found)):
            raise Refused(f"{shown(value)} 不在允许的值之内", f"可以是 {kind.allows.text}")
        return found
    if kind is None or kind == ANY:
        return natural(value, missing)
    if isinstance(kind, ListOf):
        if not isinstance(value, list | tuple):
            raise _wrong(value, kind)
        return [_within(item, kind.item, missing, f"第 {place} 项") for place, item in enumerate(value, 1)]
    if isinstance(kind, ContextOf):
        return _structure(value, kind, missing)
    read = _READERS.get(kind.name) if isinstance(kind, Simple) else None
    found = read(value) if read is not None else natural(value, missing)
    if found is None or is_instance(found, kind) is not True:
        raise _wrong(value, kind)
    return found


def reader(kind: Type | None) -> Callable[[Any, Value], Value]:
    """`given` for one type, with what never changes worked out beforehand."""
    base, tests = kind, []
    while isinstance(base, Constrained):
        if base.allows is not None:
            tests.append(base.allows)
        base = base.base
    usual = _USUAL.get(str(base)) if isinstance(base, Simple) else None
    unknown = unknown_of(kind)

    def read(value: Any, missing: Value) -> Value:
        if value is None:
            return None if missing is None else unknown
        found = natural(value, missing) if usual is Decimal and type(value) in NUMBERS else value
        if type(found) is usual:
            for test in tests:
                if test(found) is not True:
                    break
            else:
                return found
        if isinstance(value, list | tuple | Mapping):
            _bounded(value)
        return given(value, kind, missing)

    return read


def _bounded(value: Any) -> None:
    """Refused where a list or structure is nested too deep (or holds itself), or holds too much, what is shared each time."""
    count = 0
    level = [value]
    for _ in range(DEEPEST):
        below: list[Any] = []
        for item in level:
            count += len(item)
            if count > MOST_ITEMS:
                raise Refused(f"列表或结构里的值超过 {MOST_ITEMS} 个", "请缩小它")
            inside = item.values() if isinstance(item, Mapping) else item
            below += [each for each in inside if isinstance(each, list | tuple | Mapping)]
        if not below:
            return
        level = below
    raise Refused(f"列表或结构的嵌套超过 {DEEPEST} 层", "请减少嵌套；自己包含自己的也不行")


_USUAL: dict[str, type] = {"string": str, "boolean": bool, "date": Date, "number": Decimal}
"""Types whose values need no conversion."""


def _within(value: Any, kind: Type | None, missing: Value, place: str) -> Value:
    try:
        return given(value, kind, missing)
    except Refused as refused:
        raise refused.inside(place) from None


def _structure(value: Any, kind: ContextOf, missing: Value) -> Value:
    if not isinstance(value, Mapping):
        raise _wrong(value, kind)
    known = dict(kind.fields)
    if known:
        for name in value:
            if name not in known:
                raise Refused(f"没有“{name}”这一项", f"可以写 {'、'.join(known)}")
    found = {name: _within(value.get(name), below, missing, f"的“{name}”") for name, below in kind.fields}
    return found if known else natural(value, missing)


def _wrong(value: Any, kind: Type) -> Refused:
    words = WORDS.get(base_name(kind), str(kind))
    gap = " " if words[0].isascii() else ""
    return Refused(f"{shown(value)} 不是{gap}{words.partition('，')[0]}", f"请给{gap}{words}")


def shown(value: Any) -> str:
    """A value as its giver wrote it, for a sentence."""
    if isinstance(value, str):
        return f"“{value}”"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, FEEL_KINDS):
        return text_of(value)
    text = str(value) if not isinstance(value, int) or value.bit_length() < 1000 else "很大的数"
    return text if len(text) <= 60 else text[:57] + "…"


def natural(value: Any, missing: Value) -> Value:
    """A FEEL value without any type to go by: numbers, texts, dates, lists and mappings as they come."""
    if isinstance(value, (bool | str, FEEL_KINDS)):
        return value
    if isinstance(value, int | float | Decimal):
        return _number(value)
    if isinstance(value, datetime.datetime | datetime.date):
        return _date_time(value) if isinstance(value, datetime.datetime) else _date(value)
    if isinstance(value, datetime.time):
        return _time(value)
    if isinstance(value, datetime.timedelta):
        return _days(value)
    if isinstance(value, list | tuple):
        return [given(item, None, missing) for item in value]
    if isinstance(value, Mapping):
        return {str(name): given(item, None, missing) for name, item in value.items()}
    raise Refused(
        f"{shown(value)}（{type(value).__name__}）不能作为输入", "请给数字、文字、true 或 false、日期、列表或结构"
    )


def _number(value: Any) -> Value:
    """Exactly the number meant: a float by its shortest decimal text, never by its binary value."""
    if isinstance(value, bool):
        return None
    if isinstance(value, Decimal | int):
        found = Decimal(value)
    elif isinstance(value, float):
        found = Decimal(repr(float(value)))
    else:
        return None
    if not found.is_finite():
        raise Refused(f"{value} 不是数字", "请给有限的数")
    try:
        return MATH.plus(found)
    except Overflow:
        raise Refused(f"有 {found.adjusted() + 1} 位的数太大", f"请给 {MATH.Emax} 位以内的数") from None


def _string(value: Any) -> Value:
    return value if isinstance(value, str) else None


def _boolean(value: Any) -> Value:
    return value if isinstance(value, bool) else None


def _read(text: str, reader: Callable[[str], Value]) -> Value:
    try:
        return reader(text.strip())
    except FeelError:
        return None


def _date(value: Any) -> Value:
    if isinstance(value, Date):
        return value
    if isinstance(value, str):
        return _read(value, read_date)
    if isinstance(value, datetime.datetime):
        return _date(value.date()) if value.time() == datetime.time() else None
    return make_date(value.year, value.month, value.day) if isinstance(value, datetime.date) else None


def _time(value: Any) -> Value:
    if isinstance(value, Time):
        return value
    if isinstance(value, str):
        return _read(value, read_time)
    if isinstance(value, datetime.time):
        offset = value.utcoffset()
        zone = None if offset is None else Zone(int(offset.total_seconds()))
        return Time(value.hour, value.minute, value.second, value.microsecond * 1000, zone)
    return None


def _date_time(value: Any) -> Value:
    if isinstance(value, DateTime):
        return value
    if isinstance(value, str):
        return _read(value, read_date_time)
    if isinstance(value, datetime.datetime):
        return DateTime(_date(value.date()), _time(value.timetz()))
    return None


def _days(value: Any) -> Value:
    if isinstance(value, datetime.timedelta):
        return DaysDuration((value.days * 86_400 + value.seconds) * NANOS + value.microseconds * 1000)
    return _duration(value, DaysDuration)


def _years(value: Any) -> Value:
    return _duration(value, YearsDuration)


def _duration(value: Any, wanted: type) -> Value:
    found = _read(value, read_duration) if isinstance(value, str) else value
    return found if isinstance(found, wanted) else None


_READERS: dict[str, Callable[[Any], Value]] = {
    "number": _number,
    "string": _string,
    "boolean": _boolean,
    "date": _date,
    "time": _time,
    "date and time": _date_time,
    "days and time duration": _days,
    "years and months duration": _years,
}

__all__ = ["Refused", "given", "natural", "reader", "shown"]
