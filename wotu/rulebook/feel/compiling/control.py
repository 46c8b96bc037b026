"""if, for, some, every."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from .. import tree as t
from ..run import DepthError, Env, Scope
from ..temporal import date_of, day_number
from ..unknown import (
    ANY_TRUTH,
    UNKNOWN,
    Interval,
    Sublist,
    Unknown,
    choices,
    join,
    possible_values,
    truths,
)
from ..values import Date, Range, Value
from .core import Evaluate, Handler, compile_node, uses
from .operators import conjunction, disjunction

FURTHEST = Decimal("1e30")
"""A loop's numbers go no further."""


def _if(node: t.If, scope: Scope) -> Evaluate:
    arms: list[tuple[Evaluate, Evaluate]] = []
    rest: t.Node = node
    while isinstance(rest, t.If):
        arms.append((compile_node(rest.condition, scope), compile_node(rest.then, scope)))
        rest = rest.otherwise
    otherwise = compile_node(rest, scope)

    def evaluate(env: Env) -> Value:
        ways: list[Value] = []
        for condition, then in arms:
            truth = condition(env)
            if truth is True:
                ways.append(_way(then, env, bool(ways)))
                break
            if type(truth) is Unknown:
                found = truths(truth)
                if True in found:
                    ways.append(_way(then, env, True))
                    if len(found) == 1:
                        break
        else:
            ways.append(_way(otherwise, env, bool(ways)))
        return ways[0] if len(ways) == 1 else join(ways)

    return evaluate


def _way(branch: Evaluate, env: Env, maybe: bool) -> Value:
    """One branch; where it is only one of several ways, recursion without end just says nothing about the value."""
    if not maybe:
        return branch(env)
    depth = env.run.depth
    try:
        return branch(env)
    except (DepthError, RecursionError):
        env.run.depth = depth
        return UNKNOWN


class _Undecided(Exception):
    """A domain that is not known; carries it."""

    def __init__(self, domain: Value) -> None:
        self.domain = domain


def _domain(node: t.Iterator, scope: Scope) -> Callable[[Env], Any]:
    """What an iterator runs over: an iterable, None when there is none, or an Unknown."""
    domain = compile_node(node.domain, scope)
    until = compile_node(node.until, scope) if node.until is not None else None

    def evaluate(env: Env) -> Any:
        found = domain(env)
        if until is not None:
            end = until(env)
            if type(found) is Unknown or type(end) is Unknown:
                return _spans(found, end, node, env)
            return _steps(found, end, node, env)
        kind = type(found)
        if kind is list:
            return found
        if kind is Range:
            return _range_steps(found, node, env)
        if found is None or kind is Unknown:
            return found
        return [found]

    return evaluate


def _steps(start: Value, end: Value, node: t.Node, env: Env) -> Any:
    """From start to end one by one (days for dates), upwards or downwards; made as they are asked for."""
    if type(start) is Decimal and type(end) is Decimal:
        if start != start.to_integral_value() or end != end.to_integral_value():
            return env.fail(node, "循环的两端要是整数")
        if max(abs(start), abs(end)) > FURTHEST:
            return env.fail(node, "循环的两端太大")
        first, last = int(start), int(end)
        step = 1 if first <= last else -1
        return _Steps(range(first, last + step, step), Decimal)
    if type(start) is Date and type(end) is Date:
        first, last = day_number(start), day_number(end)
        step = 1 if first <= last else -1
        return _Steps(range(first, last + step, step), date_of)
    return env.fail(node, "循环的两端要都是数或都是日期")


class _Steps:
    """Numbers or days one after the other, none of them made before its turn."""

    __slots__ = ("make", "numbers")

    def __init__(self, numbers: range, make: Callable[[int], Value]) -> None:
        self.numbers = numbers
        self.make = make

    def __iter__(self) -> Iterator[Value]:
        return map(self.make, self.numbers)


def _range_steps(found: Range, node: t.Node, env: Env) -> Any:
    if found.operator or found.low is None or found.high is None:
        return env.fail(node, "循环的区间没有两端")
    if type(found.low) is Unknown or type(found.high) is Unknown:
        return UNKNOWN
    steps = _steps(found.low, found.high, node, env)
    if not isinstance(steps, _Steps):
        return steps
    numbers = steps.numbers
    first = numbers.start + (0 if found.low_closed else 1)
    last = numbers.stop - 1 - (0 if found.high_closed else 1)
    return _Steps(range(first, last + 1), steps.make)


