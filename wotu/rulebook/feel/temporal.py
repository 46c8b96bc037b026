"""Dates, times and durations: reading and writing them as FEEL does, and the calendar arithmetic, for years ±999999999."""

from __future__ import annotations

import re
import zoneinfo
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache

from .values import NANOS, Date, DateTime, DaysDuration, FeelError, Time, YearsDuration, Zone

DAY = 86_400 * NANOS
YEARS = 999_999_999
LONGEST = (2**63 - 1) * NANOS
"""No days and time duration is longer, in nanoseconds."""

_DATE = re.compile(r"(-?(?:[1-9]\d{4,8}|\d{4}))-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(
    r"(\d\d):(\d\d):(\d\d)(?:\.(\d*))?(?:(Z|z)|([+-])(\d\d):(\d\d)(?::(\d\d))?|@([A-Za-z0-9_+\-/]+))?", re.ASCII
)
_YEARS = re.compile(r"(-)?P(?:(\d+)Y)?(?:(\d+)M)?", re.ASCII)
_DAYS = re.compile(r"(-)?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d*))?S)?)?", re.ASCII)
_DIGITS = 24
"""More digits in one part of a duration are out of range anyhow."""


# --- calendar -------------------------------------------------------------------------------------------------------


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in_month(year: int, month: int) -> int:
    if month == 2:
        return 29 if is_leap(year) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def make_date(year: int, month: int, day: int) -> Date:
    """A date that exists; FeelError otherwise."""
    if not (-YEARS <= year <= YEARS and 1 <= month <= 12 and 1 <= day <= days_in_month(year, month)):
        raise FeelError(f"没有这一天：{year}-{month}-{day}")
    return Date(year, month, day)


def day_number(date: Date) -> int:
    """Days since 1970-01-01 (negative before it)."""
    year = date.year - (date.month <= 2)
    era, year_of_era = divmod(year, 400)
    month = (date.month + 9) % 12
    day_of_year = (153 * month + 2) // 5 + date.day - 1
    return era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719_468


