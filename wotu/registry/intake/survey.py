"""Looking a book over before its rows are read: which sheets hold tables, what each column is, which period they speak of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from wotu.registry import periods
from wotu.registry.intake import layout, mapping, units, values
from wotu.registry.intake.books import Book, Sheet, Unreadable, column_letter
from wotu.registry.intake.codes import is_credit_code, tidy_code, tidy_industry
from wotu.registry.intake.headings import read
from wotu.registry.intake.layout import Layout
from wotu.registry.intake.mapping import AUTO, Mapped, Target, Vocabulary, Wish
from wotu.registry.intake.values import BadValue, Cell, is_blank, text_of
from wotu.registry.periods import BadPeriod, Period
from wotu.rulebook.findings import Finding

IDENTITY = ("code", "name")
PLAIN_RATIO = Decimal("1.5")
"""A bare number up to here may be a ratio as it stands; above it is taken for a percentage."""
EXAMPLES = 3
MIXED = "同一列里既有小数又有百分数，分不清这个数是哪一种，请统一写成带“%”的数"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person or an earlier import said about the columns, from the most to the least binding."""

    placed: Mapping[tuple[str, int], Wish] = field(default_factory=dict)
    """By sheet and column: what the mapping page kept."""
    given: Mapping[str, Wish] = field(default_factory=dict)
    """By header: a mapping file."""
    remembered: Mapping[str, Wish] = field(default_factory=dict)
    """By remembered header: the source's last import."""
    period: str = ""
    periods: Mapping[str, str] = field(default_factory=dict)
    """The period of a sheet, by its name."""
    skipped: frozenset[str] = frozenset()
    """Sheets to leave out."""
    only: frozenset[str] = frozenset()
    """If any, the only sheets to read."""

    def wish(self, sheet: str, index: int, header: str) -> Wish | None:
        """What was said about one column."""
        if found := self.placed.get((sheet, index)):
            return found
        return mapping.wish_for(header, self.given, self.remembered)


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """How one sheet is read."""

    layout: Layout
    columns: tuple[Mapped, ...]
    base: tuple[Period, ...]
    """The periods the sheet as a whole may be about, the most binding first."""
    mixed: frozenset[int]
    """Columns in which ratios are written both ways."""
    last_named: int
    """The last row that has a code or a name."""
    rows: int
    """Rows below the header that are not blank."""
    repeated: frozenset[int]
    """Hashes of the identities that more than one row of the book has."""
    findings: tuple[Finding, ...] = ()

    def column(self, code: str) -> Mapped | None:
        """The column that goes to a target, if one does."""
        return next((c for c in self.columns if c.target and c.target.code == code and c.confidence >= AUTO), None)


@dataclass(frozen=True, slots=True)
class Survey:
    """A book as it will be read."""

    sheets: tuple[SheetPlan, ...]
    findings: tuple[Finding, ...]

    @property
    def rows(self) -> int:
        """How many rows there are to read."""
        return sum(sheet.rows for sheet in self.sheets)


def survey(book: Book, vocabulary: Vocabulary, wishes: Wishes | None = None) -> Survey:
    """Find every table of a book and map its columns; raises `Unreadable` where there is none."""
    wishes = wishes or Wishes()
    plans: list[SheetPlan] = []
    passed: list[Finding] = []
    names: list[str] = []
    seen: set[int] = set()
    again: set[int] = set()
    for sheet in book.sheets():
        names.append(sheet.name)
        if sheet.name in wishes.skipped or (wishes.only and sheet.name not in wishes.only):
            continue
        found = layout.find(sheet, vocabulary)
        if found is None:
            passed.append(
                Finding(
                    f"{book.name}“{sheet.name}”",
                    "没有找到表头（要有“统一社会信用代码”或“企业名称”一列），没有读取",
                    "需要导入时请给表格加上表头",
                    "info",
                )
            )
            continue
        plans.append(_plan(book, sheet, found, vocabulary, wishes, seen, again))
    if unknown := sorted((wishes.only | wishes.skipped) - set(names)):
        raise Unreadable(book.name, f"没有工作表“{'”“'.join(unknown)}”", f"这份文件里有：{'、'.join(names) or '无'}")
    if not plans:
        raise Unreadable(
            book.name,
            "没有找到表格：没有一行表头写着“统一社会信用代码”或“企业名称”",
            "请核对是否传错文件，或给数据加上表头后再导入",
        )
    if not any(plan.rows for plan in plans):
        raise Unreadable(book.name, "只有表头，没有数据", "请核对是否传错，或填好数据后再导入")
    repeated = frozenset(again)
    return Survey(tuple(replace(p, repeated=repeated) for p in plans), (*book.findings, *passed))


