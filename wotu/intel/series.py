"""What an indicator is called throughout, whatever an article calls it, and which number of the registers counts it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from wotu.registers import measures
from wotu.registers.measures import Measure

FILE = Path(__file__).with_name("series.yaml")
GROWING = ("增长", "增速", "增幅", "降幅", "增长率", "年均增长")
SHARED = ("比重", "占比", "比例", "份额", "率")


@dataclass(frozen=True, slots=True)
class Series:
    """One indicator: its name, the measure that counts it, and measures of a like 口径 it is easily mixed up with."""

    name: str
    measure: str = ""
    near: tuple[str, ...] = ()

    @property
    def counted_by(self) -> Measure | None:
        """The measure itself, where its room is here."""
        return measures.measure(self.measure) if self.measure else None

    @property
    def alike(self) -> tuple[Measure, ...]:
        """The measures it is easily mixed up with."""
        return tuple(m for id in self.near if (m := measures.measure(id)) is not None)


@cache
def _table() -> tuple[Mapping[str, Series], Mapping[str, str]]:
    read: list[dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))["series"]
    known = {e["name"]: Series(e["name"], e.get("measure", ""), tuple(e.get("near", ()))) for e in read}
    names = {_form(word): entry["name"] for entry in read for word in (entry["name"], *entry["also"])}
    return known, names


def series(name: str) -> Series:
    """The series of this name; one that series.yaml does not list is counted by nothing."""
    return _table()[0].get(name) or Series(name)


def known() -> tuple[Series, ...]:
    """Every series that series.yaml lists."""
    return tuple(_table()[0].values())


def name(indicator: str, *, part: str = "", kind: str = "value", base: str = "") -> str:
    """The one name of what a figure says; `part` is the part of the zone it speaks of.

    >>> name("国家高企"), name("资金规模", part="苏州金融小镇")
    ('国家高新技术企业', '苏州金融小镇资金规模')
    >>> name("新增市场主体", kind="growth"), name("新兴产业产值", kind="share", base="规上工业总产值")
    ('新增市场主体增长', '新兴产业产值占规上工业总产值比重')
    """
    plain = unicodedata.normalize("NFKC", indicator).strip()
    whole = _table()[1].get(_form(f"{part}{plain}")) or (
        f"{part}{plain}" if part else _table()[1].get(_form(plain), plain)
    )
    if kind == "growth" and not whole.endswith(GROWING):
        whole = f"{whole}{'年均' if '年均' in base else ''}增长"
    if kind == "share" and not whole.endswith(SHARED):
        whole = f"{whole}占{base}比重" if base else f"{whole}占比"
    return whole[:200]


def _form(word: str) -> str:
    return unicodedata.normalize("NFKC", word).replace(" ", "")
