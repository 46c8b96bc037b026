"""When: the forms of grammar/periods.yaml found in text, and resolved against the day the article was published."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import regex

from wotu.intel.reading.grammar import grammar
from wotu.registry.periods import BadPeriod, Period

DIGITS = {char: index for index, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2, "元": 1}
MONTH = r"\d{1,2}|十[一二]?|[一二三四五六七八九]"
DAY = r"\d{1,2}|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九]"
YEAR = r"(?:19|20)\d{2}|[一二][〇○零一二三四五六七八九]{3}"
FIRST = frozenset("0123456789今去上本前后明大同该当截目迄至到现如眼全年昨下一二三四五六七八九十第“‘头世")


@dataclass(frozen=True, slots=True)
class When:
    """A time as written: the rule that resolves it and the pieces it needs."""

    gives: str
    slots: Mapping[str, str]
    text: str


@dataclass(frozen=True, slots=True)
class Clock:
    """What a relative time is relative to: the day of publication and the year last spoken of."""

    published: date | None
    year: int | None = None
    month: int | None = None

    @property
    def today_year(self) -> int | None:
        return self.published.year if self.published else self.year

    def told(self, period: Period) -> Clock:
        """The clock after the text has spoken of a period."""
        month = period.starts.month if period.kind in ("month", "day") else self.month
        return replace(self, year=period.ends.year, month=month)


class NoSuchDay(ValueError):
    """A date that does not exist (2月30日); the message says so."""


@functools.cache
def forms() -> tuple[tuple[regex.Pattern[str], str], ...]:
    """The forms as patterns, in the order of the file."""
    data = grammar().periods
    years = "|".join(sorted((*data["years"], *data["same_year"]), key=len, reverse=True))
    plans = "|".join(sorted(data["plans"], key=len, reverse=True))
    slots = {
        "Y": f"(?P<Y>{YEAR})", "Y2": f"(?P<Y2>{YEAR})", "y": f"(?P<y>(?:{YEAR})年|{years})",
        "m": f"(?P<m>{MONTH})", "m2": f"(?P<m2>{MONTH})", "d": f"(?P<d>{DAY})", "d2": f"(?P<d2>{DAY})",
        "n": r"(?P<n>\d{1,2}|十[一二]?|[两一二三四五六七八九])", "q": "(?P<q>[一二三四1-4])",
        "plan": f"(?P<plan>{plans})", "to": data["to"],
    }  # fmt: skip
    return tuple((_compiled(form["form"], slots), form["gives"]) for form in data["forms"])


def when_at(text: str, place: int) -> When | None:
    """The longest time that starts at `place`."""
    if text[place] not in FIRST or (text[place].isdigit() and place and text[place - 1] in "0123456789."):
        return None
    best: tuple[regex.Match[str], str] | None = None
    for pattern, gives in forms():
        found = pattern.match(text, place)
        if found and (best is None or found.end() > best[0].end()):
            best = found, gives
    if best is None:
        return None
    found, gives = best
    return When(gives, {name: piece for name, piece in found.groupdict().items() if piece}, found[0])


def resolve(when: When, clock: Clock) -> Period | None:
    """The period meant, or None where the article's day would be needed and is not known. Raises `NoSuchDay`."""
    try:
        return RULES[when.gives](_Slots(when.slots, clock), clock)
    except (BadPeriod, ValueError) as error:
        if isinstance(error, NoSuchDay):
            raise
        raise NoSuchDay(f"“{when.text}”不是日历上有的日子") from error


def is_explicit(when: When) -> bool:
    """Whether the year is said, not taken from context."""
    return "Y" in when.slots or "y" in when.slots


class _Slots:
    """The pieces of a found form as numbers."""

    def __init__(self, slots: Mapping[str, str], clock: Clock) -> None:
        self.slots, self.clock = slots, clock

    def number(self, name: str) -> int:
        return _small(self.slots[name])

    def has(self, name: str) -> bool:
        return name in self.slots

    @property
    def said_year(self) -> int | None:
        if "Y" in self.slots:
            return _year(self.slots["Y"])
        word = self.slots.get("y", "")
        if not word:
            return None
        data = grammar().periods
        if word in data["same_year"]:
            return self.clock.year or self.clock.today_year
        if word in data["years"]:
            today = self.clock.today_year
            return today + int(data["years"][word]) if today else None
        return _year(word[:-1])

    def year(self, month: int | None = None, last: int | None = None) -> int | None:
        """The year said; else the one spoken of; else the latest in which `month` (to `last`) had come."""
        if self.said_year is not None or self.has("y"):
            return self.said_year
        if self.clock.year is not None:
            return self.clock.year
        published = self.clock.published
        if published is None:
            return None
        return published.year - (1 if (last or month or 1) > published.month else 0)


Rule = Callable[[_Slots, Clock], Period | None]


def _day(slots: _Slots, _: Clock) -> Period | None:
    year = slots.year(slots.number("m"))
    if year is None:
        return None
    try:
        return Period.day(date(year, slots.number("m"), slots.number("d")))
    except ValueError:
        raise NoSuchDay(f"{year}年没有{slots.number('m')}月{slots.number('d')}日") from None


def _month(slots: _Slots, _: Clock) -> Period | None:
    year = slots.year(slots.number("m"))
    return None if year is None else Period.month(year, slots.number("m"))


