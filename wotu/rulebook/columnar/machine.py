"""The machine code of screening: conditions into bit planes, planes into answers, a block of rows at a time.

A condition has two planes: one says where it surely holds, one where it surely does not; neither is not known. Each distinct
condition is worked out once a block, and all rules are put together from the planes while these are in the nearest cache.
All arithmetic is on integers and exact: quotients are compared as products whose range has been proved to fit 64 bits.

Imported when something is first screened, since numba takes a moment; what it compiles stays in its cache on disk, or, where
no folder for that can be written, in memory for this process.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np

F = TypeVar("F", bound=Callable[..., Any])
BLOCK = 32
"""Words of a block: 2,048 rows."""


def _jit(function: F) -> F:
    try:
        return cast(F, numba.njit(nogil=True, cache=True)(function))
    except RuntimeError:
        return cast(F, numba.njit(nogil=True)(function))


@_jit
def packed_word(eights: Any, word: int) -> Any:
    """64 bytes of 0 or 1 as one word, the first lowest."""
    found = np.uint64(0)
    for byte in range(8):
        ones = eights[8 * word + byte] * np.uint64(0x0102040810204080)
        found |= (ones >> np.uint64(56)) << np.uint64(8 * byte)
    return found


@_jit
def compare(values: Any, bound: Any, equal: Any, spread: Any) -> None:
    """values >= bound (or = bound), a byte each."""
    if equal:
        for place in range(len(values)):
            spread[place] = values[place] == bound
    else:
        for place in range(len(values)):
            spread[place] = values[place] >= bound


@_jit
def quotient(over: Any, under: Any, factor: Any, strict: Any, equal: Any, positive: Any, spread: Any) -> None:
    """over / under against the bound that `over` (times its factor) and `factor` stand for, a byte each."""
    if equal:
        for place in range(len(over)):
            spread[place] = over[place] == under[place] * factor
    elif positive and strict:
        for place in range(len(over)):
            spread[place] = over[place] > under[place] * factor
    elif positive:
        for place in range(len(over)):
            spread[place] = over[place] >= under[place] * factor
    else:
        for place in range(len(over)):
            gap = over[place] - under[place] * factor
            if under[place] < 0:
                gap = -gap
            spread[place] = gap > 0 if strict else gap >= 0


@_jit
def fill(
    conditions: Any,
    wide: Any,
    middle: Any,
    narrow: Any,
    known: Any,
    given: Any,
    planes: Any,
    spread: Any,
    start: int,
    stop: int,
) -> None:
    """The planes of every condition for the words start..stop, from word 0 of `planes` on."""
    rows = wide.shape[1]
    first, last = 64 * start, min(64 * stop, rows)
    eights = spread.view(np.uint64)
    count = last - first
    for place in range(len(conditions)):
        kind = conditions[place, 0]
        column, patch = conditions[place, 1], conditions[place, 6]
        if kind == 0:
            for word in range(stop - start):
                planes[place, 0, word] = given[column, 0, start + word]
                planes[place, 1, word] = given[column, 1, start + word]
            continue
        equal = conditions[place, 8] != 0
        bound = conditions[place, 3]
        if kind == 1:
            compare(wide[column, first:last], bound, equal, spread)
        elif kind == 2:
            compare(middle[column, first:last], np.int32(bound), equal, spread)
        elif kind == 3:
            compare(narrow[column, first:last], np.int16(bound), equal, spread)
        else:
            strict, positive = conditions[place, 7] & 1 != 0, conditions[place, 7] & 2 != 0
            under = wide[conditions[place, 2], first:last]
            quotient(wide[column, first:last], under, conditions[place, 4], strict, equal, positive, spread)
        for byte in range(count, 64 * (stop - start)):
            spread[byte] = 0
        mask, real = conditions[place, 5], conditions[place, 9]
        for word in range(stop - start):
            found = packed_word(eights, word)
            sure = known[mask, start + word]
            if real >= 0:
                here = known[real, start + word]
                found &= here
                if not equal:
                    sure &= here
            planes[place, 0, word] = found & sure
            planes[place, 1, word] = ~found & sure
        if patch >= 0:
            for word in range(stop - start):
                planes[place, 0, word] |= given[patch, 0, start + word]
                planes[place, 1, word] |= given[patch, 1, start + word]


@_jit
def counted(plane: Any) -> Any:
    """How many bits are set."""
    total = np.int64(0)
    for word in range(len(plane)):
        x = plane[word]
        x = x - ((x >> np.uint64(1)) & np.uint64(0x5555555555555555))
        x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
        x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
        total += np.int64((x * np.uint64(0x0101010101010101)) >> np.uint64(56))
    return total


@_jit
def combine(steps: Any, operands: Any, planes: Any, spare: Any, counts: Any, stop: int) -> None:
    """Run the steps over the first `stop` words of planes[register, 0 or 1, word].

    A step is operator, result, and where its operands (registers) begin and end. SHORT_AND and SHORT_OR keep in plane 0 of
    their result "nothing is short here", in plane 1 "exactly one is unmet, and none unknown"; the first operand of SHORT_OR
    is the any-of's own truth. COUNT adds to counts[result] how many rows stand in each plane of its operand.
    """
    holds, fails = spare[0, :stop], spare[1, :stop]
    for step in range(len(steps)):
        operator, result, start, end = steps[step, 0], steps[step, 1], steps[step, 2], steps[step, 3]
        first = planes[operands[start]]
        if operator == 5:
            counts[result, 0] += counted(first[0, :stop])
            counts[result, 1] += counted(first[1, :stop])
            continue
        for word in range(stop):
            holds[word], fails[word] = first[0, word], first[1, word]
        if operator == 2:
            for word in range(stop):
                holds[word], fails[word] = fails[word], holds[word]
        elif operator == 4:
            for word in range(stop):
                fails[word] = 0
        for place in range(start + 1, end):
            other = planes[operands[place]]
            other_holds, other_fails = other[0, :stop], other[1, :stop]
            if operator == 0:
                for word in range(stop):
                    holds[word] &= other_holds[word]
                    fails[word] |= other_fails[word]
            elif operator == 1:
                for word in range(stop):
                    holds[word] |= other_holds[word]
                    fails[word] &= other_fails[word]
            elif operator == 3:
                for word in range(stop):
                    fails[word] = (fails[word] & other_holds[word]) | (holds[word] & other_fails[word])
                    holds[word] &= other_holds[word]
            else:
                for word in range(stop):
                    fails[word] |= other_fails[word] & first[1, word]
        into, into_fails = planes[result, 0, :stop], planes[result, 1, :stop]
        for word in range(stop):
            into[word] = holds[word]
        for word in range(stop):
            into_fails[word] = fails[word]


@_jit
def screen(
    conditions: Any, wide: Any, middle: Any, narrow: Any, known: Any, given: Any,
    steps: Any, operands: Any, registers: int, kept: Any, outputs: Any, counts: Any, first: int, last: int,
) -> None:  # fmt: skip
    """Words first..last of every output: outputs[place, 0 or 1, word] of the registers `kept`."""
    planes = np.zeros((registers, 2, 32), np.uint64)
    spread, spare = np.zeros(2048, np.uint8), np.zeros((2, 32), np.uint64)
    for start in range(first, last, 32):
        stop = min(start + 32, last)
        fill(conditions, wide, middle, narrow, known, given, planes, spread, start, stop)
        combine(steps, operands, planes, spare, counts, stop - start)
        for place in range(len(kept)):
            for word in range(stop - start):
                outputs[place, 0, start + word] = planes[kept[place], 0, word]
                outputs[place, 1, start + word] = planes[kept[place], 1, word]
