"""Text to tokens: names that hold digits, times, quantities, words of the lexicon, punctuation, the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

import regex

from wotu.intel.reading import numbers
from wotu.intel.reading.grammar import Indicator, grammar
from wotu.intel.reading.periods import When, when_at

Kind = Literal["word", "quantity", "when", "since", "name", "point", "text"]

TITLE = regex.compile(r"《[^《》\n]{1,60}》|〈[^〈〉\n]{1,40}〉")
NEXT_FIGURE = regex.compile(
    r"(?:了|约|近|超过|超|逾|达|到|至|出|了约|了近|将近)?\s*(?:\d|[一二两三四五六七八九十百千万]+(?:成|倍|番|亿|万|家|个|百|千|亩|多))"
)
AFTER_BOUND = regex.compile(
    r"\d|[十百千万]*[百千万亿]|[一二两三四五六七八九十](?:[十百千万亿家个成倍]|分之)|百分之|半数|一半"
)
POINTS = frozenset("，。；：、！？!?;:()“”‘’\n…—|[]【】·~ ●■◆▲★▪•○◎→|")
TIGHT_ROLES = ("grow", "before")
MODIFIERS_AFTER = regex.compile(
    r"(?:及以上|以上|及以下|以下|之内|以内|左右|上下|有余|之多|余|大关|关口|多(?![种项个家样次元功媒晶]))"
)
DOUBLING = regex.compile(r"翻了?(?P<times>[一两二三四五\d])番(?:以上|多)?|翻了?番|翻了?一?倍")
ROUGH = regex.compile(r"[数几上](?=[十百千万亿])|(?<=[十百千万])几")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit, in base units."""

    value: Decimal
    unit: str
    sort: str
    modifier: str = ""
    upper: Decimal | None = None
    bare: bool = False
    chinese: bool = False
    scale: str = ""
    level: bool = False
    """Followed by 级, as in 百亿级: a size class, not a figure."""


@dataclass(frozen=True, slots=True)
class Token:
    """A stretch of the normal form and what it is."""

    kind: Kind
    start: int
    stop: int
    text: str
    tags: Mapping[str, Any] = field(default_factory=dict)
    quantity: Quantity | None = None
    when: When | None = None
    base: bool = False
    """A time that something is measured against (比2020年), not the time of a figure."""

    def has(self, *tags: str) -> bool:
        return any(tag in self.tags for tag in tags)

    @property
    def indicator(self) -> Indicator | None:
        found = self.tags.get("indicator")
        return found if isinstance(found, Indicator) else None


def tokens(text: str) -> tuple[Token, ...]:
    """All tokens of a normal form, in order, nothing left out."""
    found: list[Token] = []
    place = 0
    while place < len(text):
        token = _token_at(text, place)
        if token is None:
            if found and found[-1].kind == "text":
                last = found.pop()
                token = replace(last, stop=place + 1, text=text[last.start : place + 1])
            else:
                token = Token("text", place, place + 1, text[place])
        found.append(token)
        place = token.stop
    return _shared_units(tuple(found))


def _token_at(text: str, place: int) -> Token | None:
    if title := TITLE.match(text, place):
        return Token("name", place, title.end(), title[0])
    word = _word_at(text, place)
    name = _name_at(text, place)
    if name and not (word and word.indicator and word.stop >= name.stop):
        return name
    if token := _when_token(text, place):
        return token
    quantity = _quantity_at(text, place)
    if quantity and (word is None or quantity.stop > word.stop or text[place].isdigit()):
        return quantity
    if word:
        return word
    if text[place] in POINTS:
        stop = place + 1
        while text[place] in "—…-" and stop < len(text) and text[stop] == text[place]:
            stop += 1
        return Token("point", place, stop, text[place:stop])
    return None


