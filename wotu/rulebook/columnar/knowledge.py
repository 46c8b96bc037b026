"""Knowledge models that are plain FEEL, put in place of the calls to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wotu.rulebook.columnar.trees import binds, filled, rebuilt
from wotu.rulebook.dmn import model as m
from wotu.rulebook.feel import BUILTINS, FeelSyntaxError, Scope, parse
from wotu.rulebook.feel import tree as t
from wotu.rulebook.feel.types import FunctionOf, Type

if TYPE_CHECKING:
    from wotu.rulebook.dmn.graph import Logic
    from wotu.rulebook.rulebook import Rulebook

MOST_DEEP = 8
"""Knowledge models inside each other that are put in place, at most."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """A knowledge model of plain FEEL: what it asks for, its tree, and which functions that calls."""

    parameters: tuple[tuple[str, Type | None], ...]
    body: t.Node
    result: Type | None
    builtins: frozenset[str]
    calls: frozenset[str]


def knowledge(book: Rulebook) -> dict[str, Knowledge]:
    """The knowledge models that calls can be replaced by: bodies of FEEL text with no names but their parameters."""
    types = book.network.models[""].types
    others = {item.name for item in book.model.knowledge_models}
    found: dict[str, Knowledge] = {}
    for item in book.model.knowledge_models:
        box = item.logic.body if item.logic is not None and item.logic.kind.upper() == "FEEL" else None
        if (
            not isinstance(box, m.Literal)
            or item.logic is None
            or box.language.rpartition("/")[2].lower() not in ("", "feel")
        ):
            continue
        parameters = {
            each.name: types.look_up(each.type_ref) if each.type_ref else None for each in item.logic.parameters
        }
        scope = Scope({**dict.fromkeys(others), **parameters}, types.known)
        try:
            body = parse(box.text, scope)
        except FeelSyntaxError:
            continue
        names = {part.name for part in t.walk(body) if isinstance(part, t.Name)} - set(parameters)
        if any(binds(part) or isinstance(part, t.Native) for part in t.walk(body)) or not names <= others | set(
            BUILTINS
        ):
            continue
        said = {types.look_up(text) for text in (item.variable.type_ref, box.type_ref) if text}
        if len(said) > 1:
            continue
        result = said.pop() if said else None
        if isinstance(result, FunctionOf):
            result = result.result
        calls, builtins = frozenset(names & others), frozenset(names - others)
        found[item.name] = Knowledge(tuple(parameters.items()), body, result, builtins, calls)
    return found


def inlined(models: Mapping[str, Knowledge], logic: Logic, node: t.Node, depth: int = 0) -> t.Node:
    """The tree with the bodies of the knowledge models it calls in place of the calls, as far as they can be."""
    if binds(node):
        return node
    below = rebuilt(node, lambda part: inlined(models, logic, part, depth))
    match below:
        case t.Call(function=t.Name(name=name), arguments=arguments):
            given: dict[int | str, t.Node] = dict(enumerate(arguments))
        case t.NamedCall(function=t.Name(name=name), arguments=pairs):
            given = {**dict(pairs)}
        case _:
            return below
    model = models.get(name) if depth < MOST_DEEP and name in logic.constants else None
    if model is None or len(given) != len(model.parameters) or any(binds(p) for a in given.values() for p in t.walk(a)):
        return below
    known: dict[str, t.Node] = {}
    for place, (parameter, kind) in enumerate(model.parameters):
        argument = given.get(parameter, given.get(place))
        if argument is None:
            return below
        known[parameter] = argument if kind is None else t.Typed(argument, kind)
    if model.builtins & set(logic.scope.names):
        return below
    body = filled(model.body, known)
    body = body if model.result is None else t.Typed(body, model.result)
    return inlined(models, logic, body, depth + 1) if model.calls <= set(logic.constants) else below
