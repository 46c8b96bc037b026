"""One row of a sheet: does it count, whose is it, what does it say, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from wotu.registry import periods
from wotu.registry.intake import layout, mapping, values
from wotu.registry.intake.books import Sheet, column_letter
from wotu.registry.intake.codes import is_credit_code, tidy_code, tidy_industry, wrong_code, wrong_industry
from wotu.registry.intake.headings import fold, read
from wotu.registry.intake.mapping import AUTO, Mapped, Target
from wotu.registry.intake.survey import MIXED, PLAIN_RATIO, SheetPlan, tidy_name
from wotu.registry.intake.values import BadValue, Cell, is_blank, text_of
from wotu.registry.periods import BadPeriod, Period

Status = Literal["accepted", "repeated", "rejected", "ignored"]
Value = Decimal | str | date | bool | None
PLACES = Decimal(1).scaleb(-8)
LARGEST = Decimal(10) ** 20
EXAMPLES = re.compile(r"^(?:填写)?(?:示例|样例|范例|举例|例|例如)(?:行|数据)?[:：]?$")
HINTS = re.compile(r"必填|选填|填写|请填|格式|[^\d]?18位|文本型|数值型|下拉")
"""What a row right under the header says that tells how to fill in the table."""
WHOLE = frozenset(["人", "件", "项", "名"])
"""Units of which there is no half."""
LONGEST = {"name": 200, "address": 200, "former_name": 200, "area": 40}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a row is set aside: the kind of problem, where it is and what to do."""

    kind: str
    what: str
    header: str = ""
    column: str = ""

    def __str__(self) -> str:
        return f"“{self.header}”（{self.column}列）{self.what}" if self.header else self.what


@dataclass(frozen=True, slots=True)
class Said:
    """One thing a row says; `dated` false where the sheet names no day and the day of the import has to do."""

    attribute: Target
    period: Period
    value: Value
    header: str
    column: str
    dated: bool = True


@dataclass(slots=True)
class Row:
    """One row and what became of it."""

    sheet: str
    number: int
    status: Status = "accepted"
    reasons: list[Reason] = field(default_factory=list)
    code: str = ""
    name: str = ""
    fields: dict[str, Value] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    period: Period | None = None
    """The row's own period, which its fields are of."""
    cells: list[Any] = field(default_factory=list)
    """The row as it came, kept where it is set aside."""
    enterprise: int | None = None
    """Key of the enterprise, once it is looked up."""

    def reject(self, reason: Reason) -> None:
        """Set the row aside, for one more reason."""
        self.status = "rejected"
        self.reasons.append(reason)

    def ignore(self, why: str) -> None:
        """Leave the row out: it is no data."""
        self.status = "ignored"
        self.reasons = [Reason("不是数据", why)]


@dataclass(frozen=True, slots=True)
class Days:
    """The days a reading depends on: what is in the future, and which day a sheet without any speaks of."""

    today: date
    default: date


