"""Screening: every rule in force over every enterprise, kept immutable and never computed twice."""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from wotu.policy import editions
from wotu.policy.models import Edition, Screening, ScreeningRule
from wotu.registers.jobs import Progress
from wotu.registry import lake, profiles, rulefiles
from wotu.registry.models import Snapshot
from wotu.registry.profiles import ProfileTable
from wotu.rulebook import Rulebook, columnar
from wotu.rulebook.columnar.outcomes import CLAUSE, VALUE, RuleOutcome
from wotu.rulebook.findings import Finding, RulebookError

BATCH = 5_000
"""Enterprises decided at a time: what a killed run loses at most."""
FORMAT = 2
"""Raised when the same rules and profiles would be written down otherwise."""


class ScreeningError(lake.LakeError):
    """A screening that cannot be made; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """One edition to be screened with its rulebook, and the name of its file in the result."""

    edition: Edition
    book: Rulebook

    @property
    def stem(self) -> str:
        """Name of the edition's Parquet file, without the ending."""
        return Path(self.edition.rule_file).stem


def choose(as_of: date, rules: Sequence[str] | None = None) -> tuple[Chosen, ...]:
    """The editions in force on a day, all or those of the named rules; raises `ScreeningError` for unknown names."""
    try:
        found = editions.in_force(as_of)
        if rules:
            named = {edition.policy.name: edition for edition in found}
            known = {file.name for file in rulefiles.rule_files()}
            wrong = [name for name in rules if name not in named]
            if wrong:
                past = [name for name in wrong if name in known]
                what = f"{as_of}没有生效的版本：{'、'.join(past)}" if past else f"没有这样的规则：{'、'.join(wrong)}"
                raise ScreeningError(Finding("规则", what, f"可用的有：{'、'.join(named) or '无'}"))
            found = [named[name] for name in dict.fromkeys(rules)]
        if not found:
            raise ScreeningError(Finding("规则", f"{as_of}没有任何生效的规则", "请换一个基准日，或补上规则文件"))
        return tuple(Chosen(edition, editions.rulebook(edition)) for edition in found)
    except RulebookError as error:
        raise ScreeningError(Finding("规则", str(error).replace("\n", "；"), "")) from error


def screen(as_of: date, *, rules: Sequence[str] | None = None, job: Progress | None = None) -> Screening:
    """Screen every enterprise on the register as of a day; the earlier screening where nothing has changed.

    Works batch by batch: a killed run leaves its finished batches aside, unseen, and the next run of the same screening
    goes on from there. Raises `ScreeningError` or `lake.LakeError`.
    """
    chosen = choose(as_of, rules)
    snapshot = lake.latest()
    table = _profiled(snapshot, as_of, job)
    _need_columns(chosen, table)
    rules_hash = hashlib.sha256(
        json.dumps([FORMAT, columnar.ENGINE, sorted((c.edition.rule_file, c.book.sha256) for c in chosen)]).encode()
    ).hexdigest()
    key = hashlib.sha256(f"{rules_hash} {table.sha256} {as_of.isoformat()}".encode()).hexdigest()
    target = Path(settings.LAKE) / "screening" / f"{as_of.isoformat()}-{key[:16]}"
    known = Screening.objects.filter(rules_hash=rules_hash, profile_hash=table.sha256, as_of=as_of).first()
    if known is not None and known.state == Screening.State.DONE and (target / "manifest.json").exists():
        return known
    with lake.trouble("筛查"), _alone(target):
        if not (target / "manifest.json").exists():
            _compute(target, chosen, table, snapshot, job)
        return _register(target, chosen, table, as_of, rules_hash)


def _profiled(snapshot: Snapshot, as_of: date, job: Progress | None) -> ProfileTable:
    try:
        return profiles.build(snapshot, as_of, progress=job)
    except RulebookError as error:
        raise ScreeningError(Finding("画像", str(error).replace("\n", "；"), "")) from error


