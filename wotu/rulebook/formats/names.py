"""The few names that every format of a rule agrees on."""

from __future__ import annotations

import re

from ..dmn import model as m
from ..infos import WOTU

OWN_TYPE = "取值"
"""The type of one input alone is named after it: 得分取值."""
DASH = "-"
"""A line that says nothing, where lines go side by side."""


def has(element: m.Element, name: str) -> bool:
    """Whether the element bears a wotu element of that name."""
    return any(each.tag == WOTU + name for each in element.extensions)


def source_name(document: str, number: str, article: str) -> str:
    """《文件》（文号）条"""
    return f"《{document}》{f'（{number}）' if number else ''}{article}"


def tail(id: str) -> str:
    """An id without its kind: decision_size is size."""
    return id.partition("_")[2] or id


_WIDE = {"≥": ">=", "≤": "<=", "≠": "!=", "％": "/ 100", "%": "/ 100", "且": "and", "或": "or"}
_WIDE |= dict(zip("＞＜＝（），、；“”【】×÷", '><=(),,,""[]*/', strict=True))


def wide_signs(text: str) -> str:
    """How to write the first sign that FEEL writes otherwise; empty where there is none outside of texts."""
    outside = re.sub(r'"[^"]*"', "", text)
    found = next((sign for sign in outside if sign in _WIDE), None)
    return f"“{found}”请写成英文半角的 {_WIDE[found]}" if found else ""
