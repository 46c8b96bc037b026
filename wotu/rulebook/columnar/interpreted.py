"""The first plan: the interpreter over a table, each rule asked once for each distinct tuple of the inputs it reads."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from wotu.rulebook.columnar.outcomes import CLAUSE, CUT, HELD, NUMBER, VALUE, Outcomes, RuleOutcome
from wotu.rulebook.columnar.shortfall import Shortfall, shortfalls
from wotu.rulebook.findings import Finding, RulebookError

if TYPE_CHECKING:
    from wotu.rulebook import Rulebook

ENGINE = "interpreter"
ROOM = Context(prec=40)
"""As many digits as a number of an outcome has."""

Row = tuple[Hashable, ...]


def decide(rulebook: Rulebook, table: pa.Table, decisions: Sequence[str], *, as_of: date) -> pa.Table:
    """Some decisions of one rule for each row: a table with a column each (unknown and null are null)."""
    rows = _Rows(rulebook, table)
    kinds = {info.name: info for info in rulebook.decisions}
    missing = [name for name in decisions if name not in kinds]
    if missing:
        raise RulebookError(
            Finding(rulebook.name, f"没有名为“{'”“'.join(missing)}”的决策", f"现有：{'、'.join(kinds)}")
        )
    found = [_evaluate(rulebook, inputs, decisions)[1] for inputs in rows.inputs()]
    return pa.table({name: rows.spread([v[name] for v in found], arrow_type(kinds[name].base)) for name in decisions})


def screen(rulebooks: Iterable[Rulebook], table: pa.Table, *, as_of: date) -> Outcomes:
    """Every rule for every row of a table whose columns are named like the rules' inputs; null is not known.

    A value that a rule refuses (outside the input's allowed values) is not known for that rule.
    Raises `RulebookError` that names each input for which the table has no column.
    """
    books = tuple(rulebooks)
    findings = [finding for book in books for finding in lacking(book, table.column_names)]
    if findings:
        raise RulebookError(findings)
    return Outcomes(tuple(_screen(book, table) for book in books))


def lacking(rulebook: Rulebook, columns: Iterable[str]) -> tuple[Finding, ...]:
    """A finding for each input of a rule that has no column."""
    known = set(columns)
    return tuple(
        Finding(
            f"规则“{rulebook.name}”",
            f"输入“{entry.name}”没有同名的列",
            "请改正规则里的名称，或在 profile.py 声明这一列",
        )
        for entry in rulebook.inputs
        if entry.name not in known
    )


def admissible(rulebook: Rulebook, inputs: Mapping[str, object]) -> tuple[Mapping[str, object], tuple[Finding, ...]]:
    """The inputs without values that the rule refuses (a share of 120%): those are not known; and what was refused."""
    try:
        rulebook.input_values(inputs)
        return inputs, ()
    except RulebookError:
        pass
    kept: dict[str, object] = {}
    findings: list[Finding] = []
    for name, value in inputs.items():
        try:
            rulebook.input_values({name: value})
            kept[name] = value
        except RulebookError as refused:
            kept[name] = None
            findings += refused.findings
    return kept, tuple(findings)


def _evaluate(
    rulebook: Rulebook, inputs: Mapping[str, object], decisions: Sequence[str]
) -> tuple[Mapping[str, object], Mapping[str, Any]]:
    """The inputs used and what the decisions came to: one bad value never stops the other rows."""
    try:
        return inputs, rulebook.evaluate(inputs, decisions=decisions).values
    except RulebookError:
        admitted, findings = admissible(rulebook, inputs)
        if not findings:
            raise
        return admitted, rulebook.evaluate(admitted, decisions=decisions).values


class _Rows:
    """The rows of a table as the inputs of one rule, repeated rows once."""

    def __init__(self, rulebook: Rulebook, table: pa.Table) -> None:
        self.names = [entry.name for entry in rulebook.inputs]
        columns = [table[name].to_pylist() for name in self.names]
        seen: dict[Row, int] = {}
        self.index = [seen.setdefault(row, len(seen)) for row in zip(*columns, strict=True)] if columns else []
        if not columns:
            seen[()] = 0
            self.index = [0] * table.num_rows
        self.distinct: tuple[Row, ...] = tuple(seen)

    def inputs(self) -> Iterable[Mapping[str, object]]:
        """Each distinct row as a mapping from input name to value."""
        return (dict(zip(self.names, row, strict=True)) for row in self.distinct)

    def spread(self, values: Sequence[object], kind: pa.DataType) -> pa.Array:
        """Values of the distinct rows put back where the rows were."""
        plain = pa.array([plainly(value, kind) for value in values], kind)
        return plain.take(pa.array(self.index, pa.int32()))


def plainly(value: object, kind: pa.DataType) -> object:
    """A FEEL value as Arrow takes it; unknown, null and what is not of the kind are null."""
    if kind == pa.bool_():
        return value if isinstance(value, bool) else None
    if kind == NUMBER:
        if not isinstance(value, Decimal):
            return None
        return value.quantize(CUT, context=ROOM) if abs(value) < Decimal(10) ** HELD else None
    if kind == pa.date32():
        year, month, day = (getattr(value, part, None) for part in ("year", "month", "day"))
        return date(year, month, day) if year is not None and month is not None and day is not None else None
    return value if isinstance(value, str) else None


def arrow_type(feel: str) -> pa.DataType:
    """The Arrow type of a decision's FEEL type."""
    return {"number": NUMBER, "boolean": pa.bool_(), "date": pa.date32()}.get(feel, pa.string())


def _screen(rulebook: Rulebook, table: pa.Table) -> RuleOutcome:
    rows = _Rows(rulebook, table)
    clauses = tuple(clause.decision for clause in rulebook.clauses)
    outcomes = tuple(info for info in rulebook.decisions if info.role == "outcome")
    wanted = (*clauses, *(o.name for o in outcomes), *([rulebook.eligible_name] if rulebook.eligible_name else ()))
    falls = shortfalls(rulebook)
    found: list[Mapping[str, Any]] = []
    short: list[Shortfall] = []
    for inputs in rows.inputs():
        admitted, values = _evaluate(rulebook, inputs, wanted)
        found.append(values)
        short.append(falls(admitted, values))
    eligible = [s.eligible for s in short]
    columns: dict[str, pa.Array] = {
        "eligible": rows.spread(eligible, pa.bool_()),
        "near": rows.spread([s.clause for s in short], pa.string()),
        "distance": rows.spread([s.amount for s in short], NUMBER),
        "distance_unit": rows.spread([s.unit for s in short], pa.string()),
        "distance_text": rows.spread([s.text for s in short], pa.string()),
        "settles": rows.spread([s.settles for s in short], pa.string()),
    }
    states: Callable[[str], list[object]] = lambda name: [v[name] for v in found]  # noqa: E731
    for name in clauses:
        columns[CLAUSE + name] = rows.spread(states(name), pa.bool_())
    for info in outcomes:
        columns[VALUE + info.name] = rows.spread(states(info.name), arrow_type(info.base))
    return RuleOutcome(
        rulebook.name,
        rulebook.sha256,
        ENGINE,
        rulebook.eligible_name,
        clauses,
        tuple(info.name for info in outcomes),
        next((info.name for info in outcomes if info.kind == "amount"), None),
        pa.table(columns),
    )
