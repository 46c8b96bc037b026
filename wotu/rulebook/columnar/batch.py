"""One block of a table against every rule: counts, bitmaps, who is one short and by how much, amounts."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wotu.rulebook.columnar import results
from wotu.rulebook.columnar.bind import WIDE, Bound
from wotu.rulebook.columnar.kernel import BLOCK, Words, packed, unpacked
from wotu.rulebook.columnar.library import Chosen
from wotu.rulebook.columnar.outcomes import CUT, NUMBER
from wotu.rulebook.columnar.program import Compiled, Program, Stage, laid, room, run, share_of_conditions
from wotu.rulebook.columnar.results import AMOUNTS, NEAR, Counted, Places, Words2
from wotu.rulebook.columnar.terms import View
from wotu.rulebook.findings import Finding, RulebookError

if TYPE_CHECKING:
    from wotu.rulebook.columnar.lacks import Step
    from wotu.rulebook.columnar.near import Near
    from wotu.rulebook.columnar.plan import RulePlan


MOST = Decimal(10) ** 52
"""Amounts are below this: the sum of a million million of them still has room."""


@dataclass(frozen=True, eq=False)
class Part:
    """A rule's place in the program; one that was kept on disk makes its plan again when somebody asks for it."""

    rule: Chosen
    decision: str
    """The goal."""
    views: tuple[View, ...]
    goal: int
    """Outputs of the program: the goal, and each clause."""
    clauses: Mapping[str, int]

    @cached_property
    def plan(self) -> RulePlan:
        """How its decisions are answered."""
        from wotu.rulebook.columnar.plan import plan  # which reads rules, as all that is imported within functions here

        return plan(self.rule.book)

    @cached_property
    def near(self) -> Near:
        """What decides how short a row is."""
        from wotu.rulebook.columnar.near import near_of

        near = near_of(self.rule.book, self.plan)
        assert near is not None
        return near

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in ("plan", "near")}


@dataclass(frozen=True, eq=False)
class Layout:
    """Where of each rule lies what is said of it, as `sweep` wants it."""

    rules: npt.NDArray[np.int64]
    """Where its nodes (what one may lack) begin and end, and its items (what its goal joins)."""
    parents: npt.NDArray[np.int64]
    """Of each node the one above, counted from the rule's first, which is the goal."""
    goals: npt.NDArray[np.int64]
    """Of each rule's goal its place among the counts."""
    clauses: npt.NDArray[np.int64]
    """Of each clause its place there."""
    places: Places


@dataclass(frozen=True, eq=False)
class Batches:
    """Every rule as one program, ready for any number of blocks."""

    parts: tuple[Part, ...]
    compiled: Compiled
    """Keeps the planes of goals and clauses; for rows that are looked at closer."""
    swept: Compiled
    """Keeps what is said of each rule only."""
    layout: Layout


def batches(rules: Sequence[Chosen]) -> Batches:
    """The program of all rules."""
    from wotu.rulebook.columnar.lacks import Lacking
    from wotu.rulebook.columnar.near import near_of
    from wotu.rulebook.columnar.plan import plan

    program = Program()
    parts: list[Part] = []
    views: dict[View, View] = {}
    made: list[int] = []
    steps: list[list[Step]] = []
    joined: list[dict[str, int]] = []
    for rule in rules:
        planned = plan(rule.book)
        near = near_of(rule.book, planned)
        assert near is not None
        goal = program.keep(program.truth(planned.truths[near.goal]))
        lacking = Lacking(program, planned, near.view)
        clauses = {name: program.keep(program.truth(planned.truth(name))) for name in rule.levels}
        own = tuple(views.setdefault(view, view) for view in planned.views.values())
        parts.append(Part(rule, near.goal, own, goal, clauses))
        parts[-1].__dict__.update(plan=planned, near=near)
        steps.append(lacking.steps(near.lacks))
        joined.append(lacking.joined(near.lacks))
        made.append(program.made)
    values = list(program.outputs)
    goals = [values[part.goal] for part in parts]
    each = [values[output] for part in parts for output in part.clauses.values()]
    layout = _layout(parts, steps, joined, goals, each)
    stages = [
        Stage(many, (values[part.goal], *(step.short for step in way), *met.values()))
        for many, part, way, met in zip(made, parts, steps, joined, strict=True)
    ]
    return Batches(tuple(parts), program.compiled(), program.compiled((*goals, *each), stages), layout)


