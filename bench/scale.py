"""What does a row, a rule, a row times a rule cost, in seconds of one core, from Parquet to results on disk? (docs/scale.md)

Seconds are those a core was at work for, phase by phase, so that they can be added up, and other load on the machine does not
enter; of Spark they are the seconds a task's slot was taken, and other load does enter.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from bench import synthetic

DAY = "2026-04-01"
PHASES = ("load", "plan", "read", "bind", "atoms", "combine", "write")


def answer(*, full: bool = False, huge: bool = False, threads: Sequence[int] = (1,)) -> dict[str, Any]:
    """Core-seconds by phase at each size, one thread."""
    sizes = [(100_000, 30), (100_000, 300)]
    if full:
        sizes += [(1_000_000, 30), (1_000_000, 300), (100_000, 3000)]
    if huge:
        sizes.append((1_000_000, 3000))
    with tempfile.TemporaryDirectory() as place:
        # near misses as bitmaps only, as large runs have them; then one run that lists them
        measured = [screened(Path(place), *size, listed=False) for size in sizes]
        measured.append(screened(Path(place), *sizes[0], listed=True))
        measured += [on_spark(Path(place), *size) for size in sizes[:2]]
    return {"question": __doc__, "measured": measured}


def screened(place: Path, rows: int, count: int, listed: bool) -> dict[str, Any]:
    """A screening on this machine in a process of its own, once the machine code is there."""
    rules, table, out = _rules(place, count), _table(place, rows), place / f"out{rows}x{count}{listed}"
    words = [str(rules), str(_table(place, 2000)), str(table), str(out), DAY, str(int(listed))]
    said = subprocess.run([sys.executable, "-c", ALONE, *words], capture_output=True, text=True, check=True)
    found = json.loads(said.stdout)
    return {
        "way": "逐家列出差一项" if listed else "",
        "rows": rows,
        "policies": count,
        **found,
        **_sizes(rules, table, out),
    }


def on_spark(place: Path, rows: int, count: int) -> dict[str, Any]:
    """The same on Spark with one slot on this machine."""
    rules, table, out = _rules(place, count), _table(place, rows), place / f"spark{rows}x{count}"
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
        "--distances",
        "no",
    ]
    command = [sys.executable, "-m", "wotu.rulebook", *words, "--engine", "spark", "--master", "local[1]"]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    if said.returncode:
        return {"way": f"Spark：{said.stderr.strip().splitlines()[-1]}", "rows": rows, "policies": count}
    summary = json.loads(said.stdout)
    found = {"seconds": summary["seconds"], "peak": summary["peak_memory"]}
    return {"way": "Spark", "rows": rows, "policies": count, **found, **_sizes(rules, table, out)}


def _rules(place: Path, count: int) -> Path:
    folder = place / f"rules{count}"
    return folder if folder.exists() else synthetic.written(folder, synthetic.policies(count))


def _table(place: Path, rows: int) -> Path:
    file = place / f"{rows}.parquet"
    if not file.exists():
        pq.write_table(synthetic.table(rows), file, compression="zstd", row_group_size=131_072)
    return file


def _sizes(rules: Path, table: Path, out: Path) -> dict[str, Any]:
    return {
        "rules_bytes": sum(file.stat().st_size for file in rules.iterdir()),
        "table_bytes": table.stat().st_size,
        "out_bytes": sum(file.stat().st_size for file in out.rglob("*.parquet")),
    }


ALONE = """
import json, sys, time
time.perf_counter = time.thread_time  # a core at work, whatever else runs on the machine
from datetime import date
from pathlib import Path
from wotu.rulebook.columnar.batch import batches
from wotu.rulebook.columnar.library import library
from wotu.rulebook.columnar.runner import Job, screen
rules, small, table, out, day, listed = sys.argv[1:]
def held(name):
    [line] = [line for line in open("/proc/self/status") if line.startswith(name + ":")]
    return int(line.split()[1]) * 1024
def job(books, table, out):
    return Job(books, Path(table), Path(out), date.fromisoformat(day), 1, 2**30, distances=listed == "1")
base, began = held("VmRSS"), time.process_time()
books = library(Path(rules), date.fromisoformat(day))
loaded = time.process_time()
compiled = batches(books.rules).compiled
planned, rules_memory = time.process_time(), held("VmRSS") - base
screen(job(books, small, out + "-small"))  # the machine code is compiled, or fetched
before = time.process_time()
batches(books.rules)
again = time.process_time() - before  # as the screening does once more
seconds = {name: float(value) for name, value in screen(job(books, table, out))["seconds"].items()}
others = 2 * again + sum(seconds[name] for name in ("bind", "atoms", "combine", "write"))
seconds["read"] = max(0, time.process_time() - before - others)  # also by threads of Arrow's
seconds |= {"load": loaded - began, "plan": planned - loaded}
print(json.dumps({
    "seconds": seconds, "peak": held("VmHWM"), "rules_memory": rules_memory, "conditions": len(compiled.leaves), "steps": len(compiled.steps),
    "registers": compiled.registers, "outputs": len(compiled.outputs),
}))
"""


def shown(answer: dict[str, Any]) -> str:
    """Seconds by phase, memory, and what comes out."""
    head = (
        f"{'行':>10} {'规则':>6}  {'  '.join(f'{name:>8}' for name in PHASES)}  {'内存MiB':>8} {'结果位/(行×规则)':>8}"
    )
    lines = [head]
    for each in answer["measured"]:
        line = f"{each['rows']:>10} {each['policies']:>6}"
        if "seconds" in each:
            spent = "  ".join(f"{float(each['seconds'].get(name, 0)):>8.3f}" for name in PHASES)
            out = 8 * each["out_bytes"] / each["rows"] / each["policies"]
            line += f"  {spent}  {each['peak'] / 2**20:>8.0f} {out:>8.2f}"
        if "registers" in each:
            line += "  " + "，".join(f"{name} {each[name]}" for name in ("conditions", "steps", "registers", "outputs"))
            line += f"，规则占内存 {each['rules_memory'] / 2**20:.0f} MiB"
        lines.append(f"{line}  {each['way']}")
    return "\n".join([*lines, f"负载 {os.getloadavg()[0]:.1f}，{os.cpu_count()} 核"])
