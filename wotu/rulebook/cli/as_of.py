"""Which file is meant: a `.dmn`, a folder with the editions of one rule, or `FOLDER/rule name`; as of a day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ..documents import refuse
from ..editions import EditionFile, edition_of, editions, in_force
from ..rulebook import Rulebook
from .arguments import Given
from .given import rulebook


def chosen(given: Given) -> tuple[Rulebook, EditionFile | None, date | None]:
    """The rule, and the edition and day where one was chosen by its day."""
    path, day = Path(given.words[0]), _day(given)
    if path.is_file() and day is None:
        return rulebook(path), None, None
    if path.is_file():
        name, files = edition_of(path).name, editions(path.parent)
    elif path.is_dir():
        files = editions(path)
        name = _only(path, files)
    else:
        files = editions(path.parent) if path.parent.is_dir() else ()
        name = path.name
        if not any(item.name == name for item in files):
            return rulebook(path), None, None  # refused there, with the nearest name
    day = day or date.today()
    found = in_force(files, day, name)
    if found is None:
        known = "、".join(f"{item.path.name}（{item.days()}）" for item in files if item.name == name)
        raise refuse(str(path), f"规则“{name}”在 {day} 没有施行的版本", f"有：{known}")
    return rulebook(found.path), found, day


def _day(given: Given) -> date | None:
    text = given.one("as-of")
    try:
        return date.fromisoformat(text) if given.has("as-of") else None
    except ValueError:
        raise refuse("--as-of", f"“{text}”不是日期", "请写成 2026-04-01 的样子") from None


def _only(folder: Path, files: tuple[EditionFile, ...]) -> str:
    names = list(dict.fromkeys(item.name for item in files))
    if not names:
        raise refuse(str(folder), "是文件夹，里面没有 .dmn 文件", "请给出一个 .dmn 文件")
    if len(names) > 1:
        raise refuse(
            str(folder),
            f"是文件夹，里面有 {len(names)} 个规则",
            f"请写 {folder / names[0]} 的样子，或给出其中一个 .dmn",
        )
    return names[0]
