"""The closed table of pure java.lang methods that external functions may name; nothing else runs, no Java is started."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from .conform import coerce
from .text import number_text, text_of
from .types import Type
from .unknown import lift
from .values import FeelError, Function, Value

_SIGNATURE = re.compile(r"\s*(\w+)\s*\(\s*([^()]*)\s*\)\s*")
_WHOLE = {"byte": 8, "short": 16, "int": 32, "long": 64}
_BOXES = {
    "java.lang.Byte": "byte",
    "java.lang.Short": "short",
    "java.lang.Integer": "int",
    "java.lang.Long": "long",
    "java.lang.Float": "float",
    "java.lang.Double": "double",
    "java.lang.Boolean": "boolean",
    "java.lang.Character": "char",
    "String": "java.lang.String",
    "Object": "java.lang.Object",
}
_OBJECTS = "[Ljava.lang.Object;"


def _single(value: float) -> float:
    """Rounded to Java's float."""
    try:
        return float(struct.unpack("f", struct.pack("f", value))[0])
    except OverflowError as problem:
        raise FeelError("数太大") from problem


def into_java(value: Value, kind: str) -> Any:
    """A FEEL value as a Java parameter of that type; FeelError when it does not fit."""
    if kind in _WHOLE:
        if not isinstance(value, Decimal) or value != value.to_integral_value():
            raise FeelError(f"{kind} 要整数")
        bound = 2 ** (_WHOLE[kind] - 1)
        if not -bound <= value < bound:
            raise FeelError(f"数超出 {kind} 的范围")
        return int(value)
    if kind in ("float", "double"):
        if not isinstance(value, Decimal):
            raise FeelError(f"{kind} 要数")
        return _single(float(value)) if kind == "float" else float(value)
    if kind == "boolean" and isinstance(value, bool):
        return value
    if kind == "char" and isinstance(value, str) and len(value) == 1:
        return value
    if kind == "java.lang.String" and isinstance(value, str):
        return value
    if kind == "java.lang.Object":
        return value
    raise FeelError(f"参数不是 {kind}")


def from_java(value: Any, kind: str = "double") -> Value:
    """A Java result as a FEEL value; numbers by their shortest decimal text, never as binary."""
    if isinstance(value, bool) or value is None or isinstance(value, str | Decimal):
        return value
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise FeelError("结果不是数")
        if kind == "float":
            return Decimal(
                next(text for digits in range(1, 10) if _single(float(text := f"{value:.{digits}g}")) == value)
            )
        return Decimal(repr(value))
    raise FeelError("结果没有 FEEL 的对应值")


def _round(value: float) -> int:
    return int(Decimal(value + 0.0).quantize(Decimal(1), ROUND_HALF_UP)) if value >= 0 else math.floor(value + 0.5)


def _abs(value: Any) -> Any:
    return abs(value)


_DOUBLE_TO_DOUBLE: dict[str, Callable[[float], float]] = {
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
    "sinh": math.sinh,
    "cosh": math.cosh,
    "tanh": math.tanh,
    "exp": math.exp,
    "expm1": math.expm1,
    "log": math.log,
    "log10": math.log10,
    "log1p": math.log1p,
    "sqrt": math.sqrt,
    "cbrt": lambda x: math.copysign(abs(x) ** (1 / 3), x),
    "floor": lambda x: float(math.floor(x)),
    "ceil": lambda x: float(math.ceil(x)),
    "rint": lambda x: float(round(x)),
    "signum": lambda x: math.copysign(1.0, x) if x else x,
    "toRadians": math.radians,
    "toDegrees": math.degrees,
}
_DOUBLES_TO_DOUBLE: dict[str, Callable[[float, float], float]] = {
    "pow": math.pow,
    "atan2": math.atan2,
    "hypot": math.hypot,
}


def _format(pattern: str, *values: Value) -> str:
    """String.format with %s %d %f %b %c %x %n %% and width, precision, `-`, `0`, `,`, `+`."""
    out: list[str] = []
    place = following = 0
    for match in re.finditer(r"%(?:(\d+)\$)?([-+0,( #]*)(\d{1,4})?(?:\.(\d{1,4}))?([a-zA-Z%])", pattern):
        out.append(pattern[place : match.start()])
        place = match.end()
        position, flags, width, precision, letter = match.groups()
        if letter in "%n":
            out.append("%" if letter == "%" else "\n")
            continue
        index = int(position) - 1 if position else following
        following += not position
        if not 0 <= index < len(values):
            raise FeelError("format 的参数不够")
        text = _formatted(values[index], letter, flags, precision)
        space = int(width or 0)
        text = (
            text.ljust(space) if "-" in flags else text.rjust(space, "0" if "0" in flags and letter in "dfx" else " ")
        )
        out.append(text)
    rest = pattern[place:]
    if "%" in rest or any("%" in part and part != "%" for part in out[::2]):
        raise FeelError("format 的格式不对")
    return "".join([*out, rest])


