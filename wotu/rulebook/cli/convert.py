"""`wotu rules convert`: a rule from .dmn to .xlsx and back, or brought to DMN 1.5."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from ..dmn import model as m
from ..dmn.reader import read
from ..dmn.writer import write
from ..documents import refuse
from ..formats.from_sheet import from_sheet
from ..formats.to_sheet import to_sheet
from .arguments import Given

Made = TypeVar("Made")
READERS: Mapping[str, Callable[[bytes, str], m.Definitions]] = {".dmn": read, ".xlsx": from_sheet}
WRITERS: Mapping[str, Callable[[m.Definitions], bytes]] = {".dmn": write, ".xlsx": to_sheet}


def run(given: Given) -> int:
    """Read one file, write another; by their extensions."""
    source, target = map(Path, given.words)
    reader, writer = _among(READERS, source), _among(WRITERS, target)
    save(target, writer(reader(content(source), source.name)))
    print(f"已写出 {target}")
    return 0


def _among(known: Mapping[str, Made], path: Path) -> Made:
    found = known.get(path.suffix.lower())
    if found is None:
        raise refuse(str(path), f"不认识扩展名“{path.suffix}”", f"可用：{'、'.join(known)}")
    return found


def content(path: Path) -> bytes:
    """The file's bytes."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise refuse(str(path), "没有这个文件", "请检查路径") from None
    except OSError as problem:
        raise refuse(str(path), f"读不了（{problem.strerror}）", "请检查路径和权限") from None


def save(path: Path, data: bytes) -> None:
    """Write the file whole or not at all."""
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as part:
            part.write(data)
        os.chmod(part.name, 0o644)
        os.replace(part.name, path)
    except OSError as problem:
        raise refuse(str(path), f"写不了（{problem.strerror}）", "请检查文件夹和权限") from None


def put(text: str, target: tuple[str, ...]) -> None:
    """Print a text, or write it to the file named."""
    if not target:
        print(text, end="")
        return
    save(Path(target[0]), text.encode())
    print(f"已写出 {target[0]}")