class Reader:
    """Reads the rows of one sheet by its plan."""

    def __init__(self, plan: SheetPlan, sheet: Sheet, days: Days, epoch_1904: bool = False) -> None:
        self.plan, self.sheet, self.days, self.epoch_1904 = plan, sheet, days, epoch_1904
        used = [c for c in plan.columns if c.target and c.confidence >= AUTO]
        self.fields = {c.target.code: c for c in used if c.target and c.target.is_field}
        self.attributes = [c for c in used if c.target and not c.target.is_field]
        # What says "since when" is read before what holds since then.
        self.attributes.sort(key=lambda c: bool(c.target and c.target.since))
        self.code, self.name = self.fields.get("code"), self.fields.get("name")
        self._periods: dict[tuple[int, str], Period | None] = {}
        self._fill = self._merged_down()
        self._filling: dict[int, tuple[int, Cell]] = {}

    def read(self, number: int, cells: Sequence[Cell]) -> Row | None:
        """A row of data, or None for a blank line."""
        if not any(not is_blank(cell) for cell in cells):
            return None
        cells = self._filled(number, cells)
        row = Row(self.plan.layout.sheet, number)
        self._identify(row, cells)
        if row.status != "ignored":
            self._own(row, cells)
            self._attributes(row, cells)
        if row.status == "rejected":
            row.cells = [self._kept(number, i, cell) for i, cell in enumerate(cells)]
        return row

    # who

    def _identify(self, row: Row, cells: Sequence[Cell]) -> None:
        text = text_of(self._cell(cells, self.code))
        code = "" if values.is_unknown(text) else tidy_code(text)
        name = text_of(self._cell(cells, self.name))
        row.name = "" if values.is_unknown(name) else tidy_name(name)
        if is_credit_code(code):
            row.code = code
            return
        if why := self._not_data(row.number, cells, code, row.name):
            row.ignore(why)
            return
        broken = self.code and self.sheet.broken.get((row.number, self.code.index))
        if broken:
            row.reject(self._reason("公式", broken, self.code))
        elif code:
            row.reject(self._reason("信用代码有误", wrong_code(text), self.code))
        elif not row.name:
            row.reject(Reason("缺信用代码", "没有统一社会信用代码，也没有企业名称，请补上后再导入"))

    def _not_data(self, number: int, cells: Sequence[Cell], code: str, name: str) -> str:
        """Why a row without a right code is no data: totals, notes, headings; empty where it is data."""
        texts = [text for cell in cells if (text := text_of(cell))]
        plain = [re.sub(r"\s+", "", text) for text in texts[:3]]
        if any(layout.TOTALS.search(text) for text in plain) or layout.TOTALS_BEHIND.search(re.sub(r"\s+", "", name)):
            return "合计行"
        if layout.NOTES.search(plain[0]) and not re.fullmatch(r"[0-9A-Z]{9,20}", code):
            return "表下的说明"
        if self._is_header(cells):
            return "重复的表头"
        if EXAMPLES.search(plain[0]):
            return "示例行"
        if HINTS.search(code) and number < self.plan.layout.first_data + 3:
            return "填写说明"
        if not code and name.startswith("其中"):
            return "合计的一部分"
        if layout.numbering(texts):
            return "栏次"
        company = bool(mapping.COMPANY.search(name))
        if len(texts) == 1 and not company and not _is_number(texts[0]):
            return "分组标题或说明"
        if not code and not name and number > self.plan.last_named:
            return "没有代码和名称，在数据之后，像是合计或说明"
        return ""

    def _is_header(self, cells: Sequence[Cell]) -> bool:
        """Whether the identity cells repeat their own headers (a table printed over several pages)."""
        for column in (self.code, self.name):
            if column is not None:
                text = fold(text_of(self._cell(cells, column)))
                if text and text in {fold(part) for part in (column.header, *column.header.split("/"))}:
                    return True
        return False

    # its own record

    def _own(self, row: Row, cells: Sequence[Cell]) -> None:
        for code, column in self.fields.items():
            if code in ("code", "year", "period"):
                continue
            cell = self._cell(cells, column)
            if is_blank(cell) and (row.number, column.index) not in self.sheet.broken:
                continue
            try:
                value = self._field(row.number, code, column, cell)
            except BadValue as error:
                kind = "行业代码有误" if code == "industry" else "日期有误" if code.endswith("_on") else "文字有误"
                row.reject(self._reason(kind, str(error), column))
                continue
            if value is not None and code != "name":
                row.fields[code] = value
        born, closed = row.fields.get("established_on"), row.fields.get("closed_on")
        if isinstance(born, date) and isinstance(closed, date) and closed < born:
            row.reject(
                self._reason("日期有误", f"注销日期{closed}早于成立日期{born}，请核对", self.fields["closed_on"])
            )

    def _field(self, number: int, code: str, column: Mapped, cell: Cell) -> Value:
        if broken := self.sheet.broken.get((number, column.index)):
            raise BadValue(broken)
        if code in ("established_on", "closed_on"):
            return self._past(values.day(cell, epoch_1904=self.epoch_1904))
        text = _text(cell)
        if text is None:
            return None
        if len(text) > LONGEST.get(code, 300):
            raise BadValue(f"有{len(text)}个字，最多{LONGEST[code]}个，请核对是否填错了列")
        if code == "industry":
            if what := wrong_industry(text):
                raise BadValue(what)
            return tidy_industry(text)
        return tidy_name(text) if code == "former_name" else text

    # what it says

    def _attributes(self, row: Row, cells: Sequence[Cell]) -> None:
        base, wrong = self._row_base(row.number, cells)
        if wrong is not None:
            row.reject(wrong)
        row.period = base[0] if base else None
        dates: dict[str, date] = {}
        for column in self.attributes:
            target = column.target
            assert target is not None
            cell = self._cell(cells, column)
            place = (row.number, column.index)
            if is_blank(cell) and place not in self.sheet.broken:
                continue
            if column.problem:
                if not values.is_unknown(text_of(cell)):
                    row.reject(self._reason("单位不适合", column.problem, column))
                continue
            try:
                if broken := self.sheet.broken.get(place):
                    raise BadValue(broken)
                value = self._value(column, target, cell, place)
            except BadValue as error:
                row.reject(self._reason(_kind(target, str(error)), str(error), column))
                continue
            if isinstance(value, date) and target.type == "date":
                dates[target.code] = value
            if wrong is not None:
                continue
            period, dated = self._period(column, target, value, base, dates)
            if period is None:
                if target.type != "date":
                    row.reject(self._reason("缺期间", _no_period(target), column))
                continue
            if target.quarter is not None and period.kind == "quarter":
                target = target.quarter
            if period.starts > self.days.today:
                row.reject(self._reason("未来的日期", f"说的是{period}，还没有到，请核对期间", column))
                continue
            row.said.append(Said(target, period, value, column.header, column_letter(column.index), dated))

    def _value(self, column: Mapped, target: Target, cell: Cell, place: tuple[int, int]) -> Value:
        match target.type:
            case "number":
                return self._number(column, target, cell, place)
            case "date":
                return self._past(values.day(cell, epoch_1904=self.epoch_1904))
            case "boolean":
                return values.flag(cell)
            case _:
                return _words(target, cell)

    def _number(self, column: Mapped, target: Target, cell: Cell, place: tuple[int, int]) -> Value:
        percent = place in self.sheet.percents
        factor = None if percent and not target.unit else column.factor
        value = values.quantity(cell, target.unit, column.unit, factor)
        if value is None:
            return None
        if not percent and column.index in self.plan.mixed and abs(value) > PLAIN_RATIO and "%" not in text_of(cell):
            raise BadValue(f"“{text_of(cell)}”：{MIXED}")
        if target.unit == "元":
            value = values.money(value)
        elif abs(value) < LARGEST and value != value.quantize(PLACES):
            value = value.quantize(PLACES)
        if target.unit in WHOLE and value != value.to_integral_value():
            raise BadValue(f"“{text_of(cell)}”折合{value.normalize():f}{target.unit}，应为整数，请核对数和单位")
        if not target.allowed.admits(value):
            hint = "，百分数请带上“%”" if target.allowed.high == 1 and value > 1 else ""
            raise BadValue(f"“{text_of(cell)}”{target.allowed.words_for()}，请核对{hint}")
        if abs(value) >= LARGEST:
            raise BadValue(f"“{text_of(cell)}”过大，请核对单位")
        return value.to_integral_value() if target.unit in WHOLE else value

    def _past(self, day: date | None) -> date | None:
        if day is not None and day > self.days.today:
            raise BadValue(f"日期“{day}”在未来（今天是{self.days.today}），请核对年份")
        if day is not None and day.year < 1900:
            raise BadValue(f"日期“{day}”过早，请核对年份")
        return day

    # when

    def _row_base(self, number: int, cells: Sequence[Cell]) -> tuple[tuple[Period, ...], Reason | None]:
        """The periods the row may be about: its own year and period cells go before what the sheet says."""
        year, period = self.fields.get("year"), self.fields.get("period")
        said: Period | None = None
        for column in (year, period):
            cell = self._cell(cells, column)
            text = text_of(cell)
            if column is None or is_blank(cell) or values.is_unknown(text):
                continue
            found = _spoken_period(cell, text, said or (self.plan.base[0] if self.plan.base else None), column is year)
            if found is None:
                example = "2023" if column is year else "2023-09 或 2023年三季度"
                what = f"“{text}”不是{'年度' if column is year else '期间'}，请写成 {example} 的样子"
                return (), self._reason("期间有误", what, column)
            said = found
        return ((said,) if said is not None else self.plan.base), None

    def _period(
        self, column: Mapped, target: Target, value: Value, base: tuple[Period, ...], dates: dict[str, date]
    ) -> tuple[Period | None, bool]:
        """The period a value is of, and whether anything said so."""
        if target.type == "date":
            return (Period.day(value), True) if isinstance(value, date) else (None, True)
        if target.since in dates:
            return Period.day(dates[target.since]), True
        key = (column.index, base[0].text if base else "")
        if key not in self._periods:
            self._periods[key] = _column_period(column, target, base, self.days)
        found = self._periods[key]
        if found is None and target.period == "day":
            return Period.day(self.days.default), False
        return found, True

    # cells

    def _cell(self, cells: Sequence[Cell], column: Mapped | None) -> Cell:
        return cells[column.index] if column is not None and column.index < len(cells) else None

    def _reason(self, kind: str, what: str, column: Mapped | None) -> Reason:
        if column is None:
            return Reason(kind, what)
        header = column.header
        if column.target and column.target.name not in header and not column.problem:
            header = f"{header}·{column.target.name}"
        return Reason(kind, what, header, column_letter(column.index))

    def _kept(self, number: int, index: int, cell: Cell) -> Any:
        """A cell as JSON keeps it; one shown as a percentage keeps its sign."""
        if (number, index) in self.sheet.percents and isinstance(cell, int | float) and not isinstance(cell, bool):
            return f"{values.decimal_of(cell) * 100:f}%"
        return _plain(cell)

    def _merged_down(self) -> dict[tuple[int, int], int]:
        """Where a merged cell of an identity or period column starts: (row, column) to its last row."""
        columns = {c.index for c in self.fields.values()}
        return {
            (m.top, i): m.bottom
            for m in self.sheet.merges
            if m.bottom > m.top and m.top >= self.plan.layout.first_data
            for i in range(m.left, m.right + 1)
            if i in columns
        }

    def _filled(self, number: int, cells: Sequence[Cell]) -> Sequence[Cell]:
        """The row with the values of cells merged over several rows."""
        if not self._fill:
            return cells
        made = list(cells)
        for index in {c.index for c in self.fields.values()}:
            if index >= len(made):
                continue
            if (end := self._fill.get((number, index))) is not None:
                self._filling[index] = (end, made[index])
            elif index in self._filling:
                end, value = self._filling[index]
                if number <= end and is_blank(made[index]):
                    made[index] = value
        return made


