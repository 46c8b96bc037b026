"""`wotu rules screen`: a folder of rules over a whole table in Parquet, without Django or a database."""

from __future__ import annotations

import ctypes
import gc
import os
import platform
import re
import sys
from datetime import date
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any

import pyarrow as pa

from ..columnar.kept import prepared
from ..columnar.runner import Job, screen
from ..documents import refuse, write_json
from .arguments import Given

UNITS = {"": 1, "B": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
LEAST = 256 * 2**20
M_TRIM_THRESHOLD, M_MMAP_MAX, M_ARENA_MAX = -1, -4, -8
"""What `mallopt` of the GNU C library sets, as its malloc.h has it."""


def run(given: Given) -> int:
    """Screen and print the totals."""
    for name in ("table", "out"):
        if not given.has(name):
            raise refuse("wotu rules screen", f"缺少 --{name}", "用法见 wotu rules screen --help")
    as_of = _day(given.one("as-of"))
    if given.one("engine") == "spark":
        return _on_spark(given, as_of)
    if given.alone:
        _keep_memory()
        _without_pandas()
    rules, made = prepared(Path(given.words[0]), as_of)
    if given.alone:
        gc.freeze()  # the rules stay to the end
    job = Job(
        library=rules,
        table=Path(given.one("table")),
        out=Path(given.one("out")),
        as_of=as_of,
        threads=_threads(given.one("threads")),
        memory=_memory(given.one("memory", "1GiB")),
        id=given.one("id") or None,
        unfit=given.one("unfit", "refuse"),
        made=made,
        distances=_listed(given),
    )
    progress = Progress(sys.stderr.isatty())
    summary = screen(job, progress)
    progress.over()
    if given.has("json"):
        print(write_json(summary, 1))
    else:
        print(_told(summary))
    return 0


def _keep_memory() -> None:
    """What a block needed is kept for the next one: to give memory back and get it anew, emptied, takes a sixth of a run.

    By GNU's allocator, where Python's is that: nothing is got or given back piece by piece, and all threads share one heap.
    """
    if platform.libc_ver()[0] == "glibc":
        for setting, value in ((M_MMAP_MAX, 0), (M_TRIM_THRESHOLD, 2**31 - 1), (M_ARENA_MAX, 1)):
            ctypes.CDLL(None).mallopt(setting, value)


def _without_pandas() -> None:
    """Arrow asks of whatever it is given whether it is of pandas, and imports that for it wherever it is installed (0.3 s).

    It asks once: here, while pandas cannot be seen.
    """

    class Hidden(MetaPathFinder):
        def find_spec(self, fullname: str, path: object, target: object = None) -> None:
            if fullname == "pandas":
                raise ModuleNotFoundError(fullname)

    hidden = Hidden()
    sys.meta_path.insert(0, hidden)
    try:
        pa.array([])
    finally:
        sys.meta_path.remove(hidden)


def _on_spark(given: Given, as_of: date) -> int:
    """The same on a cluster."""
    from ..columnar.library import library
    from .cluster import screened

    rules = library(Path(given.words[0]), as_of)
    summary = screened(given, rules, as_of, _memory(given.one("memory", "1GiB")), _listed(given))
    print(write_json(summary, 1) if given.has("json") else _told(summary))
    return 0


def _listed(given: Given) -> bool | None:
    """Whether near misses are listed row by row; None where it is not said."""
    return {"yes": True, "no": False}.get(given.one("distances"))


def _told(summary: dict[str, Any]) -> str:
    lines = [f"{summary['as_of']}，{summary['rows']} 行，{len(summary['rules'])} 条规则"]
    for rule in summary["rules"]:
        amount = f"，金额合计 {rule['amount_total']} 元" if rule["amount_total"] is not None else ""
        counts = f"符合 {rule['eligible']}，不符合 {rule['not']}，未知 {rule['unknown']}，差一项 {rule['one_short']}"
        lines.append(f"  {rule['rule']}：{counts}{amount}")
    lines += [f"未筛查：{each}" for each in summary["skipped"]]
    spent = "，".join(f"{name} {seconds}" for name, seconds in summary["seconds"].items())
    lines.append(f"用时（秒）：{spent}；内存峰值 {summary['peak_memory'] / 2**20:.0f} MiB")
    return "\n".join(lines)


class Progress:
    """Says on stderr how far a run is, how fast and how long it will take: one line kept new, or a line now and then."""

    EVERY = 10.0

    def __init__(self, shown: bool) -> None:
        self.shown = shown
        self.said = 0.0

    def __call__(self, done: int, rows: int, seconds: float) -> None:
        if not self.shown and seconds - self.said < self.EVERY:
            return
        self.said = seconds
        rate = done / seconds if seconds else 0
        left = (rows - done) / rate if rate else 0
        text = f"{done}/{rows} 行，{rate:,.0f} 行/秒，还要 {left:.0f} 秒"
        print(f"\r{text} " if self.shown else text, end="" if self.shown else "\n", file=sys.stderr, flush=True)

    def over(self) -> None:
        """Ends the line."""
        if self.shown and self.said:
            print(file=sys.stderr)


def _day(text: str) -> date:
    if not text:
        return date.today()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise refuse("--as-of", f"“{text}”不是日期", "请写成 2026-04-01 的样子") from None


def _threads(text: str) -> int:
    if not text:
        return os.cpu_count() or 1
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 1024:
        raise refuse("--threads", f"“{text}”不是线程数", "请写一个正整数")
    return int(text)


def _memory(text: str) -> int:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?", text.strip(), re.IGNORECASE)
    if found is None:
        raise refuse("--memory", f"“{text}”不是内存大小", "例如 1GiB、512MiB")
    size = int(float(found[1]) * UNITS[found[2].upper()])
    if size < LEAST:
        raise refuse("--memory", f"{text} 太小", "至少 256MiB")
    return size
