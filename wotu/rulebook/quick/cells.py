"""Unary tests -> Python conditions about a value: the cells of a table, allowed values, and `in`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..feel import FeelError
from ..feel import tree as t
from ..feel.compiling.core import uses
from ..feel.literals import literal_value, range_value
from .code import ANY, BOOLEAN, NULL, STRING, Cannot, Code, as_kind

if TYPE_CHECKING:
    from .expressions import Writer


def held(writer: Writer, tests: t.UnaryTests, subject: Code) -> Code:
    """Whether any of the tests holds for the subject (or none, when they are negated)."""
    found = any_of(writer, tests.tests, subject)
    return Code(f"(not {found.text})", BOOLEAN, safe=found.safe) if tests.negated else found


def any_of(writer: Writer, nodes: tuple[t.Node, ...], subject: Code) -> Code:
    """Whether any of the tests holds; texts are looked up together."""
    texts = [
        node.value.value for node in nodes if isinstance(node, t.ValueTest) and isinstance(node.value, t.StringLiteral)
    ]
    if len(texts) == len(nodes) > 1 and subject.kind == STRING and not subject.null:
        return Code(f"({subject.text} in {writer.program.constant(frozenset(texts))})", BOOLEAN, safe=subject.safe)
    tests = [test(writer, node, subject) for node in nodes]
    return Code(f"({' or '.join(one.text for one in tests)})", BOOLEAN, safe=all(one.safe for one in tests))


def test(writer: Writer, node: t.Node, subject: Code) -> Code:
    """Whether one test holds for the subject, which stands under a name."""
    from .expressions import related

    if isinstance(node, t.AnyTest):
        return Code("True", BOOLEAN, safe=True, short=True)
    about = writer.inside({"?": subject})
    if isinstance(node, t.CompareTest):
        return related(node.operator, subject, about.write(node.value))
    if isinstance(node, t.UnaryTests):
        raise Cannot
    inner = node.value if isinstance(node, t.ValueTest) else node
    if subject.kind in (ANY, NULL) or subject.null:
        raise Cannot
    if isinstance(inner, t.RangeLiteral):
        return _inside(about, inner, subject)
    if isinstance(inner, t.UnaryRange):
        return related(inner.operator, subject, about.write(inner.value))
    if isinstance(inner, t.ListLiteral):
        return _among(writer, inner, subject)
    value = about.write(inner)
    if value.kind == BOOLEAN and (uses(inner, "?") or subject.kind != BOOLEAN):
        return as_kind(value, BOOLEAN)
    if uses(inner, "?") or value.kind in (ANY, NULL):
        raise Cannot
    return related("=", subject, value)


def _inside(writer: Writer, span: t.RangeLiteral, subject: Code) -> Code:
    """Between two constants in their order."""
    try:
        ends = range_value(span)
    except FeelError:
        raise Cannot from None
    if ends.low is None or ends.high is None or subject.kind == BOOLEAN:
        raise Cannot
    low, high = (as_kind(writer.program.literal(end), subject.kind) for end in (ends.low, ends.high))
    left, right = "<=" if ends.low_closed else "<", "<=" if ends.high_closed else "<"
    return Code(f"({low.text} {left} {subject.text} {right} {high.text})", BOOLEAN, safe=subject.safe)


def _among(writer: Writer, node: t.ListLiteral, subject: Code) -> Code:
    """Among constants of its own kind."""
    try:
        values = literal_value(node)
    except FeelError:
        raise Cannot from None
    if subject.kind != STRING or any(type(value) is not str for value in values):
        raise Cannot
    return Code(f"({subject.text} in {writer.program.constant(frozenset(values))})", BOOLEAN, safe=subject.safe)
