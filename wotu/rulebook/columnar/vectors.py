"""What LLVM can say of vectors, and numba cannot: bits from comparisons, joins of planes, the integer at an address.

numba's own loops keep an answer in a byte; so the vector code is written out here: a comparison of vectors is a vector of bits,
and those bits are a number. LLVM turns it into what the processor has (AVX2, AVX-512, NEON, or plain code), so nothing here
names an instruction. Imported only when machine code is compiled; the files of kernels name what they use as `vectors.…`.
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
EIGHT = 8
"""Rows whose products are compared at a time."""
WORDS = 16
"""Words of a block joined at a time: two planes of these fit the registers."""


def constant(number: int) -> Any:
    return ir.Constant(I64, number)


def _spread(builder: Any, value: Any, lanes: int) -> Any:
    """The value in every lane."""
    empty = ir.Constant(ir.VectorType(value.type, lanes), ir.Undefined)
    one = builder.insert_element(empty, value, ir.Constant(I32, 0))
    return builder.shuffle_vector(one, empty, ir.Constant(ir.VectorType(I32, lanes), [0] * lanes))


def loaded(builder: Any, data: Any, place: Any, lanes: int) -> Any:
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
        bits = bits if lanes == 64 else builder.shl(builder.zext(bits, I64), constant(first))
        found = bits if found is None else builder.or_(found, bits)
    return found


def _words(builder: Any, found: Any, word: Callable[[Any], Any]) -> None:
    """A word for each 64 rows of a block, made by what is told the first of these rows."""
    with cgutils.for_range(builder, constant(BLOCK)) as loop:
        made = word(builder.mul(loop.index, constant(64)))
        builder.store(made, builder.gep(found, [loop.index]))


def starts(context: Any, builder: Any, signature: Any, given: Any, *places: int) -> list[Any]:
    """Where arrays begin in memory."""
    return [context.make_array(signature.args[place])(context, builder, given[place]).data for place in places]


def _column(builder: Any, data: Any, column: Any) -> Any:
    """Where a column of a block begins."""
    return builder.gep(data, [builder.mul(column, constant(64 * BLOCK))])


def _answers(builder: Any, operator: str, values: Any, start: Any, against: Any) -> Any:
    """64 numbers from a place on against a bound in every lane, a bit each."""
    lanes = against.type.count

    def piece(first: int) -> Any:
        place = builder.add(start, constant(first))
        return builder.icmp_signed(operator, loaded(builder, values, place, lanes), against)

    return _word(builder, lanes, piece)


def _comparison(operator: str) -> Any:
    @intrinsic
    def compared(typing: Any, columns: Any, column: Any, bound: Any, found: Any) -> Any:
        """A block's column against a bound of its type, a bit for each row."""

        def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            data, into = starts(context, builder, signature, given, 0, 3)
            values = _column(builder, data, given[1])
            against = _spread(builder, given[2], LANES[signature.args[0].dtype.bitwidth])
            _words(builder, into, lambda start: _answers(builder, operator, values, start, against))
            return context.get_dummy_value()

        return types.void(columns, types.intp, columns.dtype, found), code

    return compared


def _said(operator: str) -> Any:
    @intrinsic
    def said(typing: Any, values: Any, start: Any, bound: Any) -> Any:
        """64 numbers from a place on against a bound of their type, a bit each."""

        def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            (data,) = starts(context, builder, signature, given, 0)
            against = _spread(builder, given[2], LANES[signature.args[0].dtype.bitwidth])
            return _answers(builder, operator, data, given[1], against)

        return types.uint64(values, types.intp, values.dtype), code

    return said


