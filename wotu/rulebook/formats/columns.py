"""What the sheets of a rule's workbook hold, column by column; reader, writer, template and the documentation share it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ABOUT, INPUTS, TYPES, CLAUSES, RESULTS, SOURCES = "说明", "输入", "类型", "条款", "结果", "依据"
TABLE = "决策表"
"""What the first cell of a decision table's sheet says."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column (on 说明 a row): its title, its name in code, what to write, and whether it may be left empty."""

    title: str
    key: str
    what: str
    width: int = 16
    needed: bool = False
    words: Mapping[str, str] | None = None
    """The words that may stand here, with what the model says for them."""
    open: bool = False
    """Other texts may stand here too."""


TYPE_WORDS = {
    "数字": "number",
    "文字": "string",
    "是否": "boolean",
    "日期": "date",
    "时间": "time",
    "日期时间": "date and time",
    "天数时长": "days and time duration",
    "月数时长": "years and months duration",
}
EVIDENCE_WORDS = {"公开转述": "found", "待核": "recalled", "已核对": "checked"}
KIND_WORDS = {"符合": "eligible", "金额": "amount", "税额": "tax", "等级": "grade", "得分": "score", "中间值": "part"}
POLICY_WORDS = {
    "唯一": "UNIQUE",
    "首个": "FIRST",
    "优先": "PRIORITY",
    "任一": "ANY",
    "收集": "COLLECT",
    "按行": "RULE ORDER",
    "按值": "OUTPUT ORDER",
}
AGGREGATION_WORDS = {"合计": "SUM", "计数": "COUNT", "最小": "MIN", "最大": "MAX"}
POLICY_LETTERS = {name[0]: name for name in POLICY_WORDS.values()}
AGGREGATION_SIGNS = {"+": "SUM", "#": "COUNT", "<": "MIN", ">": "MAX"}

_TYPE = "数字、文字、是否、日期、时间、日期时间、天数时长、月数时长，或“类型”表里的名称"
_ARTICLE = (
    Column("文件", "document", "文件全称，不带书名号；依据几份文件，一行一份（Alt+Enter 换行）", 28),
    Column("文号", "number", "如 国科发火〔2016〕32号；与文件同样分行", 22),
    Column("条", "article", "如 第十一条（一）；与文件同样分行，没有的写 -", 18),
)
_EVIDENCE = (
    Column("核对状态", "evidence", "公开转述、待核、已核对", 12, words=EVIDENCE_WORDS),
    Column("核对说明", "evidenceNote", "还有什么待核，如条号、公式", 20),
)
_SHORT = Column("出处", "shown", "页面上显示的简短出处，如 办法第十一条（一）；空着就显示“条”", 18)
_DESCRIPTION = Column("说明", "description", "给改规则的人看的说明", 28)
_ENGLISH = Column("英文", "en", "英文名称", 24)
_ID = Column("标识", "id", "链接与比对所用的编号，只用英文字母、数字和下划线；空着会自动编", 26)

