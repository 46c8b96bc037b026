"""What a screening of a table says of itself, whichever engine did it, and by what a finished one is known again."""

from __future__ import annotations

import hashlib
import json
import resource
import sys
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from wotu.rulebook.columnar.bind import WIDE
from wotu.rulebook.columnar.intake import Source
from wotu.rulebook.columnar.library import Chosen, Library
from wotu.rulebook.documents import refuse
from wotu.rulebook.findings import Finding, RulebookError

FORMAT = 4
"""Raised when the same job would be laid out or answered otherwise, so that an old result is not taken for it."""
MANY = 1_000_000
"""Rows × rules beyond which single near misses are not listed by themselves."""
COUNTS = ("eligible", "not", "unknown", "one_short")


def key_of(rules: Library, table: Source, as_of: date, unfit: str = "refuse", distances: bool | None = None) -> str:
    """What a result is known by: the same rules, table, day and ways give the same."""
    known = sorted((rule.file.name, rule.said.sha256) for rule in rules.rules)
    said = [FORMAT, known, table.sha256, as_of.isoformat(), unfit, table.id, distances]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def listed(rows: int, rules: int, distances: bool | None) -> bool:
    """Whether near misses are listed row by row: as asked, else where they are not too many."""
    return rows * rules <= MANY if distances is None else distances


def same(summary: bytes | None, key: str, out: str) -> dict[str, Any]:
    """The summary of an earlier run of the very same job; RulebookError where something else is in the way."""
    if summary is not None:
        found: dict[str, Any] = json.loads(summary, parse_float=Decimal)
        if found.get("key") == key:
            return found
    raise refuse(out, "已经有别的内容", "请换一个 --out，或先移走它")


def total_of(rule: Chosen, counts: Mapping[str, int], amount: Decimal) -> dict[str, Any]:
    """One rule's totals."""
    return {
        "rule": rule.said.name,
        **counts,
        "amount_total": None if rule.amount is None else _plain(amount),
        "file": rule.file.name,
        "edition": rule.said.edition,
        "sha256": rule.said.sha256,
    }


def without(id: str, row: int, file: str) -> RulebookError:
    """That a row has no id."""
    return refuse(file, f"列“{id}”第 {row + 1} 行是空的", "每家企业都要有标识，请补上，或用 --id 指定另一列")


def twice_there(id: str, first: int, second: int, many: int) -> RulebookError:
    """That an id stands twice: two of its rows, and how many more there are than there should be."""
    what = f"第 {first + 1} 行与第 {second + 1} 行是同一个标识（这样的有 {many} 处）"
    return RulebookError(Finding(f"列“{id}”", what, "每家企业只能有一行，请先去重"))


def peak() -> int:
    """Bytes of memory held at most; of this program alone, where the system's count begins with whoever started it."""
    try:
        said = Path("/proc/self/status").read_text(encoding="utf-8")
        return next(int(line.split()[1]) for line in said.splitlines() if line.startswith("VmHWM:")) * 1024
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _plain(amount: Decimal) -> Decimal:
    """Without the zeros behind the point that its column added, two kept."""
    plain = amount.normalize(WIDE)
    exponent = int(plain.as_tuple().exponent)
    return amount.quantize(Decimal("0.01"), context=WIDE) if exponent >= -2 else plain
