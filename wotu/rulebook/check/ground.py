"""Trying a rule out: what its pieces can be with nothing known, which values of an input matter, inputs that bring something about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from itertools import islice, product
from random import Random
from typing import Any

from ..documents import write_json
from ..feel import Env, FeelError, Run, has_unknown
from ..feel import tree as t
from ..feel.known import ORDERED, add, kind_of, multiply, same, subtract
from ..feel.literals import literal_value
from ..feel.values import Date, DaysDuration, Value, YearsDuration
from ..findings import RulebookError
from ..plain import plain
from ..rulebook import Null, Rulebook
from .axes import Cuts, cuts_of, parts_of

TRIES = 3000
"""So many sets of inputs are tried for one example."""


class Ground:
    """One rulebook to be tried with inputs."""

    def __init__(self, book: Rulebook) -> None:
        self.book = book
        self.bases = {info.name: info.base for info in book.inputs}
        self.units = {info.name: info.unit for info in book.inputs} | {info.name: info.unit for info in book.decisions}

    @cached_property
    def open(self) -> Mapping[str, Value]:
        """What every decision can be while nothing is known."""
        try:
            return self.book.evaluate({}).values
        except RulebookError:
            return {}

    def env(self, decision: str, inputs: Mapping[str, Any], null: Null = "feel") -> Env | None:
        """The names of a decision's logic for these inputs; None when the rule refuses them."""
        book = self.book
        needs = book.needs(decision)
        lower = [name for source, name in needs.values() if source == "decision"]
        try:
            given = book.input_values(inputs, null=null)
            values: Mapping[str, Value] = book.evaluate(inputs, lower, null=null).values if lower else {}
        except RulebookError:
            return None
        logic = book.logic[decision]
        names = dict(logic.constants)
        for local, (source, name) in needs.items():
            value = given.get(name) if source == "input" else values.get(name)
            _put(names, local.split(".") if "." in local else [local], value)
        return Env(names, run=Run())

    def reads(self, decision: str, names: Iterable[str] | None = None) -> tuple[str, ...]:
        """The inputs that the decision (or these names of its logic) stands on, through other decisions too."""
        needs = self.book.needs(decision)
        todo = [needs[name] for name in (needs if names is None else names) if name in needs]
        found: dict[str, None] = {}
        seen: set[str] = set()
        while todo:
            source, name = todo.pop(0)
            if source == "input":
                found[name] = None
            elif name not in seen and name in self.book.logic:
                seen.add(name)
                todo += self.book.needs(name).values()
        return tuple(found)

    @cached_property
    def critical(self) -> Mapping[str, tuple[Value, ...]]:
        """For each input: a value at, below and above everything the rule compares it with."""
        cuts: dict[str, Cuts] = {info.name: Cuts() for info in self.book.inputs}
        beside: dict[str, list[Value]] = {info.name: [] for info in self.book.inputs}
        for decision in self.book.logic:
            for node, found in measures(self.book, decision):
                used = {part.name for part in t.walk(node) if isinstance(part, t.Name)}
                needs = self.book.needs(decision)
                if isinstance(node, t.Name):
                    source, name = needs.get(node.name, ("", ""))
                    if source == "input":
                        cuts[name] += found
                        continue
                for name in self.reads(decision, used):
                    beside[name] += found.points
        values: dict[str, tuple[Value, ...]] = {}
        for info in self.book.inputs:
            parts = parts_of(info.allowed, cuts[info.name])
            near = _near(info.base, beside[info.name])
            usual = [*info.suggest] if info.base == "string" else []
            every = [*(part.sample for part in parts), *usual, *near]
            values[info.name] = tuple(distinct(value for value in every if self.takes(info.name, value)))
        return values

    def takes(self, name: str, value: Value) -> bool:
        """Whether the rule takes the value for that input."""
        if value is None or has_unknown(value):
            return False
        try:
            self.book.input_values({name: value})
        except RulebookError:
            return False
        return True

    def search(
        self, decision: str, names: Sequence[str], wanted: Callable[[Env], bool], more: Mapping[str, Sequence[Value]]
    ) -> dict[str, Value] | None:
        """Values of the inputs for which the decision's names are as wanted; `more` are values worth trying first."""
        options = [tuple(distinct([*more.get(name, ()), *self.critical.get(name, ())])) or (None,) for name in names]
        for values in sets_of(options, TRIES):
            inputs = {name: value for name, value in zip(names, values, strict=True) if value is not None}
            env = self.env(decision, inputs)
            if env is not None and wanted(env):
                return inputs
        return None


