"""What the registry counts: enterprises by kind, title and day; each number is the count of the rows it opens.

A number that nobody has records for is unknown and says why; it is never zero.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import CharField, Count, Max, Min, Q, QuerySet, Subquery
from django.db.models import Value as Constant
from django.urls import reverse

from wotu.registers.measures import Measure, Origin, Reading, RowColumn, Table, Value
from wotu.registry.desk.industries import industry_name
from wotu.registry.models import Enterprise, EnterpriseKind, Fact, FormerName, Kind, Source
from wotu.registry.periods import Period
from wotu.registry.plan import year_ago
from wotu.registry.queries import in_force

Rows = QuerySet[Any]


def alive_on(as_of: date, path: str = "") -> Q:
    """Condition on an enterprise (at `path`): established by the day or of unknown age, and not yet closed.

    Said by what is left out, because an index on either day would lead a list astray: nearly everybody is alive.
    """
    return ~Q(**{f"{path}established_on__gt": as_of}) & ~Q(**{f"{path}closed_on__lte": as_of})


def alive(as_of: date) -> QuerySet[Enterprise]:
    """Enterprises on the register on a day."""
    return Enterprise.objects.filter(alive_on(as_of))


@dataclass(frozen=True, slots=True)
class Registered:
    """Enterprises counted by what the register itself says of them."""

    holds: Callable[[date], Q]
    sentence: Callable[[date], str]

    def rows(self, as_of: date) -> Rows:
        """The enterprises counted on a day."""
        return Enterprise.objects.filter(self.holds(as_of))

    def days(self) -> QuerySet[Any, Any]:
        """The days on record, the first one first."""
        known = Enterprise.objects.filter(established_on__isnull=False).order_by("established_on")
        return known.values_list("established_on", flat=True)

    def history(self, days: Sequence[date]) -> tuple[Value, ...]:
        """The counts on several days, in one query."""
        counts: dict[str, Any] = {f"d{i}": Count("pk", filter=self.holds(day)) for i, day in enumerate(days)}
        return _counts(Enterprise.objects.aggregate(first=Min("established_on"), **counts), days)

    def sources(self, as_of: date) -> tuple[Origin, ...]:
        """An enterprise's own registration names no source."""
        return (Origin("企业登记信息", "企业名称、成立与注销日期、片区等登记事项"),)

    def proof(self, rows: Sequence[Any], as_of: date) -> Mapping[Any, str]:
        """The day of establishment that counts an enterprise."""
        return {e.pk: f"{e.established_on} 成立" if e.established_on else "成立日期未知，未注销" for e in rows}


@dataclass(frozen=True, slots=True)
class Recorded:
    """Enterprises on the register that have a record of their own: a kind, a certificate."""

    of: Callable[[], Rows]
    holds: Callable[[date], Q]
    day: str
    """Field of the record that bears its day."""
    said: str
    """What the record says happened on its day: 发证, 起."""
    sentence: Callable[[date], str]

    def rows(self, as_of: date) -> Rows:
        """The enterprises counted on a day."""
        return alive(as_of).filter(pk__in=self.of().filter(self.holds(as_of)).values("enterprise_id"))

    def days(self) -> QuerySet[Any, Any]:
        """The days on record, the first one first."""
        return self.of().filter(**{f"{self.day}__isnull": False}).order_by(self.day).values_list(self.day, flat=True)

    def history(self, days: Sequence[date]) -> tuple[Value, ...]:
        """The counts on several days, in one query."""
        counts: dict[str, Any] = {
            f"d{i}": Count("enterprise_id", distinct=True, filter=self.holds(day) & alive_on(day, "enterprise__"))
            for i, day in enumerate(days)
        }
        return _counts(self.of().aggregate(first=Min(self.day), **counts), days)

    def sources(self, as_of: date) -> tuple[Origin, ...]:
        """Who states the records, most trusted first."""
        held = self.of().filter(self.holds(as_of) & alive_on(as_of, "enterprise__")).order_by()
        last = {"last": Max("recorded_at")} if self.of().model is Fact else {}
        said = held.values("source__name", "source__kind", "source__trust", "source__url").annotate(
            rows=Count("enterprise_id", distinct=True), **last
        )
        return tuple(
            Origin(
                line["source__name"],
                f"{Source.Kind(line['source__kind']).label}，可信次序 {line['source__trust']}",
                line["rows"],
                line.get("last"),
                line["source__url"],
            )
            for line in said.order_by("-source__trust", "source__name")
        )

    def proof(self, rows: Sequence[Any], as_of: date) -> Mapping[Any, str]:
        """The newest record that counts each enterprise."""
        held = self.of().filter(self.holds(as_of), enterprise_id__in=[e.pk for e in rows])
        said = held.order_by(self.day, "pk").values_list("enterprise_id", self.day, "source__name")
        return {
            pk: f"{day} {self.said}（{source}）" if day else f"未写起始日期（{source}）" for pk, day, source in said
        }


