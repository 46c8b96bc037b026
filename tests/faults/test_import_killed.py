"""An import whose process is killed in the middle: nothing is lost, nothing is half-written, and it goes on."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.registry.intake.sheets import HEAD, firm, text

ROWS = 2_400
BAD = 40
"""Every so many rows one that comes back."""


@contextmanager
def zone(path: Path) -> Iterator[sqlite3.Connection]:
    """The zone's database, to be looked at from outside."""
    with closing(sqlite3.connect(f"file:{path / 'wotu.sqlite3'}?mode=ro", uri=True, timeout=20)) as base:
        yield base


def wotu(var: Path, *arguments: str) -> subprocess.Popen[str]:
    """A `wotu` process of its own, with a zone of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "wotu.site.command", *arguments],
        env={**os.environ, "WOTU_VAR": str(var), "WOTU_DATABASE": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def said(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out.strip()


def held(var: Path) -> tuple[int, int, int, int, str]:
    """Facts, enterprises and returned rows in the database, rows that the import counts, and its state."""
    with zone(var) as base:
        numbers = [
            base.execute(f"SELECT count(*) FROM registry_{table}").fetchone()[0]
            for table in ("fact", "enterprise", "rejectedrow")
        ]
        counted, state = base.execute("SELECT rows_accepted, state FROM registry_import").fetchone()
    return (*numbers, counted, state)  # type: ignore[return-value]


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    rows = ([*firm(n), "约1" if n % BAD == 0 else n, n] for n in range(1, ROWS + 1))
    return text(tmp_path / "2023.csv", [[*HEAD, "营业收入（万元）", "从业人员"], *rows])


@pytest.mark.slow
def test_a_killed_import_goes_on_where_it_stopped(tmp_path: Path, sheet: Path) -> None:
    var = tmp_path / "var"
    said(wotu(var, "migrate", "-v0"))
    running = wotu(var, "import", str(sheet), "--source", "统计局")
    while running.poll() is None:
        time.sleep(0.02)
        with zone(var) as base:
            if base.execute("SELECT count(*) FROM registry_fact").fetchone()[0]:
                break
    running.send_signal(signal.SIGKILL)
    running.communicate()
    facts, enterprises, returned, counted, state = held(var)
    assert (running.returncode, state) == (-signal.SIGKILL, "committing"), "the import ended before it could be killed"
    assert 0 < facts < 2 * (ROWS - ROWS // BAD)
    assert facts == 2 * enterprises == 2 * counted, "a block is written whole, with its count, or not at all"
    assert returned + counted == (counted + returned) // 500 * 500
    good = ROWS - ROWS // BAD
    again = wotu(var, "import", str(sheet), "--source", "统计局")
    assert said(again) == f"“2023.csv”（统计局）：入库{good}行、写入{2 * good}项事实，退回{ROWS // BAD}行。"
    assert held(var) == (2 * good, good, ROWS // BAD, good, "done")
