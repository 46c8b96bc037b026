"""Lists as .xlsx: rows are written as they come and the file is sent from disk, so memory stays flat."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.http import FileResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

LIMIT = 100_000
"""Rows of one export at most; the 说明 sheet says when a list was cut."""

_NOT_IN_TITLES = re.compile(r"[\\/*?:\[\]]")
_HEAD = PatternFill("solid", fgColor="ECEFDC")
_FORMATS = {"money": "#,##0.00", "ratio": "0.0%", "date": "yyyy-mm-dd", "count": "#,##0"}

Value = str | int | float | bool | Decimal | date | datetime | None


def send(
    name: str, headers: Sequence[tuple[str, str]], rows: Iterable[Sequence[Value]], notes: Sequence[tuple[str, str]]
) -> FileResponse:
    """A download of one list: `headers` are (title, "text"|"money"|"ratio"|"date"|"count"); `notes` say what it shows.

    None is written as 未知, because an empty cell would be read as zero or as nothing.
    """
    return send_lists(name, [("清单", headers, rows)], notes)


def send_lists(
    name: str,
    lists: Iterable[tuple[str, Sequence[tuple[str, str]], Iterable[Sequence[Value]]]],
    notes: Sequence[tuple[str, str]],
) -> FileResponse:
    """A download of several lists, a sheet each: (sheet, headers, rows)."""
    book = Workbook(write_only=True)
    for sheet_name, headers, rows in lists:
        sheet = book.create_sheet(_NOT_IN_TITLES.sub(" ", sheet_name)[:31])
        sheet.freeze_panes = "A2"
        for place, (title, kind) in enumerate(headers, 1):
            wide = max(10, 2 * len(title) + 4, {"text": 18, "money": 20}.get(kind, 0))
            sheet.column_dimensions[get_column_letter(place)].width = wide
        sheet.append([_head(sheet, title) for title, _ in headers])
        kinds = [kind for _, kind in headers]
        for row in rows:
            sheet.append([_cell(sheet, value, kind) for value, kind in zip(row, kinds, strict=True)])
    about = book.create_sheet("说明")
    about.column_dimensions["A"].width, about.column_dimensions["B"].width = 16, 80
    for label, text in notes:
        about.append([_head(about, label), _text(about, text)])
    file = tempfile.TemporaryFile()  # noqa: SIM115 (FileResponse closes it)
    book.save(file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx")


def _head(sheet: WriteOnlyWorksheet, title: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, title)
    cell.font, cell.fill = Font(bold=True), _HEAD
    return cell


def _cell(sheet: WriteOnlyWorksheet, value: Value, kind: str) -> WriteOnlyCell | Value:
    if value is None:
        return "未知"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, str):
        return _text(sheet, value)
    if isinstance(value, datetime):
        value = value.replace(tzinfo=None)
    cell = WriteOnlyCell(sheet, value)
    if kind in _FORMATS:
        cell.number_format = _FORMATS[kind]
    return cell


def _text(sheet: WriteOnlyWorksheet, value: str) -> WriteOnlyCell | str:
    """Text as it is, less control characters that .xlsx refuses; a leading “=” stays text and never becomes a formula."""
    clean = "".join(c for c in value if c >= " " or c in "\t\n")
    if not clean.startswith("="):
        return clean
    cell = WriteOnlyCell(sheet, clean)
    cell.data_type = "s"
    return cell
