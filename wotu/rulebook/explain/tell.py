"""A trace in lines for people, in Chinese or English; what is said of it as data is in document.py."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from .model import Part, Used
from .tables import Entry, Row, TableTrace
from .trace import NullReason, Trace, TraceStep
from .words import listed, say, show_value

MARKS = {"hit": "✓", "maybe": "?", "missed": "✗", "after": "·"}
NEAREST = 3
"""So many of the rules that missed are told, those with the fewest failing entries."""


def trace_lines(trace: Trace) -> Iterator[str]:
    """Every step: what it stood on, what it came to, and why."""
    for number, step in enumerate(trace.steps, 1):
        yield f"{number}. {step.label}{say(trace.lang, 'colon')}{show_value(step.value, step.unit, trace.lang)}"
        yield from (f"   {line}" for line in _step(step, trace.lang, trace.names))


def _step(step: TraceStep, lang: str, names: Mapping[str, str]) -> Iterator[str]:
    if step.reason is not None and step.table is None:
        yield from _reason(step.reason, lang, names)
    elif step.used:
        yield _used(step.used, lang, names)
    if step.table is not None:
        yield from _table(step.table, lang)
    for table in step.inner:
        yield table.title
        yield from (f"  {line}" for line in _table(table, lang))
    if step.lacks:
        yield say(lang, "row lacks") + listed((names.get(name, name) for name in step.lacks), lang)
    for reason in step.nulls:
        if not reason.follows:
            yield from null_lines(reason, lang)


def _reason(part: Part, lang: str, names: Mapping[str, str]) -> Iterator[str]:
    if part.used:
        yield _used(part.used, lang, names)
    if part.needs:
        yield say(lang, "row needs") + part.needs
    if part.distance is not None:
        yield say(lang, "row distance") + part.distance.text


def _used(used: Iterable[Used], lang: str, names: Mapping[str, str]) -> str:
    values = (f"{names.get(i.name, i.name)} {show_value(i.value, i.unit, lang)}" for i in used)
    return say(lang, "row used") + listed(values, lang)


def _table(table: TableTrace, lang: str) -> Iterator[str]:
    hit = listed((str(row.number) for row in table.rows if row.state == "hit"), lang)
    maybe = listed((str(row.number) for row in table.rows if row.state == "maybe"), lang)
    said = [say(lang, "rows hit", hit)] if hit else []
    said += [say(lang, "rows maybe", maybe)] if maybe else []
    yield say(lang, "row table", table.hit_policy) + (say(lang, "and").join(said) or say(lang, "rows none"))
    told = [row for row in table.rows if row.state in ("hit", "maybe")]
    told += table.nearest(NEAREST)
    for row in sorted(told, key=lambda row: row.number):
        yield "  " + row_line(row, lang)
    rest = sum(row.state == "missed" for row in table.rows) - min(NEAREST, len(table.nearest(NEAREST)))
    if rest:
        yield "  " + say(lang, "rows rest", str(rest))


def row_line(row: Row, lang: str) -> str:
    """One rule of a table and the entries that stopped it."""
    notes = say(lang, "sep").join(note for note in row.annotations if note)
    head = f"{MARKS[row.state]} {say(lang, 'row number', str(row.number))}" + (f"〔{notes}〕" if notes else "")
    said = [_entry(entry, lang) for entry in row.failed or row.open]
    if row.state == "maybe" and not said:
        said = [say(lang, "otherwise")]
    return f"{head}{say(lang, 'colon')}{say(lang, 'and').join(said)}" if said else head


def _entry(entry: Entry, lang: str) -> str:
    key = "entry fails" if entry.state == "not met" else "entry open"
    return say(lang, key, entry.column, show_value(entry.value, entry.unit, lang), entry.test)


def null_lines(reason: NullReason, lang: str) -> Iterable[str]:
    """Why an expression is null, with its place under a caret."""
    where = say(lang, "place", str(reason.place.line), str(reason.place.column)) if reason.place is not None else ""
    inside = "" if reason.place is None or reason.decision in reason.place.title else f" {reason.place.title}"
    yield f"{say(lang, 'row null')}{reason.why}{say(lang, 'colon')}{reason.expression}{where}{inside}".rstrip()
    if reason.place is not None:
        yield from (f"  {line}" for line in reason.place.shown.split("\n"))
