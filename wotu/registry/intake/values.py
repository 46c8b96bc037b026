"""Cells as people write them, read into decimals, dates, flags and texts; unknown stays unknown, doubt is said."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction

from wotu.registry.intake import units

Cell = str | int | float | bool | date | datetime | time | timedelta | None

UNKNOWN_WORDS = frozenset(
    [
        "-",
        "--",
        "---",
        "—",
        "——",
        "———",
        "–",
        "/",
        "//",
        "\\",
        "／",
        "无",
        "没有",
        "不详",
        "未知",
        "暂无",
        "未填",
        "未报",
        "未提供",
        "未统计",
        "未填报",
        "无数据",
        "待补",
        "待定",
        "待填",
        "待核实",
        "保密",
        "不适用",
        "不涉及",
        "空",
        "缺",
        "n/a",
        "na",
        "#n/a",
        "null",
        "none",
        "nil",
        "nan",
        "?",
        "??",
        "…",
        "...",
        "*",
        "**",
        "***",
        "x",
        "xx",
        "〃",
        "——",
        "―",
    ]
)
"""What a source writes where it does not know (compared in lower case, folded)."""
DIGITS = {"零": 0, "〇": 0, "○": 0, "一": 1, "壹": 1, "二": 2, "贰": 2, "貳": 2, "两": 2, "兩": 2, "三": 3, "叁": 3, "參": 3, "四": 4, "肆": 4, "五": 5, "伍": 5, "六": 6, "陆": 6, "陸": 6, "七": 7, "柒": 7, "八": 8, "捌": 8, "九": 9, "玖": 9}  # fmt: skip
SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
LARGE = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
YES = frozenset(
    ["是", "有", "√", "✓", "✔", "y", "yes", "true", "1", "对", "属于", "符合", "已", "已建", "具备", "拥有", "有效"]
)
NO = frozenset(
    [
        "否",
        "无",
        "×",
        "✗",
        "✘",
        "n",
        "no",
        "false",
        "0",
        "不",
        "没有",
        "不是",
        "不属于",
        "不符合",
        "未",
        "未建",
        "不具备",
        "无效",
        "x",
    ]
)
APPROXIMATE = re.compile(r"^(?:约|大约|近|超|超过|逾|不足|不到|至少|>|<|≥|≤|~|≈)|(?:余|多|左右|以上|以下|上下|\+|强)$")
EPOCH_1900, EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
DAY_NUMBERS = range(15_000, 75_000)
"""Day numbers read as dates: 1941 to 2105."""
CENT = Decimal("0.01")


class BadValue(ValueError):
    """A cell that does not say what its column needs; the message says what it says and what to write."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number read from a cell, the unit written behind it, if any, and whether it was a bare percentage."""

    value: Decimal
    unit: str = ""


def text_of(cell: Cell) -> str:
    """A cell as folded text: full-width forms made plain, outer spaces gone; a whole float without “.0”.

    >>> text_of("１３，０００．５　"), text_of(45.0), text_of(None)
    ('13,000.5', '45', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    if not isinstance(cell, str):
        return str(cell)
    plain = unicodedata.normalize("NFKC", cell).replace("\u200b", "").replace("\ufeff", "").strip()
    if plain.startswith('="') and plain.endswith('"'):
        plain = plain[2:-1]
    return plain.lstrip("'‘’`").strip() if plain[:1] in "'‘’`" else plain


def is_blank(cell: Cell) -> bool:
    """Whether a cell holds nothing at all."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def is_unknown(text: str) -> bool:
    """Whether a folded text is a mark for “we don't know”."""
    return text.lower() in UNKNOWN_WORDS or (bool(text) and not text.strip("-—–―_ "))


def decimal_of(number: float | int) -> Decimal:
    """A spreadsheet's binary float as the 15 digits it shows."""
    return Decimal(number) if isinstance(number, int) else Decimal(f"{number:.15g}")


