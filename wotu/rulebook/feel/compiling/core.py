"""How a tree becomes a closure: what every kind of node needs; the handlers themselves are beside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import tree as t
from ..run import DepthError, Env, Scope
from ..types import Constrained, ContextOf, FunctionOf, ListOf, Named, RangeOf, Type
from ..values import Value

Evaluate = Callable[[Env], Value]
Test = Callable[[Env, Value], Value]
Handler = Callable[[Any, Scope], Evaluate]


def compile_node(node: t.Node, scope: Scope) -> Evaluate:
    """The closure of any node; handlers compile their parts through here."""
    from ..compile import COMPILERS

    try:
        return COMPILERS[type(node)](node, scope)
    except RecursionError as problem:
        raise DepthError("表达式嵌套太深", "请拆成几个决策") from problem


def constant(value: Value) -> Evaluate:
    """A closure that always gives the value."""
    return lambda env: value


def uses(node: t.Node, name: str) -> bool:
    """Whether the name stands anywhere in the tree."""
    return any(isinstance(part, t.Name) and part.name == name for part in t.walk(node))


def resolve_type(kind: Type | None, scope: Scope) -> Type | None:
    """The type with item definitions in place of their names, as far as the scope knows them."""
    match kind:
        case Named():
            return scope.named_type(kind.name) or kind
        case ListOf():
            return ListOf(resolve_type(kind.item, scope) or kind.item)
        case RangeOf():
            return RangeOf(resolve_type(kind.item, scope) or kind.item)
        case ContextOf():
            return ContextOf(tuple((name, resolve_type(field, scope) or field) for name, field in kind.fields))
        case FunctionOf():
            parameters = tuple(resolve_type(parameter, scope) or parameter for parameter in kind.parameters)
            return FunctionOf(parameters, resolve_type(kind.result, scope) or kind.result)
        case Constrained() | _:
            return kind
