"""What a figure is made of: numbers, dates and durations worked out from columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from wotu.rulebook.columnar.terms import Kind, Linear

if TYPE_CHECKING:
    from wotu.rulebook.columnar.conditions import Coded, Truth


@dataclass(frozen=True, slots=True)
class Sum:
    """Columns times factors, or a constant."""

    term: Linear


@dataclass(frozen=True, slots=True)
class Product:
    """One times the other."""

    left: Figure
    right: Figure


@dataclass(frozen=True, slots=True)
class Quotient:
    """One divided by the other; null where that is 0."""

    left: Figure
    right: Figure


@dataclass(frozen=True, slots=True)
class Total:
    """One plus the other, or minus it."""

    left: Figure
    right: Figure
    sign: int
    kind: Kind = "number"


@dataclass(frozen=True, slots=True)
class Extreme:
    """The greatest (or least) of several."""

    parts: tuple[Figure, ...]
    greatest: bool


@dataclass(frozen=True, slots=True)
class Size:
    """Without its sign."""

    part: Figure


@dataclass(frozen=True, slots=True)
class Rounded:
    """Rounded to so many decimals, in one of FEEL's ways."""

    part: Figure
    way: str
    places: int


@dataclass(frozen=True, slots=True)
class Choice:
    """One figure where a condition holds, another where it does not."""

    condition: Truth
    then: Figure
    otherwise: Figure


@dataclass(frozen=True, slots=True)
class Nothing:
    """FEEL's null."""


@dataclass(frozen=True, slots=True)
class Scored:
    """The numbers of a decision that is known by its codes."""

    coded: Coded


@dataclass(frozen=True, slots=True)
class Months:
    """Whole months from one date to another."""

    start: Figure
    end: Figure


@dataclass(frozen=True, slots=True)
class Moved:
    """A date so many months on."""

    date: Figure
    months: int


@dataclass(frozen=True, slots=True)
class Member:
    """The year, month or day of a date; the years or months of a duration in months; the days of one in days."""

    part: Figure
    name: Literal["year", "month", "day", "years", "months", "days"]


Figure = (
    Sum | Product | Quotient | Total | Extreme | Size | Rounded | Choice | Nothing | Scored | Months | Moved | Member
)  # fmt: skip


def kind_of(figure: Figure) -> Kind:
    """What its integers count."""
    match figure:
        case Sum(term=term):
            return term.kind
        case Total(kind=kind):
            return kind
        case Months():
            return "months"
        case Moved():
            return "date"
        case Choice(then=Nothing(), otherwise=part) | Choice(then=part):
            return kind_of(part)
        case Extreme(parts=parts):
            return kind_of(parts[0])
        case Size(part=part):
            return kind_of(part)
    return "number"


def plain(figure: Figure) -> bool:
    """Whether its values are integers throughout, with no quotient that is not rounded."""
    match figure:
        case Quotient():
            return False
        case Product(left=left, right=right) | Total(left=left, right=right):
            return plain(left) and plain(right)
        case Extreme(parts=parts):
            return all(map(plain, parts))
        case Size(part=part):
            return plain(part)
        case Choice(then=then, otherwise=otherwise):
            return plain(then) and plain(otherwise)
    return True
