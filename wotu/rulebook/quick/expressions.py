"""FEEL trees -> Python expressions, for values that are known and of the kind expected; anything else is Cannot.

What a program computes must be what the interpreter (feel/compiling) computes, in the same order wherever something could go
wrong on the way: a null with a reason is the interpreter's to give, so a program raises there instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..feel import FeelError, Function
from ..feel import tree as t
from ..feel.builtins import BUILTINS
from ..feel.literals import literal_value
from ..feel.types import ANY as ANYTHING
from ..feel.types import Constrained, Simple, Type
from . import cells
from .code import (
    ANY,
    BOOLEAN,
    COUNTED,
    DATE,
    DAYS,
    NULL,
    NUMBER,
    PLAIN,
    STRING,
    YEARS,
    Cannot,
    Code,
    Program,
    as_kind,
    counted,
    either_of,
    kind_of_type,
    value_of,
)
from .runtime import KEPT

DEEPEST = 30
"""Trees nest no deeper in a program: Python's own reader has its limits."""
LONGEST = 400
"""Nodes of one decision, at most."""
_NUMBERS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "**": "power"}
_SIGNS = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "=": "==", "!=": "!="}


@dataclass
class Writer:
    """One decision being written: what its names stand for."""

    program: Program
    names: Mapping[str, Code]
    constants: Mapping[str, Any]
    """The functions it knows."""
    table: Callable[[Writer], Code] | None = None
    """How to write its decision table, when it is one."""
    used: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    """Functions of the model that it calls: they may note why something is null."""
    depth: int = 0
    nodes: int = 0

    def write(self, node: t.Node) -> Code:
        """The code of an expression."""
        self.nodes += 1
        self.depth += 1
        if self.depth > DEEPEST or self.nodes > LONGEST:
            raise Cannot
        handler = NODES.get(type(node))
        if handler is None:
            raise Cannot
        found = handler(self, node)
        self.depth -= 1
        return found

    def inside(self, names: Mapping[str, Code]) -> Writer:
        """The same decision, with further names."""
        return replace(self, names={**self.names, **names})

    def kind(self, node: t.Node, kind: str) -> Code:
        """The code of an expression that must be of the kind."""
        return as_kind(self.write(node), kind)


def _literal(writer: Writer, node: Any) -> Code:
    return writer.program.literal(node.value)


def _null(writer: Writer, node: t.NullLiteral) -> Code:
    return writer.program.literal(None)


def _read(writer: Writer, node: t.Node) -> Code:
    try:
        return writer.program.literal(literal_value(node))
    except FeelError:
        raise Cannot from None


def _name(writer: Writer, node: t.Name) -> Code:
    found = writer.names.get(node.name)
    if found is None:
        raise Cannot
    writer.used.add(node.name)
    return found


def _list(writer: Writer, node: t.ListLiteral) -> Code:
    items = [writer.write(item) for item in node.items]
    return made(writer, f"[{', '.join(map(value_of, items))}]", items)


def made(writer: Writer, text: str, parts: list[Code]) -> Code:
    """A list or context: counted where what is in it may be large."""
    if all(part.kind in PLAIN or part.kind in COUNTED or part.kind == NULL for part in parts):
        return Code(text, ANY, safe=all(part.safe for part in parts))
    writer.calls.append("made")
    return Code(f"made(s.run, {text})", ANY)


def _entries(writer: Writer, entries: tuple[t.ContextEntry, ...], apart: bool) -> tuple[list[Code], dict[str, Code]]:
    """What the entries come to, each a name for the later ones unless they stand apart."""
    codes: list[Code] = []
    names: dict[str, Code] = {}
    for entry in entries:
        inner = writer if apart else writer.inside(names)
        first, again = writer.program.named(inner.write(entry.value))
        if entry.key in names:
            raise Cannot
        codes.append(first)
        names[entry.key] = again
    return codes, names