def _is_number(text: str) -> bool:
    try:
        return values.number(text) is not None
    except BadValue:
        return False


def _text(cell: Cell) -> str | None:
    text = values.words(cell)
    if text is not None and text.startswith("=") and len(text) > 1:
        raise BadValue(f"“{text[:40]}”是没有结果的公式，请在表格软件里复制后“粘贴为数值”")
    return text


def _words(target: Target, cell: Cell) -> str | None:
    plain = text_of(cell)
    for word in target.allowed.words:
        if fold(word) == fold(plain):
            return word
    text = _text(cell)
    if text is None:
        return None
    if len(text) > 300:
        raise BadValue(f"有{len(text)}个字，最多300个，请核对是否填错了列")
    if not target.allowed.admits(text):
        raise BadValue(f"“{text[:40]}”{target.allowed.words_for()}，请核对")
    return text


def _kind(target: Target, what: str) -> str:
    if "公式" in what:
        return "公式"
    if "在未来" in what:
        return "未来的日期"
    if target.type == "date" or "日期" in what:
        return "日期有误"
    if "单位" in what or "外币" in what:
        return "单位不适合"
    if target.allowed.text and target.allowed.words_for() in what:
        return "超出允许的范围"
    return {"number": "不是数", "boolean": "不是是或否"}.get(target.type, "文字有误")


