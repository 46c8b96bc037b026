"""The interpreter: a tree becomes a Python closure, once; calling the closure with an Env gives the value.

Each closure first tries what known values of the usual kinds need; unknown and errors go the long way. A failed
evaluation is null; `env.fail` notes why only when somebody collects diagnostics.
"""

from __future__ import annotations

import operator as python
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from . import known
from . import tree as t
from .builtins import BUILTINS
from .calls import call_function, call_named, enter
from .conform import coerce, is_instance, without_allowed
from .java import external_function
from .known import kind_of
from .literals import literal_value
from .members import member
from .run import DepthError, Env, LimitError, Run, Scope
from .temporal import date_of, day_number
from .types import Constrained, ContextOf, FunctionOf, ListOf, Named, RangeOf, Simple, Type
from .unknown import (
    ANY_TRUTH,
    UNKNOWN,
    Choices,
    Interval,
    Sublist,
    Unknown,
    both,
    calculate,
    choices,
    either,
    equals,
    has_unknown,
    inside,
    join,
    negation,
    opposite,
    possible_values,
    relates,
    truths,
)
from .values import MATH, Date, FeelError, Function, Range, Value

Evaluate = Callable[[Env], Value]
Test = Callable[[Env, Value], Value]


def compile_expression(node: t.Node, scope: Scope | None = None) -> Evaluate:
    """A closure that evaluates the expression; names are found as the scope nests them (see Env)."""
    return _guarded(_compile(node, scope or Scope()))


def compile_tests(node: t.Node, scope: Scope | None = None) -> Test:
    """A closure that says whether unary tests hold for a value: True, False, None or unknown of these."""
    if not isinstance(node, t.UnaryTests):
        node = t.UnaryTests((t.ValueTest(node, span=node.span),), span=node.span)
    try:
        run = _tests(node, scope or Scope())
    except RecursionError as problem:
        raise DepthError("表达式嵌套太深", "请拆成几个决策") from problem

    def holds(env: Env, value: Value) -> Value:
        try:
            return run(env, value)
        except RecursionError as problem:
            raise DepthError("计算嵌套太深") from problem

    return holds


def _guarded(run: Evaluate) -> Evaluate:
    def evaluate(env: Env) -> Value:
        try:
            return run(env)
        except RecursionError as problem:
            raise DepthError("计算嵌套太深") from problem

    return evaluate


def _compile(node: t.Node, scope: Scope) -> Evaluate:
    try:
        return _COMPILERS[type(node)](node, scope)
    except RecursionError as problem:
        raise DepthError("表达式嵌套太深", "请拆成几个决策") from problem


def uses(node: t.Node, name: str) -> bool:
    """Whether the name stands anywhere in the tree."""
    return any(isinstance(part, t.Name) and part.name == name for part in t.walk(node))


# --- literals -------------------------------------------------------------------------------------------------------


def _constant(value: Value) -> Evaluate:
    return lambda env: value


def _literal(node: Any, scope: Scope) -> Evaluate:
    return _constant(node.value)


def _null(node: t.NullLiteral, scope: Scope) -> Evaluate:
    return _constant(None)


def _at(node: t.AtLiteral, scope: Scope) -> Evaluate:
    try:
        return _constant(literal_value(node))
    except FeelError as problem:
        why = str(problem)

        def fail(env: Env) -> Value:
            return env.fail(node, why)

        return fail


def _list(node: t.ListLiteral, scope: Scope) -> Evaluate:
    items = [_compile(item, scope) for item in node.items]
    return lambda env: [item(env) for item in items]


def _context(node: t.ContextLiteral, scope: Scope) -> Evaluate:
    keys = [entry.key for entry in node.entries]
    repeated = next((key for place, key in enumerate(keys) if key in keys[:place]), None)
    if repeated is not None:

        def fail(env: Env) -> Value:
            return env.fail(node, f"条目 {repeated} 出现两次")

        return fail
    if node.apart:
        alone = [(entry.key, _compile(entry.value, scope)) for entry in node.entries]
        return lambda env: {key: value(env) for key, value in alone}
    entries: list[tuple[str, Evaluate]] = []
    for place, entry in enumerate(node.entries):
        entries.append((entry.key, _compile(entry.value, Scope(dict.fromkeys(keys[:place]), parent=scope))))

    def evaluate(env: Env) -> Value:
        values: dict[str, Value] = {}
        local = Env(values, env)
        for key, value in entries:
            values[key] = value(local)
        return values

    return evaluate


