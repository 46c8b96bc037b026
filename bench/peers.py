"""The same policies over the same table in other tools, each as its makers would have it; totals are (eligible, not) a policy."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bench.synthetic import COLUMNS, DAYS, FLAGS, SCALES, TEXTS, Atom, Policy

EPOCH = date(1970, 1, 1)
ZEN = {name: f"c{number}" for number, name in enumerate(COLUMNS)}
"""Its names are in ASCII."""
Totals = list[tuple[int, int]]
Run = Callable[[], Totals]


def scaled(table: pa.Table) -> pa.Table:
    """Numbers as 64-bit integers: what a tuned screening in a data frame would hold."""
    columns: dict[str, Any] = {}
    for name in table.column_names:
        column = table[name].combine_chunks()
        if name in FLAGS or name in TEXTS:
            columns[name] = column
        elif name in DAYS:
            columns[name] = column.cast(pa.int32())
        elif pa.types.is_decimal(column.type):
            low = np.frombuffer(column.buffers()[1], np.int64)[::2]
            columns[name] = pa.array(low, mask=np.asarray(pc.is_null(column)))
        else:
            columns[name] = column
    return pa.table(columns)


def integer(atom: Atom) -> int:
    """The bound in the column's integers."""
    return int(atom.bound.scaleb(SCALES.get(atom.column, 0)))


def polars(table: pa.Table, policies: Sequence[Policy], threads: int) -> Run:
    """Tuned: each distinct condition once as a boolean column, policies from those; the thread count is set by the caller."""
    import polars as pl

    frame = pl.from_arrow(scaled(table))
    names = {atom: f"a{number}" for number, atom in enumerate(_distinct(policies))}
    conditions = [_polars(pl, atom).alias(name) for atom, name in names.items()]
    verdicts = []
    for number, policy in enumerate(policies):
        clauses = [_joined([pl.col(names[atom]) for atom in clause], any_of=True) for clause in policy.clauses]
        verdict = _joined(clauses, any_of=False)
        verdicts += [verdict.sum().alias(f"y{number}"), (~verdict).sum().alias(f"n{number}")]
    plan = frame.lazy().select(conditions).select(verdicts)  # type: ignore[union-attr]

    def run() -> Totals:
        row = plan.collect().row(0)
        return list(zip(row[::2], row[1::2], strict=True))

    return run


def job(policies: Sequence[Policy], table: Path, out: Path) -> dict[str, Any]:
    """The same for a process of its own (`polars_whole.py`), which reads the table and writes its results itself."""
    places = {atom: number for number, atom in enumerate(_distinct(policies))}
    bounds = {"ratio": lambda atom: int(atom.bound * 100), "least": integer, "most": integer}
    atoms = [
        {"kind": atom.kind, "column": atom.column, "under": atom.under, "words": list(atom.words)}
        | {"bound": bounds.get(atom.kind, lambda each: int(each.bound))(atom)}
        for atom in places
    ]
    said = [[[places[atom] for atom in clause] for clause in policy.clauses] for policy in policies]
    return {"table": str(table), "out": str(out), "atoms": atoms, "policies": said}


def _polars(pl: Any, atom: Atom) -> Any:
    column = pl.col(atom.column)
    match atom.kind:
        case "least":
            return column >= integer(atom)
        case "most":
            return column <= integer(atom)
        case "since":
            return column <= int(atom.bound)
        case "flag":
            return column
        case "not flag":
            return ~column
        case "among":
            return column.is_in(list(atom.words))
    under = pl.col(atom.under)
    return pl.when(under != 0).then(column * 100 >= under * int(atom.bound * 100))


def _joined(parts: list[Any], *, any_of: bool) -> Any:
    found = parts[0]
    for part in parts[1:]:
        found = (found | part) if any_of else (found & part)
    return found


def duckdb(table: pa.Table, policies: Sequence[Policy], threads: int) -> Run:
    """Each distinct condition once in a subquery, counts over it."""
    import duckdb as db

    connection = db.connect()
    connection.execute(f"SET threads = {threads}")
    connection.register("given", scaled(table))
    connection.execute("CREATE TABLE t AS SELECT * FROM given")
    names = {atom: f"a{number}" for number, atom in enumerate(_distinct(policies))}
    conditions = ", ".join(f"{_sql(atom)} AS {name}" for atom, name in names.items())
    counts = []
    for policy in policies:
        verdict = " AND ".join("(" + " OR ".join(names[atom] for atom in clause) + ")" for clause in policy.clauses)
        counts.append(f"count(*) FILTER ({verdict}), count(*) FILTER (NOT ({verdict}))")
    query = f"SELECT {', '.join(counts)} FROM (SELECT {conditions} FROM t)"

    def run() -> Totals:
        row = connection.execute(query).fetchone()
        assert row is not None
        return list(zip(row[::2], row[1::2], strict=True))

    return run


