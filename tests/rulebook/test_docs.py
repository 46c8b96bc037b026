"""The rulebook's page says what is so: its examples run, its figures are the kit's."""

from __future__ import annotations

import doctest
import importlib.util
import re
from pathlib import Path

import pytest

from wotu.rulebook.tck import run

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "rulebook.md").read_text(encoding="utf-8")


def test_its_python_examples_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, object] = {}
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner(verbose=False)
    said: list[str] = []
    for number, block in enumerate(blocks, 1):
        found = parser.get_doctest(block, names, f"docs/rulebook.md, example {number}", None, 0)
        runner.run(found, out=said.append, clear_globs=False)
        names = found.globs
    assert len(blocks) > 5
    assert "".join(said) == ""


def test_every_command_and_module_it_names_is_there() -> None:
    from wotu.rulebook.cli import COMMANDS

    for command in re.findall(r"`wotu rules (\w+)", PAGE):
        assert command in COMMANDS
    for name in re.findall(r"^\| `([a-z_/.]+)`", PAGE, re.MULTILINE):
        assert (ROOT / "wotu" / "rulebook" / name).exists(), name


def test_its_conformance_table_is_what_the_kit_gives(shared: Path) -> None:
    spec = importlib.util.spec_from_file_location("tck_page", ROOT / "docs" / "tck.py")
    assert spec is not None
    assert spec.loader is not None
    page = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(page)
    assert page.START + page.table(run(shared / "tck").levels) + page.END in PAGE
