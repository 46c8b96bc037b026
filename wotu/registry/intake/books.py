"""Files as books of sheets: what kind a file really is, whether it is safe to open, and its rows one by one."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msoffcrypto
import olefile
import python_calamine
from lxml import etree

from wotu.registry.intake.values import Cell
from wotu.rulebook.findings import Finding

MOST_BYTES = 100 * 1024**2
"""The largest file that is opened."""
MOST_UNPACKED = 600 * 1024**2
"""The most a workbook may hold once unpacked."""
MOST_RATIO = 400
"""A part that unpacks to more than this many times its size is no spreadsheet (an empty sheet's XML reaches about 100)."""
MOST_CELLS = 20_000_000
"""The most cells of a sheet, counted as the rectangle they span."""
MOST_PARTS = 5_000
READABLE = "请另存为 .xlsx 或 .csv 后再导入"

DAMAGED = (
    python_calamine.CalamineError, zipfile.BadZipFile, zlib.error, etree.LxmlError, EOFError, OSError, KeyError,
    ValueError, IndexError, NotImplementedError,
)  # fmt: skip
"""What readers throw at a file that is cut off or overwritten."""

Kind = Literal["xlsx", "xlsb", "xls", "ods", "csv"]
SUFFIXES: dict[str, tuple[str, ...]] = {
    "xlsx": (".xlsx", ".xlsm"),
    "xlsb": (".xlsb",),
    "xls": (".xls",),
    "ods": (".ods",),
    "csv": (".csv", ".txt", ".tsv"),
}
NOT_SHEETS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "PDF 文件"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"GIF8", "图片"),
    (b"Rar!", "压缩包"),
    (b"7z\xbc\xaf", "压缩包"),
    (b"\x1f\x8b", "压缩包"),
    (b"{\\rtf", "RTF 文档"),
    (b"\x7fELF", "程序"),
    (b"MZ\x90", "程序"),
)


class Unreadable(Exception):
    """A file that is not opened; `finding` says what it is and what to do, `str()` is the sentence."""

    def __init__(self, where: str, what: str, how: str) -> None:
        self.finding = Finding(where, what, how)
        super().__init__(f"{where}：{what}；{how}。")


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged rectangle; rows and columns count from 1 and 0, ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(slots=True)
class Sheet:
    """One sheet: its rows as the spreadsheet numbers them, merged cells, and cells that have no value of their own."""

    name: str
    merges: tuple[Merge, ...] = ()
    broken: dict[tuple[int, int], str] = field(default_factory=dict)
    """Why a cell that looks empty is not: a formula without result, an error."""
    percents: frozenset[tuple[int, int]] = frozenset()
    """Cells whose format shows a fraction as a percentage."""
    hidden: frozenset[int] = frozenset()
    """Rows that the spreadsheet hides."""
    _source: Callable[[], Iterator[tuple[int, list[Cell]]]] = lambda: iter(())

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Row number and cells from column A on; blank rows included."""
        return self._source()


@dataclass(slots=True)
class Book:
    """A file that is safe to read."""

    path: Path
    name: str
    kind: Kind
    epoch_1904: bool = False
    findings: list[Finding] = field(default_factory=list)
    _sheets: Callable[[], Iterator[Sheet]] = lambda: iter(())

    def sheets(self) -> Iterator[Sheet]:
        """The visible sheets in order, one loaded at a time."""
        return self._sheets()

    @property
    def stem(self) -> str:
        """The file's name without its suffix."""
        return Path(self.name).stem


