"""Walk a clause's tree and say of each piece whether it holds, on what values, what it needs and how far it is from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from wotu.rulebook.feel.show import show
from wotu.rulebook.feel.tree import (
    And,
    Arithmetic,
    Between,
    Call,
    Comparison,
    If,
    In,
    Name,
    Node,
    NumberLiteral,
    Or,
    StringLiteral,
    ValueTest,
    children,
)  # fmt: skip
from wotu.rulebook.feel.unknown import has_unknown
from wotu.rulebook.findings import RulebookError

from .measure import around, difference, is_constant, leaves, measured, solve, unfold, unit_of, words_for
from .model import Change, Distance, Kind, Part, State, Used
from .view import Case, DecisionView, TableView, names_in
from .words import HUNDRED, RATIO, gap, listed, needed, number_of, say, show_value

ORDER = ("<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class Asker:
    """What the walk carries along: the case, the language, and whether to work out distances."""

    case: Case
    lang: str
    distances: bool = True


def state_of(value: Any) -> State:
    """met when true, not met when false; unknown and null are neither."""
    if value is True:
        return "met"
    return "not met" if value is False else "unknown"


def explain_decision(ask: Asker, name: str, label: str | None = None) -> Part:
    """The reason of a boolean decision: its tree walked, or its table's answer with what it read."""
    owner = ask.case.view.decisions[name]
    if isinstance(owner.logic, TableView) or owner.logic is None:
        return _opaque(ask, owner, None, state_of(ask.case.results.get(name)))
    return explain_node(ask, owner, owner.logic, label)


def explain_node(ask: Asker, owner: DecisionView, node: Node, label: str | None = None) -> Part:
    """The reason of one boolean expression; `label` names its measure where the formula alone would be clumsy."""
    match node:
        case And():
            return _joined(ask, owner, node, "all", tuple(flat(node, And)), label)
        case Or():
            return _joined(ask, owner, node, "any", tuple(flat(node, Or)), label)
        case Between(value=value, low=low, high=high):
            ends = (Comparison(">=", value, low), Comparison("<=", value, high))
            return _joined(ask, owner, node, "all", ends, label)
        case Call(function=Name(name="not"), arguments=(inner,)):
            return _negated(ask, owner, node, inner)
        case Name(name=name) if name in owner.needs:
            return _named(ask, owner, node)
        case Comparison():
            return _comparison(ask, owner, node, label)
        case In(value=value, tests=tests):
            return _membership(ask, owner, node, value, tests)
        case If():
            return _choice(ask, owner, node, label)
    return _opaque(ask, owner, node, state_of(ask.case.value(owner.name, node)))


def flat(node: Node, kind: type[And] | type[Or]) -> Iterator[Node]:
    """The operands of a chain of one connective, left to right."""
    todo = [node]
    while todo:
        top = todo.pop()
        if isinstance(top, kind):
            todo += [top.right, top.left]
        else:
            yield top


# --- facts ----------------------------------------------------------------------------------------------------------


def _named(ask: Asker, owner: DecisionView, node: Name) -> Part:
    """A boolean input is a fact; a boolean decision is a clause of its own, explained below."""
    origin, name = owner.needs[node.name]
    value = ask.case.of((origin, name))
    state = state_of(value)
    words = words_for(ask.case.view, owner, node, ask.lang, show)
    if origin == "decision":
        inner = explain_decision(ask, name)
        text = f"{words} {say(ask.lang, state)}"
        if state != "met":
            text = say(ask.lang, "because", text, inner.text)
        return Part("clause", state, text, inner.used, words, inner.distance, inner.missing, inner.note, (inner,))
    return _fact(ask, owner, node, name, words, wanted=True)


def _fact(ask: Asker, owner: DecisionView, node: Node, name: str, words: str, *, wanted: bool) -> Part:
    value = ask.case.inputs[name]
    state = state_of(value if wanted or not isinstance(value, bool) else not value)
    needs = say(ask.lang, "true" if wanted else "false")
    text = f"{words} {show_value(value, None, ask.lang)}"
    distance = None
    if state == "not met":
        must = say(ask.lang, "must be", needs)
        text += f"{say(ask.lang, 'comma')}{must}"
        told = f"{words}{must}" if ask.lang == "zh" else f"{words} {must}"
        distance = Distance(None, None, False, None, (Change(name, value, wanted),), told)
    return Part("fact", state, text, (Used(name, value, None),), needs, distance, missing(ask.case, owner, node, state))