def _formatted(value: Value, letter: str, flags: str, precision: str | None) -> str:
    low = letter.lower()
    if low == "s":
        text = text_of(value)
        text = text[: int(precision)] if precision else text
        return text.upper() if letter == "S" else text
    if low == "b":
        return "false" if value is None or value is False else "true"
    if low == "c" and isinstance(value, str) and len(value) == 1:
        return value
    if isinstance(value, Decimal):
        comma = "," if "," in flags else ""
        plus = "+" if "+" in flags else ""
        if low == "d" and value == value.to_integral_value():
            return format(int(value), plus + comma + "d")
        if low == "f":
            return format(value, f"{plus}{comma}.{int(precision or 6)}f")
        if low == "x" and value == value.to_integral_value() and value >= 0:
            return format(int(value), letter)
    raise FeelError("format 的格式与参数不合")


def _parse_whole(kind: str) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"[+-]?\d{1,20}", text, re.ASCII):
            raise FeelError(f"不是整数：{text[:20]}")
        return int(into_java(Decimal(text), kind))

    return parse


def _parse_real(kind: str) -> Callable[[str], float]:
    def parse(text: str) -> float:
        if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text.strip(), re.ASCII) or len(text) > 400:
            raise FeelError(f"不是数：{text[:20]}")
        value = float(text)
        return _single(value) if kind == "float" else value

    return parse


def _table() -> dict[tuple[str, str, tuple[str, ...]], Callable[..., Any]]:
    found: dict[tuple[str, str, tuple[str, ...]], Callable[..., Any]] = {}
    for name, one in _DOUBLE_TO_DOUBLE.items():
        found["java.lang.Math", name, ("double",)] = one
    for name, two in _DOUBLES_TO_DOUBLE.items():
        found["java.lang.Math", name, ("double", "double")] = two
    for kind in ("int", "long", "float", "double"):
        found["java.lang.Math", "abs", (kind,)] = _abs
        found["java.lang.Math", "max", (kind, kind)] = max
        found["java.lang.Math", "min", (kind, kind)] = min
    for kind in ("float", "double"):
        found["java.lang.Math", "round", (kind,)] = _round
    for kind in ("int", "long"):
        found["java.lang.Math", "floorMod", (kind, kind)] = lambda a, b: a % b
        found["java.lang.Math", "floorDiv", (kind, kind)] = lambda a, b: a // b
    for kind in (*_WHOLE, "float", "double", "boolean", "char", "java.lang.Object"):
        found["java.lang.String", "valueOf", (kind,)] = _java_text
    found["java.lang.String", "format", ("java.lang.String", _OBJECTS)] = _format
    for box, kind in _BOXES.items():
        if not box.startswith("java."):
            continue
        found[box, "valueOf", (kind,)] = lambda value: value
        if kind in _WHOLE:
            parser: Callable[[str], Any] = _parse_whole(kind)
        elif kind in ("float", "double"):
            parser = _parse_real(kind)
        elif kind == "boolean":
            parser = _parse_boolean
        else:
            continue
        short = {"int": "Int"}.get(kind, kind.capitalize())
        found[box, "valueOf", ("java.lang.String",)] = parser
        found[box, f"parse{short}", ("java.lang.String",)] = parser
    return found


def _parse_boolean(text: str) -> bool:
    return text.lower() == "true"


def _java_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, int):
        return str(value)
    return number_text(value) if isinstance(value, Decimal) else text_of(value)


METHODS = _table()


def external_function(names: Sequence[str], body: Value, kinds: Sequence[Type | None]) -> Function:
    """The function an external definition `{java: {class: …, method signature: …}}` names; FeelError when there is none."""
    java = body.get("java") if isinstance(body, dict) else None
    if not isinstance(java, dict):
        raise FeelError("外部函数只支持 java")
    owner, signature = java.get("class"), java.get("method signature")
    match = _SIGNATURE.fullmatch(signature) if isinstance(signature, str) else None
    if match is None or not isinstance(owner, str):
        raise FeelError("外部函数要写明 class 与 method signature")
    wanted = tuple(_kind(part) for part in match[2].split(",")) if match[2].strip() else ()
    method = METHODS.get((owner, match[1], wanted))
    label = f"{owner}.{match[1]}"
    if method is None:
        raise FeelError(f"外部函数 {label} 不在允许的方法之内")
    run: Callable[..., Any] = method
    floats = "float" in wanted or owner == "java.lang.Float"

    def once(*arguments: Value) -> Value:
        given: list[Any] = []
        for place, kind in enumerate(wanted):
            if kind == _OBJECTS:
                rest = arguments[place:]
                given.extend(rest[0] if len(rest) == 1 and isinstance(rest[0], list) else rest)
            else:
                given.append(into_java(arguments[place], kind))
        try:
            return from_java(run(*given), "float" if floats else "double")
        except (ValueError, OverflowError, ZeroDivisionError) as problem:
            raise FeelError(f"{label} 算不出来") from problem

    def call(state: object, arguments: Sequence[Value]) -> Value:
        count = len(arguments)
        if count != len(names) or (count < len(wanted) if _OBJECTS in wanted else count != len(wanted)):
            raise FeelError(f"{label} 的参数个数不对")
        values = [coerce(value, kind) for value, kind in zip(arguments, kinds or [None] * count, strict=True)]
        return lift(once, *values)

    return Function(label, tuple(names), call, tuple(kinds))


def _kind(text: str) -> str:
    name = text.strip()
    if name in ("java.lang.Object...", "Object...", "java.lang.Object[]"):
        return _OBJECTS
    return name if name in _BOXES else _BOXES.get(name, name)
