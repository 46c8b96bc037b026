"""From a rule's FEEL trees to a plan over columns; what the plan cannot say stays with the interpreter, decision by decision.

A boolean decision becomes a `Truth`: conditions on columns (`Compare`, `Fact`, `Lookup`) joined by all-of, any-of and not. Any
other decision, and a boolean one of another shape, becomes a `Coded`: its own logic over a few operands, each cut to what
the logic can tell apart (numbers to the stretches between the constants they are compared with), worked out by the
interpreter once for each combination that occurs. Operands that cannot be cut are columns as they are; then the decision
is `interpreted`: still once for each distinct combination, but those may be as many as there are rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from wotu.rulebook.columnar.algebra import difference, term_of, view
from wotu.rulebook.columnar.conditions import (
    All,
    Any_,
    Coded,
    Compare,
    Fact,
    Gauge,
    Lookup,
    Loose,
    Named,
    Not,
    Of,
    Raw,
    Settled,
    Sign,
    Truth,
    Versus,
    Whole,
    columns_read,
    views_read,
)
from wotu.rulebook.columnar.knowledge import inlined, knowledge, limits
from wotu.rulebook.columnar.measuring import figure_of
from wotu.rulebook.columnar.quantities import Figure, Nothing
from wotu.rulebook.columnar.rewriting import Rewriting
from wotu.rulebook.columnar.terms import Linear, Term, View, constant_of
from wotu.rulebook.columnar.trees import (
    comparable,
    conforms,
    ends_of,
    flattened,
    opaque,
    operands,
    plain,
    rebuilt,
    several,
    unrolled,
    untyped,
)
from wotu.rulebook.dmn.declared import base_name
from wotu.rulebook.feel import (
    BUILTINS,
    Env,
    Value,
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

    def truth(self, decision: str) -> Truth:
        """A decision's conditions; of one that is not boolean, whether its value happens to be true or false."""
        found = self.truths.get(decision)
        return Of(self.coded(decision)) if found is None else found

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
        self.parts: dict[tuple[str, t.Node], Coded | None] = {}
        self.figures: dict[tuple[str, t.Node], tuple[Figure, Coded] | None] = {}
        self.models, self.limits = knowledge(book), limits(book)

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
                return self.named(logic, name) or self.partly(logic, node)
            case t.Comparison(operator=operator, left=left, right=right):
                found = self.comparison(logic, operator, left, right)
                return found or self.lookup(logic, node) or self.partly(logic, node)
            case t.Between(value=value, low=low, high=high):
                ends = (self.comparison(logic, ">=", value, low), self.comparison(logic, "<=", value, high))
                if ends[0] is not None and ends[1] is not None:
                    return Whole(All((ends[0], ends[1])))
            case t.In(value=value, tests=tests):
                return self.membership(logic, value, tests) or self.lookup(logic, node) or self.partly(logic, node)
            case t.Typed(value=value, type=kind) if kind == BOOLEAN:
                return self.condition(logic, value)
            case t.Some() | t.Every():
                written = unrolled(node)
                part = None if written is None else self.condition(logic, self.flat(logic, written))
                return self.partly(logic, node) if part is None else Whole(part)
        return self.lookup(logic, node) or self.partly(logic, node)

    def part(self, logic: Logic, node: t.Node) -> Coded | None:
        """A part of a decision's logic by its codes."""
        key = logic.name, node
        if key not in self.parts:
            self.parts[key] = Rewriting(self, logic).part(node)
        return self.parts[key]

    def partly(self, logic: Logic, node: t.Node) -> Truth | None:
        """A part of a condition by its codes."""
        made = self.part(logic, node)
        if made is not None and made.interpreted:
            self.reasons.setdefault(logic.name, self.why(made))
        return None if made is None else Of(self.loose(made))

    def loose(self, made: Coded) -> Coded:
        """The same where only being surely true or surely false matters, when telling more may cost much."""
        if made.interpreted or not any(isinstance(each, Gauge | Versus) for _, each in made.operands):
            return made
        views = tuple(view for view in views_read(made) if view.base in ("number", "date"))
        return Coded(
            made.rule, made.decision, (("§", Loose(made, views, columns_read(made))),), lambda given: given["§"], False
        )

    def measured(self, logic: Logic, node: t.Node) -> tuple[Figure, Coded] | None:
        """A number or date worked out for all rows, and how the interpreter does it; None where codes say it as well."""
        key = logic.name, node
        if key not in self.figures:
            self.figures[key] = None
            rest = self.part(logic, node)
            figure = figure_of(self, logic, node) if rest is not None and rest.interpreted else None
            if rest is not None and figure is not None and not isinstance(figure, Nothing):
                self.figures[key] = figure, rest
        return self.figures[key]

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
            found = None if logic is None else Rewriting(self, logic).coded()
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
