"""首页: what waits for me today with the way to do it, the zone's key numbers, the latest screening and the data's health."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wotu.policy import editions
from wotu.policy.models import Edition, Screening, ScreeningRule
from wotu.registers import measures as register
from wotu.registers.measures import Measure, Reading, Value
from wotu.registers.pages import STAFF, may_enter, staff_page
from wotu.registry import claims
from wotu.registry.health import health
from wotu.registry.models import ZoneClaim
from wotu.registry.queries import years_before
from wotu.registry.readings import Readings
from wotu.rulebook.findings import RulebookError
from wotu.site.desk.todo import CERTIFICATES, ending, todo

FIGURES = (
    "registry.enterprises",
    "registry.high_tech",
    "registry.tech_sme",
    "registry.national_srdi",
    "registry.listed",
    "policy.could_apply",
)
"""The numbers a zone looks at first; a role sees those of its rooms."""
GAPS = 6


@dataclass(frozen=True, slots=True)
class Figure:
    """A key number, how it moved since the end of last month, and the published figure beside it."""

    measure: Measure
    reading: Reading
    before: Value
    since: date
    claim: ZoneClaim | None

    @property
    def change(self) -> Value:
        """How many more (or fewer) than at the end of last month; None where either is unknown."""
        if self.reading.value is None or self.before is None:
            return None
        return self.reading.value - self.before

    @property
    def published(self) -> str:
        """The published figure in words."""
        return claims.said(self.claim) if self.claim else ""


def figures(user: Any, today: date) -> list[Figure]:
    """The key numbers of a user's rooms, counted once until the records change."""
    chosen = [m for id in FIGURES if (m := register.measure(id)) is not None and may_enter(user, m.room)]
    since = today.replace(day=1) - timedelta(days=1)
    said, kept = claims.beside(*chosen), Readings()
    return [Figure(m, kept.read(m, today), kept.history(m, (since,))[0], since, said.get(m.id)) for m in chosen]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One rule of the latest screening and how many more are eligible than in the one before."""

    rule: ScreeningRule
    more: int | None


@dataclass(frozen=True, slots=True)
class Latest:
    """The latest finished screening, rule by rule, beside the one before it."""

    screening: Screening
    before: Screening | None
    outcomes: tuple[Outcome, ...]


def _decides(edition: Edition) -> bool:
    """Whether a rule says who is eligible; a classification only sorts enterprises and is no line here."""
    try:
        return editions.rulebook(edition).eligible_name is not None
    except RulebookError:
        return True


def latest_screening() -> Latest | None:
    """The finished screening of the latest day and how its eligible enterprises moved since the one before it.

    By the day it looks at, not by when it ran: one made today for last year is not the latest.
    """
    newest = list(Screening.objects.filter(state=Screening.State.DONE).order_by("-as_of", "-finished_at", "-id")[:2])
    if not newest:
        return None
    screening, before = newest[0], newest[1] if len(newest) > 1 else None
    rules: dict[int, list[ScreeningRule]] = {}
    for rule in ScreeningRule.objects.filter(screening__in=newest).select_related("edition__policy"):
        rules.setdefault(rule.screening_id, []).append(rule)
    earlier = {r.edition.policy_id: r.eligible for r in rules.get(before.pk, ())} if before else {}
    outcomes = (
        Outcome(r, r.eligible - earlier[r.edition.policy_id] if r.edition.policy_id in earlier else None)
        for r in sorted(rules.get(screening.pk, ()), key=lambda r: r.edition.policy_id)
        if _decides(r.edition)
    )
    return Latest(screening, before, tuple(outcomes))


@staff_page(room=STAFF, title=_("首页"))
def home(request: HttpRequest) -> HttpResponse:
    """The page a member of the staff begins the day with."""
    today = timezone.localdate()
    user: Any = request.user
    found = health() if may_enter(user, "registry") else None
    context = {
        "today": today,
        "todo": todo(user, today),
        "figures": figures(user, today),
        "latest": latest_screening() if may_enter(user, "policy") else None,
        "may_policy": may_enter(user, "policy"),
        "health": found,
        "gaps": found.gaps[:GAPS] if found else (),
    }
    return render(request, "site/home/page.html", context)


@staff_page(room="registry", title=_("即将到期"))
def expiring(request: HttpRequest) -> HttpResponse:
    """The certificates that run out soon, the first to end on top; shown in the side panel."""
    chosen = next((c for c in CERTIFICATES if c[0] == request.GET.get("attribute")), None)
    if chosen is None:
        raise Http404
    attribute, name, years = chosen
    issues = ending(attribute, years, timezone.localdate()).select_related("enterprise", "source").order_by("day")
    rows = [(fact, years_before(fact.day, -years)) for fact in issues[:200] if fact.day is not None]
    return render(request, "site/home/expiring.html", {"name": name, "rows": rows, "total": issues.count()})
