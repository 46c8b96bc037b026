"""Rules that were screened with before: their program is at hand, answers the same, and no rule is read again."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.differential.plausible import BOOKS, RULES, values_of
from tests.rulebook.dmn.models import decided, definitions
from tests.rulebook.dmn.models import given as input_
from wotu.rulebook import rulebook
from wotu.rulebook.columnar import kept
from wotu.rulebook.columnar.batch import Block, screened
from wotu.rulebook.columnar.lookups import Verdicts

DAY = date(2026, 4, 1)
TYPES = {"number": pa.decimal128(38, 12), "boolean": pa.bool_(), "date": pa.date32(), "string": pa.string()}
FEW = input_("收入") + input_("行业", "string") + input_("在园", "boolean")
PLAIN = FEW + "".join(
    (
        decided("够大", "收入 >= 1000", "in_收入", "boolean"),
        decided("领域", '行业 in ("新材料", "生物医药") and 行业 != "别的"', "in_行业", "boolean"),
        decided("符合", "够大 and 领域 and 在园", "d_够大 d_领域 in_在园", "boolean"),
    )
)
HEAVY = ("regex", "lxml", "duckdb")
READING = (
    "rulebook",
    "explain",
    "dmn.model",
    "dmn.reader",
    "feel.tree",
    "feel.parser",
    "feel.compile",
    "feel.builtins",
)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def shipped(count: int) -> pa.Table:
    random = Random(7)
    columns: dict[str, pa.Array] = {}
    for book in BOOKS:
        for entry in book.inputs:
            values = [None, *values_of(book, entry)]
            columns.setdefault(entry.name, pa.array([random.choice(values) for _ in range(count)], TYPES[entry.base]))
    return pa.table(columns)


def said(block: Block) -> list[Any]:
    return [getattr(block, name).to_pylist() for name in ("outcomes", "clauses", "stops", "near", "amounts")]


def test_the_shipped_rules_are_kept_and_answer_the_same() -> None:
    folder, table = RULES[0].parent, shipped(300)
    _, first = kept.prepared(folder, DAY)
    _, again = kept.prepared(folder, DAY)
    assert all("plan" not in part.__dict__ for part in again.parts)
    assert said(screened(again, table, 0, unfit="unknown")) == said(screened(first, table, 0, unfit="unknown"))


def test_conditions_on_texts_are_kept_by_what_they_say_of_each(tmp_path: Path) -> None:
    (tmp_path / "简单.dmn").write_bytes(definitions(PLAIN, "简单"))
    kept.prepared(tmp_path, DAY)
    _, made = kept.prepared(tmp_path, DAY)
    [found] = [each for each in made.compiled.conditions.found.values() if isinstance(each, Verdicts)][:1]
    assert found == Verdicts({"新材料": True, "生物医药": True}, False, None)


def test_a_rule_that_changed_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "简单.dmn"
    file.write_bytes(definitions(PLAIN, "简单"))
    before, _ = kept.prepared(tmp_path, DAY)
    file.write_bytes(definitions(PLAIN.replace("1000", "2000"), "简单"))
    after, _ = kept.prepared(tmp_path, DAY)
    assert before.rules[0].said.sha256 != after.rules[0].said.sha256 == rulebook.Rulebook.load(file).sha256


def test_to_screen_with_kept_rules_imports_nothing_that_reads_rules(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "简单.dmn").write_bytes(definitions(PLAIN, "简单"))
    table = {"收入": [1000, 5, None], "行业": ["新材料", "别的", None], "在园": [True, False, None]}
    pq.write_table(pa.table(table), tmp_path / "t.parquet")
    kept.prepared(folder, DAY)
    run = f"""
import sys
from wotu.rulebook.cli import main
said = main(["screen", {str(folder)!r}, "--table", {str(tmp_path / "t.parquet")!r}, "--out", {str(tmp_path / "out")!r},
             "--as-of", "{DAY}", "--threads", "1", "--distances", "no"])
reading = {READING!r}
heavy = [name for name in {HEAVY!r} if name in sys.modules]
print(said, heavy + [name for name in reading if "wotu.rulebook." + name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0 []"
    assert "符合 1，不符合 1，未知 1" in done.stdout
