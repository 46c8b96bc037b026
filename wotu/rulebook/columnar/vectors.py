"""Sixty-four rows at once: comparisons whose answers are the bits of a word, and joins of planes held in registers.

numba's own loops keep an answer in a byte; here the vector code that LLVM can say, and numba cannot, is written out: a
comparison of vectors is a vector of bits, and those bits are a number. LLVM turns it into what the processor has (AVX2,
AVX-512, NEON, or plain code), so nothing here names an instruction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from wotu.rulebook.columnar.kernel import BLOCK

I32, I64 = ir.IntType(32), ir.IntType(64)
LANES = {16: 64, 32: 8, 64: 8}
"""Rows compared at a time, by the bits of a number; 8 bits of answer come cheapest from a register of 32-bit numbers."""
PRODUCTS = 4
"""Products of 64 bits made at a time."""
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


def _comparison(operator: str) -> Any:
    @intrinsic
    def compared(typing: Any, values: Any, start: Any, bound: Any) -> Any:
        """values[start : start + 64] against a bound of their type."""

        def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            data = context.make_array(signature.args[0])(context, builder, given[0]).data
            lanes = LANES[signature.args[0].dtype.bitwidth]
            against = _spread(builder, given[2], lanes)

            def piece(first: int) -> Any:
                place = builder.add(given[1], _constant(first))
                return builder.icmp_signed(operator, _loaded(builder, data, place, lanes), against)

            return _word(builder, lanes, piece)

        return types.uint64(values, types.intp, values.dtype), code

    return compared


def _weighing(operator: str) -> Any:
    @intrinsic
    def compared(typing: Any, over: Any, under: Any, start: Any, m: Any, n: Any) -> Any:
        """over * m against under * n in 64 bits; the caller has proved that both fit."""

        def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            wide = ir.VectorType(I64, PRODUCTS)
            arrays = [context.make_array(signature.args[place])(context, builder, given[place]) for place in (0, 1)]

            def in_full(vector: Any) -> Any:
                return vector if vector.type == wide else builder.sext(vector, wide)

            factors = [in_full(_spread(builder, given[place], PRODUCTS)) for place in (3, 4)]

            def piece(first: int) -> Any:
                place = builder.add(given[2], _constant(first))
                sides = [
                    builder.mul(in_full(_loaded(builder, array.data, place, PRODUCTS)), factor)
                    for array, factor in zip(arrays, factors, strict=True)
                ]
                return builder.icmp_signed(operator, *sides)

            return _word(builder, PRODUCTS, piece)

        return types.uint64(over, under, types.intp, over.dtype, over.dtype), code

    return compared


exceeds, equals = _comparison(">"), _comparison("==")
outweighs, weighs = _weighing(">"), _weighing("==")

# --- planes of a block ----------------------------------------------------------------------------------------------

Sides = tuple[Any, Any]


def _side(builder: Any, data: Any, register: Any, side: int, first: int) -> Any:
    place = builder.add(builder.mul(register, _constant(2 * BLOCK)), _constant(side * BLOCK + first))
    return _loaded(builder, data, place, WORDS)


def _join(start: Callable[[Any, Sides], Sides], further: Callable[[Any, Sides, Sides, Sides], Sides]) -> Any:
    """A join of planes: how its first operand counts, and how a further one changes (what there is, first, further)."""

    @intrinsic
    def joined(typing: Any, planes: Any, operands: Any, result: Any, begin: Any, end: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            data = context.make_array(signature.args[0])(context, builder, given[0]).data
            listed = context.make_array(signature.args[1])(context, builder, given[1]).data
            kind = ir.VectorType(I64, WORDS)
            held = [cgutils.alloca_once(builder, kind) for _ in (0, 1)]  # type: ignore[no-untyped-call]
            for first in range(0, BLOCK, WORDS):

                def sides(place: Any, first: int = first) -> Sides:
                    register = builder.load(builder.gep(listed, [place]))
                    return _side(builder, data, register, 0, first), _side(builder, data, register, 1, first)

                own = sides(given[3])
                for into, value in zip(held, start(builder, own), strict=True):
                    builder.store(value, into)
                second = builder.add(given[3], _constant(1))
                with cgutils.for_range_slice(builder, second, given[4], _constant(1)) as (place, _):
                    now = builder.load(held[0]), builder.load(held[1])
                    for into, value in zip(held, further(builder, now, own, sides(place)), strict=True):
                        builder.store(value, into)
                for side, into in enumerate(held):
                    place = builder.add(builder.mul(given[2], _constant(2 * BLOCK)), _constant(side * BLOCK + first))
                    pointer = builder.bitcast(builder.gep(data, [place]), kind.as_pointer())
                    builder.store(builder.load(into), pointer).align = 8
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
def _counted(typing: Any, planes: Any, plane: Any) -> Any:
    """How many bits of a plane are set."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, given[0]).data
        total: Any = _constant(0)
        for word in range(BLOCK):
            place = builder.add(builder.mul(given[1], _constant(BLOCK)), _constant(word))
            total = builder.add(total, builder.ctpop(builder.load(builder.gep(data, [place]))))
        return total

    return types.int64(planes, types.intp), code


counted: Any = _counted
"""How many bits of the plane of that number are set (a register has two)."""
