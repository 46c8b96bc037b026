"""On a cluster the result is that of one machine, also when an executor is killed in the middle; what is refused, in its words."""

from __future__ import annotations

import os
import signal
import threading
import time
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.on_spark import result, spark  # noqa: F401 - a fixture
from tests.rulebook.columnar.test_plan_screening import BAD, GRANT, SIMPLE, rows, table
from tests.rulebook.dmn.models import decided, definitions
from tests.rulebook.dmn.models import given as input_
from wotu.rulebook.columnar.library import Library, library
from wotu.rulebook.columnar.runner import Job
from wotu.rulebook.columnar.runner import screen as screen_here
from wotu.rulebook.findings import RulebookError

pytestmark = [pytest.mark.spark, pytest.mark.slow, pytest.mark.usefixtures("spark")]
DAY = date(2026, 4, 1)


def there(spark: Any, rules: Library, where: Path, out: str, **options: Any) -> dict[str, Any]:  # noqa: F811
    from wotu.rulebook.columnar.spark import screen

    return screen(spark, rules, str(where), str(where.parent / out), DAY, **options)


@pytest.fixture
def rules(tmp_path: Path) -> Library:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "补助.dmn").write_bytes(definitions(GRANT, "补助"))
    (folder / "简单.dmn").write_bytes(definitions(SIMPLE, "简单"))
    return library(folder, DAY)


def executors() -> list[int]:
    """The executor processes of this test's cluster: descendants of this process."""
    parents, found = {}, []
    for place in Path("/proc").iterdir():
        if not place.name.isdigit():
            continue
        try:
            stat, command = (place / "stat").read_text(), (place / "cmdline").read_bytes()
        except OSError:
            continue
        parents[int(place.name)] = int(stat.rpartition(")")[2].split()[1])
        if b"CoarseGrainedExecutorBackend" in command:
            found.append(int(place.name))
    return [pid for pid in found if os.getpid() in _above(pid, parents)]


def _above(pid: int, parents: dict[int, int]) -> set[int]:
    seen: set[int] = set()
    while pid in parents and pid not in seen:
        seen.add(pid)
        pid = parents[pid]
    return seen


def kill_one_in_the_middle(out: Path, killed: list[int]) -> None:
    """As soon as a task of the screening has been committed, with others still to come."""
    for _ in range(3000):
        if any(out.parent.glob(f".{out.name}.*.part/written/_temporary/0/task_*")):
            killed.append(executors()[0])
            os.kill(killed[0], signal.SIGKILL)
            return
        time.sleep(0.02)


@pytest.mark.parametrize("kill", [False, True], ids=["undisturbed", "one executor killed"])
def test_a_cluster_says_what_one_machine_says(spark: Any, rules: Library, tmp_path: Path, kill: bool) -> None:  # noqa: F811
    whole = table(rows(24_000))
    (tmp_path / "t" / "再").mkdir(parents=True)
    for part in range(12):
        place = tmp_path / "t" / ("再" if part % 2 else "") / f"{part:02}.parquet"
        pq.write_table(whole.slice(part * 2000, 2000), place, row_group_size=700)
    screen_here(Job(rules, tmp_path / "t", tmp_path / "here", DAY, 1, 2**30))
    killed: list[int] = []
    if kill:
        threading.Thread(target=kill_one_in_the_middle, args=(tmp_path / "there", killed), daemon=True).start()
    summary = there(spark, rules, tmp_path / "t", "there")
    assert result(tmp_path / "there") == result(tmp_path / "here")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["here", "rules", "t", "there"]
    assert not kill or (killed and killed[0] not in executors())
    assert there(spark, rules, tmp_path / "t", "there") == summary  # asked again: known
    assert there(spark, rules, tmp_path / "t", "here")["rules"] == summary["rules"]  # and by the same key


