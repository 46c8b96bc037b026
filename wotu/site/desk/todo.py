"""今日待办: what waits for somebody of this role, each with its door; only what this user may do something about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from wotu.intel import actions as intel
from wotu.intel.models import Article
from wotu.policy import actions as policy
from wotu.policy.models import ClauseEvidence, Screening
from wotu.registers import jobkinds
from wotu.registers.pages import may_enter
from wotu.registers.roles import ROLES
from wotu.registers.verbs import may
from wotu.registry import snapshots
from wotu.registry.models import Fact, Import, Snapshot
from wotu.registry.queries import years_before
from wotu.site.desk.jobs import Work, unfinished

SOON = 90
"""Days before its end from which a certificate is shown."""
CERTIFICATES = (("hte_issued_on", "高新技术企业证书", 3), ("national_srdi_on", "专精特新“小巨人”认定", 3))
"""(attribute of the day of issue, what it is called, years it is good for)."""
WAITING = {
    Import.State.UPLOADED: ("等待对应列", "去对应"),
    Import.State.MAPPED: ("等待确认入库", "去确认"),
    Import.State.FAILED: ("没有入库", "看原因"),
}


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to do: `due` orders it, `door` is where it is done (`post`: by a button right here)."""

    title: str
    detail: str
    action: str
    door: str
    due: date | None = None
    post: bool = False
    fields: tuple[tuple[str, str], ...] = ()
    """What the button sends along."""
    panel: bool = False
    """Whether the door opens in the side panel."""
    tone: str = ""
    work: Work | None = None


def todo(user: Any, today: date) -> list[Todo]:
    """Everything that waits, what has a day first, by that day."""
    found = [
        *_jobs(user),
        *_imports(user),
        *_fresh_facts(user),
        *_clauses(user),
        *_articles(user),
        *_certificates(user, today),
    ]
    return sorted(found, key=lambda item: (item.tone != "stop", item.due is None, item.due or date.max))


def _writes(user: Any) -> bool:
    return may(user, tuple(role for role in ROLES if role.writes))


def _jobs(user: Any) -> list[Todo]:
    again = jobkinds.resume.verb.allowed(user)
    found = []
    for work in unfinished(user):
        job = work.job
        if work.resumable and again:
            why = "做到一半中断了，没有丢数据" if work.abandoned else job.message[:120]
            found.append(Todo(job.title, why, "接着做", reverse("site:resume", args=[job.pk]), post=True, tone="stop"))
        elif work.alive:
            found.append(Todo(job.title, "", "看进度", reverse("site:jobs"), work=work))
        elif _writes(user):
            found.append(Todo(job.title, job.message[:120], "看详情", reverse("site:jobs"), tone="stop"))
    return found


def _imports(user: Any) -> list[Todo]:
    if not (may_enter(user, "registry") and _writes(user)):
        return []
    waiting = Import.objects.filter(state__in=list(WAITING)).select_related("source").defer("mapping", "problems")[:5]
    return [
        Todo(
            batch.name,
            f"{batch.source} · {WAITING[Import.State(batch.state)][0]}",
            WAITING[Import.State(batch.state)][1],
            reverse("registry:import", args=[batch.pk]),
            tone="stop" if batch.state == Import.State.FAILED else "",
        )
        for batch in waiting
    ]