def _range(node: t.RangeLiteral, scope: Scope) -> Evaluate:
    low = _compile(node.low, scope) if node.low is not None else _constant(None)
    high = _compile(node.high, scope) if node.high is not None else _constant(None)

    def evaluate(env: Env) -> Value:
        a, b = low(env), high(env)
        if type(a) is not Unknown and type(b) is not Unknown:
            try:
                if a is None or b is None:
                    known.compare(b if a is None else a, b if a is None else a)
                elif known.compare(a, b) > 0:
                    return env.fail(node, "区间的低端大于高端")
            except FeelError as problem:
                return env.fail(node, str(problem))
        return Range(a, b, node.low_closed, node.high_closed)

    return evaluate


def _unary_range(node: t.UnaryRange, scope: Scope) -> Evaluate:
    value = _compile(node.value, scope)
    operator = node.operator

    def evaluate(env: Env) -> Value:
        end = value(env)
        if operator in ("<", "<="):
            return Range(None, end, False, operator == "<=", operator)
        if operator in (">", ">="):
            return Range(end, None, operator == ">=", False, operator)
        return Range(end, end, operator == "=", operator == "=", operator)

    return evaluate


def _function(node: t.FunctionLiteral, scope: Scope) -> Evaluate:
    names = tuple(parameter.name for parameter in node.parameters)
    kinds = tuple(resolve_type(parameter.type, scope) for parameter in node.parameters)
    if node.external:
        return _external(node, scope, names, kinds)
    body = _compile(node.body, Scope(dict.fromkeys(names), parent=scope))
    return lambda env: make_function("function", names, body, env, kinds)


def make_function(
    name: str,
    names: Sequence[str],
    body: Evaluate,
    env: Env,
    kinds: Sequence[Type | None] = (),
    result: Type | None = None,
) -> Function:
    """A FEEL function of these parameters whose body runs inside `env`; arguments are converted to their types."""
    count = len(names)
    typed = any(kind is not None for kind in kinds)

    def call(run: Run, arguments: Sequence[Value]) -> Value:
        if len(arguments) != count:
            raise FeelError(f"{name} 要 {count} 个参数，给了 {len(arguments)} 个")
        if typed:
            arguments = [coerce(value, kind) for value, kind in zip(arguments, kinds, strict=True)]
        enter(run)
        value = body(Env(dict(zip(names, arguments, strict=True)), env, run))
        run.depth -= 1
        return value if result is None else coerce(value, result)

    return Function(name, tuple(names), call, tuple(kinds), result)


def _external(
    node: t.FunctionLiteral, scope: Scope, names: tuple[str, ...], kinds: tuple[Type | None, ...]
) -> Evaluate:
    body = _compile(node.body, scope)

    def evaluate(env: Env) -> Value:
        try:
            return external_function(names, body(env), kinds)
        except FeelError as problem:
            return env.fail(node, str(problem))

    return evaluate


# --- names ----------------------------------------------------------------------------------------------------------


def _name(node: t.Name, scope: Scope) -> Evaluate:
    name = node.name
    depth = 0
    filters: list[int] = []
    level: Scope | None = scope
    found: int | None = None
    while level is not None:
        if name in level.names:
            found = depth
            break
        if level.item:
            filters.append(depth)
        depth += 1
        level = level.parent
    outside = _at_depth(node, name, found) if found is not None else _elsewhere(node, name)
    if not filters:
        return outside

    def look(env: Env) -> Value:
        step = 0
        frame: Env | None = env
        for place in filters:
            while step < place and frame is not None:
                frame, step = frame.parent, step + 1
            if frame is None:
                break
            if name in frame.values:
                return frame.values[name]
            if type(frame.values.get("item")) is Unknown and not isinstance(frame.values["item"].possible, Interval):
                return UNKNOWN
        return outside(env)

    return look


