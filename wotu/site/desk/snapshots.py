"""快照: the moments whose facts lie in the lake, what was screened on them, and the door to a new one."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from wotu.policy.models import Screening
from wotu.registers.models import Job
from wotu.registers.pages import may_enter, staff_page
from wotu.registry import snapshots as taking
from wotu.registry.models import Snapshot

SIZE = 20


@staff_page(room="registry", title=_("快照"))
def snapshots(request: HttpRequest) -> HttpResponse:
    """Newest first, each with the screenings that read it."""
    page = Paginator(Snapshot.objects.all(), SIZE).get_page(request.GET.get("page"))
    known = [row.known_at for row in page.object_list]
    read: dict[object, list[Screening]] = {}
    for screening in Screening.objects.filter(known_at__in=known, state=Screening.State.DONE).order_by("as_of"):
        read.setdefault(screening.known_at, []).append(screening)
    context = {
        "page": page,
        "rows": [(row, read.get(row.known_at, [])) for row in page.object_list],
        "may_policy": may_enter(request.user, "policy"),
        "may_take": taking.take_snapshot.verb.allowed(request.user),
        "jobs": Job.objects.filter(kind="snapshot", state__in=(Job.State.WAITING, Job.State.RUNNING)).count(),
    }
    return render(request, "site/snapshots.html", context)


@require_POST
@staff_page(room="registry", title=_("生成快照"))
def take(request: HttpRequest) -> HttpResponse:
    """Queue a snapshot of what is known now."""
    if not taking.take_snapshot.verb.allowed(request.user):
        raise PermissionDenied
    taking.take_snapshot(Job(kind="snapshot"), request.user)
    messages.success(request, _("快照已排队，做完会在这里出现；进度见“任务”。"))
    return redirect("site:jobs")
