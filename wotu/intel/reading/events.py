"""What happened: meetings, signings, unveilings, visits, designations; by the forms of grammar/events.yaml."""

from __future__ import annotations

import functools
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import regex

from wotu.intel.reading.grammar import table
from wotu.intel.reading.model import Event
from wotu.intel.reading.normal import Normal

DATED = regex.compile(r"(?:今年|去年|\d{4}年)?(?:\d{1,2}月)?(?:\d{1,2}日)?")
DATE_TAIL = regex.compile(r"(?:于|在)?(?:19|20)\d{2}年(?:\d{1,2}月)?(?:\d{1,2}日)?起?$")


def events(form: Normal, text: str, times: Sequence[tuple[int, str]]) -> tuple[Event, ...]:
    """All events; `times` are (place in the normal form, period) in order."""
    found: list[Event] = []
    places = [place for place, _ in times]
    for sentence in regex.finditer(r"[^。！？\n]+", form.text):
        taken: list[tuple[str, int, int]] = []
        for kind, pattern in _forms()[0]:
            for match in pattern.finditer(form.text, sentence.start(), sentence.end()):
                if any(kind == other and match.start() < stop and start < match.end() for other, start, stop in taken):
                    continue
                index = bisect_right(places, match.end()) - 1
                period = times[index][1] if index >= 0 and places[index] >= sentence.start() else ""
                event = _event(kind, match, form, text, period)
                if event is not None:
                    found.append(event)
                    taken.append((kind, match.start(), match.end()))
    return tuple(sorted(found, key=lambda event: event.span))


def _event(kind: str, match: regex.Match[str], form: Normal, text: str, period: str) -> Event | None:
    groups = match.groupdict()
    name = _clean(groups.get("name") or "").strip("“”")
    objects = _objects(groups.get("objects") or "")
    if not name and not objects:
        return None
    start = min(match.start(slot) for slot in ("name", "objects") if groups.get(slot))
    span = form.span(start, match.end())
    subject = _clean(groups.get("subject") or "")
    place = (groups.get("place") or "").removeprefix("了")
    return Event(kind, name or "、".join(objects), place, period, subject, objects, span, text[span[0] : span[1]])


def _objects(listed: str) -> tuple[str, ...]:
    """The things listed, without introductions: after the last comma, split at 、 outside brackets."""
    if not listed:
        return ()
    pieces = regex.split(r"[、](?![^()]*\))|以及", listed.replace("，", "、"))
    cleaned = [_clean(piece) for piece in pieces]
    if cleaned and cleaned[0].startswith(tuple(_forms()[1]["not_events"])):
        return ()
    return tuple(piece for piece in cleaned if 2 <= len(piece) <= 40 and not DATED.fullmatch(piece))


def _clean(words: str) -> str:
    data = _forms()[1]
    for cut in data["cut_after"]:
        words = words.rpartition(cut)[2] or words
    words = DATE_TAIL.sub("", words.strip(" ，、:"))
    changed = True
    while words and changed:
        changed = False
        for front in data["trim_front"]:
            if words.startswith(front) and len(words) > len(front) + 1:
                words, changed = words[len(front) :].lstrip("，,、"), True
        for back in data["trim_back"]:
            if words.endswith(back) and len(words) > len(back) + 1:
                words, changed = words[: -len(back)], True
    return words


@functools.cache
def _forms() -> tuple[tuple[tuple[str, regex.Pattern[str]], ...], dict[str, Any]]:
    data = table("events")
    compiled = tuple(
        (
            entry["kind"],
            regex.compile(
                entry["form"]
                .replace("；", "；;")
                .replace("{gathering}", data["gathering"])
                .replace("{place}", data["place"])
            ),
        )
        for entry in data["events"]
    )
    return compiled, data
