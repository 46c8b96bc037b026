"""The small rule that the workbook's template shows: every kind of row once."""

from __future__ import annotations

from ..dmn import model as m
from ..dmn.kept import FEEL
from ..infos import WOTU


def example() -> m.Definitions:
    """A made-up policy: two conditions, a table of sizes, an amount."""

    def given(id: str, name: str, kind: str, **said: str) -> m.InputData:
        variable = m.Variable(name=name, type_ref=kind)
        return m.InputData(id=id, name=name, extensions=(m.Extension(f"{WOTU}input", said),), variable=variable)

    def decided(id: str, name: str, type_ref: str, role: str, box: m.Expression, **said: str) -> m.Decision:
        cites = (m.Reference("", "source_rule_3", kind="requiredAuthority"),) if role == "clause" else ()
        return m.Decision(
            id=id,
            name=name,
            extensions=(m.Extension(WOTU + role, said),),
            variable=m.Variable(name=name, type_ref=type_ref),
            authority=cites,
            expression=box,
        )

    def row(cell: str, result: str, note: str) -> m.TableRule:
        return m.TableRule(inputs=(m.UnaryTests(text=cell),), outputs=(m.Literal(text=result),), annotations=(note,))

    table = m.DecisionTable(
        hit_policy="FIRST",
        output_label="规模分档",
        inputs=(m.InputClause(expression=m.Literal(text="职工总数", type_ref="number")),),
        outputs=(m.OutputClause(name="规模分档", type_ref="string"),),
        annotations=("说明",),
        rules=(row(">= 300", '"大"', "300 人以上"), row("[20..300)", '"中"', "20 至 300 人"), row("-", '"小"', "其余")),
    )
    document = {"document": "某某区企业研发补助办法（示例）", "number": "某政发〔2024〕1号", "article": "第三条"}
    amount = m.Literal(text='if 符合 then min(研发费用 * 0.05, if 规模分档 = "小" then 300000 else 500000) else null')
    share = m.Literal(text="研发费用 / 营业收入 >= 0.03")
    return m.Definitions(
        id="rd_grant",
        name="企业研发补助（示例）",
        namespace="https://wotu.dev/rules/rd_grant",
        description="请改成自己的政策。",
        extensions=(
            m.Extension(
                f"{WOTU}rule",
                {
                    "name": "企业研发补助（示例）",
                    "edition": "2024-01-01",
                    "effectiveFrom": "2024-01-01",
                    "issuer": "某某区科技局",
                    "documents": "某政发〔2024〕1号",
                    "evidence": "recalled",
                },
            ),
            m.Extension(f"{WOTU}note", {}, "给审核人看的提示写在这里；几条就写几行。"),
        ),
        foreign={"expressionLanguage": FEEL, "typeLanguage": FEEL},
        types=(
            m.ItemDefinition(
                id="type_money",
                name="非负金额",
                type_ref="number",
                description="元；不能为负",
                allowed=m.UnaryTests(text=">= 0"),
            ),
            m.ItemDefinition(
                id="type_staff", name="职工总数取值", type_ref="number", allowed=m.UnaryTests(text=">= 0")
            ),
        ),
        inputs=(
            given("input_staff", "职工总数", "职工总数取值", unit="人", period="最近一年", definition="全年月平均数"),
            given("input_rd", "研发费用", "非负金额", unit="元", period="最近一年", definition="加计扣除口径"),
            given("input_sales", "营业收入", "非负金额", unit="元", period="最近一年", definition="利润表上的营业收入"),
            given("input_violation", "有重大违法", "boolean", period="申请前一年", definition="重大安全、环保违法"),
        ),
        decisions=(
            decided(
                "decision_eligible",
                "符合",
                "boolean",
                "eligible",
                m.Literal(text="研发投入 and\n守法"),
                rule="各条都满足",
            ),
            decided(
                "decision_rd",
                "研发投入",
                "boolean",
                "clause",
                share,
                order="1",
                requires="研发费用占营业收入不低于 3%",
                evidence="recalled",
                materials="年度审计报告；研发费用辅助账",
            ),
            decided(
                "decision_lawful",
                "守法",
                "boolean",
                "clause",
                m.Literal(text="not(有重大违法)"),
                order="2",
                requires="申请前一年没有重大违法",
                evidence="recalled",
            ),
            decided("decision_size", "规模分档", "string", "outcome", table, kind="grade"),
            decided(
                "decision_amount",
                "补助金额",
                "number",
                "outcome",
                amount,
                kind="amount",
                unit="元",
                max="500000",
                requires="研发费用的 5%，小型企业至多 30 万元，其余至多 50 万元",
            ),
        ),
        sources=(
            m.KnowledgeSource(
                id="source_rule_3",
                name="《某某区企业研发补助办法（示例）》（某政发〔2024〕1号）第三条",
                extensions=(m.Extension(f"{WOTU}source", document),),
            ),
        ),
    )
