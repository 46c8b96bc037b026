"""Decision tables: every hit policy and aggregation; what is not known is tried each way the cells can tell apart.

The answers of all ways (see matching.py) are joined; rows that still may or may not match are taken both ways.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

from ..feel import (
    BUILTINS,
    UNKNOWN,
    Env,
    FeelError,
    Scope,
    Sublist,
    Unknown,
    call_function,
    compile_expression,
    compile_tests,
    has_unknown,
    join,
    truths,
)
from ..feel import tree as t
from ..feel.known import same
from ..feel.literals import literal_value
from ..feel.types import Type
from ..feel.unknown import equals
from ..feel.values import Value
from . import model as m
from .matching import Column, Way, merged

if TYPE_CHECKING:
    from .boxed import Maker

WAYS = 4096
"""Ways of the columns together, at most; beyond, a column's ways are taken as one."""
MAYBE = 6
"""Rows that may match, tried with and without, at most."""


@dataclass(frozen=True)
class Row:
    """One rule: its cells as unary tests, its outputs as trees, its annotations."""

    cells: tuple[t.Node, ...]
    outputs: tuple[t.Node, ...]
    annotations: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A decision table as trees, and compiled: `run(env)` is its value, `hits(env)` the rows that match (from 0)."""

    hit_policy: str
    aggregation: str
    inputs: tuple[t.Node, ...]
    output_names: tuple[str, ...]
    rows: tuple[Row, ...]
    run: Callable[[Env], Value]
    hits: Callable[[Env], tuple[tuple[int, bool], ...]]
    """Rows that match, and whether they surely do."""
    over: Callable[[Sequence[Callable[[Env], Value]]], Callable[[Env], Value]]
    """The same table with other expressions under test."""
    cuts: tuple[tuple[Value, ...] | None, ...]
    """For each column the constants that its cells compare with; None where something else stands in a cell."""
    columns: tuple[Column, ...]
    values: tuple[t.Node | None, ...]
    """For each column the tests that its values must pass; None where there are none."""
    defaults: tuple[t.Node, ...] | None
    """The results when no row matches, for each output."""
    answer: Callable[[int, Env], Value]
    """The value when exactly these rows (the bits of a number) match."""


@dataclass(frozen=True)
class Trees:
    """A decision table as trees alone: the expressions under test with their declared types, the result names, the rows."""

    inputs: tuple[t.Node, ...]
    kinds: tuple[Type | None, ...]
    output_names: tuple[str, ...]
    rows: tuple[Row, ...]


def table_trees(box: m.DecisionTable, scope: Scope, maker: Maker) -> Trees:
    """The trees of a decision table."""
    inputs: list[t.Node] = []
    kinds: list[Type | None] = []
    for clause in box.inputs:
        expression = clause.expression
        inputs.append(maker.tree(expression, scope, clause))
        kinds.append(maker.type_of(expression.type_ref, clause) if expression is not None else None)
    names = tuple(clause.name or clause.label or f"输出{place}" for place, clause in enumerate(box.outputs, 1))
    rows = tuple(_row(rule, box, scope, kinds, maker) for rule in box.rules)
    return Trees(tuple(inputs), tuple(kinds), names, rows)


def compile_table(box: m.DecisionTable, scope: Scope, maker: Maker) -> Table:
    """Trees and closures of a decision table."""
    trees = table_trees(box, scope, maker)
    inputs, kinds, names, rows = trees.inputs, trees.kinds, trees.output_names, trees.rows
    output_kinds = [maker.type_of(clause.type_ref, clause) for clause in box.outputs]
    values = tuple(_values(clause.values, kind, scope, maker) for clause, kind in zip(box.inputs, kinds, strict=True))
    defaults = _defaults(box, scope, maker)
    node = t.Native(lambda env: None, f"{maker.title}的决策表")
    engine = _Engine(
        node=node,
        policy=box.hit_policy,
        aggregation=box.aggregation,
        single=len(box.outputs) == 1,
        names=names,
        inputs=[compile_expression(item, scope) for item in inputs],
        columns=[_column([row.cells[place] for row in rows], scope) for place in range(len(inputs))],
        rows=len(rows),
        checks=[None if tests is None else compile_tests(tests, scope) for tests in values],
        outputs=[[compile_expression(item, scope) for item in row.outputs] for row in rows],
        defaults=None if defaults is None else [compile_expression(item, scope) for item in defaults],
        orders=[
            _order(clause.values, kind, scope, maker) for clause, kind in zip(box.outputs, output_kinds, strict=True)
        ],
    )
    return Table(
        hit_policy=box.hit_policy,
        aggregation=box.aggregation,
        inputs=inputs,
        output_names=names,
        rows=rows,
        run=engine.run,
        hits=engine.hits,
        over=lambda others: replace(engine, inputs=list(others)).run,
        cuts=tuple(
            tuple(column.cuts) if column.constant and check is None else None
            for column, check in zip(engine.columns, engine.checks, strict=True)
        ),
        columns=tuple(engine.columns),
        values=values,
        defaults=defaults,
        answer=lambda rows, env: engine.answer(_rows(rows), env),
    )


def _row(rule: m.TableRule, box: m.DecisionTable, scope: Scope, kinds: Sequence[Type | None], maker: Maker) -> Row:
    cells: list[t.Node] = []
    for cell, kind in zip(rule.inputs, kinds, strict=False):
        text = cell.text.strip()
        inner = Scope({"?": kind}, parent=scope)
        if text in ("", "-"):
            cells.append(t.UnaryTests((t.AnyTest(),)))
        else:
            cells.append(maker.parsed(text, cell.language, inner, cell if cell.line else rule, "unary tests"))
    outputs: list[t.Node] = []
    for result, clause in zip(rule.outputs, box.outputs, strict=False):
        if isinstance(result, m.Literal) and result.text.strip() in ("", "-"):
            outputs.append(t.NullLiteral())
        else:
            outputs.append(maker.typed(maker.tree(result, scope, rule), clause.type_ref, clause))
    return Row(tuple(cells), tuple(outputs), rule.annotations)


def _is_any(cell: t.Node) -> bool:
    return isinstance(cell, t.UnaryTests) and not cell.negated and any(isinstance(x, t.AnyTest) for x in cell.tests)


def _values(values: m.UnaryTests | None, kind: Type | None, scope: Scope, maker: Maker) -> t.Node | None:
    """The tests that a column's values must pass; None when there are none."""
    if values is None or values.text.strip() in ("", "-"):
        return None
    return maker.parsed(values.text, values.language, Scope({"?": kind}, parent=scope), values, "unary tests")


