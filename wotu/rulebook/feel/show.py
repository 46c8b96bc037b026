"""A tree as FEEL text; reading the text in the same scope gives an equal tree."""

from __future__ import annotations

from . import tree as t
from .names import KEYWORDS, WORD
from .text import quoted
from .types import Type

ANYTHING, OR, AND, COMPARE, ADD, MULTIPLY, POWER, UNARY, POSTFIX = range(9)
_ARITHMETIC = {"+": ADD, "-": ADD, "*": MULTIPLY, "/": MULTIPLY, "**": POWER}


def show(node: t.Node) -> str:
    """The tree as FEEL text."""
    return _show(node, ANYTHING)


def show_type(kind: Type) -> str:
    """The type as FEEL text."""
    return str(kind)


def _show(node: t.Node, level: int) -> str:
    """The text, in brackets where the surroundings bind tighter than the node."""
    text, own = _text(node)
    return text if own >= level else f"({text})"


def _each(nodes: tuple[t.Node, ...]) -> str:
    return ", ".join(_show(node, ANYTHING) for node in nodes)


def _text(node: t.Node) -> tuple[str, int]:
    """The text and how tightly it binds."""
    match node:
        case t.NumberLiteral(value=value):
            return str(value), POSTFIX if value >= 0 else UNARY
        case t.StringLiteral(value=value):
            return quoted(value), POSTFIX
        case t.BooleanLiteral(value=value):
            return "true" if value else "false", POSTFIX
        case t.NullLiteral():
            return "null", POSTFIX
        case t.AtLiteral(text=text):
            return "@" + quoted(text), POSTFIX
        case t.ListLiteral(items=items):
            return f"[{_each(items)}]", POSTFIX
        case t.ContextLiteral(entries=entries):
            return "{" + ", ".join(_entry(entry) for entry in entries) + "}", POSTFIX
        case t.ContextEntry():
            return _entry(node), ANYTHING
        case t.RangeLiteral():
            return _range(node), POSTFIX
        case t.UnaryRange(operator=operator, value=value):
            return f"({operator} {_show(value, ADD)})", POSTFIX
        case t.FunctionLiteral():
            return _function(node), ANYTHING
        case t.Parameter():
            return _parameter(node), ANYTHING
        case t.Name(name=name):
            return name, POSTFIX
        case t.Path(value=value, name=name):
            return f"{_show(value, POSTFIX)}.{name}", POSTFIX
        case t.Filter(value=value, condition=condition):
            return f"{_show(value, POSTFIX)}[{_show(condition, ANYTHING)}]", POSTFIX
        case t.Call(function=function, arguments=arguments):
            return f"{_show(function, POSTFIX)}({_each(arguments)})", POSTFIX
        case t.NamedCall(function=function, arguments=named):
            given = ", ".join(f"{name}: {_show(value, ANYTHING)}" for name, value in named)
            return f"{_show(function, POSTFIX)}({given})", POSTFIX
        case t.Negate(operand=operand):
            return f"-{_show(operand, UNARY)}", UNARY
        case t.InstanceOf(value=value, type=kind):
            inner = _show(value, UNARY if isinstance(value, t.InstanceOf) else POSTFIX)
            return f"{inner} instance of {kind}", UNARY
        case t.Arithmetic(operator=operator, left=left, right=right):
            own = _ARITHMETIC[operator]
            return f"{_show(left, own)} {operator} {_show(right, own + 1)}", own
        case t.Comparison(operator=operator, left=left, right=right):
            return f"{_show(left, COMPARE)} {operator} {_show(right, ADD)}", COMPARE
        case t.Between(value=value, low=low, high=high):
            return f"{_show(value, COMPARE)} between {_show(low, ADD)} and {_show(high, ADD)}", COMPARE
        case t.In(value=value, tests=tests):
            return f"{_show(value, COMPARE)} in {_in_tests(tests)}", COMPARE
        case t.And(left=left, right=right):
            return f"{_show(left, AND)} and {_show(right, COMPARE)}", AND
        case t.Or(left=left, right=right):
            return f"{_show(left, OR)} or {_show(right, AND)}", OR
        case t.If(condition=condition, then=then, otherwise=otherwise):
            return f"if {_show(condition, OR)} then {_show(then, OR)} else {_show(otherwise, ANYTHING)}", ANYTHING
        case t.For(iterators=iterators, result=result):
            return f"for {_iterators(iterators)} return {_show(result, ANYTHING)}", ANYTHING
        case t.Some(iterators=iterators, condition=condition):
            return f"some {_iterators(iterators)} satisfies {_show(condition, ANYTHING)}", ANYTHING
        case t.Every(iterators=iterators, condition=condition):
            return f"every {_iterators(iterators)} satisfies {_show(condition, ANYTHING)}", ANYTHING
        case t.Iterator():
            return _iterators((node,)), ANYTHING
        case t.Typed(value=value):
            return _text(value)
        case t.Let(entries=entries, result=result):
            return (
                f"{{{', '.join(_entry(entry) for entry in entries)}, result: {_show(result, ANYTHING)}}}.result",
                POSTFIX,
            )
        case t.Native(title=title):
            return title, POSTFIX
        case t.UnaryTests(tests=tests, negated=negated):
            text = ", ".join(_test(test) for test in tests)
            return (f"not({text})" if negated else text), ANYTHING
        case t.AnyTest() | t.CompareTest() | t.ValueTest():
            return _test(node), ANYTHING
    raise TypeError(f"{type(node).__name__} has no FEEL text")


def _entry(entry: t.ContextEntry) -> str:
    key = entry.key if WORD.fullmatch(entry.key) and entry.key not in KEYWORDS else quoted(entry.key)
    return f"{key}: {_show(entry.value, ANYTHING)}"


def _range(node: t.RangeLiteral) -> str:
    low = "" if node.low is None else _show(node.low, ADD)
    high = "" if node.high is None else _show(node.high, ADD)
    return f"{'[' if node.low_closed else '('}{low}..{high}{']' if node.high_closed else ')'}"


def _parameter(node: t.Parameter) -> str:
    return f"{node.name}: {node.type}" if node.type else node.name


def _function(node: t.FunctionLiteral) -> str:
    parameters = ", ".join(_parameter(parameter) for parameter in node.parameters)
    return f"function({parameters}) {'external ' if node.external else ''}{_show(node.body, ANYTHING)}"


def _iterators(nodes: tuple[t.Iterator, ...]) -> str:
    parts: list[str] = []
    for node in nodes:
        if node.until is None:
            parts.append(f"{node.name} in {_show(node.domain, OR)}")
        else:
            parts.append(f"{node.name} in {_show(node.domain, ADD)}..{_show(node.until, ADD)}")
    return ", ".join(parts)


def _in_tests(tests: tuple[t.Node, ...]) -> str:
    if len(tests) == 1:
        return f"({_test(tests[0])})" if isinstance(tests[0], t.ValueTest) else _test(tests[0])
    return f"({', '.join(_test(test) for test in tests)})"


def _test(node: t.Node) -> str:
    match node:
        case t.AnyTest():
            return "-"
        case t.CompareTest(operator=operator, value=value):
            return f"{operator} {_show(value, ADD)}"
        case t.ValueTest(value=t.Call(function=t.Name(name="not")) as call):
            return f"({_show(call, ANYTHING)})"
        case t.ValueTest(value=value):
            return _show(value, ANYTHING)
    return _show(node, ANYTHING)
