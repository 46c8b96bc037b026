"""Reading articles: bytes or text in, a `Reading` of claims, events and structures out. No database, no network.

    reading = read_text("今年前9个月，新增市场主体22473家、增长206.7%。", published=date(2021, 11, 5))
    reading.claims[0].period        # '2021-01..2021-09'

`read_bytes` takes a file as it is (text, HTML, PDF, docx, any usual encoding). The grammar is data: grammar/*.yaml.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from wotu.intel.reading.model import Note, Reading
from wotu.intel.reading.pages import Unreadable, text_of
from wotu.intel.reading.reader import read_text


def read_bytes(data: bytes, name: str = "", published: date | None = None) -> tuple[Reading, bool]:
    """Read a file; and whether its text had to be taken out of a page first. Raises `Unreadable`."""
    page = text_of(data, name)
    reading = read_text(page.text, published or page.published)
    if page.notes:
        reading = replace(reading, notes=(*map(Note, page.notes), *reading.notes))
    return reading, page.paged


__all__ = ["Reading", "Unreadable", "read_bytes", "read_text"]
