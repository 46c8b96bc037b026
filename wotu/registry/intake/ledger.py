"""What a file has said so far about enterprises that it names more than once: repeats add nothing, contradictions are set aside."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

from wotu.registry.intake.rows import Reason, Row

SETTLED = {"industry": "行业代码", "established_on": "成立日期", "closed_on": "注销日期"}
"""Fields of which one enterprise has one at a time."""


@dataclass(slots=True)
class _Before:
    """One earlier statement: its value as text and where it stands."""

    value: str | None
    sheet: str
    row: int


class Ledger:
    """Statements by enterprise, in a temporary file, so that memory stays flat however many there are."""

    def __init__(self) -> None:
        self.file = sqlite3.connect("", isolation_level=None)
        self.file.execute("PRAGMA synchronous=OFF")
        self.file.execute("PRAGMA cache_size=-8192")
        self.file.execute("CREATE TABLE said (code TEXT PRIMARY KEY, all_ TEXT) WITHOUT ROWID")
        self.file.execute("BEGIN")

    def enter(self, row: Row) -> None:
        """Compare a row with what came before; mark it repeated or rejected, or remember what it says."""
        before = self._read(row.code)
        when = row.period.text if row.period else ""
        news = False
        conflicts: list[Reason] = []
        for key, value, label, header, column in _statements(row):
            place = key if "|" in key else f"{key}|{row.sheet}|{when}"
            earlier = before.get(place)
            if earlier is None or (earlier.value is None and value is not None):
                news = True
                before[place] = _Before(value, row.sheet, row.number)
            elif value is not None and earlier.value != value:
                if key in SETTLED or "|" in key or key == "name":
                    conflicts.append(_conflict(row, label, header, column, value, earlier))
                else:
                    news = True
                    before[place] = _Before(value, row.sheet, row.number)
        if conflicts:
            for reason in conflicts:
                row.reject(reason)
            return
        if not news:
            row.status = "repeated"
            first = next((b for b in before.values()), None)
            row.reasons = [Reason("重复", f"与“{first.sheet}”第{first.row}行说的一样，没有新内容" if first else "重复")]
            return
        self._write(row.code, before)

    def close(self) -> None:
        """Forget everything."""
        self.file.close()

    def _read(self, code: str) -> dict[str, _Before]:
        found = self.file.execute("SELECT all_ FROM said WHERE code = ?", (code,)).fetchone()
        return {key: _Before(*parts) for key, parts in json.loads(found[0]).items()} if found else {}

    def _write(self, code: str, said: dict[str, _Before]) -> None:
        text = json.dumps({key: (b.value, b.sheet, b.row) for key, b in said.items()}, ensure_ascii=False)
        self.file.execute("INSERT OR REPLACE INTO said VALUES (?, ?)", (code, text))


def _statements(row: Row) -> list[tuple[str, str | None, str, str, str]]:
    """What a row says as (key, value, label, header, column); a key with “|” holds in the whole file, others in their sheet and period."""
    made: list[tuple[str, str | None, str, str, str]] = [("", "", "", "", "")]
    if row.name:
        made.append(("name", row.name, "企业名称", "", ""))
    made += [(code, str(value), SETTLED.get(code, code), "", "") for code, value in row.fields.items()]
    for one in row.said:
        value = None if one.value is None else str(one.value)
        made.append((f"{one.attribute.code}|{one.period.text}", value, one.attribute.name, one.header, one.column))
    return made


def _conflict(row: Row, label: str, header: str, column: str, value: str, earlier: _Before) -> Reason:
    where = f"第{earlier.row}行" if earlier.sheet == row.sheet else f"“{earlier.sheet}”第{earlier.row}行"
    what = f"{label}在{where}是“{earlier.value}”，这里是“{value}”，前后矛盾，请核对后只留一处"
    return Reason("前后矛盾", what, header, column)