def _context(writer: Writer, node: t.ContextLiteral) -> Code:
    codes, names = _entries(writer, node.entries, node.apart)
    pairs = (f"{writer.program.constant(key)}: {value_of(code)}" for key, code in zip(names, codes, strict=True))
    return made(writer, f"{{{', '.join(pairs)}}}", codes)


def _let(writer: Writer, node: t.Let) -> Code:
    codes, names = _entries(writer, node.entries, False)
    result = writer.inside(names).write(node.result)
    before = "".join(f"{code.text}, " for code in codes)
    return replace(result, text=f"({before}{result.text})[-1]", safe=False, short=False)


def _path(writer: Writer, node: t.Path) -> Code:
    value = writer.write(node.value)
    if value.kind == DATE and not value.null and node.name in ("year", "month", "day"):
        return Code(f"Decimal(date_of({value.text}).{node.name})", NUMBER, safe=value.safe)
    if value.kind != ANY:
        raise Cannot
    return Code(f"entry({value.text}, {writer.program.constant(node.name)})", ANY, null=True)


# --- operators ------------------------------------------------------------------------------------------------------


def _negate(writer: Writer, node: t.Negate) -> Code:
    try:
        return writer.program.literal(literal_value(node))
    except FeelError:
        operand = writer.kind(node.operand, NUMBER)
        return Code(f"negate({operand.text})", NUMBER, safe=operand.safe)


def _arithmetic(writer: Writer, node: t.Arithmetic) -> Code:
    left, right = writer.write(node.left), writer.write(node.right)
    kinds = (left.kind, right.kind)
    if ANY in kinds:
        other = kinds[0] if kinds[1] == ANY else kinds[1]
        kind = STRING if other == STRING and node.operator == "+" else NUMBER
        left, right = as_kind(left, kind), as_kind(right, kind)
        kinds = (kind, kind)
    left, right = as_kind(left, kinds[0]), as_kind(right, kinds[1])
    a, b = left.text, right.text
    match node.operator, kinds:
        case sign, ("number", "number"):
            return Code(f"{_NUMBERS[sign]}({a}, {b})", NUMBER)
        case "+", ("string", "string"):
            return Code(f"join_text({a}, {b})", STRING)
        case "-", ("date", "date"):
            day = writer.program.constant(86_400_000_000_000)
            return Code(f"(({a} - {b}) * {day})", DAYS, safe=left.safe and right.safe)
    minus = "" if node.operator == "+" else "-"
    if node.operator not in ("+", "-"):
        raise Cannot
    match kinds:
        case ("date", "days and time duration"):
            return Code(f"later({a}, {minus}{b})", DATE)
        case ("date", "years and months duration"):
            return Code(f"months_later({a}, {minus}{b})", DATE)
        case ("days and time duration", "days and time duration"):
            return Code(f"days_sum({a}, {minus}{b})", DAYS)
        case ("years and months duration", "years and months duration"):
            return Code(f"years_sum({a}, {minus}{b})", YEARS)
        case ("days and time duration", "date") if node.operator == "+":
            return Code(f"later({b}, {a})", DATE)
        case ("years and months duration", "date") if node.operator == "+":
            return Code(f"months_later({b}, {a})", DATE)
    raise Cannot


def related(operator: str, left: Code, right: Code) -> Code:
    """`left < right` and the like."""
    if NULL in (left.kind, right.kind):
        other = right if left.kind == NULL else left
        if operator not in ("=", "!=") or other.kind == ANY:
            raise Cannot  # a value of any kind may be unknown
        return Code(f"({other.text} {'is' if operator == '=' else 'is not'} None)", BOOLEAN, safe=other.safe)
    kind = left.kind if left.kind != ANY else right.kind
    if kind == ANY or (kind == BOOLEAN and operator not in ("=", "!=")):
        raise Cannot
    left, right = as_kind(left, kind), as_kind(right, kind)
    return Code(f"({left.text} {_SIGNS[operator]} {right.text})", BOOLEAN, safe=left.safe and right.safe)


