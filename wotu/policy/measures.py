"""What the policy room counts: who the latest screening by a day found eligible, one condition short or not yet known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.db.models import Count, Exists, Q, QuerySet, Sum
from django.urls import reverse
from django.utils import timezone

from wotu.policy.models import Screening, ScreeningRule
from wotu.registers.measures import Measure, Origin, Reading, RowColumn, Table
from wotu.registry import lake
from wotu.registry.measures import ENTERPRISES, alive, holding
from wotu.registry.models import Enterprise
from wotu.registry.queries import among

HIGH_TECH = "高新技术企业认定"
HOLDERS = holding("hte_issued_on", 3)
NONE_YET = "这一天及以前没有做过筛查，可由政策专员在“政策匹配”里筛查"


def finished_by(as_of: date) -> QuerySet[Screening]:
    """Finished screenings whose day is not after `as_of`, the newest first."""
    done = Screening.objects.filter(as_of__lte=as_of, state=Screening.State.DONE)
    return done.order_by("-as_of", "-finished_at", "-pk")


def screening_by(as_of: date) -> Screening | None:
    """The newest finished screening whose day is not after `as_of`."""
    return finished_by(as_of).first()


def rules_of(as_of: date) -> QuerySet[ScreeningRule]:
    """The results, rule by rule, of the newest screening by a day."""
    found = screening_by(as_of)
    if found is None:
        return ScreeningRule.objects.none()
    return ScreeningRule.objects.filter(screening=found)


def sources(as_of: date) -> tuple[Origin, ...]:
    """The screening whose results are counted."""
    found = screening_by(as_of)
    if found is None:
        return ()
    known = timezone.localtime(found.known_at)
    detail = f"基准日 {found.as_of}，用 {known:%Y-%m-%d %H:%M} 的快照，{found.enterprises} 家在册企业"
    return (Origin(str(found), detail, None, found.finished_at, f"{reverse('policy:match')}?screening={found.pk}"),)


def total(field: str) -> Callable[[date], Reading]:
    """Reads the sum of a count over the rules of a screening, in one query."""

    def read(as_of: date) -> Reading:
        invented = Exists(Enterprise.objects.filter(is_demo=True))
        found = finished_by(as_of).annotate(total=Sum(f"rules__{field}"), demo=invented).first()
        if found is None:
            return Reading(None, as_of, False, NONE_YET)
        return Reading(found.total, found.as_of, found.demo)

    return read


def _eligible(found: Screening) -> list[int] | None:
    """Ids of the enterprises that a screening found eligible for the high-tech title; None where it did not look."""
    rule = found.rules.filter(edition__policy__name=HIGH_TECH).select_related("edition").first()
    file = lake.folder(found.path) / f"{Path(rule.edition.rule_file).stem}.parquet" if rule else None
    if file is None or not file.exists():
        return None
    with lake.trouble("筛查结果"), lake.connect() as connection:
        ids = connection.execute(f"SELECT enterprise_id FROM {lake.parquet(file)} WHERE eligible").fetchall()
    return [row[0] for row in ids]


def _without_title(ids: Sequence[int], as_of: date) -> QuerySet[Enterprise]:
    return alive(as_of).filter(pk__in=among(ids)).exclude(pk__in=HOLDERS.rows(as_of).values("pk"))


def could_apply(as_of: date) -> QuerySet[Enterprise]:
    """Enterprises that meet every condition of the high-tech title and do not hold it."""
    found = screening_by(as_of)
    ids = _eligible(found) if found else None
    return _without_title(ids, found.as_of) if found and ids is not None else Enterprise.objects.none()


def read_could_apply(as_of: date) -> Reading:
    """How many could apply for the high-tech title; unknown where it was not screened."""
    found = screening_by(as_of)
    ids = _eligible(found) if found else None
    if found is None or ids is None:
        return Reading(None, as_of, False, NONE_YET)
    counted = _without_title(ids, found.as_of).aggregate(all=Count("pk"), demo=Count("pk", filter=Q(is_demo=True)))
    return Reading(counted["all"], found.as_of, counted["demo"] > 0)


def _met(rows: Sequence[Any], as_of: date) -> Mapping[Any, str]:
    found = screening_by(as_of)
    return {e.pk: f"{HIGH_TECH}各条款均符合（{found}），没有在有效期内的证书" for e in rows} if found else {}


RULES = Table(
    "项规则",
    (
        RowColumn("name", "政策", lambda r: r.edition.policy.name, order=("edition__policy__name", "pk")),
        RowColumn("edition", "版本", lambda r: r.edition.edition or "现行", order=("edition__edition", "pk")),
        RowColumn("eligible", "符合", lambda r: r.eligible, "count", ("eligible", "pk")),
        RowColumn("near_miss", "差一项", lambda r: r.near_miss, "count", ("near_miss", "pk")),
        RowColumn("unknown", "未知", lambda r: r.unknown, "count", ("unknown", "pk")),
        RowColumn("not_eligible", "不符合", lambda r: r.not_eligible, "count", ("not_eligible", "pk")),
    ),
    link=lambda r, as_of: f"{reverse('policy:rule', args=[r.edition_id])}?screening={r.screening_id}",
    search=lambda text: Q(edition__policy__name__icontains=text),
    related=("edition__policy",),
)
"""How the rules behind a number are listed; each opens its enterprises."""
RULES_TITLES = {column.id: column.title for column in RULES.columns}


def summed(id: str, name: str, definition: str, field: str) -> Measure:
    """A measure that adds up one count over the rules screened."""
    return Measure(
        id=f"policy.{id}",
        name=name,
        unit="家次",
        definition=definition,
        room="policy",
        read=total(field),
        rows=rules_of,
        table=RULES,
        words=lambda as_of: f"{as_of}及以前最近一次完成的筛查，各项规则“{RULES_TITLES[field]}”的企业数相加",
        sources=sources,
        summed=field,
    )


MEASURES: tuple[Measure, ...] = (
    summed("eligible", "符合政策条件", "最近一次筛查中，各项规则符合条件的企业数之和（一家符合几项计几次）", "eligible"),
    summed("near", "差一项", "最近一次筛查中，只差一个条款就符合的企业数之和", "near_miss"),
    summed("unknown", "资料不全、不能判断", "最近一次筛查中，因资料未知而不能判断的企业数之和", "unknown"),
    Measure(
        "policy.could_apply", "可申报高企", "家", "最近一次筛查符合高新技术企业认定全部条件、而目前没有有效证书的企业", "policy",
        read_could_apply, could_apply, ("area",), "", ENTERPRISES,
        lambda as_of: f"{as_of}及以前最近一次筛查中“{HIGH_TECH}”为符合，减去筛查基准日证书在有效期内的企业", sources, _met,
    ),
)  # fmt: skip
