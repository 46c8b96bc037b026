"""The `wotu` command says in a sentence what is mistyped or not there yet."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def wotu(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "wotu.site.command", *words],
        env={**os.environ, **environment}, capture_output=True, text=True,
    )  # fmt: skip


def test_alone_it_lists_the_main_commands():
    said = wotu()
    assert (said.returncode, said.stderr) == (0, "")
    assert "wotu demo" in said.stdout
    assert "wotu rules" in said.stdout


def test_a_mistyped_command_gets_a_suggestion():
    said = wotu("screeen")
    assert said.returncode == 2
    assert "是不是 screen" in said.stderr


def test_a_database_that_is_not_there_yet_is_said_in_a_sentence(tmp_path: Path):
    said = wotu("screen", WOTU_VAR=str(tmp_path), WOTU_DATABASE="")
    assert said.returncode == 2
    assert "wotu migrate" in said.stderr
    assert "Traceback" not in said.stderr


def test_screening_a_table_needs_no_database(tmp_path: Path) -> None:
    said = wotu("screen", str(tmp_path), "--table", "t.parquet", "--out", "out")
    assert said.returncode == 2
    assert said.stderr.strip() == f"{tmp_path}：文件夹里没有 .dmn 文件"
