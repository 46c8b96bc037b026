"""Numeric functions (DMN 10.3.4.5)."""

from __future__ import annotations

import decimal
from decimal import Decimal

from ..known import number
from ..values import MATH, FeelError, Function, Value
from .define import define

_WIDE = decimal.Context(prec=13_000, Emin=-999_999, Emax=999_999)


def rounded(value: Decimal, scale: Decimal, rounding: str) -> Decimal:
    """The value with so many decimals (negative: tens, hundreds…); FeelError for a scale beyond the number format."""
    if not -6111 <= scale <= 6176:
        raise FeelError("小数位数不对")
    places = int(scale)
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    if places >= -exponent:
        return value
    return number(MATH.plus, value.quantize(Decimal(1).scaleb(-places), rounding, _WIDE))


def floor(value: Decimal, scale: Decimal = Decimal(0)) -> Value:
    return rounded(value, scale, decimal.ROUND_FLOOR)


def ceiling(value: Decimal, scale: Decimal = Decimal(0)) -> Value:
    return rounded(value, scale, decimal.ROUND_CEILING)


def half_even(value: Decimal, scale: Decimal) -> Value:
    return rounded(value, scale, decimal.ROUND_HALF_EVEN)


def up(value: Decimal, scale: Decimal = Decimal(0)) -> Value:
    return rounded(value, scale, decimal.ROUND_UP)


def down(value: Decimal, scale: Decimal = Decimal(0)) -> Value:
    return rounded(value, scale, decimal.ROUND_DOWN)


def half_up(value: Decimal, scale: Decimal = Decimal(0)) -> Value:
    return rounded(value, scale, decimal.ROUND_HALF_UP)


def half_down(value: Decimal, scale: Decimal = Decimal(0)) -> Value:
    return rounded(value, scale, decimal.ROUND_HALF_DOWN)


def absolute(value: Value) -> Value:
    return value.copy_abs() if isinstance(value, Decimal) else type(value)(abs(getattr(value, value.__slots__[0])))


def modulo(dividend: Decimal, divisor: Decimal) -> Value:
    """`dividend - divisor * floor(dividend / divisor)`, exact before it is rounded to 34 digits."""
    if not divisor:
        raise FeelError("除以 0")
    rest = _WIDE.remainder(dividend, divisor)
    if rest and (rest < 0) != (divisor < 0):
        rest = _WIDE.add(rest, divisor)
    return number(MATH.plus, rest)


def sqrt(value: Decimal) -> Value:
    return number(MATH.sqrt, value)


def log(value: Decimal) -> Value:
    if value <= 0:
        raise FeelError("对数只对正数有定义")
    return number(MATH.ln, value)


def exp(value: Decimal) -> Value:
    return number(MATH.exp, value)


def odd(value: Decimal) -> Value:
    return value == value.to_integral_value() and _WIDE.remainder(value, Decimal(2)) != 0


def even(value: Decimal) -> Value:
    return value == value.to_integral_value() and _WIDE.remainder(value, Decimal(2)) == 0


FUNCTIONS: tuple[Function, ...] = (
    define("decimal", "n: number, scale: number", half_even, result="number", unknown="rising"),
    define("floor", "n: number, [scale: number]", floor, result="number", unknown="rising"),
    define("ceiling", "n: number, [scale: number]", ceiling, result="number", unknown="rising"),
    define("round up", "n: number, scale: number", up, result="number", unknown="rising"),
    define("round down", "n: number, scale: number", down, result="number", unknown="rising"),
    define("round half up", "n: number, scale: number", half_up, result="number", unknown="rising"),
    define("round half down", "n: number, scale: number", half_down, result="number", unknown="rising"),
    define("abs", "n: number|duration", absolute),
    define("modulo", "dividend: number, divisor: number", modulo, result="number"),
    define("sqrt", "number: number", sqrt, result="number", unknown="rising"),
    define("log", "number: number", log, result="number"),
    define("exp", "number: number", exp, result="number"),
    define("odd", "number: number", odd, result="boolean"),
    define("even", "number: number", even, result="boolean"),
)
