"""`wotu rules tck`: the standard's own conformance cases."""

from __future__ import annotations

from pathlib import Path

from .. import tck
from ..documents import refuse, write_json
from .arguments import Given


def run(given: Given) -> int:
    """Run every case below a folder; 1 when any fails."""
    folder = Path(given.words[0])
    if not folder.is_dir():
        raise refuse(str(folder), "没有这个文件夹", "请给出 TCK 的文件夹，里面有 compliance-level-2 等")
    result = tck.tck(folder)
    if given.has("json"):
        print(write_json(result, 2))
    else:
        for level, counts in result["levels"].items():
            print(f"{level}：通过 {counts['passed']}，未通过 {counts['failed']}")
        for failure in result["failures"]:
            print(f"  ✗ {failure}")
        print(f"合计：通过 {result['passed']}，未通过 {result['failed']}")
    return 1 if result["failed"] else 0
