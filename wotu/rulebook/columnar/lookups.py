"""Conditions on a column of texts that only tell some texts apart: what they say of each is found out once and kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from wotu.rulebook.columnar.conditions import Lookup
    from wotu.rulebook.feel import tree as t

Verdict = bool | None


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What a condition says of the texts it names, of any other, and of one that is not known."""

    named: Mapping[str, Verdict]
    other: Verdict
    unknown: Verdict

    def of(self, values: Sequence[Any]) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """Of each value whether the condition surely holds, and whether it surely does not."""
        found = [self.named.get(each, self.other) if type(each) is str else self.unknown for each in values]
        return np.asarray([each is True for each in found], np.bool_), np.asarray(
            [each is False for each in found], np.bool_
        )


def verdicts_of(lookup: Lookup) -> Verdicts | None:
    """The verdicts of a condition that compares its column with given texts and does nothing else; None of any other."""
    from wotu.rulebook.columnar.codes import looked_up

    if lookup.view.base != "string":
        return None
    named = tuple(_named(lookup.shape, lookup.view.label))
    if None in named:
        return None
    texts = tuple(dict.fromkeys(text for text in named if text is not None))
    other = "".join(texts) + "…"  # longer than any of them, so none of them
    holds, fails = looked_up(lookup.shape, lookup.view, (*texts, other, lookup.view.unknown()))
    said = [True if yes else False if no else None for yes, no in zip(holds, fails, strict=True)]
    return Verdicts(dict(zip(texts, said, strict=False)), said[-2], said[-1])


def _named(node: t.Node, column: str) -> Iterator[str | None]:
    """The texts that a condition compares the column with; None for whatever else stands there."""
    from wotu.rulebook.feel import tree as t

    match node:
        case t.And(left=left, right=right) | t.Or(left=left, right=right):
            yield from (*_named(left, column), *_named(right, column))
        case t.Call(function=t.Name(name="not"), arguments=(inner,)):
            yield from _named(inner, column)
        case t.Comparison(operator="=" | "!=", left=t.Name(name=name), right=t.StringLiteral(value=text)):
            yield text if name == column else None
        case t.Comparison(operator="=" | "!=", left=t.StringLiteral(value=text), right=t.Name(name=name)):
            yield text if name == column else None
        case t.In(value=t.Name(name=name), tests=tests):
            for test in tests:
                match test:
                    case t.ValueTest(value=t.StringLiteral(value=text)):
                        yield text if name == column else None
                    case _:
                        yield None
        case _:
            yield None


__all__ = ["Verdicts", "verdicts_of"]
