"""Literals, lists, contexts, ranges and functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from .. import known
from .. import tree as t
from ..calls import enter
from ..conform import coerce
from ..java import external_function
from ..literals import literal_value
from ..run import Env, Run, Scope
from ..types import Type
from ..unknown import (
    UNKNOWN,
    Unknown,
)
from ..values import FeelError, Function, Range, Value
from .core import Evaluate, Handler, compile_node, constant, resolve_type
from .operators import relate


def _literal(node: Any, scope: Scope) -> Evaluate:
    return constant(node.value)


def _null(node: t.NullLiteral, scope: Scope) -> Evaluate:
    return constant(None)


def _at(node: t.AtLiteral, scope: Scope) -> Evaluate:
    try:
        return constant(literal_value(node))
    except FeelError as problem:
        why = str(problem)

        def fail(env: Env) -> Value:
            return env.fail(node, why)

        return fail


def _list(node: t.ListLiteral, scope: Scope) -> Evaluate:
    items = [compile_node(item, scope) for item in node.items]

    def evaluate(env: Env) -> Value:
        found = [item(env) for item in items]
        env.run.made(found)
        return found

    return evaluate


def _context(node: t.ContextLiteral, scope: Scope) -> Evaluate:
    keys = [entry.key for entry in node.entries]
    repeated = next((key for key, times in Counter(keys).items() if times > 1), None) if keys else None
    if repeated is not None:

        def fail(env: Env) -> Value:
            return env.fail(node, f"条目 {repeated} 出现两次")

        return fail
    if node.apart:
        alone = [(entry.key, compile_node(entry.value, scope)) for entry in node.entries]
        return lambda env: {key: value(env) for key, value in alone}
    names: dict[str, Type | None] = {}
    inner = Scope(names, parent=scope)
    entries: list[tuple[str, Evaluate]] = []
    for entry in node.entries:  # each sees the entries before it
        entries.append((entry.key, compile_node(entry.value, inner)))
        names[entry.key] = None

    def evaluate(env: Env) -> Value:
        values: dict[str, Value] = {}
        local = Env(values, env)
        for key, value in entries:
            values[key] = value(local)
        env.run.made(values)
        return values

    return evaluate


def _range(node: t.RangeLiteral, scope: Scope) -> Evaluate:
    low = compile_node(node.low, scope) if node.low is not None else constant(None)
    high = compile_node(node.high, scope) if node.high is not None else constant(None)

    def evaluate(env: Env) -> Value:
        a, b = low(env), high(env)
        if type(a) is not Unknown and type(b) is not Unknown:
            try:
                if a is None or b is None:
                    known.compare(b if a is None else a, b if a is None else a)
                elif known.compare(a, b) > 0:
                    return env.fail(node, "区间的低端大于高端")
            except FeelError as problem:
                return env.fail(node, str(problem))
        elif a is None or b is None or relate(node, "<=", a, b, env) is not True:
            return UNKNOWN  # the ends may turn out the wrong way round, and then there is no range
        return Range(a, b, node.low_closed, node.high_closed)

    return evaluate


def _unary_range(node: t.UnaryRange, scope: Scope) -> Evaluate:
    value = compile_node(node.value, scope)
    operator = node.operator

    def evaluate(env: Env) -> Value:
        end = value(env)
        if operator in ("<", "<="):
            return Range(None, end, False, operator == "<=", operator)
        if operator in (">", ">="):
            return Range(end, None, operator == ">=", False, operator)
        return Range(end, end, operator == "=", operator == "=", operator)

    return evaluate


def _function(node: t.FunctionLiteral, scope: Scope) -> Evaluate:
    names = tuple(parameter.name for parameter in node.parameters)
    kinds = tuple(resolve_type(parameter.type, scope) for parameter in node.parameters)
    if node.external:
        return _external(node, scope, names, kinds)
    body = compile_node(node.body, Scope(dict.fromkeys(names), parent=scope))
    return lambda env: make_function("function", names, body, env, kinds)


def make_function(
    name: str,
    names: Sequence[str],
    body: Evaluate,
    env: Env,
    kinds: Sequence[Type | None] = (),
    result: Type | None = None,
) -> Function:
    """A FEEL function of these parameters whose body runs inside `env`; arguments are converted to their types."""
    count = len(names)
    typed = any(kind is not None for kind in kinds)

    def call(run: Run, arguments: Sequence[Value]) -> Value:
        if len(arguments) != count:
            raise FeelError(f"{name} 要 {count} 个参数，给了 {len(arguments)} 个")
        if typed:
            arguments = [coerce(value, kind) for value, kind in zip(arguments, kinds, strict=True)]
        enter(run)
        value = body(Env(dict(zip(names, arguments, strict=True)), env, run))
        run.depth -= 1
        return value if result is None else coerce(value, result)

    return Function(name, tuple(names), call, tuple(kinds), result)


def _external(
    node: t.FunctionLiteral, scope: Scope, names: tuple[str, ...], kinds: tuple[Type | None, ...]
) -> Evaluate:
    body = compile_node(node.body, scope)

    def evaluate(env: Env) -> Value:
        try:
            return external_function(names, body(env), kinds)
        except FeelError as problem:
            return env.fail(node, str(problem))

    return evaluate


NODES: dict[type, Handler] = {
    t.NumberLiteral: _literal,
    t.StringLiteral: _literal,
    t.BooleanLiteral: _literal,
    t.NullLiteral: _null,
    t.AtLiteral: _at,
    t.ListLiteral: _list,
    t.ContextLiteral: _context,
    t.RangeLiteral: _range,
    t.UnaryRange: _unary_range,
    t.FunctionLiteral: _function,
}
