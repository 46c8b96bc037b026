"""An .xlsx as sheets of text cells that know their place, and back; formulas, merged cells and errors are refused by cell."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from lxml import etree
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation

from ..findings import Finding, RulebookError

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

LARGEST = 20_000_000
UNPACKED = 200_000_000
MOST_ROWS = 20_000
MOST_COLUMNS = 200
LONGEST = 32_767
"""Characters that a cell of Excel holds."""

_OLE = b"\xd0\xcf\x11\xe0"
_BAD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BROKEN = (
    zipfile.BadZipFile,
    InvalidFileException,
    etree.XMLSyntaxError,
    ParseError,
    zlib.error,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    EOFError,
    OSError,
    NotImplementedError,
)
"""What openpyxl raises over a file that is not what it seems."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's text and where it is."""

    text: str
    sheet: str
    row: int
    column: int

    @property
    def place(self) -> str:
        """工作表“条款”D5"""
        return f"工作表“{self.sheet}”{get_column_letter(self.column)}{self.row}"

    def problem(self, what: str, how: str, example: str | None = None) -> Finding:
        """What is wrong in this cell, and how to mend it."""
        return Finding(self.place, what, how, example=example)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet read: its rows that hold anything, each cell by its column (from 1)."""

    name: str
    rows: tuple[Mapping[int, Cell], ...]

    def cell(self, row: Mapping[int, Cell], column: int) -> Cell:
        """The cell there; an empty one where nothing is written."""
        if column in row:
            return row[column]
        return Cell("", self.name, next(iter(row.values())).row, column)


def read(data: bytes, file: str) -> tuple[Sheet, ...]:
    """The workbook's sheets; RulebookError where it cannot be read, or a finding for each cell that holds no plain value."""
    _check(data, file)
    try:
        book = load_workbook(io.BytesIO(data), data_only=False)
    except _BROKEN as problem:
        raise RulebookError(
            Finding(file, f"不是完整的 .xlsx 文件（{type(problem).__name__}）", "请用 Excel 或 WPS 另存为 .xlsx")
        ) from None
    findings: list[Finding] = []
    sheets = tuple(_sheet(sheet, findings) for sheet in book.worksheets)
    if findings:
        raise RulebookError(findings)
    return sheets


def _check(data: bytes, file: str) -> None:
    if len(data) > LARGEST:
        raise RulebookError(Finding(file, f"文件超过 {LARGEST // 1_000_000} MB", "请拆成几个文件"))
    if data.startswith(_OLE):
        raise RulebookError(Finding(file, "是旧的 .xls 格式，或设了打开密码", "请去掉密码，另存为 .xlsx"))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(item.file_size for item in archive.infolist()) > UNPACKED:
                raise RulebookError(
                    Finding(file, f"解开后超过 {UNPACKED // 1_000_000} MB", "请删去图片和空白行列后另存")
                )
            for item in archive.infolist():
                if item.filename.endswith((".xml", ".rels")):
                    content = archive.read(item)
                    if b"<!DOCTYPE" in content or content[:2] in (b"\xff\xfe", b"\xfe\xff"):
                        raise RulebookError(
                            Finding(
                                file, f"{item.filename} 含有不安全的声明，不予读取", "请用 Excel 或 WPS 另存为 .xlsx"
                            )
                        )
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError):
        raise RulebookError(Finding(file, "不是 .xlsx 文件", "请用 Excel 或 WPS 另存为 .xlsx")) from None


def _sheet(sheet: Worksheet, findings: list[Finding]) -> Sheet:
    name = sheet.title
    if sheet.max_row > MOST_ROWS or sheet.max_column > MOST_COLUMNS:
        findings.append(
            Finding(
                f"工作表“{name}”",
                f"有 {sheet.max_row} 行 {sheet.max_column} 列，太大",
                f"至多 {MOST_ROWS} 行 {MOST_COLUMNS} 列；请删去空白的行列",
            )
        )
        return Sheet(name, ())
    for area in sheet.merged_cells.ranges:
        if area.max_row > area.min_row:
            first = Cell("", name, area.min_row, area.min_col)
            findings.append(first.problem(f"{area.coord} 是合并单元格", "请取消合并，每行各写一份"))
    rows = []
    for row in sheet.iter_rows():
        found: dict[int, Cell] = {}
        for cell in row:
            if cell.value is None or type(cell).__name__ == "MergedCell":
                continue
            made = Cell("", name, cell.row, cell.column)
            text = _text(cell, made, findings)
            if text:
                found[cell.column] = Cell(text, name, cell.row, cell.column)
        if found:
            rows.append(found)
    return Sheet(name, tuple(rows))


