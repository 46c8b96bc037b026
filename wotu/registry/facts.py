"""Facts have one door: `record` states them; what a source said before is superseded, never overwritten."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from wotu.registry.models import Attribute, Fact, Import, Source
from wotu.registry.periods import Period

Value = Decimal | str | bool | date | None

BLOCK = 20_000
"""Facts written in one transaction when the caller has none open."""
FIELDS = {"number": "number", "string": "text", "date": "day", "boolean": "flag"}
PLACES = Decimal(1).scaleb(-8)
LARGEST = Decimal(10) ** 20
COLUMNS = (
    "enterprise_id", "attribute_id", "period", "starts_on", "ends_on", "number", "text", "day", "flag",
    "source_id", "recorded_at", "batch_id", "sheet", "row", "by_id",
)  # fmt: skip


class BadFact(ValueError):
    """A value that the attribute can't have (its type, its size); the message says which."""


@dataclass(frozen=True, slots=True)
class Stated:
    """One thing a source says: `value` None is the source's own “unknown”; numbers in the attribute's unit."""

    enterprise: int
    attribute: str
    period: Period
    value: Value
    sheet: str = ""
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of stated facts: new ones, ones that replaced another, ones that were known already."""

    new: int = 0
    replaced: int = 0
    unchanged: int = 0

    @property
    def written(self) -> int:
        """Rows added to the table."""
        return self.new + self.replaced

    def __add__(self, other: Recorded) -> Recorded:
        return Recorded(self.new + other.new, self.replaced + other.replaced, self.unchanged + other.unchanged)


def attributes_by_code() -> dict[str, Attribute]:
    """Every attribute by its code; read it once for many calls of `record`."""
    return {attribute.code: attribute for attribute in Attribute.objects.all()}


def record(
    stated: Iterable[Stated],
    *,
    source: Source,
    batch: Import | None = None,
    by: Any = None,
    at: datetime | None = None,
    known: Mapping[str, Attribute] | None = None,
) -> Recorded:
    """State facts from one source, in transactions of `BLOCK` facts (or in the caller's, if one is open).

    The same value again changes nothing. Another value supersedes the earlier one of the same enterprise, attribute,
    period and source. A source's “unknown” does not displace a value it stated before: it takes nothing back.
    Of two statements about the same thing in one call the later counts. Raises `BadFact`.
    """
    known = attributes_by_code() if known is None else known
    at = at or timezone.now()
    total = Recorded()
    for block in _blocks(stated):
        with transaction.atomic():
            Source.objects.select_for_update().get(pk=source.pk)
            total += _record_block(block, source, batch, by, at, known)
    return total


def _record_block(
    block: Sequence[Stated],
    source: Source,
    batch: Import | None,
    by: Any,
    at: datetime,
    known: Mapping[str, Attribute],
) -> Recorded:
    wanted: dict[tuple[int, int, str], tuple[Stated, str, Value]] = {}
    for one in block:
        attribute = known[one.attribute]
        field, value = normal(attribute, one.value)
        key = (one.enterprise, attribute.pk, one.period.text)
        earlier = wanted.get(key)
        if earlier is None or value is not None:
            wanted[key] = (one, field, value)
    current = current_facts({key[0] for key in wanted}, source)
    rows: list[tuple[Any, ...]] = []
    replaced: list[int] = []
    unchanged = 0
    for key, (one, field, value) in wanted.items():
        if key in current:
            pk, before = current[key]
            if value is None or before == value:
                unchanged += 1
                continue
            replaced.append(pk)
        values = {"number": None, "text": None, "day": None, "flag": None, field: value}
        rows.append(
            (
                *key,
                one.period.starts,
                one.period.ends,
                *values.values(),
                source.pk,
                at,
                batch.pk if batch else None,
                one.sheet,
                one.row,
                by.pk if by else None,
            )
        )
    for ids in _chunks(replaced, 500):
        Fact.objects.filter(pk__in=ids).update(superseded_at=at)
    _insert(rows)
    successor = Fact.objects.filter(
        enterprise_id=OuterRef("enterprise_id"),
        attribute_id=OuterRef("attribute_id"),
        period=OuterRef("period"),
        source_id=OuterRef("source_id"),
        superseded_at__isnull=True,
    )
    for ids in _chunks(replaced, 500):
        Fact.objects.filter(pk__in=ids).update(superseded_by=Subquery(successor.values("pk")[:1]))
    return Recorded(len(rows) - len(replaced), len(replaced), unchanged + len(block) - len(wanted))


def normal(attribute: Attribute, value: Value) -> tuple[str, Value]:
    """The column that holds an attribute's value, and the value as it is stored; raises `BadFact`."""
    field = FIELDS[attribute.type]
    if value is None:
        return field, None
    if field == "number" and not isinstance(value, bool | date):
        try:
            number = Decimal(value).quantize(PLACES)
        except InvalidOperation:
            raise BadFact(f"“{attribute.name}”的值“{value}”不是能记录的数。") from None
        if abs(number) >= LARGEST:
            raise BadFact(f"“{attribute.name}”的值“{value}”过大，请核对单位。")
        return field, number
    if field == "text" and isinstance(value, str):
        if not 0 < len(value) <= 300:
            raise BadFact(f"“{attribute.name}”的文字应为1–300个字，现为{len(value)}个。")
        return field, value
    if field == "flag" and isinstance(value, bool):
        return field, value
    if field == "day" and isinstance(value, datetime):
        return field, value.date()
    if field == "day" and isinstance(value, date):
        return field, value
    raise BadFact(f"“{attribute.name}”应为{attribute.get_type_display()}，“{value}”不是。")


def current_facts(enterprises: set[int], source: Source) -> dict[tuple[int, int, str], tuple[int, Value]]:
    """What the source says now about these enterprises: id and value by (enterprise, attribute, period)."""
    if not Fact.objects.filter(source=source).exists():
        return {}
    found: dict[tuple[int, int, str], tuple[int, Value]] = {}
    for ids in _chunks(sorted(enterprises), 500):
        rows = Fact.objects.filter(enterprise_id__in=ids, superseded_at__isnull=True).values_list(
            "enterprise_id", "attribute_id", "period", "source_id", "pk", "number", "text", "day", "flag"
        )
        for enterprise, attribute, period, said_by, pk, *values in rows.order_by().iterator(chunk_size=5000):
            if said_by == source.pk:
                value = next((v for v in values if v is not None), None)
                found[enterprise, attribute, period] = (pk, value)
    return found


def _insert(rows: Sequence[tuple[Any, ...]]) -> None:
    """Add fact rows: a prepared statement on SQLite, COPY on PostgreSQL; the table's own constraints hold in both."""
    if not rows:
        return
    fields = [Fact._meta.get_field(name.removesuffix("_id")) for name in COLUMNS]
    table = connection.ops.quote_name(Fact._meta.db_table)
    names = ", ".join(connection.ops.quote_name(str(f.column)) for f in fields)  # type: ignore[union-attr]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        adapt = {
            i: field.get_db_prep_save  # type: ignore[union-attr]
            for i, field in enumerate(fields)
            if field.get_internal_type() in ("DecimalField", "DateField", "DateTimeField")
        }
        cursor.executemany(
            f"INSERT INTO {table} ({names}) VALUES ({', '.join(['%s'] * len(fields))})",
            [
                tuple(adapt[i](v, connection) if i in adapt and v is not None else v for i, v in enumerate(row))
                for row in rows
            ],
        )


def _blocks(stated: Iterable[Stated]) -> Iterator[list[Stated]]:
    rest = iter(stated)
    while block := list(islice(rest, BLOCK)):
        yield block


def _chunks(items: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
