"""Shares: `出口占全市的23.2%、全省的11.2%`, `外资占比30%`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import regex

from wotu.intel.reading.between import Between
from wotu.intel.reading.drafts import Draft, as_phrase
from wotu.intel.reading.grammar import grammar
from wotu.intel.reading.phrases import NOTHING, Phrase, known_in, left_phrase
from wotu.intel.reading.tokens import Quantity, Token

if TYPE_CHECKING:
    from wotu.intel.reading.claims import Sentence

IN_WHOLE = regex.compile(r"(.{2,16}?)中?(?:的|所占的?)(?:占比|比重|比例|份额)$")
GOES_ON = ("and", "grow", "base", "place", "de", "link", "share", "share_noun", "before", "reach")


def share(sentence: Sentence, place: int, quantity: Quantity, words: Between, low: int) -> None:
    """`出口占全市的23.2%`, `新兴产业产值占规上工业总产值比重达62.8%`, `外资占比30%`."""
    tokens = sentence.tokens
    if words.share is None:
        for here in range(place - 1, low - 1, -1):
            if tokens[here].quantity is not None:
                break
            if tokens[here].has("share") and not tokens[here].has("noun"):
                words.share = here
                break
    if words.share is not None and tokens[words.share].text != "占比":
        whole = whole_of(tokens, place, words.share + 1)
        phrase = left_phrase(tokens, _before_links(tokens, words.share, low), low)
    else:
        whole = ""
        phrase = left_phrase(tokens, words.first, low)
        if phrase and (inside := IN_WHOLE.match(phrase.text)) and (topic := sentence.owner()) is not None:
            add_share(sentence, place, quantity, words, _share_owner(topic), inside[1])
            return
        if phrase and phrase.text.endswith(("占比", "比重", "比例", "份额")):
            add_share(sentence, place, quantity, words, phrase, "", named=True)
            return
        if words.share_noun:
            nouns = [here for here in range(low, place) if tokens[here].has("share_noun")]
            phrase = left_phrase(tokens, nouns[-1], low) if nouns else phrase
        elif words.share is None:
            whole = whole_of(tokens, place, _after_figure(tokens, place, low))
            phrase = NOTHING
    if not phrase:
        topic = sentence.owner()
        phrase = _share_owner(topic) if topic is not None else sentence.spoken_of(place, low)
    add_share(sentence, place, quantity, words, phrase, whole)


def goes_on(tokens: Sequence[Token], first: int, last: int) -> bool:
    """Whether only joining words stand between two figures, so that they belong to one list."""
    lists = grammar().lists
    joined = False
    for token in tokens[first + 1 : last]:
        if token.kind == "point":
            if token.text not in ("、", "，", " "):
                return False
            joined = True
        elif token.kind == "text":
            if token.text not in lists["link"] and token.text not in ("比", "较"):
                return False
        elif token.kind == "when" or not token.has(*GOES_ON):
            return False
        joined |= token.has("and")
    return joined


def whole_of(tokens: Sequence[Token], place: int, first: int) -> str:
    """What a share is a share of: the words between 占 and the figure."""
    text = ""
    for token in tokens[first:place]:
        if token.has("each", "and") or token.text in ("、", "，"):
            continue
        if token.has("share_noun", "before", "share") or (token.has("link") and not token.has("noun")):
            continue
        text += token.text
    for tail in ("的比重", "的比例", "比重", "的", "达", "为", "约", "比"):
        text = text.removesuffix(tail)
    return text.removeprefix("了").removeprefix("到")


def add_share(
    sentence: Sentence, place: int, quantity: Quantity, words: Between, phrase: Phrase, whole: str, named: bool = False
) -> None:
    if not phrase:
        return
    named = named or phrase.text.endswith(("占比", "比重", "比例", "份额"))
    ending = "比重" if whole and not named else "" if named else "占比"
    text = f"{phrase.text}占{whole}{ending}" if whole else f"{phrase.text}{ending}"
    shared = replace(phrase, text=text, known=phrase.known or known_in(phrase.text))
    draft = sentence.add("share", shared, place, quantity, words, at_figure=phrase.first < 0)
    draft.base, draft.nature = whole, "ratio"


def _share_owner(topic: Draft) -> Phrase:
    """Whose share goes on: of a share, its owner."""
    phrase = as_phrase(topic)
    if topic.kind == "share":
        return replace(phrase, text=phrase.text.split("占")[0] or phrase.text)
    return phrase


def _before_links(tokens: Sequence[Token], place: int, low: int) -> int:
    """Back over words like 约, 已 before 占."""
    while (
        place > low
        and tokens[place - 1].kind == "word"
        and tokens[place - 1].has("link", "before", "base")
        and not tokens[place - 1].has("noun")
    ):
        place -= 1
    if place > low and tokens[place - 1].kind == "word" and tokens[place - 1].has("place") and place - 1 > low:
        return place
    return place


def _after_figure(tokens: Sequence[Token], place: int, low: int) -> int:
    for here in range(place - 1, low - 1, -1):
        if tokens[here].quantity is not None:
            return here + 1
    return low
