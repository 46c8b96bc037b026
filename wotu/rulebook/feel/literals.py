"""Values that are written out in the text: no names, no computing."""

from __future__ import annotations

from . import tree as t
from .known import ORDERED, compare, kind_of, negate
from .temporal import read_at, read_date, read_date_time, read_duration, read_time
from .values import FeelError, Range, Value

_READERS = {"date": read_date, "time": read_time, "date and time": read_date_time, "duration": read_duration}


def literal_value(node: t.Node) -> Value:
    """The value of a literal or of a date/time constructor with literal text; FeelError when it is anything else."""
    match node:
        case t.NumberLiteral() | t.StringLiteral() | t.BooleanLiteral():
            return node.value
        case t.NullLiteral():
            return None
        case t.AtLiteral():
            return read_at(node.text)
        case t.Negate():
            return negate(literal_value(node.operand))
        case t.Call(function=t.Name(name=name), arguments=(t.StringLiteral(value=text),)) if name in _READERS:
            return _READERS[name](text)
        case t.RangeLiteral() | t.UnaryRange():
            return range_value(node)
        case t.ListLiteral():
            return [literal_value(item) for item in node.items]
        case t.ContextLiteral():
            return {entry.key: literal_value(entry.value) for entry in node.entries}
    raise FeelError("这里只能写字面值")


def range_value(node: t.Node) -> Range:
    """The range a range literal of literal ends says, as `range(from)` demands; FeelError otherwise."""
    if not isinstance(node, t.RangeLiteral) or node.low is None or node.high is None:
        raise FeelError("不是区间")
    low, high = literal_value(node.low), literal_value(node.high)
    ends = [end for end in (low, high) if end is not None]
    if not ends or any(kind_of(end) not in ORDERED for end in ends):
        raise FeelError("区间的端点没有大小")
    if len(ends) == 2 and compare(low, high) > 0:
        raise FeelError("区间的低端大于高端")
    return Range(low, high, node.low_closed, node.high_closed)