def _text(cell: Any, made: Cell, findings: list[Finding]) -> str:
    value = cell.value
    if cell.data_type == "f" or type(value).__name__ in ("ArrayFormula", "DataTableFormula"):
        shown = value if isinstance(value, str) else "="
        findings.append(
            made.problem(f"是表格公式（{shown[:30]}）", "请复制后“粘贴为值”；要写以 = 开头的文字，请在前面加 '")
        )
        return ""
    if cell.data_type == "e":
        findings.append(made.problem(f"是错误值 {value}", "请改正，或删去"))
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        findings.append(made.problem("是 Excel 的时长", '请写成文字，例如 duration("P365D")'))
        return ""
    text = str(value).replace("\r\n", "\n").replace("\r", "\n").strip(" \t\n\u00a0\u3000")
    bad = _BAD.search(text)
    if bad:
        findings.append(made.problem(f"有不可见的控制字符（U+{ord(bad.group()):04X}）", "请重新输入这一格"))
        return ""
    return text


def _number(value: int | float) -> str:
    """A number as the sheet shows it: fifteen digits, no exponent."""
    if isinstance(value, int):
        return str(value)
    text = f"{Decimal(f'{value:.15g}'):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# --- writing --------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Page:
    """A sheet to write: rows of text, and how it looks."""

    name: str
    rows: list[list[str]]
    header: int = 1
    """Rows at the top that are headings (0: none; the first column is one)."""
    widths: Sequence[int] = ()
    comments: Mapping[tuple[int, int], str] = field(default_factory=dict)
    """Notes by (row, column)."""
    choices: Mapping[int, Sequence[str]] = field(default_factory=dict)
    """Columns whose cells below the headings choose from a list."""
    choices_at: Mapping[tuple[int, int], Sequence[str]] = field(default_factory=dict)


_HEAD = PatternFill("solid", fgColor="FFE8EEE9")
_LINE = Border(*(Side(style="thin", color="FFC9D2CC"),) * 4)


def write(pages: Sequence[Page]) -> bytes:
    """The workbook; RulebookError where a text does not fit a cell."""
    book = Workbook()
    book.remove(book.active)
    book.properties.creator = "wotu"
    book.properties.created = book.properties.modified = datetime(2000, 1, 1)
    for page in pages:
        sheet = book.create_sheet(page.name)
        for number, row in enumerate(page.rows, 1):
            for column, text in enumerate(row, 1):
                head = number <= page.header or (page.header == 0 and column == 1)
                _write(sheet, number, column, text, head)
        for column, width in enumerate(page.widths, 1):
            sheet.column_dimensions[get_column_letter(column)].width = width
        for (row_number, column), note in page.comments.items():
            comment = Comment(note, "wotu")
            comment.width, comment.height = 260, 30 + 18 * (len(note) // 18 + note.count("\n") + 1)
            sheet.cell(row_number, column).comment = comment
        for column, words in page.choices.items():
            letter = get_column_letter(column)
            _choose(sheet, words, f"{letter}{page.header + 1}:{letter}{page.header + 500}")
        for (row_number, column), words in page.choices_at.items():
            _choose(sheet, words, f"{get_column_letter(column)}{row_number}")
        if page.header:
            sheet.freeze_panes = f"A{page.header + 1}"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write(sheet: Worksheet, row: int, column: int, text: str, head: bool) -> None:
    cell = sheet.cell(row, column)
    if len(text) > LONGEST:
        where = f"工作表“{sheet.title}”{cell.coordinate}"
        raise RulebookError(Finding(where, f"文字有 {len(text)} 个字，一格至多 {LONGEST} 个", "请留在 .dmn 里写"))
    if text:
        cell.value = text
        # A text that begins with = is no formula; Excel keeps it so when the cell says that it is quoted.
        cell.data_type = "s"
        cell.quotePrefix = text.startswith(("=", "+", "-", "@"))
    cell.number_format = "@"
    cell.border = _LINE
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if head:
        cell.font = Font(bold=True)
        cell.fill = _HEAD


def _choose(sheet: Worksheet, words: Sequence[str], area: str) -> None:
    listed = DataValidation(type="list", formula1=f'"{",".join(words)}"', allow_blank=True, showErrorMessage=False)
    sheet.add_data_validation(listed)
    listed.add(area)
