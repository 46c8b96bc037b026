"""From a rule's FEEL trees to a plan over columns; what the plan cannot say stays with the interpreter, decision by decision.

A boolean decision becomes a `Truth`: conditions on columns (`Compare`, `Fact`, `Lookup`) joined by all-of, any-of and not. Any
other decision, and a boolean one of another shape, becomes a `Coded`: its own logic over a few operands, each cut to what
the logic can tell apart (numbers to the stretches between the constants they are compared with), worked out by the
interpreter once for each combination that occurs. Operands that cannot be cut are columns as they are; then the decision
is `interpreted`: still once for each distinct combination, but those may be as many as there are rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from wotu.rulebook.columnar.conditions import (
    All,
    Any_,
    Coded,
    Compare,
    Cut,
    Fact,
    Lookup,
    Named,
    Not,
    Of,
    Operand,
    Raw,
    Settled,
    Sign,
    Truth,
    Whole,
)
from wotu.rulebook.columnar.knowledge import inlined, knowledge
from wotu.rulebook.columnar.terms import Linear, Term, View, constant_of, difference, of_value, term_of, view
from wotu.rulebook.columnar.trees import (
    binds,
    bounds_of,
    comparable,
    conforms,
    ends_of,
    flattened,
    has_defaults,
    opaque,
    operands,
    plain,
    rebuilt,
    several,
    untyped,
)
from wotu.rulebook.dmn.types import base_name
from wotu.rulebook.feel import (
    BUILTINS,
    Env,
    FeelError,
    Run,
    Scope,
    Value,
    coerce,
    compile_expression,
)  # fmt: skip
from wotu.rulebook.feel import tree as t
from wotu.rulebook.feel.types import BOOLEAN, DATE, DAYS_DURATION, NUMBER

if TYPE_CHECKING:
    from wotu.rulebook.dmn.graph import Logic
    from wotu.rulebook.rulebook import Rulebook

Evaluate = Callable[[Env], Value]
POSITIVE: dict[str, tuple[Sign, bool]] = {
    ">=": (">=", False),
    ">": (">", False),
    "=": ("=", False),
    "<": (">=", True),
    "<=": (">", True),
    "!=": ("=", True),
}
"""Every comparison by one of three, and whether it is its negation."""
FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


@dataclass(frozen=True)
class RulePlan:
    """How each decision of a rule is answered from columns."""

    name: str
    truths: Mapping[str, Truth]
    """Of the boolean decisions."""
    planner: Planner = field(repr=False)
    reasons: Mapping[str, str]
    """Decisions that the interpreter answers, and why."""
    views: Mapping[str, View]
    """The columns by input name; inputs of kinds that no column has are not there."""

    def coded(self, decision: str) -> Coded:
        """Any decision by its codes; made when first asked for."""
        return self.planner.coded(decision)

    def interpreted(self, decision: str) -> bool:
        """Whether it reads columns of numbers or dates as they are."""
        return decision not in self.truths and self.coded(decision).interpreted

    def below(self, decision: str) -> str | None:
        """The decision, itself or below a boolean one, that the interpreter answers for it; None where there is none."""
        todo: list[Truth] = [self.truths[decision]]
        while todo:
            match todo.pop():
                case Of(coded=coded) if coded.interpreted:
                    return coded.decision
                case Named(truth=part) | Whole(part=part) | Not(part=part):
                    todo.append(part)
                case All(parts=parts) | Any_(parts=parts):
                    todo += parts
        return None


# --- planning -------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def plan(book: Rulebook) -> RulePlan:
    """The plan of a rule; made once."""
    planner = Planner(book)
    for name, info in ((info.name, info) for info in book.decisions):
        if info.base == "boolean":
            planner.truth(name)
        elif planner.term_decision(name) is None:
            planner.coded(name)
    return RulePlan(book.name, planner.truths, planner, planner.reasons, planner.views)


class Planner:
    """Plans one rule."""

    def __init__(self, book: Rulebook) -> None:
        self.book = book
        found = {info.name: view(info.name, info.type) for info in book.inputs}
        self.views = {name: each for name, each in found.items() if each is not None}
        self.truths: dict[str, Truth] = {}
        self.made: dict[str, Coded] = {}
        self.terms: dict[str, tuple[Term, t.Node] | None] = {}
        self.reasons: dict[str, str] = {}
        self.models = knowledge(book)

    # --- names ------------------------------------------------------------------------------------------------------

    def needs(self, logic: Logic) -> dict[str, tuple[str, str]]:
        """What plain names in a decision's logic stand for."""
        return dict(self.book.needs(logic.name)) if not logic.nested else {}

    def logic(self, decision: str) -> Logic | None:
        """A decision's logic; None where names of other models stand in it, and for imported decisions."""
        logic = self.book.logic.get(decision)
        return logic if logic is not None and not logic.nested and logic.key[0] == "" else None

    def resolver(self, logic: Logic) -> Callable[[str], Term | None]:
        """What a name in the logic is as a term."""
        needs = self.needs(logic)

        def resolve(name: str) -> Term | None:
            source, target = needs.get(name, ("", ""))
            if source == "input":
                each = self.views.get(target)
                if each is None or each.base not in ("number", "date"):
                    return None
                return Linear("number" if each.base == "number" else "date", ((each, Decimal(1)),))
            if source == "decision":
                found = self.term_decision(target)
                return None if found is None else found[0]
            return None

        return resolve

    def term_decision(self, name: str) -> tuple[Term, t.Node] | None:
        """A decision that is nothing but a term, and the term's canonical tree."""
        if name not in self.terms:
            self.terms[name] = None
            logic = self.logic(name)
            if logic is not None and logic.tree is not None and plain(logic.kind, NUMBER, DATE, DAYS_DURATION):
                node = self.flat(logic, logic.whole)
                term = term_of(untyped(node), self.resolver(logic))
                if term is not None and constant_of(term) is None and conforms(term, logic.kind):
                    self.terms[name] = term, self.shape(logic, untyped(node))
        return self.terms[name]

    def shape(self, logic: Logic, node: t.Node) -> t.Node:
        """The tree with columns' labels for their names, and decisions that are terms put in their place."""
        needs = self.needs(logic)

        def named(part: t.Node) -> t.Node:
            if not isinstance(part, t.Name) or part.name not in needs:
                return rebuilt(part, named)
            source, target = needs[part.name]
            if source == "input":
                return t.Name(self.views[target].label)
            found = self.term_decision(target)
            assert found is not None
            return found[1]

        return named(node)

    def flat(self, logic: Logic, node: t.Node) -> t.Node:
        """The tree with knowledge models that are plain FEEL, and the entries of contexts, put where they are named."""
        return flattened(inlined(self.models, logic, node))

    # --- conditions -------------------------------------------------------------------------------------------------

    def truth(self, decision: str) -> Truth:
        """A boolean decision as conditions on columns."""
        if decision not in self.truths:
            logic = self.logic(decision)
            found: Truth | None = None
            if logic is not None and logic.tree is not None and plain(logic.kind, BOOLEAN):
                found = self.condition(logic, untyped(self.flat(logic, logic.whole)))
            self.truths[decision] = Of(self.coded(decision)) if found is None else found
        return self.truths[decision]

    def condition(self, logic: Logic, node: t.Node) -> Truth | None:
        """A tree as a condition; None where it is of another shape."""
        match node:
            case t.And() | t.Or():
                parts = [self.condition(logic, part) for part in operands(node)]
                if any(part is None for part in parts):
                    return None
                kept = tuple(part for part in parts if part is not None)
                return All(kept) if isinstance(node, t.And) else Any_(kept)
            case t.Call(function=t.Name(name="not"), arguments=(inner,)) if self.builtin(logic, "not"):
                part = self.condition(logic, inner)
                return None if part is None else Not(part)
            case t.BooleanLiteral(value=value):
                return Settled(value)
            case t.NullLiteral():
                return Settled(None)
            case t.Name(name=name):
                return self.named(logic, name)
            case t.Comparison(operator=operator, left=left, right=right):
                found = self.comparison(logic, operator, left, right)
                return found if found is not None else self.lookup(logic, node)
            case t.Between(value=value, low=low, high=high):
                ends = (self.comparison(logic, ">=", value, low), self.comparison(logic, "<=", value, high))
                return Whole(All((ends[0], ends[1]))) if ends[0] is not None and ends[1] is not None else None
            case t.In(value=value, tests=tests):
                return self.membership(logic, value, tests) or self.lookup(logic, node)
            case t.Typed(value=value, type=kind) if kind == BOOLEAN:
                return self.condition(logic, value)
        return self.lookup(logic, node)

    def builtin(self, logic: Logic, name: str) -> bool:
        """Whether the name means the built-in function here."""
        return name in BUILTINS and name not in logic.scope.names

    def named(self, logic: Logic, name: str) -> Truth | None:
        source, target = self.needs(logic).get(name, ("", ""))
        if source == "input":
            each = self.views.get(target)
            return Fact(each) if each is not None and each.base == "boolean" else None
        if source == "decision" and base_name(self.book.logic[target].kind) == "boolean":
            return Named(target, self.truth(target))
        return None

    def comparison(self, logic: Logic, operator: str, left: t.Node, right: t.Node) -> Truth | None:
        """Two terms compared, one of them a constant or both without a quotient."""
        resolve = self.resolver(logic)
        a, b = term_of(left, resolve), term_of(right, resolve)
        if a is None or b is None:
            return None
        if constant_of(a) is not None:
            a, b, operator = b, a, FLIPPED[operator]
            left, right = right, left
        if constant_of(a) is not None or a.kind != b.kind:
            return None
        sign, negated = POSITIVE[operator]
        bound = constant_of(b)
        if bound is None:
            gap = difference(a, b)
            if gap is None:
                return None
            shape = self.shape(logic, t.Comparison(sign, left, right))
            made = Compare(shape, gap, sign, Decimal(0), True)
        elif isinstance(a, Linear) or comparable(bound):
            made = Compare(self.shape(logic, untyped(left)), a, sign, bound)
        else:
            return None
        return Not(made) if negated else made

    def membership(self, logic: Logic, value: t.Node, tests: Sequence[t.Node]) -> Truth | None:
        """`term in (constants, ranges)` as any of the comparisons it stands for."""
        term = term_of(value, self.resolver(logic))
        if term is None or constant_of(term) is not None or any(several(each) for each in term.views()):
            return None
        ways: list[Truth] = []
        for test in tests:
            ends = ends_of(test)
            if ends is None:
                return None
            found = [self.comparison(logic, operator, value, end) for operator, end in ends]
            kept = tuple(each for each in found if each is not None)
            if len(kept) < len(found):
                return None
            ways.append(kept[0] if len(kept) == 1 else All(kept))
        return Whole(ways[0] if len(ways) == 1 else Any_(tuple(ways)))

    def lookup(self, logic: Logic, node: t.Node) -> Truth | None:
        """A condition on one column of texts."""
        needs = self.needs(logic)
        names = {part.name for part in t.walk(node) if isinstance(part, t.Name)}
        read = [needs[name] for name in names if name in needs]
        if len(read) != 1 or read[0][0] != "input" or opaque(node) or names & set(logic.constants):
            return None
        each = self.views.get(read[0][1])
        return (
            Lookup(each, self.shape(logic, node)) if each is not None and each.base in ("string", "boolean") else None
        )

    # --- any other decision -----------------------------------------------------------------------------------------

    def coded(self, decision: str) -> Coded:
        """A decision by its codes."""
        if decision not in self.made:
            logic = self.logic(decision)
            found = None if logic is None else _Rewriting(self, logic).coded()
            self.made[decision] = self.whole(decision) if found is None else found
            if self.made[decision].interpreted:
                self.reasons.setdefault(decision, self.why(self.made[decision]))
        return self.made[decision]

    def whole(self, decision: str) -> Coded:
        """The decision left to the interpreter, from the inputs that it and those below it read."""
        names = self.inputs(decision)
        missing = [name for name in names if name not in self.views]
        operands = tuple((name, Raw(self.views[name])) for name in names if name in self.views)
        book = self.book

        def run(values: Mapping[str, Value]) -> Value:
            return book.evaluate(values, decisions=(decision,)).values[decision]

        if missing:
            self.reasons[decision] = f"输入“{missing[0]}”不是数、日期、文字或是否"
        else:
            self.reasons[decision] = "它或它的依据来自别的模型"
        return Coded(book.name, decision, operands, run, True)

    def inputs(self, decision: str) -> tuple[str, ...]:
        """Every input that a decision stands on."""
        steps = self.book.network.plan([self.book.logic[decision].key])
        wanted = {key for step in steps for source, key in step.needs.values() if source == "input"}
        return tuple(name for name, entry in self.book._inputs.items() if entry.key in wanted)

    def why(self, coded: Coded) -> str:
        """Which columns it reads as they are."""
        names = [
            each.view.name
            for _, each in coded.operands
            if isinstance(each, Raw) and each.view.base in ("number", "date")
        ]
        if names:
            return f"{'、'.join(names)}不只是与常数比较，按不同的值逐个计算"
        below = next(each for _, each in coded.operands if isinstance(each, Coded) and each.interpreted)
        return f"依据的“{below.decision}”由解释器计算"