def date_of(number: int) -> Date:
    """The date that lies so many days after 1970-01-01; FeelError when out of range."""
    era, day_of_era = divmod(number + 719_468, 146_097)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    part = (5 * day_of_year + 2) // 153
    month = part + 3 if part < 10 else part - 9
    year = year_of_era + era * 400 + (month <= 2)
    return make_date(year, month, day_of_year - (153 * part + 2) // 5 + 1)


def weekday(date: Date) -> int:
    """1 is Monday, 7 is Sunday."""
    return (day_number(date) + 3) % 7 + 1


def day_of_year(date: Date) -> int:
    return day_number(date) - day_number(Date(date.year, 1, 1)) + 1


def week_of_year(date: Date) -> int:
    """The week by ISO 8601."""
    thursday = date_of(day_number(date) - weekday(date) + 4)
    return (day_of_year(thursday) - 1) // 7 + 1


def add_months(date: Date, months: int) -> Date:
    """The same day so many months on, or the month's last day where it has no such day."""
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    if not -YEARS <= year <= YEARS:
        raise FeelError("日期超出范围")
    return Date(year, month + 1, min(date.day, days_in_month(year, month + 1)))


# --- zones ----------------------------------------------------------------------------------------------------------

UTC_ZONE = Zone(0)


@lru_cache(maxsize=256)
def _zone_info(name: str) -> zoneinfo.ZoneInfo | None:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


def named_zone(name: str) -> Zone:
    """The zone of that name in the tz database; FeelError when there is none."""
    if ".." in name or name.startswith("/") or _zone_info(name) is None:
        raise FeelError(f"没有这个时区：{name}")
    return Zone(None, name)


def zone_offset(zone: Zone | None, date: Date | None) -> int | None:
    """Seconds east of UTC on that day (a named zone without a date: its standard time); None for no zone."""
    if zone is None:
        return None
    if zone.offset is not None:
        return zone.offset
    return _named_offset(zone.name or "", date, None)


def _named_offset(name: str, date: Date | None, time: Time | None) -> int:
    info = _zone_info(name)
    if info is None:
        raise FeelError(f"没有这个时区：{name}")
    if date is None:
        moment = datetime(2001, 1, 15, tzinfo=info)
        offset, summer = moment.utcoffset(), moment.dst()
        return int(offset.total_seconds() - (summer.total_seconds() if summer else 0)) if offset else 0
    year = min(max(date.year, 2), 9000)
    if year != date.year:
        year = 2000 + date.year % 400 if date.year > 0 else 2
    day = min(date.day, days_in_month(year, date.month))
    clock = (time.hour, time.minute, time.second) if time else (12, 0, 0)
    offset = datetime(year, date.month, day, *clock, tzinfo=info).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def offset_of(value: Time | DateTime) -> int | None:
    """The offset that holds at that moment, in seconds; None when it has no zone."""
    zone = value.zone if isinstance(value, Time) else value.time.zone
    if zone is None or zone.offset is not None:
        return None if zone is None else zone.offset
    if isinstance(value, Time):
        return _named_offset(zone.name or "", None, None)
    return _named_offset(zone.name or "", value.date, value.time)


# --- reading --------------------------------------------------------------------------------------------------------


def read_date(text: str) -> Date:
    """`-2017-12-31`; FeelError when it is not a date."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise FeelError(f"不是日期：{_short(text)}")
    return make_date(int(match[1]), int(match[2]), int(match[3]))


def read_time(text: str) -> Time:
    """`10:30:00.5+08:00`; 24:00:00 is the midnight that begins a day. FeelError when it is not a time."""
    time, _ = _read_clock(text)
    return time


def _read_clock(text: str) -> tuple[Time, int]:
    """The time, and how many days 24:00:00 carries."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise FeelError(f"不是时间：{_short(text)}")
    hour, minute, second = int(match[1]), int(match[2]), int(match[3])
    nano = int((match[4] or "0")[:9].ljust(9, "0"))
    carry = 0
    if hour == 24 and minute == second == nano == 0:
        hour, carry = 0, 1
    zone: Zone | None = None
    if match[5]:
        zone = UTC_ZONE
    elif match[6]:
        seconds = int(match[7]) * 3600 + int(match[8]) * 60 + int(match[9] or 0)
        if int(match[8]) > 59 or int(match[9] or 0) > 59:
            raise FeelError(f"时区偏移不对：{_short(text)}")
        zone = make_offset(-seconds if match[6] == "-" else seconds)
    elif match[10]:
        zone = named_zone(match[10])
    return make_time(hour, minute, second, nano, zone), carry


def make_offset(seconds: int) -> Zone:
    """A fixed offset of at most 18 hours; FeelError beyond."""
    if abs(seconds) > 18 * 3600:
        raise FeelError("时区偏移超过 18 小时")
    return Zone(seconds)


def make_time(hour: int, minute: int, second: int, nano: int = 0, zone: Zone | None = None) -> Time:
    """A time that exists; FeelError otherwise."""
    if not (0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second <= 59):
        raise FeelError(f"没有这个时间：{hour}:{minute}:{second}")
    return Time(hour, minute, second, nano, zone)


def read_date_time(text: str) -> DateTime:
    """`2024-01-01T10:30:00Z`, or a date alone for its midnight; FeelError when it is neither."""
    day, separator, clock = text.partition("T")
    date = read_date(day)
    if not separator:
        return DateTime(date, Time(0, 0, 0))
    time, carry = _read_clock(clock)
    return DateTime(date_of(day_number(date) + carry) if carry else date, time)


def read_duration(text: str) -> DaysDuration | YearsDuration:
    """`P1Y2M` or `P1DT2H3M4.5S`, with a minus in front or not; FeelError when it is neither."""
    match = _YEARS.fullmatch(text)
    if match and (match[2] or match[3]):
        if max(len(match[2] or ""), len(match[3] or "")) > _DIGITS:
            raise FeelError("时长超出范围")
        months = int(match[2] or 0) * 12 + int(match[3] or 0)
        return make_years(-months if match[1] else months)
    match = _DAYS.fullmatch(text)
    if match is None or not any(match[group] for group in (2, 3, 4, 5)):
        raise FeelError(f"不是时长：{_short(text)}")
    if any(len(match[group] or "") > _DIGITS for group in (2, 3, 4, 5)):
        raise FeelError("时长超出范围")
    seconds = int(match[2] or 0) * 86_400 + int(match[3] or 0) * 3600 + int(match[4] or 0) * 60 + int(match[5] or 0)
    nanos = seconds * NANOS + int((match[6] or "0")[:9].ljust(9, "0"))
    return make_days(-nanos if match[1] else nanos)


def read_at(text: str) -> Date | Time | DateTime | DaysDuration | YearsDuration:
    """What `@"text"` stands for; FeelError when it is nothing."""
    if text.startswith(("P", "-P")):
        return read_duration(text)
    if text[2:3] == ":":
        return read_time(text)  # before looking for a T, which a zone's name may hold
    if "T" in text and text[:1] in "-0123456789":
        return read_date_time(text)
    return read_date(text)


def make_days(nanos: int) -> DaysDuration:
    if abs(nanos) > LONGEST:
        raise FeelError("时长超出范围")
    return DaysDuration(nanos)


def make_years(months: int) -> YearsDuration:
    if abs(months) > 12 * 2**31:
        raise FeelError("时长超出范围")
    return YearsDuration(months)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "…"


# --- writing --------------------------------------------------------------------------------------------------------


def write_date(date: Date) -> str:
    sign = "-" if date.year < 0 else ""
    return f"{sign}{abs(date.year):04d}-{date.month:02d}-{date.day:02d}"


def write_offset(seconds: int) -> str:
    if seconds == 0:
        return "Z"
    sign, seconds = ("-", -seconds) if seconds < 0 else ("+", seconds)
    text = f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
    return f"{text}:{seconds % 60:02d}" if seconds % 60 else text


def write_time(time: Time) -> str:
    text = f"{time.hour:02d}:{time.minute:02d}:{time.second:02d}{_fraction(time.nano)}"
    if time.zone is None:
        return text
    if time.zone.name is not None:
        return f"{text}@{time.zone.name}"
    return text + write_offset(time.zone.offset or 0)


def write_date_time(value: DateTime) -> str:
    return f"{write_date(value.date)}T{write_time(value.time)}"


def _fraction(nano: int) -> str:
    return "." + f"{nano:09d}".rstrip("0") if nano else ""


def write_duration(value: DaysDuration | YearsDuration) -> str:
    if isinstance(value, YearsDuration):
        years, months = divmod(abs(value.months), 12)
        text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return f"{'-' if value.months < 0 else ''}P{text or '0M'}"
    seconds, nano = divmod(abs(value.nanos), NANOS)
    days, rest = divmod(seconds, 86_400)
    hours, minutes, second = rest // 3600, rest // 60 % 60, rest % 60
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    if second or nano:
        clock += f"{second}{_fraction(nano)}S"
    text = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
    return f"{'-' if value.nanos < 0 else ''}P{text or 'T0S'}"


# --- moments --------------------------------------------------------------------------------------------------------


def clock_nanos(time: Time) -> int:
    """Nanoseconds since midnight, local."""
    return (time.hour * 3600 + time.minute * 60 + time.second) * NANOS + time.nano


def time_at(nanos: int, zone: Zone | None) -> Time:
    """The time so many nanoseconds after midnight (at most a day)."""
    seconds, nano = divmod(nanos, NANOS)
    return Time(seconds // 3600, seconds // 60 % 60, seconds % 60, nano, zone)


def instant(value: DateTime) -> int:
    """Nanoseconds since 1970-01-01T00:00: UTC when it has a zone, local otherwise."""
    local = day_number(value.date) * DAY + clock_nanos(value.time)
    return local - (offset_of(value) or 0) * NANOS


def midnight(date: Date) -> DateTime:
    """A date as a date and time: UTC midnight (DMN 10.3.2.9.4)."""
    return DateTime(date, Time(0, 0, 0, 0, UTC_ZONE))


def add_days(value: DateTime, duration: DaysDuration) -> DateTime:
    """So much later on the same clock."""
    days, nanos = divmod(clock_nanos(value.time) + duration.nanos, DAY)
    return DateTime(date_of(day_number(value.date) + days), time_at(nanos, value.time.zone))


def now_utc() -> DateTime:
    """This moment, in UTC."""
    now = datetime.now(UTC)
    return DateTime(
        Date(now.year, now.month, now.day), Time(now.hour, now.minute, now.second, now.microsecond * 1000, UTC_ZONE)
    )


def seconds_of(duration: DaysDuration) -> Decimal:
    return Decimal(duration.nanos).scaleb(-9)
