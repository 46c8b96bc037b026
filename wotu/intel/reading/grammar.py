"""The grammar as data: grammar/*.yaml read once into lookup tables. Nothing here knows what a claim is."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import regex
import yaml

from wotu.intel.reading.model import Nature

NO_TOKENS = frozenset(("after", "inside", "tail", "act", "stage", "trim", "not_trimmed", "generic", "with_object"))
"""Lists of words.yaml that other words are looked up in, but that make no token by themselves."""

FOLDER = Path(__file__).with_name("grammar")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as written, and the base unit it is read into."""

    word: str
    base: str
    sort: str
    not_before: tuple[str, ...]
    only_at_end: bool


@dataclass(frozen=True, slots=True)
class Indicator:
    """An indicator the grammar knows by name."""

    name: str
    unit: str
    nature: Nature


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the lexicon with all its roles: `tags["grow"] == -1` for 下降."""

    text: str
    tags: Mapping[str, Any]

    def __contains__(self, tag: str) -> bool:
        return tag in self.tags


@dataclass(frozen=True)
class Grammar:
    """All tables, ready for the reader."""

    units: Mapping[str, tuple[Unit, ...]]
    """By first character, longest first."""
    magnitudes: Mapping[str, int]
    bare: Mapping[str, str]
    words: Mapping[str, tuple[Word, ...]]
    """By first character, longest first."""
    indicators: Mapping[str, Indicator]
    lists: Mapping[str, frozenset[str]]
    """The plain lists of words.yaml by name."""
    before: Mapping[str, str]
    after: Mapping[str, str]
    inside: Mapping[str, str]
    names: tuple[tuple[str, regex.Pattern[str]], ...]
    name_begins: frozenset[str]
    periods: Mapping[str, Any]
    boilerplate: Mapping[str, Any]
    lost: tuple[Mapping[str, Any], ...]


def table(name: str) -> Any:
    """One grammar file as data."""
    return yaml.load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


@functools.cache
def grammar() -> Grammar:
    """The shipped grammar."""
    words, units, indicators = table("words"), table("units"), table("indicators")["indicators"]
    known = {
        word: Indicator(entry["name"], entry.get("unit", ""), entry["nature"])
        for entry in indicators
        for word in entry["words"]
    }
    return Grammar(
        units=_by_first(
            Unit(word, entry["base"], entry["sort"], tuple(entry.get("not_before", ())), bool(entry.get("only_at_end")))
            for entry in units["units"]
            for word in entry["words"]
        ),
        magnitudes=dict(sorted(units["magnitudes"].items(), key=lambda item: -len(item[0]))),
        bare=units["bare"],
        words=_by_first(Word(text, tags) for text, tags in _lexicon(words, known).items()),
        indicators=known,
        lists={name: frozenset(entries) for name, entries in words.items() if isinstance(entries, list)},
        before=words["before"],
        after=words["after"],
        inside=words["inside"],
        names=tuple((entry["what"], regex.compile(entry["pattern"])) for entry in table("names")["names"]),
        name_begins=frozenset(table("names")["begins"]) | {"\n"},
        periods=table("periods"),
        boilerplate=table("boilerplate"),
        lost=tuple(table("lost")["phrases"]),
    )


def scale(word: str) -> Decimal:
    """How much a magnitude word multiplies by; 1 for none."""
    return Decimal(grammar().magnitudes.get(word, 1))


def _lexicon(words: Mapping[str, Any], known: Mapping[str, Indicator]) -> dict[str, dict[str, Any]]:
    """Every word of words.yaml and indicators.yaml with its roles."""
    lexicon: dict[str, dict[str, Any]] = {}
    for role, entries in words.items():
        if role in NO_TOKENS:
            continue
        for text in entries:
            lexicon.setdefault(text, {})[role] = entries[text] if isinstance(entries, dict) else True
    for text, indicator in known.items():
        lexicon.setdefault(text, {})["noun"] = True
        lexicon[text]["indicator"] = indicator
    return lexicon


def _by_first(entries: Any) -> dict[str, tuple[Any, ...]]:
    found: dict[str, list[Any]] = {}
    for entry in entries:
        text = entry.word if isinstance(entry, Unit) else entry.text
        found.setdefault(text[0], []).append((text, entry))
    return {
        first: tuple(entry for _, entry in sorted(pairs, key=lambda pair: -len(pair[0])))
        for first, pairs in found.items()
    }
