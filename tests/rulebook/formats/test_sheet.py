"""A rule as a workbook: nothing lost that a sheet can say, refused by name what it cannot, mended by cell what is wrong."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import IllegalCharacterError

from wotu.rulebook import Finding, Rulebook, RulebookError, tck
from wotu.rulebook.dmn.reader import read
from wotu.rulebook.dmn.writer import write
from wotu.rulebook.examples import read_examples, run_examples
from wotu.rulebook.formats.columns import COLUMNS
from wotu.rulebook.formats.from_sheet import from_sheet
from wotu.rulebook.formats.to_sheet import template, to_sheet

RULES = sorted((Path(__file__).parents[3] / "wotu/policy/rules").glob("*.dmn"))
SAID = [file for file in RULES if file.stem != "高新技术企业认定"]
"""Eight of the nine; the ninth has functions of its own, which no sheet says."""
TABLE = [
    ["决策表", "规模"],
    ["命中策略", "首个"],
    ["列", "条件", "结果", "说明"],
    ["表达式", "人数", "规模", "备注"],
    ["类型", "数字", "文字"],
    ["1", ">= 300", '"大"', "三百以上"],
    ["2", None, '"小"'],
]


def workbook(**sheets: list[list[Any]]) -> bytes:
    """A workbook of these sheets."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def cells(data: bytes) -> dict[str, list[list[Any]]]:
    return {
        sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()]
        for sheet in load_workbook(io.BytesIO(data)).worksheets
    }


def changed(change: Callable[[Any], None], file: Path | None = None) -> bytes:
    """A rule's workbook after somebody changed it in Excel."""
    book = load_workbook(io.BytesIO(to_sheet(read(file.read_bytes(), file.name)) if file else template()))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def wrong(data: bytes) -> list[str]:
    """What is found wrong: place and sentence."""
    with pytest.raises(RulebookError) as refused:
        from_sheet(data, "规则.xlsx")
    return [f"{finding.where}：{finding.what}" for finding in refused.value.findings]


# --- both ways ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", SAID, ids=lambda file: file.stem)
def test_a_shipped_rule_through_the_sheet_passes_its_examples(file: Path) -> None:
    through = from_sheet(to_sheet(read(file.read_bytes(), file.name)), "规则.xlsx")
    book = Rulebook.from_bytes(write(through), name=file.name)
    report = run_examples(book, read_examples(file.with_suffix(".examples.yaml")))
    assert report.failed == 0
    assert report.passed > 4
    assert book.clauses == Rulebook.load(file).clauses
    assert book.inputs == Rulebook.load(file).inputs


@pytest.mark.parametrize("file", SAID, ids=lambda file: file.stem)
def test_xlsx_to_dmn_to_xlsx_loses_nothing(file: Path) -> None:
    sheet = to_sheet(read(file.read_bytes(), file.name))
    model = read(write(from_sheet(sheet, "规则.xlsx")), file.name)
    assert cells(to_sheet(model)) == cells(sheet)


def test_the_kits_models_that_a_sheet_can_say_still_pass_through_it(shared: Path, tmp_path: Path) -> None:
    through = 0
    for file in sorted((shared / "tck/compliance-level-2").rglob("*.dmn")):
        try:
            sheet = to_sheet(read(file.read_bytes(), file.name))
        except RulebookError:
            continue
        folder = tmp_path / file.parent.parent.name / file.parent.name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / file.name).write_bytes(write(from_sheet(sheet, file.name)))
        for cases in file.parent.glob("*.xml"):
            (folder / cases.name).write_bytes(cases.read_bytes())
        through += 1
    result = tck.tck(tmp_path)
    assert through > 15
    assert result["failures"] == []
    assert result["passed"] > 40


def test_what_a_sheet_cannot_say_is_refused_by_name() -> None:
    file = next(file for file in RULES if file not in SAID)
    with pytest.raises(RulebookError) as refused:
        to_sheet(read(file.read_bytes(), file.name))
    assert [finding.where for finding in refused.value.findings] == [
        "业务知识模型“三年平均增长率”",
        "业务知识模型“成长性得分档”",
        "业务知识模型“科技成果转化得分档”",
    ]


def test_a_strangers_element_is_refused_by_name() -> None:
    file = SAID[0]
    data = file.read_text().replace("<wotu:clause ", '<x:mark xmlns:x="urn:x"/><wotu:clause ', 1)
    with pytest.raises(RulebookError, match="决策“基本条件”：电子表格写不下它的扩展元素：mark"):
        to_sheet(read(data.encode(), file.name))


def test_the_template_is_a_rule_that_runs() -> None:
    book = Rulebook.from_bytes(write(from_sheet(template(), "模板.xlsx")))
    given = {"职工总数": 10, "研发费用": 10_000_000, "营业收入": 50_000_000, "有重大违法": False}
    values = book.evaluate(given).values
    assert values == {"符合": True, "研发投入": True, "守法": True, "规模分档": "小", "补助金额": 300_000}
    assert [clause.citation.article for clause in book.clauses if clause.citation] == ["第三条", "第三条"]


