"""Names, paths and filters: what stands for what, found beforehand."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from .. import tree as t
from ..builtins import BUILTINS
from ..members import member
from ..run import Env, Scope
from ..unknown import (
    UNKNOWN,
    Choices,
    Interval,
    Sublist,
    Unknown,
    choices,
    join,
    possible_values,
    truths,
)
from ..values import FeelError, Value
from .core import Evaluate, Handler, compile_node


def name_node(node: t.Name, scope: Scope) -> Evaluate:
    name = node.name
    depth = 0
    filters: list[int] = []
    level: Scope | None = scope
    found: int | None = None
    while level is not None:
        if name in level.names:
            found = depth
            break
        if level.item:
            filters.append(depth)
        depth += 1
        level = level.parent
    outside = _at_depth(node, name, found) if found is not None else _elsewhere(node, name)
    if not filters:
        return outside

    def look(env: Env) -> Value:
        step = 0
        frame: Env | None = env
        for place in filters:
            while step < place and frame is not None:
                frame, step = frame.parent, step + 1
            if frame is None:
                break
            if name in frame.values:
                return frame.values[name]
            if type(frame.values.get("item")) is Unknown and not isinstance(frame.values["item"].possible, Interval):
                return UNKNOWN
        return outside(env)

    return look


def _at_depth(node: t.Name, name: str, depth: int) -> Evaluate:
    """The value in the frame so many levels out."""
    if depth == 0:

        def here(env: Env) -> Value:
            try:
                return env.values[name]
            except KeyError:
                return _missing(node, name, env)

        return here
    if depth == 1:

        def above(env: Env) -> Value:
            try:
                return env.parent.values[name]  # type: ignore[union-attr]
            except KeyError:
                return _missing(node, name, env)

        return above

    def further(env: Env) -> Value:
        frame: Any = env
        for _ in range(depth):
            frame = frame.parent
        try:
            return frame.values[name]
        except KeyError:
            return _missing(node, name, env)

    return further


def _missing(node: t.Name, name: str, env: Env) -> Value:
    """A name the scope promised but this frame lacks: further out, or null."""
    try:
        return env.find(name)
    except KeyError:
        return env.fail(node, f"没有 {name}")


def _elsewhere(node: t.Name, name: str) -> Evaluate:
    """A name the scope does not have: a built-in, or whatever the environment brings along."""
    builtin = BUILTINS.get(name)

    def look(env: Env) -> Value:
        try:
            return env.find(name)
        except KeyError:
            return builtin if builtin is not None else env.fail(node, f"没有 {name}")

    return look


def _path(node: t.Path, scope: Scope) -> Evaluate:
    value = compile_node(node.value, scope)
    name = node.name

    def evaluate(env: Env) -> Value:
        found = value(env)
        if type(found) is dict and name in found:
            return found[name]
        if type(found) is list:
            env.run.tick()
        try:
            return member(found, name)
        except FeelError as problem:
            return env.fail(node, str(problem))

    return evaluate


_BOOLEAN_NODES = (t.Comparison, t.Between, t.In, t.InstanceOf, t.And, t.Or, t.Some, t.Every, t.BooleanLiteral)


def _filter(node: t.Filter, scope: Scope) -> Evaluate:
    value = compile_node(node.value, scope)
    condition = compile_node(node.condition, Scope({"item": None}, parent=scope, item=True))
    boolean = isinstance(node.condition, _BOOLEAN_NODES)
    index = node.condition.value if isinstance(node.condition, t.NumberLiteral) else None

    def evaluate(env: Env) -> Value:
        found = value(env)
        if found is None:
            found = [] if index is None else [None]
            if index is None and not boolean:
                found = [None]
        if type(found) is Unknown:
            return _filter_unknown(found, lambda items: select(env, items), env)
        return select(env, found if type(found) is list else [found])

    strict = node.boolean

    def select(env: Env, items: list[Value]) -> Value:
        if index is not None and not strict:
            return _nth(items, index, node, env)
        results: list[Value] = []
        sure: list[bool] = []
        run = env.run
        for place, item in enumerate(items):
            run.spend()
            truth = _for_item(condition, item, env)
            if truth is True:
                results.append(item)
                sure.append(True)
                continue
            if truth is False:
                continue
            if strict and truth is not None:
                if type(truth) is not Unknown:
                    return env.fail(node, "筛选条件不是真假")
                if not _only_truths(truth):
                    return UNKNOWN
            elif place == 0 and not boolean:
                if type(truth) is Decimal:
                    return _nth(items, truth, node, env)
                if type(truth) is Unknown and not _only_truths(truth):
                    return _positions(items, truth, node, env)
            if type(truth) is Unknown and True in truths(truth):
                results.append(item)
                sure.append(False)
        if not items and not boolean and not strict:
            position = condition(Env({"item": None}, env))
            if type(position) is Decimal:
                return None
            if type(position) is Unknown and not _only_truths(position):
                return choices(([], None))
        return results if all(sure) else Unknown(Sublist(tuple(results), tuple(sure)))

    return evaluate


def _for_item(condition: Evaluate, item: Value, env: Env) -> Value:
    """The condition for one item, whose entries are names in it; an item that may be several is tried as each."""
    if type(item) is Unknown and isinstance(item.possible, Choices):
        return join([_for_item(condition, option, env) for option in item.possible.values])
    values = {"item": item, **item} if type(item) is dict else {"item": item}
    return condition(Env(values, env))


def _only_truths(value: Unknown) -> bool:
    return isinstance(value.possible, Choices) and all(
        item is None or isinstance(item, bool) for item in value.possible.values
    )


def _nth(items: list[Value], index: Decimal, node: t.Node, env: Env) -> Value:
    if index != index.to_integral_value() or not 1 <= abs(index) <= len(items):
        return env.fail(node, "位置不在列表里")
    place = int(index)
    return items[place - 1] if place > 0 else items[place]


def _positions(items: list[Value], index: Unknown, node: t.Node, env: Env) -> Value:
    """By a position that is not known: any item it can point to."""
    ways = possible_values(index)
    if ways is not None and all(type(way) is Decimal for way in ways):
        return join([_nth(items, way, node, env) for way in ways])
    return UNKNOWN


def _filter_unknown(found: Unknown, select: Callable[[list[Value]], Value], env: Env) -> Value:
    possible = found.possible
    if isinstance(possible, Choices):
        return join(
            [select(item if type(item) is list else [] if item is None else [item]) for item in possible.values]
        )
    if isinstance(possible, Sublist):
        kept = select(list(possible.items)) if all(possible.sure) else None
        if kept is not None:
            return kept
        ways = possible_values(found)
        return UNKNOWN if ways is None else join([select(way) for way in ways])
    if isinstance(possible, Interval) and not found.or_null:
        return select([found])
    return UNKNOWN


NODES: dict[type, Handler] = {
    t.Name: name_node,
    t.Path: _path,
    t.Filter: _filter,
}
