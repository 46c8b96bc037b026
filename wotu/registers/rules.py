"""The rule register: folders of `.dmn` files that apps bring, each one edition of a rule."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class RuleFolder:
    """A folder of rule files and the room that owns it."""

    room: str
    path: Path


_folders: dict[str, RuleFolder] = {}


def declare(room: str, path: Path) -> None:
    """Make an app's rule folder known; called from its `AppConfig.ready`, safe to repeat."""
    _folders[room] = RuleFolder(room, path)


def rule_files(room: str | None = None) -> tuple[Path, ...]:
    """Every `.dmn` of every room (or one), sorted by name."""
    return tuple(
        file
        for folder in _folders.values()
        if room is None or folder.room == room
        for file in sorted(folder.path.glob("*.dmn"))
    )