def _counts(found: Mapping[str, Any], days: Sequence[date]) -> tuple[Value, ...]:
    first = found["first"]
    return tuple(None if first is None or day < first else found[f"d{i}"] for i, day in enumerate(days))


ON_REGISTER = "在册（成立日期不晚于{0}或未知，且未注销或{0}之后才注销）"


def of_kind(kind: Kind) -> Recorded:
    """Enterprises of a kind on a day."""

    def sentence(as_of: date) -> str:
        return ON_REGISTER.format(as_of) + f"，且企业类型记录为“{kind.label}”、在{as_of}有效的企业，一家计一次"

    return Recorded(lambda: EnterpriseKind.objects.filter(kind=kind), in_force, "since", "起", sentence)


def _dated(attribute: str, name: str, said: str, span: Callable[[date], tuple[date, date]]) -> Recorded:
    """Enterprises with a current fact whose day lies within a span (both ends included)."""

    def holds(as_of: date) -> Q:
        first, last = span(as_of)
        return Q(day__gte=first, day__lte=last)

    def sentence(as_of: date) -> str:
        first, last = span(as_of)
        return ON_REGISTER.format(as_of) + f"，且有一项现行的“{name}”在{first}至{last}之间的企业，一家计一次"

    def of() -> Rows:
        return Fact.objects.filter(attribute__code=attribute, superseded_at=None)

    return Recorded(of, holds, "day", said, sentence)


def holding(attribute: str, years: int, name: str = "发证日期", said: str = "发证") -> Recorded:
    """Enterprises whose certificate (its day of issue is the attribute) is within its years on a day."""

    def span(as_of: date) -> tuple[date, date]:
        after = year_ago(as_of, years)
        if (as_of.month, as_of.day) == (2, 28) and calendar.isleap(after.year):
            after = after.replace(day=29)
        return date.fromordinal(after.toordinal() + 1), as_of

    return _dated(attribute, name, said, span)


def registered_this_round() -> Recorded:
    """科技型中小企业: registered this year, or last year as long as it is not yet April."""

    def span(as_of: date) -> tuple[date, date]:
        return date(as_of.year if (as_of.month, as_of.day) > (3, 31) else as_of.year - 1, 1, 1), as_of

    return _dated("tech_sme_registered_on", "科技型中小企业入库日期", "入库", span)


def window(as_of: date) -> tuple[date, date]:
    """The months in which newcomers are counted, as first and last day: to the last finished quarter; before April last year."""
    quarter = as_of.month // 3 if _month_ends(as_of) else (as_of.month - 1) // 3
    if quarter == 0:
        return date(as_of.year - 1, 1, 1), date(as_of.year - 1, 12, 31)
    month = quarter * 3
    return date(as_of.year, 1, 1), date(as_of.year, month, calendar.monthrange(as_of.year, month)[1])


def months(as_of: date) -> str:
    """The months in which newcomers are counted, in words."""
    first, last = window(as_of)
    return str(Period.months(first.year, first.month, last.month))


def window_before(as_of: date) -> tuple[date, date]:
    """The same months of the year before."""
    first, last = window(as_of)
    return first.replace(year=first.year - 1), last.replace(year=last.year - 1)


def _month_ends(day: date) -> bool:
    return day.day == calendar.monthrange(day.year, day.month)[1]


def _established(span: tuple[date, date]) -> Q:
    return Q(established_on__gte=span[0], established_on__lte=span[1])