def _name_at(text: str, place: int) -> Token | None:
    if text[place] not in grammar().name_begins:
        return None
    for what, pattern in grammar().names:
        found = pattern.match(text, place)
        if not found or not found[0]:
            continue
        if (
            place
            and text[place - 1].isascii()
            and text[place - 1].isalnum()
            and found[0][0].isascii()
            and found[0][0].isalnum()
        ):
            continue
        if what in ("书名里的年", "排名", "序数") and when_at(text, place):
            continue
        return Token("name", place, found.end(), found[0], {"noun": True} if what in NOUN_NAMES else {})
    return None


NOUN_NAMES = frozenset(("空气指标", "型号", "星级", "百强", "加号组合", "引号里的数", "高校"))


def _when_token(text: str, place: int) -> Token | None:
    when = when_at(text, place)
    if when is None:
        return None
    data = grammar().periods
    stop = place + len(when.text)
    before = text[max(0, place - 3) : place]
    base = before.endswith(tuple(data["base_before"])) and not before.endswith("以和")
    for word in data["base_after"]:
        if text.startswith(word, stop):
            if base or word not in ("水平", "平均水平"):
                base, stop = True, stop + len(word)
            break
    if (
        base
        and before.endswith(("和", "与", "同", "以"))
        and not text.startswith(("相比", "同期"), stop)
        and "相比" not in text[place:stop]
    ):
        base = False
    return Token("when", place, stop, text[place:stop], {}, None, when, base)


def _word_at(text: str, place: int) -> Token | None:
    for word in grammar().words.get(text[place], ()):
        if not text.startswith(word.text, place):
            continue
        tags = word.tags
        stop = place + len(word.text)
        if len(word.text) == 1:
            tight = [role for role in TIGHT_ROLES if role in tags]
            loose = {role: tags[role] for role in tags if role not in TIGHT_ROLES and role != "link"}
            if (
                tight
                and AFTER_BOUND.match(text, stop) is None
                and not ("grow" in tags and NEXT_FIGURE.match(text, stop))
            ):
                tight = []
            if "link" in tags and not tight and not loose:
                continue
            tags = loose | {role: tags[role] for role in tight}
            if not tags:
                continue
        return Token("word", place, stop, word.text, tags)
    return None


