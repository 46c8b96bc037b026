"""One block of a table against every rule: counts, bitmaps, who is one short and by how much, amounts."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from wotu.rulebook.columnar.bind import Bound
from wotu.rulebook.columnar.compiled import truth_of, value_of
from wotu.rulebook.columnar.conditions import All, Named, Of
from wotu.rulebook.columnar.distances import distances_of
from wotu.rulebook.columnar.kernel import Words, unpacked
from wotu.rulebook.columnar.library import Chosen
from wotu.rulebook.columnar.near import Near, near_of
from wotu.rulebook.columnar.outcomes import NUMBER
from wotu.rulebook.columnar.plan import RulePlan, plan
from wotu.rulebook.columnar.program import Compiled, Program, run
from wotu.rulebook.columnar.terms import View
from wotu.rulebook.findings import Finding, RulebookError

Words2 = npt.NDArray[np.uint64]
"""A plane a row."""


@dataclass(frozen=True, eq=False)
class Part:
    """A rule's place in the program; one that was kept on disk makes its plan again when somebody asks for it."""

    rule: Chosen
    decision: str
    """The goal."""
    views: tuple[View, ...]
    goal: int
    """Outputs of the program: the goal, what is short, and each clause."""
    short: int
    clauses: Mapping[str, int]

    @cached_property
    def plan(self) -> RulePlan:
        """How its decisions are answered."""
        return plan(self.rule.book)

    @cached_property
    def near(self) -> Near:
        """What decides how short a row is."""
        near = near_of(self.rule.book, self.plan)
        assert near is not None
        return near

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in ("plan", "near")}


@dataclass(frozen=True, eq=False)
class Layout:
    """Where what is counted lies, of all rules one after the other, as `tallies.tally` wants it."""

    rules: npt.NDArray[np.int64]
    clauses: npt.NDArray[np.int64]
    nodes: npt.NDArray[np.int64]
    items: npt.NDArray[np.int64]
    named: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
    """The decisions that clauses, nodes and items are."""
    owners: npt.NDArray[np.int32]
    """Of each clause the rule."""
    places: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
    """Of each node and item its clause; a goal has none, -1."""


@dataclass(frozen=True, eq=False)
class Batches:
    """Every rule as one program, ready for any number of blocks."""

    parts: tuple[Part, ...]
    compiled: Compiled
    layout: Layout

    @property
    def bits(self) -> int:
        """Bits that are kept of a row while its block is worked on."""
        return 2 * len(self.compiled.outputs) + len(self.layout.nodes) + 4 * len(self.parts)


def batches(rules: Sequence[Chosen]) -> Batches:
    """The program of all rules."""
    program = Program()
    parts: list[Part] = []
    for rule in rules:
        planned = plan(rule.book)
        near = near_of(rule.book, planned)
        assert near is not None
        goal = program.keep(program.truth(planned.truths[near.goal]))
        short = program.keep(program.short(planned.truths[near.goal], near.stands))
        clauses = {name: program.keep(program.truth(truth_of(planned, name))) for name in rule.levels}
        parts.append(Part(rule, near.goal, tuple(planned.views.values()), goal, short, clauses))
        parts[-1].__dict__.update(plan=planned, near=near)
    return Batches(tuple(parts), program.compiled(), _layout(parts))


