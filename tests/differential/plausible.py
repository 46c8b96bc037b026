"""Inputs that rules may meet: each side of every threshold, what is not known, now and then a value that cannot be."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

import wotu.policy
from wotu.rulebook import Rulebook
from wotu.rulebook.examples import Example, beside, read_examples
from wotu.rulebook.explain.build import case_of, view_of
from wotu.rulebook.explain.thresholds import candidates
from wotu.rulebook.rulebook import InputInfo

RULES = sorted((Path(wotu.policy.__file__).parent / "rules").glob("*.dmn"))
BOOKS = [Rulebook.load(rule) for rule in RULES]
EXAMPLES = {book.sha256: read_examples(beside(rule)) for book, rule in zip(BOOKS, RULES, strict=True)}
IDS = [rule.stem for rule in RULES]
DAYS = [date(2026, 4, 1) - timedelta(days) for days in (0, 200, 364, 365, 366, 1500)]
AMOUNTS = [
    Decimal(n) for n in (0, 1, 999_999, 1_000_000, 4_000_000, 15_000_000, 50_000_000, 200_000_001, 3_000_000_000)
]
OTHERS = [Decimal(n) for n in ("-0.5", "0", "0.03", "0.0599", "0.55", "0.9", "1", "2", "4", "60", "100", "299", "500")]


def values_of(book: Rulebook, entry: InputInfo) -> list[Any]:
    """Values of one input worth trying, its thresholds among them."""
    if entry.base == "boolean":
        return [True, False]
    if entry.base == "date":
        return DAYS
    if entry.base == "string":
        return [*entry.choices, *entry.suggest[:3], *([] if entry.choices else ["别的"])]
    view = view_of(book)
    case = case_of(view, {info.name: sample(info) for info in book.inputs}, None, "unknown")
    near = {value for name in view.decisions for value in candidates(case, name, entry.name)}
    return sorted(near | set(AMOUNTS if entry.unit == "元" else OTHERS))


def sample(entry: InputInfo) -> Any:
    """A value that is always allowed."""
    known = {"boolean": True, "date": DAYS[0], "string": (entry.choices or entry.suggest or ("别的",))[0]}
    return known.get(entry.base, Decimal(1))


def rows(book: Rulebook) -> st.SearchStrategy[dict[str, Any]]:
    """A row of inputs: any at all, or a worked case with a few values changed, some of them not known."""
    options = {entry.name: [None, *values_of(book, entry)] for entry in book.inputs}
    anything = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in options.items()})
    cases = st.sampled_from([case_inputs(book, example) for example in EXAMPLES[book.sha256]])
    changes = st.lists(st.sampled_from(list(options)), max_size=3, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: st.sampled_from(options[name]) for name in names})
    )
    return st.one_of(anything, st.builds(lambda case, few: {**case, **few}, cases, changes))


def case_inputs(book: Rulebook, example: Example) -> dict[str, Any]:
    """A worked case's inputs as a table has them: every input, dates as dates."""
    found = {entry.name: example.inputs.get(entry.name) for entry in book.inputs}
    for entry in book.inputs:
        if entry.base == "date" and found[entry.name] is not None:
            found[entry.name] = date.fromisoformat(found[entry.name])
    return found
