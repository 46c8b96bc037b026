"""A Spark cluster of two workers on this machine, each a process of its own, and results of a screening read from disk."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from pyroaring import BitMap

from wotu.rulebook.columnar.results import AMOUNTS, NEAR, OUTCOMES, STOPS


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """One session for all tests that ask for it; a skip with the reason where Spark does not start."""
    sql = pytest.importorskip("pyspark.sql", reason="PySpark is not installed: pip install 'wotu[spark]'")
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        session = (
            sql.SparkSession.builder.master("local-cluster[2,1,1024]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.executor.memory", "768m")
            .config("spark.log.level", "FATAL")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.sql.execution.arrow.maxRecordsPerBatch", "1000")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.files.maxPartitionBytes", "1m")  # a task a file
            .config(
                "spark.executorEnv.PYTHONPATH", os.pathsep.join([str(Path.cwd()), os.environ.get("PYTHONPATH", "")])
            )
            .getOrCreate()
        )
    except (PySparkException, Py4JError, OSError) as problem:
        pytest.skip(f"Spark does not start here: {problem}")
    yield session
    session.stop()


def result(out: Path) -> dict[str, Any]:
    """All that a screening left, row by row, whichever engine wrote it: one reader for both."""
    summary = json.loads((out / "summary.json").read_text(), parse_float=Decimal)
    planes: dict[Any, set[int]] = {}
    counts: dict[Any, Any] = {}
    for block in pq.read_table(out / "outcomes", columns=OUTCOMES.names).to_pylist():
        planes.setdefault((block["rule"], "one_short"), set())  # nobody, unless the stops say who
        for side in ("eligible", "not"):
            planes.setdefault((block["rule"], side), set()).update(_rows(block, f"{side}_bits"))
        for side in ("eligible", "not", "one_short"):
            counts[block["rule"], side] = counts.get((block["rule"], side), 0) + block[side]
    stops: dict[Any, set[int]] = {}
    for block in pq.read_table(out / "stops", columns=STOPS.names).to_pylist():
        who = stops.setdefault((block["rule"], block["clause"]), set())
        lacking = _rows(block, "bits")
        assert len(lacking) == block["only_stop"] > 0
        who.update(lacking)
    for (rule, _), rows in stops.items():
        there = planes[rule, "one_short"]
        assert not there & rows
        there |= rows
    assert counts == {key: len(rows) for key, rows in planes.items()}
    identified = ["id"] if "id" in pq.read_table(out / "near").column_names else []
    listed = {
        name: sorted(
            pq.read_table(out / name, columns=[*schema.names, *identified]).to_pylist(),
            key=lambda row: (row["rule"], row["row"]),
        )
        for name, schema in (("near", NEAR), ("amounts", AMOUNTS))
    }
    clauses = pq.read_table(out / "clauses.parquet")
    return {
        "rows": summary["rows"],
        "rules": summary["rules"],
        "planes": planes,
        "stops": stops,
        **listed,
        "clauses": sorted(clauses.to_pylist(), key=lambda row: (row["rule"], row["clause"])),
        "types": clauses.schema.types,
    }


def _rows(block: dict[str, Any], name: str) -> list[int]:
    return [block["first_row"] + row for row in BitMap.deserialize(block[name])]
