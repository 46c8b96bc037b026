"""What stands left and right of a figure: the noun phrase it counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import regex

from wotu.intel.reading.brackets import CLOSERS, OPENERS, closer_of, opener_of
from wotu.intel.reading.grammar import Indicator, grammar
from wotu.intel.reading.tokens import Token

STRONG = frozenset("，。；：！？!?;:\n…")
PLACE_NAME = regex.compile(
    r"[\u4e00-\u9fffA-Za-z()-]{1,14}?(?:高新技术产业开发区|经济技术开发区|产业园区|科技园区|工业园区|高新区|开发区|经开区|保税区|自贸区|科技园|科技城|产业园|新区|园区|度假区"
    r"|市(?!场|值|民|政|级|区|域|容|直|外|内|属|重|盈)|(?<!地|社|灾|小|城|景|库|校|厂|主|片|辖|分|山|郊|市|特|我|大|海|水|牧|林|园)区(?!域|块|间|级|位|内|外|属|县)|省(?!级|外|内|市|属|重|域)|县(?!域|级|区|城)|自治州|街道|小镇)"
)
RIGHT_STOPS = regex.compile(
    r"[在已为是均将于从对以由被向与把给供居共达超约近有等可能让使用也都并则又仍做到的落起来]|[一二两三四五六七八九]+[个家项]|\d"
)
DESCRIBING = ("以上", "以下", "级")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase as written, by token index; `text` may leave out a quoted or bracketed aside."""

    text: str
    first: int
    last: int
    start: int
    stop: int
    subject: str = ""
    known: Indicator | None = None

    def __bool__(self) -> bool:
        return bool(self.text)


NOTHING = Phrase("", -1, -1, -1, -1)


def left_phrase(tokens: Sequence[Token], stop: int, low: int) -> Phrase:
    """The noun phrase that ends before token `stop`; empty where a verb, a point or another figure stands there."""
    here = stop - 1
    first = stop
    of: int | None = None
    if here >= low and tokens[here].has("and"):
        return NOTHING
    if here > low and tokens[here].has("de") and tokens[here - 1].has("noun"):
        return left_phrase(tokens, here, low)
    while here >= low:
        token = tokens[here]
        if token.kind == "point":
            if token.text in CLOSERS:
                opener = opener_of(tokens, here, low)
                if opener is None:
                    break
                inner = "".join(piece.text for piece in tokens[opener : here + 1])
                if (token.text == ")" and here == stop - 1) or len(inner) <= 18:
                    here = opener - 1
                    first = opener
                    continue
            break
        if (
            token.kind == "quantity"
            and first < stop
            and _describing(tokens, here, tokens[here - 1] if here > low else None)
        ):
            first = here
            here -= 1
            continue
        if token.kind in ("quantity", "when"):
            break
        if token.has("verb") and not token.has("noun") and _needs_verb(tokens, here, first, stop, low):
            first = here
            here -= 1
            continue
        if token.has("etc", "from", "among", "each", "reach", "verb", "target") and not token.has("noun"):
            break
        if token.has("share") and not token.has("share_noun"):
            break
        if token.has("grow") and not token.has("noun", "speed"):
            break
        if token.has("de"):
            if of is not None or first == stop:
                break
            of = here
        first = here
        here -= 1
    if first >= stop:
        return NOTHING
    if of is not None and of >= first:
        tail = _text(tokens, of + 1, stop)
        if tail.startswith(tuple(grammar().lists["generic"])) and len(tail) <= 6 and of > first:
            pass
        else:
            subject = _text(tokens, first, of)
            phrase = _phrase(tokens, of + 1, stop)
            return replace(phrase, subject=phrase.subject or subject[-20:]) if phrase else phrase
    return _phrase(tokens, first, stop)


def right_phrase(tokens: Sequence[Token], place: int, high: int) -> tuple[Phrase, bool]:
    """The noun phrase right after a figure, and whether 的 stands between."""
    here = place + 1
    of = here < high and tokens[here].has("de")
    if of:
        here += 1
    first = here
    taken: list[str] = []
    while here < high:
        token = tokens[here]
        if token.kind == "point":
            if token.text == "、" and "".join(taken) in (
                "市",
                "省",
                "区",
                "县",
                "国家级",
                "省级",
                "市级",
                "国家",
                "省部级",
            ):
                taken.append("、")
                here += 1
                continue
            if token.text in OPENERS and token.text != "(":
                closer = closer_of(tokens, here, high)
                if closer is not None and closer - here <= 8:
                    taken.append("".join(piece.text for piece in tokens[here : closer + 1]))
                    here = closer + 1
                    continue
            break
        if (
            here == first
            and not of
            and tokens[here].has("verb")
            and tokens[here].text in grammar().lists["act"]
            and here + 1 < high
            and (tokens[here + 1].has("noun") or tokens[here + 1].kind == "text")
            and _right_stop(tokens[here + 1].text) is None
        ):
            taken.append(tokens[here].text)
            here += 1
            continue
        if (
            here == first
            and tokens[here].text in grammar().lists["act"]
            and (of or here + 1 >= high or tokens[here + 1].kind == "point")
        ):
            taken.append(tokens[here].text)
            here += 1
            continue
        if here == first and _describing(tokens, here):
            while not (tokens[here].quantity is not None):
                taken.append(tokens[here].text)
                here += 1
            taken.append(tokens[here].text)
            here += 1
            if here < high and tokens[here].has("de"):
                taken.append("的")
                here += 1
            continue
        if token.kind in ("quantity", "when"):
            break
        if token.kind == "text":
            stop = _right_stop(token.text)
            if stop is not None:
                if stop:
                    taken.append(token.text[:stop])
                break
        elif (
            token.kind == "word" and (token.has("right_stop") or not token.has("noun", "place", "and", "indicator"))
        ) or token.has("de"):
            break
        taken.append(token.text)
        here += 1
        if sum(map(len, taken)) > 24:
            break
    while taken and taken[-1] in ("和", "与", "及", "以及", "暨", "或", "并"):
        taken.pop()
    text = "".join(taken)
    if not text:
        return NOTHING, of
    start = tokens[first].start
    return Phrase(text, first, first + len(taken), start, start + len(text), "", known_in(text)), of


