"""Figures that share: `A、B分别为x、y`, `分别增长x和y`, shares of a list of wholes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import regex

from wotu.intel.reading.drafts import Draft
from wotu.intel.reading.grammar import grammar
from wotu.intel.reading.phrases import NOTHING, Between, Phrase, between, is_place, known_in, left_phrase, sign
from wotu.intel.reading.tokens import Quantity, Token

if TYPE_CHECKING:
    from wotu.intel.reading.claims import Sentence

IN_WHOLE = regex.compile(r"(.{2,16}?)中?(?:的|所占的?)(?:占比|比重|比例|份额)$")
GOES_ON = ("and", "grow", "base", "place", "de", "link", "share", "share_noun", "before", "reach")
RATES = ("%", "百分点", "‰")


def group(sentence: Sentence, place: int, words: Between, low: int) -> list[int]:
    """Read the figures after 分别; their places, or none where the words before them don't add up."""
    tokens = sentence.tokens
    places = [place]
    here = place + 1
    while here < sentence.last:
        token = tokens[here]
        if token.quantity is not None:
            same = token.quantity.unit == tokens[place].quantity.unit or token.quantity.unit not in RATES  # type: ignore[union-attr]
            if not same or not goes_on(tokens, places[-1], here):
                break
            places.append(here)
        elif token.text in ("。", ";"):
            break
        here += 1
    times = [
        tokens[here] for here in range(low, words.first) if tokens[here].when is not None and not tokens[here].base
    ]
    before = len(sentence.drafts)
    names, owners = _items(sentence, words, low, len(places))
    quantity = tokens[place].quantity
    assert quantity is not None and words.each is not None
    growing = words.grow is not None and quantity.unit in ("%", "百分点", "倍")
    for order, at in enumerate(places):
        figure = tokens[at].quantity
        assert figure is not None
        own = words if at == place else between(tokens, at, places[order - 1] + 1)
        own.modifier = own.modifier or ""
        owner = owners[order] if order < len(owners) else owners[-1] if owners else None
        phrase = names[order] if order < len(names) else names[-1] if names else NOTHING
        if words.share is not None or words.share_noun:
            base = _whole(tokens, at, places[order - 1] + 1 if order else words.each + 1)
            _add_share(sentence, at, figure, own, phrase or (_draft_phrase(owner) if owner else NOTHING), base)
        elif growing or _difference(words, figure):
            grow = own.grow or words.grow
            base = (
                "".join(reversed(words.bases))
                or "".join(reversed(own.bases))
                or _compared_to(tokens, at, places[order - 1] + 1 if order else words.each + 1)
            )
            changed = replace(figure, value=figure.value * (sign(grow) if grow else 1))
            if phrase:
                sentence.add("growth", phrase, at, changed, own, at_figure=True).base = base
            elif owner is not None:
                sentence.grow(owner, at, changed, own, base)
        elif phrase or owner is not None:
            name = phrase or _draft_phrase(owner)  # type: ignore[arg-type]
            sentence.add("value", name, at, _with_unit(figure, name), own, at_figure=True)
    if len(times) == len(places) > 1:
        for time, draft in zip(times, sentence.drafts[before:], strict=False):
            period = sentence.story.resolved(time)
            draft.period = period.text if period else draft.period
    return places


def spread_years(tokens: Sequence[Token], drafts: Sequence[Draft]) -> None:
    """`2016年至2018年，分别完成生产总值236.3亿元、314.5亿元、365亿元`: a year each."""
    for order, first in enumerate(drafts):
        years = regex.fullmatch(r"(\d{4})\.\.(\d{4})", first.period)
        if not years:
            continue
        count = int(years[2]) - int(years[1]) + 1
        run = list(drafts[order : order + count])
        same = all(
            draft.kind == "value" and draft.indicator == first.indicator and draft.period == first.period
            for draft in run
        )
        if len(run) != count or count < 2 or not same:
            continue
        ahead = tokens[max(0, first.token - 8) : first.token]
        if any(token.has("each") for token in ahead):
            for year, draft in enumerate(run, int(years[1])):
                draft.period = str(year)


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
        whole = _whole(tokens, place, words.share + 1)
        phrase = left_phrase(tokens, _before_links(tokens, words.share, low), low)
    else:
        whole = ""
        phrase = left_phrase(tokens, words.first, low)
        if phrase and (inside := IN_WHOLE.match(phrase.text)) and (topic := sentence.owner()) is not None:
            _add_share(sentence, place, quantity, words, _share_owner(topic), inside[1])
            return
        if phrase and phrase.text.endswith(("占比", "比重", "比例", "份额")):
            _add_share(sentence, place, quantity, words, phrase, "", named=True)
            return
        if words.share_noun:
            nouns = [here for here in range(low, place) if tokens[here].has("share_noun")]
            phrase = left_phrase(tokens, nouns[-1], low) if nouns else phrase
        elif words.share is None:
            whole = _whole(tokens, place, _after_figure(tokens, place, low))
            phrase = NOTHING
    if not phrase:
        topic = sentence.owner()
        phrase = _share_owner(topic) if topic is not None else sentence._spoken_of(place, low)
    _add_share(sentence, place, quantity, words, phrase, whole)


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