ON_THE_REGISTER = Registered(alive_on, lambda as_of: ON_REGISTER.format(as_of) + "的全部市场主体")
NEWCOMERS = Registered(
    lambda as_of: _established(window(as_of)),
    lambda as_of: "成立日期在{}至{}之间的市场主体，含其后注销的".format(*window(as_of)),
)
BOTH_YEARS = Registered(
    lambda as_of: _established(window(as_of)) | _established(window_before(as_of)),
    lambda as_of: "（成立日期在{}至{}的家数 − {}至{}的家数）÷ 后者".format(*window(as_of), *window_before(as_of)),
)


def read_growth(as_of: date) -> Reading:
    """By how much newcomers are more than in the same months of the year before, as a fraction; one query."""
    rows = BOTH_YEARS.rows(as_of)
    found = rows.aggregate(
        now=Count("pk", filter=_established(window(as_of))),
        before=Count("pk", filter=_established(window_before(as_of))),
        demo=Count("pk", filter=Q(is_demo=True)),
    )
    if not found["before"]:
        return Reading(None, as_of, False, "上年同期没有登记记录，无法比较，可由市场监管提供")
    return Reading(Decimal(found["now"] - found["before"]) / found["before"], as_of, found["demo"] > 0)


@dataclass(frozen=True, slots=True)
class Counted:
    """Reads a measure as the number of its rows; unknown where nothing was recorded by the day."""

    who: Registered | Recorded
    supplier: str

    def __call__(self, as_of: date) -> Reading:
        return self.reading(self.query(as_of).get(), as_of)

    def query(self, as_of: date, mark: str = "") -> QuerySet[Any, Any]:
        """One line: mark, how many, how many of them demonstration data, first day on record."""
        rows = self.who.rows(as_of).order_by().annotate(mark=Constant(mark, CharField())).values("mark")
        counted: Rows = rows.annotate(
            rows=Count("pk"), demo=Count("pk", filter=Q(is_demo=True)), first=Subquery(self.who.days()[:1])
        )
        return counted.values_list("mark", "rows", "demo", "first")

    def reading(self, line: tuple[str, int, int, date | None], as_of: date) -> Reading:
        """What the line says."""
        _mark, rows, demo, first = line
        if first is None:
            return Reading(None, as_of, False, f"未接入：还没有这类记录，可由{self.supplier}提供")
        if as_of < first:
            return Reading(None, as_of, False, f"最早的记录自{first}起，这一天还没有记录")
        return Reading(rows, as_of, demo > 0)


def read_together(counts: Mapping[str, Counted], as_of: date) -> dict[str, Reading]:
    """The readings of several counts in one query; each is what reading it alone gives."""
    if not counts:
        return {}
    first, *rest = [count.query(as_of, mark) for mark, count in counts.items()]
    lines = first.union(*rest, all=True)
    return {line[0]: counts[line[0]].reading(line, as_of) for line in lines}


def _search(text: str) -> Q:
    former = FormerName.objects.filter(name__icontains=text).values("enterprise_id")
    return Q(name__icontains=text) | Q(code__startswith=text.upper()) | Q(pk__in=former)


def _industry(enterprise: Enterprise) -> str | None:
    return f"{enterprise.industry} {industry_name(enterprise.industry)}".strip() or None


def _portrait(enterprise: Enterprise, as_of: date) -> str:
    return f"{reverse('registry:enterprise', args=[enterprise.pk])}?as_of={as_of}"


ENTERPRISES = Table(
    "家企业",
    (
        RowColumn("name", "企业名称", lambda e: e.name, order=("name", "pk")),
        RowColumn("code", "统一社会信用代码", lambda e: e.code, order=("code",)),
        RowColumn("area", "片区", lambda e: e.area.name if e.area else None, order=("area__name", "name", "pk")),
        RowColumn("industry", "行业", _industry, order=("industry", "name", "pk")),
        RowColumn("established_on", "成立日期", lambda e: e.established_on, "date", ("established_on", "pk")),
    ),
    link=_portrait,
    search=_search,
    related=("area",),
    demo=lambda e: e.is_demo,
)
"""How enterprises behind a number are listed."""


