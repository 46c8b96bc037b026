"""A decision table as boxes: its conditions as axes, its rules as boxes on them, and what a box is in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from ..dmn import model as m
from ..dmn.possible import unknown_of
from ..explain.words import exactly
from ..feel import (
    UNKNOWN,
    Env,
    FeelError,
    Scope,
    Unknown,
    compile_expression,
    compile_tests,
    has_unknown,
    parse,
)
from ..feel import tree as t
from ..feel.known import compare, kind_of, same
from ..feel.literals import literal_value
from ..feel.show import show
from ..feel.values import Value
from ..findings import RulebookError
from .axes import Axis, Column, Part, Test, axis, is_any
from .boxes import Box
from .ground import Ground
from .pieces import Subject, TableAt, Unit

WHOLE = frozenset(("人", "项", "名", "家", "件", "个"))
"""Units that are counted, never measured."""


@dataclass(frozen=True)
class Grid:
    """The table's space; `sure[i]` is where rule i certainly matches, `possible[i]` where it may."""

    unit: Unit
    at: TableAt
    axes: tuple[Axis, ...]
    sure: tuple[Box, ...]
    possible: tuple[Box, ...]
    ground: Ground | None
    """Where the whole decision can be tried with inputs; None for a table inside something else."""

    @property
    def space(self) -> Box:
        """Everything the conditions can be."""
        return tuple(one.full for one in self.axes)

    @cached_property
    def clear(self) -> bool:
        """No cell is opaque."""
        return self.sure == self.possible

    def results(self, rule: int) -> tuple[Value, ...] | None:
        """A rule's outputs where they are constants."""
        return constants(self.at.table.rows[rule].outputs)

    # --- words ------------------------------------------------------------------------------------------------------

    def words(self, box: Box) -> str:
        """The box as people say it; conditions that may be anything are left out."""
        said = [
            words(one, bits, self.measure(one.node))
            for one, bits in zip(self.axes, box, strict=True)
            if bits not in (one.full, one.full & ~one.null)
        ]
        return "，".join(said) or "任何输入"

    def measure(self, node: t.Node) -> str | None:
        """The unit of an expression, where its name has one."""
        name = self.name(node)
        return None if name is None or self.ground is None else self.ground.units.get(name)

    def name(self, node: t.Node) -> str | None:
        """The input or decision that an expression is, when it is nothing else."""
        if self.ground is None or not isinstance(node, t.Name):
            return None
        needs = self.ground.book.needs(self.unit.node.name)
        return needs[node.name][1] if node.name in needs else None

    # --- examples ---------------------------------------------------------------------------------------------------

    def samples(self, box: Box) -> tuple[Part, ...]:
        """One part of each axis in the box: plain ones rather than null."""
        return tuple(
            min(one.of(bits), key=lambda part: (part.sample is None, part.shape == "stretch"))
            for one, bits in zip(self.axes, box, strict=True)
        )

    def inputs(self, box: Box) -> Mapping[str, Value] | None:
        """Inputs of the rule with which the conditions lie in the box; None when none were found."""
        ground = self.ground
        if ground is None:
            return None
        decision = self.unit.node.name
        needs = ground.book.needs(decision)
        direct: dict[str, Value] = {}
        if all(isinstance(one.node, t.Name) and needs.get(one.node.name, ("",))[0] == "input" for one in self.axes):
            for one, part in zip(self.axes, self.samples(box), strict=True):
                name = self.name(one.node)
                if name is not None and part.sample is not None:
                    direct[name] = part.sample
            env = ground.env(decision, direct)
            return direct if env is not None and self.lies(env, box) else None
        used = [part.name for one in self.axes for part in t.walk(one.node) if isinstance(part, t.Name)]
        more: dict[str, list[Value]] = {}
        for one, bits in zip(self.axes, box, strict=True):
            values = [part.sample for part in one.of(bits) if part.sample is not None]
            inside = [part.name for part in t.walk(one.node) if isinstance(part, t.Name)]
            for name in ground.reads(decision, inside):
                more.setdefault(name, []).extend(self.scaled(one.node, values))
        more = {name: [value for value in values if ground.takes(name, value)] for name, values in more.items()}
        return ground.search(decision, ground.reads(decision, used), lambda env: self.lies(env, box), more)

    def scaled(self, node: t.Node, values: list[Value]) -> list[Value]:
        """The values an input may need for an expression to come to these."""
        if isinstance(node, t.Name):
            return values
        sizes = [value * 100 for value in values if kind_of(value) == "number" and abs(value) < 10**9]
        return [*sizes, *values]

    def lies(self, env: Env, box: Box) -> bool:
        """Whether the conditions' values lie in the box."""
        for one, bits, run in zip(self.axes, box, self.runs, strict=True):
            value = run(env)
            if has_unknown(value):
                return False
            if not any(_is_in(value, part, one) for part in one.of(bits)):
                return False
        return True

    @cached_property
    def runs(self) -> tuple[Callable[[Env], Value], ...]:
        return tuple(compile_expression(one.node, self.at.scope) for one in self.axes)


def _is_in(value: Value, part: Part, one: Axis) -> bool:
    if part.shape == "point":
        return same(value, part.sample)
    if part.shape == "rest":
        return value is not None and not any(same(value, other.sample) for other in one.parts if other.shape == "point")
    if value is None:
        return False
    try:
        return (part.low is None or compare(value, part.low) > 0) and (
            part.high is None or compare(value, part.high) < 0
        )
    except FeelError:
        return False