def _items(sentence: Sentence, words: Between, low: int, count: int) -> tuple[list[Phrase], list[Draft]]:
    """The names before 分别; or, where figures stand there already, the claims made of them."""
    tokens = sentence.tokens
    stop = words.first
    listed = next((here for here in range(stop - 1, low, -1) if tokens[here].has("etc")), None)
    if listed is not None and stop - listed <= 4:
        stop = listed
    inside = [
        here for here in range(low, stop) if tokens[here].quantity is not None and not _counts_items(tokens[here])
    ]
    if (
        stop <= low
        or inside
        or all(tokens[here].has("link", "base", "place", "grow", "among") for here in range(low, stop))
    ):
        values = [
            draft for draft in sentence.drafts if draft.kind == "value" and (draft.growth is None or not words.grow)
        ]
        return [], values[-count:]
    pieces: list[tuple[int, int]] = []
    first = low
    for here in range(low, stop):
        if tokens[here].text == "、":
            pieces.append((first, here))
            first = here + 1
    pieces.append((first, stop))
    while len(pieces) < count:
        split = _split_and(tokens, pieces)
        if split is None:
            break
        pieces = split
    counted = next((here for here in range(low, stop) if _counts_items(tokens[here])), None)
    if counted is not None:
        tail = "".join(token.text for token in tokens[counted + 1 : stop])
        ends = [(first, min(last, counted)) for first, last in pieces]
        heads = [phrase for first, last in ends if (phrase := left_phrase(tokens, last, first))]
        return [replace(head, text=head.text + tail, known=known_in(tail)) for head in heads[-count:]], []
    names = [phrase for first, last in pieces if (phrase := left_phrase(tokens, last, first))]
    if len(names) < count and sentence.drafts and not names:
        return [], sentence.drafts[-count:]
    return _with_tails(names[-count:]), []


def _counts_items(token: Token) -> bool:
    """`三大` in `电子信息、新能源、生物医药三大产业产值`: says how many were listed."""
    quantity = token.quantity
    return quantity is not None and quantity.chinese and quantity.sort in ("spec", "count") and quantity.value <= 10


def _split_and(tokens: Sequence[Token], pieces: list[tuple[int, int]]) -> list[tuple[int, int]] | None:
    for order in range(len(pieces) - 1, -1, -1):
        first, last = pieces[order]
        for here in range(last - 2, first, -1):
            if tokens[here].has("and"):
                return [*pieces[:order], (first, here), (here + 1, last), *pieces[order + 1 :]]
    return None


def _with_tails(names: list[Phrase]) -> list[Phrase]:
    """`城镇、农村居民人均可支配收入`: what only the last name spells out belongs to all."""
    if len(names) < 2 or names[-1].known is None or all(name.known for name in names):
        return names
    last = names[-1].text
    table = grammar().indicators
    tail = next((last[start:] for start in range(1, len(last)) if last[start:] in table), "")
    if (first := names[0].text)[0] == last[0] and len(first) <= 3 < len(last) and not tail:
        tail = last[len(first) :]
    return [
        name if name.known else replace(name, text=name.text + tail, known=known_in(name.text + tail)) for name in names
    ]


def _whole(tokens: Sequence[Token], place: int, first: int) -> str:
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


def _add_share(
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
    phrase = _draft_phrase(topic)
    if topic.kind == "share":
        return replace(phrase, text=phrase.text.split("占")[0] or phrase.text)
    return phrase


def _draft_phrase(draft: Draft) -> Phrase:
    return Phrase(draft.indicator, -1, -1, draft.start, draft.stop, draft.subject, known_in(draft.indicator))


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


def _compared_to(tokens: Sequence[Token], place: int, first: int) -> str:
    """What each is compared with, where it stands between 分别 and the figure."""
    text = "".join(
        token.text for token in tokens[first:place] if not token.has("and", "grow") and token.kind != "point"
    )
    return text if 2 <= len(text) <= 24 else ""


def _difference(words: Between, figure: Quantity) -> bool:
    return figure.unit == "百分点"


def _with_unit(figure: Quantity, name: Phrase) -> Quantity:
    if figure.sort == "bare" and name.known is not None and name.known.unit:
        return replace(figure, unit=name.known.unit)
    return figure


__all__ = ["goes_on", "group", "is_place", "share"]
