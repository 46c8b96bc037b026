"""A profile table in Parquet files, looked at before anything is computed: one clear sentence for each thing wrong with it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from wotu.rulebook.columnar.library import Chosen
from wotu.rulebook.documents import meant, refuse
from wotu.rulebook.findings import Finding, RulebookError

PIECE = 64
"""Rows of a piece of a row group are a multiple of this."""
IDS = ("enterprise_id", "id", "统一社会信用代码")
WANTED = {
    "number": "整数或 decimal（至多 38 位）列",
    "date": "date 列",
    "boolean": "boolean 列",
    "string": "文字（string 或字典）列",
}


@dataclass(frozen=True)
class Source:
    """The files of a table, all of one schema."""

    files: tuple[Path, ...]
    schema: pa.Schema
    rows: int
    id: str | None

    @property
    def sha256(self) -> str:
        """What the table is known by: its files' footers and sizes."""
        found = hashlib.sha256()
        for file in self.files:
            with open(file, "rb") as stream:
                stream.seek(-8, 2)
                size = int.from_bytes(stream.read(4), "little")
                end = stream.tell() + 4
                stream.seek(max(0, end - size - 8))
                found.update(f"{end} ".encode() + stream.read())
        return found.hexdigest()

    def batches(self, columns: Sequence[str], rows: int, threaded: bool = True) -> Iterator[Batch]:
        """The table in pieces of at most so many rows, only these columns, by Arrow's threads if allowed.

        Row groups are cut into equal pieces, or small ones of a file put together.
        """
        number = start = 0
        for file in self.files:
            first = start
            try:
                reader = pq.ParquetFile(file, pre_buffer=False)
                for groups, many in _shares(reader.metadata, rows):
                    found = reader.iter_batches(many, groups, list(columns), use_threads=threaded)
                    for table in map(_table, found) if len(groups) == 1 else [_table(*found)]:
                        yield Batch(number, start, file, table)
                        number, start = number + 1, start + table.num_rows
            except (pa.ArrowInvalid, OSError) as problem:
                group, row = _unreadable(file, list(columns), start - first)
                what = f"从第 {row + 1} 行起（第 {group + 1} 个行组）读不出来"
                raise refuse(str(file), what, str(problem).split("\n")[0]) from None


@dataclass(frozen=True)
class Batch:
    """Rows from `start` on, of one file."""

    number: int
    start: int
    file: Path
    table: pa.Table


