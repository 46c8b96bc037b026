"""Rows into the database by the block: a prepared statement on SQLite, COPY on PostgreSQL; ids are given, constraints hold.

`wotu.registry.facts.record` states facts of one source at one moment; a whole zone's history has many of both, so it is
loaded here by the same rules: nothing is overwritten, what was corrected is superseded and says by what.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from django.core.management.color import no_style
from django.db import connection, models

from wotu.registry.demo.emit import DAY, FLAG, NUMBER, SCALE, TEXT, Facts, moment
from wotu.registry.demo.population import NEVER, Population, called, iso
from wotu.registry.demo.zone import divisions, trades
from wotu.registry.models import Area, Enterprise, EnterpriseKind, Fact, FormerName

REGISTERED = "2015-01-01"
"""The system's first day: enterprises older than that were entered on it."""


def insert(model: type[models.Model], fields: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    """Add rows with the given attribute names; values are as the database stores them."""
    table = connection.ops.quote_name(model._meta.db_table)
    columns = [connection.ops.quote_name(str(model._meta.get_field(f.removesuffix("_id")).column)) for f in fields]  # type: ignore[union-attr]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join(["?"] * len(columns))
        cursor.cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)


def settle_sequences() -> None:
    """After rows with ids of our own: let the database hand out ids above them (PostgreSQL)."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Enterprise, EnterpriseKind, FormerName, Fact]):
            cursor.execute(statement)


def areas() -> dict[str, int]:
    """The zone's areas, made or brought up to date; their ids by code."""
    made = {}
    for division in divisions():
        area, _ = Area.objects.update_or_create(
            code=division.code, defaults={"name": division.name, "outline": [list(point) for point in division.outline]}
        )
        made[division.code] = area.pk
    return made


def enterprises(people: Population, first: int, block: int = 50_000) -> None:
    """Every enterprise, with ids from `first` on in the order of their numbers."""
    known = areas()
    area_ids = [known[division.code] for division in divisions()]
    fields = (
        "id",
        "code",
        "name",
        "industry",
        "address",
        "area_id",
        "established_on",
        "closed_on",
        "is_demo",
        "created_at",
    )
    for start in range(0, people.enterprises, block):
        insert(
            Enterprise, fields, _enterprise_rows(people, start, min(start + block, people.enterprises), first, area_ids)
        )


def _enterprise_rows(
    people: Population, start: int, end: int, first: int, areas: list[int]
) -> Iterator[tuple[Any, ...]]:
    codes = [trade.code for trade in trades()]
    names, credit, addresses = called(people, np.arange(start, end))
    for number, name, code, address in zip(range(start, end), names, credit, addresses, strict=True):
        born = iso(people.established[number])
        area, closed = people.area[number], people.closed[number]
        yield (
            first + number,
            code,
            name,
            codes[people.trade[number]] if people.coded[number] else "",
            address,
            areas[area] if area >= 0 else None,
            born if people.dated[number] else None,
            iso(closed) if closed != NEVER else None,
            True,
            f"{max(born, REGISTERED)} 01:00:00",
        )


def kinds(people: Population, first: int, source: int) -> None:
    """Who is of which kind, since when and until when."""
    rows = (
        (first + number, str(standing.kind.value), iso(since), iso(until) if until != NEVER else None, source)
        for standing in people.standings
        for number, since, until in zip(
            standing.numbers.tolist(), standing.since.tolist(), standing.until.tolist(), strict=True
        )
    )
    insert(EnterpriseKind, ("enterprise_id", "kind", "since", "until", "source_id"), rows)


def former_names(people: Population, first: int) -> None:
    """Names that some enterprises had before."""
    names, _, _ = called(people, people.renamed)
    rows = []
    for number, name, on in zip(people.renamed.tolist(), names, people.renamed_on.tolist(), strict=True):
        earlier = (
            name.replace("股份有限公司", "有限公司") if "股份" in name else name.replace("有限公司", "科技发展有限公司")
        )
        if earlier != name:
            rows.append((first + number, earlier, iso(on)))
    insert(FormerName, ("enterprise_id", "name", "until"), rows)


FACT_FIELDS = (
    "id", "enterprise_id", "attribute_id", "period", "starts_on", "ends_on", "number", "text", "day", "flag",
    "source_id", "recorded_at", "superseded_by_id", "superseded_at", "sheet",
)  # fmt: skip


def facts(block: Facts, *, enterprise: int, fact: int, attributes: list[int], sources: list[int]) -> int:
    """Load a block of facts with ids from `fact` on; the next free id."""
    n = len(block)
    if not n:
        return fact
    ids = fact + np.arange(n)
    amounts = block.number.tolist()
    whole = [a // SCALE if not a % SCALE else a / SCALE for a in amounts]
    kind = block.kind.tolist()
    moments = block.recorded.tolist()
    heirs = block.heir.tolist()
    starts = np.datetime_as_string(block.starts.astype("datetime64[D]"), unit="D").tolist()
    ends = np.datetime_as_string(block.ends.astype("datetime64[D]"), unit="D").tolist()
    attribute = np.array(attributes)[block.attribute].tolist()
    source = np.array(sources)[block.source].tolist()
    text, period, owner = block.text.tolist(), block.period.tolist(), (block.enterprise + enterprise).tolist()
    order = range(n)
    if (block.heir != NEVER).any():
        order = np.argsort(np.where(block.heir != NEVER, 1, 0), kind="stable").tolist()  # successors first
    cache: dict[int, str] = {}

    def at(microseconds: int) -> str:
        found = cache.get(microseconds)
        if found is None:
            found = cache[microseconds] = moment(microseconds)
        return found

    def rows() -> Iterator[tuple[Any, ...]]:
        for i in order:
            k, heir = kind[i], heirs[i]
            yield (
                fact + i, owner[i], attribute[i], period[i], starts[i], ends[i],
                whole[i] if k == NUMBER else None, text[i] if k == TEXT else None,
                iso(amounts[i]) if k == DAY else None, bool(amounts[i]) if k == FLAG else None,
                source[i], at(moments[i]),
                fact + heir if heir != NEVER else None, at(moments[heir]) if heir != NEVER else None, "",
            )  # fmt: skip

    insert(Fact, FACT_FIELDS, rows())
    return int(ids[-1]) + 1
