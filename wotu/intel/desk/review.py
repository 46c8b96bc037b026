"""Reviewing an article: its text with what it says marked, beside each claim with the verbs that decide it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from wotu.intel import actions, queries
from wotu.intel.desk.marks import pieces
from wotu.intel.models import Article, Claim, Event, Structure
from wotu.registers.pages import staff_page
from wotu.registers.roles import REVIEWER
from wotu.registers.verbs import Door, Refused
from wotu.registry.desk.show import number

KINDS: dict[str, type[Claim] | type[Event] | type[Structure]] = {
    "claim": Claim,
    "event": Event,
    "structure": Structure,
}
DECISIONS: dict[tuple[str, str], Door] = {
    ("claim", "accept"): actions.accept,
    ("claim", "reject"): actions.reject,
    ("claim", "reopen"): actions.reopen,
    ("event", "accept"): actions.accept_event,
    ("event", "reject"): actions.reject_event,
    ("structure", "accept"): actions.accept_structure,
    ("structure", "reject"): actions.reject_structure,
}


def _rights(request: HttpRequest) -> dict[str, Any]:
    return {
        "may_decide": actions.accept.verb.allowed(request.user),
        "may_propose": actions.revise.verb.allowed(request.user),
    }


@staff_page(room="intel", title=_("审阅文章"))
def article(request: HttpRequest, id: int) -> HttpResponse:
    """The whole page."""
    found = get_object_or_404(Article.objects.select_related("by", "republishes", "source"), pk=id)
    review = queries.review(found)
    context = {
        "title": found.title,
        "article": found,
        "review": review,
        "pieces": pieces(review.text, review.statements) if review.text else (),
        "abouts": Claim.About.choices,
        **_rights(request),
    }
    return render(request, "intel/review/page.html", context)


def _card(request: HttpRequest, kind: str, id: int, problem: str = "") -> HttpResponse:
    """One statement's card again, with the count of what is left; the page is read anew when the review ended."""
    found: Any
    if kind == "claim":
        found = get_object_or_404(queries.claims(), pk=id)
    else:
        found = get_object_or_404(
            KINDS[kind]._default_manager.select_related("article", "proposed_by", "decided_by"), pk=id
        )
    if not request.headers.get("HX-Request"):
        if problem:
            messages.error(request, problem)
        return redirect("intel:article", id=found.article_id)
    review = queries.review(found.article)
    context = {
        "one": found,
        "kind": kind,
        "problem": problem,
        "review": review,
        "article": found.article,
        "swapped": True,
        **_rights(request),
    }
    answer = render(request, f"intel/review/{kind}.html", context)
    if not problem and found.article.state == Article.State.DONE and request.method == "POST":
        messages.success(request, _("审结：正文已删去，留下出处、数字与短引。"))
        answer["HX-Redirect"] = reverse("intel:article", args=[found.article_id])
    return answer


@require_POST
@staff_page(room="intel", title=_("审核"))
def decide(request: HttpRequest, kind: str, id: int, decision: str) -> HttpResponse:
    """Accept, reject or reopen one statement."""
    door = DECISIONS.get((kind, decision))
    if door is None:
        raise Http404
    record: Any = get_object_or_404(KINDS[kind], pk=id)
    problem = ""
    try:
        door(record, request.user, note=request.POST.get("note", ""))
    except Refused as refused:
        problem = str(refused)
    if not problem and decision == "reopen":
        return _again(request, record.article_id)
    return _card(request, kind, id, problem)


def _again(request: HttpRequest, id: int) -> HttpResponse:
    """The whole page once more."""
    if request.headers.get("HX-Request"):
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = reverse("intel:article", args=[id])
        return answer
    return redirect("intel:article", id=id)