def open_book(path: Path, name: str = "") -> Book:
    """Look at a file's content (not its suffix) and open it; raises `Unreadable` with one sentence."""
    name = name or path.name
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(4096)
    except FileNotFoundError:
        raise Unreadable(name, "没有这个文件", "请核对路径和文件名") from None
    except IsADirectoryError:
        raise Unreadable(name, "这是文件夹", "请给出其中的一个文件") from None
    except OSError as error:
        raise Unreadable(name, f"文件读不出来（{error.strerror}）", "请核对权限或重新上传") from None
    if size == 0:
        raise Unreadable(name, "文件是空的", "请核对是否传错，或重新导出后再导入")
    if size > MOST_BYTES:
        raise Unreadable(
            name,
            f"文件有{size / 1024**2:.0f} MB，超过{MOST_BYTES // 1024**2} MB的上限",
            "请按年份或片区拆成几份，或删去图片和多余的工作表后再导入",
        )
    for magic, what in NOT_SHEETS:
        if head.startswith(magic):
            raise Unreadable(name, f"这是{what}，不是表格", READABLE)
    if head.startswith(b"PK"):
        book = _zipped(path, name)
    elif head.startswith(b"\xd0\xcf\x11\xe0"):
        book = _ole(path, name)
    elif re.match(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:\?xml|!doctype|html|table|meta|div|head)", head, re.IGNORECASE):
        raise Unreadable(name, "这是网页或 XML，不是真正的表格文件", f"请用 Excel 或 WPS 打开，{READABLE}")
    else:
        book = _text(path, name)
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES[book.kind]:
        book.findings.append(
            Finding(name, f"扩展名是“{suffix or '无'}”，内容其实是 {book.kind}，已按内容读取", "请改正扩展名，以免别的软件打不开", "info")
        )  # fmt: skip
    return book


@contextmanager
def _trouble(name: str) -> Iterator[None]:
    """Turn what a reader throws at a damaged file into one sentence."""
    damaged = Unreadable(name, "文件已损坏，读不出来", "请用 Excel 或 WPS 打开修复、另存为 .xlsx 后再导入")
    try:
        yield
    except python_calamine.PasswordError:
        raise _encrypted(name) from None
    except DAMAGED as error:
        raise damaged from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise damaged from error
        raise


def _encrypted(name: str) -> Unreadable:
    return Unreadable(name, "文件有打开密码", "请在 Excel 或 WPS 里去掉密码、另存后再导入")


def _zipped(path: Path, name: str) -> Book:
    with _trouble(name), zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        unpacked = sum(part.file_size for part in parts)
        inflated = any(
            part.file_size > 10 * 1024**2 and part.file_size > MOST_RATIO * max(part.compress_size, 1) for part in parts
        )
        if unpacked > MOST_UNPACKED or inflated or len(parts) > MOST_PARTS:
            raise Unreadable(
                name,
                f"文件只有{path.stat().st_size / 1024**2:.1f} MB，解开却有{unpacked / 1024**2:.0f} MB，像是压缩炸弹，没有打开",
                "请核对来历；确实是表格的，请删去多余的空行空列和图片、另存后再导入",
            )
        if any(part.flag_bits & 1 for part in parts):
            raise _encrypted(name)
        names = {part.filename.replace("\\", "/").lstrip("/") for part in parts}
        mime = archive.read("mimetype")[:100] if "mimetype" in names else b""
        if "xl/workbook.xml" in names:
            kind: Kind = "xlsx"
        elif "xl/workbook.bin" in names:
            kind = "xlsb"
        elif b"opendocument.spreadsheet" in mime:
            kind = "ods"
        elif any(n.startswith("word/") for n in names):
            raise Unreadable(name, "这是 Word 文档，不是表格", "请把其中的表格粘贴到 Excel 里，另存为 .xlsx 后再导入")
        elif any(n.startswith("ppt/") for n in names):
            raise Unreadable(name, "这是幻灯片，不是表格", READABLE)
        else:
            raise Unreadable(name, "这是压缩包，里面不是一份表格", "请解压后逐个导入其中的表格")
        for part in parts:
            with archive.open(part) as stream:
                while stream.read(1 << 20):
                    pass
        if kind == "ods":
            if b"manifest:encryption-data" in archive.read("META-INF/manifest.xml"):
                raise _encrypted(name)
            _bound_ods(archive, name)
        plans = _Parts(archive, name) if kind == "xlsx" else None
    book = _calamine(path, name, kind, plans)
    if any(n.lower().endswith("vbaproject.bin") for n in names):
        book.findings.append(Finding(name, "文件带有宏", "只读取了数据，宏没有运行；建议另存为 .xlsx 再流转", "info"))
    return book


