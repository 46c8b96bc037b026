"""The command line as somebody types it: what it prints, what it says on the side, how it ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import wotu.policy
from wotu.rulebook.cli import main
from wotu.rulebook.documents import read_json

RULES = Path(wotu.policy.__file__).parent / "rules"
HIGH_TECH = str(RULES / "高新技术企业认定.dmn")


@dataclass(frozen=True)
class Said:
    """What one command said."""

    status: int
    out: str
    err: str

    @property
    def json(self):  # type: ignore[no-untyped-def]
        return read_json(self.out, "stdout")


@pytest.fixture
def rules(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """`rules("run", FILE, …)` as `wotu rules run FILE …`."""

    def command(*arguments: str) -> Said:
        status = main(arguments)
        out, err = capsys.readouterr()
        return Said(status, out, err)

    return command
