"""The policy room over HTTP: rules with their clauses, one evaluation with its reasons, screenings and their lists."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import Field

from wotu.policy import actions, editions, queries
from wotu.policy.models import Edition, Screening, ScreeningRule
from wotu.registers.http import Paging, Problem, page, require_room
from wotu.registers.models import Job
from wotu.registry.api import enterprise_or_problem
from wotu.registry.lake import LakeError
from wotu.registry.profiles import profile
from wotu.rulebook import Rulebook
from wotu.rulebook.explain.document import explanation_document
from wotu.rulebook.findings import RulebookError
from wotu.rulebook.plain import plain

router = Router(tags=["政策"])


class CitationOut(Schema):
    """The text a clause encodes."""

    document: str
    number: str
    article: str
    url: str


class EvidenceOut(Schema):
    """How sure it is that the clause says what the text says."""

    state: str
    label: str
    checked_by: str | None
    checked_at: datetime | None
    note: str


class ClauseOut(Schema):
    """One clause of a rule."""

    name: str
    requires: str
    citation: CitationOut | None
    evidence: EvidenceOut | None


class InputOut(Schema):
    """One input a rule reads."""

    name: str
    type: str
    unit: str
    definition: str


class RuleOut(Schema):
    """One edition of a rule."""

    id: int
    name: str
    edition: str
    issuer: str
    documents: str
    effective_from: date | None
    effective_to: date | None
    sha256: str


class RulePage(Schema):
    """A page of rules."""

    total: int
    offset: int
    limit: int
    items: list[RuleOut]


class RuleDetail(RuleOut):
    """One edition with its clauses, inputs and outcome decisions."""

    clauses: list[ClauseOut]
    inputs: list[InputOut]
    decisions: list[str]


class EvaluateIn(Schema):
    """What to decide: a rule, and either inputs or an enterprise (with the day its profile is read for)."""

    rule: str = Field(description="规则名，如 高新技术企业认定")
    inputs: dict[str, Any] | None = Field(None, description="输入名到值；缺的和 null 都是“未知”")
    enterprise: str | None = Field(None, description="统一社会信用代码")
    as_of: date | None = Field(None, description="基准日，不给即今天；决定用哪个版本")
    explain: bool = Field(True, description="是否带上逐条理由")
    lang: str = Field("zh", pattern="^(zh|en)$")


class EvaluateOut(Schema):
    """The answer: every decision's value (null: unknown or FEEL null, told apart by `unknown`), and the reasons."""

    rule: str
    edition: str
    as_of: date
    eligible: bool | None
    values: dict[str, Any]
    unknown: list[str]
    inputs: dict[str, Any]
    explanation: dict[str, Any] | None


class ScreeningRuleOut(Schema):
    """The counts of one rule in a screening."""

    rule: int
    name: str
    edition: str
    eligible: int
    not_eligible: int
    unknown: int
    near_miss: int
    amount: Decimal | None
    clauses: list[dict[str, Any]]
    grades: list[dict[str, Any]]
    engine: str


class ScreeningOut(Schema):
    """One immutable screening."""

    id: int
    as_of: date
    known_at: datetime
    enterprises: int
    seconds: float | None
    finished_at: datetime | None
    rules_hash: str
    profile_hash: str


class ScreeningPage(Schema):
    """A page of screenings."""

    total: int
    offset: int
    limit: int
    items: list[ScreeningOut]


class ScreeningDetail(ScreeningOut):
    """A screening with the counts of each rule."""

    rules: list[ScreeningRuleOut]


class MemberOut(Schema):
    """An enterprise in a list of a screening."""

    code: str
    name: str
    clause: str
    distance: str
    amount: Decimal | None


class MemberPage(Schema):
    """A page of such a list."""

    total: int
    offset: int
    limit: int
    items: list[MemberOut]


class ScreenIn(Schema):
    """A screening to be made."""

    as_of: date | None = Field(None, description="基准日，不给即今天")
    rules: list[str] = Field(default_factory=list, description="只筛这些规则；空即全部")


class JobOut(Schema):
    """How far long work is."""

    id: int
    title: str
    state: str
    done: int
    total: int | None
    message: str


