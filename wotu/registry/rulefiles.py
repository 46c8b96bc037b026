"""The rule files that apps declared: their names, editions and days in force, and the rulebooks read from them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from wotu.registers import rules
from wotu.rulebook.findings import Finding, RulebookError

if TYPE_CHECKING:
    from wotu.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class RuleFile:
    """One `.dmn`: which rule it is, which edition, and from when to when it is in force (both days included)."""

    path: Path
    sha256: str
    name: str
    edition: str
    issuer: str
    documents: str
    effective_from: date | None
    effective_to: date | None

    def in_force(self, as_of: date) -> bool:
        """Whether the edition is in force on a day."""
        return (self.effective_from is None or self.effective_from <= as_of) and (
            self.effective_to is None or as_of <= self.effective_to
        )


def rulebook(file: RuleFile) -> Rulebook:
    """The file's rulebook, read and compiled once for its content."""
    return _read(file.path, file.sha256)


@lru_cache(maxsize=256)
def _read(path: Path, sha256: str) -> Rulebook:
    from wotu.rulebook import Rulebook

    return Rulebook.load(path)


@lru_cache(maxsize=256)
def _describe(path: Path, sha256: str) -> RuleFile:
    book = _read(path, sha256)
    said = rule_element(book)
    return RuleFile(
        path,
        sha256,
        said.get("name") or book.name,
        said.get("edition", ""),
        said.get("issuer", ""),
        said.get("documents", ""),
        _day(path, said.get("effectiveFrom", "")),
        _day(path, said.get("effectiveTo", "")),
    )


def rule_element(book: Rulebook) -> dict[str, str]:
    """The attributes of the `<wotu:rule>` that says which rule a file is; empty where it has none."""
    for element in book.model.extensions:
        if element.tag.endswith("}rule"):
            return dict(element.attributes)
    return {}


def _day(path: Path, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise RulebookError(
            Finding(path.name, f"<wotu:rule> 的日期“{text}”不是日期", "请写成 2026-04-01 的样子")
        ) from None


def rule_files() -> tuple[RuleFile, ...]:
    """Every declared rule file, by rule name, then from the earliest edition."""
    found = (_describe(path, _sha256(path, path.stat().st_mtime_ns)) for path in rules.rule_files())
    return tuple(sorted(found, key=lambda f: (f.name, f.effective_from or date.min, f.edition)))


@lru_cache(maxsize=256)
def _sha256(path: Path, changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def in_force(as_of: date, files: Iterable[RuleFile] | None = None) -> tuple[RuleFile, ...]:
    """The edition of each rule in force on a day; where two claim the day, the one that took effect later."""
    chosen: dict[str, RuleFile] = {}
    for file in rule_files() if files is None else files:
        if file.in_force(as_of):
            chosen[file.name] = file
    return tuple(chosen.values())
