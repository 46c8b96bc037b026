"""Verdicts that stay unknown although every way the unknown can turn out agrees: the author can write that rule better.

An unknown is judged piece by piece, so this only happens to inputs that a decision reads more than once. What is reported has
been tried: unknown with these inputs, and the same verdict for every value worth trying, at and on both sides of every threshold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import combinations, islice
from random import Random

from ..explain.build import case_of, view_of
from ..explain.thresholds import candidates
from ..explain.view import View
from ..feel import Env, Unknown, compile_expression
from ..feel import tree as t
from ..feel.show import show
from ..feel.values import MATH, Value
from ..findings import Finding, RulebookError
from .combining import operands
from .ground import Ground, example, sets_of
from .pieces import Subject

TRIES = 250
"""So many sets of known inputs are looked at for one decision, with one input unknown and with two."""
PROBES = 400
"""So many completions are tried before anything is reported."""


def settled(subject: Subject) -> Iterator[Finding]:
    """Every boolean decision of the model; those below first, and none that stands on one already reported."""
    book, ground = subject.book, subject.ground
    told: set[str] = set()
    nodes = {node.name: node for node in book.model.decisions}
    for info in _lowest_first(subject):
        if _stands_on(ground, info, told):
            continue
        found = _agreeing(ground, info)
        if found is None:
            continue
        told.add(info)
        known, unknown, verdict = found
        names = "、".join(f"“{name}”" for name in unknown)
        what = f"不知道{names}时得出未知，而{'它' if len(unknown) == 1 else '它们'}无论是什么，结论都{'成立' if verdict else '不成立'}"
        better = _rewrite(subject, info, unknown)
        how = f"可以加上由各种情形都推出的一条：or {better}" if better else "可以改写，使结论不随它而变"
        yield Finding(subject.where(nodes[info]), what, how, "warning", example(known))


def _lowest_first(subject: Subject) -> Iterator[str]:
    book = subject.book
    order: dict[str, None] = {}

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in order or name in above or name not in book.logic:
            return
        for source, below in book.needs(name).values():
            if source == "decision":
                visit(below, (*above, name))
        order[name] = None

    boolean = {info.name for info in book.decisions if info.base == "boolean"}
    for name in boolean:
        visit(name, ())
    return (name for name in order if name in boolean)


def _stands_on(ground: Ground, decision: str, told: set[str]) -> bool:
    todo, seen = [decision], set()
    while todo:
        name = todo.pop()
        if name in told:
            return True
        if name not in seen and name in ground.book.logic:
            seen.add(name)
            todo += [below for source, below in ground.book.needs(name).values() if source == "decision"]
    return False


# --- looking --------------------------------------------------------------------------------------------------------


def _agreeing(ground: Ground, decision: str) -> tuple[dict[str, Value], tuple[str, ...], bool] | None:
    """Known inputs, unknown ones, and the verdict that all their completions share; None when none was found."""
    uses = _uses(ground, decision)
    repeated = [name for name, count in uses.items() if count > 1 and ground.critical.get(name)]
    if not repeated:
        return None
    names = [name for name in uses if name in ground.critical]
    options = [ground.critical[name] or (None,) for name in names]
    bases = [
        {name: value for name, value in zip(names, values, strict=True) if value is not None}
        for values in sets_of(options, TRIES)
    ]
    divided = [({**bases[0], **seed}, (name,)) for name, seed in _seeds(ground, decision) if name in repeated]
    alone = islice(((whole, (name,)) for whole in bases for name in repeated), TRIES)
    pairs = islice(((whole, pair) for whole in bases for pair in combinations(repeated, 2)), TRIES)
    view: View | None = None
    for whole, unknown in (*divided, *alone, *pairs):
        known = {name: value for name, value in whole.items() if name not in unknown}
        if not isinstance(_verdict(ground, decision, known), Unknown):
            continue
        verdict = _shared(ground, decision, known, unknown)
        if verdict is None:
            continue
        view = view or view_of(ground.book)
        if _holds_everywhere(view, ground, decision, whole, unknown, verdict):
            return known, unknown, verdict
    return None


def _seeds(ground: Ground, decision: str) -> Iterator[tuple[str, dict[str, Value]]]:
    """Where two alternatives divide on an input: that input, and values of others that fulfil the rest of both."""
    scope = ground.book.logic[decision].scope
    needs = ground.book.needs(decision)
    for divider, rest in _divided(ground.book.logic[decision].tree):
        source, divided = needs.get(divider, ("", ""))
        if source != "input":
            continue
        seed: dict[str, Value] = {}
        for part in rest:
            used = {node.name for node in t.walk(part) if isinstance(node, t.Name) and node.name in needs}
            for local in used if len(used) == 1 else ():
                source, name = needs[local]
                holds = compile_expression(part, scope)
                if source == "input":
                    fitting = (value for value in ground.critical[name] if holds(Env({local: value})) is True)
                    seed[name] = next(fitting, None)
        yield divided, {name: value for name, value in seed.items() if value is not None}


def _uses(ground: Ground, decision: str) -> dict[str, int]:
    """How often a decision reads each input, counting what it reads through other decisions."""
    memo: dict[str, dict[str, int]] = {}

    def of(name: str, above: tuple[str, ...]) -> dict[str, int]:
        if name in memo or name in above or name not in ground.book.logic:
            return memo.get(name, {})
        logic = ground.book.logic[name]
        needs = ground.book.needs(name)
        trees: list[t.Node] = [] if logic.tree is None else [logic.tree]
        if logic.table is not None:
            trees += logic.table.inputs
            for row in logic.table.rows:
                trees += [*row.cells, *row.outputs]
        found: dict[str, int] = {}
        for tree in trees:
            for node in t.walk(tree):
                if isinstance(node, t.Name) and node.name in needs:
                    source, target = needs[node.name]
                    for each, count in ({target: 1} if source == "input" else of(target, (*above, name))).items():
                        found[each] = min(found.get(each, 0) + count, 1000)
        memo[name] = found
        return found

    return of(decision, ())


def _verdict(ground: Ground, decision: str, inputs: Mapping[str, Value]) -> Value:
    try:
        return ground.book.evaluate(inputs, (decision,)).values[decision]
    except RulebookError:
        return None


def _shared(ground: Ground, decision: str, known: Mapping[str, Value], unknown: Sequence[str]) -> bool | None:
    """The verdict of every completion at the critical values; None when they differ or one is none."""
    found: set[Value] = set()
    options = [(*_extremes(ground, name), *ground.critical[name]) for name in unknown]
    probes = list(sets_of(options, PROBES))
    Random(len(probes)).shuffle(probes)  # two that differ are met sooner
    for values in probes:
        verdict = _verdict(ground, decision, {**known, **dict(zip(unknown, values, strict=True))})
        if not isinstance(verdict, bool):
            return None
        found.add(verdict)
        if len(found) > 1:
            return None
    return found.pop() if found else None


def _extremes(ground: Ground, name: str) -> Iterator[Value]:
    """The numbers at the very ends, where sums and ratios cease to be numbers."""
    if ground.bases[name] == "number":
        greatest = MATH.next_minus(Decimal("Infinity"))
        yield from (end for end in (greatest, greatest.copy_negate()) if ground.takes(name, end))


def _holds_everywhere(
    view: View, ground: Ground, decision: str, whole: Mapping[str, Value], unknown: Sequence[str], verdict: bool
) -> bool:
    """The same once more at the thresholds as they stand for these very inputs (a ratio's depends on the other part)."""
    first, *rest = unknown
    for value in [*ground.critical[first], *_turned(view, decision, whole, first)]:
        inputs = {**whole, first: value}
        if not ground.takes(first, value):
            continue
        for other in [None, *(_turned(view, decision, inputs, rest[0]) if rest else ())]:
            completed = inputs if other is None else {**inputs, rest[0]: other}
            if _verdict(ground, decision, completed) is not verdict:
                return False
    return True


def _turned(view: View, decision: str, inputs: Mapping[str, Value], name: str) -> tuple[Value, ...]:
    try:
        return candidates(case_of(view, inputs, None, "unknown"), decision, name)
    except RulebookError:
        return ()


# --- a better way to write it ---------------------------------------------------------------------------------------

OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def _rewrite(subject: Subject, decision: str, unknown: Sequence[str]) -> str:
    """Where two alternatives divide on the unknown (A below, B above), what follows from both: A and B."""
    needs = subject.book.needs(decision)
    for divider, rest in _divided(subject.book.logic[decision].tree):
        if needs.get(divider, ("", ""))[1] in unknown:
            return " and ".join(dict.fromkeys(_bracketed(part) for part in rest))
    return ""


def _divided(tree: t.Node | None) -> Iterator[tuple[str, list[t.Node]]]:
    """Pairs of alternatives of which one asks a name for what the other excludes: the name, and what else they ask."""
    if not isinstance(tree, t.Or):
        return
    ways = [operands(way) if isinstance(way, t.And) else [way] for way in operands(tree)]
    for one, other in combinations(ways, 2):
        for a in one:
            for b in other:
                name = _divider(a, b)
                if name:
                    yield name, [part for part in (*one, *other) if part not in (a, b)]


def _bracketed(node: t.Node) -> str:
    return f"({show(node)})" if isinstance(node, t.Or) else show(node)


def _divider(a: t.Node, b: t.Node) -> str:
    """The name of which one of the two conditions always holds; empty when there is none."""
    if isinstance(a, t.Comparison) and isinstance(b, t.Comparison):
        opposite = a.left == b.left and a.right == b.right and OPPOSITE.get(a.operator) == b.operator
        return a.left.name if opposite and isinstance(a.left, t.Name) else ""
    for plain, negated in ((a, b), (b, a)):
        match negated:
            case t.Call(function=t.Name(name="not"), arguments=(t.Name(name=name),)) if negated.arguments[0] == plain:
                return name
    return ""
