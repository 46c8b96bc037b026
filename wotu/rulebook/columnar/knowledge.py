"""Knowledge models that are plain FEEL, put in place of the calls to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wotu.rulebook.columnar.algebra import of_value
from wotu.rulebook.columnar.terms import Linear
from wotu.rulebook.columnar.trees import binds, bounds_of, filled, flattened, rebuilt, untyped
from wotu.rulebook.dmn import model as m
from wotu.rulebook.dmn.boxed import Maker
from wotu.rulebook.dmn.declared import allowed_of, bare
from wotu.rulebook.dmn.table import compile_table
from wotu.rulebook.feel import BUILTINS, Scope
from wotu.rulebook.feel import tree as t
from wotu.rulebook.feel.types import ANY, FunctionOf, Simple, Type

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
    """The knowledge models that calls can be replaced by: no names in them but their parameters, nothing that binds."""
    types = book.network.models[""].types
    others = {item.name for item in book.model.knowledge_models}
    found: dict[str, Knowledge] = {}
    for item, logic, parameters, scope in _models(book):
        if not isinstance(logic.body, m.Literal | m.Context | m.Conditional | m.Invocation):
            continue
        maker = Maker("", types, item.name)
        body = flattened(maker.tree(logic.body, scope, logic))
        names = {part.name for part in t.walk(body) if isinstance(part, t.Name)} - set(parameters)
        if maker.findings or any(binds(part) or isinstance(part, t.Native) for part in t.walk(body)):
            continue
        if not names <= others | set(BUILTINS):
            continue
        result = types.look_up(item.variable.type_ref) if item.variable.type_ref else None
        below = bare(result)
        result = below.result if isinstance(below, FunctionOf) else result
        result = None if result == ANY else result
        calls, builtins = frozenset(names & others), frozenset(names - others)
        found[item.name] = Knowledge(tuple(parameters.items()), body, result, builtins, calls)
    return found


def limits(book: Rulebook) -> dict[str, dict[str, tuple[Linear, ...] | None]]:
    """Of knowledge models that are decision tables: the constants that each parameter is compared with, and nothing else."""
    types = book.network.models[""].types
    found: dict[str, dict[str, tuple[Linear, ...] | None]] = {}
    for item, logic, parameters, scope in _models(book):
        if not isinstance(logic.body, m.DecisionTable):
            continue
        table = compile_table(logic.body, scope, Maker("", types, item.name))
        bounds: dict[str, list[Linear | None]] = {name: _allowed(kind) for name, kind in parameters.items()}
        trees = [cell for row in table.rows for cell in (*row.cells, *row.outputs)]
        trees += [*(table.defaults or ()), *(each for each in table.values if each is not None)]
        for node, cuts in zip(table.inputs, table.cuts, strict=True):
            inner = untyped(node)
            if isinstance(inner, t.Name) and inner.name in bounds and cuts is not None:
                bounds[inner.name] += [of_value(cut) for cut in cuts]
            else:
                trees.append(node)
        for part in (part for tree in trees for part in t.walk(tree)):
            if isinstance(part, t.Name) and part.name in bounds:
                bounds[part.name].append(None)
        found[item.name] = {
            name: None if None in kept else tuple(each for each in kept if each is not None)
            for name, kept in bounds.items()
        }
    return found


def _allowed(kind: Type | None) -> list[Linear | None]:
    """The constants that a parameter's type tells apart; None among them where it is more than constants."""
    if not isinstance(bare(kind), Simple):
        return [None]
    tests = [each.tests for each in allowed_of(kind)]
    return [bound for test in tests for each in test.tests for bound in bounds_of(each)]


def _models(
    book: Rulebook,
) -> Iterator[tuple[m.BusinessKnowledgeModel, m.FunctionDefinition, dict[str, Type | None], Scope]]:
    """The knowledge models in FEEL, with their parameters' types and the names that their bodies see."""
    types = book.network.models[""].types
    others = dict.fromkeys(item.name for item in book.model.knowledge_models)
    for item in book.model.knowledge_models:
        logic = item.logic
        if logic is None or logic.kind.upper() != "FEEL" or logic.body is None:
            continue
        parameters = {each.name: types.look_up(each.type_ref) if each.type_ref else None for each in logic.parameters}
        yield item, logic, parameters, Scope({**others, **parameters}, types.known)


def inlined(models: Mapping[str, Knowledge], logic: Logic, node: t.Node, depth: int = 0) -> t.Node:
    """The tree with the bodies of the knowledge models it calls in place of the calls, as far as they can be."""
    if isinstance(node, t.Filter | t.Path):  # what they bind is not seen in what they take from
        return replace(node, value=inlined(models, logic, node.value, depth))
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
