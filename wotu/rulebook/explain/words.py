"""Values, units and thresholds in words, in Chinese and English. Rounding never hides that a threshold is missed."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_HALF_UP, Context, Decimal
from typing import Any

from wotu.rulebook.feel import text_of
from wotu.rulebook.feel.unknown import Choices, Interval, Unknown
from wotu.rulebook.feel.values import Date, DaysDuration, FeelError

RATIO = "比率"
MONEY = "元"
DAY = 86_400 * 1_000_000_000
HUNDRED = Decimal(100)
WIDE = Context(prec=100)
ENDLESS = Decimal("1E+30")
"""An end of an interval beyond this says nothing to people."""

UNITS_EN = {"元": "yuan", "人": "people", "项": "items", "年": "years", "分": "points", "名": "", "天": "days"}

COUNTED = ("人", "名", "项", "件", "家", "个", "平方米", "天")
"""Units of things counted: their numbers are read with a comma at the thousands."""

ONE_EN = {"people": "person", "items": "item", "years": "year", "points": "point", "days": "day"}

OPERATORS = {
    "zh": {">=": "不低于 {}", ">": "高于 {}", "<=": "不高于 {}", "<": "低于 {}", "=": "等于 {}", "!=": "不等于 {}"},
    "en": {
        ">=": "at least {}",
        ">": "more than {}",
        "<=": "at most {}",
        "<": "less than {}",
        "=": "{}",
        "!=": "not {}",
    },
}

TEXTS = {
    "zh": {
        "true": "是", "false": "否", "unknown": "未知", "null": "不存在", "must": "须", "must be": "须为 {}", "because": "{}（{}）", "met": "符合", "not met": "不符合",
        "of": "{}占{}", "between": "{} 至 {}", "one of": "须为 {} 之一", "or": "或", "sum": "{}合计", "apart": "{}距{}",
        "short": "差 {}", "over": "超出 {}", "points": "{} 个百分点", "point": "{} 个百分点",
        "no ratio": "{}为 0，比例不存在", "missing": "缺 {}", "possible": "可能在 {} 之间", "not": "不得有：{}",
        "all": "须全部满足", "any": "满足其一即可", "sep": "、", "comma": "，", "stop": "。", "change": "{}由 {} 改为 {}", "supply": "{}须为 {}",
        "eligible": "{}：符合。", "ineligible": "{}：不符合，未满足：{}。", "near": "{}：差一项，{}。", "undecided": "{}：未知，还须知道：{}。",
        "no verdict": "{}：{}。", "nothing": "未知", "by hand": "{}：未知，须人工判断：{}。",
        "beyond": "以上", "and": "；", "no inputs": "没有缺的输入",
        "colon": "：", "row used": "现值　", "row needs": "要求　", "row case": "判断　", "row distance": "差距　", "row lacks": "还缺　",
        "row note": "说明　", "row source": "出处　", "still unknown": "还不知道：", "settles it": "（知道它就有结论）",
        "how": "怎样才能符合（每个办法都已重新判断过）：", "no way": "没有找到只改数值就能符合的办法。",
        "how to": "怎样才能达到 {}（每个办法都已重新判断过）：", "no way to": "没有找到只改数值就能达到 {} 的办法。", "reached": "{} 已经达到。", "now": "{}：现在 {}。",
        "as of": "按 {} 施行的版本：{}（{}）",
        "has no value": "{}没有值", "came to null": "{}的结果是 null", "table of": "{}的判定表", "row says null": "命中的第 {} 行的结果是 null",
        "no row": "没有一行符合：{}", "no row without": "没有一行符合：{} 没有值", "says null": "规则写的就是 null", "no reason": "其中没有出错，结果就是 null",
        "row table": "判定表（{}）　", "rows hit": "命中第 {} 行", "rows maybe": "可能命中第 {} 行", "rows none": "没有一行命中", "rows rest": "其余 {} 行没有命中",
        "row number": "第 {} 行", "entry fails": "{} {}，不合 {}", "entry open": "{} {}，要看是否合 {}", "otherwise": "前面的行都不命中时用这一行", "row null": "为何 null　", "place": "（第 {} 行第 {} 列）",
    },
    "en": {
        "true": "yes", "false": "no", "unknown": "not known", "null": "does not exist", "must": "must be ", "must be": "must be {}", "because": "{} ({})", "met": "met", "not met": "not met",
        "of": "{} / {}", "between": "{} to {}", "one of": "must be one of {}", "or": "or", "sum": "{} in all", "apart": "{} since {}",
        "short": "short by {}", "over": "over by {}", "points": "{} percentage points", "point": "{} percentage point",
        "no ratio": "{} is 0, so the ratio does not exist", "missing": "missing {}", "possible": "possibly {}", "not": "must not hold: {}",
        "all": "all of these", "any": "any of these", "sep": ", ", "comma": ", ", "stop": ".", "change": "{}: from {} to {}", "supply": "{}: {}",
        "eligible": "{}: eligible.", "ineligible": "{}: not eligible; not met: {}.", "near": "{}: one condition short: {}.", "undecided": "{}: not known; still needed: {}.",
        "no verdict": "{}: {}.", "nothing": "not known", "by hand": "{}: not known, to be judged by hand: {}.",
        "beyond": " and a little", "and": "; ", "no inputs": "no input is missing",
        "colon": ": ", "row used": "values   ", "row needs": "needed   ", "row case": "finding  ", "row distance": "distance ", "row lacks": "missing  ",
        "row note": "note     ", "row source": "source   ", "still unknown": "Not known yet:", "settles it": " (knowing it settles the answer)",
        "how": "What would make it eligible (each way has been tried):", "no way": "No change of values found that would make it eligible.",
        "how to": "What would reach {} (each way has been tried):", "no way to": "No change of values found that would reach {}.", "reached": "{} is reached already.", "now": "{}: now {}.",
        "as of": "edition in force on {}: {} ({})",
        "has no value": "{} has no value", "came to null": "{} came to null", "table of": "table of {}", "row says null": "the result of rule {}, which matched, is null",
        "no row": "no rule matches: {}", "no row without": "no rule matches: {} has no value", "says null": "the rule says null", "no reason": "nothing failed in it; null is its result",
        "row table": "table ({})  ", "rows hit": "rule {} matched", "rows maybe": "rule {} may match", "rows none": "no rule matched", "rows rest": "{} other rules did not match",
        "row number": "rule {}", "entry fails": "{} {} does not fit {}", "entry open": "{} {} may fit {}", "otherwise": "used when no rule above it matches", "row null": "why null ", "place": " (line {}, column {})",
    },
}  # fmt: skip


EVIDENCE = {
    "zh": {"found": "公开转述", "recalled": "待核", "checked": "已核对"},
    "en": {
        "found": "as restated in public sources",
        "recalled": "to be checked",
        "checked": "checked against the text",
    },
}
"""How sure it is that a clause says what its text says."""


def evidence_words(evidence: str, lang: str) -> str:
    """公开转述, 待核 or 已核对; the word as it stands when it is none of the three."""
    return EVIDENCE[lang].get(evidence, evidence)


def citation_words(citation: Any) -> str:
    """《办法》（文号）第十一条: a clause's source as people cite it."""
    document = f"《{citation.document}》" if citation.document else ""
    return f"{document}{f'（{citation.number}）' if citation.number else ''}{citation.article}"


