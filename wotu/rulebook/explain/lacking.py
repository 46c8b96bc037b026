"""What a decision asks, clause by clause: what is counted unmet or unknown, and which clause one is short of.

Explanations ask it of one enterprise; `columnar` makes planes of the same pieces, so that both count alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from wotu.rulebook.feel.tree import And, Call, Name, Node, Or

from .model import Shortfall
from .reasons import flat
from .view import Case, DecisionView, TableView, View, names_in


@dataclass(frozen=True, eq=False)
class Asked:
    """A clause that must be so; one that stands under not() must not be met."""

    decision: str
    wanted: bool = True


@dataclass(frozen=True, eq=False)
class Itself:
    """What a clause asks beside the clauses it joins: counts as one, under its own name."""

    decision: str
    node: Node
    wanted: bool


@dataclass(frozen=True, eq=False)
class Every:
    """All of these: what they lack adds up, a clause that several of them ask counted once."""

    parts: tuple[Lack, ...]

    @cached_property
    def distinct(self) -> tuple[Lack, ...]:
        """What adds up."""
        return tuple(dict.fromkeys(_flat(self)))


@dataclass(frozen=True, eq=False)
class Least:
    """Nothing where the node holds; else the part that lacks least. No node: all of the decision."""

    decision: str
    node: Node | None
    wanted: bool
    parts: tuple[Lack, ...]


@dataclass(frozen=True, eq=False)
class Group:
    """A clause that joins others."""

    decision: str
    wanted: bool
    part: Lack


Lack = Asked | Itself | Every | Least | Group
NOTHING = Every(())


def lacks_of(view: View, decision: str) -> Lack:
    """What a decision asks; made once."""
    return _asks(view, decision).asked


def only_clauses(view: View, decision: str) -> bool:
    """Whether a decision is nothing but and, or and not of clauses, and so are the clauses that join others."""
    return _asks(view, decision).plain


def _asks(view: View, decision: str) -> _Asks:
    if decision not in view.lacks:
        view.lacks[decision] = _Asks(view, decision)
    found: _Asks = view.lacks[decision]
    return found


def gathered(lack: Lack) -> tuple[Lack, ...]:
    """What adds up: alls within alls together, each thing once."""
    while isinstance(lack, Group):
        lack = lack.part
    return lack.distinct if isinstance(lack, Every) else (lack,)


def _flat(lack: Lack) -> Iterator[Lack]:
    match lack:
        case Every(parts=parts):
            for part in parts:
                yield from _flat(part)
        case Group(part=part):
            yield from _flat(part)
        case _:
            yield lack


class _Asks:
    """Takes decisions apart below one, which itself is no clause."""

    def __init__(self, view: View, goal: str) -> None:
        self.view, self.goal = view, goal
        self.made: dict[tuple[str, bool], Lack] = {}
        """Of each clause one piece, however many ask it: so it is known again where it would be counted twice."""
        self.plain = True
        self.asked = self.whole()

    def whole(self) -> Lack:
        owner = self.view.decisions[self.goal]
        if owner.logic is None or isinstance(owner.logic, TableView):
            self.plain = False
            return self.mentioned(owner, None, True, tuple(owner.decisions()))
        return self.node(owner, owner.logic, True)

    def clause(self, name: str, wanted: bool) -> Lack:
        if (name, wanted) not in self.made:
            self.made[name, wanted] = self.taken_apart(name, wanted)
        return self.made[name, wanted]

    def taken_apart(self, name: str, wanted: bool) -> Lack:
        owner = self.view.decisions[name]
        if owner.logic is None or isinstance(owner.logic, TableView):
            return Asked(name, wanted)
        if not any(self.view.decisions[lower].boolean for lower in owner.decisions()):
            return Asked(name, wanted)
        before = self.plain
        part = self.node(owner, owner.logic, wanted)
        if isinstance(part, Itself):
            self.plain = before
            return Asked(name, wanted)
        return Group(name, wanted, part)

    def node(self, owner: DecisionView, node: Node, wanted: bool) -> Lack:
        match node:
            case Call(function=Name(name="not"), arguments=(inner,)) if "not" not in owner.needs:
                return self.node(owner, inner, not wanted)
            case And() if wanted:
                return Every(tuple(self.node(owner, part, wanted) for part in flat(node, And)))
            case Or() if not wanted:
                return Every(tuple(self.node(owner, part, wanted) for part in flat(node, Or)))
            case And() | Or():
                parts = (self.node(owner, part, wanted) for part in flat(node, type(node)))
                kept = tuple(part for part in parts if gathered(part))
                return Least(owner.name, node, wanted, kept) if kept else NOTHING
            case Name(name=name) if name in owner.needs:
                origin, target = owner.needs[name]
                if origin == "decision" and self.view.decisions[target].boolean:
                    return self.clause(target, wanted)
        self.plain = False
        if owner.name != self.goal:
            return Itself(owner.name, node, wanted)
        named = (owner.needs.get(name) for name in names_in(node))
        return self.mentioned(owner, node, wanted, tuple(ref[1] for ref in named if ref and ref[0] == "decision"))

    def mentioned(self, owner: DecisionView, node: Node | None, wanted: bool, names: tuple[str, ...]) -> Lack:
        """A condition of the goal's own that is neither all nor any of clauses: those it stands on, while it does not hold."""
        parts = tuple(self.clause(name, True) for name in names if self.view.decisions[name].boolean)
        return Least(owner.name, node, wanted, (Every(parts),)) if parts else NOTHING


