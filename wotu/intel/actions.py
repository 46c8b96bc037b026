"""The intelligence room's verbs: an article taken in, and what it says accepted, corrected, rejected or merged.

The reader proposes; 政策专员 and 招商专员 take articles in, suggest and add; 情报审核 decides. What a person wrote by hand
is decided by another person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wotu.intel import likeness, series, take_in, vouch
from wotu.intel.models import Article, Claim, Event, ReviewText, Statement, Structure
from wotu.intel.take_in import Draft
from wotu.registers.models import Job
from wotu.registers.roles import INVESTMENT_OFFICER, POLICY_OFFICER, REVIEWER
from wotu.registers.verbs import Refused, verb
from wotu.registry.models import Enterprise

PROPOSERS = (POLICY_OFFICER, INVESTMENT_OFFICER, REVIEWER)
KEPT = timedelta(days=30)
"""How long the text of an article waits for its review to end."""
PROPOSED = Statement.State.PROPOSED
DECIDED = tuple(s for s in Statement.State.values if s != PROPOSED)
FIELDS = ("indicator", "subject", "about", "value", "unit", "modifier", "period", "growth", "status")
"""What a person may put otherwise about a claim."""
MODIFIERS = ("", "超", "近", "约", "余", "以上", "不足", "不超过", "达", "累计", "首批", "唯一")


@dataclass(frozen=True, slots=True)
class Received:
    """What became of an article: the one stored, and whether it is new, was known already or is shown again."""

    article: Article
    fresh: bool


def receive(drafted: Draft, by: Any) -> Received:
    """Take an article in, or give back the one it already is; one under review has its text restored."""
    _expire()
    known = Article.objects.filter(digest=drafted.article.digest).first()
    if known is None:
        try:
            with transaction.atomic():
                take_in_article(drafted.article, by, drafted=drafted)
        except IntegrityError:  # the same article, sent twice at the same moment
            known = Article.objects.filter(digest=drafted.article.digest).first()
            if known is None:
                raise
        else:
            return Received(drafted.article, True)
    if known.state == Article.State.REVIEW and not ReviewText.objects.filter(article=known).exists():
        restore(known, by, text=drafted.text)
    return Received(known, False)


@verb(Article, "take_in", str(_("收录文章")), by=PROPOSERS, room="intel")
def take_in_article(article: Article, by: Any, *, drafted: Draft) -> None:
    """Keep an article's citation and what it says, all of it waiting for review."""
    if not (drafted.claims or drafted.events or drafted.structures):
        raise Refused("没有读出任何数字或事件，没有收录。请确认贴的是报道正文。")
    article.republishes = likeness.reprint_of(drafted.marks)
    article.by = by
    article.save()
    likeness.keep(article, drafted.marks)
    drafted.text.article, drafted.text.until = article, timezone.now() + KEPT
    drafted.text.save()
    statements: tuple[Any, ...] = (*drafted.claims, *drafted.events, *drafted.structures)
    for one in statements:
        one.article = article
    Event.objects.bulk_create(drafted.events)
    Structure.objects.bulk_create(drafted.structures)
    take_in.recognise(Claim.objects.bulk_create(drafted.claims))


@verb(Article, "restore", str(_("补回正文")), by=PROPOSERS, room="intel", when=Article.State.REVIEW)
def restore(article: Article, by: Any, *, text: ReviewText) -> None:
    """Keep the text of an article under review again, after it ran out: somebody brought the article once more."""
    text.article, text.until = article, timezone.now() + KEPT
    text.save()