def _no_period(target: Target) -> str:
    what = {"quarter": "哪一季", "month": "哪一月"}.get(target.period, "哪一年")
    return f"看不出是{what}的数，请在表头或标题写明（如“2023年{target.name}”），或在对应列时填上期间"


def _spoken_period(cell: Cell, text: str, base: Period | None, year_only: bool) -> Period | None:
    """The period a cell names: 2022, “2022年三季度”, 202209, or a part of the base's year (9月, 一季度)."""
    try:
        if isinstance(cell, date | datetime):
            return Period.year(cell.year) if year_only else Period.month(cell.year, cell.month)
        if (found := re.fullmatch(r"(\d{4})(\d{2})", text)) and 1 <= int(found[2]) <= 12:
            return Period.month(int(found[1]), int(found[2]))
        if found := re.fullmatch(r"([1-9]|1[0-2])", text):
            return Period.month(base.starts.year, int(found[1])) if base is not None and not year_only else None
    except BadPeriod:
        return None
    if (spoken := periods.find(text)) and len(spoken[1]) <= 2:
        return spoken[0]
    said = read(text)
    if said.span is not None and base is not None and len(said.name) <= 1:
        return said.span.of(base)
    return None


def _column_period(column: Mapped, target: Target, base: Iterable[Period], days: Days) -> Period | None:
    """A column's period: what its header says, in the row's or sheet's year where it names only a part of one."""
    if column.period is not None:
        return _fit(column.period, target, days, explicit=True)
    for candidate in base:
        period = candidate
        if column.span is not None:
            if candidate.starts.year != candidate.ends.year:
                continue
            period = column.span.of(candidate)
        if found := _fit(period, target, days, explicit=column.span is not None):
            return found
    return None


