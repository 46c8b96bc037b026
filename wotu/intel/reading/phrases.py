"""What stands left and right of a figure: the noun phrase it counts, and the words in between (超, 同比增长, 分别 …)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import regex

from wotu.intel.reading.grammar import Indicator, grammar
from wotu.intel.reading.tokens import Token

STRONG = frozenset("，。；：！？!?;:\n…")
CLOSERS = {")": "(", "”": "“", "’": "‘", "]": "[", "】": "【"}
OPENERS = {opener: closer for closer, opener in CLOSERS.items()}
PLACE_NAME = regex.compile(
    r"[\u4e00-\u9fffA-Za-z()-]{1,14}?(?:高新技术产业开发区|经济技术开发区|产业园区|科技园区|工业园区|高新区|开发区|经开区|保税区|自贸区|科技园|科技城|产业园|新区|园区|度假区"
    r"|市(?!场|值|民|政|级|区|域|容|直|外|内|属|重|盈)|(?<!地|社|灾|小|城|景|库|校|厂|主|片|辖|分|山|郊|市|特|我|大|海|水|牧|林|园)区(?!域|块|间|级|位|内|外|属|县)|省(?!级|外|内|市|属|重|域)|县(?!域|级|区|城)|自治州|街道|小镇)"
)
GENERIC = (
    "数量",
    "总数",
    "总量",
    "比重",
    "比例",
    "规模",
    "总额",
    "总规模",
    "面积",
    "金额",
    "占比",
    "家数",
    "增速",
    "户数",
    "人数",
    "个数",
    "总和",
    "产值",
    "收入",
    "数",
    "份额",
    "总产值",
    "税收",
    "投资",
    "价值",
    "覆盖率",
    "占有率",
    "贡献率",
    "率",
    "水平",
    "年均增速",
    "平均增速",
    "增幅",
    "强度",
    "密度",
    "长度",
    "浓度",
    "产量",
    "余额",
    "成交额",
    "销售额",
    "利润",
    "总投资",
    "建筑面积",
)
RIGHT_STOPS = regex.compile(
    r"[在已为是均将于从对以由被向与把给供居共达超约近有等可能让使用也都并则又仍做到的落起来]|[一二两三四五六七八九]+[个家项]|\d"
)
OBJECTS = (
    "引进",
    "建设",
    "拥有",
    "提供",
    "安排",
    "拨付",
    "投入",
    "到位",
    "获得",
    "发放",
    "签订",
    "签署",
    "争取",
    "筹集",
    "完善",
    "建立",
    "搭建",
    "组建",
    "引入",
)
DESCRIBING = ("以上", "以下", "级")
LEFT_TRIM = (
    "本次",
    "此次",
    "累计",
    "共计",
    "合计",
    "现场",
    "近年来",
    "年来",
    "一批",
    "一个",
    "一座",
    "一条",
    "一家",
    "首批",
    "先后",
    "已",
    "共",
    "也",
    "还",
    "又",
    "均",
    "各",
    "并",
    "了",
    "是",
    "有",
    "由",
    "其",
    "另",
    "使",
    "让",
    "对",
    "于",
    "在",
    "把",
    "将",
    "我",
    "该",
    "这",
    "此",
    "目前",
    "当地",
    "每年",
    "以",
    "使得",
    "截至",
    "截止",
    "截止到",
    "到",
    "至",
    "自",
    "从",
    "据",
    "仅",
    "仅仅",
    "单单",
    "只",
    "前",
    "近",
)


@dataclass(slots=True)
class Between:
    """The words between an indicator and its figure."""

    modifier: str = ""
    cumulative: bool = False
    grow: Token | None = None
    speed: bool = False
    reach: bool = False
    started: bool = False
    """Preceded by 从/由: the level things came from."""
    each: int | None = None
    """Index of 分别."""
    share: int | None = None
    share_noun: bool = False
    bases: list[str] = field(default_factory=list)
    local: Token | None = None
    """A time that holds for this figure alone (2016年的838家)."""
    first: int = 0
    """Index of the first token in between."""


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


def between(tokens: Sequence[Token], place: int, low: int) -> Between:
    """The words just before a figure, read leftwards until the noun phrase."""
    found = Between(first=place)
    here = place - 1
    while here >= low:
        token = tokens[here]
        if token.kind == "when":
            following = tokens[here + 1] if here + 1 < len(tokens) else None
            if token.base:
                found.bases.append(
                    (
                        tokens[here - 1].text[-1:]
                        if here > low and tokens[here - 1].text.endswith(("比", "较", "与"))
                        else ""
                    )
                    + token.text
                )
            elif following is not None and following.has("de"):
                found.local = token
            elif found.grow is None and found.share is None and here != place - 1 and not token.base:
                break
            elif here == place - 1:
                break
            else:
                break
        elif token.has("de"):
            if not (here > low and tokens[here - 1].kind == "when"):
                break
        elif token.has("from") and token.kind == "word":
            found.started = True
            found.first = here
            break
        elif token.kind == "text":
            rest = _stripped(token.text, found)
            if rest:
                break
        elif (
            token.text == ")"
            and found.grow is not None
            and (opener := _opener(tokens, here, low)) is not None
            and here - opener <= 4
        ):
            here = opener
        elif token.kind != "word":
            break
        elif token.has("each"):
            found.each = here
        elif token.has("reach"):
            found.reach = True
        elif token.has("before") and not (
            token.has("grow") and (found.bases or found.grow is None and _unit_is_rate(tokens[place]))
        ):
            found.modifier = found.modifier or token.tags["before"]
            found.cumulative |= token.tags["before"] == "累计"
        elif token.has("share") and found.share is None:
            found.share = here
            if token.text == "占比":
                found.share_noun = True
                break
        elif token.has("share_noun") and found.grow is None:
            found.share_noun = True
            break
        elif token.has("grow", "speed") and found.grow is None and not token.has("noun"):
            found.grow = token
            found.speed = token.has("speed")
        elif token.has("base"):
            found.bases.append(token.text)
        elif token.text in ("人均", "户均", "亩均", "地均") and here == place - 1:
            pass
        elif token.has("verb") and here > low and tokens[here - 1].has("each"):
            pass
        elif not token.has("link"):
            break
        found.first = here
        here -= 1
    return found


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
                opener = _opener(tokens, here, low)
                if opener is None:
                    break
                inner = "".join(piece.text for piece in tokens[opener : here + 1])
                if token.text == ")" and here == stop - 1 or len(inner) <= 18:
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
        if tail.startswith(GENERIC) and len(tail) <= 6 and of > first:
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
                closer = _closer(tokens, here, high)
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
        elif token.kind == "word" and (token.has("right_stop") or not token.has("noun", "place", "and", "indicator")):
            break
        elif token.has("de"):
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


def sign(token: Token) -> int:
    """Up or down: 下降 and 降幅 are down."""
    return int(token.tags.get("grow", -1 if token.text.endswith(("降幅", "减幅", "跌幅")) else 1))


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
        while lead := next(
            (
                word
                for word in LEFT_TRIM
                if trimmed.startswith(word)
                and len(trimmed) > len(word)
                and not trimmed.startswith(
                    (
                        "有效",
                        "有色",
                        "有限",
                        "对外",
                        "对口",
                        "在线",
                        "在校",
                        "在岗",
                        "在册",
                        "是否",
                        "前沿",
                        "近海",
                        "各类",
                        "各项",
                        "各级",
                        "各种",
                        "各",
                        "共有产权",
                        "到位",
                        "其他",
                        "自主",
                        "自有",
                        "自然",
                        "自贸",
                    )
                )
            ),
            "",
        ):
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


def _stripped(text: str, found: Between) -> str:
    """What is left of loose text when link words are taken off its end."""
    lists = grammar().lists
    changed = True
    while text and changed:
        changed = False
        for size in range(min(4, len(text)), 0, -1):
            tail = text[-size:]
            if (
                tail in lists["link"]
                or tail in lists["base"]
                or tail in ("比", "较", "与", "同", " ", "上", "下", "年")
            ):
                if tail in lists["base"]:
                    found.bases.append(tail)
                text, changed = text[:-size], True
                break
    return text


def _unit_is_rate(token: Token) -> bool:
    return token.quantity is not None and token.quantity.unit in ("%", "百分点", "‰")


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
            or tokens[here].text not in OBJECTS
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


def _opener(tokens: Sequence[Token], closer: int, low: int) -> int | None:
    wanted = CLOSERS[tokens[closer].text]
    for here in range(closer - 1, low - 1, -1):
        if tokens[here].text == wanted:
            return here
        if tokens[here].text in ("。", "\n"):
            return None
    return None


def _closer(tokens: Sequence[Token], opener: int, high: int) -> int | None:
    wanted = OPENERS[tokens[opener].text]
    for here in range(opener + 1, high):
        if tokens[here].text == wanted:
            return here
        if tokens[here].text in ("。", "\n"):
            return None
    return None
