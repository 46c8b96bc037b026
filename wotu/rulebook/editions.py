"""The editions of a rule in a folder: which is in force on a day, as `<wotu:rule effectiveFrom effectiveTo>` says.

[edition] = in_force(editions(Path("rules")), date(2026, 5, 1), "专精特新中小企业")
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from .dmn import model as m
from .dmn.reader import read
from .documents import refuse
from .findings import RulebookError


@dataclass(frozen=True, slots=True)
class EditionFile:
    """One `.dmn`: which rule and edition it says it is, and the days it is in force (both included)."""

    path: Path
    name: str
    edition: str
    effective_from: date | None
    effective_to: date | None

    def in_force(self, day: date) -> bool:
        """Whether it is in force on a day; without dates it always is."""
        after = self.effective_from is None or self.effective_from <= day
        return after and (self.effective_to is None or day <= self.effective_to)

    def days(self, lang: str = "zh") -> str:
        """From when to when, in words."""
        start = self.effective_from.isoformat() if self.effective_from else ""
        end = self.effective_to.isoformat() if self.effective_to else ""
        if end:
            return f"{start} {'至' if lang == 'zh' else 'to'} {end}".strip()
        if start:
            return f"{start} 起" if lang == "zh" else f"since {start}"
        return "不限日期" if lang == "zh" else "always"


def edition_of(path: Path) -> EditionFile:
    """What a file says of itself; RulebookError when it is no DMN."""
    try:
        model = read(path.read_bytes(), path.name)
    except OSError as problem:
        raise refuse(str(path), f"读不了（{problem.strerror}）", "请检查路径和权限") from None
    said = _said(model)
    days = (_day(path, said.get(key, "")) for key in ("effectiveFrom", "effectiveTo"))
    return EditionFile(path, said.get("name") or model.name, said.get("edition", ""), *days)


def _said(model: m.Definitions) -> dict[str, str]:
    return next((dict(item.attributes) for item in model.extensions if item.tag.endswith("}rule")), {})


def _day(path: Path, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise refuse(path.name, f"<wotu:rule> 的日期“{text}”不是日期", "请写成 2026-04-01 的样子") from None


def editions(folder: Path) -> tuple[EditionFile, ...]:
    """Every edition of every rule in a folder, from the earliest; files that are no DMN are left out."""
    found: list[EditionFile] = []
    for path in sorted(folder.glob("*.dmn")):
        try:
            found.append(edition_of(path))
        except RulebookError:
            continue
    return tuple(sorted(found, key=lambda item: (item.name, item.effective_from or date.min)))


def in_force(files: Iterable[EditionFile], day: date, name: str) -> EditionFile | None:
    """The edition of a rule in force on a day; where two claim the day, the one that took effect later."""
    found = [item for item in files if item.name == name and item.in_force(day)]
    return max(found, key=lambda item: item.effective_from or date.min, default=None)
