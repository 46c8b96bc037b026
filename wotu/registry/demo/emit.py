"""A block of facts as columns: emitted attribute by attribute, put together sorted by enterprise, numbered in order."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date
from functools import cache
from typing import Any

import numpy as np

from wotu.registry.attributes import catalogue
from wotu.registry.demo.population import EPOCH, NEVER, ordinal
from wotu.registry.models import Attribute, Source
from wotu.registry.periods import Period

SCALE = 10_000
"""Numbers are whole ten-thousandths, so that amounts and ratios stay exact."""
MICROSECONDS = 86_400 * 1_000_000
MORNING = 3 * 3_600 * 1_000_000
"""Facts are recorded from 11:00 in Suzhou (UTC+8)."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A demonstration source: which of the zone's suppliers it stands for and how far it is trusted."""

    name: str
    trust: int
    after: int
    """Days after the end of a year when it reports it."""


VOICES = {
    "市场监管": Voice("演示数据·市场监管", 90, 15),
    "税务": Voice("演示数据·税务", 85, 150),
    "科技": Voice("演示数据·科技", 85, 100),
    "工信": Voice("演示数据·工信", 85, 100),
    "知识产权": Voice("演示数据·知识产权", 85, 40),
    "人社": Voice("演示数据·人社", 80, 30),
    "统计": Voice("演示数据·统计", 80, 75),
    "企业填报": Voice("演示数据·企业填报", 50, 105),
    "旧台账": Voice("演示数据·旧台账", 20, 40),
}
ORDER = tuple(VOICES)


@cache
def suppliers() -> dict[str, tuple[int, int, str]]:
    """Attribute code to its number (in the catalogue), its supplier's number and its type."""
    return {
        declared.code: (number, ORDER.index(declared.by), declared.type)
        for number, declared in enumerate(catalogue().attributes)
    }


@dataclass(frozen=True, slots=True)
class Facts:
    """A block of facts, sorted by enterprise; the one value is in the column of the attribute's type."""

    enterprise: np.ndarray
    """Number of the enterprise, from 0."""
    attribute: np.ndarray
    period: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    kind: np.ndarray
    """Which value is there: 0 none (the source says it does not know), 1 number, 2 text, 3 day, 4 flag."""
    number: np.ndarray
    text: np.ndarray
    source: np.ndarray
    recorded: np.ndarray
    """Microseconds since 1970."""
    heir: np.ndarray
    """Row that supersedes this one, -1 for none."""

    def __len__(self) -> int:
        return len(self.enterprise)


NONE, NUMBER, TEXT, DAY, FLAG = range(5)
KINDS = {
    Attribute.Type.NUMBER: NUMBER,
    Attribute.Type.TEXT: TEXT,
    Attribute.Type.DATE: DAY,
    Attribute.Type.BOOLEAN: FLAG,
}


