"""Which values are of which type, and the conversions a typed variable or parameter makes (DMN 10.3.2.9)."""

from __future__ import annotations

from collections.abc import Sequence

from .known import ORDERED, kind_of
from .temporal import midnight
from .types import (
    ANY,
    BOOLEAN,
    DATE_TIME,
    NULL,
    Constrained,
    ContextOf,
    FunctionOf,
    ListOf,
    Named,
    RangeOf,
    Simple,
    Type,
)
from .unknown import ANY_TRUTH, UNKNOWN, Choices, Interval, Sublist, Unknown, both, choices, join, truths
from .values import Date, FeelError, Function, Range, Value


def is_instance(value: Value, kind: Type) -> Value:
    """`value instance of kind`; null is an instance of Null only."""
    if type(value) is Unknown:
        return _unknown_is_instance(value, kind)
    if value is None:
        return kind == NULL
    return _is(value, kind)


def _is(value: Value, kind: Type) -> Value:
    if type(value) is Unknown:
        return _unknown_is_instance(value, kind)
    match kind:
        case Constrained():
            found = _is(value, kind.base)
            return found if found is False or kind.allows is None else both(found, kind.allows(value))
        case Simple():
            return kind == ANY or (value is None and kind == NULL) or kind_of(value) == kind.name
        case ListOf():
            return isinstance(value, list) and _every(value, [kind.item] * len(value))
        case ContextOf():
            if not isinstance(value, dict) or any(name not in value for name, _ in kind.fields):
                return False
            return _every([value[name] for name, _ in kind.fields], [field for _, field in kind.fields])
        case RangeOf():
            if not isinstance(value, Range):
                return False
            ends = [end for end in (value.low, value.high) if end is not None]
            return _every(ends, [kind.item] * len(ends))
        case FunctionOf():
            return isinstance(value, Function) and _function_is(value, kind)
        case Named():
            raise FeelError(f"没有类型 {kind.name}")
    return False


def _every(values: Sequence[Value], kinds: Sequence[Type]) -> Value:
    answer: Value = True
    for value, kind in zip(values, kinds, strict=True):
        answer = both(answer, True if value is None else _is(value, kind))
        if answer is False:
            return False
    return answer


def _unknown_is_instance(value: Unknown, kind: Type) -> Value:
    possible = value.possible
    if isinstance(possible, Choices):
        return join([is_instance(item, kind) for item in possible.values])
    while isinstance(kind, Constrained) and kind.allows is None:
        kind = kind.base
    if isinstance(possible, Interval) and isinstance(kind, Simple):
        fits = kind == ANY or kind.name == possible.kind
        return choices((fits, False) if value.or_null else (fits,))
    return ANY_TRUTH


def _function_is(value: Function, kind: FunctionOf) -> bool:
    """A function that does not say what it results in may result in anything wanted."""
    wanted = kind if value.result is not None else FunctionOf(kind.parameters, ANY)
    return conforms(function_type(value), wanted)


def without_allowed(kind: Type | None) -> Type | None:
    """The type without allowed values, which `instance of` does not look at."""
    match kind:
        case Constrained(base=base):
            return without_allowed(base)
        case ListOf(item=item):
            return ListOf(without_allowed(item) or ANY)
        case RangeOf(item=item):
            return RangeOf(without_allowed(item) or ANY)
        case ContextOf(fields=fields):
            return ContextOf(tuple((name, without_allowed(field) or ANY) for name, field in fields))
    return kind


def function_type(value: Function) -> FunctionOf:
    """The type of a function, Any where nothing is said."""
    kinds = tuple(kind or ANY for kind in value.types) or (ANY,) * len(value.parameters)
    return FunctionOf(kinds, value.result or ANY)


def conforms(kind: Type, wanted: Type) -> bool:
    """Whether every value of a type is one of the wanted type (functions: contravariant in, covariant out)."""
    if wanted == ANY or kind == NULL:
        return True
    while isinstance(kind, Constrained):
        if kind == wanted:
            return True
        kind = kind.base
    while isinstance(wanted, Constrained) and wanted.allows is None:
        wanted = wanted.base
    if isinstance(kind, ListOf) and isinstance(wanted, ListOf):
        return conforms(kind.item, wanted.item)
    if isinstance(kind, RangeOf) and isinstance(wanted, RangeOf):
        return conforms(kind.item, wanted.item)
    if isinstance(kind, ContextOf) and isinstance(wanted, ContextOf):
        known = dict(kind.fields)
        return all(name in known and conforms(known[name], field) for name, field in wanted.fields)
    if isinstance(kind, FunctionOf) and isinstance(wanted, FunctionOf):
        return (
            len(kind.parameters) == len(wanted.parameters)
            and all(conforms(theirs, ours) for theirs, ours in zip(wanted.parameters, kind.parameters, strict=True))
            and conforms(kind.result, wanted.result)
        )
    return kind == wanted


def coerce(value: Value, kind: Type | None) -> Value:
    """The value as the type wants it: a list of one as its item, an item as a list of one, a date as a date and time.

    FeelError when it does not conform. Null conforms to every type.
    """
    if kind is None or kind == ANY or value is None:
        return value
    if type(value) is Unknown:
        return _coerce_unknown(value, kind)
    found = _fits(value, kind)
    if found is not False:
        return value if None not in truths(found) and False not in truths(found) else join([value, None])
    if type(value) is list:
        if len(value) == 1 and not isinstance(_base(kind), ListOf):
            return coerce(value[0], kind)
    elif isinstance(_base(kind), ListOf):
        return coerce([value], kind)
    if type(value) is Date and _base(kind) == DATE_TIME:
        return coerce(midnight(value), kind)
    raise FeelError(f"{kind_of(value)} 不符合类型 {kind}")


def _base(kind: Type) -> Type:
    while isinstance(kind, Constrained):
        kind = kind.base
    return kind


def _fits(value: Value, kind: Type) -> Value:
    answer = _is(value, kind)
    if type(answer) is Unknown and True in truths(answer):
        return answer
    return True if answer is True else answer if type(answer) is Unknown else False


def _coerce_unknown(value: Unknown, kind: Type) -> Value:
    possible, base = value.possible, _base(kind)
    if isinstance(possible, Choices):
        if base is kind and all(item is None or _is(item, kind) is True for item in possible.values):
            return value
        return join([_coerce_or_null(item, kind) for item in possible.values])
    if isinstance(possible, Interval):
        if isinstance(base, Simple) and base.name == possible.kind and base is kind:
            return value
        if isinstance(base, Simple) and base.name in ORDERED:
            return Unknown(possible, True) if base.name == possible.kind else UNKNOWN
        return UNKNOWN
    if isinstance(possible, Sublist):
        return value if isinstance(base, ListOf) and base.item == ANY else UNKNOWN
    if base == BOOLEAN:
        return ANY_TRUTH
    if isinstance(base, Simple) and base.name in ORDERED:
        return Unknown(Interval(base.name), True)
    return UNKNOWN


def _coerce_or_null(value: Value, kind: Type) -> Value:
    try:
        return coerce(value, kind)
    except FeelError:
        return None
