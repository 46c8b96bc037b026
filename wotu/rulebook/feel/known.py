"""The operators on values that are known; what FEEL answers with null raises FeelError with the reason."""

from __future__ import annotations

import decimal
from collections.abc import Callable
from decimal import Decimal

from .temporal import (
    DAY,
    add_days,
    add_months,
    clock_nanos,
    day_number,
    instant,
    make_days,
    make_years,
    midnight,
    offset_of,
    time_at,
)
from .values import MATH, NANOS, Date, DateTime, DaysDuration, FeelError, Function, Range, Time, Value, YearsDuration

KINDS: dict[type, str] = {
    Decimal: "number",
    str: "string",
    bool: "boolean",
    type(None): "null",
    Date: "date",
    Time: "time",
    DateTime: "date and time",
    DaysDuration: "days and time duration",
    YearsDuration: "years and months duration",
    list: "list",
    dict: "context",
    Range: "range",
    Function: "function",
}
ORDERED = frozenset(
    ("number", "string", "date", "time", "date and time", "days and time duration", "years and months duration")
)

TEXT_LIMIT = 10_000_000
"""No text grows longer than this many characters."""


def kind_of(value: Value) -> str:
    """The FEEL name of the value's kind."""
    return KINDS.get(type(value), "unknown")


# --- equality and order ---------------------------------------------------------------------------------------------


def equal(left: Value, right: Value) -> bool:
    """`left = right`; FeelError when the two are of kinds that cannot be compared."""
    if left is None or right is None:
        return left is right
    kind = type(left)
    if kind is not type(right):
        raise FeelError(f"不能比较 {kind_of(left)} 与 {kind_of(right)}")
    if kind is list:
        return len(left) == len(right) and all(map(same, left, right))
    if kind is dict:
        return left.keys() == right.keys() and all(same(value, right[key]) for key, value in left.items())
    if kind is Range:
        return (
            left.low_closed == right.low_closed
            and left.high_closed == right.high_closed
            and left.operator == right.operator
            and same(left.low, right.low)
            and same(left.high, right.high)
        )
    if kind is DateTime or kind is Time:
        if (left_offset := offset_of(left)) is None or (right_offset := offset_of(right)) is None:
            return (left_offset is None and offset_of(right) is None) and _moment(left) == _moment(right)
        return _moment(left) - left_offset == _moment(right) - right_offset
    return bool(left == right)


def same(left: Value, right: Value) -> bool:
    """Equal, and of one kind; never an error."""
    try:
        return equal(left, right)
    except FeelError:
        return False


def _moment(value: Time | DateTime) -> int:
    """Local seconds; equality of times is to the second (their properties are)."""
    if isinstance(value, Time):
        return clock_nanos(value) // NANOS
    return (day_number(value.date) * DAY + clock_nanos(value.time)) // NANOS


def compare(left: Value, right: Value) -> int:
    """-1, 0 or 1 as left comes before, with or after right; FeelError when there is no such order."""
    kind = type(left)
    if kind is not type(right) or KINDS.get(kind) not in ORDERED:
        raise FeelError(f"不能比较 {kind_of(left)} 与 {kind_of(right)} 的大小")
    if kind is Time or kind is DateTime:
        left_offset, right_offset = offset_of(left), offset_of(right)
        if (left_offset is None) != (right_offset is None):
            raise FeelError("不能比较有时区与没有时区的时间")
        if kind is Time:
            before, after = (
                clock_nanos(left) - (left_offset or 0) * NANOS,
                clock_nanos(right) - (right_offset or 0) * NANOS,
            )
        else:
            before, after = instant(left), instant(right)
        return (before > after) - (before < after)
    return int(left > right) - int(left < right)


ORDERS: dict[str, Callable[[int], bool]] = {
    "<": lambda order: order < 0,
    "<=": lambda order: order <= 0,
    ">": lambda order: order > 0,
    ">=": lambda order: order >= 0,
}


def relate(operator: str, left: Value, right: Value) -> bool | None:
    """Any of the six comparisons on known values."""
    if operator == "=":
        return equal(left, right)
    if operator == "!=":
        return not equal(left, right)
    return ORDERS[operator](compare(left, right))


def in_range(value: Value, span: Range) -> bool:
    """Whether the range holds the value; FeelError when they cannot be compared."""
    if span.operator == "=":
        return equal(value, span.low)
    if span.operator == "!=":
        return not equal(value, span.low)
    if span.operator:
        end = span.high if span.operator in ("<", "<=") else span.low
        return ORDERS[span.operator](compare(value, end))
    if span.low is None or span.high is None:
        raise FeelError("区间的端点是 null")
    low, high = compare(value, span.low), compare(value, span.high)
    return (low > 0 or (low == 0 and span.low_closed)) and (high < 0 or (high == 0 and span.high_closed))


# --- arithmetic -----------------------------------------------------------------------------------------------------


def number(operation: Callable[..., Decimal], *operands: Decimal) -> Decimal:
    """The operation in 34 digits; FeelError when the result is no number."""
    try:
        result = operation(*operands)
    except decimal.Overflow as problem:
        raise FeelError("数太大") from problem
    except decimal.DivisionByZero as problem:
        raise FeelError("除以 0") from problem
    except decimal.InvalidOperation as problem:
        raise FeelError("没有这样的数") from problem
    if not result.is_finite():
        raise FeelError("没有这样的数")
    return result


