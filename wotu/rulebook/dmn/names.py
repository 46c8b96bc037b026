"""Names that mean nothing: neither in scope, nor built in, nor an entry of something whose entries are not known."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping

from ..feel import BUILTINS, Scope
from ..feel import tree as t


class _Known:
    """The names that a piece may use: of a context those before it, and those further out."""

    __slots__ = ("_above", "_before", "_names", "_ranks")

    def __init__(
        self, names: Container[str], above: _Known | None, ranks: Mapping[str, int] | None = None, before: int = 0
    ) -> None:
        self._names = names
        self._above = above
        self._ranks = ranks
        self._before = before

    def __contains__(self, name: str) -> bool:
        level: _Known | None = self
        while level is not None:
            if name in level._names or (level._ranks or {}).get(name, level._before) < level._before:
                return True
            level = level._above
        return False

    def and_(self, names: Iterable[str]) -> _Known:
        """Further names inside."""
        return _Known(frozenset(names), self)


def strange(node: t.Node, scope: Scope) -> Iterator[t.Name]:
    """Every use of a name that nothing stands for."""
    levels: list[Scope] = []
    level: Scope | None = scope
    while level is not None:
        if level.item:
            return  # an entry of the item under test may bear any name
        levels.append(level)
        level = level.parent
    known = _Known((), None)
    for outer in reversed(levels):
        known = _Known(outer.names, known)
    todo: list[tuple[t.Node, _Known]] = [(node, known)]
    while todo:
        part, names = todo.pop()
        if isinstance(part, t.Name) and part.name not in names and part.name not in BUILTINS and part.name != "?":
            yield part
        todo.extend(reversed(list(_below(part, names))))


def _below(node: t.Node, known: _Known) -> Iterator[tuple[t.Node, _Known]]:
    """The parts of a node, each with the names it may use."""
    match node:
        case t.Filter(value=value):
            yield value, known
        case t.FunctionLiteral(parameters=parameters, body=body, external=external):
            if not external:
                yield body, known.and_(parameter.name for parameter in parameters)
        case t.ContextLiteral(entries=entries):
            ranks: dict[str, int] = {}
            for place, entry in enumerate(entries):
                yield entry.value, _Known((), known, ranks, place)
                ranks.setdefault(entry.key, place)
        case t.For(iterators=iterators, result=body):
            yield from _iterated(iterators, body, known)
        case t.Some(iterators=iterators, condition=body) | t.Every(iterators=iterators, condition=body):
            yield from _iterated(iterators, body, known)
        case _:
            for child in t.children(node):
                yield child, known


def _iterated(iterators: Iterable[t.Iterator], body: t.Node, known: _Known) -> Iterator[tuple[t.Node, _Known]]:
    for iterator in iterators:
        yield iterator.domain, known
        if iterator.until is not None:
            yield iterator.until, known
        known = known.and_((iterator.name,))
    yield body, known.and_(("partial",))
