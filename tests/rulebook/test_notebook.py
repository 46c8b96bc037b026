"""A rule, a table and an explanation show themselves in a notebook, escaped."""

from __future__ import annotations

from pathlib import Path

from lxml import etree

from wotu.rulebook import Rulebook
from wotu.rulebook.dmn import model as m

RULE = Path(__file__).parents[2] / "wotu/policy/rules/高新技术企业认定.dmn"


def cells(html: str) -> list[list[str]]:
    root = etree.fromstring(f"<x>{html}</x>".encode())
    return [["".join(cell.itertext()) for cell in row] for row in root.iter("tr")]


def test_a_rule_shows_clauses_inputs_and_diagram() -> None:
    html = Rulebook.load(RULE)._repr_html_()
    assert [
        "注册满一年",
        "申请时注册成立满 365 天",
        "《高新技术企业认定管理办法》（国科发火〔2016〕32号）第十一条（一）",
    ] in cells(html)
    assert "<svg" in html


def test_a_table_shows_its_policy_columns_and_rows() -> None:
    table = m.DecisionTable(
        hit_policy="COLLECT",
        aggregation="SUM",
        output_label="得分",
        inputs=(m.InputClause(expression=m.Literal(text="人数"), values=m.UnaryTests(text=">= 0")),),
        outputs=(m.OutputClause(name="分"),),
        annotations=("说明",),
        rules=(
            m.TableRule(inputs=(m.UnaryTests(text="< 5"),), outputs=(m.Literal(text='"<b>"'),), annotations=("少",)),
        ),
    )
    assert cells(table._repr_html_()) == [["C+", "人数>= 0", "分", "说明"], ["1", "< 5", '"<b>"', "少"]]


def test_an_explanation_shows_each_clause_in_both_languages() -> None:
    book = Rulebook.load(RULE)
    rows = cells(book.explain({"职工总数": 100, "科技人员数": 5})._repr_html_())
    assert next(row for row in rows if row[0] == "科技人员占比")[1:3] == [
        "✗ 不满足",
        "科技人员占比 5%，差 5 个百分点 ≈ 5 人",
    ]
    rows = cells(book.explain({"职工总数": 100, "科技人员数": 50}, "en")._repr_html_())
    assert rows[0] == ["Clause", "State", "Reason", "Source"]