def _rule(edition: Edition) -> dict[str, Any]:
    return {
        "id": edition.pk,
        "name": edition.policy.name,
        "edition": edition.edition,
        "issuer": edition.policy.issuer,
        "documents": edition.documents,
        "effective_from": edition.effective_from,
        "effective_to": edition.effective_to,
        "sha256": edition.sha256,
    }


def _edition(id: int) -> Edition:
    found = Edition.objects.select_related("policy").filter(pk=id).first()
    if found is None:
        raise Problem(404, f"没有编号为 {id} 的规则版本。", f"No rule edition has the id {id}.")
    return found


def _screening(id: int) -> Screening:
    found = Screening.objects.filter(pk=id, state=Screening.State.DONE).first()
    if found is None:
        raise Problem(404, f"没有编号为 {id} 的已完成筛查。", f"No finished screening has the id {id}.")
    return found


def _book(edition: Edition) -> Rulebook:
    try:
        return editions.rulebook(edition)
    except RulebookError as error:
        raise Problem(409, str(error), f"The rule file of {edition} is not there.") from error


@router.get("/rules", response=RulePage, summary="规则列表")
def rules(request: Any, paging: Query[Paging], as_of: date | None = None) -> dict[str, Any]:
    """Every edition of every rule; with `as_of` only the one of each that is in force on that day."""
    require_room(request.auth, "policy")
    if as_of is not None:
        return page(editions.in_force(as_of), paging, _rule)
    return page(Edition.objects.select_related("policy").order_by("policy__name", "effective_from"), paging, _rule)


@router.get("/rules/{id}", response=RuleDetail, summary="一条规则")
def rule(request: Any, id: int) -> dict[str, Any]:
    """One edition: its clauses with citation and evidence, the inputs it reads, the decisions it gives."""
    require_room(request.auth, "policy")
    edition = _edition(id)
    book = _book(edition)
    evidence = queries.evidence(edition)
    return {
        **_rule(edition),
        "clauses": [
            {
                "name": clause.name,
                "requires": clause.requires,
                "citation": clause.citation and _citation(clause.citation),
                "evidence": _evidence(evidence.get(clause.name)),
            }
            for clause in book.clauses
        ],
        "inputs": [
            {"name": i.name, "type": str(i.base), "unit": i.unit or "", "definition": i.definition} for i in book.inputs
        ],
        "decisions": [decision.name for decision in book.decisions],
    }


def _citation(citation: Any) -> dict[str, Any]:
    return {name: getattr(citation, name) or "" for name in ("document", "number", "article", "url")}


def _evidence(row: Any) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "state": row.state,
        "label": row.get_state_display(),
        "checked_by": row.checked_by and (row.checked_by.get_full_name() or row.checked_by.get_username()),
        "checked_at": row.checked_at,
        "note": row.note,
    }


@router.post("/evaluate", response=EvaluateOut, summary="判定一家企业或一组输入")
def evaluate(request: Any, asked: EvaluateIn) -> dict[str, Any]:
    """Decide one rule, in the edition in force on the day, and say why, clause by clause."""
    require_room(request.auth, "policy")
    as_of = asked.as_of or timezone.localdate()
    edition = next((e for e in editions.in_force(as_of) if e.policy.name == asked.rule), None)
    if edition is None:
        known = "、".join(e.policy.name for e in editions.in_force(as_of))
        raise Problem(
            404,
            f"{as_of} 没有名为“{asked.rule}”的生效规则；有：{known}。",
            f"No rule “{asked.rule}” is in force on {as_of}.",
        )
    if (asked.inputs is None) == (asked.enterprise is None):
        raise Problem(422, "inputs 与 enterprise 须给出其一。", "Give either inputs or enterprise.")
    book = _book(edition)
    if asked.enterprise is not None:
        row = profile(enterprise_or_problem(asked.enterprise), as_of)
        inputs: dict[str, Any] = queries.inputs_of(book, row)
    else:
        inputs = asked.inputs or {}
    try:
        found = book.evaluate(inputs)
        reasons = book.explain(inputs, lang=asked.lang) if asked.explain else None
    except RulebookError as error:
        raise Problem(
            422, str(error), "An input does not fit the rule.", errors=[f.what for f in error.findings]
        ) from error
    values = {name: plain(value) for name, value in found.values.items()}
    verdict = found.values.get(book.eligible_name) if book.eligible_name else None
    return {
        "rule": edition.policy.name,
        "edition": edition.edition,
        "as_of": as_of,
        "eligible": verdict if isinstance(verdict, bool) else None,
        "values": values,
        "unknown": [name for name, value in found.values.items() if value is not None and values[name] is None],
        "inputs": {name: plain(value) for name, value in book.input_values(inputs).items()},
        "explanation": None if reasons is None else explanation_document(reasons),
    }


