"""Names that mean nothing: neither in scope, nor built in, nor an entry of something whose entries are not known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..feel import BUILTINS, Scope
from ..feel import tree as t


def strange(node: t.Node, scope: Scope) -> Iterator[t.Name]:
    """Every use of a name that nothing stands for."""
    known: set[str] = set()
    level: Scope | None = scope
    while level is not None:
        if level.item:
            return  # an entry of the item under test may bear any name
        known.update(level.names)
        level = level.parent
    todo: list[tuple[t.Node, frozenset[str]]] = [(node, frozenset(known))]
    while todo:
        part, names = todo.pop()
        if isinstance(part, t.Name) and part.name not in names and part.name not in BUILTINS and part.name != "?":
            yield part
        todo.extend(reversed(list(_below(part, names))))


def _below(node: t.Node, known: frozenset[str]) -> Iterator[tuple[t.Node, frozenset[str]]]:
    """The parts of a node, each with the names it may use."""
    match node:
        case t.Filter(value=value):
            yield value, known
        case t.FunctionLiteral(parameters=parameters, body=body, external=external):
            if not external:
                yield body, known | {parameter.name for parameter in parameters}
        case t.ContextLiteral(entries=entries):
            for entry in entries:
                yield entry.value, known
                known = known | {entry.key}
        case t.For(iterators=iterators, result=body):
            yield from _iterated(iterators, body, known)
        case t.Some(iterators=iterators, condition=body) | t.Every(iterators=iterators, condition=body):
            yield from _iterated(iterators, body, known)
        case _:
            for child in t.children(node):
                yield child, known


def _iterated(
    iterators: Iterable[t.Iterator], body: t.Node, known: frozenset[str]
) -> Iterator[tuple[t.Node, frozenset[str]]]:
    for iterator in iterators:
        yield iterator.domain, known
        if iterator.until is not None:
            yield iterator.until, known
        known = known | {iterator.name}
    yield body, known | {"partial"}