def _comparison(writer: Writer, node: t.Comparison) -> Code:
    return related(node.operator, writer.write(node.left), writer.write(node.right))


def _between(writer: Writer, node: t.Between) -> Code:
    value, low, high = writer.write(node.value), writer.write(node.low), writer.write(node.high)
    kind = next((code.kind for code in (value, low, high) if code.kind != ANY), ANY)
    if kind in (ANY, NULL, BOOLEAN):
        raise Cannot
    value, low, high = as_kind(value, kind), as_kind(low, kind), as_kind(high, kind)
    if low.safe and high.safe:
        return Code(f"({low.text} <= {value.text} <= {high.text})", BOOLEAN, safe=value.safe)
    return Code(f"between({value.text}, {low.text}, {high.text})", BOOLEAN)


def _operands(node: t.Node, kind: type) -> list[t.Node]:
    parts: list[t.Node] = []
    while isinstance(node, kind):
        parts.append(node.right)  # type: ignore[attr-defined]
        node = node.left  # type: ignore[attr-defined]
    return [node, *reversed(parts)]


def _and(writer: Writer, node: t.And) -> Code:
    return _joined(writer, _operands(node, t.And), "and", "False")


def _or(writer: Writer, node: t.Or) -> Code:
    return _joined(writer, _operands(node, t.Or), "or", "True")


def _joined(writer: Writer, nodes: list[t.Node], word: str, settles: str) -> Code:
    """Left to right up to what settles it; a null on the way leaves it null unless something later settles it."""
    parts = [writer.write(node) for node in nodes]
    if any(part.kind not in (BOOLEAN, NULL, ANY) for part in parts):
        raise Cannot
    parts = [as_kind(part, BOOLEAN) if part.kind == ANY else part for part in parts]
    safe = all(part.safe for part in parts)
    if not any(part.null for part in parts):
        return Code(f"({f' {word} '.join(part.text for part in parts)})", BOOLEAN, safe=safe)
    pairs = [writer.program.named(part) for part in parts]
    settled = " or ".join(f"{first.text} is {settles}" for first, _ in pairs)
    unsettled = " or ".join(f"{again.text} is None" for _, again in pairs)
    other = "False" if settles == "True" else "True"
    return Code(f"({settles} if {settled} else None if {unsettled} else {other})", BOOLEAN, True, safe)


def _in(writer: Writer, node: t.In) -> Code:
    first, again = writer.program.named(writer.write(node.value))
    held = cells.any_of(writer, node.tests, again)
    if first is again:
        return held
    return Code(f"({first.text}, {held.text})[1]", BOOLEAN, safe=first.safe and held.safe)


# --- control and calls ----------------------------------------------------------------------------------------------


def _if(writer: Writer, node: t.If) -> Code:
    conditions: list[Code] = []
    arms: list[Code] = []
    rest: t.Node = node
    while isinstance(rest, t.If):
        condition = writer.write(rest.condition)
        if condition.kind == ANY:
            condition = as_kind(condition, BOOLEAN)
        if condition.kind != BOOLEAN:
            raise Cannot
        conditions.append(replace(condition, text=f"{condition.text} is True") if condition.null else condition)
        arms.append(writer.write(rest.then))
        rest = rest.otherwise
    arms.append(writer.write(rest))

    def text(texts: list[str]) -> str:
        chain = "".join(f"{arm} if {one.text} else " for arm, one in zip(texts[:-1], conditions, strict=True))
        return f"({chain}{texts[-1]})"

    found = either_of(arms, text)
    return replace(found, safe=found.safe and all(one.safe for one in conditions))


