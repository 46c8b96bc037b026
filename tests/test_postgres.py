"""The database suite once more, on a real PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SUITE = ("tests/registers", "tests/registry", "tests/policy", "tests/site", "tests/cockpit", "tests/intel")


@pytest.mark.postgres
@pytest.mark.slow
def test_the_database_suite_passes_on_postgresql():
    """Needs WOTU_TEST_POSTGRES=postgresql://user@host:port/database whose user may create databases."""
    url = os.environ.get("WOTU_TEST_POSTGRES")
    if not url:
        pytest.skip("no PostgreSQL: set WOTU_TEST_POSTGRES (CI starts one by itself)")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")} | {"WOTU_DATABASE": url}
    folders = [folder for folder in SUITE if (ROOT / folder).exists()]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:xdist", "-x", "--only-database", *folders],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-6000:]
