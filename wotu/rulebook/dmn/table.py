"""Decision tables: every hit policy and aggregation; what is not known is tried each way the cells can tell apart.

With unknown conditions a column's possibilities are cut where its cells' constants are, so that each piece meets or misses
every constant cell; the answers of all pieces are joined. Rows that still may or may not match are taken both ways.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cmp_to_key
from itertools import combinations, product
from typing import TYPE_CHECKING, Any

from ..feel import (
    BUILTINS,
    UNKNOWN,
    Choices,
    Env,
    FeelError,
    Interval,
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
from ..feel.known import compare, kind_of, same
from ..feel.literals import literal_value
from ..feel.types import Type
from ..feel.unknown import equals
from ..feel.values import Value
from . import model as m
from .possible import spans_of

if TYPE_CHECKING:
    from .boxed import Maker

WAYS = 256
"""Pieces tried one by one, at most; beyond, a column is left whole."""
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


def compile_table(box: m.DecisionTable, scope: Scope, maker: Maker) -> Table:
    """Trees and closures of a decision table."""
    inputs: list[t.Node] = []
    kinds: list[Type | None] = []
    for clause in box.inputs:
        expression = clause.expression
        inputs.append(maker.tree(expression, scope, clause))
        kinds.append(maker.type_of(expression.type_ref, clause) if expression is not None else None)
    names = tuple(clause.name or clause.label or f"输出{place}" for place, clause in enumerate(box.outputs, 1))
    rows = tuple(_row(rule, box, scope, kinds, maker) for rule in box.rules)
    output_kinds = [maker.type_of(clause.type_ref, clause) for clause in box.outputs]
    node = t.NullLiteral()
    engine = _Engine(
        node=node,
        policy=box.hit_policy,
        aggregation=box.aggregation,
        single=len(box.outputs) == 1,
        names=names,
        inputs=[compile_expression(item, scope) for item in inputs],
        checks=[_values(clause.values, kind, scope, maker) for clause, kind in zip(box.inputs, kinds, strict=True)],
        cells=[
            [(place, compile_tests(cell, scope)) for place, cell in enumerate(row.cells) if not _is_any(cell)]
            for row in rows
        ],
        outputs=[[compile_expression(item, scope) for item in row.outputs] for row in rows],
        defaults=_defaults(box, scope, maker),
        orders=[
            _order(clause.values, kind, scope, maker) for clause, kind in zip(box.outputs, output_kinds, strict=True)
        ],
        cuts=[_cuts(row.cells[place] for row in rows) for place in range(len(inputs))],
    )
    return Table(box.hit_policy, box.aggregation, tuple(inputs), names, rows, engine.run, engine.hits)


def _row(rule: m.TableRule, box: m.DecisionTable, scope: Scope, kinds: Sequence[Type | None], maker: Maker) -> Row:
    cells = []
    for cell, kind in zip(rule.inputs, kinds, strict=False):
        text = cell.text.strip()
        inner = Scope({"?": kind}, parent=scope)
        if text in ("", "-"):
            cells.append(t.UnaryTests((t.AnyTest(),)))
        else:
            cells.append(maker.parsed(text, cell.language, inner, cell if cell.line else rule, "unary tests"))
    outputs = []
    for result, clause in zip(rule.outputs, box.outputs, strict=False):
        if isinstance(result, m.Literal) and result.text.strip() in ("", "-"):
            outputs.append(t.NullLiteral())
        else:
            outputs.append(maker.typed(maker.tree(result, scope, rule), clause.type_ref, clause))
    return Row(tuple(cells), tuple(outputs), rule.annotations)


def _is_any(cell: t.Node) -> bool:
    return isinstance(cell, t.UnaryTests) and not cell.negated and any(isinstance(x, t.AnyTest) for x in cell.tests)


def _values(values: m.UnaryTests | None, kind: Type | None, scope: Scope, maker: Maker) -> Any:
    """The test that a column's values must pass; None when there is none."""
    if values is None or values.text.strip() in ("", "-"):
        return None
    tree = maker.parsed(values.text, values.language, Scope({"?": kind}, parent=scope), values, "unary tests")
    return compile_tests(tree, scope)


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


def _defaults(box: m.DecisionTable, scope: Scope, maker: Maker) -> list[Callable[[Env], Value]] | None:
    if all(clause.default is None for clause in box.outputs):
        return None
    trees = (maker.typed(maker.tree(clause.default, scope, clause), clause.type_ref, clause) for clause in box.outputs)
    return [compile_expression(tree, scope) for tree in trees]


def _cuts(cells: Iterable[t.Node]) -> list[Value]:
    """Every constant that a column's cells compare with."""
    found: list[Value] = []
    for cell in cells:
        for test in cell.tests if isinstance(cell, t.UnaryTests) else ():
            for piece in spans_of((test,)) or ():
                if type(piece) is not Unknown:
                    ends = [piece]
                else:
                    assert isinstance(piece.possible, Interval)
                    ends = [end for end in (piece.possible.low, piece.possible.high) if end is not None]
                found += [end for end in ends if not any(same(end, other) for other in found)]
    return found


def _pieces(value: Value, cuts: Sequence[Value]) -> list[Value]:
    """The ways a value can turn out that the cuts tell apart."""
    if type(value) is not Unknown:
        return [value]
    if isinstance(value.possible, Choices):
        return list(value.possible.values)
    if not isinstance(value.possible, Interval):
        return [value]
    span = value.possible
    points = [cut for cut in cuts if kind_of(cut) == span.kind]
    try:
        points.sort(key=cmp_to_key(compare))
        found = _split(span, points)
    except FeelError:
        return [value]
    return [*found, None] if value.or_null else found