def _call(writer: Writer, node: t.Call) -> Code:
    if not isinstance(node.function, t.Name):
        raise Cannot
    name = node.function.name
    if name in writer.names:
        raise Cannot
    if name in writer.constants:
        return _call_model(writer, name, node)
    if name not in BUILTINS:
        raise Cannot
    if len(node.arguments) == 1:
        try:
            return writer.program.literal(literal_value(node))
        except FeelError:
            pass
    arguments = [writer.write(argument) for argument in node.arguments]
    if name == "not" and len(arguments) == 1 and arguments[0].kind == BOOLEAN and not arguments[0].null:
        return Code(f"(not {arguments[0].text})", BOOLEAN, safe=arguments[0].safe)
    function = BUILTINS[name]
    callee = writer.program.constant(function)
    writer.calls.append(name)
    code = f"call_function({callee}, s.run, [{', '.join(map(value_of, arguments))}])"
    result = function.declared[1]
    return as_kind(Code(code, ANY, null=True), result) if result in PLAIN else Code(code, ANY, null=True)


def _call_model(writer: Writer, name: str, node: t.Call) -> Code:
    function = writer.constants[name]
    if not isinstance(function, Function):
        raise Cannot
    arguments = ", ".join(value_of(writer.write(argument)) for argument in node.arguments)
    writer.calls.append(name)
    callee = writer.program.constant(function)
    return Code(f"call_function({callee}, s.run, [{arguments}])", ANY, null=True)


def _typed(writer: Writer, node: t.Typed) -> Code:
    return conformed(writer, writer.write(node.value), node.type)


def conformed(writer: Writer, code: Code, kind: Type) -> Code:
    """The code converted to a declared type, as a typed variable does."""
    if kind == ANYTHING or code.kind == NULL:
        return code
    if isinstance(kind, Constrained):
        return _allowed(writer, conformed(writer, code, kind.base), kind)
    name = kind_of_type(kind) if isinstance(kind, Simple) else ANY
    if name == ANY:
        if code.kind != ANY:
            raise Cannot
        return Code(f"coerce({code.text}, {writer.program.constant(kind)})", ANY, null=True)
    if code.kind == name:
        return code
    if code.kind == ANY and name in KEPT:
        return Code(f"{KEPT[name]}({code.text})", name, null=True)
    return as_kind(code, name)


def _allowed(writer: Writer, code: Code, kind: Constrained) -> Code:
    """Only a value that its type allows."""
    if kind.allows is None:
        return code
    first, again = writer.program.named(code)
    held = allows(writer, kind, replace(again, null=False))
    missing = f"{again.text} is None or " if code.null else ""
    chosen = f"{again.text} if {missing}{held} else refuse()"
    text = f"({chosen})" if first is again else f"({first.text}, {chosen})[-1]"
    return replace(code, text=text, safe=False, short=False)


def allows(writer: Writer, kind: Constrained, subject: Code) -> str:
    """The text of whether a type allows a value."""
    tests = getattr(kind.allows, "tests", None)
    if isinstance(tests, t.UnaryTests) and subject.kind != ANY:
        try:
            return cells.held(writer, tests, subject).text
        except Cannot:
            pass
    return f"{writer.program.constant(kind.allows)}({value_of(subject)}) is True"


def _native(writer: Writer, node: t.Native) -> Code:
    if writer.table is None:
        raise Cannot
    return writer.table(writer)


NODES: dict[type, Callable[[Writer, Any], Code]] = {
    t.NumberLiteral: _literal,
    t.StringLiteral: _literal,
    t.BooleanLiteral: _literal,
    t.NullLiteral: _null,
    t.AtLiteral: _read,
    t.Negate: _negate,
    t.ListLiteral: _list,
    t.ContextLiteral: _context,
    t.Let: _let,
    t.Name: _name,
    t.Path: _path,
    t.Arithmetic: _arithmetic,
    t.Comparison: _comparison,
    t.Between: _between,
    t.And: _and,
    t.Or: _or,
    t.In: _in,
    t.If: _if,
    t.Call: _call,
    t.Typed: _typed,
    t.Native: _native,
}
"""How each kind of node is written; the others are left to the interpreter."""

__all__ = ["COUNTED", "Writer", "allows", "conformed", "counted", "related"]
