"""Profiles: one typed row for an enterprise, or a wide Parquet table for all of them, by the same plan over facts."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.utils import timezone

from wotu.registers.columns import (
    ByPrefix,
    Column,
    CompoundGrowth,
    Derivation,
    Growth,
    HeldUntil,
    Mean,
    Outcome,
    Ratio,
    SumOfYears,
    columns,
)
from wotu.registers.columns import Enterprise as Field
from wotu.registers.jobs import Progress
from wotu.registry import lake
from wotu.registry.models import Attribute, Enterprise, Fact, Snapshot, Source
from wotu.registry.plan import Plan, Slot, plan, prepare, query
from wotu.registry.rulefiles import RuleFile, in_force, rule_files, rulebook
from wotu.rulebook import columnar
from wotu.rulebook.columnar import interpreted
from wotu.rulebook.findings import Finding

Value = Decimal | str | bool | date | None

BLOCK = 20_000
"""Enterprises profiled at a time, at most."""
FACTS_AT_ONCE = 4_000_000
"""Facts of a block, about: as much as fits the memory of the lake without spilling."""
PLAN_VERSION = 1
"""Raised when the same declarations would give other values, so that old tables are not taken for new ones."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One column of a profile: its value, the facts behind it, and for an unknown why and who could supply it."""

    column: Column
    value: Value
    facts: tuple[int, ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """What was known of an enterprise as of a day, by what was known at a moment (None: now)."""

    enterprise: Enterprise
    as_of: date
    known_at: datetime | None
    cells: dict[str, Cell]

    def inputs(self) -> dict[str, Value]:
        """The row as rules read it: column name to value, None where unknown."""
        return {name: cell.value for name, cell in self.cells.items()}


@dataclass(frozen=True, slots=True)
class ProfileTable:
    """A profile of every enterprise on the register as of a day: one Parquet file, a row an enterprise, sorted by id."""

    path: Path
    sha256: str
    rows: int
    columns: tuple[str, ...]
    as_of: date
    known_at: datetime
    rules: tuple[str, ...]
    """The editions whose answers are columns of the table."""

    @property
    def file(self) -> Path:
        """The table itself."""
        return self.path / "profile.parquet"


# -- outcomes of rules as columns ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ruling:
    """A rule whose answers become columns: its edition in force on the day and the columns it fills."""

    rule: str
    file: RuleFile | None
    columns: tuple[Column, ...]


def rulings(declared: Iterable[Column], as_of: date) -> tuple[Ruling, ...]:
    """Rules to be answered for the profile, each after those it reads; raises `LakeError` where they go in a circle."""
    wanted: dict[str, list[Column]] = {}
    for column in declared:
        if isinstance(column.derive, Outcome):
            wanted.setdefault(column.derive.rule, []).append(column)
    if not wanted:
        return ()
    files = {file.name: file for file in in_force(as_of)}
    known = {file.name for file in rule_files()}
    for rule, filled in wanted.items():
        if rule not in known:
            raise lake.LakeError(
                Finding(
                    f"列“{filled[0].name}”",
                    f"取自规则“{rule}”，但没有这条规则",
                    "请在 profile.py 改正规则名，或补上规则文件",
                )
            )
    filled_by = {column.name: rule for rule, filled in wanted.items() for column in filled}
    ordered: list[Ruling] = []
    state: dict[str, str] = {}

    def visit(rule: str, way: tuple[str, ...]) -> None:
        if state.get(rule) == "done":
            return
        if state.get(rule) == "open":
            raise lake.LakeError(
                Finding("画像", f"规则互相取对方的结论：{' → '.join((*way, rule))}", "请在 profile.py 里断开这个圈")
            )
        state[rule] = "open"
        file = files.get(rule)
        if file is not None:
            for entry in rulebook(file).inputs:
                if entry.name in filled_by:
                    visit(filled_by[entry.name], (*way, rule))
        state[rule] = "done"
        ordered.append(Ruling(rule, file, tuple(wanted[rule])))

    for rule in wanted:
        visit(rule, ())
    return tuple(ordered)


def answer(table: pa.Table, needed: Sequence[Ruling], as_of: date) -> pa.Table:
    """The table with a column for each answer of the rules; a rule without an edition in force leaves unknowns.

    A single row is asked of the interpreter: laying out columns for it would take longer than everything else.
    """
    decide = interpreted.decide if table.num_rows == 1 else columnar.decide
    for ruling in needed:
        if ruling.file is None:
            for column in ruling.columns:
                table = table.append_column(column.name, pa.nulls(table.num_rows, ARROW[column.type]))
            continue
        decisions = tuple(dict.fromkeys(c.derive.decision for c in ruling.columns if isinstance(c.derive, Outcome)))
        answers = decide(rulebook(ruling.file), table, decisions, as_of=as_of)
        for column in ruling.columns:
            assert isinstance(column.derive, Outcome)
            table = table.append_column(column.name, answers[column.derive.decision].cast(ARROW[column.type]))
    return table


ARROW = {"number": pa.decimal128(38, 12), "string": pa.string(), "boolean": pa.bool_(), "date": pa.date32()}


# -- every enterprise ------------------------------------------------------------------------------------------------


def build(snapshot: Snapshot, as_of: date, *, progress: Progress | None = None) -> ProfileTable:
    """The profile of every enterprise on the register as of a day, from a snapshot; the same one is never built twice.

    On the register: established by the day, or of unknown age, and not closed by it.
    """
    declared = columns()
    needed = rulings(declared, as_of)
    check_day(snapshot, as_of)
    said = json.dumps(
        [
            PLAN_VERSION,
            snapshot.sha256,
            as_of.isoformat(),
            [repr(column) for column in declared],
            [(r.rule, r.file.sha256 if r.file else "", columnar.ENGINE) for r in needed],
        ],
        ensure_ascii=False,
    )
    key = hashlib.sha256(said.encode()).hexdigest()
    target = Path(settings.LAKE) / "profile" / f"{as_of.isoformat()}-{key[:16]}"
    if not (target / "manifest.json").exists():
        with lake.trouble("画像"):
            _build(snapshot, plan(declared, as_of), declared, needed, target, progress)
    said_ = json.loads((target / "manifest.json").read_text())
    return ProfileTable(
        target,
        said_["sha256"],
        said_["rows"],
        tuple(said_["columns"]),
        as_of,
        datetime.fromisoformat(said_["known_at"]),
        tuple(said_["rules"]),
    )


def check_day(snapshot: Snapshot, as_of: date) -> None:
    """Refuse a day after the snapshot or before every fact of it."""
    known_on = timezone.localtime(snapshot.known_at).date()
    if as_of > known_on:
        raise lake.LakeError(
            Finding(
                "基准日", f"{as_of} 晚于最新快照（{known_on}）", "请把基准日改到快照当天或以前，或先运行 wotu snapshot"
            )
        )
    facts = lake.parquet(lake.folder(snapshot.path) / "facts.parquet")
    with lake.trouble("画像"):
        row = lake.connect().execute(f"SELECT min(starts_on) FROM {facts}").fetchone()
    first = row[0] if row else None
    if first is None:
        raise lake.LakeError(Finding("快照", "里面一条事实也没有", "请先导入数据，再运行 wotu snapshot"))
    if as_of < first:
        raise lake.LakeError(
            Finding("基准日", f"{as_of} 早于全部事实（最早的期间自 {first} 起）", f"请给出 {first} 以后的日期")
        )


def _build(
    snapshot: Snapshot,
    made: Plan,
    declared: Sequence[Column],
    needed: Sequence[Ruling],
    target: Path,
    progress: Progress | None,
) -> None:
    """Profile block after block into parts, then put them together; a killed run goes on after its last finished part."""
    size = max(1, min(BLOCK, FACTS_AT_ONCE * snapshot.enterprises // max(snapshot.facts, 1)))
    with lake.unfinished(target, str(size)) as run:
        if (target / "manifest.json").exists():
            return
        if progress is not None:
            progress.expect(snapshot.enterprises)
        parts = []
        with lake.connect() as connection:
            for number, (first, last) in enumerate(_opened(connection, snapshot, size)):
                part = run / f"{number:06}.parquet"
                if not part.exists():
                    lake.finish(part, _block(connection, snapshot, made, declared, needed, first, last))
                parts.append(part)
                if progress is not None:
                    progress.advance(min((number + 1) * size, snapshot.enterprises))
        with lake.aside(target) as place:
            rows = _gathered(parts, place / "profile.parquet")
            manifest = {
                "as_of": made.as_of.isoformat(),
                "known_at": snapshot.known_at.isoformat(),
                "snapshot": snapshot.sha256,
                "rows": rows,
                "columns": [c.name for c in declared],
                "rules": [f"{r.file.name}@{r.file.edition}" for r in needed if r.file],
                "sha256": lake.digest([place / "profile.parquet"]),
            }
            (place / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1))


def _opened(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, size: int) -> list[tuple[int, int]]:
    """Give a connection what every block needs; the first and last enterprise of each block."""
    source = lake.folder(snapshot.path)
    prepare(connection)
    connection.execute("SET parquet_metadata_cache = true")
    connection.execute(f"CREATE TABLE sources AS SELECT id, trust FROM {lake.parquet(source / 'sources.parquet')}")
    return connection.execute(
        f"SELECT min(id), max(id) FROM (SELECT id, (row_number() OVER (ORDER BY id) - 1) // {size} AS block"
        f" FROM {lake.parquet(source / 'enterprises.parquet')}) GROUP BY block ORDER BY block"
    ).fetchall()


def _block(
    connection: duckdb.DuckDBPyConnection,
    snapshot: Snapshot,
    made: Plan,
    declared: Sequence[Column],
    needed: Sequence[Ruling],
    first: int,
    last: int,
) -> pa.Table:
    _views(connection, lake.folder(snapshot.path), first, last)
    found = connection.sql(query(made, alive_only=True)).to_arrow_table()
    return answer(found, needed, made.as_of).select(["enterprise_id", *(c.name for c in declared)])


def _gathered(parts: Sequence[Path], file: Path) -> int:
    """The parts one after the other as one file, a row group each; the number of rows."""
    with pq.ParquetWriter(file, pq.read_schema(parts[0]), compression="zstd") as writer:
        for part in parts:
            table = pq.read_table(part)
            writer.write_table(table, row_group_size=max(table.num_rows, 1))
    return sum(pq.read_metadata(part).num_rows for part in parts)


def _views(connection: duckdb.DuckDBPyConnection, source: Path, first: int, last: int) -> None:
    for name, key in (("enterprises", "id"), ("facts", "enterprise_id")):
        file = lake.parquet(source / f"{name}.parquet")
        connection.execute(
            f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM {file} WHERE {key} BETWEEN {first} AND {last}"
        )


# -- one enterprise --------------------------------------------------------------------------------------------------

DAYS = 8
"""Days whose statement a thread keeps prepared."""


class _Desk:
    """A thread's DuckDB for single profiles, with a day's statement prepared: planning it takes longer than running it."""

    def __init__(self) -> None:
        self.connection = lake.connect()
        self.prepared: dict[date, tuple[tuple[Column, ...], Plan]] = {}
        prepare(self.connection)
        self.connection.execute("SET threads = 1")
        self.connection.execute("PRAGMA disable_optimizer")
        for name, schema in (("enterprises", lake.ENTERPRISES), ("facts", lake.FACTS), ("sources", lake.SOURCES)):
            self.connection.from_arrow(schema.empty_table()).create(name)

    def plan(self, declared: tuple[Column, ...], as_of: date) -> Plan:
        """The plan of a day, prepared."""
        columns_then, made = self.prepared.pop(as_of, ((), None))
        if made is None or columns_then != declared:
            made = plan(declared, as_of)
            self.connection.execute(f"PREPARE {_name(as_of)} AS {query(made, alive_only=False, with_facts=True)}")
            if len(self.prepared) == DAYS:
                oldest = next(iter(self.prepared))
                del self.prepared[oldest]
                self.connection.execute(f"DEALLOCATE {_name(oldest)}")
        self.prepared[as_of] = (declared, made)
        return made

    def row(self, as_of: date, enterprises: pa.Table, facts: pa.Table, sources: pa.Table) -> pa.Table:
        """The columns of one enterprise and the fact behind each slot."""
        for name, content in (("enterprises", enterprises), ("facts", facts), ("sources", sources)):
            self.connection.execute(f"DELETE FROM {name}")
            self.connection.from_arrow(content).insert_into(name)
        return self.connection.sql(f"EXECUTE {_name(as_of)}").to_arrow_table()


_held = threading.local()


def _single() -> _Desk:
    """The desk of this thread; nothing is opened before its first profile."""
    held: _Desk | None = getattr(_held, "desk", None)
    if held is None:
        held = _held.desk = _Desk()
    return held


def _reader() -> duckdb.DuckDBPyConnection:
    """This thread's connection for looking an enterprise up in the lake, with the files' indexes kept."""
    held: duckdb.DuckDBPyConnection | None = getattr(_held, "reader", None)
    if held is None:
        held = _held.reader = lake.connect()
        held.execute("SET parquet_metadata_cache = true")
    return held


def _name(as_of: date) -> str:
    return f"profile_{as_of:%Y%m%d}"


def profile(enterprise: Enterprise, as_of: date, known_at: datetime | None = None) -> Profile:
    """What is known of an enterprise as of a day, with the facts behind each column; unknowns say who could supply them."""
    declared = columns()
    facts = _facts(enterprise, known_at)
    made = _single().plan(declared, as_of)
    found = _single().row(as_of, _enterprise_row(enterprise), facts, _sources())
    behind = {i: found[f"fact_{i}"][0].as_py() for i in range(len(made.slots))}
    needed = rulings(declared, as_of)
    table = answer(found.select(["enterprise_id", *made.values]), needed, as_of)
    values: dict[str, Value] = {c.name: tidy(table[c.name][0].as_py()) for c in declared}
    ids = {name: tuple(b for i in uses if (b := behind[i]) is not None) for name, uses in made.uses.items()}
    by_rule = {column.name: ruling for ruling in needed for column in ruling.columns}
    said = {row["id"]: row for row in facts.select(["id", "number", "text", "day", "flag"]).to_pylist()}
    for ruling in needed:
        if ruling.file is None:
            continue
        read = [entry.name for entry in rulebook(ruling.file).inputs if entry.name in ids]
        for column in ruling.columns:
            ids[column.name] = tuple(dict.fromkeys(i for name in read for i in ids[name]))
    names = _attribute_names()
    cells = {}
    for column in declared:
        why = ""
        if values[column.name] is None:
            why = _why(column, by_rule.get(column.name), values, made, behind, said, names, enterprise)
        cells[column.name] = Cell(column, values[column.name], ids.get(column.name, ()), why)
    return Profile(enterprise, as_of, known_at, cells)


def _facts(enterprise: Enterprise, known_at: datetime | None) -> pa.Table:
    """The enterprise's facts from the database; from the newest snapshot where only the lake keeps them."""
    found = lake.fact_block(enterprise.pk, enterprise.pk, known_at)
    if found.num_rows or Fact.objects.filter(enterprise=enterprise).exists():
        return found
    kept = Snapshot.objects.filter(known_at__lte=known_at or timezone.now()).first()
    if kept is None or not lake.folder(kept.path).exists():
        return found
    file = lake.parquet(lake.folder(kept.path) / "facts.parquet")
    sql = f"SELECT * FROM {file} WHERE enterprise_id = {int(enterprise.pk)}"
    return _reader().sql(sql).to_arrow_table().cast(lake.FACTS)


def _enterprise_row(enterprise: Enterprise) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "id": enterprise.pk,
                "code": enterprise.code,
                "name": enterprise.name,
                "industry": enterprise.industry,
                "area": enterprise.area.name if enterprise.area else None,
                "established_on": enterprise.established_on,
                "closed_on": enterprise.closed_on,
                "is_demo": enterprise.is_demo,
            }
        ],
        schema=lake.ENTERPRISES,
    )


