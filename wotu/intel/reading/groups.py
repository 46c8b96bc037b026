"""Figures that share words: `A、B分别为x、y`, `分别增长x和y`, `2016年至2018年，分别完成…`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import regex

from wotu.intel.reading import rates, shares
from wotu.intel.reading.between import Between, between, sign
from wotu.intel.reading.drafts import Draft, as_phrase
from wotu.intel.reading.grammar import grammar
from wotu.intel.reading.phrases import NOTHING, Phrase, known_in, left_phrase
from wotu.intel.reading.tokens import Quantity, Token

if TYPE_CHECKING:
    from wotu.intel.reading.claims import Sentence

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
            if not same or not shares.goes_on(tokens, places[-1], here):
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
    assert quantity is not None
    assert words.each is not None
    whole = ""
    growing = words.grow is not None and quantity.unit in ("%", "百分点", "倍")
    for order, at in enumerate(places):
        figure = tokens[at].quantity
        assert figure is not None
        own = words if at == place else between(tokens, at, places[order - 1] + 1)
        own.modifier = own.modifier or ""
        owner = owners[order] if order < len(owners) else owners[-1] if owners else None
        phrase = names[order] if order < len(names) else names[-1] if names else NOTHING
        if words.share is not None or words.share_noun:
            whole = shares.whole_of(tokens, at, places[order - 1] + 1 if order else words.each + 1) or whole
            shares.add_share(sentence, at, figure, own, phrase or (as_phrase(owner) if owner else NOTHING), whole)
        elif growing or figure.unit == "百分点":
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
                rates.grow(sentence, owner, at, changed, own, base)
        elif phrase or owner is not None:
            name = phrase or as_phrase(owner)  # type: ignore[arg-type]
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
            draft
            for draft in sentence.drafts
            if (draft.kind == "value" or words.share is None) and (draft.growth is None or not words.grow)
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


def _compared_to(tokens: Sequence[Token], place: int, first: int) -> str:
    """What each is compared with, where it stands between 分别 and the figure."""
    text = "".join(
        token.text for token in tokens[first:place] if not token.has("and", "grow") and token.kind != "point"
    )
    return text if 2 <= len(text) <= 24 else ""


def _with_unit(figure: Quantity, name: Phrase) -> Quantity:
    if figure.sort == "bare" and name.known is not None and name.known.unit:
        return replace(figure, unit=name.known.unit)
    return figure
