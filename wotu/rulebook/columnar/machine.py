"""The machine code of screening: conditions into bit planes, planes into answers, a block of rows at a time.

A condition has two planes: one says where it surely holds, one where it surely does not; neither is not known. Each distinct
condition is worked out once a block, and all rules are put together from the planes while these are in the nearest cache.
All arithmetic is on integers and exact: quotients are compared as products whose range has been proved to fit 64 bits.

Everything lies block by block, 2,048 rows each, the last one filled up with rows of which nothing is known, so that every
loop has the same length: `wide`, `middle` and `narrow` are columns[block, column, row] in 64, 32 and 16 bits, `known` is
[block, plane, word], `given` is [block, place, 0 or 1, word].

Imported when something is first screened, since numba takes a moment; what it compiles stays in its cache on disk, or, where
no folder for that can be written, in memory for this process.

numba's own loops keep an answer in a byte; so the vector code that LLVM can say, and numba cannot, is written out: a comparison
of vectors is a vector of bits, and those bits are a number. LLVM turns it into what the processor has (AVX2, AVX-512, NEON, or
plain code), so nothing here names an instruction.

All of it stands in this file, since numba takes what it kept for out of date only when the file changes that it stands in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

BLOCK = 32
"""Words of a block: 2,048 rows; the same as `kernel.BLOCK`."""
I32, I64 = ir.IntType(32), ir.IntType(64)
LANES = {16: 64, 32: 8, 64: 8}
"""Rows compared at a time, by the bits of a number; 8 bits of answer come cheapest from a register of 32-bit numbers."""
EIGHT = 8
"""Rows whose products are compared at a time."""
WORDS = 16
"""Words of a block joined at a time: two planes of these fit the registers."""


def _constant(number: int) -> Any:
    return ir.Constant(I64, number)


def _spread(builder: Any, value: Any, lanes: int) -> Any:
    """The value in every lane."""
    empty = ir.Constant(ir.VectorType(value.type, lanes), ir.Undefined)
    one = builder.insert_element(empty, value, ir.Constant(I32, 0))
    return builder.shuffle_vector(one, empty, ir.Constant(ir.VectorType(I32, lanes), [0] * lanes))


def _loaded(builder: Any, data: Any, place: Any, lanes: int) -> Any:
    """A vector from memory, wherever it begins."""
    element = data.type.pointee
    pointer = builder.bitcast(builder.gep(data, [place]), ir.VectorType(element, lanes).as_pointer())
    found = builder.load(pointer)
    found.align = element.width // 8
    return found


def _word(builder: Any, lanes: int, piece: Callable[[int], Any]) -> Any:
    """One word from the bits of its pieces."""
    found: Any = None
    for first in range(0, 64, lanes):
        bits = builder.bitcast(piece(first), ir.IntType(lanes))
        bits = bits if lanes == 64 else builder.shl(builder.zext(bits, I64), _constant(first))
        found = bits if found is None else builder.or_(found, bits)
    return found


def _words(builder: Any, found: Any, word: Callable[[Any], Any]) -> None:
    """A word for each 64 rows of a block, made by what is told the first of these rows."""
    with cgutils.for_range(builder, _constant(BLOCK)) as loop:
        made = word(builder.mul(loop.index, _constant(64)))
        builder.store(made, builder.gep(found, [loop.index]))


def _data(context: Any, builder: Any, signature: Any, given: Any, *places: int) -> list[Any]:
    """Where arrays begin in memory."""
    return [context.make_array(signature.args[place])(context, builder, given[place]).data for place in places]


def _column(builder: Any, data: Any, column: Any) -> Any:
    """Where a column of a block begins."""
    return builder.gep(data, [builder.mul(column, _constant(64 * BLOCK))])


def _comparison(operator: str) -> Any:
    @intrinsic
    def compared(typing: Any, columns: Any, column: Any, bound: Any, found: Any) -> Any:
        """A block's column against a bound of its type, a bit for each row."""

        def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            data, into = _data(context, builder, signature, given, 0, 3)
            values = _column(builder, data, given[1])
            lanes = LANES[signature.args[0].dtype.bitwidth]
            against = _spread(builder, given[2], lanes)

            def word(start: Any) -> Any:
                def piece(first: int) -> Any:
                    place = builder.add(start, _constant(first))
                    return builder.icmp_signed(operator, _loaded(builder, values, place, lanes), against)

                return _word(builder, lanes, piece)

            _words(builder, into, word)
            return context.get_dummy_value()

        return types.void(columns, types.intp, columns.dtype, found), code

    return compared


