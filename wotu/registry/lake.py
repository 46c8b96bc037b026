"""The lake: facts known at a moment as immutable Parquet, written aside and renamed, so that nothing half-written is seen."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from wotu.registers.jobs import Progress
from wotu.registry.models import Attribute, Enterprise, Fact, Snapshot, Source
from wotu.rulebook.findings import Finding

NUMBER = pa.decimal128(28, 8)
MOMENT = pa.timestamp("us", "UTC")
FACTS = pa.schema(
    [
        ("id", pa.int64()),
        ("enterprise_id", pa.int64()),
        ("attribute", pa.string()),
        ("starts_on", pa.date32()),
        ("ends_on", pa.date32()),
        ("number", NUMBER),
        ("text", pa.string()),
        ("day", pa.date32()),
        ("flag", pa.bool_()),
        ("source_id", pa.int32()),
        ("recorded_at", MOMENT),
    ]
)
"""A fact as the lake keeps it; sorted by enterprise, so that a block of enterprises is a few row groups."""
ENTERPRISES = pa.schema(
    [
        ("id", pa.int64()),
        ("code", pa.string()),
        ("name", pa.string()),
        ("industry", pa.string()),
        ("area", pa.string()),
        ("established_on", pa.date32()),
        ("closed_on", pa.date32()),
        ("is_demo", pa.bool_()),
    ]
)
SOURCES = pa.schema([("id", pa.int32()), ("name", pa.string()), ("trust", pa.int16())])
ATTRIBUTES = pa.schema([("code", pa.string()), ("name", pa.string()), ("type", pa.string()), ("unit", pa.string())])

BLOCK = 2_000
"""Enterprises read at a time: some hundred thousand facts, whatever the size of the zone."""
ROW_GROUP = 64 * 1024
FORGOTTEN = 7 * 24 * 3600
"""Seconds after which the parts of a run that nobody resumed are removed."""


class LakeError(Exception):
    """The lake cannot do what was asked; `finding` says what is wrong and what to do, `str()` is the sentence."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(str(finding))