@dataclass(slots=True)
class Emitter:
    """Collects the facts of one block of enterprises (`numbers`) as of a day."""

    numbers: np.ndarray
    day: date
    random: np.random.Generator
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    pairs: int = 0

    def year(
        self, code: str, year: int, values: np.ndarray, where: np.ndarray | None = None, *, voice: str = ""
    ) -> None:
        """A value for a whole year."""
        self._emit(code, Period.year(year), values, where, voice)

    def quarter(self, code: str, year: int, quarter: int, values: np.ndarray, where: np.ndarray | None = None) -> None:
        """A value at the end of a quarter."""
        self._emit(code, Period.quarter(year, quarter), values, where, "", after=15)

    def since(
        self, code: str, days: np.ndarray, values: np.ndarray, where: np.ndarray | None = None, *, voice: str = ""
    ) -> None:
        """A value that holds from a day on."""
        at = self._at(where) & (days > 0) & (days <= ordinal(self.day))
        chosen = np.flatnonzero(at)
        texts = np.datetime_as_string(days[chosen].astype("datetime64[D]"), unit="D").astype(object)
        self._add(code, chosen, texts, days[chosen], days[chosen], values[chosen], voice, days[chosen] + 3)

    def blank(self, code: str, year: int, where: np.ndarray) -> None:
        """The source reports that it does not know the year's value (“—”)."""
        chosen = np.flatnonzero(where)
        if not len(chosen):
            return
        period = Period.year(year)
        n = len(chosen)
        self._add(
            code, chosen, np.full(n, period.text, dtype=object), np.full(n, ordinal(period.starts)),
            np.full(n, ordinal(period.ends)), None, "", self._reported(code, "", period, n),
        )  # fmt: skip

    def corrected(self, code: str, year: int, before: np.ndarray, after: np.ndarray, where: np.ndarray) -> None:
        """A value that the same source corrected two months later: the earlier fact is superseded, not changed."""
        chosen = np.flatnonzero(where)
        if not len(chosen):
            return
        period, n = Period.year(year), len(chosen)
        text = np.full(n, period.text, dtype=object)
        starts, ends = np.full(n, ordinal(period.starts)), np.full(n, ordinal(period.ends))
        first = np.minimum(self._reported(code, "", period, n), ordinal(self.day) - 30)
        keys = np.arange(self.pairs + 1, self.pairs + n + 1)
        self.pairs += n
        self._add(code, chosen, text, starts, ends, before[chosen], "", first, -keys)
        self._add(code, chosen, text, starts, ends, after[chosen], "", first + self.random.integers(8, 28, n), keys)

    def _at(self, where: np.ndarray | None) -> np.ndarray:
        return np.ones(len(self.numbers), dtype=bool) if where is None else where.astype(bool)

    def _reported(self, code: str, voice: str, period: Period, n: int, after: int | None = None) -> np.ndarray:
        name = voice or ORDER[suppliers()[code][1]]
        wait = VOICES[name].after if after is None else after
        return ordinal(period.ends) + wait + self.random.integers(0, 20, n)

    def _emit(
        self,
        code: str,
        period: Period,
        values: np.ndarray,
        where: np.ndarray | None,
        voice: str,
        after: int | None = None,
    ) -> None:
        if period.ends >= self.day and period.kind != "year":
            return
        chosen = np.flatnonzero(self._at(where))
        n = len(chosen)
        if n:
            self._add(
                code, chosen, np.full(n, period.text, dtype=object), np.full(n, ordinal(period.starts)),
                np.full(n, ordinal(period.ends)), values[chosen], voice, self._reported(code, voice, period, n, after),
            )  # fmt: skip

    def _add(
        self, code: str, chosen: np.ndarray, period: np.ndarray, starts: np.ndarray, ends: np.ndarray,
        values: np.ndarray | None, voice: str, recorded: np.ndarray, key: np.ndarray | None = None,
    ) -> None:  # fmt: skip
        number, supplier, of_type = suppliers()[code]
        kind = KINDS[Attribute.Type(of_type)]
        n = len(chosen)
        amounts, texts = np.zeros(n, dtype=np.int64), np.full(n, None, dtype=object)
        if values is None:
            kind = NONE
        elif kind == NUMBER:
            amounts = np.round(values.astype(float) * SCALE).astype(np.int64)
        elif kind == TEXT:
            texts = values.astype(object)
        else:
            amounts = values.astype(np.int64)
        source = ORDER.index(voice) if voice else supplier
        when = np.minimum(recorded.astype(np.int64), ordinal(self.day) - 1) * MICROSECONDS + MORNING
        when += (self.numbers[chosen] * 7_919 + number * 104_729) % 21_600 * 1_000_000
        self.rows.append(
            (
                self.numbers[chosen], np.full(n, number), period, starts, ends, np.full(n, kind), amounts, texts,
                np.full(n, source), when, np.zeros(n, dtype=np.int64) if key is None else key,
            )
        )  # fmt: skip

    def facts(self) -> Facts:
        """Everything emitted, sorted by enterprise and then as emitted."""
        if not self.rows:
            nothing = np.array([], dtype=np.int64)
            return Facts(*([nothing] * len(fields(Facts))))
        columns = [np.concatenate(parts) for parts in zip(*self.rows, strict=True)]
        order = np.argsort(columns[0], kind="stable")
        columns = [column[order] for column in columns]
        key = columns.pop()
        heir = np.full(len(key), NEVER)
        successors = np.full(self.pairs + 1, NEVER)
        later = key > 0
        successors[key[later]] = np.flatnonzero(later)
        heir[key < 0] = successors[-key[key < 0]]
        return Facts(*[*columns, heir])


def sources() -> dict[str, Source]:
    """The demonstration sources, made if they are not there."""
    return {
        name: Source.objects.get_or_create(
            name=voice.name,
            defaults={"kind": Source.Kind.DEMO, "trust": voice.trust, "publisher": "沃土演示数据生成器"},
        )[0]
        for name, voice in VOICES.items()
    }


def moment(microseconds: int) -> str:
    """A moment as SQLite and PostgreSQL read it."""
    day, rest = divmod(microseconds, MICROSECONDS)
    seconds = rest // 1_000_000
    on = date.fromordinal(EPOCH.toordinal() + day)
    return f"{on.isoformat()} {seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
