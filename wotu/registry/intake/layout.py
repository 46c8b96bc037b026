"""Where a sheet's table lies: title and notes above, one or more header rows, data, totals and notes below."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from wotu.registry import periods
from wotu.registry.intake import units, values
from wotu.registry.intake.books import Sheet
from wotu.registry.intake.headings import fold, read
from wotu.registry.intake.mapping import Vocabulary
from wotu.registry.intake.values import Cell, is_blank, text_of
from wotu.registry.periods import Period

HEAD, TAIL = 60, 20
"""Rows looked at for the header above and for notes below."""
TOTALS = re.compile(
    r"^(?:合计|总计|小计|共计|累计|总数|总和|平均|均值|合计数|本页合计|本页小计|全区合计|全市合计|以上合计|total|sum|subtotal|averages?)(?:[:：(（].*|数|值|\d+家)?$|^(?:共|总共|合计|总计|小计)\d+[家户个].*$",
    re.IGNORECASE,
)
TOTALS_BEHIND = re.compile(r"(?:小计|合计|总计|平均)[:：]?$")
NOTES = re.compile(
    r"^(?:注|注释|备注|说明|附注|填报|填表|制表|审核|复核|负责人|单位负责人|统计负责人|联系人|联系电话|数据来源|资料来源|来源|填报日期|报送|打印|报出日期|经办)[\d一二三]*[:：.、人]|^[*※]"
)
MADE_ON = re.compile(
    r"填报日期|制表日期|填表日期|打印|报送日期|报出日期|上报日期|更新时间|更新日期|导出时间|导出日期|联系电话|截稿"
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table: where it stands and its headers from the outermost group to itself."""

    index: int
    path: tuple[str, ...]

    @property
    def header(self) -> str:
        """The headers in one line."""
        return "/".join(self.path)


@dataclass(frozen=True, slots=True)
class Layout:
    """A sheet's table: rows count from 1, as the spreadsheet shows them."""

    sheet: str
    first_header: int
    first_data: int
    last_row: int
    columns: tuple[Column, ...]
    title: str
    units: tuple[str, ...]
    """Units that notes name for the whole table."""
    period: Period | None
    """The period that the title or a note names."""
    samples: tuple[tuple[Cell, ...], ...]
    """Some rows of data."""


def find(sheet: Sheet, vocabulary: Vocabulary) -> Layout | None:
    """Find the table of a sheet; None where no row looks like its header."""
    head: list[tuple[int, list[Cell]]] = []
    tail: deque[tuple[int, list[Cell]]] = deque(maxlen=TAIL)
    last = 0
    for number, cells in sheet.rows():
        if any(not is_blank(cell) for cell in cells):
            last = number
            if len(head) < HEAD:
                head.append((number, cells))
            tail.append((number, cells))
    if not head:
        return None
    main = _main_row(head, vocabulary)
    if main is None:
        return None
    first = _first_row(head, main, sheet)
    end = _last_row(head, main, sheet, vocabulary)
    rows = [_filled(cells, number, sheet) for number, cells in head[first : end + 1]]
    width = max((len(cells) for cells in rows), default=0)
    columns = tuple(
        Column(i, path) for i in range(width) if (path := _path(rows, i)) and not all(units.is_unit(p) for p in path)
    )
    above = head[:first]
    texts = [text_of(cell) for _, cells in above for cell in cells if not is_blank(cell)]
    below = [
        text_of(cell)
        for number, cells in tail
        if number > head[end][0]
        for cell in cells
        if isinstance(cell, str) and NOTES.search(text_of(cell))
    ]
    inside = [part for row in rows for part in map(text_of, row) if part and re.search(r"单位\s*[:：为]", part)]
    noted = tuple(dict.fromkeys(unit for text in (*texts, *inside, *below) for unit in units.split_note(text)))
    if not noted:
        noted = tuple(unit for text in texts for unit in _bracketed_units(text))
    return Layout(
        sheet.name,
        head[first][0],
        head[end][0] + 1,
        last,
        columns,
        " ".join(texts)[:500],
        noted,
        _period(texts),
        tuple(tuple(cells) for _, cells in head[end + 1 : end + 21]),
    )


