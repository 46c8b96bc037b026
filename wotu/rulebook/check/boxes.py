"""Boxes over axes that are cut into parts: a box is one set of parts an axis, in the bits of a number.

What a decision table's rules leave open, cover or share is worked out with nothing but these; no values in here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Box = tuple[int, ...]


@dataclass
class Effort:
    """How many boxes may still be looked at; `spent` when there are none left and the answer is only a part."""

    left: int = 20_000
    spent: bool = False

    def one(self) -> bool:
        """Use one up; False when there are no more."""
        self.left -= 1
        self.spent = self.left < 0
        return not self.spent


def common(a: Box, b: Box) -> Box | None:
    """What lies in both; None when nothing does."""
    found = []
    for x, y in zip(a, b, strict=True):
        both = x & y
        if not both:
            return None
        found.append(both)
    return tuple(found)


def meets(a: Box, b: Box) -> bool:
    """Whether anything lies in both."""
    return all(x & y for x, y in zip(a, b, strict=True))


def within(inner: Box, outer: Box) -> bool:
    """Whether the first lies wholly in the second."""
    return all(not x & ~y for x, y in zip(inner, outer, strict=True))


def holes(space: Box, covers: Sequence[Box], effort: Effort) -> Iterator[Box]:
    """Boxes of the space that no cover touches, each as large as it can be, none inside another found before.

    Together they are all that is left open, unless the effort runs out.
    """
    if not all(space):
        return
    found: list[Box] = []
    todo: list[tuple[Box, list[Box]]] = [(space, [cover for cover in covers if meets(cover, space)])]
    while todo:
        box, near = todo.pop()
        if not effort.one():
            return
        near = [cover for cover in near if meets(cover, box)]
        known = [hole for hole in found if meets(hole, box)]
        best, sides = _best(box, near + known)
        if best is None:
            hole = grown(box, space, covers)
            found.append(hole)
            yield hole
            continue
        rest = list(box)
        for place in sides:
            outside = rest[place] & ~best[place]
            todo.append(((*rest[:place], outside, *rest[place + 1 :]), near))
            rest[place] &= best[place]


def _best(box: Box, covers: Sequence[Box]) -> tuple[Box | None, list[int]]:
    """The cover that leaves the fewest sides of the box open, and these; none where nothing touches the box."""
    best: Box | None = None
    sides: list[int] = []
    for cover in covers:
        open_sides = [place for place, (x, y) in enumerate(zip(box, cover, strict=True)) if x & ~y]
        if best is None or len(open_sides) < len(sides):
            best, sides = cover, open_sides
            if not sides:
                break
    return best, sides


def grown(box: Box, space: Box, covers: Sequence[Box]) -> Box:
    """The box made as large as the space allows without touching a cover."""
    found = list(box)
    for place in range(len(found)):
        blocked = 0
        for cover in covers:
            if all(x & y for at, (x, y) in enumerate(zip(found, cover, strict=True)) if at != place):
                blocked |= cover[place]
        found[place] = space[place] & ~blocked
    return tuple(found)


def covered(box: Box, covers: Sequence[Box], effort: Effort) -> bool:
    """Whether the covers together hold the whole box; False too when that took too long to tell."""
    return next(holes(box, covers, effort), None) is None and not effort.spent
