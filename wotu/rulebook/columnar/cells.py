"""Cells of an Arrow column of decimals as integers, in one pass of machine code.

A file of kernels, like `machine`.
"""

from __future__ import annotations

import numpy as np

from wotu.rulebook.columnar.native import Bx1, I64x1, kernel


@kernel
def halves(both: I64x1, known: Bx1, values: I64x1, said: I64x1) -> None:
    """Integers of 64 bits from those of 128 (their lower halves first) where they are known, 0 elsewhere.

    Says whether some are larger than 64 bits (those are wrong), the least and the greatest (and 0).
    """
    large, least, most = np.int64(0), np.int64(0), np.int64(0)
    for row in range(len(values)):
        mask = -np.int64(known[row])
        value = both[2 * row] & mask
        values[row] = value
        large |= (both[2 * row + 1] & mask) ^ (value >> 63)
        least, most = min(least, value), max(most, value)
    said[0], said[1], said[2] = large != 0, least, most


@kernel
def power_of_ten(values: I64x1, power: int, found: I64x1) -> None:
    """The greatest power of ten, at most `power`, that divides every value."""
    whole = np.uint64(power)
    for row in range(len(values)):
        size = np.uint64(abs(values[row]))
        if whole == 100:  # a constant is divided by without dividing
            if size % np.uint64(100):
                whole = np.uint64(1 if size % np.uint64(10) else 10)
        else:
            while whole > 1 and size % whole:
                whole //= np.uint64(10)
        if whole == 1:
            break
    found[0] = np.int64(whole)


@kernel
def shortened(values: I64x1, power: int) -> None:
    """Each value divided by a power of ten that divides it."""
    if power == 100:
        for row in range(len(values)):
            values[row] //= 100
    else:
        for row in range(len(values)):
            values[row] //= power
