"""怎样才能符合: the smallest changes after which a rule is met, each checked by evaluating the rule with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, islice, product
from typing import Any

from wotu.rulebook.feel.tree import And, Call, Name, Node, Or

from .model import Change, Plan
from .reasons import case_after, flat, holds_after, relative
from .thresholds import candidates, mentions
from .view import Case, DecisionView, TableView
from .words import exactly, say, show_value

Changes = tuple[Change, ...]
KEEP = 6
"""So many ways are kept for each part."""
TRIES = 1500
"""So many evaluations are spent on a part whose formula can't be turned round (a score)."""
WAYS = 60
"""So many combinations of the parts' ways are checked."""


@dataclass(frozen=True)
class Search:
    """What may be changed, and how much each change costs (a weight an input; 1 where none is given)."""

    changeable: frozenset[str]
    weights: Mapping[str, Decimal]

    def cost(self, changes: Iterable[Change]) -> Decimal:
        """The sum over changes of weight times relative size (a fact's is 1); a little for each, so that fewer is better."""
        return sum(
            (self.weights.get(c.name, Decimal(1)) * (relative(c) + Decimal("0.05")) for c in changes), Decimal(0)
        )


def plans_for(case: Case, decision: str, search: Search, limit: int, lang: str) -> tuple[Plan, ...]:
    """Up to `limit` plans that make the boolean decision true, cheapest first; none when nothing found does."""
    owner = case.view.decisions[decision]
    found: dict[frozenset[tuple[str, Any]], Changes] = {}
    for changes in islice(_ways(case, owner, search), WAYS):
        for good in _repaired(case, owner, changes, search, depth=2):
            small = _needed_only(case, owner, good)
            found.setdefault(frozenset((c.name, c.new) for c in small), small)
    ordered = sorted(found.values(), key=lambda changes: (search.cost(changes), len(changes)))
    return tuple(
        Plan(changes, search.cost(changes), _text(case, changes, lang)) for changes in _undominated(ordered)[:limit]
    )


def _undominated(ordered: list[Changes]) -> list[Changes]:
    """Without plans that change all that a cheaper one does, and more."""
    kept: list[Changes] = []
    for changes in ordered:
        names = {change.name for change in changes}
        if not any({change.name for change in other} <= names for other in kept):
            kept.append(changes)
    return kept


def _ways(case: Case, owner: DecisionView, search: Search) -> Iterator[Changes]:
    if isinstance(owner.logic, TableView) or owner.logic is None:
        return iter(_searched(case, owner, None, search))
    return iter(_node_ways(case, owner, owner.logic, search))


def _repaired(case: Case, owner: DecisionView, changes: Changes, search: Search, depth: int) -> Iterator[Changes]:
    """The changes if they do it; else with further ones for what they broke."""
    after = case_after(case, changes, owner.name)
    if after is None:
        return
    if after.results.get(owner.name) is True:
        yield changes
    elif depth:
        rest = Search(search.changeable - {change.name for change in changes}, search.weights)
        for more in islice(_ways(after, owner, rest), KEEP):
            if more:
                yield from _repaired(case, owner, (*changes, *more), search, depth - 1)


def _needed_only(case: Case, owner: DecisionView, changes: Changes) -> Changes:
    """Without any change that isn't needed."""
    kept = changes
    for change in sorted(changes, key=relative, reverse=True):
        fewer = tuple(other for other in kept if other is not change)
        if fewer and holds_after(case, owner, None, fewer):
            kept = fewer
    return kept


def _node_ways(case: Case, owner: DecisionView, node: Node, search: Search) -> list[Changes]:
    """Ways to make an expression true, cheapest first; one empty way when it is already."""
    if case.value(owner.name, node) is True:
        return [()]
    match node:
        case And():
            options = [_node_ways(case, owner, item, search) for item in flat(node, And)]
            joined = (_together(ways) for ways in islice(product(*options), WAYS * 4))
            return _best((way for way in joined if way is not None), search)
        case Or():
            return _best((way for item in flat(node, Or) for way in _node_ways(case, owner, item, search)), search)
        case Name(name=name) if name in owner.needs:
            origin, target = owner.needs[name]
            if origin == "decision":
                return list(_ways(case, case.view.decisions[target], search))
            return _fact(case, target, True, search)
        case Call(function=Name(name="not"), arguments=(Name(name=name),)) if owner.origin(name) == "input":
            return _fact(case, owner.needs[name][1], False, search)
    return _searched(case, owner, node, search)


def _fact(case: Case, name: str, wanted: bool, search: Search) -> list[Changes]:
    return [(Change(name, case.inputs[name], wanted),)] if name in search.changeable else []


def _together(ways: Iterable[Changes]) -> Changes | None:
    """Several parts' changes as one; None when they want different things of one input in different directions."""
    found: dict[str, Change] = {}
    for change in (change for way in ways for change in way):
        other = found.get(change.name)
        if other is None or other.new == change.new:
            found[change.name] = change
        elif isinstance(change.new, bool | str) or isinstance(change.old, bool | str):
            return None
        elif relative(change) > relative(other):
            found[change.name] = change
    return tuple(found.values())


def _best(ways: Iterable[Changes], search: Search) -> list[Changes]:
    distinct = {frozenset((c.name, c.new) for c in way): way for way in ways}
    return sorted(distinct.values(), key=lambda way: (search.cost(way), len(way)))[:KEEP]


def _searched(case: Case, owner: DecisionView, node: Node | None, search: Search) -> list[Changes]:
    """One, two, then three inputs at a time, each to values at the rule's thresholds, cheapest first, within a budget."""
    names = mentions(owner, node) if node is not None else tuple(owner.needs)
    read: dict[str, None] = {}
    for name in names:
        origin, target = owner.needs[name]
        read.update(dict.fromkeys((target,) if origin == "input" else case.view.reads(target)))
    moves: dict[str, list[Change]] = {}
    for name in read:
        if name in search.changeable:
            values = candidates(case, owner.name, name)
            moves[name] = [Change(name, case.inputs[name], new, case.view.inputs[name].unit) for new in values]
    found: list[Changes] = []
    left = TRIES
    for count in (1, 2, 3):
        sets = (way for chosen in combinations(moves, count) for way in product(*(moves[name] for name in chosen)))
        # the exact value before one a cent nearer that only rounding lets through
        cheap = sorted(islice(sets, 20_000), key=lambda way: round(search.cost(way), 6))
        for way in cheap:
            left -= 1
            if left < 0 or len(found) >= KEEP:
                return found
            if any({c.name for c in other} <= {c.name for c in way} for other in found):
                continue
            if holds_after(case, owner, node, way):
                found.append(way)
        if found:
            return found
    return found


def _text(case: Case, changes: Changes, lang: str) -> str:
    words: Callable[[str], str] = lambda name: name if lang == "zh" else case.view.inputs[name].english or name  # noqa: E731
    said = []
    for change in changes:
        new = exactly(change.new, change.unit, lang)
        if change.old is None or (not isinstance(change.old, bool | str | Decimal) and relative(change) == 1):
            said.append(say(lang, "supply", words(change.name), new))
        else:
            said.append(
                say(lang, "change", words(change.name), show_value(change.old, change.unit, lang, change.new), new)
            )
    return say(lang, "and").join(said)