def say(lang: str, key: str, *parts: str) -> str:
    """A fixed phrase in the language."""
    return TEXTS[lang][key].format(*parts)


def plain(value: Decimal) -> str:
    """A decimal without exponent or trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def rounded(value: Decimal, places: int, apart_from: Decimal | None = None, most: int = 8) -> str:
    """To so many places, more where rounding would make it equal to what it must be told apart from; with thousands' commas."""
    for digits in range(places, most + 1):
        text = _cut(value, digits, ROUND_HALF_UP)
        if (
            apart_from is None
            or value == apart_from
            or (text != apart_from and (text < apart_from) == (value < apart_from))
        ):
            return plain(text)
    return plain(value)


def exactly(value: Any, unit: str | None, lang: str) -> str:
    """A value without any rounding: what somebody is told to change something to."""
    if not isinstance(value, Decimal):
        return show_value(value, unit, lang)
    if unit == MONEY and lang != "zh":
        return f"{value:,f} yuan"
    return amount(value, unit, lang, exact=True)


def amount(
    value: Decimal, unit: str | None, lang: str, apart_from: Decimal | None = None, *, exact: bool = False
) -> str:
    """A number with its unit: 万元 and 亿元 for money, % for ratios."""

    def text(scale: Decimal, places: int, most: int = 8) -> str:
        scaled = WIDE.divide(value, scale)
        if exact:
            return plain(scaled)
        return rounded(scaled, places, None if apart_from is None else WIDE.divide(apart_from, scale), most)

    if unit == RATIO:
        return text(1 / HUNDRED, 1) + "%"
    if unit == MONEY and lang == "zh":
        for size, name in ((Decimal(10) ** 8, "亿元"), (Decimal(10) ** 4, "万元")):
            if abs(value) >= size:
                return f"{text(size, 2, 12)} {name}"
        return f"{text(Decimal(1), 2)} 元"
    if unit == MONEY:
        return f"{value:,.2f}".removesuffix(".00") + " yuan"
    shown = text(Decimal(1), 2)
    name = (unit or "") if lang == "zh" else UNITS_EN.get(unit or "", unit or "")
    if lang != "zh" and shown == "1":
        name = ONE_EN.get(name, name)
    return f"{grouped(shown) if unit in COUNTED else shown} {name}".rstrip()


