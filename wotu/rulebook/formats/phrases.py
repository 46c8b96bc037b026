"""FEEL in Chinese words: 研发费用 / 营业收入 >= 0.05 is 研发费用占营业收入不低于 5%. What has no words stays FEEL, in 「」."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ..explain.words import OPERATORS, RATIO, amount, show_value
from ..feel import FeelError
from ..feel import tree as t
from ..feel.literals import literal_value
from ..feel.show import show

Unit = Callable[[t.Node], str | None]
"""The unit of a piece, where it can be told."""

_SIGNS = {"+": "＋", "-": "－", "*": "×", "/": "÷", "**": "的乘方 "}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
_CALLS = {
    "min": "{}中较小的",
    "max": "{}中较大的",
    "sum": "{}之和",
    "mean": "{}的平均数",
    "median": "{}的中位数",
    "count": "{}的个数",
    "abs": "{}的绝对值",
    "floor": "{}向下取整",
    "ceiling": "{}向上取整",
    "sqrt": "{}的平方根",
    "string length": "{}的字数",
    "distinct values": "{}中不同的值",
}
_ROUNDED = {"round half up": "四舍五入", "round up": "进一", "round down": "去尾", "decimal": "四舍六入五成双"}
_ROUNDED |= {"round half down": "五舍六入"}


class Phrases:
    """Words for the trees of one decision; `unit` tells a piece's unit, `titles` what a name is called."""

    def __init__(self, unit: Unit, titles: Callable[[str], str] = str) -> None:
        self.unit = unit
        self.titles = titles

    # --- conditions -------------------------------------------------------------------------------------------------

    def condition(self, node: t.Node) -> str:
        """A condition as a sentence without its full stop."""
        match node:
            case t.And():
                return self.joined(_parts(node, t.And), "", "并且", "同时满足：")
            case t.Or():
                return self.joined(_parts(node, t.Or), "满足下列之一：", "或者", "满足下列之一：")
            case t.Comparison(operator=operator, left=left, right=right):
                return self.comparison(operator, left, right)
            case t.Between(value=value, low=low, high=high):
                unit = self.unit(value)
                return f"{self.value(value)}在 {self.value(low, unit)} 至 {self.value(high, unit)} 之间（含）"
            case t.In(value=value, tests=tests):
                return f"{self.value(value)}{self.tests(tests, self.unit(value))}"
            case t.Call(function=t.Name(name="not"), arguments=(inner,)):
                return self.negated(inner)
            case t.Some(iterators=iterators, condition=condition):
                return f"{self.iterated(iterators)}中至少有一个满足：{self.condition(condition)}"
            case t.Every(iterators=iterators, condition=condition):
                return f"{self.iterated(iterators)}个个满足：{self.condition(condition)}"
            case t.If(condition=condition, then=then, otherwise=otherwise):
                ways = (self.condition(each) for each in (condition, then, otherwise))
                return "如果{}，则{}；否则{}".format(*ways)
            case t.BooleanLiteral(value=value):
                return "一律满足" if value else "一律不满足"
            case t.NullLiteral():
                return "无法判断"
        return self.value(node)

    def joined(self, parts: Sequence[t.Node], lead: str, word: str, long_lead: str) -> str:
        """Conditions together: names in a row, sentences numbered."""
        if all(isinstance(part, t.Name) for part in parts):
            names = "、".join(self.value(part) for part in parts)
            return f"{names}{'都满足' if word == '并且' else '满足其一'}"
        if len(parts) == 2 and not any(isinstance(part, t.And | t.Or | t.If) for part in parts):
            return f"{self.condition(parts[0])}，{word}{self.condition(parts[1])}"
        if not lead and not any(isinstance(part, t.Or) for part in parts):
            return "，且".join(self.condition(part) for part in parts)
        numbered = (f"（{number}）{self.condition(part)}" for number, part in enumerate(parts, 1))
        return long_lead + "；".join(numbered)

    def negated(self, inner: t.Node) -> str:
        """Not so."""
        if isinstance(inner, t.Name):
            return f"没有“{self.value(inner)}”的情形"
        if isinstance(inner, t.In):
            return (
                f"{self.value(inner.value)}{self.tests(inner.tests, self.unit(inner.value)).replace('为', '不为', 1)}"
            )
        return f"并非：{self.condition(inner)}"

    def comparison(self, operator: str, left: t.Node, right: t.Node) -> str:
        """The measure, what is needed, how much."""
        if _constant(left) and not _constant(right):
            operator, left, right = _MIRRORED[operator], right, left
        if isinstance(right, t.NullLiteral):
            return f"{self.value(left)}{'没有值' if operator == '=' else '有值'}"
        if isinstance(right, t.BooleanLiteral):
            wanted = right.value == (operator == "=")
            return f"{self.value(left)}为{'是' if wanted else '否'}"
        unit = self.unit(left) or self.unit(right)
        words = "为 {}" if operator == "=" and _constant(right) else OPERATORS["zh"][operator]
        return f"{self.value(left)}{words.format(self.value(right, unit))}"

    def tests(self, tests: Sequence[t.Node], unit: str | None, negated: bool = False) -> str:
        """Unary tests after the name of what is tested: 不低于 5, 在 1 至 5 之间, 为甲、乙之一."""
        found: list[str] = []
        values: list[str] = []
        for test in tests:
            match test:
                case t.AnyTest():
                    found.append("任意")
                case t.CompareTest(operator=operator, value=value):
                    found.append(OPERATORS["zh"][operator].format(self.value(value, unit)))
                case t.ValueTest(value=value) | value:
                    kind, words = self.test(value, unit)
                    (values if kind == "value" else found).append(words)
        if values:
            listed = f"为 {values[0]}" if len(values) == 1 else f"为 {'、'.join(values)} 之一"
            found.insert(0, listed)
        text = "，或".join(found)
        return f"不是（{text}）" if negated else text

    def test(self, node: t.Node, unit: str | None) -> tuple[str, str]:
        match node:
            case t.RangeLiteral(low=low, high=high, low_closed=left, high_closed=right):
                low_text = f"{self.value(low, unit)}{'（含）' if left else '（不含）'}" if low is not None else ""
                high_text = f"{self.value(high, unit)}{'（含）' if right else '（不含）'}" if high is not None else ""
                if low is None or high is None:
                    return "range", f"从 {low_text} 起" if low is not None else f"至 {high_text} 止"
                return "range", f"在 {low_text}至 {high_text}之间"
            case t.UnaryRange(operator=operator, value=value):
                return "range", OPERATORS["zh"][operator].format(self.value(value, unit))
            case t.ListLiteral(items=items):
                return "value", "、".join(self.value(item, unit) for item in items)
            case t.Comparison() | t.And() | t.Or() | t.Between():
                return "condition", f"满足：{self.condition(node)}"
        return "value", self.value(node, unit)

    def iterated(self, iterators: Sequence[t.Iterator]) -> str:
        return "、".join(f"{self.value(each.domain)}的每个“{each.name}”" for each in iterators)

    # --- values -----------------------------------------------------------------------------------------------------

    def value(self, node: t.Node, unit: str | None = None) -> str:
        """A value: a name, a number in its unit, a formula."""
        if isinstance(node, t.Typed):
            return self.value(node.value, unit)
        if _constant(node) and not isinstance(node, t.NullLiteral | t.ListLiteral | t.ContextLiteral):
            try:
                return show_value(literal_value(node), unit, "zh")
            except FeelError:
                pass
        match node:
            case t.Name(name=name):
                return self.titles(name) if name != "?" else "它"
            case t.NullLiteral():
                return "没有值"
            case t.Arithmetic():
                return self.arithmetic(node)
            case t.Negate(operand=operand):
                return f"负的{self.value(operand, unit)}"
            case t.If(condition=condition, then=then, otherwise=otherwise):
                return self.choice(condition, then, otherwise, unit)
            case t.Call(function=t.Name(name=name), arguments=arguments):
                return self.call(name, arguments, unit, node)
            case t.ListLiteral(items=items):
                return "、".join(self.value(item, unit) for item in items)
            case t.Path(value=value, name=name):
                return f"{self.value(value)}的{name}"
            case t.And() | t.Or() | t.Comparison() | t.Between() | t.In() | t.Some() | t.Every():
                return self.condition(node)
        return f"「{show(node)}」"

    def choice(self, condition: t.Node, then: t.Node, otherwise: t.Node, unit: str | None) -> str:
        test = self.condition(condition)
        test = f"“{test}”时" if isinstance(condition, t.Name) else f"{test}时"
        first = "没有值" if isinstance(then, t.NullLiteral) else f"为 {self.value(then, unit)}"
        if isinstance(otherwise, t.NullLiteral):
            return f"{test}{first}，否则没有值"
        rest = self.value(otherwise, unit)
        return f"{test}{first}{'；' if isinstance(otherwise, t.If) else '，否则为 '}{rest}"

    def arithmetic(self, node: t.Arithmetic) -> str:
        operator, left, right = node.operator, node.left, node.right
        if operator == "/" and self.unit(node) == RATIO and _plain(left) and _plain(right):
            return f"{self.value(left)}占{self.value(right)}的比例"
        if operator == "-" and self.unit(node) is None and isinstance(left, t.Name) and isinstance(right, t.Name):
            return f"{self.value(left)}减{self.value(right)}"
        kept = operator in "+-"
        parts = [self.operand(left, operator, False, kept), self.operand(right, operator, True, kept)]
        return f"{parts[0]}{_SIGNS[operator]}{parts[1]}"

    def operand(self, node: t.Node, operator: str, right: bool, kept: bool) -> str:
        """A side of a formula, in brackets where it binds less; numbers added keep the unit of the other side."""
        unit = self.unit(node) if kept else None
        if isinstance(node, t.NumberLiteral):
            share = operator == "*" and abs(node.value) < 1
            return amount(node.value, RATIO if share else unit, "zh", exact=True)
        text = self.value(node)
        inner = isinstance(node, t.Arithmetic) and (
            (operator in "*/" and node.operator in "+-") or (right and operator in "-/" and node.operator in "+-*/")
        )
        return f"（{text}）" if inner or isinstance(node, t.If | t.Call) else text

    def call(self, name: str, arguments: Sequence[t.Node], unit: str | None, node: t.Node) -> str:
        if name in _ROUNDED and len(arguments) in (1, 2):
            places = self.value(arguments[1]) if len(arguments) == 2 else "0"
            kept = "取整数" if places == "0" else f"保留 {places} 位小数"
            return f"{self.value(arguments[0], unit)}（{_ROUNDED[name]}，{kept}）"
        if name == "not" and len(arguments) == 1:
            return self.negated(arguments[0])
        if name in _CALLS and arguments:
            own = next((found for each in arguments if (found := self.unit(each))), unit)
            listed = arguments[0].items if isinstance(arguments[0], t.ListLiteral) else arguments
            words = ("、" if len(listed) > 2 else "与 ").join(self.value(each, own) for each in listed)
            return _CALLS[name].format(words)
        if name in ("date", "duration", "time", "date and time"):
            return f"「{show(node)}」"
        return f"{self.titles(name)}（{'，'.join(self.value(each) for each in arguments)}）"


def _parts(node: t.Node, kind: type[t.And] | type[t.Or]) -> list[t.Node]:
    """A chain of and, or of or, as its parts."""
    if isinstance(node, t.And | t.Or) and isinstance(node, kind):
        return [*_parts(node.left, kind), *_parts(node.right, kind)]
    return [node]


def _constant(node: t.Node) -> bool:
    """No name in it but those of functions."""
    called = {id(each.function) for each in t.walk(node) if isinstance(each, t.Call)}
    return not any(isinstance(each, t.Name) and id(each) not in called for each in t.walk(node))


def _plain(node: t.Node) -> bool:
    return isinstance(node, t.Name)


_CHINESE = "[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef“”]"


def tidy(words: str) -> str:
    """No blank between Chinese signs; one between a number and 时."""
    return re.sub(r"(?<=[\d%])时", " 时", re.sub(f"(?<={_CHINESE}) +(?={_CHINESE})", "", words))


def numeral(number: int) -> str:
    """一, 十二, 二十: for 第…条; Arabic beyond 99."""
    digits = "〇一二三四五六七八九"
    if not 0 < number < 100:
        return str(number)
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else f"{digits[tens]}十")
    return head + (digits[ones] if ones else "")
