"""Whole numbers as they lie in Arrow's memory: what there is of them, and the same in fewer bytes. A file of kernels.

A multiple of 10^n is n bits shifted right a multiple of 5^n, and that is divided exactly, in 64 bits, by one multiplication
with the inverse of 5^n modulo 2^64; any other number comes out larger than a quotient can be, or has one of the n bits set.
So nothing here divides. 64 rows are looked at at a time, and their word of `known` says which of them count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from wotu.rulebook.columnar.native import I32x1, I64x1, U8x1, U64x1, kernel

if TYPE_CHECKING:
    from wotu.rulebook.columnar import vectors

PAIRS, LONGS, INTS = range(3)
"""How cells lie: 128 bits, the lower half first; 64; 32."""
LANES = 8
"""Rows of which the least and so on are kept apart until the end."""
LEAST, MOST, BEYOND, REST = 0, LANES, 2 * LANES, 3 * LANES
"""What stands where in `room`: the least and the greatest number and the bits beyond 64, a lane each; cells of a last word."""


def look(how: int, cells: int, row: int, known: Any, room: int) -> Any:
    """Put 64 cells to what `room` says; gives which are known and not 0."""
    if how == PAIRS:
        return vectors.look_pairs(cells, row, known, room)
    if how == LONGS:
        return vectors.look_longs(cells, row, known, room)
    return vectors.look_ints(cells, row, known, room)


def divides(how: int, cells: int, row: int, known: Any, power: int, inverse: int) -> Any:
    """Whether a power of ten divides all of 64 cells that are known."""
    most = 2**63 - 1
    for _ in range(power):
        most //= 10
    if how == PAIRS:
        return vectors.divides_pairs(cells, row, known, power, inverse, most)
    if how == LONGS:
        return vectors.divides_longs(cells, row, known, power, inverse, most)
    return vectors.divides_ints(cells, row, known, power, inverse, most)


def put(how: int, size: int, cells: int, row: int, known: Any, power: int, inverse: int, into: int) -> None:
    """Write 64 cells divided by a power of ten, in so many bits."""
    if how == PAIRS:
        if size == 16:
            vectors.pairs_16(cells, row, known, power, inverse, into)
        elif size == 32:
            vectors.pairs_32(cells, row, known, power, inverse, into)
        else:
            vectors.pairs_64(cells, row, known, power, inverse, into)
    elif how == LONGS:
        if size == 16:
            vectors.longs_16(cells, row, known, power, inverse, into)
        elif size == 32:
            vectors.longs_32(cells, row, known, power, inverse, into)
        else:
            vectors.longs_64(cells, row, known, power, inverse, into)
    elif size == 16:
        vectors.ints_16(cells, row, known, power, inverse, into)
    elif size == 32:
        vectors.ints_32(cells, row, known, power, inverse, into)
    else:
        vectors.ints_64(cells, row, known, power, inverse, into)


def readable(how: int, cells: int, rows: int, row: int, rest: int) -> Any:
    """Where the first cell would lie for 64 from `row` on to be readable: those of a last word that is not full are copied."""
    if row + 64 <= rows:
        return cells
    size = 16 if how == PAIRS else 8 if how == LONGS else 4
    vectors.copied(cells + row * size, (rows - row) * size, rest)
    return rest - row * size


@kernel
def surveyed(how: int, cells: int, rows: int, known: U64x1, power: int, inverse: int, real: U64x1, room: I64x1) -> None:
    """room[:4]: the least and the greatest number, 0 if none is beyond 64 bits, the greatest power of ten that divides all.

    Up to 10^power, whose inverse is given; `real` gets the rows that are known and not 0.
    """
    for lane in range(LANES):
        room[LEAST + lane], room[MOST + lane], room[BEYOND + lane] = 2**63 - 1, -(2**63), 0
    own = vectors.address(room)
    for word in range(len(known)):
        row, sure = 64 * word, known[word]
        at = readable(how, cells, rows, row, own + 8 * REST)
        real[word] = look(how, at, row, sure, own)
        while power and not divides(how, at, row, sure, power, inverse):
            power, inverse = power - 1, inverse * 5
    least, most, beyond = room[LEAST], room[MOST], room[BEYOND]
    for lane in range(1, LANES):
        least, most = min(least, room[LEAST + lane]), max(most, room[MOST + lane])
        beyond |= room[BEYOND + lane]
    room[0], room[1], room[2], room[3] = least, most, beyond, power


@kernel
def laid(
    how: int, cells: int, rows: int, known: U64x1, power: int, inverse: int,
    size: int, into: int, stride: int, words: int, room: I64x1,
) -> None:  # fmt: skip
    """Numbers divided by a power of ten in so many bits, 0 where they are not known.

    They go to an address, so many `words` of rows one after the other, the next ones `stride` bytes further.
    """
    rest = vectors.address(room) + 8 * REST
    for word in range(len(known)):
        row = 64 * word
        at = readable(how, cells, rows, row, rest)
        place = into + stride * (word // words) + 8 * size * (word % words)
        put(how, size, at, row, known[word], power, inverse, place)


@kernel
def told(codes: I32x1, verdicts: U8x1, holds: U64x1, fails: U64x1) -> None:
    """What is said of each code, 1 where it holds, 2 where it does not, row for row as bits."""
    for word in range(len(holds)):
        yes, no = np.uint64(0), np.uint64(0)
        first = 64 * word
        for bit in range(min(64, len(codes) - first)):
            said = np.uint64(verdicts[codes[first + bit]])
            yes |= (said & np.uint64(1)) << np.uint64(bit)
            no |= (said >> np.uint64(1)) << np.uint64(bit)
        holds[word], fails[word] = yes, no