def _layout(
    parts: Sequence[Part],
    steps: Sequence[Sequence[Step]],
    joined: Sequence[Mapping[str, int]],
    goals: Sequence[int],
    clauses: Sequence[int],
) -> Layout:
    """The layout of rules whose nodes and items are these."""
    named = [name for part in parts for name in part.clauses]
    rules: list[tuple[int, int, int, int]] = []
    parents: list[int] = []
    nodes: list[tuple[str | None, int, int]] = []
    items: list[int] = []
    first = 0
    for number, (part, way, met) in enumerate(zip(parts, steps, joined, strict=True)):
        places = {name: first + place for place, name in enumerate(part.clauses)}
        first += len(places)
        rules.append((len(nodes), len(nodes) + len(way), len(items), len(items) + len(met)))
        parents += [step.above for step in way]
        nodes += [(step.clause, number, -1 if step.clause is None else places[step.clause]) for step in way]
        items += [places[name] for name in met]
    counts = {value: place for place, value in enumerate(dict.fromkeys((*goals, *clauses)))}
    places_of = Places(
        pa.array(named, pa.string()),
        np.asarray([number for number, part in enumerate(parts) for _ in part.clauses], np.int32),
        tuple(name for name, _, _ in nodes),
        np.asarray([number for _, number, _ in nodes], np.int32),
        np.asarray([place for _, _, place in nodes], np.int64),
        np.asarray(items, np.int64),
    )
    return Layout(
        np.asarray(rules, np.int64).reshape(-1, 4),
        np.asarray(parents, np.int64),
        np.asarray([counts[value] for value in goals], np.int64),
        np.asarray([counts[value] for value in clauses], np.int64),
        places_of,
    )


@dataclass(frozen=True, slots=True)
class Block:
    """What one block came to, as tables to be written, and the seconds it took."""

    outcomes: pa.Table
    clauses: pa.Table
    stops: pa.Table
    near: pa.Table
    amounts: pa.Table
    seconds: Mapping[str, float]


def screened(
    made: Batches,
    table: pa.Table,
    start: int,
    *,
    unfit: str = "refuse",
    where: str = "",
    distances: bool = True,
    explained: bool = False,
) -> Block:
    """One block against every rule; RulebookError for a value that a rule does not allow, where those are refused.

    With `distances` near misses are listed row by row; `explained`: also those distances that take an explanation each.
    """
    bound = Bound(table)
    began = time.perf_counter()
    if unfit == "refuse":
        refuse_unfit(made, bound, start, where)
    laid(made.swept, bound)
    ready = time.perf_counter()
    swept = _swept(made, bound)
    ran = time.perf_counter()
    counted, places = swept.counted, made.layout.places
    nears: list[pa.Table] = []
    if distances and counted.only.any():
        outputs = run(made.compiled, bound).outputs
        for at in np.flatnonzero(counted.only):
            name, owner = places.nodes[int(at)], int(places.node_owners[at])
            found = _near(made.parts[owner], bound, name, swept.stops[at], outputs, explained)
            nears.append(_numbered(found, NEAR, owner, start))
    amounts: list[pa.Table] = []
    totals: list[Decimal | None] = []
    for number, part in enumerate(made.parts):
        total = Decimal(0) if part.rule.amount is not None else None
        if part.rule.amount is not None and counted.rules[number, 0]:
            paid, total = _paid(part, bound, unpacked(swept.holds[number], bound.rows), start, where)
            amounts.append(_numbered(paid, results.amounts_of(paid[-1].type), number, start))
        totals.append(total)
    looked = time.perf_counter()
    tables = (
        results.outcomes(counted, swept.holds, swept.fails, totals, start, bound.rows),
        results.clauses(places, counted, bound.rows),
        results.stops(places, counted, swept.stops, start, bound.rows),
        pa.concat_tables(nears) if nears else NEAR.empty_table(),
        pa.concat_tables(amounts, promote_options="permissive") if amounts else AMOUNTS.empty_table(),
    )
    atoms = share_of_conditions(made.swept, bound)
    seconds = {
        "bind": ready - began,
        "atoms": (ran - ready) * atoms,
        "combine": (ran - ready) * (1 - atoms) + looked - ran,
        "write": time.perf_counter() - looked,
    }
    return Block(*tables, seconds)


@dataclass(frozen=True, slots=True)
class Swept:
    """What the machine code says of a block, with room for whole pieces of rows: planes a rule, and a node of a rule."""

    counted: Counted
    holds: Words2
    fails: Words2
    stops: Words2


