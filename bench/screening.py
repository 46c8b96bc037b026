"""How long does a whole registry against every policy take, in memory, and from Parquet to results on disk?"""

from __future__ import annotations

import json
import os
import resource
import shutil
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
    whole: bool = False
    """From zstd Parquet to results on disk, the process's start and end included."""
    cpu: float | None = None
    """Seconds of processor time of a whole process, which others on the machine disturb less."""


def ours(table: pa.Table, policies: Sequence[synthetic.Policy], threads: int) -> tuple[float, float, peers.Totals]:
    """Seconds of the first run (columns bound) and of the next ones, and the totals."""
    program = Program()
    goals = [program.truth(plan(policy.book).truths["符合"]) for policy in policies]
    compiled = program.compiled(goals)  # counts, as the others give; planes are kept where results are written
    run(compiled, Bound(table.slice(0, 64)))  # what is compiled once for an installation is not what is asked
    bound = Bound(table)
    began = time.perf_counter()
    run(compiled, bound, threads)
    first = time.perf_counter() - began
    steady, planes = peers.timed(lambda: run(compiled, bound, threads))
    places = {value: place for place, value in enumerate(compiled.counted)}
    counts = [planes.counts[places[goal]] for goal in goals]
    return first, steady, [(int(yes), int(no)) for yes, no in counts]


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


def whole(rows: int, count: int, threads: Sequence[int]) -> tuple[list[Measured], dict[str, Any]]:
    """`wotu rules screen` and polars tuned as processes, from zstd Parquet to results on disk; the last summary of ours.

    First is with nothing known of the rules, again with their program kept from the run before; AssertionError where totals differ.
    """
    found: list[Measured] = []
    summary: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        policies = synthetic.policies(count)
        synthetic.written(folder / "rules", policies)
        written(folder / "t.parquet", rows)
        (folder / "job.json").write_text(
            json.dumps(peers.job(policies, folder / "t.parquet", folder / "polars.parquet"))
        )
        own = {"XDG_CACHE_HOME": str(folder / "cache")}
        subprocess.run([sys.executable, "-m", "wotu.rulebook.columnar"], env={**os.environ, **own}, check=True)
        for number in threads:
            shutil.rmtree(folder / "cache" / "wotu" / "rules", ignore_errors=True)
            totals = []
            for way in ("首次", "再次"):
                words = ["screen", folder / "rules", "--table", folder / "t.parquet", "--out", folder / "out"]
                words += ["--threads", number, "--json", "--as-of", date(2026, 4, 1)]
                command = [sys.executable, "-m", "wotu.rulebook", *map(str, words)]
                wall, cpu, said = process(command, own)
                shutil.rmtree(folder / "out")
                summary = said
                totals = [[rule["eligible"], rule["not"]] for rule in said["rules"]]
                found.append(Measured(f"沃土（{way}）", rows, count, number, wall, False, True, cpu))
            command = [sys.executable, str(Path(__file__).with_name("polars_whole.py")), str(folder / "job.json")]
            wall, cpu, same = process(command, {"POLARS_MAX_THREADS": str(number)})
            assert same == totals, "polars 的合计不同"
            found.append(Measured("polars（调优）", rows, count, number, wall, False, True, cpu))
    return found, summary


