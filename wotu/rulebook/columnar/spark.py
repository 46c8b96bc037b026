"""The same screening on a Spark cluster: the same plan and machine code over Arrow batches, Parquet in and out.

Rules travel as the bytes of their files; each Python worker reads and plans them once. Rows keep the numbers they have in the
table, so the result is laid out as `runner` lays it out and says the same of every row. Nothing is shuffled but the ids, to
find those that stand twice, and the totals. What a lost executor was working on is done again elsewhere.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from wotu.rulebook.columnar import cluster
from wotu.rulebook.columnar.batch import Batches, Block, batches, screened
from wotu.rulebook.columnar.bind import WIDE
from wotu.rulebook.columnar.intake import Source, all_null, columns, columns_of
from wotu.rulebook.columnar.library import Library, library
from wotu.rulebook.columnar.outcomes import HELD, NUMBER
from wotu.rulebook.columnar.results import AMOUNTS, CLAUSES, DATASETS, OUTCOMES
from wotu.rulebook.columnar.runner import block_rows
from wotu.rulebook.columnar.summary import COUNTS, key_of, listed, peak, total_of, twice_there, without
from wotu.rulebook.documents import write_json
from wotu.rulebook.findings import Finding, RulebookError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

FILE, ROW = "__wotu_file", "__wotu_row"
"""Columns beside those of the table: the hash of the file's address, and the row's place in the file."""
PHASES = ("plan", "read", "bind", "atoms", "combine", "write")
TOOK = pa.schema([("tasks", pa.int64()), ("peak", pa.int64()), *((name, pa.float64()) for name in PHASES)])
"""What a task took: the most memory its worker held, and seconds by phase."""
SPLIT = pa.schema([("whole", pa.decimal128(38, 0)), ("part", pa.decimal128(38, 12))])
"""An amount's total in two, since Spark's numbers have 38 digits and a total may need more."""
SUMMED = 34
"""Digits before the point of a block's total, at most, so that the sum of ten thousand of them has room."""
SQL = {"int32": "int", "int64": "bigint", "decimal128(38, 12)": "decimal(38,12)", "decimal128(38, 0)": "decimal(38,0)"}
PIECE = 16 * 2**20
"""Bytes handed to Spark at a time."""
CHANGED = Finding("--table", "画像表在筛查中变了", "请等它写完，再运行一次")


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker is told; called with Arrow batches, gives the rows of every dataset, each with its `kind`."""

    files: tuple[tuple[str, bytes], ...]
    as_of: date
    id: str | None
    unfit: str
    distances: bool
    explained: bool
    memory: int
    places: Mapping[int, tuple[str, int]]
    """By the hash of its address, a file's name and the number of its first row."""

    def __call__(self, given: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """One task's rows; what it took comes last."""
        seconds = dict.fromkeys(PHASES, 0.0)
        began = time.perf_counter()
        made = _made(self.files, self.as_of)
        size = block_rows(made, columns_of([part.rule for part in made.parts]), self.memory, 1, self.distances)
        seconds["plan"] += time.perf_counter() - began
        blocks = self.blocks(given, size)
        schema = None
        while True:
            began = time.perf_counter()
            start, name, table = next(blocks, (0, "", None))
            seconds["read"] += time.perf_counter() - began
            if table is None:
                break
            schema = _layout(None if self.id is None else table.schema.field(self.id).type)
            block = self.screened(made, table, start, f"{name} 第 {start + 1}–{start + table.num_rows} 行")
            for phase, spent in block.seconds.items():
                seconds[phase] += spent
            began = time.perf_counter()
            for kind in DATASETS:
                found = getattr(block, kind)
                found = _split(found) if kind == "outcomes" else self.named(found, table, start)
                yield from _pieces(kind, found, schema)
            seconds["write"] += time.perf_counter() - began
        if schema is not None:
            took = pa.table([[1], [peak()], *([seconds[name]] for name in PHASES)], schema=TOOK)
            yield from _pieces("took", took, schema)

    def screened(self, made: Batches, table: pa.Table, start: int, where: str) -> Block:
        """One block's tables."""
        try:
            return screened(
                made,
                table,
                start,
                unfit=self.unfit,
                where=where,
                distances=self.distances,
                explained=self.explained,
            )
        except RulebookError as problem:
            raise cluster.refused(problem.findings) from None

    def named(self, found: pa.Table, table: pa.Table, start: int) -> pa.Table:
        """With the ids of the rows it lists."""
        if self.id is None or "row" not in found.column_names:
            return found
        return found.append_column("id", table[self.id].take(pc.subtract(found["row"], start)))

    def blocks(self, given: Iterator[pa.RecordBatch], size: int) -> Iterator[tuple[int, str, pa.Table]]:
        """Rows that stand one after the other in one file, up to so many: their first number, the file's name, the rows."""
        waiting: list[pa.Table] = []
        start, name, ready = 0, "", 0
        for each in _runs(given):
            if each[FILE][0].as_py() not in self.places:
                raise cluster.refused([CHANGED])
            file, first = self.places[each[FILE][0].as_py()]
            first += each[ROW][0].as_py()
            if waiting and (first != start + ready or file != name or ready + each.num_rows > size):
                yield start, name, pa.concat_tables(waiting)
                waiting, ready = [], 0
            if not waiting:
                start, name = first, file
            waiting.append(each.drop_columns([FILE, ROW]))
            ready += each.num_rows
        if waiting:
            yield start, name, pa.concat_tables(waiting)


def _runs(given: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """The batches, cut wherever the next row is not the next one of the same file."""
    for batch in given:
        table = pa.Table.from_batches([batch])
        if not table.num_rows:
            continue
        file, row = (np.asarray(table[name]) for name in (FILE, ROW))
        cuts = (np.flatnonzero((np.diff(row) != 1) | (np.diff(file) != 0)) + 1).tolist()
        for begin, end in zip([0, *cuts], [*cuts, table.num_rows], strict=True):
            yield table.slice(begin, end - begin)


def _split(outcomes: pa.Table) -> pa.Table:
    """Totals of amounts in two; the column itself is empty where a block's total has more digits than it holds."""
    totals = outcomes["amount_total"].to_pylist()
    if any(total is not None and abs(total) >= Decimal(10) ** SUMMED for total in totals):
        what = f"有金额的整数部分超过 {SUMMED} 位，集群没法准确合计"
        raise cluster.refused([Finding("金额", what, "请检查数据，或不用 --engine spark，在一台机器上筛查")])
    wholes = [None if total is None else total.to_integral_value(ROUND_DOWN) for total in totals]
    parts = [None if total is None else WIDE.subtract(total, int(total)) for total in totals]
    kept = [None if total is None or abs(total) >= Decimal(10) ** HELD else total for total in totals]
    for name, values in zip(SPLIT.names, (wholes, parts), strict=True):
        outcomes = outcomes.append_column(SPLIT.field(name), pa.array(values, SPLIT.field(name).type))
    place = outcomes.column_names.index("amount_total")
    return outcomes.set_column(place, OUTCOMES.field("amount_total"), pa.array(kept, NUMBER))


def _pieces(kind: str, rows: pa.Table, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Rows as Spark is promised them, with every dataset's columns, a bounded number of bytes at a time."""
    if kind == "amounts" and rows.schema.field("amount").type != NUMBER:  # more digits than Spark's numbers have
        place = rows.column_names.index("amount")
        kept = [None if abs(each) >= Decimal(10) ** HELD else each for each in rows["amount"].to_pylist()]
        rows = rows.set_column(place, AMOUNTS.field("amount"), pa.array(kept, NUMBER))
    filled = {f.name: rows[f.name] if f.name in rows.column_names else pa.nulls(len(rows), f.type) for f in schema}
    filled["kind"] = pa.repeat(pa.scalar(kind), len(rows))
    most = max(1, PIECE * max(1, len(rows)) // max(1, rows.nbytes))
    yield from pa.table(filled, schema=schema).combine_chunks().to_batches(max_chunksize=most)


def _layout(id: pa.DataType | None) -> pa.Schema:
    """The columns of all datasets."""
    fields: dict[str, pa.DataType] = {}
    for schema in (*DATASETS.values(), SPLIT, TOOK):
        fields |= dict(zip(schema.names, schema.types, strict=True))
    if id is not None:
        fields["id"] = id
    return pa.schema([*fields.items(), ("kind", pa.string())])


@lru_cache(maxsize=2)
def _made(files: tuple[tuple[str, bytes], ...], as_of: date) -> Batches:
    """The rules read and planned, once a worker process."""
    with tempfile.TemporaryDirectory() as place:
        for name, data in files:
            (Path(place) / name).write_bytes(data)
        return batches(library(Path(place), as_of).rules)


# --- on the driver --------------------------------------------------------------------------------------------------


def screen(
    spark: SparkSession,
    rules: Library,
    table: str,
    out: str,
    as_of: date,
    *,
    id: str | None = None,
    unfit: str = "refuse",
    distances: bool | None = None,
    memory: int = 2**30,
) -> dict[str, Any]:
    """Screen a Parquet table that the cluster can read, write the result where it can write, and give its summary.

    `memory` is what the rows of a block may take in a Python worker. RulebookError for whatever is wrong, in the words of a run
    on one machine; then nothing is left. The summary of an earlier run of the very same job if there is one.
    """
    began = time.perf_counter()
    with cluster.told(table), tempfile.TemporaryDirectory() as folder:
        source, addresses = cluster.looked_at(spark, table, Path(folder), id)
        names = columns(rules.rules, source)
        empty = all_null(source, names, rules.rules) if source.rows else []
        if empty:
            raise RulebookError(empty)
        sha256 = source.sha256
        key = key_of(rules, source, as_of, unfit, distances)
        places = cluster.by_hash(spark, _places(source, addresses))
    with cluster.told(out):
        place = cluster.Place(spark, out)
        known = place.earlier(key)
        if known is not None:
            return known
        files = tuple((rule.file.name, rule.file.read_bytes()) for rule in rules.rules)
        work = Work(
            files,
            as_of,
            source.id,
            unfit,
            listed(source.rows, len(rules.rules), distances),
            bool(distances),
            memory,
            places,
        )
        aside = place.beside(f".{place.name}.{key[:12]}.part")
        settings = {"spark.sql.caseSensitive": "true", "spark.sql.maxConcurrentOutputFileWriters": "8"}
        before = {name: spark.conf.get(name) or "" for name in settings}
        for name, value in settings.items():
            spark.conf.set(name, value)
        try:
            aside.remove()
            clauses, summary = _run(spark, work, rules, source, names, table, aside)
            summary = {
                "as_of": as_of.isoformat(),
                **summary,
                "skipped": [str(finding) for finding in rules.skipped],
                "engine": "spark",
                "table": sha256,
                "key": key,
            }
            summary["seconds"]["total"] = Decimal(time.perf_counter() - began).quantize(Decimal("0.0001"))
            counted = {} if clauses is None else {"clauses.parquet": clauses}
            said = {**counted, "summary.json": write_json(summary, 1).encode()}
            cluster.put(aside, place, _none(source), said)
        finally:
            aside.remove()
            for name, value in before.items():
                spark.conf.set(name, value)
    return summary


def _run(
    spark: SparkSession,
    work: Work,
    rules: Library,
    source: Source,
    names: tuple[str, ...],
    table: str,
    aside: cluster.Place,
) -> tuple[bytes | None, dict[str, Any]]:
    """The datasets written aside; the clauses' file and the summary."""
    frame = spark.read.option("recursiveFileLookup", "true").option("pathGlobFilter", "*.parquet").parquet(table)
    if work.id is not None and source.rows:
        _unique(spark, frame, work)
    types = {f.name: SQL.get(str(f.type), str(f.type)) for f in _layout(None)}
    if work.id is not None:
        types["id"] = frame.schema[work.id].dataType.simpleString()
    types["kind"] = types.pop("kind")
    layout = ", ".join(f"`{name}` {kind}" for name, kind in types.items())
    wanted = [_quoted(name) for name in dict.fromkeys((*names, *([work.id] if work.id else ())))]
    given = frame.selectExpr(*wanted, f"xxhash64(_metadata.file_path) AS {FILE}", f"_metadata.row_index AS {ROW}")
    there = str(aside.beneath("written"))
    given.mapInArrow(work, layout).write.option("compression", "zstd").partitionBy("kind").parquet(there)
    written = spark.read.schema(layout).parquet(there)
    totals = _totals(written, rules, source)
    clauses = _clauses(written, rules)
    took = written.where("kind = 'took'").agg({"tasks": "sum", "peak": "max", **dict.fromkeys(PHASES, "sum")}).first()
    assert took is not None
    seconds = {name: Decimal(took[f"sum({name})"] or 0).quantize(Decimal("0.0001")) for name in PHASES}
    return clauses, {
        "rows": source.rows,
        "rules": totals,
        "seconds": seconds,
        "peak_memory": took["max(peak)"] or 0,
        "tasks": took["sum(tasks)"] or 0,
    }


def _places(source: Source, addresses: Mapping[Path, str]) -> dict[str, tuple[str, int]]:
    """Each file's name and the number of its first row, by its address."""
    found: dict[str, tuple[str, int]] = {}
    start = 0
    for file in source.files:
        found[addresses[file]] = file.name, start
        start += pq.ParquetFile(file).metadata.num_rows
    return found


def _quoted(name: str) -> str:
    return f"`{name.replace('`', '``')}`"


def _unique(spark: SparkSession, frame: DataFrame, work: Work) -> None:
    """RulebookError where a row has no id, or an id stands twice."""
    assert work.id is not None
    one_each = frame.groupBy(_quoted(work.id)).count()
    many = one_each.selectExpr("sum(count - 1) AS more", f"count_if({_quoted(work.id)} IS NULL) AS nothing").first()
    if many is None or not (many["more"] or many["nothing"]):
        return
    starts = spark.createDataFrame(
        [(number, start) for number, (_, start) in work.places.items()], f"{FILE} bigint, start bigint"
    )
    marked = frame.selectExpr(
        f"{_quoted(work.id)} AS id", f"xxhash64(_metadata.file_path) AS {FILE}", f"_metadata.row_index AS {ROW}"
    )
    numbered = marked.join(starts, FILE).selectExpr("id", f"start + {ROW} AS row", FILE)
    empty = numbered.where("id IS NULL").orderBy("row").first()
    if empty is not None:
        raise without(work.id, empty["row"], work.places[empty[FILE]][0])
    twice = numbered.groupBy("id").agg({"row": "min", "*": "count"}).where("`count(1)` > 1")
    first = twice.orderBy("min(row)").limit(1).selectExpr("id AS same", "1 AS one")
    pair = numbered.join(first, numbered["id"].eqNullSafe(first["same"])).orderBy("row").limit(2).collect()
    raise twice_there(work.id, pair[0]["row"], pair[1]["row"], many["more"])


def _totals(written: DataFrame, rules: Library, source: Source) -> list[dict[str, Any]]:
    """Each rule's totals, as a run on one machine gives them."""
    summed = written.where("kind = 'outcomes'").groupBy("rule")
    names = ("rows", *COUNTS, *SPLIT.names)
    found = {row["rule"]: row for row in summed.agg(dict.fromkeys(names, "sum")).collect()}
    totals: list[dict[str, Any]] = []
    for number, rule in enumerate(rules.rules):
        row = found.get(number)
        if (0 if row is None else row["sum(rows)"]) != source.rows:
            raise RulebookError(CHANGED)
        counts = {name: 0 if row is None else int(row[f"sum({name})"]) for name in COUNTS}
        amount = Decimal(0) if row is None else WIDE.add(row["sum(whole)"] or 0, row["sum(part)"] or Decimal(0))
        totals.append(total_of(rule, counts, amount))
    return totals


def _clauses(written: DataFrame, rules: Library) -> bytes | None:
    """The clauses' totals as a Parquet file; None of a table without rows."""
    numbers = CLAUSES.names[2:]
    rows = written.where("kind = 'clauses'").groupBy("rule", "clause").agg(dict.fromkeys(numbers, "sum")).collect()
    if not rows:
        return None
    order: dict[tuple[int, str], int] = {}
    for number, rule in enumerate(rules.rules):
        for name in rule.levels:
            order.setdefault((number, name), len(order))
    rows = sorted(rows, key=lambda row: order[row["rule"], row["clause"]])
    table = pa.table(
        {
            "rule": pa.array([row["rule"] for row in rows], pa.int32()),
            "name": [rules.rules[row["rule"]].said.name for row in rows],
            "clause": [row["clause"] for row in rows],
            **{name: pa.array([row[f"sum({name})"] for row in rows], pa.int64()) for name in numbers},
        }
    )
    return _file(table)


def _none(source: Source) -> dict[str, bytes]:
    """Files that say that there is nothing."""
    found: dict[str, bytes] = {}
    for kind, schema in DATASETS.items():
        if "row" in schema.names and source.id is not None:
            schema = schema.append(pa.field("id", source.schema.field(source.id).type))
        if kind != "clauses":
            found[kind] = _file(schema.empty_table())
    return found


def _file(table: pa.Table) -> bytes:
    stream = pa.BufferOutputStream()
    pq.write_table(table, stream)
    data: bytes = stream.getvalue().to_pybytes()
    return data
