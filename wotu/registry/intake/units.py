"""Units that sheets write, as exact factors to the one unit an attribute has."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from fractions import Fraction

MULTIPLIERS: dict[str, Fraction] = {
    "": Fraction(1),
    "百": Fraction(100),
    "千": Fraction(1000),
    "万": Fraction(10**4),
    "十万": Fraction(10**5),
    "百万": Fraction(10**6),
    "千万": Fraction(10**7),
    "亿": Fraction(10**8),
    "万亿": Fraction(10**12),
}
HUNDREDTH = Fraction(1, 100)
BASES: dict[str, dict[str, Fraction]] = {
    "元": {"元": Fraction(1), "元人民币": Fraction(1), "人民币元": Fraction(1), "人民币": Fraction(1), "块": Fraction(1), "角": Fraction(1, 10), "RMB": Fraction(1), "CNY": Fraction(1)},
    "人": {"人": Fraction(1), "名": Fraction(1), "人次": Fraction(1), "位": Fraction(1), "个": Fraction(1)},
    "件": {"件": Fraction(1), "项": Fraction(1), "个": Fraction(1), "条": Fraction(1), "篇": Fraction(1), "件数": Fraction(1)},
    "项": {"项": Fraction(1), "件": Fraction(1), "个": Fraction(1)},
    "名": {"名": Fraction(1), "位": Fraction(1)},
    "分": {"分": Fraction(1)},
    "年": {"年": Fraction(1), "个年度": Fraction(1)},
    "吨": {"吨": Fraction(1), "t": Fraction(1), "千克": Fraction(1, 1000), "公斤": Fraction(1, 1000), "kg": Fraction(1, 1000), "立方米": Fraction(1), "m3": Fraction(1), "方": Fraction(1)},
    "吨标准煤": {"吨标准煤": Fraction(1), "吨标煤": Fraction(1), "tce": Fraction(1)},
    "千瓦时": {"千瓦时": Fraction(1), "度": Fraction(1), "kwh": Fraction(1), "kw·h": Fraction(1), "兆瓦时": Fraction(1000), "mwh": Fraction(1000)},
    "平方米": {"平方米": Fraction(1), "平米": Fraction(1), "平方": Fraction(1), "m2": Fraction(1), "亩": Fraction(2000, 3), "公顷": Fraction(10**4), "平方公里": Fraction(10**6), "平方千米": Fraction(10**6)},
    "": {"%": HUNDREDTH, "百分比": HUNDREDTH, "百分数": HUNDREDTH, "百分点": HUNDREDTH, "个百分点": HUNDREDTH, "‰": Fraction(1, 1000), "小数": Fraction(1), "倍": Fraction(1)},
}  # fmt: skip
"""For each attribute unit the names a sheet may use for it; “万” and its like may stand before any of them."""

FOREIGN = ("美元", "欧元", "日元", "港元", "港币", "英镑", "韩元", "USD", "EUR", "JPY", "HKD")
_FOREIGN = re.compile(rf"[百千万亿]{{0,2}}(?:{'|'.join(FOREIGN)})", re.IGNORECASE)
_lower = {base: {name.lower(): factor for name, factor in names.items()} for base, names in BASES.items()}
_all_names = sorted({name for names in _lower.values() for name in names}, key=len, reverse=True)


def clean(text: str) -> str:
    """A unit's text as the tables write it: full-width and compatibility forms folded, no spaces or brackets.

    >>> clean("（ 万元 ）"), clean("％"), clean("㎡")
    ('万元', '%', 'm2')
    """
    plain = unicodedata.normalize("NFKC", text).replace("²", "2").replace("³", "3")
    plain = re.sub(r"[\s()\[\]【】{}]", "", plain)
    return re.sub(r"^(?:计量)?(?:金额)?单位[::]?", "", plain).lower()


def factor(unit: str, base: str) -> Fraction | None:
    """How many of `base` one `unit` is; None where the unit does not fit.

    >>> factor("万元", "元"), factor("%", ""), factor("亩", "平方米"), factor("万元", "人")
    (Fraction(10000, 1), Fraction(1, 100), Fraction(2000, 3), None)
    """
    plain = clean(unit)
    if base == "元":
        plain = re.sub(r"^(?:rmb|cny|[¥￥])[::]?(?=.)|[,,/]?(?:rmb|cny)$", "", plain) or plain
    names = _lower.get(base, {base: Fraction(1)})
    for prefix in sorted(MULTIPLIERS, key=len, reverse=True):
        if plain.startswith(prefix):
            rest = plain[len(prefix) :]
            if rest in names and not (prefix and base == ""):
                return MULTIPLIERS[prefix] * names[rest]
            if prefix and not rest and base == "元":
                return MULTIPLIERS[prefix]
            if prefix and base == "元" and rest.startswith("人民币") and rest[3:] == "元":
                return MULTIPLIERS[prefix]
    if base == "元" and (found := re.fullmatch(r"人民币\(?(.*?)\)?", plain)) and found[1]:
        return factor(found[1], base)
    return None


def is_unit(text: str) -> bool:
    """Whether a text is nothing but a unit that some attribute may have, or a foreign currency."""
    plain = clean(text)
    if not plain or plain in ("年", "方", "位", "名", "平方", "倍"):
        return False
    return _FOREIGN.fullmatch(plain) is not None or any(factor(plain, base) is not None for base in BASES)


def split_note(text: str) -> tuple[str, ...]:
    """The units a note names: “单位：万元、人” gives 万元 and 人; nothing where the text is no such note.

    >>> split_note("单位：万元、人"), split_note("金额单位:千元"), split_note("填报单位：高新区经发局")
    (('万元', '人'), ('千元',), ())
    """
    plain = unicodedata.normalize("NFKC", text)
    units: list[str] = []
    for found in re.finditer(r"(?:计量|金额|货币|数据)?单位\s*(?:均)?[为::]\s*([^。;\n]+)", plain):
        if plain[: found.start()].rstrip().endswith(("填报", "报送", "编制", "主管", "填表", "制表", "上报", "责任")):
            continue
        for part in re.split(r"[、,，/;；\s()]+", found[1]):
            if is_unit(part):
                units.append(part)
    return tuple(dict.fromkeys(units))


def exact(value: Decimal, by: Fraction) -> Decimal:
    """A decimal times a factor; exact unless the factor is no finite decimal (亩)."""
    if by.denominator == 1:
        return value * by.numerator
    return value * by.numerator / by.denominator
