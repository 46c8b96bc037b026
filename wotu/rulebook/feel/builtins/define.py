"""How a built-in is declared: its parameters with what they accept, its result, and how it treats unknown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Literal

from ..known import KINDS, kind_of
from ..run import Run
from ..unknown import ANY_TRUTH, UNKNOWN, Choices, Interval, Sublist, Unknown, combinations, has_unknown, interval, join
from ..values import Date, DateTime, DaysDuration, FeelError, Function, Range, Time, Value, YearsDuration

Treatment = Literal["ways", "shallow", "aware", "rising"]
"""What a built-in does with unknown arguments.

ways: tried on every way they can turn out, when few; otherwise anything its result can be.
shallow: the same for unknown arguments, while unknowns inside a list or context are handed on as they are.
aware: handles them itself.
rising: as ways, and never falls when its first argument rises, so an interval gives an interval.
"""

ACCEPTS: dict[str, tuple[type, ...]] = {
    "number": (Decimal,),
    "string": (str,),
    "boolean": (bool,),
    "list": (list,),
    "context": (dict,),
    "function": (Function,),
    "range": (Range,),
    "date": (Date,),
    "time": (Time,),
    "date and time": (DateTime,),
    "duration": (DaysDuration, YearsDuration),
    "days and time duration": (DaysDuration,),
    "any": (),
}
"""What a parameter of that name takes; `?` behind it lets null in, `|` separates alternatives."""


def define(
    name: str,
    parameters: str,
    function: Callable[..., Value],
    *,
    result: str = "any",
    unknown: Treatment = "ways",
    variadic: Literal["", "list", "rest"] = "",
    run: bool = False,
) -> Function:
    """A built-in; `parameters` reads `"list: list, start position: number, [length: number?]"`, optional in brackets.

    Variadic "list": one list, or its items one by one. Variadic "rest": the last parameter takes all further arguments.
    """
    names: list[str] = []
    accepted: list[tuple[tuple[type, ...], bool]] = []
    required = 0
    for part in parameters.split(", ") if parameters else ():
        text = part.strip("[]")
        parameter, _, kinds = text.partition(": ")
        names.append(parameter)
        nullable = kinds.endswith("?")
        wanted = tuple(cls for kind in kinds.rstrip("?").split("|") for cls in ACCEPTS[kind])
        accepted.append((wanted, nullable))
        required += not part.startswith("[")
    most = len(names)

    def call(state: Run, arguments: Sequence[Value]) -> Value:
        count = len(arguments)
        if variadic and count >= most and not (variadic == "list" and count == 1):
            arguments = [*arguments[: most - 1], list(arguments[most - 1 :])]
            count = most
        if not required <= count <= most:
            raise FeelError(f"{name} 不接受 {count} 个参数")
        return apply(state, arguments)

    def apply(state: Run, arguments: Sequence[Value]) -> Value:
        state.tick()
        values = [_accept(value, *accepted[place], name) for place, value in enumerate(arguments)]
        if unknown != "aware" and any(
            type(value) is Unknown or (unknown != "shallow" and has_unknown(value)) for value in values
        ):
            return _by_ways(state, values)
        found = function(state, *values) if run else function(*values)
        if type(found) in (list, dict, str):
            state.made(found)
        return found

    def attempt(state: Run, arguments: Sequence[Value]) -> Value:
        try:
            return apply(state, arguments)
        except FeelError:
            return None

    def _by_ways(state: Run, values: list[Value]) -> Value:
        first = values[0]
        if unknown == "rising" and type(first) is Unknown and type(first.possible) is Interval:
            return _rise(state, first, values[1:])
        if unknown == "shallow":
            ways = combinations([value if type(value) is Unknown else _Opaque(value) for value in values])
            if ways is not None:
                ways = [tuple(v.value if type(v) is _Opaque else v for v in way) for way in ways]
        else:
            ways = combinations(values)
        if ways is not None:
            return join([attempt(state, way) for way in ways])
        return RESULTS.get(result, UNKNOWN)

    def _rise(state: Run, first: Unknown, rest: list[Value]) -> Value:
        span = first.possible
        assert isinstance(span, Interval)
        if has_unknown(rest) or span.kind != "number":
            return RESULTS.get(result, UNKNOWN)
        or_null = first.or_null
        ends: list[Value] = []
        for end in (span.low, span.high):
            value = None if end is None else attempt(state, [end, *rest])
            or_null = or_null or value is None
            ends.append(value)
        return interval("number", ends[0], ends[1], True, True, or_null)

    return Function(name, tuple(names), call, required=required, declared=(parameters, result, variadic))


class _Opaque:
    """A value whose inside is not looked at."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value


RESULTS: dict[str, Value] = {
    "number": Unknown(Interval("number"), True),
    "string": Unknown(Interval("string"), True),
    "boolean": ANY_TRUTH,
}
"""Anything the result can be when the ways are too many, null included."""


def _accept(value: Value, wanted: tuple[type, ...], nullable: bool, name: str) -> Value:
    """The argument as the parameter takes it: a list of one stands for its item, an item for a list of one."""
    kind = type(value)
    if not wanted or kind in wanted:
        return value
    if kind is Unknown:
        return _accept_unknown(value, wanted, nullable)
    if value is None:
        if nullable:
            return None
        raise FeelError(f"{name} 的参数是 null")
    if kind is list and len(value) == 1:
        return _accept(value[0], wanted, nullable, name)
    if wanted == (list,):
        return [value]
    if wanted == (DateTime,) and kind is Date:
        from ..temporal import midnight

        return midnight(value)
    raise FeelError(f"{name} 不接受 {kind_of(value)}")


def _accept_unknown(value: Unknown, wanted: tuple[type, ...], nullable: bool) -> Value:
    """An unknown that may be an item where a list is wanted is a list of one."""
    possible = value.possible
    if wanted == (list,):
        if isinstance(possible, Interval) and not value.or_null:
            return [value]
        if isinstance(possible, Choices) and not any(type(item) in (list, type(None)) for item in possible.values):
            return [value]
    return value


def number_unknown(value: Value) -> bool:
    """Whether the unknown can only be a number (or null)."""
    if type(value) is not Unknown:
        return type(value) is Decimal
    if isinstance(value.possible, Interval):
        return value.possible.kind == "number"
    return isinstance(value.possible, Choices) and all(type(v) in (Decimal, type(None)) for v in value.possible.values)


def is_sublist(value: Value) -> bool:
    return type(value) is Unknown and isinstance(value.possible, Sublist)


def whole(value: Decimal) -> int:
    """A position or count as an integer, fractions cut off; FeelError when absurdly large."""
    if abs(value) > 10**15:
        raise FeelError("数太大")
    return int(value)


__all__ = ["KINDS", "RESULTS", "define", "is_sublist", "number_unknown", "whole"]