# --- of one enterprise ----------------------------------------------------------------------------------------------


def shortfall(case: Case, decision: str) -> Shortfall:
    """Unmet and unknown clauses below a decision: all-of adds, any-of takes the smallest; nothing below what is met."""
    return _short(case, lacks_of(case.view, decision))


def _short(case: Case, lack: Lack) -> Shortfall:
    match lack:
        case Asked(decision=decision, wanted=wanted):
            return _one(case.results.get(decision), wanted)
        case Itself(decision=decision, node=node, wanted=wanted):
            return _one(case.value(decision, node), wanted)
        case Least(decision=decision, node=node, wanted=wanted, parts=parts):
            value = case.results.get(decision) if node is None else case.value(decision, node)
            if value is wanted:
                return Shortfall(0, 0)
            found = [_short(case, part) for part in parts]
            if value is not (not wanted):
                best = min(found, key=lambda part: (part.unmet, part.unknown))
                return best if best.unmet == 0 and best.unknown else Shortfall(0, 1)
            lacking = [part for part in found if part != Shortfall(0, 0)]
            return min(lacking, key=lambda part: (part.unmet, part.unknown), default=Shortfall(0, 0))
    found = [_short(case, part) for part in gathered(lack)]
    return Shortfall(sum(part.unmet for part in found), sum(part.unknown for part in found))


def _one(value: Any, wanted: bool) -> Shortfall:
    return Shortfall(int(value is (not wanted)), int(not isinstance(value, bool)))


def near_clauses(case: Case, decision: str) -> tuple[str, ...]:
    """Of a decision one clause short, that clause: the lowest on the way down through all-of; several where any would do."""
    found: str | None = None
    lack = lacks_of(case.view, decision)
    while True:
        match lack:
            case Asked(decision=name) | Itself(decision=name):
                return (name,)
            case Group(decision=name, part=part):
                found, lack = name, part
            case Every(parts=parts):
                short = [part for part in parts if _short(case, part) == Shortfall(1, 0)]
                if not short:
                    return () if found is None else (found,)
                lack = short[0]
            case Least(parts=(part,)):
                lack = part
            case Least(parts=parts):
                return tuple(dict.fromkeys(_heads(case, parts))) if found is None else (found,)


def _heads(case: Case, parts: tuple[Lack, ...]) -> Iterator[str]:
    """The clauses any one of which would do, of alternatives."""
    for part in parts:
        if _short(case, part) != Shortfall(1, 0):
            continue
        match part:
            case Asked(decision=name) | Group(decision=name):
                yield name
            case Every(parts=below):
                yield from _heads(case, below)


__all__ = [
    "Asked",
    "Every",
    "Group",
    "Itself",
    "Lack",
    "Least",
    "gathered",
    "lacks_of",
    "near_clauses",
    "only_clauses",
    "shortfall",
]
