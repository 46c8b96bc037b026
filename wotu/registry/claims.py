"""Published figures about the zone, read from a file into sourced claims that stand beside what the registry counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from wotu.registers.measures import Measure, Reading
from wotu.registry.models import Source, ZoneClaim
from wotu.registry.periods import BadPeriod, Period
from wotu.rulebook.findings import Finding

FILE = Path(__file__).with_name("claims.yaml")
KNOWN = {"key", "name", "value", "unit", "modifier", "period", "quote", "note"}
MODIFIERS = ("", "超", "余", "约")
AFTER = ("余", "以上")
"""Modifiers that stand behind the number."""


class BadClaims(ValueError):
    """A file of published figures with mistakes; `findings` says where each is and how to mend it."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        super().__init__("\n".join(str(finding) for finding in findings))


def sync(file: Path = FILE) -> tuple[int, int]:
    """Make the stored claims of the file's source say what the file says; (added, changed). Raises `BadClaims`."""
    read = yaml.safe_load(file.read_text(encoding="utf-8"))
    if findings := tuple(check(file.name, read)):
        raise BadClaims(findings)
    said = read["source"]
    added = changed = 0
    with transaction.atomic():
        source, _ = Source.objects.get_or_create(
            name=said["name"],
            defaults={
                "kind": Source.Kind.ARTICLE,
                "trust": said.get("trust", 40),
                "publisher": said.get("publisher", ""),
                "published_on": said.get("published"),
                "url": said.get("url", ""),
            },
        )
        for claim in read["claims"]:
            values: dict[str, Any] = {"source": source, **{name: claim.get(name, "") for name in KNOWN - {"key"}}}
            values["value"] = Decimal(str(claim["value"]))
            row = ZoneClaim.objects.filter(key=claim["key"]).first()
            if row is None:
                ZoneClaim.objects.create(key=claim["key"], **values)
                added += 1
            elif any(getattr(row, name) != value for name, value in values.items()):
                ZoneClaim.objects.filter(pk=row.pk).update(**values)
                changed += 1
    return added, changed


def check(name: str, read: Any) -> list[Finding]:
    """What is wrong with a file of published figures."""
    if (
        not isinstance(read, dict)
        or not isinstance(read.get("source"), dict)
        or not isinstance(read.get("claims"), list)
    ):
        return [Finding(name, "应有 source（出处）和 claims（数字）两项", "请照 claims.yaml 的样子写", "error")]
    findings = []
    if not isinstance(read["source"].get("published"), date | None) or not read["source"].get("name"):
        findings.append(
            Finding(f"{name} source", "缺名称，或发布日期不是日期", "请写 name 和 2021-11-05 样子的 published", "error")
        )
    seen: set[str] = set()
    for number, claim in enumerate(read["claims"], start=1):
        where = f"{name} 第{number}条{claim.get('key', '')}"
        if lacking := {"key", "name", "value", "unit"} - set(claim):
            findings.append(Finding(where, f"缺 {'、'.join(sorted(lacking))}", "请补上", "error"))
            continue
        if unknown := set(claim) - KNOWN:
            findings.append(
                Finding(where, f"不认识 {'、'.join(sorted(unknown))}", f"可写的有 {'、'.join(sorted(KNOWN))}", "error")
            )
        if claim["key"] in seen:
            findings.append(Finding(where, "编号重复", "每条一个编号", "error"))
        seen.add(claim["key"])
        try:
            Decimal(str(claim["value"]))
        except InvalidOperation:
            findings.append(Finding(where, f"“{claim['value']}”不是数", "请写阿拉伯数字，以 unit 为单位", "error"))
        if claim.get("modifier", "") not in MODIFIERS:
            findings.append(Finding(where, f"修饰“{claim['modifier']}”不认识", "只能是 超、余、约 或不写", "error"))
        try:
            if claim.get("period"):
                Period.parse(str(claim["period"]))
        except BadPeriod as error:
            findings.append(Finding(where, str(error), "", "error"))
    return findings