def constants(nodes: tuple[t.Node, ...]) -> tuple[Value, ...] | None:
    """The values of trees that are constants; None when one is not."""
    try:
        return tuple(literal_value(node.value if isinstance(node, t.Typed) else node) for node in nodes)
    except FeelError:
        return None


# --- making ---------------------------------------------------------------------------------------------------------


def grid(subject: Subject, unit: Unit, at: TableAt) -> Grid | None:
    """The grid of a table; None when it has no conditions or no rules, or its cells do not fit its columns."""
    table = at.table
    if not table.inputs or not table.rows or any(len(row.cells) != len(table.inputs) for row in table.rows):
        return None
    ground = subject.ground if at.top else None
    env = ground.env(unit.node.name, {}, "unknown") if ground is not None else None
    groups: dict[t.Node, list[int]] = {}
    for place, node in enumerate(table.inputs):
        groups.setdefault(node.value if isinstance(node, t.Typed) else node, []).append(place)
    axes: list[Axis] = []
    for node, places in groups.items():
        columns = [_column(at, place) for place in places]
        axes.append(axis(node, _domain(at, table.inputs[places[0]], env), columns))
    if not all(one.parts for one in axes):
        return None  # a column's list of values leaves nothing
    rules = range(len(table.rows))
    sure = tuple(tuple(one.sure[rule] for one in axes) for rule in rules)
    possible = tuple(tuple(one.possible[rule] for one in axes) for rule in rules)
    return Grid(unit, at, tuple(axes), sure, possible, ground)


def _column(at: TableAt, place: int) -> Column:
    cells = [row.cells[place] for row in at.table.rows]
    tests: list[Test] = [compile_tests(cell, at.scope) if not is_any(cell) else _always for cell in cells]
    return Column(cells, tests, _values(at.box.inputs[place], at.scope))


def _always(env: Env, value: Value) -> Value:
    return True


def _values(clause: m.InputClause, scope: Scope) -> tuple[t.Node, Test] | None:
    """A column's own list of values, as a test."""
    if clause.values is None or clause.values.text.strip() in ("", "-"):
        return None
    try:
        tree = parse(clause.values.text, Scope({"?": None}, parent=scope), kind="unary tests")
    except RulebookError:
        return None
    return tree, compile_tests(tree, scope)


def _domain(at: TableAt, node: t.Node, env: Env | None) -> Value:
    """What a condition can be at all: with nothing known, or as its type says."""
    if env is not None:
        return compile_expression(node, at.scope)(env)
    if isinstance(node, t.Typed):
        found = unknown_of(node.type)
        inner = _domain(at, node.value, None)
        return found if inner == UNKNOWN or type(inner) is not Unknown else inner
    return unknown_of(at.scope.type_of(node.name)) if isinstance(node, t.Name) else UNKNOWN


# --- words ----------------------------------------------------------------------------------------------------------


def words(one: Axis, bits: int, unit: str | None) -> str:
    """Some parts of an axis: `3% ≤ 研发占比 < 5%`, `行业为“农业”或“林业”`."""
    title = show(one.node)
    places = [place for place in range(len(one.parts)) if bits >> place & 1]
    said: list[str] = []
    named = [one.parts[place] for place in places if one.parts[place].shape == "point"]
    ordered = any(part.shape == "stretch" for part in one.parts)
    if any(part.shape == "rest" for part in one.of(bits)):
        missing = [_value(part.sample, unit) for part in one.of(one.full & ~bits) if part.sample is not None]
        listed = "、".join(missing[:5]) + (f" 等 {len(missing)} 个" if len(missing) > 5 else "")
        without = f"不是{listed}" if missing else "为别的值"
        null = any(part.sample is None and part.shape == "point" for part in named)
        return f"{title} {without}{'（或没有值）' if null else ''}"
    if not ordered:
        return f"{title} 为{'或'.join(_value(part.sample, unit) for part in named)}"
    run: list[int] = []
    for place in [*places, -1]:
        if run and (place != run[-1] + 1 or one.parts[place].sample is None):
            said.append(_span(title, one, run[0], run[-1], unit))
            run = []
        if place >= 0:
            run.append(place)
    return " 或 ".join(said)


def _span(title: str, one: Axis, first: int, last: int, unit: str | None) -> str:
    a, b = one.parts[first], one.parts[last]
    if first == last and a.shape == "point":
        return f"{title} 没有值（null）" if a.sample is None else f"{title} = {_value(a.sample, unit)}"
    low, low_sign = (a.sample, "≤") if a.shape == "point" else (a.low, "<")
    high, high_sign = (b.sample, "≤") if b.shape == "point" else (b.high, "<")
    if low is None and high is None:
        return f"{title} 为任何值"
    left = "" if low is None else f"{_value(low, unit)} {low_sign} "
    right = "" if high is None else f" {high_sign} {_value(high, unit)}"
    if high is None:
        return f"{title} {'≥' if low_sign == '≤' else '>'} {_value(low, unit)}"
    return f"{left}{title}{right}"


def _value(value: Value, unit: str | None) -> str:
    if value is None:
        return "没有值（null）"
    return f"“{value}”" if isinstance(value, str) else exactly(value, unit, "zh")
