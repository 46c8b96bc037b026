"""How long does the profile of a whole registry take as of a day, in how much memory, and how long one enterprise's?"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

AS_OF = date(2026, 6, 30)
MOMENT = datetime(2026, 7, 1, tzinfo=UTC)
MEMORY = "2GB"
AT_ONCE = 2_000
"""Enterprises invented at a time."""
DISTINCT = 20_000
"""Enterprises invented; a larger registry repeats their facts under ids of its own."""
SAYS = (0.7, 0.1)
"""How often each of the two sources says something of an attribute and a period."""
EPOCH = date(1970, 1, 1)


def answer(*, full: bool = False, huge: bool = False, threads: Sequence[int] = (1,)) -> dict[str, Any]:
    """Facts of synthetic enterprises through the real lake: as the system stores them, into the real profile table."""
    rows = 1_000_000 if huge else 100_000 if full else 20_000
    with _installation():
        from django.conf import settings

        from wotu.registry import profiles

        settings.LAKE_MEMORY = MEMORY
        snapshot, written = _snapshot(rows)
        measured = []
        for count in threads:
            settings.LAKE_THREADS = count
            shutil.rmtree(Path(settings.LAKE) / "profile", ignore_errors=True)
            with _watched(Path(settings.LAKE) / "tmp") as seen:
                began = time.perf_counter()
                table = profiles.build(snapshot, AS_OF)
                seconds = time.perf_counter() - began
            assert table.rows == rows, table.rows
            measured.append(
                {
                    "tool": "事实 → 画像", "rows": rows, "facts": snapshot.facts, "threads": count, "seconds": seconds,
                    "facts_per_second": round(snapshot.facts / seconds), "peak_mib": seen.peak, "spilled_mib": seen.spilled,
                    "table_sha256": table.sha256[:16],
                }
            )  # fmt: skip
        assert len({each["table_sha256"] for each in measured}) == 1, "the table depends on the threads"
        return {
            "question": __doc__, "measured": measured, "memory_limit": MEMORY, "columns": len(table.columns),
            "snapshot_mib": written, "one": _one(),
        }  # fmt: skip


def shown(found: dict[str, Any]) -> str:
    """One line a run."""
    lines = [f"{'企业':>10} {'事实':>12} {'线程':>4} {'秒':>8} {'事实/秒':>12} {'峰值MiB':>8} {'落盘MiB':>8}"]
    lines += [
        f"{m['rows']:>10,} {m['facts']:>12,} {m['threads']:>4} {m['seconds']:>8.1f} {m['facts_per_second']:>12,}"
        f" {m['peak_mib']:>8} {m['spilled_mib']:>8}"
        for m in found["measured"]
    ]
    return "\n".join(
        [*lines, f"内存上限 {found['memory_limit']}，{found['columns']} 列；一家企业（处理器秒）：{found['one']}"]
    )


@contextmanager
def _installation() -> Iterator[None]:
    """A database and a lake of our own, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="wotu-bench-") as place:
        os.environ["WOTU_VAR"] = place
        os.environ["DJANGO_SETTINGS_MODULE"] = "wotu.site.settings"
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0, interactive=False)
        yield


@dataclass(slots=True)
class Seen:
    """The most memory and the most spilled at once, in MiB."""

    peak: int = 0
    spilled: int = 0
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def _watched(spill: Path) -> Iterator[Seen]:
    """Reset the process's high-water mark and look at the spill folder twice a second."""
    seen = Seen()
    Path("/proc/self/clear_refs").write_text("5")

    def look() -> None:
        while not seen.over.wait(0.5):
            size = 0
            for file in spill.rglob("*"):
                try:
                    size += file.stat().st_blocks * 512
                except FileNotFoundError:
                    continue
            seen.spilled = max(seen.spilled, size >> 20)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        seen.over.set()
        watcher.join()
        status = Path("/proc/self/status").read_text()
        seen.peak = int(status.split("VmHWM:")[1].split()[0]) >> 10


# -- invented facts --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that may be said of every enterprise: which attribute, period and source, and what kind of value."""

    attribute: str
    kind: str
    starts: date
    ends: date
    source: int