def sets_of(options: Sequence[Sequence[Value]], most: int) -> Iterator[tuple[Value, ...]]:
    """One of each: every combination when they are few, otherwise as many at random (the same every time)."""
    size = 1
    for values in options:
        size *= len(values)
    if size <= most:
        yield from product(*options)
        return
    chance = Random(size)
    yield from islice((tuple(chance.choice(values) for values in options) for _ in range(most)), most)


def measures(book: Rulebook, decision: str) -> Iterator[tuple[t.Node, Cuts]]:
    """What a decision's own logic compares with constants, and with which."""
    logic = book.logic[decision]
    if logic.table is not None:
        for place, node in enumerate(logic.table.inputs):
            inner = node.value if isinstance(node, t.Typed) else node
            for row in logic.table.rows:
                found = cuts_of(row.cells[place])
                if found is not None and found.points:
                    yield inner, found
        trees: list[t.Node] = [tree for row in logic.table.rows for tree in row.outputs]
        trees += logic.table.inputs
    else:
        trees = [] if logic.tree is None else [logic.tree]
    for node in (part for tree in trees for part in t.walk(tree)):
        match node:
            case t.Comparison(operator=operator, left=left, right=right):
                for measure, constant in ((left, right), (right, left)):
                    yield from _measured(measure, constant, operator not in ("=", "!="))
            case t.Between(value=value, low=low, high=high):
                yield from _measured(value, low, True)
                yield from _measured(value, high, True)
            case t.In(value=value, tests=tests):
                found = cuts_of(t.UnaryTests(tests))
                if found is not None and found.points:
                    yield value, found


def _measured(measure: t.Node, constant: t.Node, ordered: bool) -> Iterator[tuple[t.Node, Cuts]]:
    try:
        value = literal_value(constant)
    except FeelError:
        return
    if isinstance(value, bool) or kind_of(value) in ORDERED:
        yield measure, Cuts((value,), ordered)


def _near(base: str, constants: Sequence[Value]) -> list[Value]:
    """Values of a kind that bring sums, ratios and distances in time to the constants."""
    found: list[Value] = []
    if base == "number":
        found += [Decimal(0), Decimal(1), Decimal(100), Decimal(10**8)]
        for constant in constants:
            if kind_of(constant) == "number":
                found += [
                    constant,
                    *(multiply(constant, Decimal(size)) for size in (100, 10**8) if abs(constant) < 10**9),
                ]
    elif base == "date":
        start = Date(2024, 6, 30)
        found.append(start)
        for constant in constants:
            if isinstance(constant, Date):
                found.append(constant)
            elif isinstance(constant, DaysDuration | YearsDuration):
                for operation in (add, subtract):
                    try:
                        found.append(operation(start, constant))
                    except FeelError:
                        continue
    return found


def distinct(values: Iterable[Value]) -> list[Value]:
    """Each value once."""
    found: list[Value] = []
    for value in values:
        if not any(type(value) is type(other) and same(value, other) for other in found):
            found.append(value)
    return found


def _put(names: dict[str, Value], path: list[str], value: Value) -> None:
    if len(path) == 1:
        names[path[0]] = value
        return
    inner = names.get(path[0])
    names[path[0]] = copied = dict(inner) if isinstance(inner, dict) else {}
    _put(copied, path[1:], value)


def example(inputs: Mapping[str, Value]) -> str:
    """Inputs as one line of JSON, to be given to `wotu rules run --inputs`."""
    return write_json({name: plain(value) for name, value in inputs.items()})
