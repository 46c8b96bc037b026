"""How long does a whole registry against every policy take, in memory, and from Parquet to results on disk?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench import peers, synthetic
from wotu.rulebook.columnar.bind import Bound
from wotu.rulebook.columnar.plan import plan
from wotu.rulebook.columnar.program import Program, run

SAMPLE = 40
"""Enterprises that the slow ones are asked about; their times are extrapolated, and said to be."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One tool at one size."""

    tool: str
    rows: int
    policies: int
    threads: int
    seconds: float
    extrapolated: bool = False


def ours(table: pa.Table, policies: Sequence[synthetic.Policy], threads: int) -> tuple[float, float, peers.Totals]:
    """Seconds of the first run (columns bound) and of the next ones, and the totals."""
    program = Program()
    for policy in policies:
        planned = plan(policy.book)
        program.keep(program.truth(planned.truths["符合"]))
    compiled = program.compiled()
    run(compiled, Bound(table.slice(0, 64)))  # what numba compiles once for an installation is not what is asked
    bound = Bound(table)
    began = time.perf_counter()
    run(compiled, bound, threads)
    first = time.perf_counter() - began
    steady, planes = peers.timed(lambda: run(compiled, bound, threads))
    counts = np.bitwise_count(planes.outputs).sum(axis=2)
    return first, steady, [(int(a), int(b)) for a, b in counts]


def bandwidth(table: pa.Table) -> float:
    """Seconds to read once, with one thread, the bytes that the columns take as narrow integers."""
    widths = {"number": 8, "boolean": 0.125, "date": 4, "string": 1}
    size = sum(widths[synthetic.KINDS[name]] + 0.125 for name in table.column_names) * table.num_rows
    block = np.ones(max(int(size) // 8, 1), np.int64)
    seconds, _ = peers.timed(lambda: block.sum())
    return seconds


def ask(sizes: Sequence[tuple[int, int]], threads: Sequence[int], tools: Sequence[str]) -> list[Measured]:
    """Every tool at every size; AssertionError where totals differ."""
    found: list[Measured] = []
    for rows, count in sizes:
        table, policies = synthetic.table(rows), synthetic.policies(count)
        slow = synthetic.table(rows).slice(0, SAMPLE)
        for number in threads:
            first, steady, totals = ours(table, policies, number)
            found += [
                Measured("沃土（首次，含绑定）", rows, count, number, first),
                Measured("沃土（稳态）", rows, count, number, steady),
            ]
            if "polars" in tools:
                seconds, same = _polars(rows, count, number)
                assert [tuple(pair) for pair in same] == totals, "polars 的合计不同"
                found.append(Measured("polars（调优）", rows, count, number, seconds))
            if "duckdb" in tools:
                seconds, same = peers.timed(peers.duckdb(table, policies, number), 2)
                assert same == totals, "DuckDB 的合计不同"
                found.append(Measured("DuckDB SQL", rows, count, number, seconds))
        found.append(Measured("带宽下限", rows, count, 1, bandwidth(table)))
        if "interpreter" in tools:
            seconds, same = peers.timed(peers.interpreter(slow, policies, SAMPLE), 1, 0)
            assert same == ours(slow, policies, 1)[2], "解释器的合计不同"
            found.append(Measured("解释器（逐家，外推）", rows, count, 1, seconds * rows / SAMPLE, True))
        known = table.slice(0, 50 * SAMPLE).drop_null().slice(0, SAMPLE)
        if "zen" in tools and (zen := peers.zen(known, policies, SAMPLE)) is not None:
            seconds, same = peers.timed(zen, 1, 0)
            assert [yes for yes, _ in same] == [yes for yes, _ in ours(known, policies, 1)[2]], "zen 的合计不同"
            found.append(Measured("zen-engine（逐家，外推）", rows, count, 1, seconds * rows / SAMPLE, True))
    return found


def _polars(rows: int, count: int, threads: int) -> tuple[float, Any]:
    """In a process of its own, since polars fixes its threads when it is first imported."""
    code = (
        "import json; from bench import peers, synthetic;"
        f"r = peers.polars(synthetic.table({rows}), synthetic.policies({count}), {threads});"
        "s, t = peers.timed(r); print(json.dumps([s, t]))"
    )
    environment = {**os.environ, "POLARS_MAX_THREADS": str(threads)}
    said = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    seconds, totals = json.loads(said.stdout.splitlines()[-1])
    return seconds, totals


# --- from Parquet to results ----------------------------------------------------------------------------------------


def whole(rows: int, count: int, threads: int) -> dict[str, Any]:
    """`wotu rules screen` as a process, from zstd Parquet to results on disk; its own summary and the wall's seconds."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "rules").mkdir()
        for policy in synthetic.policies(count):
            (folder / "rules" / f"{policy.name}.dmn").write_text(synthetic.dmn(policy), encoding="utf-8")
        pq.write_table(synthetic.table(rows), folder / "t.parquet", compression="zstd", row_group_size=131_072)
        words = ["screen", str(folder / "rules"), "--table", str(folder / "t.parquet"), "--out", str(folder / "out")]
        began = time.perf_counter()
        said = subprocess.run(
            [sys.executable, "-m", "wotu.rulebook", *words, "--threads", str(threads), "--json", "--as-of", str(date(2026, 4, 1))],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        summary: dict[str, Any] = json.loads(said.stdout)
        summary["wall"] = time.perf_counter() - began
    return summary


def answer(*, full: bool = False, huge: bool = False, threads: Sequence[int] = (1, 2)) -> dict[str, Any]:
    """What `python -m bench` prints and writes: measurements, and ratios to polars tuned."""
    sizes = [(100_000, 30), (100_000, 300)]
    if full:
        sizes = [(rows, count) for rows in (10_000, 100_000, 1_000_000) for count in (30, 300)]
    if huge:
        sizes.append((10_000_000, 300))
    found = ask(sizes, threads, ("polars", "duckdb", "interpreter", "zen") if full else ("polars", "interpreter"))
    ratios = []
    for each in found:
        base = next(
            (
                m
                for m in found
                if m.tool == "polars（调优）"
                and (m.rows, m.policies, m.threads) == (each.rows, each.policies, each.threads)
            ),
            None,
        )
        ratios.append(None if base is None else base.seconds / each.seconds)
    rows, count = sizes[-1] if full else (100_000, 30)
    summary = whole(rows, count, max(threads))
    return {
        "question": __doc__,
        "measured": [{**asdict(each), "times_polars": ratio} for each, ratio in zip(found, ratios, strict=True)],
        "whole_process": {
            "rows": rows,
            "policies": count,
            "wall": summary["wall"],
            "seconds": summary["seconds"],
            "peak_memory": summary["peak_memory"],
        },
    }
