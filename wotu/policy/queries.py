"""Reading screenings: counts from the database, lists from Parquet, one enterprise's explanations from its profile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

from wotu.policy import editions
from wotu.policy.models import ClauseEvidence, Edition, Screening
from wotu.registry import lake
from wotu.registry.models import Enterprise
from wotu.registry.profiles import Profile, profile, tidy
from wotu.rulebook import Rulebook, columnar
from wotu.rulebook.columnar.outcomes import CLAUSE, VALUE
from wotu.rulebook.explain import Explanation
from wotu.rulebook.findings import Finding

State = Literal["eligible", "not", "unknown", "near", "met", "unmet", "open", "settles", "grade"]

WHERE: dict[str, str] = {
    "eligible": "eligible",
    "not": "NOT eligible",
    "unknown": "eligible IS NULL",
    "near": "near IS NOT NULL",
    "met": "true",
    "unmet": "true",
    "open": "true",
    "settles": "settles IS NOT NULL",
    "grade": "true",
}
"""The last four ask about one clause, whatever the answer: met, not met, not known, or the one that would settle it."""
CLAUSE_WHERE: dict[str, str] = {
    "eligible": "{}",
    "met": "{}",
    "not": "NOT {}",
    "unmet": "NOT {}",
    "unknown": "{} IS NULL",
    "open": "{} IS NULL",
}
ORDERS = {
    "name": "name, enterprise_id",
    "-name": "name DESC, enterprise_id",
    "code": "code",
    "-code": "code DESC",
    "distance": "distance NULLS LAST, name, enterprise_id",
    "-distance": "distance DESC NULLS LAST, name, enterprise_id",
    "amount": "amount NULLS LAST, name, enterprise_id",
    "-amount": "amount DESC NULLS LAST, name, enterprise_id",
}


@dataclass(frozen=True, slots=True)
class Member:
    """One enterprise in a list of a screening; `clause` is the one it lacks (or that would settle it)."""

    enterprise_id: int
    code: str
    name: str
    clause: str
    distance: str
    """How far it is, in words (差 0.8 个百分点 ≈ 160 万元); empty unless one clause short."""
    amount: Decimal | None


def latest_screening(as_of: date | None = None) -> Screening | None:
    """The finished screening of the latest day, or the newest as of a day."""
    found = Screening.objects.filter(state=Screening.State.DONE)
    if as_of is not None:
        found = found.filter(as_of=as_of)
    return found.order_by("-as_of", "-finished_at", "-id").first()


def members(
    screening: Screening,
    edition: Edition,
    *,
    state: State | str,
    clause: str | None = None,
    search: str = "",
    order: str = "name",
    offset: int = 0,
    limit: int = 50,
) -> tuple[int, tuple[Member, ...]]:
    """How many enterprises are in a state, and one page of them.

    `clause` narrows: for `near` to those it alone stops, for `unknown` and `not` to those where that clause is unknown
    or not met, for `eligible` to those where it is met; `met`, `unmet`, `open` and `settles` take every enterprise, so
    that each count of a clause opens exactly its rows. Of a rule that only grades, `grade` takes the grade as `clause`.
    `search` is a part of the name or the beginning of the code.
    """
    if state not in WHERE:
        raise lake.LakeError(Finding("名单", f"没有“{state}”这种状态", f"可用：{'、'.join(WHERE)}"))
    file = _file(screening, edition)
    where, values = [WHERE[state]], []
    if (grade := editions.graded(editions.rulebook(edition))) is not None:
        column = '"' + (VALUE + grade).replace('"', '""') + '"'
        where = [f"{column} = ?" if state == "grade" else f"{column} IS NULL" if state == "unknown" else "false"]
        values, clause = [clause] if state == "grade" else [], None
    with lake.trouble("名单"), lake.connect() as connection:
        source = lake.parquet(file)
        if clause:
            columns = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
            column = CLAUSE + clause
            if column not in columns:
                raise lake.LakeError(Finding("名单", f"“{edition}”没有条款“{clause}”", "请从条款列表里选择"))
            quoted = '"' + column.replace('"', '""') + '"'
            if state in ("near", "settles"):
                where.append(f"{state} = ?")
                values.append(clause)
            else:
                where.append(CLAUSE_WHERE[state].format(quoted))
        if search.strip():
            where.append("(contains(name, ?) OR starts_with(code, ?))")
            values += [search.strip(), search.strip().upper()]
        condition = " AND ".join(f"({w})" for w in where)
        [total] = connection.execute(f"SELECT count(*) FROM {source} WHERE {condition}", values).fetchone() or (0,)
        rows = connection.execute(
            "SELECT enterprise_id, code, name, coalesce(near, settles, ''), coalesce(distance_text, ''), amount"
            f" FROM {source} WHERE {condition} ORDER BY {ORDERS.get(order, ORDERS['name'])}"
            f" LIMIT {max(0, int(limit))} OFFSET {max(0, int(offset))}",
            values,
        ).fetchall()
    return total, tuple(
        Member(id, code, name, near, text, None if amount is None else tidy(amount))  # type: ignore[arg-type]
        for id, code, name, near, text, amount in rows
    )


def standing(screening: Screening, enterprise: Enterprise) -> dict[int, str]:
    """What a screening found for one enterprise: edition id to eligible, near, unknown or not."""
    found: dict[int, str] = {}
    with lake.trouble("筛查结果"), lake.connect() as connection:
        for rule in screening.rules.select_related("edition__policy"):
            row = connection.execute(
                f"SELECT eligible, near FROM {lake.parquet(_file(screening, rule.edition))} WHERE enterprise_id = ?",
                [enterprise.pk],
            ).fetchone()
            if row is not None:
                eligible, near = row
                found[rule.edition_id] = (
                    "unknown" if eligible is None else "eligible" if eligible else "near" if near else "not"
                )
    return found


def _file(screening: Screening, edition: Edition) -> Path:
    file = lake.folder(screening.path) / f"{Path(edition.rule_file).stem}.parquet"
    if screening.state != Screening.State.DONE or not file.exists():
        raise lake.LakeError(
            Finding(str(screening), f"没有“{edition}”的结果", "请用 wotu screen 重新筛查，或选另一次筛查")
        )
    return file


def inputs_of(book: Rulebook, row: Profile) -> dict[str, object]:
    """An enterprise's profile as a rule's inputs; a value that the rule cannot take (a share of 120%) is not known."""
    known = row.inputs()
    admitted, _refused = columnar.admissible(book, {entry.name: known.get(entry.name) for entry in book.inputs})
    return dict(admitted)


def explanations(enterprise: Enterprise, as_of: date, row: Profile | None = None) -> list[tuple[Edition, Explanation]]:
    """Every rule in force on a day explained for one enterprise, from its profile (or the one given)."""
    known = row or profile(enterprise, as_of)
    explained = []
    for edition in editions.in_force(as_of):
        book = editions.rulebook(edition)
        explained.append((edition, book.explain(inputs_of(book, known))))
    return explained


def evidence(edition: Edition) -> dict[str, ClauseEvidence]:
    """How sure we are of each clause of an edition."""
    return {row.clause: row for row in edition.evidence.select_related("checked_by")}
