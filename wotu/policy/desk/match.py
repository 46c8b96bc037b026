"""政策匹配: a rule, what each of its clauses does to the zone, and the enterprises behind every number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, overload

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from wotu.policy import actions, editions, queries
from wotu.policy.models import ClauseEvidence, Edition, Screening, ScreeningRule
from wotu.policy.queries import Member
from wotu.registers.models import Job
from wotu.registers.pages import staff_page
from wotu.registers.verbs import Refused
from wotu.registry.desk import sheet

STATES = {
    "eligible": _("符合"),
    "near": _("差一项"),
    "unknown": _("未知"),
    "not": _("不符合"),
}
SIZE = 50
BLOCK = 2000
SENTENCES = {
    "met": _("满足“{}”的企业"),
    "unmet": _("不满足“{}”的企业"),
    "open": _("“{}”未知的企业"),
    "settles": _("补齐“{}”就有结论的企业"),
    "near": _("只差“{}”的企业"),
    "eligible": _("符合、且满足“{}”的企业"),
    "unknown": _("结论未知、且“{}”未知的企业"),
    "not": _("不符合、且不满足“{}”的企业"),
    "grade": _("划为“{}”的企业"),
}
"""How a list about one clause is called."""
ORDERS = (("name", _("按名称")), ("distance", _("差距小的在前")), ("-amount", _("金额大的在前")), ("code", _("按代码")))


@dataclass(frozen=True, slots=True)
class Funnel:
    """One clause: what it asks, on what text it stands, and how the zone's enterprises come through it."""

    name: str
    requires: str
    citation: Any
    evidence: ClauseEvidence | None
    met: int
    not_met: int
    unknown: int
    only_stop: int
    would_settle: int

    @property
    def shares(self) -> tuple[float, float, float]:
        """Met, not met and unknown in percent of all."""
        total = (self.met + self.not_met + self.unknown) or 1
        return 100 * self.met / total, 100 * self.not_met / total, 100 * self.unknown / total


def funnel(rule: ScreeningRule) -> tuple[Funnel, ...]:
    """The clauses of a screened rule in their order."""
    book = editions.rulebook(rule.edition)
    evidence = queries.evidence(rule.edition)
    counted = {line["clause"]: line for line in rule.clauses}
    return tuple(
        Funnel(
            clause.name,
            clause.requires,
            clause.citation,
            evidence.get(clause.name),
            *(counted[clause.decision][k] for k in ("met", "not_met", "unknown", "only_stop", "would_settle")),
        )
        for clause in book.clauses
        if clause.decision in counted
    )


class Members(Sequence[Member]):
    """The list behind a number as a paginator reads it: a total and one slice at a time, never all of it."""

    def __init__(self, **asked: Any) -> None:
        self.asked = asked
        self.total: int | None = None

    def __len__(self) -> int:
        if self.total is None:
            self.total, _rows = queries.members(**self.asked, limit=0)
        return self.total

    @overload
    def __getitem__(self, part: int) -> Member: ...
    @overload
    def __getitem__(self, part: slice) -> tuple[Member, ...]: ...
    def __getitem__(self, part: int | slice) -> Member | tuple[Member, ...]:
        if isinstance(part, int):
            return self[part : part + 1][0]
        self.total, rows = queries.members(**self.asked, offset=part.start, limit=part.stop - part.start)
        return rows


def chosen_screening(request: HttpRequest) -> Screening | None:
    """The screening the address names, else the newest finished one."""
    asked = request.GET.get("screening", "")
    if asked.isdigit():
        return get_object_or_404(Screening, pk=int(asked), state=Screening.State.DONE)
    return queries.latest_screening()


def _frame(request: HttpRequest, screening: Screening | None) -> dict[str, Any]:
    rules = list(screening.rules.select_related("edition__policy").order_by("edition__policy_id")) if screening else []
    return {
        "screening": screening,
        "rules": rules,
        "recent": Screening.objects.filter(state=Screening.State.DONE).order_by("-finished_at", "-id")[:20],
        "jobs": Job.objects.filter(kind="screening", state__in=(Job.State.WAITING, Job.State.RUNNING))[:3],
        "may_screen": actions.start_screening.verb.allowed(request.user),
        "may_check": actions.check.verb.allowed(request.user),
        "today": timezone.localdate(),
    }


@staff_page(room="policy", title=_("政策匹配"))
def overview(request: HttpRequest) -> HttpResponse:
    """Every rule of a screening side by side."""
    screening = chosen_screening(request)
    return render(request, "policy/match/overview.html", {"title": _("政策匹配"), **_frame(request, screening)})


