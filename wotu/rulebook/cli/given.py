"""What commands are given: rule files, inputs as JSON or in a file."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..documents import meant, read_file, read_json, refuse
from ..rulebook import Null, Rulebook
from .arguments import Given


def rulebook(path: Path) -> Rulebook:
    """The rule in a file; RulebookError when there is none."""
    if path.is_dir():
        raise refuse(str(path), "是文件夹", "请给出其中一个 .dmn 文件")
    if not path.exists():
        raise refuse(str(path), "没有这个文件", _nearest(path))
    return Rulebook.load(path)


def _nearest(path: Path) -> str:
    if not path.parent.is_dir():
        return "请检查路径"
    names = [item.name for item in path.parent.iterdir() if item.suffix == ".dmn"]
    near = meant(path.name, names)
    return f"是不是 {path.parent / near}？" if near else "请检查路径"


def null_of(given: Given) -> Null:
    """What null and inputs not given mean; not known unless asked otherwise."""
    return "feel" if given.one("null") == "feel" else "unknown"


def mapping(given: str, option: str) -> Mapping[str, Any]:
    """A JSON object written out, in a file, or (`-`) on stdin."""
    if given.strip() == "-":
        found = read_json(sys.stdin.read(), f"{option} -")
    elif given.lstrip().startswith(("{", "[", '"')):
        found = read_json(given, option)
    else:
        path = Path(given)
        if "\n" in given or not _exists(path):
            raise refuse(option, f"没有文件“{given[:60]}”", '要直接写值，请用 { 开头的 JSON，例如 {"职工总数": 100}')
        found = read_file(path)
    if found is None and not given.lstrip().startswith("{"):
        found = {}
    if not isinstance(found, dict):
        raise refuse(option, "不是“名称: 值”的形式", '例如 {"职工总数": 100}')
    if set(found) <= {"name", "inputs", "expected"} and isinstance(found.get("inputs"), dict):
        return dict(found["inputs"])
    return found


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def note(text: str) -> None:
    """Something worth a look, beside the result."""
    print(f"注意：{text}", file=sys.stderr)


def unused(book: Rulebook, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The inputs that the rule has; a note for each other one."""
    known = [info.name for info in book.inputs]
    for name in inputs:
        if name not in known:
            near = meant(name, known)
            note(f"规则没有输入“{name}”，未使用" + (f"，是不是“{near}”？" if near else ""))
    return {name: value for name, value in inputs.items() if name in known}
