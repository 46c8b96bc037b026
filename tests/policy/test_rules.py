"""Every shipped rule: its worked cases pass, each clause cites its article, each input is a column, each state is reached."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import wotu.policy
from wotu.registers import columns
from wotu.registry import rulefiles
from wotu.rulebook import Rulebook
from wotu.rulebook.documents import read_file
from wotu.rulebook.examples import Report, as_examples, beside, read_examples, run_examples
from wotu.rulebook.explain.reasons import state_of

RULES = sorted((Path(wotu.policy.__file__).parent / "rules").glob("*.dmn"))
DOSSIER = {
    "高新技术企业认定": ("high_tech_enterprise.yaml", None),
    "科技型中小企业评价": ("tech_sme.yaml", None),
    "中小企业划型标准": ("sme_size.yaml", None),
    "创新型中小企业": ("innovative_and_srdi.yaml", "innovative_sme"),
    "专精特新中小企业@2022-08-01": ("innovative_and_srdi.yaml", "provincial_srdi_2022"),
    "专精特新中小企业@2026-04-01": ("innovative_and_srdi.yaml", "provincial_srdi_2026"),
    "专精特新小巨人企业@2022-08-01": ("innovative_and_srdi.yaml", "little_giant_2022"),
    "专精特新小巨人企业@2026-04-01": ("innovative_and_srdi.yaml", "little_giant_2026"),
}
"""Where the dossier has the rule's facts and cases; 小型微利企业 gives quarters there, which a column averages."""

every_rule = pytest.mark.parametrize("rule", RULES, ids=[rule.stem for rule in RULES])


@cache
def book(rule: Path) -> Rulebook:
    return Rulebook.load(rule)


@cache
def dossier(file: Path) -> Any:
    return read_file(file)


def said(report: Report) -> list[str]:
    return [difference.text for difference in report.differences] + list(report.notes)


@every_rule
def test_its_worked_cases_pass(rule: Path) -> None:
    assert said(run_examples(book(rule), read_examples(beside(rule)))) == []


@every_rule
def test_the_dossiers_worked_cases_pass(rule: Path, shared: Path) -> None:
    assert said(run_examples(book(rule), read_examples(shared / "rules" / beside(rule).name))) == []


@pytest.mark.parametrize("name", DOSSIER)
def test_the_dossiers_own_examples_pass(name: str, shared: Path) -> None:
    file, id = DOSSIER[name]
    facts = dossier(shared / "rules" / file)
    if id is not None:
        facts = next(rule for rule in facts["rules"] if rule["id"] == id)
    rule = next(rule for rule in RULES if rule.stem == name)
    known = {info.name for info in book(rule).decisions}
    names = {item["id"]: item["name"] for item in facts["inputs"] + facts["clauses"]}
    names["outcome"] = facts["outcome"]["name"]
    cases = [
        {
            "name": case["name"],
            "inputs": {names[id]: value for id, value in case["inputs"].items()},
            "expected": {names[id]: value for id, value in case["expected"].items() if names[id] in known},
        }
        for case in facts["examples"]
    ]
    assert said(run_examples(book(rule), as_examples(cases, file))) == []


@every_rule
def test_each_clause_says_what_it_requires_and_where_that_is_written(rule: Path) -> None:
    clauses = book(rule).clauses
    assert clauses
    for clause in clauses:
        assert clause.requires, clause.name
        assert clause.requires_english, clause.name
        assert clause.evidence in ("found", "recalled", "checked"), clause.name
        assert clause.citation is not None, clause.name
        assert clause.citation.document, clause.name
        assert clause.citation.number, clause.name
        assert clause.citation.article, clause.name


@every_rule
def test_the_clauses_have_an_order_each_its_own(rule: Path) -> None:
    orders = [
        extension.attributes["order"]
        for decision in book(rule).model.decisions
        for extension in decision.extensions
        if extension.tag.endswith("}clause")
    ]
    assert sorted(map(int, orders)) == list(range(1, len(orders) + 1))


@every_rule
def test_each_input_is_a_column_of_the_profile_with_its_type_and_unit(rule: Path) -> None:
    for entry in book(rule).inputs:
        column = columns.column(entry.name)
        assert column is not None, entry.name
        assert column.type == entry.base, entry.name
        assert (entry.unit or "").replace("比率", "") == column.unit, entry.name


@every_rule
def test_its_cases_reach_every_clause_met_not_met_and_not_known(rule: Path) -> None:
    clauses = [clause.decision for clause in book(rule).clauses]
    reached = {
        (name, state_of(book(rule).evaluate(example.inputs).values[name]))
        for example in read_examples(beside(rule))
        for name in clauses
    }
    wanted = {(name, state) for name in clauses for state in ("met", "not met", "unknown")}
    assert wanted - reached == set()


def test_editions_of_one_rule_follow_each_other_without_a_gap_or_an_overlap() -> None:
    editions: dict[str, list[Any]] = {}
    for file in rulefiles.rule_files():
        editions.setdefault(file.name, []).append(file)
    for name, files in editions.items():
        for earlier, later in pairwise(files):
            assert later.effective_from == earlier.effective_to + timedelta(days=1), name
    chosen = {file.name: file.edition for file in rulefiles.in_force(date(2026, 3, 31))}
    assert chosen["专精特新中小企业"] == "2022-08-01"
    chosen = {file.name: file.edition for file in rulefiles.in_force(date(2026, 4, 1))}
    assert chosen["专精特新小巨人企业"] == "2026-04-01"
