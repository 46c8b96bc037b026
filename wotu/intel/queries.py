"""Reading articles and what they say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from wotu.intel.models import Article, Claim, Event, ReviewText, Statement, Structure

ORDERS = {
    "created": ("-created_at", "-id"),
    "published": ("-published_on", "-id"),
    "title": ("title", "id"),
}
PROPOSED = Statement.State.PROPOSED


def articles(
    *, state: str = "", search: str = "", publisher: str = "", reprints: str = "", order: str = ""
) -> QuerySet[Article]:
    """Articles by title or indicator, narrowed and in the order asked for."""
    found = Article.objects.select_related("by", "republishes")
    if state in Article.State.values:
        found = found.filter(state=state)
    if search:
        said = Claim.objects.filter(series__icontains=search).values("article")
        found = found.filter(Q(title__icontains=search) | Q(pk__in=said))
    if publisher:
        found = found.filter(publisher=publisher)
    if reprints:
        found = found.filter(republishes__isnull=reprints == "no")
    return found.order_by(*ORDERS.get(order, ORDERS["created"]))


@dataclass(frozen=True, slots=True)
class Listed:
    """An article with how many figures it gives, how many somebody vouches for, and how much of all it says waits."""

    article: Article
    figures: int
    vouched: int
    waiting: int


def listed(found: Iterable[Article]) -> list[Listed]:
    """Some articles with their counts, in three queries."""
    shown = list(found)
    ids = [article.pk for article in shown]
    figures, vouched, waiting = Counter[int](), Counter[int](), Counter[int]()
    of_claims = Claim.objects.filter(article__in=ids).order_by().values_list("article", "state")
    for article, state, number in of_claims.annotate(number=Count("pk")):
        figures[article] += number
        vouched[article] += number if state in Claim.VOUCHED else 0
        waiting[article] += number if state == PROPOSED else 0
    for model in (Event, Structure):
        open_ones = model.objects.filter(article__in=ids, state=PROPOSED).order_by().values_list("article")
        for article, number in open_ones.annotate(number=Count("pk")):
            waiting[article] += number
    return [Listed(a, figures[a.pk], vouched[a.pk], waiting[a.pk]) for a in shown]


def publishers() -> list[str]:
    """Who published the articles kept, most articles first."""
    named = Article.objects.exclude(publisher="").values("publisher").annotate(n=Count("pk"))
    return [line["publisher"] for line in named.order_by("-n", "publisher")[:50]]


@dataclass(frozen=True, slots=True)
class Review:
    """An article with everything it says; `text` is None when it is not kept (any more)."""

    article: Article
    text: ReviewText | None
    claims: tuple[Claim, ...]
    events: tuple[Event, ...]
    structures: tuple[Structure, ...]

    @property
    def statements(self) -> tuple[Claim | Event | Structure, ...]:
        """All of them."""
        return (*self.claims, *self.events, *self.structures)

    @property
    def waiting(self) -> int:
        """How many wait for a decision."""
        return sum(one.open for one in self.statements)


CLAIM_PARTS = (
    "enterprise", "proposed_by", "decided_by", "same_as__article", "published__source", "published_growth", "fact",
    "target",
)  # fmt: skip


def review(article: Article) -> Review:
    """What is needed to review an article, in four queries."""
    people = ("proposed_by", "decided_by")
    return Review(
        article,
        ReviewText.objects.filter(article=article, until__gte=timezone.now()).first(),
        tuple(claims().filter(article=article)),
        tuple(Event.objects.filter(article=article).select_related(*people)),
        tuple(Structure.objects.filter(article=article).select_related(*people)),
    )


def claims() -> QuerySet[Claim]:
    """Claims with all that their card shows."""
    return Claim.objects.select_related("article", *CLAIM_PARTS).order_by("article_id", "start", "pk")


def mergeable(claim: Claim) -> QuerySet[Claim]:
    """The claims that a claim may be merged into: of one kind and unit, and of one name or value; the likeliest first."""
    alike = Q(series=claim.series) | Q(value=claim.value)
    found = Claim.objects.filter(alike, kind=claim.kind, unit=claim.unit).exclude(pk=claim.pk)
    found = found.exclude(state__in=(Claim.State.REJECTED, Claim.State.MERGED))
    return found.select_related("article").order_by("-pk")[:20]


def elsewhere(claim: Claim) -> QuerySet[Claim]:
    """The other claims that say the same as a claim, in this article or another."""
    first = claim.same_as_id or claim.pk
    return Claim.objects.filter(Q(same_as=first) | Q(pk=first)).exclude(pk=claim.pk).select_related("article")