def _spans(start: Value, end: Value, node: t.Node, env: Env) -> Value:
    """A span whose ends are not known: one of few lists, or unknown."""
    starts, ends = possible_values(start), possible_values(end)
    if starts is None or ends is None or len(starts) * len(ends) > 16:
        return UNKNOWN
    lists: list[Value] = []
    for first in starts:
        for last in ends:
            steps = _steps(first, last, node, env)
            if steps is not None and abs(steps.numbers.stop - steps.numbers.start) > 10_000:
                return UNKNOWN
            lists.append(None if steps is None else list(steps))
    return choices(lists)


def _for(node: t.For, scope: Scope) -> Evaluate:
    partial = uses(node.result, "partial")
    inner = Scope({"partial": None}, parent=scope) if partial else scope
    domains, inner = _iterators(node.iterators, inner)
    result = compile_node(node.result, inner)

    def evaluate(env: Env) -> Value:
        results: list[Value] = []
        start = Env({"partial": []}, env) if partial else env

        def step(frame: Env) -> None:
            if partial:
                env.run.spend(len(results))
                start.values["partial"] = list(results)
            results.append(result(frame))

        try:
            missing = _iterate(domains, 0, start, step)
        except _Undecided as undecided:
            return _for_unknown(undecided.domain, env)
        env.run.made(results)
        return env.fail(node, "没有可循环的列表") if missing else results

    def _for_unknown(domain: Value, env: Env) -> Value:
        if len(domains) > 1 or partial:
            return UNKNOWN
        name = domains[0][0]
        possible = domain.possible
        if isinstance(possible, Sublist):
            return Unknown(Sublist(tuple(result(Env({name: item}, env)) for item in possible.items), possible.sure))
        if isinstance(possible, Interval) and not domain.or_null:
            return [result(Env({name: domain}, env))]
        ways = possible_values(domain, 16)
        if ways is None:
            return UNKNOWN
        return join([_for_way(way, name, env) for way in ways])

    def _for_way(way: Value, name: str, env: Env) -> Value:
        if way is None or type(way) is Range:
            return None if way is None else UNKNOWN
        return [result(Env({name: item}, env)) for item in (way if type(way) is list else [way])]

    return evaluate


def _iterators(nodes: Sequence[t.Iterator], scope: Scope) -> tuple[list[tuple[str, Callable[[Env], Any]]], Scope]:
    found: list[tuple[str, Callable[[Env], Any]]] = []
    for node in nodes:
        found.append((node.name, _domain(node, scope)))
        scope = Scope({node.name: None}, parent=scope)
    return found, scope


def _iterate(
    domains: Sequence[tuple[str, Callable[[Env], Any]]], place: int, env: Env, step: Callable[[Env], object]
) -> bool:
    """Run the step for every combination, the last iterator fastest; True when a domain was null. A step may stop it."""
    name, domain = domains[place]
    items = domain(env)
    if items is None:
        return True
    if type(items) is Unknown:
        raise _Undecided(items)
    last = place + 1 == len(domains)
    run = env.run
    for item in items:
        run.spend()
        frame = Env({name: item}, env)
        if last:
            step(frame)
        elif _iterate(domains, place + 1, frame, step):
            return True
    return False


class _Settled(Exception):
    """A quantifier whose answer no further item can change."""


def _quantified(node: t.Some | t.Every, scope: Scope) -> Evaluate:
    domains, inner = _iterators(node.iterators, scope)
    condition = compile_node(node.condition, inner)
    some = isinstance(node, t.Some)
    combine = disjunction if some else conjunction

    def evaluate(env: Env) -> Value:
        answer: Value = not some

        def step(frame: Env) -> None:
            nonlocal answer
            answer = combine(answer, condition(frame))
            if answer is some:
                raise _Settled

        try:
            missing = _iterate(domains, 0, env, step)
        except _Settled:
            return some
        except _Undecided as undecided:
            return _quantify_unknown(undecided.domain, env)
        return env.fail(node, "没有可循环的列表") if missing else answer

    def _quantify_unknown(domain: Value, env: Env) -> Value:
        if len(domains) > 1 or not isinstance(domain.possible, Sublist):
            return ANY_TRUTH
        name = domains[0][0]
        answer: Value = not some
        for item, sure in zip(domain.possible.items, domain.possible.sure, strict=True):
            truth = condition(Env({name: item}, env))
            answer = combine(answer, truth if sure else choices((*truths(truth), not some)))
        return answer

    return evaluate


NODES: dict[type, Handler] = {
    t.If: _if,
    t.For: _for,
    t.Some: _quantified,
    t.Every: _quantified,
}