def _negated(ask: Asker, owner: DecisionView, node: Node, inner: Node) -> Part:
    state = state_of(ask.case.value(owner.name, node))
    if isinstance(inner, Name) and owner.origin(inner.name) == "input":
        words = words_for(ask.case.view, owner, inner, ask.lang, show)
        return _fact(ask, owner, inner, owner.needs[inner.name][1], words, wanted=False)
    below = replace(explain_node(replace(ask, distances=False), owner, inner), distance=None)
    text = say(ask.lang, "not", below.text)
    return Part("not", state, text, below.used, text, None, missing(ask.case, owner, node, state), below.note, (below,))


# --- comparisons ----------------------------------------------------------------------------------------------------


def _comparison(ask: Asker, owner: DecisionView, node: Comparison, label: str | None) -> Part:
    view, lang = ask.case.view, ask.lang
    state = state_of(ask.case.value(owner.name, node))
    turned = measured(node, lambda side: is_constant(owner, side))
    if turned is None:
        return _opaque(ask, owner, node, state)
    value = ask.case.value(owner.name, turned.measure)
    threshold = ask.case.value(owner.name, turned.threshold)
    unit = unit_of(view, owner, turned.measure)
    words = label if label and unit == RATIO else words_for(view, owner, turned.measure, lang, show)
    needs = needed(turned.operator, threshold, unit, lang)
    note = zero_division(ask, owner, turned.measure) if value is None else ""
    shown = show_value(value, unit, lang, threshold if state == "not met" else None)
    if state == "not met" and number_of(value) == number_of(threshold) and turned.operator in ORDER:
        shown = show_value(value, unit, lang)
    text = f"{words} {shown}"
    distance = None
    if state == "not met":
        distance = _distance(ask, owner, node, turned.measure, turned.operator, value, threshold, unit)
        text += say(lang, "comma") + (distance.text if distance else say(lang, "must") + needs)
    else:
        text += say(lang, "comma") + say(lang, "must") + needs
    if note:
        text += f"（{note}）" if lang == "zh" else f" ({note})"
    lacks = missing(ask.case, owner, node, state)
    return Part("comparison", state, text, used_by(ask.case, owner, turned.measure), needs, distance, lacks, note)


def _distance(
    ask: Asker,
    owner: DecisionView,
    node: Node,
    measure: Node,
    operator: str,
    value: Any,
    threshold: Any,
    unit: str | None,
) -> Distance | None:
    """The gap to the threshold and the change that closes it."""
    have, want = number_of(value), number_of(threshold)
    apart = difference(threshold, value)
    if not ask.distances or operator not in ORDER or have is None or want is None or apart is None:
        return None
    unit = "天" if not isinstance(value, Decimal) else unit
    strict = operator in ("<", ">")
    changes = _closing(ask, owner, node, measure, operator, threshold, unit)
    text = told_gap(operator, apart, threshold, unit, ask.lang)
    if unit == RATIO and apart and len(changes) == 1 and changes[0].unit != RATIO and not changes[0].derived:
        moved = difference(changes[0].new, changes[0].old)
        if moved:
            text += f" ≈ {gap(moved, changes[0].unit, ask.lang)}"
    return Distance(apart, unit, strict, apart * HUNDRED if unit == RATIO else None, changes, text)


def told_gap(operator: str, apart: Decimal, threshold: Any, unit: str | None, lang: str) -> str:
    """How far a comparison is from being true, in words."""
    if apart == 0:
        return say(lang, "must") + needed(operator, threshold, unit, lang)
    text = say(lang, "short" if operator in (">", ">=") else "over", gap(apart, unit, lang))
    return text + say(lang, "beyond") if operator in ("<", ">") else text