def _ole(path: Path, name: str) -> Book:
    with _trouble(name), olefile.OleFileIO(path) as ole:
        if ole.exists("EncryptedPackage") or ole.exists("EncryptionInfo"):
            raise _encrypted(name)
        stream = next((s for s in ("Workbook", "Book") if ole.exists(s)), None)
        if stream is None:
            what = "这是 Word 文档，不是表格" if ole.exists("WordDocument") else "这不是表格文件"
            raise Unreadable(name, what, READABLE)
        macros = any("_VBA_PROJECT_CUR" in "/".join(parts) for parts in ole.listdir(storages=True))
        epoch_1904 = _biff_1904(ole.openstream(stream).read(64 * 1024))
    with path.open("rb") as file:
        try:
            if msoffcrypto.OfficeFile(file).is_encrypted():
                raise _encrypted(name)
        except (msoffcrypto.exceptions.FileFormatError, OSError, ValueError):
            pass
    book = _calamine(path, name, "xls", None)
    book.epoch_1904 = epoch_1904
    if macros:
        book.findings.append(Finding(name, "文件带有宏", "只读取了数据，宏没有运行；建议另存为 .xlsx 再流转", "info"))
    return book


def _biff_1904(globals_: bytes) -> bool:
    """Whether an .xls counts days from 1904: its DATEMODE record (0x22, [MS-XLS] 2.4.77)."""
    at = 0
    while at + 4 <= len(globals_):
        record, length = (
            int.from_bytes(globals_[at : at + 2], "little"),
            int.from_bytes(globals_[at + 2 : at + 4], "little"),
        )
        if record == 0x22:
            return globals_[at + 4 : at + 6] == b"\x01\x00"
        at += 4 + length
    return False


def _calamine(path: Path, name: str, kind: Kind, parts: _Parts | None) -> Book:
    with _trouble(name):
        workbook = python_calamine.CalamineWorkbook.from_path(str(path))
    book = Book(path, name, kind, epoch_1904=parts.epoch_1904 if parts else False)
    visible = []
    for meta in workbook.sheets_metadata:
        if meta.typ not in (python_calamine.SheetTypeEnum.WorkSheet,):
            continue
        if meta.visible != python_calamine.SheetVisibleEnum.Visible:
            book.findings.append(
                Finding(f"{name}“{meta.name}”", "工作表是隐藏的，没有读取", "需要时请取消隐藏后再导入", "info")
            )
        else:
            visible.append(meta.name)

    def sheets() -> Iterator[Sheet]:
        for title in visible:
            broken: dict[tuple[int, int], str] = {}
            percents: frozenset[tuple[int, int]] = frozenset()
            hidden: frozenset[int] = frozenset()
            with _trouble(f"{name}“{title}”"):
                if parts is not None:
                    broken, percents, hidden = parts.inspect(title)
                loaded = workbook.get_sheet_by_name(title)
                merged = loaded.merged_cell_ranges or []
            merges = tuple(Merge(a + 1, b, c + 1, d) for (a, b), (c, d) in merged)
            left = loaded.start[1] if loaded.start else 0

            def rows(loaded: Any = loaded, left: int = left) -> Iterator[tuple[int, list[Cell]]]:
                if loaded.start is None:
                    return
                pad: list[Cell] = [None] * left
                for number, row in enumerate(loaded.iter_rows(), start=1):
                    yield number, pad + row if left else row

            yield Sheet(title, merges, broken, percents, hidden, rows)

    book._sheets = sheets
    return book


_Seen = tuple[dict[tuple[int, int], str], frozenset[tuple[int, int]], frozenset[int]]


