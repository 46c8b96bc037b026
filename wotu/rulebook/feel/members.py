"""What comes after a dot: context entries, and the properties of dates, times, durations and ranges (DMN table 65)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from .known import kind_of
from .temporal import offset_of, weekday
from .unknown import UNKNOWN, Choices, Interval, Sublist, Unknown, interval, join
from .values import NANOS, Date, DateTime, DaysDuration, FeelError, Range, Time, Value, YearsDuration


def _offset(value: Time | DateTime) -> Value:
    seconds = offset_of(value)
    return None if seconds is None else DaysDuration(seconds * NANOS)


def _zone(value: Time) -> Value:
    return value.zone.name if value.zone else None


def _sign(value: int) -> int:
    return -1 if value < 0 else 1


_DATE: dict[str, Callable[[Date], Value]] = {
    "year": lambda value: Decimal(value.year),
    "month": lambda value: Decimal(value.month),
    "day": lambda value: Decimal(value.day),
    "weekday": lambda value: Decimal(weekday(value)),
}
_TIME: dict[str, Callable[[Time], Value]] = {
    "hour": lambda value: Decimal(value.hour),
    "minute": lambda value: Decimal(value.minute),
    "second": lambda value: Decimal(value.second),
    "time offset": _offset,
    "timezone": _zone,
}
_DAYS: dict[str, Callable[[DaysDuration], Value]] = {
    "days": lambda value: Decimal(_sign(value.nanos) * (abs(value.nanos) // (86_400 * NANOS))),
    "hours": lambda value: Decimal(_sign(value.nanos) * (abs(value.nanos) // (3600 * NANOS) % 24)),
    "minutes": lambda value: Decimal(_sign(value.nanos) * (abs(value.nanos) // (60 * NANOS) % 60)),
    "seconds": lambda value: Decimal(_sign(value.nanos) * (abs(value.nanos) % (60 * NANOS))).scaleb(-9).normalize(),
}
_YEARS: dict[str, Callable[[YearsDuration], Value]] = {
    "years": lambda value: Decimal(_sign(value.months) * (abs(value.months) // 12)),
    "months": lambda value: Decimal(_sign(value.months) * (abs(value.months) % 12)),
}
_RANGE: dict[str, Callable[[Range], Value]] = {
    "start": lambda value: value.low,
    "end": lambda value: value.high,
    "start included": lambda value: value.low_closed,
    "end included": lambda value: value.high_closed,
}

PROPERTIES_OF: dict[str, tuple[str, ...]] = {
    "date": (*_DATE, *_TIME),
    "time": tuple(_TIME),
    "date and time": (*_DATE, *_TIME),
    "days and time duration": tuple(_DAYS),
    "years and months duration": tuple(_YEARS),
    "range": tuple(_RANGE),
}
"""What may follow the dot, by the kind of value."""


def _date_time(value: DateTime, name: str) -> Value:
    if name in _DATE:
        return _DATE[name](value.date)
    if name == "time offset":
        return _offset(value)
    if name in _TIME:
        return _TIME[name](value.time)
    raise FeelError(f"日期时间没有 {name}")


def member(value: Value, name: str) -> Value:
    """`value.name`; through a list, of every item. FeelError when there is no such member."""
    kind = type(value)
    if kind is dict:
        try:
            return value[name]
        except KeyError:
            raise FeelError(f"没有条目 {name}") from None
    if kind is list:
        return [_member_or_null(item, name) for item in value]
    if kind is Unknown:
        return _unknown_member(value, name)
    table: dict[str, Callable[..., Value]] | None = (
        _DATE
        if kind is Date
        else _TIME
        if kind is Time
        else _DAYS
        if kind is DaysDuration
        else _YEARS
        if kind is YearsDuration
        else _RANGE
        if kind is Range
        else None
    )
    if table and name in table:
        return table[name](value)
    if kind is DateTime:
        return _date_time(value, name)
    if kind is Date and name in _TIME:
        return _DATE_AS_TIME[name]
    raise FeelError(f"{kind_of(value)} 没有 {name}")


_DATE_AS_TIME: dict[str, Value] = {
    "hour": Decimal(0),
    "minute": Decimal(0),
    "second": Decimal(0),
    "time offset": None,
    "timezone": None,
}


def _member_or_null(value: Value, name: str) -> Value:
    try:
        return member(value, name)
    except FeelError:
        return None


def _unknown_member(value: Unknown, name: str) -> Value:
    possible = value.possible
    if isinstance(possible, Choices):
        return join([_member_or_null(item, name) for item in possible.values])
    if isinstance(possible, Sublist):
        return Unknown(Sublist(tuple(_member_or_null(item, name) for item in possible.items), possible.sure))
    if isinstance(possible, Interval):
        if possible.kind == "date" and name == "year":
            low = None if possible.low is None else Decimal(possible.low.year)
            high = None if possible.high is None else Decimal(possible.high.year)
            return interval("number", low, high, True, True, value.or_null)
        if possible.kind in ("number", "string"):
            return None
    return UNKNOWN
