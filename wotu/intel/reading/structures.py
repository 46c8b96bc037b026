"""Plans said in numbers (`一个定位、两大生态、三大功能区：…`) as trees."""

from __future__ import annotations

import regex

from wotu.intel.reading.model import Branch, Structure
from wotu.intel.reading.normal import Normal

COUNTS = {char: index for index, char in enumerate("零一二三四五六七八九十")} | {"两": 2, "十一": 11, "十二": 12}
BRANCH = regex.compile(
    r"(?P<head>(?P<count>十[一二]|[一两二三四五六七八九十])(?P<kind>大|个|项|条|座|类|批|方面)(?P<name>[\u4e00-\u9fff]{2,14}))"
    r"(?::|——|，即|，分别是|，包括|即)(?P<items>[^;。\n]{2,400})"
)
NAMED = regex.compile(
    r"“(?P<name>\d{3,8}|[^”\n]{2,16})”(?P<what>[\u4e00-\u9fff]{2,8}?)?(?=--|——|—|:|，|是|为|的|紧扣|$)"
)
TRIMMED = regex.compile(
    r"^(?:全力打造|着力打造|努力打造|奋力打造|加快打造|打造|奋力|努力|全力|着力|加快|建设|即|是|和|与|以及|分别是)(?=[\u4e00-\u9fff]{3})"
)


def structures(form: Normal, text: str) -> tuple[Structure, ...]:
    """All structures of a text, with spans in the text as given."""
    found: list[Structure] = []
    for sentence in regex.finditer(r"[^。\n]+", form.text):
        branches = [
            _branch(match, form, text) for match in BRANCH.finditer(form.text, sentence.start(), sentence.end())
        ]
        kept = [branch for branch in branches if branch is not None]
        if not kept or (len(kept) == 1 and (kept[0].count < 2 or len(kept[0].items) != kept[0].count)):
            continue
        first = BRANCH.search(form.text, sentence.start(), sentence.end())
        assert first is not None
        name = NAMED.search(form.text, sentence.start(), first.start())
        span = (form.span(name.start(), name.end())[0] if name else kept[0].span[0]), kept[-1].span[1]
        title = f"{name['name']}{name['what'] or ''}" if name else "、".join(branch.name for branch in kept)
        found.append(Structure(title, tuple(kept), span, text[span[0] : span[1]]))
    return tuple(found)


def items_of(listed: str, count: int) -> tuple[str, ...]:
    """The items of a list, split as finely as the count asks for.

    >>> items_of("集成电路、数字经济和绿色低碳", 3)
    ('集成电路', '数字经济', '绿色低碳')
    """
    items = [TRIMMED.sub("", item.strip(" “”")) for item in regex.split("[、，]", listed)]
    items = [item for item in items if item]
    while len(items) < count:
        last = regex.match(r"(.{2,})(?:以及|和|与|及)(.{2,})$", items[-1]) if items else None
        if last is None:
            break
        items[-1:] = [last[1], last[2]]
    return tuple(items)


def _branch(match: regex.Match[str], form: Normal, text: str) -> Branch | None:
    count = COUNTS[match["count"]]
    items = items_of(match["items"], count)
    if len(items) > count and count == 1:
        items = (match["items"].strip(),)
    if len(items) > count:
        items = items[:count]
    if any(len(item) > 40 for item in items) or (count > 1 and len(items) < 2):
        return None
    span = form.span(match.start(), match.end())
    return Branch(match["head"], count, items, span, text[span[0] : span[1]])