def _order(values: m.UnaryTests | None, kind: Type | None, scope: Scope, maker: Maker) -> list[Value] | None:
    """The output values in their order, for PRIORITY and OUTPUT ORDER; None when they are no plain list."""
    if values is None or values.text.strip() in ("", "-"):
        return None
    tree = maker.parsed(values.text, values.language, Scope({"?": kind}, parent=scope), values, "unary tests")
    found: list[Value] = []
    for test in tree.tests if isinstance(tree, t.UnaryTests) else ():
        try:
            found.append(literal_value(test.value if isinstance(test, t.ValueTest) else test))
        except FeelError:
            return None
    return found


def _defaults(box: m.DecisionTable, scope: Scope, maker: Maker) -> tuple[t.Node, ...] | None:
    if all(clause.default is None for clause in box.outputs):
        return None
    return tuple(
        maker.typed(maker.tree(clause.default, scope, clause), clause.type_ref, clause) for clause in box.outputs
    )


def _column(cells: list[t.Node], scope: Scope) -> Column:
    return Column(cells, [None if _is_any(cell) else compile_tests(cell, scope) for cell in cells])


def _rows(bits: int) -> list[int]:
    """The rows in a set, in order."""
    found: list[int] = []
    while bits:
        low = bits & -bits
        found.append(low.bit_length() - 1)
        bits ^= low
    return found


def _until_sure(sure: int, possible: int) -> Way:
    """Without the rows after the first that surely matches: under FIRST they do not count."""
    if not sure:
        return sure, possible
    first = sure & -sure
    return first, possible & (first * 2 - 1)


