"""Claims while a sentence is being read: what has been said so far, and when it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from wotu.intel.reading.grammar import grammar
from wotu.intel.reading.model import Kind, Nature, Status
from wotu.intel.reading.periods import Clock, NoSuchDay, resolve
from wotu.intel.reading.phrases import Phrase, known_in
from wotu.intel.reading.tokens import Token
from wotu.registry.periods import Period


@dataclass(slots=True)
class Change:
    """A growth said beside a value."""

    value: Decimal
    unit: str
    base: str
    start: int
    stop: int


@dataclass(slots=True)
class Draft:
    """A claim in the making; places are in the normal form."""

    kind: Kind
    indicator: str
    subject: str
    known: str
    nature: Nature
    value: Decimal
    unit: str
    start: int
    stop: int
    token: int
    upper: Decimal | None = None
    modifier: str = ""
    base: str = ""
    period: str = ""
    status: Status = "fact"
    growth: Change | None = None


@dataclass(slots=True)
class Story:
    """What carries over from sentence to sentence: the time spoken of, the subject, the last claim."""

    clock: Clock
    period: Period | None = None
    title_period: Period | None = None
    subject: str = ""
    topic: Draft | None = None
    unclear: list[tuple[int, int, str]] = field(default_factory=list)
    """Dates that do not exist, by place, with the sentence that says so."""

    def tell(self, token: Token) -> Period | None:
        """The period of a time in the text; the clock moves on with it."""
        period = self.resolved(token)
        if period is not None and token.when is not None and token.when.gives not in ("as_of", "plan", "plan_end"):
            self.clock = self.clock.told(period)
        return period

    def resolved(self, token: Token) -> Period | None:
        """The period of a time, without moving the clock."""
        assert token.when is not None
        try:
            return resolve(token.when, self.clock)
        except NoSuchDay as error:
            self.unclear.append((token.start, token.stop, str(error)))
            return None

    def paragraph(self) -> None:
        """A new paragraph: a day or a month spoken of does not reach into it, a year's or a quarter's figures do."""
        if self.period is not None and self.period.kind in ("day", "month"):
            self.period = None
        if self.period is None:
            self.period = self.title_period
        self.topic = None


def background(text: str) -> bool:
    """Whether what follows a time makes it background (1992年|获批…)."""
    return text.startswith(tuple(grammar().periods["background"]))


def span_of(tokens: Sequence[Token], phrase: Phrase, place: int) -> tuple[int, int]:
    """From phrase to figure, whichever comes first."""
    token = tokens[place]
    if not phrase:
        return token.start, token.stop
    return min(phrase.start, token.start), max(phrase.stop, token.stop)


def as_phrase(draft: Draft) -> Phrase:
    """What a claim is about, to say more of it."""
    known = grammar().indicators.get(draft.known)
    return Phrase(draft.indicator, -1, -1, draft.start, draft.stop, draft.subject, known or known_in(draft.indicator))
