"""Rules and tables of other people, screened from their files; every number counted by hand or by other means."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.rulebook.dmn.models import decided, definitions, given
from wotu.rulebook.columnar.library import library
from wotu.rulebook.columnar.runner import Job, screen

DAY = date(2026, 6, 30)
COUNTS = ("eligible", "not", "unknown", "one_short", "amount_total")


def counted(at: Path, body: str, table: dict[str, pa.Array]) -> dict[str, Any]:
    """What screening a table with one rule prints of it."""
    (at / "rules").mkdir()
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
