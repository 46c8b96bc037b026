"""Days since 1970 as years, months and days of the calendar, for whole columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Days = npt.NDArray[Any]


def date_parts(days: Days) -> tuple[Days, Days, Days]:
    """Year, month and day of the month."""
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    counted = months.astype(np.int64)
    day = (dates - months).astype(np.int64) + 1
    return counted // 12 + 1970, counted % 12 + 1, day


def months_between(start: Days, end: Days) -> Days:
    """Whole months from the one day to the other, towards zero."""
    first, last = np.minimum(start, end), np.maximum(start, end)
    (year, month, day), (later, later_month, later_day) = date_parts(first), date_parts(last)
    months = (later - year) * 12 + later_month - month - (later_day < day)
    return np.where(end < start, -months, months)


def shifted(days: Days, months: int) -> Days:
    """The same day so many months on, or that month's last day where it has no such day."""
    year, month, day = date_parts(days)
    target = (year - 1970) * 12 + month - 1 + months
    first = target.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    after = (target + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return np.asarray(first + np.minimum(day, after - first) - 1)
