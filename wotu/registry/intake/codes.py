"""Codes as sheets write them: 统一社会信用代码 and industries tidied, and what is wrong with one that fails."""

from __future__ import annotations

import re
from functools import lru_cache

from django.core.exceptions import ValidationError
from stdnum.cn import uscc

from wotu.registry.codes import SECTIONS, validate_credit_code, validate_industry

LOOKALIKES = str.maketrans({"O": "0", "I": "1", "Z": "2", "S": "5", "V": "U"})
"""Letters that GB 32100 leaves out because they are taken for others."""


def tidy_code(text: str) -> str:
    """A code in capitals, without the spaces and hyphens that people put in (the text is folded already)."""
    return re.sub(r"[\s\-‐–—_.·]", "", text).upper()


@lru_cache(maxsize=1 << 16)
def is_credit_code(code: str) -> bool:
    """Whether a tidied code is right, check digit included."""
    return len(code) == 18 and uscc.is_valid(code)


def wrong_code(text: str) -> str:
    """One sentence on what is wrong with a code (as folded text) and how to mend it."""
    code = tidy_code(text)
    if re.fullmatch(r"\d(?:\.\d+)?[eE]\+?\d+", text):
        return "统一社会信用代码被存成了数字，后几位已经丢失，请把该列设成文本后重新填写"
    if len(code) in (13, 15) and code.isdigit():
        return f"“{code}”是旧的工商注册号，请换成18位统一社会信用代码"
    if len(code) == 9:
        return f"“{code}”像是组织机构代码，请换成18位统一社会信用代码"
    meant = code.translate(LOOKALIKES)
    if meant != code and is_credit_code(meant):
        return f"统一社会信用代码“{code}”里把相近的字母写成了数字或反之，是不是“{meant}”？请核对后改正"
    try:
        validate_credit_code(code)
    except ValidationError as error:
        return str(error.messages[0]).rstrip("。")
    return ""


@lru_cache(maxsize=4096)
def tidy_industry(text: str) -> str | None:
    """An industry code as GB/T 4754 writes it, from `c3569`, `3569` or `C3569 其他通用设备`; None where there is none.

    >>> tidy_industry("3569"), tidy_industry("I65 软件和信息技术服务业"), tidy_industry("软件业")
    ('C3569', 'I65', None)
    """
    found = re.match(r"([A-Za-z]?)\s*[-.]?\s*(\d{2,4})(?!\d)", text.strip())
    if found is None:
        return None
    letter, digits = found[1].upper(), found[2]
    if not letter:
        division = int(digits[:2])
        letter = next((one for one, (low, high) in SECTIONS.items() if low <= division <= high), "")
    return f"{letter}{digits}" if letter else None


def wrong_industry(text: str) -> str:
    """One sentence on what is wrong with an industry code; empty where nothing is."""
    code = tidy_industry(text)
    if code is None:
        return f"行业代码“{text}”应为一个门类字母加2–4位数字，如 C3569"
    try:
        validate_industry(code)
    except ValidationError as error:
        return str(error.messages[0]).rstrip("。")
    return ""
