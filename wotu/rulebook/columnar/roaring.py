"""Sets of rows as Roaring bitmaps, in the portable format that libraries of every language read (github.com/RoaringBitmap/
RoaringFormatSpec): of each 65,536 rows a list of those there, or, where they are more than 4,096, a bit for each row.

A file of kernels: how it is compiled says `native`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wotu.rulebook.columnar.native import I64x1, I64x2, U16x1, U64x2, kernel

if TYPE_CHECKING:
    from wotu.rulebook.columnar import vectors

COOKIE = 12346
"""What a bitmap without runs begins with."""
WORDS = 1024
"""Words of a container: 65,536 rows."""
MOST = 4096
"""Rows that a container lists; more are bits."""


@kernel
def weigh(planes: U64x2, some: I64x1, size: int, many: I64x2) -> None:
    """How many rows each container of some planes has; planes have `size` words."""
    for at in range(len(some)):
        for container in range(many.shape[1]):
            total = 0
            for word in range(container * WORDS, min(size, (container + 1) * WORDS)):
                total += vectors.ones(planes[some[at], word])
            many[at, container] = total


@kernel
def fill(planes: U64x2, some: I64x1, size: int, many: I64x2, starts: I64x1, room: I64x1, out: U16x1) -> None:
    """The bitmaps of some planes, one after the other, each from its place in `out` (counted in pairs of bytes) on.

    `out` has to have room for four rows more than there are, `room` for a container's words and one more.
    """
    for at in range(len(some)):
        start, count = starts[at], 0
        for container in range(many.shape[1]):
            count += many[at, container] > 0
        out[start], out[start + 1], out[start + 2], out[start + 3] = COOKIE, 0, count, 0
        head, place = start + 4, start + 4 + 4 * count
        below = head + 2 * count
        for container in range(many.shape[1]):
            rows = many[at, container]
            if rows == 0:
                continue
            out[head], out[head + 1] = container, rows - 1
            out[below], out[below + 1] = 2 * (place - start) & 0xFFFF, 2 * (place - start) >> 16
            head, below = head + 2, below + 2
            first = container * WORDS
            if rows > MOST:
                there = min(WORDS, size - first)
                vectors.copied(
                    vectors.address(planes[some[at]]) + 8 * first, 8 * there, vectors.address(out) + 2 * place
                )
                for pair in range(4 * there, 4 * WORDS):
                    out[place + pair] = 0
                place += 4 * WORDS
                continue
            plane = planes[some[at]]
            there, found = min(WORDS, size - first), 0
            for word in range(there):
                room[found] = word
                found += plane[first + word] != 0
            for at_word in range(found):
                word = room[at_word]
                bits, here = plane[first + word], place
                place += vectors.ones(bits)
                bits = vectors.lowest_four(out, here, 64 * word, bits)
                while bits:
                    here += 4
                    bits = vectors.lowest_four(out, here, 64 * word, bits)


def bitmaps(planes: npt.NDArray[np.uint64], rows: int, some: npt.NDArray[np.int64] | None = None) -> pa.Array:
    """The first rows of planes (of some of them) as a column of bitmaps; row 0 is the plane's first."""
    which = np.arange(len(planes)) if some is None else some
    size = (rows + 63) // 64
    many = np.zeros((len(which), max(1, -(-size // WORDS))), np.int64)
    weigh(planes, which, size, many)
    pairs = 4 + (np.where(many > MOST, 4 * WORDS, many) + 4 * (many > 0)).sum(1)
    ends = np.concatenate([[0], np.cumsum(pairs)])
    out = np.empty(int(ends[-1]) + 4, np.uint16)
    fill(planes, which, size, many, ends, np.empty(WORDS + 1, np.int64), out)
    if 2 * ends[-1] > np.iinfo(np.int32).max:
        raise pa.ArrowCapacityError(f"{2 * ends[-1]} bytes of bitmaps in one block")
    cells = [None, pa.py_buffer((2 * ends).astype(np.int32)), pa.py_buffer(out)]
    return pa.Array.from_buffers(pa.binary(), len(which), cells)


__all__ = ["bitmaps"]
