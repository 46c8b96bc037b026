"""Conversion functions (DMN 10.3.4.1) and the text of values."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from ..known import kind_of, number
from ..temporal import (
    make_date,
    make_offset,
    make_time,
    make_years,
    midnight,
    offset_of,
    read_date,
    read_date_time,
    read_duration,
    read_time,
)
from ..text import text_of
from ..values import MATH, NANOS, Date, DateTime, DaysDuration, FeelError, Function, Time, Value, Zone
from .define import define, whole

_NUMBER = re.compile(r"-?(\d+(\.\d+)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def date(source: Value) -> Value:
    if isinstance(source, str):
        return read_date(source)
    return source.date if isinstance(source, DateTime) else source


def date_of_parts(year: Decimal, month: Decimal, day: Decimal) -> Value:
    return make_date(_integer(year), _integer(month), _integer(day))


def _integer(value: Decimal) -> int:
    if value != value.to_integral_value():
        raise FeelError("日期与时间的部分要是整数")
    return whole(value)


def time(source: Value) -> Value:
    if isinstance(source, str):
        return read_time(source)
    if isinstance(source, Date):
        return midnight(source).time
    return source.time if isinstance(source, DateTime) else source


def time_of_parts(hour: Decimal, minute: Decimal, second: Decimal, offset: DaysDuration | None = None) -> Value:
    zone: Zone | None = None
    if offset is not None:
        zone = make_offset(offset.nanos // NANOS)
    seconds = int(second.to_integral_value("ROUND_FLOOR"))
    nanos = int((second - seconds).scaleb(9))
    return make_time(_integer(hour), _integer(minute), seconds, nanos, zone)


def date_and_time(source: Value) -> Value:
    if isinstance(source, str):
        return read_date_time(source)
    return midnight(source) if isinstance(source, Date) else source


def date_with_time(date: Value, time: Time) -> Value:
    return DateTime(date.date if isinstance(date, DateTime) else date, time)


def date_time_of_parts(
    year: Decimal, month: Decimal, day: Decimal, hour: Decimal, minute: Decimal, second: Decimal, offset: Value = None
) -> Value:
    return DateTime(date_of_parts(year, month, day), time_of_parts(hour, minute, second, offset))


def number_of(source: str, grouping: str | None = None, decimal: str | None = None) -> Value:
    if grouping not in (None, " ", ",", "."):
        raise FeelError("number 的千位分隔符只能是空格、逗号或点")
    if decimal not in (None, ",", "."):
        raise FeelError("number 的小数点只能是点或逗号")
    if grouping is not None and grouping == decimal:
        raise FeelError("number 的千位分隔符与小数点相同")
    text = source.replace(grouping, "") if grouping else source
    if decimal == ",":
        if "." in text:
            raise FeelError("不是数")
        text = text.replace(",", ".")
    if not _NUMBER.fullmatch(text):
        raise FeelError(f"不是数：{source[:40]}")
    return number(MATH.create_decimal, text)  # type: ignore[arg-type]


def string(source: Value) -> Value:
    return None if source is None else text_of(source)


def duration(source: Value) -> Value:
    return read_duration(source) if isinstance(source, str) else source


def years_and_months(start: Value, end: Value) -> Value:
    """Whole months from the one day to the other; times of day do not count. Towards zero."""
    first, last = _day(start), _day(end)
    sign = 1
    if last < first:
        first, last, sign = last, first, -1
    months = (last.year - first.year) * 12 + last.month - first.month
    if last.day < first.day:
        months -= 1
    return make_years(sign * months)


def _day(value: Value) -> Date:
    return value.date if isinstance(value, DateTime) else value


def range_of(source: str) -> Value:
    from ..literals import range_value
    from ..parser import FeelSyntaxError, parse

    try:
        node = parse(source)
    except FeelSyntaxError as problem:
        raise FeelError("不是区间") from problem
    return range_value(node)


def is_same(left: Any = None, right: Any = None) -> Value:
    """The same kind and the same value, zone and all, with no conversion."""
    if type(left) is not type(right):
        return False
    if isinstance(left, Time | DateTime):
        zones = (left.zone, right.zone) if isinstance(left, Time) else (left.time.zone, right.time.zone)
        named = [zone.name if zone else None for zone in zones]
        return bool(named[0] == named[1] and offset_of(left) == offset_of(right) and left == right)
    from ..known import same

    return same(left, right)


_MOMENT = "date|date and time"

FUNCTIONS: tuple[Function, ...] = (
    define("date", "from: string|date|date and time", date),
    define("date", "year: number, month: number, day: number", date_of_parts),
    define("time", "from: string|date|time|date and time", time),
    define(
        "time",
        "hour: number, minute: number, second: number, [offset: days and time duration?]",
        time_of_parts,
    ),
    define("date and time", "from: string|date|date and time", date_and_time),
    define("date and time", f"date: {_MOMENT}, time: time", date_with_time),
    define(
        "date and time",
        "year: number, month: number, day: number, hour: number, minute: number, second: number, "
        "[offset: days and time duration?]",
        date_time_of_parts,
    ),
    define(
        "number",
        "from: string, [grouping separator: string?], [decimal separator: string?]",
        number_of,
        result="number",
    ),
    define("string", "from: any", string, result="string"),
    define("duration", "from: string|duration", duration),
    define("years and months duration", f"from: {_MOMENT}, to: {_MOMENT}", years_and_months),
    define("range", "from: string", range_of),
    define("is", "[value1: any], [value2: any]", is_same, result="boolean"),
)
__all__ = ["FUNCTIONS", "kind_of"]
