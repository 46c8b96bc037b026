"""`wotu rules eval`, `tck` and the overview; nothing of Django is loaded."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from .conftest import HIGH_TECH, RULES


@pytest.mark.parametrize(
    ("expression", "context", "line"),
    [
        ("1 + 1.50", "{}", "2.5（number）"),
        ('if 年收入 > 100 then "大" else "小"', '{"年收入": 120}', '"大"（string）'),
        ("applicant.first name", '{"applicant": {"first name": "李"}}', '"李"（string）'),
        ('date("2024-02-28") + duration("P2D")', "{}", "2024-03-01（date）"),
        ("a > 1", '{"a": null}', "null"),
    ],
)
def test_an_expression_gives_its_value_and_type(rules, expression, context, line) -> None:
    assert rules("eval", expression, "--context", context).out.splitlines()[0] == line


def test_null_comes_with_its_reason_under_a_caret(rules) -> None:
    assert rules("eval", "2 + 1 / 0").out == "null\n原因：第 1 行第 5 列：除以 0\n2 + 1 / 0\n    ^\n"
    assert "没有这一天" in rules("eval", 'date("2026-02-30")').out


def test_null_may_mean_not_known(rules) -> None:
    said = rules("eval", "a > 1", "--context", '{"a": null}', "--null", "unknown", "--json")
    assert (said.json["value"], said.json["type"]) == (None, "unknown")


def test_json_keeps_every_digit(rules) -> None:
    said = rules("eval", "1 / 3", "--json")
    assert said.json == {"value": Decimal("0.3333333333333333333333333333333333"), "type": "number"}


@pytest.mark.parametrize("expression", ["1 +", "foo bar", "(", '"a'])
def test_what_is_not_feel_is_refused_with_a_caret(rules, expression) -> None:
    said = rules("eval", expression)
    assert (said.status, said.out, "^" in said.err) == (2, "", True)


def test_the_conformance_kit_counts_by_level(rules, shared) -> None:
    said = rules("tck", str(shared / "tck" / "compliance-level-2"), "--json")
    assert said.status == 0
    assert set(said.json) == {"passed", "failed", "levels", "failures"}
    assert (said.json["passed"], said.json["failed"], said.json["failures"]) == (82, 0, [])


def test_checking_says_all_that_is_wrong_at_once(rules, tmp_path) -> None:
    assert rules("check", str(RULES)).status == 0
    assert rules("check", HIGH_TECH, str(RULES / "小型微利企业.dmn")).out.splitlines()[-1].startswith("2 个规则文件，")
    text = Path(HIGH_TECH).read_text(encoding="utf-8")
    broken = text.replace("科技人员数 / 职工总数 >= 0.10", "科技人员数 / 职工总数 >=").replace(
        "创新能力得分 > 70", "创新能力得分 >"
    )
    (tmp_path / "错.dmn").write_text(broken, encoding="utf-8")
    said = rules("check", str(tmp_path), "--json")
    wrong = [finding for finding in said.json["findings"] if finding["severity"] == "error"]
    assert (said.status, said.json["files"], len(wrong)) == (1, 1, 2)
    first = wrong[0]
    assert ("“科技人员占比”" in first["where"], first["severity"]) == (True, "error")
    assert rules("run", str(tmp_path / "错.dmn")).status == 2
    assert rules("check", str(tmp_path / "没有.dmn")).status == 2


def test_alone_it_lists_its_commands(rules) -> None:
    said = rules()
    assert said.status == 0
    for command in ("run FILE", "test FILE", "check FILE", "eval EXPRESSION", "tck DIR"):
        assert f"wotu rules {command}" in said.out
    assert rules("--help").out == said.out
    assert "--explain" in rules("run", "--help").out
    assert rules("rum").err == "wotu rules：没有命令“rum”。是不是 run？\n"


def test_it_runs_as_a_module_without_django() -> None:
    probe = (
        "import sys; from wotu.site.command import main; status = main(['rules', 'eval', '1 + 1']);"
        "assert not any(name.split('.')[0] == 'django' for name in sys.modules); sys.exit(status)"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "2（number）\n"), done.stderr
    done = subprocess.run(
        [sys.executable, "-m", "wotu.rulebook", "eval", "2 * 3"], capture_output=True, text=True, check=False
    )
    assert done.stdout == "6（number）\n"
