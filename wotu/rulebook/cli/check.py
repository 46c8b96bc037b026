"""`wotu rules check`: what is wrong, doubtful or superfluous in rules, all at once, before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..check import check
from ..documents import refuse, write_json
from ..findings import Finding
from .arguments import Given

MARKS = {"error": "错误", "warning": "注意", "info": "提示"}


def run(given: Given) -> int:
    """Print every finding of rule files and of those in folders; 1 when one of them is an error."""
    files = [file for word in given.words for file in _files(Path(word))]
    found = [(file, finding) for file in files for finding in check(file)]
    if given.has("json"):
        said = [{"file": file.name, **_document(finding)} for file, finding in found]
        print(write_json({"files": len(files), "findings": said}, 2))
    else:
        for _, finding in found:
            print(f"{MARKS[finding.severity]} {finding}")
        print(_summary(len(files), [finding for _, finding in found]))
    return 1 if any(finding.severity == "error" for _, finding in found) else 0


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        if not path.exists():
            raise refuse(str(path), "没有这个文件", "请检查路径")
        return [path]
    found = sorted(path.glob("*.dmn"))
    if not found:
        raise refuse(str(path), "文件夹里没有 .dmn 文件")
    return found


def _document(finding: Finding) -> dict[str, Any]:
    return {
        "where": finding.where,
        "what": finding.what,
        "how_to_mend": finding.how_to_mend,
        "severity": finding.severity,
        "example": finding.example,
    }


def _summary(files: int, found: list[Finding]) -> str:
    counts = [
        f"{words} {sum(finding.severity == severity for finding in found)}"
        for severity, words in MARKS.items()
        if any(finding.severity == severity for finding in found)
    ]
    return f"{files} 个规则文件，" + ("、".join(counts) if counts else "没有问题")
