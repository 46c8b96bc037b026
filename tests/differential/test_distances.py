"""How far a whole column is from what it lacks: what the explanation of each enterprise alone says, to the digit."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pyarrow as pa
import pytest

from wotu.rulebook import Rulebook
from wotu.rulebook.columnar import interpreted
from wotu.rulebook.columnar.batch import batches, screened
from wotu.rulebook.columnar.library import Chosen
from wotu.rulebook.explain.build import view_of

from .random_rules import document, rule, table
from .test_random_rules import DAY

Said = tuple[int, str, object, str | None]


def in_columns(book: Rulebook, rows: pa.Table) -> list[Said]:
    """Row, clause, distance and unit of those that lack one clause."""
    chosen = Chosen(Path("rule.dmn"), book, tuple(view_of(book).levels()), None)
    near = screened(batches([chosen]), rows, 0, unfit="unknown", explained=True).near.to_pylist()
    return [(each["row"], each["clause"], each["distance"], each["unit"]) for each in near if each["clause"]]


def one_by_one(book: Rulebook, rows: pa.Table) -> dict[int, Said]:
    [found] = interpreted.screen([book], rows, as_of=DAY).rules
    each = zip(*(found.table[name].to_pylist() for name in ("near", "distance", "distance_unit")), strict=True)
    return {
        row: (row, clause, distance, unit if distance is not None else None)
        for row, (clause, distance, unit) in enumerate(each)
    }


@pytest.mark.parametrize("seed", range(25))
def test_distances_are_those_of_each_row_alone(seed: int) -> None:
    random = Random(seed)
    text, book = rule(random)
    rows = table(random, 60)
    alone = one_by_one(book, rows)
    assert [alone[said[0]] for said in in_columns(book, rows)] == in_columns(book, rows), text


def test_the_nearest_of_several_ways_counts() -> None:
    random = Random(0)
    ways = (
        "money >= 5 or other >= 2",
        "(n > 2 and money / other >= 0.1) or (n <= 2 and money / other >= 0.5)",
        "money >= 1000000 or (b and share > 0.5)",
        "n between 2 and 10",
        "money - other >= 1 or c",
        "(d - e >= duration(\"P30D\")) or s in (\"甲\", \"丙\")",
        "decimal(money / n, 1) > 2",
    )  # fmt: skip
    for way in ways:
        clauses = [("条", way, "<wotu:clause/>", "boolean", []), ("符合", "条", "<wotu:eligible/>", "boolean", ["条"])]
        book = Rulebook.from_bytes(document(clauses).encode())
        rows = table(random, 200)
        found = in_columns(book, rows)
        alone = one_by_one(book, rows)
        assert found, way
        assert [alone[said[0]] for said in found] == found, way
