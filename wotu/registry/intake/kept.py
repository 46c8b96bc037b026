"""How an import keeps its mapping: as plain data that the mapping page shows, an officer changes and the worker reads again."""

from __future__ import annotations

from typing import Any

from wotu.registry.intake.books import column_letter
from wotu.registry.intake.mapping import AUTO, Wish
from wotu.registry.intake.survey import SheetPlan, Survey, Wishes
from wotu.registry.intake.values import text_of

SAMPLES = 4
"""Cells shown for each column."""
SHORT = 40


def keep(plan: Survey) -> dict[str, Any]:
    """A survey as an import keeps it."""
    return {"sheets": [_sheet(sheet) for sheet in plan.sheets], "findings": [str(f) for f in plan.findings]}


def _sheet(plan: SheetPlan) -> dict[str, Any]:
    layout = plan.layout
    return {
        "name": layout.sheet,
        "title": layout.title[:120],
        "header": layout.first_header,
        "first": layout.first_data,
        "last": layout.last_row,
        "rows": plan.rows,
        "units": list(layout.units),
        "period": plan.base[0].text if plan.base else "",
        "skip": False,
        "columns": [
            {
                **column.plain(),
                "letter": column_letter(column.index),
                "samples": [
                    text[:SHORT]
                    for row in layout.samples[:SAMPLES]
                    if column.index < len(row) and (text := text_of(row[column.index]))
                ],
            }
            for column in plan.columns
        ],
        # What is wrong with one column stands beside that column.
        "findings": [f"{f.what}。{f.how_to_mend}。" for f in plan.findings if f.severity == "warning"],
    }


def wishes(kept: dict[str, Any], *, chosen: bool) -> Wishes:
    """A kept mapping as the reader's wishes.

    Before an officer has looked (`chosen` false) the sheets' periods stay as they are guessed again, the finer ones included.
    """
    placed: dict[tuple[str, int], Wish] = {}
    for sheet in kept.get("sheets", ()):
        for column in sheet["columns"]:
            taken = column["target"] and column["confidence"] >= AUTO
            placed[sheet["name"], column["index"]] = Wish(
                column["target"] if taken else "",
                column["unit"],
                column["period"],
                column["how"] if column["how"] == "上次" else "指定",
            )
    sheets = kept.get("sheets", ())
    return Wishes(
        placed=placed,
        periods={s["name"]: s["period"] for s in sheets if chosen and s["period"]},
        skipped=frozenset(s["name"] for s in sheets if s["skip"]),
        only=frozenset(s["name"] for s in sheets),
    )
