"""The intelligence room over HTTP: articles taken in and read, claims proposed and decided, the cross-check."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ninja import Query, Router, Schema, Status
from pydantic import Field

from wotu.intel import actions, crosscheck, queries, take_in
from wotu.intel.models import Article, Claim
from wotu.intel.take_in import Citation, Unreadable
from wotu.registers.http import Paging, Problem, page, require_room
from wotu.registry import claims as published

router = Router(tags=["情报"])


class ArticleIn(Schema):
    """An article as text (or the source of a page); what is left empty is taken from the text."""

    text: str = Field(max_length=2_000_000)
    title: str = Field("", max_length=200)
    publisher: str = Field("", max_length=100)
    url: str = Field("", max_length=500, pattern=r"^(https?://.*)?$")
    published: date | None = None


class ArticleOut(Schema):
    """An article by its citation; the text itself is not kept."""

    id: int
    title: str
    publisher: str
    url: str
    published: date | None
    state: str
    republishes: int | None
    claims: int
    accepted: int
    waiting: int
    taken_in_at: datetime


class ArticlePage(Schema):
    """A page of articles."""

    total: int
    offset: int
    limit: int
    items: list[ArticleOut]


class ReceivedOut(ArticleOut):
    """What became of an article that was sent: `known` is true for one that is here already."""

    known: bool


class ClaimOut(Schema):
    """A figure an article gives, with the words it stands on and who vouches for it."""

    id: int
    article: int
    kind: str
    about: str
    subject: str
    indicator: str
    series: str
    value: Decimal
    upper: Decimal | None
    unit: str
    modifier: str
    period: str | None
    growth: Decimal | None
    growth_unit: str
    growth_base: str
    status: str
    repaired: bool
    span: tuple[int, int]
    quote: str
    state: str
    proposed_by: str | None
    decided_by: str | None
    decided_at: datetime | None
    note: str
    read_as: dict[str, str]
    same_as: int | None
    published: str | None
    fact: int | None


class ClaimPage(Schema):
    """A page of claims."""

    total: int
    offset: int
    limit: int
    items: list[ClaimOut]


class ClaimIn(Schema):
    """A claim the reader did not see; `quote` must stand in the article, `value` in the unit's base or as 522亿."""

    article: int
    quote: str = Field(min_length=1, max_length=200)
    indicator: str = Field(min_length=1, max_length=100)
    value: str = Field(min_length=1, max_length=40)
    unit: str = Field("", max_length=20)
    modifier: str = Field("", max_length=10)
    period: str = Field("", max_length=24)
    subject: str = Field("", max_length=100)
    about: str = Field("zone", pattern="^(zone|enterprise|other)$")
    growth: str = Field("", max_length=40)
    status: str = Field("fact", pattern="^(fact|target)$")


class DecisionIn(Schema):
    """A decision's reason; `changes` correct fields (as in a proposal), `into` names the claim to merge into."""

    note: str = Field("", max_length=300)
    changes: dict[str, str] = {}
    into: int | None = None


class CheckOut(Schema):
    """One indicator: the latest published figure beside the count of its day; nulls are unknown."""

    indicator: str
    published: Decimal
    unit: str
    modifier: str
    period: str | None
    source: str
    quote: str
    measure: str | None
    counted: Decimal | None
    as_of: date | None
    difference: Decimal | None
    agrees: bool | None
    findings: list[str]


def _article(line: queries.Listed) -> dict[str, Any]:
    a = line.article
    return {
        "id": a.pk,
        "title": a.title,
        "publisher": a.publisher,
        "url": a.url,
        "published": a.published_on,
        "state": a.state,
        "republishes": a.republishes_id,
        "claims": line.figures,
        "accepted": line.vouched,
        "waiting": line.waiting,
        "taken_in_at": a.created_at,
    }


def _shown(article: Article) -> dict[str, Any]:
    [line] = queries.listed((article,))
    return _article(line)


def _claim(c: Claim) -> dict[str, Any]:
    return {
        "id": c.pk,
        "article": c.article_id,
        "kind": c.kind,
        "about": c.about,
        "subject": c.subject,
        "indicator": c.indicator,
        "series": c.series,
        "value": c.value.normalize(),
        "upper": c.upper and c.upper.normalize(),
        "unit": c.unit,
        "modifier": c.modifier,
        "period": c.period or None,
        "growth": None if c.growth is None else c.growth.normalize(),
        "growth_unit": c.growth_unit,
        "growth_base": c.growth_base,
        "status": c.status,
        "repaired": c.repaired,
        "span": (c.start, c.stop),
        "quote": c.quote,
        "state": c.state,
        "proposed_by": c.proposed_by.get_username() if c.proposed_by else None,
        "decided_by": c.decided_by.get_username() if c.decided_by else None,
        "decided_at": c.decided_at,
        "note": c.note,
        "read_as": c.read_as,
        "same_as": c.same_as_id,
        "published": c.published and c.published.key,
        "fact": c.fact_id,
    }


def _found_article(id: int) -> Article:
    found = queries.articles().filter(pk=id).first()
    if found is None:
        raise Problem(404, f"没有编号为 {id} 的文章。", f"No article has the id {id}.")
    return found


def _found_claim(id: int) -> Claim:
    found = queries.claims().filter(pk=id).first()
    if found is None:
        raise Problem(404, f"没有编号为 {id} 的说法。", f"No claim has the id {id}.")
    return found


