"""Conditions whose author declared no type are conditions all the same; what leaves a doubt stays undeclared."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wotu.rulebook import Rulebook
from wotu.rulebook.columnar.library import library
from wotu.rulebook.columnar.runner import Job, screen

from .models import decided, definitions, given

CONDITIONS = (
    given("n") + given("b", "boolean") + given("s", "string")
    + decided("早", "晚", "d_晚")  # told by one further down
    + decided("晚", "n > 1 and b", "in_n in_b")
    + decided("问", 'not(starts with(s, "新"))', "in_s")
    + decided("选", "if b then n > 1 else null", "in_b in_n")
    + decided("间", "n in [1..2]", "in_n")
    + decided("表", '<decisionTable><input><inputExpression><text>n</text></inputExpression></input><output/><rule><inputEntry>'
              "<text>1</text></inputEntry><outputEntry><text>true</text></outputEntry></rule></decisionTable>", "in_n")
    + decided("写在式上", '<literalExpression typeRef="boolean"><text>n</text></literalExpression>', "in_n")
    + decided("数", "n + 1", "in_n")
    + decided("疑", "if b then n > 1 else n", "in_b in_n")
    + decided("单", '<decisionTable hitPolicy="COLLECT"><input><inputExpression><text>n</text></inputExpression></input><output/>'
              "<rule><inputEntry><text>1</text></inputEntry><outputEntry><text>true</text></outputEntry></rule></decisionTable>", "in_n")
)  # fmt: skip


def test_what_can_only_be_yes_or_no_is_a_condition() -> None:
    book = Rulebook.from_bytes(definitions(CONDITIONS))

    conditions = {info.name for info in book.decisions if info.base == "boolean"}
    assert conditions == {"早", "晚", "问", "选", "间", "表", "写在式上"}
    assert {info.base for info in book.decisions if info.name in ("数", "疑", "单")} == {"Any"}


@pytest.mark.parametrize("kind", ["", "variable", "expression"])
def test_a_rule_is_screened_alike_wherever_it_declares_its_types(kind: str, tmp_path: Path) -> None:
    def said(name: str, text: str, needs: str, wanted: str) -> str:
        if kind == "expression":
            return decided(
                name,
                f'<literalExpression typeRef="{wanted}"><text><![CDATA[{text}]]></text></literalExpression>',
                needs,
            )
        return decided(name, text, needs, wanted if kind else "")

    body = (
        given("收入") + given("人数")
        + said("条甲", "收入 >= 100", "in_收入", "boolean") + said("条乙", "人数 > 5", "in_人数", "boolean")
        + said("符合", "条甲 and 条乙", "d_条甲 d_条乙", "boolean")
        + said("金额", "if 符合 then 收入 * 0.5 else 0", "d_符合 in_收入", "number")
    )  # fmt: skip
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "试.dmn").write_bytes(definitions(body))
    table = pa.table(
        {"收入": pa.array([100, 99, 101, None, 99], pa.int64()), "人数": pa.array([6, 6, None, 6, 5], pa.int16())}
    )
    pq.write_table(table, tmp_path / "t.parquet")
    day = date(2026, 6, 30)
    job = Job(
        library=library(tmp_path / "rules", day), table=tmp_path / "t.parquet", out=tmp_path / "out", as_of=day, threads=1,
        memory=2**30,
    )  # fmt: skip
    [rule] = screen(job)["rules"]

    assert {name: rule[name] for name in ("eligible", "not", "unknown", "one_short", "amount_total")} == {
        "eligible": 1, "not": 2, "unknown": 2, "one_short": 1, "amount_total": Decimal("50.00"),
    }  # fmt: skip
