"""Policies, their editions and the evidence of their clauses, as the declared rule files say them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from wotu.policy.models import ClauseEvidence, Edition, Policy
from wotu.registry import rulefiles
from wotu.registry.rulefiles import RuleFile
from wotu.rulebook import Rulebook
from wotu.rulebook.findings import Finding, RulebookError


@dataclass(frozen=True, slots=True)
class Synced:
    """What a synchronisation changed."""

    added: int
    changed: int
    clauses: int


def sync() -> Synced:
    """Make the stored policies, editions and clause evidence say what the rule files say; safe to repeat.

    An officer's 已核对 stays as long as the clause's file does not change its wording or its citation; a rule file that
    went away keeps its edition, because screenings refer to it.
    """
    added = changed = clauses = 0
    with transaction.atomic():
        for file in rulefiles.rule_files():
            policy, _ = Policy.objects.update_or_create(name=file.name, defaults={"issuer": file.issuer[:200]})
            said = {
                "policy": policy,
                "edition": file.edition,
                "sha256": file.sha256,
                "documents": file.documents[:300],
                "effective_from": file.effective_from,
                "effective_to": file.effective_to,
            }
            edition = Edition.objects.filter(rule_file=file.path.name).first()
            if edition is None:
                edition = Edition.objects.create(rule_file=file.path.name, **said)
                added += 1
            elif any(getattr(edition, name) != value for name, value in said.items()):
                Edition.objects.filter(pk=edition.pk).update(**said)
                changed += 1
            clauses += _sync_evidence(edition, rulefiles.rulebook(file))
    return Synced(added, changed, clauses)


def _sync_evidence(edition: Edition, book: Rulebook) -> int:
    """Evidence rows for clauses that have none, and the file's word where no officer has spoken; how many changed."""
    rows = {row.clause: row for row in edition.evidence.all()}
    changes = 0
    for clause in book.clauses:
        state = ClauseEvidence.State.FOUND if clause.evidence == "found" else ClauseEvidence.State.RECALLED
        row = rows.get(clause.name)
        if row is None:
            ClauseEvidence.objects.create(edition=edition, clause=clause.name, state=state)
        elif row.state != ClauseEvidence.State.CHECKED and row.state != state:
            ClauseEvidence.objects.filter(pk=row.pk).update(state=state)
        else:
            continue
        changes += 1
    gone = set(rows) - {clause.name for clause in book.clauses}
    if gone:
        ClauseEvidence.objects.filter(edition=edition, clause__in=gone, checked_by=None).delete()
    return changes


def in_force(as_of: date) -> list[Edition]:
    """The editions in force on a day, one a policy, by policy; rule files not yet known are synchronised first."""
    files = rulefiles.in_force(as_of)
    rows = _rows(files)
    if any(file.path.name not in rows or rows[file.path.name].sha256 != file.sha256 for file in files):
        sync()
        rows = _rows(files)
    return [rows[file.path.name] for file in files]


def _rows(files: tuple[RuleFile, ...]) -> dict[str, Edition]:
    names = [file.path.name for file in files]
    return {e.rule_file: e for e in Edition.objects.filter(rule_file__in=names).select_related("policy")}


def rulebook(edition: Edition) -> Rulebook:
    """The rulebook of an edition, read once for its content; raises `RulebookError` where its file is gone."""
    for file in rulefiles.rule_files():
        if file.path.name == edition.rule_file:
            return rulefiles.rulebook(file)
    raise RulebookError(
        Finding(str(edition), f"规则文件“{edition.rule_file}”已不在规则文件夹里", "请放回该文件，或用现有版本重新筛查")
    )


def graded(book: Rulebook) -> str | None:
    """The outcome that sorts enterprises into grades, of a rule that judges nobody eligible (中小企业划型标准); else None."""
    if book.eligible_name is not None:
        return None
    return next((d.name for d in book.decisions if d.role == "outcome" and d.kind == "grade"), None)
