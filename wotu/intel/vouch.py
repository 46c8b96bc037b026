"""Where an accepted claim goes: a published figure of the zone, a fact about an enterprise, or a target; never two at once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from wotu.intel import series
from wotu.intel.models import Article, Claim, Target
from wotu.registry import facts
from wotu.registry.models import Attribute, Fact, Source, ZoneClaim
from wotu.registry.periods import Period

TRUST = 40
"""How far an article is trusted as a source; departments' own data stand above it."""
ALIKE = 6
"""Characters two quotes of one source must share to be the same words."""


def enter(claim: Claim, by: object) -> str:
    """Put a claim that was accepted where it belongs, and say what could not be done; the caller saves the claim."""
    if claim.status == Claim.Status.TARGET:
        _target(claim)
        return ""
    if claim.about == Claim.About.ZONE:
        _publish(claim)
        return ""
    if claim.about == Claim.About.ENTERPRISE:
        return _state(claim, by)
    return ""


def withdraw(claim: Claim) -> None:
    """Take out again what `enter` put in; figures that another claim or a file also states stay."""
    published = [zone for zone in (claim.published, claim.published_growth) if zone is not None]
    claim.published = claim.published_growth = None
    claim.save(update_fields=["published", "published_growth"])
    Target.objects.filter(claim=claim).delete()
    for zone in published:
        elsewhere = Claim.objects.filter(published=zone) | Claim.objects.filter(published_growth=zone)
        if zone.key.startswith(_mark(claim.article)) and not elsewhere.exists():
            zone.delete()


def source_of(article: Article) -> Source:
    """The source an article is, made when its first claim is accepted; a source of that name kept before is the same."""
    if article.source is not None:
        return article.source
    day = article.published_on.isoformat() if article.published_on else ""
    name = " ".join(filter(None, (article.publisher, day))) or article.title
    kept = Source.objects.filter(name=name[:100], kind=Source.Kind.ARTICLE).first()
    if kept is None or not article.publisher or Article.objects.filter(source=kept).exists():
        taken = kept is not None or Source.objects.filter(name=name[:100]).exists()
        kept, _made = Source.objects.get_or_create(
            name=f"{name}《{article.title}》"[:100] if taken else name[:100],
            defaults={
                "kind": Source.Kind.ARTICLE,
                "trust": TRUST,
                "publisher": article.publisher,
                "published_on": article.published_on,
                "url": article.url,
            },
        )
    article.source = kept
    article.save(update_fields=["source"])
    return kept


def due(period: str) -> date | None:
    """The last day of a period."""
    return Period.parse(period).ends if period else None


def _target(claim: Claim) -> None:
    Target.objects.create(
        claim=claim,
        series=claim.series,
        subject=claim.subject,
        value=claim.value,
        unit=claim.unit,
        modifier=claim.modifier,
        period=claim.period,
        due_on=due(claim.period),
        source=source_of(claim.article),
        quote=claim.quote,
    )


def _publish(claim: Claim) -> None:
    note = "原文有缺字，按建议补读" if claim.repaired else ""
    if claim.upper is not None:
        note = f"{note}；" * bool(note) + f"原文是范围，上限 {claim.upper.normalize():f}"
    claim.published = _figure(claim, "", claim.series, claim.value, claim.unit, claim.modifier, note)
    claim.series = claim.published.name
    if claim.growth is not None:
        name = series.name(claim.series, kind="growth", base=claim.growth_base)
        claim.published_growth = _figure(claim, "-growth", name, claim.growth, claim.growth_unit, "", "")


def _figure(claim: Claim, suffix: str, name: str, value: Decimal, unit: str, modifier: str, note: str) -> ZoneClaim:
    """The published figure that says this: one the same source already states in the same words, or a new one."""
    source = source_of(claim.article)
    for kept in ZoneClaim.objects.filter(source=source, value=round(value, 4), unit=unit):
        when = not kept.period or not claim.period or kept.period == claim.period
        if _same_words(kept.quote, claim.quote) or (kept.name == name and when):
            return kept
    return ZoneClaim.objects.create(
        key=f"{_mark(claim.article)}{claim.pk}{suffix}",
        name=name[:100],
        value=round(value, 4),
        unit=unit[:10],
        modifier=modifier,
        period=claim.period,
        quote=claim.quote,
        note=note[:300],
        source=source,
    )


def _mark(article: Article) -> str:
    return f"article-{article.pk}-"


def _same_words(one: str, other: str) -> bool:
    """Whether two quotes of one text overlap, punctuation and width aside."""
    one, other = ("".join(c for c in quote if c.isalnum()) for quote in (one, other))
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) <= ALIKE:
        return bool(shorter) and shorter in longer
    return any(shorter[at : at + ALIKE] in longer for at in range(len(shorter) - ALIKE + 1))


def _state(claim: Claim, by: object) -> str:
    """A claim about an enterprise as a fact of the registry; what stands in the way, in a sentence."""
    attribute = _attribute(claim.indicator)
    if attribute is None:
        return f"登记里没有“{claim.indicator}”这个指标，只作为说法保留"
    value = claim.value
    if claim.unit == "%" and not attribute.unit:
        value = value / 100
    elif claim.unit != attribute.unit:
        return f"单位“{claim.unit}”与登记的“{attribute.unit or '比率'}”不同，只作为说法保留"
    if not claim.period or not _fits(Period.parse(claim.period), attribute):
        return f"“{attribute.name}”要按{attribute.get_period_kind_display()}记，原文的期间不是，只作为说法保留"
    assert claim.enterprise is not None
    period, source = Period.parse(claim.period), source_of(claim.article)
    stated = facts.Stated(claim.enterprise.pk, attribute.code, period, value)
    facts.record((stated,), source=source, by=by, known={attribute.code: attribute})
    claim.fact = Fact.objects.get(
        enterprise=claim.enterprise, attribute=attribute, period=period.text, source=source, superseded_at=None
    )
    return ""


def _attribute(indicator: str) -> Attribute | None:
    numbers = Attribute.objects.filter(type=Attribute.Type.NUMBER)
    return next((a for a in numbers if a.name == indicator or indicator in a.synonyms), None)


def _fits(period: Period, attribute: Attribute) -> bool:
    return period.kind == attribute.period_kind
