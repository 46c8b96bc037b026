"""What was published beside what is counted: differences, contradictions, old figures told as new, what follows by arithmetic.

Everything here is about the zone's published figures (`ZoneClaim`), whether an article's review or a file brought them in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from django.utils import timezone

from wotu.intel import series
from wotu.intel.series import Series
from wotu.registers.measures import Measure, Reading
from wotu.registry import claims
from wotu.registry.claims import Comparison, worded
from wotu.registry.desk import show
from wotu.registry.models import Source, ZoneClaim
from wotu.registry.periods import Period
from wotu.registry.readings import Readings

Shape = Literal["contradiction", "old", "follows", "ask", "plain"]
SHAPES: dict[Shape, str] = {"contradiction": "✗", "old": "↺", "follows": "∴", "ask": "?", "plain": "·"}
STALE = timedelta(days=90)
"""How much later a figure must be told for it to be an old one told as new."""
TELLING = 3
"""Digits a figure must have for its repetition to be no accident."""
MOST_DAYS = 6
"""Days on which the numbers are read together; of more, each number is read on all its days."""
EXACT_BELOW = 10_000
"""A count below this is taken as it is said; a larger one with zeros at its end as rounded there."""
ROUNDED = frozenset(("元", "美元", "平方米", "平方千米", "千米", "%"))


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a published figure that a person should know; `door` leads to what it speaks of."""

    shape: Shape
    text: str
    door: str = ""

    @property
    def mark(self) -> str:
        """Its shape on a page."""
        return SHAPES[self.shape]


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator: all that was published of it, the latest figure beside its count."""

    series: Series
    said: tuple[ZoneClaim, ...]
    """Oldest day first."""
    comparison: Comparison | None
    findings: tuple[Finding, ...]

    @property
    def latest(self) -> ZoneClaim:
        """The figure for the latest day."""
        return self.said[-1]

    @property
    def measure(self) -> Measure | None:
        """What counts it."""
        return self.series.counted_by

    @property
    def differs(self) -> bool:
        """Whether the count does not bear the figure out."""
        return self.comparison is not None and self.comparison.agrees is False


def day_of(claim: ZoneClaim) -> date:
    """The day a figure speaks to, today where neither its period nor its publication is known; never a day to come."""
    return min(claims.day(claim) or timezone.localdate(), timezone.localdate())


def published(names: Iterable[str] | None = None) -> dict[str, tuple[ZoneClaim, ...]]:
    """Every published figure by indicator, oldest day first; one query."""
    found = ZoneClaim.objects.select_related("source")
    if names is not None:
        found = found.filter(name__in=set(names))
    told: dict[str, list[ZoneClaim]] = defaultdict(list)
    for claim in found:
        told[claim.name].append(claim)
    return {name: tuple(sorted(figures, key=lambda c: (day_of(c), c.pk))) for name, figures in told.items()}


def lines(told: Mapping[str, Sequence[ZoneClaim]]) -> list[Line]:
    """Every indicator with its latest figure compared: what is counted first, then by how recent it is."""
    kept = {name: series.series(name) for name in told}
    wanted = {
        (measure, day_of(told[name][-1])) for name, one in kept.items() if (measure := one.counted_by) is not None
    }
    read = readings_on(wanted)
    made = []
    for name, one in kept.items():
        said, measure = tuple(told[name]), one.counted_by
        comparison = claims.compare(said[-1], read[measure.id, day_of(said[-1])]) if measure else None
        growths = told.get(series.name(name, kind="growth"), ())
        made.append(Line(one, said, comparison, tuple(findings(said, growths, one))))
    order = {one.name: place for place, one in enumerate(series.known())}
    made.sort(
        key=lambda line: (line.measure is None, order.get(line.series.name, 999), -day_of(line.latest).toordinal())
    )
    return made


def findings(said: Sequence[ZoneClaim], growths: Sequence[ZoneClaim], one: Series) -> Iterable[Finding]:
    """What the figures of one indicator say about each other."""
    yield from contradictions(said)
    yield from repetitions(said)
    for claim in said:
        for growth in growths:
            if growth.pk != claim.pk and growth.source_id == claim.source_id and growth.period == claim.period:
                yield from base_of(claim, growth, said)
    latest = said[-1]
    if not latest.period:
        yield Finding("ask", "原文没有说明是什么时候的数，按发布日期比较")
    elif (measure := one.counted_by) is not None and (span := span_differs(measure, latest)):
        yield Finding("ask", span)


def contradictions(said: Sequence[ZoneClaim]) -> Iterable[Finding]:
    """Figures for one period that can't both hold."""
    by_period: dict[str, list[ZoneClaim]] = defaultdict(list)
    for claim in said:
        if claim.period:
            by_period[claim.period].append(claim)
    for period, figures in by_period.items():
        first = figures[0]
        for other in figures[1:]:
            if other.unit == first.unit and not _overlap(interval(first), interval(other)):
                yield Finding(
                    "contradiction",
                    f"{show.period(period)}：{_told(first)}，{_told(other)}，两个说法不能同时成立",
                )
                break


def repetitions(said: Sequence[ZoneClaim]) -> Iterable[Finding]:
    """A figure told as of a later time that was told for an earlier one already, digit for digit."""
    for place, later in enumerate(said):
        for earlier in said[:place]:
            alike = earlier.value == later.value and earlier.unit == later.unit and _digits(later.value) >= TELLING
            restated = bool(later.period) and earlier.period == later.period
            aged = day_of(later) - day_of(earlier) >= STALE
            if alike and aged and not restated and earlier.source_id != later.source_id:
                when = f"{show.period(earlier.period)}的数" if earlier.period else "数（当时也没有说明期间）"
                yield Finding(
                    "old",
                    f"{_source(later)}所说的 {claims.said(later)}，与{_source(earlier)}说的{when}一字不差，可能是旧数当成新数",
                )
                break


