"""Calling a FEEL function from Python: by position or by name, with depth counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .run import DepthError, Run
from .unknown import Unknown, combinations, join
from .values import FeelError, Function, Value


def call_function(function: Function, run: Run, arguments: Sequence[Value]) -> Value:
    """The function's value for arguments by position; FeelError when it fails, DepthError when calls nest too deep."""
    if function.overloads:
        return _try_overloads(function, run, [(overload, arguments) for overload in function.overloads])
    return function.call(run, arguments)


def call_named(function: Function, run: Run, arguments: Mapping[str, Value]) -> Value:
    """The function's value for arguments by name; FeelError when the names do not fit."""
    fitting: list[tuple[Function, Sequence[Value]]] = []
    for overload in function.overloads or (function,):
        ordered = order_named(overload, arguments)
        if ordered is not None:
            fitting.append((overload, ordered))
    if not fitting:
        raise FeelError(f"{function.name} 没有这样的参数：{'、'.join(arguments)}")
    return _try_overloads(function, run, fitting)


def order_named(function: Function, arguments: Mapping[str, Value]) -> list[Value] | None:
    """Named arguments in the order of the parameters, null for optional ones left out; None when they do not fit."""
    names = function.parameters
    if any(name not in names for name in arguments):
        return None
    required = len(names) if function.required is None else function.required
    if any(name not in arguments for name in names[:required]):
        return None
    last = max((names.index(name) for name in arguments), default=-1)
    return [arguments.get(name) for name in names[: max(last + 1, required)]]


def _try_overloads(function: Function, run: Run, ways: list[tuple[Function, Sequence[Value]]]) -> Value:
    """The first overload that takes the arguments; with unknown ones, whatever any that may take them says."""
    if len(ways) > 1 and any(type(value) is Unknown for value in ways[0][1]):
        return _any_overload(function, run, ways)
    problem: FeelError | None = None
    for overload, arguments in ways:
        count = len(arguments)
        required = len(overload.parameters) if overload.required is None else overload.required
        if not required <= count <= len(overload.parameters):
            continue
        try:
            return overload.call(run, arguments)
        except FeelError as failed:
            problem = problem or failed
    raise problem or FeelError(f"{function.name} 的参数个数不对")


def _any_overload(function: Function, run: Run, ways: list[tuple[Function, Sequence[Value]]]) -> Value:
    found: list[Value] = []
    every = combinations(ways[0][1]) if all(arguments == ways[0][1] for _, arguments in ways) else None
    for arguments in every or ():
        try:
            found.append(_try_overloads(function, run, [(overload, arguments) for overload, _ in ways]))
        except FeelError:
            found.append(None)
    if every is not None:
        return join(found)
    for way in ways:
        try:
            found.append(_try_overloads(function, run, [way]))
        except FeelError:
            continue
    if not found:
        raise FeelError(f"{function.name} 的参数不对")
    return join(found)


def enter(run: Run) -> None:
    """One call deeper; DepthError beyond the limit."""
    run.depth += 1
    if run.depth > run.limits.depth:
        raise DepthError(f"函数调用嵌套超过 {run.limits.depth} 层")
    run.spend()
    run.tick()
