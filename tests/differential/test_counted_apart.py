"""Rules and tables of other people, screened from their files; every number counted by hand or by other means."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.rulebook.dmn.models import decided, definitions, given
from wotu.rulebook.columnar.library import library
from wotu.rulebook.columnar.runner import Job, screen
from wotu.rulebook.findings import RulebookError

DAY = date(2026, 6, 30)
COUNTS = ("eligible", "not", "unknown", "one_short", "amount_total")


def counted(at: Path, body: str, table: dict[str, pa.Array]) -> dict[str, Any]:
    """What screening a table with one rule prints of it."""
    (at / "rules").mkdir(parents=True)
    (at / "rules" / "试.dmn").write_bytes(definitions(body))
    pq.write_table(pa.table(table), at / "t.parquet")
    found = screen(Job(library(at / "rules", DAY), at / "t.parquet", at / "out", DAY, threads=1, memory=2**30))
    return {name: found["rules"][0][name] for name in COUNTS}


def test_totals_keep_every_digit(tmp_path: Path) -> None:
    body = (
        given("额") + decided("有", "额 > 0", "in_额", "boolean")
        + decided("符合", "有", "d_有", "boolean") + decided("金额", "if 符合 then 额 else null", "d_符合 in_额", "number")
    )  # fmt: skip
    amounts = [Decimal("90000000000000000000000000.01"), Decimal("90000000000000000000000000.02"), Decimal("0.001")]

    assert counted(tmp_path, body, {"额": pa.array(amounts, pa.decimal128(38, 4))}) == {
        "eligible": 3, "not": 0, "unknown": 0, "one_short": 0, "amount_total": Decimal("180000000000000000000000000.031"),
    }  # fmt: skip


GIFT = (
    given("额") + decided("有", "额 > 0", "in_额", "boolean")
    + decided("符合", "有", "d_有", "boolean") + decided("金额", "if 符合 then 额 * 额 else null", "d_符合 in_额", "number")
)  # fmt: skip


def test_an_amount_too_large_for_its_column_gets_a_wider_one(tmp_path: Path) -> None:
    rows = {"额": pa.array([Decimal("100000000000000"), Decimal("0.5"), Decimal("-1")], pa.decimal128(20, 2))}

    assert counted(tmp_path, GIFT, rows)["amount_total"] == Decimal("10000000000000000000000000000.25")
    assert pq.read_table(tmp_path / "out" / "amounts")["amount"].to_pylist() == [Decimal(10) ** 28, Decimal("0.25")]


def test_an_amount_that_no_sum_could_hold_is_refused_with_its_row(tmp_path: Path) -> None:
    rows = {"额": pa.array([Decimal(1), Decimal(10) ** 26], pa.decimal128(38, 2))}

    with pytest.raises(RulebookError, match=r"第 2 行的“金额”是 1.000e\+52，整数部分超过 52 位"):
        counted(tmp_path, GIFT, rows)


TRUTHS = (True, False, None)
EVERY = [(a, b, c) for a in TRUTHS for b in TRUTHS for c in TRUTHS]
CLAUSES = "".join(
    given(f"是{name}", "boolean") + decided(name, f"是{name}", f"in_是{name}", "boolean") for name in "甲乙丙"
)
GROUPS = decided("组", "甲 and 乙", "d_甲 d_乙", "boolean") + decided("群", "甲 and 丙", "d_甲 d_丙", "boolean")


def unmet(*clauses: bool | None) -> tuple[int, int]:
    return sum(each is False for each in clauses), sum(each is None for each in clauses)


@pytest.mark.parametrize(
    ("goal", "needs", "short"),
    [
        ("甲 and 乙 and 丙", "甲 乙 丙", lambda a, b, c: unmet(a, b, c) == (1, 0)),
        ("甲 or 乙 or 丙", "甲 乙 丙", lambda a, b, c: unmet(a, b, c) == (3, 0)),
        ("甲 and (乙 or 丙)", "甲 乙 丙", lambda a, b, c: (a is False and True in (b, c)) or (a, b, c) == (True, False, False)),
        ("甲 and not(乙)", "甲 乙", lambda a, b, c: (a, b) in ((False, False), (True, True))),
        ("not(甲 or 乙)", "甲 乙", lambda a, b, c: (a, b) in ((False, True), (True, False))),
        ("not(甲 and 乙)", "甲 乙", lambda a, b, c: (a, b) == (True, True)),
        ("组 and 群", "组 群", lambda a, b, c: unmet(a, b, c) == (1, 0)),
        ("count([甲, 乙, 丙][item = true]) >= 3", "甲 乙 丙", lambda a, b, c: unmet(a, b, c) == (1, 0)),
        ("if 甲 then 乙 else false", "甲 乙", lambda a, b, c: unmet(a, b) == (1, 0)),
        ("every x in [甲, 丙] satisfies x", "甲 丙", lambda a, b, c: unmet(a, c) == (1, 0)),
    ],
)  # fmt: skip
def test_one_short_is_exactly_one_clause_unmet_and_none_unknown(
    tmp_path: Path, goal: str, needs: str, short: Callable[..., bool]
) -> None:
    body = CLAUSES + GROUPS + decided("符合", goal, " ".join(f"d_{name}" for name in needs.split()), "boolean")
    columns = {f"是{name}": pa.array([row[at] for row in EVERY], pa.bool_()) for at, name in enumerate("甲乙丙")}

    assert counted(tmp_path, body, columns)["one_short"] == sum(short(*row) for row in EVERY)


def test_what_is_no_clause_is_not_counted(tmp_path: Path) -> None:
    body = CLAUSES + given("是") + decided("符合", "甲 and 是 > 5", "d_甲 in_是", "boolean")
    rows = {f"是{name}": pa.array([True, False, False, None, True], pa.bool_()) for name in "甲乙丙"}

    found = counted(tmp_path, body, rows | {"是": pa.array([1, 9, 1, 1, 9])})
    assert (found["eligible"], found["not"], found["unknown"], found["one_short"]) == (1, 4, 0, 2)
