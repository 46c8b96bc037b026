"""The columns an officer may choose for the list of enterprises: the same ones on the page and in the export."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from wotu.registry.desk.industries import industry_name
from wotu.registry.desk.sheet import Value
from wotu.registry.models import Attribute
from wotu.registry.queries import Row

FACT = "fact."
"""Prefix of a column that shows an attribute's newest value."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One column of the list: how it is called, how it is written and how it is read from a row."""

    id: str
    title: str
    kind: str
    value: Callable[[Row, date], Value]
    sort: str = ""
    unit: str = ""
    group: str = "企业登记"

    @property
    def attribute(self) -> str:
        """Code of the attribute shown, empty for a field of the enterprise itself."""
        return self.id.removeprefix(FACT) if self.id.startswith(FACT) else ""


def age(row: Row, as_of: date) -> Value:
    """Full years since establishment; None where that day is unknown or still to come."""
    born = row.enterprise.established_on
    if born is None or born > as_of:
        return None
    return as_of.year - born.year - ((as_of.month, as_of.day) < (born.month, born.day))


def _industry(row: Row, as_of: date) -> Value:
    code = row.enterprise.industry
    return f"{code} {industry_name(code)}".strip() if code else None


OWN: tuple[Shown, ...] = (
    Shown("code", "统一社会信用代码", "text", lambda row, _: row.enterprise.code, "code"),
    Shown("area", "片区", "text", lambda row, _: row.enterprise.area.name if row.enterprise.area else None, "area"),
    Shown("industry", "行业", "text", _industry, "industry"),
    Shown("established_on", "成立日期", "date", lambda row, _: row.enterprise.established_on, "established_on"),
    Shown("age", "成立年数", "count", age),
    Shown("kinds", "类型", "text", lambda row, _: "、".join(row.kinds)),
    Shown("former", "曾用名", "text", lambda row, _: "、".join(row.former)),
    Shown("address", "住所", "text", lambda row, _: row.enterprise.address or None),
    Shown("closed_on", "注销日期", "text", lambda row, _: str(row.enterprise.closed_on or "存续")),
    Shown("origin", "数据", "text", lambda row, _: "演示数据" if row.enterprise.is_demo else "真实数据"),
)
DEFAULT = ("code", "area", "industry", "established_on", "kinds")
MOST_FACTS = 6
"""Attributes shown at once: each is one more value to look up for every row."""


def _fact(attribute: Attribute) -> Shown:
    kind = "text"
    if attribute.type == Attribute.Type.NUMBER:
        kind = "money" if attribute.unit == "元" else "count" if attribute.unit else "ratio"
    elif attribute.type == Attribute.Type.DATE:
        kind = "date"
    code = attribute.code

    def value(row: Row, _as_of: date) -> Value:
        fact = row.facts.get(code)
        return None if fact is None else fact.value

    return Shown(FACT + code, attribute.name, kind, value, unit=attribute.unit, group=attribute.supplied_by or "其他")


def available() -> tuple[Shown, ...]:
    """Every column that can be chosen: the enterprise's own, then each attribute."""
    return OWN + tuple(_fact(attribute) for attribute in Attribute.objects.order_by("supplied_by", "name"))


def choose(wanted: Iterable[str], offered: Iterable[Shown]) -> tuple[Shown, ...]:
    """The columns asked for, in the order asked, at most `MOST_FACTS` attributes; the default where none is known."""
    by_id = {column.id: column for column in offered}
    chosen: list[Shown] = []
    for id in dict.fromkeys(wanted):
        column = by_id.get(id)
        if column is None or (column.attribute and sum(bool(c.attribute) for c in chosen) >= MOST_FACTS):
            continue
        chosen.append(column)
    return tuple(chosen) or tuple(by_id[id] for id in DEFAULT)