def number(cell: Cell) -> Number | None:
    """Read a number; None is unknown or blank. Raises `BadValue`.

    >>> number("12,345.60"), number("1.2亿").value, number("二百").value, number("（3.5）").value
    (Number(value=Decimal('12345.60'), unit=''), Decimal('120000000.0'), Decimal('200'), Decimal('-3.5'))
    >>> number("48.2％"), number("—"), number("10人")
    (Number(value=Decimal('48.2'), unit='%'), None, Number(value=Decimal('10'), unit='人'))
    """
    if isinstance(cell, bool):
        raise BadValue(f"“{text_of(cell)}”不是数，请填数字")
    if isinstance(cell, int | float):
        if isinstance(cell, float) and cell != cell:
            return None
        return Number(decimal_of(cell))
    if isinstance(cell, date | datetime | time | timedelta):
        raise BadValue(f"“{text_of(cell)}”被存成了日期，请把单元格改为数值格式后重填")
    text = text_of(cell)
    if not text or is_unknown(text):
        return None
    if text[0] == "=":
        raise BadValue(f"“{text[:40]}”是没有结果的公式，请在表格软件里复制后“粘贴为数值”")
    plain = re.sub(r"\s+", "", text)
    plain = re.sub(r"^(?:人民币|RMB|CNY|[¥￥])[::]?", "", plain, flags=re.IGNORECASE)
    plain = plain.replace("−", "-").replace("–", "-")
    if plain[:1] in ("$", "€", "£") or any(name in plain for name in units.FOREIGN):
        raise BadValue(f"“{text}”是外币，请折成人民币后填写")
    if not plain:
        raise BadValue(f"“{text}”里没有数，请填数字")
    if found := re.fullmatch(r"百分之(.+)", plain):
        plain = f"{_amount(found[1], text)[0]}%"
    if APPROXIMATE.search(plain):
        raise BadValue(f"“{text}”不是准确数，请填准确的数")
    negative = False
    if (found := re.fullmatch(r"\((.+)\)", plain)) and re.match(r"[\d.]", found[1]):
        negative, plain = True, found[1]
    if plain[:1] in "+-":
        negative, plain = negative != (plain[0] == "-"), plain[1:]
    elif plain[:1] == "负":
        negative, plain = True, plain[1:]
    plain = plain.removesuffix("整").removesuffix("正")
    value, unit = _amount(plain, text)
    return Number(-value if negative else value, unit)


def _amount(plain: str, text: str) -> tuple[Decimal, str]:
    """An unsigned amount and the unit behind it."""
    total, rest, seen = Decimal(0), plain, False
    while found := re.match(r"(\d[\d,]*(?:\.\d+)?|\.\d+)(?:[eE]([+-]?\d{1,2}))?", rest):
        digits = found[1]
        if "," in digits and not re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits):
            raise BadValue(f"“{text}”的千分位逗号位置不对，请写成 12,345.67 的样子")
        part = Decimal(digits.replace(",", ""))
        if found[2]:
            part = part.scaleb(int(found[2]))
        rest = rest[found.end() :]
        scale = re.match(r"[十百千万亿]+(?!分|标)", rest)
        if scale and not (rest[: scale.end()] == "千" and rest[scale.end() : scale.end() + 1] in ("克", "瓦", "米")):
            part *= _scale(scale[0])
            rest = rest[scale.end() :]
        elif seen:
            raise BadValue(f"“{text}”看不懂，请填一个数")
        total, seen = total + part, True
        if not scale:
            break
    if seen:
        if rest and not _is_suffix(rest):
            raise BadValue(f"“{text}”不是一个数，请只填数字")
        return total, rest
    spoken = re.match(r"[零〇○一二两三四五六七八九十百千万亿壹贰貳叁參肆伍陆陸柒捌玖拾佰仟萬億兩点]+", rest)
    if spoken and (_is_suffix(rest[spoken.end() :]) or not rest[spoken.end() :]):
        return _spoken(spoken[0], text), rest[spoken.end() :]
    raise BadValue(f"“{text}”不是数，请填数字")


def _scale(word: str) -> int:
    value = 1
    for character in word:
        value *= LARGE.get(character) or SMALL[character]
    return value


def _is_suffix(rest: str) -> bool:
    return units.is_unit(rest) or rest in ("年", "名", "位", "方", "平方", "圆", "倍")


def _spoken(word: str, text: str) -> Decimal:
    """A number in Chinese characters, small, capital or digit by digit: 二百, 壹佰贰拾万, 一二三, 三点五万."""
    whole, _, fraction = word.partition("点")
    tail = ""
    if fraction and (found := re.search(r"[十百千万亿拾佰仟萬億]+$", fraction)):
        fraction, tail = fraction[: found.start()], found[0]
    if fraction and not all(character in DIGITS for character in fraction):
        raise BadValue(f"“{text}”看不懂，请用阿拉伯数字填写")
    if whole and all(character in DIGITS for character in whole) and len(whole) > 1:
        value = Decimal("".join(str(DIGITS[character]) for character in whole))
    else:
        value = Decimal(_chinese(whole, text)) if whole else Decimal(0)
    if fraction:
        value += Decimal("0." + "".join(str(DIGITS[character]) for character in fraction))
    return value * _scale("".join({"拾": "十", "佰": "百", "仟": "千"}.get(c, c) for c in tail)) if tail else value


def _chinese(word: str, text: str) -> int:
    total = section = digit = 0
    last = 1
    for character in word:
        if character in DIGITS:
            digit, zero = DIGITS[character], DIGITS[character] == 0
            last = 1 if zero else last
        elif character in SMALL:
            section += (digit or (1 if SMALL[character] == 10 or not section else 0)) * SMALL[character]
            last, digit = SMALL[character], 0
        else:
            large = LARGE[character]
            if large == 10**8:
                total = (total + section + digit) * large
            else:
                total += (section + digit) * large
            section, digit, last = 0, 0, large
    if digit and last > 10:
        digit *= last // 10
    value = total + section + digit
    if not value and not any(c in "零〇○" for c in word):
        raise BadValue(f"“{text}”看不懂，请用阿拉伯数字填写")
    return value


