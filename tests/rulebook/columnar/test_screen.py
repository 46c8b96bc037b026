"""A table of inputs in, a table of answers out: nulls, repeated rows, bad values, missing columns."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

import wotu.policy
from wotu.rulebook import Rulebook, RulebookError, columnar

RULES = Path(wotu.policy.__file__).parent / "rules"
DAY = date(2026, 6, 30)
NUMBER = pa.decimal128(38, 6)


@pytest.fixture(scope="module")
def tax() -> Rulebook:
    return Rulebook.load(RULES / "小型微利企业.dmn")


def table(*rows: tuple[int | None, int | None, int | None, bool | None]) -> pa.Table:
    incomes, staff, assets, restricted = zip(*rows, strict=True)
    return pa.table(
        {
            "年应纳税所得额": pa.array([None if n is None else Decimal(n) for n in incomes], NUMBER),
            "从业人数季度平均": pa.array([None if n is None else Decimal(n) for n in staff], NUMBER),
            "资产总额季度平均": pa.array([None if n is None else Decimal(n) for n in assets], NUMBER),
            "从事限制或禁止行业": pa.array(restricted, pa.bool_()),
            "别的": pa.array(range(len(rows))),
        }
    )


def test_every_row_is_answered_where_it_stood(tax) -> None:
    met, short, two, open_ = (
        (1_000_000, 10, 1_000_000, False),
        (3_000_100, 10, 1, False),
        (9_000_000, 400, 1, False),
        (1, 1, 1, None),
    )
    [rule] = columnar.screen([tax], table(met, short, met, two, open_), as_of=DAY).rules
    rows = rule.table.to_pylist()
    assert [row["eligible"] for row in rows] == [True, False, True, False, None]
    assert [row["near"] for row in rows] == [None, "应纳税所得额", None, None, None]
    assert (rows[1]["distance"], rows[1]["distance_unit"], rows[1]["distance_text"]) == (100, "元", "超出 100 元")
    assert [row["settles"] for row in rows] == [None, None, None, None, "行业"]
    assert [row["结果:应纳税额"] for row in rows] == [50_000, None, 50_000, None, None]
    assert rows[4]["条款:行业"] is None
    assert rule.clauses == ("行业", "应纳税所得额", "从业人数", "资产总额")


def test_a_value_the_rule_refuses_is_not_known_in_its_row_only(tax) -> None:
    [rule] = columnar.screen([tax], table((1, -5, 1, False), (1, 5, 1, False)), as_of=DAY).rules
    assert rule.table["eligible"].to_pylist() == [None, True]
    assert rule.table["settles"].to_pylist() == ["从业人数", None]


def test_a_missing_column_is_named(tax) -> None:
    with pytest.raises(RulebookError, match="输入“从业人数季度平均”没有同名的列"):
        columnar.screen([tax], table((1, 1, 1, False)).drop_columns(["从业人数季度平均"]), as_of=DAY)


def test_some_decisions_of_a_rule_without_the_rest() -> None:
    size = Rulebook.load(RULES / "中小企业划型标准.dmn")
    rows = pa.table(
        {
            "行业": ["工业", "工业", "金融业", None],
            "从业人员": pa.array([Decimal(300), Decimal(19), Decimal(1), Decimal(1)], NUMBER),
            "营业收入": pa.array([Decimal(20_000_000), None, Decimal(1), Decimal(1)], NUMBER),
            "资产总额": pa.array([None] * 4, NUMBER),
        }
    )
    answered = columnar.decide(size, rows, ["规模", "属于中小企业"], as_of=DAY)
    assert answered.to_pydict() == {"规模": ["中型", "微型", None, None], "属于中小企业": [True, True, None, None]}
    with pytest.raises(RulebookError, match="没有名为“规摸”的决策"):
        columnar.decide(size, rows, ["规摸"], as_of=DAY)


def test_no_rows_give_no_rows(tax) -> None:
    [rule] = columnar.screen([tax], table((1, 1, 1, False)).slice(0, 0), as_of=DAY).rules
    assert rule.table.num_rows == 0
    assert rule.table.schema.field("eligible").type == pa.bool_()