def _plan(
    book: Book,
    sheet: Sheet,
    found: Layout,
    vocabulary: Vocabulary,
    wishes: Wishes,
    seen: set[int],
    again: set[int],
) -> SheetPlan:
    context = " ".join((book.stem, sheet.name, found.title, *(column.header for column in found.columns)))
    made = []
    for column in found.columns:
        samples = [row[column.index] for row in found.samples if column.index < len(row)]
        wish = wishes.wish(sheet.name, column.index, column.header)
        placed = mapping.place(
            vocabulary,
            sheet.name,
            column.index,
            column.path,
            notes=found.units,
            wish=wish,
            context=context,
            content=_content(samples, vocabulary),
        )
        made.append(placed if wish else _fitting(placed, samples, vocabulary))
    columns = mapping.one_column_each(made)
    scan = _Scan(columns, found)
    for number, cells in sheet.rows():
        if number >= found.first_data:
            scan.row(number, cells, sheet, seen, again)
    columns, mixed, doubts = scan.ratios(book.kind == "xlsx")
    where = f"{book.name}“{sheet.name}”"
    hidden = sorted(n for n in sheet.hidden if found.first_data <= n <= found.last_row)
    if hidden:
        shown = "、".join(map(str, hidden[:5])) + ("等" if len(hidden) > 5 else "")
        doubts.append((f"第{shown}行是隐藏行，也照样读取", "不要的行请删除后再导入", "warning"))
    doubts.extend((said, "请核对哪个代码是对的，两行都照各自的代码读取", "warning") for said in scan.doubled)
    doubts.extend(_unsaid(columns))
    return SheetPlan(
        found,
        columns,
        _base(book, sheet, found, wishes),
        mixed,
        scan.last_named,
        scan.rows,
        frozenset(),
        tuple(Finding(where, what, how, severity) for what, how, severity in doubts),  # type: ignore[arg-type]
    )


def _content(samples: Iterable[Cell], vocabulary: Vocabulary) -> Target | None:
    """What a column's cells are by their look: 统一社会信用代码 with right check digits, or companies' names."""
    texts = [text_of(cell) for cell in samples if isinstance(cell, str) and not is_blank(cell)]
    if texts and sum(is_credit_code(tidy_code(text)) for text in texts) * 2 > len(texts):
        return vocabulary.targets["code"]
    if (
        len(texts) > 1
        and sum(bool(mapping.COMPANY.search(text)) and len(text) > 4 for text in texts) * 5 > len(texts) * 4
    ):
        return vocabulary.targets["name"]
    return None


def _fitting(placed: Mapped, samples: Iterable[Cell], vocabulary: Vocabulary) -> Mapped:
    """Take back a guess that the cells contradict, or make one that only they allow: industries by name or by code."""
    texts = [text for cell in samples if (text := text_of(cell)) and not values.is_unknown(text)]
    coded = sum(tidy_industry(text) is not None for text in texts)
    if placed.target and placed.target.code == "industry" and texts and not coded:
        if any(re.search(r"[A-Za-z]?\d{2}", text) for text in texts):
            return placed
        return replace(placed, target=None, confidence=1.0, how="内容")
    if placed.target is None and "行业" in placed.header and texts and coded * 2 > len(texts):
        return replace(placed, target=vocabulary.targets["industry"], confidence=0.95, how="内容")
    return placed


def _base(book: Book, sheet: Sheet, found: Layout, wishes: Wishes) -> tuple[Period, ...]:
    said = wishes.periods.get(sheet.name) or wishes.period
    if said:
        try:
            return (Period.parse(said),)
        except BadPeriod as error:
            raise mapping.BadMapping(f"工作表“{sheet.name}”的期间写错了：{error}") from None
    title = (book.kind != "csv" and sheet.name) or ""
    said_by = [found.period, *(f[0] for f in map(periods.find, (title, book.stem)) if f)]
    base = tuple(dict.fromkeys(p for p in said_by if p is not None))
    parts = [read(text).span for text in (title, *found.title.split(" "), book.stem) if text]
    part = next((span for span in parts if span is not None and (span.first, span.last) != (1, 12)), None)
    if part is not None and base and base[0].kind == "year":
        return (part.of(base[0]), *base)
    return base