def quantity(cell: Cell, base: str, unit: str, factor: Fraction | None) -> Decimal | None:
    """Read a number into an attribute's base unit; a unit in the cell goes before the column's. Raises `BadValue`."""
    read = number(cell)
    if read is None:
        return None
    if read.unit:
        suffix = "元" if read.unit in ("圆", "块") else read.unit
        by = units.factor(suffix, base)
        if by is None:
            wanted = f"“{base}”" if base else "比率（%）"
            raise BadValue(f"“{text_of(cell)}”的单位“{read.unit}”不适合，应为{wanted}")
        return units.exact(read.value, by)
    written = text_of(cell) if isinstance(cell, str) else ""
    if factor is not None and factor != 1 and written and re.search(r"[万亿萬億]|[百千]万", written) and base == "元":
        return read.value
    return read.value if factor is None else units.exact(read.value, factor)


def money(value: Decimal) -> Decimal:
    """An amount in 元 and 分; half a 分 goes up."""
    try:
        return value.quantize(CENT, ROUND_HALF_UP)
    except InvalidOperation:
        raise BadValue(f"“{value}”过大，请核对单位") from None


def day(cell: Cell, *, epoch_1904: bool = False) -> date | None:
    """Read a date, from a date cell, text or a spreadsheet's day number; None is unknown. Raises `BadValue`.

    >>> day("2021年11月30日"), day("2021.11.30"), day(44167), day("20231108"), day("二〇二一年三月五日")
    (datetime.date(2021, 11, 30), datetime.date(2021, 11, 30), datetime.date(2020, 12, 2), datetime.date(2023, 11, 8), datetime.date(2021, 3, 5))
    """
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = text_of(cell)
    if isinstance(cell, bool | time | timedelta):
        raise BadValue(f"“{text}”不是日期，请写成 2024-06-30 的样子")
    if not text or is_unknown(text):
        return None
    if re.fullmatch(r"\d{5}(?:\.\d+)?", text) and int(float(text)) in DAY_NUMBERS:
        return (EPOCH_1904 if epoch_1904 else EPOCH_1900) + timedelta(days=int(float(text)))
    plain = re.sub(r"\s+\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?$|T\d{2}:\d{2}.*$|\s*星期.$|\(.*\)$", "", text).strip()
    if re.search(r"[〇零○一二三四五六七八九十]", plain):
        plain = _spoken_date(plain)
    plain = re.sub(r"\s+", "", plain)
    found = (
        re.fullmatch(r"(\d{4})[-/.年\\_](\d{1,2})[-/.月\\_](\d{1,2})[日号]?", plain)
        or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", plain)
        or re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", plain)
    )
    if found is None:
        if re.fullmatch(r"\d{4}[-/.年](?:\d{1,2}月?)?|\d{6}|\d{4}", plain):
            raise BadValue(f"日期“{text}”不完整，请写到日，如 2024-06-30")
        raise BadValue(f"“{text}”不是日期，请写成 2024-06-30 的样子")
    numbers = [int(group) for group in found.groups()]
    if len(found[1]) < 4:
        if numbers[0] <= 12 and numbers[1] <= 12 and numbers[0] != numbers[1]:
            raise BadValue(f"日期“{text}”分不清月和日，请写成 2024-06-30 的样子")
        first, second, year = numbers
        numbers = [year, first, second] if first <= 12 else [year, second, first]
    try:
        return date(*numbers)
    except ValueError:
        raise BadValue(f"日期“{text}”不存在，请核对月和日") from None


def _spoken_date(text: str) -> str:
    parts = re.fullmatch(
        r"([〇零○一二三四五六七八九\d]{4})年([一二三四五六七八九十\d]+)月([一二三四五六七八九十\d]+)[日号]", text
    )
    if parts is None:
        return text
    year = "".join(str(DIGITS.get(character, character)) for character in parts[1])
    month, dom = (p if p.isdigit() else str(_chinese(p, text)) for p in parts.groups()[1:])
    return f"{year}-{month}-{dom}"


def flag(cell: Cell) -> bool | None:
    """Read 是/否, 有/无, √/×, 1/0; None is unknown. Raises `BadValue`."""
    if isinstance(cell, bool):
        return cell
    text = text_of(cell).lower()
    if text in YES:
        return True
    if text in NO:
        return False
    if not text or is_unknown(text):
        return None
    raise BadValue(f"“{text_of(cell)}”不是“是/否”，请填“是”或“否”")


def words(cell: Cell) -> str | None:
    """Read a text; None is unknown."""
    text = re.sub(r"\s+", " ", text_of(cell))
    return None if not text or is_unknown(text) else text
