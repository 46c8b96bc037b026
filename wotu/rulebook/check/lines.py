"""The lines a rule draws: everything it compares with a constant, in words, and which lines lie elsewhere in another version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..explain.build import view_of
from ..explain.measure import MIRRORED, unit_of
from ..explain.view import DecisionView, View
from ..explain.words import exactly
from ..feel import FeelError
from ..feel import tree as t
from ..feel.literals import literal_value
from ..feel.show import show
from ..feel.values import Range, Value
from ..rulebook import Rulebook

SIGNS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥", "=": "=", "!=": "≠"}
Lines = Mapping[str, tuple[str, ...]]
"""What is measured, as text, with every line drawn for it, in words."""


def lines(book: Rulebook) -> Lines:
    """Every line of the rule's formulas (those of tables are in their cells)."""
    view = view_of(book)
    found: dict[str, dict[str, None]] = {}
    for name, logic in book.logic.items():
        owner = view.decisions.get(name)
        if logic.tree is None or owner is None:
            continue
        for node in t.walk(logic.tree):
            for measure, words in _of(view, owner, node):
                found.setdefault(show(measure), {})[words] = None
    return {measure: tuple(words) for measure, words in found.items()}


def _of(view: View, owner: DecisionView, node: t.Node) -> Iterator[tuple[t.Node, str]]:
    match node:
        case t.Comparison(operator=operator, left=left, right=right):
            for measure, constant, sign in ((left, right, operator), (right, left, MIRRORED[operator])):
                value = _constant(constant)
                if value is not None and _constant(measure) is None:
                    yield measure, f"{SIGNS[sign]} {_words(view, owner, measure, value)}"
        case t.Between(value=measure, low=low, high=high):
            ends = [_constant(end) for end in (low, high)]
            if None not in ends:
                a, b = (_words(view, owner, measure, end) for end in ends)
                yield measure, f"{a} 至 {b}"
        case t.In(value=measure, tests=tests):
            yield measure, "属于 " + "、".join(_test(view, owner, measure, test) for test in tests)


def _test(view: View, owner: DecisionView, measure: t.Node, test: t.Node) -> str:
    inner = test.value if isinstance(test, t.ValueTest) else test
    value = _constant(inner)
    return show(inner) if value is None or isinstance(value, Range) else _words(view, owner, measure, value)


def _constant(node: t.Node) -> Value:
    try:
        return literal_value(node)
    except FeelError:
        return None


def _words(view: View, owner: DecisionView, measure: t.Node, value: Value) -> str:
    return f"“{value}”" if isinstance(value, str) else exactly(value, unit_of(view, owner, measure), "zh")


def moved(old: Lines, new: Lines) -> Iterator[tuple[str, str, str]]:
    """What is measured, the lines it had and no longer has, and those it has now; empty where there is none."""
    for measure in dict.fromkeys([*new, *old]):
        before, after = old.get(measure, ()), new.get(measure, ())
        gone = [words for words in before if words not in after]
        come = [words for words in after if words not in before]
        if gone or come:
            yield measure, "，".join(gone), "，".join(come)