def _screened(s: Screening) -> dict[str, Any]:
    return {
        "id": s.pk,
        "as_of": s.as_of,
        "known_at": s.known_at,
        "enterprises": s.enterprises,
        "seconds": s.seconds,
        "finished_at": s.finished_at,
        "rules_hash": s.rules_hash,
        "profile_hash": s.profile_hash,
    }


def _counts(r: ScreeningRule) -> dict[str, Any]:
    return {
        "rule": r.edition_id,
        "name": r.edition.policy.name,
        "edition": r.edition.edition,
        "eligible": r.eligible,
        "not_eligible": r.not_eligible,
        "unknown": r.unknown,
        "near_miss": r.near_miss,
        "amount": r.amount,
        "clauses": r.clauses,
        "grades": r.grades,
        "engine": r.engine,
    }


@router.get("/screenings", response=ScreeningPage, summary="筛查列表")
def screenings(request: Any, paging: Query[Paging], as_of: date | None = None) -> dict[str, Any]:
    """Finished screenings, newest first."""
    require_room(request.auth, "policy")
    found = Screening.objects.filter(state=Screening.State.DONE).order_by("-finished_at", "-id")
    return page(found if as_of is None else found.filter(as_of=as_of), paging, _screened)


@router.post("/screenings", response={202: JobOut}, summary="开始一次筛查")
def start(request: Any, asked: ScreenIn) -> Status[dict[str, Any]]:
    """Queue a screening; ask for its progress at `/screenings/jobs/{id}`."""
    require_room(request.auth, "policy")
    job = Job()
    actions.start_screening(job, request.auth, as_of=asked.as_of, rules=tuple(asked.rules))
    return Status(202, _job(job))


@router.get("/screenings/jobs/{id}", response=JobOut, summary="筛查进度")
def progress(request: Any, id: int) -> dict[str, Any]:
    """How far a queued screening is."""
    require_room(request.auth, "policy")
    job = Job.objects.filter(pk=id, kind="screening").first()
    if job is None:
        raise Problem(404, f"没有编号为 {id} 的筛查任务。", f"No screening job has the id {id}.")
    return _job(job)


def _job(job: Job) -> dict[str, Any]:
    return {
        "id": job.pk,
        "title": job.title,
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "message": job.message,
    }


@router.get("/screenings/{id}", response=ScreeningDetail, summary="一次筛查")
def screening(request: Any, id: int) -> dict[str, Any]:
    """One screening with the counts of each rule and of each clause."""
    require_room(request.auth, "policy")
    found = _screening(id)
    rows = found.rules.select_related("edition__policy").order_by("edition__policy__name")
    return {**_screened(found), "rules": [_counts(row) for row in rows]}


@router.get("/screenings/{id}/rules/{rule}/enterprises", response=MemberPage, summary="筛查名单")
def members(
    request: Any, id: int, rule: int, paging: Query[Paging], state: str = "eligible", clause: str = "", q: str = ""
) -> dict[str, Any]:
    """The enterprises behind a number: `state` is eligible, near, unknown, not, or with `clause` met, unmet, open, settles."""
    require_room(request.auth, "policy")
    try:
        total, rows = queries.members(
            _screening(id),
            _edition(rule),
            state=state,
            clause=clause or None,
            search=q,
            offset=paging.offset,
            limit=paging.limit,
        )
    except LakeError as error:
        raise Problem(404, str(error), "There is no such list.") from error
    items = [
        {"code": m.code, "name": m.name, "clause": m.clause, "distance": m.distance, "amount": m.amount} for m in rows
    ]
    return {"total": total, "offset": paging.offset, "limit": paging.limit, "items": items}
