"""The machine code for few rows and for one clause: what a changed enterprise or a changed threshold comes to.

Unlike `machine`, which goes through a table block by block, this works on words of 64 rows, as few as there are, and keeps
every step's planes: planes[value, 0 or 1, word]. A file of kernels, see `native`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from wotu.rulebook.columnar.native import (
    Bx1,
    I32x1,
    I32x2,
    I64x1,
    I64x2,
    Narrow1,
    U8x2,
    U64x1,
    U64x2,
    U64x3,
    kernel,
)

if TYPE_CHECKING:
    from wotu.rulebook.columnar import vectors

CODES, LINEAR, RATIO, ASK, CONSTANT = range(5)
"""Kinds of conditions here; a condition is ten numbers, see `Feed`."""
UNKNOWN, HOLDS, FAILS, ASKED = range(4)
"""What a condition is: where its columns are not known, or by the code of a text."""
ALL, ANY, OPPOSITE = range(3)
"""How a step joins planes."""
LIMIT = 2**62
LIMB = 2**32


# --- cells ----------------------------------------------------------------------------------------------------------

STRANGE, BITS, BOTH, I1, I2, I4, I8, U1, U2, U4, U8 = range(11)
"""How the cells of a column lie: as no number or text that is read here; bits; 128 bits; whole numbers of so many bytes."""
NO_TEXT, ODD, FIRST = range(3)
"""Codes of a cell that is null, of one that is no text of its column, and of the first text (or true)."""


def bit_at(address: int, place: int) -> Any:
    """One bit of a plane as Arrow has them."""
    return vectors.peek(address + (place >> 3), np.uint8(0)) >> np.uint8(place & 7) & np.uint8(1) != 0


def integer(how: int, data: int, place: int) -> Any:
    """A whole number of at most 64 bits; of 8 bytes without a sign, as if it had one."""
    if how in (I8, U8):
        return vectors.peek(data + 8 * place, np.int64(0))
    if how == I4:
        return np.int64(vectors.peek(data + 4 * place, np.int32(0)))
    if how == I2:
        return np.int64(vectors.peek(data + 2 * place, np.int16(0)))
    if how == I1:
        return np.int64(vectors.peek(data + place, np.int8(0)))
    if how == U4:
        return np.int64(vectors.peek(data + 4 * place, np.uint32(0)))
    if how == U2:
        return np.int64(vectors.peek(data + 2 * place, np.uint16(0)))
    return np.int64(vectors.peek(data + place, np.uint8(0)))


@kernel
def coded(lies: I64x2, meanings: I32x1, begin: I64x1, rows: int, codes: I32x2) -> None:
    """codes[column, row] of columns of texts or truth values; meanings[begin[column] + index] is the code of a text."""
    for column in range(len(lies)):
        how, data, valid, first = lies[column]
        for row in range(rows):
            place = first + row
            if valid and not bit_at(valid, place):
                codes[column, row] = NO_TEXT
            elif how == STRANGE:
                codes[column, row] = ODD
            elif how == BITS:
                codes[column, row] = FIRST if bit_at(data, place) else FIRST + 1
            else:
                codes[column, row] = meanings[begin[column] + integer(how, data, place)]


def exactly(high: Any, low: Any, divisor: Any) -> Any:
    """A number of 128 bits divided by one below 2^31: both halves, and whether nothing is left."""
    negative = high < 0
    if negative:
        low = ~low + np.uint64(1)
        high = ~high + np.int64(low == np.uint64(0))
    most, rest, small = np.uint64(high), np.uint64(0), np.uint64(divisor)
    limbs = (most >> np.uint64(32), most % np.uint64(LIMB), low >> np.uint64(32), low % np.uint64(LIMB))
    over, under = np.uint64(0), np.uint64(0)
    for place in range(4):
        rest = rest * np.uint64(LIMB) + limbs[place]
        if place < 2:
            over = over * np.uint64(LIMB) + rest // small
        else:
            under = under * np.uint64(LIMB) + rest // small
        rest %= small
    up = np.int64(over)
    if negative:
        under = ~under + np.uint64(1)
        up = ~up + np.int64(under == np.uint64(0))
    return up, under, rest == np.uint64(0)


@kernel
def numbers(views: I64x2, spans: I64x2, lies: I64x2, rows: int, values: I64x2, known: U64x2, odd: U64x2) -> None:
    """Cells of numbers and dates as each view has them: values[view, row], known and odd [view, word].

    A column is how its cells lie, the addresses of these and of their bits of validity (or 0), and the first row. A view is:
    its column; two divisors that bring the column's scale to the view's; its first and last span of allowed values, -1 where
    these are no spans. A span is the test it belongs to and its two ends.
    """
    for view in range(len(views)):
        column, one, other, first, last = views[view]
        how, data, valid, start = lies[column]
        for row in range(rows):
            word, bit, place = row >> 6, np.uint64(1) << np.uint64(row & 63), start + row
            if valid and not bit_at(valid, place):
                continue
            if how == STRANGE or first < 0:
                odd[view, word] |= bit
                continue
            if how == BOTH:
                low = np.uint64(vectors.peek(data + 16 * place, np.int64(0)))
                high = vectors.peek(data + 16 * place + 8, np.int64(0))
            else:
                low = np.uint64(integer(how, data, place))
                high = np.int64(0) if how == U8 else np.int64(low) >> 63
            fits = True
            if one > 1:
                high, low, fits = exactly(high, low, one)
            if fits and other > 1:
                high, low, fits = exactly(high, low, other)
            value = np.int64(low)
            if not fits or high != value >> 63 or not -LIMIT < value < LIMIT:
                odd[view, word] |= bit
                continue
            admitted, test, passed = True, -1, True
            for span in range(first, last):
                if spans[span, 0] != test:
                    admitted, test, passed = admitted and passed, spans[span, 0], False
                passed = passed or spans[span, 1] <= value <= spans[span, 2]
            if admitted and passed:
                known[view, word] |= bit
                values[view, row] = value


@kernel
def summed(sums: I64x2, parts: I64x2, first: int, rows: int, values: I64x2, known: U64x2, odd: U64x2) -> None:
    """Sums of views, put behind these. A sum is its constant and its first and last part; a part is the view, its factor and
    the size up to which the sum surely fits.
    """
    for place in range(len(sums)):
        start, begin, end = sums[place]
        into = first + place
        for word in range(known.shape[1]):
            sure, strange = ~np.uint64(0), np.uint64(0)
            for part in range(begin, end):
                sure &= known[parts[part, 0], word]
                strange |= odd[parts[part, 0], word]
            known[into, word], odd[into, word] = sure, strange
        for row in range(rows):
            word, bit = row >> 6, np.uint64(1) << np.uint64(row & 63)
            if not known[into, word] & bit:
                continue
            total, fits = start, True
            for part in range(begin, end):
                value = values[parts[part, 0], row]
                fits = fits and -parts[part, 2] <= value <= parts[part, 2]
                total += value * parts[part, 1]
            if fits:
                values[into, row] = total
            else:
                known[into, word] &= ~bit
                odd[into, word] |= bit


# --- conditions and rules -------------------------------------------------------------------------------------------


def judged(at: Any, above: Any, down: Any, zero: Any, equal: Any, strict: Any, sure: Any) -> Any:
    """Where a quotient stands to its bound as asked, and where not; divided by 0 it is null, which only equals null."""
    if equal:
        yes = at & ~above & ~zero & sure
        return yes, sure & ~yes
    yes = (above & ~down) | (~at & down) if strict else (at & ~down) | (~above & down)
    return yes & ~zero & sure, ~yes & ~zero & sure


def ratio(over: Any, under: Any, leaf: Any, start: int) -> Any:
    """One quotient against its bound for 64 rows: at least (or equal), above, divided by a negative, by 0, too large."""
    m, n, most, least = leaf[3], leaf[4], leaf[8], leaf[9]
    at, above, down, zero, large = np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(0)
    for bit in range(64):
        a, b, place = over[start + bit], under[start + bit], np.uint64(bit)
        left, right = a * m, b * n
        at |= np.uint64(left >= right) << place
        above |= np.uint64(left > right) << place
        down |= np.uint64(b < 0) << place
        zero |= np.uint64(b == 0) << place
        large |= np.uint64((abs(a) > most) | (abs(b) > least)) << place
    return at, above, down, zero, large


@kernel
def fill(
    leaves: I64x2, wanted: Bx1, there: U64x1, values: I64x2, known: U64x2, odd: U64x2, codes: I32x2, verdicts: U8x2,
    planes: U64x3, asked: Bx1, asking: U64x1,
) -> None:  # fmt: skip
    """The planes of the conditions wanted; `asked` are those that some rows must be asked for, `asking` these rows."""
    for place in range(len(leaves)):
        if not wanted[place]:
            continue
        leaf = leaves[place]
        kind, first, equal, otherwise = leaf[0], leaf[1], leaf[5], leaf[6]
        for word in range(len(there)):
            yes, no, ask, sure = np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(0)
            start = 64 * word
            if kind == CODES:
                for bit in range(64):
                    said = verdicts[leaf[2], codes[first, start + bit]]
                    yes |= np.uint64(said == HOLDS) << np.uint64(bit)
                    no |= np.uint64(said == FAILS) << np.uint64(bit)
                    ask |= np.uint64(said == ASKED) << np.uint64(bit)
                yes, no, ask, sure = yes & there[word], no & there[word], ask & there[word], there[word]
            elif kind == LINEAR:
                sure, ask = known[first, word], odd[first, word]
                if equal:
                    for bit in range(64):
                        yes |= np.uint64(values[first, start + bit] == leaf[3]) << np.uint64(bit)
                else:
                    for bit in range(64):
                        yes |= np.uint64(values[first, start + bit] >= leaf[3]) << np.uint64(bit)
                no = ~yes & sure
                yes &= sure
            elif kind == RATIO:
                under = leaf[2]
                sure, ask = known[first, word] & known[under, word], odd[first, word] | odd[under, word]
                at, above, down, zero, large = ratio(values[first], values[under], leaf, start)
                large &= sure
                ask |= large
                sure &= ~large
                yes, no = judged(at, above, down, zero, equal, leaf[7], sure)
                sure |= large
            elif kind == CONSTANT:
                otherwise = leaf[3]
            else:
                ask = there[word]
            rest = there[word] & ~sure & ~ask
            if otherwise == HOLDS:
                yes |= rest
            elif otherwise == FAILS:
                no |= rest
            elif otherwise == ASKED:
                ask |= rest
            planes[place, 0, word], planes[place, 1, word] = yes, no
            if ask:
                asked[place] = True
                asking[word] |= ask


@kernel
def join(steps: I64x2, operands: I64x1, planes: U64x3) -> None:
    """The steps of a program: operator, result, and where its operands begin and end."""
    for step in range(len(steps)):
        operator, result, start, end = steps[step]
        own = operands[start]
        for word in range(planes.shape[2]):
            yes, no = planes[own, 0, word], planes[own, 1, word]
            if operator == OPPOSITE:
                yes, no = no, yes
            elif operator == ALL:
                for place in range(start + 1, end):
                    yes &= planes[operands[place], 0, word]
                    no |= planes[operands[place], 1, word]
            else:
                for place in range(start + 1, end):
                    yes |= planes[operands[place], 0, word]
                    no &= planes[operands[place], 1, word]
            planes[result, 0, word], planes[result, 1, word] = yes, no


@kernel
def put(
    planes: U64x2, rows: I64x1, found: U64x2, asked: U64x1, counts: I64x1, flips: I64x1, differs: I64x1
) -> None:  # fmt: skip
    """Write some rows' answers, found[word, output and side], into those of all rows; count what they change.

    Both lie word by word, so that a row's answers are one stretch of memory; `asked` is 1 where an output is asked, `differs`
    room for one row.
    """
    size = planes.shape[1]
    for row in range(len(rows)):
        own, new = planes[rows[row] >> 6], found[row >> 6]
        bit, there = np.uint64(rows[row] & 63), np.uint64(row & 63)
        for place in range(size):
            was = own[place] >> bit
            change = ((new[place] >> there) ^ was) & asked[place]
            own[place] ^= change << bit
            differs[place] = np.int64(change)
            counts[place] += np.int64(change) - 2 * np.int64(change & was)
        for place in range(size // 2):
            flips[place] += differs[2 * place] | differs[2 * place + 1]


# --- one clause otherwise -------------------------------------------------------------------------------------------


@kernel
def bounded(values: Narrow1, known: U64x1, bound: int, equal: int, yes: U64x1, no: U64x1) -> None:
    """Where numbers (64 for each word) are at least (or equal to) a bound that is one of them, and where they are not."""
    limit = values.dtype.type(bound)
    for word in range(len(known)):
        found = vectors.word_equal(values, 64 * word, limit) if equal else vectors.word_least(values, 64 * word, limit)
        yes[word], no[word] = found & known[word], ~found & known[word]


@kernel
def ranked(ranks: I32x1, real: U64x1, bound: int, above: U64x1, same: U64x1) -> None:
    """Where quotients are surely above a bound, and where that is not told by their ranks, see `whatif.Ranks`."""
    limit = np.int32(bound)
    for word in range(len(real)):
        above[word] = vectors.word_above(ranks, 64 * word, limit) & real[word]
        same[word] = vectors.word_equal(ranks, 64 * word, limit) & real[word]


@kernel
def divided(
    over: Narrow1, under: Narrow1, known: U64x1, m: int, n: int, equal: int, strict: int, yes: U64x1, no: U64x1
) -> None:
    """Where quotients stand to their bound n / m as asked, and where they do not; the caller has proved that products fit."""
    for word in range(len(known)):
        start, sure = 64 * word, known[word]
        at, above, down, zero = np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(0)
        for bit in range(64):
            a, b, place = np.int64(over[start + bit]), np.int64(under[start + bit]), np.uint64(bit)
            left, right = a * m, b * n
            at |= np.uint64(left >= right) << place
            above |= np.uint64(left > right) << place
            down |= np.uint64(b < 0) << place
            zero |= np.uint64(b == 0) << place
        yes[word], no[word] = judged(at, above, down, zero, equal, strict, sure)


@kernel
def weighed(before: U64x1, after: U64x1, totals: I64x1) -> None:
    """How many there were, are, came and went."""
    for word in range(len(before)):
        was, now = before[word], after[word]
        totals[0] += vectors.ones(was)
        totals[1] += vectors.ones(now)
        totals[2] += vectors.ones(now & ~was)
        totals[3] += vectors.ones(was & ~now)


@kernel
def listed(plane: U64x1, without: U64x1, rows: I64x1) -> None:
    """The rows that are in a plane and not in the other, in order."""
    place = 0
    for word in range(len(plane)):
        left = plane[word] & ~without[word]
        while left and place + 4 <= len(rows):
            here = place
            place += min(4, vectors.ones(left))
            left = vectors.lowest_four(rows, here, 64 * word, left)
        while left:
            more = left & (left - np.uint64(1))
            rows[place] = 64 * word + vectors.ones((left ^ more) - np.uint64(1))
            left = more
            place += 1


@kernel
def totalled(values: Narrow1, rows: I64x1, found: I64x1) -> None:
    """What some rows have together, in two halves that cannot wrap."""
    high, low = np.int64(0), np.int64(0)
    for row in rows:
        value = np.int64(values[row])
        high += value >> 32
        low += value & 0xFFFFFFFF
    found[0], found[1] = high, low


@kernel
def overlaid(plane: U64x1, rows: I64x1, few: U64x1) -> None:
    """Write some rows' bits into a plane of all rows."""
    for row in range(len(rows)):
        word, bit = rows[row] >> 6, np.uint64(rows[row] & 63)
        wanted = (few[row >> 6] >> np.uint64(row & 63)) & np.uint64(1)
        plane[word] ^= (((plane[word] >> bit) & np.uint64(1)) ^ wanted) << bit
