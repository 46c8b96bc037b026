"""What the registry counts: enterprises by kind, title and day; each number is the count of the rows it opens.

A number that nobody has records for is unknown and says why; it is never zero.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, Min, OuterRef, Q, QuerySet

from wotu.registers.measures import Measure, Reading
from wotu.registry.models import Enterprise, EnterpriseKind, Fact, Kind
from wotu.registry.plan import year_ago

Rows = QuerySet[Any]


def alive(as_of: date) -> QuerySet[Enterprise]:
    """Enterprises on the register on a day: established by then or of unknown age, and not yet closed."""
    return Enterprise.objects.filter(
        Q(established_on=None) | Q(established_on__lte=as_of), Q(closed_on=None) | Q(closed_on__gt=as_of)
    )


def of_kind(kind: Kind) -> Callable[[date], Rows]:
    """Enterprises of a kind on a day."""

    def rows(as_of: date) -> Rows:
        said = EnterpriseKind.objects.filter(
            Q(since=None) | Q(since__lte=as_of),
            Q(until=None) | Q(until__gt=as_of),
            enterprise=OuterRef("pk"),
            kind=kind,
        )
        return alive(as_of).filter(Exists(said))

    return rows


def holding(attribute: str, years: int) -> Callable[[date], Rows]:
    """Enterprises whose certificate (its day of issue is the attribute) is within its years on a day."""

    def rows(as_of: date) -> Rows:
        after = year_ago(as_of, years)
        if (as_of.month, as_of.day) == (2, 28) and calendar.isleap(after.year):
            after = after.replace(day=29)
        return _with_day(as_of, attribute, Q(day__gt=after, day__lte=as_of))

    return rows


def registered_this_round(as_of: date) -> Rows:
    """科技型中小企业: registered this year, or last year as long as it is not yet April."""
    first = as_of.year if (as_of.month, as_of.day) > (3, 31) else as_of.year - 1
    return _with_day(as_of, "tech_sme_registered_on", Q(day__gte=date(first, 1, 1), day__lte=as_of))


def _with_day(as_of: date, attribute: str, when: Q) -> Rows:
    issued = Fact.objects.filter(when, enterprise=OuterRef("pk"), attribute__code=attribute, superseded_at=None)
    return alive(as_of).filter(Exists(issued))


def newcomers(as_of: date) -> Rows:
    """Market entities registered from January to the end of the last finished quarter (before April: last year)."""
    first, last = window(as_of)
    return Enterprise.objects.filter(established_on__gte=first, established_on__lte=last)


def window(as_of: date) -> tuple[date, date]:
    """The months that `newcomers` counts, as first and last day."""
    quarter = as_of.month // 3 if _month_ends(as_of) else (as_of.month - 1) // 3
    if quarter == 0:
        return date(as_of.year - 1, 1, 1), date(as_of.year - 1, 12, 31)
    month = quarter * 3
    return date(as_of.year, 1, 1), date(as_of.year, month, calendar.monthrange(as_of.year, month)[1])


def _month_ends(day: date) -> bool:
    return day.day == calendar.monthrange(day.year, day.month)[1]


@dataclass(frozen=True, slots=True)
class Count:
    """Reads a measure as the number of its rows; unknown where `begins` finds no record by the day."""

    rows: Callable[[date], Rows]
    begins: Callable[[], date | None]
    supplier: str

    def __call__(self, as_of: date) -> Reading:
        first = self.begins()
        if first is None:
            return Reading(None, as_of, False, f"未接入：还没有这类记录，可由{self.supplier}提供")
        if as_of < first:
            return Reading(None, as_of, False, f"最早的记录自{first}起，这一天还没有记录")
        found = self.rows(as_of)
        return Reading(found.count(), as_of, found.filter(is_demo=True).exists())


def first_of_kind(kind: Kind) -> Callable[[], date | None]:
    """The first day from which anything is recorded of a kind."""
    return lambda: EnterpriseKind.objects.filter(kind=kind).aggregate(first=Min("since"))["first"]


def first_issue(attribute: str) -> Callable[[], date | None]:
    """The first day of issue recorded."""
    return lambda: Fact.objects.filter(attribute__code=attribute).aggregate(first=Min("day"))["first"]


def first_establishment() -> date | None:
    """The first establishment recorded."""
    return Enterprise.objects.aggregate(first=Min("established_on"))["first"]  # type: ignore[no-any-return]


def counted(
    id: str,
    name: str,
    definition: str,
    rows: Callable[[date], Rows],
    begins: Callable[[], date | None],
    supplier: str,
    published: str = "",
) -> Measure:
    """A measure that counts enterprises; its number is the count of the very rows it opens."""
    return Measure(
        f"registry.{id}", name, "家", definition, "registry", Count(rows, begins, supplier), rows, ("area",), published
    )


def of_kind_counted(id: str, kind: Kind, definition: str, supplier: str, published: str) -> Measure:
    """A measure of the enterprises of a kind."""
    return counted(id, str(kind.label), definition, of_kind(kind), first_of_kind(kind), supplier, published)


def not_yet(id: str, name: str, unit: str, definition: str, why: str, published: str) -> Measure:
    """A measure whose records are not here yet: unknown, with the reason."""
    return Measure(
        f"registry.{id}",
        name,
        unit,
        definition,
        "registry",
        lambda as_of: Reading(None, as_of, False, why),
        lambda as_of: Enterprise.objects.none(),
        (),
        published,
    )


MEASURES: tuple[Measure, ...] = (
    counted("enterprises", "市场主体", "基准日在册（已成立、未注销）的企业、个体工商户和机构", alive, first_establishment, "市场监管"),
    counted("newcomers", "新增市场主体", "当年1月至最近一个整季末新登记的市场主体，含其后注销的；一季度内看上年全年", newcomers, first_establishment, "市场监管", "新增市场主体"),
    counted("high_tech", "国家高新技术企业", "基准日高新技术企业证书在有效期（自发证之日起三年）内的企业", holding("hte_issued_on", 3), first_issue("hte_issued_on"), "科技", "国家高新技术企业"),
    counted("tech_sme", "科技型中小企业", "取得入库登记编号、在有效期（至次年3月31日）内的企业", registered_this_round, first_issue("tech_sme_registered_on"), "科技"),
    counted("innovative_sme", "创新型中小企业", "自公告之日起三年内的创新型中小企业", holding("innovative_sme_on", 3), first_issue("innovative_sme_on"), "工信"),
    counted("provincial_srdi", "省级专精特新", "自认定之日起三年内的专精特新中小企业", holding("provincial_srdi_on", 3), first_issue("provincial_srdi_on"), "工信"),
    counted("national_srdi", "小巨人", "自认定之日起三年内的专精特新“小巨人”企业", holding("national_srdi_on", 3), first_issue("national_srdi_on"), "工信"),
    of_kind_counted("listed", Kind.LISTED, "基准日在境内外上市的企业", "企业填报", "上市企业"),
    of_kind_counted("foreign", Kind.FOREIGN, "基准日的外商投资企业", "市场监管", "外资企业"),
    of_kind_counted("japanese", Kind.JAPANESE, "基准日的日资企业，已含在外资中", "市场监管", "日资企业"),
    of_kind_counted("central", Kind.CENTRAL, "基准日的中央企业及其所属企业", "市场监管", "央企"),
    of_kind_counted("regional_hq", Kind.REGIONAL_HQ, "经认定的外资地区总部及功能机构，已含在外资中", "市场监管", "外资地区总部及功能机构"),
    of_kind_counted("institutes", Kind.INSTITUTE, "累计引进、基准日在册的国字号院所平台", "科技", "国字号院所平台"),
    not_yet("talents", "高层次人才", "人", "在园区工作的高层次人才", "未接入：还没有人才的记录，可由人社提供", "高层次人才"),
    not_yet("carrier_area", "载体面积", "平方米", "孵化器、加速器、产业园等载体的建筑面积", "未接入：还没有载体和房源的记录，可由载体运营提供", "各类载体面积"),
)  # fmt: skip
