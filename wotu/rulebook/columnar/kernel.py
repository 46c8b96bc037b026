"""Rows as bits, 64 a word: what screening works on. The machine code is in `machine`, which is imported only when it runs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

BLOCK = 32
"""Words of a block: 2,048 rows."""
AND, OR, NOT, SHORT_AND, SHORT_OR, COUNT = range(6)
"""What a step of a program does to planes; what each means stands in `machine.combine`."""
GIVEN, WIDE, MIDDLE, NARROW, QUOTIENT, QUOTIENT_MIDDLE = range(6)
"""Kinds of conditions: planes as they are, comparisons in 64, 32 and 16 bits, quotients in 64 and 32 bits.

A condition is described by eleven numbers: its kind; the column (or given planes) it reads, and that of its divisor; the
bound, or the factor of what is divided; the divisor's factor; the plane of rows where it is known; the given planes to be
added, or -1; 1 if strict, plus 2 if no divisor is negative; whether it asks for equality; for equality, the plane of divisors
that are not 0, or -1; the register for its planes.
"""
Words = npt.NDArray[np.uint64]


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
