"""The machine code against plain Python: every comparison at its edges, any number of rows, one thread or several."""

from __future__ import annotations

import pickle
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rulebook.dmn.models import decided, definitions
from tests.rulebook.dmn.models import given as input_
from wotu.rulebook import Rulebook
from wotu.rulebook.columnar import kernel, machine
from wotu.rulebook.columnar.bind import Bound
from wotu.rulebook.columnar.conditions import Truth
from wotu.rulebook.columnar.plan import plan
from wotu.rulebook.columnar.program import Program, holding, run
from wotu.rulebook.columnar.terms import View


def condition(text: str) -> Truth:
    names = [name for name in ("n", "m") if name in text]
    inputs = "".join(map(input_, names))
    needs = " ".join(f"in_{name}" for name in names)
    return plan(Rulebook.from_bytes(definitions(inputs + decided("x", text, needs, "boolean")))).truths["x"]


@pytest.mark.parametrize("top", [100, 2**15 - 1, 2**15, 2**31 - 1, 2**31, 2**61])
@pytest.mark.parametrize("rows", [1, 63, 64, 65, 2048, 2049, 5000])
def test_comparisons_of_every_width_fill_whole_and_broken_words(top: int, rows: int) -> None:
    random = np.random.default_rng(rows)
    values = random.choice([-top, -1, 0, 1, top - 1, top], rows)
    known = random.random(rows) < 0.8
    bound = Bound(pa.table({"n": pa.array(values, mask=~known)}))
    for least in (-top - 1, -top, 0, 1, top, top + 1):
        for text, right in (
            (f"n >= {least}", values >= least),
            (f"n > {least}", values > least),
            (f"n = {least}", values == least),
        ):
            holds, fails = holding(bound, condition(text))
            assert (holds == (right & known)).all(), text
            assert (fails == (~right & known)).all(), text


@settings(max_examples=40, deadline=None, database=None)
@given(
    st.lists(st.tuples(st.integers(-50, 50), st.integers(-5, 5)), min_size=1, max_size=130),
    st.sampled_from(["0.5", "-1.25", "0", "3", "0.3333"]),
    st.booleans(),
    st.sampled_from([1, 10**7 + 19, 10**12 + 39]),
)
def test_quotients_are_compared_as_fractions(
    pairs: list[tuple[int, int]], text: str, positive: bool, size: int
) -> None:
    over, under = (np.asarray(column, np.int64) * size for column in zip(*pairs, strict=True))
    under = abs(under) if positive else under
    bound = Bound(pa.table({"n": over, "m": under}))
    for sign, holds in ((">=", lambda a, b: a >= b), (">", lambda a, b: a > b), ("=", lambda a, b: a == b)):
        found = holding(bound, condition(f"n / m {sign} {text}"))
        for place, (a, b) in enumerate(zip(over.tolist(), under.tolist(), strict=True)):
            right = b != 0 and holds(Fraction(a, b), Fraction(text))
            assert (found[0][place], found[1][place]) == (right, not right if b or sign == "=" else False)


def test_products_beyond_64_bits_do_not_wrap() -> None:
    big = [Decimal(10**17), Decimal(10**17), Decimal(-(10**17))]
    table = pa.table({"n": pa.array(big, pa.decimal128(18, 0)), "m": pa.array([1, 2 * 10**17, 1])})
    holds, fails = holding(Bound(table), condition("n / m >= 0.500000000001"))
    assert (holds.tolist(), fails.tolist()) == ([True, False, False], [False, True, True])