@staff_page(room="policy", title=_("政策匹配"))
def rule(request: HttpRequest, id: int) -> HttpResponseBase:
    """One rule of a screening: its clauses, its diagram and the list the address asks for."""
    edition = get_object_or_404(Edition.objects.select_related("policy"), pk=id)
    screening = chosen_screening(request)
    frame = _frame(request, screening)
    found = next((r for r in frame["rules"] if r.edition_id == edition.pk), None)
    context: dict[str, Any] = {"title": str(edition.policy), "edition": edition, "rule": found, **frame}
    if screening is None or found is None:
        return render(request, "policy/match/overview.html", context)
    clauses = funnel(found)
    clause = request.GET.get("clause", "")
    state = request.GET.get("state", "")
    if found.grades:
        grades = [grade["value"] for grade in found.grades]
        state, clause = ("unknown", "") if state == "unknown" else ("grade", clause if clause in grades else grades[0])
    else:
        clause = clause if any(c.name == clause for c in clauses) else ""
        state = state if state in (SENTENCES if clause else STATES) else "eligible"
    search = request.GET.get("q", "").strip()[:100]
    order = request.GET.get("order", "") if request.GET.get("order") in queries.ORDERS else _order(state)
    asked = {
        "screening": screening,
        "edition": edition,
        "state": state,
        "clause": clause or None,
        "search": search,
        "order": order,
    }
    if request.GET.get("export") == "xlsx":
        return export(asked, found, clauses)
    page = Paginator(Members(**asked), SIZE).get_page(request.GET.get("page"))
    counts = {
        "eligible": found.eligible,
        "near": found.near_miss,
        "unknown": found.unknown,
        "not": found.not_eligible,
    }
    context |= {
        "clauses": clauses,
        "state": state,
        "state_label": STATES.get(state, ""),
        "sentence": sentence(state, clause),
        "clause": clause,
        "search": search,
        "order": order,
        "orders": ORDERS,
        "page": page,
        "counts": [(key, label, counts[key]) for key, label in STATES.items()],
        "pending": sum(1 for c in clauses if c.evidence and c.evidence.state == ClauseEvidence.State.RECALLED),
        "view": "diagram" if request.GET.get("view") == "diagram" else "clauses",
    }
    return render(request, "policy/match/rule.html", context)


def sentence(state: str, clause: str) -> str:
    """What a list holds, in words."""
    return str(SENTENCES[state]).format(clause) if clause else f"{STATES[state]}的企业"


def _order(state: str) -> str:
    return "distance" if state == "near" else "name"


def export(asked: dict[str, Any], rule: ScreeningRule, clauses: tuple[Funnel, ...]) -> FileResponse:
    """The list as .xlsx, every page of it, two thousand enterprises at a time."""
    screening, state = asked["screening"], asked["state"]
    total, _none = queries.members(**asked, limit=0)
    what = sentence(state, asked["clause"] or "")

    def lines() -> Iterator[list[sheet.Value]]:
        for start in range(0, min(total, sheet.LIMIT), BLOCK):
            _total, rows = queries.members(**asked, offset=start, limit=min(BLOCK, sheet.LIMIT - start))
            for m in rows:
                yield [m.name, m.code, what, m.clause, m.distance, "" if m.amount is None else m.amount]

    headers = (
        ("企业名称", "text"),
        ("统一社会信用代码", "text"),
        ("名单", "text"),
        ("关键条款", "text"),
        ("差距", "text"),
        ("金额（元）", "money"),
    )
    clause = next((c for c in clauses if c.name == asked["clause"]), None)
    notes = (
        ("内容", f"{rule.edition.policy}：{what}"),
        ("版本", f"{rule.edition}，{rule.edition.documents}"),
        ("条款", f"{clause.name}：{clause.requires}" if clause else "不限"),
        ("查找", asked["search"] or "不限"),
        ("基准日", screening.as_of.isoformat()),
        ("筛查时间", timezone.localtime(screening.finished_at).strftime("%Y-%m-%d %H:%M")),
        ("规则摘要", screening.rules_hash),
        ("行数", f"{min(total, sheet.LIMIT)}，共 {total} 家" + ("（超出上限，已截断）" if total > sheet.LIMIT else "")),
        ("说明", "“未知”是缺少判断所需的事实，不等于不符合；结论依据画像中的事实，最终以主管部门认定为准"),
    )
    name = f"{rule.edition.policy}-{what}-{screening.as_of.isoformat()}"
    return sheet.send(name, headers, lines(), notes)


@require_POST
@staff_page(room="policy", title=_("核对条款"))
def check(request: HttpRequest, id: int, evidence_id: int) -> HttpResponse:
    """Record (or take back) that an officer has compared a clause with its text."""
    evidence = get_object_or_404(ClauseEvidence.objects.select_related("edition__policy"), pk=evidence_id, edition=id)
    verb = actions.uncheck if "undo" in request.POST else actions.check
    problem = ""
    try:
        verb(evidence, request.user, note=request.POST.get("note", ""))
    except Refused as refused:
        problem = str(refused)
    evidence.refresh_from_db()
    context = {
        "evidence": evidence,
        "edition": evidence.edition,
        "problem": problem,
        "may_check": actions.check.verb.allowed(request.user),
    }
    if request.headers.get("HX-Request"):
        return render(request, "policy/match/evidence.html", context)
    return redirect("policy:rule", id=id)


@require_POST
@staff_page(room="policy", title=_("开始筛查"))
def screen(request: HttpRequest) -> HttpResponse:
    """Queue a screening as of the day given and show how far it is."""
    if not actions.start_screening.verb.allowed(request.user):
        raise PermissionDenied
    try:
        as_of = date.fromisoformat(request.POST.get("as_of", ""))
    except ValueError:
        as_of = timezone.localdate()
    job = Job(kind="screening", title=str(_("筛查")))
    actions.start_screening(job, request.user, as_of=as_of)
    if request.headers.get("HX-Request"):
        return render(request, "policy/match/job.html", {"job": job})
    return redirect("policy:match")


@staff_page(room="policy", title=_("筛查进度"))
def job(request: HttpRequest, id: int) -> HttpResponse:
    """How far a screening is; asked again and again by the page until it ends."""
    return render(request, "policy/match/job.html", {"job": get_object_or_404(Job, pk=id, kind="screening")})
