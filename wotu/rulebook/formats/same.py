"""Whether two models say the same, and if not, which element and which part of it: what a sheet cannot hold shows here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from typing import Any

from ..dmn import model as m
from ..dmn.kept import DMNDI, FEEL
from ..findings import Finding

_PARTS = {
    "label": "label",
    "description": "说明",
    "extensions": "扩展元素",
    "foreign": "其他属性",
    "kept": "其他元素",
    "name": "名称",
    "namespace": "命名空间",
    "type_ref": "类型",
    "allowed": "允许值",
    "constraint": "约束",
    "variable": "变量",
    "question": "问题",
    "allowed_answers": "可选回答",
    "information": "对输入和决策的要求（与公式里用到的名称不一致）",
    "knowledge": "对知识模型的要求",
    "authority": "依据",
    "expression": "逻辑",
    "location": "网址",
    "kind": "种类",
    "components": "成分",
    "others": "注释、分组等图上的元素",
}
HOW = "请留在 .dmn 里维护，或删去这一部分再转换"


def differences(model: m.Definitions, again: m.Definitions) -> Iterator[Finding]:
    """A finding for each element that does not come back the same."""
    yield from _differ("规则", _whole(model), _whole(again))
    groups: tuple[tuple[str, Iterable[Any], Iterable[Any]], ...] = (
        ("类型", model.types, again.types),
        ("输入", model.inputs, again.inputs),
        ("决策", model.decisions, again.decisions),
        ("知识来源", model.sources, again.sources),
    )
    for title, before, after in groups:
        found = {item.name: item for item in after}
        for item in before:
            if item.name not in found:
                yield Finding(f"{title}“{item.name}”", "电子表格写不下它", HOW)
            else:
                yield from _differ(f"{title}“{item.name}”", _plain(item), _plain(found[item.name]))


def _differ(where: str, before: Any, after: Any) -> Iterator[Finding]:
    for item in fields(before):
        if item.compare and item.name != "id" and getattr(before, item.name) != getattr(after, item.name):
            title = _PARTS.get(item.name, item.name)
            yield Finding(where, f"电子表格写不下它的{title}{_which(item.name, before, after)}", HOW)
    if before.id and before.id != after.id:
        yield Finding(where, f"标识“{before.id}”在电子表格里写不下", "只用英文字母、数字和 _ - .，以字母开头")


def _which(name: str, before: Any, after: Any) -> str:
    """The attributes or strangers' elements that went missing."""
    if name == "foreign":
        lost = [key for key in before.foreign if key not in after.foreign]
    elif name == "extensions":
        lost = [each.tag for each in before.extensions if each not in after.extensions]
    else:
        return ""
    return f"：{'、'.join(key.rpartition('}')[2] for key in lost)}" if lost else ""


def _whole(model: m.Definitions) -> m.Definitions:
    """The model's own words: no elements, no layout, nothing of the tool that wrote it."""
    foreign = {
        key: value
        for key, value in model.foreign.items()
        if key not in ("exporter", "exporterVersion") and value != FEEL and not key.startswith("{")
    }
    others = tuple(each for each in model.others if each.tag != f"{{{DMNDI}}}DMNDI")
    empty: dict[str, Any] = {"types": (), "inputs": (), "decisions": (), "sources": (), "file": ""}
    return replace(model, foreign=foreign, others=others, **empty)


def _plain(item: Any) -> Any:
    """An element without what says nothing: its parts' ids, the order of what it requires, blanks around a formula."""
    made = item
    if isinstance(item, m.InputData | m.Decision):
        made = replace(made, variable=replace(made.variable, id=""))
    if isinstance(item, m.ItemDefinition):
        made = replace(made, allowed=_tests(item.allowed))
    if isinstance(item, m.Decision):
        needs = sorted((_bare(each) for each in set_of(item.information)), key=lambda each: each.id)
        made = replace(
            made,
            information=tuple(needs),
            authority=tuple(_bare(each) for each in item.authority),
            expression=_box(item.expression, item.variable.type_ref),
        )
    return made


def set_of(references: Iterable[m.Reference]) -> Iterable[m.Reference]:
    """Each target once."""
    return {(each.namespace, each.id): each for each in references}.values()


def _bare(reference: m.Reference) -> m.Reference:
    return replace(reference, requirement=replace(reference.requirement, id=""))


def _tests(tests: m.UnaryTests | None) -> m.UnaryTests | None:
    if tests is None:
        return None
    return replace(tests, id="", text=tests.text.strip(), language="" if tests.language == FEEL else tests.language)


def _literal(box: m.Expression | None, type_ref: str | None = None) -> m.Expression | None:
    if not isinstance(box, m.Literal):
        return box
    language = "" if box.language == FEEL else box.language
    kind = "" if type_ref is not None and box.type_ref == type_ref else box.type_ref
    return replace(box, id="", text=box.text.strip(), language=language, type_ref=kind)


def _box(box: m.Expression | None, type_ref: str) -> m.Expression | None:
    if not isinstance(box, m.DecisionTable):
        return _literal(box, type_ref)
    orientation = {key: value for key, value in box.foreign.items() if key != "preferredOrientation"}
    return replace(
        box,
        id="",
        type_ref="" if box.type_ref == type_ref else box.type_ref,
        foreign=orientation,
        inputs=tuple(_clause(each) for each in box.inputs),
        outputs=tuple(
            replace(each, id="", values=_tests(each.values), default=_literal(each.default)) for each in box.outputs
        ),
        annotations=tuple(each.strip() for each in box.annotations),
        rules=tuple(_rule(each, len(box.annotations)) for each in box.rules),
    )


def _clause(clause: m.InputClause) -> m.InputClause:
    expression = _literal(clause.expression)
    return replace(
        clause,
        id="",
        values=_tests(clause.values),
        expression=expression if isinstance(expression, m.Literal) else None,
    )


def _rule(rule: m.TableRule, annotations: int) -> m.TableRule:
    cells = tuple(_tests(replace(cell, text=cell.text.strip() or "-")) or cell for cell in rule.inputs)
    words = tuple(text.strip() for text in rule.annotations)
    return replace(
        rule,
        id="",
        inputs=cells,
        outputs=tuple(_literal(each, None) for each in rule.outputs),
        annotations=words + ("",) * (annotations - len(words)),
    )