def known_in(text: str) -> Indicator | None:
    """The known indicator a phrase ends with, else the longest one in it."""
    table = grammar().indicators
    for start in range(len(text)):
        if text[start:] in table:
            return table[text[start:]]
    best = ""
    for start in range(len(text)):
        for stop in range(len(text), start + len(best), -1):
            if text[start:stop] in table:
                best = text[start:stop]
                break
    return table.get(best)


def starts_with(text: str, words: Iterable[str]) -> str:
    """The longest of the words a text starts with and goes on after; empty if none."""
    return max((word for word in words if text.startswith(word) and len(text) > len(word)), key=len, default="")


def is_place(text: str) -> bool:
    """Whether a phrase only names a place (全市, 苏州高新区), so that it cannot be what is counted."""
    return text in grammar().lists["place"] or (bool(found := PLACE_NAME.match(text)) and found.end() == len(text))


def _phrase(tokens: Sequence[Token], first: int, stop: int) -> Phrase:
    """The tokens as a phrase, with links and places taken off its front."""
    while first < stop and (
        tokens[first].has("and")
        or (
            tokens[first].kind == "word"
            and tokens[first].has("link", "before", "base", "each", "not_target")
            and not tokens[first].has("noun")
        )
    ):
        first += 1
    subject = ""
    while first < stop - 1 and tokens[first].has("place"):
        subject += tokens[first].text
        first += 1
    if first >= stop:
        return NOTHING
    text = _text(tokens, first, stop)
    start = tokens[first].start
    if tokens[first].kind == "text":
        trimmed = text
        lists = grammar().lists
        while not trimmed.startswith(tuple(lists["not_trimmed"])) and (lead := starts_with(trimmed, lists["trim"])):
            trimmed = trimmed[len(lead) :]
        start += len(text) - len(trimmed)
        text = trimmed
    place = None if tokens[first].indicator else PLACE_NAME.match(text)
    if place and place.end() < len(text) and known_in(text[place.end() :]) is not None:
        subject += place[0]
        start += place.end()
        text = text[place.end() :]
    text = text.strip(" ·~")
    if regex.fullmatch(r"第[\d一二三四五六七八九十]+[年季月天]", text):
        return NOTHING
    if text.startswith(("按照", "按", "以人民币", "依照")) and not text.startswith("按揭"):
        return NOTHING
    if not text or text in ("（）", "()"):
        return NOTHING
    return Phrase(text, first, stop, start, tokens[stop - 1].stop, subject, known_in(text))


def _text(tokens: Sequence[Token], first: int, stop: int) -> str:
    return "".join(token.text for token in tokens[first:stop])


def _right_stop(text: str) -> int | None:
    """Where loose text after a figure stops naming what is counted; None where all of it does."""
    cut = RIGHT_STOPS.search(text)
    return cut.start() if cut else None


def _needs_verb(tokens: Sequence[Token], here: int, first: int, stop: int, low: int) -> bool:
    """Whether what follows the verb cannot stand alone (`入驻|率`), or the verb itself is the noun (`稳岗|补贴`)."""
    lists = grammar().lists
    before = tokens[here - 1] if here > low else None
    if first < stop:
        text = _text(tokens, first, stop).removesuffix("占比")
        if text.startswith(("型", "率", "量", "性", "制", "类项目")):
            return True
        if text not in lists["tail"] or tokens[here].text in ("完成", "实现", "达成", "新增", "带动"):
            return False
        return (
            len(text) == 1
            or (before is not None and (before.kind == "text" or before.has("noun")))
            or tokens[here].text not in lists["with_object"]
        )
    return (
        tokens[here].text in lists["act"]
        and before is not None
        and (before.kind == "text" or before.has("noun"))
        and not before.has("place", "verb", "among")
    )


def _describing(tokens: Sequence[Token], here: int, before: Token | None = None) -> bool:
    """Whether a size comes first (`218个|亿元以上|重点项目`)."""
    if before is not None and before.has("before") and tokens[here].quantity is not None:
        return tokens[here].quantity.sort in ("bare", "money")  # type: ignore[union-attr]
    if tokens[here].has("before") and here + 1 < len(tokens):
        here += 1
        return tokens[here].quantity is not None and tokens[here].quantity.sort in ("bare", "money")  # type: ignore[union-attr]
    quantity = tokens[here].quantity
    return (
        quantity is not None
        and quantity.sort in ("bare", "money")
        and (quantity.bare or quantity.level or tokens[here].text.endswith(DESCRIBING))
    )
