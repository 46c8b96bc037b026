"""Percentages and multiples: growths, shares and ratios, and which claim a growth belongs to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import regex

from wotu.intel.reading import shares
from wotu.intel.reading.between import Between, sign
from wotu.intel.reading.drafts import Change, Draft, as_phrase
from wotu.intel.reading.phrases import NOTHING, Phrase, is_place, known_in, left_phrase, right_phrase
from wotu.intel.reading.tokens import Quantity

if TYPE_CHECKING:
    from wotu.intel.reading.claims import Sentence

SPEED_AFTER = regex.compile(
    r"(?:的)?(?:平均|年均|同比|复合)?(?:年均)?(?:增速|增长率|增幅|增长速度|速度|增长|递增|复合增长率)"
)
COMPARED = ("高于", "低于", "快于", "慢于", "高出", "低出", "超过", "超出", "领先", "超", "好于", "优于")
SPEEDS = regex.compile(
    r"^(?:其)?(?:年均|平均|同比|累计)?(?:增速|增幅|增长率|增长速度|涨幅|降幅|减幅|跌幅|增长|总量|总额|占比|比重|均|分别|较|比|总量占比)$"
)
IN_TEXT_BASE = regex.compile(r"(?:比(?!重|例|率)|较|与)(?P<base>[^比较与]{1,18}?)(?:相比|同期)?$")
ADJUSTED = regex.compile(r"(?:扣除|剔除|按|若|不考虑|考虑|从|与).{2,20}(?:后|因素|计算|口径|看|相比)$")


def rate(sentence: Sentence, place: int, quantity: Quantity, words: Between, low: int) -> None:
    after = "".join(token.text for token in sentence.tokens[place + 1 : place + 5])
    left = left_phrase(sentence.tokens, words.first, low)
    if sentence.tokens[place].has("grow"):
        growth(sentence, place, quantity, words, left, 1)
    elif words.reach and share_before(sentence, place, words, low):
        shares.share(sentence, place, quantity, words, low)
    elif words.reach:
        phrase = left or (as_phrase(sentence.drafts[-1]) if sentence.drafts else sentence.spoken_of(place, low))
        sentence.add("share" if words.share_noun else "value", phrase, place, quantity, words)
    elif SPEED_AFTER.match(after) and not words.grow:
        earlier_are_growth(sentence, place)
        growth(sentence, place, quantity, words, left, 1)
    elif difference := compared_to(sentence, place, words, low):
        direction, base, phrase = difference
        words.bases.append(base)
        growth(sentence, place, quantity, words, phrase, direction)
    elif words.grow:
        growth(sentence, place, quantity, words, left, sign(words.grow))
    elif words.share is not None or words.share_noun or share_before(sentence, place, words, low):
        shares.share(sentence, place, quantity, words, low)
    elif any(base.startswith(("同比", "环比", "比", "较")) for base in words.bases):
        growth(sentence, place, quantity, words, left, 1)
    else:
        ratio(sentence, place, quantity, words, left, low)


def growth(sentence: Sentence, place: int, quantity: Quantity, words: Between, left: Phrase, direction: int) -> None:
    base = base_of(words)
    if left.first >= 0:
        said = "".join(token.text for token in sentence.tokens[left.first : words.first])
        if said.startswith(("比", "较", "与")) and not said.startswith(("比重", "比例", "比率")):
            base, left = said + base, NOTHING
    if left and (found := IN_TEXT_BASE.search(left.text)):
        base = base or left.text[found.start() :]
        rest = left.text[: found.start()]
        left = replace(left, text=rest, stop=left.start + len(rest), known=known_in(rest)) if rest else NOTHING
    if left and ADJUSTED.match(left.text):
        base, left = left.text + base, NOTHING
    value = quantity.value * direction
    changed = replace(quantity, value=value)
    if left and not SPEEDS.match(left.text) and not is_place(left.text):
        draft = sentence.add("growth", left, place, changed, words)
        draft.base = base
        return
    topic = sentence.topic()
    if topic is None:
        phrase = sentence.spoken_of(place, sentence.low(place))
        if phrase:
            sentence.add("growth", phrase, place, changed, words, at_figure=True).base = base
        return
    grow(sentence, topic, place, changed, words, base, speed=bool(left))


def grow(
    sentence: Sentence, topic: Draft, place: int, changed: Quantity, words: Between, base: str, speed: bool = False
) -> None:
    """Put a change beside the value it belongs to; a claim of its own where that place is taken or far."""
    token = sentence.tokens[place]
    fits = (
        changed.unit == "%"
        or changed.unit == "倍"
        or (changed.unit == "百分点" and topic.unit == "%" and topic.kind != "growth")
    )
    if (
        topic in sentence.drafts
        and topic.kind != "growth"
        and topic.growth is None
        and fits
        and token.start - topic.stop < 36
        and not speed
    ):
        start = words.grow.start if words.grow else token.start
        topic.growth = Change(changed.value, changed.unit, base, min(start, token.start), token.stop)
        return
    phrase = as_phrase(topic)
    if changed.unit == "百分点" and topic.kind != "share" and not phrase.text.endswith(("增速", "率", "增幅", "强度")):
        phrase = replace(phrase, text=phrase.text + "增速")
    draft = sentence.add("growth", phrase, place, changed, words, at_figure=True)
    draft.base = base
    between = sentence.tokens[topic.token : place] if topic in sentence.drafts else ()
    if between and not any(one.when is not None and not one.base for one in between):
        draft.period = topic.period


def earlier_are_growth(sentence: Sentence, place: int) -> None:
    """`GDP40%、财政收入26%的年均增速`: the rates listed before it are growth, too."""
    stop = sentence.tokens[place].start
    for draft in reversed(sentence.drafts):
        between_them = "".join(token.text for token in sentence.tokens[draft.token + 1 : place])
        if draft.unit != "%" or draft.stop > stop or regex.search("[，；：]", between_them):
            break
        draft.kind = "growth"


def compared_to(sentence: Sentence, place: int, words: Between, low: int) -> tuple[int, str, Phrase] | None:
    """`高于全省平均水平2.1个百分点`: what a difference in points is taken from."""
    if sentence.tokens[place].quantity is None or sentence.tokens[place].quantity.unit != "百分点":  # type: ignore[union-attr]
        return None
    for here in range(place - 1, low - 1, -1):
        token = sentence.tokens[here]
        if token.quantity is not None:
            return None
        ahead = next(
            (word for word in ("超", "快于", "高于", "低于") if token.kind == "text" and token.text.startswith(word)),
            "",
        )
        if token.text in COMPARED or ahead or (token.kind == "text" and token.text.endswith(COMPARED)):
            base = (token.text[len(ahead) :] if ahead else "") + "".join(
                piece.text for piece in sentence.tokens[here + 1 : place]
            )
            if not base:
                return None
            return (
                -1 if token.text.endswith(("低于", "慢于", "低出")) else 1,
                "比" + base,
                left_phrase(sentence.tokens, here, low),
            )
    return None


def share_before(sentence: Sentence, place: int, words: Between, low: int) -> bool:
    """Whether 占 stands before the phrase (`占全市的23.2%`), or the figure goes on a list of shares."""
    for here in range(place - 1, low - 1, -1):
        token = sentence.tokens[here]
        if token.quantity is not None and token.quantity.sort in ("spec", "time", "plain"):
            continue
        if token.quantity is not None:
            return (
                bool(sentence.drafts)
                and sentence.drafts[-1].kind == "share"
                and sentence.drafts[-1].token == here
                and shares.goes_on(sentence.tokens, here, place)
            )
        if token.has("share") and not token.has("noun"):
            words.share = here
            return True
    return False


def ratio(sentence: Sentence, place: int, quantity: Quantity, words: Between, left: Phrase, low: int) -> None:
    right, of = right_phrase(sentence.tokens, place, sentence.last)
    phrase = replace(right, subject=left.text) if of and right else left
    if not phrase or is_place(phrase.text):
        phrase = right or sentence.relative(place) or sentence.spoken_of(place, low)
    if phrase:
        sentence.add("value", phrase, place, quantity, words)


def base_of(words: Between) -> str:
    return "".join(dict.fromkeys(reversed(words.bases))) if words.bases else ""