def _at_depth(node: t.Name, name: str, depth: int) -> Evaluate:
    """The value in the frame so many levels out."""
    if depth == 0:

        def here(env: Env) -> Value:
            try:
                return env.values[name]
            except KeyError:
                return _missing(node, name, env)

        return here
    if depth == 1:

        def above(env: Env) -> Value:
            try:
                return env.parent.values[name]  # type: ignore[union-attr]
            except KeyError:
                return _missing(node, name, env)

        return above

    def further(env: Env) -> Value:
        frame: Any = env
        for _ in range(depth):
            frame = frame.parent
        try:
            return frame.values[name]
        except KeyError:
            return _missing(node, name, env)

    return further


def _missing(node: t.Name, name: str, env: Env) -> Value:
    """A name the scope promised but this frame lacks: further out, or null."""
    try:
        return env.find(name)
    except KeyError:
        return env.fail(node, f"没有 {name}")


def _elsewhere(node: t.Name, name: str) -> Evaluate:
    """A name the scope does not have: a built-in, or whatever the environment brings along."""
    builtin = BUILTINS.get(name)

    def look(env: Env) -> Value:
        try:
            return env.find(name)
        except KeyError:
            return builtin if builtin is not None else env.fail(node, f"没有 {name}")

    return look


def _path(node: t.Path, scope: Scope) -> Evaluate:
    value = _compile(node.value, scope)
    name = node.name

    def evaluate(env: Env) -> Value:
        found = value(env)
        if type(found) is dict and name in found:
            return found[name]
        try:
            return member(found, name)
        except FeelError as problem:
            return env.fail(node, str(problem))

    return evaluate


# --- filters --------------------------------------------------------------------------------------------------------

_BOOLEAN_NODES = (t.Comparison, t.Between, t.In, t.InstanceOf, t.And, t.Or, t.Some, t.Every, t.BooleanLiteral)


def _filter(node: t.Filter, scope: Scope) -> Evaluate:
    value = _compile(node.value, scope)
    condition = _compile(node.condition, Scope({"item": None}, parent=scope, item=True))
    boolean = isinstance(node.condition, _BOOLEAN_NODES)
    index = node.condition.value if isinstance(node.condition, t.NumberLiteral) else None

    def evaluate(env: Env) -> Value:
        found = value(env)
        if found is None:
            found = [] if index is None else [None]
            if index is None and not boolean:
                found = [None]
        if type(found) is Unknown:
            return _filter_unknown(found, lambda items: select(env, items), env)
        return select(env, found if type(found) is list else [found])

    strict = node.boolean

    def select(env: Env, items: list[Value]) -> Value:
        if index is not None and not strict:
            return _nth(items, index, node, env)
        results: list[Value] = []
        sure: list[bool] = []
        run = env.run
        for place, item in enumerate(items):
            run.spend()
            truth = _for_item(condition, item, env)
            if truth is True:
                results.append(item)
                sure.append(True)
                continue
            if truth is False:
                continue
            if strict and truth is not None:
                if type(truth) is not Unknown:
                    return env.fail(node, "筛选条件不是真假")
                if not _only_truths(truth):
                    return UNKNOWN
            elif place == 0 and not boolean:
                if type(truth) is Decimal:
                    return _nth(items, truth, node, env)
                if type(truth) is Unknown and not _only_truths(truth):
                    return _positions(items, truth, node, env)
            if type(truth) is Unknown and True in truths(truth):
                results.append(item)
                sure.append(False)
        if not items and not boolean and not strict:
            position = condition(Env({"item": None}, env))
            if type(position) is Decimal:
                return None
            if type(position) is Unknown and not _only_truths(position):
                return choices(([], None))
        return results if all(sure) else Unknown(Sublist(tuple(results), tuple(sure)))

    return evaluate


def _for_item(condition: Evaluate, item: Value, env: Env) -> Value:
    """The condition for one item, whose entries are names in it; an item that may be several is tried as each."""
    if type(item) is Unknown and isinstance(item.possible, Choices):
        return join([_for_item(condition, option, env) for option in item.possible.values])
    values = {"item": item, **item} if type(item) is dict else {"item": item}
    return condition(Env(values, env))


def _only_truths(value: Unknown) -> bool:
    return isinstance(value.possible, Choices) and all(
        item is None or isinstance(item, bool) for item in value.possible.values
    )


def _nth(items: list[Value], index: Decimal, node: t.Node, env: Env) -> Value:
    if index != index.to_integral_value() or not 1 <= abs(index) <= len(items):
        return env.fail(node, "位置不在列表里")
    place = int(index)
    return items[place - 1] if place > 0 else items[place]