class _Rewriting:
    """A decision's logic with its terms replaced by operands that are cut at the constants they are compared with."""

    def __init__(self, planner: Planner, logic: Logic) -> None:
        self.planner = planner
        self.logic = logic
        self.needs = planner.needs(logic)
        self.resolve = planner.resolver(logic)
        self.cuts: dict[t.Node, tuple[str, Term, list[Decimal]]] = {}
        self.plain: dict[str, Operand] = {}
        self.fits = True

    def coded(self) -> Coded | None:
        """None where an input is of a kind that no column has."""
        logic = self.logic
        evaluate = self.table() if logic.table is not None else self.tree()
        if not self.fits:
            return None
        cuts: dict[str, Operand] = {
            name: Cut(shape, term, tuple(sorted(set(bounds)))) for shape, (name, term, bounds) in self.cuts.items()
        }
        operands = tuple({**self.plain, **cuts}.items())
        constants = logic.constants
        interpreted = any(
            (isinstance(each, Raw) and each.view.base in ("number", "date"))
            or (isinstance(each, Coded) and each.interpreted)
            for _, each in operands
        )

        def run(values: Mapping[str, Value]) -> Value:
            return evaluate(Env({**constants, **values}, run=Run()))

        lasting = not constants and not self.asks_the_clock()
        return Coded(self.planner.book.name, logic.name, operands, run, interpreted, lasting)

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
        names = dict.fromkeys(name for name, _, _ in self.cuts.values())
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
            term = term_of(untyped(node), self.resolve)
            fits = bounds is not None and term is not None and constant_of(term) is None
            if fits and all(each is not None and each.kind == term.kind for each in bounds or ()):  # type: ignore[union-attr]
                found = [each.constant for each in bounds or () if each is not None]
                replaced = self.cut(untyped(node), term, found) if self.cuttable(term, found) else None
                inputs.append(replaced if replaced is not None else self.rewritten(node))
            else:
                inputs.append(self.rewritten(node))
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
        name, _, known = self.cuts.setdefault(shape, (f"§{len(self.cuts)}", term, []))
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
        term = term_of(untyped(node), self.resolve)
        if term is None or constant_of(term) is not None or any(each.kind != term.kind for each in constants):
            return None
        bounds = [each.constant for each in constants]
        return self.cut(untyped(node), term, bounds) if self.cuttable(term, bounds) else None

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
