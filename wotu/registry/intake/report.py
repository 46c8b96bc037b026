"""What a reading came to: counts, problems by kind, and rows and facts as JSON."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, TextIO

from wotu.registry.intake.pipeline import Block
from wotu.registry.intake.rows import Row, Said
from wotu.registry.intake.survey import Survey

EXAMPLES = 5
"""Rows named for each kind of problem."""


@dataclass(slots=True)
class Tally:
    """Counts of rows by status and of problems by kind, with examples; as plain data it is kept with an import."""

    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("accepted", "repeated", "rejected", "ignored"), 0)
    )
    problems: dict[str, dict[str, Any]] = field(default_factory=dict)
    facts: int = 0

    @classmethod
    def of(cls, plain: dict[str, Any]) -> Tally:
        """A tally as it was kept."""
        made = cls()
        made.counts.update(plain.get("counts", {}))
        made.problems = {one["kind"]: {**one, "examples": list(one["examples"])} for one in plain.get("problems", ())}
        made.facts = plain.get("facts", 0)
        return made

    def add(self, rows: Iterable[Row]) -> None:
        """Count some rows."""
        for row in rows:
            self.counts[row.status] += 1
            if row.status in ("accepted", "repeated"):
                self.facts += len(row.said)
            if row.status != "rejected":
                continue
            for kind in dict.fromkeys(reason.kind for reason in row.reasons):
                one = self.problems.setdefault(kind, {"kind": kind, "rows": 0, "examples": []})
                one["rows"] += 1
                if len(one["examples"]) < EXAMPLES:
                    what = "；".join(str(reason) for reason in row.reasons if reason.kind == kind)
                    one["examples"].append({"sheet": row.sheet, "row": row.number, "what": what})

    def plain(self) -> dict[str, Any]:
        """As JSON, the most frequent problem first."""
        problems = [{**one, "examples": list(one["examples"])} for one in self.problems.values()]
        problems.sort(key=lambda one: -one["rows"])
        return {"counts": dict(self.counts), "problems": problems, "facts": self.facts}

    @property
    def rows(self) -> int:
        """Rows of data: all but those left out."""
        return sum(self.counts.values()) - self.counts["ignored"]


def write_json(out: TextIO, plan: Survey, blocks: Iterable[Block], more: dict[str, Any]) -> Tally:
    """Write `{"rows": […], "facts": […], …}` block by block, so that memory stays flat."""
    tally = Tally()
    first_row = first_fact = True
    with tempfile.TemporaryFile("w+", encoding="utf-8") as facts:
        out.write('{"rows": [')
        for block in blocks:
            tally.add(block.rows)
            for row in block.rows:
                out.write(("" if first_row else ",\n ") + json.dumps(row_json(row), ensure_ascii=False))
                first_row = False
                if row.status not in ("accepted", "repeated"):
                    continue
                for said in row.said:
                    facts.write(("" if first_fact else ",\n ") + json.dumps(fact_json(row, said), ensure_ascii=False))
                    first_fact = False
        out.write('],\n"facts": [')
        facts.seek(0)
        while piece := facts.read(1 << 20):
            out.write(piece)
    rest = {"columns": [c.plain() for sheet in plan.sheets for c in sheet.columns], **tally.plain(), **more}
    rest["findings"] = [
        {"where": f.where, "what": f.what, "how": f.how_to_mend, "severity": f.severity} for f in findings(plan)
    ]
    rest["facts_read"] = rest.pop("facts")
    out.write("],\n" + json.dumps(rest, ensure_ascii=False)[1:] + "\n")
    return tally


def findings(plan: Survey) -> list[Any]:
    """Everything there is to say about a book and its sheets as a whole."""
    return [*plan.findings, *(f for sheet in plan.sheets for f in sheet.findings)]


def row_json(row: Row) -> dict[str, Any]:
    """A row's fate."""
    return {
        "sheet": row.sheet,
        "row": row.number,
        "status": row.status,
        "reasons": [str(reason) for reason in row.reasons],
    }


def fact_json(row: Row, said: Said) -> dict[str, Any]:
    """One thing a row states."""
    return {
        "enterprise": row.code,
        "attribute": said.attribute.name,
        "period": said.period.text,
        "value": value_json(said.value),
        "unit": said.attribute.unit,
        "sheet": row.sheet,
        "row": row.number,
    }


def value_json(value: Decimal | str | date | bool | None) -> str | bool | None:
    """A value as text: decimals in plain digits, days in ISO form; a flag stays one."""
    if value is None or isinstance(value, bool | str):
        return value
    return value.isoformat() if isinstance(value, date) else f"{value:f}"
