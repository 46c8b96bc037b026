"""Where the boxes of a requirements graph stand: in layers from left to right, ordered so that few lines cross.

Layers by longest way, long lines broken at each layer they pass, order by barycentres swept both ways, places by the order-keeping
positions nearest to the neighbours' middle (least squares).
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

BETWEEN_LAYERS = 110.0
BETWEEN_BOXES = 22.0
BETWEEN_LINES = 12.0
UNDER = 16.0
"""From a box to the box that hangs under it."""
MARGIN = 24.0
SWEEPS = 12
SWAPPED = 1500
"""Up to so many items neighbours are exchanged one by one."""


@dataclass(frozen=True, slots=True)
class Size:
    """A box to place; one that hangs under another stays directly below it."""

    width: float
    height: float
    under: str | None = None
    late: bool = False
    """It stands just before what uses it, not at the very left."""


@dataclass(frozen=True, slots=True)
class Box:
    """A box placed."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> tuple[float, float]:
        """Its centre."""
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(slots=True)
class _Item:
    """What takes room in a layer: a box with those hanging under it, or a line passing."""

    names: tuple[str, ...]
    width: float
    height: float
    before: list[int] = field(default_factory=list)
    after: list[int] = field(default_factory=list)
    y: float = 0.0

    @property
    def line(self) -> bool:
        """Whether a line passes here and no box stands."""
        return not self.names


def place(
    sizes: Mapping[str, Size], lines: Iterable[tuple[str, str]]
) -> tuple[dict[str, Box], dict[tuple[str, str], list[tuple[float, float]]]]:
    """The boxes, equally wide in a layer, and for each line from left to right the points where it passes the layers between; hanging boxes' lines not."""
    standing = {name: size for name, size in sizes.items() if size.under is None}
    real = [(a, b) for a, b in dict.fromkeys(lines) if a in standing and b in standing and a != b]
    layer = _layers(standing, real)
    items, layers, ways = _items(sizes, standing, real, layer)
    _order(items, layers)
    widths = [max((items[i].width for i in row), default=0.0) for row in layers]
    lefts = [MARGIN]
    for width in widths:
        lefts.append(lefts[-1] + width + BETWEEN_LAYERS)
    _heights(items, layers)
    top = min((item.y - item.height / 2 for item in items), default=0.0)
    boxes: dict[str, Box] = {}
    for number, row in enumerate(layers):
        for i in row:
            item = items[i]
            y = item.y - item.height / 2 - top + MARGIN
            for name in item.names:
                size = sizes[name]
                boxes[name] = Box(round(lefts[number], 1), round(y, 1), widths[number], size.height)
                y += size.height + UNDER
    points = {}
    for pair, passed in ways.items():
        found: list[tuple[float, float]] = []
        for number, i in passed:
            y = items[i].y - top + MARGIN
            found += [(lefts[number], round(y, 1)), (lefts[number] + widths[number], round(y, 1))]
        points[pair] = found
    return boxes, points


