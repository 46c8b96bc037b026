"""A whole table against a folder of rules, block by block within a memory budget; killed, it goes on where it stood.

Everything is written into a hidden folder beside the result and renamed at the end, so that nothing is ever half-visible:

    summary.json     what was asked, the totals of each rule, seconds by phase, peak memory
    clauses.parquet  for each rule and clause: met, unmet, unknown, the only one that stops, the one that would settle
    outcomes/        for each rule and block: counts and Roaring bitmaps (0 is first_row) of eligible and not
    stops/           for each rule, clause and block: how many rows lack that clause only, and their bitmap
    near/            the same row by row, with the distance; left out of runs of very many rows × rules, unless asked for
    amounts/         amounts of those eligible
"""

from __future__ import annotations

import errno
import itertools
import shutil
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from wotu.rulebook.columnar.batch import Batches, Block, batches, screened
from wotu.rulebook.columnar.bind import WIDE
from wotu.rulebook.columnar.intake import Batch, Source, all_null, columns, fingerprints, nothing_in, source
from wotu.rulebook.columnar.library import Library
from wotu.rulebook.columnar.results import CLAUSES, DATASETS, ROOMY
from wotu.rulebook.columnar.summary import COUNTS, key_of, listed, peak, same, total_of, twice_there, without
from wotu.rulebook.documents import refuse, write_json
from wotu.rulebook.findings import RulebookError

if TYPE_CHECKING:
    from concurrent.futures import Future

STEP = 8_192
"""Rows of a block are a multiple of this."""
MOST = 16 * STEP
"""Rows of a block at most: more are no faster, and leave less to do at once."""
PART = 2**20
"""Ids that are looked at together, about."""
IDS = "ids"
"""The folder of what stands for the ids, while a run lasts."""
RESERVED = 340 * 2**20
"""What the process takes before any row is read: the interpreter, Arrow, the compiled kernel."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be screened, and how."""

    library: Library
    table: Path
    out: Path
    as_of: date
    threads: int
    memory: int
    id: str | None = None
    unfit: str = "refuse"
    made: Batches | None = None
    """The rules' program, where it is at hand."""
    distances: bool | None = None
    """List near misses row by row; None: if they are not too many, and without distances that take an explanation each."""


Progress = Callable[[int, int, float], None]
"""Told the rows done, all rows and the seconds so far."""


def screen(job: Job, progress: Progress = lambda done, rows, seconds: None) -> dict[str, Any]:
    """Screen, write the result and give its summary; the summary of an earlier run of the very same job if there is one.

    RulebookError with one sentence for each thing wrong with the rules or the table; then nothing is written.
    """
    began = time.perf_counter()
    table = source(job.table, job.id)
    names = columns(job.library.rules, table)
    empty = all_null(table, names, job.library.rules) if table.rows else []
    if empty:
        raise RulebookError(empty)
    key = key_of(job.library, table, job.as_of, job.unfit, job.distances)
    known = _earlier(job.out, key)
    if known is not None:
        return known
    aside = job.out.parent / f".{job.out.name}.{key[:12]}.part"
    try:
        for name in (*DATASETS, IDS):
            (aside / name).mkdir(parents=True, exist_ok=True)
        summary = _run(job, table, names, aside, progress, began)
        summary["key"] = key
        (aside / "summary.json").write_text(write_json(summary, 1), encoding="utf-8")
        for name in ("clauses", IDS):
            shutil.rmtree(aside / name)
        aside.rename(job.out)
    except RulebookError:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    except OSError as problem:
        shutil.rmtree(aside, ignore_errors=True)
        what = (
            "磁盘满了" if problem.errno in (errno.ENOSPC, errno.EDQUOT) else f"写不了（{problem.strerror or problem}）"
        )
        raise refuse(str(job.out), what, "腾出空间或换一个 --out 再运行一次；什么都没有留下") from None
    return summary


def _earlier(out: Path, key: str) -> dict[str, Any] | None:
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        if out.exists():
            out.rmdir()
        out.parent.mkdir(parents=True, exist_ok=True)
        return None
    said = out / "summary.json"
    return same(said.read_bytes() if said.exists() else None, key, str(out))