# --- what officers write --------------------------------------------------------------------------------------------


def test_the_least_that_can_be_written() -> None:
    model = from_sheet(
        workbook(
            输入=[["名称", "类型"], ["职工总数", "数字"], ["行业", "文字"]],
            条款=[
                ["条款", "条件", "文件", "文号", "条"],
                ["人数", "职工总数 >= 10", "办法", "某发〔2024〕1号", "第三条"],
                ["行业", '行业 in ("工业", "农业")', "办法\n细则", "某发〔2024〕1号\n某发〔2024〕2号", "第四条\n-"],
            ],
            结果=[["名称", "种类", "公式"], ["符合", "符合", "全部条款"]],
        ),
        "人才公寓.xlsx",
    )
    book = Rulebook.from_bytes(write(model))
    assert book.name == "人才公寓"
    assert book.evaluate({"职工总数": 12, "行业": "工业"}).values["符合"] is True
    cited = [[reference.id for reference in item.authority] for item in model.decisions]
    assert [len(each) for each in cited] == [0, 1, 2]
    assert [source.name for source in model.sources] == [
        "《办法》（某发〔2024〕1号）第三条",
        "《办法》（某发〔2024〕1号）第四条",
        "《细则》（某发〔2024〕2号）",
    ]
    # A clause may bear the name of the input it alone reads; everybody else means the clause.
    assert [(reference.kind, reference.id) for reference in model.decisions[2].information] == [
        ("requiredInput", model.inputs[1].id)
    ]


def test_a_table_alone_is_a_rule() -> None:
    model = from_sheet(workbook(规模=TABLE), "规模.xlsx")
    book = Rulebook.from_bytes(write(model))
    assert [book.evaluate({"人数": n}).values["规模"] for n in (300, 299)] == ["大", "小"]
    assert book.inputs[0].base == "number"
    assert cells(to_sheet(model))["规模"][7][:4] == ["1", ">= 300", '"大"', "三百以上"]


def test_ids_stay_when_rows_move() -> None:
    rows = [["条款", "条件"], ["甲", "数 > 1"], ["乙", "数 > 2"]]
    inputs = [["名称", "类型"], ["数", "数字"]]
    before = from_sheet(workbook(输入=inputs, 条款=rows), "规则.xlsx")
    after = from_sheet(workbook(输入=inputs, 条款=[rows[0], rows[2], ["丙", "数 > 3"], rows[1]]), "规则.xlsx")
    ids = {item.name: item.id for item in after.decisions}
    assert all(ids[item.name] == item.id for item in before.decisions)
    assert len(set(ids.values())) == 3


def test_numbers_dates_and_leading_equals_are_read_as_they_are_shown() -> None:
    table = [
        ["决策表", "档"],
        ["列", "条件", "结果"],
        ["表达式", "比率", "档"],
        ["类型", "数字", "数字"],
        [1, 0.1, 30],
        [2, 0.1 + 0.2, True],
    ]
    model = from_sheet(
        workbook(说明=[["施行日期", datetime(2024, 3, 1)], ["版本", "2024年"], ["英文", "x"]], 档=table), "规则.xlsx"
    )
    rule = dict(model.extensions[0].attributes)
    box: Any = model.decisions[0].expression
    assert rule["effectiveFrom"] == "2024-03-01"
    assert [[cell.text for cell in rule.inputs] for rule in box.rules] == [["0.1"], ["0.3"]]
    assert box.rules[1].outputs[0].text == "true"


def test_a_text_that_begins_with_equals_is_written_as_text() -> None:
    book = load_workbook(io.BytesIO(workbook(规模=TABLE)))
    book["规模"]["B6"].value = "= 300"
    book["规模"]["B6"].data_type = "s"
    out = io.BytesIO()
    book.save(out)
    sheet = to_sheet(from_sheet(out.getvalue(), "规模.xlsx"))
    cell = load_workbook(io.BytesIO(sheet))["规模"]["B8"]
    assert (cell.value, cell.data_type) == ("= 300", "s")


