"""A verdict that stays unknown though every completion agrees is reported, with the alternative that settles it."""

from __future__ import annotations

import json
from random import Random

from wotu.rulebook import UNKNOWN, Rulebook
from wotu.rulebook.check import check
from wotu.rulebook.feel import Unknown

from .models import book, decision, told

INPUTS = {"收入": "number: >= 0", "强度": "number: >= 0", "融资": "number: >= 0"}
SPLIT = "(收入 >= 5000 and 强度 >= 0.03) or (收入 < 5000 and 融资 >= 800)"


def written(logic: str, *more: str) -> Rulebook:
    used = " ".join(name for name in INPUTS if name in logic)
    return book({name: INPUTS[name] for name in used.split()}, decision("研发", logic, used), *more)


def test_alternatives_that_divide_on_an_unknown_lack_the_third() -> None:
    found = [finding for finding in check(written(SPLIT)) if "无论是什么" in finding.what]
    assert [finding.what for finding in found] == ["不知道“收入”时得出未知，而它无论是什么，结论都成立"]
    assert found[0].how_to_mend == "可以加上由各种情形都推出的一条：or 强度 >= 0.03 and 融资 >= 800"
    about = written(SPLIT)
    known = json.loads(found[0].example or "")
    assert isinstance(about.evaluate(known).values["研发"], Unknown)
    chance = Random(1)
    for _ in range(200):
        assert about.evaluate({**known, "收入": chance.choice([chance.random() * 1e4, 5000, 0])}).values["研发"] is True


def test_with_the_third_there_is_nothing_to_say() -> None:
    assert told(written(f"{SPLIT} or (强度 >= 0.03 and 融资 >= 800)")) == []


def test_a_contradiction_over_two_decisions_is_found_once() -> None:
    about = book(
        {"收入": "number: >= 0"},
        decision("大", "收入 >= 5000", "收入"),
        decision("小", "收入 < 5000", "收入"),
        decision("可", "大 or 小", "*大 *小"),
        decision("总", "可 and 大", "*可 *大"),
    )
    assert told(about) == ["不知道“收入”时得出未知，而它无论是什么，结论都成立"]


def test_what_really_depends_is_not_reported() -> None:
    for logic in (
        "(收入 >= 5000 and 强度 >= 0.03) or (收入 < 4000 and 强度 >= 0.03)",
        "收入 * 强度 >= 100 or 收入 > 5000",
        "收入 >= 5000 and not(收入 = 7000)",
        "if 收入 > 5000 then 强度 > 0.03 else 强度 > 0.05",
    ):
        assert told(written(logic)) == [], logic
    assert written(SPLIT).evaluate({"收入": UNKNOWN, "强度": 0, "融资": 0}).values["研发"] is False
