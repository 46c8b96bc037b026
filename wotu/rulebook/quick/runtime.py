"""What a program may call while it runs; whatever is unusual raises, and the interpreter takes over for that decision."""

from __future__ import annotations

import datetime
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ..dmn.graph import Logic, frame
from ..feel import Limits, Run, call_function, coerce
from ..feel.known import negate, power
from ..feel.run import LONG, Diagnostic
from ..feel.temporal import DAY, YEARS, add_months, date_of, day_number, make_days, make_years
from ..feel.values import MATH, Date, DaysDuration, FeelError, Value, YearsDuration


class Unusual(Exception):
    """Not what the program was made for: the interpreter is asked."""


UNUSUAL = (Unusual, FeelError, ArithmeticError, RecursionError)
"""What may come out of a program's expressions."""
MISSING = object()
FIRST_DAY, LAST_DAY = day_number(Date(-YEARS, 1, 1)), day_number(Date(YEARS, 12, 31))
_EPOCH = datetime.date(1970, 1, 1).toordinal()


class Interpreter:
    """The interpreter for the decisions of one evaluation that take the long way, and the notes it made."""

    __slots__ = ("noted", "owners", "run")

    def __init__(self, limits: Limits | None) -> None:
        self.noted: list[Diagnostic] = []
        self.owners: list[str] = []
        self.run = Run(limits, self.noted)

    def decide(self, logic: Logic, name: str, values: dict[Any, Value]) -> Value:
        """A decision's value."""
        found = logic.run(frame(logic, values, self.run))
        self.own(name)
        return found

    def own(self, name: str) -> None:
        """What was noted since the last time belongs to this decision."""
        self.owners += [name] * (len(self.noted) - len(self.owners))

    def mark(self) -> tuple[int, int, int]:
        """Where the evaluation stands."""
        return len(self.noted), self.run.steps, self.run.depth

    def back(self, mark: tuple[int, int, int]) -> None:
        """As it stood: the decision begins anew."""
        del self.noted[mark[0] :]
        self.run.steps, self.run.depth = mark[1:]


# --- what values must be --------------------------------------------------------------------------------------------


def refuse() -> Any:
    """Not here."""
    raise Unusual


def not_null(value: Any) -> Any:
    if value is None:
        raise Unusual
    return value


def _needed(kind: type, read: Callable[[Any], Any] | None = None) -> Callable[[Any], Any]:
    def need(value: Any) -> Any:
        if type(value) is not kind:
            raise Unusual
        return value if read is None else read(value)

    return need


def _typed(kind: type) -> Callable[[Any], Any]:
    def keep(value: Any) -> Any:
        if value is not None and type(value) is not kind:
            raise Unusual
        return value

    return keep


def nanos_of(value: DaysDuration) -> int:
    return value.nanos


def months_of(value: YearsDuration) -> int:
    return value.months


def number_or_none(value: Any, kind: type, read: Callable[[Any], int]) -> int | None:
    """The whole number that a date or duration stands for; None for anything else."""
    return read(value) if type(value) is kind else None


def maybe(make: Callable[[Any], Any], value: Any) -> Any:
    """The value made of a whole number; null of null."""
    return None if value is None else make(value)


def given_date(value: Any, number: int | None) -> Any:
    """An input that is a date, from what was given and its number."""
    return value if number is None or type(value) is Date else date_of(number)


def read_day(text: str) -> int | None:
    """The number of the day that a plain text (`2026-04-01`) names; None for any other text."""
    if len(text) == 10 and text[4] == "-" == text[7]:
        try:
            return datetime.date.fromisoformat(text).toordinal() - _EPOCH
        except ValueError:
            return None
    return None


def day_of(value: datetime.date) -> int:
    return value.toordinal() - _EPOCH


# --- operations -----------------------------------------------------------------------------------------------------


def later(day: int, nanos: int) -> int:
    """A date and a days and time duration: midnight of that day, so much later."""
    found = day + nanos // DAY
    if not FIRST_DAY <= found <= LAST_DAY:
        raise Unusual
    return found


def months_later(day: int, months: int) -> int:
    return day_number(add_months(date_of(day), months))


def days_sum(left: int, right: int) -> int:
    return make_days(left + right).nanos


def years_sum(left: int, right: int) -> int:
    return make_years(left + right).months


def join_text(left: str, right: str) -> str:
    """Short texts; long ones are counted by the interpreter."""
    if len(left) + len(right) > LONG:
        raise Unusual
    return left + right


def made(run: Run, value: Any) -> Any:
    """A list or context of values of any kind, counted."""
    run.made(value)
    return value


def between(value: Any, low: Any, high: Any) -> bool:
    """All three are computed, as the interpreter does."""
    return bool(low <= value <= high)


def entry(value: Any, name: str) -> Any:
    """`value.name` of a context that has it."""
    if type(value) is dict and name in value:
        return value[name]
    raise Unusual


def anew(value: Any) -> Any:
    """A constant list or context as one of its own, since whoever gets it may change it."""
    if type(value) is list:
        return [anew(item) for item in value]
    if type(value) is dict:
        return {key: anew(item) for key, item in value.items()}
    return value


NEEDED = {
    "number": "need_number",
    "string": "need_string",
    "boolean": "need_boolean",
    "date": "need_date",
    "days and time duration": "need_days",
    "years and months duration": "need_years",
}
"""What makes sure, while a program runs, that a value is of a kind."""
KEPT = {"number": "keep_number", "string": "keep_string", "boolean": "keep_boolean"}
"""The same, null let through."""

NAMES: dict[str, Any] = {
    "Date": Date,
    "DaysDuration": DaysDuration,
    "Decimal": Decimal,
    "Interpreter": Interpreter,
    "MISSING": MISSING,
    "UNUSUAL": UNUSUAL,
    "YearsDuration": YearsDuration,
    "add": MATH.add,
    "join_text": join_text,
    "anew": anew,
    "between": between,
    "bisect_left": bisect_left,
    "bisect_right": bisect_right,
    "call_function": call_function,
    "coerce": coerce,
    "date": datetime.date,
    "date_of": date_of,
    "day_number": day_number,
    "day_of": day_of,
    "days_sum": days_sum,
    "divide": MATH.divide,
    "entry": entry,
    "given_date": given_date,
    "keep_boolean": _typed(bool),
    "keep_number": _typed(Decimal),
    "keep_string": _typed(str),
    "later": later,
    "made": made,
    "maybe": maybe,
    "months_later": months_later,
    "months_of": months_of,
    "multiply": MATH.multiply,
    "nanos_of": nanos_of,
    "negate": negate,
    "need_boolean": _needed(bool),
    "need_date": _needed(Date, day_number),
    "need_days": _needed(DaysDuration, nanos_of),
    "need_number": _needed(Decimal),
    "need_string": _needed(str),
    "need_years": _needed(YearsDuration, months_of),
    "not_null": not_null,
    "number_or_none": number_or_none,
    "plus": MATH.plus,
    "power": power,
    "read_day": read_day,
    "refuse": refuse,
    "subtract": MATH.subtract,
    "years_sum": years_sum,
}
"""The namespace every program starts with."""
