"""Title, source and day of publication, where a page says them at its head."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import regex

STAMP = regex.compile(r"(?<!\d)((?:19|20)\d{2})[-./年](\d{1,2})[-./月](\d{1,2})日?(?!\d)")
STAMP_LINE = regex.compile(r"(?:发布|发表|更新|发稿|日期|时间|来源|作者|编辑|字号|浏览|点击|阅读|\d{1,2}:\d{2})")
SOURCE = regex.compile(
    r"(?:文章|信息|稿件|新闻)?(?:来源|稿源|出处)\s*[:：]\s*([^\s|｜]{2,30}?)(?=\s|$|[|｜]|发布|发表|日期|时间|作者|编辑|记者|浏览|字号|点击|阅读|[（(【])"
)
ENDS_SENTENCE = ("。", "；", ";", "!", "！", "?", "？", "，", ",", "：", ":")
HEAD_LINES = 12


@dataclass(frozen=True, slots=True)
class Header:
    """What a page's head says, and how far the head reaches (in characters)."""

    title: str = ""
    source: str = ""
    published: date | None = None
    stop: int = 0
    title_stop: int = 0
    lines: tuple[tuple[int, int], ...] = ()
    """Lines of the head that are no title: source and time stamps."""


def header(text: str) -> Header:
    """The head of a page.

    >>> header("高新区稳步前行\\n来源:商报 发布时间:2021-11-05 10:58:39\\n\\n近日，……").published
    datetime.date(2021, 11, 5)
    """
    title, source, published, stop, title_stop = "", "", None, 0, 0
    stamps: list[tuple[int, int]] = []
    place = 0
    seen = 0
    for raw in text.split("\n"):
        line = raw.strip(" \u3000\t\r\ufeff")
        start, place = place, place + len(raw) + 1
        if not line:
            continue
        seen += 1
        if seen > HEAD_LINES:
            break
        found_source, stamp = SOURCE.search(line), STAMP.search(line)
        about = len(line) <= 120 and (
            found_source is not None
            or (
                stamp is not None
                and (len(line) <= 24 or STAMP_LINE.search(line) is not None)
                and not line.endswith(("。", "；"))
            )
        )
        if about:
            source = source or (found_source[1] if found_source else "")
            published = published or (_day(stamp) if stamp else None)
            stop = min(place, len(text))
            stamps.append((start, min(start + len(raw), len(text))))
        elif not title and seen <= 4 and len(line) <= 60 and not line.endswith(ENDS_SENTENCE) and "。" not in line:
            title, stop = line, max(stop, min(place, len(text)))
            title_stop = min(start + len(raw), len(text))
        elif len(line) > 60:
            break
    if len(text.strip()) == len(title):
        title, stop, title_stop = "", 0, 0
    return Header(title, source, published, stop, title_stop, tuple(stamps))


def _day(stamp: regex.Match[str]) -> date | None:
    try:
        return date(int(stamp[1]), int(stamp[2]), int(stamp[3]))
    except ValueError:
        return None
