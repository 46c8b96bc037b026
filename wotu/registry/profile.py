"""The registry's columns: every input of the rules that comes from facts or the enterprise's record.

A flag about the last years (近三年…) says nothing once it is old itself: it is unknown a year after its period ended.
"""

from __future__ import annotations

from wotu.registers.columns import (
    AnyOf,
    AsOf,
    Average,
    ByPrefix,
    Column,
    CompoundGrowth,
    Derivation,
    Enterprise,
    FirstOf,
    Growth,
    HeldUntil,
    Latest,
    Mean,
    Ratio,
    SumOfYears,
    Supplier,
    Year,
)

SIZE_INDUSTRIES: tuple[tuple[str, str], ...] = (
    *(("A", "农、林、牧、渔业"), ("B", "工业"), ("C", "工业"), ("D", "工业"), ("E", "建筑业")),
    *(("F51", "批发业"), ("F52", "零售业")),
    *((code, "交通运输业") for code in ("G54", "G55", "G56", "G57", "G58", "G591")),
    *((code, "仓储业") for code in ("G592", "G593", "G594", "G595", "G596", "G599")),
    *(("G60", "邮政业"), ("H61", "住宿业"), ("H62", "餐饮业"), ("I63", "信息传输业"), ("I64", "信息传输业")),
    *(("I65", "软件和信息技术服务业"), ("K701", "房地产开发经营"), ("K702", "物业管理"), ("L", "租赁和商务服务业")),
    *((code, "其他未列明行业") for code in ("K703", "K709", "M", "N", "O", "Q85", "R")),
    *((code, "不在划型范围") for code in ("G53", "J", "K704", "P", "Q84", "S", "T")),
)
"""GB/T 4754—2017 codes to the industries of 中小企业划型标准 (300号第四条; 213号附表)."""


def money(id: str, name: str, derive: Derivation, definition: str, by: Supplier, allowed: str = "[0..)") -> Column:
    """An amount in 元."""
    return Column(id, name, "number", "元", definition, derive, by, allowed)


def count(id: str, name: str, unit: str, derive: Derivation, definition: str, by: Supplier) -> Column:
    """A number of people, rights, years or points; never negative."""
    return Column(id, name, "number", unit, definition, derive, by, "[0..)")


def ratio(id: str, name: str, derive: Derivation, definition: str, by: Supplier, allowed: str = "[0..)") -> Column:
    """A ratio as a fraction (0.05 is 5%)."""
    return Column(id, name, "number", "", definition, derive, by, allowed)


def flag(id: str, name: str, derive: Derivation, definition: str, by: Supplier) -> Column:
    """Whether something is so."""
    return Column(id, name, "boolean", "", definition, derive, by)


def recent(attribute: str) -> Latest:
    """A flag about the years before it was recorded: good for a year after its period."""
    return Latest(attribute, within=1)


REVENUE, RD, MAIN = "revenue", "rd_expense", "main_revenue"

