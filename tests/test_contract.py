"""The house's standing rules that a machine can hold."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def tracked(*patterns: str) -> list[Path]:
    out = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name for name in out.decode().split("\0") if name and (ROOT / name).is_file()]


def test_the_import_contract_holds():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_locks_name_no_registry_and_no_path():
    for lock in (
        ROOT / "requirements.lock",
        ROOT / "requirements-spark.lock",
        ROOT / "wotu/site/frontend/package-lock.json",
    ):
        text = lock.read_text()
        assert not re.search(r"https?://|file:|\"resolved\"", text), f"{lock.name} names a host or a path"


def test_no_third_party_javascript_is_committed():
    assert not [p for p in tracked("*.js") if "vendor" in p.parts or p.name.endswith(".min.js")]


def test_rulebook_commands_need_no_settings():
    done = subprocess.run(
        [sys.executable, "-c", "import sys, wotu.rulebook, wotu.rulebook.cli; sys.exit('django' in sys.modules)"],
        cwd=ROOT,
        env={"PATH": ""},
    )
    assert done.returncode == 0
