"""Decisions whose variable declares no type: that of their expression, or boolean where the logic says nothing but yes and no.

Whoever writes `收入 >= 10000000` as a decision means a condition, declared or not; screening and explaining ask for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ..feel import BUILTINS
from ..feel import tree as t
from ..feel.types import ANY, BOOLEAN, Type
from . import model as m
from .declared import base_name

if TYPE_CHECKING:
    from .graph import Key, Logic, Network

CONDITIONS = (t.And, t.Or, t.Comparison, t.Between, t.In, t.BooleanLiteral, t.InstanceOf, t.Some, t.Every)
ASKING = {
    "not", "contains", "starts with", "ends with", "matches", "list contains", "all", "any", "is", "before", "after",
    "meets", "met by", "overlaps", "overlaps before", "overlaps after", "finishes", "finished by", "includes", "during",
    "starts", "started by", "coincides",
}  # fmt: skip
"""Built-in functions that answer yes or no."""
LISTS = ("COLLECT", "RULE ORDER", "OUTPUT ORDER")


def told(network: Network) -> dict[Key, Type]:
    """The types that can be told of decisions without a declared one."""
    found: dict[Key, Type] = {}
    open_ = [logic for logic in network.logic.values() if logic.kind is None and logic.decision.expression is not None]
    while True:
        before = len(found)
        for logic in open_:
            kind = None if logic.key in found else _kind(network, logic, found)
            if kind is not None:
                found[logic.key] = kind
        if len(found) == before:  # one decision may be told by another further down
            return found


def declare(network: Network) -> None:
    """Give those decisions their types; what they come to stays as it is."""
    for key, kind in told(network).items():
        network.logic[key] = replace(network.logic[key], kind=kind)


def _kind(network: Network, logic: Logic, found: Mapping[Key, Type]) -> Type | None:
    box = logic.decision.expression
    types = network.models[logic.key[0]].types
    said = types.look_up(box.type_ref) if box is not None and box.type_ref else None
    if said is not None:
        return None if said == ANY else said
    if isinstance(box, m.DecisionTable):
        if len(box.outputs) != 1 or box.hit_policy in LISTS or logic.table is None:
            return None
        if box.outputs[0].type_ref:
            return types.look_up(box.outputs[0].type_ref)
        trees = [row.outputs[0] for row in logic.table.rows]
    else:
        trees = [] if logic.tree is None else [logic.tree]
    return BOOLEAN if _conditions(trees, network, logic, found) else None


def _conditions(trees: list[t.Node], network: Network, logic: Logic, found: Mapping[Key, Type]) -> bool:
    """Whether each is a condition, or null beside at least one."""
    kept = [tree for tree in trees if not isinstance(tree, t.NullLiteral)]
    return bool(kept) and all(_condition(tree, network, logic, found) for tree in kept)


def _condition(node: t.Node, network: Network, logic: Logic, found: Mapping[Key, Type]) -> bool:
    match node:
        case t.If(then=then, otherwise=otherwise):
            return _conditions([then, otherwise], network, logic, found)
        case t.Call(function=t.Name(name=name)) | t.NamedCall(function=t.Name(name=name)):
            return name in ASKING and name in BUILTINS and name not in logic.scope.names
        case t.Name(name=name) if (name,) in logic.needs:
            source, key = logic.needs[name,]
            if source == "input":
                return base_name(network.inputs.get(key)) == "boolean"
            return base_name(found.get(key) or network.logic[key].kind) == "boolean"
    return isinstance(node, CONDITIONS)


__all__ = ["declare", "told"]
