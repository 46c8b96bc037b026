"""`wotu rules test`: the worked cases of one rule, or of every rule in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..documents import refuse, write_json
from ..examples import Difference, Report, beside, read_examples, run_examples
from ..plain import plain
from .arguments import Given
from .given import note, null_of, rulebook


def run(given: Given) -> int:
    """Run the cases; 1 when any of them fails."""
    path = Path(given.words[0])
    null = null_of(given)
    reports: list[tuple[Path, Report]] = []
    for rule, cases in _pairs(path, given.one("examples")):
        report = run_examples(rulebook(rule), read_examples(cases), null=null)
        reports.append((rule, report))
        for text in report.notes:
            note(f"{cases.name} {text}")
    passed = sum(report.passed for _, report in reports)
    failed = sum(report.failed for _, report in reports)
    if given.has("json"):
        several = path.is_dir()
        found = [_difference(rule, item, several) for rule, report in reports for item in report.differences]
        print(write_json({"passed": passed, "failed": failed, "differences": found}, 2))
    else:
        for rule, report in reports:
            print(f"{rule.stem}：通过 {report.passed}，未通过 {report.failed}")
            for item in report.differences:
                print(f"  ✗ {item.text}")
        if len(reports) > 1:
            print(f"合计：通过 {passed}，未通过 {failed}")
    return 1 if failed else 0


def _pairs(path: Path, cases: str) -> Iterator[tuple[Path, Path]]:
    """Each rule file with its cases."""
    if not path.is_dir():
        found = Path(cases) if cases else beside(path)
        if not cases and path.exists() and not found.exists():
            raise refuse(str(path), f"旁边没有 {found.name}", "请用 --examples 给出算例文件")
        yield path, found
        return
    if cases:
        raise refuse(
            "wotu rules test", "FILE 是文件夹时不能给 --examples", "文件夹里每个规则用自己旁边的 .examples.yaml"
        )
    rules = sorted(path.glob("*.dmn"))
    if not rules:
        raise refuse(str(path), "文件夹里没有 .dmn 文件")
    pairs = [(rule, beside(rule)) for rule in rules if beside(rule).exists()]
    for rule in rules:
        if not beside(rule).exists():
            note(f"{rule.name} 旁边没有算例文件 {beside(rule).name}")
    if not pairs:
        raise refuse(str(path), "没有一个规则带算例", "请在规则旁边写 <规则名>.examples.yaml")
    yield from pairs


def _difference(rule: Path, item: Difference, several: bool) -> dict[str, Any]:
    said: dict[str, Any] = {"rule": rule.name} if several else {}
    return said | {
        "example": item.example.number,
        "name": item.example.name,
        "decision": item.decision,
        "expected": plain(item.expected),
        "actual": plain(item.found),
        "why": item.why or item.text,
    }