@dataclass
class _Engine:
    """One table, compiled."""

    node: t.Node
    policy: str
    aggregation: str
    single: bool
    names: tuple[str, ...]
    inputs: list[Callable[[Env], Value]]
    columns: list[Column]
    rows: int
    checks: list[Any]
    outputs: list[list[Callable[[Env], Value]]]
    defaults: list[Callable[[Env], Value]] | None
    orders: list[list[Value] | None]

    def run(self, env: Env) -> Value:
        """The table's value: the ways each column can turn out, put together, each answered."""
        values = [value(env) for value in self.inputs]
        for place, check in enumerate(self.checks):
            if check is not None and check(env, values[place]) is False:
                return env.fail(self.node, f"第 {place + 1} 个输入列的值不在它的允许值之内")
        every = (1 << self.rows) - 1
        sure = possible = every
        sets: list[list[Way]] = []
        for column, value in zip(self.columns, values, strict=True):
            ways = column.ways(value, env)
            if len(ways) > 1:
                sets.append(ways)
            else:
                sure &= ways[0][0]
                possible &= ways[0][1]
        unsure = self.refusable(values, env)
        if not sets and not unsure:
            return self.maybe(sure, possible, env)
        answers = [self.maybe(*way, env) for way in self.together((sure, possible), sets)]
        return join([*answers, None] if unsure else answers)

    def together(self, start: Way, sets: list[list[Way]]) -> set[Way]:
        """The ways of all columns taken together; a column with too many counts as one."""
        found = {start}
        for ways in sorted(sets, key=len):
            if len(found) * len(ways) > WAYS:
                ways = [merged(ways)]
            found = {(a & sure, b & possible) for a, b in found for sure, possible in ways}
        return {_until_sure(*way) for way in found} if self.policy == "FIRST" else found

    def refusable(self, values: Sequence[Value], env: Env) -> bool:
        """Whether a value that is not known may turn out not to be among its column's values."""
        return any(
            check is not None and has_unknown(value) and check(env, value) is not True
            for check, value in zip(self.checks, values, strict=True)
        )

    def hits(self, env: Env) -> tuple[tuple[int, bool], ...]:
        """The rows that match, surely or maybe."""
        sure = possible = (1 << self.rows) - 1
        for column, value in zip(self.columns, self.inputs, strict=True):
            one = merged(column.ways(value(env), env))
            sure, possible = sure & one[0], possible & one[1]
        return tuple((index, bool(sure >> index & 1)) for index in _rows(possible))

    def maybe(self, sure: int, possible: int, env: Env) -> Value:
        """The answer when some rows surely match and others may."""
        if sure == possible:
            return self.answer(_rows(sure), env)
        rows = _rows(_until_sure(sure, possible)[1] if self.policy == "FIRST" else possible)
        unsure = [index for index in rows if not sure >> index & 1]
        if self.policy == "FIRST":
            ways: list[Value] = [self.answer([index], env) for index in rows]
            return join(ways if rows[-1] not in unsure else [*ways, self.answer([], env)])
        if self.policy in ("COLLECT", "RULE ORDER") and not self.aggregation and len(unsure) < len(rows):
            items = tuple(self.output(index, env) for index in rows)
            return Unknown(Sublist(items, tuple(index not in unsure for index in rows)))
        if len(unsure) > MAYBE:
            return UNKNOWN
        answers: list[Value] = []
        for count in range(len(unsure) + 1):
            for chosen in combinations(unsure, count):
                answers.append(self.answer([index for index in rows if index not in unsure or index in chosen], env))
        return join(answers)

    # --- answers ----------------------------------------------------------------------------------------------------

    def output(self, index: int, env: Env) -> Value:
        """A row's result: a value, or a context of the output columns."""
        outputs = self.outputs[index]
        if self.single:
            return outputs[0](env) if outputs else None
        return {name: output(env) for name, output in zip(self.names, outputs, strict=False)}

    def default(self, env: Env) -> Value:
        """The result when no row matches."""
        if self.defaults is None:
            return None
        if self.single:
            return self.defaults[0](env)
        return {name: output(env) for name, output in zip(self.names, self.defaults, strict=True)}

    def answer(self, hits: Sequence[int], env: Env) -> Value:
        """The table's value when exactly these rows match."""
        if not hits:
            return self.default(env)
        match self.policy:
            case "FIRST":
                return self.output(hits[0], env)
            case "UNIQUE":
                if len(hits) > 1:
                    rows = "、".join(str(index + 1) for index in hits)
                    return env.fail(self.node, f"第 {rows} 行同时命中，而命中策略是 UNIQUE")
                return self.output(hits[0], env)
            case "ANY":
                return self.any_of([self.output(index, env) for index in hits], env)
        outputs = [self.output(index, env) for index in hits]
        match self.policy:
            case "PRIORITY":
                return join(outputs) if has_unknown(outputs) else self.ordered(outputs)[0]
            case "OUTPUT ORDER":
                return UNKNOWN if has_unknown(outputs) and len(outputs) > 1 else self.ordered(outputs)
            case "COLLECT" if self.aggregation:
                return self.aggregated(outputs, env)
        return outputs

    def any_of(self, outputs: list[Value], env: Env) -> Value:
        """The one output that all rows give; null when they differ."""
        answers = [outputs[0]]
        for other in outputs[1:]:
            try:
                found = truths(equals(outputs[0], other))
            except FeelError:
                found = (False,)
            if True not in found:
                return env.fail(self.node, "命中的几行结果不同，而命中策略是 ANY")
            if len(found) > 1:
                answers.append(None)
        return join(answers)

    def ordered(self, outputs: list[Value]) -> list[Value]:
        """By the order of the output values, column by column; what is not among them comes last."""

        def rank(output: Value) -> tuple[int, ...]:
            parts = [output] if self.single else [output[name] for name in self.names]
            ranks = []
            for part, order in zip(parts, self.orders, strict=True):
                listed = order or []
                ranks.append(next((i for i, value in enumerate(listed) if same(part, value)), len(listed)))
            return tuple(ranks)

        return sorted(outputs, key=rank)

    def aggregated(self, outputs: list[Value], env: Env) -> Value:
        """SUM, COUNT, MIN or MAX of the outputs, as the built-in of that name has it."""
        try:
            return call_function(BUILTINS[self.aggregation.lower()], env.run, [outputs])
        except FeelError as problem:
            return env.fail(self.node, str(problem))
