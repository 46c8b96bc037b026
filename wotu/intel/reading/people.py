"""Who: people with their titles, and what they said."""

from __future__ import annotations

import functools

import regex

from wotu.intel.reading.grammar import table
from wotu.intel.reading.model import Person, Saying
from wotu.intel.reading.normal import Normal


def people(form: Normal, text: str) -> tuple[Person, ...]:
    """People named with a title, each once."""
    found: dict[str, Person] = {}
    for match in _titled().finditer(form.text):
        name = match["name"]
        if name in found:
            continue
        organisation = match["organisation"] or ""
        span = form.span(match.start("title"), match.end("name"))
        found[name] = Person(name, match["title"], organisation.lstrip("由与和在、"), span, text[span[0] : span[1]])
    return tuple(found.values())


def sayings(form: Normal, text: str, known: tuple[Person, ...]) -> tuple[Saying, ...]:
    """What people said: the quoted words, else the rest of the sentence."""
    found: list[Saying] = []
    names = "|".join(map(regex.escape, sorted((person.name for person in known), key=len, reverse=True)))
    if not names:
        return ()
    said = "|".join(sorted(table("people")["said"], key=len, reverse=True))
    pattern = regex.compile(
        rf"(?P<speaker>{names})(?:现场|在会上|在致辞中|随后)*(?:{said})(?:道)?[，:](?:“(?P<quoted>[^”\n]{{2,1200}})”?|(?P<told>[^。\n]{{4,400}}))"
    )
    for match in pattern.finditer(form.text):
        slot = "quoted" if match["quoted"] else "told"
        span = form.span(*match.span(slot))
        found.append(Saying(match["speaker"], span, text[span[0] : span[1]]))
    return tuple(found)


@functools.cache
def _titled() -> regex.Pattern[str]:
    data = table("people")
    titles = "|".join(sorted(data["titles"], key=len, reverse=True))
    said = "|".join(sorted(data["said"], key=len, reverse=True))
    surname = f"[{data['surnames']}]"
    return regex.compile(
        rf"(?P<organisation>[\u4e00-\u9fffA-Za-z()]{{2,24}}?)?(?P<title>(?:{titles})(?:[、兼](?:[\u4e00-\u9fff]{{0,12}}?)(?:{titles}))*)"
        rf"(?P<name>{surname}[\u4e00-\u9fff]{{1,2}}?|[\u4e00-\u9fff]{{2}})(?=(?:现场|一行|在[^，。]{{1,12}}?)?(?:{said})|[，、。）)])"
    )
