"""条文化: a rule as a document says the same as its formulas, in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from wotu.rulebook import Rulebook
from wotu.rulebook.feel import Scope, parse
from wotu.rulebook.formats.phrases import Phrases, numeral, tidy
from wotu.rulebook.formats.text import text

RULES = Path(__file__).parents[3] / "wotu/policy/rules"
UNITS = {"研发费用": "元", "营业收入": "元", "人数": "人", "强度": "比率"}


def words(formula: str) -> str:
    """The condition in words."""
    tree = parse(formula, Scope(dict.fromkeys((*UNITS, "甲", "乙", "丙", "领域", "开工日", "完工日"))))
    return tidy(Phrases(lambda node: UNITS.get(getattr(node, "name", ""))).condition(tree))


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("研发费用 >= 50000000", "研发费用不低于 5000 万元"),
        ("50000000 < 研发费用", "研发费用高于 5000 万元"),
        ("强度 < 0.035", "强度低于 3.5%"),
        ("人数 between 1 and 20", "人数在 1 人至 20 人之间（含）"),
        ("人数 in [1..20)", "人数在 1 人（含）至 20 人（不含）之间"),
        ("人数 in (< 10, > 100)", "人数低于 10 人，或高于 100 人"),
        ('领域 in ("新材料", "航空航天")', "领域为新材料、航空航天之一"),
        ('领域 = "新材料"', "领域为新材料"),
        ('领域 != "新材料"', "领域不等于新材料"),
        ("领域 = null", "领域没有值"),
        ("甲 = true", "甲为是"),
        ("not(甲)", "没有“甲”的情形"),
        ("甲 and 乙 and 丙", "甲、乙、丙都满足"),
        ("甲 or 乙", "甲、乙满足其一"),
        ("甲 and 人数 > 3", "甲，并且人数高于 3 人"),
        ("甲 and (乙 or 人数 > 3)", "同时满足：（1）甲；（2）乙，或者人数高于 3 人"),
        ("甲 or (乙 and 人数 > 3)", "满足下列之一：（1）甲；（2）乙，并且人数高于 3 人"),
        ("if 甲 then 乙 else 丙", "如果甲，则乙；否则丙"),
        ("some 项 in 领域 satisfies 项 > 3", "领域的每个“项”中至少有一个满足：项高于 3"),
        ('开工日 >= date("2024-01-01")', "开工日不低于 2024-01-01"),
        ("[甲, 乙][1]", "「[甲, 乙][1]」"),
    ],
)
def test_a_condition_in_words(formula: str, said: str) -> None:
    assert words(formula) == said


def test_a_clause_has_its_article_its_words_and_its_source() -> None:
    lines = text(Rulebook.load(RULES / "高新技术企业认定.dmn")).split("\n")
    start = lines.index("第四条　科技人员占比：科技人员占职工总数不低于 10%。")
    assert lines[start + 1 : start + 3] == [
        "　　判定：科技人员数占职工总数的比例不低于 10%。",
        "　　依据：《高新技术企业认定管理办法》（国科发火〔2016〕32号）第十一条（四）（公开转述）。",
    ]
    assert "施行：自 2016-01-01 起施行，没有写明失效日期" in lines
    assert (
        "6. 职工总数（人，最近一年）：在职人员加全年累计工作 183 天以上的兼职、临时聘用人员，按全年月平均数。" in lines
    )


def test_a_table_is_a_list_and_an_amount_a_sentence() -> None:
    lines = text(Rulebook.load(RULES / "中小企业划型标准.dmn")).split("\n")
    assert "　　从上往下看，用第一个符合的：" in lines
    assert any(
        line.startswith("　　5. 行业为工业，从业人员不低于 1,000 人，营业收入不低于 4 亿元：大型") for line in lines
    )
    lines = text(Rulebook.load(RULES / "小型微利企业.dmn")).split("\n")
    assert "应纳税额（税额，元）：符合时，所得额减按 25% 计入，再按 20% 税率；四舍五入到分。" in lines
    assert any("（年应纳税所得额与 0 元中较大的）×25%×20%（四舍五入，保留 2 位小数）" in line for line in lines)


@pytest.mark.parametrize("file", sorted(RULES.glob("*.dmn")), ids=lambda file: file.stem)
def test_every_shipped_rule_has_words_for_all_it_says(file: Path) -> None:
    book = Rulebook.load(file)
    said = text(book)
    assert "「" not in said
    for number, clause in enumerate(book.clauses, 1):
        assert f"第{numeral(number)}条　{clause.name}" in said
    for info in book.inputs:
        assert info.definition.rstrip("。") in said


def test_numerals() -> None:
    assert [numeral(n) for n in (1, 10, 12, 20, 99, 100)] == ["一", "十", "十二", "二十", "九十九", "100"]
