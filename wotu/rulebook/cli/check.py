"""`wotu rules check`: whether rules can be read, and everything that is wrong in them, at once."""

from __future__ import annotations

from pathlib import Path

from ..documents import refuse, write_json
from ..findings import Finding, RulebookError
from ..rulebook import Rulebook
from .arguments import Given


def run(given: Given) -> int:
    """Print every finding of a rule file or of each in a folder; 1 when one of them is an error."""
    path = Path(given.words[0])
    files = sorted(path.glob("*.dmn")) if path.is_dir() else [path]
    if not files:
        raise refuse(str(path), "文件夹里没有 .dmn 文件")
    found = [(file, finding) for file in files for finding in _findings(file)]
    wrong = any(finding.severity == "error" for _, finding in found)
    if given.has("json"):
        said = [
            {
                "file": file.name,
                "where": finding.where,
                "what": finding.what,
                "how_to_mend": finding.how_to_mend,
                "severity": finding.severity,
            }
            for file, finding in found
        ]
        print(write_json({"files": len(files), "findings": said}, 2))
    else:
        print("\n".join(str(finding) for _, finding in found) or f"{len(files)} 个规则文件，没有问题")
    return 1 if wrong else 0


def _findings(file: Path) -> tuple[Finding, ...]:
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        raise refuse(str(file), "没有这个文件", "请检查路径") from None
    except OSError as problem:
        raise refuse(str(file), f"读不了（{problem.strerror}）", "请检查路径和权限") from None
    try:
        return Rulebook.lenient(data, name=file.name, beside=file.parent).findings
    except RulebookError as refused:
        return refused.findings
