"""A DMN model as read: frozen dataclasses named as the standard names them; what they mean is in the other files here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Extension:
    """An element of somebody else's namespace, kept as it stands: its full tag, attributes, text and children."""

    tag: str
    attributes: Mapping[str, str]
    text: str = ""
    children: tuple[Extension, ...] = ()
    tail: str = ""
    """Text after it, where text and elements are mixed."""


@dataclass(frozen=True, slots=True)
class Element:
    """What every element has; `line` is where it stands in its file."""

    id: str = ""
    line: int = field(default=0, compare=False)
    label: str = ""
    description: str = ""
    extensions: tuple[Extension, ...] = ()
    foreign: Mapping[str, str] = field(default_factory=dict)
    """Attributes without a place of their own here, most of other namespaces."""
    kept: tuple[Extension, ...] = ()
    """Elements of DMN's without a place of their own here (decisionMaker, usingTask, owner, importedValues …)."""


# --- expressions ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Expression(Element):
    """A boxed expression; `type_ref` is the type its value is to have, as written."""

    type_ref: str = ""


@dataclass(frozen=True, slots=True)
class Literal(Expression):
    """FEEL text."""

    text: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Variable(Element):
    """A named, possibly typed place: of an input, a decision, a parameter, a column, a context entry."""

    name: str = ""
    type_ref: str = ""


@dataclass(frozen=True, slots=True)
class Entry(Element):
    """One line of a boxed context; without a variable it is the context's result."""

    variable: Variable | None = None
    value: Expression | None = None