def _snapshot(rows: int) -> tuple[Any, int]:
    """A snapshot of `rows` enterprises with some 155 current facts each, and its size in MiB."""
    from wotu.registry import lake
    from wotu.registry.models import Snapshot, Source

    sources = tuple(
        Source.objects.create(name=name, kind="statistics", trust=trust).pk for name, trust in (("甲", 60), ("乙", 80))
    )
    said = _said(sources)
    blocks = [(first, min(first + AT_ONCE, rows)) for first in range(0, rows, AT_ONCE)]
    made: Snapshot = lake.write(
        MOMENT,
        enterprises=(_enterprises(*block) for block in blocks),
        facts=_repeated([_facts(said, *block) for block in blocks[: DISTINCT // AT_ONCE]], len(blocks), len(said)),
    )
    size = sum(file.stat().st_size for file in lake.folder(made.path).iterdir())
    return made, size >> 20


def _said(sources: Sequence[int]) -> tuple[Said, ...]:
    """Every attribute the profile reads: three years, five quarters or three days (one of them yet to come), two sources."""
    from wotu.registers.columns import columns
    from wotu.registry.attributes import catalogue
    from wotu.registry.plan import plan, quarter_slots, year_slot

    read = {slot.attribute for slot in plan(columns(), AS_OF).slots}
    found = []
    for declared in (one for one in catalogue().attributes if one.code in read):
        match declared.period:
            case "year":
                spans = [(s.starts, s.ends) for s in (year_slot(declared.code, AS_OF.year - n) for n in (1, 2, 3))]
            case "quarter":
                spans = [(s.starts, s.ends) for s in quarter_slots(declared.code, AS_OF.year - 1)]
            case _:
                spans = [(day, day) for day in (date(2024, 3, 1), date(2026, 2, 1), date(2026, 8, 1))]
        found += [Said(declared.code, declared.type, a or b, b, source) for a, b in spans for source in sources]
    return tuple(found)


def _enterprises(first: int, last: int) -> pa.Table:
    from wotu.registry import lake

    numbers = np.arange(first, last)
    random = np.random.default_rng((1, first))
    industries = np.array(["C3569", "I6513", "F5199", "M7320", "K704", ""])
    born = (date(2000, 1, 1) - EPOCH).days + random.integers(0, 9_400, last - first)
    return pa.table(
        [
            pa.array(numbers + 1, pa.int64()),
            pa.array([f"91320505{n:010}" for n in numbers]),
            pa.array([f"企业{n}" for n in numbers]),
            pa.array(industries[random.integers(0, len(industries), last - first)].tolist()),
            pa.nulls(last - first, pa.string()),
            pa.array(born.astype(np.int32), pa.date32()),
            pa.nulls(last - first, pa.date32()),
            pa.array(np.ones(last - first, dtype=bool)),
        ],
        schema=lake.ENTERPRISES,
    )


def _repeated(invented: Sequence[pa.Table], blocks: int, per_enterprise: int) -> Iterator[pa.Table]:
    for number in range(blocks):
        block = invented[number % len(invented)]
        further = number // len(invented) * DISTINCT
        for at, name, by in ((0, "id", further * per_enterprise), (1, "enterprise_id", further)):
            block = block.set_column(at, name, pa.compute.add(block[name], by))
        yield block


def _facts(said: Sequence[Said], first: int, last: int) -> pa.Table:
    """Facts of a block: one in fifty is a source's own “unknown”."""
    from wotu.registry import lake

    random = np.random.default_rng((2, first))
    n = (last - first) * len(said)
    which = np.tile(np.arange(len(said)), last - first)
    sources = sorted({one.source for one in said})
    often = np.array([SAYS[sources.index(one.source)] for one in said], dtype=np.float32)
    there = random.random(n, dtype=np.float32) < often[which]
    which, who = which[there], np.repeat(np.arange(first + 1, last + 1), len(said))[there]
    n = len(which)
    kind = np.array([one.kind for one in said])[which]
    known = random.random(n, dtype=np.float32) > 0.02
    cents = (np.exp(random.normal(14, 2, n).clip(0, 25)) * 100).astype(np.int64)
    wide = np.column_stack((cents, np.zeros_like(cents)))
    amounts = pa.Array.from_buffers(pa.decimal128(28, 2), n, [None, pa.py_buffer(wide)]).cast(lake.NUMBER)
    codes, texts = pa.array([one.attribute for one in said]), pa.array(["Ⅰ类", "Ⅱ类", "无"])
    starts = np.array([(one.starts - EPOCH).days for one in said], dtype=np.int32)[which]
    ends = np.array([(one.ends - EPOCH).days for one in said], dtype=np.int32)[which]
    days = (date(2022, 1, 1) - EPOCH).days + random.integers(0, 1_600, n, dtype=np.int32)
    recorded = (MOMENT - timedelta(days=400)).timestamp() * 1_000_000 + random.integers(0, 1_000, n) * 30_000_000_000

    def only(values: pa.Array, *kinds: str) -> pa.Array:
        return pa.compute.if_else(pa.array(known & np.isin(kind, kinds)), values, pa.nulls(n, values.type))

    return pa.table(
        [
            pa.array(first * len(said) + 1 + np.flatnonzero(there)),
            pa.array(who, pa.int64()),
            codes.take(pa.array(which)),
            pa.array(starts, pa.date32()),
            pa.array(ends, pa.date32()),
            only(amounts, "number"),
            only(texts.take(pa.array(random.integers(0, 3, n))), "string"),
            only(pa.array(days, pa.date32()), "date"),
            only(pa.array(random.random(n, dtype=np.float32) < 0.5), "boolean"),
            pa.array(np.array([one.source for one in said], dtype=np.int32)[which]),
            pa.array(recorded.astype(np.int64), pa.timestamp("us", "UTC")),
        ],
        schema=lake.FACTS,
    )


# -- one enterprise --------------------------------------------------------------------------------------------------


def _one(asked: int = 40) -> dict[str, float]:
    """Seconds of one enterprise's profile with its reasons, its facts read from the lake: processor time, median and best."""
    from wotu.registry.models import Enterprise
    from wotu.registry.profiles import profile

    people = Enterprise.objects.bulk_create(
        Enterprise(pk=number, code=f"91320505{number - 1:010}", name=f"企业{number - 1}")
        for number in range(1, asked + 1)
    )
    seconds = []
    for each in people:
        began = time.process_time()
        assert any(cell.facts for cell in profile(each, AS_OF).cells.values())
        seconds.append(time.process_time() - began)
    first, *rest = seconds
    return {"first": round(first, 4), "median": round(statistics.median(rest), 4), "best": round(min(rest), 4)}
