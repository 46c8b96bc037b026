"""What `sweep` says of a rule, over the planes of one block at a time, as LLVM vectors; see `vectors`, which this goes with.

Imported only when machine code is compiled; `sweep` names what it uses as `tallies.…`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from wotu.rulebook.columnar.kernel import BLOCK
from wotu.rulebook.columnar.vectors import I64, WORDS, at, constant, loaded, starts, stored

PLANE = ir.VectorType(I64, WORDS)
HALVES = range(0, BLOCK, WORDS)


def _row(builder: Any, array: Any, row: Any, first: Any) -> Any:
    """Where words of an array's row begin."""
    _, size = cgutils.unpack_tuple(builder, array.shape, 2)  # type: ignore[no-untyped-call]
    return builder.add(builder.mul(row, size), first)


def _called(builder: Any, name: str, result: Any, value: Any) -> Any:
    """One of LLVM's own functions of a vector."""
    kind = ir.FunctionType(result, [value.type])
    function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}.v{WORDS}i64")  # type: ignore[no-untyped-call]
    return builder.call(function, [value])


def _counted(builder: Any, values: Iterator[Any]) -> Any:
    """How many bits of some vectors are set."""
    total: Any = None
    for value in values:
        ones = _called(builder, "ctpop", PLANE, value)
        total = ones if total is None else builder.add(total, ones)
    return _called(builder, "vector.reduce.add", I64, total)


@intrinsic
def _opened(
    typing: Any, planes: Any, goal: Any, short: Any, holds: Any, fails: Any, rule: Any, first: Any, lacking: Any
) -> Any:
    """Put a goal's planes into the rows `holds` and `fails` of its rule, and those one short of it into the first row of
    `lacking`; how many these are."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        data, yes, no, into = starts(context, builder, signature, given, 0, 3, 4, 7)
        arrays = [context.make_array(signature.args[place])(context, builder, given[place]) for place in (3, 4)]

        def halves() -> Iterator[Any]:
            for half in HALVES:
                sides = [loaded(builder, data, at(builder, given[1], side, half), WORDS) for side in (0, 1)]
                for side, array, where in zip(sides, arrays, (yes, no), strict=True):
                    place = builder.add(_row(builder, array, given[5], given[6]), constant(half))
                    stored(builder, side, where, place)
                one = loaded(builder, data, at(builder, given[2], 1, half), WORDS)
                lacks = builder.and_(sides[1], one)
                stored(builder, lacks, into, constant(half))
                yield lacks

        return _counted(builder, halves())

    return types.int64(planes, types.intp, types.intp, holds, fails, types.intp, types.intp, lacking), code


@intrinsic
def _parted(typing: Any, planes: Any, register: Any, lacking: Any, node: Any, above: Any) -> Any:
    """Of the rows that lack what is above those that lack this one: into the row of `lacking` of this one, out of the other."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        data, into = starts(context, builder, signature, given, 0, 2)
        for half in HALVES:
            own, other = (builder.add(builder.mul(given[place], constant(BLOCK)), constant(half)) for place in (3, 4))
            every = loaded(builder, into, other, WORDS)
            some = builder.and_(every, loaded(builder, data, at(builder, given[1], 1, half), WORDS))
            stored(builder, some, into, own)
            stored(builder, builder.xor(every, some), into, other)
        return context.get_dummy_value()

    return types.void(planes, types.intp, lacking, types.intp, types.intp), code


@intrinsic
def _kept(typing: Any, lacking: Any, node: Any, stops: Any, row: Any, first: Any) -> Any:
    """Copy a row of `lacking` to a row of `stops`; how many bits it has."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        data, into = starts(context, builder, signature, given, 0, 2)
        array = context.make_array(signature.args[2])(context, builder, given[2])

        def halves() -> Iterator[Any]:
            for half in HALVES:
                place = builder.add(builder.mul(given[1], constant(BLOCK)), constant(half))
                value = loaded(builder, data, place, WORDS)
                where = builder.add(_row(builder, array, given[3], given[4]), constant(half))
                stored(builder, value, into, where)
                yield value

        return _counted(builder, halves())

    return types.int64(lacking, types.intp, stops, types.intp, types.intp), code


@intrinsic
def _nothing(typing: Any, stops: Any, row: Any, first: Any) -> Any:
    """A row of `stops` without a bit."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        (into,) = starts(context, builder, signature, given, 0)
        array = context.make_array(signature.args[0])(context, builder, given[0])
        for half in HALVES:
            where = builder.add(_row(builder, array, given[1], given[2]), constant(half))
            stored(builder, ir.Constant(PLANE, [0] * WORDS), into, where)
        return context.get_dummy_value()

    return types.void(stops, types.intp, types.intp), code


@intrinsic
def _undecided(typing: Any, planes: Any, operands: Any, begin: Any, end: Any, goal: Any, there: Any, one: Any) -> Any:
    """The rows that there are, whose goal is not known and of whose items exactly one is not met, into `one`; how many."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        data, listed, rows, into = starts(context, builder, signature, given, 0, 1, 5, 6)
        held = [cgutils.alloca_once(builder, PLANE) for _ in (0, 1)]  # type: ignore[no-untyped-call]

        def halves() -> Iterator[Any]:
            for half in HALVES:
                for each in held:
                    builder.store(ir.Constant(PLANE, [0] * WORDS), each)
                with cgutils.for_range_slice(builder, given[2], given[3], constant(1)) as (place, _):
                    register = builder.load(builder.gep(listed, [place]))
                    missed = builder.not_(loaded(builder, data, at(builder, register, 0, half), WORDS))
                    some, more = (builder.load(each) for each in held)
                    builder.store(builder.or_(some, missed), held[0])
                    builder.store(builder.or_(more, builder.and_(some, missed)), held[1])
                some, more = (builder.load(each) for each in held)
                decided = [loaded(builder, data, at(builder, given[4], side, half), WORDS) for side in (0, 1)]
                out = builder.or_(more, builder.or_(*decided))
                found = builder.and_(
                    builder.and_(some, builder.not_(out)), loaded(builder, rows, constant(half), WORDS)
                )
                stored(builder, found, into, constant(half))
                yield found

        return _counted(builder, halves())

    return types.int64(planes, operands, types.intp, types.intp, types.intp, there, one), code


@intrinsic
def _missed(typing: Any, planes: Any, register: Any, one: Any) -> Any:
    """How many of the rows `one` do not meet an item."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        data, rows = starts(context, builder, signature, given, 0, 2)

        def halves() -> Iterator[Any]:
            for half in HALVES:
                met = loaded(builder, data, at(builder, given[1], 0, half), WORDS)
                yield builder.and_(loaded(builder, rows, constant(half), WORDS), builder.not_(met))

        return _counted(builder, halves())

    return types.int64(planes, types.intp, one), code


opened: Any = _opened
parted: Any = _parted
kept: Any = _kept
nothing: Any = _nothing
undecided: Any = _undecided
missed: Any = _missed