def _quantity_at(text: str, place: int) -> Token | None:
    previous = text[place - 1] if place else "\n"
    if previous.isdigit() or (previous == "." and place > 1 and text[place - 2].isdigit()):
        return None
    if doubling := DOUBLING.match(text, place):
        times = doubling["times"]
        count = (
            int(times)
            if times and times.isdigit()
            else {"一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5}.get(times or "一", 1)
        )
        value = Decimal((2**count - 1) * 100)
        return Token(
            "quantity", place, doubling.end(), doubling[0], {"grow": 1}, Quantity(value, "%", "share", chinese=True)
        )
    if ROUGH.match(text, place) or (previous in "数几" and not text[place].isdigit()):
        return None
    sign = Decimal(1)
    begin = place
    if text[place] in "-+" and previous in "，。；：、(为降增达%\n 长" and text[place + 1 : place + 2].isdigit():
        sign, begin = Decimal(-1 if text[place] == "-" else 1), place + 1
    if not (text[begin].isdigit() or text[begin] in "一二两三四五六七八九十百千万亿半"):
        return None
    number = numbers.number_at(text, begin)
    if number is None:
        return None
    if previous.isascii() and previous.isalpha() and not _measured(text, number.stop):
        return None
    if number.chinese and (previous in "第每" or previous in "零〇一二两三四五六七八九"):
        return None
    return _with_unit(text, place, begin, number, sign)


def _with_unit(text: str, place: int, begin: int, number: numbers.Number, sign: Decimal) -> Token | None:
    upper, value, size, stop = None, number.value, number.scale, number.stop
    unit = None if number.percent else numbers.unit_at(text, stop)
    if (joint := numbers.RANGE.match(text, stop + (len(unit.word) if unit else 0))) and not number.percent:
        other = numbers.number_at(text, joint.end())
        if other and not other.bare and other.chinese == number.chinese and not (unit and unit.sort == "time"):
            other_unit = numbers.unit_at(text, other.stop)
            if other_unit and (unit is None or unit.base == other_unit.base):
                if not size and unit is None and other.scale:
                    value = value * other.value / other.digits if other.digits else value
                upper, unit, stop, size = other.value, other_unit, other.stop, size or other.scale
    modifier = number.modifier
    base, sort = ("%", "share") if number.percent else ("", "")
    if unit:
        base, sort, stop = unit.base, unit.sort, stop + len(unit.word)
        if text.startswith("/", stop) or text.startswith("每", stop):
            per = numbers.unit_at(text, stop + 1)
            if per and per.sort not in ("spec",) and base:
                base, stop = f"{base}/{per.base or per.word}", stop + 1 + len(per.word)
                sort = "measure" if sort != "time" else sort
        elif sort == "time" and not base:
            base = unit.word.removeprefix("个")
    elif not number.percent:
        if number.chinese and not number.bare:
            if not size and not regex.search(r"[万亿]$", text[begin:stop]):
                return None
            size = size or text[stop - 1]
        size = size or (text[begin:stop] if number.bare else "")
        if not size:
            return _plain_number(text, place, stop, number, sign)
        base, sort = _default_unit(size), "bare"
    if tail := MODIFIERS_AFTER.match(text, stop):
        modifier, stop = grammar().after.get(tail[0], modifier) or modifier, tail.end()
    level = text.startswith("级", stop)
    if sign < 0:
        value = -value
    return Token(
        "quantity",
        place,
        stop,
        text[place:stop],
        {},
        Quantity(value, base, sort, modifier, upper, number.bare, number.chinese, size, level),
    )


def _plain_number(text: str, place: int, stop: int, number: numbers.Number, sign: Decimal) -> Token:
    """A number without unit or magnitude: a figure only where its indicator or its neighbour lends it a unit."""
    return Token(
        "quantity", place, stop, text[place:stop], {}, Quantity(sign * number.value, "", "plain", number.modifier)
    )


def _default_unit(size: str) -> str:
    return grammar().bare.get(size, "元" if size.endswith("亿") else "")


def _measured(text: str, stop: int) -> bool:
    return text[stop : stop + 1] in ("%", "万", "亿", "元", "家", "个", "项", "件") or text.startswith("个百分点", stop)


def _shared_units(found: tuple[Token, ...]) -> tuple[Token, ...]:
    """Numbers in a row take the unit of the last (`增长1.7、1.8和10.8个百分点`)."""
    result = list(found)
    for place in range(len(found) - 1, 1, -1):
        lender = result[place]
        if lender.quantity is None or lender.quantity.sort in ("plain", "time", "spec"):
            continue
        first = place
        while (
            first >= 2
            and _joins(result[first - 1])
            and (_unitless(result[first - 2]) or _half_said(result[first - 2], lender.quantity))
        ):
            first -= 2
            quantity = result[first].quantity
            assert quantity is not None
            factor = Decimal(1)
            if lender.quantity.scale and quantity.sort == "plain":
                factor = Decimal(grammar().magnitudes.get(lender.quantity.scale, 1))
            result[first] = replace(
                result[first],
                quantity=replace(
                    quantity, value=quantity.value * factor, unit=lender.quantity.unit, sort=lender.quantity.sort
                ),
            )
    return tuple(result)


def _joins(token: Token) -> bool:
    return token.text in "、和与及" and bool(token.text)


def _unitless(token: Token) -> bool:
    return token.quantity is not None and token.quantity.sort == "plain"


def _half_said(token: Token, lender: Quantity) -> bool:
    """`1.2个` in `1.2个和0.8个百分点`."""
    return token.quantity is not None and token.quantity.unit == "个" and lender.unit == "百分点"
