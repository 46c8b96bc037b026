"""An article's text cut where marks begin and end, so that a template can write it without ever trusting it as markup."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from wotu.intel.models import Claim, Event, ReviewText, Structure


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text under one set of marks."""

    text: str
    marks: tuple[str, ...] = ()
    """What it belongs to: claim-12, event-3."""
    aside: bool = False
    lost: bool = False
    repair: str = ""
    """What the lost characters probably were, at the end of the stretch they are missing in."""
    first: bool = False
    """Whether a mark begins here (so that its number is written once)."""


def pieces(review: ReviewText, statements: Iterable[Claim | Event | Structure]) -> tuple[Piece, ...]:
    """The text in stretches.

    >>> review = ReviewText(text="各类载体超800万方米。", lost=[[9, 11, "平方米"]])
    >>> [(p.text, p.marks, p.repair) for p in pieces(review, [Claim(pk=1, start=4, stop=11)])]
    [('各类载体', (), ''), ('超800万', ('claim-1',), ''), ('方米', ('claim-1',), '平方米'), ('。', (), '')]
    """
    text = review.text
    spans = [(s.start, min(s.stop, len(text)), f"{s._meta.model_name}-{s.pk}") for s in statements]
    cuts = {0, len(text)}
    for start, stop, *_what in (*spans, *review.asides, *review.lost):
        cuts |= {min(start, len(text)), min(stop, len(text))}
    places = sorted(cuts)
    made = []
    for start, stop in pairwise(places):
        over = tuple(name for first, last, name in spans if first <= start and stop <= last)
        gap = next((g for g in review.lost if g[0] <= start and stop <= g[1]), None)
        made.append(
            Piece(
                text[start:stop],
                over,
                any(a[0] <= start and stop <= a[1] for a in review.asides),
                gap is not None,
                gap[2] if gap is not None and stop == gap[1] else "",
                any(first == start for first, _last, _name in spans),
            )
        )
    return tuple(made)
