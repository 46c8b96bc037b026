"""Headers in words: what a column's heading names, its unit, its period, and what else is said in brackets."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from wotu.registry import periods
from wotu.registry.intake import units
from wotu.registry.periods import Period

HARMLESS = frozenset(
    ["必填", "选填", "自填", "可选", "如有", "全称", "18位", "18位码", "年月日", "期末", "期末数", "期末余额", "期末值", "年末", "年末数", "季末", "月末", "末", "全年", "当年", "本年", "年度", "累计", "本年累计", "合计", "总计", "总额", "数", "数值", "数额", "金额", "人民币", "折人民币", "不含税", "含税", "合并", "汇总", "审计数", "决算数", "快报数", "实际", "实际数", "在册", "含劳务派遣", "万元以上", "工商登记", "营业执照", "盖章", "下同", "填报", "企业填报", "系统", "代码", "人数", "数量", "情况", "年", "元年", "口径", "统计口径", "税务口径", "报表数", "年报", "初步数", "企业"]
)  # fmt: skip
"""Words that may stand around a name without changing what it means."""
GENERIC = frozenset(
    [
        "合计",
        "总数",
        "总计",
        "总额",
        "小计",
        "数值",
        "数",
        "数量",
        "金额",
        "人数",
        "本年",
        "全年",
        "年末",
        "期末",
        "年末数",
        "期末数",
        "当年",
        "累计",
        "实际",
        "年度",
        "值",
        "余额",
    ]
)
"""Headings that only repeat the group above them."""
AROUND = ("本月止累计", "年初至本月累计", "企业", "公司", "单位", "本单位", "本企业", "全年", "全部", "年度", "实现", "实际", "累计", "年末", "期末", "季末", "当年", "本年", "本年度", "上报", "申报", "填报", "总", "数", "数额", "金额", "情况", "合计", "总计", "总额", "人数", "个数", "数量", "件数", "值", "度", "末", "完成", "额")  # fmt: skip
"""What may stand before or behind a name."""
DERIVED = re.compile(
    r"同比|环比|增长|增速|增幅|增量|增减|占比|占.+比|比重|比例|率$|排名|排序|位次|人均|户均|亩均|地均|单位面积|平均|预计|预测|计划|目标|预算|预期|差额|差异|完成率|权重|变动|上限|下限|门槛|标准值|是否达"
)
"""Words that make another thing of what they stand beside."""
DOUBTFUL = ("资本化", "费用化", "境外", "母公司", "集团", "政府", "财政", "委托", "外部", "减免", "应缴", "补贴", "留抵", "期初", "年初", "上年末", "预缴", "区外", "新增", "减少", "离职", "流失", "兼职", "外聘", "退回")  # fmt: skip


def fold(text: str) -> str:
    """A name as names are compared: folded, without spaces and ornaments, letters small.

    >>> fold(" Ｒ＆Ｄ 经费\\n支出* ")
    'r&d经费支出'
    """
    plain = unicodedata.normalize("NFKC", text).lower()
    return re.sub(r"[\s*★☆#:：、，,。.．_\"'“”‘’`]+", "", plain)


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a year that a heading names without the year: a quarter, months from–to, or years counted back."""

    first: int = 1
    last: int = 12
    back: int = 0

    def of(self, base: Period) -> Period:
        """The period, given the sheet's own."""
        if (self.first, self.last) == (1, 12):
            return base.before(self.back) if self.back else base
        year = base.starts.year - self.back
        if self.last - self.first == 2 and self.last % 3 == 0:
            return Period.quarter(year, self.last // 3)
        return Period.months(year, self.first, self.last)


@dataclass(frozen=True, slots=True)
class Heading:
    """What a header cell says: the bare name, a unit, a period (or part of one), words in brackets that may matter."""

    name: str
    unit: str = ""
    period: Period | None = None
    span: Span | None = None
    remarks: tuple[str, ...] = ()


NUMBERING = re.compile(r"^(?:[((]?[一二三四五六七八九十]{1,3}[))、.．]|[((]\d{1,2}[))]|\d{1,2}[、.．](?!\d)|[①-⑳])\s*")


@lru_cache(maxsize=4096)
def read(text: str) -> Heading:
    """Take a header cell apart.

    >>> read("2022年营业收入（万元）")
    Heading(name='营业收入', unit='万元', period=Period(text='2022', starts=datetime.date(2022, 1, 1), ends=datetime.date(2022, 12, 31)), span=None, remarks=())
    >>> read("其中：高新技术产品（服务）收入/千元").name, read("其中：高新技术产品（服务）收入/千元").unit
    ('高新技术产品(服务)收入', '千元')
    >>> read("上年末从业人数").span
    Span(first=1, last=12, back=1)
    """
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).replace("【", "(").replace("】", ")")
    plain = plain.replace("[", "(").replace("]", ")").replace("〔", "(").replace("〕", ")")
    plain = NUMBERING.sub("", plain).lstrip("*★☆#")
    plain = re.sub(r"^(?:其中|内)[::、]?", "", plain).strip("*★☆:,、;")
    unit, period, span, remarks = "", None, None, []
    kept = plain
    for found in re.finditer(r"\(([^()]*)\)", plain):
        inner, recognised = found[1], False
        if units.is_unit(inner):
            unit, recognised = unit or units.clean(inner), True
        else:
            for piece in re.split(r"[,，、;/\s]+", inner):
                said, part, rest = _when(piece)
                if units.is_unit(piece):
                    unit, recognised = unit or units.clean(piece), True
                elif said is not None and fold(rest) in HARMLESS | {""}:
                    period, recognised = period or said, True
                elif part is not None and fold(rest) in HARMLESS | {""}:
                    span, recognised = span or part, True
                elif fold(piece) in HARMLESS:
                    recognised = True
                elif piece:
                    remarks.append(piece)
        if recognised or found.end() == len(plain):
            kept = kept.replace(found[0], "", 1)
        elif inner in remarks:
            remarks.remove(inner)
    said, part, rest = _when(kept)
    period, span = period or said, span or part
    name = rest
    behind = re.fullmatch(r"(.+?)[/:：_\-—,，]+\(?([^/:：_\-—,，()]+)\)?", name)
    if behind is not None and units.is_unit(behind[2]):
        name, unit = behind[1], unit or units.clean(behind[2])
    if not unit and (amount := re.fullmatch(r"(.{2,}?)([百千]?万元|千元|亿元)", name)):
        name, unit = amount[1], amount[2]
    if not unit and name and units.is_unit(name) and units.clean(name) not in ("人", "人次", "名", "位", "项", "件"):
        return Heading("", units.clean(name), period, span, tuple(remarks))
    return Heading(name.strip("*:：,，、/-_"), unit, period, span, tuple(remarks))