class _Parts:
    """What calamine does not tell about an .xlsx: formulas without result, errors, percent formats, the 1904 system."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self.path, self.name = archive.filename or "", name
        self.epoch_1904 = False
        targets: dict[str, str] = {}
        relations = next((n for n in archive.namelist() if n.endswith("workbook.xml.rels")), None)
        if relations:
            for element in _parse(archive.read(relations)):
                target = str(element.get("Target") or "").lstrip("/")
                targets[str(element.get("Id"))] = target if target.startswith("xl/") else f"xl/{target}"
        self.sheets: dict[str, str] = {}
        for element in _parse(archive.read("xl/workbook.xml")).iter():
            match _local(element):
                case "workbookPr":
                    self.epoch_1904 = element.get("date1904") in ("1", "true")
                case "sheet":
                    relation = next((v for k, v in element.attrib.items() if str(k).endswith("}id")), "")
                    self.sheets[str(element.get("name"))] = targets.get(str(relation), "")
        self.percent_styles = _percent_styles(archive)

    def inspect(self, title: str) -> _Seen:
        """Cells without a value of their own, cells shown as percentages, hidden rows; refuses a sheet that spans too far."""
        with zipfile.ZipFile(self.path) as archive:
            part = self.sheets.get(title, "")
            if part not in archive.namelist():
                return {}, frozenset(), frozenset()
            odd = False
            furthest = 0
            tail = b""
            styles = [f's="{n}"'.encode() for n in self.percent_styles]
            with archive.open(part) as stream:
                while block := stream.read(1 << 20):
                    text = tail + block
                    odd = odd or b"<f" in text or b":f>" in text or b":f " in text or b't="e"' in text
                    odd = (
                        odd
                        or b' hidden="' in text
                        or any(style in text for style in styles)
                        or bool(_WIDE.search(text))
                    )
                    for found in _ROW.findall(text):
                        furthest = max(furthest, int(found))
                    tail = text[-200:]
            if not odd and furthest < 300_000:
                return {}, frozenset(), frozenset()
            with archive.open(part) as stream:
                return self._cells(stream, title)

    def _cells(self, stream: Any, title: str) -> _Seen:
        hidden: set[int] = set()
        broken: dict[tuple[int, int], str] = {}
        percents: set[tuple[int, int]] = set()
        row = column = bottom = right = 0
        for event, element in etree.iterparse(
            stream, events=("start", "end"), resolve_entities=False, load_dtd=False, no_network=True
        ):
            local = _local(element)
            if event == "start":
                if local == "row":
                    row, column = int(element.get("r") or row + 1), -1
                    if element.get("hidden") in ("1", "true"):
                        hidden.add(row)
                continue
            if local == "c":
                reference = element.get("r")
                column = _column(reference) if reference else column + 1
                children = {_local(child): child.text for child in element}
                kind = element.get("t")
                if kind == "e":
                    text = children.get("v") or "#N/A"
                    if text != "#N/A":
                        broken[row, column] = f"公式出错（{text}），请改正后重新保存"
                elif "f" in children and children.get("v") is None and kind != "str":
                    broken[row, column] = "公式没有结果值，请用 Excel 或 WPS 打开并保存一次，或复制后“粘贴为数值”"
                if children.get("v") is not None or "is" in children:
                    bottom, right = max(bottom, row), max(right, column)
                    if element.get("s") in self.percent_styles and kind in (None, "n"):
                        percents.add((row, column))
            if local == "row":
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
        if bottom * (right + 1) > MOST_CELLS:
            raise Unreadable(
                f"{self.name}“{title}”",
                f"最远的单元格在第{bottom}行第{right + 1}列，跨度过大",
                "请删去表格以外零散的单元格后再导入",
            )
        return broken, frozenset(percents), frozenset(hidden)


_ROW = re.compile(rb'<(?:\w+:)?row [^>]*?\br="(\d+)"')
_WIDE = re.compile(rb'<(?:\w+:)?c [^>]*?\br="[A-Z]{3}\d')


def _bound_ods(archive: zipfile.ZipFile, name: str) -> None:
    """Refuse an .ods whose repeated cells would fill the memory."""
    cells = repeat = 0
    with archive.open("content.xml") as stream:
        for _, element in etree.iterparse(stream, events=("end",), resolve_entities=False, no_network=True):
            local = _local(element)
            if local == "table-cell" and any(str(k).endswith("}value-type") for k in element.attrib):
                repeat += _repeated(element, "number-columns-repeated")
            elif local == "table-row":
                cells += repeat * _repeated(element, "number-rows-repeated")
                repeat = 0
                element.clear()
                if cells > MOST_CELLS:
                    raise Unreadable(name, "单元格多得异常", "请删去多余的空行空列、另存后再导入")


def _repeated(element: Any, local: str) -> int:
    return next((int(v) for k, v in element.attrib.items() if str(k).endswith("}" + local)), 1)


def _percent_styles(archive: zipfile.ZipFile) -> frozenset[str]:
    """Indexes of the cell styles whose number format is a percentage."""
    if "xl/styles.xml" not in archive.namelist():
        return frozenset()
    formats, styles = {"9", "10"}, []
    for element in _parse(archive.read("xl/styles.xml")).iter():
        if _local(element) == "numFmt" and "%" in str(element.get("formatCode")):
            formats.add(str(element.get("numFmtId")))
        if _local(element) == "cellXfs":
            styles = [str(xf.get("numFmtId")) for xf in element]
    return frozenset(str(i) for i, number in enumerate(styles) if number in formats)


def _parse(text: bytes) -> Any:
    return etree.fromstring(text, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))


def _local(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _column(reference: str) -> int:
    value = 0
    for character in reference:
        if not character.isalpha():
            break
        value = value * 26 + ord(character.upper()) - 64
    return value - 1


@cache
def column_letter(index: int) -> str:
    """A column as the spreadsheet names it.

    >>> column_letter(0), column_letter(27)
    ('A', 'AB')
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _text(path: Path, name: str) -> Book:
    encoding = _encoding(path, name)
    with path.open(encoding=encoding, newline="") as file:
        sample = file.read(64 * 1024)
    hint = re.match(r"sep=(.)\r?\n", sample, re.IGNORECASE)
    delimiter = hint[1] if hint else _delimiter(sample)
    title = Path(name).stem

    def rows() -> Iterator[tuple[int, list[Cell]]]:
        with path.open(encoding=encoding, newline="") as file:
            if hint:
                file.readline()
            reader = csv.reader(_without_nul(file), delimiter=delimiter)
            try:
                for number, row in enumerate(reader, start=1):
                    yield number, list(row)
            except csv.Error:
                raise Unreadable(
                    name,
                    f"第{reader.line_num}行读不下去，多半是引号没有成对",
                    "请改正该行的引号，或另存为 .xlsx 后再导入",
                ) from None

    book = Book(path, name, "csv")
    book._sheets = lambda: iter((Sheet(title, _source=rows),))
    return book


