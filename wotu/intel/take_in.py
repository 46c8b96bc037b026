"""From what the reader read to rows that wait for review. The only place that knows both the reader and the tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Q

from wotu.intel import likeness, series
from wotu.intel.models import LONGEST_QUOTE, Article, Claim, Event, ReviewText, Structure
from wotu.registry.models import Enterprise
from wotu.registry.periods import BadPeriod, Period

if TYPE_CHECKING:
    from wotu.intel.reading import model as reading

PLACES = Decimal(1).scaleb(-8)
LARGEST = Decimal(10) ** 22
SCALE = {"万亿": 10**12, "亿": 10**8, "万": 10**4}
OURSELVES = frozenset(
    ("", "全区", "我区", "本区", "该区", "区", "园区", "全园区", "全园", "高新区", "开发区", "辖区", "辖区内", "区内", "园内", "境内",
     "该园区", "该高新区", "功能区", "全域")
)  # fmt: skip
"""How an article speaks of its own zone without naming it."""
ELSEWHERE = re.compile(r"^(?:全(?:国|省|市|球|县)|我(?:国|省|市)|国内|海外|境外|世界)|(?:国|省|市|县|州|自治区|特区)$")


@dataclass(frozen=True, slots=True)
class Citation:
    """What a person says of an article beside its text; what is left empty is taken from the text."""

    title: str = ""
    publisher: str = ""
    url: str = ""
    published_on: date | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """An article read, not stored yet."""

    article: Article
    text: ReviewText
    marks: tuple[int, ...]
    claims: tuple[Claim, ...]
    events: tuple[Event, ...]
    structures: tuple[Structure, ...]


class Unreadable(ValueError):
    """A page nothing can be read from; the message says what it is and what to do, in one sentence."""


def read_page(data: bytes, name: str, published: date | None = None) -> reading.Reading:
    """What a file says. Raises `Unreadable`."""
    # The reader's libraries take a second to load, and most commands and pages never read an article.
    from wotu.intel import reading

    try:
        return reading.read_bytes(data, name, published)[0]
    except reading.Unreadable as error:
        raise Unreadable(str(error)) from error


def read_file(path: Path) -> reading.Reading:
    """What a file on disk says."""
    return read_page(path.read_bytes(), path.name)


def read_pasted(text: str, published: date | None = None) -> reading.Reading:
    """What pasted text says; a pasted page source is read as the page."""
    return read_page(text.replace("\r\n", "\n").encode("utf-8", "replace"), "", published)


def draft(read: reading.Reading, given: Citation) -> Draft:
    """The rows that an article's reading makes; nothing is stored."""
    asides = [list(aside.span) for aside in read.asides]
    said = likeness.letters(read.text, asides)
    notes = [note.what for note in read.notes]
    article = Article(
        title=(given.title or read.title or "（没有标题）")[:200],
        publisher=(given.publisher or read.source)[:100],
        url=given.url[:500],
        published_on=given.published_on or read.published,
        digest=likeness.digest(said),
        characters=len(said),
        notes=notes,
    )
    ours = _speaks_of_us(read, article)
    firms = _enterprises(claim.subject for claim in read.claims)
    claims = _once(_claim(claim, read.text, ours, firms, notes) for claim in read.claims)
    return Draft(
        article,
        ReviewText(
            text=read.text.replace("\0", "\ufffd"),
            asides=asides,
            lost=[[*lost.span, lost.suggestion] for lost in read.lost],
        ),
        likeness.marks(said),
        claims,
        tuple({(e.start, e.stop, e.kind, e.name): e for e in map(_event, read.events)}.values()),
        tuple({(s.start, s.stop, s.name): s for s in map(_structure, read.structures)}.values()),
    )


def short(quote: str) -> str:
    """A quote cut to what may be kept."""
    flat = " ".join(quote.split())
    return flat if len(flat) <= LONGEST_QUOTE else f"{flat[: LONGEST_QUOTE - 1]}…"


def number(text: str) -> Decimal:
    """A decimal as it is kept, typed as 972, 3.9万 or 522亿; raises `ValueError` with a sentence.

    >>> number("22,473"), number("522亿").normalize()
    (Decimal('22473.00000000'), Decimal('5.22E+10'))
    """
    plain = text.strip().replace(",", "").replace("，", "")
    size = next((word for word in SCALE if plain.endswith(word)), "")
    try:
        value = Decimal(plain.removesuffix(size)) * SCALE.get(size, 1)
        if not value.is_finite() or abs(value) >= LARGEST:
            raise ValueError(f"“{text.strip()}”太大，请核对单位。")
        return value.quantize(PLACES)
    except InvalidOperation:
        raise ValueError(f"“{text.strip()}”不是数，请写成 972、3.9万 或 522亿 的样子。") from None


def span_of_time(text: str) -> str:
    """The canonical text of a period, empty where it is none."""
    try:
        return Period.parse(text).text if text else ""
    except BadPeriod:
        return ""


