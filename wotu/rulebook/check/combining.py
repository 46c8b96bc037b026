"""Which types go together: what an operation on two gives, which can be compared, what several have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..dmn.declared import bare
from ..feel import BUILTINS, Scope
from ..feel import tree as t
from ..feel.types import (
    ANY,
    DATE,
    DATE_TIME,
    DAYS_DURATION,
    NULL,
    NUMBER,
    STRING,
    TIME,
    YEARS_DURATION,
    ContextOf,
    Simple,
    Type,
)

DURATIONS = (DAYS_DURATION, YEARS_DURATION)
MOMENTS = (DATE, DATE_TIME)

READ = {
    "date": '日期写成 "2026-04-01"',
    "time": '时间写成 "08:30:00"',
    "date and time": '日期时间写成 "2026-04-01T08:30:00"',
    "duration": '时长写成 "P30D"、"PT8H" 或 "P1Y6M"',
}
"""Built-ins that read a text, with how it is written."""
DOING = {"+": "相加", "-": "相减", "*": "相乘", "/": "相除", "**": "乘方"}


def calculated(operator: str, a: Type, b: Type) -> Type | None:
    """The type of `a operator b`; None when there is no such operation."""
    if a == b == NUMBER:
        return NUMBER
    if operator == "+" and a == b == STRING:
        return STRING
    if operator in ("+", "-"):
        if a == b and a in DURATIONS:
            return a
        if operator == "-" and ((a in MOMENTS and b in MOMENTS) or a == b == TIME):
            return DAYS_DURATION
        if b in DURATIONS and (a in MOMENTS or (a == TIME and b == DAYS_DURATION)):
            return a
        if operator == "+" and a in DURATIONS and (b in MOMENTS or (b == TIME and a == DAYS_DURATION)):
            return b
    if operator == "*" and NUMBER in (a, b) and (a in DURATIONS or b in DURATIONS):
        return a if a in DURATIONS else b
    if operator == "/" and a in DURATIONS and b in (NUMBER, a):
        return NUMBER if a == b else a
    return None


def hint(operator: str, a: Type, b: Type) -> str:
    """How such a mistake is usually mended."""
    pair = {str(a), str(b)}
    if pair == {"number", "string"}:
        return "数不加引号；文字转成数用 number(…)"
    if "date" in pair and "number" in pair:
        return '日期加减天数写成 + duration("P30D")，比较写成 date("2026-04-01")'
    if "date" in pair and "string" in pair:
        return '日期写成 date("2026-04-01")'
    if pair == {"days and time duration", "number"}:
        return '时长写成 duration("P365D")'
    if pair == {"date", "date and time"}:
        return "请用 date(…) 或 date and time(…) 换成同一种"
    return ""


def alike(a: Type, b: Type) -> bool:
    """Whether values of two known types can be equal without conversion."""
    if isinstance(a, Simple) or isinstance(b, Simple):
        return a == b
    return type(a) is type(b)


def one_of(kinds: Sequence[Type | None]) -> Type | None:
    """The type that all share, null apart; None when there is none."""
    every = {kind for kind in kinds if bare(kind) != NULL}
    if not every:
        return NULL if kinds else None
    first = every.pop()
    if not every:
        return first
    below = {bare(kind) for kind in (first, *every)}
    return below.pop() if len(below) == 1 else None


def known_type(name: str, scope: Scope) -> Type | None:
    """What is known of a name's type; None also where an entry of an item of unknown type may bear it."""
    level: Scope | None = scope
    while level is not None:
        if name in level.names:
            return level.names[name]
        if level.item and bare(level.names.get("item")) in (ANY, ContextOf(())):
            return None
        level = level.parent
    return None


def is_builtin(name: str, scope: Scope) -> bool:
    """Whether the name surely means the built-in."""
    level: Scope | None = scope
    while level is not None:
        if name in level.names or (level.item and bare(level.names.get("item")) in (ANY, ContextOf(()))):
            return False
        level = level.parent
    return name in BUILTINS


def types_in(scope: Scope) -> Iterator[str]:
    """The names of the item definitions in scope."""
    level: Scope | None = scope
    while level is not None:
        yield from level.types
        level = level.parent


def operands(node: t.Node) -> list[t.Node]:
    """The parts of a chain of `and` or of `or`, however long."""
    parts: list[t.Node] = []
    kind = type(node)
    while isinstance(node, t.And | t.Or) and type(node) is kind:
        parts.append(node.right)
        node = node.left
    return [node, *reversed(parts)]


def is_subject(node: t.Node) -> bool:
    """Whether the node is `?`."""
    return isinstance(node, t.Name) and node.name == "?"
