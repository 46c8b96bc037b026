"""The kernel against plain Python: every comparison at its edges, any number of rows, one thread or several."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wotu.rulebook.columnar import kernel

KINDS = (np.int16, np.int32, np.int64)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rows", [1, 63, 64, 65, 4095, 4096, 4097, 10_000])
def test_comparisons_fill_whole_and_broken_words(kind: type, rows: int) -> None:
    random = np.random.default_rng(rows)
    values = random.integers(-3, 4, rows).astype(kind)
    known = random.random(rows) < 0.8
    for equal in (False, True):
        holds, fails = (np.zeros(kernel.words(rows), np.uint64) for _ in range(2))
        kernel.compare()(values, kind(1), equal, kernel.packed(known), holds, fails)
        right = values == 1 if equal else values >= 1
        assert (kernel.unpacked(holds, rows) == (right & known)).all()
        assert (kernel.unpacked(fails, rows) == (~right & known)).all()
        assert np.bitwise_count(holds).sum() + np.bitwise_count(fails).sum() == known.sum()


@settings(max_examples=60, deadline=None, database=None)
@given(
    st.lists(st.tuples(st.integers(-50, 50), st.integers(-5, 5)), min_size=1, max_size=130),
    st.integers(0, 9),
    st.integers(-9, 9),
)
def test_quotients_are_compared_as_fractions(pairs: list[tuple[int, int]], m: int, n: int) -> None:
    over, under = (np.asarray(column, np.int64) for column in zip(*pairs, strict=True))
    known = kernel.packed(np.ones(len(pairs), np.bool_))
    for strict, equal in ((False, False), (True, False), (False, True)):
        holds, fails = (np.zeros_like(known) for _ in range(2))
        kernel.quotient()(over, under, np.int64(m), np.int64(n), strict, equal, known, holds, fails)
        for place, (a, b) in enumerate(pairs):
            gap = (a * m - b * n) * (1 if b > 0 else -1)
            right = gap == 0 if equal else gap > 0 if strict else gap >= 0
            expected = (right and b != 0, not right if b != 0 else equal)
            assert (kernel.unpacked(holds, len(pairs))[place], kernel.unpacked(fails, len(pairs))[place]) == expected


def test_joins_follow_kleene_and_shortfalls_are_counted() -> None:
    truths = [(1, 0), (0, 1), (0, 0)]
    pairs = [(a, b) for a in truths for b in truths]
    planes = np.zeros((8, 2, 1), np.uint64)
    for place, (a, b) in enumerate(pairs):
        for side in (0, 1):
            planes[0, side, 0] |= np.uint64(a[side] << place)
            planes[1, side, 0] |= np.uint64(b[side] << place)
    steps = [
        (kernel.AND, 2, 0, 1), (kernel.OR, 3, 0, 1), (kernel.NOT, 4, 0, 0), (kernel.SHORT_AND, 5, 0, 1), (kernel.AND, 6, 0, 1),
        (kernel.SHORT_OR, 7, 3, 6), (kernel.COUNT, 0, 2, 0),
    ]  # fmt: skip
    counts = np.zeros((1, 2), np.int64)
    kernel.combine()(np.asarray(steps, np.int64), planes, counts, 1)

    def at(register: int) -> list[tuple[int, int]]:
        return [tuple(int(planes[register, side, 0] >> np.uint64(place)) & 1 for side in (0, 1)) for place in range(9)]  # type: ignore[misc]

    assert at(2) == [(a[0] & b[0], a[1] | b[1]) for a, b in pairs]
    assert at(3) == [(a[0] | b[0], a[1] & b[1]) for a, b in pairs]
    assert at(4) == [(a[1], a[0]) for a, _ in pairs]
    assert at(5) == [(a[0] & b[0], (a[0] & b[1]) | (a[1] & b[0])) for a, b in pairs]
    assert at(7) == [(a[0] | b[0], a[1] & b[1]) for a, b in pairs]
    assert counts.tolist() == [[1, 5]]
