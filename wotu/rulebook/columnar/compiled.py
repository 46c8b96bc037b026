"""Screening by plan: every rule's conditions over a whole table at once; what is short of them looked at row by row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wotu.rulebook.columnar.bind import Bound
from wotu.rulebook.columnar.codes import answers
from wotu.rulebook.columnar.figures import figure, figured
from wotu.rulebook.columnar.interpreted import admissible, arrow_type, lacking, plainly
from wotu.rulebook.columnar.kernel import unpacked
from wotu.rulebook.columnar.lacks import Lacking
from wotu.rulebook.columnar.near import Near, near_of
from wotu.rulebook.columnar.outcomes import CLAUSE, NUMBER, VALUE, Outcomes, RuleOutcome
from wotu.rulebook.columnar.plan import RulePlan, plan
from wotu.rulebook.columnar.program import Compiled, Planes, Program, holding, run
from wotu.rulebook.findings import Finding, RulebookError

if TYPE_CHECKING:
    from wotu.rulebook.rulebook import Rulebook

ENGINE = "columnar"
Bits = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Screened:
    """One rule's part of a program: which outputs hold its decisions."""

    book: Rulebook
    plan: RulePlan
    truths: Mapping[str, int]
    """Boolean decisions asked for, by output."""
    short: int | None
    """The output that says where exactly one condition is unmet and none unknown."""
    near: Near | None

    def states(self, planes: Planes, name: str, rows: int) -> tuple[Bits, Bits]:
        """Where a decision is true, and where false."""
        place = self.truths[name]
        return unpacked(planes.outputs[place, 0], rows), unpacked(planes.outputs[place, 1], rows)


@lru_cache(maxsize=64)
def program_of(books: tuple[Rulebook, ...]) -> tuple[Compiled, tuple[Screened, ...]]:
    """The rules' conditions as one program."""
    program = Program()
    made: list[Screened] = []
    for book in books:
        planned = plan(book)
        names = [clause.decision for clause in book.clauses]
        near = near_of(book, planned)
        if near is not None:
            names += [near.goal, *near.levels, *near.required]
        kept = {name: program.keep(program.truth(planned.truth(name))) for name in dict.fromkeys(names)}
        short = None if near is None else program.keep(Lacking(program, planned, near.view).short(near.lacks))
        made.append(Screened(book, planned, kept, short, near))
    return program.compiled(), tuple(made)


def screen(rulebooks: Iterable[Rulebook], table: pa.Table, *, as_of: date, threads: int = 1) -> Outcomes:
    """Every rule for every row of a table whose columns are named like the rules' inputs; null is not known.

    A value that a rule refuses (outside the input's allowed values) is not known for that rule.
    Raises `RulebookError` that names each input for which the table has no column.
    """
    books = tuple(rulebooks)
    findings = [finding for book in books for finding in lacking(book, table.column_names)]
    if findings:
        raise RulebookError(findings)
    compiled, screened = program_of(books)
    bound = Bound(table)
    planes = run(compiled, bound, threads)
    return Outcomes(tuple(_outcome(each, bound, planes) for each in screened))


def decide(rulebook: Rulebook, table: pa.Table, decisions: Sequence[str], *, as_of: date) -> pa.Table:
    """Some decisions of one rule for each row: a table with a column each (unknown and null are null)."""
    findings = lacking(rulebook, table.column_names)
    if findings:
        raise RulebookError(findings)
    kinds = {info.name: info for info in rulebook.decisions}
    missing = [name for name in decisions if name not in kinds]
    if missing:
        raise RulebookError(
            Finding(rulebook.name, f"没有名为“{'”“'.join(missing)}”的决策", f"现有：{'、'.join(kinds)}")
        )
    bound = Bound(table)
    return pa.table({name: value_of(plan(rulebook), rulebook, bound, name) for name in decisions})


def value_of(
    planned: RulePlan,
    book: Rulebook,
    bound: Bound,
    name: str,
    kind: pa.DataType | None = None,
    beyond: dict[int, Decimal] | None = None,
) -> pa.Array:
    """A decision's values as an Arrow column, of its declared type or of the one given.

    `beyond` gets the numbers that have more digits than an outcome's column, by row; in the column they are null.
    """
    kind = kind or arrow_type(next(info.base for info in book.decisions if info.name == name))
    if kind == pa.bool_() and name in planned.truths:
        return _booleans(*holding(bound, planned.truths[name]))
    if kind == NUMBER:
        found = figure(book, name)
        if found is not None:
            return figured(book, bound, name, found, beyond)
    made = answers(bound, planned.coded(name))
    if beyond is not None:
        for code, value in enumerate(made.values):
            if isinstance(value, Decimal) and plainly(value, NUMBER) is None:
                beyond |= dict.fromkeys(np.flatnonzero(made.codes == code).tolist(), value)
    return pa.array([plainly(value, kind) for value in made.values], kind).take(pa.array(made.codes))


def _booleans(holds: Bits, fails: Bits) -> pa.Array:
    return pa.array(holds, pa.bool_(), mask=~(holds | fails))


def _outcome(each: Screened, bound: Bound, planes: Planes) -> RuleOutcome:
    book, rows = each.book, bound.rows
    clauses = tuple(clause.decision for clause in book.clauses)
    outcomes = tuple(info for info in book.decisions if info.role == "outcome")
    columns: dict[str, pa.Array] = {}
    if each.near is None:
        columns["eligible"] = pa.nulls(rows, pa.bool_())
        columns |= _nothing(rows)
    else:
        holds, fails = each.states(planes, each.near.goal, rows)
        columns["eligible"] = _booleans(holds, fails)
        assert each.short is not None
        one = unpacked(planes.outputs[each.short, 1], rows)
        columns |= each.near.columns(bound, lambda name: each.states(planes, name, rows), one & fails)
    for name in clauses:
        columns[CLAUSE + name] = _booleans(*each.states(planes, name, rows))
    for info in outcomes:
        columns[VALUE + info.name] = value_of(each.plan, book, bound, info.name)
    return RuleOutcome(
        book.name,
        book.sha256,
        ENGINE,
        book.eligible_name,
        clauses,
        tuple(info.name for info in outcomes),
        next((info.name for info in outcomes if info.kind == "amount"), None),
        pa.table(columns),
    )


def _nothing(rows: int) -> dict[str, pa.Array]:
    text = pa.nulls(rows, pa.string())
    return {
        "near": text,
        "distance": pa.nulls(rows, NUMBER),
        "distance_unit": text,
        "distance_text": text,
        "settles": text,
    }


__all__ = ["ENGINE", "admissible", "decide", "lacking", "program_of", "screen"]
