"""What a block came to, as tables to be written: counts, and who as Roaring bitmaps (0 is the block's first row)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wotu.rulebook.columnar.outcomes import NUMBER
from wotu.rulebook.columnar.roaring import bitmaps

Words2 = npt.NDArray[np.uint64]
"""A plane a row."""

OUTCOMES = pa.schema(
    [
        ("rule", pa.int32()), ("first_row", pa.int64()), ("rows", pa.int64()), ("eligible", pa.int64()), ("not", pa.int64()),
        ("unknown", pa.int64()), ("one_short", pa.int64()), ("amount_total", pa.decimal128(38, 12)),
        ("eligible_bits", pa.binary()), ("not_bits", pa.binary()),
    ]
)  # fmt: skip
CLAUSES = pa.schema(
    [
        ("rule", pa.int32()), ("clause", pa.string()), ("met", pa.int64()), ("unmet", pa.int64()), ("unknown", pa.int64()),
        ("only_stop", pa.int64()), ("would_settle", pa.int64()),
    ]
)  # fmt: skip
STOPS = pa.schema(
    [
        ("rule", pa.int32()), ("clause", pa.string()), ("first_row", pa.int64()), ("rows", pa.int64()),
        ("only_stop", pa.int64()), ("bits", pa.binary()),
    ]
)  # fmt: skip
NEAR = pa.schema(
    [("rule", pa.int32()), ("row", pa.int64()), ("clause", pa.string()), ("distance", NUMBER), ("unit", pa.string())]
)
AMOUNTS = pa.schema([("rule", pa.int32()), ("row", pa.int64()), ("amount", NUMBER)])
DATASETS = {"outcomes": OUTCOMES, "clauses": CLAUSES, "stops": STOPS, "near": NEAR, "amounts": AMOUNTS}
ROOMY = pa.decimal256(76, 12)
"""Of amounts and totals with more digits than a column usually has."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted of a block: of each rule eligible, not and one short; of each clause met and unmet."""

    rules: npt.NDArray[np.int64]
    clauses: npt.NDArray[np.int64]
    only: npt.NDArray[np.int64]
    """Of each node of a rule (what one may lack) how many rows lack it only."""
    settled: npt.NDArray[np.int64]
    """Of each item that a goal joins how many rows it alone would settle."""


@dataclass(frozen=True, eq=False)
class Places:
    """What rows of the tables are about, the same for every block."""

    clauses: pa.Array
    """Names of all rules' clauses, one rule after the other."""
    owners: npt.NDArray[np.int32]
    """Of each clause the rule."""
    nodes: Sequence[str | None]
    """Of each node the name of its clause; none where it is the goal itself."""
    node_owners: npt.NDArray[np.int32]
    node_clauses: npt.NDArray[np.int64]
    """Of each node the place of its clause; -1 of a goal."""
    item_clauses: npt.NDArray[np.int64]


def outcomes(
    counted: Counted, holds: Words2, fails: Words2, totals: Sequence[Decimal | None], start: int, rows: int
) -> pa.Table:
    """A row a rule: counts, the total of amounts, and who."""
    yes, no, short = counted.rules.T
    every = len(counted.rules)
    schema = _roomy(totals)
    columns = [
        np.arange(every, dtype=np.int32), np.full(every, start), np.full(every, rows), yes, no, rows - yes - no, short,
        pa.array(totals, schema.field("amount_total").type), bitmaps(holds, rows), bitmaps(fails, rows),
    ]  # fmt: skip
    return pa.table(columns, schema)


def clauses(places: Places, counted: Counted, rows: int) -> pa.Table:
    """A row a clause: how many meet it and not, how many lack it only, how many it alone would settle."""
    only, settled = np.zeros(len(places.owners), np.int64), np.zeros(len(places.owners), np.int64)
    below = places.node_clauses >= 0
    np.add.at(only, places.node_clauses[below], counted.only[below])
    settled[places.item_clauses] = counted.settled
    met, unmet = counted.clauses.T
    return pa.table([places.owners, places.clauses, met, unmet, rows - met - unmet, only, settled], CLAUSES)


def stops(places: Places, counted: Counted, planes: Words2, start: int, rows: int) -> pa.Table:
    """A row a clause that some rows lack and nothing else (no name: one of several alternatives): how many, and which."""
    some = np.flatnonzero(counted.only)
    names = pa.array([places.nodes[at] for at in some.tolist()], pa.string())
    first, size = np.full(len(some), start), np.full(len(some), rows)
    bits = bitmaps(planes, rows, some)
    return pa.table([places.node_owners[some], names, first, size, counted.only[some], bits], STOPS)


def amounts_of(kind: pa.DataType) -> pa.Schema:
    """The amounts' columns; one amount of more digits than its column has gets all a wider one."""
    return AMOUNTS.set(AMOUNTS.get_field_index("amount"), pa.field("amount", kind))


def _roomy(totals: Sequence[Decimal | None]) -> pa.Schema:
    """The outcomes' columns; a total of more digits than its column has gets a wider one rather than none."""
    if all(total is None or abs(total) < Decimal(10) ** 26 for total in totals):
        return OUTCOMES
    place = OUTCOMES.get_field_index("amount_total")
    return OUTCOMES.set(place, pa.field("amount_total", ROOMY))
