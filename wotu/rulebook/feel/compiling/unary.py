"""Unary tests: the cells of a decision table, and `in`."""

from __future__ import annotations

from decimal import Decimal

from .. import known
from .. import tree as t
from ..run import Env, Scope
from ..unknown import (
    ANY_TRUTH,
    Choices,
    Interval,
    Unknown,
    equals,
    has_unknown,
    inside,
    join,
    negation,
    possible_values,
)
from ..values import FeelError, Range, Value
from .core import Evaluate, Handler, Test, compile_node, uses
from .names import name_node
from .operators import RELATIONS, disjunction, relate


def tests_node(node: t.UnaryTests, scope: Scope) -> Test:
    tests = [_test(test, scope) for test in node.tests]
    negated = node.negated
    if len(tests) == 1 and not negated:
        return tests[0]

    def holds(env: Env, value: Value) -> Value:
        if type(value) is Unknown and isinstance(value.possible, Choices):
            return join([holds(env, option) for option in value.possible.values])
        answer: Value = False
        for test in tests:
            answer = disjunction(answer, test(env, value))
            if answer is True:
                break
        return negation(answer) if negated else answer

    return holds


def _test(node: t.Node, scope: Scope) -> Test:
    if isinstance(node, t.AnyTest):
        return lambda env, value: True
    if isinstance(node, t.CompareTest):
        return _compare_test(node, scope)
    inner = node.value if isinstance(node, t.ValueTest) else node
    if uses(inner, "?"):
        about = compile_node(inner, Scope({"?": None}, parent=scope))

        def hold(env: Env, value: Value) -> Value:
            found = about(Env({"?": value}, env))
            if found is True or found is False or found is None:
                return found
            return contains(found, value, node, env)

        return hold
    expression = compile_node(inner, scope)
    return lambda env, value: contains(expression(env), value, node, env)


def _compare_test(node: t.CompareTest, scope: Scope) -> Test:
    inner = node.value
    sign = node.operator
    quick = RELATIONS[sign]
    if uses(inner, "?"):
        about = compile_node(inner, Scope({"?": None}, parent=scope))
        return lambda env, value: relate(node, sign, value, about(Env({"?": value}, env)), env)
    end = compile_node(inner, scope)

    def holds(env: Env, value: Value) -> Value:
        found = end(env)
        kind = type(value)
        if kind is type(found) and (kind is Decimal or kind is str):
            return quick(value, found)
        return relate(node, sign, value, found, env)

    return holds


def contains(found: Value, value: Value, node: t.Node, env: Env) -> Value:
    """Whether a test that came out as `found` holds for the value."""
    kind = type(found)
    try:
        if kind is Range:
            return inside(value, found) if has_unknown(value) or has_unknown(found) else known.in_range(value, found)
        if kind is list:
            env.run.tick()
            return _among(found, value)
        if kind is Unknown:
            return _contained(found, value, node, env)
        if kind is bool and type(value) is not bool and type(value) is not Unknown:
            return found
        if has_unknown(value) or has_unknown(found):
            return equals(value, found)
        return known.equal(value, found)
    except FeelError as problem:
        return env.fail(node, str(problem))


def _contained(found: Unknown, value: Value, node: t.Node, env: Env) -> Value:
    if isinstance(found.possible, Interval):
        return equals(value, found)
    ways = possible_values(found)
    return ANY_TRUTH if ways is None else join([contains(way, value, node, env) for way in ways])


def _among(items: list[Value], value: Value) -> Value:
    answer: Value = False
    for item in items:
        try:
            truth = inside(value, item) if type(item) is Range else equals(value, item)
        except FeelError:
            truth = False
        answer = disjunction(answer, False if truth is None else truth)
        if answer is True:
            return True
    if type(value) is Unknown and isinstance(value.possible, Choices):
        return join([_among(items, option) for option in value.possible.values])
    if type(value) is Unknown and not isinstance(value.possible, Interval):
        return disjunction(answer, ANY_TRUTH)
    if type(value) is list:
        try:
            answer = disjunction(answer, equals(value, items))
        except FeelError:
            return answer
    return answer


def _in(node: t.In, scope: Scope) -> Evaluate:
    value = compile_node(node.value, scope)
    tests = [_test(test, scope) for test in node.tests]

    def among(env: Env, found: Value) -> Value:
        if type(found) is Unknown and isinstance(found.possible, Choices):
            return join([among(env, option) for option in found.possible.values])
        answer: Value = False
        for test in tests:
            answer = disjunction(answer, test(env, found))
            if answer is True:
                return True
        return answer

    return lambda env: among(env, value(env))


def _test_alone(node: t.Node, scope: Scope) -> Evaluate:
    """Unary tests used as an expression: about `?` in scope."""
    tests = tests_node(node, scope) if isinstance(node, t.UnaryTests) else _test(node, scope)
    subject = name_node(t.Name("?"), scope)
    return lambda env: tests(env, subject(env))


NODES: dict[type, Handler] = {
    t.In: _in,
    t.UnaryTests: _test_alone,
    t.AnyTest: _test_alone,
    t.CompareTest: _test_alone,
    t.ValueTest: _test_alone,
}