def _closing(
    ask: Asker, owner: DecisionView, node: Node, measure: Node, operator: str, threshold: Any, unit: str | None
) -> tuple[Change, ...]:
    """One change that makes the comparison true: of an input where the formula can be turned round, else of its result."""
    case = ask.case
    for name in dict.fromkeys(leaves(case, owner, measure)):
        old = case.inputs[name]
        if old is None or has_unknown(old):
            continue
        wanted = solve(case, owner, measure, name, threshold)
        if wanted is None:
            continue
        for new in around(wanted, case.view.inputs[name].unit):
            change = Change(name, old, new, case.view.inputs[name].unit)
            if new != old and holds_after(case, owner, node, (change,)):
                return (change,)
    if isinstance(measure, Name) and measure.name in owner.needs:
        origin, name = owner.needs[measure.name]
        for new in around(threshold, unit) if origin == "decision" else ():
            if case.value(owner.name, node, {measure.name: new}) is True:
                return (Change(name, case.of((origin, name)), new, unit, derived=True),)
    return ()


def holds_after(case: Case, owner: DecisionView, node: Node | None, changes: Iterable[Change]) -> bool:
    """Whether the expression (None: the whole decision) is true once the changes are made; refused values make it false."""
    after = case_after(case, changes, owner.name)
    if after is None:
        return False
    return (after.results.get(owner.name) if node is None else after.value(owner.name, node)) is True


def case_after(case: Case, changes: Iterable[Change], decision: str | None = None) -> Case | None:
    """The case with some inputs changed (and intermediate results put in their place); None when a value is refused."""
    every = tuple(changes)
    inputs = {**case.inputs, **{change.name: change.new for change in every if not change.derived}}
    try:
        results = case.view.results(inputs, decision)
    except RulebookError:
        return None
    return Case(case.view, inputs, {**results, **{change.name: change.new for change in every if change.derived}})


# --- joined ---------------------------------------------------------------------------------------------------------


def _joined(
    ask: Asker, owner: DecisionView, node: Node, kind: Kind, nodes: tuple[Node, ...], label: str | None
) -> Part:
    state = state_of(ask.case.value(owner.name, node))
    shared = shared_measures(owner, nodes) if kind == "any" else frozenset()
    parts = tuple(explain_node(ask, owner, item, label if shared or len(nodes) == 1 else None) for item in nodes)
    distance = None
    if state == "not met" and ask.distances:
        failing = tuple(part for part in parts if part.state == "not met")
        if kind == "all":
            distance = _sum(ask, owner, node, failing)
        else:
            distance = _smallest(ask, owner, nodes, parts, shared)
    used: list[Used] = []
    for part in parts:  # a value may be a list, which no set takes
        used += [item for item in part.used if item not in used]
    text = _joined_text(ask, kind, state, parts, distance)
    note = next((part.note for part in parts if part.note and part.state == state), "")
    needs = listed((part.needs for part in parts), ask.lang) if kind == "all" else say(ask.lang, "any")
    return Part(kind, state, text, tuple(used), needs, distance, missing(ask.case, owner, node, state), note, parts)


def shared_measures(owner: DecisionView, nodes: tuple[Node, ...]) -> frozenset[Node]:
    """What every alternative measures (研发强度 in tiers by 收入): people move that, the rest says which tier they're in."""
    sets = []
    for node in nodes:
        atoms = [atom for item in flat(node, And) for atom in [item] if isinstance(atom, Comparison)]
        turned = [measured(atom, lambda side: is_constant(owner, side)) for atom in atoms]
        sets.append({item.measure for item in turned if item is not None})
    return frozenset(set.intersection(*sets)) if sets else frozenset()


def _sum(ask: Asker, owner: DecisionView, node: Node, failing: tuple[Part, ...]) -> Distance | None:
    """What all failing parts lack together; None when one of them can't say or the sum doesn't make the whole true."""
    distances = [part.distance for part in failing]
    if not distances or any(distance is None for distance in distances):
        return None
    known = [distance for distance in distances if distance is not None]
    if len(known) == 1:
        return _checked(ask, owner, node, known[0])
    changes = _merged(change for distance in known for change in distance.changes)
    text = (say(ask.lang, "and")).join(
        part.distance.text if part.kind == "fact" and part.distance else part.text for part in failing
    )
    return _checked(ask, owner, node, Distance(None, None, False, None, changes, text))


def _merged(changes: Iterable[Change]) -> tuple[Change, ...]:
    """One change an input: where two are asked, the one that goes further."""
    found: dict[str, Change] = {}
    for change in changes:
        other = found.get(change.name)
        if other is None or (difference(change.new, change.old) or 0) > (difference(other.new, other.old) or 0):
            found[change.name] = change
    return tuple(found.values())