def test_joins_follow_kleene_and_shortfalls_are_counted() -> None:
    truths = [(1, 0), (0, 1), (0, 0)]
    pairs = [(a, b) for a in truths for b in truths]
    planes = np.zeros((7, 2, kernel.BLOCK), np.uint64)
    for place, (a, b) in enumerate(pairs):
        for side in (0, 1):
            planes[0, side, 0] |= np.uint64(a[side] << place)
            planes[1, side, 0] |= np.uint64(b[side] << place)
    steps = [
        (kernel.AND, 2, 0, 2), (kernel.OR, 3, 0, 2), (kernel.NOT, 4, 0, 1), (kernel.SHORT_AND, 5, 0, 2), (kernel.SHORT_OR, 6, 2, 5),
        (kernel.COUNT, 0, 5, 6),
    ]  # fmt: skip
    counts, operands = np.zeros((1, 2), np.int64), np.asarray([0, 1, 3, 0, 1, 2])
    machine.combine(np.asarray(steps, np.int64), operands, planes, counts)

    def at(register: int) -> list[tuple[int, ...]]:
        sides = [[int(planes[register, side, 0] >> np.uint64(place)) & 1 for place in range(9)] for side in (0, 1)]
        return list(zip(*sides, strict=True))

    assert at(2) == [(a[0] & b[0], a[1] | b[1]) for a, b in pairs]
    assert at(3) == [(a[0] | b[0], a[1] & b[1]) for a, b in pairs]
    assert at(4) == [(a[1], a[0]) for a, _ in pairs]
    assert at(5) == [(a[0] & b[0], (a[0] & b[1]) | (a[1] & b[0])) for a, b in pairs]
    assert at(6) == [(a[0] | b[0], a[1] & b[1]) for a, b in pairs]
    assert counts.tolist() == [[1, 5]]


def test_threads_and_pieces_change_nothing() -> None:
    random = np.random.default_rng(5)
    bound = Bound(pa.table({"n": random.integers(0, 9, 70_001), "m": random.integers(0, 3, 70_001)}))
    program = Program()
    both = program.truth(condition("n / m >= 3 and n < 7"))
    program.keep(both)
    compiled = program.compiled((both,))
    one, three = run(compiled, bound, 1), run(compiled, bound, 3)
    assert (one.outputs == three.outputs).all()
    assert one.counts.tolist() == three.counts.tolist() == np.bitwise_count(one.outputs).sum(axis=2).tolist()


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (pa.int8(), [-128, None, 127]),
        (pa.uint64(), [2**64 - 1, None, 5]),
        (pa.int64(), [2**63 - 1, -(2**63), None, 2**62, 2**62 - 1, -(2**62)]),
        (pa.decimal32(9, 2), ["1.50", None, "-200"]),
        (pa.decimal64(18, 4), ["1.5", None, "-99999999999999.9999"]),
        (pa.decimal128(38, 2), ["1e30", "5", None, "-1e29"]),
        (pa.decimal128(38, 18), ["1e19", "0.5", None]),
        (pa.decimal128(38, 0), [None, None]),
    ],
)
def test_every_kind_of_number_is_read_exactly_or_left_to_the_interpreter(kind: pa.DataType, values: list[Any]) -> None:
    exact = [None if value is None else Decimal(value) for value in values]
    cells = exact if pa.types.is_decimal(kind) else values
    column = pa.array([None, *cells, None], kind).slice(1, len(cells))
    found = Bound(pa.table({"n": column})).numbers(View("n", "number", (), None))
    for value, number, known, odd in zip(exact, found.values.tolist(), found.known, found.odd, strict=True):
        assert known + odd == (value is not None)
        assert not known or Decimal(number).scaleb(-found.scale) == value
        assert not odd or abs(value) * 10**found.scale >= 2**62


def test_a_program_taken_to_another_process_leaves_behind_what_only_this_one_knows() -> None:
    bound = Bound(pa.table({"n": [1, 5, 9]}))
    program = Program()
    program.keep(program.truth(condition("n >= 5")))
    compiled = program.compiled()
    before = run(compiled, bound).outputs
    taken = pickle.loads(pickle.dumps(compiled))
    assert compiled.conditions.compared[0].made
    assert not taken.conditions.compared[0].made
    assert taken.conditions.found == compiled.conditions.found
    assert (run(taken, Bound(bound.table)).outputs == before).all()
