"""Names of the industries (GB/T 4754—2017) for pages: sections by letter, divisions by letter and two digits."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "industries.yaml").read_text(encoding="utf-8"))
    return table


def sections() -> tuple[tuple[str, str], ...]:
    """Every section as (letter, name)."""
    return tuple((letter, section["name"]) for letter, section in _table().items())


def divisions(letter: str) -> tuple[tuple[str, str], ...]:
    """The divisions of a section as (code such as `C39`, name)."""
    section = _table().get(letter)
    return tuple((letter + digits, name) for digits, name in section["divisions"].items()) if section else ()


def industry_name(code: str) -> str:
    """What an industry code means, as far as its division: `C3972` and `C39` alike; empty for a code outside the standard.

    >>> industry_name("I6513")
    '软件和信息技术服务业'
    >>> industry_name("C")
    '制造业'
    """
    section = _table().get(code[:1])
    if section is None:
        return ""
    return str(section["divisions"].get(code[1:3], "")) if len(code) > 2 else str(section["name"])