@dataclass(frozen=True, slots=True)
class Context(Expression):
    """A boxed context; later entries see earlier ones."""

    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class ListOfExpressions(Expression):
    """A boxed list."""

    items: tuple[Expression | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Relation(Expression):
    """A table of values: each row is a context of the columns."""

    columns: tuple[Variable, ...] = ()
    rows: tuple[tuple[Expression | None, ...], ...] = ()
    row_elements: tuple[Element, ...] = ()


@dataclass(frozen=True, slots=True)
class FunctionDefinition(Expression):
    """A function; `kind` is FEEL, Java or PMML."""

    kind: str = "FEEL"
    parameters: tuple[Variable, ...] = ()
    body: Expression | None = None


@dataclass(frozen=True, slots=True)
class Binding:
    """A parameter given a value in an invocation."""

    parameter: Variable
    value: Expression | None


@dataclass(frozen=True, slots=True)
class Invocation(Expression):
    """A boxed call by name."""

    callee: Expression | None = None
    bindings: tuple[Binding, ...] = ()


@dataclass(frozen=True, slots=True)
class Conditional(Expression):
    """Boxed if, then, else."""

    condition: Expression | None = None
    then: Expression | None = None
    otherwise: Expression | None = None
    holders: tuple[Element, ...] = ()
    """The elements if, then and else."""


@dataclass(frozen=True, slots=True)
class Filter(Expression):
    """Boxed `domain[match]`."""

    domain: Expression | None = None
    match: Expression | None = None
    holders: tuple[Element, ...] = ()
    """The elements in and match."""


@dataclass(frozen=True, slots=True)
class Iteration(Expression):
    """Boxed for, some and every: `kind` says which; `body` is what is returned or satisfied."""

    kind: str = "for"
    variable: str = ""
    domain: Expression | None = None
    body: Expression | None = None
    holders: tuple[Element, ...] = ()
    """The elements in, and return or satisfies."""


@dataclass(frozen=True, slots=True)
class UnaryTests(Element):
    """Tests as text: a cell, allowed values, input or output values."""

    text: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class InputClause(Element):
    """A column of conditions."""

    expression: Literal | None = None
    values: UnaryTests | None = None


@dataclass(frozen=True, slots=True)
class OutputClause(Element):
    """A column of results."""

    name: str = ""
    type_ref: str = ""
    values: UnaryTests | None = None
    default: Expression | None = None


@dataclass(frozen=True, slots=True)
class TableRule(Element):
    """A row of a decision table."""

    inputs: tuple[UnaryTests, ...] = ()
    outputs: tuple[Expression | None, ...] = ()
    annotations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionTable(Expression):
    """A decision table; `hit_policy` is the standard's word in capitals."""

    hit_policy: str = "UNIQUE"
    aggregation: str = ""
    output_label: str = ""
    inputs: tuple[InputClause, ...] = ()
    outputs: tuple[OutputClause, ...] = ()
    annotations: tuple[str, ...] = ()
    rules: tuple[TableRule, ...] = ()

    def _repr_html_(self) -> str:
        """The table in a notebook."""
        from ..notebook import table_html

        return table_html(self)


# --- types ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ItemDefinition(Element):
    """A named type: of another one, of components, or of a function."""

    name: str = ""
    type_ref: str = ""
    is_collection: bool = False
    allowed: UnaryTests | None = None
    constraint: UnaryTests | None = None
    components: tuple[ItemDefinition, ...] = ()
    parameters: tuple[Variable, ...] = ()
    output_type_ref: str = ""
    function: Element | None = None
    """The element functionItem, of a type of functions."""

    @property
    def is_function(self) -> bool:
        """Whether it is a type of functions."""
        return self.function is not None


# --- requirements graph ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reference:
    """An href to another element: of which namespace (empty: the same model), and its id."""

    namespace: str
    id: str
    line: int = field(default=0, compare=False)
    kind: str = ""
    """Which element holds the href: requiredDecision, requiredInput, outputDecision …"""
    requirement: Element = Element()
    """The requirement it is part of; a decision service's references have none."""


@dataclass(frozen=True, slots=True)
class InputData(Element):
    """Something given."""

    name: str = ""
    variable: Variable = Variable()


@dataclass(frozen=True, slots=True)
class Decision(Element):
    """Something decided from inputs and other decisions."""

    name: str = ""
    variable: Variable = Variable()
    question: str = ""
    allowed_answers: str = ""
    information: tuple[Reference, ...] = ()
    knowledge: tuple[Reference, ...] = ()
    authority: tuple[Reference, ...] = ()
    expression: Expression | None = None


@dataclass(frozen=True, slots=True)
class BusinessKnowledgeModel(Element):
    """A function that decisions share."""

    name: str = ""
    variable: Variable = Variable()
    logic: FunctionDefinition | None = None
    knowledge: tuple[Reference, ...] = ()
    authority: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionService(Element):
    """Decisions offered as one function."""

    name: str = ""
    variable: Variable = Variable()
    outputs: tuple[Reference, ...] = ()
    encapsulated: tuple[Reference, ...] = ()
    input_decisions: tuple[Reference, ...] = ()
    input_data: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class KnowledgeSource(Element):
    """An authority: a document, an article."""

    name: str = ""
    location: str = ""
    kind: str = ""
    authority: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class Import(Element):
    """Another model's elements under a name (empty: as if they stood here)."""

    name: str = ""
    namespace: str = ""
    kind: str = ""
    location: str = ""


Node = InputData | Decision | BusinessKnowledgeModel | DecisionService | KnowledgeSource


@dataclass(frozen=True, slots=True)
class Definitions(Element):
    """A whole model; `source` is the document it was read from, byte for byte, diagram and all."""

    name: str = ""
    namespace: str = ""
    file: str = ""
    imports: tuple[Import, ...] = ()
    types: tuple[ItemDefinition, ...] = ()
    inputs: tuple[InputData, ...] = ()
    decisions: tuple[Decision, ...] = ()
    knowledge_models: tuple[BusinessKnowledgeModel, ...] = ()
    services: tuple[DecisionService, ...] = ()
    sources: tuple[KnowledgeSource, ...] = ()
    others: tuple[Extension, ...] = ()
    """Elements that say nothing about values (artifacts, groups, DMNDI), kept."""
    prefixes: Mapping[str, str] = field(default_factory=dict, compare=False)
    """The document's prefixes of other people's namespaces."""
    source: bytes = field(default=b"", repr=False, compare=False)

    def nodes(self) -> Iterator[Node]:
        """Every element of the requirements graph."""
        yield from self.inputs
        yield from self.decisions
        yield from self.knowledge_models
        yield from self.services
        yield from self.sources


TITLES: dict[type, str] = {
    InputData: "输入",
    Decision: "决策",
    BusinessKnowledgeModel: "业务知识模型",
    DecisionService: "决策服务",
    KnowledgeSource: "知识来源",
    ItemDefinition: "类型",
    Import: "引用",
}
"""What people call each kind of element."""