def test_a_bad_table_is_refused_in_the_same_words(spark: Any, rules: Library, tmp_path: Path) -> None:  # noqa: F811
    for fault, (change, sentence) in BAD.items():
        pq.write_table(change(table(rows(40))), tmp_path / f"{fault}.parquet")
        with pytest.raises(RulebookError) as here:
            screen_here(Job(rules, tmp_path / f"{fault}.parquet", tmp_path / "here", DAY, 1, 2**30))
        with pytest.raises(RulebookError) as said:
            there(spark, rules, tmp_path / f"{fault}.parquet", "there")
        assert sentence in str(said.value) == str(here.value)
    (tmp_path / "t").mkdir()
    (tmp_path / "empty").mkdir()
    whole = table(rows(20))
    pq.write_table(whole, tmp_path / "t" / "a.parquet")
    pq.write_table(whole.set_column(0, "id", whole["id"].cast(pa.int32())), tmp_path / "t" / "b.parquet")
    (tmp_path / "文字.parquet").write_text("不是 Parquet，只是文字")
    for bad in ("t", "empty", "nowhere", "文字.parquet"):
        with pytest.raises(RulebookError) as here:
            screen_here(Job(rules, tmp_path / bad, tmp_path / "here", DAY, 1, 2**30))
        with pytest.raises(RulebookError) as said:
            there(spark, rules, tmp_path / bad, "there")
        assert str(said.value) == str(here.value)
    assert not any("there" in path.name for path in tmp_path.iterdir())


def test_a_value_that_is_not_allowed_is_named_by_file_and_row(spark: Any, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "rules").mkdir()
    kind = '<itemDefinition name="类"><typeRef>string</typeRef><allowedValues><text>"甲","乙"</text></allowedValues></itemDefinition>'
    level = decided("是", '级 = "甲"', "in_级", "boolean") + decided("符合", "是", "d_是", "boolean")
    (tmp_path / "rules" / "级.dmn").write_bytes(definitions(kind + input_("级", "类") + level, "级别"))
    rules = library(tmp_path / "rules", DAY)
    (tmp_path / "t").mkdir()
    pq.write_table(pa.table({"级": ["甲", "乙", None]}), tmp_path / "t" / "a.parquet")
    pq.write_table(pa.table({"级": ["甲", "丙", "丁"]}), tmp_path / "t" / "b.parquet")
    said = []
    for engine in (
        lambda: screen_here(Job(rules, tmp_path / "t", tmp_path / "out", DAY, 1, 2**30)),
        lambda: there(spark, rules, tmp_path / "t", "out"),
    ):
        with pytest.raises(RulebookError) as refused:
            engine()
        said.append(str(refused.value))
    assert said[0] == said[1]
    assert "规则“级别”，b.parquet 第 4–6 行：列“级”第 5 行的 丙 不在允许的值之内" in said[1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rules", "t"]
    [rule] = there(spark, rules, tmp_path / "t", "out", unfit="unknown")["rules"]
    assert (rule["eligible"], rule["not"], rule["unknown"]) == (2, 1, 3)


def test_where_folders_cannot_be_renamed_the_summary_comes_last(
    spark: Any,  # noqa: F811
    rules: Library,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from wotu.rulebook.columnar import cluster

    pq.write_table(table(rows(300)), tmp_path / "t.parquet")
    screen_here(Job(rules, tmp_path / "t.parquet", tmp_path / "here", DAY, 1, 2**30))
    monkeypatch.setattr(cluster, "OBJECT_STORES", ("file",))
    written: list[str] = []
    real = cluster.Place.write
    monkeypatch.setattr(cluster.Place, "write", lambda self, data: (written.append(self.name), real(self, data))[1])
    there(spark, rules, tmp_path / "t.parquet", "there")
    assert result(tmp_path / "there") == result(tmp_path / "here")
    assert written == ["clauses.parquet", "summary.json"]
    (tmp_path / "there" / "summary.json").unlink()
    with pytest.raises(RulebookError, match="已经有别的内容"):
        there(spark, rules, tmp_path / "t.parquet", "there")
