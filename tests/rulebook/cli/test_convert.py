"""`wotu rules convert`, `template`, `text`, `schema` and `diagram`, as somebody types them."""

from __future__ import annotations

from pathlib import Path

from .conftest import RULES

RULE = str(RULES / "小型微利企业.dmn")


def test_dmn_to_xlsx_and_back(rules, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    sheet, model = str(tmp_path / "规则.xlsx"), str(tmp_path / "规则.dmn")
    assert rules("convert", RULE, sheet).status == 0
    assert rules("convert", sheet, model).out == f"已写出 {model}\n"
    found = rules("test", model, "--examples", str(RULES / "小型微利企业.examples.yaml"), "--json")
    assert found.json["failed"] == 0
    assert found.json["passed"] > 5


def test_dmn_to_dmn_is_brought_to_1_5(rules, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    old, new = tmp_path / "旧.dmn", tmp_path / "新.dmn"
    text = Path(RULE).read_text()
    old.write_text(text.replace("DMN/20230324/", "DMN/20191111/"))
    assert rules("convert", str(old), str(new)).status == 0
    assert new.read_text() == text


def test_the_template_converts(rules, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    sheet = str(tmp_path / "模板.xlsx")
    assert rules("template", sheet).status == 0
    assert rules("convert", sheet, str(tmp_path / "规则.dmn")).status == 0
    assert rules("check", str(tmp_path / "规则.dmn")).status == 0


def test_what_cannot_be_converted_is_said_and_nothing_is_written(rules, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    target = tmp_path / "x.xlsx"
    found = rules("convert", str(RULES / "高新技术企业认定.dmn"), str(target))
    assert found.status == 2
    assert found.err.startswith("业务知识模型“三年平均增长率”：电子表格写不下业务知识模型。")
    assert not target.exists()
    assert "不认识扩展名“.doc”" in rules("convert", RULE, str(tmp_path / "x.doc")).err
    assert "没有这个文件" in rules("convert", str(tmp_path / "无.dmn"), str(target)).err
    assert "写不了" in rules("convert", RULE, str(tmp_path / "无" / "x.dmn")).err
    assert list(tmp_path.iterdir()) == []


def test_text_schema_and_diagram_are_printed_or_written(rules, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert rules("text", RULE).out.startswith("小型微利企业\n发文机关：")
    assert rules("schema", RULE).json["title"] == "小型微利企业"
    assert rules("diagram", RULE).out.startswith("<svg ")
    target = tmp_path / "图.svg"
    assert rules("diagram", RULE, str(target)).out == f"已写出 {target}\n"
    assert target.read_text() == rules("diagram", RULE).out
    assert rules("convert", "--help").out.startswith("wotu rules convert IN OUT\n")
