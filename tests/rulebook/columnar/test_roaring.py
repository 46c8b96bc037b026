"""Sets of rows are written so that a Roaring library reads them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from wotu.rulebook.columnar.kernel import packed
from wotu.rulebook.columnar.roaring import bitmaps


def read(rows: int, members: list[set[int]]) -> list[set[int]]:
    planes = np.zeros((len(members), (rows + 63) // 64 + 3), np.uint64)  # a block has room for more
    for plane, some in zip(planes, members, strict=True):
        bits = np.zeros(rows, np.bool_)
        bits[list(some)] = True
        plane[: (rows + 63) // 64] = packed(bits)
    return [set(BitMap.deserialize(cell.as_py())) for cell in bitmaps(planes, rows)]


@settings(max_examples=30, deadline=None)
@given(
    st.data(), st.integers(1, 200_000), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.001, 0.05, 0.0625, 0.5, 1.0])
)
def test_any_rows_come_back(data: st.DataObject, rows: int, seed: int, share: float) -> None:
    chosen = set(np.flatnonzero(np.random.default_rng(seed).random(rows) < share).tolist())
    edges = {row for row in (0, 63, 64, 65_535, 65_536, rows - 1) if row < rows}
    few = set(data.draw(st.lists(st.integers(0, rows - 1), max_size=5)))
    members = [chosen, edges, few, set(), set(range(rows))]
    assert read(rows, members) == members


@pytest.mark.parametrize("many", [4095, 4096, 4097, 65_535, 65_536])
def test_lists_and_bits_change_over_where_the_format_says(many: int) -> None:
    members = [set(range(many)), set(range(65_536, 65_536 + many))]
    assert read(140_000, members) == members


def test_only_some_planes_are_written() -> None:
    planes = np.ones((3, 1), np.uint64)
    planes[1] = 6
    cells = bitmaps(planes, 64, np.array([1]))
    assert [set(BitMap.deserialize(cell.as_py())) for cell in cells] == [{1, 2}]
