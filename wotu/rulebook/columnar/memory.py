"""Arrow's columns as they lie in memory: bits as words, whole numbers read where they are.

Nothing is copied to be looked at: a pass over a column finds the least and the greatest of its numbers and what divides them
all, a second one writes them, divided, in as few bytes as they need. The machine code is in `cells`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wotu.rulebook.columnar.kernel import Words, words

LONGEST = 18
"""The greatest power of ten that a number of 64 bits is divided by."""
INVERSES = tuple((pow(5**power, -1, 2**64) + 2**63) % 2**64 - 2**63 for power in range(LONGEST + 1))
"""What a multiple of 10^n, shifted right by n bits, is multiplied with, in 64 bits with a sign, to be divided by 10^n."""
ROOM = 160
"""Integers that the machine code needs room for while it looks."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found of the numbers that are known; 0 for the ends where there are none."""

    least: int
    most: int
    fits: bool
    """Whether all are of 64 bits; where not, the ends are wrong."""
    power: int
    """The greatest power of ten, of those asked for, that divides all."""
    real: Words
    """The rows that are known and not 0."""


class Cells:
    """Whole numbers of 32, 64 or 128 bits (two of 64 a row, the lower half first) where they lie."""

    __slots__ = ("address", "array", "how")

    def __init__(self, array: npt.NDArray[Any]) -> None:
        self.array = array
        self.address = int(array.__array_interface__["data"][0])
        self.how = 0 if array.ndim == 2 else 1 if array.itemsize == 8 else 2
        """How they lie, as `cells` has it."""

    def surveyed(self, known: Words, power: int = 0) -> Survey:
        """What there is among the rows that are known, and which power of ten, this at most, divides it."""
        from wotu.rulebook.columnar import cells

        room, real = np.empty(ROOM, np.int64), np.empty(len(known), np.uint64)
        cells.surveyed(self.how, self.address, len(self.array), known, power, INVERSES[power], real, room)
        least, most, beyond, whole = room[:4].tolist()
        if least > most:
            least = most = 0
        return Survey(least, most, not beyond, whole, real)

    def laid(self, known: Words, power: int, into: npt.NDArray[Any], place: int) -> None:
        """Write them, divided by a power of ten, to into[block, place, row] (of whole words of rows), 0 where not known."""
        from wotu.rulebook.columnar import cells

        where, stride = into.__array_interface__["data"][0] + place * into.strides[1], into.strides[0]
        cells.laid(
            self.how, self.address, len(self.array), known, power, INVERSES[power],
            8 * into.itemsize, where, stride, into.shape[2] // 64, np.empty(ROOM, np.int64),
        )  # fmt: skip

    def halves(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """The lower and the upper 64 bits."""
        return (self.array[:, 0], self.array[:, 1]) if self.array.ndim == 2 else (self.array, self.array >> 63)


def whole_numbers(column: pa.Array) -> Cells | None:
    """A column of whole numbers, decimals (without their point) or days; None where it is of another type."""
    kind, rows = column.type, len(column)
    decimal = pa.types.is_decimal(kind) and not pa.types.is_decimal256(kind)
    if not (decimal or pa.types.is_integer(kind) or pa.types.is_date32(kind)):
        return None
    buffer, size = column.buffers()[1], kind.bit_width // 8
    if buffer is None or not rows:
        return Cells(np.zeros(rows, np.int32))
    first, code = column.offset, f"u{size}" if pa.types.is_unsigned_integer(kind) else f"i{size}"
    if size == 16:
        return Cells(np.frombuffer(buffer, np.int64)[2 * first : 2 * (first + rows)].reshape(rows, 2))
    found = np.frombuffer(buffer, code, count=first + rows)[first:]
    if size < 4:
        return Cells(found.astype(np.int32))
    if code == "u4":
        return Cells(found.astype(np.int64))
    return Cells(found.view(np.int64) if code == "u8" else found)


def every(rows: int) -> Words:
    """All rows as words."""
    found = np.full(words(rows), ~np.uint64(0))
    if rows % 64:
        found[-1] = np.uint64((1 << rows % 64) - 1)
    return found


def bits(buffer: pa.Buffer, first: int, rows: int) -> Words:
    """So many of a buffer's bits as words, the first row lowest; where they lie as such, those are not copied."""
    size, skipped = words(rows), first % 8
    start = buffer.address + first // 8
    if rows and not (rows % 64 or skipped or start % 8):
        return np.frombuffer(buffer, np.uint64, size, first // 8)
    eights = np.zeros(8 * size + 8, np.uint8)
    some = np.frombuffer(buffer, np.uint8)[first // 8 : (first + rows + 7) // 8]
    eights[: len(some)] = some
    found = eights.view(np.uint64)
    found = found[:-1] >> np.uint64(skipped) | found[1:] << np.uint64(64 - skipped) if skipped else found[:-1]
    if rows % 64:
        found[-1] &= np.uint64((1 << rows % 64) - 1)
    return found


def valid(column: pa.Array) -> Words:
    """The rows that are not null."""
    if not column.null_count:
        return every(len(column))
    buffer = column.buffers()[0]
    if buffer is None:
        return np.zeros(words(len(column)), np.uint64)
    return bits(buffer, column.offset, len(column))


def told(codes: npt.NDArray[np.int32], verdicts: npt.NDArray[np.uint8]) -> tuple[Words, Words]:
    """The rows whose code's verdict is 1 (it holds), and those whose is 2 (it does not)."""
    from wotu.rulebook.columnar import cells

    size = words(len(codes))
    holds, fails = np.empty(size, np.uint64), np.empty(size, np.uint64)
    cells.told(codes, verdicts, holds, fails)
    return holds, fails
