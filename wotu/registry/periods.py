"""Periods: the time a fact is about, as explicit text (`2024`, `2024-Q3`, `2024-09`, `2024-09-30`, `2021-01..2021-09`)."""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

Kind = Literal["year", "quarter", "month", "day", "range"]

CHINESE_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")


class BadPeriod(ValueError):
    """A text that is not a period; the message says which forms are."""


@dataclass(frozen=True, slots=True)
class Period:
    """A span of whole days with one canonical text; both ends included.

    >>> Period.parse("2024-Q3")
    Period(text='2024-Q3', starts=datetime.date(2024, 7, 1), ends=datetime.date(2024, 9, 30))
    >>> Period.months(2021, 1, 9).text
    '2021-01..2021-09'
    >>> str(Period.parse("2021-01..2021-12"))
    '2021年'
    """

    text: str
    starts: date
    ends: date

    @classmethod
    def year(cls, year: int) -> Period:
        """A whole calendar year."""
        _sane(year)
        return cls(f"{year:04d}", date(year, 1, 1), date(year, 12, 31))

    @classmethod
    def quarter(cls, year: int, quarter: int) -> Period:
        """A calendar quarter, 1 to 4."""
        _sane(year)
        if not 1 <= quarter <= 4:
            raise BadPeriod(f"没有第{quarter}季度。")
        last = quarter * 3
        return cls(f"{year:04d}-Q{quarter}", date(year, last - 2, 1), _month_end(year, last))

    @classmethod
    def month(cls, year: int, month: int) -> Period:
        """A calendar month, 1 to 12."""
        _sane(year)
        if not 1 <= month <= 12:
            raise BadPeriod(f"没有{month}月。")
        return cls(f"{year:04d}-{month:02d}", date(year, month, 1), _month_end(year, month))

    @classmethod
    def day(cls, day: date) -> Period:
        """One day."""
        return cls(day.isoformat(), day, day)

    @classmethod
    def months(cls, year: int, first: int, last: int) -> Period:
        """Whole months of one year, as the shortest form that says it: a year, a month or a range."""
        if first == last:
            return cls.month(year, first)
        if (first, last) == (1, 12):
            return cls.year(year)
        start, end = cls.month(year, first), cls.month(year, last)
        if start.starts > end.starts:
            raise BadPeriod(f"{first}月在{last}月之后。")
        return cls(f"{start.text}..{end.text}", start.starts, end.ends)

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read the canonical text of a period; raises `BadPeriod`."""
        text = text.strip()
        if ".." in text:
            first, last = (cls.parse(part) for part in text.split("..", 1))
            if first.starts > last.ends:
                raise BadPeriod(f"期间“{text}”的起在止之后。")
            if first.kind == last.kind == "month" and first.starts.year == last.starts.year:
                return cls.months(first.starts.year, first.starts.month, last.starts.month)
            return cls(f"{first.text}..{last.text}", first.starts, last.ends)
        if found := re.fullmatch(r"(\d{4})", text):
            return cls.year(int(found[1]))
        if found := re.fullmatch(r"(\d{4})-Q([1-4])", text):
            return cls.quarter(int(found[1]), int(found[2]))
        if found := re.fullmatch(r"(\d{4})-(\d{2})", text):
            return cls.month(int(found[1]), int(found[2]))
        try:
            return cls.day(date.fromisoformat(text))
        except ValueError:
            raise BadPeriod(
                f"“{text}”不是期间，请写成 2024、2024-Q3、2024-09、2024-09-30 或 2021-01..2021-09。"
            ) from None

    @property
    def kind(self) -> Kind:
        """Which of the forms this is."""
        if ".." in self.text:
            return "range"
        if "Q" in self.text:
            return "quarter"
        return {4: "year", 7: "month", 10: "day"}[len(self.text)]  # type: ignore[return-value]

    def before(self, years: int = 1) -> Period:
        """The same part of an earlier year."""
        match self.kind:
            case "year":
                return Period.year(self.starts.year - years)
            case "quarter":
                return Period.quarter(self.starts.year - years, self.ends.month // 3)
            case "month" | "range":
                return Period.months(self.starts.year - years, self.starts.month, self.ends.month)
            case _:
                day = min(self.starts.day, _month_end(self.starts.year - years, self.starts.month).day)
                return Period.day(self.starts.replace(year=self.starts.year - years, day=day))

    def __str__(self) -> str:
        """The period in Chinese words."""
        first, last = self.starts, self.ends
        match self.kind:
            case "year":
                return f"{first.year}年"
            case "quarter":
                return f"{first.year}年{'一二三四'[last.month // 3 - 1]}季度"
            case "month":
                return f"{first.year}年{first.month}月"
            case "day":
                return self.text
            case _ if first.year == last.year and (first.month, first.day) == (1, 1):
                return f"{first.year}年前{last.month}个月"
            case _:
                return f"{first.year}年{first.month}月至{last.year}年{last.month}月"


YEAR = r"(?<!\d)((?:19|20)\d{2})(?!\d)"
SPAN = r"\s*(?:-|–|—|~|至|到)\s*"
QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}
LATEST_YEAR = 2100

FORMS: tuple[tuple[re.Pattern[str], Callable[..., Period]], ...] = tuple(
    (re.compile(pattern), make)
    for pattern, make in (
        (rf"{YEAR}\s*年?{SPAN}{YEAR}\s*年?(?!\s*\d)", lambda a, b: Period.parse(f"{a}..{b}")),
        (
            rf"{YEAR}\s*年\s*(\d{{1,2}})\s*月?{SPAN}(\d{{1,2}})\s*月份?",
            lambda y, a, b: Period.months(int(y), int(a), int(b)),
        ),
        (
            rf"{YEAR}[-./](\d{{1,2}}){SPAN}{YEAR}[-./](\d{{1,2}})(?![-./\d])",
            lambda y, a, z, b: Period.parse(f"{y}-{int(a):02d}..{z}-{int(b):02d}"),
        ),
        (
            rf"{YEAR}\s*年?\s*前\s*([一二三]|[123])\s*个?季度",
            lambda y, q: Period.months(int(y), 1, 3 * QUARTERS[q]),
        ),
        (rf"{YEAR}\s*年?\s*前\s*(\d{{1,2}})\s*个?月", lambda y, m: Period.months(int(y), 1, int(m))),
        (rf"{YEAR}\s*年?\s*第?\s*([一二三四1-4])\s*季度?末?", lambda y, q: Period.quarter(int(y), QUARTERS[q])),
        (rf"{YEAR}\s*[-年]?\s*[Qq]([1-4])(?!\d)", lambda y, q: Period.quarter(int(y), QUARTERS[q])),
        (rf"{YEAR}\s*年?\s*上半年", lambda y: Period.months(int(y), 1, 6)),
        (rf"{YEAR}\s*年?\s*下半年", lambda y: Period.months(int(y), 7, 12)),
        (
            rf"{YEAR}\s*年\s*(\d{{1,2}})\s*月\s*(\d{{1,2}})\s*[日号]",
            lambda y, m, d: Period.day(date(int(y), int(m), int(d))),
        ),
        (
            rf"{YEAR}[-./](\d{{1,2}})[-./](\d{{1,2}})(?!\d)",
            lambda y, m, d: Period.day(date(int(y), int(m), int(d))),
        ),
        (rf"{YEAR}\s*年\s*(\d{{1,2}})\s*月(?:份|末|底)?", lambda y, m: Period.month(int(y), int(m))),
        (rf"{YEAR}[-./](0?[1-9]|1[0-2])(?![-./\d])", lambda y, m: Period.month(int(y), int(m))),
        (rf"{YEAR}\s*(?:年度|年末|年底|年全年|年|全年)?", lambda y: Period.year(int(y))),
    )
)
"""How words speak of a period, the more exact form first."""


def find(text: str) -> tuple[Period, str] | None:
    """The first period that words speak of, and the words without it; None where they speak of none.

    >>> find("2022年营业收入")
    (Period(text='2022', starts=datetime.date(2022, 1, 1), ends=datetime.date(2022, 12, 31)), '营业收入')
    >>> found, rest = find("2023年1-9月工业总产值"); found.text, rest
    ('2023-01..2023-09', '工业总产值')
    >>> find("2023年上半年")[0].text, find("2023年三季度末")[0].text, find("二〇二三年度")[0].text
    ('2023-01..2023-06', '2023-Q3', '2023')
    """
    plain = unicodedata.normalize("NFKC", text)
    plain = re.sub(r"[〇零○一二三四五六七八九]{4}(?=年)", lambda found: found[0].translate(CHINESE_DIGITS), plain)
    for pattern, make in FORMS:
        for found in pattern.finditer(plain):
            try:
                period = make(*found.groups())
            except ValueError:
                continue
            return period, (plain[: found.start()] + plain[found.end() :]).strip()
    return None


def relative(text: str) -> tuple[int, str] | None:
    """Words for a year counted from the sheet's own (本年 0, 上年 1, 前年 2), and the words without them."""
    for words, back in (
        (("上年同期", "去年同期", "上年度", "上一年度", "上一年", "上年末", "上年", "去年", "上期"), 1),
        (("前年度", "前年"), 2),
        (("本年度", "本年末", "本年累计", "本年", "当年度", "当年", "本期末", "本期累计", "本期"), 0),
    ):
        for word in words:
            if word in text:
                return back, text.replace(word, "", 1).strip()
    return None


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def _sane(year: int) -> None:
    if not 1900 <= year <= LATEST_YEAR:
        raise BadPeriod(f"年份{year}不在1900–{LATEST_YEAR}之间。")
