"""Numbers as Chinese news writes them: 22,473 · 3.9万 · 两千多 · 三分之一 · 百分之五 · 八成 · 3至5, exact, never guessed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import regex

from wotu.intel.reading.grammar import Unit, grammar, scale

ARABIC = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
CHINESE = r"[一二两三四五六七八九十百千万亿][一二两三四五六七八九十百千万亿零〇]*(?:点[零〇一二三四五六七八九]+)?"
MAGNITUDE = "万亿|千亿|百亿|十亿|亿|千万|百万|十万|万|千|百"
FIGURE = regex.compile(rf"(?P<digits>{ARABIC})(?P<inside>[余多来几])?(?P<scale>{MAGNITUDE})?(?P<inside2>[余多])?")
WORDS = regex.compile(rf"(?P<digits>{CHINESE})(?P<inside>[余多来几])?(?P<scale>{MAGNITUDE})?(?P<inside2>[余多])?")
FRACTION = regex.compile(rf"(?P<whole>百|千|万|{CHINESE}|\d+)分之(?P<part>{ARABIC}|{CHINESE})")
SLASHED = regex.compile(r"(?<![\d/.])([1-9])/([2-9]|10)(?![\d/])")
TENTHS = regex.compile(
    r"(?P<digits>[一二两三四五六七八九]|[1-9])成(?P<half>半)?(?![为立长功就果本员交效都熟绩品分套人不体型因])"
)
HALF = regex.compile(r"(?<![一二三四五六七八九十\d年上下])(?:一半|半数)")
BARE_SCALE = regex.compile(r"[十百千万]?[百千万亿]|万亿")
RANGE = regex.compile(r"[-—–~～至到]")


@dataclass(frozen=True, slots=True)
class Number:
    """A number and where it stops; `bare` when it is only a magnitude (百亿), `chinese` when written in words."""

    value: Decimal
    stop: int
    modifier: str = ""
    scale: str = ""
    bare: bool = False
    chinese: bool = False
    percent: bool = False
    digits: Decimal = Decimal(0)


def number_at(text: str, place: int) -> Number | None:
    """The number that starts at `place`, without its unit.

    >>> number_at("3.9万人", 0)
    Number(value=Decimal('39000.0'), stop=4, modifier='', scale='万', bare=False, chinese=False, percent=False, digits=Decimal('3.9'))
    >>> number_at("两千三百家", 0).value, number_at("百分之十二点五", 0).value, number_at("三分之一", 0).value
    (Decimal('2300'), Decimal('12.5'), Decimal('33.33'))
    """
    if found := FRACTION.match(text, place):
        return _fraction(found)
    if found := SLASHED.match(text, place):
        return _share(Decimal(found[1]), Decimal(found[2]), found.end())
    if found := TENTHS.match(text, place):
        value = _value(found["digits"]) * 10 + (5 if found["half"] else 0)
        return Number(value, found.end(), chinese=True, percent=True)
    if found := HALF.match(text, place):
        return Number(Decimal(50), found.end(), chinese=True, percent=True)
    found = FIGURE.match(text, place)
    chinese = found is None
    found = found or WORDS.match(text, place)
    if found is None:
        return None
    digits, size = found["digits"], found["scale"] or ""
    if chinese and len(digits) > 1 and not regex.search("[十百千万亿点]", digits):
        return None
    stop = found.end()
    if not chinese and size and _unit_from(text, found.start("scale"), size):
        size, stop = "", found.start("scale")
    bare = chinese and not regex.search(r"[一二两三四五六七八九]", digits) and digits != "十"
    try:
        plain = _value(digits)
    except ValueError:
        return None
    inside = found["inside"] or (found["inside2"] if stop == found.end() else "") or ""
    return Number(plain * scale(size), stop, grammar().inside.get(inside, ""), size, bare, chinese, digits=plain)


def unit_at(text: str, place: int) -> Unit | None:
    """The longest unit that starts at `place` and is not the start of another word."""
    for unit in grammar().units.get(text[place : place + 1], ()):
        stop = place + len(unit.word)
        if text.startswith(unit.word, place) and not text.startswith(unit.not_before or ("\0",), stop):
            if unit.only_at_end and regex.match(r"[，。；、)\n]|以上|$", text, pos=stop) is None:
                continue
            return unit
    return None


def _unit_from(text: str, place: int, size: str) -> bool:
    """Whether what looks like a magnitude begins a unit (千瓦, 百分点) instead."""
    unit = unit_at(text, place)
    return unit is not None and len(unit.word) > len(size)


def _value(digits: str) -> Decimal:
    if digits[0].isdigit():
        return Decimal(digits.replace(",", ""))
    import cn2an  # most articles write digits: load it only for numbers in words

    try:
        return Decimal(str(cn2an.cn2an(digits.replace("〇", "零"), "normal")))
    except ValueError:
        if set(digits) <= set("十百千万亿"):
            value = Decimal(1)
            for char in digits:
                value *= scale(char)
            return value
        raise


def _fraction(found: regex.Match[str]) -> Number | None:
    try:
        return _share(_value(found["part"]), _value(found["whole"]), found.end())
    except ValueError:
        return None


def _share(part: Decimal, whole: Decimal, stop: int) -> Number | None:
    if not whole:
        return None
    exact = part * 100 / whole
    value = exact if exact == round(exact, 6) else round(exact, 2)
    return Number(Decimal(format(value.normalize(), "f")), stop, chinese=True, percent=True)