@verb(Claim, "propose", str(_("补充说法")), by=PROPOSERS, room="intel")
def propose(claim: Claim, by: Any, *, changes: Mapping[str, str], quote: str) -> None:
    """Add a claim that the reader did not see (`claim` has its article only); its words must stand in the text."""
    claim.quote = take_in.short(quote)
    if not claim.quote:
        raise Refused("请写明原文里的原话。")
    review = ReviewText.objects.filter(article=claim.article).first()
    if review is None:
        raise Refused("这篇文章的正文已不在，不能再补充说法；请先重新贴一次正文。")
    start = review.text.find(claim.quote)
    if start < 0:
        raise Refused(f"正文里没有“{claim.quote[:40]}”这句话，请照抄原文。")
    for name, what in (("indicator", "指标"), ("value", "数值")):
        if not changes.get(name, "").strip():
            raise Refused(f"请写明{what}。")
    claim.start, claim.stop = start, start + len(claim.quote)
    _put(claim, {"about": Claim.About.ZONE, **changes})
    claim.proposed_by = by
    claim.save()
    take_in.recognise([claim])


@verb(Claim, "revise", str(_("提出修改")), by=PROPOSERS, room="intel", when=PROPOSED)
def revise(claim: Claim, by: Any, *, changes: Mapping[str, str], note: str = "") -> None:
    """Put a claim otherwise; it still waits for somebody else's decision."""
    _change(claim, changes)
    claim.proposed_by, claim.note = by, note.strip()[:300]
    claim.save()


@verb(Claim, "accept", str(_("接受")), by=REVIEWER, room="intel", when=PROPOSED)
def accept(claim: Claim, by: Any, note: str = "") -> None:
    """Vouch for a claim: it becomes a published figure, a fact or a target, with the article as its source."""
    _decide(claim, by, Claim.State.ACCEPTED, note)
    _enter(claim, by)


@verb(Claim, "correct", str(_("改后接受")), by=REVIEWER, room="intel", when=PROPOSED)
def correct(claim: Claim, by: Any, *, changes: Mapping[str, str], note: str = "") -> None:
    """Put a claim otherwise and vouch for that; what was read stays on record beside it."""
    other = _change(claim, changes)
    _decide(claim, by, Claim.State.CORRECTED if other or claim.read_as else Claim.State.ACCEPTED, note)
    _enter(claim, by)


@verb(Claim, "reject", str(_("退回")), by=REVIEWER, room="intel", when=PROPOSED)
def reject(claim: Claim, by: Any, note: str = "") -> None:
    """Set a claim aside: misread, or not worth keeping."""
    _decide(claim, by, Claim.State.REJECTED, note)
    claim.save()
    _settle(claim.article)


@verb(Claim, "merge", str(_("合并")), by=REVIEWER, room="intel", when=PROPOSED)
def merge(claim: Claim, by: Any, *, into: Claim | None = None, note: str = "") -> None:
    """Count a claim as the same as another: that one stands for both, so nothing is stated twice."""
    first = into or claim.same_as
    if first is None or first.pk == claim.pk:
        raise Refused("请选择要并入的说法。")
    while first.state == Claim.State.MERGED and first.same_as is not None:
        first = first.same_as
    if first.pk == claim.pk:
        raise Refused("不能并入一条已经并入它自己的说法。")
    if first.unit != claim.unit or first.kind != claim.kind:
        raise Refused(f"“{first}”与“{claim}”单位或种类不同，不能合并。")
    claim.same_as = first
    _decide(claim, by, Claim.State.MERGED, note)
    claim.save()
    _settle(claim.article)


@verb(Claim, "reopen", str(_("撤回决定")), by=REVIEWER, room="intel", when=DECIDED)
def reopen(claim: Claim, by: Any, note: str = "") -> None:
    """Take a decision back: what it entered is withdrawn, and the claim waits again."""
    if claim.fact_id is not None:
        raise Refused("已经记为企业的事实，事实不能抹去；有更准的数，请另外录入，新的会取代旧的。")
    if Claim.objects.filter(same_as=claim, state=Claim.State.MERGED).exists():
        raise Refused("还有别的说法并入了这一条，请先撤回那些合并。")
    claim.state, claim.decided_by, claim.decided_at, claim.note = PROPOSED, None, None, note.strip()[:300]
    vouch.withdraw(claim)
    claim.save()
    _open(claim.article)