def _checked(ask: Asker, owner: DecisionView, node: Node, distance: Distance) -> Distance | None:
    """The distance, if its changes really make the expression true (a change for one part may break another)."""
    if not distance.changes:
        return distance
    after = case_after(ask.case, distance.changes, owner.name)
    return distance if after is not None and after.value(owner.name, node) is True else None


def _smallest(
    ask: Asker, owner: DecisionView, nodes: tuple[Node, ...], parts: tuple[Part, ...], shared: frozenset[Node]
) -> Distance | None:
    """The alternative that takes least: of those that lack only the shared measure if there are any, else of all."""
    candidates = [part for part in parts if part.distance is not None]
    if shared:
        near = [
            part
            for node, part in zip(nodes, parts, strict=True)
            if part.distance and _lacks_only(owner, node, part, shared)
        ]
        candidates = near or candidates
    if not candidates:
        return None
    return min(candidates, key=lambda part: effort(part.distance.changes if part.distance else ())).distance


def _lacks_only(owner: DecisionView, node: Node, part: Part, shared: frozenset[Node]) -> bool:
    nodes = tuple(flat(node, And))
    parts = part.parts if part.kind == "all" else (part,)
    for item, below in zip(nodes, parts, strict=True):
        if below.state != "met":
            turned = measured(item, lambda side: is_constant(owner, side)) if isinstance(item, Comparison) else None
            if turned is None or turned.measure not in shared:
                return False
    return True


def effort(changes: Iterable[Change]) -> tuple[int, Decimal]:
    """How much is asked: how many changes, then how large they are beside what there is (a fact counts as 1)."""
    every = tuple(changes)
    return (len(every) or 99, sum((relative(change) for change in every), Decimal(0)))


def relative(change: Change) -> Decimal:
    """A change beside the values it goes between: 0 to 1; facts, texts and first values count 1, dates by the year."""
    apart = difference(change.new, change.old)
    if apart is None:
        return Decimal(1)
    if not isinstance(change.new, Decimal):
        return min(apart / 365, Decimal(1))
    return Decimal(apart / max(abs(change.new), abs(change.old), Decimal("1e-9")))


def _joined_text(ask: Asker, kind: Kind, state: State, parts: tuple[Part, ...], distance: Distance | None) -> str:
    """The parts that decide, in their own words."""
    semicolon = say(ask.lang, "and")
    if kind == "any" and state == "not met" and distance is not None:
        nearest = next((part for part in parts if part.distance is distance), None)
        if nearest is not None:
            return nearest.text
    return semicolon.join(dict.fromkeys(part.text for part in parts if part.state == state)) or semicolon.join(
        dict.fromkeys(part.text for part in parts)
    )


# --- membership, choices, the rest ----------------------------------------------------------------------------------


def _membership(ask: Asker, owner: DecisionView, node: Node, value: Node, tests: tuple[Node, ...]) -> Part:
    state = state_of(ask.case.value(owner.name, node))
    options = tuple(_constant_text(ask, test) for test in tests)
    if any(option is None for option in options):
        return _opaque(ask, owner, node, state)
    needs = say(ask.lang, "one of", listed((option for option in options if option), ask.lang))
    words = words_for(ask.case.view, owner, value, ask.lang, show)
    text = f"{words} {show_value(ask.case.value(owner.name, value), None, ask.lang)}{say(ask.lang, 'comma')}{needs}"
    lacks = missing(ask.case, owner, node, state)
    distance = Distance(None, None, False, None, (), needs) if state == "not met" else None
    return Part("membership", state, text, used_by(ask.case, owner, value), needs, distance, lacks)


def _constant_text(ask: Asker, test: Node) -> str | None:
    inner = test.value if isinstance(test, ValueTest) else test
    if isinstance(inner, StringLiteral):
        return inner.value
    return show_value(inner.value, None, ask.lang) if isinstance(inner, NumberLiteral) else None


def _choice(ask: Asker, owner: DecisionView, node: If, label: str | None) -> Part:
    """`if`: the branch taken is the reason; with the condition not known, what that lacks."""
    state = state_of(ask.case.value(owner.name, node))
    condition = ask.case.value(owner.name, node.condition)
    if has_unknown(condition):
        return _opaque(ask, owner, node, state)
    taken = node.then if condition is True else node.otherwise
    inner = explain_node(ask, owner, taken, label)
    distance = inner.distance
    if distance is not None and distance.changes and not any(change.derived for change in distance.changes):
        distance = distance if holds_after(ask.case, owner, node, distance.changes) else None
    return Part("choice", state, inner.text, inner.used, inner.needs, distance, inner.missing, inner.note, (inner,))


