"""A reading as JSON: the shapes other programs rely on."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from wotu.intel.reading.model import Claim, Reading


def as_json(reading: Reading, with_text: bool = False) -> dict[str, Any]:
    """The reading as plain data; decimals as text, spans as pairs."""
    shown: dict[str, Any] = {
        "title": reading.title,
        "source": reading.source,
        "published": reading.published.isoformat() if reading.published else None,
        "claims": [_claim(claim) for claim in reading.claims],
        "events": [
            {
                "kind": event.kind, "name": event.name, "place": event.place, "date": event.period or None, "subject": event.subject,
                "objects": list(event.objects), "span": list(event.span), "quote": event.quote,
            }
            for event in reading.events
        ],
        "people": [
            {"name": one.name, "title": one.title, "organisation": one.organisation, "span": list(one.span), "quote": one.quote}
            for one in reading.people
        ],
        "sayings": [{"speaker": one.speaker, "span": list(one.span), "quote": one.quote} for one in reading.sayings],
        "structures": [
            {
                "name": one.name,
                "branches": [
                    {"name": branch.name, "count": branch.count, "items": list(branch.items), "span": list(branch.span), "quote": branch.quote}
                    for branch in one.branches
                ],
                "span": list(one.span), "quote": one.quote,
            }
            for one in reading.structures
        ],
        "lost": [
            {"found": gap.found, "suggestion": gap.suggestion, "span": list(gap.span), "quote": gap.quote} for gap in reading.lost
        ],
        "asides": [{"why": aside.why, "span": list(aside.span)} for aside in reading.asides],
        "notes": [{"what": note.what, "span": list(note.span) if note.span else None} for note in reading.notes],
    }  # fmt: skip
    if with_text:
        shown["text"] = reading.text
    return shown


def _claim(claim: Claim) -> dict[str, Any]:
    growth = claim.growth
    return {
        "kind": claim.kind,
        "subject": claim.subject,
        "indicator": claim.indicator,
        "known": claim.known,
        "value": plain(claim.value),
        "upper": None if claim.upper is None else plain(claim.upper),
        "unit": claim.unit,
        "modifier": claim.modifier,
        "period": claim.period or None,
        "base": claim.base,
        "growth": None
        if growth is None
        else {"value": plain(growth.value), "unit": growth.unit, "base": growth.base, "at": list(growth.at)},
        "nature": claim.nature,
        "status": claim.status,
        "repaired": claim.repaired,
        "span": list(claim.span),
        "quote": claim.quote,
    }


def plain(value: Decimal) -> str:
    """A decimal without exponent or idle zeros.

    >>> plain(Decimal("2.0459E+7")), plain(Decimal("62.80"))
    ('20459000', '62.8')
    """
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def as_lines(reading: Reading) -> list[str]:
    """The reading as lines for a terminal."""
    lines = [
        reading.title or "（无标题）",
        f"发布：{reading.published or '未知'}　来源：{reading.source or '未知'}",
        "",
    ]
    for claim in reading.claims:
        what = (
            f"{claim.modifier}{plain(claim.value)} {claim.unit}"
            if claim.modifier != "余"
            else f"{plain(claim.value)} 余 {claim.unit}"
        )
        change = (
            f"，{claim.growth.base}{'增' if claim.growth.value >= 0 else '降'} {plain(abs(claim.growth.value))} {claim.growth.unit}"
            if claim.growth
            else ""
        )
        target = "　目标" if claim.status == "target" else ""
        lines.append(f"  {claim.indicator}　{what}{change}　{claim.period or '期间未说明'}{target}　“{claim.quote}”")
    lines += [
        f"  事件　{event.kind}　{event.name}　{event.place}　{event.period}".rstrip("　") for event in reading.events
    ]
    for structure in reading.structures:
        lines.append(f"  结构　{structure.name}")
        lines += [f"    {branch.name}：{'、'.join(branch.items)}" for branch in structure.branches]
    lines += [f"  缺字　“{gap.quote}”，或为“{gap.suggestion}”" for gap in reading.lost]
    lines += [f"  注意　{note.what}" for note in reading.notes]
    lines.append(
        f"共 {len(reading.claims)} 个数字、{len(reading.events)} 件事、{len(reading.structures)} 个结构、{len(reading.lost)} 处缺字。"
    )
    return lines
