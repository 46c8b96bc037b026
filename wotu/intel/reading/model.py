"""What reading an article gives: frozen values, every one with the exact place in the text it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Span = tuple[int, int]
"""Start and stop in the text as given, in characters; the quote is that slice."""

Kind = Literal["value", "growth", "share"]
Status = Literal["fact", "target"]
Nature = Literal["level", "flow", "ratio", ""]


@dataclass(frozen=True, slots=True)
class Growth:
    """A change said beside a value: `增长206.7%` is 206.7 %, `下降5.2%` is -5.2 %; `base` in the article's words (同比)."""

    value: Decimal
    unit: str
    base: str
    at: Span


@dataclass(frozen=True, slots=True)
class Claim:
    """One figure an article gives, in base units (元, 美元, 平方米, 平方千米, 人, %)."""

    kind: Kind
    subject: str
    indicator: str
    known: str
    """The indicator's name in grammar/indicators.yaml; empty where the word is not in it."""
    value: Decimal
    upper: Decimal | None
    """The other end of a range (`3至5家`); None for a single number."""
    unit: str
    modifier: str
    period: str
    base: str
    """What a growth or share is measured against (同比, 全市); empty for plain values."""
    growth: Growth | None
    nature: Nature
    status: Status
    repaired: bool
    span: Span
    quote: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody named with a title, and whom they speak for."""

    name: str
    title: str
    organisation: str
    span: Span
    quote: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: a meeting, signing, unveiling, visit, designation or landing."""

    kind: str
    name: str
    place: str
    period: str
    subject: str
    objects: tuple[str, ...]
    span: Span
    quote: str


@dataclass(frozen=True, slots=True)
class Saying:
    """Who said what: the speaker and the words, as a span."""

    speaker: str
    span: Span
    quote: str


@dataclass(frozen=True, slots=True)
class Branch:
    """One line of a structure (`两大生态：创业者乐园、创新者天堂`)."""

    name: str
    count: int
    items: tuple[str, ...]
    span: Span
    quote: str


@dataclass(frozen=True, slots=True)
class Structure:
    """A plan said in numbers (`一个定位、两大生态…`), as a tree of one name and its branches."""

    name: str
    branches: tuple[Branch, ...]
    span: Span
    quote: str


@dataclass(frozen=True, slots=True)
class Lost:
    """Characters the page lost, with what they probably were: a suggestion, never a silent change."""

    found: str
    suggestion: str
    span: Span
    quote: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something about the page a person should know, in one sentence; `span` where it lies, if anywhere."""

    what: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Aside:
    """A part of the page that is not the article (related headlines, footer), and the word that gave it away."""

    why: str
    span: Span


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything read from one article."""

    text: str
    title: str
    source: str
    published: date | None
    claims: tuple[Claim, ...] = ()
    events: tuple[Event, ...] = ()
    people: tuple[Person, ...] = ()
    sayings: tuple[Saying, ...] = ()
    structures: tuple[Structure, ...] = ()
    lost: tuple[Lost, ...] = ()
    asides: tuple[Aside, ...] = ()
    notes: tuple[Note, ...] = ()