def _sources() -> pa.Table:
    rows = Source.objects.values("id", "name", "trust")
    return pa.Table.from_pylist(list(rows), schema=lake.SOURCES)


def _attribute_names() -> dict[str, str]:
    return dict(Attribute.objects.values_list("code", "name"))


def tidy(value: Any) -> Value:
    """A value as Python has it; decimals lose the zeros their column's scale added."""
    if not isinstance(value, Decimal):
        return value  # type: ignore[no-any-return]
    short = value.normalize()
    return short.quantize(Decimal(1)) if short.as_tuple().exponent > 0 else short  # type: ignore[operator]


# -- why a value is unknown ------------------------------------------------------------------------------------------


def _why(
    column: Column,
    ruling: Ruling | None,
    values: Mapping[str, Value],
    made: Plan,
    behind: Mapping[int, int | None],
    said: Mapping[int, Mapping[str, Any]],
    names: Mapping[str, str],
    enterprise: Enterprise,
) -> str:
    """Why a column is unknown, in one sentence that ends with who could supply it."""
    if ruling is not None:
        if ruling.file is None:
            return f"{made.as_of}没有生效的“{ruling.rule}”版本"
        missing = [entry.name for entry in rulebook(ruling.file).inputs if values.get(entry.name, "") is None]
        return f"“{ruling.rule}”还不能判定：缺{'、'.join(missing)}" if missing else f"“{ruling.rule}”不适用于这家企业"
    lacking, silent = [], []
    for number in made.uses[column.name]:
        slot = made.slots[number]
        label = f"{slot.label}{names.get(slot.attribute, slot.attribute)}"
        fact = behind[number]
        if fact is None and not _before_birth(slot, enterprise):
            lacking.append(label)
        elif fact is not None and all(said[fact][f] is None for f in ("number", "text", "day", "flag")):
            silent.append(label)
    parts = []
    if lacking:
        parts.append(f"没有{'、'.join(lacking)}")
    if silent:
        parts.append(f"来源注明{'、'.join(silent)}不详")
    for field in _fields(column.derive):
        if not getattr(enterprise, field):
            named = Enterprise._meta.get_field(field).verbose_name  # type: ignore[union-attr]
            parts.append(f"没有登记{named}")
    if not parts:
        parts.append(_not_computable(column.derive))
    return f"{'；'.join(parts)}（由{column.supplied_by}提供）"


def _before_birth(slot: Slot, enterprise: Enterprise) -> bool:
    born = enterprise.established_on
    return slot.starts is not None and born is not None and slot.ends < born


def _fields(derive: Derivation) -> tuple[str, ...]:
    match derive:
        case Field(name):
            return (name,)
        case ByPrefix(of, _):
            return _fields(of)
        case _:
            return ()


def _not_computable(derive: Derivation) -> str:
    match derive:
        case Ratio() | Growth() | CompoundGrowth() | Mean():
            return "分母不大于零，比率不存在"
        case SumOfYears():
            return "成立当年，还没有完整的会计年度"
        case ByPrefix():
            return "行业代码太短，分不出类"
        case HeldUntil():
            return "发证日期晚于基准日"
        case _:
            return "现有事实得不出结果"