def block_rows(made: Batches, names: Sequence[str], memory: int, threads: int, near: bool) -> int:
    """Rows of a block that the budget allows; `near`: near misses are listed.

    Each thread has a block: a column's cells in Arrow and as integers, and planes of conditions and of what is said of each
    rule, these once more as bitmaps. One more block is being read.
    """
    planes = 2 * len(made.compiled.leaves) + 4 * len(made.parts) + 2 * len(made.layout.parents)
    planes += 2 * len(made.compiled.outputs) if near else 0
    each = threads * (22 * len(names) + planes // 8 + 64) + 18 * len(names)
    return max(STEP, min(max(memory - RESERVED, memory // 4) // each, MOST) // STEP * STEP)


def _run(
    job: Job, table: Source, names: Sequence[str], aside: Path, progress: Progress, began: float
) -> dict[str, Any]:
    made = job.made or batches(job.library.rules)
    size = block_rows(made, names, job.memory, job.threads, listed(table.rows, len(made.parts), job.distances))
    seconds = dict.fromkeys(("read", "bind", "atoms", "combine", "write"), 0.0)
    blank = list(names)
    read = [*dict.fromkeys([*names, *([table.id] if table.id else [])])]
    done = 0
    (aside / "block").write_text(str(size)) if not (aside / "block").exists() else None
    size = int((aside / "block").read_text())
    found = _timed(table.batches(read, size, job.threads > 1), seconds)
    for block in _in_order(found, lambda batch: _block(job, table, made, aside, batch), job.threads):
        blank = [name for name in blank if name in block.blank]
        for phase, spent in block.seconds.items():
            seconds[phase] += spent
        done += block.rows
        progress(done, table.rows, time.perf_counter() - began)
    if blank and table.rows:  # a file without statistics says so only when it has been read
        raise RulebookError(nothing_in(blank, table, job.library.rules))
    if table.id is not None:
        _unique(table, aside / IDS)
    writing = time.perf_counter()
    (aside / "block").unlink()
    if any(rule.amount is not None for rule in job.library.rules):
        _alike(aside / "outcomes")
        _alike(aside / "amounts")
    totals = _totals(job, aside)
    seconds["write"] += time.perf_counter() - writing
    return {
        "as_of": job.as_of.isoformat(),
        "rows": table.rows,
        "rules": totals,
        "skipped": [str(finding) for finding in job.library.skipped],
        "seconds": {
            **{phase: Decimal(round(spent, 4)).quantize(Decimal("0.0001")) for phase, spent in seconds.items()},
            "total": Decimal(time.perf_counter() - began).quantize(Decimal("0.0001")),
        },
        "peak_memory": peak(),
        "threads": job.threads,
        "block_rows": size,
        "table": table.sha256,
    }


@dataclass(frozen=True, slots=True)
class _Done:
    """What the run needs to know of a block whose results are written."""

    rows: int
    blank: frozenset[str]
    """Columns that hold nothing here."""
    seconds: Mapping[str, float]


def _block(job: Job, table: Source, made: Batches, aside: Path, batch: Batch) -> _Done:
    """One block looked at, screened and written, unless an earlier run has done so."""
    rows = batch.table.num_rows
    blank = frozenset(name for name in batch.table.column_names if batch.table[name].null_count == rows)
    file = f"{batch.number:06}.parquet"
    if (aside / "outcomes" / file).exists():
        return _Done(rows, blank, {})
    if table.id is not None:
        _has_ids(table.id, batch)
        np.save(aside / IDS / f"{batch.number:06}.npy", fingerprints(batch.table[table.id]))
    block = screened(
        made,
        batch.table,
        batch.start,
        unfit=job.unfit,
        where=f"{batch.file.name} 第 {batch.start + 1}–{batch.start + rows} 行",
        distances=listed(table.rows, len(made.parts), job.distances),
        explained=bool(job.distances),
    )
    writing = time.perf_counter()
    _write(aside, file, block, batch, table.id)
    built = block.seconds["write"]
    return _Done(rows, blank, {**block.seconds, "write": built + time.perf_counter() - writing})


def _timed(found: Iterator[Batch], seconds: dict[str, float]) -> Iterator[Batch]:
    """The same, with the time that reading takes."""
    while True:
        began = time.perf_counter()
        batch = next(found, None)
        seconds["read"] += time.perf_counter() - began
        if batch is None:
            return
        yield batch


def _in_order(found: Iterator[Batch], work: Callable[[Batch], _Done], threads: int) -> Iterator[_Done]:
    """What each block comes to, in the blocks' order: so many at once, while the next one is read.

    The first block that is refused is the one that says so, whichever was first to notice.
    """
    if threads == 1:
        yield from map(work, found)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(threads) as pool:
        coming: deque[Future[_Done]] = deque()
        try:
            for batch in found:
                coming.append(pool.submit(work, batch))
                if len(coming) == threads:
                    yield coming.popleft().result()
            while coming:
                yield coming.popleft().result()
        finally:
            for each in coming:
                each.cancel()


def _write(aside: Path, file: str, block: Block, batch: Batch, id: str | None) -> None:
    """The block's tables; the one that says the block is finished comes last."""
    for name in sorted(DATASETS, key=lambda each: each == "outcomes"):
        found: pa.Table = getattr(block, name)
        if id is not None and name in ("near", "amounts"):
            rows = pa.array(found["row"].to_numpy() - batch.start)
            found = found.add_column(2, "id", batch.table[id].take(rows))
        part = aside / name / f"{file}.part"
        _put(found, part)
        part.rename(aside / name / file)


def _put(found: pa.Table, file: Path) -> None:
    said = [column.name for column in found.schema if not pa.types.is_binary(column.type)]
    pq.write_table(found, file, compression="none", use_dictionary=said, write_statistics=False)


def _has_ids(name: str, batch: Batch) -> None:
    column = batch.table[name]
    if column.null_count:
        raise without(name, batch.start + int(np.argmin(column.is_valid().to_numpy())), batch.file.name)


def _unique(table: Source, folder: Path) -> None:
    """RulebookError where an id stands twice; looked for in parts, so that it takes little memory."""
    parts = max(1, table.rows // PART)
    first: tuple[int, int] | None = None
    many = 0
    for part in range(parts):
        own = (block[block % parts == part] for block in _ids(folder))
        some = np.sort(np.concatenate([np.zeros(0, np.uint64), *own]))
        twice = some[1:][some[1:] == some[:-1]]
        many += len(twice)
        if len(twice):
            rows = itertools.islice(_rows_of(folder, twice[0]), 2)
            found = (next(rows), next(rows))
            first = min(first, found) if first else found
    if first is None:
        return
    assert table.id is not None
    raise twice_there(table.id, *first, many)


def _ids(folder: Path) -> Iterator[npt.NDArray[np.uint64]]:
    """What stands for the ids of each block, in order."""
    return (np.load(file) for file in sorted(folder.iterdir()))


def _rows_of(folder: Path, wanted: np.uint64) -> Iterator[int]:
    start = 0
    for block in _ids(folder):
        yield from (start + int(row) for row in np.flatnonzero(block == wanted))
        start += len(block)


def _alike(folder: Path) -> None:
    """A block whose amounts need more digits than its columns have has wider ones: then all blocks get these."""
    schemas = {file: pq.read_schema(file) for file in sorted(folder.glob("*.parquet"))}
    wide = next((each for each in schemas.values() if ROOMY in each.types), None)
    if wide is None:
        return
    for file, schema in schemas.items():
        if schema != wide:
            part = file.with_name(f"{file.name}.part")
            _put(pq.ParquetFile(file).read().cast(wide), part)
            part.rename(file)


def _totals(job: Job, aside: Path) -> list[dict[str, Any]]:
    """Each rule's totals; the clauses' are put together into one file."""
    counts = [dict.fromkeys(COUNTS, 0) for _ in job.library.rules]
    amounts = [Decimal(0)] * len(counts)
    clauses: pa.Table | None = None
    sums: npt.NDArray[np.int64] = np.zeros(0, np.int64)
    for file in sorted((aside / "outcomes").glob("*.parquet")):
        rows = pq.ParquetFile(file).read(["rule", *COUNTS, "amount_total"]).to_pylist()
        for row in rows:
            for name in COUNTS:
                counts[row["rule"]][name] += row[name]
            if row["amount_total"] is not None:
                amounts[row["rule"]] = WIDE.add(amounts[row["rule"]], row["amount_total"])
        clauses = pq.ParquetFile(aside / "clauses" / file.name).read()  # the very same clauses in each
        own = np.asarray([column.to_numpy() for column in clauses.columns[2:]])
        sums = sums + own if len(sums) else own
    if clauses is not None:
        names = [rule.said.name for rule in job.library.rules]
        named = pa.array([names[number] for number in clauses["rule"].to_pylist()], pa.string())
        summed = pa.table([*clauses.columns[:2], *sums], CLAUSES).add_column(1, "name", named)
        pq.write_table(summed, aside / "clauses.parquet")
    return [total_of(*each) for each in zip(job.library.rules, counts, amounts, strict=True)]


__all__ = ["Job", "screen"]