def _need_columns(chosen: Sequence[Chosen], table: ProfileTable) -> None:
    findings = [f for c in chosen for f in columnar.lacking(c.book, table.columns)]
    if findings:
        raise ScreeningError(Finding("规则", "；".join(str(f) for f in findings), ""))


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Only one run makes a screening; the second is told so instead of doing the same work."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(target.parent / f".{target.name}.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ScreeningError(
                Finding("筛查", "同一基准日、同一批规则的筛查正在进行", "请在“任务”里看进度，完成后直接查看结果")
            ) from None
        yield


def _compute(
    target: Path, chosen: Sequence[Chosen], table: ProfileTable, snapshot: Snapshot, job: Progress | None
) -> None:
    """Decide batch after batch into a folder aside, then put each rule's batches together and rename the folder."""
    began = time.monotonic()
    run = target.parent / f".run-{target.name}"
    run.mkdir(exist_ok=True)
    books = [c.book for c in chosen]
    if job is not None:
        job.expect(table.rows)
    done = 0
    source = pq.ParquetFile(table.file)
    for number, batch in enumerate(source.iter_batches(batch_size=BATCH)):
        mark = run / f"{number:06}.done"
        if not mark.exists():
            outcomes = columnar.screen(books, pa.Table.from_batches([batch]), as_of=table.as_of)
            for c, outcome in zip(chosen, outcomes.rules, strict=True):
                _write_part(run / f"{number:06}-{c.stem}.parquet", batch, outcome)
            mark.write_text(json.dumps({c.stem: o.engine for c, o in zip(chosen, outcomes.rules, strict=True)}))
        done += batch.num_rows
        if job is not None:
            job.advance(done)
    engines: dict[str, str] = {}
    for mark in sorted(run.glob("*.done")):
        engines.update(json.loads(mark.read_text()))
    with lake.aside(target) as place:
        counted = [_gather(run, place, c, snapshot, engines.get(c.stem, columnar.ENGINE)) for c in chosen]
        manifest = {
            "as_of": table.as_of.isoformat(),
            "known_at": table.known_at.isoformat(),
            "profile": table.sha256,
            "enterprises": table.rows,
            "seconds": round(time.monotonic() - began, 3),
            "rules": counted,
            "sha256": lake.digest(place.glob("*.parquet")),
        }
        (place / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1, default=str))
    shutil.rmtree(run, ignore_errors=True)


def _write_part(file: Path, batch: pa.RecordBatch, outcome: RuleOutcome) -> None:
    table = outcome.table.add_column(0, "enterprise_id", batch["enterprise_id"])
    aside = file.with_suffix(".part")
    pq.write_table(table, aside, compression="zstd")
    aside.rename(file)


def _gather(run: Path, place: Path, c: Chosen, snapshot: Snapshot, engine: str) -> dict[str, Any]:
    """One rule's batches as one file with the enterprises' names beside, and what is counted in it."""
    parts = lake.parquet(*sorted(run.glob(f"[0-9]*-{_glob(c.stem)}.parquet")))
    names = lake.parquet(lake.folder(snapshot.path) / "enterprises.parquet")
    file = place / f"{c.stem}.parquet"
    amount = _amount(c.book)
    with lake.connect() as connection:
        paid = f'CASE WHEN s.eligible THEN s."{VALUE}{amount}"::DECIMAL(28,2) END' if amount else "NULL::DECIMAL(28,2)"
        connection.execute(
            f"COPY (SELECT s.enterprise_id, e.code, e.name, e.area, {paid} AS amount, s.* EXCLUDE (enterprise_id)"
            f" FROM {parts} s JOIN {names} e ON e.id = s.enterprise_id ORDER BY s.enterprise_id)"
            f" TO {lake.literal(file)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 65536)"
        )
        counted = _count(connection, file, c)
    return {"rule_file": c.edition.rule_file, "sha256": c.book.sha256, "engine": engine, **counted}


def _glob(name: str) -> str:
    return "".join(f"[{ch}]" if ch in "[]*?" else ch for ch in name)


def _amount(book: Rulebook) -> str | None:
    return next((d.name for d in book.decisions if d.role == "outcome" and getattr(d, "kind", None) == "amount"), None)