def _layout(parts: Sequence[Part]) -> Layout:
    rules: list[tuple[int, ...]] = []
    clauses: list[tuple[int, str]] = []
    nodes: list[tuple[int, int, str, int]] = []
    items: list[tuple[int, str, int]] = []
    for number, part in enumerate(parts):
        begin = (len(clauses), len(nodes), len(items))
        places = {name: begin[0] + place for place, name in enumerate(part.clauses)}
        clauses += [(output, name) for name, output in part.clauses.items()]
        _below(part, part.decision, -1, places, nodes)
        items += [(part.clauses[name], name, places[name]) for name in _joined(part)]
        ends = zip(begin, (len(clauses), len(nodes), len(items)), strict=True)
        rules.append((number, part.goal, part.short, *(edge for pair in ends for edge in pair)))
    owners = [number for number, part in enumerate(parts) for _ in part.clauses]
    return Layout(
        np.asarray(rules, np.int64).reshape(-1, 9),
        np.asarray([output for output, _ in clauses], np.int64),
        np.asarray([node[:2] for node in nodes], np.int64).reshape(-1, 2),
        np.asarray([output for output, _, _ in items], np.int64),
        (
            tuple(name for _, name in clauses),
            tuple(name for _, _, name, _ in nodes),
            tuple(name for _, name, _ in items),
        ),
        np.asarray(owners, np.int32),
        (
            np.asarray([place for *_, place in nodes], np.int64),
            np.asarray([place for *_, place in items], np.int64),
        ),
    )


def _below(
    part: Part, decision: str, above: int, places: Mapping[str, int], nodes: list[tuple[int, int, str, int]]
) -> None:
    """A decision and those it stands on, as steps to the lowest clause that a row lacks.

    Under the goal's own name stay those that lack one of several alternatives.
    """
    own = len(nodes)
    goal = decision == part.decision
    nodes.append((part.goal if goal else part.clauses[decision], above, decision, -1 if goal else places[decision]))
    if part.near.stands.get(decision):
        truth = part.plan.truths[decision]
        for item in truth.parts if isinstance(truth, All) else (truth,):
            if isinstance(item, Named):
                _below(part, item.decision, own, places, nodes)


def _joined(part: Part) -> list[str]:
    """The decisions that the goal joins; none where it joins anything else."""
    truth = part.plan.truths[part.decision]
    items = truth.parts if isinstance(truth, All) else (truth,)
    names = [item.decision for item in items if isinstance(item, Named)]
    return names if len(names) == len(items) else []


@dataclass(frozen=True, slots=True)
class Block:
    """What one block came to, as tables to be written, and the seconds it took."""

    outcomes: pa.Table
    clauses: pa.Table
    stops: pa.Table
    near: pa.Table
    amounts: pa.Table
    seconds: Mapping[str, float]


OUTCOMES = pa.schema(
    [
        ("rule", pa.int32()), ("first_row", pa.int64()), ("rows", pa.int64()), ("eligible", pa.int64()), ("not", pa.int64()),
        ("unknown", pa.int64()), ("one_short", pa.int64()), ("amount_total", pa.decimal128(38, 12)),
        ("eligible_bits", pa.binary()), ("not_bits", pa.binary()), ("one_short_bits", pa.binary()),
    ]
)  # fmt: skip
CLAUSES = pa.schema(
    [
        ("rule", pa.int32()), ("clause", pa.string()), ("met", pa.int64()), ("unmet", pa.int64()), ("unknown", pa.int64()),
        ("only_stop", pa.int64()), ("would_settle", pa.int64()),
    ]
)  # fmt: skip
STOPS = pa.schema([("rule", pa.int32()), ("clause", pa.string()), ("first_row", pa.int64()), ("bits", pa.binary())])
NEAR = pa.schema(
    [("rule", pa.int32()), ("row", pa.int64()), ("clause", pa.string()), ("distance", NUMBER), ("unit", pa.string())]
)
AMOUNTS = pa.schema([("rule", pa.int32()), ("row", pa.int64()), ("amount", NUMBER)])


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
    checked = time.perf_counter()
    planes = run(made.compiled, bound)
    ran = time.perf_counter()
    tallied = _tallied(made, planes.outputs, bound.rows)
    nears: list[pa.Table] = []
    for at in np.flatnonzero(tallied.only) if distances else ():
        name, part = made.layout.named[1][at], made.parts[tallied.owners[at]]
        clause = None if name == part.decision else name
        found = _near(part, bound, clause, tallied.stops[at], planes.outputs, explained)
        nears.append(_numbered(found, NEAR, int(tallied.owners[at]), start))
    amounts: list[pa.Table] = []
    totals: list[Decimal | None] = []
    for number, part in enumerate(made.parts):
        total = Decimal(0) if part.rule.amount is not None else None
        if part.rule.amount is not None and tallied.counts[number, 0]:
            paid, total = _paid(part, bound, unpacked(planes.outputs[part.goal, 0], bound.rows))
            amounts.append(_numbered(paid, AMOUNTS, number, start))
        totals.append(total)
    outcomes = _outcomes(made, planes.outputs, tallied, totals, start, bound.rows)
    clauses, stops = _clauses(made, tallied, bound.rows), _stops(made, tallied, start)
    seconds = {
        "bind": checked - began + planes.seconds["bind"],
        "atoms": planes.seconds["atoms"],
        "combine": planes.seconds["combine"] + time.perf_counter() - ran,
    }
    return Block(
        outcomes,
        clauses,
        stops,
        pa.concat_tables(nears) if nears else NEAR.empty_table(),
        pa.concat_tables(amounts) if amounts else AMOUNTS.empty_table(),
        seconds,
    )


