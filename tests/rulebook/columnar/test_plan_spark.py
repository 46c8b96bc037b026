"""On a cluster the totals and the enterprises are those of one machine, also when an executor is killed in the middle."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.rulebook.columnar.test_plan_screening import GRANT, SIMPLE, rows, table
from tests.rulebook.dmn.models import definitions
from wotu.rulebook.columnar.library import library
from wotu.rulebook.columnar.runner import Job
from wotu.rulebook.columnar.runner import screen as screen_here

pytestmark = [pytest.mark.spark, pytest.mark.slow]
DAY = date(2026, 4, 1)


@pytest.fixture(scope="module")
def spark() -> Any:
    """A cluster of two workers on this machine, each a process of its own."""
    sql = pytest.importorskip("pyspark.sql", reason="PySpark is not installed: pip install 'wotu[spark]'")
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    try:
        session = (
            sql.SparkSession.builder.master("local-cluster[2,1,1024]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.executor.memory", "768m")
            .config("spark.sql.execution.arrow.maxRecordsPerBatch", "1000")
            .config(
                "spark.executorEnv.PYTHONPATH", os.pathsep.join([str(Path.cwd()), os.environ.get("PYTHONPATH", "")])
            )
            .getOrCreate()
        )
    except Exception as problem:  # noqa: BLE001 - whatever keeps Java from starting, the reason is shown
        pytest.skip(f"Spark does not start here: {problem}")
    yield session
    session.stop()


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


@pytest.mark.parametrize("killed", [False, True], ids=["undisturbed", "one executor killed"])
def test_a_cluster_says_what_one_machine_says(spark: Any, tmp_path: Path, killed: bool) -> None:
    from wotu.rulebook.columnar.spark import screen

    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "补助.dmn").write_bytes(definitions(GRANT, "补助"))
    (folder / "简单.dmn").write_bytes(definitions(SIMPLE, "简单"))
    whole = table(rows(24_000))
    (tmp_path / "t").mkdir()
    for part in range(12):
        pq.write_table(whole.slice(part * 2000, 2000), tmp_path / "t" / f"{part:02}.parquet")
    rules = library(folder, DAY)
    here = screen_here(Job(rules, tmp_path / "t", tmp_path / "here", DAY, 1, 2**30))
    if killed:
        victim = executors()[0]
        threading.Thread(target=lambda: (time.sleep(1.5), os.kill(victim, signal.SIGKILL)), daemon=True).start()
    there = screen(spark, rules, str(tmp_path / "t"), str(tmp_path / "there"), DAY, id="id")
    assert there["rows"] == here["rows"] == 24_000
    for a, b in zip(there["rules"], here["rules"], strict=True):
        assert {name: a[name] for name in ("rule", "eligible", "not", "unknown", "one_short")} == {
            name: b[name] for name in ("rule", "eligible", "not", "unknown", "one_short")
        }
        assert (a["amount_total"] or Decimal(0)) == (b["amount_total"] or Decimal(0))
    for number in range(2):
        ids = {
            each
            for row in pq.read_table(tmp_path / "there", columns=["rule", "eligible_ids"]).to_pylist()
            if row["rule"] == number
            for each in row["eligible_ids"]
        }
        assert ids == {str(whole["id"][row].as_py()) for row in eligible_rows(tmp_path / "here", number)}


def eligible_rows(out: Path, rule: int) -> list[int]:
    found: list[int] = []
    for row in pq.read_table(out / "outcomes").to_pylist():
        if row["rule"] == rule:
            bits = int.from_bytes(row["eligible_bits"], "little")
            found += [row["first_row"] + n for n in range(row["rows"]) if bits >> n & 1]
    return found
