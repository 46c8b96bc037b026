"""FEEL trees as plans look at them: rebuilt, flattened, and what of a test is nothing but constants."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from wotu.rulebook.columnar.algebra import of_value
from wotu.rulebook.columnar.terms import Linear, Term, View
from wotu.rulebook.dmn.spans import spans_of
from wotu.rulebook.feel import Choices, Unknown
from wotu.rulebook.feel import tree as t
from wotu.rulebook.feel.types import ANY, BOOLEAN, DATE, DAYS_DURATION, NUMBER

if TYPE_CHECKING:
    from wotu.rulebook.dmn.graph import Logic

MOST_ITEMS = 64
"""Ways of a quantifier that are written out, at most."""
CONSTANT_SIZE = 10**13
"""A quotient is compared with numbers of fewer digits than this, so that rounding it to 34 digits changes no answer."""


def rebuilt(node: t.Node, change: Callable[[t.Node], t.Node]) -> t.Node:
    """The node with its children changed; itself where they stay the same."""
    changed: dict[str, Any] = {}
    for name in t.names_of(node.__class__):
        value = getattr(node, name)
        if isinstance(value, t.Node):
            found = change(value)
            if found is not value:
                changed[name] = found
        elif isinstance(value, tuple) and value and name != "span":
            parts = tuple(_part_changed(part, change) for part in value)
            if any(new is not old for new, old in zip(parts, value, strict=True)):
                changed[name] = parts
    return replace(node, **changed) if changed else node


def _part_changed(part: Any, change: Callable[[t.Node], t.Node]) -> Any:
    if isinstance(part, t.Node):
        return change(part)
    if isinstance(part, tuple) and len(part) == 2 and isinstance(part[1], t.Node):
        found = change(part[1])
        return part if found is part[1] else (part[0], found)
    return part


def flattened(node: t.Node) -> t.Node:
    """The tree with the entries of boxed contexts put where they are named."""
    if isinstance(node, t.Let) and not any(binds(part) for entry in node.entries for part in t.walk(entry.value)):
        known: dict[str, t.Node] = {}
        for entry in node.entries:
            known[entry.key] = filled(flattened(entry.value), known)
        if not any(binds(part) for part in t.walk(node.result)):
            return filled(flattened(node.result), known)
        return node
    if isinstance(node, t.Filter | t.Path):  # what they bind is not seen in what they take from
        return replace(node, value=flattened(node.value))
    return node if binds(node) else rebuilt(node, flattened)


def filled(node: t.Node, known: Mapping[str, t.Node]) -> t.Node:
    if isinstance(node, t.Name):
        return known.get(node.name, node)
    return rebuilt(node, lambda part: filled(part, known))


def unrolled(node: t.Some | t.Every) -> t.Node | None:
    """A quantifier over lists that are written out as the chain of and or or that it stands for; None where it is not."""
    names = {iterator.name for iterator in node.iterators}
    items = 1
    for iterator in node.iterators:
        if not isinstance(iterator.domain, t.ListLiteral) or iterator.until is not None:
            return None
        items *= max(1, len(iterator.domain.items))
        inside = [part for part in t.walk(iterator.domain) if isinstance(part, t.Name) or binds(part)]
        if any(not isinstance(part, t.Name) or part.name in names for part in inside):
            return None
    if items > MOST_ITEMS or opaque(node) or any(binds(part) for part in t.walk(node.condition)):
        return None
    ways: list[dict[str, t.Node]] = [{}]
    for iterator in node.iterators:
        assert isinstance(iterator.domain, t.ListLiteral)
        ways = [{**way, iterator.name: item} for way in ways for item in iterator.domain.items]
    some = isinstance(node, t.Some)
    found: t.Node = t.BooleanLiteral(not some)
    for way in ways:
        part = filled(node.condition, way)
        found = t.Or(found, part) if some else t.And(found, part)
    return found


def untyped(node: t.Node) -> t.Node:
    """The tree without conversions that change nothing columns hold."""
    while isinstance(node, t.Typed) and plain(node.type, NUMBER, BOOLEAN, DATE, DAYS_DURATION):
        node = node.value
    return node


def plain(kind: Any, *kinds: Any) -> bool:
    return kind is None or kind == ANY or kind in kinds


def conforms(term: Term, kind: Any) -> bool:
    wanted = {"number": NUMBER, "date": DATE, "days": DAYS_DURATION}[term.kind]
    return kind is None or kind in (ANY, wanted)


def operands(node: t.Node) -> list[t.Node]:
    """The parts of a chain of one connective, left to right."""
    kind, parts = type(node), []
    while isinstance(node, kind):
        parts.append(node.right)  # type: ignore[attr-defined]
        node = node.left  # type: ignore[attr-defined]
    return [node, *reversed(parts)]


_BINDING = (t.For, t.Some, t.Every, t.Filter, t.FunctionLiteral, t.ContextLiteral, t.Let, t.UnaryTests, t.Path)


def binds(node: t.Node) -> bool:
    """Whether names inside may mean something else than outside."""
    return isinstance(node, _BINDING)


def opaque(node: t.Node) -> bool:
    return any(isinstance(part, t.Native) for part in t.walk(node))


def comparable(bound: Decimal) -> bool:
    """Whether a quotient, rounded to 34 digits, compares with the number as the exact quotient does."""
    _digits, exponent = bound.as_tuple()[1:]
    return (
        isinstance(exponent, int) and abs(exponent) < 30 and int(abs(bound).scaleb(max(0, -exponent))) < CONSTANT_SIZE
    )


def several(each: View) -> bool:
    unknown = each.unknown()
    return isinstance(unknown, Unknown) and isinstance(unknown.possible, Choices)


def ends_of(test: t.Node) -> list[tuple[str, t.Node]] | None:
    """The comparisons that a test of constants stands for."""
    match test:
        case t.CompareTest(operator=operator, value=value):
            return [(operator, value)] if spans_of((test,)) is not None else None
        case t.ValueTest(value=t.UnaryRange(operator=operator, value=value)):
            return [(operator, value)] if spans_of((test,)) is not None else None
        case t.ValueTest(value=t.RangeLiteral(low=low, high=high, low_closed=left, high_closed=right)):
            if low is None or high is None or spans_of((test,)) is None:
                return None
            return [(">=" if left else ">", low), ("<=" if right else "<", high)]
        case t.ValueTest(value=value) if spans_of((test,)) is not None and not isinstance(value, t.ListLiteral):
            return [("=", value)]
    return None


def bounds_of(test: t.Node) -> Iterator[Linear | None]:
    """The constants of a test; None among them where it is more than constants."""
    pieces = spans_of((test,))
    if pieces is None:
        yield None
        return
    for piece in pieces:
        possible = piece.possible if isinstance(piece, Unknown) else None
        if possible is None:
            yield of_value(piece)
            continue
        for end in (getattr(possible, "low", None), getattr(possible, "high", None)):
            if end is not None:
                yield of_value(end)


def has_defaults(logic: Logic) -> Iterator[bool]:
    """Whether an output's default may read names."""
    box = logic.decision.expression
    for clause in getattr(box, "outputs", ()):
        if clause.default is not None:
            yield True