def grouped(number: str) -> str:
    """6129 as 6,129."""
    whole, point, rest = number.partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{int(digits):,}{point}{rest}" if digits.isascii() and digits.isdigit() else number


def at_least(value: Decimal, places: int) -> Decimal:
    """Rounded up: a gap is never said smaller than it is."""
    return _cut(value, places, ROUND_CEILING)


def _cut(value: Decimal, places: int, rounding: str) -> Decimal:
    """To so many places; numbers too large to have any stay as they are."""
    return value if value.adjusted() > 60 else value.quantize(Decimal(1).scaleb(-places), rounding, WIDE)


def gap(value: Decimal, unit: str | None, lang: str) -> str:
    """A gap with its unit; percentage points for ratios; rounded up, so what is said is enough."""
    if unit == RATIO:
        points = value * HUNDRED
        places = next((n for n in (1, 2, 3, 4, 6) if _cut(points, n, ROUND_CEILING) == points), 2)
        shown = plain(at_least(points, places))
        return say(lang, "point" if shown == "1" else "points", shown)
    if unit == MONEY and lang == "zh":
        for size, name in ((Decimal(10) ** 8, "亿元"), (Decimal(10) ** 4, "万元")):
            if value >= size:
                return f"{plain(at_least(value / size, 2))} {name}"
    return amount(at_least(value, 2), unit, lang)


def days(value: DaysDuration) -> Decimal:
    """A duration as days."""
    return Decimal(value.nanos) / DAY


def number_of(value: Any) -> Decimal | None:
    """A number, or a duration as its days; None for anything else."""
    if isinstance(value, Decimal):
        return value
    return days(value) if isinstance(value, DaysDuration) else None


def show_value(value: Any, unit: str | None, lang: str, apart_from: Any = None) -> str:
    """Any value as people read it; unknown and null are said, never blank."""
    if value is True or value is False:
        return say(lang, "true" if value else "false")
    if value is None:
        return say(lang, "null")
    if isinstance(value, Unknown):
        return possible(value, unit, lang)
    number = number_of(value)
    if number is not None:
        other = number_of(apart_from)
        return amount(number, "天" if isinstance(value, DaysDuration) else unit, lang, other)
    if isinstance(value, Date):
        return f"{value.year:04d}-{value.month:02d}-{value.day:02d}"
    return value if isinstance(value, str) else _text(value)


def _text(value: Any) -> str:
    try:
        return text_of(value)
    except FeelError:
        return "…"


def possible(value: Unknown, unit: str | None, lang: str) -> str:
    """未知, with the range where both ends are known."""
    low = high = None
    if isinstance(value.possible, Interval):
        low, high = number_of(value.possible.low), number_of(value.possible.high)
    elif isinstance(value.possible, Choices):
        numbers = [number_of(choice) for choice in value.possible.values]
        known = [number for number in numbers if number is not None]
        if known and len(known) == len(numbers):
            low, high = min(known), max(known)
    text = say(lang, "unknown")
    if low is None or high is None or max(abs(low), abs(high)) > ENDLESS:
        return text
    span = say(lang, "between", amount(low, unit, lang), amount(high, unit, lang))
    return f"{text}（{say(lang, 'possible', span)}）" if lang == "zh" else f"{text} ({say(lang, 'possible', span)})"


def needed(operator: str, threshold: Any, unit: str | None, lang: str) -> str:
    """不低于 5%"""
    return OPERATORS[lang][operator].format(show_value(threshold, unit, lang))


def listed(items: Any, lang: str) -> str:
    """a、b、c"""
    return TEXTS[lang]["sep"].join(items)
