"""The interpreter: a tree becomes a Python closure, once; calling the closure with an Env gives the value.

Each closure first tries what known values of the usual kinds need; unknown and errors go the long way. A failed
evaluation is null; `env.fail` notes why only when somebody collects diagnostics. The handlers are in compiling/.
"""

from __future__ import annotations

from . import tree as t
from .compiling import boxes, control, literals, names, operators, unary
from .compiling.core import Evaluate, Handler, Test, compile_node, resolve_type
from .compiling.literals import make_function
from .compiling.unary import contains, tests_node
from .run import DepthError, Env, Scope
from .values import Value

COMPILERS: dict[type, Handler] = {
    **literals.NODES,
    **names.NODES,
    **operators.NODES,
    **control.NODES,
    **unary.NODES,
    **boxes.NODES,
}
"""What compiles each kind of node."""


def compile_expression(node: t.Node, scope: Scope | None = None) -> Evaluate:
    """A closure that evaluates the expression; names are found as the scope nests them (see Env)."""
    return _guarded(compile_node(node, scope or Scope()))


def compile_tests(node: t.Node, scope: Scope | None = None) -> Test:
    """A closure that says whether unary tests hold for a value: True, False, None or unknown of these."""
    if not isinstance(node, t.UnaryTests):
        node = t.UnaryTests((t.ValueTest(node, span=node.span),), span=node.span)
    try:
        run = tests_node(node, scope or Scope())
    except RecursionError as problem:
        raise DepthError("表达式嵌套太深", "请拆成几个决策") from problem

    def holds(env: Env, value: Value) -> Value:
        try:
            return run(env, value)
        except RecursionError as problem:
            raise DepthError("计算嵌套太深") from problem

    return holds


def _guarded(run: Evaluate) -> Evaluate:
    def evaluate(env: Env) -> Value:
        try:
            return run(env)
        except RecursionError as problem:
            raise DepthError("计算嵌套太深") from problem

    return evaluate


__all__ = ["COMPILERS", "compile_expression", "compile_tests", "contains", "make_function", "resolve_type"]
