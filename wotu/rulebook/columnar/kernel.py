"""The machine code of screening: comparisons into bit planes, planes into answers, 64 rows a word.

A condition has two planes: one says where it surely holds, one where it surely does not; neither is not known. All work on
integers is exact: quotients are compared as products, in 64 bits where the ranges prove that enough, else in 128.

Compiled on first use by numba and kept in its cache; where no folder for it can be written, in memory for this process.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, cast

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]

AND, OR, NOT, SHORT_AND, SHORT_OR, COUNT = range(6)
"""What `combine` does in a step."""


def words(rows: int) -> int:
    """Words that so many rows take."""
    return (rows + 63) // 64


def packed(bits: npt.NDArray[np.bool_]) -> Words:
    """Booleans as words, the first row lowest."""
    found = np.zeros(words(len(bits)) * 8, np.uint8)
    some = np.packbits(bits, bitorder="little")
    found[: len(some)] = some
    return found.view(np.uint64)


def unpacked(plane: Words, rows: int) -> npt.NDArray[np.bool_]:
    """Words as booleans."""
    return np.unpackbits(plane.view(np.uint8), count=rows, bitorder="little").view(np.bool_)


def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    import numba

    try:
        return cast("Callable[..., Any]", numba.njit(nogil=True, cache=True)(function))
    except RuntimeError:  # nowhere to keep what was compiled
        return cast("Callable[..., Any]", numba.njit(nogil=True)(function))


def _compare(values: Any, bound: int, equal: bool, known: Any, holds: Any, fails: Any) -> None:
    """values >= bound (or = bound) where known."""
    rows = len(values)
    spread = np.zeros(4096, np.uint8)
    eights = spread.view(np.uint64)
    for block in range(0, len(holds), 64):
        start = 64 * block
        some = values[start : min(start + 4096, rows)]
        if equal:
            for place in range(len(some)):
                spread[place] = some[place] == bound
        else:
            for place in range(len(some)):
                spread[place] = some[place] >= bound
        for word in range(block, min(block + 64, len(holds))):
            found = np.uint64(0)
            for byte in range(8):
                eight = eights[8 * (word - block) + byte] * np.uint64(0x0102040810204080)
                found |= (eight >> np.uint64(56)) << np.uint64(8 * byte)
            holds[word] = found & known[word]
            fails[word] = ~found & known[word]


def _quotient(
    over: Any, under: Any, m: int, n: int, strict: bool, equal: bool, known: Any, holds: Any, fails: Any
) -> None:
    """over / under against a bound as products, where known; divided by 0 it is null: equal to nothing, else unsure."""
    rows = len(over)
    spread = np.zeros(4096, np.uint8)
    nulls = np.zeros(4096, np.uint8)
    eights, noughts = spread.view(np.uint64), nulls.view(np.uint64)
    for block in range(0, len(holds), 64):
        start = 64 * block
        a, b = over[start : min(start + 4096, rows)], under[start : min(start + 4096, rows)]
        for place in range(len(a)):
            gap = np.int64(a[place]) * m - np.int64(b[place]) * n
            up = b[place] > 0
            nulls[place] = b[place] == 0
            if equal:
                spread[place] = gap == 0
            elif strict:
                spread[place] = ((gap > 0) & up) | ((gap < 0) & (not up))
            else:
                spread[place] = ((gap >= 0) & up) | ((gap <= 0) & (not up))
        for word in range(block, min(block + 64, len(holds))):
            found = np.uint64(0)
            null = np.uint64(0)
            for byte in range(8):
                eight = eights[8 * (word - block) + byte] * np.uint64(0x0102040810204080)
                found |= (eight >> np.uint64(56)) << np.uint64(8 * byte)
                eight = noughts[8 * (word - block) + byte] * np.uint64(0x0102040810204080)
                null |= (eight >> np.uint64(56)) << np.uint64(8 * byte)
            found &= ~null
            holds[word] = found & known[word]
            fails[word] = (~found & known[word]) if equal else (~found & ~null & known[word])


def _combine(steps: Any, planes: Any, counts: Any, stop: int) -> None:
    """Run the steps over the first `stop` words of planes[register, 0 or 1, word], 4,096 rows at a time.

    A step is operator, result, left, right. SHORT_AND and SHORT_OR keep in plane 0 of their result "nothing is short here",
    in plane 1 "exactly one is unmet, and none unknown"; SHORT_OR is told the any-of's own truth as its left. COUNT adds to
    counts[result] how many rows stand in each plane of its left.
    """
    for low in range(0, stop, 64):
        high = min(low + 64, stop)
        for step in range(len(steps)):
            operator, result, left, right = steps[step, 0], steps[step, 1], steps[step, 2], steps[step, 3]
            if operator == 0:
                for word in range(low, high):
                    planes[result, 0, word] = planes[left, 0, word] & planes[right, 0, word]
                    planes[result, 1, word] = planes[left, 1, word] | planes[right, 1, word]
            elif operator == 1:
                for word in range(low, high):
                    planes[result, 0, word] = planes[left, 0, word] | planes[right, 0, word]
                    planes[result, 1, word] = planes[left, 1, word] & planes[right, 1, word]
            elif operator == 2:
                for word in range(low, high):
                    planes[result, 0, word] = planes[left, 1, word]
                    planes[result, 1, word] = planes[left, 0, word]
            elif operator == 3:
                for word in range(low, high):
                    one = planes[left, 1, word] & planes[right, 0, word]
                    other = planes[left, 0, word] & planes[right, 1, word]
                    planes[result, 0, word] = planes[left, 0, word] & planes[right, 0, word]
                    planes[result, 1, word] = one | other
            elif operator == 4:
                for word in range(low, high):
                    planes[result, 0, word] = planes[left, 0, word]
                    planes[result, 1, word] = planes[right, 1, word] & planes[left, 1, word]
            else:
                for side in range(2):
                    total = np.uint64(0)
                    for word in range(low, high):
                        x = planes[left, side, word]
                        x = x - ((x >> np.uint64(1)) & np.uint64(0x5555555555555555))
                        x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
                        x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
                        total += (x * np.uint64(0x0101010101010101)) >> np.uint64(56)
                    counts[result, side] += np.int64(total)


@cache
def compare() -> Callable[..., Any]:
    return _compiled(_compare)


@cache
def quotient() -> Callable[..., Any]:
    return _compiled(_quotient)


@cache
def combine() -> Callable[..., Any]:
    return _compiled(_combine)
