"""The machine code of screening: conditions into bit planes, planes into answers, a block of rows at a time.

A condition has two planes: one says where it surely holds, one where it surely does not; neither is not known. Each distinct
condition is worked out once a block, and all rules are put together from the planes while these are in the nearest cache.
All arithmetic is on integers and exact: quotients are compared as products whose range has been proved to fit 64 bits.

Everything lies block by block, 2,048 rows each, the last one filled up with rows of which nothing is known, so that every
loop has the same length: `wide`, `middle` and `narrow` are columns[block, column, row] in 64, 32 and 16 bits, `known` is
[block, plane, word], `given` is [block, place, 0 or 1, word].

Imported when something is first screened, since numba takes a moment; what it compiles stays in its cache on disk, or, where
no folder for that can be written, in memory for this process.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np

from wotu.rulebook.columnar.kernel import BLOCK
from wotu.rulebook.columnar.vectors import (
    all_of,
    any_of,
    counted,
    equals,
    exceeds,
    outweighs,
    settled,
    short_all_of,
    short_any_of,
    weighs,
)

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Machine code of a function, kept on disk where a folder for that can be written."""
    try:
        return cast(F, numba.njit(nogil=True, cache=True)(function))
    except RuntimeError:
        return cast(F, numba.njit(nogil=True)(function))


@compiled
def compare(columns: Any, column: Any, bound: Any, equal: Any, found: Any) -> None:
    """values >= bound (or = bound), a bit each; the bound is above the least number of the values' type."""
    if equal:
        equals(columns, column, columns.dtype.type(bound), found)
    else:
        exceeds(columns, column, columns.dtype.type(bound - 1), found)


@compiled
def quotient(
    columns: Any, over: Any, under: Any, factors: Any, strict: Any, equal: Any, positive: Any, found: Any, more: Any, up: Any
) -> None:  # fmt: skip
    """over / under against the bound n / m where m > 0, a bit each; what stands where `under` is 0 does not matter."""
    m, n = columns.dtype.type(factors[0]), columns.dtype.type(factors[1])
    if equal:
        weighs(columns, over, under, m, n, found)
    elif positive and strict:
        outweighs(columns, over, under, m, n, found)
    else:
        outweighs(columns, under, over, n, m, found)
        if positive:
            for word in range(BLOCK):
                found[word] = ~found[word]
        else:
            outweighs(columns, over, under, m, n, more)
            exceeds(columns, under, columns.dtype.type(0), up)
            for word in range(BLOCK):
                above, below = (more[word], found[word]) if strict else (~found[word], ~more[word])
                found[word] = (above & up[word]) | (below & ~up[word])


@compiled
def fill(conditions: Any, wide: Any, middle: Any, narrow: Any, known: Any, given: Any, planes: Any, found: Any) -> None:
    """The planes of every condition for one block."""
    more, up = np.empty(BLOCK, np.uint64), np.empty(BLOCK, np.uint64)
    for place in range(len(conditions)):
        kind = conditions[place, 0]
        column, patch = conditions[place, 1], conditions[place, 6]
        if kind == 0:
            for word in range(BLOCK):
                planes[place, 0, word] = given[column, 0, word]
                planes[place, 1, word] = given[column, 1, word]
            continue
        equal, bound = conditions[place, 8] != 0, conditions[place, 3]
        if kind == 1:
            compare(wide, column, bound, equal, found)
        elif kind == 2:
            compare(middle, column, bound, equal, found)
        elif kind == 3:
            compare(narrow, column, bound, equal, found)
        else:
            under, factors = conditions[place, 2], (bound, conditions[place, 4])
            strict, positive = conditions[place, 7] & 1 != 0, conditions[place, 7] & 2 != 0
            if kind == 4:
                quotient(wide, column, under, factors, strict, equal, positive, found, more, up)
            else:
                quotient(middle, column, under, factors, strict, equal, positive, found, more, up)
        mask, real = conditions[place, 5], conditions[place, 9]
        if real >= 0:
            for word in range(BLOCK):
                found[word] &= known[real, word]
        settled(planes, place, found, known, mask)
        if patch >= 0:
            for word in range(BLOCK):
                planes[place, 0, word] |= given[patch, 0, word]
                planes[place, 1, word] |= given[patch, 1, word]


@compiled
def combine(steps: Any, operands: Any, planes: Any, counts: Any) -> None:
    """Run the steps over one block: planes[register, 0 or 1, word].

    A step is operator, result, and where its operands (registers) begin and end. SHORT_AND and SHORT_OR keep in plane 0 of
    their result "nothing is short here", in plane 1 "exactly one is unmet, and none unknown"; the first operand of SHORT_OR
    is the any-of's own truth. COUNT adds to counts[result] how many rows stand in each plane of its operand.
    """
    for step in range(len(steps)):
        operator, result, start, end = steps[step, 0], steps[step, 1], steps[step, 2], steps[step, 3]
        if operator == 0:
            all_of(planes, operands, result, start, end)
        elif operator == 1:
            any_of(planes, operands, result, start, end)
        elif operator == 2:
            operand = operands[start]
            for word in range(BLOCK):
                planes[result, 0, word], planes[result, 1, word] = planes[operand, 1, word], planes[operand, 0, word]
        elif operator == 3:
            short_all_of(planes, operands, result, start, end)
        elif operator == 4:
            short_any_of(planes, operands, result, start, end)
        else:
            counts[result, 0] += counted(planes, 2 * operands[start])
            counts[result, 1] += counted(planes, 2 * operands[start] + 1)


@compiled
def screen(
    conditions: Any, wide: Any, middle: Any, narrow: Any, known: Any, given: Any,
    steps: Any, operands: Any, registers: int, kept: Any, outputs: Any, counts: Any, first: int, last: int,
) -> None:  # fmt: skip
    """Blocks first..last of every output: outputs[place, 0 or 1, word] of the registers `kept`."""
    planes = np.zeros((registers, 2, BLOCK), np.uint64)
    found = np.zeros(BLOCK, np.uint64)
    size = outputs.shape[2]
    for block in range(first, last):
        fill(conditions, wide[block], middle[block], narrow[block], known[block], given[block], planes, found)
        combine(steps, operands, planes, counts)
        start = block * BLOCK
        for place in range(len(kept)):
            for word in range(min(BLOCK, size - start)):
                outputs[place, 0, start + word] = planes[kept[place], 0, word]
                outputs[place, 1, start + word] = planes[kept[place], 1, word]