def _fresh_facts(user: Any) -> list[Todo]:
    """Facts recorded after the newest snapshot, and a snapshot newer than what was screened: one step at a time."""
    if not snapshots.take_snapshot.verb.allowed(user):
        return []
    recorded = Fact.objects.aggregate(last=Max("recorded_at"))["last"]
    if recorded is None:
        return []
    snapshot = Snapshot.objects.order_by("-known_at").first()
    if snapshot is None or snapshot.known_at < recorded:
        at = date_format(timezone.localtime(recorded), "m-d H:i")
        when = f"最近一次入库 {at}" + ("，快照在那之前" if snapshot else "，还没有快照")
        return [Todo("把新入库的事实写成快照", when, "生成快照", reverse("site:take-snapshot"), post=True)]
    screened = Screening.objects.filter(state=Screening.State.DONE).aggregate(last=Max("known_at"))["last"]
    if screened is None or screened < snapshot.known_at:
        detail = "快照比最近一次筛查新" if screened else "还没有做过筛查"
        day = (("as_of", timezone.localtime(snapshot.known_at).date().isoformat()),)
        return [Todo("用最新快照筛查全部企业", detail, "开始筛查", reverse("policy:screen"), post=True, fields=day)]
    return []


def _clauses(user: Any) -> list[Todo]:
    if not policy.check.verb.allowed(user):
        return []
    today = timezone.localdate()
    waiting = (
        ClauseEvidence.objects.exclude(state=ClauseEvidence.State.CHECKED)
        .exclude(edition__effective_to__lt=today)
        .exclude(edition__effective_from__gt=today)
        .values("edition_id", "edition__policy__name", "edition__edition")
        .annotate(clauses=Count("pk"), recalled=Count("pk", filter=Q(state=ClauseEvidence.State.RECALLED)))
        .order_by("-recalled", "-clauses", "edition_id")
    )
    return [
        Todo(
            f"{line['edition__policy__name']}：{line['clauses']} 个条款待对照原文",
            f"{line['recalled']} 个待核" if line["recalled"] else "目前依据公开转述",
            "去核对",
            reverse("policy:rule", args=[line["edition_id"]]),
        )
        for line in waiting[:3]
    ]


def _articles(user: Any) -> list[Todo]:
    """Articles whose figures wait for somebody to vouch for them."""
    if not intel.accept.verb.allowed(user):
        return []
    waiting = Article.objects.filter(state=Article.State.REVIEW).aggregate(many=Count("pk"), first=Min("created_at"))
    if not waiting["many"]:
        return []
    since = date_format(timezone.localtime(waiting["first"]), "m-d")
    title, door = f"{waiting['many']} 篇文章待审", f"{reverse('intel:articles')}?state={Article.State.REVIEW}"
    return [Todo(title, f"最早的 {since} 收录；正文最多保留 30 天", "去审核", door)]


def ending(attribute: str, years: int, today: date) -> QuerySet[Fact]:
    """The issues that run out within `SOON` days of enterprises that have no later one."""
    later = Fact.objects.filter(
        enterprise=OuterRef("enterprise"), attribute=OuterRef("attribute"), superseded_at=None, day__gt=OuterRef("day")
    )
    first, last = years_before(today, years), years_before(today + timedelta(days=SOON), years)
    return Fact.objects.filter(
        ~Exists(later), attribute__code=attribute, superseded_at=None, day__gt=first, day__lte=last,
        enterprise__closed_on=None,
    )  # fmt: skip


def _certificates(user: Any, today: date) -> list[Todo]:
    """Certificates that run out soon, counted, with the way to their list; one query for all kinds."""
    if not (may_enter(user, "registry") and _writes(user)):
        return []
    of = {attribute: (name, years) for attribute, name, years in CERTIFICATES}
    counted = [
        ending(attribute, years, today)
        .order_by()
        .values("attribute__code")
        .annotate(rows=Count("enterprise", distinct=True), first=Min("day"))
        for attribute, _name, years in CERTIFICATES
    ]
    found = []
    for line in counted[0].union(*counted[1:], all=True):
        name, years = of[line["attribute__code"]]
        due = years_before(line["first"], -years)
        door = f"{reverse('site:expiring')}?attribute={line['attribute__code']}"
        title, detail = f"{line['rows']} 家的{name} {SOON} 天内到期", f"最早 {due}；提醒企业按时重新认定"
        found.append(Todo(title, detail, "看名单", door, due=due, panel=True))
    return found
