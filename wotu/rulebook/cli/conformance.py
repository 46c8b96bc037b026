"""`wotu rules tck`: the standard's own conformance cases."""

from __future__ import annotations

from pathlib import Path

from ..documents import refuse, write_json
from ..tck import run_tck
from .arguments import Given


def run(given: Given) -> int:
    """Run every case below a folder; 1 when any fails."""
    folder = Path(given.words[0])
    if not folder.is_dir():
        raise refuse(str(folder), "没有这个文件夹", "请给出 TCK 的文件夹，里面有 compliance-level-2 等")
    report = run_tck(folder)
    print(report)
    return 0
