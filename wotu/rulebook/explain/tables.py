"""Decision tables as they were gone through: for each rule whether it matched, and which entries said no, to what value.

Tables inside knowledge models, services and boxes are seen too: the rule is compiled a second time, when first traced,
with a watcher on every table. The rulebook that evaluates has none, so what nobody traces pays nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Literal

from wotu.rulebook.dmn import model as m
from wotu.rulebook.dmn.graph import Key, Logic, Network, frame, link
from wotu.rulebook.dmn.table import Table
from wotu.rulebook.feel import (
    Env,
    Run,
    Scope,
    Unknown,
    Value,
    compile_expression,
    compile_tests,
    has_unknown,
    truths,
)
from wotu.rulebook.feel.show import show
from wotu.rulebook.feel.tree import AnyTest, Native, Node, UnaryTests, walk

from .build import bare
from .measure import unit_of
from .model import State
from .reasons import missing, state_of
from .view import Case, View

RowState = Literal["hit", "maybe", "missed", "after"]
"""`after`: it matches, but a row before it was taken (hit policy FIRST). `maybe` without open entries: it matches, and
counts if no row before it does."""
MOST = 20
"""So many tables run inside one decision are kept."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A cell of a decision table against the value it met."""

    column: str
    test: str
    value: Any
    state: State
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A rule of a table (counted from 1): whether it matched, and which entries say no or can't say yet."""

    number: int
    state: RowState
    failed: tuple[Entry, ...]
    open: tuple[Entry, ...]
    annotations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableTrace:
    """A decision table as it was gone through; `values` are what each column's expression came to."""

    title: str
    hit_policy: str
    values: tuple[tuple[str, Any], ...]
    rows: tuple[Row, ...]
    lacks: tuple[str, ...] = ()
    """The inputs not known because of which rows may or may not match; of a decision's own table only."""

    @property
    def hits(self) -> tuple[Row, ...]:
        """The rows that matched and counted."""
        return tuple(row for row in self.rows if row.state == "hit")

    def nearest(self, count: int) -> tuple[Row, ...]:
        """The rows that missed by the fewest entries."""
        missed = [row for row in self.rows if row.state == "missed"]
        return tuple(sorted(missed, key=lambda row: len(row.failed))[:count])


@dataclass(frozen=True)
class Seen:
    """One run of a table."""

    table: Table
    box: m.DecisionTable
    scope: Scope
    title: str
    env: Env


_seen: ContextVar[list[Seen] | None] = ContextVar("seen", default=None)


def _watch(table: Table, box: m.DecisionTable, scope: Scope, title: str) -> Callable[[Env], Value]:
    def run(env: Env) -> Value:
        seen = _seen.get()
        if seen is not None and len(seen) < MOST:
            seen.append(Seen(table, box, scope, title, env))
        return table.run(env)

    return run


def _watched(view: View) -> Network:
    """The rulebook's models compiled with a watcher on every table; made once."""
    if not view.watched:
        models = [linked.definitions for linked in view.rulebook.network.models.values()]
        view.watched.append(link(models, view.rulebook.model, _watch))
    return view.watched[0]


def tables_run(view: View, key: Key, values: Mapping[Key, Value]) -> list[Seen]:
    """Every table that a decision runs for the values of what it requires, outer ones before those inside."""
    logic = _watched(view).logic[key]
    found: list[Seen] = []
    token = _seen.set(found)
    try:
        logic.run(frame(logic, values, Run()))
    finally:
        _seen.reset(token)
    return found


def has_tables(logic: Logic) -> bool:
    """Whether a decision may run tables: its own, those of functions it knows, those in its boxes."""
    if logic.table is not None or logic.constants or logic.tree is None:
        return True
    return any(isinstance(node, Native) for node in walk(logic.tree))


def table_trace(case: Case, seen: Seen, decision: str | None) -> TableTrace:
    """Every cell tried against the value of its column, as the table does it; `decision` owns it, if one does."""
    view, table = case.view, seen.table
    columns = [_column(clause) for clause in seen.box.inputs]
    owner = view.decisions.get(decision) if decision is not None else None
    units = [unit_of(view, owner, bare(node)) if owner is not None else None for node in table.inputs]
    met = [_compiled(view, seen, node, compile_expression)(seen.env) for node in table.inputs]
    taken = False
    rows: list[Row] = []
    for number, (rule, row) in enumerate(zip(seen.box.rules, table.rows, strict=True), 1):
        entries: list[Entry] = []
        for place, cell in enumerate(row.cells):
            if _any(cell):
                continue
            state = _state(_compiled(view, seen, cell, compile_tests)(seen.env, met[place]))
            if state != "met":
                text = rule.inputs[place].text.strip() if place < len(rule.inputs) else show(cell)
                entries.append(Entry(columns[place], text, met[place], state, units[place]))
        failed = tuple(entry for entry in entries if entry.state == "not met")
        unsure = tuple(entry for entry in entries if entry.state == "unknown")
        said: RowState = "missed" if failed else "maybe" if unsure else "hit"
        if said != "missed" and taken:
            said = "after"
        if table.hit_policy == "FIRST" and said == "hit":
            taken = True
            said = "maybe" if any(earlier.state == "maybe" for earlier in rows) else "hit"
        rows.append(Row(number, said, failed, unsure, row.annotations))
    lacks: tuple[str, ...] = ()
    if owner is not None:
        undecided = {entry.column for row in rows if row.state == "maybe" for entry in row.open}
        nodes = (node for column, node in zip(columns, table.inputs, strict=True) if column in undecided)
        lacks = tuple(dict.fromkeys(name for node in nodes for name in missing(case, owner, bare(node), "unknown")))
    values = tuple(zip(columns, met, strict=True))
    return TableTrace("" if owner is not None else seen.title, table.hit_policy, values, tuple(rows), lacks)


def _compiled(view: View, seen: Seen, node: Node, make: Callable[[Node, Scope], Any]) -> Any:
    """A piece of a table, compiled once for all traces."""
    key = (f"{seen.title}\0{seen.box.id or seen.box.line}", node)
    found = view.compiled.get(key)
    if found is None:
        found = view.compiled[key] = make(node, seen.scope)
    return found


def _any(cell: Node) -> bool:
    return isinstance(cell, UnaryTests) and not cell.negated and any(isinstance(test, AnyTest) for test in cell.tests)


def _state(truth: Any) -> State:
    """Whether a cell holds; a test that is null does not: the value is of another kind, or there is none."""
    if isinstance(truth, Unknown):
        found = truths(truth)
        return "not met" if True not in found else "met" if len(found) == 1 else "unknown"
    return "unknown" if has_unknown(truth) else "met" if state_of(truth) == "met" else "not met"


def _column(clause: m.InputClause) -> str:
    return clause.label or (" ".join(clause.expression.text.split()) if clause.expression is not None else "")
