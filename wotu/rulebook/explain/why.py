"""What kind of thing made an expression null, and the same sentence in English.

The engine says why in Chinese, next to the code that knows; here each of those sentences has its kind and its English.
A test reads the engine's sources and fails when a sentence of theirs is missing here.
"""

from __future__ import annotations

import re
from typing import Literal, get_args

Cause = Literal[
    "missing input",
    "type mismatch",
    "unmatched table",
    "conflicting rows",
    "value not allowed",
    "failed conversion",
    "division by zero",
    "out of range",
    "no such entry",
    "no such name",
    "wrong arguments",
    "bad pattern",
    "too large",
    "not computable",
    "follows",
    "says null",
]
CAUSES: tuple[Cause, ...] = get_args(Cause)

CAUSE_WORDS: dict[str, dict[str, str]] = {
    "zh": {
        "missing input": "缺输入", "type mismatch": "类型不合", "unmatched table": "判定表没有一行符合", "conflicting rows": "判定表的行冲突",
        "value not allowed": "值不在允许之内", "failed conversion": "转换失败", "division by zero": "除以 0", "out of range": "超出范围",
        "no such entry": "没有这一项", "no such name": "没有这个名称", "wrong arguments": "参数不对", "bad pattern": "正则表达式不对",
        "too large": "太大", "not computable": "算不出来", "follows": "由上游而来", "says null": "规则写的就是 null",
    },
    "en": {cause: cause for cause in CAUSES},
}  # fmt: skip

