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
    yield from _strange(node, frozenset(known))


def _strange(node: t.Node, known: frozenset[str]) -> Iterator[t.Name]:
    match node:
        case t.Name(name=name):
            if name not in known and name not in BUILTINS and name != "?":
                yield node
        case t.Filter(value=value):
            yield from _strange(value, known)
        case t.FunctionLiteral(parameters=parameters, body=body, external=external):
            if not external:
                yield from _strange(body, known | {parameter.name for parameter in parameters})
        case t.ContextLiteral(entries=entries):
            yield from _entries(entries, known)
        case t.Let(entries=entries, result=result):
            yield from _entries(entries, known)
            yield from _strange(result, known | {entry.key for entry in entries})
        case t.For(iterators=iterators, result=body) | t.Some(iterators=iterators, condition=body):
            yield from _iterated(iterators, body, known)
        case t.Every(iterators=iterators, condition=body):
            yield from _iterated(iterators, body, known)
        case _:
            for child in t.children(node):
                yield from _strange(child, known)


def _entries(entries: Iterable[t.ContextEntry], known: frozenset[str]) -> Iterator[t.Name]:
    for entry in entries:
        yield from _strange(entry.value, known)
        known = known | {entry.key}


def _iterated(iterators: Iterable[t.Iterator], body: t.Node, known: frozenset[str]) -> Iterator[t.Name]:
    for iterator in iterators:
        yield from _strange(iterator.domain, known)
        if iterator.until is not None:
            yield from _strange(iterator.until, known)
        known = known | {iterator.name}
    yield from _strange(body, known | {"partial"})
