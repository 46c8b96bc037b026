"""Calendar functions (DMN 10.3.4.8), and what day it is."""

from __future__ import annotations

from decimal import Decimal

from .. import temporal
from ..run import Run
from ..unknown import negation
from ..values import Date, DateTime, FeelError, Function, Value
from .define import define

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def _day(value: Value) -> Date:
    return value.date if isinstance(value, DateTime) else value


def day_of_year(value: Value) -> Value:
    return Decimal(temporal.day_of_year(_day(value)))


def day_of_week(value: Value) -> Value:
    return DAYS[temporal.weekday(_day(value)) - 1]


def month_of_year(value: Value) -> Value:
    return MONTHS[_day(value).month - 1]


def week_of_year(value: Value) -> Value:
    return Decimal(temporal.week_of_year(_day(value)))


def now(state: Run) -> Value:
    return state.moment()


def today(state: Run) -> Value:
    return state.moment().date


def negated(value: Value) -> Value:
    if value is not None and not isinstance(value, bool) and not hasattr(value, "possible"):
        raise FeelError("not 的参数不是 true 或 false")
    return negation(value)


_DATE = "date: date|date and time"

FUNCTIONS: tuple[Function, ...] = (
    define("day of year", _DATE, day_of_year, result="number"),
    define("day of week", _DATE, day_of_week, result="string"),
    define("month of year", _DATE, month_of_year, result="string"),
    define("week of year", _DATE, week_of_year, result="number"),
    define("now", "", now, run=True),
    define("today", "", today, run=True),
    define("not", "negand: any", negated, result="boolean", unknown="aware"),
)
