"""Sound: whatever an unknown turns out to be, an answer given without it stays."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wotu.rulebook import Rulebook, columnar
from wotu.rulebook.feel import has_unknown

from .plausible import BOOKS, IDS, rows


@pytest.mark.parametrize("book", BOOKS, ids=IDS)
def test_filling_in_what_was_not_known_changes_no_answer(book: Rulebook) -> None:
    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(rows(book), st.data())
    def check(row: dict[str, Any], data: st.DataObject) -> None:
        known, _ = columnar.admissible(book, row)
        hidden = data.draw(st.sets(st.sampled_from(list(known)), max_size=4))
        before = book.evaluate({name: None if name in hidden else value for name, value in known.items()}).values
        after = book.evaluate(known).values
        for name, value in before.items():
            if not has_unknown(value):
                assert after[name] == value, name

    check()
