"""Readings kept as long as the records behind them stay the same, for pages that show many numbers at once.

A kept reading is the very one that the measure gave; a stamp of the records tells when it is no longer theirs. Panels and
lists read directly, so that a number and its rows are of one moment.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

from django.core.cache import cache
from django.db.models import QuerySet, Subquery
from django.utils import timezone

from wotu.registers.measures import Measure, Reading, Value
from wotu.registers.models import AuditLine, Job
from wotu.registry.measures import Counted, read_together
from wotu.registry.models import Enterprise, EnterpriseKind, Fact, Import

KEEP = 600
"""Seconds after which a number is counted again even where no stamp tells of a change."""

T = TypeVar("T")


def stamp() -> str:
    """What the records look like now, in one query: another after every import, job, verb, fact and enterprise."""

    def newest(model: Any, field: str) -> Subquery:
        known: QuerySet[Any] = model.objects.filter(**{f"{field}__isnull": False})
        return Subquery(known.order_by(f"-{field}").values(field)[:1])

    seen = (
        Enterprise.objects.order_by("-pk")
        .annotate(
            kind=newest(EnterpriseKind, "pk"),
            fact=newest(Fact, "pk"),
            recorded=newest(Fact, "recorded_at"),
            line=newest(AuditLine, "pk"),
            imported=newest(Import, "finished_at"),
            worked=newest(Job, "finished_at"),
        )
        .values_list("pk", "created_at", "kind", "fact", "recorded", "line", "imported", "worked")
        .first()
    )
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


@dataclass(slots=True)
class Readings:
    """Numbers of one moment; `counted_at` is when the oldest of those asked for was counted."""

    stamp: str = field(default_factory=stamp)
    counted_at: datetime = field(default_factory=timezone.now)

    def read(self, measure: Measure, as_of: date) -> Reading:
        """A measure's reading on a day."""
        return self._kept(_reading(measure, as_of), lambda: measure.read(as_of))

    def together(self, measures: Iterable[Measure], as_of: date) -> dict[str, Reading]:
        """The readings of several measures on a day, by measure; what is counted anew is one query where it can be."""
        wanted = list(measures)
        known = cache.get_many([self._key(_reading(measure, as_of)) for measure in wanted])
        counts = {
            measure.id: measure.read
            for measure in wanted
            if isinstance(measure.read, Counted) and self._key(_reading(measure, as_of)) not in known
        }
        fresh = read_together(counts, as_of)
        for measure in wanted:
            if measure.id in fresh:
                cache.set(self._key(_reading(measure, as_of)), (timezone.now(), fresh[measure.id]), KEEP)
        return {measure.id: self.read(measure, as_of) for measure in wanted}

    def by(self, measure: Measure, dimension: str, as_of: date) -> dict[Any, int]:
        """A measure's rows counted apart."""
        return self._kept(f"{measure.id}@{as_of}/{dimension}", lambda: measure.by(dimension, as_of))

    def history(self, measure: Measure, days: Sequence[date]) -> tuple[Value, ...]:
        """A measure on several days; unknown where it can't look back."""
        look = measure.history
        if look is None:
            return (None,) * len(days)
        return self._kept(f"{measure.id}@{days[0]}..{days[-1]}/{len(days)}", lambda: look(days))

    def _key(self, name: str) -> str:
        return f"reading:{self.stamp}:{name}"

    def _kept(self, name: str, count: Callable[[], T]) -> T:
        key = self._key(name)
        found: tuple[datetime, T] | None = cache.get(key)
        if found is None:
            found = timezone.now(), count()
            cache.set(key, found, KEEP)
        self.counted_at = min(self.counted_at, found[0])
        return found[1]


def _reading(measure: Measure, as_of: date) -> str:
    return f"{measure.id}@{as_of}"
