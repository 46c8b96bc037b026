"""What an explanation is made of: reasons by clause, trees of parts, distances, changes. Plain data, exact numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

State = Literal["met", "not met", "unknown"]
Kind = Literal["all", "any", "not", "comparison", "fact", "membership", "choice", "clause", "other"]


@dataclass(frozen=True, slots=True)
class Used:
    """An input (or a named intermediate result) that a reason looked at; `value` may be UNKNOWN or null."""

    name: str
    value: Any
    unit: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """One value taken to another; `derived` says that it is an intermediate result, not an input one can supply."""

    name: str
    old: Any
    new: Any
    unit: str | None = None
    derived: bool = False


@dataclass(frozen=True, slots=True)
class Distance:
    """How far a part or clause is from being met; `changes` together make it met: that has been checked by evaluating it.

    `amount` is the exact gap of the one measure that falls short, in `unit` (a ratio's unit is 比率, its gap in percentage
    points is `points`); None where facts or several measures are needed. `strict`: the threshold itself isn't enough.
    """

    amount: Decimal | None
    unit: str | None
    strict: bool
    points: Decimal | None
    changes: tuple[Change, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a clause: a comparison, a fact, or several of them joined; `state` is what evaluating it gives."""

    kind: Kind
    state: State
    text: str
    used: tuple[Used, ...] = ()
    needs: str = ""
    distance: Distance | None = None
    missing: tuple[str, ...] = ()
    note: str = ""
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class ClauseReason:
    """One clause explained; `level` is how deep it stands below the eligible decision (1 = required by it directly)."""

    name: str
    label: str
    state: State
    text: str
    needs: str
    used: tuple[Used, ...]
    distance: Distance | None
    citation: Any
    evidence: str
    missing: tuple[str, ...]
    parts: tuple[Part, ...]
    note: str = ""
    level: int = 1


@dataclass(frozen=True, slots=True)
class Settling:
    """An input not known that bears on the answer; `alone` says whether knowing it alone settles the answer."""

    name: str
    unit: str | None
    alone: Literal["always", "sometimes", "never"]
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NearMiss:
    """差一项: the one clause that is not met while nothing else is missing."""

    clause: str
    distance: Distance | None
    text: str


@dataclass(frozen=True, slots=True)
class Shortfall:
    """How many clauses are not met and not known: all-of adds, any-of takes the smallest."""

    unmet: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """A rule's answer with every reason. `eligible` is None when it isn't known (or the rule has no eligible decision)."""

    rule: str
    edition: str
    eligible: bool | None
    eligible_name: str | None
    text: str
    clauses: tuple[ClauseReason, ...]
    outcomes: Mapping[str, Any]
    unknown_inputs: tuple[Settling, ...]
    shortfall: Shortfall | None
    near_miss: NearMiss | None
    lang: str = "zh"
    units: Mapping[str, str | None] = field(default_factory=dict)
    """Of the outcomes."""

    def _repr_html_(self) -> str:
        """The explanation in a notebook."""
        from ..notebook import explanation_html

        return explanation_html(self)


@dataclass(frozen=True, slots=True)
class Plan:
    """A set of changes after which the rule is eligible (checked by evaluating it); `cost` orders plans, lowest first."""

    changes: tuple[Change, ...]
    cost: Decimal
    text: str
