"""What built-in functions take and give, as types: read from how they are declared, so there is no second list of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from ..dmn.declared import bare
from ..feel import BUILTINS, Function
from ..feel.types import (
    ANY,
    BOOLEAN,
    CONTEXT,
    DATE,
    DATE_TIME,
    DAYS_DURATION,
    LIST,
    NULL,
    NUMBER,
    STRING,
    TIME,
    YEARS_DURATION,
    ContextOf,
    FunctionOf,
    ListOf,
    RangeOf,
    Type,
)

WORDS = {
    "number": "数",
    "string": "文字",
    "boolean": "真假",
    "date": "日期",
    "time": "时间",
    "date and time": "日期时间",
    "days and time duration": "时长",
    "years and months duration": "年月时长",
    "duration": "时长",
    "list": "列表",
    "range": "区间",
    "context": "结构",
    "function": "函数",
}
TAKES: dict[str, tuple[Type, ...]] = {
    "number": (NUMBER,),
    "string": (STRING,),
    "boolean": (BOOLEAN,),
    "date": (DATE,),
    "time": (TIME,),
    "date and time": (DATE_TIME,),
    "duration": (DAYS_DURATION, YEARS_DURATION),
    "days and time duration": (DAYS_DURATION,),
    "list": (LIST,),
    "range": (RangeOf(ANY),),
    "context": (CONTEXT,),
    "function": (FunctionOf((), ANY),),
}
"""The types that a parameter declared so takes."""
GIVES: dict[str, Type] = {
    "date": DATE,
    "time": TIME,
    "date and time": DATE_TIME,
    "years and months duration": YEARS_DURATION,
    "now": DATE_TIME,
    "today": DATE,
    "split": ListOf(STRING),
    "index of": ListOf(NUMBER),
    "range": RangeOf(ANY),
    "get entries": ListOf(CONTEXT),
    "context": CONTEXT,
    "context put": CONTEXT,
    "context merge": CONTEXT,
    "mode": LIST,
    "union": LIST,
    "flatten": LIST,
}
"""Results of those whose declaration says nothing more than any."""
_LIKE_FIRST = frozenset(("sublist", "remove", "reverse", "distinct values", "sort"))
_ONE_OF_FIRST = frozenset(("min", "max", "sum", "mean", "product"))


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: its name, what it takes as declared (`any` for everything), and whether it may be left out."""

    name: str
    takes: tuple[str, ...]
    optional: bool


@dataclass(frozen=True, slots=True)
class Form:
    """One way of calling a built-in; `many` as in `builtins.define`."""

    parameters: tuple[Parameter, ...]
    result: str
    many: str

    @property
    def text(self) -> str:
        """The parameters in words."""
        said = [f"{p.name}: {'或'.join(WORDS.get(kind, kind) for kind in p.takes)}" for p in self.parameters]
        return "、".join(f"[{text}]" if p.optional else text for p, text in zip(self.parameters, said, strict=True))

    def counts(self, given: int) -> bool:
        """Whether so many arguments may be given by position."""
        required = sum(not parameter.optional for parameter in self.parameters)
        return required <= given and (bool(self.many) or given <= len(self.parameters))

    def wrong(self, kinds: Sequence[Type | None]) -> int | None:
        """Which argument by position is of a type that is not taken; None when all are."""
        if self.many == "list" and len(kinds) > 1:
            return None
        last = len(self.parameters) - 1
        for place, kind in enumerate(kinds):
            if self.many == "rest" and place >= last:
                continue
            if not taken(kind, self.parameters[place].takes):
                return place
        return None


@cache
def forms(name: str) -> tuple[Form, ...]:
    """Every way of calling a built-in."""
    function: Function = BUILTINS[name]
    return tuple(_form(each) for each in function.overloads or (function,))


def _form(function: Function) -> Form:
    declared, result, many = function.declared
    found: list[Parameter] = []
    for part in declared.split(", ") if declared else ():
        name, _, kinds = part.strip("[]").partition(": ")
        found.append(Parameter(name, tuple(kinds.rstrip("?").split("|")), part.startswith("[")))
    return Form(tuple(found), result, many)


def taken(kind: Type | None, takes: Sequence[str]) -> bool:
    """Whether a value of the type can be an argument: of one of the types, or by the conversions that calls make."""
    if "any" in takes or "list" in takes:
        return True
    return any(fits(kind, wanted) for name in takes for wanted in TAKES[name])


def result_of(name: str, form: Form, kinds: Sequence[Type | None]) -> Type | None:
    """The type of a built-in's result; None when it can't be told."""
    if form.result != "any":
        return TAKES[form.result][0]
    first = bare(kinds[0]) if kinds else ANY
    if name in _LIKE_FIRST:
        return first if isinstance(first, ListOf) else ListOf(first)
    if name in ("append", "concatenate", "insert before", "list replace"):
        return LIST
    if name in _ONE_OF_FIRST:
        items = {first.item} if len(kinds) == 1 and isinstance(first, ListOf) else {bare(kind) for kind in kinds}
        item = bare(items.pop()) if len(items) == 1 else ANY
        return None if item == ANY or isinstance(item, ListOf) else item
    if name == "abs":
        return None if first == ANY else first
    return GIVES.get(name)


# --- what fits ------------------------------------------------------------------------------------------------------


def fits(kind: Type | None, wanted: Type | None) -> bool:
    """Whether a value of a type may be one of the wanted type, conversions included; False only when it surely is not."""
    kind, wanted = bare(kind), bare(wanted)
    if ANY in (kind, wanted) or kind in (NULL, wanted):
        return True
    if isinstance(wanted, ListOf):
        return fits(kind.item if isinstance(kind, ListOf) else kind, wanted.item)
    if isinstance(kind, ListOf):
        return fits(kind.item, wanted)
    if kind == DATE and wanted == DATE_TIME:
        return True
    if isinstance(kind, RangeOf) and isinstance(wanted, RangeOf):
        return fits(kind.item, wanted.item)
    if isinstance(kind, ContextOf) and isinstance(wanted, ContextOf):
        known = dict(kind.fields)
        return not known or all(name in known and fits(known[name], field) for name, field in wanted.fields)
    return isinstance(kind, FunctionOf) and isinstance(wanted, FunctionOf)


def word(kind: Type | None) -> str:
    """What a type is called in a sentence."""
    found = bare(kind)
    if isinstance(found, ListOf):
        return "列表"
    if isinstance(found, RangeOf):
        return "区间"
    if isinstance(found, ContextOf):
        return "结构"
    return "函数" if isinstance(found, FunctionOf) else WORDS.get(str(found), str(found))