def beside(*measures: Measure) -> dict[str, ZoneClaim]:
    """The published figures that stand beside measures, by measure: of several the one for the latest day; one query."""
    wanted = {measure.published: measure.id for measure in measures if measure.published}
    found = ZoneClaim.objects.select_related("source").filter(name__in=wanted) if wanted else ()
    latest = sorted(found, key=lambda claim: (day(claim) or date.min, -claim.pk))
    return {wanted[claim.name]: claim for claim in latest}


def uncounted(*measures: Measure) -> list[ZoneClaim]:
    """Of every indicator that no measure counts the figure for the latest day, as they came in; one query."""
    counted = {measure.published for measure in measures if measure.published}
    latest: dict[str, ZoneClaim] = {}
    for claim in ZoneClaim.objects.select_related("source").exclude(name__in=counted):
        known = latest.get(claim.name)
        if known is None or (day(claim) or date.min) > (day(known) or date.min):
            latest[claim.name] = claim
    return list(latest.values())


def day(claim: ZoneClaim) -> date | None:
    """The day to which a published figure speaks: the end of its period, else its publication."""
    return Period.parse(claim.period).ends if claim.period else claim.source.published_on


def said(claim: ZoneClaim) -> str:
    """A published figure in words: 972 家, 40 余家, 超 800 万平方米."""
    return worded(claim.value, claim.unit, claim.modifier)


def worded(value: Decimal, unit: str, modifier: str = "", upper: Decimal | None = None) -> str:
    """A figure with its modifier where it is said, money and large areas in the unit that reads best.

    >>> worded(Decimal(40), "家", "余"), worded(Decimal("5.22e10"), "元", "达"), worded(Decimal(8000000), "平方米", "超")
    ('40 余家', '522 亿元', '超 800 万平方米')
    >>> worded(Decimal("62.8"), "%"), worded(Decimal(3), "家", "", Decimal(5))
    ('62.8%', '3—5 家')
    """
    size, big = Decimal(1), ""
    if unit in ("元", "美元", "平方米") and abs(value) >= 10**4:
        size, big = (Decimal(10**8), "亿") if abs(value) >= 10**8 else (Decimal(10**4), "万")
    number = _plain(value / size) + (f"—{_plain(upper / size)}" if upper is not None else "")
    before = f"{modifier} " if modifier and modifier not in (*AFTER, "达") else ""
    if unit == "%":
        return f"{before}{number}%{modifier if modifier in AFTER else ''}"
    middle, after = ("余", "") if modifier == "余" else ("", modifier if modifier in AFTER else "")
    return f"{before}{number} {middle if not big else ''}{big}{middle if big else ''}{unit}{after}".rstrip()


def _plain(number: Decimal) -> str:
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True, slots=True)
class Comparison:
    """A published figure beside what was counted for its own day."""

    claim: ZoneClaim
    counted: Reading
    difference: Decimal | None
    """Counted less published, in the claim's unit, rounded as the claim is; None where nothing was counted."""

    @property
    def agrees(self) -> bool | None:
        """Whether the count bears the figure out, its 超, 余 or 约 taken into account; None where nothing was counted."""
        if self.difference is None:
            return None
        if self.claim.modifier in ("超", "余"):
            return self.difference > 0
        if self.claim.modifier == "以上":
            return self.difference >= 0
        if self.claim.modifier == "不足":
            return self.difference < 0
        if self.claim.modifier == "不超过":
            return self.difference <= 0
        if self.claim.modifier == "近":
            return self.difference < 0 and abs(self.difference) * 10 <= abs(self.claim.value)
        if self.claim.modifier == "约":
            return abs(self.difference) * 20 <= abs(self.claim.value)
        return self.difference == 0


def compare(claim: ZoneClaim, counted: Reading) -> Comparison:
    """A reading beside the published figure; a ratio is counted as a fraction and published in percent."""
    if counted.value is None:
        return Comparison(claim, counted, None)
    published = claim.value.normalize()
    value = Decimal(counted.value) * (100 if claim.unit == "%" else 1)
    places = max(0, -int(published.as_tuple().exponent))
    return Comparison(claim, counted, round(value, places) - published)