def _when(text: str) -> tuple[Period | None, Span | None, str]:
    """An absolute period, or a part of the sheet's own year, and the text without it."""
    text = re.sub(r"^(1[5-9]|[23]\d)年(?!\d|以|内|及)", r"20\1年", text)
    found = periods.find(text)
    if found is not None and not re.fullmatch(r"近.年.*", text):
        period, rest = found
        return period, None, re.sub(r"^[度末底初]$|^[年度的末::\-_]+(?=\D)", "", rest)
    span, rest = _span(text)
    return None, span, rest


PARTS: tuple[tuple[str, tuple[int, int] | None], ...] = (
    (r"前三个?季度|(?<!\d)1-3季度", (1, 9)),
    (r"上半年|(?<!\d)1-2季度|前二个?季度|前两个?季度", (1, 6)),
    (r"下半年", (7, 12)),
    (r"第?一季度?末?|(?<![\d前])1季度末?|[qQ]1", (1, 3)),
    (r"第?二季度?末?|(?<![\d前])2季度末?|[qQ]2", (4, 6)),
    (r"第?三季度?末?|(?<![\d前])3季度末?|[qQ]3", (7, 9)),
    (r"第?四季度?末?|(?<![\d前])4季度末?|[qQ]4", (10, 12)),
    (r"(?<!\d)(\d{1,2})月?[-—–~至](\d{1,2})月份?", None),
    (r"前(\d{1,2})个?月", None),
    (r"(?<!\d)(\d{1,2})月(?:份|末)?", None),
)


def _span(text: str) -> tuple[Span | None, str]:
    plain = unicodedata.normalize("NFKC", text)
    back, rest = periods.relative(plain) or (None, plain)
    for pattern, months in PARTS:
        if found := re.search(pattern, rest):
            if months is None:
                numbers = [int(group) for group in found.groups()]
                first, last = (1, numbers[0]) if pattern.startswith("前") else (numbers[0], numbers[-1])
                if not 1 <= first <= last <= 12:
                    continue
            else:
                first, last = months
            left = (rest[: found.start()] + rest[found.end() :]).strip()
            return Span(first, last, back or 0), left
    if back is not None:
        return Span(back=back), rest
    return None, text


def combine(path: tuple[str, ...]) -> tuple[tuple[str, ...], Heading]:
    """The names a path of headers (group above, heading below) may mean, the most exact first, and all that it says.

    >>> names, said = combine(("营业收入", "2022年"))
    >>> names, said.period.text
    (('营业收入',), '2022')
    >>> combine(("研发", "人员（人）"))[0]
    ('研发人员', '人员')
    """
    parts = [read(text) for text in path if text.strip()]
    named = [part.name for part in parts if part.name]
    names: list[str] = []
    while len(named) > 1 and fold(named[-1]) in GENERIC:
        names.append(named[-2] + named[-1])
        named.pop()
    for start in range(len(named)):
        names.append("".join(named[start:]))
    unit = next((part.unit for part in reversed(parts) if part.unit), "")
    period = next((part.period for part in reversed(parts) if part.period), None)
    spans = [part.span for part in parts if part.span]
    span = spans[-1] if spans else None
    if period is not None and span is not None:
        period, span = (span.of(period) if period.kind == "year" else period), None
    remarks = tuple(remark for part in parts for remark in part.remarks)
    return tuple(dict.fromkeys(names)), Heading(named[-1] if named else "", unit, period, span, remarks)
