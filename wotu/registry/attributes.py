"""The attributes a zone knows, as data: `attributes.yaml` read, checked and written into the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from wotu.registry.models import Attribute

FILE = Path(__file__).parent / "attributes.yaml"


@dataclass(frozen=True, slots=True)
class Allowed:
    """The values an attribute can have at all: an interval of numbers, or a list of texts."""

    text: str = ""
    low: Decimal | None = None
    high: Decimal | None = None
    low_open: bool = False
    high_open: bool = False
    words: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Allowed:
        """Read `[0..)`, `(0..1]`, `>= -1` or `"甲","乙"`, the unary tests that attributes use.

        >>> Allowed.parse("[0..1]").admits(Decimal("1.01"))
        False
        >>> Allowed.parse(">= -1").admits(Decimal("-0.5"))
        True
        """
        text = text.strip()
        if not text:
            return cls()
        if text.startswith('"'):
            return cls(text, words=tuple(word.strip().strip('"') for word in text.split(",")))
        for sign in (">=", "<=", ">", "<"):
            if text.startswith(sign):
                bound = Decimal(text[len(sign) :].strip())
                return (
                    cls(text, low=bound, low_open=sign == ">")
                    if sign[0] == ">"
                    else cls(text, high=bound, high_open=sign == "<")
                )
        low, _, high = text[1:-1].partition("..")
        return cls(
            text,
            low=Decimal(low) if low else None,
            high=Decimal(high) if high else None,
            low_open=text[0] == "(",
            high_open=text[-1] == ")",
        )

    def admits(self, value: Decimal | str) -> bool:
        """Whether a value is possible."""
        if isinstance(value, str):
            return not self.words or value in self.words
        if self.low is not None and (value < self.low or (self.low_open and value == self.low)):
            return False
        return not (self.high is not None and (value > self.high or (self.high_open and value == self.high)))

    def words_for(self) -> str:
        """The condition in words, for a sentence to an officer."""
        if self.words:
            return "只能是" + "、".join(f"“{word}”" for word in self.words)
        parts = []
        if self.low is not None:
            parts.append(f"{'大于' if self.low_open else '不小于'}{self.low}")
        if self.high is not None:
            parts.append(f"{'小于' if self.high_open else '不大于'}{self.high}")
        return "应" + "且".join(parts) if parts else ""


@dataclass(frozen=True, slots=True)
class Declared:
    """One attribute as the file declares it."""

    code: str
    name: str
    type: str = "number"
    unit: str = ""
    period: str = "year"
    definition: str = ""
    by: str = ""
    allowed: str = ""
    synonyms: tuple[str, ...] = ()
    when: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    short: tuple[str, ...] = ()
    since: str = ""
    """The date attribute whose value is the day from which this one holds (a certificate's number and its date)."""
    quarter_of: str = ""
    """The yearly attribute whose values of a quarter belong here."""

    def values(self) -> dict[str, Any]:
        """The fields of its row."""
        return {
            "name": self.name,
            "type": self.type,
            "unit": self.unit,
            "period_kind": self.period,
            "definition": self.definition,
            "synonyms": list(self.synonyms),
            "allowed": self.allowed,
            "supplied_by": self.by,
        }


@dataclass(frozen=True, slots=True)
class Field:
    """Something a sheet says about the enterprise's own record, or about a whole row (year, period)."""

    code: str
    name: str
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What a spreadsheet's column may be: an attribute, a field of the record, or known to be of no use."""

    attributes: tuple[Declared, ...]
    fields: tuple[Field, ...]
    skipped: frozenset[str] = field(default_factory=frozenset)


class BadAttributes(ValueError):
    """`attributes.yaml` contradicts itself; the message names the entry."""


@cache
def catalogue() -> Catalogue:
    """The file's content; raises `BadAttributes` where a code or name is used twice or a type is unknown."""
    read = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    attributes = []
    names: dict[str, str] = {}
    for code, said in read["attributes"].items():
        given: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in said.items()}
        one = Declared(code, **given)
        if one.type not in Attribute.Type.values or one.period not in Attribute.PeriodKind.values:
            raise BadAttributes(f"{FILE.name} 的“{code}”：类型或期间不认识（{one.type}、{one.period}）。")
        Allowed.parse(one.allowed)
        attributes.append(one)
    fields = tuple(Field(code, said["name"], tuple(said.get("synonyms", ()))) for code, said in read["fields"].items())
    entries: tuple[Declared | Field, ...] = (*attributes, *fields)
    for entry in entries:
        for name in (entry.name, *entry.synonyms):
            if names.setdefault(name, entry.code) != entry.code:
                raise BadAttributes(f"{FILE.name}：“{name}”既是 {names[name]} 又是 {entry.code} 的名称，请只留一处。")
    return Catalogue(tuple(attributes), fields, frozenset(str(word) for word in read["skipped"]))


def stored() -> tuple[Declared, ...]:
    """The database's attributes (declared ones and those added by hand), as declarations."""
    declared = {one.code: one for one in catalogue().attributes}
    nothing = Declared("", "")
    return tuple(
        Declared(
            row.code,
            row.name,
            row.type,
            row.unit,
            row.period_kind,
            row.definition,
            row.supplied_by,
            row.allowed,
            tuple(row.synonyms),
            declared.get(row.code, nothing).when,
            declared.get(row.code, nothing).unless,
            declared.get(row.code, nothing).short,
            declared.get(row.code, nothing).since,
            declared.get(row.code, nothing).quarter_of,
        )
        for row in Attribute.objects.all()
    )


def sync() -> tuple[int, int]:
    """Write the declared attributes into the database; (added, changed). Attributes added by hand are left alone."""
    known = {attribute.code: attribute for attribute in Attribute.objects.all()}
    added, changed = [], []
    for declared in catalogue().attributes:
        values = declared.values()
        row = known.get(declared.code)
        if row is None:
            added.append(Attribute(code=declared.code, **values))
        elif any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            changed.append(row)
    Attribute.objects.bulk_create(added)
    if changed:
        Attribute.objects.bulk_update(changed, list(Declared("", "").values()))
    return len(added), len(changed)
