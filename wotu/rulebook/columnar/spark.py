"""The same screening on a Spark cluster: the same plan and machine code over Arrow batches, Parquet in and out, no shuffle.

Rules travel as the bytes of their files; each Python worker reads them once. What a lost executor was working on is done again
elsewhere, so the result does not depend on it. Workers need this package and numba; see docs/screening.md.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from wotu.rulebook.columnar.batch import Batches, batches, screened
from wotu.rulebook.columnar.intake import columns_of
from wotu.rulebook.columnar.kernel import unpacked
from wotu.rulebook.columnar.library import Library, library
from wotu.rulebook.documents import refuse

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SCHEMA = (
    "rule int, rows bigint, eligible bigint, `not` bigint, unknown bigint, one_short bigint,"
    " amount_total decimal(38,12), eligible_ids array<string>, one_short_ids array<string>"
)
ARROW = pa.schema(
    [
        ("rule", pa.int32()), ("rows", pa.int64()), ("eligible", pa.int64()), ("not", pa.int64()), ("unknown", pa.int64()),
        ("one_short", pa.int64()), ("amount_total", pa.decimal128(38, 12)), ("eligible_ids", pa.list_(pa.string())),
        ("one_short_ids", pa.list_(pa.string())),
    ]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker is told: the rule files, the day, which column tells enterprises apart; called with Arrow batches."""

    files: tuple[tuple[str, bytes], ...]
    as_of: date
    id: str
    unfit: str

    def __call__(self, given: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """One row a rule and batch."""
        made = _made(self.files, self.as_of)
        for batch in given:
            table = pa.Table.from_batches([batch])
            if table.num_rows:
                yield self.answered(made, table)

    def answered(self, made: Batches, table: pa.Table) -> pa.RecordBatch:
        """The outcomes of one batch."""
        block = screened(made, table, 0, 1, unfit=self.unfit, where="一批行", distances=False)
        ids = table[self.id].cast(pa.string())
        found: dict[str, Any] = {name: block.outcomes[name] for name in ARROW.names[:7]}
        for name in ("eligible", "one_short"):
            planes = [np.frombuffer(bits, np.uint64) for bits in block.outcomes[f"{name}_bits"].to_pylist()]
            rows = [np.flatnonzero(unpacked(plane, table.num_rows)) for plane in planes]
            found[f"{name}_ids"] = pa.array(
                [ids.take(pa.array(some)).to_pylist() for some in rows], pa.list_(pa.string())
            )
        return pa.table(found).cast(ARROW).combine_chunks().to_batches()[0]


@lru_cache(maxsize=4)
def _made(files: tuple[tuple[str, bytes], ...], as_of: date) -> Batches:
    """The rules read and planned, once a worker process."""
    with tempfile.TemporaryDirectory() as place:
        for name, data in files:
            (Path(place) / name).write_bytes(data)
        return batches(library(Path(place), as_of).rules)


def screen(
    spark: SparkSession, rules: Library, table: str, out: str, as_of: date, *, id: str, unfit: str = "refuse"
) -> dict[str, Any]:
    """Screen a Parquet table that the cluster can read, write one Parquet row a rule and batch, and give the totals."""
    began = time.perf_counter()
    frame = spark.read.parquet(table)
    names = columns_of(rules.rules)
    missing = [name for name in (*names, id) if name not in frame.columns]
    if missing:
        raise refuse(table, f"表里没有列“{'”“'.join(missing)}”", f"列有：{'、'.join(frame.columns[:20])}")
    work = Work(tuple((rule.file.name, rule.file.read_bytes()) for rule in rules.rules), as_of, id, unfit)
    wanted = [f"`{name}`" for name in dict.fromkeys((id, *names))]
    frame.select(*wanted).mapInArrow(work, SCHEMA).write.mode("error").parquet(out)
    totals = (
        spark.read.parquet(out)
        .groupBy("rule")
        .agg(dict.fromkeys(("rows", "eligible", "not", "unknown", "one_short", "amount_total"), "sum"))
    )
    found = {row["rule"]: row for row in totals.collect()}
    said: list[dict[str, Any]] = []
    for number, rule in enumerate(rules.rules):
        row = found.get(number)
        counts = {name: int(row[f"sum({name})"]) if row else 0 for name in ("eligible", "not", "unknown", "one_short")}
        amount = None if rule.amount is None else Decimal((row[f"sum({'amount_total'})"] if row else None) or 0)
        said.append({"rule": rule.book.name, **counts, "amount_total": amount, "file": rule.file.name})
    rows = int(next(iter(found.values()))["sum(rows)"]) if found else 0
    return {"as_of": as_of.isoformat(), "rows": rows, "rules": said, "seconds": round(time.perf_counter() - began, 3)}