# --- what is wrong --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "value", "what"),
    [
        (("条款", "D2"), "研发费用 / 营业收人 >= 0.03", "没有“营业收人”"),
        (("条款", "D2"), "研发费用 ≥ 3", "多出了“≥”"),
        (("条款", "D2"), "=A1*2", "是表格公式（=A1*2）"),
        (("条款", "D2"), "", "“研发投入”没有公式，也没有决策表"),
        (("条款", "B3"), "研发投入", "有两个条款或结果都叫“研发投入”"),
        (("条款", "H2"), "核对过了", "没有“核对过了”"),
        (("条款", "D2"), "守法 or not(研发投入 = 补助金额)", "没有“研发投入”"),
        (("条款", "A2"), "一", "“一”不是数"),
        (("条款", "B1"), "条款名", "没有“条款名”这一列"),
        (("条款", "O2"), "第 1 条", "“第 1 条”不能做标识"),
        (("条款", "O3"), "decision_rd", "标识“decision_rd”已经用过"),
        (("输入", "B3"), "数值", "没有类型“数值”"),
        (("输入", "B2"), "", "“类型”空着"),
        (("输入", "D3"), "> 0", "与类型“非负金额”的允许值不一样"),
        (("输入", "D2"), "很多", "“很多”不是值"),
        (("结果", "B2"), "金额", "“符合”的种类不对"),
        (("结果", "C2"), "符合 and 守法", "没有“符合”"),
        (("结果", "F4"), "五十万", "“五十万”不是数"),
        (("说明", "B4"), "去年", "“去年”不是日期"),
        (("说明", "A3"), "版 本", "没有“版 本”这一项"),
        (("规模分档", "B2"), "第一个", "没有命中策略“第一个”"),
        (("规模分档", "B3"), "输入", "没有“输入”这种列"),
        (("规模分档", "B9"), ">= 300 人", "多出了“人”"),
        (("规模分档", "C9"), "大", "没有“大”"),
        (("规模分档", "E9"), "多", "这一列没有写是条件、结果还是说明"),
        (("规模分档", "A1"), "决定表", "不认识工作表“规模分档”"),
    ],
)
def test_what_is_wrong_is_said_by_cell(cell: tuple[str, str], value: str, what: str) -> None:
    sheet, place = cell

    def change(book: Any) -> None:
        book[sheet][place].value = value or None

    found = wrong(changed(change))
    assert any(each.startswith(f"工作表“{sheet}”{place}：") and what in each for each in found), found


def test_a_circle_is_said_where_it_begins() -> None:
    def change(book: Any) -> None:
        book["结果"]["C2"].value = "守法 and 补助金额 > 0"

    assert wrong(changed(change)) == ["工作表“结果”A2：决策绕成一圈：符合 → 补助金额 → 符合"]


def test_every_wrong_cell_is_said_at_once() -> None:
    def change(book: Any) -> None:
        book["条款"]["D2"].value = "研发费用 >"
        book["条款"]["D3"].value = "not(有重大违发)"
        book["条款"]["H3"].value = "是"

    found = wrong(changed(change))
    assert [each.split("：")[0] for each in found] == ["工作表“条款”H3", "工作表“条款”D2"]
    assert all("\n" not in each for each in found)


def test_merged_cells_and_lost_headings_are_refused() -> None:
    def merge(book: Any) -> None:
        book["条款"].merge_cells("E2:E3")

    def cut(book: Any) -> None:
        book["条款"].delete_rows(1)

    assert wrong(changed(merge)) == ["工作表“条款”E2：E2:E3 是合并单元格"]
    assert wrong(changed(cut))[0] == "工作表“条款”：找不到表头（要有“条款”一列）"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "不是 .xlsx 文件"),
        (b"\xd0\xcf\x11\xe0rest", "是旧的 .xls 格式，或设了打开密码"),
        (b"PK\x03\x04 nothing", "不是 .xlsx 文件"),
    ],
)
def test_other_files_are_refused(data: bytes, what: str) -> None:
    assert wrong(data) == [f"规则.xlsx：{what}"]


def test_an_archive_of_something_else_and_one_with_entities_are_refused() -> None:
    def archive(name: str, content: str) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as made:
            made.writestr(name, content)
        return out.getvalue()

    assert "不是完整的 .xlsx 文件" in wrong(archive("a.txt", "x"))[0]
    assert "不安全的声明" in wrong(archive("xl/workbook.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a/>'))[0]


# --- whatever is written --------------------------------------------------------------------------------------------


TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "决策表",
            "列",
            "表达式",
            "条件",
            "结果",
            "全部条款",
            "=1+",
            "-",
            "(",
            '"',
            "输入",
            "a.b[1]",
            "符合",
            "0",
            "1e999",
        ]
    ),
    st.integers(),
    st.floats(allow_nan=False),
    st.booleans(),
    st.datetimes(),
    st.none(),
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_whatever_is_written_gives_a_rule_or_findings_by_cell(data: st.DataObject) -> None:
    def change(book: Any) -> None:
        for _ in range(data.draw(st.integers(1, 4))):
            sheet = book.worksheets[data.draw(st.integers(0, len(book.worksheets) - 1))]
            row, column = data.draw(st.integers(1, sheet.max_row + 1)), data.draw(st.integers(1, sheet.max_column + 1))
            try:
                sheet.cell(row, column).value = data.draw(TEXTS)
            except (ValueError, IllegalCharacterError):
                continue

    findings: tuple[Finding, ...] = ()
    model = None
    try:
        model = from_sheet(changed(change), "规则.xlsx")
    except RulebookError as refused:
        findings = refused.findings
    assert all(finding.where and finding.what for finding in findings)
    assert model is None or read(write(model), model.file) == model


def test_the_guide_tells_every_column() -> None:
    said = (Path(__file__).parents[3] / "docs/rules-in-excel.md").read_text()
    for columns in COLUMNS.values():
        for column in columns:
            assert f"| {column.title}{'（必填）' if column.needed else ''} | {column.what} |" in said