def _sql(atom: Atom) -> str:
    column = f'"{atom.column}"'
    match atom.kind:
        case "least":
            return f"{column} >= {integer(atom)}"
        case "most":
            return f"{column} <= {integer(atom)}"
        case "since":
            return f"{column} <= {int(atom.bound)}"
        case "flag":
            return column
        case "not flag":
            return f"NOT {column}"
        case "among":
            words = ", ".join(f"'{word}'" for word in atom.words)
            return f"{column} IN ({words})"
    return f'CASE WHEN "{atom.under}" <> 0 THEN {column} * 100 >= "{atom.under}" * {int(atom.bound * 100)} END'


def interpreter(table: pa.Table, policies: Sequence[Policy], rows: int) -> Run:
    """Our own interpreter, enterprise by enterprise, on the first rows."""
    given = table.slice(0, rows).to_pylist()

    def run() -> Totals:
        found = []
        for policy in policies:
            book = policy.book
            names = [entry.name for entry in book.inputs]
            verdicts = [book.evaluate({n: row[n] for n in names}, ("符合",)).values["符合"] for row in given]
            found.append((sum(v is True for v in verdicts), sum(v is False for v in verdicts)))
        return found

    return run


def zen(table: pa.Table, policies: Sequence[Policy], rows: int) -> Run | None:
    """zen-engine, one enterprise at a time, all policies in one expression node; None where it is not installed.

    It has no third truth value, so it is given rows in which everything is known.
    """
    try:
        import zen as engine
    except ImportError:
        return None
    expressions = [
        {
            "id": f"e{number}",
            "key": f"p{number}",
            "value": " and ".join("(" + " or ".join(map(_zen, clause)) + ")" for clause in policy.clauses),
        }
        for number, policy in enumerate(policies)
    ]
    graph = {
        "nodes": [
            {"id": "i", "name": "i", "type": "inputNode", "position": {"x": 0, "y": 0}},
            {
                "id": "x", "name": "x", "type": "expressionNode", "position": {"x": 0, "y": 0},
                "content": {"expressions": expressions},
            },
            {"id": "o", "name": "o", "type": "outputNode", "position": {"x": 0, "y": 0}},
        ],
        "edges": [
            {"id": "1", "type": "edge", "sourceId": "i", "targetId": "x"},
            {"id": "2", "type": "edge", "sourceId": "x", "targetId": "o"},
        ],
    }  # fmt: skip
    decision = engine.ZenEngine().create_decision(json.dumps(graph))
    given = [_plain(row) for row in table.slice(0, rows).to_pylist()]

    def run() -> Totals:
        yes = [0] * len(policies)
        for row in given:
            result = decision.evaluate(row)["result"]
            for number in range(len(policies)):
                yes[number] += result[f"p{number}"] is True
        return [(count, 0) for count in yes]

    return run


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, Decimal):
            found[ZEN[name]] = float(value)
        else:
            found[ZEN[name]] = (value - EPOCH).days if name in DAYS else value
    return found


def _zen(atom: Atom) -> str:
    column = ZEN[atom.column]
    match atom.kind:
        case "least":
            return f"{column} >= {atom.bound}"
        case "most":
            return f"{column} <= {atom.bound}"
        case "since":
            return f"{column} <= {int(atom.bound)}"
        case "flag":
            return column
        case "not flag":
            return f"not {column}"
        case "among":
            return f"{column} in [{', '.join(repr(word) for word in atom.words)}]"
    return f"({ZEN[atom.under]} != 0 and {column} / {ZEN[atom.under]} >= {atom.bound})"


def _distinct(policies: Sequence[Policy]) -> list[Atom]:
    return list(dict.fromkeys(atom for policy in policies for clause in policy.clauses for atom in clause))


def timed(run: Callable[[], Any], least: int = 3, seconds: float = 2.0) -> tuple[float, Any]:
    """The best of some runs, and what the last came to."""
    best, spent, result = float("inf"), 0.0, None
    for _ in range(20):
        began = time.perf_counter()
        result = run()
        taken = time.perf_counter() - began
        best, spent, least = min(best, taken), spent + taken, least - 1
        if least <= 0 and spent > seconds:
            break
    return best, result
