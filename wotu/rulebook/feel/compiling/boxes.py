"""What boxed expressions add: typed values, contexts with a result, decision tables."""

from __future__ import annotations

from decimal import Decimal

from .. import tree as t
from ..conform import coerce
from ..run import Env, Scope
from ..types import Simple, Type
from ..values import Date, FeelError, Value
from .core import Evaluate, Handler, compile_node, resolve_type

_PYTHON: dict[str, type] = {"number": Decimal, "string": str, "boolean": bool, "date": Date}


def _typed(node: t.Typed, scope: Scope) -> Evaluate:
    value = compile_node(node.value, scope)
    kind = resolve_type(node.type, scope)
    usual = _PYTHON.get(str(kind)) if isinstance(kind, Simple) else None

    def evaluate(env: Env) -> Value:
        found = value(env)
        if found is None or type(found) is usual:
            return found
        env.run.tick()
        try:
            return coerce(found, kind)
        except FeelError as problem:
            return env.fail(node, str(problem))

    return evaluate


def _let(node: t.Let, scope: Scope) -> Evaluate:
    names: dict[str, Type | None] = {}
    inner = Scope(names, parent=scope)
    entries: list[tuple[str, Evaluate]] = []
    for entry in node.entries:  # each sees the entries before it
        entries.append((entry.key, compile_node(entry.value, inner)))
        names[entry.key] = None
    result = compile_node(node.result, inner)

    def evaluate(env: Env) -> Value:
        values: dict[str, Value] = {}
        local = Env(values, env)
        for key, value in entries:
            values[key] = value(local)
        return result(local)

    return evaluate


def _native(node: t.Native, scope: Scope) -> Evaluate:
    return node.run


NODES: dict[type, Handler] = {
    t.Typed: _typed,
    t.Let: _let,
    t.Native: _native,
}
