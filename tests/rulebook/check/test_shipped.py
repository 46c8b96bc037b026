"""The rules of the house check without errors; the conformance kit's models are read without a wrong word."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
from lxml import etree

import wotu.policy
from wotu.rulebook import Rulebook
from wotu.rulebook.check import CHECKS, check
from wotu.rulebook.check.diff import diff
from wotu.rulebook.examples import examples_of
from wotu.rulebook.tck import NIL, SPACE

RULES = Path(wotu.policy.__file__).parent / "rules"
FILES = sorted(RULES.glob("*.dmn"))
TRUE_WARNINGS = {
    "中小企业划型标准.dmn": ["没有规则：行业 不是"],  # industries outside the standard have no size
    "高新技术企业认定.dmn": ["没有规则：年平均项数 < 0 或 0 < 年平均项数 < 1"],  # the guide leaves it to people
}
"""What is left open on purpose: the rule's own description says so."""


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_a_shipped_rule_has_no_errors_and_only_warnings_that_are_true(file: Path) -> None:
    found = check(file)
    assert [str(finding) for finding in found if finding.severity == "error"] == []
    warnings = [finding.what for finding in found if finding.severity == "warning"]
    expected = TRUE_WARNINGS.get(file.name, [])
    assert len(warnings) == len(expected)
    assert all(what.startswith(start) for what, start in zip(warnings, expected, strict=True)), warnings


def test_there_are_checks_and_each_says_what_it_does() -> None:
    assert len(CHECKS) >= 5
    assert all(one.__doc__ for one in CHECKS)


def test_the_editions_of_a_policy_are_told_apart() -> None:
    files = [RULES / f"专精特新中小企业@{day}.dmn" for day in ("2022-08-01", "2026-04-01")]
    old, new = map(Rulebook.load, files)
    cases = [case.inputs for book, file in zip((old, new), files, strict=True) for case in examples_of(book, file)]
    found = diff(old, new, cases)
    lines = {each.name: (each.before, each.after) for each in found.said if each.what == "line"}
    assert lines["从事细分市场年限"] == ("≥ 2 年", "≥ 3 年")
    assert lines["上年营业收入"] == ("≥ 1000 万元", "≥ 1500 万元")
    outcomes = {each.decision: each for each in found.outcomes}
    verdict = outcomes["符合"]
    assert (verdict.before, verdict.after, verdict.by) == (True, False, ("从事细分市场年限",))
    for book, value in ((old, True), (new, False)):
        inputs = {info.name: verdict.inputs[info.name] for info in book.inputs}
        assert book.evaluate(inputs).values["符合"] is value
    assert [(each.decision, each.proven) for each in found.same] == [("基本条件", True)]


def expectations(folder: Path) -> dict[str, list[bool]]:
    """For each decision that cases ask about: whether each expects null or an error."""
    found: dict[str, list[bool]] = defaultdict(list)
    for file in folder.glob("*.xml"):
        for node in etree.parse(str(file)).iter(f"{SPACE}resultNode"):
            expected = node.find(f"{SPACE}expected")
            null = node.get("errorResult") == "true" or expected is None or not "".join(expected.itertext()).strip()
            inner = expected is not None and any(part.get(NIL) == "true" for part in expected.iter())
            found[node.get("name", "")].append(null or inner)
    return found


@pytest.mark.slow
def test_the_kits_models_are_read_without_a_wrong_word(shared: Path) -> None:
    wrong: list[str] = []
    files = sorted((shared / "tck").rglob("*.dmn"))
    for file in files:
        cases = expectations(file.parent)
        for finding in check(file):
            name = finding.where.partition("“")[2].partition("”")[0]
            if finding.severity == "error" and cases.get(name) and not any(cases[name]):
                wrong.append(str(finding))
    assert files
    assert wrong == []
