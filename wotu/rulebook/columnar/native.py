"""Machine code of screening, compiled once for a machine and there at once afterwards, without numba being imported.

A file of kernels is plain Python in numba's subset. What the rest of the program calls is marked `@kernel`; its arguments say by
their annotations what they are, which is also what is compiled:

    @kernel
    def halves(both: I64x1, known: Bx1, values: I64x1, said: I64x1) -> None: ...

`I64x1` is an array of 64-bit integers with one axis, whole and in C's order; `int` is a number of 64 bits (a truth as 0 or 1). A
kernel gives nothing back and allocates nothing: it writes into arrays that it is given, room to work in included. One with an
argument of the type `Narrow1` is compiled for each of these widths. Functions that a kernel calls are plain ones (or other
kernels), of any file, without annotations that mean anything; numbers that they name are compiled in. `vectors.…` is there by
itself (`if TYPE_CHECKING: from wotu.rulebook.columnar import vectors`), and so is `tallies.…`;
what they are called no file of kernels calls something else. A new file of kernels is put into `FILES`.

The code of each file is kept in the user's cache folder, by the bytes of all it is made of and by the processor. Called through
ctypes, so that other threads go on; the code itself reads from the arguments where each array lies and whether it is of the
kind it was compiled for, so that a call costs a microsecond or two.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib
import platform
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial, update_wrapper
from importlib.util import find_spec
from operator import itemgetter
from pathlib import Path
from types import FunctionType
from typing import Annotated, Any, Generic, NamedTuple, ParamSpec, TypeVar, get_args, get_type_hints

import numpy as np
import numpy.typing as npt

from wotu.rulebook.columnar import private

FILES = ("machine", "sweep", "cells", "quick", "roaring")
"""The files of kernels."""
MOST = 24
"""Files of machine code kept; of more the oldest go."""
I16x1 = Annotated[npt.NDArray[np.int16], 1]
I32x1 = Annotated[npt.NDArray[np.int32], 1]
I64x1 = Annotated[npt.NDArray[np.int64], 1]
I32x2 = Annotated[npt.NDArray[np.int32], 2]
I64x2 = Annotated[npt.NDArray[np.int64], 2]
I16x3 = Annotated[npt.NDArray[np.int16], 3]
I32x3 = Annotated[npt.NDArray[np.int32], 3]
I64x3 = Annotated[npt.NDArray[np.int64], 3]
I16x2 = Annotated[npt.NDArray[np.int16], 2]
U16x1 = Annotated[npt.NDArray[np.uint16], 1]
U8x1 = Annotated[npt.NDArray[np.uint8], 1]
U8x2 = Annotated[npt.NDArray[np.uint8], 2]
U64x1 = Annotated[npt.NDArray[np.uint64], 1]
U64x2 = Annotated[npt.NDArray[np.uint64], 2]
U64x3 = Annotated[npt.NDArray[np.uint64], 3]
U64x4 = Annotated[npt.NDArray[np.uint64], 4]
Bx1 = Annotated[npt.NDArray[np.bool_], 1]
Narrow1 = TypeVar("Narrow1", I64x1, I32x1, I16x1)
"""Numbers of 64, 32 or 16 bits; all such arguments of one call are of the same width."""
P = ParamSpec("P")


class Array(NamedTuple):
    """An argument that is an array."""

    dtype: np.dtype[Any]
    axes: int


class Kernel(Generic[P]):
    """A function of machine code; made ready, with all of its file, when it is first called."""

    def __init__(self, function: Callable[P, None]) -> None:
        update_wrapper(self, function)
        self.function: Any = function
        self.symbol = f"wotu.{function.__module__}.{function.__qualname__}"
        self._enter: Callable[[tuple[Any, ...]], int] = self._first

    def __call__(self, *given: P.args, **named: P.kwargs) -> None:
        wrong = self._enter(given)
        if wrong:
            raise TypeError(self._refusal(wrong - 1, given))

    def arguments(self) -> dict[str, Any]:
        """Each argument: what array it is, which it may be, or None for a number."""
        hints = get_type_hints(self.function, include_extras=True)
        return {name: _argument(hint) for name, hint in hints.items() if name != "return"}

    def variants(self) -> Iterator[tuple[str, tuple[Array | None, ...]]]:
        """What is compiled: a symbol and its arguments."""
        arguments = tuple(self.arguments().values())
        choices = next((each for each in arguments if isinstance(each, list)), [None])
        for place, choice in enumerate(choices):
            yield f"{self.symbol}.{place}", tuple(choice if isinstance(each, list) else each for each in arguments)

    def _first(self, given: tuple[Any, ...]) -> int:
        with _LOCK:
            code = _ready(self.function.__module__)
            made = [_entry(code(symbol), arguments) for symbol, arguments in self.variants()]
            self._enter = made[0] if len(made) == 1 else self._chosen(made)
        return self._enter(given)

    def _chosen(self, made: list[Callable[[tuple[Any, ...]], int]]) -> Callable[[tuple[Any, ...]], int]:
        place = next(place for place, each in enumerate(self.arguments().values()) if isinstance(each, list))
        entries = {
            choice.dtype: entry
            for entry, (_, arguments) in zip(made, self.variants(), strict=True)
            if (choice := arguments[place]) is not None
        }

        def enter(given: tuple[Any, ...]) -> int:
            entry = entries.get(given[place].dtype) if type(given[place]) is np.ndarray else None
            return place + 1 if entry is None else entry(given)

        return enter

    def _refusal(self, place: int, given: tuple[object, ...]) -> str:
        if place >= len(self.arguments()):
            return f"{self.symbol}: takes {len(self.arguments())} arguments, and was given {len(given)}"
        value = given[place]
        name, wanted = list(self.arguments().items())[place]
        one = wanted[0] if isinstance(wanted, list) else wanted
        kind = "/".join(str(each.dtype) for each in (wanted if isinstance(wanted, list) else [wanted]))
        said = f"{value.dtype}{value.shape}" if isinstance(value, np.ndarray) else type(value).__name__
        return f"{self.symbol}: {name} has to be a contiguous array of {kind} with {one.axes} axes, and is {said}"


def kernel(function: Callable[P, None]) -> Kernel[P]:
    """Mark what is called from outside."""
    return Kernel(function)


def _argument(hint: Any) -> Array | list[Array] | None:
    if hint is int:
        return None
    if isinstance(hint, TypeVar):
        return [Array(*_array(each)) for each in hint.__constraints__]
    return Array(*_array(hint))


def _array(hint: Any) -> tuple[np.dtype[Any], int]:
    array, axes = get_args(hint)
    return np.dtype(get_args(get_args(array)[1])[0]), axes


# --- from a file of kernels to code in memory --------------------------------------------------------------------------

_LOCK = threading.RLock()
_ALIVE: list[Any] = []
"""What holds the code; never let go, since it may be running."""


def kernels(module: str) -> list[Kernel[...]]:
    """The kernels of a file."""
    found = vars(sys.modules[module]).values()
    return [each for each in found if isinstance(each, Kernel) and each.function.__module__ == module]


def named(function: FunctionType) -> dict[str, object]:
    """What a function names of its file, as far as the file has it."""
    known = function.__globals__
    return {name: known[name] for name in function.__code__.co_names if name in known}


def _entry(address: int, arguments: tuple[Array | None, ...]) -> Callable[[tuple[Any, ...]], int]:
    """Called with the arguments as Python has them, in which the code looks for arrays, and once more with the numbers."""
    places = [place for place, argument in enumerate(arguments) if argument is None]
    kinds: list[Any] = [ctypes.py_object, ctypes.py_object, *(ctypes.c_int64 for _ in places)]
    code: Callable[..., int] = ctypes.CFUNCTYPE(ctypes.c_int64, *kinds)(address)
    if not places:
        return partial(code, np.ndarray)
    if len(places) == 1:
        return lambda given: code(np.ndarray, given, given[places[0]])
    numbers = itemgetter(*places)
    return lambda given: code(np.ndarray, given, *numbers(given))


@cache
def _ready(module: str) -> Callable[[str], int]:
    """Where each symbol of a file of kernels lies, in memory by now."""
    from llvmlite import binding

    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    target = binding.Target.from_triple(binding.get_process_triple())
    machine = target.create_target_machine(cpu=binding.get_host_cpu_name(), features=_features(), opt=3, **_MODEL)
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), machine)
    engine.add_object_file(binding.ObjectFileRef.from_data(_object_code(module, machine)))
    engine.finalize_object()
    _ALIVE.append(engine)
    return engine.get_function_address  # type: ignore[no-any-return]


_MODEL = {
    "codemodel": "jitdefault",
    "reloc": "static" if platform.machine().lower() in ("x86_64", "amd64") else "default",
}


def _features() -> str:
    from llvmlite import binding

    return str(binding.get_host_cpu_features().flatten())


def _object_code(module: str, machine: Any) -> bytes:
    file = _file(module)
    found = None if file is None else _read(file)
    if found is None:
        from wotu.rulebook.columnar import compiling

        found = compiling.object_code(kernels(module), machine)
        if file is not None:
            private.keep(file, hashlib.sha256(found).digest() + found, MOST)
    return found


def _file(module: str) -> Path | None:
    place = private.folder("code")
    return None if place is None else place / f"{module.rpartition('.')[2]}-{_key(module)}.code"


def _read(file: Path) -> bytes | None:
    try:
        data = file.read_bytes()
    except OSError:
        return None
    return data[32:] if hashlib.sha256(data[32:]).digest() == data[:32] else None


def _key(module: str) -> str:
    """Of all that the code of a file of kernels comes from."""
    import llvmlite
    from llvmlite import binding

    files, numbers = (
        {Path(__file__).parent / name for name in ("native.py", "compiling.py", "vectors.py", "tallies.py")},
        set(),
    )
    waiting, seen = [each.function for each in kernels(module)], set()
    while waiting:
        function = waiting.pop()
        if function in seen:
            continue
        seen.add(function)
        files.add(Path(function.__code__.co_filename))
        for name, value in named(function).items():
            if isinstance(value, (FunctionType, Kernel)):
                waiting.append(value.function if isinstance(value, Kernel) else value)
            elif isinstance(value, (int, tuple)):
                numbers.add(f"{name} {value!r}")
    spec = find_spec("numba")
    if spec is not None and spec.origin is not None:  # its version, without its import
        files.add(Path(spec.origin).with_name("_version.py"))
    said = [
        binding.get_process_triple(),
        binding.get_host_cpu_name(),
        _features(),
        llvmlite.__version__,
        np.__version__,
    ]
    said += [str(each.__basicsize__) for each in (object, tuple)]
    found = hashlib.sha256(repr((said, sorted(numbers))).encode())
    for file in sorted(files):
        found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()


def missing() -> list[str]:
    """The files whose code is not kept; none where there is no folder to keep it in."""
    return [name for name in FILES if (file := _file(_imported(name))) is not None and _read(file) is None]


def ready(files: Sequence[str] = FILES) -> None:
    """The kernels of these files compiled and kept, if they were not, and in memory."""
    for name in files:
        with _LOCK:
            _ready(_imported(name))


def _imported(name: str) -> str:
    return importlib.import_module(f"wotu.rulebook.columnar.{name}").__name__
