"""Which side of a figure names what is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from wotu.intel.reading import thresholds
from wotu.intel.reading.between import Between
from wotu.intel.reading.grammar import grammar
from wotu.intel.reading.phrases import NOTHING, Phrase, is_place
from wotu.intel.reading.tokens import Quantity, Token


def choose(
    tokens: Sequence[Token],
    place: int,
    quantity: Quantity,
    words: Between,
    left: Phrase,
    right: Phrase,
    of: bool,
    high: int,
) -> Phrase:
    """Which side names what is counted: classifiers like the noun after them, money and measures the one before."""
    adjacent = words.first == place
    onward = bool(right) and not of and _figure_follows(tokens, right.last, high)
    usable = bool(left) and not is_place(left.text)
    if (
        quantity.sort == "bare"
        and adjacent
        and right
        and not of
        and not quantity.unit
        and (thresholds.counted_unit(right.text) or (right.known and right.known.unit))
    ):
        return right
    if quantity.sort in ("count", "people", "bare") and not (quantity.sort == "bare" and usable):
        if right and not of:
            if usable and (
                onward
                or (adjacent and left.known and not right.known)
                or (not adjacent and left.known and (not right.known or words.reach))
            ):
                return left
            return replace(right, subject=right.subject or (left.text if left else ""))
        named = left and (
            left.text not in grammar().lists["place"] or (left.first > 0 and tokens[left.first - 1].has("de"))
        )
        return left if usable else right or (left if named else NOTHING)
    if usable and not (adjacent and left.known is None and right and right.known and not of and not onward):
        return left
    return replace(right, subject=left.text) if right and left else right or (left if usable else NOTHING)


def _figure_follows(tokens: Sequence[Token], here: int, high: int) -> bool:
    while (
        here < high
        and tokens[here].kind in ("word", "text")
        and (tokens[here].has("link", "before", "reach") or tokens[here].text in ("为", "达", "共", "有"))
    ):
        here += 1
    quantity = tokens[here].quantity if here < high else None
    return quantity is not None and quantity.sort not in ("plain", "time", "spec")