def _positions(items: list[Value], index: Unknown, node: t.Node, env: Env) -> Value:
    """By a position that is not known: any item it can point to."""
    ways = possible_values(index)
    if ways is not None and all(type(way) is Decimal for way in ways):
        return join([_nth(items, way, node, env) for way in ways])
    return UNKNOWN


def _filter_unknown(found: Unknown, select: Callable[[list[Value]], Value], env: Env) -> Value:
    possible = found.possible
    if isinstance(possible, Choices):
        return join(
            [select(item if type(item) is list else [] if item is None else [item]) for item in possible.values]
        )
    if isinstance(possible, Sublist):
        kept = select(list(possible.items)) if all(possible.sure) else None
        if kept is not None:
            return kept
        ways = possible_values(found)
        return UNKNOWN if ways is None else join([select(way) for way in ways])
    if isinstance(possible, Interval) and not found.or_null:
        return select([found])
    return UNKNOWN


# --- calls ----------------------------------------------------------------------------------------------------------


def _call(node: t.Call, scope: Scope) -> Evaluate:
    function = _compile(node.function, scope)
    arguments = [_compile(argument, scope) for argument in node.arguments]

    def evaluate(env: Env) -> Value:
        callee = function(env)
        if type(callee) is not Function:
            return _no_function(callee, node, env)
        try:
            return call_function(callee, env.run, [argument(env) for argument in arguments])
        except FeelError as problem:
            return env.fail(node, str(problem))

    builtin = _builtin(node.function, scope)
    if builtin is None:
        return evaluate
    direct: Function = builtin
    if direct.overloads:

        def overloaded(env: Env) -> Value:
            try:
                return call_function(direct, env.run, [argument(env) for argument in arguments])
            except FeelError as problem:
                return env.fail(node, str(problem))

        return overloaded
    call = direct.call

    def call_builtin(env: Env) -> Value:
        try:
            return call(env.run, [argument(env) for argument in arguments])
        except FeelError as problem:
            return env.fail(node, str(problem))

    return call_builtin


def _builtin(node: t.Node, scope: Scope) -> Function | None:
    """The built-in a name surely means: nothing in scope, no entry of a filtered item, can be called so."""
    if not isinstance(node, t.Name) or node.name not in BUILTINS:
        return None
    level: Scope | None = scope
    while level is not None:
        if node.name in level.names or level.item:
            return None
        level = level.parent
    return BUILTINS[node.name]


def _no_function(callee: Value, node: t.Node, env: Env) -> Value:
    if type(callee) is Unknown:
        return UNKNOWN
    return env.fail(node, f"{kind_of(callee)} 不是函数")


def _named_call(node: t.NamedCall, scope: Scope) -> Evaluate:
    function = _compile(node.function, scope)
    arguments = [(name, _compile(argument, scope)) for name, argument in node.arguments]

    def evaluate(env: Env) -> Value:
        callee = function(env)
        if type(callee) is not Function:
            return _no_function(callee, node, env)
        try:
            return call_named(callee, env.run, {name: argument(env) for name, argument in arguments})
        except FeelError as problem:
            return env.fail(node, str(problem))

    return evaluate


# --- operators ------------------------------------------------------------------------------------------------------


def _negate(node: t.Negate, scope: Scope) -> Evaluate:
    operand = _compile(node.operand, scope)

    def evaluate(env: Env) -> Value:
        value = operand(env)
        if type(value) is Unknown:
            return opposite(value)
        try:
            return known.negate(value)
        except FeelError as problem:
            return env.fail(node, str(problem))

    if isinstance(node.operand, t.NumberLiteral):
        return _constant(known.negate(node.operand.value))
    return evaluate


_DECIMAL = {"+": MATH.add, "-": MATH.subtract, "*": MATH.multiply}