COLUMNS: tuple[Column, ...] = (
    # 中小企业划型标准
    Column("size_industry", "行业", "string", "", "按 GB/T 4754—2017 代码对应的划型行业", ByPrefix(Enterprise("industry"), SIZE_INDUSTRIES), "市场监管"),
    count("employees", "从业人员", "人", Year("employees"), "上年末从业人员", "统计"),
    money("revenue", "营业收入", Year(REVENUE), "上年营业收入", "统计"),
    money("assets", "资产总额", Year("total_assets"), "上年末资产总计", "统计"),
    # 高新技术企业认定
    Column("established_on", "成立日期", "date", "", "营业执照载明的成立日期", Enterprise("established_on"), "市场监管"),
    Column("applied_on", "申请日期", "date", "", "即基准日：假定当天申请", AsOf(), "沃土"),
    flag("owns_core_ip", "拥有核心知识产权", Latest("owns_core_ip"), "对主要产品（服务）的核心技术拥有知识产权的所有权", "知识产权"),
    Column("tech_field", "技术领域", "string", "", "核心技术所属的国家重点支持的高新技术领域（一级）", Latest("tech_field"), "科技"),
    count("tech_staff", "科技人员数", "人", Year("tech_staff"), "上年科技人员", "企业填报"),
    count("total_staff", "职工总数", "人", Year("total_staff"), "上年职工总数，含兼职、临时聘用", "企业填报"),
    money("rd_expense_3y", "近三年研发费用", SumOfYears(RD, 3), "近三个会计年度合计，不满三年按实际经营年度", "企业填报"),
    money("sales_3y", "近三年销售收入", SumOfYears(REVENUE, 3), "与研发费用同期合计", "税务"),
    money("sales_last_year", "最近一年销售收入", Year(REVENUE), "最近一个会计年度", "税务"),
    money("domestic_rd_3y", "近三年境内研发费用", SumOfYears("domestic_rd_expense", 3), "在中国境内发生的研发费用，近三个会计年度合计", "企业填报"),
    money("hitech_income", "高新技术产品收入", Year("hitech_income"), "上年高新技术产品（服务）收入，含技术性收入", "企业填报"),
    money("total_income", "总收入", Year("total_income"), "上年收入总额减不征税收入", "税务"),
    count("innovation_score", "创新能力得分", "分", Latest("innovation_score"), "四项评价之和，由专家评定", "科技"),
    flag("major_violation_1y", "一年内重大事故或违法", recent("major_violation_1y"), "申请前一年内", "市场监管"),
    # 科技型中小企业评价
    flag("resident_enterprise", "境内居民企业", Latest("resident_enterprise"), "在中国境内（不含港澳台）注册的居民企业", "税务"),
    money("sales", "年销售收入", Year(REVENUE), "上年销售收入", "税务"),
    flag("restricted_product", "产品属禁止限制淘汰类", Latest("restricted_product"), "产品（服务）属于国家禁止、限制或淘汰类", "工信"),
    flag("serious_event", "重大事故或严重失信", recent("serious_event"), "上一年及当年", "市场监管"),
    money("rd_expense_deductible", "研发费用总额", Year("rd_expense_deductible"), "上年按加计扣除口径归集的研发费用", "税务"),
    money("cost_expense", "成本费用支出总额", Year("cost_expense"), "上年利润表成本费用支出", "税务"),
    count("ip_class1", "一类知识产权数", "项", Latest("ip_class1"), "与主要产品相关、有效、无争议的Ⅰ类知识产权", "知识产权"),
    count("ip_class2", "二类知识产权数", "项", Latest("ip_class2"), "与主要产品相关、有效、无争议的Ⅱ类知识产权", "知识产权"),
    flag("hte_certificate", "高企证书有效", HeldUntil("hte_issued_on", 3), "高新技术企业证书自发证之日起三年有效", "科技"),
    flag("national_award_top3_5y", "近五年国家级科技奖励前三", recent("national_award_top3_5y"), "获奖单位排名前三", "科技"),
    flag("provincial_rd_institute", "省部级以上研发机构", Latest("provincial_rd_institute"), "经认定的省部级以上研发机构", "科技"),
    flag("led_standard_5y", "近五年主导制定标准", recent("led_standard_5y"), "主导制定国际、国家或行业标准", "市场监管"),
    # 小型微利企业
    money("taxable_income", "年应纳税所得额", Year("taxable_income"), "上年，弥补以前年度亏损后；可为负", "税务", ""),
    count("employees_quarterly", "从业人数季度平均", "人", Average("employees_quarter_end"), "上年各季（季初＋季末）÷2 的平均", "税务"),
    money("assets_quarterly", "资产总额季度平均", Average("assets_quarter_end"), "上年各季（季初＋季末）÷2 的平均", "税务"),
    flag("restricted_industry", "从事限制或禁止行业", Latest("restricted_industry"), "从事国家限制和禁止行业", "税务"),
    # 优质中小企业梯度培育
    flag("domestic_legal_person", "境内独立法人", Latest("domestic_legal_person"), "在中国境内注册、具有独立法人资格", "市场监管"),
    flag("abnormal_or_dishonest", "列入异常名录或严重失信", Latest("abnormal_or_dishonest"), "列入经营异常名录或严重失信主体名单", "市场监管"),
    flag("serious_event_3y", "近三年重大事故或违法", recent("serious_event_3y"), "近三年重大事故或违法违规", "市场监管"),
    flag("provincial_award_3y", "近三年省级以上科技奖励", recent("provincial_award_3y"), "以证书落款时间计", "科技"),
    flag("hte_or_demonstration", "高企或示范企业有效", AnyOf((HeldUntil("hte_issued_on", 3), Latest("demonstration_enterprise"))), "有效的高企、技术创新示范、知识产权优势或示范企业", "科技"),
    money("equity_3y", "近三年新增股权融资", SumOfYears("equity_financing", 3), "合格机构投资者的实缴额，近三年合计", "企业填报"),
    money("equity_2y", "近两年新增股权融资", SumOfYears("equity_financing", 2), "合格机构投资者的实缴额，近两年合计", "企业填报"),
    Column("best_ip", "最高知识产权类别", "string", "", "与主导产品相关的有效知识产权中最高的一类", Latest("best_ip"), "知识产权"),
    money("rd_expense_y1", "上年研发费用", Year(RD, 1), "上年研发费用", "企业填报"),
    money("rd_expense_y2", "前年研发费用", Year(RD, 2), "前年研发费用", "企业填报"),
    money("rd_mean_2y", "近两年研发费用均值", Mean((Year(RD, 1), Year(RD, 2))), "两年研发费用的平均", "企业填报"),
    money("revenue_y1", "上年营业收入", Year(REVENUE, 1), "上年营业收入", "统计"),
    money("main_revenue_y1", "上年主营业务收入", Year(MAIN, 1), "上年主营业务收入", "统计"),
    ratio("main_growth_y1", "上年主营收入增长率", Growth(Year(MAIN, 1), Year(MAIN, 2)), "（上年－前年）÷前年", "统计", ">= -1"),
    ratio("main_growth_2y", "近两年主营收入平均增长率", Mean((Growth(Year(MAIN, 1), Year(MAIN, 2)), Growth(Year(MAIN, 2), Year(MAIN, 3)))), "两个年度增长率的平均", "统计", ">= -1"),
    ratio("revenue_cagr_2y", "近两年营业收入复合增长率", CompoundGrowth(Year(REVENUE, 1), Year(REVENUE, 3)), "（上年营收÷三年前营收）开平方再减一", "统计", ">= -1"),
    ratio("main_ratio", "主营收入占比", Ratio(Year(MAIN), Year(REVENUE)), "主营业务收入÷营业收入", "统计"),
    ratio("debt_ratio", "上年资产负债率", FirstOf((Ratio(Year("total_liabilities"), Year("total_assets")), Year("debt_ratio"))), "负债总额÷资产总额；缺其一时用上报的比率", "统计"),
    ratio("rd_ratio_y1", "上年研发占比", Ratio(Year(RD, 1), Year(REVENUE, 1)), "上年研发费用÷上年营业收入", "企业填报"),
    ratio("rd_ratio_y2", "前年研发占比", Ratio(Year(RD, 2), Year(REVENUE, 2)), "前年研发费用÷前年营业收入", "企业填报"),
    ratio("rd_staff_ratio", "研发人员占比", Ratio(Year("rd_staff"), Year("total_staff")), "研发人员÷职工总数", "企业填报", "[0..1]"),
    flag("strategic_field", "主导产品属战略性新兴产业", Latest("strategic_field"), "主导产品属于《战略性新兴产业分类》", "工信"),
    count("niche_years", "从事细分市场年限", "年", Latest("niche_years"), "截至上年末从事特定细分市场的年限", "企业填报"),
    count("srdi_score", "评价得分", "分", Latest("srdi_score"), "2022 年办法附件2 评价指标，满分 100", "工信"),
    flag("award_rank_3y", "近三年省级科技奖励前三或国家级前五", recent("award_rank_3y"), "获奖单位排名：省级前三，或国家级前五", "科技"),
    flag("maker_top500_3y", "近三年创客中国500强", recent("maker_top500_3y"), "“创客中国”全国 500 强企业组", "工信"),
    flag("maker_top50_3y", "近三年创客中国50强", recent("maker_top50_3y"), "“创客中国”全国 50 强企业组", "工信"),
    flag("base_title", "科技和创新型中小企业有效", AnyOf((HeldUntil("tech_sme_registered_on", 1, (3, 31)), HeldUntil("innovative_sme_on", 3))), "科技型中小企业（入库次年 3 月底止）或创新型中小企业（三年）在有效期内", "工信"),
    flag("provincial_srdi", "省级专精特新有效", HeldUntil("provincial_srdi_on", 3), "专精特新中小企业自认定之日起三年有效", "工信"),
    count("ip1_applied", "应用一类知识产权数", "项", Latest("ip1_applied"), "与主导产品相关、已实际应用并产生经济效益的Ⅰ类知识产权", "知识产权"),
    flag("provincial_award_top3_3y", "近三年省部级以上科技奖励前三", recent("provincial_award_top3_3y"), "获奖单位排名前三", "科技"),
    flag("national_award_top3_3y", "近三年国家级科技奖励前三", recent("national_award_top3_3y"), "获奖单位排名前三", "科技"),
    flag("market_position", "市场占有率较为靠前", Latest("market_position"), "主导产品在细分市场较为靠前，由主管部门判断", "工信"),
    count("platform_score", "专精特新发展评价得分", "分", Latest("platform_score", within=1), "培育平台本年度计算的得分", "工信"),
    count("platform_score_previous", "上一年度发展评价得分", "分", Year("platform_score", 1), "上一年度的得分，仅复核用", "工信"),
    flag("is_review", "复核", Latest("is_review", within=1), "是复核而不是新申请", "工信"),
    flag("digital_core", "核心业务有信息系统支撑", Latest("digital_core"), "至少一项核心业务采用信息系统", "企业填报"),
    flag("certified", "管理体系或产品认证", Latest("certified"), "管理体系认证，或发达国家和地区产品认证", "市场监管"),
    ratio("market_share", "细分市场占有率", Year("market_share"), "主导产品在全国细分市场的占有率", "企业填报", "[0..1]"),
    count("market_rank", "国内细分市场名次", "名", Year("market_rank"), "国内排名", "企业填报"),
    flag("reputation", "知名度影响力较高", Latest("reputation"), "享有较高知名度、影响力，由主管部门判断", "工信"),
    flag("own_brand", "自主品牌", Latest("own_brand"), "直接面向市场、有竞争优势的自主品牌", "企业填报"),
    flag("rd_institute", "建有研发机构", Latest("rd_institute"), "自建或与高校、科研机构联合建立研发机构", "企业填报"),
    flag("chain_role", "产业链关键环节配套", Latest("chain_role"), "位于产业链关键环节", "工信"),
    flag("key_field", "主导产品属重点领域", Latest("key_field"), "工业六基、制造强国重点产业或网络强国相关领域", "工信"),
)  # fmt: skip