def _weighing(operator: str) -> Any:
    @intrinsic
    def compared(typing: Any, columns: Any, over: Any, under: Any, m: Any, n: Any, found: Any) -> Any:
        """over * m against under * n in 64 bits, a bit for each row of a block; the caller has proved that both fit."""

        def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            data, into = starts(context, builder, signature, given, 0, 5)
            values = [_column(builder, data, given[place]) for place in (1, 2)]
            wide = signature.args[0].dtype.bitwidth == 64
            factors = [
                _spread(builder, _in_full(builder, given[place]), EIGHT if wide else EIGHT // 2) for place in (3, 4)
            ]

            def word(start: Any) -> Any:
                def piece(first: int) -> Any:
                    place = builder.add(start, constant(first))
                    sides = [loaded(builder, each, place, EIGHT) for each in values]
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
word_above, word_equal, word_least = _said(">"), _said("=="), _said(">=")
outweighs, weighs = _weighing(">"), _weighing("==")

# --- planes of a block ----------------------------------------------------------------------------------------------

Sides = tuple[Any, Any]


def at(builder: Any, register: Any, side: int, first: int) -> Any:
    """Where words of a register's plane lie."""
    return builder.add(builder.mul(register, constant(2 * BLOCK)), constant(side * BLOCK + first))


def stored(builder: Any, value: Any, data: Any, place: Any) -> None:
    """A vector of words put where they begin."""
    builder.store(value, builder.bitcast(builder.gep(data, [place]), value.type.as_pointer())).align = 8


def _join(start: Callable[[Any, Sides], Sides], further: Callable[[Any, Sides, Sides, Sides], Sides]) -> Any:
    """A join of planes: how its first operand counts, and how a further one changes (what there is, first, further)."""

    @intrinsic
    def joined(typing: Any, planes: Any, operands: Any, result: Any, begin: Any, end: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            data, listed = starts(context, builder, signature, given, 0, 1)
            kind = ir.VectorType(I64, WORDS)
            held = [cgutils.alloca_once(builder, kind) for _ in (0, 1)]  # type: ignore[no-untyped-call]
            for first in range(0, BLOCK, WORDS):

                def sides(place: Any, first: int = first) -> Sides:
                    register = builder.load(builder.gep(listed, [place]))
                    one, other = (loaded(builder, data, at(builder, register, side, first), WORDS) for side in (0, 1))
                    return one, other

                own = sides(given[3])
                for into, value in zip(held, start(builder, own), strict=True):
                    builder.store(value, into)
                second = builder.add(given[3], constant(1))
                with cgutils.for_range_slice(builder, second, given[4], constant(1)) as (place, _):
                    now = builder.load(held[0]), builder.load(held[1])
                    for into, value in zip(held, further(builder, now, own, sides(place)), strict=True):
                        builder.store(value, into)
                for side, into in enumerate(held):
                    stored(builder, builder.load(into), data, at(builder, given[2], side, first))
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
        into, bits, sure = starts(context, builder, signature, given, 0, 2, 3)
        for first in range(0, BLOCK, WORDS):
            said = loaded(builder, bits, constant(first), WORDS)
            place = builder.add(builder.mul(given[4], constant(BLOCK)), constant(first))
            where = loaded(builder, sure, place, WORDS)
            sides = builder.and_(said, where), builder.and_(builder.not_(said), where)
            for side, value in enumerate(sides):
                stored(builder, value, into, at(builder, given[1], side, first))
        return context.get_dummy_value()

    return types.void(planes, types.intp, found, known, types.intp), code


@intrinsic
def _ones(typing: Any, word: Any) -> Any:
    """How many bits of a word are set."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        return builder.ctpop(given[0])

    return types.int64(types.uint64), code


@intrinsic
def _lowest_four(typing: Any, out: Any, place: Any, first: Any, word: Any) -> Any:
    """Put the places of a word's four lowest bits, counted from `first`, into `out` at a place on, whether there are as many
    or not; what is left of the word. Nothing is asked in between that the processor would have to guess.
    """

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        (into,) = starts(context, builder, signature, given, 0)
        bits = given[3]
        for step in range(4):
            row = builder.add(given[2], builder.cttz(bits, ir.Constant(I1, 0)))
            where = builder.gep(into, [builder.add(given[1], constant(step))])
            builder.store(_lowest(builder, row, into.type.pointee), where)
            bits = builder.and_(bits, builder.sub(bits, constant(1)))
        return bits

    return types.uint64(out, types.int64, types.int64, types.uint64), code


@intrinsic
def _peek(typing: Any, address: Any, like: Any) -> Any:
    """The integer at an address, of the type of `like`."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        pointer = builder.inttoptr(given[0], ir.IntType(like.bitwidth).as_pointer())
        found = builder.load(pointer)
        found.align = 1
        return found

    return like(types.int64, like), code


settled: Any = _settled
ones: Any = _ones
lowest_four: Any = _lowest_four
peek: Any = _peek

# --- cells as they lie in memory ----------------------------------------------------------------------------------------

CELLS = {0: 16, 1: 8, 2: 4}
"""Bytes of a cell by how it lies, see `cells`."""
SUMMED = 8
"""Rows looked at at a time: as many lanes the least, the greatest and the bits beyond 64 have in `cells`."""
I1, I8 = ir.IntType(1), ir.IntType(8)


def _at_address(builder: Any, address: Any, kind: Any) -> Any:
    return builder.inttoptr(address, kind.as_pointer())


def _read(builder: Any, address: Any, kind: Any) -> Any:
    found = builder.load(_at_address(builder, address, kind))
    found.align = 1
    return found


def _in_all(number: int) -> Any:
    return ir.Constant(ir.VectorType(I64, SUMMED), [number] * SUMMED)


def _cells(builder: Any, how: int, cells: Any, row: Any, first: int) -> tuple[Any, Any]:
    """Eight cells and their upper halves, where there are any."""
    place = builder.mul(builder.add(row, constant(first)), constant(CELLS[how]))
    place = builder.add(cells, place)
    if CELLS[how] == 16:
        both = _read(builder, place, ir.VectorType(I64, 2 * SUMMED))
        sides = [ir.Constant(ir.VectorType(I32, SUMMED), list(range(side, 2 * SUMMED, 2))) for side in (0, 1)]
        return builder.shuffle_vector(both, both, sides[0]), builder.shuffle_vector(both, both, sides[1])
    if CELLS[how] == 8:
        return _read(builder, place, ir.VectorType(I64, SUMMED)), None
    return builder.sext(_read(builder, place, ir.VectorType(I32, SUMMED)), ir.VectorType(I64, SUMMED)), None


def _sure(builder: Any, known: Any, first: int) -> Any:
    """Which of eight rows are known."""
    return builder.bitcast(builder.trunc(builder.lshr(known, constant(first)), I8), ir.VectorType(I1, SUMMED))


def _look(how: int) -> Any:
    @intrinsic
    def looked(typing: Any, cells: Any, row: Any, known: Any, room: Any) -> Any:
        """Put 64 cells to the least, the greatest and the bits beyond 64 in `room`; gives which are known and not 0."""

        def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            cells, row, known, room = given
            kind = ir.VectorType(I64, SUMMED)
            places = [builder.add(room, constant(8 * SUMMED * place)) for place in range(3)]
            least, most, beyond = (_read(builder, place, kind) for place in places)
            real = constant(0)
            for first in range(0, 64, SUMMED):
                low, high = _cells(builder, how, cells, row, first)
                sure = _sure(builder, known, first)
                least = builder.select(builder.and_(sure, builder.icmp_signed("<", low, least)), low, least)
                most = builder.select(builder.and_(sure, builder.icmp_signed(">", low, most)), low, most)
                some = builder.zext(builder.bitcast(builder.icmp_signed("!=", low, _in_all(0)), I8), I64)
                real = builder.or_(real, builder.shl(some, constant(first)))
                if high is not None:
                    more = builder.xor(high, builder.ashr(low, _in_all(63)))
                    beyond = builder.or_(beyond, builder.select(sure, more, _in_all(0)))
            for place, value in zip(places, (least, most, beyond), strict=True):
                builder.store(value, _at_address(builder, place, kind)).align = 8
            return builder.and_(real, known)

        return types.uint64(types.int64, types.int64, types.uint64, types.int64), code

    return looked


def _divide(how: int) -> Any:
    @intrinsic
    def divided(typing: Any, cells: Any, row: Any, known: Any, power: Any, inverse: Any, most: Any) -> Any:
        """Whether a power of ten divides all of 64 cells that are known; `most` is the greatest quotient there can be."""

        def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            cells, row, known, power, inverse, most = given
            below = builder.sub(builder.shl(constant(1), power), constant(1))
            below, shift, times, end = (_spread(builder, each, SUMMED) for each in (below, power, inverse, most))
            start = builder.sub(_in_all(0), end)
            wrong = ir.Constant(ir.VectorType(I1, SUMMED), [0] * SUMMED)
            for first in range(0, 64, SUMMED):
                low, _ = _cells(builder, how, cells, row, first)
                found = builder.mul(builder.ashr(low, shift), times)
                left = builder.icmp_signed("!=", builder.and_(low, below), _in_all(0))
                large = builder.or_(builder.icmp_signed(">", found, end), builder.icmp_signed("<", found, start))
                here = builder.and_(builder.or_(left, large), _sure(builder, known, first))
                wrong = builder.or_(wrong, here)
            return builder.icmp_unsigned("==", builder.bitcast(wrong, I8), ir.Constant(I8, 0))

        return types.boolean(types.int64, types.int64, types.uint64, types.int64, types.int64, types.int64), code

    return divided


def _put(how: int, size: int) -> Any:
    kind = ir.IntType(size)

    @intrinsic
    def put(typing: Any, cells: Any, row: Any, known: Any, power: Any, inverse: Any, into: Any) -> Any:
        """Write 64 cells divided by a power of ten, in so many bits, 0 where they are not known."""

        def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            cells, row, known, power, inverse, into = given
            narrow = ir.VectorType(kind, SUMMED)
            shift, times = _spread(builder, power, SUMMED), _spread(builder, _lowest(builder, inverse, kind), SUMMED)
            for first in range(0, 64, SUMMED):
                low, _ = _cells(builder, how, cells, row, first)
                low = builder.select(_sure(builder, known, first), builder.ashr(low, shift), _in_all(0))
                found = builder.mul(_lowest(builder, low, narrow), times)
                place = builder.add(into, constant(first * size // 8))
                builder.store(found, _at_address(builder, place, narrow)).align = size // 8
            return context.get_dummy_value()

        return types.void(types.int64, types.int64, types.uint64, types.int64, types.int64, types.int64), code

    return put


def _lowest(builder: Any, value: Any, kind: Any) -> Any:
    """The lowest bits; those of a product are the product's of the lowest bits."""
    return value if value.type == kind else builder.trunc(value, kind)


@intrinsic
def _copied(typing: Any, source: Any, size: Any, into: Any) -> Any:
    """So many bytes, from one address to another."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        into, source = (_at_address(builder, given[place], I8) for place in (2, 0))
        cgutils.raw_memcpy(builder, into, source, given[1], 1)  # type: ignore[no-untyped-call]
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), code


@intrinsic
def _address(typing: Any, array: Any) -> Any:
    """Where an array begins in memory."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        return builder.ptrtoint(starts(context, builder, signature, given, 0)[0], I64)

    return types.int64(array), code


copied: Any = _copied
address: Any = _address
look_pairs, look_longs, look_ints = map(_look, CELLS)
divides_pairs, divides_longs, divides_ints = map(_divide, CELLS)
pairs_16, pairs_32, pairs_64 = (_put(0, size) for size in (16, 32, 64))
longs_16, longs_32, longs_64 = (_put(1, size) for size in (16, 32, 64))
ints_16, ints_32, ints_64 = (_put(2, size) for size in (16, 32, 64))
