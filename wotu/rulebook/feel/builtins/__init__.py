"""Every built-in function of FEEL by name, one module a family."""

from __future__ import annotations

from dataclasses import replace

from ..values import Function
from . import contexts, conversion, lists, numeric, ranges, strings, temporal

FAMILIES: tuple[tuple[Function, ...], ...] = (
    conversion.FUNCTIONS,
    strings.FUNCTIONS,
    lists.FUNCTIONS,
    numeric.FUNCTIONS,
    temporal.FUNCTIONS,
    ranges.FUNCTIONS,
    contexts.FUNCTIONS,
)


def _by_name() -> dict[str, Function]:
    forms: dict[str, list[Function]] = {}
    for family in FAMILIES:
        for function in family:
            forms.setdefault(function.name, []).append(function)
    return {
        name: found[0] if len(found) == 1 else replace(found[0], overloads=tuple(found))
        for name, found in forms.items()
    }


BUILTINS: dict[str, Function] = _by_name()