def _layers(sizes: Mapping[str, Size], lines: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The layer of each box: one past the last of those it needs; circles are cut where they close."""
    needs: dict[str, list[str]] = {name: [] for name in sizes}
    for a, b in lines:
        needs[b].append(a)
    layer: dict[str, int] = {}
    open_: set[str] = set()
    for start in sizes:
        todo = [start]
        while todo:
            name = todo[-1]
            if name in layer:
                todo.pop()
                continue
            open_.add(name)
            waiting = [each for each in needs[name] if each not in layer and each not in open_]
            if waiting:
                todo.append(waiting[0])
                continue
            layer[name] = 1 + max((layer[each] for each in needs[name] if each in layer), default=-1)
            open_.discard(name)
            todo.pop()
    for name, size in sizes.items():
        users = [layer[b] for a, b in lines if a == name]
        if size.late and users and not needs[name]:
            layer[name] = max(0, min(users) - 1)
    return layer


def _items(
    sizes: Mapping[str, Size],
    standing: Mapping[str, Size],
    lines: Sequence[tuple[str, str]],
    layer: Mapping[str, int],
) -> tuple[list[_Item], list[list[int]], dict[tuple[str, str], list[tuple[int, int]]]]:
    hanging: dict[str, list[str]] = {}
    for name, size in sizes.items():
        if size.under is not None:
            hanging.setdefault(size.under, []).append(name)
    items: list[_Item] = []
    layers: list[list[int]] = [[] for _ in range(max(layer.values(), default=-1) + 1)]
    index: dict[str, int] = {}
    for name in standing:
        names = (name, *hanging.get(name, ()))
        height = sum(sizes[each].height for each in names) + UNDER * (len(names) - 1)
        index[name] = len(items)
        layers[layer[name]].append(len(items))
        items.append(_Item(names, max(sizes[each].width for each in names), height))
    ways: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for a, b in lines:
        if layer[a] >= layer[b]:
            ways[(a, b)] = []
            continue
        last, passed = index[a], []
        for number in range(layer[a] + 1, layer[b]):
            passed.append((number, len(items)))
            layers[number].append(len(items))
            items.append(_Item((), 0.0, 2.0))
            items[last].after.append(len(items) - 1)
            items[-1].before.append(last)
            last = len(items) - 1
        items[last].after.append(index[b])
        items[index[b]].before.append(last)
        ways[(a, b)] = passed
    return items, layers, ways


def _order(items: list[_Item], layers: list[list[int]]) -> None:
    """Order each layer so that few lines cross; the best order met is kept."""
    best, fewest = [row[:] for row in layers], _crossings(items, layers)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        forward = sweep % 2 == 0
        rows = range(1, len(layers)) if forward else range(len(layers) - 2, -1, -1)
        for number in rows:
            other = layers[number - 1 if forward else number + 1]
            where = {i: place for place, i in enumerate(other)}
            keys: dict[int, float] = {}
            for place, i in enumerate(layers[number]):
                near = [where[j] for j in (items[i].before if forward else items[i].after)]
                keys[i] = sum(near) / len(near) if near else place * max(1, len(other)) / max(1, len(layers[number]))
            layers[number].sort(key=keys.__getitem__)
        if len(items) <= SWAPPED:
            _swap(items, layers)
        found = _crossings(items, layers)
        if found < fewest:
            best, fewest = [row[:] for row in layers], found
    layers[:] = best


def _swap(items: Sequence[_Item], layers: Sequence[list[int]]) -> None:
    """Exchange neighbours as long as fewer lines cross for it."""
    where = {i: place for row in layers for place, i in enumerate(row)}
    for _ in range(SWEEPS):
        swapped = False
        for row in layers:
            for place in range(len(row) - 1):
                a, b = row[place], row[place + 1]
                now = _crossed(items[a].before, items[b].before, where) + _crossed(
                    items[a].after, items[b].after, where
                )
                then = _crossed(items[b].before, items[a].before, where) + _crossed(
                    items[b].after, items[a].after, where
                )
                if then < now:
                    row[place], row[place + 1] = b, a
                    where[a], where[b] = place + 1, place
                    swapped = True
        if not swapped:
            return


def _crossed(first: Sequence[int], second: Sequence[int], where: Mapping[int, int]) -> int:
    """How many of the lines of two neighbours cross on one side."""
    return sum(where[i] > where[j] for i in first for j in second)


def _crossings(items: Sequence[_Item], layers: Sequence[Sequence[int]]) -> int:
    """How many lines between neighbouring layers cross."""
    count = 0
    for left, right in pairwise(layers):
        where = {i: place for place, i in enumerate(right)}
        seen: list[int] = []
        for i in left:
            ends = sorted(where[j] for j in items[i].after)
            count += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return count


def _heights(items: list[_Item], layers: Sequence[Sequence[int]]) -> None:
    """Where each item stands within its layer."""
    for row in layers:
        y = 0.0
        for i in row:
            items[i].y = y + items[i].height / 2
            y += items[i].height + BETWEEN_BOXES
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        for row in layers if forward else reversed(layers):
            wanted = []
            for i in row:
                item = items[i]
                near = (item.before if forward else item.after) or (item.after if forward else item.before)
                if sweep >= SWEEPS - 2:
                    near = item.before + item.after
                wanted.append(sum(items[j].y for j in near) / len(near) if near else item.y)
            for i, y in zip(row, _apart([items[i] for i in row], wanted), strict=True):
                items[i].y = y


def _apart(row: Sequence[_Item], wanted: Sequence[float]) -> list[float]:
    """The places nearest to those wanted that keep the order and the distances (pool adjacent violators)."""
    offsets, total = [], 0.0
    for number, item in enumerate(row):
        if number:
            before = row[number - 1]
            gap = BETWEEN_LINES if item.line or before.line else BETWEEN_BOXES
            total += before.height / 2 + gap + item.height / 2
        offsets.append(total)
    blocks: list[tuple[float, int]] = []
    for want, offset in zip(wanted, offsets, strict=True):
        mean, many = want - offset, 1
        while blocks and blocks[-1][0] > mean:
            other, count = blocks.pop()
            mean = (mean * many + other * count) / (many + count)
            many += count
        blocks.append((mean, many))
    means = [mean for mean, many in blocks for _ in range(many)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]