def _arithmetic(node: t.Arithmetic, scope: Scope) -> Evaluate:
    left, right = _compile(node.left, scope), _compile(node.right, scope)
    sign = node.operator
    general = known.ARITHMETIC[sign]

    def slowly(env: Env, a: Value, b: Value) -> Value:
        try:
            if type(a) is Unknown or type(b) is Unknown:
                return calculate(sign, a, b)
            return general(a, b)
        except FeelError as problem:
            return env.fail(node, str(problem))

    quick = _DECIMAL.get(sign)
    if quick is None:
        return lambda env: slowly(env, left(env), right(env))

    def evaluate(env: Env) -> Value:
        a, b = left(env), right(env)
        if type(a) is Decimal and type(b) is Decimal:
            try:
                return quick(a, b)
            except ArithmeticError:
                return env.fail(node, "数太大")
        return slowly(env, a, b)

    return evaluate


_RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": python.lt,
    "<=": python.le,
    ">": python.gt,
    ">=": python.ge,
    "=": python.eq,
    "!=": python.ne,
}


def _comparison(node: t.Comparison, scope: Scope) -> Evaluate:
    left, right = _compile(node.left, scope), _compile(node.right, scope)
    sign = node.operator
    quick = _RELATIONS[sign]

    def evaluate(env: Env) -> Value:
        a, b = left(env), right(env)
        kind = type(a)
        if kind is type(b) and (kind is Decimal or kind is str):
            return quick(a, b)
        return relate(node, sign, a, b, env)

    return evaluate


def relate(node: t.Node, sign: str, a: Value, b: Value, env: Env) -> Value:
    """One comparison on any values; null when they cannot be compared."""
    try:
        if type(a) is Unknown or type(b) is Unknown or has_unknown(a) or has_unknown(b):
            return relates(sign, a, b)
        return known.relate(sign, a, b)
    except FeelError as problem:
        return env.fail(node, str(problem))


def _between(node: t.Between, scope: Scope) -> Evaluate:
    value, low, high = _compile(node.value, scope), _compile(node.low, scope), _compile(node.high, scope)

    def evaluate(env: Env) -> Value:
        found = value(env)
        above = relate(node, ">=", found, low(env), env)
        below = relate(node, "<=", found, high(env), env)
        return conjunction(above, below)

    return evaluate


def conjunction(a: Value, b: Value) -> Value:
    """`a and b`"""
    if a is False or b is False:
        return False
    if a is True and b is True:
        return True
    return both(a, b) if type(a) is Unknown or type(b) is Unknown else None


def disjunction(a: Value, b: Value) -> Value:
    """`a or b`"""
    if a is True or b is True:
        return True
    if a is False and b is False:
        return False
    return either(a, b) if type(a) is Unknown or type(b) is Unknown else None


def _operands(node: t.Node, kind: type) -> list[t.Node]:
    """The parts of a chain of one operator, left to right, however long."""
    parts: list[t.Node] = []
    while isinstance(node, kind):
        parts.append(node.right)  # type: ignore[attr-defined]
        node = node.left  # type: ignore[attr-defined]
    parts.append(node)
    return parts[::-1]


def _and(node: t.And, scope: Scope) -> Evaluate:
    parts = [_compile(part, scope) for part in _operands(node, t.And)]

    def evaluate(env: Env) -> Value:
        answer: Value = True
        for part in parts:
            value = part(env)
            if value is False:
                return False
            if value is not True or answer is not True:
                answer = conjunction(answer, value)
        return answer

    return evaluate


def _or(node: t.Or, scope: Scope) -> Evaluate:
    parts = [_compile(part, scope) for part in _operands(node, t.Or)]

    def evaluate(env: Env) -> Value:
        answer: Value = False
        for part in parts:
            value = part(env)
            if value is True:
                return True
            if value is not False or answer is not False:
                answer = disjunction(answer, value)
        return answer

    return evaluate


def _instance_of(node: t.InstanceOf, scope: Scope) -> Evaluate:
    value = _compile(node.value, scope)
    kind = without_allowed(resolve_type(node.type, scope))
    assert kind is not None

    def evaluate(env: Env) -> Value:
        try:
            return is_instance(value(env), kind)
        except FeelError as problem:
            return env.fail(node, str(problem))

    return evaluate


def resolve_type(kind: Type | None, scope: Scope) -> Type | None:
    """The type with item definitions in place of their names, as far as the scope knows them."""
    match kind:
        case Named():
            return scope.named_type(kind.name) or kind
        case ListOf():
            return ListOf(resolve_type(kind.item, scope) or kind.item)
        case RangeOf():
            return RangeOf(resolve_type(kind.item, scope) or kind.item)
        case ContextOf():
            return ContextOf(tuple((name, resolve_type(field, scope) or field) for name, field in kind.fields))
        case FunctionOf():
            parameters = tuple(resolve_type(parameter, scope) or parameter for parameter in kind.parameters)
            return FunctionOf(parameters, resolve_type(kind.result, scope) or kind.result)
        case Constrained() | _:
            return kind


