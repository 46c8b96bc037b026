"""One block of a table against every rule: counts, bitmaps, who is one short and by how much, amounts."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
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


@dataclass(frozen=True, eq=False)
class Part:
    """A rule's place in the program."""

    rule: Chosen
    plan: RulePlan
    near: Near
    goal: int
    """Outputs of the program: the goal, what is short, and each clause."""
    short: int
    clauses: Mapping[str, int]


@dataclass(frozen=True, eq=False)
class Batches:
    """Every rule as one program, ready for any number of blocks."""

    parts: tuple[Part, ...]
    compiled: Compiled


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
        parts.append(Part(rule, planned, near, goal, short, clauses))
    return Batches(tuple(parts), program.compiled())


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
    threads: int,
    *,
    unfit: str = "refuse",
    where: str = "",
    distances: bool = True,
) -> Block:
    """One block against every rule; RulebookError for a value that a rule does not allow, where those are refused."""
    bound = Bound(table)
    began = time.perf_counter()
    if unfit == "refuse":
        refuse_unfit(made, bound, start, where)
    checked = time.perf_counter()
    planes = run(made.compiled, bound, threads)
    ran = time.perf_counter()
    outcomes: dict[str, list[Any]] = {name: [] for name in OUTCOMES.names}
    clauses: dict[str, list[Any]] = {name: [] for name in CLAUSES.names}
    stops: dict[str, list[Any]] = {name: [] for name in STOPS.names}
    nears: list[pa.Table] = []
    amounts: list[pa.Table] = []
    for number, part in enumerate(made.parts):
        holds, fails = planes.outputs[part.goal]
        short = planes.outputs[part.short, 1] & fails
        total = Decimal(0) if part.rule.amount is not None else None
        if part.rule.amount is not None and holds.any():
            paid, total = _paid(part, bound, unpacked(holds, bound.rows))
            amounts.append(_numbered(paid, AMOUNTS, number, start))
        counts = [_count(plane) for plane in (holds, fails, short)]
        values = (
            number, start, bound.rows, counts[0], counts[1], bound.rows - counts[0] - counts[1], counts[2], total,
            holds.tobytes(), fails.tobytes(), short.tobytes(),
        )  # fmt: skip
        for name, value in zip(OUTCOMES.names, values, strict=True):
            outcomes[name].append(value)
        only: dict[str, int] = {}
        for clause, lacking in _lacking(part, planes.outputs, part.near.goal, short) if counts[2] else ():
            name = clause if clause != part.near.goal else None
            only[clause] = only.get(clause, 0) + _count(lacking)
            for column, value in zip(STOPS.names, (number, name, start, lacking.tobytes()), strict=True):
                stops[column].append(value)
            if distances:
                nears.append(_numbered(_near(part, bound, name, lacking, planes.outputs), NEAR, number, start))
        settles = _settles(part, planes.outputs, ~holds & ~fails)
        for name, place in part.clauses.items():
            met, unmet = _count(planes.outputs[place, 0]), _count(planes.outputs[place, 1])
            row = (number, name, met, unmet, bound.rows - met - unmet, only.get(name, 0), settles.get(name, 0))
            for column, value in zip(CLAUSES.names, row, strict=True):
                clauses[column].append(value)
    counted = time.perf_counter()
    seconds = {
        "bind": checked - began + planes.seconds["bind"],
        "atoms": planes.seconds["atoms"],
        "combine": planes.seconds["combine"] + counted - ran,
    }
    return Block(
        pa.table(outcomes, _roomy(outcomes["amount_total"])),
        pa.table(clauses, CLAUSES),
        pa.table(stops, STOPS),
        pa.concat_tables(nears) if nears else NEAR.empty_table(),
        pa.concat_tables(amounts) if amounts else AMOUNTS.empty_table(),
        seconds,
    )


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
        for view in part.plan.views.values():
            if view in seen or not view.allowed:
                continue
            seen.add(view)
            row = bound.refused(view)
            if row is not None:
                value = bound.column(view)[row].as_py()
                what = f"列“{view.name}”第 {start + row + 1} 行的 {value} 不在允许的值之内（{'；'.join(view.allowed)}）"
                findings.append(
                    Finding(f"规则“{part.rule.book.name}”，{where}", what, "请改正，或用 --unfit unknown 当作不知道")
                )
    if findings:
        raise RulebookError(findings)


def _count(plane: Words) -> int:
    return int(np.bitwise_count(plane).sum())


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


def _lacking(part: Part, outputs: npt.NDArray[np.uint64], decision: str, rows: Words) -> Iterator[tuple[str, Words]]:
    """Rows by the lowest clause they lack; under the goal's own name those that lack one of several alternatives."""
    truth = part.plan.truths[decision]
    if part.near.stands.get(decision):
        for item in truth.parts if isinstance(truth, All) else (truth,):
            if not isinstance(item, Named):
                continue
            fails = outputs[part.clauses[item.decision], 1]
            lacks = rows & fails
            if lacks.any():
                yield from _lacking(part, outputs, item.decision, lacks)
                rows = rows & ~fails
    if rows.any():
        yield decision, rows


def _near(part: Part, bound: Bound, clause: str | None, lacking: Words, outputs: npt.NDArray[np.uint64]) -> pa.Table:
    """The rows that lack a clause, and how much of it."""
    rows = np.flatnonzero(unpacked(lacking, bound.rows)).astype(np.int64)

    def state(name: str) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        planes = outputs[part.goal if name == part.near.goal else part.clauses[name]]
        return unpacked(planes[0], bound.rows), unpacked(planes[1], bound.rows)

    nothing = pa.nulls(len(rows), NUMBER), pa.nulls(len(rows), pa.string())
    distance, unit = nothing if clause is None else distances_of(part.near, bound, state, clause, rows)
    return pa.table(
        {
            "row": pa.array(rows),
            "clause": pa.repeat(pa.scalar(clause, pa.string()), len(rows)),
            "distance": distance,
            "unit": unit,
        }
    )


def _settles(part: Part, outputs: npt.NDArray[np.uint64], unknown: Words) -> dict[str, int]:
    """For each clause the rows it would settle: where all of its fellows hold and it alone is not known."""
    truth = part.plan.truths[part.near.goal]
    items = truth.parts if isinstance(truth, All) else (truth,)
    names = [item.decision for item in items if isinstance(item, Named)]
    if len(names) != len(items):
        return {}
    found: dict[str, int] = {}
    ones, twos = np.zeros_like(unknown), np.zeros_like(unknown)
    for name in names:
        open_ = ~outputs[part.clauses[name], 0]
        twos |= ones & open_
        ones |= open_
    only = ones & ~twos & unknown
    for name in names:
        found[name] = _count(only & ~outputs[part.clauses[name], 0])
    return found


__all__ = ["AMOUNTS", "Batches", "Block", "Of", "batches", "screened"]