def _fit(period: Period, target: Target, days: Days, *, explicit: bool) -> Period | None:
    """A period in the form its attribute has; None where it can't be brought there."""
    ends_month = (period.ends.month, period.ends.day) in _MONTH_ENDS
    if target.period == "day":
        return Period.day(min(period.ends, max(days.default, period.starts)))
    if target.period == "quarter":
        whole = period.kind == "quarter" or (period.kind in ("month", "day", "range") and ends_month)
        return (
            Period.quarter(period.ends.year, period.ends.month // 3) if whole and period.ends.month % 3 == 0 else None
        )
    if target.period == "month":
        return period if period.kind == "month" else None
    if period.kind == "day":
        if not ends_month or (not explicit and period.ends.month != 12):
            return None
        return (
            Period.year(period.ends.year)
            if period.ends.month == 12
            else Period.month(period.ends.year, period.ends.month)
        )
    if period.starts.year != period.ends.year and not explicit:
        return None
    return period


_MONTH_ENDS = {(m, d) for m, ds in {1: (31,), 2: (28, 29), 3: (31,), 4: (30,), 5: (31,), 6: (30,), 7: (31,), 8: (31,), 9: (30,), 10: (31,), 11: (30,), 12: (31,)}.items() for d in ds}  # fmt: skip


def _plain(cell: Cell) -> Any:
    """A cell as JSON keeps it."""
    if cell is None or isinstance(cell, str | bool | int):
        return cell
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < 1e15 else cell
    return text_of(cell)
