"""The policy room's verbs: recording that a clause was checked against its text, starting a screening."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wotu.policy.models import ClauseEvidence
from wotu.registers.models import Job
from wotu.registers.roles import POLICY_OFFICER
from wotu.registers.verbs import Refused, verb


@verb(ClauseEvidence, "check", str(_("记为已核对")), by=POLICY_OFFICER, room="policy")
def check(evidence: ClauseEvidence, by: Any, note: str = "") -> None:
    """An officer who has the text in hand confirms that the clause says what the law says."""
    if by is None:
        raise Refused("核对须由看过原文的人记录，不能由系统代记。")
    if not note.strip():
        raise Refused("请写明核对依据，如“对照工信部网站 2026-02-01 发布的附件1”。")
    evidence.state = ClauseEvidence.State.CHECKED
    evidence.checked_by, evidence.checked_at, evidence.note = by, timezone.now(), note.strip()[:300]
    evidence.save(update_fields=["state", "checked_by", "checked_at", "note"])


@verb(ClauseEvidence, "uncheck", str(_("撤回核对")), by=POLICY_OFFICER, room="policy", when="checked")
def uncheck(evidence: ClauseEvidence, by: Any, note: str = "") -> None:
    """Take back a check: the clause is 待核 again until somebody confirms it."""
    evidence.state = ClauseEvidence.State.RECALLED
    evidence.checked_by, evidence.checked_at, evidence.note = None, None, note.strip()[:300]
    evidence.save(update_fields=["state", "checked_by", "checked_at", "note"])


@verb(Job, "start_screening", str(_("开始筛查")), by=POLICY_OFFICER, room="policy")
def start_screening(job: Job, by: Any, as_of: date | None = None, rules: tuple[str, ...] = ()) -> None:
    """Queue a screening of every enterprise as of a day (today) by all rules, or those named; `job` is a new one."""
    from wotu.policy.tasks import run_screening

    day = as_of or timezone.localdate()
    job.kind, job.title, job.by = "screening", f"筛查 {day}", by
    job.arguments = {"as_of": day.isoformat(), "rules": list(rules)}
    job.save()
    run_screening.enqueue(job.pk)