def written(file: Path, rows: int, group: int = 131_072) -> None:
    """The table as zstd Parquet, decimals as integers as `wotu profile` has them, written row group by row group."""
    writer = None
    for start in range(0, rows, group):
        block = synthetic.table(min(group, rows - start), seed=7 + start // group)
        writer = writer or pq.ParquetWriter(
            file, block.schema, compression="zstd", store_decimal_as_integer=True, use_dictionary=list(synthetic.TEXTS)
        )
        writer.write_table(block)
    assert writer is not None
    writer.close()


def process(command: Sequence[str], environment: dict[str, str]) -> tuple[float, float, Any]:
    """A process's seconds by the wall and of the processor, and the JSON it printed."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    said = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=True)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, json.loads(said.stdout)


def added(rows: int, count: int) -> dict[str, float]:
    """Seconds that one more rule costs whose conditions others have already, and what combining one takes by itself."""
    table, policies = synthetic.table(rows), synthetic.policies(2 * count)
    steady = [ours(table, policies[:number], 1)[1] for number in (count, 2 * count)]
    program = Program()
    for policy in policies:
        program.keep(program.truth(plan(policy.book).truths["符合"]))
    compiled, bound = program.compiled(), Bound(table)
    run(compiled, bound)
    combine = min(run(compiled, bound).seconds["combine"] for _ in range(3))
    return {
        "rows": rows,
        "rules": count,
        "added_rule": (steady[1] - steady[0]) / count,
        "combine_rule": combine / (2 * count),
    }


def answer(*, full: bool = False, huge: bool = False, threads: Sequence[int] = (1, 2)) -> dict[str, Any]:
    """What `python -m bench` prints and writes: measurements, and ratios to polars tuned."""
    few, every = ("polars", "interpreter"), ("polars", "duckdb", "interpreter", "zen")
    sizes = [(100_000, 30), (100_000, 300)]
    if full:
        sizes = [(rows, count) for rows in (10_000, 100_000, 1_000_000) for count in (30, 300)]
    found = ask(sizes, threads, every if full else few)
    left_out = []
    if full:
        found += ask([(10_000, 3_000), (100_000, 3_000)], threads, ("polars",))
        left_out.append("3,000 条规则：没有 DuckDB、zen 与解释器，一条 SQL 或一张图里放不下这么多规则，抽样也要几分钟")
    if huge:
        found += ask([(10_000_000, 30), (1_000_000, 3_000)], threads, ("polars",))
    else:
        left_out.append("10,000,000 行：内存里要十几 GiB，加 --huge 才量（不含 DuckDB、zen 与解释器）")
    summary: dict[str, Any] = {}
    for rows, count in [(100_000, 30), *([(1_000_000, 30), (1_000_000, 300)] if full else [])]:
        measured, summary = whole(rows, count, threads)
        found += measured
    return {
        "question": __doc__,
        "measured": [{**asdict(each), "times_polars": _ratio(each, found)} for each in found],
        "left_out": left_out,
        "added_rule": added(*((1_000_000, 300) if full else (100_000, 30))),
        "whole_process": {name: summary[name] for name in ("rows", "threads", "seconds", "peak_memory")},
    }


def _ratio(each: Measured, found: Sequence[Measured]) -> float | None:
    """How many times polars, tuned, takes as long at the same size with the same threads."""
    for other in found:
        same = (other.rows, other.policies, other.threads, other.whole)
        if other.tool == "polars（调优）" and same == (each.rows, each.policies, each.threads, each.whole):
            return other.seconds / each.seconds
    return None


def shown(answer: dict[str, Any]) -> str:
    """One table; what was left out and why below it."""
    lines = [f"{'行':>10} {'规则':>6} {'线程':>4} {'秒':>12} {'处理器秒':>8} {'对 polars':>10}  范围    工具"]
    for each in answer["measured"]:
        ratio = f"{each['times_polars']:.1f}×" if each["times_polars"] else ""
        cpu = f"{each['cpu']:.2f}" if each["cpu"] is not None else ""
        numbers = f"{each['rows']:>10} {each['policies']:>6} {each['threads']:>4} {each['seconds']:>12.4f} {cpu:>12}"
        lines.append(f"{numbers} {ratio:>10}  {'文件到结果' if each['whole'] else '内存中'}  {each['tool']}")
    cost = answer["added_rule"]
    lines.append(
        f"多一条条件都已有的规则 {cost['added_rule'] * 1e6:.0f} 微秒，单是合并一条 {cost['combine_rule'] * 1e6:.0f} 微秒"
        f"（{cost['rows']} 行，1 线程）"
    )
    lines += [f"没有量的：{each}" for each in answer["left_out"]]
    return "\n".join([*lines, f"整个过程：{json.dumps(answer['whole_process'], ensure_ascii=False)}"])
