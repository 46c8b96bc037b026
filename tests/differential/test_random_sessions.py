"""Whatever is tried and whatever changes in a session, it answers as a new one over the changed table, and as the interpreter."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wotu.rulebook import Rulebook, RulebookError
from wotu.rulebook.columnar import interpreted, whatif
from wotu.rulebook.columnar.bind import Bound
from wotu.rulebook.columnar.kernel import Words, unpacked
from wotu.rulebook.columnar.program import holding
from wotu.rulebook.columnar.session import Change, Effect, Session
from wotu.rulebook.columnar.whatif import changed_goal

from .random_rules import rule, table

DAY = date(2026, 4, 1)
ROWS = 80
KINDS = [
    (pa.decimal128(18, 2), 2, 10**15),
    (pa.decimal128(30, 4), 4, 10**20),
    (pa.int32(), 0, 2**31),
    (pa.int64(), 0, 2**62),
]
BOUNDS = [Decimal(text) for text in ("0", "1", "2", "0.5", "0.03", "-1", "10", "1e30", "0.029999999999")]


def books(random: Random) -> list[Rulebook]:
    texts = [rule(random)[0].replace('name="试"', f'name="{name}"') for name in ("甲", "乙")]
    return [Rulebook.from_bytes(text.encode()) for text in texts]


def some_rows(random: Random) -> tuple[np.ndarray, pa.Table]:
    """Rows, in any order, and new values for them: of all columns or of some, as the table has them or wider."""
    count = random.choice([1, 2, 64, 70])
    new = varied(random, table(random, count))
    if random.random() < 0.5:
        new = new.select(random.sample(new.column_names, random.randint(1, 4)))
    return np.asarray(random.sample(range(ROWS), count)), new


def some_change(random: Random) -> Change:
    clause = random.choice(["条1", "条2", "条3", "条4", "组"])
    way = random.random()
    if way < 0.6:
        return Change(clause, bound=random.choice(BOUNDS), place=random.choice([0, 0, 1]))
    if way < 0.7:
        return Change(clause, bound=date(2024, 2, 29))
    return (
        Change(clause, off=True)
        if way < 0.8
        else Change(clause, texts=tuple(random.sample(["甲", "乙", "丁", "戊"], 2)))
    )


def varied(random: Random, given: pa.Table) -> pa.Table:
    """The same values in other types of columns, without those that do not fit."""
    if random.random() < 0.3:
        return given
    columns = {}
    for name in given.column_names:
        values, kind = given[name].to_pylist(), given.schema.field(name).type
        if kind == pa.string() and random.random() < 0.5:
            columns[name] = given[name].combine_chunks().dictionary_encode()
        elif pa.types.is_decimal(kind):
            kind, places, most = random.choice(KINDS)
            fits = [v is not None and abs(v) < most and v == v.quantize(Decimal(1).scaleb(-places)) for v in values]
            columns[name] = pa.array(
                [(int(v) if places == 0 else v) if fit else None for v, fit in zip(values, fits, strict=True)], kind
            )
        else:
            columns[name] = given[name]
    return pa.table(columns)


def verdicts(book: Rulebook, rows: pa.Table) -> list[bool | None]:
    found: list[bool | None] = interpreted.decide(book, rows, ["符合"], as_of=DAY)["符合"].to_pylist()
    return found


def told(session: Session, name: str, rows: int) -> list[bool | None]:
    yes, no = (_bits(session.planes[:, 2 * session.places[name] + side], rows) for side in (0, 1))
    return [True if holds else False if fails else None for holds, fails in zip(yes, no, strict=True)]


def _bits(plane: Words, rows: int) -> list[bool]:
    return unpacked(np.ascontiguousarray(plane), rows).tolist()


def plainly(effect: Effect) -> tuple[object, ...]:
    return (
        effect.before,
        effect.after,
        effect.gained.tolist(),
        effect.lost.tolist(),
        effect.amount_before,
        effect.amount_after,
    )


@settings(max_examples=5, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
def test_any_sequence_of_trials_and_changes(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    random = Random(seed)
    monkeypatch.setattr(whatif, "FEW_OPEN", random.choice([1, 64]))
    rules = books(random)
    now = varied(random, table(random, ROWS))
    session = Session(rules, now)
    answers = {book.name: verdicts(book, now) for book in rules}
    for _ in range(3):
        rows, new = some_rows(random)
        flips = session.update(rows, new)
        now = replaced(now, rows, new)
        for book in rules:
            before, after = answers[book.name], verdicts(book, now)
            assert told(session, book.name, ROWS) == after
            assert session.counts()[book.name] == (after.count(True), after.count(False), after.count(None))
            assert flips.get(book.name, 0) == sum(a is not b for a, b in zip(before, after, strict=True))
            answers[book.name] = after
        fresh = Session(rules, now)
        for _ in range(2):
            book, change = random.choice(rules), some_change(random)
            try:
                goal = changed_goal(book, change)
            except RulebookError:
                continue
            effect = session.what_if(book.name, change)
            assert plainly(effect) == plainly(fresh.what_if(book.name, change))
            would = holding(Bound(now), goal)[0].tolist()
            was = [each is True for each in answers[book.name]]
            assert effect.gained.tolist() == [n for n in range(ROWS) if would[n] and not was[n]]
            assert effect.lost.tolist() == [n for n in range(ROWS) if was[n] and not would[n]]
        for number in random.sample(range(ROWS), 3):
            row = now.slice(number, 1).to_pylist()[0]
            assert session.answer(row) == {name: found[number] for name, found in answers.items()}


def replaced(now: pa.Table, rows: np.ndarray, new: pa.Table) -> pa.Table:
    """The table with other values in some rows, cell by cell."""
    columns = {}
    for name in now.column_names:
        values = now[name].to_pylist()
        if name in new.column_names:
            for row, value in zip(rows.tolist(), new[name].to_pylist(), strict=True):
                values[row] = value
        columns[name] = held(values, now.schema.field(name).type)
    return pa.table(columns)


def held(values: list[object], kind: pa.DataType) -> pa.Array:
    """The values as a column of the type, or of one that has room for them."""
    if pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        numbers = [None if value is None else Decimal(value) for value in values]
        try:
            return pa.array(numbers, pa.decimal128(38, 13))
        except pa.ArrowInvalid:
            return pa.array(numbers, pa.decimal256(76, 20))
    return pa.array(values, kind)