# --- control --------------------------------------------------------------------------------------------------------


def _if(node: t.If, scope: Scope) -> Evaluate:
    arms: list[tuple[Evaluate, Evaluate]] = []
    rest: t.Node = node
    while isinstance(rest, t.If):
        arms.append((_compile(rest.condition, scope), _compile(rest.then, scope)))
        rest = rest.otherwise
    otherwise = _compile(rest, scope)

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
    domain = _compile(node.domain, scope)
    until = _compile(node.until, scope) if node.until is not None else None

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
            if steps is not None and len(steps.numbers) > 10_000:
                return UNKNOWN
            lists.append(None if steps is None else list(steps))
    return choices(lists)


def _for(node: t.For, scope: Scope) -> Evaluate:
    partial = uses(node.result, "partial")
    inner = Scope({"partial": None}, parent=scope) if partial else scope
    domains, inner = _iterators(node.iterators, inner)
    result = _compile(node.result, inner)

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
    condition = _compile(node.condition, inner)
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


# --- unary tests ----------------------------------------------------------------------------------------------------


def _tests(node: t.UnaryTests, scope: Scope) -> Test:
    tests = [_test(test, scope) for test in node.tests]
    negated = node.negated
    if len(tests) == 1 and not negated:
        return tests[0]

    def holds(env: Env, value: Value) -> Value:
        if type(value) is Unknown and isinstance(value.possible, Choices):
            return join([holds(env, option) for option in value.possible.values])
        answer: Value = False
        for test in tests:
            answer = disjunction(answer, test(env, value))
            if answer is True:
                break
        return negation(answer) if negated else answer

    return holds


def _test(node: t.Node, scope: Scope) -> Test:
    if isinstance(node, t.AnyTest):
        return lambda env, value: True
    if isinstance(node, t.CompareTest):
        return _compare_test(node, scope)
    inner = node.value if isinstance(node, t.ValueTest) else node
    if uses(inner, "?"):
        about = _compile(inner, Scope({"?": None}, parent=scope))

        def hold(env: Env, value: Value) -> Value:
            found = about(Env({"?": value}, env))
            if found is True or found is False or found is None:
                return found
            return contains(found, value, node, env)

        return hold
    expression = _compile(inner, scope)
    return lambda env, value: contains(expression(env), value, node, env)


def _compare_test(node: t.CompareTest, scope: Scope) -> Test:
    inner = node.value
    sign = node.operator
    quick = _RELATIONS[sign]
    if uses(inner, "?"):
        about = _compile(inner, Scope({"?": None}, parent=scope))
        return lambda env, value: relate(node, sign, value, about(Env({"?": value}, env)), env)
    end = _compile(inner, scope)

    def holds(env: Env, value: Value) -> Value:
        found = end(env)
        kind = type(value)
        if kind is type(found) and (kind is Decimal or kind is str):
            return quick(value, found)
        return relate(node, sign, value, found, env)

    return holds


def contains(found: Value, value: Value, node: t.Node, env: Env) -> Value:
    """Whether a test that came out as `found` holds for the value."""
    kind = type(found)
    try:
        if kind is Range:
            return inside(value, found) if has_unknown(value) or has_unknown(found) else known.in_range(value, found)
        if kind is list:
            return _among(found, value)
        if kind is Unknown:
            return _contained(found, value, node, env)
        if kind is bool and type(value) is not bool and type(value) is not Unknown:
            return found
        if has_unknown(value) or has_unknown(found):
            return equals(value, found)
        return known.equal(value, found)
    except FeelError as problem:
        return env.fail(node, str(problem))


def _contained(found: Unknown, value: Value, node: t.Node, env: Env) -> Value:
    if isinstance(found.possible, Interval):
        return equals(value, found)
    ways = possible_values(found)
    return ANY_TRUTH if ways is None else join([contains(way, value, node, env) for way in ways])


