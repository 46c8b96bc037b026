"""Model -> DMN 1.5. What was read is written whole: reading it again gives an equal model, diagram and strangers' elements too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..findings import Finding, RulebookError
from . import model as m
from .kept import MODEL
from .xml import document

Part = m.Extension


def write(model: m.Definitions) -> bytes:
    """The model as a DMN 1.5 document; RulebookError where a text cannot be written as XML."""
    root = _element(
        "definitions",
        model,
        {"name": model.name, "namespace": model.namespace},
        (
            *map(_import, model.imports),
            *map(_type, model.types),
            *map(_input, model.inputs),
            *map(_decision, model.decisions),
            *map(_knowledge_model, model.knowledge_models),
            *map(_service, model.services),
            *map(_source, model.sources),
            *model.others,
        ),
    )
    return document(root, model.prefixes, model.file or model.name or "模型")


# --- pieces ---------------------------------------------------------------------------------------------------------


def _part(name: str, attributes: dict[str, str], children: Iterable[Part | None] = (), text: str = "") -> Part:
    given = {key: value for key, value in attributes.items() if value}
    return Part(f"{{{MODEL}}}{name}", given, text, tuple(child for child in children if child is not None))


def _element(name: str, element: m.Element, attributes: dict[str, str], children: Iterable[Part | None]) -> Part:
    """An element with what every element has: its id, label, description, extensions and what else was kept."""
    head: list[Part | None] = [_words("description", element.description)]
    if element.extensions:
        head.append(_part("extensionElements", {}, element.extensions))
    own = {"id": element.id, "label": element.label, **attributes, **element.foreign}
    return _part(name, own, (*head, *children))


def _words(name: str, text: str) -> Part | None:
    return _part(name, {}, text=text) if text else None


def _text(text: str) -> Part:
    return _part("text", {}, text=text)


def _import(item: m.Import) -> Part:
    own = {"name": item.name, "namespace": item.namespace, "locationURI": item.location}
    made = _element("import", item, own | {"importType": item.kind}, item.kept)
    return made if item.name else m.Extension(made.tag, {"name": "", **made.attributes}, children=made.children)


def _variable(item: m.Variable, name: str = "variable") -> Part:
    return _element(name, item, {"name": item.name, "typeRef": item.type_ref}, item.kept)


def _tests(item: m.UnaryTests | None, name: str) -> Part | None:
    if item is None:
        return None
    return _element(name, item, {"expressionLanguage": item.language}, (_text(item.text), *item.kept))


def _type(item: m.ItemDefinition, name: str = "itemDefinition") -> Part:
    own = {"name": item.name, "isCollection": "true" if item.is_collection else ""}
    function = None
    if item.function is not None:
        inner = (*(_variable(each, "parameters") for each in item.parameters), *item.function.kept)
        function = _element("functionItem", item.function, {"outputTypeRef": item.output_type_ref}, inner)
    children = (
        _words("typeRef", item.type_ref),
        _tests(item.allowed, "allowedValues"),
        _tests(item.constraint, "typeConstraint"),
        *(_type(each, "itemComponent") for each in item.components),
        function,
        *item.kept,
    )
    return _element(name, item, own, children)


# --- requirements graph ---------------------------------------------------------------------------------------------


def _named(name: str, item: m.Node, children: Iterable[Part | None], **attributes: str) -> Part:
    return _element(name, item, {"name": item.name, **attributes}, children)


def _href(reference: m.Reference, kind: str) -> Part:
    return _part(reference.kind or kind, {"href": f"{reference.namespace}#{reference.id}"})


def _requirements(name: str, kind: str, references: Iterable[m.Reference]) -> Iterator[Part]:
    for reference in references:
        inner = (_href(reference, kind), *reference.requirement.kept)
        yield _element(name, reference.requirement, {}, inner)


def _input(item: m.InputData) -> Part:
    return _named("inputData", item, (_variable(item.variable), *item.kept))


def _decision(item: m.Decision) -> Part:
    children = (
        _words("question", item.question),
        _words("allowedAnswers", item.allowed_answers),
        _variable(item.variable),
        *_requirements("informationRequirement", "requiredDecision", item.information),
        *_requirements("knowledgeRequirement", "requiredKnowledge", item.knowledge),
        *_requirements("authorityRequirement", "requiredAuthority", item.authority),
        *item.kept,
        _expression(item.expression),
    )
    return _named("decision", item, children)


def _knowledge_model(item: m.BusinessKnowledgeModel) -> Part:
    children = (
        _variable(item.variable),
        _function(item.logic, "encapsulatedLogic") if item.logic is not None else None,
        *_requirements("knowledgeRequirement", "requiredKnowledge", item.knowledge),
        *_requirements("authorityRequirement", "requiredAuthority", item.authority),
        *item.kept,
    )
    return _named("businessKnowledgeModel", item, children)


def _service(item: m.DecisionService) -> Part:
    children = (
        _variable(item.variable),
        *(_href(each, "outputDecision") for each in item.outputs),
        *(_href(each, "encapsulatedDecision") for each in item.encapsulated),
        *(_href(each, "inputDecision") for each in item.input_decisions),
        *(_href(each, "inputData") for each in item.input_data),
        *item.kept,
    )
    return _named("decisionService", item, children)


def _source(item: m.KnowledgeSource) -> Part:
    children = (
        *_requirements("authorityRequirement", "requiredAuthority", item.authority),
        _words("type", item.kind),
        *item.kept,
    )
    return _named("knowledgeSource", item, children, locationURI=item.location)


# --- expressions ----------------------------------------------------------------------------------------------------


def _expression(box: m.Expression | None) -> Part | None:
    """A boxed expression under its own name."""
    match box:
        case None:
            return None
        case m.Literal():
            return _literal(box, "literalExpression")
        case m.Context():
            return _box("context", box, map(_entry, box.entries))
        case m.ListOfExpressions():
            return _box("list", box, map(_expression, box.items))
        case m.Relation():
            return _relation(box)
        case m.FunctionDefinition():
            return _function(box, "functionDefinition")
        case m.Invocation():
            return _box("invocation", box, (_expression(box.callee), *map(_binding, box.bindings)))
        case m.Conditional():
            return _box(
                "conditional",
                box,
                _holders(("if", "then", "else"), (box.condition, box.then, box.otherwise), box.holders),
            )
        case m.Filter():
            return _box("filter", box, _holders(("in", "match"), (box.domain, box.match), box.holders))
        case m.Iteration():
            names = ("in", "return" if box.kind == "for" else "satisfies")
            inner = _holders(names, (box.domain, box.body), box.holders)
            return _box(box.kind, box, inner, iteratorVariable=box.variable)
        case m.DecisionTable():
            return _table(box)
    raise RulebookError(Finding(type(box).__name__, "这种表达式没有 DMN 的写法", "请换一种写法"))


def _box(name: str, box: m.Expression, children: Iterable[Part | None], **attributes: str) -> Part:
    return _element(name, box, {**attributes, "typeRef": box.type_ref}, (*children, *box.kept))


def _literal(box: m.Expression | None, name: str) -> Part:
    """A literal, also a table's entry; a text is always there, unless its values are imported."""
    if not isinstance(box, m.Literal):
        return _part(name, {}, (_text(""),))
    text = None if box.kept and not box.text else _text(box.text)
    return _box(name, box, (text,), expressionLanguage=box.language)


