"""The dossier's own examples of rules that the product does not ship, each through a model written for this test.

What the dossier has that is no rule, and so no model here: the new incubator measure (`incubator_miit`, known facts without
thresholds), the decided cases of 公平竞争 (what authorities found, nothing to compute), and definitions, histories and
reading notes everywhere. 公平竞争's cues and 招商's counts are no verdicts either: one only points at articles, the other
counts a ledger; both are computed all the same. The examples of shipped rules are in tests/policy/test_rules.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import wotu.policy
from wotu.rulebook import UNKNOWN, Rulebook
from wotu.rulebook.documents import read_file
from wotu.rulebook.examples import agrees, as_examples, run_examples
from wotu.rulebook.feel import possible_values

HERE = Path(__file__).parent
SHIPPED = Path(wotu.policy.__file__).parent / "rules"

PLAIN = {
    "研发费用加计扣除": ("rd_super_deduction.yaml", "rd_super_deduction", {}),
    "国家级科技企业孵化器": ("incubator.yaml", "national_incubator_2018", {}),
    "在孵企业": ("incubator.yaml", "incubatee_2018", {}),
    "孵化器毕业企业": ("incubator.yaml", "graduation_2018", {}),
    "小型微利企业": (
        "small_low_profit.yaml",
        "small_low_profit",
        {"staff_avg": "从业人数季度平均", "asset_avg": "资产总额季度平均"},
    ),
}
"""Model -> file, rule, and names of intermediate results that the dossier leaves without one."""


@cache
def facts(file: Path) -> Any:
    return read_file(file)


def rule(shared: Path, file: str, id: str) -> Any:
    found = facts(shared / "rules" / file)
    return next(each for each in found.get("rules", [found]) if each["id"] == id)


def names(rule: Any) -> dict[str, str]:
    """The dossier's ids as the names that models use."""
    named = {item["id"]: item.get("name", item["id"]).partition("（")[0] for item in rule["inputs"] + rule["clauses"]}
    return {**named, "outcome": rule["outcome"]["name"]}


def renamed(values: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names[id]: value for id, value in values.items()}


@cache
def model(name: str) -> Rulebook:
    return Rulebook.load(HERE / f"{name}.dmn")


@pytest.mark.parametrize("name", PLAIN)
def test_a_rules_examples_pass(name: str, shared: Path) -> None:
    file, id, more = PLAIN[name]
    found = rule(shared, file, id)
    known = names(found) | more
    cases = [
        {key: renamed(case[key], known) for key in ("inputs", "expected")} | {"name": case["name"]}
        for case in found["examples"]
    ]
    report = run_examples(model(name), as_examples(cases, file))
    assert [each.text for each in report.differences] == []
    assert report.notes == ()
    assert report.passed == len(found["examples"]) > 0


def test_the_negative_lists_examples_pass(shared: Path) -> None:
    """A field that could be matched with no item is known to have none (null); other blanks are not known."""
    found = rule(shared, "negative_list_2024.yaml", "negative_list_2024")
    for case in found["examples"]:
        given = {
            name: UNKNOWN if value is None and name != "拟投资领域" else value
            for name, value in renamed(case["inputs"], names(found)).items()
        }
        values = model("外商投资准入负面清单").evaluate(given, null="feel").values
        for name, expected in renamed(case["expected"], names(found)).items():
            assert agrees(expected, values[name]), (case["name"], name, values[name])


def test_the_listed_items_are_the_29_of_the_model(shared: Path) -> None:
    items = rule(shared, "negative_list_2024.yaml", "negative_list_2024")["tables"]["items"]
    book = model("外商投资准入负面清单")
    assert len(items) == 29
    for item in items:
        assert book.evaluate({"拟投资领域": item["no"]}, ["类别"]).values["类别"] == item["kind"]


