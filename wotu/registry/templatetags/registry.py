"""Template filters of the registry's pages: values, periods and where a value comes from."""

from __future__ import annotations

import json
from typing import Any

from django import template

from wotu.registry import claims
from wotu.registry.desk import show
from wotu.registry.desk.industries import industry_name as name_of
from wotu.registry.desk.listing import Shown
from wotu.registry.models import Fact, ZoneClaim

register = template.Library()


@register.filter
def written(given: Any) -> str:
    """A fact's or a profile cell's value with its unit."""
    if isinstance(given, Fact):
        return show.value(given.value, given.attribute.unit)
    if hasattr(given, "column"):
        return show.value(given.value, given.column.unit)
    return show.value(given)


@register.filter
def in_full(given: Any) -> str:
    """The unshortened value, for the hover text."""
    if isinstance(given, Fact):
        return show.exact(given.value, given.attribute.unit)
    if hasattr(given, "column"):
        return show.exact(given.value, given.column.unit)
    return show.exact(given)


@register.filter
def listed(given: Any, column: Shown) -> str:
    """A value of the list as its column writes it."""
    if column.kind == "money" and given is not None:
        return show.ten_thousands(given)
    return show.value(given, column.unit or ("年" if column.kind == "count" else ""))


@register.filter
def period_name(text: str) -> str:
    """A period as people say it."""
    return show.period(text)


@register.filter
def industry_name(code: str) -> str:
    """What an industry code means."""
    return name_of(code)


@register.filter
def percent_change(change: Any) -> str:
    """A relative change with its sign."""
    return "" if change is None else f"{'+' if change >= 0 else '−'}{show.ratio(abs(change))}"


@register.filter
def money(given: Any) -> str:
    """An amount in 元, as 万元 or 亿元."""
    return show.value(given, "元")


@register.filter
def as_json(given: Any) -> str:
    """Data for an attribute of the page's own scripts."""
    return json.dumps(given, ensure_ascii=False)


@register.filter
def measured(given: Any, unit: str) -> str:
    """A number with its unit; None is 未知."""
    return show.value(given, unit)


@register.filter
def exactly(given: Any, unit: str) -> str:
    """The unshortened number, for the hover text."""
    return show.exact(given, unit)


@register.filter
def signed(given: Any, unit: str) -> str:
    """A difference in words: 多 3 家, 少 2 家; of percentages in 百分点."""
    amount = f"{show.number(abs(given))} {'个百分点' if unit == '%' else unit}"
    return f"{'多' if given > 0 else '少'} {amount}"


@register.filter
def said(claim: ZoneClaim) -> str:
    """A published figure in words."""
    return claims.said(claim)


@register.filter
def figure(given: Any) -> str:
    """A bare number, where its unit stands apart."""
    return show.number(given)