COLUMNS: dict[str, tuple[Column, ...]] = {
    ABOUT: (
        Column("名称", "name", "规则的名称", needed=True),
        Column("版本", "edition", "这一版的名字，通常是施行日期"),
        Column("施行日期", "effectiveFrom", "如 2016-01-01"),
        Column("失效日期", "effectiveTo", "有效到哪一天；长期有效空着"),
        Column("发文机关", "issuer", "几个机关用空格分开"),
        Column("文件", "documents", "文号，几份用；分开"),
        Column("适用对象", "appliesTo", "谁可以申请"),
        Column("有效年数", "validYears", "认定后有效几年"),
        Column("优惠", "benefit", "符合的能得到什么"),
        Column("复核沿用至", "reviewsTo", "旧版复核还用到哪一天"),
        Column("核对状态", "evidence", "公开转述、待核、已核对", words=EVIDENCE_WORDS),
        Column("英文", "en", "英文名称"),
        Column("说明", "description", "一段话说明"),
        Column("注意", "note", "给审核人看的提示；几条就写几行“注意”"),
        Column("标识", "id", "规则的编号，只用英文字母、数字和下划线；空着会自动编"),
        Column("模型名", "model", "与名称不同的模型名，如 名称@施行日期；通常空着"),
        Column("命名空间", "namespace", "DMN 的命名空间；空着会按标识自动写"),
    ),
    INPUTS: (
        Column("名称", "name", "条件里用的名称；不要与条款、结果重名", 22, needed=True),
        Column("类型", "type", _TYPE, 14, needed=True, words=TYPE_WORDS, open=True),
        Column("单位", "unit", "如 元、人、分、比率；金额一律用元", 8),
        Column("允许值", "allowed", '这一项可能的全部取值，如 >= 0、[0..100]、"甲", "乙"；不确定就空着', 22),
        Column("口径", "definition", "这一项是什么、怎么算", 44),
        Column("期间", "period", "如 最近一年、申请日", 18),
        Column("常用值", "suggest", "通常的取值，用；分开；别的取值也允许", 24),
        _DESCRIPTION,
        _ENGLISH,
        _ID,
    ),
    TYPES: (
        Column("名称", "name", "如 非负金额；在“输入”表的“类型”里写这个名称", 18, needed=True),
        Column("基本类型", "type", _TYPE, 14, needed=True, words=TYPE_WORDS, open=True),
        Column("允许值", "allowed", "这一类取值的全部可能，如 >= 0", 30),
        _DESCRIPTION,
        _ID,
    ),
    CLAUSES: (
        Column("序号", "order", "条款的次序；空着按行的次序", 6),
        Column("条款", "name", "条款的简称", 18, needed=True),
        Column("要求", "requires", "一句话说清要求", 40),
        Column("条件", "formula", "FEEL 写的条件，用“输入”“条款”“结果”里的名称；空着表示另有同名的决策表", 44),
        *_ARTICLE,
        *_EVIDENCE,
        Column("所需材料", "materials", "证明这一条要交的材料，用；分开", 24),
        _SHORT,
        _DESCRIPTION,
        _ENGLISH,
        Column("英文要求", "requiresEn", "要求的英文", 30),
        _ID,
    ),
    RESULTS: (
        Column("名称", "name", "结果的名称；总的判断叫 符合", 20, needed=True),
        Column("种类", "kind", "符合、金额、税额、等级、得分、中间值；都不是就空着", 10, words=KIND_WORDS),
        Column("公式", "formula", "FEEL 写的公式；写 全部条款 表示各条都满足；空着表示另有同名的决策表", 44),
        Column("类型", "type", _TYPE, 10, words=TYPE_WORDS, open=True),
        Column("单位", "unit", "如 元、分", 8),
        Column("上限", "max", "满分或最高金额", 10),
        Column("要求", "requires", "一句话说明怎么得出", 30),
        Column("叫法", "words", "说明理由时用的叫法，只用于中间值", 14),
        *_ARTICLE,
        *_EVIDENCE,
        _SHORT,
        Column("问题", "question", "它回答什么问题", 24),
        Column("可选回答", "answers", "问题的回答可以是哪些，只给人看", 16),
        _DESCRIPTION,
        _ENGLISH,
        _ID,
    ),
    SOURCES: (
        Column("文件", "document", "与“条款”“结果”里写的一致", 36, needed=True),
        Column("文号", "number", "与“条款”“结果”里写的一致", 24),
        Column("条", "article", "与“条款”“结果”里写的一致", 20),
        Column("网址", "location", "官方地址", 36),
        Column("施行日期", "effectiveFrom", "如 2016-01-01", 12),
        Column("失效日期", "effectiveTo", "长期有效空着", 12),
        Column("备注", "note", "关于这份依据的提示", 24),
        Column("全称", "name", "图上显示的名称；空着写成《文件》（文号）条", 36),
        _ID,
    ),
}
EVERYTHING = "全部条款"
"""The formula that stands for: every clause is met."""