def _main_row(head: Sequence[tuple[int, list[Cell]]], vocabulary: Vocabulary) -> int | None:
    """The row whose cells are most like known names and which names the enterprise (its code or its name)."""
    best, best_score = None, 0.0
    for place, (_, cells) in enumerate(head[:40]):
        score, identity = 0.0, 0.0
        for cell in cells:
            text = text_of(cell) if isinstance(cell, str) else ""
            if not text or len(text) > 60:
                continue
            guess = vocabulary.guess((text,))
            if guess.target is not None and guess.target.code in ("code", "name") and guess.confidence >= 0.7:
                identity = max(identity, 2.0 if guess.target.code == "code" else 1.0)
            if guess.confidence >= 0.7:
                score += guess.confidence
        if identity and score + identity > best_score + 0.01 and (score >= 1.9 or identity == 2.0 or _few(cells)):
            best, best_score = place, score + identity
    return best


def _few(cells: Iterable[Cell]) -> bool:
    """Whether a row has several short text cells and no number: a header even if most of its names are unknown."""
    filled = [cell for cell in cells if not is_blank(cell)]
    return len(filled) >= 2 and all(isinstance(cell, str) and len(text_of(cell)) <= 40 for cell in filled)


def _first_row(head: Sequence[tuple[int, list[Cell]]], main: int, sheet: Sheet) -> int:
    """Group rows right above the main header row belong to it; titles and notes do not."""
    first = main
    while first > 0:
        number, cells = head[first - 1]
        filled = [(i, cell) for i, cell in enumerate(cells) if not is_blank(cell)]
        texts = [text_of(cell) for _, cell in filled]
        if number < head[first][0] - 1 or (len(filled) < 2 and not _spans_part(sheet, number, filled)):
            break
        if any(re.search(r"[:：]", t) and (units.split_note(t) or NOTES.search(t) or re.search(r"单位|日期|时间|部门|表号", t)) for t in texts):  # fmt: skip
            break
        if any(len(t) > 25 for t in texts) or any(isinstance(c, float) and not _year_like(c) for _, c in filled):
            break
        first -= 1
    return first


def _spans_part(sheet: Sheet, row: int, filled: Sequence[tuple[int, Cell]]) -> bool:
    """Whether the row's only cell is a group merged over some columns but not from the very first one."""
    return bool(filled) and any(
        merge.top == row and merge.left == filled[0][0] and merge.left > 0 and merge.right > merge.left
        for merge in sheet.merges
    )


def _last_row(head: Sequence[tuple[int, list[Cell]]], main: int, sheet: Sheet, vocabulary: Vocabulary) -> int:
    """Rows under the main header row that name parts of its groups, units or column numbers belong to the header."""
    identity = _identity_columns(head[main][1], vocabulary)
    end = main
    while end + 1 < len(head) and end - main < 4:
        number, cells = head[end + 1]
        filled = [(i, cell) for i, cell in enumerate(cells) if not is_blank(cell)]
        named = [i for i in identity if i < len(cells) and not is_blank(cells[i])]
        texts = [text_of(cell) for _, cell in filled]
        if numbering(texts) or _all_units(texts) or _all_hints(texts):
            end += 1
            continue
        if named or not filled or number > head[end][0] + 1:
            break
        if not all(isinstance(cell, str | date) or _year_like(cell) for _, cell in filled):
            break
        if any(NOTES.search(t) or TOTALS.search(t) for t in texts) or any(len(t) > 40 for t in texts):
            break
        if not any(_header_like(t, vocabulary) for t in texts) and not _under_groups(sheet, head[end][0], filled):
            break
        end += 1
    return end


def _identity_columns(cells: Sequence[Cell], vocabulary: Vocabulary) -> list[int]:
    found = []
    for i, cell in enumerate(cells):
        if isinstance(cell, str) and not is_blank(cell):
            guess = vocabulary.guess((text_of(cell),))
            if guess.target is not None and guess.target.code in ("code", "name") and guess.confidence >= 0.7:
                found.append(i)
    return found


def _header_like(text: str, vocabulary: Vocabulary) -> bool:
    """Whether a text under a header names a period, a unit or a known thing."""
    said = read(text)
    if said.period or said.span or units.is_unit(text):
        return True
    try:
        if values.number(text) is not None:
            return False
    except values.BadValue:
        pass
    return vocabulary.guess((text,)).confidence >= 0.7 or fold(text) in {"合计", "总数", "其中"}


