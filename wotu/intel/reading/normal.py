"""One normal form of a text with a map back: half width, simplified, one comma, no spaces inside figures; offsets kept."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import opencc

from wotu.intel.reading.model import Span

UNSEEN = frozenset("\u200b\u200c\u200d\u2060\ufeff\xad\r")
BLANKS = frozenset(" \t\u3000\xa0\u2002\u2003\u2009\x0b\x0c")
QUOTES = str.maketrans("「」『』﹁﹂", "“”‘’“”")
DASHES = str.maketrans("－﹣−‐‑‒", "------")
GROUPED = re.compile(r"(?<![\d.])\d{1,3}(?:[,，]\d{3})+(?![\d])")


@dataclass(frozen=True, slots=True)
class Normal:
    """The normal form, and for every character of it where it starts and stops in the text as given."""

    text: str
    starts: tuple[int, ...]
    stops: tuple[int, ...]
    repaired: frozenset[int] = frozenset()
    """Places in the normal form whose character the page had lost."""

    def span(self, start: int, stop: int) -> Span:
        """Where a stretch of the normal form lies in the text as given."""
        return self.starts[start], max(self.stops[start:stop])


@functools.cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@functools.lru_cache(maxsize=30_000)
def _plain(char: str) -> str:
    """The half-width, simplified form of one character; itself where that would be longer than one.

    >>> "".join(map(_plain, "億元％２０２１（個）"))
    '亿元%2021(个)'
    """
    if char in "…，㎡²℃①":
        return char
    folded = unicodedata.normalize("NFKC", char)
    if len(folded) != 1:
        return char
    folded = folded.translate(QUOTES).translate(DASHES)
    if ord(folded) > 0x2E80:
        simple: str = _simplifier().convert(folded)
        if len(simple) == 1:
            return simple
    return folded


def normal_form(text: str) -> Normal:
    """The normal form of a text.

    >>> form = normal_form("增長 ８．５％,新增２２,４７３家")
    >>> form.text
    '增长8.5%，新增22,473家'
    >>> form.span(0, 6), form.text[7:9]
    ((0, 7), '新增')
    """
    chars: list[str] = []
    starts: list[int] = []
    quote_open = False
    for place, raw in enumerate(text):
        if raw in UNSEEN:
            continue
        char = " " if raw in BLANKS else _plain(raw)
        if char == "\n":
            quote_open = False
        elif char == '"':
            char, quote_open = ("”", False) if quote_open else ("“", True)
        chars.append(char)
        starts.append(place)
    plain = "".join(chars)
    kept = [place for place in range(len(plain)) if not _idle(plain, place)]
    plain, starts = "".join(plain[place] for place in kept), [starts[place] for place in kept]
    grouping = {
        place
        for found in GROUPED.finditer(plain)
        if _grouped(text, starts, found)
        for place in range(found.start(), found.end())
    }
    plain = "".join(("," if place in grouping else "，") if char in ",，" else char for place, char in enumerate(plain))
    return Normal(plain, tuple(starts), tuple(start + 1 for start in starts))


def mended(form: Normal, edits: Iterable[tuple[int, int, str]]) -> Normal:
    """The form with stretches replaced by what they probably were; new characters lie where the old ones did."""
    text, starts, stops, repaired = list(form.text), list(form.starts), list(form.stops), [False] * len(form.text)
    for start, stop, instead in sorted(edits, reverse=True):
        first, last = starts[start], stops[stop - 1]
        fresh_starts, fresh_stops = [first] * len(instead), [last] * len(instead)
        text[start:stop], repaired[start:stop] = list(instead), [True] * len(instead)
        starts[start:stop], stops[start:stop] = fresh_starts, fresh_stops
    marks = frozenset(place for place, mark in enumerate(repaired) if mark)
    return Normal("".join(text), tuple(starts), tuple(stops), marks)


def _idle(text: str, place: int) -> bool:
    """Whether a blank only spaces a figure out (`增长 8.5 %`), so that reading loses nothing without it."""
    if text[place] != " ":
        return False
    left, right = place, place
    while left >= 0 and text[left] == " ":
        left -= 1
    while right < len(text) and text[right] == " ":
        right += 1
    before, after = (text[left] if left >= 0 else "\n"), (text[right] if right < len(text) else "\n")
    if before == "\n" or after == "\n" or text[place - 1 : place] == " ":
        return True
    if before.isdigit() and after.isdigit():
        return False
    return (before.isdigit() or after.isdigit()) and not (before.isascii() and before.isalpha())


def _grouped(text: str, starts: list[int], found: re.Match[str]) -> bool:
    """Whether the commas in digits group thousands: half-width commas do, full-width ones only among full-width digits."""
    return all(
        text[starts[place]] == "," or text[starts[place - 1]] > "\xff"
        for place in range(found.start(), found.end())
        if found.string[place] in ",，"
    )
