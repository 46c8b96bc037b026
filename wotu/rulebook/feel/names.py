"""How FEEL spells names: pieces of letters and symbols, with blanks and operators allowed between (grammar rules 25-30)."""

from __future__ import annotations

import re
from bisect import insort
from collections.abc import Iterable
from functools import lru_cache

_START = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u167f\u1681-\u180d\u180f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufefe\uff00-\ufffd\U00010000-\U000effff"
)
_PART = _START + "0-9\u00b7\u0300-\u036f\u203f-\u2040"

WORD = re.compile(f"[{_START}][{_PART}]*")
"""A name of one piece."""
RUN = re.compile(f"[{_PART}]+")
"""What stands together inside a name, digits first or not."""
SYMBOLS = ".-/'’+*"
"""What may join the pieces of a name."""
BLANK = re.compile(
    "(?:[\t-\r \u0085\u00a0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]|//[^\n\r]*|/\\*.*?\\*/)+",
    re.DOTALL,
)
"""White space and comments."""
KEYWORDS = frozenset(
    [
        "if",
        "then",
        "else",
        "for",
        "in",
        "return",
        "some",
        "every",
        "satisfies",
        "instance",
        "of",
        "between",
        "and",
        "or",
        "function",
        "null",
        "true",
        "false",
        "external",
    ]
)

_PIECES = re.compile(f"[{_PART}]+|[^{_PART}\\s]")


@lru_cache(maxsize=4096)
def pieces(name: str) -> tuple[str, ...]:
    """`first name` -> (first, name); `a+b` -> (a, +, b)."""
    return tuple(_PIECES.findall(name))


class NameTable:
    """The names of several pieces, longest first, by their first piece."""

    __slots__ = ("_by_first",)

    def __init__(self, names: Iterable[str]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """One more name."""
        parts = pieces(name)
        if len(parts) > 1:
            insort(self._by_first.setdefault(parts[0], []), (parts, name), key=lambda entry: -len(entry[0]))

    def match(self, text: str, position: int) -> tuple[str, int] | None:
        """The longest of the names that stands at this place, and where it ends."""
        first = RUN.match(text, position)
        for parts, name in self._by_first.get(first[0], ()) if first else ():
            end = first.end()  # type: ignore[union-attr]
            for part in parts[1:]:
                blank = BLANK.match(text, end)
                start = blank.end() if blank else end
                run = RUN.match(text, start)
                if (run[0] if run else text[start : start + 1]) != part:
                    break
                end = start + len(part)
            else:
                return name, end
        return None
