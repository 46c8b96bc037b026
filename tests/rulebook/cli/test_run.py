"""`wotu rules run`: results, exact; what is not known; every clause with its reason."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest

from .conftest import HIGH_TECH, RULES

TAX = str(RULES / "小型微利企业.dmn")
SIZES = str(RULES / "中小企业划型标准.dmn")
SMALL = '{"行业": "工业", "从业人员": 250, "营业收入": 10000000}'
NEAR = (
    '{"成立日期": "2018-01-05", "申请日期": "2026-06-30", "拥有核心知识产权": true, "技术领域": "新材料", "科技人员数": 12,'
    ' "职工总数": 100, "近三年研发费用": 4200000, "近三年销售收入": 100000000, "最近一年销售收入": 40000000,'
    ' "近三年境内研发费用": 4200000, "高新技术产品收入": 30000000, "总收入": 40000000, "创新能力得分": 78,'
    ' "一年内重大事故或违法": false}'
)


def test_results_as_json_are_exact_and_in_the_rules_order(rules) -> None:
    inputs = (
        '{"年应纳税所得额": 123456.78, "从业人数季度平均": 20, "资产总额季度平均": 5e6, "从事限制或禁止行业": false}'
    )
    said = rules("run", TAX, "--inputs", inputs, "--json")
    assert said.status == 0
    assert list(said.json["values"]) == ["符合", "行业", "应纳税所得额", "从业人数", "资产总额", "应纳税额"]
    assert said.json["values"]["应纳税额"] == Decimal("6172.84")
    assert said.json["unknown"] == []


def test_what_is_not_known_says_what_it_can_still_be(rules) -> None:
    file = str(RULES / "科技型中小企业评价.dmn")
    said = rules("run", file, "--inputs", '{"一类知识产权数": 0}', "--decision", "科技成果得分", "--json")
    assert said.json["values"] == {"科技成果得分": None}
    assert said.json["unknown"] == [{"decision": "科技成果得分", "possible": {"values": [0, 6, 12, 18, 24]}}]


def test_null_can_be_the_standards_null(rules) -> None:
    assert rules("run", HIGH_TECH, "--decision", "技术领域", "--json").json["unknown"] != []
    assert rules("run", HIGH_TECH, "--decision", "技术领域", "--null", "feel", "--json").json["values"] == {
        "技术领域": False
    }


def test_explained_every_clause_says_state_value_need_distance_and_source(rules) -> None:
    said = rules("run", HIGH_TECH, "--inputs", NEAR, "--explain")
    assert "高新技术企业认定：差一项，研发费用占比 4.2%，差 0.8 个百分点 ≈ 80 万元。" in said.out
    block = said.out.split("✗ 研发费用占比：不符合")[1].split("\n\n")[0]
    assert "近三年研发费用 420 万元、近三年销售收入 1 亿元" in block
    assert "不低于 5%" in block
    assert "差 0.8 个百分点 ≈ 80 万元" in block
    assert "《高新技术企业认定管理办法》（国科发火〔2016〕32号）第十一条（五）〔公开转述〕 https://" in block
    assert said.out.count("✓ ") == 8


def test_explained_as_json_carries_the_same(rules) -> None:
    told = rules("run", HIGH_TECH, "--inputs", NEAR, "--explain", "--json").json["explanation"]
    clause = next(clause for clause in told["clauses"] if clause["name"] == "研发费用占比")
    assert (told["eligible"], told["near_miss"]["clause"]) == (False, "研发费用占比")
    assert (clause["state"], clause["distance"]["amount"], clause["distance"]["points"]) == (
        "not met", Decimal("0.008"), Decimal("0.8"),
    )  # fmt: skip
    [change] = clause["distance"]["changes"]
    assert change == {"name": "近三年研发费用", "from": 4200000, "to": 5000000, "unit": "元", "derived": False}
    assert clause["citation"]["article"] == "第十一条（五）"
    assert (clause["evidence"], clause["evidence_words"]) == ("found", "公开转述")


def test_explained_in_english(rules) -> None:
    said = rules("run", HIGH_TECH, "--inputs", NEAR, "--explain", "--lang", "en")
    assert "one condition short: R&D intensity 4.2%, short by 0.8 percentage points ≈ 800,000 yuan." in said.out
    assert "as restated in public sources" in said.out
    assert "values   R&D expense, last 3 fiscal years 4,200,000 yuan, Sales, last 3 fiscal years" in said.out


def test_a_ratio_over_zero_is_said_not_to_exist(rules) -> None:
    inputs = '{"科技人员数": 0, "职工总数": 0}'
    said = rules("run", HIGH_TECH, "--inputs", inputs, "--explain")
    assert "职工总数为 0，比例不存在" in said.out
    assert "除以 0" in rules("run", HIGH_TECH, "--inputs", inputs).out


def test_the_way_to_be_eligible(rules) -> None:
    said = rules("run", HIGH_TECH, "--inputs", NEAR, "--how")
    assert "1. 近三年研发费用由 420 万元 改为 500 万元" in said.out


def test_inputs_come_from_a_file_or_stdin(rules, tmp_path, monkeypatch) -> None:
    (tmp_path / "inputs.yaml").write_text("科技人员数: 12\n职工总数: 100\n", encoding="utf-8")
    asked = ("run", HIGH_TECH, "--decision", "科技人员占比", "--json", "--inputs")
    assert rules(*asked, str(tmp_path / "inputs.yaml")).json["values"] == {"科技人员占比": True}
    monkeypatch.setattr("sys.stdin", io.StringIO('{"科技人员数": 9, "职工总数": 100}'))
    assert rules(*asked, "-").json["values"] == {"科技人员占比": False}


def test_an_input_the_rule_does_not_have_is_said_and_not_used(rules) -> None:
    said = rules("run", HIGH_TECH, "--inputs", '{"职工总": 1}')
    assert said.status == 0
    assert said.err == "注意：规则没有输入“职工总”，未使用，是不是“职工总数”？\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "缺少 FILE"),
        (("没有.dmn",), "没有这个文件"),
        ((str(RULES),), "是文件夹"),
        ((HIGH_TECH, "多余"), "多了“多余”"),
        ((HIGH_TECH, "--input", "{}"), "没有选项 --input。是不是 --inputs？"),
        ((HIGH_TECH, "--inputs"), "缺少 JSON|FILE"),
        ((HIGH_TECH, "--inputs", "{"), "不是 JSON"),
        ((HIGH_TECH, "--inputs", "[1]"), "不是“名称: 值”的形式"),
        ((HIGH_TECH, "--inputs", "没有.json"), "没有文件“没有.json”"),
        ((HIGH_TECH, "--inputs", '{"职工总数": 1, "职工总数": 2}'), "“职工总数”出现了两次"),
        ((HIGH_TECH, "--inputs", '{"职工总数": NaN}'), "NaN 不是数"),
        ((HIGH_TECH, "--inputs", '{"职工总数": 1e7000}'), "超出范围"),
        ((HIGH_TECH, "--inputs", '{"职工总数": "多"}'), "“职工总数”"),
        ((HIGH_TECH, "--inputs", '{"职工总数": -1}'), "-1 不在允许的值之内"),
        ((HIGH_TECH, "--inputs", '{"成立日期": "2026-02-30"}'), "“2026-02-30”"),
        ((HIGH_TECH, "--decision", "符和"), "没有决策“符和”。是不是“符合”？"),
        ((HIGH_TECH, "--null", "none"), "--null 不能是“none”"),
    ],
)
def test_bad_use_is_one_sentence_and_status_2(rules, arguments, sentence) -> None:
    said = rules("run", *arguments)
    assert (said.status, said.out) == (2, "")
    assert sentence in said.err
    assert said.err.count("\n") == 1


def test_traced_a_table_says_the_row_that_matched_and_what_stopped_others(rules) -> None:
    said = rules("run", SIZES, "--inputs", SMALL, "--trace").out
    assert "判定表（FIRST）　命中第 7 行" in said
    assert "✓ 第 7 行〔从业人员 20 人、营业收入 300 万元 以上〕" in said
    assert '✗ 第 2 行〔营业收入 500 万元 以上〕：行业 工业，不合 "农、林、牧、渔业"' in said


def test_traced_a_null_says_why_and_where_under_a_caret(rules) -> None:
    said = rules("run", HIGH_TECH, "--inputs", '{"科技人员数": 0, "职工总数": 0}', "--trace").out
    block = said.split("4. 科技人员占比：不存在")[1].split("\n5.")[0]
    assert "为何 null　除以 0：科技人员数 / 职工总数（第 1 行第 1 列）" in block
    assert "科技人员数 / 职工总数 >= 0.10\n     ^" in block


def test_traced_as_json_names_cause_place_and_rows(rules) -> None:
    said = rules("run", HIGH_TECH, "--inputs", '{"科技人员数": 0, "职工总数": 0}', "--trace", "--json").json
    step = next(step for step in said["trace"] if step["decision"] == "科技人员占比")
    assert [(null["cause"], null["line"], null["column"], null["follows"]) for null in step["nulls"]] == [
        ("division by zero", 1, 1, False),
        ("follows", 1, 1, True),
    ]
    assert said["diagnostics"][0]["decision"] == "科技人员占比"
    table = rules("run", SIZES, "--inputs", SMALL, "--trace", "--json").json["trace"][0]["table"]
    assert (table["hit_policy"], table["matched"], table["rows"][4]["failed"][0]) == (
        "FIRST", [7], {"column": "从业人员", "test": ">= 1000", "value": 250, "unit": "人"},
    )  # fmt: skip


def test_a_grade_or_a_score_is_reached_by_the_smallest_change_of_what_may_change(rules) -> None:
    said = rules(
        "run", SIZES, "--inputs", SMALL, "--want", '规模 = "中型"', "--change", "从业人员", "--change", "营业收入"
    )
    assert '怎样才能达到 规模 = "中型"（每个办法都已重新判断过）：' in said.out
    assert "  1. 从业人员由 250 人 改为 300 人；营业收入由 1000 万元 改为 2000 万元" in said.out
    told = rules(
        "run", SIZES, "--inputs", SMALL, "--want", '规模 in ("大型", "微型")', "--change", "从业人员", "--json"
    ).json
    assert [plan["text"] for plan in told["wanted"][0]["plans"]] == ["从业人员由 250 人 改为 19 人"]
    assert '规模 = "小型" 已经达到。' in rules("run", SIZES, "--inputs", SMALL, "--want", '规模 = "小型"').out
    assert "没有找到" in rules("run", SIZES, "--inputs", SMALL, "--want", '规模 = "大型"', "--change", "从业人员").out


@pytest.mark.parametrize(
    ("day", "file"), [("2026-03-31", "专精特新中小企业@2022-08-01.dmn"), ("2026-04-01", "专精特新中小企业@2026-04-01.dmn")]
)  # fmt: skip
def test_the_edition_in_force_on_the_day_is_used_and_said(rules, day, file) -> None:
    for meant in ("专精特新中小企业", "专精特新中小企业@2022-08-01.dmn"):
        said = rules("run", str(RULES / meant), "--as-of", day)
        assert f"按 {day} 施行的版本：{file}（" in said.out
    told = rules("run", str(RULES / "专精特新中小企业"), "--as-of", day, "--json").json
    assert (told["as_of"], told["file"]) == (day, file)


def test_a_folder_with_the_editions_of_one_rule_stands_for_the_rule(rules, tmp_path) -> None:
    for file in RULES.glob("专精特新中小企业@*.dmn"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    assert "edition in force on 2026-05-01: 专精特新中小企业@2026-04-01.dmn (since 2026-04-01)" in rules(
        "run", str(tmp_path), "--as-of", "2026-05-01", "--lang", "en"
    ).out  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("专精特新中小企业", "--as-of", "2020-01-01"), "在 2020-01-01 没有施行的版本"),
        (("专精特新中小企业", "--as-of", "明天"), "不是日期"),
        (("高新技术企业认定.dmn", "--want", "创新能力得分"), "不是条件"),
        (("高新技术企业认定.dmn", "--want", "近三年研发强度 + 1"), "不是条件"),
        (("高新技术企业认定.dmn", "--how", "--change", "职工总"), "没有输入“职工总”。是不是“职工总数”？"),
        (("中小企业划型标准.dmn", "--how"), "没有“符合”这个决策"),
    ],
)
def test_what_cannot_be_asked_is_refused(rules, arguments, sentence) -> None:
    said = rules("run", str(RULES / arguments[0]), *arguments[1:])
    assert (said.status, said.out) == (2, "")
    assert sentence in said.err
