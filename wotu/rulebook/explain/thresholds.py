"""The values at which an input changes something: every constant the rule compares it with, turned back to the input."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from wotu.rulebook.feel.tree import (
    Between,
    CompareTest,
    Comparison,
    In,
    Name,
    Node,
    NumberLiteral,
    RangeLiteral,
    StringLiteral,
    UnaryTests,
    ValueTest,
    walk,
)  # fmt: skip
from wotu.rulebook.feel.values import Date

from .measure import around, is_constant, leaves, measured, solve, targets
from .view import Case, DecisionView, TableView, View

Threshold = tuple[DecisionView, Node, Node]
"""Where it stands, what is measured, the constant."""


def thresholds(view: View, decision: str) -> Iterator[Threshold]:
    """Every comparison with a constant in the logic of a decision and all it stands on."""
    todo, seen = [decision], set()
    while todo:
        owner = view.decisions[todo.pop(0)]
        if owner.name in seen:
            continue
        seen.add(owner.name)
        todo.extend(owner.decisions())
        if isinstance(owner.logic, TableView):
            yield from _of_table(owner, owner.logic)
        elif owner.logic is not None:
            yield from _of_tree(owner, owner.logic)


def _of_tree(owner: DecisionView, logic: Node) -> Iterator[Threshold]:
    for node in walk(logic):
        if isinstance(node, Comparison):
            turned = measured(node, lambda side: is_constant(owner, side))
            if turned is not None:
                yield owner, turned.measure, turned.threshold
        elif isinstance(node, Between):
            yield from ((owner, node.value, end) for end in (node.low, node.high) if is_constant(owner, end))
        elif isinstance(node, In):
            yield from ((owner, node.value, constant) for test in node.tests for constant in _constants(owner, test))


def _of_table(owner: DecisionView, table: TableView) -> Iterator[Threshold]:
    for cells, _ in table.rules:
        for measure, cell in zip(table.inputs, cells, strict=True):
            yield from ((owner, measure, constant) for constant in _constants(owner, cell))


def _constants(owner: DecisionView, test: Node) -> Iterator[Node]:
    if isinstance(test, UnaryTests):
        for item in test.tests:
            yield from _constants(owner, item)
    elif isinstance(test, CompareTest | ValueTest):
        inner = test.value
        if isinstance(inner, RangeLiteral):
            yield from (end for end in (inner.low, inner.high) if end is not None and is_constant(owner, end))
        elif is_constant(owner, inner):
            yield inner
    elif isinstance(test, RangeLiteral):
        yield from (end for end in (test.low, test.high) if end is not None and is_constant(owner, end))
    elif isinstance(test, NumberLiteral | StringLiteral):
        yield test


def candidates(case: Case, decision: str, name: str) -> tuple[Any, ...]:
    """Values of an input worth trying: each side of everything it is compared with; never the value it has."""
    view = case.view
    entry = view.inputs[name]
    found: list[Any] = []
    if entry.type == "boolean":
        found = [True, False]
    else:
        found += entry.choices
        for owner, measure, constant in thresholds(view, decision):
            if name not in leaves(case, owner, measure):
                continue
            for target in targets(view, owner, measure, case.value(owner.name, constant)):
                wanted = solve(case, owner, measure, name, target)
                if entry.type == "string" and isinstance(wanted, str):
                    found.append(wanted)
                elif isinstance(wanted, Decimal | Date):
                    found += around(wanted, entry.unit)
    now = case.inputs[name]
    return tuple(value for value in dict.fromkeys(found) if value != now)


def mentions(owner: DecisionView, node: Node) -> tuple[str, ...]:
    """The requirements of the decision that an expression names."""
    return tuple(dict.fromkeys(item.name for item in walk(node) if isinstance(item, Name) and item.name in owner.needs))
