"""Worked cases beside a rule are tests of it."""

from __future__ import annotations

import importlib.metadata
import tomllib
from pathlib import Path

import pytest

from tests.rulebook.dmn.models import decided, definitions, given

pytest_plugins = "pytester"

RULE = definitions(given("人数") + decided("够", "人数 >= 10", "in_人数", "boolean"), name="人数")
INSTALLED = any(entry.name == "wotu-rules" for entry in importlib.metadata.entry_points(group="pytest11"))
PLUGIN = () if INSTALLED else ("-p", "wotu.rulebook.pytest_plugin")


@pytest.fixture
def run(pytester: pytest.Pytester):  # type: ignore[no-untyped-def]
    """Run pytest in a folder with the rule and these cases."""

    def collected(cases: str, *arguments: str) -> pytest.RunResult:
        (pytester.path / "人数.dmn").write_bytes(RULE)
        (pytester.path / "人数.examples.yaml").write_text(cases, encoding="utf-8")
        return pytester.runpytest_inprocess(*PLUGIN, "-p", "no:django", "-p", "no:cacheprovider", *arguments)

    return collected


def test_it_is_declared_for_pytest_to_find() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"wotu-rules": "wotu.rulebook.pytest_plugin"}


def test_each_case_is_a_test(run) -> None:
    done = run("- {name: 够, inputs: {人数: 10}, expected: {够: true}}\n- {inputs: {}, expected: {够: null}}\n", "-v")
    done.assert_outcomes(passed=2)
    done.stdout.fnmatch_lines(["*人数.examples.yaml::1 够 PASSED*", "*人数.examples.yaml::2 PASSED*"])


def test_a_failure_says_what_was_expected_what_came_and_why(run) -> None:
    done = run("- {name: 不够, inputs: {人数: 9}, expected: {够: true}}\n")
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(
        ["人数，第 1 个算例（不够）", "  够：应为 是，实为 否", "    人数 9，差 1", "  输入：人数 9"]
    )
    assert "Traceback" not in done.stdout.str()


def test_what_cannot_be_an_input_fails_its_case_in_words(run) -> None:
    done = run("- {inputs: {人数: 多}, expected: {够: true}}\n- {inputs: {人数: 11}, expected: {够: true}}\n")
    done.assert_outcomes(passed=1, failed=1)
    assert "“多”" in done.stdout.str()


def test_misshapen_cases_are_an_error_with_their_place(run) -> None:
    done = run("- {inputs: {人数: 1}}\n")
    done.assert_outcomes(errors=1)
    assert "第 1 个算例：缺少 expected" in done.stdout.str()


def test_cases_without_a_rule_beside_them_are_left_alone(run, pytester: pytest.Pytester) -> None:
    (pytester.path / "别的.examples.yaml").write_text("- {}", encoding="utf-8")
    run("- {inputs: {人数: 10}, expected: {够: true}}\n").assert_outcomes(passed=1)


def test_null_may_be_the_standards(run) -> None:
    cases = "- {inputs: {人数: null}, expected: {够: null}}\n"
    run(cases, "--rules-null", "feel").assert_outcomes(passed=1)