def _months(slots: _Slots, _: Clock) -> Period | None:
    first, last = slots.number("m"), slots.number("m2")
    year = slots.year(first, last)
    return None if year is None else Period.months(year, first, last)


def _long_months(slots: _Slots, _: Clock) -> Period | None:
    first, last = _year(slots.slots["Y"]), _year(slots.slots["Y2"])
    return Period.parse(f"{first}-{slots.number('m'):02d}..{last}-{slots.number('m2'):02d}")


def _first_months(slots: _Slots, _: Clock) -> Period | None:
    count = slots.number("n")
    year = slots.year(1, count)
    return None if year is None else _from_january(year, count)


def _first_quarters(slots: _Slots, _: Clock) -> Period | None:
    count = slots.number("q") * 3
    year = slots.year(1, count)
    return None if year is None else _from_january(year, count)


def _quarter(slots: _Slots, _: Clock) -> Period | None:
    last = slots.number("q") * 3
    year = slots.year(last - 2, last)
    return None if year is None else Period.months(year, last - 2, last)


def _half(slots: _Slots, _: Clock) -> Period | None:
    year = slots.year(1, 6)
    return None if year is None else Period.months(year, 1, 6)


def _second_half(slots: _Slots, _: Clock) -> Period | None:
    year = slots.year(7, 7)
    return None if year is None else Period.months(year, 7, 12)


def _years(slots: _Slots, _: Clock) -> Period | None:
    first, last = _year(slots.slots["Y"]), _year(slots.slots["Y2"])
    return Period.year(first) if first == last else Period.parse(f"{first}..{last}")


def _year_only(slots: _Slots, _: Clock) -> Period | None:
    return None if slots.said_year is None else Period.year(slots.said_year)


def _since_explicit(slots: _Slots, clock: Clock) -> Period | None:
    first, last = _year(slots.slots["Y"]), clock.today_year
    if last is None or last <= first:
        return Period.year(first)
    return Period.parse(f"{first}..{last}")


def _whole_year(_: _Slots, clock: Clock) -> Period | None:
    if clock.year is not None:
        return Period.year(clock.year)
    if clock.published is None:
        return None
    return Period.year(clock.published.year - (1 if clock.published.month <= 6 else 0))


def _this_year(_: _Slots, clock: Clock) -> Period | None:
    year = clock.year or clock.today_year
    return None if year is None else Period.year(year)


def _plan(slots: _Slots, _: Clock) -> Period | None:
    first = int(grammar().periods["plans"][slots.slots["plan"]])
    return Period.parse(f"{first}..{first + 4}")


def _plan_end(slots: _Slots, _: Clock) -> Period | None:
    return Period.year(int(grammar().periods["plans"][slots.slots["plan"]]) + 4)


def _days_before(days: int) -> Rule:
    def rule(_: _Slots, clock: Clock) -> Period | None:
        return None if clock.published is None else Period.day(clock.published - timedelta(days=days))

    return rule


def _months_before(months: int) -> Rule:
    def rule(_: _Slots, clock: Clock) -> Period | None:
        if clock.published is None:
            return None
        index = clock.published.year * 12 + clock.published.month - 1 - months
        return Period.month(index // 12, index % 12 + 1)

    return rule


def _day_of_month(slots: _Slots, clock: Clock) -> Period | None:
    day, published = slots.number("d"), clock.published
    if clock.year and clock.month:
        year, month = clock.year, clock.month
    elif published is None:
        return None
    else:
        index = published.year * 12 + published.month - 1 - (1 if day > published.day else 0)
        year, month = index // 12, index % 12 + 1
    try:
        return Period.day(date(year, month, day))
    except ValueError:
        raise NoSuchDay(f"{year}年{month}月没有{day}日") from None


RULES: Mapping[str, Rule] = {
    "day": _day,
    "month": _month,
    "months": _months,
    "long_months": _long_months,
    "first_months": _first_months,
    "first_quarters": _first_quarters,
    "quarter": _quarter,
    "half": _half,
    "second_half": _second_half,
    "year": _year_only,
    "years": _years,
    "since_year": _year_only,
    "since_explicit": _since_explicit,
    "whole_year": _whole_year,
    "this_year": _this_year,
    "plan": _plan,
    "plan_end": _plan_end,
    "as_of": _days_before(0),
    "today": _days_before(0),
    "yesterday": _days_before(1),
    "before_yesterday": _days_before(2),
    "this_month": _months_before(0),
    "last_month": _months_before(1),
    "day_of_month": _day_of_month,
    "nothing": lambda slots, clock: None,
}


def _from_january(year: int, count: int) -> Period:
    """The first months of a year; one month is that month."""
    if count == 12:
        return Period.year(year)
    return Period.months(year, 1, count)


def _small(word: str) -> int:
    if word.isdigit():
        return int(word)
    if "十" in word:
        tens, ones = word.split("十")
        return DIGITS.get(tens, 1) * 10 + DIGITS.get(ones, 0)
    return DIGITS[word]


def _year(word: str) -> int:
    return int(word) if word.isdigit() else int("".join(str(DIGITS[char]) for char in word))


def _compiled(form: str, slots: Mapping[str, str]) -> regex.Pattern[str]:
    """A form of periods.yaml as a pattern: `{?a|b}` may be there or not, `{m}` is a slot."""
    for name, slot in slots.items():
        form = form.replace("{" + name + "}", slot)
    return regex.compile(regex.sub(r"\{\?([^{}]*)\}", r"(?:\1)?", form))