def base_of(claim: ZoneClaim, growth: ZoneClaim, said: Sequence[ZoneClaim]) -> Iterable[Finding]:
    """What the figure was a year before, by its own growth; and whether anything else bears that out."""
    if growth.unit != "%" or growth.value <= -100 or not claim.value or not claim.period:
        return
    base = claim.value / (1 + growth.value / 100)
    rounded = round(base) if claim.value == int(claim.value) else round(base, 2)
    before = Period.parse(claim.period).before() if "Q" in claim.period or _one_year(claim.period) else None
    when = str(before) if before else "上年同期"
    text = (
        f"{claims.said(claim)}、增长 {worded(growth.value, '%')}，推得{when}约 {worded(Decimal(rounded), claim.unit)}"
    )
    yield Finding("follows", text)
    if before is None:
        return
    for other in said:
        if other.period == before.text and other.unit == claim.unit:
            off = abs(other.value - base) > max(abs(base) / 100, Decimal(1))
            how = "对不上" if off else "对得上"
            yield Finding(
                "contradiction" if off else "plain", f"{_source(other)}说{when}为 {claims.said(other)}，与推得的数{how}"
            )


def span_differs(measure: Measure, claim: ZoneClaim) -> str:
    """That the count covers another time than the figure does, in words; empty where it does not."""
    if measure.span is None or not claim.period:
        return ""
    counted, told = measure.span(day_of(claim)), str(Period.parse(claim.period))
    return "" if counted == told else f"公布的是{told}，台账数的是{counted}，期间不同"


def interval(claim: ZoneClaim) -> tuple[Decimal, Decimal]:
    """Between what a figure may lie, its modifier and its rounding taken into account.

    >>> interval(ZoneClaim(value=Decimal("62.8"), unit="%"))
    (Decimal('62.75'), Decimal('62.85'))
    >>> interval(ZoneClaim(value=Decimal(972), unit="家")), interval(ZoneClaim(value=Decimal(40), unit="家", modifier="余"))
    ((Decimal('972'), Decimal('972')), (Decimal('40'), Decimal('49')))
    """
    value = claim.value
    half = _rounding(value, claim.unit) / 2
    match claim.modifier:
        case "超" | "以上":
            return value, value * 5 / 4
        case "余":
            return value, value + _last_place(value) - 1
        case "近" | "不足":
            return value * 4 / 5, value
        case "不超过":
            return Decimal(0), value
        case "约":
            return value * 19 / 20, value * 21 / 20
        case _:
            return value - half, value + half


def readings_on(wanted: Iterable[tuple[Measure, date]]) -> dict[tuple[str, date], Reading]:
    """Measures read on their days, in few queries however many days there are."""
    by_day: dict[date, list[Measure]] = defaultdict(list)
    for measure, day in set_of(wanted):
        by_day[day].append(measure)
    kept, found = Readings(), dict[tuple[str, date], Reading]()
    if len(by_day) <= MOST_DAYS:
        for day, together in by_day.items():
            found |= {(id, day): reading for id, reading in kept.together(together, day).items()}
        return found
    days_of: dict[str, list[date]] = defaultdict(list)
    known = {measure.id: measure for together in by_day.values() for measure in together}
    for day in sorted(by_day):
        for measure in by_day[day]:
            days_of[measure.id].append(day)
    for id, days in days_of.items():
        measure = known[id]
        if measure.history is None or len(days) == 1:
            found |= {(id, day): kept.read(measure, day) for day in days}
            continue
        for day, value in zip(days, kept.history(measure, days), strict=True):
            found[id, day] = Reading(value, day, False, "" if value is not None else "这一天还没有记录")
    return found


def set_of(wanted: Iterable[tuple[Measure, date]]) -> list[tuple[Measure, date]]:
    """The pairs without repetition, in the order of days."""
    return sorted({(m.id, day): (m, day) for m, day in wanted}.values(), key=lambda pair: (pair[1], pair[0].id))


def _overlap(one: tuple[Decimal, Decimal], other: tuple[Decimal, Decimal]) -> bool:
    return max(one[0], other[0]) <= min(one[1], other[1])


def _rounding(value: Decimal, unit: str) -> Decimal:
    """The step a figure was rounded to; 0 for a count told to the last one."""
    if unit not in ROUNDED and abs(value) < EXACT_BELOW and value == int(value):
        return Decimal(0)
    return _last_place(value)


def _last_place(value: Decimal) -> Decimal:
    return Decimal(1).scaleb(int(value.normalize().as_tuple().exponent)) if value else Decimal(1)


def _digits(value: Decimal) -> int:
    return len(value.normalize().as_tuple().digits)


def _one_year(period: str) -> bool:
    found = Period.parse(period)
    return found.kind != "day" and found.starts.year == found.ends.year


def _source(claim: ZoneClaim) -> str:
    source: Source = claim.source
    day = f" {source.published_on}" if source.published_on and str(source.published_on) not in source.name else ""
    return f"{source.name}{day}" if not source.publisher else f"{source.publisher} {source.published_on or ''}".strip()


def _told(claim: ZoneClaim) -> str:
    return f"{_source(claim)}说 {claims.said(claim)}"