@router.get("/articles", response=ArticlePage, summary="文章列表")
def articles(request: Any, paging: Query[Paging], q: str = "", state: str = "", publisher: str = "") -> dict[str, Any]:
    """Articles by title or indicator; `state` is review or done."""
    require_room(request.auth, "intel")
    found = queries.articles(search=q.strip()[:100], state=state, publisher=publisher)
    answer = page(found, paging, lambda article: article)
    return {**answer, "items": [_article(line) for line in queries.listed(answer["items"])]}


@router.post("/articles", response={200: ReceivedOut, 201: ReceivedOut}, summary="收录文章")
def receive(request: Any, asked: ArticleIn) -> Status[dict[str, Any]]:
    """Read an article and keep what it says for review; one that is here already is answered with 200."""
    require_room(request.auth, "intel")
    try:
        read = take_in.read_pasted(asked.text, asked.published)
    except Unreadable as error:
        raise Problem(422, str(error), "Nothing can be read from this text.") from error
    given = Citation(asked.title, asked.publisher, asked.url, asked.published)
    received = actions.receive(take_in.draft(read, given), request.auth)
    return Status(201 if received.fresh else 200, {**_shown(received.article), "known": not received.fresh})


@router.get("/articles/{id}", response=ArticleOut, summary="一篇文章")
def article(request: Any, id: int) -> dict[str, Any]:
    """One article; what it says is at `/claims?article={id}`."""
    require_room(request.auth, "intel")
    return _shown(_found_article(id))


@router.post("/articles/{id}/accept", response=ArticleOut, summary="全部接受")
def accept_all(request: Any, id: int) -> dict[str, Any]:
    """Accept all of an article that waits; what was vouched for before is merged."""
    require_room(request.auth, "intel")
    actions.accept_all(_found_article(id), request.auth)
    return _shown(_found_article(id))


@router.get("/claims", response=ClaimPage, summary="说法列表")
def claims(
    request: Any, paging: Query[Paging], article: int | None = None, state: str = "", series: str = "", about: str = ""
) -> dict[str, Any]:
    """Claims of an article, in a state (proposed, accepted, corrected, rejected, merged), of an indicator."""
    require_room(request.auth, "intel")
    asked = {"article": article, "state": state, "series": series, "about": about}
    return page(queries.claims().filter(**{k: v for k, v in asked.items() if v}), paging, _claim)


@router.post("/claims", response={201: ClaimOut}, summary="补充说法")
def propose(request: Any, asked: ClaimIn) -> Status[dict[str, Any]]:
    """Add a claim that the reader did not see; another person decides it."""
    require_room(request.auth, "intel")
    made = Claim(article=_found_article(asked.article))
    changes = asked.dict(exclude={"article", "quote"})
    actions.propose(made, request.auth, changes=changes, quote=asked.quote)
    return Status(201, _claim(_found_claim(made.pk)))


@router.get("/claims/{id}", response=ClaimOut, summary="一条说法")
def claim(request: Any, id: int) -> dict[str, Any]:
    """One claim."""
    require_room(request.auth, "intel")
    return _claim(_found_claim(id))


@router.post("/claims/{id}/{decision}", response=ClaimOut, summary="决定一条说法")
def decide(request: Any, id: int, decision: str, asked: DecisionIn) -> dict[str, Any]:
    """`revise` (officers), `accept`, `correct`, `reject`, `merge` or `reopen`."""
    require_room(request.auth, "intel")
    found = _found_claim(id)
    match decision:
        case "accept":
            actions.accept(found, request.auth, note=asked.note)
        case "correct":
            actions.correct(found, request.auth, changes=asked.changes, note=asked.note)
        case "revise":
            actions.revise(found, request.auth, changes=asked.changes, note=asked.note)
        case "reject":
            actions.reject(found, request.auth, note=asked.note)
        case "merge":
            into = _found_claim(asked.into) if asked.into else None
            actions.merge(found, request.auth, into=into, note=asked.note)
        case "reopen":
            actions.reopen(found, request.auth, note=asked.note)
        case _:
            raise Problem(
                404,
                f"没有“{decision}”这种决定，可用：accept、correct、revise、reject、merge、reopen。",
                f"There is no decision “{decision}”.",
            )
    return _claim(_found_claim(id))


@router.get("/crosscheck", response=list[CheckOut], summary="公布与台账")
def check(request: Any) -> list[dict[str, Any]]:
    """Every indicator's latest published figure beside what is counted for its day."""
    require_room(request.auth, "intel")
    return [_line(line) for line in crosscheck.lines(crosscheck.published())]


def _line(line: crosscheck.Line) -> dict[str, Any]:
    said, compared = line.latest, line.comparison
    counted = compared.counted.value if compared else None
    return {
        "indicator": line.series.name,
        "published": said.value.normalize(),
        "unit": said.unit,
        "modifier": said.modifier,
        "period": said.period or None,
        "source": said.source.name,
        "quote": said.quote,
        "measure": line.measure.id if line.measure else None,
        "counted": None if counted is None else Decimal(counted),
        "as_of": (published.day(said) or None) if compared else None,
        "difference": compared.difference if compared else None,
        "agrees": compared.agrees if compared else None,
        "findings": [finding.text for finding in line.findings],
    }