@verb(Event, "accept_event", str(_("接受事件")), by=REVIEWER, room="intel", when=PROPOSED)
def accept_event(event: Event, by: Any, note: str = "") -> None:
    """Vouch for an event."""
    _decide(event, by, Event.State.ACCEPTED, note)
    event.save()
    vouch.source_of(event.article)
    _settle(event.article)


@verb(Event, "reject_event", str(_("退回事件")), by=REVIEWER, room="intel", when=PROPOSED)
def reject_event(event: Event, by: Any, note: str = "") -> None:
    """Set an event aside."""
    _decide(event, by, Event.State.REJECTED, note)
    event.save()
    _settle(event.article)


@verb(Structure, "accept_structure", str(_("接受目标体系")), by=REVIEWER, room="intel", when=PROPOSED)
def accept_structure(structure: Structure, by: Any, note: str = "") -> None:
    """Vouch for a plan said in numbers."""
    _decide(structure, by, Structure.State.ACCEPTED, note)
    structure.save()
    vouch.source_of(structure.article)
    _settle(structure.article)


@verb(Structure, "reject_structure", str(_("退回目标体系")), by=REVIEWER, room="intel", when=PROPOSED)
def reject_structure(structure: Structure, by: Any, note: str = "") -> None:
    """Set a plan aside."""
    _decide(structure, by, Structure.State.REJECTED, note)
    structure.save()
    _settle(structure.article)


@dataclass(frozen=True, slots=True)
class Settled:
    """What accepting everything came to."""

    accepted: int
    merged: int
    left: int
    """Claims the same person proposed, which somebody else must decide."""


@verb(Article, "accept_all", str(_("全部接受")), by=REVIEWER, room="intel", when=Article.State.REVIEW)
def accept_all(article: Article, by: Any) -> Settled:
    """Decide all that waits: what was vouched for before is merged, all else accepted; one's own proposals are left."""
    accepted = merged = left = 0
    for claim in article.claims.filter(state=PROPOSED).select_related("same_as").order_by("pk"):
        if by is not None and claim.proposed_by_id == by.pk:
            left += 1
        elif claim.same_as is not None and Claim.objects.get(pk=claim.same_as.pk).vouched:
            merge(claim, by)
            merged += 1
        else:
            accept(claim, by)
            accepted += 1
    for event in article.events.filter(state=PROPOSED):
        accept_event(event, by)
        accepted += 1
    for structure in article.structures.filter(state=PROPOSED):
        accept_structure(structure, by)
        accepted += 1
    article.refresh_from_db()
    return Settled(accepted, merged, left)


@verb(Job, "start_loading", str(_("成批读文章")), by=PROPOSERS, room="intel")
def start_loading(job: Job, by: Any, *, names: Sequence[str], folder: str) -> None:
    """Queue the reading of many articles that lie in a folder; `job` is a new one, their files go when they are read."""
    from wotu.intel.tasks import run_loading

    job.kind, job.by, job.total = "articles", by, len(names)
    job.title = f"读 {len(names)} 篇文章"
    job.arguments = {"names": list(names), "folder": folder}
    job.save()
    run_loading.enqueue(job.pk)


def _decide(statement: Claim | Event | Structure, by: Any, state: str, note: str) -> None:
    if by is None:
        raise Refused("要由看过原文的人决定，不能由系统代办。")
    if statement.proposed_by_id == by.pk:
        raise Refused("这一条是您自己提出的，请由另一位审核人决定。")
    statement.state, statement.decided_by, statement.decided_at = state, by, timezone.now()
    statement.note = note.strip()[:300] or statement.note


def _enter(claim: Claim, by: Any) -> None:
    """Put an accepted claim where it belongs; what can't go further stays a claim and says why."""
    claim.save()
    if left := vouch.enter(claim, by):
        claim.note = f"{claim.note}；{left}".lstrip("；")[:300]
    claim.save()
    _settle(claim.article)


