"""A decision's logic, or a part of it, over operands that are cut to what the logic can tell apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from wotu.rulebook.columnar.algebra import of_value, term_of
from wotu.rulebook.columnar.conditions import Coded, Cut, Gauge, Operand, Raw, Versus, columns_read
from wotu.rulebook.columnar.measuring import figure_of
from wotu.rulebook.columnar.quantities import Figure, Nothing, Sum, kind_of
from wotu.rulebook.columnar.terms import Linear, Term, constant_of
from wotu.rulebook.columnar.trees import (
    binds,
    bounds_of,
    comparable,
    has_defaults,
    opaque,
    rebuilt,
    unrolled,
    untyped,
)
from wotu.rulebook.feel import Env, FeelError, Run, Scope, Value, coerce, compile_expression
from wotu.rulebook.feel import tree as t

if TYPE_CHECKING:
    from wotu.rulebook.columnar.plan import Planner
    from wotu.rulebook.dmn.graph import Logic

Evaluate = Callable[[Env], Value]


class Rewriting:
    """A decision's logic with its terms replaced by operands that are cut at the constants they are compared with."""

    def __init__(self, planner: Planner, logic: Logic) -> None:
        self.planner = planner
        self.logic = logic
        self.needs = planner.needs(logic)
        self.resolve = planner.resolver(logic)
        self.cuts: dict[t.Node, tuple[str, Term, list[Decimal]]] = {}
        self.gauges: dict[t.Node, tuple[str, Figure, Coded, list[Decimal]]] = {}
        self.pairs: dict[t.Node, tuple[str, Versus]] = {}
        self.plain: dict[str, Operand] = {}
        self.fits = True

    def coded(self) -> Coded | None:
        """The whole logic; None where an input is of a kind that no column has."""
        return self.made(self.table() if self.logic.table is not None else self.tree())

    def part(self, node: t.Node) -> Coded | None:
        """A part of the logic."""
        rewritten = self.rewritten(node)
        return self.made(compile_expression(rewritten, self.scope()))

    def made(self, evaluate: Evaluate) -> Coded | None:
        if not self.fits:
            return None
        found: dict[str, Operand] = dict(self.plain)
        for shape, (name, term, bounds) in self.cuts.items():
            found[name] = Cut(shape, term, tuple(sorted(set(bounds))))
        for name, figure, rest, bounds in self.gauges.values():
            found[name] = Gauge(figure, tuple(sorted(set(bounds))), rest, columns_read(rest))
        found |= dict(self.pairs.values())
        operands = tuple(found.items())
        constants = self.logic.constants
        interpreted = any(
            (isinstance(each, Raw) and each.view.base in ("number", "date"))
            or (isinstance(each, Coded) and each.interpreted)
            for _, each in operands
        )

        def run(values: Mapping[str, Value]) -> Value:
            return evaluate(Env({**constants, **values}, run=Run()))

        lasting = not constants and not self.asks_the_clock()
        return Coded(self.planner.book.name, self.logic.name, operands, run, interpreted, lasting)

    def asks_the_clock(self) -> bool:
        """Whether today() or now() stands anywhere in the logic."""
        table = self.logic.table
        trees = [self.logic.whole]
        if table is not None:
            trees += [*table.inputs, *(cell for row in table.rows for cell in (*row.cells, *row.outputs))]
        parts = [part for tree in trees for part in t.walk(tree)]
        clock = any(isinstance(part, t.Name) and part.name in ("today", "now") for part in parts)
        return clock or (table is None and any(isinstance(part, t.Native) for part in parts))

    def scope(self) -> Scope:
        made = (*(each[0] for each in self.cuts.values()), *(each[0] for each in self.gauges.values()))
        names = dict.fromkeys((*made, *(each[0] for each in self.pairs.values())))
        return Scope({**self.logic.scope.names, **names}, self.logic.scope.types)

    def tree(self) -> Evaluate:
        whole = self.rewritten(self.planner.flat(self.logic, self.logic.whole))
        return compile_expression(whole, self.scope())

    def table(self) -> Evaluate:
        """The table over what its columns can tell apart, with the conversions around it."""
        table = self.logic.table
        assert table is not None
        inputs: list[t.Node] = []
        for node, cuts in zip(table.inputs, table.cuts, strict=True):
            bounds = None if cuts is None else [of_value(value) for value in cuts]
            known = [each for each in bounds or () if each is not None]
            replaced = self.among(node, known) if bounds is not None and len(known) == len(bounds) else None
            inputs.append(self.rewritten(node) if replaced is None else replaced)
        for row in table.rows:
            for cell in (*row.cells, *row.outputs):
                self.keep(cell)
        for clause in has_defaults(self.logic):
            if clause:
                self.keep_all()
        scope = self.scope()
        run = table.over([compile_expression(node, scope) for node in inputs])
        kinds: list[Any] = []
        whole = self.logic.whole
        while isinstance(whole, t.Typed):
            kinds.insert(0, whole.type)
            whole = whole.value

        def evaluate(env: Env) -> Value:
            value = run(env)
            for kind in kinds:
                try:
                    value = coerce(value, kind)
                except FeelError:
                    return None
            return value

        return evaluate

    def cuttable(self, term: Term | None, bounds: Sequence[Decimal]) -> bool:
        return isinstance(term, Linear) or all(map(comparable, bounds))

    def cut(self, node: t.Node, term: Term | None, bounds: Sequence[Decimal]) -> t.Node:
        """The name that stands for the term from now on."""
        assert term is not None
        shape = self.planner.shape(self.logic, node)
        name, _, known = self.cuts.setdefault(shape, (self.fresh(), term, []))
        known += bounds
        return t.Name(name)

    def rewritten(self, node: t.Node) -> t.Node:
        """The tree with what can be cut replaced; what remains of names becomes operands."""
        match node:
            case t.Name(name=name):
                self.operand(name)
                return node
            case t.Comparison(left=left, right=right):
                if (found := self.against(left, right)) is not None:
                    return replace(node, left=found)
                if (found := self.against(right, left)) is not None:
                    return replace(node, right=found)
                if isinstance(left, t.NullLiteral) != isinstance(right, t.NullLiteral):
                    left, right = (self.among(side, []) or self.rewritten(side) for side in (left, right))
                    return replace(node, left=left, right=right)
                if (found := self.pair(node)) is not None:
                    return found
            case t.Between(value=value, low=low, high=high):
                found = self.against(value, low, high)
                if found is not None:
                    return replace(node, value=found)
            case t.In(value=value, tests=tests):
                bounds = [bound for test in tests for bound in bounds_of(test)]
                if all(bound is not None for bound in bounds):
                    found = self.among(value, [bound for bound in bounds if bound is not None])
                    if found is not None:
                        return replace(node, value=found)
            case t.Call(function=t.Name(name="list contains") as function, arguments=(items, element)):
                found = self.against(element, *items.items) if isinstance(items, t.ListLiteral) else None
                if found is not None and self.planner.builtin(self.logic, function.name):
                    return replace(node, arguments=(items, found))
            case t.Call(function=t.Name(name=name), arguments=arguments) if name in self.planner.limits:
                return replace(
                    node, arguments=tuple(self.given(name, place, arguments[place]) for place in range(len(arguments)))
                )
            case t.NamedCall(function=t.Name(name=name), arguments=pairs) if name in self.planner.limits:
                return replace(node, arguments=tuple((key, self.given(name, key, value)) for key, value in pairs))
            case t.Some() | t.Every():
                written = unrolled(node)
                if written is not None:
                    return self.rewritten(self.planner.flat(self.logic, written))
            case t.Filter(value=value, condition=condition):
                self.keep(condition)
                return replace(node, value=self.rewritten(value))
            case t.Path(value=value):
                return replace(node, value=self.rewritten(value))
        if binds(node) or opaque(node):
            self.keep(node)
            return node
        return rebuilt(node, self.rewritten)

    def against(self, node: t.Node, *others: t.Node) -> t.Node | None:
        """A term that is compared with these constants, by its name; None where it is none or they are none."""
        found = [term_of(other, self.resolve) for other in others]
        constants = [each for each in found if isinstance(each, Linear) and constant_of(each) is not None]
        return self.among(node, constants) if len(constants) == len(others) else None

    def among(self, node: t.Node, constants: Sequence[Linear]) -> t.Node | None:
        """The name of what is only told apart by these constants; None where it is neither a term nor a figure."""
        term, bounds = term_of(untyped(node), self.resolve), [each.constant for each in constants]
        if term is not None and constant_of(term) is not None:
            return None
        if term is not None and all(each.kind == term.kind for each in constants) and self.cuttable(term, bounds):
            return self.cut(untyped(node), term, bounds)
        measured = self.planner.measured(self.logic, node)
        if measured is None or any(each.kind != kind_of(measured[0]) for each in constants):
            return None
        name, _, _, known = self.gauges.setdefault(node, (self.fresh(), *measured, []))
        known += bounds
        return t.Name(name)

    def given(self, function: str, parameter: int | str, argument: t.Node) -> t.Node:
        """An argument of a knowledge model, cut to what that can tell apart."""
        if function not in self.logic.constants:
            return self.rewritten(argument)
        limits = self.planner.limits[function]
        name = parameter if isinstance(parameter, str) else dict(enumerate(limits)).get(parameter, "")
        bounds = limits.get(name)
        found = None if bounds is None else self.among(argument, bounds)
        return self.rewritten(argument) if found is None else found

    def pair(self, node: t.Comparison) -> t.Node | None:
        """The name of a comparison of two figures."""
        if node not in self.pairs:
            left, right = (figure_of(self.planner, self.logic, side) for side in (node.left, node.right))
            if left is None or right is None or kind_of(left) != kind_of(right):
                return None
            if any(
                isinstance(side, Nothing) or (isinstance(side, Sum) and not side.term.parts) for side in (left, right)
            ):
                return None
            rest = Rewriting(self.planner, self.logic).kept(node)
            if rest is None:
                return None
            self.pairs[node] = self.fresh(), Versus(node.operator, left, right, rest, columns_read(rest))
        return t.Name(self.pairs[node][0])

    def kept(self, node: t.Comparison) -> Coded | None:
        """A comparison with its sides as they are."""
        sides = replace(node, left=self.rewritten(node.left), right=self.rewritten(node.right))
        return self.made(compile_expression(sides, self.scope()))

    def fresh(self) -> str:
        """A name for a new operand."""
        return f"§{len(self.cuts) + len(self.gauges) + len(self.pairs)}"

    def operand(self, name: str) -> None:
        """A name that is used as it is."""
        if name not in self.needs or name in self.plain:
            return
        source, target = self.needs[name]
        if source == "decision":
            self.plain[name] = self.planner.coded(target)
        elif target in self.planner.views:
            self.plain[name] = Raw(self.planner.views[target])
        else:
            self.fits = False

    def keep(self, node: t.Node) -> None:
        """The tree stays as it is: everything it may read becomes an operand."""
        for part in t.walk(node):
            if isinstance(part, t.Name):
                self.operand(part.name)
            elif isinstance(part, t.Native):
                self.keep_all()

    def keep_all(self) -> None:
        for name in self.needs:
            self.operand(name)
