"""Object code of a file of kernels, by numba; imported only where none is kept yet.

Nothing in the object code needs numba or Python: kernels allocate nothing and raise nothing, and where an array lies is read
from the array itself, whose first fields are part of numpy's binary interface.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from types import FunctionType
from typing import Any

import numba
import numpy as np
from llvmlite import binding, ir
from numba import types
from numba.core import config
from numba.core.compiler_lock import global_compiler_lock
from numba.np.arrayobj import populate_array

from wotu.rulebook.columnar import tallies, vectors
from wotu.rulebook.columnar.native import Array, Kernel, named

HEAD = object.__basicsize__
"""Bytes of an object before what its type adds; the last of them say where its type is."""
COUNT, ITEMS = HEAD, tuple.__basicsize__
"""Where a tuple says how many it holds, and where these are."""
DATA, AXES, SHAPE, KIND, FLAGS = HEAD, HEAD + 8, HEAD + 16, HEAD + 40, HEAD + 48
"""Where numpy's arrays say where their data lie, how many axes they have and how long these are, their dtype, and flags."""
ORDER, NUMBER = HEAD + 10, HEAD + 12
"""Where a dtype says in which order its bytes are, and the number of its type."""
CONTIGUOUS = 1
OTHER_ORDER = ord(">" if np.little_endian else "<")
POINTER, I8, I32, I64 = ir.IntType(8).as_pointer(), ir.IntType(8), ir.IntType(32), ir.IntType(64)
OPTIONS: dict[str, Any] = {
    "_nrt": False, "error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True,
}  # fmt: skip
LIBRARY = {"memset", "memcpy", "memmove"}
"""What object code may call."""


def object_code(kernels: Sequence[Kernel[...]], machine: Any) -> bytes:
    """Object code in which each variant of the kernels is a function.

    It takes numpy.ndarray, the tuple of arguments, and those that are numbers; it gives 0, or which is wrong (the first is 1;
    if there are more or fewer than there should be, the one after the last).
    """
    with global_compiler_lock:
        library: Any = None
        module = ir.Module("wotu")
        for each in kernels:
            compiled = _compiled(each.function)
            for symbol, arguments in each.variants():
                signature = tuple(types.int64 if one is None else _type(one) for one in arguments)
                with _as_written():
                    compiled.compile(types.void(*signature))
                found = compiled.overloads[signature]
                if library is None:
                    library = found.target_context.codegen().create_library("wotu")
                library.add_linking_library(found.library)
                _entry(module, symbol, arguments, signature, found)
        library.add_ir_module(module)
        library.finalize()
        text = binding.parse_assembly(library.get_llvm_str())
    outside = {each.name for each in text.functions if each.is_declaration and not each.name.startswith("llvm.")}
    if outside - LIBRARY:
        raise TypeError(f"a kernel needs {', '.join(sorted(outside - LIBRARY))}, which is not there without numba")
    found = machine.emit_object(text)
    return bytes(found)


@contextmanager
def _as_written() -> Iterator[None]:
    """Pieces are optimised when all are together, and not once more for each that they are put into; half the time."""
    before = config.OPT  # type: ignore[attr-defined]
    config.OPT = 0  # type: ignore[attr-defined]
    try:
        yield
    finally:
        config.OPT = before  # type: ignore[attr-defined]


@cache
def _compiled(function: FunctionType) -> Any:
    """The function for numba, and so all that it calls; those of other files are compiled for these too."""
    known = {**function.__globals__, "vectors": vectors, "tallies": tallies}
    for name, value in named(function).items():
        if isinstance(value, (FunctionType, Kernel)):
            known[name] = _compiled(value.function if isinstance(value, Kernel) else value)
    own = FunctionType(function.__code__, known, function.__name__, function.__defaults__, function.__closure__)
    return numba.njit(**OPTIONS)(own)


def _type(array: Array) -> Any:
    return types.Array(numba.from_dtype(array.dtype), array.axes, "C", aligned=False)


def _entry(module: Any, symbol: str, arguments: Sequence[Array | None], signature: Sequence[Any], found: Any) -> None:
    """The function that is called from outside: looks at the arrays, and hands them on as numba has them."""
    context = found.target_context
    kinds = [I64 for argument in arguments if argument is None]
    function = ir.Function(module, ir.FunctionType(I64, [POINTER, POINTER, *kinds]), symbol)
    builder = ir.IRBuilder(function.append_basic_block())
    arrays, values, *numbers = function.args
    with builder.if_then(
        builder.icmp_signed("!=", _field(builder, values, COUNT, I64), ir.Constant(I64, len(arguments)))
    ):
        builder.ret(ir.Constant(I64, len(arguments) + 1))
    given = []
    for place, (argument, kind) in enumerate(zip(arguments, signature, strict=True)):
        if argument is None:
            given.append(numbers.pop(0))
            continue
        value = _field(builder, values, ITEMS + 8 * place, POINTER)
        for wrong in _unlike(builder, value, argument, arrays):
            with builder.if_then(wrong, likely=False):
                builder.ret(ir.Constant(I64, place + 1))
        given.append(_array(context, builder, value, kind))
    callee = context.declare_function(module, found.fndesc)
    context.call_conv.call_function(builder, callee, types.none, signature, given)
    builder.ret(ir.Constant(I64, 0))


def _unlike(builder: Any, value: Any, argument: Array, arrays: Any) -> Any:
    """In turn, each sign that a value is not the array it should be."""

    def field(of: Any, offset: int, kind: Any) -> Any:
        return _field(builder, of, offset, kind)

    yield builder.icmp_unsigned("!=", field(value, HEAD - 8, POINTER), arrays)
    yield builder.icmp_signed("!=", field(value, AXES, I32), ir.Constant(I32, argument.axes))
    flags = builder.and_(field(value, FLAGS, I32), ir.Constant(I32, CONTIGUOUS))
    yield builder.icmp_signed("==", flags, ir.Constant(I32, 0))
    dtype = field(value, KIND, POINTER)
    yield builder.icmp_signed("==", field(dtype, ORDER, I8), ir.Constant(I8, OTHER_ORDER))
    number = field(dtype, NUMBER, I32)
    other = ir.Constant(ir.IntType(1), 1)
    for same in _numbers(argument.dtype):
        other = builder.and_(other, builder.icmp_signed("!=", number, ir.Constant(I32, same)))
    yield other


def _numbers(dtype: np.dtype[Any]) -> list[int]:
    """The numbers of a type; C may have two names for one."""
    return [each.num for each in map(np.dtype, "?bhilqBHILQ") if each == dtype]


def _array(context: Any, builder: Any, value: Any, kind: Any) -> Any:
    array = context.make_array(kind)(context, builder)
    size = kind.dtype.bitwidth // 8 if hasattr(kind.dtype, "bitwidth") else 1
    shape: list[Any] = []
    strides: list[Any] = []
    lengths = _field(builder, value, SHAPE, I64.as_pointer())
    for axis in range(kind.ndim):
        shape.append(builder.load(builder.gep(lengths, [ir.Constant(I64, axis)])))
    step = ir.Constant(I64, size)
    for length in reversed(shape):
        strides.insert(0, step)
        step = builder.mul(step, length)
    data = _field(builder, value, DATA, array.data.type)
    populate_array(array, data, shape, strides, ir.Constant(I64, size), None)  # type: ignore[no-untyped-call]
    return array._getvalue()


def _field(builder: Any, value: Any, offset: int, kind: Any) -> Any:
    place = builder.gep(builder.bitcast(value, POINTER), [ir.Constant(I64, offset)])
    return builder.load(builder.bitcast(place, kind.as_pointer()))
