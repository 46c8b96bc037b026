"""What is wrong, doubtful or superfluous in a rule, before anything runs; each finding with its place and an example.

for finding in check(Path("高新技术企业认定.dmn")):
    print(finding)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from ..findings import Finding, RulebookError
from ..rulebook import Rulebook
from .logic import types
from .pieces import Subject
from .requirements import requirements
from .settled import settled
from .sources import sources
from .tables import tables

Check = Callable[[Subject], Iterable[Finding]]

CHECKS: tuple[Check, ...] = (types, requirements, sources, tables, settled)
"""Every check, in the order of its findings; what the engine itself finds when it reads a model comes before them."""

ORDER = {"error": 0, "warning": 1, "info": 2}


def check(subject: Path | str | Rulebook) -> tuple[Finding, ...]:
    """Everything found in a rule file or a rulebook; errors first."""
    if isinstance(subject, Rulebook):
        book = subject
    else:
        try:
            file = Path(subject)
            book = Rulebook.lenient(_bytes(file), name=file.name, beside=file.parent)
        except RulebookError as refused:
            return refused.findings
    about = Subject(book)
    found = [*book.findings, *(finding for one in CHECKS for finding in one(about))]
    return tuple(sorted(dict.fromkeys(found), key=lambda finding: ORDER[finding.severity]))


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise RulebookError(Finding(str(file), "没有这个文件", "请检查路径")) from None
    except OSError as problem:
        raise RulebookError(Finding(str(file), f"读不了（{problem.strerror}）", "请检查路径和权限")) from None


__all__ = ["CHECKS", "Check", "Subject", "check"]
