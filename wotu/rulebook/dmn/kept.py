"""What a document holds beyond the model: other people's elements, and DMN's own that say nothing about values; kept."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from lxml import etree

from . import model as m

MODEL = "https://www.omg.org/spec/DMN/20230324/MODEL/"
DMNDI = "https://www.omg.org/spec/DMN/20230324/DMNDI/"
DC = "http://www.omg.org/spec/DMN/20180521/DC/"
DI = "http://www.omg.org/spec/DMN/20180521/DI/"
FEEL = "https://www.omg.org/spec/DMN/20230324/FEEL/"

EDITIONS = (
    "https://www.omg.org/spec/DMN/20230324/",
    "https://www.omg.org/spec/DMN/20211108/",
    "https://www.omg.org/spec/DMN/20191111/",
    "http://www.omg.org/spec/DMN/20180521/",
    "https://www.omg.org/spec/DMN/20240513/",
)
"""DMN 1.5, 1.4, 1.3, 1.2 and 1.6: one and the same for what is read here."""

_MODERN = {f"{edition}{part}": f"{EDITIONS[0]}{part}" for edition in EDITIONS for part in ("MODEL/", "DMNDI/", "FEEL/")}


def modern(address: str) -> str:
    """A namespace of any edition as DMN 1.5 says it; others as they are."""
    return _MODERN.get(address, address)


@lru_cache(maxsize=4096)
def split(tag: object) -> tuple[str, str]:
    """A tag's namespace and name."""
    text = str(tag)
    if text.startswith("{"):
        namespace, _, name = text[1:].partition("}")
        return namespace, name
    return "", text


def extension(element: etree._Element, ours: bool = False) -> m.Extension:
    """An element kept whole; `ours`: DMN's own, told in the words of 1.5."""
    children = tuple(element.iterchildren(tag=etree.Element))
    mixed = bool(children) and any(
        text and text.strip() for text in (element.text, *(child.tail for child in children))
    )
    text = element.text or ""
    found = tuple(extension(child, ours) for child in children)
    if mixed:
        found = tuple(
            m.Extension(kept.tag, kept.attributes, kept.text, kept.children, child.tail or "")
            for kept, child in zip(found, children, strict=True)
        )
    namespace, name = split(element.tag)
    return m.Extension(
        f"{{{modern(namespace)}}}{name}" if ours and namespace else str(element.tag),
        {str(name): str(value) for name, value in element.attrib.items()},
        text if mixed or (text.strip() and not children) else "",
        found,
    )


def prefixes(root: etree._Element) -> dict[str, str]:
    """The prefixes of other people's namespaces, as the document has them."""
    found: dict[str, str] = {}
    for _, (prefix, address) in etree.iterwalk(root, events=("start-ns",)):
        if prefix and address not in _MODERN:
            found.setdefault(str(prefix), str(address))
    return found


def attributes(element: etree._Element, name: str) -> dict[str, str]:
    """The attributes that the model has no place for."""
    known = _ATTRIBUTES.get(name, ())
    return {
        str(key): modern(str(value))
        for key, value in element.attrib.items()
        if key not in ("id", "label") and key not in known
    }


def elements(element: etree._Element, name: str, namespace: str) -> Iterator[m.Extension]:
    """The children of DMN's own that the model has no place for."""
    known = _known(name, namespace)
    for child in element.iterchildren(f"{{{namespace}}}*"):
        if child.tag not in known:
            yield extension(child, ours=True)


@lru_cache(maxsize=512)
def _known(name: str, namespace: str) -> frozenset[str]:
    """The full tags of an element's children that the model has a place for."""
    return frozenset(f"{{{namespace}}}{tag}" for tag in (*_CHILDREN.get(name, ()), *_EVERYWHERE))


EXPRESSIONS = (
    "literalExpression",
    "context",
    "list",
    "relation",
    "functionDefinition",
    "invocation",
    "conditional",
    "filter",
    "for",
    "some",
    "every",
    "decisionTable",
)
_EVERYWHERE = frozenset(("description", "extensionElements", "typeRef"))
_NAMED = ("name",)
_TYPED = ("name", "typeRef")
_TEXT = ("typeRef", "expressionLanguage")
_TESTS = ("expressionLanguage",)

_ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "definitions": ("name", "namespace"),
    "import": ("name", "namespace", "importType", "locationURI"),
    "itemDefinition": ("name", "isCollection"),
    "itemComponent": ("name", "isCollection"),
    "functionItem": ("outputTypeRef",),
    "inputData": _NAMED,
    "decision": _NAMED,
    "businessKnowledgeModel": _NAMED,
    "decisionService": _NAMED,
    "knowledgeSource": ("name", "locationURI"),
    **dict.fromkeys(("variable", "parameters", "parameter", "formalParameter", "column", "output"), _TYPED),
    **dict.fromkeys(EXPRESSIONS, ("typeRef",)),
    **dict.fromkeys(("for", "some", "every"), ("typeRef", "iteratorVariable")),
    **dict.fromkeys(("literalExpression", "inputExpression", "outputEntry", "defaultOutputEntry"), _TEXT),
    **dict.fromkeys(("inputEntry", "inputValues", "outputValues", "allowedValues", "typeConstraint"), _TESTS),
    "functionDefinition": ("typeRef", "kind"),
    "encapsulatedLogic": ("typeRef", "kind"),
    "decisionTable": ("typeRef", "hitPolicy", "aggregation", "outputLabel"),
}

_REQUIREMENTS = ("informationRequirement", "knowledgeRequirement", "authorityRequirement")
_CHILDREN: dict[str, tuple[str, ...]] = {
    "itemDefinition": ("allowedValues", "typeConstraint", "itemComponent", "functionItem"),
    "itemComponent": ("allowedValues", "typeConstraint", "itemComponent", "functionItem"),
    "functionItem": ("parameters",),
    "inputData": ("variable",),
    "decision": ("question", "allowedAnswers", "variable", *_REQUIREMENTS, *EXPRESSIONS),
    "businessKnowledgeModel": ("variable", "encapsulatedLogic", *_REQUIREMENTS[1:]),
    "decisionService": ("variable", "outputDecision", "encapsulatedDecision", "inputDecision", "inputData"),
    "knowledgeSource": ("authorityRequirement", "type"),
    "informationRequirement": ("requiredDecision", "requiredInput"),
    "knowledgeRequirement": ("requiredKnowledge",),
    "authorityRequirement": ("requiredDecision", "requiredInput", "requiredAuthority"),
    **dict.fromkeys(("if", "then", "else", "in", "match", "return", "satisfies", "list", "row"), EXPRESSIONS),
    **dict.fromkeys(
        ("literalExpression", "inputExpression", "outputEntry", "defaultOutputEntry"),
        ("text",),
    ),
    **dict.fromkeys(("inputEntry", "inputValues", "outputValues", "allowedValues", "typeConstraint"), ("text",)),
    "context": ("contextEntry",),
    "contextEntry": ("variable", *EXPRESSIONS),
    "relation": ("column", "row"),
    "functionDefinition": ("formalParameter", *EXPRESSIONS),
    "encapsulatedLogic": ("formalParameter", *EXPRESSIONS),
    "invocation": ("binding", *EXPRESSIONS),
    "conditional": ("if", "then", "else"),
    "filter": ("in", "match"),
    **dict.fromkeys(("for", "some", "every"), ("in", "return", "satisfies")),
    "decisionTable": ("input", "output", "annotation", "rule"),
    "input": ("inputExpression", "inputValues"),
    "output": ("outputValues", "defaultOutputEntry"),
    "rule": ("inputEntry", "outputEntry", "annotationEntry"),
}