def _opaque(ask: Asker, owner: DecisionView, node: Node | None, state: State) -> Part:
    """Something without a shape we can take apart: its values and its formula."""
    names = names_in(node) if node is not None else tuple(owner.needs)
    used = tuple(item for name in names if name in owner.needs for item in used_by(ask.case, owner, Name(name)))
    values = listed((f"{item.name} {show_value(item.value, item.unit, ask.lang)}" for item in used), ask.lang)
    formula = str(show(node)) if node is not None else ""
    note = zero_division(ask, owner, node) if node is not None and state == "unknown" else ""
    return Part("other", state, values or formula, used, formula, None, missing(ask.case, owner, node, state), note)


def used_by(case: Case, owner: DecisionView, node: Node) -> tuple[Used, ...]:
    """The inputs a measure reads, formulas unfolded; a result of a table is used as itself."""
    found: dict[str, Used] = {}
    todo: list[tuple[DecisionView, Node]] = [(owner, node)]
    while todo:
        current, item = todo.pop(0)
        below, tree = unfold(case.view, current, item)
        if isinstance(tree, Name) and tree.name in below.needs:
            origin, name = below.needs[tree.name]
            unit = case.view.inputs[name].unit if origin == "input" else unit_of(case.view, below, tree)
            words = name if origin == "input" else case.view.decisions[name].words or name
            found.setdefault(name, Used(words, case.of((origin, name)), unit))
        elif isinstance(tree, Arithmetic):
            todo += [(below, tree.left), (below, tree.right)]
        else:
            todo += [(below, Name(name)) for name in names_in(tree) if name in below.needs]
    return tuple(found.values())


def missing(case: Case, owner: DecisionView, node: Node | None, state: State) -> tuple[str, ...]:
    """The inputs not known that keep this from being settled; what is settled already is not looked into."""
    if state != "unknown":
        return ()
    names = [name for name in (names_in(node) if node is not None else owner.needs) if name in owner.needs]
    found: list[str] = []
    for item in _undecided(case, owner, node) if node is not None else names:
        origin, name = owner.needs[item]
        if origin == "input":
            if has_unknown(case.inputs[name]) and name not in found:
                found.append(name)
        elif not isinstance(case.results.get(name), bool | Decimal | str):
            lower = case.view.decisions[name]
            logic = lower.logic if not isinstance(lower.logic, TableView) else None
            found += [each for each in missing(case, lower, logic, "unknown") if each not in found]
    return tuple(found)


def _undecided(case: Case, owner: DecisionView, node: Node) -> Iterator[str]:
    """The names below that still matter: operands of and/or that are settled don't."""
    if isinstance(node, And | Or):
        for item in flat(node, type(node)):
            if not isinstance(case.value(owner.name, item), bool):
                yield from _undecided(case, owner, item)
    else:
        yield from (name for name in names_in(node) if name in owner.needs)


def zero_division(ask: Asker, owner: DecisionView, node: Node) -> str:
    """Which denominator is 0, in words; empty when none is."""
    seen: set[str] = set()
    todo: list[tuple[DecisionView, Node]] = [(owner, node)]
    while todo:
        current, item = todo.pop(0)
        if isinstance(item, Arithmetic) and item.operator == "/":
            bottom = ask.case.value(current.name, item.right)
            if isinstance(bottom, Decimal) and bottom == 0:
                return say(ask.lang, "no ratio", words_for(ask.case.view, current, item.right, ask.lang, show))
        if isinstance(item, Name) and item.name in current.needs and current.needs[item.name][0] == "decision":
            lower = ask.case.view.decisions[current.needs[item.name][1]]
            if lower.name in seen or ask.case.results.get(lower.name) is not None:
                continue
            seen.add(lower.name)
            if isinstance(lower.logic, TableView):
                todo += [(lower, each) for each in lower.logic.inputs]
            elif lower.logic is not None:
                todo.append((lower, lower.logic))
        todo += [(current, child) for child in children(item)]
    return ""
