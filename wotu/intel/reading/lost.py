"""Characters the crawler lost: where a known word is one character short, what it probably was."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import regex

from wotu.intel.reading.grammar import grammar
from wotu.intel.reading.numbers import unit_at

BEGINS = regex.compile(r"(?:^|[\n。！？])$")
AFTER_FIGURE = r"(?<=[\d.百千万亿余多] ?)"


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of the normal form and the word it probably was."""

    start: int
    stop: int
    instead: str


def gaps(text: str) -> tuple[Gap, ...]:
    """Where characters are missing, in order.

    >>> [(text[gap.start:gap.stop], gap.instead) for text in ["载体超800万方米，109方公里水域"] for gap in gaps(text)]
    [('方米', '平方米'), ('方公里', '平方公里')]
    """
    found: dict[int, Gap] = {}
    for match in _short_units().finditer(text):
        unit = unit_at(text, match.start())
        if unit is not None and len(unit.word) >= len(match[0]):
            continue
        found[match.start()] = Gap(match.start(), match.end(), SHORT[match[0]])
    for pattern, phrase in _phrases():
        for match in pattern.finditer(text):
            start, stop = match.span("found")
            if not any(gap.start < stop and start < gap.stop for gap in found.values()):
                found[start] = Gap(start, stop, phrase["whole"])
    return tuple(found[start] for start in sorted(found))


SHORT: dict[str, str] = {}


@functools.cache
def _short_units() -> regex.Pattern[str]:
    """Units of three characters and more with one lost, right after a figure; never what is itself a word or a unit."""
    units = {unit.word for group in grammar().units.values() for unit in group}
    lexicon = {word.text for group in grammar().words.values() for word in group}
    whole = sorted(unit for unit in units if len(unit) >= 3 and regex.fullmatch(r"[\u4e00-\u9fff]+", unit))
    for unit in whole:
        if grammar_sort(unit) not in ("area", "share") and unit not in ("千瓦时", "立方米"):
            continue
        for place in range(len(unit)):
            short = unit[:place] + unit[place + 1 :]
            if len(short) >= 2 and short not in units and short not in lexicon and short not in KEPT:
                SHORT.setdefault(short, unit)
    pieces = "|".join(sorted(map(regex.escape, SHORT), key=len, reverse=True))
    return regex.compile(rf"{AFTER_FIGURE}(?:{pieces})(?![\u4e00-\u9fff]?(?:案|向|面|法|式|便))")


KEPT = frozenset(("百分", "平方", "立方", "千瓦", "瓦时", "方公", "平公", "千时", "平里", "立米"))


def grammar_sort(word: str) -> str:
    """What sort of unit a word is."""
    return next(unit.sort for unit in grammar().units[word[0]] if unit.word == word)


@functools.cache
def _phrases() -> tuple[tuple[regex.Pattern[str], dict[str, str]], ...]:
    compiled = []
    for phrase in grammar().lost:
        if phrase.get("silent"):
            continue
        before = phrase["before"]
        ahead = r"(?:(?<=^|[\n。！？])\s*)" if before == "^" else f"(?<={before})" if before else ""
        after = f"(?={phrase['after']})" if phrase["after"] else ""
        compiled.append((regex.compile(f"{ahead}(?P<found>{regex.escape(phrase['found'])}){after}"), dict(phrase)))
    return tuple(compiled)
