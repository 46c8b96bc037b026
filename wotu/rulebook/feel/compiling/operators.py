"""Calls, arithmetic, comparison, and, or."""

from __future__ import annotations

import operator as python
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from .. import known
from .. import tree as t
from ..builtins import BUILTINS
from ..calls import call_function, call_named
from ..conform import is_instance, without_allowed
from ..intervals import calculate, opposite
from ..known import kind_of
from ..literals import literal_value
from ..run import Env, Scope
from ..unknown import (
    UNKNOWN,
    Unknown,
    both,
    either,
    has_unknown,
    relates,
)
from ..values import MATH, FeelError, Function, Value
from .core import Evaluate, Handler, compile_node, constant, resolve_type


def _call(node: t.Call, scope: Scope) -> Evaluate:
    if _builtin(node.function, scope) is not None and len(node.arguments) == 1:
        try:
            return constant(literal_value(node))  # date("2024-01-01"), duration("P1Y"): read once
        except FeelError:
            pass
    function = compile_node(node.function, scope)
    arguments = [compile_node(argument, scope) for argument in node.arguments]

    def evaluate(env: Env) -> Value:
        callee = function(env)
        if type(callee) is not Function:
            return _no_function(callee, node, env)
        try:
            return call_function(callee, env.run, [argument(env) for argument in arguments])
        except FeelError as problem:
            return env.fail(node, str(problem))

    builtin = _builtin(node.function, scope)
    if builtin is None:
        return evaluate
    direct: Function = builtin
    if direct.overloads:

        def overloaded(env: Env) -> Value:
            try:
                return call_function(direct, env.run, [argument(env) for argument in arguments])
            except FeelError as problem:
                return env.fail(node, str(problem))

        return overloaded
    call = direct.call

    def call_builtin(env: Env) -> Value:
        try:
            return call(env.run, [argument(env) for argument in arguments])
        except FeelError as problem:
            return env.fail(node, str(problem))

    return call_builtin


def _builtin(node: t.Node, scope: Scope) -> Function | None:
    """The built-in a name surely means: nothing in scope, no entry of a filtered item, can be called so."""
    if not isinstance(node, t.Name) or node.name not in BUILTINS:
        return None
    level: Scope | None = scope
    while level is not None:
        if node.name in level.names or level.item:
            return None
        level = level.parent
    return BUILTINS[node.name]


def _no_function(callee: Value, node: t.Node, env: Env) -> Value:
    if type(callee) is Unknown:
        return UNKNOWN
    return env.fail(node, f"{kind_of(callee)} 不是函数")


def _named_call(node: t.NamedCall, scope: Scope) -> Evaluate:
    function = compile_node(node.function, scope)
    arguments = [(name, compile_node(argument, scope)) for name, argument in node.arguments]

    def evaluate(env: Env) -> Value:
        callee = function(env)
        if type(callee) is not Function:
            return _no_function(callee, node, env)
        try:
            return call_named(callee, env.run, {name: argument(env) for name, argument in arguments})
        except FeelError as problem:
            return env.fail(node, str(problem))

    return evaluate


def _negate(node: t.Negate, scope: Scope) -> Evaluate:
    operand = compile_node(node.operand, scope)

    def evaluate(env: Env) -> Value:
        value = operand(env)
        if type(value) is Unknown:
            return opposite(value)
        try:
            return known.negate(value)
        except FeelError as problem:
            return env.fail(node, str(problem))

    if isinstance(node.operand, t.NumberLiteral):
        return constant(known.negate(node.operand.value))
    return evaluate


_DECIMAL = {"+": MATH.add, "-": MATH.subtract, "*": MATH.multiply}


def _arithmetic(node: t.Arithmetic, scope: Scope) -> Evaluate:
    left, right = compile_node(node.left, scope), compile_node(node.right, scope)
    sign = node.operator
    general = known.ARITHMETIC[sign]

    def slowly(env: Env, a: Value, b: Value) -> Value:
        try:
            if type(a) is Unknown or type(b) is Unknown:
                return calculate(sign, a, b)
            found = general(a, b)
            if type(found) is str:
                env.run.made(found)
            return found
        except FeelError as problem:
            return env.fail(node, str(problem))

    quick = _DECIMAL.get(sign)
    if quick is None:
        return lambda env: slowly(env, left(env), right(env))

    def evaluate(env: Env) -> Value:
        a, b = left(env), right(env)
        if type(a) is Decimal and type(b) is Decimal:
            try:
                return quick(a, b)
            except ArithmeticError:
                return env.fail(node, "数太大")
        return slowly(env, a, b)

    return evaluate


RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": python.lt,
    "<=": python.le,
    ">": python.gt,
    ">=": python.ge,
    "=": python.eq,
    "!=": python.ne,
}


def _comparison(node: t.Comparison, scope: Scope) -> Evaluate:
    left, right = compile_node(node.left, scope), compile_node(node.right, scope)
    sign = node.operator
    quick = RELATIONS[sign]

    def evaluate(env: Env) -> Value:
        a, b = left(env), right(env)
        kind = type(a)
        if kind is type(b) and (kind is Decimal or kind is str):
            return quick(a, b)
        return relate(node, sign, a, b, env)

    return evaluate


def relate(node: t.Node, sign: str, a: Value, b: Value, env: Env) -> Value:
    """One comparison on any values; null when they cannot be compared."""
    if type(a) is list or type(a) is dict:
        env.run.tick()
    try:
        if type(a) is Unknown or type(b) is Unknown or has_unknown(a) or has_unknown(b):
            return relates(sign, a, b)
        return known.relate(sign, a, b)
    except FeelError as problem:
        return env.fail(node, str(problem))


def _between(node: t.Between, scope: Scope) -> Evaluate:
    value, low, high = compile_node(node.value, scope), compile_node(node.low, scope), compile_node(node.high, scope)

    def evaluate(env: Env) -> Value:
        found = value(env)
        above = relate(node, ">=", found, low(env), env)
        below = relate(node, "<=", found, high(env), env)
        return conjunction(above, below)

    return evaluate


def conjunction(a: Value, b: Value) -> Value:
    """`a and b`"""
    if a is False or b is False:
        return False
    if a is True and b is True:
        return True
    return both(a, b) if type(a) is Unknown or type(b) is Unknown else None


def disjunction(a: Value, b: Value) -> Value:
    """`a or b`"""
    if a is True or b is True:
        return True
    if a is False and b is False:
        return False
    return either(a, b) if type(a) is Unknown or type(b) is Unknown else None


def _operands(node: t.Node, kind: type) -> list[t.Node]:
    """The parts of a chain of one operator, left to right, however long."""
    parts: list[t.Node] = []
    while isinstance(node, kind):
        parts.append(node.right)  # type: ignore[attr-defined]
        node = node.left  # type: ignore[attr-defined]
    parts.append(node)
    return parts[::-1]


def _and(node: t.And, scope: Scope) -> Evaluate:
    parts = [compile_node(part, scope) for part in _operands(node, t.And)]

    def evaluate(env: Env) -> Value:
        answer: Value = True
        for part in parts:
            value = part(env)
            if value is False:
                return False
            if value is not True or answer is not True:
                answer = conjunction(answer, value)
        return answer

    return evaluate


def _or(node: t.Or, scope: Scope) -> Evaluate:
    parts = [compile_node(part, scope) for part in _operands(node, t.Or)]

    def evaluate(env: Env) -> Value:
        answer: Value = False
        for part in parts:
            value = part(env)
            if value is True:
                return True
            if value is not False or answer is not False:
                answer = disjunction(answer, value)
        return answer

    return evaluate


def _instance_of(node: t.InstanceOf, scope: Scope) -> Evaluate:
    value = compile_node(node.value, scope)
    kind = without_allowed(resolve_type(node.type, scope))
    assert kind is not None

    def evaluate(env: Env) -> Value:
        try:
            env.run.tick()
            return is_instance(value(env), kind)
        except FeelError as problem:
            return env.fail(node, str(problem))

    return evaluate


NODES: dict[type, Handler] = {
    t.Call: _call,
    t.NamedCall: _named_call,
    t.Negate: _negate,
    t.Arithmetic: _arithmetic,
    t.Comparison: _comparison,
    t.Between: _between,
    t.InstanceOf: _instance_of,
    t.And: _and,
    t.Or: _or,
}