def _under_groups(sheet: Sheet, row: int, filled: Sequence[tuple[int, Cell]]) -> bool:
    """Whether every cell stands under a group that is merged over several columns."""
    groups = [m for m in sheet.merges if m.top <= row <= m.bottom and m.right > m.left]
    return bool(groups) and all(any(g.left <= i <= g.right for g in groups) for i, _ in filled)


def numbering(texts: Sequence[str]) -> bool:
    """Whether a row numbers the columns: 甲 乙 1 2 3, or (1) (2) (3)."""
    if len(texts) < 3:
        return False
    plain = [t.strip("()（）") for t in texts if t not in ("甲", "乙", "丙", "丁", "戊", "栏次", "序号", "—", "-")]
    numbers = [int(t) for t in plain if t.isdigit()]
    return (
        len(numbers) == len(plain) > 1
        and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        and numbers[0] in (1, 2, 3, 4)
    )


def _all_units(texts: Sequence[str]) -> bool:
    """Whether a row holds units only (and dashes where there is none)."""
    plain = [t for t in texts if not values.is_unknown(t) and t not in ("计量单位", "单位")]
    return bool(plain) and all(units.is_unit(t) for t in plain)


def _all_hints(texts: Sequence[str]) -> bool:
    """Whether every cell of a row is in brackets: what stands above is explained, a unit among it perhaps."""
    return bool(texts) and all(re.fullmatch(r"[(（].*[)）]", t) for t in texts)


def _year_like(cell: Cell) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool) and float(cell).is_integer() and 1990 <= cell <= 2100  # fmt: skip


def _filled(cells: Sequence[Cell], row: int, sheet: Sheet) -> list[Cell]:
    """A header row with merged groups spread over their columns; where nothing is merged, as the eye spreads them."""
    spread = list(cells)
    for merge in sheet.merges:
        if merge.top == row and merge.right > merge.left and merge.left < len(spread):
            for i in range(merge.left, min(merge.right + 1, len(spread))):
                spread[i] = cells[merge.left]
    return spread


def _path(rows: Sequence[Sequence[Cell]], index: int) -> tuple[str, ...]:
    """The headers above a column, outermost first; a blank group cell takes the group on its left if both have parts below."""
    path: list[str] = []
    for level, row in enumerate(rows):
        text = _said(row[index]) if index < len(row) else ""
        if not text and level < len(rows) - 1:
            text = _group_left(rows, level, index)
        if text and not _numbering_cell(rows[level], text) and not values.is_unknown(text) and text not in path[-1:]:
            path.append(re.sub(r"\s+", "", text))
    return tuple(path)


def _said(cell: Cell) -> str:
    """A header cell's text; a date stands for its month, or for its year where it is the year's last day."""
    if isinstance(cell, date):
        return f"{cell.year}年" if (cell.month, cell.day) == (12, 31) else f"{cell.year}年{cell.month}月"
    return text_of(cell)


def _group_left(rows: Sequence[Sequence[Cell]], level: int, index: int) -> str:
    def below(i: int) -> bool:
        return any(i < len(row) and not is_blank(row[i]) for row in rows[level + 1 :] if not _all_units(_texts(row)))

    if not below(index):
        return ""
    for i in range(index - 1, -1, -1):
        text = _said(rows[level][i]) if i < len(rows[level]) else ""
        if not below(i):
            return ""
        if text:
            return text
    return ""


def _texts(row: Sequence[Cell]) -> list[str]:
    return [text_of(cell) for cell in row if not is_blank(cell)]


def _numbering_cell(row: Sequence[Cell], text: str) -> bool:
    return (text.strip("()（）").isdigit() or text in "甲乙丙丁戊") and numbering(_texts(row))


def _bracketed_units(text: str) -> tuple[str, ...]:
    return tuple(
        piece
        for inner in re.findall(r"[(（]([^()（）]+)[)）]", text)
        for piece in re.split(r"[、,，/]", inner)
        if units.is_unit(piece)
    )


def _period(texts: Sequence[str]) -> Period | None:
    """The period that the title speaks of; the day on which the sheet was made is none."""
    for text in texts:
        if MADE_ON.search(text):
            continue
        if found := periods.find(text):
            period = found[0]
            if period.kind != "day" or re.search(r"截至|截止|截", text):
                return period
    return None
