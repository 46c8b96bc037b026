"""Expressions: types that cannot go together, and what a decision declares against what its logic gives."""

from __future__ import annotations

from collections.abc import Iterator

from ..dmn import model as m
from ..dmn.declared import bare
from ..feel.types import FunctionOf, Type
from ..findings import Finding
from .kinds import Typist
from .pieces import Subject, Unit
from .signatures import fits, word


def types(subject: Subject) -> Iterator[Finding]:
    """Every expression of the model, and every decision's declared type."""
    for unit in subject.units:
        yield from _unit(unit)


def _unit(unit: Unit) -> Iterator[Finding]:
    typist = Typist({id(piece.tree): piece for piece in unit.pieces}, {id(at.node): at for at in unit.tables})
    try:
        found = typist.of(unit.tree, unit.scope)
        for piece in unit.pieces:
            if id(piece.tree) not in typist.seen:
                typist.of(piece.tree, piece.scope)
    except RecursionError:
        yield unit.finding("表达式太长，没有检查类型", "请拆成几个决策", "info")
        return
    for problem in typist.problems:
        yield unit.inside(problem.piece, problem.node, problem.what, problem.how, problem.severity)
    wanted = unit.kind
    if isinstance(unit.node, m.BusinessKnowledgeModel):
        found, wanted = _result(found), _result(wanted)
    if not typist.problems and not fits(found, wanted):
        what = f"逻辑得出的是{word(found)}，声明的类型是 {wanted}，结果会变成 null"
        yield unit.finding(what, "请改逻辑，或改变量的类型（typeRef）", at=unit.node.variable)


def _result(kind: Type | None) -> Type | None:
    """What a function gives, or the type itself."""
    found = bare(kind)
    return found.result if isinstance(found, FunctionOf) else kind


__all__ = ["types"]