def _weighing(operator: str) -> Any:
    @intrinsic
    def compared(typing: Any, columns: Any, over: Any, under: Any, m: Any, n: Any, found: Any) -> Any:
        """over * m against under * n in 64 bits, a bit for each row of a block; the caller has proved that both fit."""

        def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            data, into = _data(context, builder, signature, given, 0, 5)
            values = [_column(builder, data, given[place]) for place in (1, 2)]
            wide = signature.args[0].dtype.bitwidth == 64
            factors = [
                _spread(builder, _in_full(builder, given[place]), EIGHT if wide else EIGHT // 2) for place in (3, 4)
            ]

            def word(start: Any) -> Any:
                def piece(first: int) -> Any:
                    place = builder.add(start, _constant(first))
                    sides = [_loaded(builder, each, place, EIGHT) for each in values]
                    if wide:
                        products = (builder.mul(side, factor) for side, factor in zip(sides, factors, strict=True))
                        return builder.icmp_signed(operator, *products)
                    return _by_halves(builder, operator, sides, factors)

                return _word(builder, EIGHT, piece)

            _words(builder, into, word)
            return context.get_dummy_value()

        return types.void(columns, types.intp, types.intp, columns.dtype, columns.dtype, found), code

    return compared


def _by_halves(builder: Any, operator: str, sides: list[Any], factors: list[Any]) -> Any:
    """Products of numbers of 32 bits compared: the even rows and the odd ones as 64 bits each, the answers put together."""
    wide, narrow = ir.VectorType(I64, EIGHT // 2), ir.VectorType(I32, EIGHT)
    pairs = [builder.bitcast(side, wide) for side in sides]
    halves = []
    for even in (True, False):
        moved = [builder.shl(pair, _every(32)) if even else pair for pair in pairs]
        products = (
            builder.mul(builder.ashr(side, _every(32)), factor) for side, factor in zip(moved, factors, strict=True)
        )
        halves.append(builder.bitcast(builder.sext(builder.icmp_signed(operator, *products), wide), narrow))
    order = [place if place % 2 == 0 else EIGHT + place for place in range(EIGHT)]
    both = builder.shuffle_vector(*halves, ir.Constant(narrow, order))
    return builder.icmp_signed("<", both, ir.Constant(narrow, [0] * EIGHT))


def _in_full(builder: Any, value: Any) -> Any:
    return value if value.type == I64 else builder.sext(value, I64)


def _every(number: int) -> Any:
    return ir.Constant(ir.VectorType(I64, EIGHT // 2), [number] * (EIGHT // 2))


exceeds, equals = _comparison(">"), _comparison("==")
outweighs, weighs = _weighing(">"), _weighing("==")

# --- planes of a block ----------------------------------------------------------------------------------------------

Sides = tuple[Any, Any]


def _at(builder: Any, register: Any, side: int, first: int) -> Any:
    """Where words of a register's plane lie."""
    return builder.add(builder.mul(register, _constant(2 * BLOCK)), _constant(side * BLOCK + first))


def _store(builder: Any, value: Any, data: Any, register: Any, side: int, first: int) -> None:
    place = _at(builder, register, side, first)
    builder.store(value, builder.bitcast(builder.gep(data, [place]), value.type.as_pointer())).align = 8


def _join(start: Callable[[Any, Sides], Sides], further: Callable[[Any, Sides, Sides, Sides], Sides]) -> Any:
    """A join of planes: how its first operand counts, and how a further one changes (what there is, first, further)."""

    @intrinsic
    def joined(typing: Any, planes: Any, operands: Any, result: Any, begin: Any, end: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            data, listed = _data(context, builder, signature, given, 0, 1)
            kind = ir.VectorType(I64, WORDS)
            held = [cgutils.alloca_once(builder, kind) for _ in (0, 1)]  # type: ignore[no-untyped-call]
            for first in range(0, BLOCK, WORDS):

                def sides(place: Any, first: int = first) -> Sides:
                    register = builder.load(builder.gep(listed, [place]))
                    one, other = (_loaded(builder, data, _at(builder, register, side, first), WORDS) for side in (0, 1))
                    return one, other

                own = sides(given[3])
                for into, value in zip(held, start(builder, own), strict=True):
                    builder.store(value, into)
                second = builder.add(given[3], _constant(1))
                with cgutils.for_range_slice(builder, second, given[4], _constant(1)) as (place, _):
                    now = builder.load(held[0]), builder.load(held[1])
                    for into, value in zip(held, further(builder, now, own, sides(place)), strict=True):
                        builder.store(value, into)
                for side, into in enumerate(held):
                    _store(builder, builder.load(into), data, given[2], side, first)
            return context.get_dummy_value()

        return types.void(planes, operands, types.intp, types.intp, types.intp), code

    return joined


def _as_it_is(builder: Any, own: Sides) -> Sides:
    return own


def _nothing_yet(builder: Any, own: Sides) -> Sides:
    return own[0], ir.Constant(own[1].type, [0] * WORDS)


all_of = _join(_as_it_is, lambda b, now, own, new: (b.and_(now[0], new[0]), b.or_(now[1], new[1])))
any_of = _join(_as_it_is, lambda b, now, own, new: (b.or_(now[0], new[0]), b.and_(now[1], new[1])))
short_all_of = _join(
    _as_it_is,
    lambda b, now, own, new: (b.and_(now[0], new[0]), b.or_(b.and_(now[1], new[0]), b.and_(now[0], new[1]))),
)
short_any_of = _join(_nothing_yet, lambda b, now, own, new: (now[0], b.or_(now[1], b.and_(new[1], own[1]))))


@intrinsic
def _settled(typing: Any, planes: Any, register: Any, found: Any, known: Any, mask: Any) -> Any:
    """Put what was found into a register's planes: holds or not, where known[mask] says that it is known."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        into, bits, sure = _data(context, builder, signature, given, 0, 2, 3)
        for first in range(0, BLOCK, WORDS):
            said = _loaded(builder, bits, _constant(first), WORDS)
            place = builder.add(builder.mul(given[4], _constant(BLOCK)), _constant(first))
            where = _loaded(builder, sure, place, WORDS)
            sides = builder.and_(said, where), builder.and_(builder.not_(said), where)
            for side, value in enumerate(sides):
                _store(builder, value, into, given[1], side, first)
        return context.get_dummy_value()

    return types.void(planes, types.intp, found, known, types.intp), code


@intrinsic
def _ones(typing: Any, word: Any) -> Any:
    """How many bits of a word are set."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        return builder.ctpop(given[0])

    return types.int64(types.uint64), code


settled: Any = _settled
ones: Any = _ones

# --- loops over conditions and steps -----------------------------------------------------------------------------------

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Machine code of a function, kept on disk where a folder for that can be written."""
    try:
        return cast(F, numba.njit(nogil=True, cache=True)(function))
    except RuntimeError:
        return cast(F, numba.njit(nogil=True)(function))


@compiled
def counted(plane: Any) -> Any:
    """How many bits of a plane are set."""
    total = 0
    for word in range(len(plane)):
        total += ones(plane[word])
    return total


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
        settled(planes, register, found, known, mask)
        if patch >= 0:
            for word in range(BLOCK):
                planes[register, 0, word] |= given[patch, 0, word]
                planes[register, 1, word] |= given[patch, 1, word]


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
            counts[result, 0] += counted(planes[operands[start], 0])
            counts[result, 1] += counted(planes[operands[start], 1])


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