def _shares(metadata: pq.FileMetaData, rows: int) -> Iterator[tuple[list[int], int]]:
    """Row groups that are read together, and how many rows at a time."""
    sizes = [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]
    small: list[int] = []
    together = 0
    for group, size in enumerate(sizes):
        if not size:
            continue
        if small and together + size > rows:
            yield small, rows
            small, together = [], 0
        if size <= rows:
            small.append(group)
            together += size
        else:
            pieces = -(-size // rows)
            yield [group], min(rows, -(-size // (pieces * PIECE)) * PIECE)
    if small:
        yield small, rows


def _table(*batches: pa.RecordBatch) -> pa.Table:
    """What was read in one piece; texts that Arrow keeps as views as plain ones."""
    table = pa.Table.from_batches(batches)
    if len(batches) > 1:  # a column of texts by codes comes row group by row group, each with codes of its own
        table = table.unify_dictionaries().combine_chunks()
    for place, field in enumerate(table.schema):
        if pa.types.is_string_view(field.type):
            table = table.set_column(place, field.with_type(pa.string()), table[field.name].cast(pa.string()))
    return table


def _unreadable(file: Path, columns: list[str], row: int) -> tuple[int, int]:
    """The first row group from a file's row on that cannot be read, and the row from which on it was not."""
    reader = pq.ParquetFile(file, pre_buffer=False)
    many = reader.metadata.num_row_groups
    starts = np.cumsum([0, *(reader.metadata.row_group(group).num_rows for group in range(many))])
    for group in range(int(np.searchsorted(starts, row, side="right")) - 1, many):
        try:
            reader.read_row_group(group, columns)
        except (pa.ArrowInvalid, OSError):
            break
    return group, max(row, int(starts[group]))


def source(path: Path, wanted_id: str | None) -> Source:
    """The table of a file or a folder; RulebookError where a file is none or of another schema."""
    files = _files(path)
    schema: pa.Schema | None = None
    rows = 0
    for file in files:
        try:
            reader = pq.ParquetFile(file)
        except (pa.ArrowInvalid, OSError) as problem:
            raise refuse(str(file), "不是可读的 Parquet 文件", str(problem).split("\n")[0]) from None
        found = reader.schema_arrow
        if schema is None:
            schema = found
        elif not found.equals(schema):
            raise refuse(
                str(file), f"与 {files[0].name} 的列不同：{_difference(schema, found)}", "请让各文件的列和类型一致"
            )
        rows += reader.metadata.num_rows
    assert schema is not None
    twice = next((name for name in schema.names if schema.names.count(name) > 1), None)
    if twice is not None:
        raise refuse(str(path), f"有两列都叫“{twice}”", "请去掉或改名其中一列")
    if wanted_id is not None and wanted_id not in schema.names:
        raise refuse("--id", f"表里没有列“{wanted_id}”", f"列有：{'、'.join(schema.names[:20])}")
    return Source(files, schema, rows, wanted_id or next((name for name in IDS if name in schema.names), None))


def _files(path: Path) -> tuple[Path, ...]:
    if not path.exists():
        raise refuse(str(path), "没有这个文件", "请检查 --table 的路径")
    files = tuple(sorted(path.rglob("*.parquet"))) if path.is_dir() else (path,)
    if not files:
        raise refuse(str(path), "文件夹里没有 .parquet 文件")
    return files


def _difference(first: pa.Schema, second: pa.Schema) -> str:
    for name in dict.fromkeys((*first.names, *second.names)):
        if name not in first.names or name not in second.names:
            return f"“{name}”只在其中一个里"
        if first.field(name).type != second.field(name).type:
            return f"“{name}”是 {second.field(name).type}，前者是 {first.field(name).type}"
    return "列的次序或附注不同"


# --- what the rules need --------------------------------------------------------------------------------------------


def columns(rules: Sequence[Chosen], table: Source) -> tuple[str, ...]:
    """The columns that the rules read; RulebookError that names every one missing, of a wrong type or in another unit."""
    findings: list[Finding] = []
    wanted: dict[str, None] = {}
    fields = {field.name: field for field in table.schema}
    for rule in rules:
        for name, base, wants in rule.said.inputs:
            where = f"规则“{rule.said.name}”"
            if name not in fields:
                near = meant(name, table.schema.names)
                findings.append(Finding(where, f"表里没有列“{name}”", f"是不是“{near}”？" if near else "请补上这一列"))
                continue
            wanted[name] = None
            field = fields[name]
            if not fits(field.type, base):
                what = f"列“{name}”的类型是 {field.type}，这条规则要{WANTED.get(base, base)}"
                how = "浮点数不精确，请改用 decimal" if pa.types.is_floating(field.type) else "请改正这一列的类型"
                findings.append(Finding(where, what, how))
            unit = (field.metadata or {}).get(b"unit", b"").decode()
            if unit and wants and unit != wants:
                findings.append(Finding(where, f"列“{name}”的单位是{unit}，这条规则要{wants}", "请先换算"))
    if findings:
        raise RulebookError(findings)
    return tuple(wanted)


def columns_of(rules: Sequence[Chosen]) -> tuple[str, ...]:
    """The names of the columns that the rules read."""
    return tuple(dict.fromkeys(name for rule in rules for name, _, _ in rule.said.inputs))


def fits(kind: pa.DataType, base: str) -> bool:
    """Whether a column of the Arrow type can be an input of the FEEL type."""
    if pa.types.is_dictionary(kind):
        return fits(kind.value_type, base)
    if base == "number":
        return bool(pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and not pa.types.is_decimal256(kind)))
    if base == "date":
        return bool(pa.types.is_date32(kind))
    if base == "boolean":
        return bool(pa.types.is_boolean(kind))
    texts = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    return bool(base == "string" and any(each(kind) for each in texts))


def all_null(table: Source, names: Sequence[str], rules: Sequence[Chosen]) -> list[Finding]:
    """A finding for each column that holds nothing, by the files' statistics."""
    left = set(names)
    for file in table.files:
        metadata = pq.ParquetFile(file).metadata
        for group in range(metadata.num_row_groups):
            for place in range(metadata.num_columns):
                column = metadata.row_group(group).column(place)
                statistics = column.statistics
                nulls = statistics.null_count if statistics is not None and statistics.has_null_count else None
                if nulls is None or nulls < column.num_values:
                    left.discard(column.path_in_schema)
    return nothing_in([name for name in names if name in left], table, rules)


def nothing_in(names: Sequence[str], table: Source, rules: Sequence[Chosen]) -> list[Finding]:
    """A finding for each of these columns, which hold nothing in any row group."""
    found = []
    for name in names:
        reader = next((rule for rule in rules if any(entry[0] == name for entry in rule.said.inputs)), None)
        where = f"规则“{reader.said.name}”" if reader is not None else str(table.files[0])
        what = f"列“{name}”：{table.rows} 行全是空的（每个行组都是）"
        found.append(Finding(where, what, "请检查画像，或去掉用到它的规则"))
    return found


def fingerprints(column: pa.Array) -> npt.NDArray[np.uint64]:
    """Ids as 64-bit numbers, to find those that stand twice; a hash of DuckDB's, in one pass."""
    import duckdb

    table = pa.table({"id": column})
    found = duckdb.connect().from_arrow(table).project("hash(id) AS h").fetchnumpy()["h"]
    return np.asarray(found, np.uint64)
