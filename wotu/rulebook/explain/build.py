"""From a rulebook to what explanations look at: its decisions as trees and tables, and one set of inputs evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from wotu.rulebook.feel.tree import Node, Typed

from .view import Case, Clause, DecisionView, InputView, Ref, TableView, View

if TYPE_CHECKING:
    from wotu.rulebook.dmn.graph import Logic
    from wotu.rulebook.dmn.table import Table
    from wotu.rulebook.rulebook import Evaluation, Rulebook


@lru_cache(maxsize=64)
def view_of(rulebook: Rulebook) -> View:
    """The rulebook as explanations see it; made once."""
    names = rulebook._names
    infos = {info.name: info for info in rulebook.decisions}
    decisions: dict[str, DecisionView] = {}
    for key, logic in rulebook.network.logic.items():
        name = names.get(key)
        if name is None:
            continue
        info = infos.get(name)
        needs: dict[str, Ref] = {
            ".".join(path): (source, names[need]) for path, (source, need) in logic.needs.items() if need in names
        }
        decisions[name] = DecisionView(
            name=name,
            boolean=info is not None and info.base == "boolean",
            unit=info.unit if info is not None else None,
            english=info.english if info is not None else "",
            scope=logic.scope,
            needs=needs,
            logic=_logic(logic),
            constants=logic.constants,
            words=next((dict(e.attributes).get("words", "") for e in logic.decision.extensions), ""),
        )
    clauses = {c.name: Clause(c.name, c.requires, c.requires_english, c.citation, c.evidence) for c in rulebook.clauses}
    inputs = {
        info.name: InputView(info.name, info.unit, info.english, info.base, info.choices) for info in rulebook.inputs
    }
    english = next((dict(e.attributes).get("en", "") for e in rulebook.model.extensions if e.tag.endswith("}rule")), "")
    return View(rulebook, rulebook.name, english, rulebook.edition, rulebook.eligible_name, inputs, decisions, clauses)


def _logic(logic: Logic) -> Node | TableView | None:
    """Its tree or table; None where names of other models stand in it, or there is none."""
    if any(len(path) > 1 for path in logic.needs):
        return None
    if logic.table is not None:
        return _table(logic.table)
    return None if logic.tree is None else bare(logic.tree)


def _table(table: Table) -> TableView:
    rules = tuple((row.cells, bare(row.outputs[0]) if row.outputs else None) for row in table.rows)
    return TableView(tuple(bare(node) for node in table.inputs), rules)


def bare(node: Node) -> Node:
    """The tree without conversions to its declared type around it."""
    while isinstance(node, Typed):
        node = node.value
    return node


def case_of(view: View, inputs: Mapping[str, Any], evaluation: Evaluation | None, null: str) -> Case:
    """The inputs as FEEL values and what every decision came to."""
    book = view.rulebook
    mode: Any = null
    if evaluation is None or any(name not in evaluation.values for name in view.decisions):
        evaluation = book.evaluate(inputs, null=mode)
    return Case(view, book.input_values(inputs, null=mode), evaluation.values)
