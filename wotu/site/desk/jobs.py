"""任务: long work, how far it is and how long it will take, and the way on for what stopped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from wotu.registers import jobkinds
from wotu.registers.models import Job
from wotu.registers.pages import STAFF, may_enter, staff_page
from wotu.registers.verbs import Refused

SIZE = 30
ALIVE = (Job.State.WAITING, Job.State.RUNNING)


@dataclass(frozen=True, slots=True)
class Work:
    """A job as pages show it."""

    job: Job
    kind: str
    abandoned: bool
    resumable: bool

    @property
    def alive(self) -> bool:
        """Whether it still moves, so that the page asks again."""
        return self.job.state in ALIVE and not self.abandoned

    @property
    def percent(self) -> int | None:
        """Share done, or None where the total is not known yet."""
        return min(100, 100 * self.job.done // self.job.total) if self.job.total else None

    @property
    def rate(self) -> float | None:
        """Units a second so far, or None before the first block."""
        job = self.job
        if job.started_at is None or job.beat_at is None or not job.done:
            return None
        seconds = (job.beat_at - job.started_at).total_seconds()
        return job.done / seconds if seconds > 0 else None

    @property
    def pace(self) -> str:
        """The rate in words: a second where that is a whole number of units, else a minute."""
        if self.rate is None:
            return ""
        return f"每秒 {self.rate:,.0f}" if self.rate >= 1 else f"每分钟 {self.rate * 60:,.1f}"

    @property
    def left(self) -> str:
        """The time it will still take, in words; empty where nobody can say."""
        if not self.alive or self.rate is None or not self.job.total:
            return ""
        return f"还要约{spoken(timedelta(seconds=(self.job.total - self.job.done) / self.rate))}"

    @property
    def took(self) -> str:
        """How long a finished job took."""
        if self.job.started_at is None or self.job.finished_at is None:
            return ""
        return spoken(self.job.finished_at - self.job.started_at)


def spoken(span: timedelta) -> str:
    """A span as people say it.

    >>> spoken(timedelta(seconds=4)), spoken(timedelta(seconds=150)), spoken(timedelta(hours=2, minutes=5))
    ('4秒', '3分钟', '2小时5分')
    """
    seconds = max(1, round(span.total_seconds()))
    if seconds < 90:
        return f"{seconds}秒"
    minutes = round(seconds / 60)
    return f"{minutes}分钟" if minutes < 90 else f"{minutes // 60}小时{minutes % 60}分"


def shown(job: Job) -> Work:
    """A job with what pages say about it."""
    return Work(job, str(jobkinds.kind(job.kind).name), jobkinds.abandoned(job), jobkinds.resumable(job))


def visible(user: Any) -> QuerySet[Job]:
    """The jobs of the rooms a user may enter."""
    closed = [kind.id for kind in jobkinds.kinds() if not may_enter(user, kind.room)]
    return Job.objects.exclude(kind__in=closed).select_related("by")


def _chosen(request: HttpRequest) -> dict[str, Any]:
    found = visible(request.user)
    state, kind = request.GET.get("state", ""), request.GET.get("kind", "")
    if state == "alive":
        found = found.filter(state__in=ALIVE)
    elif state in Job.State.values:
        found = found.filter(state=state)
    if kind:
        found = found.filter(kind=kind)
    if request.GET.get("by") == "me":
        found = found.filter(by=cast(User, request.user))
    page = Paginator(found, SIZE).get_page(request.GET.get("page"))
    works = [shown(job) for job in page.object_list]
    return {
        "page": page,
        "works": works,
        "alive": any(work.alive for work in works),
        "state": state,
        "kind": kind,
        "states": (("alive", _("未完成")), ("failed", Job.State.FAILED.label), ("done", Job.State.DONE.label)),
        "kinds": [(k.id, k.name) for k in jobkinds.kinds() if may_enter(request.user, k.room)],
        "may_resume": jobkinds.resume.verb.allowed(request.user),
    }


@staff_page(room=STAFF, title=_("任务"))
def jobs(request: HttpRequest) -> HttpResponse:
    """The list; the address holds its filter."""
    return render(request, "site/jobs/page.html", _chosen(request))


@staff_page(room=STAFF, title=_("任务"))
def rows(request: HttpRequest) -> HttpResponse:
    """The list alone, asked for again and again while something moves."""
    return render(request, "site/jobs/rows.html", _chosen(request))


@require_POST
@staff_page(room=STAFF, title=_("继续任务"))
def resume(request: HttpRequest, id: int) -> HttpResponse:
    """Go on with a job that stopped."""
    job = get_object_or_404(visible(request.user), pk=id)
    try:
        jobkinds.resume(job, request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("“%s”已重新排队，会从上次停下的地方接着做。") % job.title)
    return redirect("site:jobs")


def unfinished(user: Any) -> list[Work]:
    """What home shows: everything that moves or waits, and what failed in the last two weeks."""
    recent = timezone.now() - timedelta(days=14)
    found = visible(user).filter(Q(state__in=ALIVE) | Q(state=Job.State.FAILED, created_at__gte=recent))
    return [shown(job) for job in found[:8]]
