"""What does a row, a rule, a row times a rule cost, from Parquet to results on disk, here and on Spark? (docs/scale.md)"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from bench import synthetic

DAY = "2026-04-01"
PHASES = ("read", "bind", "atoms", "combine", "write")


def answer(*, full: bool = False, huge: bool = False, threads: Sequence[int] = (1,)) -> dict[str, Any]:
    """Seconds by phase at each size with one thread, what the rules alone cost, and one size on Spark."""
    sizes = [(100_000, 30), (100_000, 300)]
    if full:
        sizes += [(100_000, 3000), (1_000_000, 30), (1_000_000, 300)]
    if huge:
        sizes.append((1_000_000, 3000))
    measured, planned = [], []
    with tempfile.TemporaryDirectory() as place:
        for count in sorted({count for _, count in sizes}):
            planned.append(_planned(_rules(Path(place), count)))
        for rows, count in sizes:
            measured.append(_screened(Path(place), rows, count))
        spark = _screened(Path(place), *sizes[-1 if not full else 1], "--engine", "spark", "--master", "local[1]")
    return {"question": __doc__, "measured": measured, "rules_alone": planned, "spark": spark}


def _rules(place: Path, count: int) -> Path:
    folder = place / f"rules{count}"
    if not folder.exists():
        folder.mkdir()
        for policy in synthetic.policies(count):
            (folder / f"{policy.name}.dmn").write_text(synthetic.dmn(policy), encoding="utf-8")
    return folder


def _table(place: Path, rows: int) -> Path:
    file = place / f"{rows}.parquet"
    if not file.exists():
        pq.write_table(synthetic.table(rows), file, compression="zstd", row_group_size=131_072)
    return file


def _screened(place: Path, rows: int, count: int, *more: str) -> dict[str, Any]:
    """`wotu rules screen` as a process of its own, with one thread."""
    rules, table, out = _rules(place, count), _table(place, rows), place / f"out{rows}x{count}{len(more)}"
    words = [
        "screen",
        str(rules),
        "--table",
        str(table),
        "--out",
        str(out),
        "--as-of",
        DAY,
        "--json",
        "--threads",
        "1",
        *more,
    ]
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    said = subprocess.run([sys.executable, "-m", "wotu.rulebook", *words], capture_output=True, text=True, check=False)
    if said.returncode:
        return {"rows": rows, "rules": count, "refused": said.stderr.strip().split("\n")[-1]}
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    summary = json.loads(said.stdout)
    parts = {path.name: _bytes(path) for path in out.iterdir() if not path.name.startswith(".")}
    return {
        "rows": rows,
        "rules": count,
        "wall": round(wall, 3),
        "cpu": round(cpu, 3),
        "seconds": summary["seconds"],
        "peak_memory": summary["peak_memory"],
        "table_bytes": table.stat().st_size,
        "out_bytes": parts,
    }


def _bytes(path: Path) -> int:
    files = path.rglob("*.parquet") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files)


ALONE = """
import json, resource, sys, time
from pathlib import Path
from wotu.rulebook.columnar.batch import batches
from wotu.rulebook.columnar.library import library
base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began = time.perf_counter()
rules = library(Path(sys.argv[1]), date.fromisoformat(sys.argv[2])).rules
read = time.perf_counter()
made = batches(rules)
done = time.perf_counter()
compiled = made.compiled
print(json.dumps({
    "rules": len(rules), "read_seconds": read - began, "plan_seconds": done - read, "conditions": len(compiled.leaves),
    "steps": len(compiled.steps), "registers": compiled.registers, "outputs": len(compiled.outputs),
    "memory": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base) * 1024,
}))
"""


def _planned(rules: Path) -> dict[str, Any]:
    """Reading and planning the rules, in a process of its own."""
    size = sum(file.stat().st_size for file in rules.iterdir())
    said = subprocess.run([sys.executable, "-c", ALONE, str(rules), DAY], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(said.stdout)
    return {**found, "file_bytes": size}


def shown(answer: dict[str, Any]) -> str:
    """Seconds by phase, then what a row and rule cost."""
    lines = [
        f"{'行':>10} {'规则':>6} {'总秒':>9} {'其中核秒':>9}  {'  '.join(f'{name:>8}' for name in PHASES)}  {'内存 MiB':>8}  {'结果字节/(行×规则)':>10}"
    ]
    for each in (*answer["measured"], answer["spark"]):
        if "refused" in each:
            lines.append(f"{each['rows']:>10} {each['rules']:>6} {each['refused']}")
            continue
        spent = "  ".join(f"{float(each['seconds'].get(name, 0)):>8.3f}" for name in PHASES)
        out = sum(each["out_bytes"].values()) / each["rows"] / each["rules"]
        lines.append(
            f"{each['rows']:>10} {each['rules']:>6} {each['wall']:>9.2f} {each['cpu']:>9.2f}  {spent}  {each['peak_memory'] / 2**20:>8.0f}  {out:>10.3f}"
            + ("  Spark" if each is answer["spark"] else "")
        )
    lines += [json.dumps(each, ensure_ascii=False) for each in answer["rules_alone"]]
    lines.append(f"负载 {os.getloadavg()[0]:.1f}")
    return "\n".join(lines)
