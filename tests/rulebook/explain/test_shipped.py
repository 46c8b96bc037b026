"""What explanations promise, held to every shipped rule and every worked case of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.differential.plausible import BOOKS, EXAMPLES, IDS
from wotu.rulebook import Rulebook
from wotu.rulebook.documents import write_json
from wotu.rulebook.explain import Explanation, Part, what_would_do
from wotu.rulebook.explain.document import explanation_document
from wotu.rulebook.feel import has_unknown

every_rule = pytest.mark.parametrize("book", BOOKS, ids=IDS)


def explained(book: Rulebook, lang: str = "zh") -> Iterator[tuple[dict, Explanation]]:
    for example in EXAMPLES[book.sha256]:
        yield dict(example.inputs), book.explain(example.inputs, lang)


@every_rule
def test_each_clause_has_its_state_its_words_and_its_source(book: Rulebook) -> None:
    for inputs, told in explained(book):
        values = book.evaluate(inputs).values
        assert [reason.name for reason in told.clauses] == [clause.name for clause in book.clauses]
        for reason in told.clauses:
            value = values[reason.name]
            assert reason.state == {True: "met", False: "not met"}.get(
                value if isinstance(value, bool) else None, "unknown"
            )
            assert reason.text
            assert reason.needs
            assert reason.citation is not None
            assert reason.evidence
            assert reason.state != "unknown" or reason.missing or reason.note or value is None


@every_rule
def test_a_distances_changes_once_made_meet_the_clause(book: Rulebook) -> None:
    for inputs, told in explained(book):
        for reason in told.clauses:
            gap = reason.distance
            if gap is None or not gap.changes or any(change.derived for change in gap.changes):
                continue
            mended = {**book.input_values(inputs), **{change.name: change.new for change in gap.changes}}
            assert book.evaluate(mended).values[reason.name] is True, (inputs, gap.text)


@every_rule
def test_a_plan_once_carried_out_makes_the_enterprise_eligible(book: Rulebook) -> None:
    for inputs, told in list(explained(book))[::4]:
        for plan in what_would_do(book, inputs):
            mended = {**book.input_values(inputs), **{change.name: change.new for change in plan.changes}}
            assert told.eligible is not True
            assert book.evaluate(mended).values[book.eligible_name] is True, (inputs, plan.text)


@every_rule
def test_what_is_said_to_be_missing_is_missing_and_enough(book: Rulebook) -> None:
    for inputs, told in explained(book):
        given = book.input_values(inputs)
        for item in told.unknown_inputs:
            assert has_unknown(given[item.name])
        if told.eligible is not None:
            assert told.unknown_inputs == ()


@every_rule
def test_it_is_said_in_english_too_and_as_json(book: Rulebook) -> None:
    for _, told in explained(book, "en"):
        for words in (told.text.split(":")[0], *(reason.label + reason.needs for reason in told.clauses)):
            assert not any("\u4e00" <= sign <= "\u9fff" for sign in words), words
        assert write_json(explanation_document(told)).startswith('{"rule"')


def test_parts_of_parts_add_up_to_their_clause() -> None:
    def check(part: Part) -> None:
        states = [inner.state for inner in part.parts]
        if part.kind == "all" and part.state == "met":
            assert set(states) == {"met"}
        if part.kind == "any" and part.state == "not met":
            assert set(states) == {"not met"}
        for inner in part.parts:
            check(inner)

    for book in BOOKS:
        for _, told in explained(book):
            for reason in told.clauses:
                for part in reason.parts:
                    check(part)