def _split(span: Interval, points: Sequence[Value]) -> list[Value]:
    found: list[Value] = []
    low, low_closed = span.low, span.low_closed
    for point in points:
        if low is not None:
            order = compare(point, low)
            if order < 0 or (order == 0 and not low_closed):
                continue
            if order == 0:
                found.append(point)
                low_closed = False
                continue
        if span.high is not None:
            order = compare(point, span.high)
            if order > 0 or (order == 0 and not span.high_closed):
                break
        found.append(Unknown(Interval(span.kind, low, point, low_closed, False)))
        found.append(point)
        low, low_closed = point, False
    if low is None or span.high is None or compare(low, span.high) < 0 or (low_closed and span.high_closed):
        found.append(Unknown(Interval(span.kind, low, span.high, low_closed, span.high_closed)))
    return found


@dataclass
class _Engine:
    """One table, compiled."""

    node: t.Node
    policy: str
    aggregation: str
    single: bool
    names: tuple[str, ...]
    inputs: list[Callable[[Env], Value]]
    checks: list[Any]
    cells: list[list[tuple[int, Callable[[Env, Value], Value]]]]
    outputs: list[list[Callable[[Env], Value]]]
    defaults: list[Callable[[Env], Value]] | None
    orders: list[list[Value] | None]
    cuts: list[list[Value]]
    first: bool = field(init=False)

    def __post_init__(self) -> None:
        self.first = self.policy == "FIRST"

    def run(self, env: Env) -> Value:
        """The table's value."""
        values = [value(env) for value in self.inputs]
        for place, check in enumerate(self.checks):
            if check is not None and check(env, values[place]) is False:
                return env.fail(self.node, f"第 {place + 1} 个输入列的值不在它的允许值之内")
        if not any(type(v) is Unknown or (type(v) in (list, dict) and has_unknown(v)) for v in values):
            hits = self.known_hits(values, env)
            if hits is not None:
                return self.answer(hits, env)
        return self.every_way(values, env)

    def hits(self, env: Env) -> tuple[tuple[int, bool], ...]:
        """The rows that match, surely or maybe."""
        return tuple(self.matching([value(env) for value in self.inputs], env))

    def known_hits(self, values: Sequence[Value], env: Env) -> list[int] | None:
        """The rows that match known values; None when a cell turns out unknown all the same."""
        found: list[int] = []
        for index, cells in enumerate(self.cells):
            for place, test in cells:
                truth = test(env, values[place])
                if truth is not True:
                    if type(truth) is Unknown and True in truths(truth):
                        return None
                    break
            else:
                found.append(index)
                if self.first:
                    break
        return found

    # --- not known --------------------------------------------------------------------------------------------------

    def every_way(self, values: Sequence[Value], env: Env) -> Value:
        """The answers of all pieces of what is possible, joined."""
        sets: list[list[Value]] = []
        size = 1
        for value, cuts in zip(values, self.cuts, strict=True):
            pieces = _pieces(value, cuts)
            if size * len(pieces) > WAYS:
                pieces = [value]
            size *= len(pieces)
            sets.append(pieces)
        answers: list[Value] = []
        known: dict[tuple[tuple[int, bool], ...], Value] = {}
        for way in product(*sets):
            rows = tuple(self.matching(way, env))
            if rows not in known:
                known[rows] = self.maybe(rows, env)
                answers.append(known[rows])
        if any(self.refused(check, value, env) for check, value in zip(self.checks, values, strict=True)):
            answers.append(None)
        return join(answers)

    def refused(self, check: Any, value: Value, env: Env) -> bool:
        """Whether the value may turn out not to be among the column's values."""
        return check is not None and check(env, value) is not True

    def matching(self, values: Sequence[Value], env: Env) -> Iterable[tuple[int, bool]]:
        """The rows that match, and whether they surely do; for FIRST none after the first that surely does."""
        for index, cells in enumerate(self.cells):
            sure = True
            for place, test in cells:
                truth = test(env, values[place])
                if truth is True:
                    continue
                if type(truth) is Unknown and True in truths(truth):
                    sure = sure and len(truths(truth)) == 1
                    continue
                break
            else:
                yield index, sure
                if sure and self.first:
                    return

    def maybe(self, rows: tuple[tuple[int, bool], ...], env: Env) -> Value:
        """The answer when some rows surely match and others may."""
        unsure = [index for index, sure in rows if not sure]
        if not unsure:
            return self.answer([index for index, _ in rows], env)
        if self.first:
            ways: list[Value] = [self.answer([index], env) for index, _ in rows]
            return join(ways if rows[-1][1] else [*ways, self.answer([], env)])
        if self.policy in ("COLLECT", "RULE ORDER") and not self.aggregation and any(sure for _, sure in rows):
            return Unknown(Sublist(tuple(self.output(i, env) for i, _ in rows), tuple(sure for _, sure in rows)))
        if len(unsure) > MAYBE:
            return UNKNOWN
        answers: list[Value] = []
        for count in range(len(unsure) + 1):
            for chosen in combinations(unsure, count):
                answers.append(self.answer([index for index, sure in rows if sure or index in chosen], env))
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