@dataclass(frozen=True, eq=False)
class Tallied:
    """What was counted of a block."""

    counts: npt.NDArray[np.int64]
    """Of each rule those eligible, not, one short."""
    sides: npt.NDArray[np.int64]
    """Of each clause met, unmet."""
    shorts: Words2
    stops: Words2
    """Of each node the rows that lack it only."""
    only: npt.NDArray[np.int64]
    settled: npt.NDArray[np.int64]
    owners: npt.NDArray[np.int64]
    """Of each node the rule."""


def _tallied(made: Batches, outputs: npt.NDArray[np.uint64], rows: int) -> Tallied:
    from wotu.rulebook.columnar.tallies import tally

    layout, size = made.layout, outputs.shape[2]
    found = (
        np.zeros((len(layout.rules), 3), np.int64),
        np.zeros((len(layout.clauses), 2), np.int64),
        np.empty((len(layout.rules), size), np.uint64),
        np.empty((len(layout.nodes), size), np.uint64),
        np.zeros(len(layout.nodes), np.int64),
        np.zeros(len(layout.items), np.int64),
    )
    owners = np.repeat(layout.rules[:, 0], layout.rules[:, 6] - layout.rules[:, 5])
    if rows:
        tail = np.uint64(2 ** ((rows - 1) % 64 + 1) - 1)
        tally(outputs, tail, layout.rules, layout.clauses, layout.nodes, layout.items, found)
    return Tallied(*found, owners)


def _outcomes(
    made: Batches,
    outputs: npt.NDArray[np.uint64],
    tallied: Tallied,
    totals: Sequence[Decimal | None],
    start: int,
    rows: int,
) -> pa.Table:
    goals, counts = outputs[made.layout.rules[:, 1]], tallied.counts
    every = len(made.parts)
    columns = [
        np.arange(every, dtype=np.int32), np.full(every, start), np.full(every, rows), counts[:, 0], counts[:, 1],
        rows - counts[:, 0] - counts[:, 1], counts[:, 2], pa.array(totals, _roomy(totals).field("amount_total").type),
        bitmaps(goals[:, 0]), bitmaps(goals[:, 1]), bitmaps(tallied.shorts),
    ]  # fmt: skip
    return pa.table(columns, _roomy(totals))


def _clauses(made: Batches, tallied: Tallied, rows: int) -> pa.Table:
    layout = made.layout
    only, settled = np.zeros(len(layout.clauses), np.int64), np.zeros(len(layout.clauses), np.int64)
    below = layout.places[0] >= 0
    np.add.at(only, layout.places[0][below], tallied.only[below])
    settled[layout.places[1]] = tallied.settled
    met, unmet = tallied.sides[:, 0], tallied.sides[:, 1]
    columns = [layout.owners, pa.array(layout.named[0], pa.string()), met, unmet, rows - met - unmet, only, settled]
    return pa.table(columns, CLAUSES)