def _unsaid(columns: Iterable[Mapped]) -> list[tuple[str, str, str]]:
    """Doubts an officer should see: amounts without a unit, columns that nobody recognised."""
    said: list[tuple[str, str, str]] = []
    sure = [c for c in columns if c.confidence >= AUTO and not c.problem]
    bare = [c.header for c in sure if c.target and c.target.unit == "元" and c.factor is None]
    if bare:
        said.append((f"“{'”“'.join(bare)}”没有写单位，按元读取", "不是元的，请在表头注明单位", "warning"))
    lost = [
        c.header for c in columns if (c.target is None or c.confidence < AUTO) and c.confidence < 1 and not c.problem
    ]
    if lost:
        said.append((f"“{'”“'.join(lost[:12])}”没有认出是哪项指标，没有导入", "需要时请指定对应的指标", "info"))
    said.extend((f"“{c.header}”（{column_letter(c.index)}列）：{c.problem}", "", "error") for c in columns if c.problem)
    return said


class _Scan:
    """One look at every row: where the data end, which identities come twice, how ratios are written."""

    def __init__(self, columns: tuple[Mapped, ...], found: Layout) -> None:
        self.columns = columns
        self.rows = 0
        self.last_named = found.first_data - 1
        taken = {c.target.code: c.index for c in columns if c.target and c.target.is_field and c.confidence >= AUTO}
        self.code, self.name = taken.get("code"), taken.get("name")
        self.ratio = [
            c for c in columns if c.target and c.target.type == "number" and not c.target.unit and not c.problem
        ]
        self.bare: dict[int, list[int]] = {c.index: [0, 0, 0] for c in self.ratio}
        """For each ratio column: how many bare numbers are zero, up to 1.5, above."""
        self.bearers: dict[int, tuple[str, int]] = {}
        """By name (hashed): the code and row that bore it first."""
        self.doubled: list[str] = []

    def row(self, number: int, cells: list[Cell], sheet: Sheet, seen: set[int], again: set[int]) -> None:
        if not any(not is_blank(cell) for cell in cells):
            return
        self.rows += 1
        code = tidy_code(text_of(cells[self.code])) if self.code is not None and self.code < len(cells) else ""
        name = text_of(cells[self.name]) if self.name is not None and self.name < len(cells) else ""
        first = re.sub(r"\s+", "", next(text for cell in cells if (text := text_of(cell))))
        if is_credit_code(code) or (_is_name(name) and not layout.TOTALS.search(first)):
            self.last_named = number
            identity = hash(code if is_credit_code(code) else tidy_name(name))
            (again if identity in seen else seen).add(identity)
            if is_credit_code(code) and name:
                before, row = self.bearers.setdefault(hash(tidy_name(name)), (code, number))
                if before != code and len(self.doubled) < EXAMPLES:
                    self.doubled.append(f"“{tidy_name(name)}”在第{row}行和第{number}行的信用代码不同")
        for column in self.ratio:
            if column.index < len(cells) and (number, column.index) not in sheet.percents:
                try:
                    read = values.number(cells[column.index])
                except BadValue:
                    continue
                if read is not None and not read.unit:
                    size = abs(read.value)
                    self.bare[column.index][0 if not size else 1 if size <= PLAIN_RATIO else 2] += 1

    def ratios(self, formats_known: bool) -> tuple[tuple[Mapped, ...], frozenset[int], list[tuple[str, str, str]]]:
        """The columns with their ratios' factors settled, those written both ways, and what was assumed."""
        mixed, doubts = set(), []
        settled = list(self.columns)
        for column in self.ratio:
            _zero, small, large = self.bare[column.index]
            factor, place = column.factor, settled.index(column)
            if factor is None and large and small:
                mixed.add(column.index)
            elif factor is None and large:
                settled[place] = replace(column, unit="%", factor=units.HUNDREDTH)
                doubts.append(
                    (f"“{column.header}”没有写单位，数都大于1，按百分数读取", "不对时请在表头注明", "warning")
                )
            elif factor == units.HUNDREDTH and small > 1 and not large and not formats_known:
                settled[place] = replace(column, factor=Fraction(1))
                doubts.append(
                    (
                        f"“{column.header}”的表头写着 %，数却都不大于1，按小数读取",
                        "不对时请把数写成带“%”的样子",
                        "warning",
                    )
                )
        return tuple(settled), frozenset(mixed), doubts


def _is_name(text: str) -> bool:
    """Whether a text in the column of names may be one: not a mark for unknown, a number or a total."""
    plain = re.sub(r"\s+", "", text)
    return len(plain) > 1 and not values.is_unknown(plain) and not plain.isdigit() and not layout.TOTALS.search(plain)


def tidy_name(text: str) -> str:
    """An enterprise's name as it is stored: full-width brackets, no spaces between Chinese characters.

    >>> tidy_name("苏州和岳自动化 (中国)有限公司 ")
    '苏州和岳自动化（中国）有限公司'
    """
    plain = re.sub(r"\s+", " ", text_of(text)).replace("(", "（").replace(")", "）")
    return re.sub(r"(?<![A-Za-z0-9.,&]) | (?![A-Za-z0-9.,&])", "", plain)
