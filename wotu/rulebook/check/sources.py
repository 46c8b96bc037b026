"""What a policy rule must say beyond DMN: units, citations, how sure it is; and what it says in words nobody reads.

Only for models that bear a `wotu:rule`; others are not policy rules. The words are those of wotu/policy/rules/README.md.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..dmn import model as m
from ..documents import meant
from ..findings import Finding
from ..infos import WOTU, Clause, DecisionInfo
from .pieces import Subject

ELEMENTS: dict[str, tuple[str, ...]] = {
    "rule": (
        *(
            "name",
            "edition",
            "effectiveFrom",
            "effectiveTo",
            "issuer",
            "documents",
            "evidence",
            "validYears",
            "benefit",
        ),
        *("appliesTo", "reviewsTo", "en"),
    ),
    "note": (),
    "examples": (),
    "input": ("unit", "period", "definition", "en", "suggest"),
    "clause": ("order", "requires", "requiresEn", "article", "evidence", "evidenceNote", "materials", "en"),
    "eligible": ("rule", "en"),
    "outcome": ("kind", "unit", "max", "requires", "article", "evidence", "evidenceNote", "en"),
    "part": ("unit", "max", "words", "article", "evidence", "evidenceNote", "en"),
    "source": ("document", "number", "article", "effectiveFrom", "effectiveTo", "note"),
}
"""The extension's elements and their attributes."""
EVIDENCE = ("found", "recalled", "checked")
KINDS = ("amount", "tax", "grade", "score")


def sources(subject: Subject) -> Iterator[Finding]:
    """Every input, clause and outcome of a policy rule."""
    model = subject.book.model
    if not any(extension.tag == f"{WOTU}rule" for extension in model.extensions):
        return
    yield from _words(subject)
    nodes = {node.name: node for node in model.decisions}
    inputs = {node.name: node for node in model.inputs}
    for info in subject.book.inputs:
        if info.base == "number" and not info.unit and info.name in inputs:
            what, how = "是数，却没有单位", "请写 wotu:input 的 unit，如 元、人、项、年、分、比率"
            yield Finding(subject.where(inputs[info.name]), what, how, "warning", 'unit="元"')
    for clause in subject.book.clauses:
        yield from _clause(subject, clause, nodes[clause.decision])
    for decision in subject.book.decisions:
        if decision.name in nodes:
            yield from _decision(subject, decision, nodes[decision.name])
    yield from _left_out(subject, nodes)


def _clause(subject: Subject, clause: Clause, node: m.Decision) -> Iterator[Finding]:
    where = subject.where(node)
    if clause.citation is None:
        yield Finding(where, "条款没有出处", "请加 authorityRequirement，指向写明文件和条号的知识来源", "warning")
    elif not clause.citation.number and not clause.citation.url:
        yield Finding(where, "出处没有文号，也没有网址", "请在知识来源里补 number 或 locationURI", "warning")
    elif not clause.citation.article:
        yield Finding(where, "出处没有条号", "请在知识来源或条款上写 article", "warning")
    if not clause.evidence:
        what, how = "没有说这一条有多可靠（evidence）", "请写 found（公开转述）、recalled（待核）或 checked（已核对）"
        yield Finding(where, what, how, "warning")
    elif clause.evidence not in EVIDENCE:
        near = meant(clause.evidence, EVIDENCE)
        how = f"是不是 {near}？" if near else f"可用：{'、'.join(EVIDENCE)}"
        yield Finding(where, f"evidence 不能是“{clause.evidence}”", how, "warning")
    if not clause.requires:
        yield Finding(where, "没有用一句话写明要求（requires）", "请写给企业和专员看的一句话", "warning")


def _decision(subject: Subject, info: DecisionInfo, node: m.Decision) -> Iterator[Finding]:
    where = subject.where(node)
    if info.role in ("clause", "eligible") and info.base != "boolean":
        said = node.variable.type_ref or "没有写"
        what = f"{'条款' if info.role == 'clause' else '“符合”'}须得出真假，变量的类型是：{said}"
        yield Finding(where, what, '请写 typeRef="boolean"')
    if info.role == "outcome":
        if info.kind not in KINDS:
            yield Finding(where, f"结果的种类（kind）“{info.kind}”不认识", f"可用：{'、'.join(KINDS)}", "warning")
        if info.base == "number" and not info.unit:
            yield Finding(where, "结果是数，却没有单位", "请写 wotu:outcome 的 unit", "warning")


def _left_out(subject: Subject, nodes: dict[str, m.Decision]) -> Iterator[Finding]:
    """Clauses that the verdict does not stand on."""
    book = subject.book
    if book.eligible_name is None:
        return
    reached: set[str] = set()
    todo = [book.eligible_name]
    while todo:
        name = todo.pop()
        if name not in reached and name in book.logic:
            reached.add(name)
            todo += [below for source, below in book.needs(name).values() if source == "decision"]
    for clause in book.clauses:
        if clause.decision not in reached:
            what = f"“{book.eligible_name}”没有用到这一条，满不满足都一样"
            yield Finding(
                subject.where(nodes[clause.decision]), what, "请在结论里要求它，或去掉 wotu:clause", "warning"
            )


def _words(subject: Subject) -> Iterator[Finding]:
    """Elements and attributes of the extension that mean nothing."""
    model = subject.book.model
    places: list[tuple[str, m.Element]] = [(f"{subject.file} 模型“{model.name}”", model)]
    places += [(subject.where(node), node) for node in model.nodes()]
    for where, element in places:
        for extension in element.extensions:
            if not extension.tag.startswith(WOTU):
                continue
            tag = extension.tag.removeprefix(WOTU)
            if tag not in ELEMENTS:
                near = meant(tag, ELEMENTS)
                how = f"是不是 wotu:{near}？" if near else f"可用：{'、'.join(ELEMENTS)}"
                yield Finding(where, f"没有 wotu:{tag} 这个元素，写的内容没有用", how, "warning")
                continue
            for name in extension.attributes:
                if name not in ELEMENTS[tag]:
                    near = meant(name, ELEMENTS[tag])
                    how = f"是不是 {near}？" if near else f"可用：{'、'.join(ELEMENTS[tag])}"
                    yield Finding(where, f"wotu:{tag} 没有属性 {name}，写的内容没有用", how, "warning")
