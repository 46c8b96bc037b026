"""`wotu rules check` and `wotu rules diff`: what they print, their JSON, how they end."""

from __future__ import annotations

from pathlib import Path

from .conftest import HIGH_TECH, RULES

OLD, NEW = (str(RULES / f"专精特新中小企业@{day}.dmn") for day in ("2022-08-01", "2026-04-01"))


def broken(folder: Path) -> str:
    text = Path(OLD).read_text(encoding="utf-8").replace("从事细分市场年限 >= 2", '从事细分市场年限 >= "2"')
    (folder / "错.dmn").write_text(text, encoding="utf-8")
    return str(folder / "错.dmn")


def test_errors_end_with_one_and_stand_under_a_caret(rules, tmp_path) -> None:
    said = rules("check", broken(tmp_path), HIGH_TECH)
    assert said.status == 1
    first = said.out.splitlines()
    assert first[0].startswith("错误 错.dmn 第 ")
    assert "数不能与文字比较，结果总是 null。数不加引号；文字转成数用 number(…)" in first[0]
    assert first[1:3] == ['从事细分市场年限 >= "2"', "^"]
    assert first[-1].startswith("2 个规则文件，错误 1、注意 1、提示 ")


def test_findings_as_json_carry_their_place_and_example(rules, tmp_path) -> None:
    said = rules("check", str(RULES), broken(tmp_path), "--json")
    assert (said.status, said.json["files"]) == (1, 10)
    errors = [each for each in said.json["findings"] if each["severity"] == "error"]
    assert [(each["file"], "“细分市场年限”" in each["where"]) for each in errors] == [("错.dmn", True)]
    gap = next(each for each in said.json["findings"] if each["what"].startswith("没有规则：行业"))
    assert gap["example"] == '{"行业": "其他", "从业人员": 0, "营业收入": 0, "资产总额": 0}'


def test_two_editions_are_told_apart(rules) -> None:
    said = rules("diff", OLD, NEW)
    assert said.status == 0
    assert said.out.startswith("专精特新中小企业 2022-08-01 → 专精特新中小企业 2026-04-01\n")
    for line in (
        "  ～ 从事细分市场年限：≥ 2 年 → ≥ 3 年",
        "  ＋ 市场占有率较为靠前：真假",
        "  符合：是 → 否",
        "    因为 从事细分市场年限",
        "没有变的决策：基本条件",
    ):
        assert line in said.out.splitlines(), line


def test_the_difference_as_json(rules) -> None:
    said = rules("diff", OLD, NEW, "--json")
    assert set(said.json) == {"changes", "outcomes", "same"}
    years = next(each for each in said.json["outcomes"] if each["decision"] == "细分市场年限")
    assert years == {
        "decision": "细分市场年限",
        "inputs": {"从事细分市场年限": 2},
        "before": True,
        "after": False,
        "by": ["从事细分市场年限"],
    }
    assert rules("diff", OLD, OLD, "--json").json["outcomes"] == []


def test_a_missing_file_or_word_is_refused(rules) -> None:
    assert rules("diff", OLD).status == 2
    assert "没有这个文件" in rules("diff", OLD, "没有.dmn").err
    assert rules("check").status == 2