def _settle(article: Article) -> None:
    """End the review of an article when nothing of it waits any more; its text goes with it."""
    if any(found.filter(state=PROPOSED).exists() for found in (article.claims, article.events, article.structures)):
        return
    Article.objects.filter(pk=article.pk).update(state=Article.State.DONE, settled_at=timezone.now())
    ReviewText.objects.filter(article=article).delete()


def _open(article: Article) -> None:
    Article.objects.filter(pk=article.pk).update(state=Article.State.REVIEW, settled_at=None)


def _expire() -> None:
    """Delete texts whose review did not end in time."""
    ReviewText.objects.filter(until__lt=timezone.now()).delete()


def _series(claim: Claim) -> str:
    _about, part = take_in.whom(claim.subject, claim.about == Claim.About.ZONE, {})
    part = part if claim.about == Claim.About.ZONE else ""
    return series.name(claim.indicator, part=part, kind=claim.kind, base=claim.base)


def _put(claim: Claim, changes: Mapping[str, str]) -> None:
    """Set fields of a claim from what was typed, and what follows from them. Raises `Refused`."""
    for name in FIELDS:
        if name in changes:
            setattr(claim, name, _field(name, changes[name].strip()))
    claim.enterprise = None
    if claim.about == Claim.About.ENTERPRISE:
        claim.enterprise = Enterprise.objects.filter(name=claim.subject).first()
        if claim.enterprise is None:
            raise Refused(f"登记里没有叫“{claim.subject}”的企业，请写登记的全称，或改为“其他”。")
    if claim.growth is None:
        claim.growth_unit = claim.growth_base = ""
    elif not claim.growth_unit:
        claim.growth_unit = "%"
    if not claim.series or {"indicator", "subject", "about"} & set(changes):
        claim.series = _series(claim)
    twins = Claim.objects.filter(
        article=claim.article_id, start=claim.start, stop=claim.stop, series=claim.series, kind=claim.kind,
        value=claim.value, unit=claim.unit, period=claim.period,
    )  # fmt: skip
    if twins.exclude(pk=claim.pk).exists():
        raise Refused("这一处已经有一条这样的说法，不必再写；重复的请退回或合并。")


def _change(claim: Claim, changes: Mapping[str, str]) -> bool:
    """Put fields of a claim otherwise, keeping what was read; whether anything is different. Raises `Refused`."""
    before = {name: getattr(claim, name) for name in FIELDS}
    kept = claim.series, claim.enterprise
    _put(claim, changes)
    other = {name: _said(value) for name, value in before.items() if value != getattr(claim, name)}
    if not {"indicator", "subject", "about"} & set(other):
        claim.series, claim.enterprise = kept
    claim.read_as = {**other, **claim.read_as}
    return bool(other)


def _said(value: Any) -> str:
    return "" if value is None else str(value)


def _field(name: str, text: str) -> Any:
    """A field's value from what was typed; raises `Refused`."""
    limit = getattr(Claim._meta.get_field(name), "max_length", None)
    if name in ("value", "growth"):
        if name == "growth" and not text:
            return None
        try:
            return take_in.number(text)
        except ValueError as error:
            raise Refused(str(error)) from None
    if name == "period" and text and not take_in.span_of_time(text):
        raise Refused(f"“{text}”不是期间，请写成 2024、2024-Q3、2024-09、2024-09-30 或 2021-01..2021-09。")
    if name == "modifier" and text not in MODIFIERS:
        raise Refused(f"修饰只能是{'、'.join(MODIFIERS[1:])}，或不写。")
    if name == "indicator" and not text:
        raise Refused("请写明是什么指标。")
    if name == "about" and text not in Claim.About.values:
        raise Refused("请选择说的是园区、企业还是其他。")
    if name == "status" and text not in Claim.Status.values:
        raise Refused("请选择是事实还是目标。")
    if limit is not None and len(text) > limit:
        raise Refused(f"“{text[:20]}…”太长，最多 {limit} 个字。")
    return text