KINDS: tuple[tuple[Cause, str, str], ...] = (
    ("division by zero", "除以 0", "division by 0"),
    ("type mismatch", "不能比较 (.+) 与 (.+) 的大小", "{} and {} have no order"),
    ("type mismatch", "不能比较有时区与没有时区的时间", "a time with a zone cannot be compared with one without"),
    ("type mismatch", "不能比较 (.+) 与 (.+)", "{} and {} cannot be compared"),
    ("type mismatch", "(.+) 与 (.+) 不能相加减", "{} and {} cannot be added or subtracted"),
    ("type mismatch", "(.+) 与 (.+) 不能相加", "{} and {} cannot be added"),
    ("type mismatch", "(.+) 与 (.+) 不能相减", "{} and {} cannot be subtracted"),
    ("type mismatch", "有时区与没有时区的时间不能相减", "a time with a zone cannot be subtracted from one without"),
    ("type mismatch", "(.+) 与 (.+) 不能相乘", "{} and {} cannot be multiplied"),
    ("type mismatch", "(.+) 与 (.+) 不能相除", "{} and {} cannot be divided"),
    ("type mismatch", "(.+) 与 (.+) 不能乘方", "{} and {} cannot be raised to a power"),
    ("type mismatch", "(.+) 没有相反数", "{} has no negative"),
    ("type mismatch", "(.+) 没有大小", "{} has no order"),
    ("type mismatch", "(.+) 不能计算", "{} cannot be calculated with"),
    ("type mismatch", "(.+) 不符合类型 (.+)", "{} does not conform to {}"),
    ("type mismatch", "(.+) 不是函数", "{} is no function"),
    ("type mismatch", "筛选条件不是真假", "the filter's condition is neither true nor false"),
    ("type mismatch", "列表里不全是 true 或 false", "the list holds more than true and false"),
    ("type mismatch", "(.+) 的列表里有 (.+)", "{}: the list holds {}"),
    ("type mismatch", "循环的两端要是整数", "a loop's ends must be whole numbers"),
    ("out of range", "循环的两端太大", "a loop's ends are too large"),
    ("type mismatch", "循环的两端要都是数或都是日期", "a loop's ends must both be numbers or both be dates"),
    ("type mismatch", "循环的区间没有两端", "a loop's range needs both ends"),
    ("type mismatch", "没有可循环的列表", "there is no list to loop over"),
    ("type mismatch", "不是区间", "not a range"),
    ("type mismatch", "区间没有端点", "the range has no ends"),
    ("type mismatch", "区间的端点没有大小", "the range's ends have no order"),
    ("type mismatch", "这里只能写字面值", "only a literal can stand here"),
    ("type mismatch", "这个值没有文字", "this value has no text"),
    ("type mismatch", "(.+) 不是 context", "{} is no context"),
    ("out of range", "区间的低端大于高端", "the range's low end is above its high end"),
    ("missing input", "区间的端点是 null", "an end of the range is null"),
    ("missing input", "区间函数的参数是 null", "an argument of the range function is null"),
    ("missing input", "(.+) 的参数是 null", "{}: an argument is null"),
    ("no such entry", "日期时间没有 (.+)", "a date and time has no {}"),
    ("no such entry", "没有条目 (.+)", "there is no entry {}"),
    ("failed conversion", "没有这一天：(.+)", "there is no such day: {}"),
    ("failed conversion", "没有这个时间：(.+)", "there is no such time: {}"),
    ("failed conversion", "没有这个时区：(.+)", "there is no such time zone: {}"),
    ("failed conversion", "不是日期：(.*)", "not a date: {}"),
    ("failed conversion", "不是时间：(.*)", "not a time: {}"),
    ("failed conversion", "不是时长：(.*)", "not a duration: {}"),
    ("failed conversion", "不是整数：(.*)", "not a whole number: {}"),
    ("failed conversion", "不是数：(.*)", "not a number: {}"),
    ("failed conversion", "不是数", "not a number"),
    ("failed conversion", "时区偏移不对：(.+)", "a wrong offset: {}"),
    ("failed conversion", "日期与时间的部分要是整数", "the parts of dates and times must be whole numbers"),
    ("failed conversion", "number 的千位分隔符只能是空格、逗号或点", "number(): the grouping separator must be a space, comma or period"),
    ("failed conversion", "number 的小数点只能是点或逗号", "number(): the decimal separator must be a period or comma"),
    ("failed conversion", "number 的千位分隔符与小数点相同", "number(): the grouping and decimal separators are the same"),
    ("out of range", "时区偏移超过 18 小时", "an offset of more than 18 hours"),
    ("out of range", "日期超出范围", "the date is out of range"),
    ("out of range", "时长超出范围", "the duration is out of range"),
    ("out of range", "数超出 (.+) 的范围", "the number is out of {}'s range"),
    ("out of range", "数超出范围", "the number is out of range"),
    ("out of range", "小数位数不对", "a wrong number of decimal places"),
    ("out of range", "位置不在列表里", "the position is outside the list"),
    ("out of range", "sublist 的起点不在列表里", "sublist(): the start is outside the list"),
    ("out of range", "sublist 超出列表", "sublist(): beyond the list"),
    ("out of range", "substring 的起点从 1 数起", "substring(): positions count from 1"),
    ("out of range", "substring 的起点在文字之前", "substring(): the start is before the text"),
    ("out of range", "substring 的长度是负数", "substring(): the length is negative"),
    ("out of range", "stddev 至少要两个数", "stddev() needs two numbers at least"),
    ("not computable", "对数只对正数有定义", "a logarithm exists for positive numbers only"),
    ("not computable", "没有这样的数", "there is no such number"),
    ("not computable", "结果不是数", "the result is no number"),
    ("not computable", "结果没有 FEEL 的对应值", "the result has no counterpart in FEEL"),
    ("not computable", "(.+) 算不出来", "{} cannot be computed"),
    ("not computable", "(.+) 没有可用的逻辑", "{} has no usable logic"),
    ("too large", "数太大", "the number is too large"),
    ("too large", "文字太长", "the text is too long"),
    ("wrong arguments", "not 的参数不是 true 或 false", "not(): the argument is neither true nor false"),
    ("wrong arguments", "string join 只连接文字", "string join() joins texts only"),
    ("wrong arguments", "concatenate 的参数是 null", "concatenate(): an argument is null"),
    ("wrong arguments", "list replace 的条件要有两个参数", "list replace(): the condition must take two arguments"),
    ("wrong arguments", "list replace 的条件不是 true 或 false", "list replace(): the condition is neither true nor false"),
    ("wrong arguments", "sort 的比较函数要有两个参数", "sort(): the comparison must take two arguments"),
    ("wrong arguments", "context 的条目要有 key 与 value", "context(): entries need a key and a value"),
    ("wrong arguments", "context 的 key 要是不重复的文字", "context(): keys must be texts, each once"),
    ("wrong arguments", "context put 的 keys 是空的", "context put(): keys is empty"),
    ("wrong arguments", "context put 的 keys 要是文字", "context put(): keys must be texts"),
    ("wrong arguments", "context merge 只合并 context", "context merge() merges contexts only"),
    ("wrong arguments", "(.+) 不接受 (.+) 个参数", "{} does not take {} arguments"),
    ("wrong arguments", "(.+) 不接受 (.+)", "{} does not take {}"),
    ("wrong arguments", "(.+) 要 (.+) 个参数，给了 (.+) 个", "{} takes {} arguments, {} were given"),
    ("wrong arguments", "(.+) 没有这样的参数：(.+)", "{} has no such arguments: {}"),
    ("wrong arguments", "(.+) 的参数个数不对", "{}: a wrong number of arguments"),
    ("wrong arguments", "(.+) 的参数不对", "{}: wrong arguments"),
    ("wrong arguments", "参数不是 (.+)", "the argument is no {}"),
    ("wrong arguments", "(.+) 要整数", "{} needs a whole number"),
    ("wrong arguments", "(.+) 要数", "{} needs a number"),
    ("wrong arguments", "format 的参数不够", "format(): too few arguments"),
    ("wrong arguments", "format 的格式与参数不合", "format(): the pattern does not fit the arguments"),
    ("wrong arguments", "format 的格式不对", "format(): a wrong pattern"),
    ("wrong arguments", "外部函数只支持 java", "external functions: java only"),
    ("wrong arguments", "外部函数要写明 class 与 method signature", "an external function needs its class and method signature"),
    ("wrong arguments", "外部函数 (.+) 不在允许的方法之内", "the external function {} is not among those allowed"),
    ("wrong arguments", "条目 (.+) 出现两次", "the entry {} appears twice"),
    ("no such name", "没有类型 (.+)", "there is no type {}"),
    ("bad pattern", "正则表达式没有这个标志：(.*)", "the pattern has no flag {}"),
    ("bad pattern", "正则表达式算得太久", "the pattern takes too long"),
    ("bad pattern", "正则表达式不对：(.*)", "a wrong pattern: {}"),
    ("bad pattern", "这个正则表达式也匹配空文字，不能用于 replace", "replace(): the pattern matches the empty text"),
    ("bad pattern", "replace 的替换文字里 .+", "replace(): the replacement is wrong"),
    ("bad pattern", "(?:这个)?正则表达式.*", "the pattern is wrong"),
    ("value not allowed", "第 (.+) 个输入列的值不在它的允许值之内", "the value of input column {} is not among its allowed values"),
    ("conflicting rows", "第 (.+) 行同时命中，而命中策略是 UNIQUE", "rules {} match together though the hit policy is UNIQUE"),
    ("conflicting rows", "命中的几行结果不同，而命中策略是 ANY", "the rules that match differ though the hit policy is ANY"),
    ("no such entry", "(.+) 没有 (.+)", "{} has no {}"),
    ("no such name", "没有 (.+)", "there is no {}"),
)  # fmt: skip
"""The first pattern that a whole sentence fits; those that fit much stand below."""

_COMPILED = tuple((cause, re.compile(pattern, re.DOTALL), english) for cause, pattern, english in KINDS)


def why(sentence: str, lang: str) -> tuple[Cause, str]:
    """Its kind, and the sentence in the language; one that is not listed stays as it is."""
    for cause, pattern, english in _COMPILED:
        found = pattern.fullmatch(sentence)
        if found is not None:
            return cause, sentence if lang == "zh" else english.format(*found.groups())
    return "not computable", sentence


def listed(sentence: str) -> bool:
    """Whether the sentence has its kind and its English here."""
    return any(pattern.fullmatch(sentence) for _, pattern, _ in _COMPILED)


def cause_words(cause: Cause, lang: str) -> str:
    """The kind, in the language."""
    return CAUSE_WORDS[lang][cause]