def test_the_investment_ledgers_counts_come_out(shared: Path) -> None:
    found = rule(shared, "investment_statistics.yaml", "investment_statistics")
    for case in found["examples"]:
        given = {
            "截至日": case["inputs"]["as_of"],
            "去掉的项目": case["inputs"]["exclude"],
            "台账": [project(each, case["inputs"]) for each in found["ledger"]],
        }
        values = model("招商引资统计口径").evaluate(given, null="feel").values
        for name, expected in renamed(case["expected"], names(found)).items():
            assert agrees(expected, values[name]), (case["name"], name, values[name])


def project(item: Any, inputs: Any) -> dict[str, Any]:
    """A line of the dossier's ledger; a date not reached is null, what the case calls unknown is UNKNOWN."""
    silent = item["id"] in inputs["unknown_payment"]
    return {
        "编号": item["id"],
        "种类": item["kind"],
        "签约日": item["signed"],
        "转正式日": item.get("formal"),
        "金额": item["amount"],
        "汇率": item["fx"],
        "需建设": item["construction"],
        "开工日": UNKNOWN if item["id"] in inputs["unknown_started"] else item["started"],
        "投产日": item["produced"],
        "到账": [
            {"到账日": day, "金额": UNKNOWN if silent else amount, "汇率": rate, "外方": UNKNOWN if silent else foreign}
            for day, amount, _, rate, foreign in item["paid"]
        ],
    }


def test_a_ratio_with_one_project_not_known_keeps_its_bounds(shared: Path) -> None:
    found = rule(shared, "investment_statistics.yaml", "investment_statistics")
    case = next(each for each in found["examples"] if each["inputs"]["unknown_started"])
    ledger = [project(each, case["inputs"]) for each in found["ledger"]]
    given = {"截至日": case["inputs"]["as_of"], "去掉的项目": [], "台账": ledger}
    rate = model("招商引资统计口径").evaluate(given, ["开工率"], null="feel").values["开工率"]
    assert possible_values(rate) == (Decimal("0.3333"), Decimal("0.6667"))


def test_fair_competitions_sentences_are_pointed_at(shared: Path) -> None:
    found = rule(shared, "fair_competition.yaml", "fair_competition")
    cues = [
        {"条号": clause["no"], "以无依据为前提": clause["needs_basis"], "正则": cue}
        for clause in found["clauses"]
        for cue in clause["cues"]
    ]
    for case in found["examples"]:
        given = renamed(case["inputs"], names(found)) | {"提示词": cues}
        values = model("公平竞争审查提示").evaluate(given, null="feel").values
        expected = case["expected"]
        assert agrees(expected["outcome"], values["提示"]), case["name"]
        if expected["outcome"] is not False:
            assert set(values["可能涉及的条项"]) & set(expected["accept"]), case["name"]


def test_the_growth_examples_of_high_tech_pass(shared: Path) -> None:
    book = Rulebook.from_bytes((HERE / "高新技术企业成长性.dmn").read_bytes(), beside=SHIPPED)
    cases = facts(shared / "rules" / "high_tech_enterprise.yaml")["growth_examples"]
    report = run_examples(
        book, as_examples([{k: c[k] for k in ("name", "inputs", "expected")} for c in cases], "成长性")
    )
    assert [each.text for each in report.differences] == []
    assert report.passed == len(cases) == 6


def test_every_rule_of_the_dossier_is_shipped_or_modelled_here(shared: Path) -> None:
    modelled = {id for _, id, _ in PLAIN.values()} | {"negative_list_2024", "investment_statistics", "fair_competition"}
    shipped = {"high_tech_enterprise", "tech_sme", "sme_size", "innovative_sme", "small_low_profit"} | {
        f"{kind}_{year}" for kind in ("provincial_srdi", "little_giant") for year in (2022, 2026)
    }
    for file in (shared / "rules").glob("*.yaml"):
        if file.name.endswith(".examples.yaml"):
            continue
        for each in facts(file).get("rules", [facts(file)]):
            assert each["id"] in modelled | shipped or not each.get("examples"), each["id"]
