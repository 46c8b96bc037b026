"""What single cells say: numbers with units, ratios, dates, flags; and what each refusal says."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.registry.intake.sheets import HEAD, Read, firm, read, xlsx

A = firm(1)
REVENUE = (A[1], "营业收入", "2023")
STAFF = (A[1], "研发人员", "2023")


def cell(tmp_path: Path, header: str, written: Any, **options: Any) -> Read:
    """A sheet of 2023 with one cell of interest."""
    return read(xlsx(tmp_path / "2023.xlsx", {"a": [[*HEAD, header], [*A, written]]}, **options))


@pytest.mark.parametrize(
    ("header", "written", "value"),
    [
        ("营业收入（万元）", "12,345.60", "123456000.00"),
        ("营业收入（万元）", "１３，０００．５", "130005000.00"),
        ("营业收入（万元）", "1.2亿", "120000000.00"),
        ("营业收入（万元）", "350万元", "3500000.00"),
        ("营业收入（元）", "壹仟万元整", "10000000.00"),
        ("营业收入（万元）", "一千二百三十四点五", "12345000.00"),
        ("营业收入（亿元）", 0.25, "25000000.00"),
        ("营业收入（千元）", 1000.5, "1000500.00"),
        ("营业收入（百万元）", "3", "3000000.00"),
        ("营业收入（RMB万元）", 4, "40000.00"),
        ("营业收入（人民币万元）", 4, "40000.00"),
        ("营业收入/万元", "¥ 4", "40000.00"),
        ("营业收入（万元）", 0, "0.00"),
        ("营业收入（万元）", "—", None),
        ("营业收入（万元）", "无", None),
        ("营业收入（万元）", "不详", None),
    ],
)  # fmt: skip
def test_amounts_come_to_yuan(tmp_path: Path, header: str, written: Any, value: str | None) -> None:
    got = cell(tmp_path, header, written)
    assert got.rows == {2: "accepted"}, got.reasons
    assert got.facts == {REVENUE: value}


def test_a_blank_says_nothing(tmp_path: Path) -> None:
    assert cell(tmp_path, "营业收入（万元）", "").facts == {}


def test_an_amount_without_any_unit_is_read_as_yuan_and_said(tmp_path: Path) -> None:
    got = cell(tmp_path, "营业收入", 1234)
    assert got.facts == {REVENUE: "1234.00"}
    assert any("没有写单位" in said for said in got.said)


def test_a_loss_may_be_negative_in_brackets(tmp_path: Path) -> None:
    assert cell(tmp_path, "净利润（万元）", "（3.5）").facts == {(A[1], "净利润", "2023"): "-35000.00"}


@pytest.mark.parametrize(
    ("written", "value"),
    [("二百", "200"), ("10人", "10"), ("'12", "12"), ("4个", "4"), ("两百零五", "205"), ("〇", "0")],
)
def test_people_may_be_counted_in_words(tmp_path: Path, written: str, value: str) -> None:
    assert cell(tmp_path, "研发人员", written).facts == {STAFF: value}


@pytest.mark.parametrize(
    ("header", "written", "words"),
    [
        ("营业收入（万元）", "约500", "准确"),
        ("营业收入（万元）", "$500", "外币"),
        ("营业收入（万美元）", 500, "万美元"),
        ("营业收入（万元）", "500万美元", "外币"),
        ("营业收入（某元）", 500, "单位"),
        ("营业收入（万元）", "1,23,4", "千分位"),
        ("营业收入（万元）", "=A1+B1", "公式"),
        ("营业收入（万元）", datetime(2023, 1, 5), "日期"),
        ("营业收入（万元）", -5, "不小于0"),
        ("研发人员", "-7", "研发人员"),
        ("研发人员", "12.5", "整数"),
        ("研发人员", "5-6人", "数"),
        ("研发人员（万元）", 5, "单位"),
        ("研发人员", "3万元", "单位"),
        ("2023年细分市场占有率（%）", 130, "不大于1"),
        ("建有研发机构", "省级", "是/否"),
        ("最高知识产权类别", "三类", "Ⅰ类"),
        ("高企发证日期", "2023/13/02", "日期"),
        ("高企发证日期", "2010-02-30", "不存在"),
        ("高企发证日期", "2010年2月", "不完整"),
        ("高企发证日期", "03/04/2010", "分不清"),
        ("高企发证日期", "2027-01-01", "未来"),
        ("成立日期", "2027-01-01", "未来"),
        ("主导产品", "长" * 301, "最多300"),
    ],
)
def test_what_cannot_be_read_sets_the_row_aside_and_says_why(
    tmp_path: Path, header: str, written: Any, words: str
) -> None:
    got = cell(tmp_path, header, written)
    assert got.rows == {2: "rejected"}
    assert words in got.reasons[2]
    assert "C列" in got.reasons[2]
    assert got.facts == {}


@pytest.mark.parametrize(
    "written",
    ["2021年11月30日", "2021.11.30", "2021/11/30", "20211130", "44530", 44530, datetime(2021, 11, 30), "11/30/2021", "二〇二一年十一月三十日", "2021-11-30 00:00:00"],
)  # fmt: skip
def test_dates_in_any_usual_form(tmp_path: Path, written: Any) -> None:
    assert cell(tmp_path, "高企发证日期", written).facts == {(A[1], "高企发证日期", "2021-11-30"): "2021-11-30"}


@pytest.mark.parametrize(
    ("written", "value"),
    [("√", True), ("Y", True), ("有", True), (True, True), ("无", False), (0, False), ("×", False)],
)
def test_flags_in_any_usual_form(tmp_path: Path, written: Any, value: bool) -> None:
    assert list(cell(tmp_path, "是否建有研发机构", written).facts.values()) == [value]


def test_an_allowed_word_counts_even_where_it_elsewhere_means_unknown(tmp_path: Path) -> None:
    assert list(cell(tmp_path, "最高知识产权类别", "无").facts.values()) == ["无"]
    assert list(cell(tmp_path, "最高知识产权类别", "II类").facts.values()) == ["Ⅱ类"]


@pytest.mark.parametrize(
    ("header", "written", "formatted", "value"),
    [
        ("资产负债率", 0.553, "", "0.553"),
        ("资产负债率", "48.2％", "", "0.482"),
        ("资产负债率（%）", 48.2, "", "0.482"),
        ("资产负债率（%）", "48.2%", "", "0.482"),
        ("资产负债率（%）", 0.482, "0.0%", "0.482"),
        ("资产负债率", 0.482, "0.00%", "0.482"),
        ("资产负债率（%）", 1.2, "0%", "1.2"),
        ("资产负债率", 55.3, "", "0.553"),
    ],
)
def test_percentages_and_fractions_are_told_apart(
    tmp_path: Path, header: str, written: Any, formatted: str, value: str
) -> None:
    got = cell(tmp_path, header, written, formats={"C2:C2": formatted} if formatted else None)
    assert got.facts == {(A[1], "资产负债率", "2023"): value}


def test_a_column_of_both_is_doubted_cell_by_cell(tmp_path: Path) -> None:
    rows = [[*HEAD, "资产负债率"], *([*firm(n), value] for n, value in ((1, 0.4), (2, 55.3), (3, "61%")))]
    got = read(xlsx(tmp_path / "2023.xlsx", {"a": rows}))
    assert got.rows == {2: "accepted", 3: "rejected", 4: "accepted"}
    assert "分不清" in got.reasons[3]


def test_a_formula_without_a_result_is_said(tmp_path: Path) -> None:
    got = read(xlsx(tmp_path / "2023.xlsx", {"a": [[*HEAD, "营业收入（万元）"], [*A, "=1+1"]]}))
    assert got.rows == {2: "rejected"}
    assert "公式没有结果值" in got.reasons[2]


@pytest.mark.parametrize(
    ("header", "written", "value"),
    [("占地面积（亩）", 8, "5333.33333333"), ("建筑面积（㎡）", 7, "7"), ("用水量（万立方米）", 6, "60000"), ("综合能耗（万吨标准煤）", 5, "50000"), ("用电量（万度）", 1.5, "15000.0")],
)  # fmt: skip
def test_other_units_come_to_the_one_of_the_attribute(tmp_path: Path, header: str, written: Any, value: str) -> None:
    assert list(cell(tmp_path, header, written).facts.values()) == [value]