def _swept(made: Batches, bound: Bound) -> Swept:
    from wotu.rulebook.columnar.sweep import sweep

    layout, program, given = made.layout, made.swept, laid(made.swept, bound)
    size, every, nodes = given.blocks * BLOCK, len(made.parts), len(layout.parents)
    holds, fails = np.empty((every, size), np.uint64), np.empty((every, size), np.uint64)
    stops = np.empty((nodes, size), np.uint64)
    counts, short = np.zeros((max(1, len(program.counted)), 2), np.int64), np.zeros(every, np.int64)
    only, settled = np.zeros(nodes, np.int64), np.zeros(len(layout.places.item_clauses), np.int64)
    tail = np.zeros((2, BLOCK * 64), np.bool_)
    tail[0], tail[1, : bound.rows - (given.blocks - 1) * BLOCK * 64] = True, True
    columns = (given.wide, given.middle, given.narrow, given.known, given.given)
    steps = (program.steps, program.operands, program.stages)
    most = int((layout.rules[:, 1] - layout.rules[:, 0]).max(initial=1))
    sweep(
        given.conditions, *columns, *steps, layout.rules, layout.parents, packed(tail.reshape(-1)).reshape(2, BLOCK),
        counts, short, holds, fails, stops, only, settled, *room(program), np.empty((most, BLOCK), np.uint64),
    )  # fmt: skip
    counted = Counted(np.column_stack([counts[layout.goals], short]), counts[layout.clauses], only, settled)
    return Swept(counted, holds, fails, stops)


def refuse_unfit(made: Batches, bound: Bound, start: int, where: str) -> None:
    """RulebookError for the first value of each column that a rule's input does not allow."""
    findings: list[Finding] = []
    seen: set[View] = set()
    for part in made.parts:
        for view in part.views:
            if not view.allowed or view in seen:
                continue
            seen.add(view)
            row = bound.refused(view)
            if row is not None:
                value = bound.column(view)[row].as_py()
                what = f"列“{view.name}”第 {start + row + 1} 行的 {value} 不在允许的值之内（{'；'.join(view.allowed)}）"
                findings.append(
                    Finding(f"规则“{part.rule.said.name}”，{where}", what, "请改正，或用 --unfit unknown 当作不知道")
                )
    if findings:
        raise RulebookError(findings)


def _numbered(found: Sequence[Any], schema: pa.Schema, number: int, start: int) -> pa.Table:
    """What was found of some rows, these first, with the rule's number and the table's rows."""
    rows, *columns = found
    return pa.table([np.full(len(rows), number, np.int32), rows + start, *columns], schema)


def _paid(
    part: Part, bound: Bound, eligible: npt.NDArray[np.bool_], start: int, where: str
) -> tuple[tuple[npt.NDArray[np.intp], pa.Array], Decimal]:
    """Those eligible and their amounts, and the sum; in a wider column where one needs it."""
    import pyarrow.compute as pc

    from wotu.rulebook.columnar.compiled import value_of

    assert part.rule.amount is not None
    beyond: dict[int, Decimal] = {}
    values = value_of(part.plan, part.rule.book, bound, part.rule.amount, NUMBER, beyond)
    there = np.asarray(values.is_valid())
    large = {row: amount for row, amount in beyond.items() if eligible[row]}
    if large:
        _refuse_beyond(part, large, start, where)
        wide = values.cast(results.ROOMY).to_pylist()
        for row, amount in large.items():
            wide[row], there[row] = amount.quantize(CUT, context=WIDE), True
        values = pa.array(wide, results.ROOMY)
    rows = np.flatnonzero(eligible & there)
    kept = values.take(pa.array(rows))
    total = pc.sum(kept.cast(results.ROOMY)).as_py() if len(rows) else None
    return (rows, kept), total or Decimal(0)


def _refuse_beyond(part: Part, large: Mapping[int, Decimal], start: int, where: str) -> None:
    """RulebookError for an amount of which a sum might not keep every digit."""
    row = next((row for row, amount in large.items() if abs(amount) >= MOST), None)
    if row is not None:
        what = f"第 {start + row + 1} 行的“{part.rule.amount}”是 {large[row]:.3e}，整数部分超过 {MOST.adjusted()} 位，没法准确合计"
        finding = Finding(f"规则“{part.rule.said.name}”，{where}", what, "请检查这一行的数，或规则里的金额")
        raise RulebookError(finding)


# --- one clause short -----------------------------------------------------------------------------------------------


def _near(
    part: Part, bound: Bound, clause: str | None, lacking: Words, outputs: npt.NDArray[np.uint64], explained: bool
) -> Sequence[Any]:
    """The rows that lack a clause, the clause, and how much of it they lack."""
    rows = np.flatnonzero(unpacked(lacking, bound.rows)).astype(np.int64)

    def state(name: str) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        planes = outputs[part.goal if name == part.decision else part.clauses[name]]
        return unpacked(planes[0], bound.rows), unpacked(planes[1], bound.rows)

    distance, unit = pa.nulls(len(rows), NUMBER), pa.nulls(len(rows), pa.string())
    if clause is not None:
        from wotu.rulebook.columnar.distances import distances_of

        distance, unit = distances_of(part.near, bound, state, clause, rows, explained)
    return rows, pa.repeat(pa.scalar(clause, pa.string()), len(rows)), distance, unit


__all__ = ["Batches", "Block", "Part", "batches", "screened"]