def _integer(value: Decimal, low: int, high: int) -> int:
    if not low <= value <= high:
        raise FeelError("数超出范围")
    return int(value)


def add(left: Value, right: Value) -> Value:
    """`left + right`"""
    a, b = type(left), type(right)
    if a is Decimal and b is Decimal:
        return number(MATH.add, left, right)
    if a is str and b is str:
        if len(left) + len(right) > TEXT_LIMIT:
            raise FeelError("文字太长")
        return left + right
    if a is b is DaysDuration:
        return make_days(left.nanos + right.nanos)
    if a is b is YearsDuration:
        return make_years(left.months + right.months)
    if b is DaysDuration or b is YearsDuration:
        return _shift(left, right)
    if a is DaysDuration or a is YearsDuration:
        return _shift(right, left)
    raise FeelError(f"{kind_of(left)} 与 {kind_of(right)} 不能相加")


def _shift(moment: Value, duration: DaysDuration | YearsDuration) -> Value:
    kind = type(moment)
    if isinstance(duration, YearsDuration):
        if kind is Date:
            return add_months(moment, duration.months)
        if kind is DateTime:
            return DateTime(add_months(moment.date, duration.months), moment.time)
    elif kind is Date:
        return add_days(midnight(moment), duration).date
    elif kind is DateTime:
        return add_days(moment, duration)
    elif kind is Time:
        return time_at((clock_nanos(moment) + duration.nanos) % DAY, moment.zone)
    raise FeelError(f"{kind_of(moment)} 与 {kind_of(duration)} 不能相加减")


def subtract(left: Value, right: Value) -> Value:
    """`left - right`"""
    a, b = type(left), type(right)
    if a is Decimal and b is Decimal:
        return number(MATH.subtract, left, right)
    if a is b is DaysDuration:
        return make_days(left.nanos - right.nanos)
    if a is b is YearsDuration:
        return make_years(left.months - right.months)
    if b is DaysDuration:
        return _shift(left, DaysDuration(-right.nanos))
    if b is YearsDuration:
        return _shift(left, YearsDuration(-right.months))
    if a is b is Date:
        return make_days((day_number(left) - day_number(right)) * DAY)
    if (a is Date or a is DateTime) and (b is Date or b is DateTime):
        start, end = (midnight(right) if b is Date else right), (midnight(left) if a is Date else left)
        if (start.time.zone is None) != (end.time.zone is None):
            raise FeelError("有时区与没有时区的时间不能相减")
        return make_days(instant(end) - instant(start))
    if a is b is Time:
        start_offset, end_offset = offset_of(right), offset_of(left)
        if (start_offset is None) != (end_offset is None):
            raise FeelError("有时区与没有时区的时间不能相减")
        shift = ((end_offset or 0) - (start_offset or 0)) * NANOS
        return make_days(clock_nanos(left) - clock_nanos(right) - shift)
    raise FeelError(f"{kind_of(left)} 与 {kind_of(right)} 不能相减")


def multiply(left: Value, right: Value) -> Value:
    """`left * right`"""
    a, b = type(left), type(right)
    if a is Decimal and b is Decimal:
        return number(MATH.multiply, left, right)
    if a is Decimal:
        left, right, a, b = right, left, b, a
    if b is Decimal and a is DaysDuration:
        return make_days(_whole(number(MATH.multiply, Decimal(left.nanos), right)))
    if b is Decimal and a is YearsDuration:
        return make_years(_whole(number(MATH.multiply, Decimal(left.months), right)))
    raise FeelError(f"{kind_of(left)} 与 {kind_of(right)} 不能相乘")


def divide(left: Value, right: Value) -> Value:
    """`left / right`"""
    a, b = type(left), type(right)
    if a is Decimal and b is Decimal:
        if not right:
            raise FeelError("除以 0")
        return number(MATH.divide, left, right)
    if a is b is DaysDuration:
        return divide(Decimal(left.nanos), Decimal(right.nanos))
    if a is b is YearsDuration:
        return divide(Decimal(left.months), Decimal(right.months))
    if b is Decimal and a is DaysDuration:
        return make_days(_whole(divide(Decimal(left.nanos), right)))
    if b is Decimal and a is YearsDuration:
        return make_years(_whole(divide(Decimal(left.months), right)))
    raise FeelError(f"{kind_of(left)} 与 {kind_of(right)} 不能相除")


def _whole(value: Decimal) -> int:
    """Towards zero, and not absurdly long."""
    return _integer(value.to_integral_value(decimal.ROUND_DOWN), -(10**30), 10**30)


def power(left: Value, right: Value) -> Value:
    """`left ** right`"""
    if type(left) is Decimal and type(right) is Decimal:
        if not right:
            return Decimal(1)
        return number(MATH.power, left, right)
    raise FeelError(f"{kind_of(left)} 与 {kind_of(right)} 不能乘方")


def negate(operand: Value) -> Value:
    """`-operand`"""
    if type(operand) is Decimal:
        return operand.copy_negate() if operand else operand
    if type(operand) is DaysDuration:
        return DaysDuration(-operand.nanos)
    if type(operand) is YearsDuration:
        return YearsDuration(-operand.months)
    raise FeelError(f"{kind_of(operand)} 没有相反数")


ARITHMETIC: dict[str, Callable[[Value, Value], Value]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "**": power,
}
