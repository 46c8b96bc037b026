"""What on a page is not the article: related headlines, share links, footers, advertisements; marked, not cut."""

from __future__ import annotations

from collections.abc import Mapping

import regex

from wotu.intel.reading.grammar import grammar
from wotu.intel.reading.model import Aside

Rules = Mapping[str, list[dict[str, list[str]]]]

STAMP_ONLY = regex.compile(r"(?:19|20)\d{2}[-./年]\d{1,2}[-./月]\d{1,2}日?(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?$")
TAIL = regex.compile(r"[：:]|$|\s")


def asides(text: str) -> tuple[Aside, ...]:
    """The parts of a text that are not the article, in order.

    >>> [text[a.span[0]:a.span[1]] for text in ["正文一句。\\n相关阅读\\n别的新闻"] for a in asides(text)]
    ['相关阅读\\n别的新闻']
    """
    found: list[Aside] = []
    data: Rules = grammar().boilerplate
    place = body = 0
    for raw in text.split("\n"):
        line = raw.strip(" \u3000\t\r\xa0")
        start, place = place, place + len(raw) + 1
        if not line:
            continue
        if body and (why := _ends(line, data)):
            found.append(Aside(why, (start, len(text))))
            break
        if why := _line(line, data):
            found.append(Aside(why, (start, start + len(raw))))
        elif len(line) > 30 or line.endswith("。"):
            body += 1
    return tuple(found)


def tables(text: str) -> tuple[tuple[int, int], ...]:
    """Runs of lines with cells between tabs, as pasted from a spreadsheet."""
    found: list[tuple[int, int]] = []
    place = rows = start = 0
    for line in [*text.split("\n"), ""]:
        if "\t" in line.strip("\t ") and len(line) < 2_000:
            start, rows = (start, rows + 1) if rows else (place, 1)
        else:
            if rows >= 2 or (rows == 1 and text[start:place].count("\t") >= 3):
                found.append((start, place - 1))
            rows = 0
        place += len(line) + 1
    return tuple(found)


def _ends(line: str, data: Rules) -> str:
    """Why everything from this line on is not the article; empty if it is."""
    for rule in data["ends"]:
        for word in rule.get("starts", ()):
            if line.lstrip("【[■◆●>·#").startswith(word) and len(line) <= max(30, len(word) + 4):
                return word
        for word in rule.get("has", ()):
            if word in line:
                return word
    return ""


def _line(line: str, data: Rules) -> str:
    if STAMP_ONLY.match(line):
        return "时间"
    bare = line.lstrip("（(【[■◆●>·#")
    for rule in data["line"]:
        for word in rule.get("starts", ()):
            if bare.startswith(word) and (TAIL.match(bare[len(word) :]) is not None) and len(line) <= 80:
                return word
        for word in rule.get("has", ()):
            if word in line and len(line) <= 60:
                return word
    return ""
