"""`wotu rules test`: the worked cases of one rule, or of every rule in a folder, and what they do not reach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..coverage import STATES, Coverage, coverage
from ..documents import refuse, write_json
from ..examples import SUFFIX, Difference, Example, Report, beside, examples_of, read_examples, run_examples
from ..plain import plain
from ..rulebook import Rulebook
from .arguments import Given
from .given import note, null_of, rulebook

NEVER = {"met": "从未满足", "not met": "从未不满足", "unknown": "从未未知"}


@dataclass(frozen=True)
class Tested:
    """One rule's cases, run."""

    rule: Path
    report: Report
    coverage: Coverage


def run(given: Given) -> int:
    """Run the cases; 1 when any of them fails."""
    path, null = Path(given.words[0]), null_of(given)
    tested: list[Tested] = []
    for rule, book, examples in _cases(path, given.one("examples")):
        report = run_examples(book, examples, null=null)
        tested.append(Tested(rule, report, coverage(book, examples, null=null)))
        for text in report.notes:
            note(f"{rule.name} {text}")
    passed = sum(item.report.passed for item in tested)
    failed = sum(item.report.failed for item in tested)
    if given.has("json"):
        found = [_difference(item.rule, each, path.is_dir()) for item in tested for each in item.report.differences]
        said: dict[str, Any] = {"passed": passed, "failed": failed, "differences": found}
        if given.has("coverage"):
            said["coverage"] = [_coverage(item) for item in tested]
        print(write_json(said, 2))
    else:
        for item in tested:
            print("\n".join(_told(item)))
        if len(tested) > 1:
            print(f"合计：通过 {passed}，未通过 {failed}")
    return 1 if failed else 0


def _cases(path: Path, cases: str) -> Iterator[tuple[Path, Rulebook, tuple[Example, ...]]]:
    """Each rule with its cases."""
    if path.is_dir():
        yield from _in_folder(path, cases)
        return
    if path.name.endswith(SUFFIX) and path.exists() and not cases:
        path = path.with_name(path.name.removesuffix(SUFFIX) + ".dmn")
    book = rulebook(path)
    found = read_examples(Path(cases)) if cases else examples_of(book, path)
    if not found:
        raise refuse(str(path), f"旁边没有 {beside(path).name}", "请用 --examples 给出算例文件")
    yield path, book, found


def _in_folder(path: Path, cases: str) -> Iterator[tuple[Path, Rulebook, tuple[Example, ...]]]:
    if cases:
        raise refuse(
            "wotu rules test", "FILE 是文件夹时不能给 --examples", "文件夹里每个规则用自己旁边的 .examples.yaml"
        )
    rules = sorted(path.glob("*.dmn"))
    if not rules:
        raise refuse(str(path), "文件夹里没有 .dmn 文件")
    several = 0
    for rule in rules:
        book = rulebook(rule)
        found = examples_of(book, rule)
        if found:
            several += 1
            yield rule, book, found
        else:
            note(f"{rule.name} 旁边没有算例文件 {beside(rule).name}")
    if not several:
        raise refuse(str(path), "没有一个规则带算例", "请在规则旁边写 <规则名>.examples.yaml")


def _told(item: Tested) -> Iterator[str]:
    yield f"{item.rule.stem}：通过 {item.report.passed}，未通过 {item.report.failed}"
    yield from (f"  ✗ {each.text}" for each in item.report.differences)
    for state in STATES:
        if names := item.coverage.never(state):
            yield f"  · 算例里{NEVER[state]}：{'、'.join(names)}"
    for decision, rows in item.coverage.unreached.items():
        yield f"  · 没有算例命中“{decision}”判定表第 {_numbers(rows)} 行"


def _numbers(rows: tuple[int, ...]) -> str:
    """1、3–7、9"""
    runs: list[list[int]] = []
    for row in rows:
        if runs and row == runs[-1][-1] + 1:
            runs[-1].append(row)
        else:
            runs.append([row])
    return "、".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def _coverage(item: Tested) -> dict[str, Any]:
    return {
        "rule": item.rule.name,
        "clauses": [
            {"clause": each.clause, **{state.replace(" ", "_"): each.cases[state] for state in STATES}}
            for each in item.coverage.clauses
        ],
        **{f"never_{state.replace(' ', '_')}": list(item.coverage.never(state)) for state in STATES},
        "tables": [
            {"decision": table.decision, "rows": len(table.cases), "unreached": list(table.unreached)}
            for table in item.coverage.tables
        ],
    }


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
