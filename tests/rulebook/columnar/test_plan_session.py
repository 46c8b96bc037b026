"""Trying a change, and bringing a screening up to date, come to what screening everything anew comes to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from operator import eq, ge, gt
from random import Random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rulebook.columnar.test_plan_screening import GRANT, SIMPLE, rows, table
from tests.rulebook.dmn.models import decided, definitions
from tests.rulebook.dmn.models import given as input_
from wotu.rulebook import Rulebook, RulebookError, columnar
from wotu.rulebook.columnar import quick, whatif
from wotu.rulebook.columnar.bind import Bound, Quotients, factors
from wotu.rulebook.columnar.conditions import Compare
from wotu.rulebook.columnar.interpreted import admissible
from wotu.rulebook.columnar.kernel import unpacked
from wotu.rulebook.columnar.session import Change, Session

TABLE = table(rows(3000)).drop_columns(["id"])
BOOK = Rulebook.from_bytes(definitions(GRANT, "补助"))
SIMPLE_BOOK = Rulebook.from_bytes(definitions(SIMPLE, "简单"))
EDITS: dict[str, tuple[Change, tuple[str, str]]] = {
    "threshold": (Change("强度", bound=Decimal("0.2")), (">= 0.05", ">= 0.2")),
    "second threshold": (Change("规模", bound=Decimal(50), place=1), ("研发 >= 200", "研发 >= 50")),
    "threshold below": (Change("基本", bound=Decimal(300)), ("收入 >= 1000", "收入 >= 300")),
    "date": (Change("在册", bound=date(2023, 1, 1)), ("2024-01-01", "2023-01-01")),
    "list": (Change("领域", texts=("农业",)), ('"新材料", "生物医药"', '"农业"')),
    "off": (Change("领域", off=True), ('行业 in ("新材料", "生物医药")', "true")),
}


def eligible(book: Rulebook, given: pa.Table) -> list[bool | None]:
    found: list[bool | None] = columnar.decide(book, given, ["符合"], as_of=date(2026, 1, 1))["符合"].to_pylist()
    return found


@pytest.mark.parametrize("edit", EDITS)
def test_a_change_has_the_effect_that_the_changed_rule_has(edit: str) -> None:
    change, (old, new) = EDITS[edit]
    assert old in GRANT
    after = Rulebook.from_bytes(definitions(GRANT.replace(old, new), "补助"))
    was, would = eligible(BOOK, TABLE), eligible(after, TABLE)
    paid = columnar.decide(after, TABLE, ["金额"], as_of=date(2026, 1, 1))["金额"].to_pylist()
    session = Session([BOOK, SIMPLE_BOOK], TABLE)
    for _ in range(2):
        effect = session.what_if("补助", change)
        assert (effect.before, effect.after) == (was.count(True), would.count(True))
        assert effect.gained.tolist() == [n for n, (a, b) in enumerate(zip(was, would, strict=True)) if b and not a]
        assert effect.lost.tolist() == [n for n, (a, b) in enumerate(zip(was, would, strict=True)) if a and not b]
        assert effect.amount_after in (None, sum(each for each in paid if each is not None))
    assert session.counts()["补助"] == (was.count(True), was.count(False), was.count(None))


@settings(max_examples=60, deadline=None, database=None)
@given(
    st.lists(st.tuples(st.none() | st.integers(-60, 60), st.none() | st.integers(-6, 6)), min_size=1, max_size=90),
    st.sampled_from([1, 10**7 + 19, 10**14 + 31]),
    st.sampled_from([1, 3, 10**11 + 3]),
    st.sampled_from(["0", "0.5", "-1.25", "3", "0.3333", "12", "-60", "1e9", "-1e12", "0.000000000001", "50000"]),
    st.sampled_from([">=", ">", "="]),
)
def test_quotients_are_told_by_their_ranks(
    pairs: list[tuple[int | None, int | None]], over: int, under: int, bound: str, operator: str
) -> None:
    pairs = [(a if a is None else a * over, b if b is None else b * under) for a, b in pairs]
    columns = (pa.array([pair[side] for pair in pairs], pa.int64()) for side in (0, 1))
    given_ = pa.table(dict(zip("nm", columns, strict=True)))
    text = input_("n") + input_("m") + decided("符合", f"n / m {operator} 7", "in_n in_m", "boolean")
    book = Rulebook.from_bytes(definitions(text, "比"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(whatif, "FEW_OPEN", 1)  # however many rows the ranks do not tell
        patch.setattr(quick, "divided", None)
        tried = whatif.Tried(book, Bound(given_), 1).loaded
        leaf = next(iter(tried.leaves))
        assert isinstance(leaf, Compare)
        leaf = replace(leaf, bound=Decimal(bound))
        term = tried.bound.term(leaf.term)
        assert isinstance(term, Quotients)
        found = tried.ranked(leaf, term, *factors(leaf.bound, term.over.scale, term.under.scale))
    if found is None:  # beyond any rank
        return
    holds = {">=": ge, ">": gt, "=": eq}[operator]
    for row, (a, b) in enumerate(pairs):
        known = a is not None and b is not None
        right = known and b != 0 and holds(Fraction(a, b), Fraction(bound))
        wrong = known and not right and (b != 0 or operator == "=")
        assert tuple(unpacked(side, len(pairs))[row] for side in found) == (right, wrong), (a, b)


def test_one_threshold_alone_is_changed_without_looking_at_the_rest() -> None:
    session = Session([SIMPLE_BOOK], TABLE)
    income = TABLE["收入"].to_pylist()
    for bound in (Decimal(0), Decimal("499.99"), Decimal(700), Decimal(-5), Decimal(10**9)):
        effect = session.what_if("简单", Change("够大", bound=bound))
        assert effect.after == sum(value is not None and value > bound for value in income)


def test_changed_enterprises_are_answered_anew_and_the_others_stay() -> None:
    session = Session([BOOK, SIMPLE_BOOK], TABLE)
    before = {book.name: eligible(book, TABLE) for book in (BOOK, SIMPLE_BOOK)}
    places = np.asarray(sorted(Random(2).sample(range(3000), 200)))
    new = table(rows(200, seed=9)).drop_columns(["id"])
    flips = session.update(places, new)
    order = np.arange(3000)
    order[places] = 3000 + np.arange(200)
    whole = pa.concat_tables([TABLE, new]).take(pa.array(order))
    for book in (BOOK, SIMPLE_BOOK):
        now = eligible(book, whole)
        assert session.counts()[book.name] == (now.count(True), now.count(False), now.count(None))
        assert flips[book.name] == sum(a is not b for a, b in zip(before[book.name], now, strict=True))
    assert session.what_if("简单", Change("够大", off=True)).after == 3000


def test_what_cannot_be_tried_is_said() -> None:
    session = Session([BOOK], TABLE)
    for rule, change, sentence in (
        ("补贴", Change("强度", off=True), "没有规则“补贴”"),
        ("补助", Change("硬度", off=True), "没有条款“硬度”"),
        ("补助", Change("领域", bound=Decimal(1)), "条款“领域”没有可以改的界限"),
        ("补助", Change("强度", bound=date(2020, 1, 1)), "界限不能是 2020-01-01"),
    ):
        with pytest.raises(RulebookError, match=sentence):
            session.what_if(rule, change)


def test_one_column_asks_only_the_rules_that_read_it() -> None:
    session = Session([BOOK, SIMPLE_BOOK], TABLE)
    places = np.asarray([7, 2999, 64])
    new = pa.table({"行业": pa.array(["农业", "新材料", "造船"])})
    assert set(session.update(places, new)) == {"补助"}
    industry = TABLE["行业"].to_pylist()
    for place, value in zip(places.tolist(), new["行业"].to_pylist(), strict=True):
        industry[place] = value
    now = eligible(BOOK, TABLE.set_column(TABLE.column_names.index("行业"), "行业", pa.array(industry)))
    assert session.counts()["补助"] == (now.count(True), now.count(False), now.count(None))
    assert session.what_if("补助", Change("领域", texts=("造船",))).before == now.count(True)


def test_many_small_changes_come_to_what_one_large_one_comes_to() -> None:
    one, other = Session([BOOK, SIMPLE_BOOK], TABLE), Session([BOOK, SIMPLE_BOOK], TABLE)
    places, new = np.asarray(Random(3).sample(range(3000), 80)), table(rows(80, seed=5)).drop_columns(["id"])
    one.update(places, new)
    for number, place in enumerate(places):
        other.update(np.asarray([place]), new.slice(number, 1))
    other.update(places[:3], new.slice(0, 3).select(["收入"]))
    assert one.counts() == other.counts()
    change = Change("强度", bound=Decimal("0.2"))
    mine, yours = one.what_if("补助", change), other.what_if("补助", change)
    assert (mine.after, mine.gained.tolist(), mine.amount_after) == (
        yours.after,
        yours.gained.tolist(),
        yours.amount_after,
    )


def test_one_enterprise_is_answered_as_the_interpreter_would() -> None:
    session = Session([BOOK, SIMPLE_BOOK], TABLE)
    for row in (
        {"收入": 1000, "研发": Decimal(100), "在园": True, "行业": "新材料", "注册": date(2020, 1, 1)},
        {"收入": 1000.5, "研发": Decimal("1e30"), "行业": "造船", "注册": "2024-01-02"},
        {"收入": Decimal("500.0000000001"), "行业": None},
        {"收入": "很多", "研发": True},
        {"收入": 2**70, "研发": 0},
        {},
    ):
        answers = session.answer(row)
        for book in (BOOK, SIMPLE_BOOK):
            admitted, _ = admissible(book, {entry.name: row.get(entry.name) for entry in book.inputs})
            verdict = book.evaluate(admitted, decisions=("符合",)).values["符合"]
            assert answers[book.name] is (verdict if isinstance(verdict, bool) else None), (row, book.name)


def test_what_cannot_be_put_into_the_table_is_said() -> None:
    session = Session([BOOK], TABLE)
    for places, new, sentence in (
        ([0], {"收人": [1]}, "表里没有列“收人”"),
        ([0, 1], {"收入": [1]}, "给了 2 个行号、1 行值"),
        ([3000], {"收入": [1]}, "行号超出了表的 3000 行"),
        ([5, 5], {"收入": [1, 2]}, "同一行给了两次"),
        ([5], {"收入": [0.5]}, "列“收入”是 decimal128.*给的值是 double"),
    ):
        before = session.counts()
        with pytest.raises(RulebookError, match=sentence):
            session.update(np.asarray(places), pa.table(new))
        assert session.counts() == before
