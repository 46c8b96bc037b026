"""List functions (DMN 10.3.4.4); sums, counts and extremes answer with unknowns as far as what is known settles them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from ..calls import call_function
from ..intervals import calculate
from ..known import add, compare, divide, equal, kind_of, multiply, number, same
from ..run import Run
from ..unknown import (
    FEW,
    UNKNOWN,
    Interval,
    Sublist,
    Unknown,
    as_interval,
    both,
    choices,
    either,
    equals,
    has_unknown,
    interval,
    join,
    truths,
)
from ..values import MATH, DaysDuration, FeelError, Function, Value, YearsDuration
from .define import define, number_unknown, whole


def terms(items: Value) -> tuple[list[Value], list[bool]] | None:
    """The items of a list and whether each is surely in it; None when the list itself is not known."""
    if type(items) is list:
        return items, [True] * len(items)
    if type(items) is Unknown and isinstance(items.possible, Sublist):
        return list(items.possible.items), list(items.possible.sure)
    if type(items) is Unknown:
        return None
    return [items], [True]


def count(items: Value) -> Value:
    found = terms(items)
    if found is None:
        return Unknown(Interval("number", Decimal(0), None), True)
    most, least = len(found[0]), sum(found[1])
    if most - least < FEW:
        return choices(Decimal(size) for size in range(least, most + 1))
    return interval("number", Decimal(least), Decimal(most), True, True, False)


def _fold(items: Value, what: str, step: Any, neutral: Decimal) -> Value:
    """Step through the items; an item that may be missing may also be the neutral one."""
    found = terms(items)
    if found is None:
        return UNKNOWN
    values, sure = found
    if not values:
        return None
    total: Value = None
    for place, value in enumerate(values):
        if not number_unknown(value) and not (type(value) is Unknown and value.possible is None):
            if not sure[place] or type(value) is Unknown:
                return UNKNOWN
            raise FeelError(f"{what} 的列表里有 {kind_of(value)}")
        part = value if sure[place] else join([value, neutral])
        total = part if place == 0 else step(total, part)
    return total if any(sure) else join([total, None])


def _plus(left: Value, right: Value) -> Value:
    if type(left) is Decimal and type(right) is Decimal:
        return number(MATH.add, left, right)
    return calculate("+", left, right)


def _times(left: Value, right: Value) -> Value:
    if type(left) is Decimal and type(right) is Decimal:
        return number(MATH.multiply, left, right)
    return calculate("*", left, right)


def total(items: Value) -> Value:
    if type(items) is list and items and type(items[0]) is not Decimal and not has_unknown(items):
        result = items[0]
        if kind_of(result) not in ("days and time duration", "years and months duration"):
            raise FeelError(f"sum 的列表里有 {kind_of(result)}")
        for item in items[1:]:
            if type(item) is not type(result):
                raise FeelError(f"sum 的列表里有 {kind_of(item)}")
            result = add(result, item)
        return result
    if type(items) is list and any(isinstance(item, DaysDuration | YearsDuration) for item in items):
        return UNKNOWN
    return _fold(items, "sum", _plus, Decimal(0))


def product(items: Value) -> Value:
    return _fold(items, "product", _times, Decimal(1))


def mean(items: Value) -> Value:
    if type(items) is list and not has_unknown(items):
        if not items:
            return None
        return divide(total(items), Decimal(len(items)))
    if type(items) is not list:
        return UNKNOWN
    sum_of = total(items)
    if sum_of is None:
        return None
    return calculate("/", sum_of, Decimal(len(items)))


def _extreme(items: Value, sign: int, what: str) -> Value:
    found = terms(items)
    if found is None:
        return UNKNOWN
    values, sure = found
    if not values:
        return None
    if all(sure) and not any(type(value) is Unknown for value in values):
        best = values[0]
        for value in values[1:]:
            if compare(value, best) * sign < 0:
                best = value
        compare(best, best)
        return best
    if not any(sure):
        return UNKNOWN
    # those surely in the list first, so that one which may be missing only widens the end it can reach
    ordered = sorted(range(len(values)), key=lambda place: not sure[place])
    result = values[ordered[0]]
    for place in ordered[1:]:
        chosen = _pick(result, values[place], sign)
        result = chosen if sure[place] else join([result, chosen])
    return result


def _pick(left: Value, right: Value, sign: int) -> Value:
    """The smaller (sign 1) or greater (sign -1) of two, of which one may be unknown."""
    a, b = as_interval(left), as_interval(right)
    if a is None or b is None or a[0].kind != b[0].kind or a[0].kind in ("time", "date and time"):
        return UNKNOWN
    (first, first_null), (second, second_null) = a, b
    if sign > 0:
        ends = _least(first.low, second.low, unbounded_wins=True), _least(first.high, second.high, unbounded_wins=False)
    else:
        ends = _most(first.low, second.low, unbounded_wins=False), _most(first.high, second.high, unbounded_wins=True)
    return interval(first.kind, ends[0], ends[1], True, True, first_null or second_null)


def _least(left: Value, right: Value, *, unbounded_wins: bool) -> Value:
    if left is None or right is None:
        return None if unbounded_wins else (right if left is None else left)
    return left if compare(left, right) <= 0 else right


def _most(left: Value, right: Value, *, unbounded_wins: bool) -> Value:
    if left is None or right is None:
        return None if unbounded_wins else (right if left is None else left)
    return left if compare(left, right) >= 0 else right


def minimum(items: Value) -> Value:
    return _extreme(items, 1, "min")


def maximum(items: Value) -> Value:
    return _extreme(items, -1, "max")


def every(items: Value) -> Value:
    return _all_of(items, both, True)


def some(items: Value) -> Value:
    return _all_of(items, either, False)


def _all_of(items: Value, step: Any, neutral: bool) -> Value:
    found = terms(items)
    if found is None:
        return choices((True, False, None))
    answer: Value = neutral
    wrong = False
    for value, sure in zip(*found, strict=True):
        wrong = wrong or not (value is None or isinstance(value, bool) or type(value) is Unknown)
        truth = choices(truths(value)) if sure else choices((*truths(value), neutral))
        answer = step(answer, truth)
    if wrong and answer is not (not neutral):
        if type(answer) is Unknown and (not neutral) in truths(answer):
            return choices((not neutral, None))
        raise FeelError("列表里不全是 true 或 false")
    return answer


def median(items: list[Value]) -> Value:
    if not items:
        return None
    _numbers(items, "median")
    ordered = sorted(items)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return divide(add(ordered[middle - 1], ordered[middle]), Decimal(2))


def stddev(items: list[Value]) -> Value:
    if len(items) < 2:
        raise FeelError("stddev 至少要两个数")
    _numbers(items, "stddev")
    average = divide(total(items), Decimal(len(items)))
    squares = Decimal(0)
    for item in items:
        distance = number(MATH.subtract, item, average)
        squares = number(MATH.add, squares, number(MATH.multiply, distance, distance))
    return number(MATH.sqrt, number(MATH.divide, squares, Decimal(len(items) - 1)))


def mode(items: list[Value]) -> Value:
    _numbers(items, "mode")
    counts: dict[Decimal, int] = {}
    for item in items:
        counts[item] = counts.get(item, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(item for item, times in counts.items() if times == most)


def _numbers(items: Sequence[Value], what: str) -> None:
    for item in items:
        if type(item) is not Decimal:
            raise FeelError(f"{what} 的列表里有 {kind_of(item)}")


def list_contains(items: Value, element: Value) -> Value:
    found = terms(items)
    if found is None:
        return choices((True, False, None))
    answer: Value = False
    for value, sure in zip(*found, strict=True):
        if value is element and value is not None and type(value) is not Unknown and sure:
            return True
        hit = _hit(value, element)
        answer = either(answer, hit if sure or hit is False else choices((*truths(hit), False)))
        if answer is True:
            return True
    return answer


def _hit(left: Value, right: Value) -> Value:
    """Equality where two of different kinds are just different."""
    try:
        return choices(bool(truth) for truth in truths(equals(left, right)))
    except FeelError:
        return False


def sublist(items: list[Value], start: Decimal, length: Decimal | None = None) -> Value:
    place = whole(start)
    if place == 0 or place < -len(items) or place > len(items):
        raise FeelError("sublist 的起点不在列表里")
    begin = place - 1 if place > 0 else len(items) + place
    if length is None:
        return items[begin:]
    size = whole(length)
    if size < 0 or begin + size > len(items):
        raise FeelError("sublist 超出列表")
    return items[begin : begin + size]


def append(items: list[Value], more: list[Value]) -> Value:
    return [*items, *more]


def concatenate(lists: list[Value]) -> Value:
    found: list[Value] = []
    for part in lists:
        if type(part) is Unknown:
            return UNKNOWN
        if part is None:
            raise FeelError("concatenate 的参数是 null")
        found.extend(part if type(part) is list else [part])
    return found


def insert_before(items: list[Value], position: Decimal, item: Value) -> Value:
    place = _place(items, position)
    return [*items[:place], item, *items[place:]]


def _place(items: list[Value], position: Decimal) -> int:
    place = whole(position)
    if place == 0 or abs(place) > len(items):
        raise FeelError("位置不在列表里")
    return place - 1 if place > 0 else len(items) + place


def remove(items: list[Value], position: Decimal) -> Value:
    place = _place(items, position)
    return items[:place] + items[place + 1 :]


def list_replace(state: Run, items: list[Value], match: Value, item: Value) -> Value:
    if isinstance(match, Decimal):
        place = _place(items, match)
        return [*items[:place], item, *items[place + 1 :]]
    if type(match) is Unknown:
        return UNKNOWN
    if len(match.parameters) != 2:
        raise FeelError("list replace 的条件要有两个参数")
    found: list[Value] = []
    for value in items:
        hit = call_function(match, state, [value, item])
        if type(hit) is Unknown:
            if None in truths(hit):
                return UNKNOWN
            found.append(join([item, value]))
        elif hit is True or hit is False:
            found.append(item if hit else value)
        else:
            raise FeelError("list replace 的条件不是 true 或 false")
    return found


def reverse(items: list[Value]) -> Value:
    return items[::-1]


def index_of(items: list[Value], match: Value) -> Value:
    return [Decimal(place) for place, item in enumerate(items, 1) if same(item, match)]


def distinct_values(state: Run, items: list[Value]) -> Value:
    seen: set[Value] = set()
    found: list[Value] = []
    for item in items:
        if isinstance(item, Decimal | str):
            if item not in seen:
                seen.add(item)
                found.append(item)
        else:
            state.spend(len(found))
            if not any(same(item, other) for other in found):
                found.append(item)
    return found


def union(state: Run, lists: list[Value]) -> Value:
    every = concatenate(lists)
    return every if type(every) is Unknown else distinct_values(state, every)


def flatten(items: Value) -> Value:
    found: list[Value] = []
    stack = [iter(items)]
    while stack:
        for item in stack[-1]:
            if type(item) is Unknown and not (isinstance(item.possible, Interval)):
                return UNKNOWN
            if type(item) is list:
                stack.append(iter(item))
                break
            found.append(item)
        else:
            stack.pop()
    return found


def sort(state: Run, items: list[Value], precedes: Value = None) -> Value:
    if any(type(item) is Unknown for item in items) or type(precedes) is Unknown:
        return UNKNOWN
    state.spend(len(items) * (len(items).bit_length() // 4))
    if precedes is None:
        return sorted(items, key=cmp_to_key(compare))
    if len(precedes.parameters) != 2:
        raise FeelError("sort 的比较函数要有两个参数")

    def order(left: Value, right: Value) -> int:
        if _before(call_function(precedes, state, [left, right])):
            return -1
        return 1 if _before(call_function(precedes, state, [right, left])) else 0

    try:
        return sorted(items, key=cmp_to_key(order))
    except _Undecided:
        return UNKNOWN


class _Undecided(Exception):
    """An order that depends on something unknown."""


def _before(answer: Value) -> bool:
    if type(answer) is Unknown:
        raise _Undecided
    return answer is True


FUNCTIONS: tuple[Function, ...] = (
    define("list contains", "list: list, element: any", list_contains, result="boolean", unknown="aware"),
    define("count", "list: list", count, result="number", unknown="aware"),
    define("min", "list: list", minimum, unknown="aware", variadic="list"),
    define("max", "list: list", maximum, unknown="aware", variadic="list"),
    define("sum", "list: list", total, unknown="aware", variadic="list"),
    define("product", "list: list", product, unknown="aware", variadic="list"),
    define("mean", "list: list", mean, unknown="aware", variadic="list"),
    define("median", "list: list", median, result="number", variadic="list"),
    define("stddev", "list: list", stddev, result="number", variadic="list"),
    define("mode", "list: list", mode, variadic="list"),
    define("all", "list: list", every, result="boolean", unknown="aware", variadic="list"),
    define("and", "list: list", every, result="boolean", unknown="aware", variadic="list"),
    define("any", "list: list", some, result="boolean", unknown="aware", variadic="list"),
    define("or", "list: list", some, result="boolean", unknown="aware", variadic="list"),
    define("sublist", "list: list, start position: number, [length: number?]", sublist, unknown="shallow"),
    define("append", "list: list, item: list", append, unknown="shallow", variadic="rest"),
    define("concatenate", "list: list", concatenate, unknown="shallow", variadic="rest"),
    define("insert before", "list: list, position: number, newItem: any", insert_before, unknown="shallow"),
    define("remove", "list: list, position: number", remove, unknown="shallow"),
    define("reverse", "list: list", reverse, unknown="shallow"),
    define("index of", "list: list, match: any", index_of),
    define("union", "list: list", union, variadic="rest", run=True),
    define("distinct values", "list: list", distinct_values, run=True),
    define("flatten", "list: list", flatten, unknown="shallow"),
    define("sort", "list: list, [precedes: function]", sort, unknown="shallow", run=True),
    define("list replace", "list: list, position: number, newItem: any", list_replace, unknown="shallow", run=True),
    define("list replace", "list: list, match: function, newItem: any", list_replace, unknown="shallow", run=True),
)
__all__ = ["FUNCTIONS", "equal", "multiply"]
