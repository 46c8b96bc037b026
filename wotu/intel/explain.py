"""Why a published figure and the count of its day are not the same, as far as the records can say."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from datetime import date, timedelta

from django.utils import timezone

from wotu.intel import crosscheck, series
from wotu.intel.crosscheck import Finding
from wotu.registers.measures import Measure, Reading
from wotu.registry import claims
from wotu.registry.desk import show
from wotu.registry.desk.measures import door
from wotu.registry.models import ZoneClaim
from wotu.registry.readings import Readings

BACK, AHEAD = 24, 12
"""Months before and after a figure's day among which another day is looked for."""


def explanations(claim: ZoneClaim) -> tuple[Finding, ...]:
    """What explains the difference of one figure from its count, the likeliest first."""
    one = series.series(claim.name)
    measure = one.counted_by
    if measure is None:
        return (Finding("plain", "这件事还没有登记可数，只能与别的报道对照"),)
    day = crosscheck.day_of(claim)
    reading = measure.read(day)
    if reading.value is None:
        return (Finding("ask", reading.why),)
    found = list(_explained(claim, measure, day, reading))
    if claim.note:
        found.append(Finding("plain", f"公布数的说明：{claim.note}"))
    if reading.demo:
        found.append(Finding("plain", "台账这个数里有演示数据，不是真实情况"))
    return tuple(found)


def _explained(claim: ZoneClaim, measure: Measure, day: date, reading: Reading) -> Iterable[Finding]:
    compared = claims.compare(claim, reading)
    if compared.agrees:
        loose = f"，“{claim.modifier}”字之内" if claim.modifier and compared.difference else ""
        yield Finding("plain", f"与台账相符{loose}")
        return
    if span := crosscheck.span_differs(measure, claim):
        yield Finding("ask", span)
    if not claim.period:
        yield Finding("ask", f"原文没有说明是什么时候的数；这里按发布日期 {day} 数，可能说的是更早的时候")
    yield from _other_day(claim, measure, day)
    yield from _other_meaning(claim, day)
    low, high = crosscheck.interval(claim)
    if compared.counted.value is not None and high > low and not claim.modifier:
        yield Finding("plain", f"公布数像是取整的，可在 {show.number(low)} 到 {show.number(high)} 之间")
    yield Finding("plain", f"口径：{measure.definition}。打开名单可逐条核对", door(measure.id, day, rows=True))


def _other_day(claim: ZoneClaim, measure: Measure, day: date) -> Iterable[Finding]:
    """The nearest month end on which the count is the figure."""
    if measure.history is None:
        return
    days = [d for d in _month_ends(day) if d <= timezone.localdate()]
    values = Readings().history(measure, days)
    agree = [
        (abs((d - day).days), d)
        for d, value in zip(days, values, strict=True)
        if value is not None and claims.compare(claim, Reading(value, d, False)).agrees
    ]
    if agree:
        _far, when = min(agree)
        how = "较早的数" if when < day else "较晚的数"
        yield Finding("ask", f"台账在 {when} 正是这个数：公布的可能是{how}", door(measure.id, when))
        return
    known = [(d, v) for d, v in zip(days, values, strict=True) if v is not None]
    if known:
        (first, low), (last, high) = known[0], known[-1]
        yield Finding(
            "plain",
            f"前后各月末台账都不是这个数（{first} 为 {show.number(low)}，{last} 为 {show.number(high)}），不像只是日期不同",
        )


def _other_meaning(claim: ZoneClaim, day: date) -> Iterable[Finding]:
    """Numbers of a like 口径 on that day."""
    near = series.series(claim.name).alike
    read = Readings().together(near, day)
    for measure in near:
        other = read[measure.id]
        if other.value is None:
            continue
        same = claims.compare(claim, other).agrees
        text = f"“{measure.name}”（{measure.definition}）那天是 {show.value(other.value, measure.unit)}"
        yield Finding(
            "ask" if same else "plain",
            f"{text}{'，与公布数相符：可能用了这个口径' if same else ''}",
            door(measure.id, day),
        )


def _month_ends(day: date) -> list[date]:
    """The ends of the months around a day, and the day itself."""
    ends = {day}
    for step in range(-BACK, AHEAD + 1):
        year, month = divmod(day.year * 12 + day.month - 1 + step, 12)
        ends.add(date(year, month + 1, calendar.monthrange(year, month + 1)[1]))
    return sorted(ends | {day - timedelta(days=1)})