def _entry(entry: m.Entry) -> Part:
    variable = _variable(entry.variable) if entry.variable is not None else None
    return _element("contextEntry", entry, {}, (variable, _expression(entry.value), *entry.kept))


def _relation(box: m.Relation) -> Part:
    elements = box.row_elements or tuple(m.Element() for _ in box.rows)
    rows = (
        _element("row", element, {}, (*map(_expression, row), *element.kept))
        for row, element in zip(box.rows, elements, strict=True)
    )
    return _box("relation", box, (*(_variable(each, "column") for each in box.columns), *rows))


def _function(box: m.FunctionDefinition, name: str) -> Part:
    children = (*(_variable(each, "formalParameter") for each in box.parameters), _expression(box.body))
    return _box(name, box, children, kind="" if box.kind == "FEEL" else box.kind)


def _binding(binding: m.Binding) -> Part:
    return _part("binding", {}, (_variable(binding.parameter, "parameter"), _expression(binding.value)))


def _holders(
    names: tuple[str, ...], inner: tuple[m.Expression | None, ...], holders: tuple[m.Element, ...]
) -> Iterator[Part]:
    for name, box, element in zip(names, inner, holders or (m.Element(),) * len(names), strict=True):
        yield _element(name, element, {}, (_expression(box), *element.kept))


def _table(box: m.DecisionTable) -> Part:
    children = (
        *map(_input_clause, box.inputs),
        *map(_output_clause, box.outputs),
        *(_part("annotation", {"name": name}) for name in box.annotations),
        *map(_rule, box.rules),
    )
    own = {"hitPolicy": box.hit_policy, "aggregation": box.aggregation, "outputLabel": box.output_label}
    return _box("decisionTable", box, children, **own)


def _input_clause(clause: m.InputClause) -> Part:
    return _element(
        "input",
        clause,
        {},
        (_literal(clause.expression, "inputExpression"), _tests(clause.values, "inputValues"), *clause.kept),
    )


def _output_clause(clause: m.OutputClause) -> Part:
    default = _literal(clause.default, "defaultOutputEntry") if clause.default is not None else None
    own = {"name": clause.name, "typeRef": clause.type_ref}
    return _element("output", clause, own, (_tests(clause.values, "outputValues"), default, *clause.kept))


def _rule(rule: m.TableRule) -> Part:
    return _element(
        "rule",
        rule,
        {},
        (
            *(_tests(cell, "inputEntry") for cell in rule.inputs),
            *(_literal(cell, "outputEntry") for cell in rule.outputs),
            *(_part("annotationEntry", {}, (_text(text),)) for text in rule.annotations),
            *rule.kept,
        ),
    )
