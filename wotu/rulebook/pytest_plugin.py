"""Worked cases as pytest items: each case of a `*.examples.yaml` beside a `.dmn` is a test of that rule.

    pytest rules/                                   # collects rules/高新技术企业认定.examples.yaml
    pytest "rules/高新技术企业认定.examples.yaml::3 恰好 60 分"

Null in a case means not known; `--rules-null feel` makes it the standard's null.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .examples import Difference, Example
    from .rulebook import Rulebook

SUFFIX = ".examples.yaml"


def pytest_addoption(parser: pytest.Parser) -> None:
    """What null means in cases."""
    group = parser.getgroup("wotu-rules", "worked cases of DMN rules")
    group.addoption("--rules-null", choices=("unknown", "feel"), default="unknown", help="what null in a case means")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Cases with a rule beside them."""
    if not file_path.name.endswith(SUFFIX) or not _rule(file_path).exists():
        return None
    return CasesFile.from_parent(parent, path=file_path)


def _rule(cases: Path) -> Path:
    return cases.with_name(cases.name.removesuffix(SUFFIX) + ".dmn")


class CasesFile(pytest.File):
    """The cases of one rule."""

    def collect(self) -> Iterator[pytest.Item]:
        """One item a case."""
        from .examples import read_examples
        from .findings import RulebookError
        from .rulebook import Rulebook

        try:
            book = Rulebook.load(_rule(self.path))
            examples = read_examples(self.path)
        except RulebookError as refused:
            raise self.CollectError(str(refused)) from None
        for example in examples:
            name = f"{example.number} {example.name}".strip()
            yield CaseItem.from_parent(self, name=name, book=book, example=example)


class Failed(Exception):
    """A case that came out otherwise."""

    def __init__(self, differences: tuple[Difference, ...]) -> None:
        super().__init__("\n".join(item.text for item in differences))
        self.differences = differences


class CaseItem(pytest.Item):
    """One case."""

    def __init__(self, *, book: Rulebook, example: Example, **rest: Any) -> None:
        super().__init__(**rest)
        self.book = book
        self.example = example

    def runtest(self) -> None:
        """Evaluate, and compare whatever the case expects."""
        from .examples import run_examples

        report = run_examples(self.book, [self.example], null=self.config.getoption("--rules-null"))
        if report.differences:
            raise Failed(report.differences)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What came out otherwise and why, without a traceback."""
        from .examples import shown

        if not isinstance(excinfo.value, Failed):
            return super().repr_failure(excinfo, style)
        lines = [f"{self.book.name}，{self.example}"]
        for item in excinfo.value.differences:
            if item.decision is None:
                lines.append(f"  {item.why}")
                continue
            lines.append(f"  {item.decision}：应为 {shown(item.expected)}，实为 {shown(item.found)}")
            if item.why:
                lines.append(f"    {item.why}")
        inputs = "、".join(f"{name} {shown(value)}" for name, value in self.example.inputs.items())
        return "\n".join([*lines, f"  输入：{inputs}"])

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where it is reported."""
        return self.path, None, f"{self.book.name} {self.example}"
