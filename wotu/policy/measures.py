"""What the policy room counts: who the latest screening by a day found eligible, one condition short or not yet known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from django.db.models import QuerySet, Sum

from wotu.policy.models import Screening, ScreeningRule
from wotu.registers.measures import Measure, Reading
from wotu.registry import lake
from wotu.registry.measures import alive, holding
from wotu.registry.models import Enterprise

HIGH_TECH = "高新技术企业认定"
NONE_YET = "还没有做过筛查，请先运行 wotu screen 或在“政策匹配”里筛查"


def screening_by(as_of: date) -> Screening | None:
    """The newest finished screening whose day is not after `as_of`."""
    return (
        Screening.objects.filter(as_of__lte=as_of, state=Screening.State.DONE)
        .order_by("-as_of", "-finished_at")
        .first()
    )


def rules_of(as_of: date) -> QuerySet[ScreeningRule]:
    """The results, rule by rule, of the newest screening by a day."""
    found = screening_by(as_of)
    if found is None:
        return ScreeningRule.objects.none()
    return ScreeningRule.objects.filter(screening=found).select_related("edition__policy")


def total(field: str) -> Callable[[date], Reading]:
    """Reads the sum of a count over the rules of a screening."""

    def read(as_of: date) -> Reading:
        found = screening_by(as_of)
        if found is None:
            return Reading(None, as_of, False, NONE_YET)
        value = rules_of(as_of).aggregate(total=Sum(field))["total"]
        return Reading(value, found.as_of, Enterprise.objects.filter(is_demo=True).exists())

    return read


def could_apply(as_of: date) -> QuerySet[Enterprise]:
    """Enterprises that meet every condition of the high-tech title and do not hold it."""
    found = screening_by(as_of)
    if found is None:
        return Enterprise.objects.none()
    rule = found.rules.filter(edition__policy__name=HIGH_TECH).select_related("edition").first()
    if rule is None:
        return Enterprise.objects.none()
    file = lake.folder(found.path) / f"{Path(rule.edition.rule_file).stem}.parquet"
    if not file.exists():
        return Enterprise.objects.none()
    with lake.connect() as connection:
        ids = connection.execute(f"SELECT enterprise_id FROM {lake.parquet(file)} WHERE eligible").fetchall()
    holders = holding("hte_issued_on", 3)(found.as_of)
    return alive(found.as_of).filter(pk__in=[row[0] for row in ids]).exclude(pk__in=holders.values("pk"))


def read_could_apply(as_of: date) -> Reading:
    """How many could apply for the high-tech title; unknown where it was not screened."""
    found = screening_by(as_of)
    if found is None or not found.rules.filter(edition__policy__name=HIGH_TECH).exists():
        return Reading(None, as_of, False, NONE_YET)
    rows = could_apply(as_of)
    return Reading(rows.count(), found.as_of, rows.filter(is_demo=True).exists())


def summed(id: str, name: str, definition: str, field: str) -> Measure:
    """A measure that adds up one count over the rules screened."""
    return Measure(f"policy.{id}", name, "家次", definition, "policy", total(field), rules_of)


MEASURES: tuple[Measure, ...] = (
    summed("eligible", "符合政策条件", "最近一次筛查中，各项规则符合条件的企业数之和（一家符合几项计几次）", "eligible"),
    summed("near", "差一项", "最近一次筛查中，只差一个条款就符合的企业数之和", "near_miss"),
    summed("unknown", "资料不全、不能判断", "最近一次筛查中，因资料未知而不能判断的企业数之和", "unknown"),
    Measure("policy.could_apply", "可申报高企", "家", "最近一次筛查符合高新技术企业认定全部条件、而目前没有有效证书的企业", "policy", read_could_apply, could_apply, ("area",)),
)  # fmt: skip