def _without_nul(file: io.TextIOBase) -> Iterator[str]:
    for line in file:
        yield line.replace("\0", "")


def _encoding(path: Path, name: str) -> str:
    """UTF-8 (with or without BOM), UTF-16 with BOM or GB18030, proved on the whole file."""
    with path.open("rb") as file:
        head = file.read(4)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        tries: tuple[str, ...] = ("utf-16",)
    else:
        with path.open("rb") as file:
            if b"\0" in file.read(64 * 1024):
                raise Unreadable(name, "这不是表格，也不是文本", READABLE)
        tries = ("utf-8-sig", "gb18030")
    for encoding in tries:
        try:
            with path.open(encoding=encoding, newline="") as file:
                while file.read(1 << 20):
                    pass
        except UnicodeError:
            continue
        return encoding
    raise Unreadable(name, "文字编码认不出来", "请用 Excel 或 WPS 打开，另存为 .xlsx 或“CSV UTF-8”后再导入")


def _delimiter(sample: str) -> str:
    """The separator that splits the sample's lines most evenly."""
    lines = [line for line in sample.splitlines()[:50] if line.strip()]

    def score(mark: str) -> tuple[int, int]:
        counts = [line.count(mark) for line in lines]
        common = max(set(counts), key=counts.count) if counts else 0
        return (counts.count(common) if common else 0, common)

    return max((",", "\t", ";", "|", "，"), key=score)
