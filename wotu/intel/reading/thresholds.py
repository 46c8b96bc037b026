"""Figures that are no claims: sizes that describe (10亿元以上项目), classes (百亿级), durations, small words (一个)."""

from __future__ import annotations

from collections.abc import Sequence

import regex

from wotu.intel.reading.between import Between
from wotu.intel.reading.phrases import left_phrase, right_phrase
from wotu.intel.reading.tokens import Token

CARRIERS = regex.compile(
    r"(?:项目|企业|公司|集群|产业|园区|平台|基地|单位|机构|载体|工程|园|店|户|龙头|俱乐部|家庭|城市|县|镇|街道|村|楼宇|产品|品牌|市场|合同|商圈)"
)
NOT_COUNTED = regex.compile(
    r"^(?:的)?(?:基础上|方面|环节|步骤|部分|阶段|层次|层面|维度|角度|原则|字|部门|档次|梯队|问号|台阶|转变|坚持|统筹|确保|维护|意识|自信|关键|要点|要求|必须|月|大字|抓手|导向|看点|亮点|特点|特征|优势|“|不|难题|误区)"
)
TIME_INDICATORS = regex.compile(r"(?:时限|时间|周期|用时|耗时|车程|时长|工期|寿命|年龄|距离|天数|期限|材料|环节)$")
SMALL_UNITS = frozenset(
    (
        "家",
        "户",
        "座",
        "所",
        "人",
        "元",
        "美元",
        "亩",
        "平方米",
        "平方千米",
        "千米",
        "米",
        "吨",
        "倍",
        "%",
        "公顷",
        "艘",
        "架",
        "辆",
        "栋",
        "幢",
        "人次",
        "百分点",
        "千瓦时",
    )
)
DURATION_BEFORE = regex.compile(r"(?:近|过去|未来|连续|历时|为期|最近|今后|每|前|后|这|那|头|第)$")
COUNTED = (
    (regex.compile(r"人口$|人数$|从业|就业|职工|员工|人才|党员|学生|居民|游客$"), "人"),
    (regex.compile(r"市场主体|经营主体|个体|用户|农户"), "户"),
    (regex.compile(r"企业$"), "家"),
    (regex.compile(r"专利|商标|著作权"), "件"),
    (regex.compile(r"人次"), "人次"),
)


def is_no_figure(tokens: Sequence[Token], place: int, words: Between, low: int, high: int) -> bool:
    """Whether a quantity only describes or orders, so that it states nothing by itself."""
    token = tokens[place]
    quantity = token.quantity
    assert quantity is not None
    previous = tokens[place - 1].text if place > 0 else ""
    if previous.endswith(("每", "第", "No.", "NO.", "№", "编号", "批准文号", "代码", "电话", "邮编", "第第")):
        return True
    if quantity.level or _malformed(tokens, place):
        return True
    after = "".join(piece.text for piece in tokens[place + 1 : min(high, place + 3)])
    if quantity.sort in ("count", "people") and NOT_COUNTED.match(after) and not words.reach:
        return True
    if (
        quantity.chinese
        and quantity.sort in ("count", "people", "spec")
        and _small_word(tokens, place, words, low, high)
    ):
        return True
    if quantity.bare and not (
        words.modifier or words.reach or words.grow or (quantity.modifier and _ends(tokens, place, high))
    ):
        return True
    return _describes(tokens, place, words, low, high)


def is_duration_figure(tokens: Sequence[Token], place: int, words: Between, low: int) -> bool:
    """Whether a length of time is a figure (审批时限压缩至3个工作日), not a date or an age."""
    quantity = tokens[place].quantity
    if (
        quantity is None
        or quantity.sort != "time"
        or not quantity.unit
        or quantity.unit in ("年", "岁", "周年", "日", "时", "点", "载")
    ):
        return False
    if place > low and DURATION_BEFORE.search(tokens[place - 1].text):
        return False
    if words.reach and any(
        token.quantity is not None and token.quantity.sort == "time" for token in tokens[low : words.first]
    ):
        return True
    left = left_phrase(tokens, words.first, low)
    return bool(left) and TIME_INDICATORS.search(left.text) is not None


def counted_unit(phrase: str) -> str:
    """The unit of a number without one, from what it counts."""
    return next((unit for pattern, unit in COUNTED if pattern.search(phrase)), "")


def _small_word(tokens: Sequence[Token], place: int, words: Between, low: int, high: int) -> bool:
    """`一个`, `两项`, `三大`: small numbers in words count as figures only with units that really count."""
    quantity = tokens[place].quantity
    assert quantity is not None
    if quantity.scale or quantity.value > 10:
        return False
    if quantity.sort == "money":
        return True
    if quantity.value <= 1:
        return True
    if quantity.unit not in SMALL_UNITS:
        return True
    right, _ = right_phrase(tokens, place, high)
    return not (right and (right.known or quantity.unit not in ("家", "人"))) and not left_phrase(
        tokens, words.first, low
    )


def _describes(tokens: Sequence[Token], place: int, words: Between, low: int, high: int) -> bool:
    """`10亿元以上项目23个`, `产值过亿元的企业220家`: a size in front of what is counted."""
    quantity = tokens[place].quantity
    assert quantity is not None
    if quantity.sort in ("spec", "time", "plain"):
        return False
    if tokens[place].text.endswith(("以上", "以下", "以内")) and place + 1 < high and tokens[place + 1].text == ")":
        return True
    if (
        place + 2 < high
        and tokens[place + 1].text == "、"
        and words.modifier
        and (after := tokens[place + 2].quantity) is not None
        and (after.level or after.bare)
    ):
        return True
    right, of = right_phrase(tokens, place, high)
    if not right or not CARRIERS.search(right.text):
        return False
    counted = _count_follows(tokens, right.last, high)
    if quantity.sort == "count":
        return of and counted and (words.modifier == "超" or tokens[place].text.endswith(("以上", "以下")))
    bounded = quantity.modifier in ("以上", "不足", "以下") and tokens[place].text.endswith(("以上", "以下"))
    if bounded:
        return counted or (quantity.sort not in ("share", "times", "people"))
    over = words.modifier in ("超", "以上") or tokens[place - 1].text.endswith(("过", "上", "超")) if place else False
    if over and (counted or not of) and (quantity.sort in ("money", "bare", "area")):
        return True
    return quantity.bare and not of


def _ends(tokens: Sequence[Token], place: int, high: int) -> bool:
    return place + 1 >= high or tokens[place + 1].kind == "point"


def _count_follows(tokens: Sequence[Token], here: int, high: int) -> bool:
    """Whether a count comes next: `企业 有 6家`."""
    for token in tokens[here : min(high, here + 4)]:
        if token.quantity is not None:
            return token.quantity.sort in ("count", "people")
        if token.kind == "point" or token.has("verb"):
            return False
    return False


def _malformed(tokens: Sequence[Token], place: int) -> bool:
    """`1,23,4家`: digits with commas where none belong; nobody can say which number was meant."""
    if place < 2 or tokens[place - 1].text != "，" or not tokens[place].text[0].isdigit():
        return False
    before = tokens[place - 2]
    return before.quantity is not None and before.quantity.sort == "plain" and before.stop == tokens[place - 1].start