def _stops(made: Batches, tallied: Tallied, start: int) -> pa.Table:
    some = np.flatnonzero(tallied.only)
    names = [None if made.layout.places[0][at] < 0 else made.layout.named[1][at] for at in some]
    owners = tallied.owners[some].astype(np.int32)
    return pa.table(
        [owners, pa.array(names, pa.string()), np.full(len(some), start), bitmaps(tallied.stops[some])], STOPS
    )


def bitmaps(planes: Words2) -> pa.Array:
    """Planes as cells of bytes."""
    count, size = planes.shape
    ends = np.arange(count + 1, dtype=np.int64) * size * 8
    data = pa.py_buffer(np.ascontiguousarray(planes))
    made = pa.Array.from_buffers(pa.large_binary(), count, [None, pa.py_buffer(ends), data])
    return made.cast(pa.binary())


def _roomy(totals: Sequence[Decimal | None]) -> pa.Schema:
    """The outcomes' columns; a total of more digits than its column has gets a wider one rather than none."""
    if all(total is None or abs(total) < Decimal(10) ** 26 for total in totals):
        return OUTCOMES
    place = OUTCOMES.get_field_index("amount_total")
    return OUTCOMES.set(place, pa.field("amount_total", pa.decimal256(60, 12)))


def refuse_unfit(made: Batches, bound: Bound, start: int, where: str) -> None:
    """RulebookError for the first value of each column that a rule's input does not allow."""
    findings: list[Finding] = []
    seen: set[View] = set()
    for part in made.parts:
        for view in part.views:
            if view in seen or not view.allowed:
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


def _numbered(found: pa.Table, schema: pa.Schema, number: int, start: int) -> pa.Table:
    rows = pc.add(found["row"], start)
    found = found.set_column(found.column_names.index("row"), "row", rows)
    return found.add_column(0, "rule", pa.array(np.full(found.num_rows, number, np.int32))).cast(schema)


def _paid(part: Part, bound: Bound, eligible: npt.NDArray[np.bool_]) -> tuple[pa.Table, Decimal]:
    """The amounts of those eligible, and their sum."""
    assert part.rule.amount is not None
    values = value_of(part.plan, part.rule.book, bound, part.rule.amount, NUMBER)
    rows = np.flatnonzero(eligible & np.asarray(values.is_valid()))
    kept = values.take(pa.array(rows))
    total = pc.sum(kept.cast(pa.decimal256(60, 12))).as_py() if len(rows) else None
    return pa.table({"row": pa.array(rows), "amount": kept}), total or Decimal(0)


# --- one clause short -----------------------------------------------------------------------------------------------


def _near(
    part: Part, bound: Bound, clause: str | None, lacking: Words, outputs: npt.NDArray[np.uint64], explained: bool
) -> pa.Table:
    """The rows that lack a clause, and how much of it."""
    rows = np.flatnonzero(unpacked(lacking, bound.rows)).astype(np.int64)

    def state(name: str) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        planes = outputs[part.goal if name == part.decision else part.clauses[name]]
        return unpacked(planes[0], bound.rows), unpacked(planes[1], bound.rows)

    nothing = pa.nulls(len(rows), NUMBER), pa.nulls(len(rows), pa.string())
    distance, unit = nothing if clause is None else distances_of(part.near, bound, state, clause, rows, explained)
    return pa.table(
        {
            "row": pa.array(rows),
            "clause": pa.repeat(pa.scalar(clause, pa.string()), len(rows)),
            "distance": distance,
            "unit": unit,
        }
    )


__all__ = ["AMOUNTS", "Batches", "Block", "Of", "batches", "screened"]
