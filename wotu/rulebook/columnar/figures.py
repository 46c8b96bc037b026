"""Amounts and other numbers of a rule as exact integer columns; rows that cannot be said so are asked of the interpreter."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wotu.rulebook.columnar.amounts import Amounts, rounded, worked
from wotu.rulebook.columnar.bind import WIDE, Bound, Rows
from wotu.rulebook.columnar.completions import WAYS, completed, some
from wotu.rulebook.columnar.interpreted import admissible, plainly
from wotu.rulebook.columnar.measuring import PLACES, decision_figure
from wotu.rulebook.columnar.outcomes import HELD, NUMBER
from wotu.rulebook.columnar.plan import plan
from wotu.rulebook.columnar.quantities import Choice, Figure, Nothing, Rounded, kind_of, plain

if TYPE_CHECKING:
    from wotu.rulebook.rulebook import Rulebook


@lru_cache(maxsize=4096)
def figure(book: Rulebook, decision: str) -> Figure | None:
    """A decision as a figure; None where it is anything else, or better known by its codes."""
    planned = plan(book)
    if not planned.interpreted(decision):
        return None
    planner = planned.planner
    logic = planner.logic(decision)
    found = None if logic is None else decision_figure(planner, logic)
    if found is None or kind_of(found) != "number":
        return None
    return found if plain(found) else _cut(found)


def _cut(found: Figure) -> Figure:
    """A quotient as an outcome shows it: with 12 decimals."""
    if isinstance(found, Choice):
        return Choice(found.condition, _cut(found.then), _cut(found.otherwise))
    return found if plain(found) else Rounded(found, "half even", PLACES)


def figured(
    book: Rulebook, bound: Bound, decision: str, node: Figure, beyond: dict[int, Decimal] | None = None
) -> pa.Array:
    """A figure row for row as an outcome's number; `beyond` gets those of more digits than it has, by row."""
    found = worked(bound, node)
    rows = np.flatnonzero(found.ask)
    plain_ = decimals(found, beyond)
    if not len(rows):
        return plain_
    rows = rows[_open(book, bound, decision, node, rows)]
    names = [entry.name for entry in book.inputs]
    known: dict[Any, Any] = {}
    asked: list[Any] = []
    for place, row in zip(rows.tolist(), bound.tuples(names, rows), strict=True):
        if row not in known:
            inputs, _ = admissible(book, dict(zip(names, row, strict=True)))
            value = book.evaluate(inputs, decisions=(decision,)).values[decision]
            known[row] = plainly(value, NUMBER), value
        plain, value = known[row]
        asked.append(plain)
        if beyond is not None and plain is None and isinstance(value, Decimal):
            beyond[place] = value
    places = np.arange(bound.rows)
    places[rows] = bound.rows + np.arange(len(rows))
    return pa.concat_arrays([plain_, pa.array(asked, NUMBER)]).take(pa.array(places))


def _open(book: Rulebook, bound: Bound, decision: str, node: Figure, rows: Rows) -> npt.NDArray[np.intp]:
    """Which of the rows may come to one number whatever is not known of them; the others come to none."""
    planner = plan(book).planner
    columns = [name for name in planner.inputs(decision) if name in planner.views]
    views = [planner.views[name] for name in columns if planner.views[name].base in ("number", "date")]
    left = np.arange(len(rows))
    before: Amounts | None = None
    few = some(bound, columns, rows)
    for way in range(len(WAYS)):
        found = worked(completed(few, views, way), node)
        kept = np.ones(len(left), np.bool_)
        if before is not None:
            scale = max(before.scale, found.scale)
            same = (before.known == found.known) & np.asarray(before.at(scale) == found.at(scale), np.bool_)
            kept = same | before.ask | found.ask
        before = Amounts(found.values[kept], found.scale, found.known[kept], found.ask[kept])
        left, few = left[kept], some(few, columns, np.flatnonzero(kept))
    return left


def decimals(found: Amounts, beyond: dict[int, Decimal] | None = None) -> pa.Array:
    """Numbers as outcomes hold them; `beyond` gets those of more digits, by row."""
    values, scale = found.values, found.scale
    if scale > PLACES:
        values, scale = rounded(values, 10 ** (scale - PLACES), "half even"), PLACES
    fits = np.asarray(np.abs(values) < 10 ** (HELD + scale), np.bool_) & found.known
    if values.dtype == object:
        if beyond is not None:
            many = np.flatnonzero(found.known & ~fits).tolist()
            beyond |= {row: WIDE.scaleb(Decimal(int(values[row])), -scale) for row in many}
        exact = [
            plainly(WIDE.scaleb(Decimal(int(value)), -scale), NUMBER) if fit else None
            for value, fit in zip(values, fits, strict=True)
        ]
        return pa.array(exact, NUMBER)
    both = np.empty((len(values), 2), np.int64)
    both[:, 0], both[:, 1] = values, values >> 63
    mask = pa.py_buffer(np.packbits(fits, bitorder="little").tobytes())
    made = pa.Array.from_buffers(pa.decimal128(38, scale), len(values), [mask, pa.py_buffer(both.tobytes())])
    return made.cast(NUMBER)


__all__ = ["Amounts", "Choice", "Nothing", "decimals", "figure", "figured", "worked"]
