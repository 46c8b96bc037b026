"""Template filters of the intelligence room: figures and states in words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template

from wotu.intel.models import Claim, Statement
from wotu.registry import claims
from wotu.registry.desk import show

register = template.Library()

STATES = {
    Statement.State.PROPOSED: ("○", "plain"),
    Statement.State.ACCEPTED: ("✓", "yes"),
    Statement.State.CORRECTED: ("✓", "near"),
    Statement.State.REJECTED: ("✗", "no"),
    Statement.State.MERGED: ("⇢", "plain"),
}


@register.filter
def told(claim: Claim) -> str:
    """What a claim says, with modifier and unit: 累计 972 家, 40 余家, 超 800 万平方米."""
    return claims.worded(claim.value, claim.unit, claim.modifier, claim.upper)


@register.filter
def change(claim: Claim) -> str:
    """The growth said beside a value."""
    if claim.growth is None:
        return ""
    way = "增长" if claim.growth >= 0 else "下降"
    return f"{claim.growth_base}{way} {claims.worded(abs(claim.growth), claim.growth_unit)}"


@register.filter
def mark(state: str) -> str:
    """The shape of a state."""
    return STATES[Statement.State(state)][0]


@register.filter
def tone(state: str) -> str:
    """The colour of a state."""
    return STATES[Statement.State(state)][1]


@register.filter
def read_as(claim: Claim) -> str:
    """What a corrected claim was read as."""
    said = []
    for name, value in claim.read_as.items():
        field: Any = Claim._meta.get_field(name)
        shown = show.number(Decimal(value), 8) if name in ("value", "growth") and value else value
        if name in ("about", "status"):
            shown = dict(field.flatchoices).get(value, value)
        said.append(f"{field.verbose_name}：{shown or '（空）'}")
    return "；".join(said)


@register.filter
def who(user: Any) -> str:
    """A person's name."""
    return "" if user is None else user.get_full_name() or user.get_username()
