"""Arrow's columns as scaled integers, planes and codes, against Python's own integers: any type, slice, null and extreme."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wotu.rulebook.columnar.bind import KINDS, LIMIT, WIDE, Bound
from wotu.rulebook.columnar.conditions import Fact
from wotu.rulebook.columnar.kernel import packed, unpacked
from wotu.rulebook.columnar.laying import Conditions, laid
from wotu.rulebook.columnar.memory import bits, every, told, valid, whole_numbers
from wotu.rulebook.columnar.terms import View

TYPES: dict[pa.DataType, tuple[int, int]] = {
    **{kind: (-(2 ** (kind.bit_width - 1)), 2 ** (kind.bit_width - 1) - 1) for kind in (pa.int8(), pa.int16(), pa.int32(), pa.int64())},
    **{kind: (0, 2**kind.bit_width - 1) for kind in (pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64())},
    **{kind: (-(10**kind.precision) + 1, 10**kind.precision - 1) for kind in (
        pa.decimal32(9, 2), pa.decimal64(18, 4), pa.decimal128(18, 2), pa.decimal128(38, 0), pa.decimal128(38, 18), pa.decimal128(5, -2),
    )},
}  # fmt: skip
"""Types of whole numbers, and the least and the greatest that each holds (of a decimal without its point)."""


def column(kind: pa.DataType, numbers: list[int | None], first: int, last: int) -> pa.Array:
    """Numbers in a type, with some more before and after them that are cut off."""
    scale = kind.scale if pa.types.is_decimal(kind) else 0
    cells = [
        None if each is None else Decimal(each).scaleb(-scale, WIDE) if pa.types.is_decimal(kind) else each
        for each in numbers
    ]
    return pa.array([*cells[:1] * first, *cells, *cells[:1] * last], kind).slice(first, len(cells))


@st.composite
def columns(draw: st.DrawFn) -> tuple[pa.DataType, list[int | None], int, int]:
    kind = draw(st.sampled_from(list(TYPES)))
    low, high = TYPES[kind]
    size = draw(st.sampled_from([1, 2**15 - 1, 2**31 - 1, 2**62 - 1, 2**62, 2**63, high]))
    number = st.integers(max(low, -size), min(high, size)) | st.sampled_from([max(low, -size), min(high, size), 0])
    step = draw(st.sampled_from([1, 10, 100, 10_000]))
    numbers = draw(st.lists(st.none() | number.map(lambda each: each // step * step), min_size=0, max_size=150))
    return (
        kind,
        [None if each is None or not low <= each <= high else each for each in numbers],
        draw(st.integers(0, 70)),
        draw(st.integers(0, 9)),
    )


@settings(max_examples=300, deadline=None, database=None)
@given(columns())
def test_every_number_is_read_exactly_or_left_to_the_interpreter(
    given: tuple[pa.DataType, list[int | None], int, int],
) -> None:
    kind, numbers, first, last = given
    scale = kind.scale if pa.types.is_decimal(kind) else 0
    found = Bound(pa.table({"n": column(kind, numbers, first, last)})).numbers(View("n", "number", (), None))
    known = [None if each is None or odd else each for each, odd in zip(numbers, found.odd.tolist(), strict=True)]
    there = [each for each in known if each is not None]
    assert found.known.tolist() == [each is not None for each in known]
    right = [0 if each is None else Decimal(each).scaleb(found.scale - scale, WIDE) for each in known]
    assert found.values.tolist() == right
    assert (found.least, found.most) == (
        (min(found.values[found.known]), max(found.values[found.known])) if there else (0, 0)
    )
    assert found.top < LIMIT
    assert unpacked(found.real, len(numbers)).tolist() == [bool(each) for each in known]
    assert found.scale <= scale
    assert (found.strange is not None) == any(odd for odd in found.odd)
    for each, odd in zip(numbers, found.odd.tolist(), strict=True):
        assert not odd or abs(each) >= LIMIT
    for width in range(found.narrowest() + 1):
        into = np.full((2, 3, 128), 7, KINDS[width])
        found.laid(into, 1)
        assert into[:, 1].reshape(-1)[: len(numbers)].tolist() == right
        assert (into[:, [0, 2]] == 7).all()
    assert found.whole_words(KINDS[found.narrowest()])[len(numbers) :].tolist() == [0] * (-len(numbers) % 64)


@settings(max_examples=100, deadline=None, database=None)
@given(columns(), st.integers(1, 18))
def test_the_greatest_power_of_ten_that_divides_all_is_found(
    given: tuple[pa.DataType, list[int | None], int, int], most: int
) -> None:
    kind, numbers, first, last = given
    array = column(kind, numbers, first, last)
    fits = [each if each is not None and -(2**63) <= each < 2**63 else None for each in numbers]
    cells = whole_numbers(array)
    assert cells is not None
    found = cells.surveyed(packed(np.asarray([each is not None for each in fits], np.bool_)), most)
    assert found.fits
    assert found.power == max(
        power for power in range(most + 1) if all(each % 10**power == 0 for each in fits if each is not None)
    )


@given(st.lists(st.none() | st.booleans(), max_size=200), st.integers(0, 70))
def test_truth_values_are_planes_of_rows(values: list[bool | None], first: int) -> None:
    array = pa.array([True] * first + values, pa.bool_()).slice(first)
    assert unpacked(valid(array), len(values)).tolist() == [value is not None for value in values]
    given = laid(Conditions((Fact(View("f", "boolean", (), None)),)), Bound(pa.table({"f": array}))).given
    for side, wanted in enumerate((True, False)):
        plane = np.ascontiguousarray(given[:, 0, side]).reshape(-1)
        assert np.unpackbits(plane.view(np.uint8), bitorder="little")[: len(values)].tolist() == [
            value is wanted for value in values
        ]


@given(st.binary(min_size=1, max_size=40), st.data())
def test_bits_are_taken_from_anywhere(data: bytes, draw: st.DataObject) -> None:
    first = draw.draw(st.integers(0, 8 * len(data)))
    rows = draw.draw(st.integers(0, 8 * len(data) - first))
    wanted = [data[place // 8] >> place % 8 & 1 for place in range(first, first + rows)]
    found = bits(pa.py_buffer(data), first, rows)
    assert unpacked(found, rows).tolist() == [bool(bit) for bit in wanted]
    assert np.bitwise_count(found).sum() == sum(wanted)
    assert np.bitwise_count(every(rows)).sum() == rows


@given(st.lists(st.integers(0, 5), max_size=200), st.lists(st.sampled_from([0, 1, 2]), min_size=6, max_size=6))
def test_verdicts_on_codes_are_planes(codes: list[int], verdicts: list[int]) -> None:
    holds, fails = told(np.asarray(codes, np.int32), np.asarray(verdicts, np.uint8))
    assert unpacked(holds, len(codes)).tolist() == [verdicts[code] == 1 for code in codes]
    assert unpacked(fails, len(codes)).tolist() == [verdicts[code] == 2 for code in codes]


def test_days_are_counted_from_1970() -> None:
    days = [date(1969, 12, 31), None, date(2026, 4, 1)]
    found = Bound(pa.table({"d": pa.array(days, pa.date32())})).numbers(View("d", "date", (), None))
    assert [date(1970, 1, 1) + timedelta(int(each)) for each in found.values[found.known]] == [days[0], days[2]]


@pytest.mark.parametrize(
    ("kind", "values"), [(pa.string(), ["5", None]), (pa.float64(), [5.0, None]), (pa.decimal256(50, 2), [Decimal(5), None]), (pa.date32(), [date.today(), None])]
)  # fmt: skip
def test_what_is_no_whole_number_is_left_to_the_interpreter(kind: pa.DataType, values: list[Any]) -> None:
    found = Bound(pa.table({"n": pa.array(values, kind)})).numbers(View("n", "number", (), None))
    assert (found.known.tolist(), found.odd.tolist(), found.values.tolist()) == ([False, False], [True, False], [0, 0])


def test_a_column_that_holds_nothing_is_known_nowhere() -> None:
    for kind in (pa.null(), pa.int64(), pa.decimal128(18, 2), pa.string()):
        found = Bound(pa.table({"n": pa.nulls(70, kind)})).numbers(View("n", "number", (), None))
        assert not found.known.any()
        assert not found.odd.any()
        assert (found.least, found.most, found.top) == (0, 0, 0)
