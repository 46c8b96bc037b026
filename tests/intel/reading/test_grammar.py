"""The grammar files keep their own examples."""

from __future__ import annotations

from datetime import date

import pytest
import regex

from wotu.intel.reading import read_text
from wotu.intel.reading.boilerplate import asides
from wotu.intel.reading.grammar import grammar, table
from wotu.intel.reading.lost import gaps
from wotu.intel.reading.normal import normal_form
from wotu.intel.reading.periods import Clock, resolve, when_at
from wotu.intel.reading.tokens import tokens

ON = date(2021, 11, 5)
FORMS = table("periods")["forms"]
NAMES = [entry for entry in table("names")["names"] if entry["like"]]
EVENTS = table("events")["events"]
LOST = [entry for entry in table("lost")["phrases"] if entry["like"]]
UNITS = [
    (word, unit) for unit in table("units")["units"] for word in unit["words"] if unit["sort"] not in ("time", "spec")
]


@pytest.mark.parametrize("form", FORMS, ids=[str(form["like"]) for form in FORMS])
def test_a_time_is_read_as_its_example_says(form):
    text = normal_form(str(form["like"])).text
    when = when_at(text, 0)
    assert when is not None
    assert when.text == text
    period = resolve(when, Clock(ON))
    assert (period.text if period else "") == str(form["is"])


@pytest.mark.parametrize("entry", NAMES, ids=[entry["like"] for entry in NAMES])
def test_a_name_with_digits_is_one_name(entry):
    text = normal_form(entry.get("in", entry["like"])).text
    (only,) = [token for token in tokens(text) if token.kind == "name"]
    assert only.text == normal_form(entry["like"]).text
    assert not any(token.quantity for token in tokens(text))


@pytest.mark.parametrize("event", EVENTS, ids=[event["like"] for event in EVENTS])
def test_an_event_is_read_as_its_example_says(event):
    found = [one for one in read_text(f"昨天，{event['like']}", ON).events if one.kind == event["kind"]]
    assert any(one.name == event["expect"] or event["expect"] in one.objects for one in found), found


@pytest.mark.parametrize("entry", LOST, ids=[entry["like"] for entry in LOST])
def test_a_lost_character_is_found(entry):
    text = normal_form(entry["like"].strip("“”")).text
    assert (entry["found"], entry["whole"]) in {(text[gap.start : gap.stop], gap.instead) for gap in gaps(text)}


@pytest.mark.parametrize(("word", "unit"), UNITS, ids=[word for word, _ in UNITS])
def test_a_unit_reads_into_its_base(word, unit):
    (quantity,) = [token.quantity for token in tokens(normal_form(f"共12{word}。").text) if token.quantity]
    assert (quantity.value, quantity.unit) == (12, unit["base"])


def test_every_known_word_is_one_token():
    for word in grammar().indicators:
        plain = normal_form(word).text
        if regex.search(r"[“”()]", plain):
            continue
        first = tokens(plain)[0]
        assert first.text == plain, word
        assert first.indicator is not None


@pytest.mark.parametrize("word", [word for rule in table("boilerplate")["ends"] for word in rule.get("starts", [])])
def test_what_follows_the_article_is_marked(word):
    text = (
        f"园区今年新增企业300家，完成投资12亿元，各项工作都走在全省前列，受到各方好评。\n{word}\n别的新闻里有企业500家"
    )
    (aside,) = asides(text)
    assert text[aside.span[0] : aside.span[1]].startswith(word)
    assert [claim.value for claim in read_text(text, ON).claims] == [300, 1_200_000_000]
