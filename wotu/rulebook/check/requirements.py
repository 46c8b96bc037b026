"""The requirements graph: what is required and not used, what nobody requires, inputs without a type.

What is used and not required, what does not exist and what goes in circles the engine itself finds when it reads a model.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..dmn import model as m
from ..findings import Finding
from .pieces import Subject, Unit


def requirements(subject: Subject) -> Iterator[Finding]:
    """Every element of the graph."""
    for unit in subject.units:
        yield from _unused(subject, unit)
    yield from _unrequired(subject)


def _unused(subject: Subject, unit: Unit) -> Iterator[Finding]:
    """Requirements that the logic never mentions."""
    if unit.node.id == "" or (isinstance(unit.node, m.Decision) and unit.node.expression is None):
        return
    used = set(unit.names())
    for reference in _required(unit):
        path = _path(subject, reference)
        if path is None or path in used or (len(path) > 1 and _through(path, used)):
            continue
        name = ".".join(path)
        where = f"{subject.file} 第 {reference.line} 行 {unit.title}"
        yield Finding(where, f"要求了“{name}”，逻辑里却没有用到", "请去掉这条要求，或在表达式里用上它", "warning")


def _required(unit: Unit) -> tuple[m.Reference, ...]:
    information = unit.node.information if isinstance(unit.node, m.Decision) else ()
    return (*information, *unit.node.knowledge)


def _path(subject: Subject, reference: m.Reference) -> tuple[str, ...] | None:
    """How expressions name what a reference points at; None when it points nowhere."""
    for linked in subject.book.network.models.values():
        if reference.namespace and linked.definitions.namespace != reference.namespace:
            continue
        if not reference.namespace and linked.way:
            continue
        node = subject.book.network.nodes.get((linked.way, reference.id))
        if node is None:
            continue
        prefix = tuple(part for part in linked.way.split(".") if part)
        return (*prefix, node.name)
    return None


def _through(path: tuple[str, ...], used: set[tuple[str, ...]]) -> bool:
    """Whether the import's name stands somewhere: what is taken from it can't be told from outside."""
    return (path[0],) in used


def _unrequired(subject: Subject) -> Iterator[Finding]:
    """Inputs, knowledge models and parts that nothing stands on."""
    model = subject.book.model
    required = {reference.id for unit in subject.units for reference in _required(unit)}
    for service in model.services:
        groups = (service.outputs, service.encapsulated, service.input_decisions, service.input_data)
        required.update(reference.id for group in groups for reference in group)
    for item in model.inputs:
        if item.id not in required:
            yield Finding(subject.where(item), "没有决策用到这个输入", "请删去，或在决策里要求它", "warning")
        if not item.variable.type_ref:
            how = "请给变量写 typeRef，如 number、boolean、date"
            yield Finding(subject.where(item), "没有类型，什么值都收", how, "info")
    for knowledge in model.knowledge_models:
        if knowledge.id not in required and model.decisions:
            yield Finding(subject.where(knowledge), "没有决策用到这个业务知识模型", "不需要就删去", "info")
