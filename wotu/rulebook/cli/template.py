"""`wotu rules template`: the workbook that officers fill in."""

from __future__ import annotations

from pathlib import Path

from ..documents import refuse
from ..formats.to_sheet import template
from .arguments import Given
from .convert import save


def run(given: Given) -> int:
    """Write the template."""
    target = Path(given.words[0])
    if target.suffix.lower() != ".xlsx":
        raise refuse(str(target), "模板是 .xlsx 文件", "请给出 .xlsx 结尾的文件名")
    save(target, template())
    print(f"已写出 {target}")
    return 0
