"""The machine code of screening: conditions into bit planes, planes into answers, a block of rows at a time.

A condition has two planes: one says where it surely holds, one where it surely does not; neither is not known. Each distinct
condition is worked out once a block, and all rules are put together from the planes while these are in the nearest cache.
All arithmetic is on integers and exact: quotients are compared as products whose range has been proved to fit 64 bits.

Everything lies block by block, 2,048 rows each, the last one filled up with rows of which nothing is known, so that every
loop has the same length: `wide`, `middle` and `narrow` are columns[block, column, row] in 64, 32 and 16 bits, `known` is
[block, plane, word], `given` is [block, place, 0 or 1, word]. `planes` is room for the registers, `room` for three planes more.

A file of kernels; how these are compiled and called is in `native`, what they take from LLVM in `vectors`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wotu.rulebook.columnar.kernel import BLOCK
from wotu.rulebook.columnar.native import I16x2, I16x3, I32x2, I32x3, I64x1, I64x2, I64x3, U64x2, U64x3, U64x4, kernel

if TYPE_CHECKING:
    from wotu.rulebook.columnar import vectors


def counted(plane: Any) -> Any:
    """How many bits of a plane are set."""
    total = 0
    for word in range(len(plane)):
        total += vectors.ones(plane[word])
    return total


def compare(columns: Any, column: Any, bound: Any, equal: Any, found: Any) -> None:
    """values >= bound (or = bound), a bit each; the bound is above the least number of the values' type."""
    if equal:
        vectors.equals(columns, column, columns.dtype.type(bound), found)
    else:
        vectors.exceeds(columns, column, columns.dtype.type(bound - 1), found)


def quotient(
    columns: Any, over: Any, under: Any, factors: Any, strict: Any, equal: Any, positive: Any, found: Any, more: Any, up: Any
) -> None:  # fmt: skip
    """over / under against the bound n / m where m > 0, a bit each; what stands where `under` is 0 does not matter."""
    m, n = columns.dtype.type(factors[0]), columns.dtype.type(factors[1])
    if equal:
        vectors.weighs(columns, over, under, m, n, found)
    elif positive and strict:
        vectors.outweighs(columns, over, under, m, n, found)
    else:
        vectors.outweighs(columns, under, over, n, m, found)
        if positive:
            for word in range(BLOCK):
                found[word] = ~found[word]
        else:
            vectors.outweighs(columns, over, under, m, n, more)
            vectors.exceeds(columns, under, columns.dtype.type(0), up)
            for word in range(BLOCK):
                above, below = (more[word], found[word]) if strict else (~found[word], ~more[word])
                found[word] = (above & up[word]) | (below & ~up[word])


@kernel
def fill(
    conditions: I64x2, wide: I64x2, middle: I32x2, narrow: I16x2, known: U64x2, given: U64x3, planes: U64x3, room: U64x2
) -> None:  # fmt: skip
    """The planes of every condition for one block."""
    found, more, up = room[0], room[1], room[2]
    for place in range(len(conditions)):
        kind = conditions[place, 0]
        column, patch, register = conditions[place, 1], conditions[place, 6], conditions[place, 10]
        if kind == 0:
            for word in range(BLOCK):
                planes[register, 0, word] = given[column, 0, word]
                planes[register, 1, word] = given[column, 1, word]
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
        vectors.settled(planes, register, found, known, mask)
        if patch >= 0:
            for word in range(BLOCK):
                planes[register, 0, word] |= given[patch, 0, word]
                planes[register, 1, word] |= given[patch, 1, word]


@kernel
def combine(steps: I64x2, operands: I64x1, planes: U64x3, counts: I64x2) -> None:
    """Run the steps over one block: planes[register, 0 or 1, word].

    A step is operator, result, and where its operands (registers) begin and end. SHORT_AND and SHORT_OR keep in plane 0 of
    their result "nothing is short here", in plane 1 "exactly one is unmet, and none unknown"; the first operand of SHORT_OR
    is the any-of's own truth. COUNT adds to counts[result] how many rows stand in each plane of its operand.
    """
    for step in range(len(steps)):
        operator, result, start, end = steps[step, 0], steps[step, 1], steps[step, 2], steps[step, 3]
        if operator == 0:
            vectors.all_of(planes, operands, result, start, end)
        elif operator == 1:
            vectors.any_of(planes, operands, result, start, end)
        elif operator == 2:
            operand = operands[start]
            for word in range(BLOCK):
                planes[result, 0, word], planes[result, 1, word] = planes[operand, 1, word], planes[operand, 0, word]
        elif operator == 3:
            vectors.short_all_of(planes, operands, result, start, end)
        elif operator == 4:
            vectors.short_any_of(planes, operands, result, start, end)
        else:
            counts[result, 0] += counted(planes[operands[start], 0])
            counts[result, 1] += counted(planes[operands[start], 1])


@kernel
def screen(
    conditions: I64x2, wide: I64x3, middle: I32x3, narrow: I16x3, known: U64x3, given: U64x4,
    steps: I64x2, operands: I64x1, kept: I64x1, outputs: U64x3, counts: I64x2, planes: U64x3, room: U64x2, first: int, last: int,
) -> None:  # fmt: skip
    """Blocks first..last of every output: outputs[place, 0 or 1, word] of the registers `kept`."""
    size = outputs.shape[2]
    for block in range(first, last):
        fill(conditions, wide[block], middle[block], narrow[block], known[block], given[block], planes, room)
        combine(steps, operands, planes, counts)
        start = block * BLOCK
        for place in range(len(kept)):
            for word in range(min(BLOCK, size - start)):
                outputs[place, 0, start + word] = planes[kept[place], 0, word]
                outputs[place, 1, start + word] = planes[kept[place], 1, word]
