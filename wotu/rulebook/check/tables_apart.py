"""Where two versions of a decision table part: exact, over the parts of the conditions that neither table's cells tell apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..feel import compile_tests
from ..feel import tree as t
from ..feel.known import same
from ..feel.values import Value
from ..rulebook import Rulebook
from .axes import Axis, Column, Test, axis, is_any
from .boxes import Box, Effort, common, holes
from .grid import constants
from .ground import Ground

Both = Callable[[str, Mapping[str, Any]], tuple[Value, Value]]


@dataclass(frozen=True, slots=True)
class Apart:
    """Inputs for which the two tables give different results."""

    inputs: Mapping[str, Value]


def apart(old: Ground, new: Ground, decision: str, both: Both) -> Apart | bool:
    """An example of a difference; True when there surely is none; False when this cannot tell.

    It can for tables FIRST or UNIQUE of the same plain inputs, with cells and results that are constants.
    """
    axes = _axes(old, new, decision)
    if axes is None:
        return False
    first, second = (ground.book.logic[decision].table for ground in (old, new))
    assert first is not None
    assert second is not None
    if any(table.hit_policy not in ("FIRST", "UNIQUE") for table in (first, second)):
        return False
    results = [constants(row.outputs) for table in (first, second) for row in table.rows]
    if any(result is None for result in results) or any(one.sure != one.possible for one in axes):
        return False
    rules = [tuple(one.sure[place] for one in axes) for place in range(len(results))]
    count = len(first.rows)
    effort = Effort(100_000)
    for box, covers in _pairs(rules, results, count):
        for hole in holes(box, covers, effort):
            inputs = _sample(axes, hole, old.book, decision)
            before, after = both(decision, inputs)
            if not (type(before) is type(after) and same(before, after)):
                return Apart(inputs)
            return False  # a table that overlaps where it must not, or results that a type converts
        if effort.spent:
            return False
    return True


def _pairs(rules: list[Box], results: list[Any], count: int) -> Iterator[tuple[Box, list[Box]]]:
    """Where one table's rule meets another of the other's with another result, or none at all; and what forestalls them."""
    old, new = rules[:count], rules[count:]
    for i, a in enumerate(old):
        yield a, [*old[:i], *new]
        for j, b in enumerate(new):
            if not all(map(same, results[i], results[count + j])):
                shared = common(a, b)
                if shared is not None:
                    yield shared, [*old[:i], *new[:j]]
    for j, b in enumerate(new):
        yield b, [*new[:j], *old]


def _axes(old: Ground, new: Ground, decision: str) -> tuple[Axis, ...] | None:
    """The axes of both tables together, the old one's rules before the new one's; None when they do not ask the same inputs."""
    first, second = (ground.book.logic[decision].table for ground in (old, new))
    if first is None or second is None or not first.rows or not second.rows:
        return None
    boxes = [ground.book.logic[decision].decision.expression for ground in (old, new)]
    if any(clause.values is not None for box in boxes for clause in getattr(box, "inputs", ())):
        return None
    if any(clause.default is not None for box in boxes for clause in getattr(box, "outputs", ())):
        return None
    nodes = [[node.value if isinstance(node, t.Typed) else node for node in table.inputs] for table in (first, second)]
    if set(nodes[0]) != set(nodes[1]) or len(set(nodes[0])) != len(nodes[0]) or len(nodes[0]) != len(nodes[1]):
        return None
    found: list[Axis] = []
    for place, node in enumerate(nodes[0]):
        source, name = old.book.needs(decision).get(node.name, ("", "")) if isinstance(node, t.Name) else ("", "")
        domains = [next((i.allowed for i in ground.book.inputs if i.name == name), None) for ground in (old, new)]
        if source != "input" or domains[0] is None or domains[0] != domains[1]:
            return None
        other = nodes[1].index(node)
        cells = [*(row.cells[place] for row in first.rows), *(row.cells[other] for row in second.rows)]
        tests: list[Test] = [_always if is_any(cell) else compile_tests(cell) for cell in cells]
        found.append(axis(node, domains[0], [Column(cells, tests)]))
    return tuple(found)


def _always(env: object, value: Value) -> Value:
    return True


def _sample(axes: tuple[Axis, ...], box: Box, book: Rulebook, decision: str) -> dict[str, Value]:
    needs = book.needs(decision)
    found: dict[str, Value] = {}
    for one, bits in zip(axes, box, strict=True):
        assert isinstance(one.node, t.Name)
        found[needs[one.node.name][1]] = one.of(bits)[0].sample
    return found
