"""Brackets and quotation marks: where the other one of a pair stands."""

from __future__ import annotations

from collections.abc import Sequence

from wotu.intel.reading.tokens import Token

CLOSERS = {")": "(", "”": "“", "’": "‘", "]": "[", "】": "【"}
OPENERS = {opener: closer for closer, opener in CLOSERS.items()}


def opener_of(tokens: Sequence[Token], closer: int, low: int) -> int | None:
    wanted = CLOSERS[tokens[closer].text]
    for here in range(closer - 1, low - 1, -1):
        if tokens[here].text == wanted:
            return here
        if tokens[here].text in ("。", "\n"):
            return None
    return None


def closer_of(tokens: Sequence[Token], opener: int, high: int) -> int | None:
    wanted = OPENERS[tokens[opener].text]
    for here in range(opener + 1, high):
        if tokens[here].text == wanted:
            return here
        if tokens[here].text in ("。", "\n"):
            return None
    return None