@staff_page(room="intel", title=_("修改说法"), by=actions.PROPOSERS)
def edit(request: HttpRequest, id: int) -> HttpResponse:
    """The form of a claim's fields; sent by a reviewer it is corrected and accepted, by an officer proposed."""
    found = get_object_or_404(queries.claims(), pk=id)
    rights = _rights(request)
    if request.method != "POST":
        context = {
            "one": found,
            "fields": shown(found),
            "abouts": Claim.About.choices,
            "statuses": Claim.Status.choices,
            "modifiers": actions.MODIFIERS,
            **rights,
        }
        return render(request, "intel/review/edit.html", context)
    changes = {name: request.POST[name] for name in actions.FIELDS if name in request.POST}
    verb = actions.correct if rights["may_decide"] else actions.revise
    problem = ""
    try:
        verb(found, request.user, changes=changes, note=request.POST.get("note", ""))
    except Refused as refused:
        problem = str(refused)
    return _card(request, "claim", id, problem)


def shown(claim: Claim) -> dict[str, str]:
    """A claim's fields as they stand in the form; large figures as people write them (522亿)."""
    return {
        name: written(value) if isinstance(value := getattr(claim, name), Decimal) else str(value or "")
        for name in actions.FIELDS
    }


def written(value: Decimal) -> str:
    """A figure as it is typed.

    >>> written(Decimal("52200000000")), written(Decimal("22473.00")), written(Decimal("39000"))
    ('522亿', '22473', '3.9万')
    """
    for word, size in (("亿", 10**8), ("万", 10**4)):
        if abs(value) >= size and value % (size // 100) == 0:
            return f"{number(value / size).replace(',', '')}{word}"
    return number(value, 8).replace(",", "")


@staff_page(room="intel", title=_("合并说法"), by=(REVIEWER,))
def merge(request: HttpRequest, id: int) -> HttpResponse:
    """What a claim may be merged into; sent, it is merged into the one chosen."""
    found = get_object_or_404(queries.claims(), pk=id)
    if request.method != "POST":
        context = {"one": found, "others": queries.mergeable(found), **_rights(request)}
        return render(request, "intel/review/merge.html", context)
    chosen = request.POST.get("into", "")
    problem = ""
    try:
        actions.merge(found, request.user, into=get_object_or_404(Claim, pk=int(chosen)) if chosen.isdigit() else None)
    except Refused as refused:
        problem = str(refused)
    return _card(request, "claim", id, problem)


@staff_page(room="intel", title=_("说法与来历"))
def claim(request: HttpRequest, id: int) -> HttpResponseBase:
    """A claim's card (after an edit was given up), or beside another page its provenance."""
    if request.GET.get("card") is not None:
        return _card(request, "claim", id)
    found = get_object_or_404(queries.claims(), pk=id)
    context = {"one": found, "elsewhere": queries.elsewhere(found), "title": str(found)}
    template = "panel" if request.headers.get("HX-Request") else "alone"
    return render(request, f"intel/review/{template}.html", context)


@require_POST
@staff_page(room="intel", title=_("全部接受"))
def accept_all(request: HttpRequest, id: int) -> HttpResponse:
    """Accept everything of an article that waits."""
    found = get_object_or_404(Article, pk=id)
    if not actions.accept_all.verb.allowed(request.user):
        raise PermissionDenied("只有情报审核可以接受。")
    try:
        done = actions.accept_all(found, request.user)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("intel:article", id=id)
    said = _("接受了 %(accepted)s 条") % {"accepted": done.accepted}
    if done.merged:
        said += _("，与已有说法相同而合并 %(merged)s 条") % {"merged": done.merged}
    said += (
        _("；您自己提出的 %(left)s 条要由别人决定。") % {"left": done.left}
        if done.left
        else _("。正文已删去，留下出处、数字与短引。")
    )
    messages.success(request, said)
    return redirect("intel:article", id=id)


@require_POST
@staff_page(room="intel", title=_("补充说法"), by=actions.PROPOSERS)
def propose(request: HttpRequest, id: int) -> HttpResponse:
    """Add a claim that the reader did not see."""
    found = get_object_or_404(Article, pk=id)
    changes = {name: request.POST[name] for name in actions.FIELDS if name in request.POST}
    try:
        actions.propose(Claim(article=found), request.user, changes=changes, quote=request.POST.get("quote", ""))
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("已补上，等另一位审核人决定。"))
    return redirect("intel:article", id=id)
