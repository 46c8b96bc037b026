"""What columns are to rules: views of columns, and numbers or days that are linear in them or a ratio of two such.

To read these from FEEL trees is in `algebra`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from wotu.rulebook.columnar.later import Later

if TYPE_CHECKING:
    from wotu.rulebook.dmn.declared import Allowed
    from wotu.rulebook.feel.types import Type
    from wotu.rulebook.feel.values import Value

Base = Literal["number", "date", "string", "boolean"]
Kind = Literal["number", "date", "days", "months"]


@dataclass(frozen=True)
class View(Later):
    """A column as rules read it: of one type, with the values that the type refuses taken for not known.

    Two rules that read a column through types of the same base and allowed values share one view.
    """

    LATER = "kind"

    name: str
    base: str
    allowed: tuple[str, ...]
    kind: Type | None = field(compare=False, repr=False)

    @property
    def label(self) -> str:
        """What a canonical tree calls it."""
        return self.name if not self.allowed else f"{self.name} ⟨{'；'.join(self.allowed)}⟩"

    def unknown(self) -> Value:
        """Its value where it is not known."""
        from wotu.rulebook.dmn.possible import unknown_of

        return unknown_of(self.kind)

    def reader(self) -> Callable[[object, Value], Value]:
        """From a Python value to a FEEL value; raises `Refused`."""
        from wotu.rulebook.dmn.given import reader

        return reader(self.kind)

    def reading(self) -> Callable[[object], tuple[Value, bool]]:
        """From a Python value to a FEEL value, and whether the type refuses it: then it is not known."""
        from wotu.rulebook.dmn.given import Refused
        from wotu.rulebook.feel.unknown import UNKNOWN

        read, unknown = self.reader(), self.unknown()

        def one(value: object) -> tuple[Value, bool]:
            try:
                return read(value, UNKNOWN), False
            except Refused:
                return unknown, True

        return one

    def tests(self) -> tuple[Allowed, ...]:
        """The allowed values of its type and of those below it."""
        if not self.allowed:
            return ()
        from wotu.rulebook.dmn.declared import allowed_of

        return tuple(allowed_of(self.kind))


# --- terms ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Linear:
    """A sum of columns, each times a factor, and a constant; of dates (in days since 1970) or days where it is of those."""

    kind: Kind
    parts: tuple[tuple[View, Decimal], ...]
    constant: Decimal = Decimal(0)

    def views(self) -> tuple[View, ...]:
        """The columns it reads."""
        return tuple(view for view, _ in self.parts)


@dataclass(frozen=True)
class Ratio:
    """One sum of columns divided by another; null where that is 0."""

    over: Linear
    under: Linear
    kind: Kind = "number"

    def views(self) -> tuple[View, ...]:
        """The columns it reads."""
        return tuple(dict.fromkeys((*self.over.views(), *self.under.views())))


Term = Linear | Ratio


def constant_of(term: Term | None) -> Decimal | None:
    """The value of a term that reads no column."""
    return term.constant if isinstance(term, Linear) and not term.parts else None