def likeness_key(claim: Claim) -> tuple[object, ...]:
    """What two claims share when they say the same."""
    whom = "" if claim.about == Claim.About.ZONE else claim.subject
    return (
        claim.about,
        whom,
        claim.series,
        claim.kind,
        claim.value,
        claim.upper,
        claim.unit,
        claim.status,
        claim.period,
    )


def recognise(claims: Sequence[Claim]) -> None:
    """Link stored claims to the earlier claim that says the same, here or in another article; one query, one update."""
    if not claims:
        return
    earlier: dict[tuple[object, ...], Claim] = {}
    alike = Q(series__in={c.series for c in claims}, value__in={c.value for c in claims})
    article = claims[0].article_id
    for claim in Claim.objects.filter(alike).exclude(article=article).order_by("pk"):
        known = earlier.get(likeness_key(claim))
        if known is None or (claim.vouched and not known.vouched):
            earlier[likeness_key(claim)] = claim
    for claim in claims:
        first = earlier.setdefault(likeness_key(claim), claim)
        claim.same_as = None if first is claim else first
    Claim.objects.bulk_update([c for c in claims if c.same_as_id], ["same_as"])


def _speaks_of_us(read: reading.Reading, article: Article) -> bool:
    names = settings.ZONE_NAMES
    return not names or any(name in read.text or name in article.title for name in names)


def _enterprises(subjects: Iterable[str]) -> dict[str, Enterprise]:
    wanted = {subject for subject in subjects if len(subject) > 3}
    if not wanted:
        return {}
    found = Enterprise.objects.filter(Q(name__in=wanted) | Q(former_names__name__in=wanted)).prefetch_related(
        "former_names"
    )
    named = {}
    for enterprise in found:
        for name in (*(former.name for former in enterprise.former_names.all()), enterprise.name):
            if name in wanted:
                named[name] = enterprise
    return named


def whom(subject: str, ours: bool, firms: dict[str, Enterprise]) -> tuple[str, str]:
    """Whom a figure is about, and the part of the zone where it is one: a guess that the reviewer settles."""
    if subject in firms:
        return Claim.About.ENTERPRISE, ""
    if not ours:
        return Claim.About.OTHER, ""
    if subject in OURSELVES or any(subject in name or name in subject for name in settings.ZONE_NAMES if subject):
        rest = next((subject.removeprefix(n) for n in settings.ZONE_NAMES if subject.startswith(n)), "")
        return Claim.About.ZONE, rest if len(rest) > 2 and rest not in OURSELVES else ""
    if ELSEWHERE.search(subject):
        return Claim.About.OTHER, ""
    return Claim.About.ZONE, subject


def _claim(read: reading.Claim, text: str, ours: bool, firms: dict[str, Enterprise], notes: list[str]) -> Claim | None:
    about, part = whom(read.subject, ours, firms)
    if part and part not in _sentence(text, read.span[0]):
        part = ""  # named in an earlier sentence only: too far to say that the figure is the part's alone
    try:
        value = number(str(read.value))
        upper = number(str(read.upper)) if read.upper is not None else None
        growth = number(str(read.growth.value)) if read.growth else None
    except ValueError as error:
        notes.append(f"“{short(read.quote)[:40]}”没有列入：{error}")
        return None
    return Claim(
        kind=read.kind,
        about=about,
        subject=read.subject[:100],
        enterprise=firms.get(read.subject),
        indicator=read.indicator[:100],
        series=series.name(read.indicator, part=part, kind=read.kind, base=read.base),
        value=value,
        upper=upper,
        unit=read.unit[:20],
        modifier=read.modifier[:10],
        period=span_of_time(read.period),
        base=read.base[:60],
        growth=growth,
        growth_unit=read.growth.unit[:20] if read.growth else "",
        growth_base=read.growth.base[:60] if read.growth else "",
        status=read.status,
        repaired=read.repaired,
        start=read.span[0],
        stop=read.span[1],
        quote=short(read.quote),
    )


def _sentence(text: str, place: int) -> str:
    """The sentence around a place, as far as it goes before it."""
    start = max(text.rfind(mark, 0, place) for mark in "。；;！？\n")
    return text[start + 1 : place + 1]


def _once(claims: Iterable[Claim | None]) -> tuple[Claim, ...]:
    kept: dict[tuple[object, ...], Claim] = {}
    for claim in claims:
        if claim is not None:
            place = (claim.start, claim.stop, claim.series, claim.kind, claim.value, claim.unit, claim.period)
            kept.setdefault(place, claim)
    return tuple(kept.values())


def _event(read: reading.Event) -> Event:
    return Event(
        kind=read.kind[:20],
        name=(read.name or short(read.quote))[:200],
        place=read.place[:100],
        period=span_of_time(read.period),
        subject=read.subject[:100],
        objects_named=[name[:100] for name in read.objects][:50],
        start=read.span[0],
        stop=read.span[1],
        quote=short(read.quote),
    )


def _structure(read: reading.Structure) -> Structure:
    branches = [{"name": b.name, "count": b.count, "items": list(b.items)} for b in read.branches]
    return Structure(
        name=read.name[:100], branches=branches, start=read.span[0], stop=read.span[1], quote=short(read.quote)
    )