def connect() -> duckdb.DuckDBPyConnection:
    """A DuckDB of our own: bounded memory, spilling inside the lake, nothing loaded from outside."""
    spill = Path(settings.LAKE) / "tmp"
    spill.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(
        config={
            "memory_limit": getattr(settings, "LAKE_MEMORY", "1GB"),
            "threads": getattr(settings, "LAKE_THREADS", min(4, os.cpu_count() or 1)),
            "temp_directory": str(spill),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
    )
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def literal(value: object) -> str:
    """A text, path or date as an SQL literal."""
    return "'" + str(value).replace("'", "''") + "'"


def parquet(*files: Path | str) -> str:
    """The table function that reads these files or patterns."""
    return f"read_parquet([{', '.join(literal(f) for f in files)}])"


@contextmanager
def trouble(where: str) -> Iterator[None]:
    """Turn a full disk, a missing right or exhausted memory into one sentence that says what to do."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise LakeError(
            Finding(where, f"内存不足（{str(error).splitlines()[0]}）", "请在设置中调大 LAKE_MEMORY 后重新运行")
        ) from error
    except (OSError, duckdb.IOException) as error:
        if getattr(error, "errno", None) == errno.ENOSPC or "No space left" in str(error):
            raise LakeError(
                Finding(
                    where, f"磁盘已满，写不下“{settings.LAKE}”", "没有留下写了一半的结果；请清出空间后重新运行同一命令"
                )
            ) from error
        if isinstance(error, PermissionError):
            raise LakeError(
                Finding(
                    where, f"没有写“{error.filename or settings.LAKE}”的权限", "请让运行沃土的账号能写这个文件夹后重试"
                )
            ) from error
        raise LakeError(
            Finding(where, f"读写数据湖出错（{str(error).splitlines()[0]}）", "请检查磁盘与文件夹后重新运行")
        ) from error


@contextmanager
def aside(target: Path) -> Iterator[Path]:
    """A folder to write in; it takes its place at the end, whole, or is removed if anything goes wrong.

    If the target appeared meanwhile (another run made the same immutable thing), that one stays and ours is dropped.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    sweep(target.parent)
    folder = target.parent / f".aside-{uuid.uuid4().hex}"
    folder.mkdir()
    with open(folder / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield folder
            for file in folder.rglob("*"):
                if file.is_file():
                    with open(file, "rb") as handle:
                        os.fsync(handle.fileno())
            (folder / ".lock").unlink()
            if not target.exists():
                os.rename(folder, target)
                _sync(target.parent)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def sweep(parent: Path) -> None:
    """Remove what killed runs left aside: folders whose lock nobody holds."""
    for folder in parent.glob(".aside-*"):
        try:
            with open(folder / ".lock") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            continue
        except FileNotFoundError:
            if folder.exists() and timezone.now().timestamp() - folder.stat().st_mtime > 3600:
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def unfinished(target: Path, how: str) -> Iterator[Path]:
    """The folder where finished parts of a target wait for the rest; a killed run's parts are still there for the next.

    `how` names the way it was cut into parts: others don't fit. Whoever comes second waits for the first.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    for old in target.parent.glob(".run-*"):
        if timezone.now().timestamp() - old.stat().st_mtime > FORGOTTEN and not old.name.startswith(
            f".run-{target.name}"
        ):
            shutil.rmtree(old, ignore_errors=True)
    with open(target.parent / f".{target.name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run = target.parent / f".run-{target.name}-{how}"
        run.mkdir(exist_ok=True)
        yield run
        shutil.rmtree(run, ignore_errors=True)
    (target.parent / f".{target.name}.lock").unlink(missing_ok=True)


def finish(part: Path, table: pa.Table) -> None:
    """Write a part so that it is there whole or not at all, whatever is killed or switched off."""
    writing = part.with_suffix(".part")
    with open(writing, "wb") as handle:
        pq.write_table(table, handle, compression="zstd", row_group_size=max(table.num_rows, 1))
        handle.flush()
        os.fsync(handle.fileno())
    os.rename(writing, part)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def digest(files: Iterable[Path]) -> str:
    """SHA-256 over the names and bytes of files, in the order of their names."""
    total = hashlib.sha256()
    for file in sorted(files):
        total.update(file.name.encode())
        with open(file, "rb") as handle:
            total.update(hashlib.file_digest(handle, "sha256").digest())
    return total.hexdigest()


def folder(path: str) -> Path:
    """Where a path kept in the database lies: relative ones are inside the lake."""
    return Path(settings.LAKE) / path


def snapshot(known_at: datetime | None = None, *, progress: Progress | None = None) -> Snapshot:
    """Write the facts known at a moment (now) to the lake; the latest snapshot again if nothing has changed since.

    Memory stays flat: enterprises and their facts are read and written block by block.
    """
    moment = (known_at or timezone.now()).astimezone(UTC)
    if moment > timezone.now():
        raise LakeError(
            Finding("快照", f"知识时点 {moment:%Y-%m-%d %H:%M} 在将来", "请给出现在或过去的时间，或不写（即现在）")
        )
    known = Enterprise.objects.filter(created_at__lte=moment)
    if not known.exists():
        raise LakeError(
            Finding("快照", "还没有任何企业", "请先导入（wotu import FILE --source 来源）或建演示园区（wotu demo）")
        )
    ids = tuple(known.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=50_000))
    blocks = tuple((ids[i], ids[min(i + BLOCK, len(ids)) - 1]) for i in range(0, len(ids), BLOCK))
    if progress is not None:
        progress.expect(len(ids))
    return write(
        moment,
        enterprises=(enterprise_block(first, last, moment) for first, last in blocks),
        facts=_reported(blocks, moment, progress, len(ids)),
    )


def _reported(
    blocks: Sequence[tuple[int, int]], moment: datetime, progress: Progress | None, total: int
) -> Iterator[pa.Table]:
    for number, (first, last) in enumerate(blocks, start=1):
        yield fact_block(first, last, moment)
        if progress is not None:
            progress.advance(min(number * BLOCK, total))


def write(moment: datetime, *, enterprises: Iterable[pa.Table], facts: Iterable[pa.Table]) -> Snapshot:
    """Write a snapshot from blocks in `ENTERPRISES` and `FACTS` shape, both sorted by enterprise."""
    name = moment.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    target = Path(settings.LAKE) / "facts" / name
    if Snapshot.objects.filter(known_at=moment).exists():
        return Snapshot.objects.get(known_at=moment)
    with trouble("快照"), aside(target) as place:
        count = _stream(place / "enterprises.parquet", ENTERPRISES, enterprises, "id")
        total = _stream(place / "facts.parquet", FACTS, facts, "enterprise_id")
        pq.write_table(_table(SOURCES, Source.objects.order_by("pk").values_list("pk", "name", "trust")),
                       place / "sources.parquet", compression="zstd")  # fmt: skip
        attributes = Attribute.objects.order_by("code").values_list("code", "name", "type", "unit")
        pq.write_table(_table(ATTRIBUTES, attributes), place / "attributes.parquet", compression="zstd")
        sha256 = digest(place.glob("*.parquet"))
        latest = Snapshot.objects.filter(known_at__lt=moment).first()
        if latest is not None and latest.sha256 == sha256 and folder(latest.path).exists():
            return latest
        (place / "manifest.json").write_text(
            json.dumps(
                {"known_at": moment.isoformat(), "enterprises": count, "facts": total, "sha256": sha256}, indent=1
            )
        )
    with transaction.atomic():
        return Snapshot.objects.get_or_create(
            known_at=moment,
            defaults={"path": f"facts/{name}", "enterprises": count, "facts": total, "sha256": sha256},
        )[0]


def _stream(file: Path, schema: pa.Schema, blocks: Iterable[pa.Table], key: str) -> int:
    rows, last = 0, -1
    with pq.ParquetWriter(file, schema, compression="zstd", use_dictionary=True) as writer:
        for block in blocks:
            if not block.num_rows:
                continue
            first = block[key][0].as_py()
            if first < last:
                raise ValueError(f"{file.name}: blocks must come sorted by {key}")
            last = block[key][-1].as_py()
            writer.write_table(block, row_group_size=ROW_GROUP)
            rows += block.num_rows
    return rows


def _table(schema: pa.Schema, rows: Iterable[Sequence[Any]]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)


def enterprise_block(first: int, last: int, moment: datetime) -> pa.Table:
    """Enterprises between two ids, as known at a moment, in `ENTERPRISES` shape."""
    found = Enterprise.objects.filter(pk__range=(first, last), created_at__lte=moment).order_by("pk")
    fields = ("pk", "code", "name", "industry", "area__name", "established_on", "closed_on", "is_demo")
    return _table(ENTERPRISES, found.values_list(*fields).iterator(chunk_size=BLOCK))


def fact_block(first: int, last: int, moment: datetime | None) -> pa.Table:
    """Facts of enterprises between two ids that were known and not yet superseded at a moment, in `FACTS` shape."""
    found = Fact.objects.filter(enterprise_id__gte=first, enterprise_id__lte=last)
    if moment is None:
        found = found.filter(superseded_at=None)
    else:
        found = found.filter(Q(superseded_at=None) | Q(superseded_at__gt=moment), recorded_at__lte=moment)
    fields = (
        "pk", "enterprise_id", "attribute__code", "starts_on", "ends_on", "number", "text", "day", "flag",
        "source_id", "recorded_at",
    )  # fmt: skip
    return _table(FACTS, found.order_by("enterprise_id", "pk").values_list(*fields).iterator(chunk_size=20_000))


def latest() -> Snapshot:
    """The newest snapshot that is still in the lake; raises `LakeError` if there is none."""
    for found in Snapshot.objects.all()[:5]:
        if folder(found.path).exists():
            return found
    raise LakeError(Finding("快照", "还没有快照", "请先运行 wotu snapshot，或在工作台“数据接入”里生成快照"))