def _among(items: list[Value], value: Value) -> Value:
    answer: Value = False
    for item in items:
        try:
            truth = inside(value, item) if type(item) is Range else equals(value, item)
        except FeelError:
            truth = False
        answer = disjunction(answer, False if truth is None else truth)
        if answer is True:
            return True
    if type(value) is Unknown and isinstance(value.possible, Choices):
        return join([_among(items, option) for option in value.possible.values])
    if type(value) is Unknown and not isinstance(value.possible, Interval):
        return disjunction(answer, ANY_TRUTH)
    if type(value) is list:
        try:
            answer = disjunction(answer, equals(value, items))
        except FeelError:
            return answer
    return answer


def _in(node: t.In, scope: Scope) -> Evaluate:
    value = _compile(node.value, scope)
    tests = [_test(test, scope) for test in node.tests]

    def among(env: Env, found: Value) -> Value:
        if type(found) is Unknown and isinstance(found.possible, Choices):
            return join([among(env, option) for option in found.possible.values])
        answer: Value = False
        for test in tests:
            answer = disjunction(answer, test(env, found))
            if answer is True:
                return True
        return answer

    return lambda env: among(env, value(env))


def _test_alone(node: t.Node, scope: Scope) -> Evaluate:
    """Unary tests used as an expression: about `?` in scope."""
    tests = _tests(node, scope) if isinstance(node, t.UnaryTests) else _test(node, scope)
    subject = _name(t.Name("?"), scope)
    return lambda env: tests(env, subject(env))


# --- what boxed expressions add -------------------------------------------------------------------------------------


_PYTHON: dict[str, type] = {"number": Decimal, "string": str, "boolean": bool, "date": Date}


def _typed(node: t.Typed, scope: Scope) -> Evaluate:
    value = _compile(node.value, scope)
    kind = resolve_type(node.type, scope)
    usual = _PYTHON.get(str(kind)) if isinstance(kind, Simple) else None

    def evaluate(env: Env) -> Value:
        found = value(env)
        if found is None or type(found) is usual:
            return found
        try:
            return coerce(found, kind)
        except FeelError as problem:
            return env.fail(node, str(problem))

    return evaluate


def _let(node: t.Let, scope: Scope) -> Evaluate:
    keys = [entry.key for entry in node.entries]
    entries: list[tuple[str, Evaluate]] = []
    for place, entry in enumerate(node.entries):
        entries.append((entry.key, _compile(entry.value, Scope(dict.fromkeys(keys[:place]), parent=scope))))
    result = _compile(node.result, Scope(dict.fromkeys(keys), parent=scope))

    def evaluate(env: Env) -> Value:
        values: dict[str, Value] = {}
        local = Env(values, env)
        for key, value in entries:
            values[key] = value(local)
        return result(local)

    return evaluate


def _native(node: t.Native, scope: Scope) -> Evaluate:
    return node.run


_COMPILERS: dict[type, Callable[[Any, Scope], Evaluate]] = {
    t.NumberLiteral: _literal,
    t.StringLiteral: _literal,
    t.BooleanLiteral: _literal,
    t.NullLiteral: _null,
    t.AtLiteral: _at,
    t.ListLiteral: _list,
    t.ContextLiteral: _context,
    t.RangeLiteral: _range,
    t.UnaryRange: _unary_range,
    t.FunctionLiteral: _function,
    t.Name: _name,
    t.Path: _path,
    t.Filter: _filter,
    t.Call: _call,
    t.NamedCall: _named_call,
    t.Negate: _negate,
    t.Arithmetic: _arithmetic,
    t.Comparison: _comparison,
    t.Between: _between,
    t.In: _in,
    t.InstanceOf: _instance_of,
    t.And: _and,
    t.Or: _or,
    t.If: _if,
    t.For: _for,
    t.Some: _quantified,
    t.Every: _quantified,
    t.UnaryTests: _test_alone,
    t.AnyTest: _test_alone,
    t.CompareTest: _test_alone,
    t.ValueTest: _test_alone,
    t.Typed: _typed,
    t.Let: _let,
    t.Native: _native,
}

__all__ = [
    "LimitError",
    "compile_expression",
    "compile_tests",
    "conjunction",
    "contains",
    "disjunction",
    "make_function",
    "relate",
    "resolve_type",
    "uses",
]
