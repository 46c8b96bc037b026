"""What is made of tables as zones keep them: where they lie, what their columns are, which period they speak of."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import pytest

from tests.registry.intake.sheets import HEAD, code, firm, read, text, xlsx
from wotu.registry.intake.mapping import Wish

A, B, C = firm(1), firm(2), firm(3)


def test_shared_sheets_give_every_fact_and_refuse_every_bad_row(shared: Path) -> None:
    expected = json.loads((shared / "data/sheets/expected.json").read_text(encoding="utf-8"))
    for name, wanted in expected.items():
        got = read(shared / "data/sheets" / name)
        accepted = wanted["accepted_rows"]
        for row in accepted if isinstance(accepted, list) else next(iter(accepted.values())):
            assert got.rows[row] in ("accepted", "repeated"), (name, row, got.reasons.get(row))
        for row, word in wanted["rejected"].items():
            assert got.rows[int(row)] == "rejected"
            assert word in got.reasons[int(row)]
        for enterprise, attribute, period, value, _unit in wanted["facts"]:
            if period is None:
                assert value in [v for (c, a, _), v in got.facts.items() if (c, a) == (enterprise, attribute)]
            else:
                assert got.facts.get((enterprise, attribute, period)) == value, (name, enterprise, attribute)


def test_groups_over_columns_give_their_unit_and_numbered_rows_are_no_data(tmp_path: Path) -> None:
    got = read(
        xlsx(
            tmp_path / "附件1.xlsx",
            {
                "表": [
                    ["附件1"],
                    ["2023年度高新技术企业主要经济指标表"],
                    ["", "", "", "经济指标（千元）", "", "", "人员情况（人）", ""],
                    ["序号", "单位名称", "统一社会信用代码", "营业收入", "其中：高新技术产品收入", "研发投入", "职工总数", "其中：研发人员"],
                    ["甲", "乙", "丙", "1", "2", "3", "4", "5"],
                    [1, *A, 1000, 900, 50, 30, 10],
                ]
            },
            merges=["A2:H2", "D3:F3", "G3:H3"],
        )
    )  # fmt: skip
    assert got.rows == {6: "accepted"}
    assert got.facts == {
        (A[1], "营业收入", "2023"): "1000000.00",
        (A[1], "高新技术产品收入", "2023"): "900000.00",
        (A[1], "研发费用", "2023"): "50000.00",
        (A[1], "职工总数", "2023"): "30",
        (A[1], "研发人员", "2023"): "10",
    }


@pytest.mark.parametrize("merged", [True, False])
def test_years_may_stand_above_the_things_measured(tmp_path: Path, merged: bool) -> None:
    rows = [[*HEAD, "2021年", "", "2022年", ""], ["", "", "营业收入（万元）", "研发人员", "营业收入（万元）", "研发人员"], [*A, 1, 2, 3, 4]]  # fmt: skip
    merges = ["A1:A2", "B1:B2", "C1:D1", "E1:F1"] if merged else []
    got = read(xlsx(tmp_path / "表.xlsx", {"Sheet1": rows}, merges=merges))
    assert got.facts == {
        (A[1], "营业收入", "2021"): "10000.00",
        (A[1], "研发人员", "2021"): "2",
        (A[1], "营业收入", "2022"): "30000.00",
        (A[1], "研发人员", "2022"): "4",
    }


def test_this_year_and_last_year_count_from_the_year_the_file_names(tmp_path: Path) -> None:
    rows = [["单位：千元"], [*HEAD, "营业收入", "", "同比"], ["", "", "本年", "上年", "%"], [*A, 100, 90, 11.1]]
    got = read(xlsx(tmp_path / "2023年报.xlsx", {"a": rows}, merges=["C2:D2", "A2:A3", "B2:B3"]))
    assert got.facts == {(A[1], "营业收入", "2023"): "100000.00", (A[1], "营业收入", "2022"): "90000.00"}


def test_totals_notes_headings_and_repeated_headers_are_left_out(tmp_path: Path) -> None:
    got = read(
        xlsx(
            tmp_path / "b.xlsx",
            {
                "2022": [
                    ["某区企业名单（2022年）"],
                    ["填报单位：经发局", "", "", "金额单位：万元"],
                    ["序号", *HEAD, "营收"],
                    ["一、枫桥街道"],
                    [1, *A, 100],
                    ["小计", "", "", 100],
                    ["序号", *HEAD, "营收"],
                    [2, *B, 300],
                    ["", "", "", 400],
                    ["总    计", 3, "", 400],
                    [],
                    ["注：数据为快报数。"],
                    ["填表人：张三", "", "审核人：李四"],
                ]
            },
        )
    )
    assert {n for n, status in got.rows.items() if status == "accepted"} == {5, 8}
    assert {n for n, status in got.rows.items() if status == "ignored"} == {4, 6, 7, 9, 10, 12, 13}


def test_a_row_among_the_data_without_code_and_name_is_no_total(tmp_path: Path) -> None:
    got = read(text(tmp_path / "2023.csv", [[*HEAD, "营业收入(万元)"], [*A, 5], ["", "", 6], [*B, 7]]))
    assert got.rows == {2: "accepted", 3: "rejected", 4: "accepted"}
    assert "信用代码" in got.reasons[3]


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("gbk", ";"), ("utf-16", "\t"), ("utf-8-sig", ","), ("utf-8", "|"), ("gb18030", ",")]
)
def test_text_files_of_any_usual_encoding_and_separator(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = [[], ["单位详细名称", "组织机构代码", "2023年1-9月工业总产值(千元)"], [], [*A, "1，234.5"]]
    got = read(text(tmp_path / "a.csv", rows, encoding, delimiter))
    assert got.facts == {(A[1], "工业总产值", "2023-01..2023-09"): "1234500.00"}


def test_a_column_of_years_and_cells_merged_down(tmp_path: Path) -> None:
    rows = [[*HEAD, "年度", "营业收入（万元）"], [*A, 2021, 100], [None, None, "二〇二二年", 110], [*B, "2022年度", 5]]
    got = read(xlsx(tmp_path / "a.xlsx", {"a": rows}, merges=["A2:A3", "B2:B3"]))
    assert got.facts == {
        (A[1], "营业收入", "2021"): "1000000.00",
        (A[1], "营业收入", "2022"): "1100000.00",
        (B[1], "营业收入", "2022"): "50000.00",
    }


def test_a_column_of_months(tmp_path: Path) -> None:
    months = ["202401", "2024年2月", "2024-03", datetime(2024, 4, 1), "13月", "2027-01"]
    rows = [[*HEAD, "所属期", "用电量（万千瓦时）"], *([*A, month, 1.5] for month in months)]
    got = read(xlsx(tmp_path / "a.xlsx", {"a": rows}))
    assert [period for _, _, period in got.facts] == ["2024-01", "2024-02", "2024-03", "2024-04"]
    assert (got.rows[6], got.rows[7]) == ("rejected", "rejected")
    assert "还没有到" in got.reasons[7]


def test_quarters_of_a_yearly_figure_go_to_the_quarterly_one(tmp_path: Path) -> None:
    rows = [["2024年度企业季度数据"], [*HEAD, "从业人数", "", "资产总额(万元)", ""], ["", "", "一季度末", "四季度末", "一季度末", "四季度末"], [*A, 10, 13, 100, 400]]  # fmt: skip
    got = read(xlsx(tmp_path / "a.xlsx", {"a": rows}, merges=["A2:A3", "B2:B3", "C2:D2", "E2:F2"]))
    assert got.facts == {
        (A[1], "季末从业人数", "2024-Q1"): "10",
        (A[1], "季末从业人数", "2024-Q4"): "13",
        (A[1], "季末资产总额", "2024-Q1"): "1000000.00",
        (A[1], "季末资产总额", "2024-Q4"): "4000000.00",
    }


def test_a_sheet_named_after_a_quarter_speaks_of_that_quarter(tmp_path: Path) -> None:
    rows = [[*HEAD, "工业总产值（亿元）"], [*A, 1.5]]
    got = read(xlsx(tmp_path / "2024.xlsx", {"一季度": rows, "2024年1-6月": rows}))
    assert got.facts == {
        (A[1], "工业总产值", "2024-Q1"): "150000000.00",
        (A[1], "工业总产值", "2024-01..2024-06"): "150000000.00",
    }


def test_a_yearly_figure_of_no_year_is_refused_unless_somebody_says_which(tmp_path: Path) -> None:
    file = xlsx(tmp_path / "a.xlsx", {"a": [[*HEAD, "营业收入（万元）"], [*A, 48.2]]})
    got = read(file)
    assert got.rows == {2: "rejected"}
    assert "哪一年" in got.reasons[2]
    assert read(file, period="2023").facts == {(A[1], "营业收入", "2023"): "482000.00"}


def test_short_dates_mean_what_the_sheet_speaks_of_and_numbers_hold_since_then(tmp_path: Path) -> None:
    rows = [["企业名称", "统一社会信用代码", "入库登记编号", "入库日期"], [*A, "202532050508000123", "2025年4月8日"]]
    got = read(text(tmp_path / "科技型中小企业2025.csv", rows))
    assert got.facts == {
        (A[1], "科技型中小企业入库编号", "2025-04-08"): "202532050508000123",
        (A[1], "科技型中小企业入库日期", "2025-04-08"): "2025-04-08",
    }


def test_columns_without_headers_of_their_own_are_known_by_what_they_hold(tmp_path: Path) -> None:
    rows = [["企业名称", "代码列", "营业收入(万元)", "所属行业"], [*A, 1, "I65 软件业"], [*B, 2, "C3569"]]
    got = read(xlsx(tmp_path / "2023.xlsx", {"a": rows}))
    assert [c.target.code for c in got.plan.sheets[0].columns if c.target] == ["name", "code", "revenue", "industry"]
    assert got.facts[B[1], "营业收入", "2023"] == "20000.00"


def test_names_of_industries_are_no_codes(tmp_path: Path) -> None:
    rows = [[*HEAD, "国民经济行业", "行业代码"], [*A, "制造业", "3569"], [*B, "制造业", "Z99"]]
    got = read(xlsx(tmp_path / "2023.xlsx", {"a": rows}))
    assert got.rows == {2: "accepted", 3: "rejected"}
    assert "行业" in got.reasons[3]


def test_what_is_derived_or_doubtful_is_not_taken_for_the_thing_itself(tmp_path: Path) -> None:
    header = [
        *HEAD,
        "研发费用占比",
        "营业收入同比增长%",
        "2024年预计营业收入",
        "研发费用（资本化）",
        "当年授权发明专利（件）",
    ]
    got = read(xlsx(tmp_path / "2023.xlsx", {"a": [header, [*A, 5, 5, 5, 5, 5]]}))
    assert got.facts == {}
    assert any("没有认出" in said for said in got.said)


def test_two_columns_for_one_thing_leave_the_second_to_an_officer(tmp_path: Path) -> None:
    got = read(xlsx(tmp_path / "2023.xlsx", {"a": [[*HEAD, "营业收入(万元)", "营业总收入(元)"], [*A, 1, 99]]}))
    assert got.facts == {(A[1], "营业收入", "2023"): "10000.00"}
    assert any("重复" in said for said in got.said)


def test_a_mapping_that_is_given_goes_before_every_guess(tmp_path: Path) -> None:
    file = xlsx(tmp_path / "2023.xlsx", {"a": [[*HEAD, "甲项", "营业收入(万元)"], [*A, 7, 1]]})
    given = {"甲项": Wish("研发费用", "万元", "2022", "指定"), "营业收入(万元)": Wish("", how="指定")}
    assert read(file, given).facts == {(A[1], "研发费用", "2022"): "70000.00"}


def test_hidden_sheets_are_left_out_and_hidden_rows_are_said(tmp_path: Path) -> None:
    rows = [[*HEAD, "营业收入(万元)"], [*A, 1], [*B, 3]]
    got = read(xlsx(tmp_path / "2023.xlsx", {"a": rows, "字典": [HEAD, C]}, hidden_rows=[3], hidden_sheets=["字典"]))
    assert got.rows == {2: "accepted", 3: "accepted"}
    assert any("“字典”" in said for said in got.said)
    assert any("第3行是隐藏行" in said for said in got.said)


def test_names_stand_for_codes_where_another_sheet_of_the_book_gives_them(tmp_path: Path) -> None:
    got = read(
        xlsx(
            tmp_path / "a.xlsx",
            {"名录": [HEAD, A], "数据": [["企业名称", "2023年营业收入(万元)"], [A[0], 5], [B[0], 6]]},
        )
    )
    assert got.facts == {(A[1], "营业收入", "2023"): "50000.00"}
    assert got.rows[3] == "rejected"


def test_the_same_row_again_adds_nothing_and_a_different_one_is_set_aside(tmp_path: Path) -> None:
    rows = [[*HEAD, "营业收入(万元)"], [*A, 1], [*A, "1.0"], [*A, 2], ["别的公司", A[1], 1], [*A, ""]]
    got = read(xlsx(tmp_path / "2023.xlsx", {"a": rows}))
    assert got.rows == {2: "accepted", 3: "repeated", 4: "rejected", 5: "rejected", 6: "repeated"}
    assert "第2行" in got.reasons[4]
    assert "“10000.00”" in got.reasons[4]
    assert "矛盾" in got.reasons[5]


def test_what_one_row_leaves_open_another_may_fill(tmp_path: Path) -> None:
    rows = [[*HEAD, "营业收入(万元)", "研发人员"], [*A, "—", 3], [*A, 5, ""]]
    got = read(xlsx(tmp_path / "2023.xlsx", {"a": rows}))
    assert got.rows == {2: "accepted", 3: "accepted"}
    assert got.facts == {(A[1], "营业收入", "2023"): "50000.00", (A[1], "研发人员", "2023"): "3"}


def test_sheets_of_several_years_may_know_an_enterprise_by_its_older_name(tmp_path: Path) -> None:
    rows = {
        year: [[*HEAD, "营业收入(万元)"], [name, A[1], 1]] for year, name in (("2022年", "旧名公司"), ("2023年", A[0]))
    }
    assert set(read(xlsx(tmp_path / "a.xlsx", rows)).rows.values()) == {"accepted"}


def test_a_future_year_is_refused_and_a_past_one_is_not(tmp_path: Path) -> None:
    rows = [[*HEAD, "2027年营业收入（万元）", "2025年营业收入（万元）"], [*A, 1, 2], [*B, "", 3]]
    got = read(xlsx(tmp_path / "a.xlsx", {"a": rows}))
    assert got.rows == {2: "rejected", 3: "accepted"}


def test_a_date_in_the_title_is_the_day_of_the_figures_and_the_day_of_making_is_not(tmp_path: Path) -> None:
    rows = [["截至2023年12月31日企业情况"], ["制表日期：2024年1月15日"], [*HEAD, "期末从业人员", "注册资本（万元）"], [*A, 10, 100]]  # fmt: skip
    got = read(xlsx(tmp_path / "a.xlsx", {"a": rows}))
    assert got.facts == {(A[1], "从业人员", "2023"): "10", (A[1], "注册资本", "2023-12-31"): "1000000.00"}


def test_what_holds_since_some_day_holds_since_the_import_where_no_day_is_named(tmp_path: Path) -> None:
    got = read(xlsx(tmp_path / "a.xlsx", {"a": [[*HEAD, "注册资本（万元）"], [*A, 100]]}))
    assert list(got.facts) == [(A[1], "注册资本", date(2026, 6, 30).isoformat())]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (code(1)[:-1], "17位"),
        (code(1)[:-1] + ("0" if code(1)[-1] != "0" else "1"), "校验位"),
        (9.1320505e17, "数字"),
        ("9.13205E+17", "数字"),
        ("320505000123456", "注册号"),
        ("12345678-9", "组织机构代码"),
        (code(1).replace("0", "O"), code(1)),
        ("", "信用代码"),
        ("待补", "信用代码"),
    ],
)
def test_a_wrong_code_is_said_with_what_to_do(tmp_path: Path, written: object, words: str) -> None:
    got = read(xlsx(tmp_path / "2023.xlsx", {"a": [[*HEAD, "营业收入(万元)"], ["甲公司", written, 1], [*B, 1]]}))
    assert got.rows == {2: "rejected", 3: "accepted"}
    assert words in got.reasons[2]
    assert "代码" in got.reasons[2]


def test_a_code_in_small_letters_with_spaces_is_the_code(tmp_path: Path) -> None:
    written = f" {A[1][:8].lower()} {A[1][8:].lower()}　"
    got = read(xlsx(tmp_path / "2023.xlsx", {"a": [[*HEAD, "营业收入(万元)"], ["甲公司", written, 1]]}))
    assert list(got.facts) == [(A[1], "营业收入", "2023")]


def test_one_name_with_two_codes_is_said(tmp_path: Path) -> None:
    got = read(xlsx(tmp_path / "2023.xlsx", {"a": [[*HEAD, "营业收入(万元)"], [*A, 1], [A[0], B[1], 2]]}))
    assert got.rows == {2: "accepted", 3: "accepted"}
    assert any("第2行和第3行的信用代码不同" in said for said in got.said)


def test_a_header_that_names_the_code_and_something_else_is_the_code(tmp_path: Path) -> None:
    rows = [["单位", "统一社会信用代码/注册号", "营业收入（万元）"], [A[0], "123456", 1], [*B, 2]]
    got = read(xlsx(tmp_path / "2023.xlsx", {"a": rows}))
    assert got.rows == {2: "rejected", 3: "accepted"}
    assert "代码" in got.reasons[2]


@pytest.mark.parametrize(
    "header",
    ["营业收入2023（万元）", "2023营业收入(万元)", "营业收入(2023)万元", "23年营业收入（万元）", "2023年度/营业收入（万元）", "营业收入（2023年，万元）", "本年收入_2023(万元)"],
)  # fmt: skip
def test_a_header_may_name_its_year_anywhere(tmp_path: Path, header: str) -> None:
    got = read(xlsx(tmp_path / "a.xlsx", {"a": [[*HEAD, header], [*A, 5]]}))
    assert got.facts == {(A[1], "营业收入", "2023"): "50000.00"}


@pytest.mark.parametrize(
    "years", [(2022, 2023), (datetime(2022, 12, 31), datetime(2023, 12, 31)), ("2022年", "2023年")]
)
def test_years_under_a_group_may_be_numbers_or_dates(tmp_path: Path, years: tuple[object, object]) -> None:
    rows = [[*HEAD, "营业收入（万元）", ""], ["", "", *years], [*A, 1, 2]]
    got = read(xlsx(tmp_path / "a.xlsx", {"a": rows}, merges=["A1:A2", "B1:B2", "C1:D1"]))
    assert got.facts == {(A[1], "营业收入", "2022"): "10000.00", (A[1], "营业收入", "2023"): "20000.00"}


def test_how_to_fill_in_and_examples_are_no_data(tmp_path: Path) -> None:
    rows = [
        ["序号", *HEAD, "营业收入"],
        ["", "（与执照一致）", "（18位）", "（万元）"],
        ["示例", "示例公司", "9132", 5],
        [1, *A, 5],
    ]
    got = read(xlsx(tmp_path / "2023.xlsx", {"a": rows}))
    assert got.rows == {3: "ignored", 4: "accepted"}
    assert got.facts == {(A[1], "营业收入", "2023"): "50000.00"}
    rows = [[*HEAD, "营业收入（万元）"], ["必填", "必填，18位", "选填，数字"], [*A, 5]]
    assert read(xlsx(tmp_path / "2023年.xlsx", {"a": rows})).rows == {2: "ignored", 3: "accepted"}


def test_a_contradiction_between_sheets_names_the_other_sheet(tmp_path: Path) -> None:
    first = [["2023年"], [*HEAD, "营业收入（万元）"], [*A, 1]]
    second = [["2023年"], [*HEAD, "营业收入（元）"], [*A, 20000], [*B, 1]]
    got = read(xlsx(tmp_path / "a.xlsx", {"表一": first, "表二": second}))
    assert got.rows == {3: "rejected", 4: "accepted"}
    assert "“表一”第3行" in got.reasons[3]
