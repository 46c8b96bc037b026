"""What the registry knows about the enterprises of a block of rows, asked in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import Max

from wotu.registry.facts import current_facts
from wotu.registry.intake.headings import fold
from wotu.registry.intake.rows import Reason, Row
from wotu.registry.models import Area, Attribute, Enterprise, Fact, FormerName, Source

AREA_ENDINGS = ("街道", "片区", "镇", "乡", "板块", "园区")


class Known:
    """The registry as `pipeline.Registry` asks it; `source` None is a source that has stated nothing yet."""

    def __init__(self, source: Source | None, attributes: Mapping[str, Attribute]) -> None:
        self.source, self.attributes = source, attributes
        self.areas = {_short_area(area.name): area for area in Area.objects.all()}
        self.strange_areas: set[str] = set()
        self.records: dict[str, Enterprise] = {}
        self.former: dict[int, set[str]] = {}
        self._latest: dict[int, date] = {}

    def resolve(self, rows: Sequence[Row]) -> None:
        """Find the enterprises; a row without a code goes by a name that exactly one enterprise bears or bore."""
        self._by_name([row for row in rows if not row.code and row.name])
        codes = {row.code for row in rows if row.code}
        self.records = {e.code: e for e in Enterprise.objects.filter(code__in=codes)} if codes else {}
        self.former = {}
        for pk, name in FormerName.objects.filter(enterprise__in=[e.pk for e in self.records.values()]).values_list(
            "enterprise_id", "name"
        ):
            self.former.setdefault(pk, set()).add(name)
        self._latest = self._later_facts(rows)
        for row in rows:
            record = self.records.get(row.code)
            row.enterprise = record.pk if record else None
            if row.code and record is None and not row.name:
                row.reject(Reason("缺企业名称", f"库里还没有“{row.code}”这家企业，新企业要有名称，请补上企业名称"))
            if record is not None:
                born = row.fields.get("established_on") or record.established_on
                closed = row.fields.get("closed_on") or record.closed_on
                if isinstance(born, date) and isinstance(closed, date) and closed < born:
                    row.reject(Reason("日期有误", f"注销日期{closed}早于成立日期{born}，请核对"))

    def compare(self, rows: Sequence[Row]) -> None:
        """Mark rows repeated whose facts the source stated already and whose fields change nothing."""
        if self.source is None:
            return
        current = current_facts({row.enterprise for row in rows if row.enterprise is not None}, self.source)
        latest: dict[tuple[int, int], str] = {}
        for enterprise, attribute, period in current:
            key = (enterprise, attribute)
            latest[key] = max(latest.get(key, ""), period)
        for row in rows:
            if row.enterprise is None:
                continue
            news = bool(self.changes(row))
            for place, one in enumerate(row.said):
                attribute = self.attributes[one.attribute.code].pk
                before = latest.get((row.enterprise, attribute)) if not one.dated else None
                if before is not None and current[row.enterprise, attribute, before][1] == one.value:
                    row.said[place] = replace(one, period=one.period.parse(before), dated=True)
                    continue
                known = current.get((row.enterprise, attribute, one.period.text))
                news = news or known is None or (one.value is not None and known[1] != one.value)
            if not news:
                row.status = "repeated"
                row.reasons = [Reason("重复", "库里已有同样的内容")]

    def changes(self, row: Row) -> dict[str, Any]:
        """What a row changes in its enterprise's record: blanks are filled, a new name replaces the old one.

        What is there already is replaced by 部门数据 only; another source's differing word stays outside.
        """
        record = self.records.get(row.code)
        if record is None:
            return {}
        made: dict[str, Any] = {}
        former = self.former.get(record.pk, set())
        if self._renamed(row, record):
            latest = self._latest.get(record.pk)
            old = row.period is not None and latest is not None and row.period.ends < latest
            made["former_name" if old else "name"] = row.name
        said = row.fields.get("former_name")
        if isinstance(said, str) and said != record.name and said not in former:
            made["former_name"] = said
        authority = self.source is not None and self.source.kind == Source.Kind.AUTHORITY
        for name in ("industry", "address", "established_on", "closed_on"):
            value, before = row.fields.get(name), getattr(record, name)
            if value and value != before and (authority or not before):
                made[name] = value
        area = self.area(row)
        if area is not None and area.pk != record.area_id and (authority or record.area_id is None):
            made["area"] = area
        return made

    def area(self, row: Row) -> Area | None:
        """The area a row names; a name that no area has is remembered, to be said at the end."""
        said = row.fields.get("area")
        if not isinstance(said, str):
            return None
        found = self.areas.get(_short_area(said))
        if found is None:
            self.strange_areas.add(said)
        return found

    def _renamed(self, row: Row, record: Enterprise) -> bool:
        known = self.former.get(record.pk, set())
        return bool(row.name) and fold(row.name) != fold(record.name) and row.name not in known

    def _later_facts(self, rows: Sequence[Row]) -> dict[int, date]:
        """How far the facts of the enterprises reach that rows call by another name: an older sheet knows an older name."""
        asked = {r.pk for row in rows if (r := self.records.get(row.code)) is not None and self._renamed(row, r)}
        if not asked:
            return {}
        facts = Fact.objects.filter(enterprise__in=asked, superseded_at__isnull=True).order_by()
        return dict(facts.values_list("enterprise").annotate(Max("ends_on")))

    def _by_name(self, rows: Sequence[Row]) -> None:
        names = {row.name for row in rows}
        if not names:
            return
        found: dict[str, set[str]] = {}
        for name, code in Enterprise.objects.filter(name__in=names).values_list("name", "code"):
            found.setdefault(name, set()).add(code)
        for name, code in FormerName.objects.filter(name__in=names).values_list("name", "enterprise__code"):
            found.setdefault(name, set()).add(code)
        for row in rows:
            codes = found.get(row.name, set())
            if len(codes) == 1:
                row.code = next(iter(codes))
            elif codes:
                row.reject(Reason("缺信用代码", f"叫“{row.name}”的企业不止一家，请补上统一社会信用代码"))


def _short_area(name: str) -> str:
    plain = fold(name)
    for ending in AREA_ENDINGS:
        if plain.endswith(ending) and len(plain) > len(ending) + 1:
            return plain.removesuffix(ending)
    return plain
