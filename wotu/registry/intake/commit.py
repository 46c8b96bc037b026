"""A read block into the registry: enterprises made or brought up to date, facts stated, rows set aside kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from wotu.registry import facts
from wotu.registry.facts import Recorded, Stated
from wotu.registry.intake.known import Known
from wotu.registry.intake.rows import Row
from wotu.registry.models import Attribute, Enterprise, FormerName, Import, RejectedRow

OWN = ("industry", "address", "established_on", "closed_on")
FIELDS = ("name", "area", *OWN)


def write(
    batch: Import, rows: Iterable[Row], known: Known, attributes: dict[str, Attribute], by: Any, on: date
) -> Recorded:
    """Write what a block's rows say, in the caller's transaction; `on` is the day a renaming is known of."""
    rows = tuple(rows)
    accepted = [row for row in rows if row.status == "accepted"]
    _enterprises(accepted, known, on)
    stated = (
        Stated(known.records[row.code].pk, said.attribute.code, said.period, said.value, row.sheet, row.number)
        for row in accepted
        for said in row.said
    )
    recorded = facts.record(stated, source=batch.source, batch=batch, by=by, known=attributes)
    set_aside(batch, rows)
    return recorded


def set_aside(batch: Import, rows: Iterable[Row]) -> None:
    """Keep the rejected rows of a block with their reasons."""
    RejectedRow.objects.bulk_create(
        [
            RejectedRow(
                batch=batch,
                sheet=row.sheet[:100],
                row=row.number,
                reasons=[{"kind": r.kind, "column": r.column, "header": r.header, "what": r.what} for r in row.reasons],
                cells=row.cells,
            )
            for row in rows
            if row.status == "rejected"
        ],
        ignore_conflicts=True,
    )


def _enterprises(rows: Sequence[Row], known: Known, on: date) -> None:
    new: dict[str, Enterprise] = {}
    for row in rows:
        if row.code not in known.records and row.code not in new:
            own = {name: value for name in OWN if (value := row.fields.get(name))}
            new[row.code] = Enterprise(code=row.code, name=row.name, area=known.area(row), **own)
    if new:
        Enterprise.objects.bulk_create(new.values(), ignore_conflicts=True)
        known.records.update({e.code: e for e in Enterprise.objects.filter(code__in=list(new))})
    changed: dict[int, Enterprise] = {}
    former: list[FormerName] = []
    for row in rows:
        record = known.records[row.code]
        changes = known.changes(row)
        before = [changes.pop("former_name", "")]
        if "name" in changes:
            before.append(record.name)
        for name in filter(None, before):
            former.append(FormerName(enterprise=record, name=name, until=on))
            known.former.setdefault(record.pk, set()).add(name)
        for field, value in changes.items():
            setattr(record, field, value)
            changed[record.pk] = record
    FormerName.objects.bulk_create(former, ignore_conflicts=True)
    if changed:
        Enterprise.objects.bulk_update(changed.values(), list(FIELDS))