def counted(
    id: str,
    name: str,
    definition: str,
    who: Registered | Recorded,
    supplier: str,
    published: str = "",
    span: Callable[[date], str] | None = None,
) -> Measure:
    """A measure that counts enterprises; its number is the count of the very rows it opens."""
    return Measure(
        id=f"registry.{id}",
        name=name,
        unit="家",
        definition=definition,
        room="registry",
        read=Counted(who, supplier),
        rows=who.rows,
        dimensions=("area",),
        published=published,
        table=ENTERPRISES,
        words=who.sentence,
        sources=who.sources,
        proof=who.proof,
        history=who.history,
        span=span,
    )


def not_yet(id: str, name: str, unit: str, definition: str, why: str, published: str) -> Measure:
    """A measure whose records are not here yet: unknown, with the reason."""
    return Measure(
        id=f"registry.{id}",
        name=name,
        unit=unit,
        definition=definition,
        room="registry",
        read=lambda as_of: Reading(None, as_of, False, why),
        rows=lambda as_of: Enterprise.objects.none(),
        published=published,
        table=ENTERPRISES,
    )


MEASURES: tuple[Measure, ...] = (
    counted("enterprises", "市场主体", "基准日在册（已成立、未注销）的企业、个体工商户和机构", ON_THE_REGISTER, "市场监管"),
    counted("newcomers", "新增市场主体", "当年1月至最近一个整季末新登记的市场主体，含其后注销的；一季度内看上年全年", NEWCOMERS, "市场监管", "新增市场主体", months),
    Measure(
        "registry.newcomers_growth", "新增市场主体增长", "%", "新增市场主体比上年同期增长的比例", "registry", read_growth, BOTH_YEARS.rows,
        ("area",), "新增市场主体增长", ENTERPRISES, BOTH_YEARS.sentence, BOTH_YEARS.sources, BOTH_YEARS.proof, span=months,
    ),
    counted("high_tech", "国家高新技术企业", "基准日高新技术企业证书在有效期（自发证之日起三年）内的企业", holding("hte_issued_on", 3, "高企发证日期"), "科技", "国家高新技术企业"),
    counted("tech_sme", "科技型中小企业", "取得入库登记编号、在有效期（至次年3月31日）内的企业", registered_this_round(), "科技"),
    counted("innovative_sme", "创新型中小企业", "自公告之日起三年内的创新型中小企业", holding("innovative_sme_on", 3, "创新型中小企业公告日期", "公告"), "工信"),
    counted("provincial_srdi", "省级专精特新", "自认定之日起三年内的专精特新中小企业", holding("provincial_srdi_on", 3, "省级专精特新认定日期", "认定"), "工信"),
    counted("national_srdi", "小巨人", "自认定之日起三年内的专精特新“小巨人”企业", holding("national_srdi_on", 3, "小巨人认定日期", "认定"), "工信"),
    counted("listed", "上市企业", "基准日在境内外上市的企业", of_kind(Kind.LISTED), "企业填报", "上市企业"),
    counted("foreign", "外资企业", "基准日的外商投资企业", of_kind(Kind.FOREIGN), "市场监管", "外资企业"),
    counted("japanese", "日资企业", "基准日的日资企业，已含在外资中", of_kind(Kind.JAPANESE), "市场监管", "日资企业"),
    counted("central", "央企", "基准日的中央企业及其所属企业", of_kind(Kind.CENTRAL), "市场监管", "央企"),
    counted("regional_hq", "外资地区总部及功能机构", "经认定的外资地区总部及功能机构，已含在外资中", of_kind(Kind.REGIONAL_HQ), "市场监管", "外资地区总部及功能机构"),
    counted("institutes", "国字号院所平台", "累计引进、基准日在册的国字号院所平台", of_kind(Kind.INSTITUTE), "科技", "国字号院所平台"),
    not_yet("talents", "高层次人才", "人", "在园区工作的高层次人才", "未接入：还没有人才的记录，可由人社提供", "高层次人才"),
    not_yet("carrier_area", "载体面积", "平方米", "孵化器、加速器、产业园等载体的建筑面积", "未接入：还没有载体和房源的记录，可由载体运营提供", "各类载体面积"),
)  # fmt: skip