def _grades(connection: Any, file: Path, book: Rulebook) -> list[dict[str, Any]]:
    """How many enterprises are of each grade, in the order in which the rule's author lists them; None is not known."""
    name = editions.graded(book)
    if name is None:
        return []
    column = '"' + (VALUE + name).replace('"', '""') + '"'
    rows = connection.execute(
        f"SELECT {column}, count(*) FROM {lake.parquet(file)} GROUP BY 1 ORDER BY 2 DESC, 1"
    ).fetchall()
    return [{"value": value, "count": count} for value, count in rows]


def _count(connection: Any, file: Path, c: Chosen) -> dict[str, Any]:
    """Counts of one rule: eligible, not, unknown, one short, and for each clause who it stops and who it would settle."""
    clauses = [clause.decision for clause in c.book.clauses]
    asked = [
        "count(*) FILTER (eligible)",
        "count(*) FILTER (NOT eligible)",
        "count(*) FILTER (eligible IS NULL)",
        "count(*) FILTER (near IS NOT NULL)",
        "sum(amount)",
    ]
    for name in clauses:
        column = '"' + (CLAUSE + name).replace('"', '""') + '"'
        asked += [
            f"count(*) FILTER ({column})",
            f"count(*) FILTER (NOT {column})",
            f"count(*) FILTER ({column} IS NULL)",
            f"count(*) FILTER (near = {lake.literal(name)})",
            f"count(*) FILTER (settles = {lake.literal(name)})",
        ]
    row = connection.execute(f"SELECT {', '.join(asked)} FROM {lake.parquet(file)}").fetchone()
    labels = ("met", "not_met", "unknown", "only_stop", "would_settle")
    grades = _grades(connection, file, c.book)
    return {
        "eligible": row[0],
        "not_eligible": row[1],
        "unknown": next((g["count"] for g in grades if g["value"] is None), 0) if grades else row[2],
        "grades": [g for g in grades if g["value"] is not None],
        "near_miss": row[3],
        "amount": None if row[4] is None else str(row[4]),
        "clauses": [
            {"clause": name, **dict(zip(labels, row[5 + 5 * i : 10 + 5 * i], strict=True))}
            for i, name in enumerate(clauses)
        ],
    }


def _register(target: Path, chosen: Sequence[Chosen], table: ProfileTable, as_of: date, rules_hash: str) -> Screening:
    """The rows that make a finished folder visible, all in one transaction."""
    said = json.loads((target / "manifest.json").read_text())
    by_file = {c.edition.rule_file: c.edition for c in chosen}
    with transaction.atomic():
        made, _ = Screening.objects.update_or_create(
            rules_hash=rules_hash,
            profile_hash=table.sha256,
            as_of=as_of,
            defaults={
                "known_at": table.known_at,
                "path": f"screening/{target.name}",
                "state": Screening.State.DONE,
                "enterprises": said["enterprises"],
                "seconds": said["seconds"],
                "finished_at": timezone.now(),
            },
        )
        made.rules.all().delete()
        ScreeningRule.objects.bulk_create(
            ScreeningRule(
                screening=made,
                edition=by_file[rule["rule_file"]],
                eligible=rule["eligible"],
                not_eligible=rule["not_eligible"],
                unknown=rule["unknown"],
                near_miss=rule["near_miss"],
                amount=None if rule["amount"] is None else Decimal(rule["amount"]),
                clauses=rule["clauses"],
                grades=rule["grades"],
                engine=rule["engine"],
            )
            for rule in said["rules"]
        )
    return made


def summary(screening: Screening) -> str:
    """A finished screening in one sentence."""
    rules: Iterable[ScreeningRule] = screening.rules.select_related("edition__policy")
    counts = "；".join(
        f"{rule.edition.policy.name}" + "、".join(f"{g['value']}{g['count']}家" for g in rule.grades)
        if rule.grades
        else f"{rule.edition.policy.name}符合{rule.eligible}家、差一项{rule.near_miss}家、未知{rule.unknown}家"
        for rule in rules
    )
    return f"{screening.as_of}，{screening.enterprises}家企业：{counts}。"
