"""XML -> model. Nothing outside the document is read, no entity is expanded; what is wrong comes out as findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from lxml import etree

from ..findings import Finding, RulebookError
from . import kept
from . import model as m
from .kept import modern
from .kept import split as _split

LARGEST = 30_000_000
"""Bytes of one document, at most."""
DEEPEST = 80
"""Boxed expressions inside each other, at most."""

NAMESPACES = tuple(f"{edition}MODEL/" for edition in kept.EDITIONS)

Made = TypeVar("Made")


def read(data: bytes, file: str) -> m.Definitions:
    """The model in the document; RulebookError with a finding for each thing that is wrong with it."""
    root = _parse(data, file)
    reader = _Reader(file, root)
    found = reader.definitions(root, data)
    if reader.findings:
        raise RulebookError(reader.findings)
    return found


def _parse(data: bytes, file: str) -> etree._Element:
    if len(data) > LARGEST:
        raise RulebookError(Finding(file, f"文件超过 {LARGEST // 1_000_000} MB", "请拆成几个模型"))
    if not data.strip():
        raise RulebookError(Finding(file, "文件是空的", "请给出 DMN 1.2–1.5 的 .dmn 文件"))
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        line = getattr(problem, "lineno", None)
        where = f"{file} 第 {line} 行" if line else file
        said = str(problem).split(", line ")[0]
        raise RulebookError(
            Finding(where, f"不是完整的 XML：{said}", "请用 DMN 编辑器重新导出，或改正这一行")
        ) from problem
    if root.getroottree().docinfo.internalDTD is not None:
        raise RulebookError(Finding(file, "含有 DOCTYPE 声明，不予读取", "请删去 <!DOCTYPE …> 一段"))
    namespace, name = _split(root.tag)
    if name != "definitions" or namespace not in NAMESPACES:
        raise RulebookError(
            Finding(
                f"{file} 第 {root.sourceline} 行",
                f"根元素是 <{name}>（{namespace or '无命名空间'}），不是 DMN 1.2–1.5 的 <definitions>",
                "请另存为 DMN 1.5",
                example=f'<definitions xmlns="{NAMESPACES[0]}" …>',
            )
        )
    return root


def _line(element: etree._Element) -> int:
    found = element.sourceline
    return found if isinstance(found, int) else 0


def _flag(text: str | None) -> bool:
    return (text or "").strip() in ("true", "1")


class _Reader:
    """One pass over one document."""

    def __init__(self, file: str, root: etree._Element) -> None:
        self.file = file
        self.namespace = _split(root.tag)[0]
        self.findings: list[Finding] = []
        self.ids: dict[str, int] = {}
        self.depth = 0

    # --- helpers ----------------------------------------------------------------------------------------------------

    def find(self, element: etree._Element, what: str, how: str = "", example: str | None = None) -> None:
        """Note what is wrong with an element."""
        _, tag = _split(element.tag)
        name = element.get("name") or element.get("id")
        named = f"<{tag}>“{name}”" if name else f"<{tag}>"
        self.findings.append(Finding(f"{self.file} 第 {element.sourceline} 行 {named}", what, how, example=example))

    def ours(self, element: etree._Element) -> Iterator[tuple[str, etree._Element]]:
        """Children of DMN's own namespace, by name."""
        for child in element.iterchildren(tag=etree.Element):
            namespace, name = _split(child.tag)
            if namespace == self.namespace:
                yield name, child

    def one(self, element: etree._Element, name: str) -> etree._Element | None:
        return next(element.iterchildren(f"{{{self.namespace}}}{name}"), None)

    def all(self, element: etree._Element, name: str) -> list[etree._Element]:
        return list(element.iterchildren(f"{{{self.namespace}}}{name}"))

    def text(self, element: etree._Element | None, name: str = "text") -> str:
        child = self.one(element, name) if element is not None else None
        if child is None:
            return ""
        if not len(child):
            return child.text or ""
        return "".join(str(part) for part in child.itertext(with_tail=True))

    def base(self, element: etree._Element) -> dict[str, object]:
        """What every element has."""
        extensions = self.one(element, "extensionElements") if len(element) else None
        tag = _split(element.tag)[1]
        return {
            "id": element.get("id", ""),
            "line": _line(element),
            "label": element.get("label", ""),
            "description": self.text(element, "description").strip() if len(element) else "",
            "extensions": tuple(map(kept.extension, extensions.iterchildren(tag=etree.Element)))
            if extensions is not None
            else (),
            "foreign": kept.attributes(element, tag),
            "kept": tuple(kept.elements(element, tag, self.namespace)) if tag != "definitions" else (),
        }

    def element(self, element: etree._Element | None) -> m.Element:
        """An element that only holds others."""
        return m.Element(**self.base(element)) if element is not None else m.Element()  # type: ignore[arg-type]

    def name(self, element: etree._Element) -> str:
        """The element's name, spaces made one; a finding when it has none."""
        found = " ".join((element.get("name") or "").split())
        if not found:
            self.find(element, "没有 name", "请给它起名")
        return found

    def identify(self, element: etree._Element) -> None:
        """Two elements of a graph may not share an id."""
        id = element.get("id", "")
        if not id:
            return
        if id in self.ids:
            self.find(element, f"id “{id}”与第 {self.ids[id]} 行的重复", "请换一个 id")
        self.ids[id] = _line(element)

    # --- the model --------------------------------------------------------------------------------------------------

    def definitions(self, root: etree._Element, data: bytes) -> m.Definitions:
        """The whole document."""
        groups: dict[str, list[etree._Element]] = {}
        others: list[m.Extension] = []
        for child in root.iterchildren(tag=etree.Element):
            namespace, tag = _split(child.tag)
            if namespace == self.namespace and tag in _PARTS:
                groups.setdefault(tag, []).append(child)
                if tag != "import":
                    self.identify(child)
            elif (namespace, tag) not in ((self.namespace, "description"), (self.namespace, "extensionElements")):
                others.append(kept.extension(child, ours=True))

        def each(tag: str, make: Callable[[etree._Element], Made]) -> tuple[Made, ...]:
            return tuple(make(child) for child in groups.get(tag, ()))

        found = m.Definitions(
            **self.base(root),  # type: ignore[arg-type]
            name=root.get("name", ""),
            namespace=root.get("namespace", ""),
            file=self.file,
            imports=each("import", self.imported),
            types=each("itemDefinition", self.type),
            inputs=each("inputData", self.input),
            decisions=each("decision", self.decision),
            knowledge_models=each("businessKnowledgeModel", self.knowledge_model),
            services=each("decisionService", self.service),
            sources=each("knowledgeSource", self.knowledge_source),
            others=tuple(others),
            prefixes=kept.prefixes(root),
            source=data,
        )
        self.distinct(root, "输入", (item.name for item in found.inputs))
        self.distinct(root, "决策", (item.name for item in found.decisions))
        return found

    def distinct(self, root: etree._Element, title: str, names: Iterable[str]) -> None:
        """Two of one kind with one name could not be told apart."""
        seen: set[str] = set()
        for name in names:
            if name and name in seen:
                self.find(root, f"有两个{title}都叫“{name}”", "请改其中一个的 name")
            seen.add(name)

    def imported(self, element: etree._Element) -> m.Import:
        return m.Import(
            **self.base(element),  # type: ignore[arg-type]
            name=element.get("name", ""),
            namespace=element.get("namespace", ""),
            kind=modern(element.get("importType", "")),
            location=element.get("locationURI", ""),
        )

    def variable(self, element: etree._Element | None, name: str = "") -> m.Variable:
        """A variable element; `name` where it has none of its own."""
        if element is None:
            return m.Variable(name=name)
        return m.Variable(
            **self.base(element),  # type: ignore[arg-type]
            name=" ".join((element.get("name") or name).split()),
            type_ref=self.type_ref(element),
        )

    def type_ref(self, element: etree._Element) -> str:
        return (element.get("typeRef") or self.text(element, "typeRef")).strip()

    def tests(self, element: etree._Element | None) -> m.UnaryTests | None:
        if element is None:
            return None
        return m.UnaryTests(
            **self.base(element),  # type: ignore[arg-type]
            text=self.text(element),
            language=modern(element.get("expressionLanguage", "")),
        )

    def type(self, element: etree._Element) -> m.ItemDefinition:
        self.depth += 1
        if self.depth > DEEPEST:
            self.find(element, "类型嵌套太深", "请拆成几个有名字的类型")
            self.depth -= 1
            return m.ItemDefinition()
        function = self.one(element, "functionItem")
        found = m.ItemDefinition(
            **self.base(element),  # type: ignore[arg-type]
            name=self.name(element),
            type_ref=self.text(element, "typeRef").strip(),
            is_collection=_flag(element.get("isCollection")),
            allowed=self.tests(self.one(element, "allowedValues")),
            constraint=self.tests(self.one(element, "typeConstraint")),
            components=tuple(self.type(child) for child in self.all(element, "itemComponent")),
            parameters=tuple(self.variable(child) for child in self.all(function, "parameters"))
            if function is not None
            else (),
            output_type_ref=function.get("outputTypeRef", "") if function is not None else "",
            function=self.element(function) if function is not None else None,
        )
        self.depth -= 1
        return found

    def references(self, element: etree._Element, requirement: str, *kinds: str) -> tuple[m.Reference, ...]:
        """What requirements of one kind point at."""
        found = []
        for child in self.all(element, requirement):
            target = next((item for tag, item in self.ours(child) if tag in kinds), None)
            if target is None:
                self.find(child, f"里面没有 <{'> 或 <'.join(kinds)}>", "请补上要求的元素，或删去这一条")
                continue
            found.append(replace(self.reference(target), requirement=self.element(child)))
        return tuple(found)

    def reference(self, element: etree._Element) -> m.Reference:
        href = (element.get("href") or "").strip()
        namespace, sign, id = href.rpartition("#")
        if not id or (not sign and "/" in href):
            self.find(element, f"href “{href}”不指向任何元素", "请写成 #元素的id")
        return m.Reference(namespace, id, _line(element), _split(element.tag)[1])

    def direct(self, element: etree._Element, name: str) -> tuple[m.Reference, ...]:
        return tuple(self.reference(child) for child in self.all(element, name))

    def input(self, element: etree._Element) -> m.InputData:
        name = self.name(element)
        return m.InputData(
            **self.base(element),  # type: ignore[arg-type]
            name=name,
            variable=self.variable(self.one(element, "variable"), name),
        )

    def decision(self, element: etree._Element) -> m.Decision:
        name = self.name(element)
        return m.Decision(
            **self.base(element),  # type: ignore[arg-type]
            name=name,
            variable=self.variable(self.one(element, "variable"), name),
            question=self.text(element, "question").strip(),
            allowed_answers=self.text(element, "allowedAnswers").strip(),
            information=self.references(element, "informationRequirement", "requiredInput", "requiredDecision"),
            knowledge=self.references(element, "knowledgeRequirement", "requiredKnowledge"),
            authority=self.authority(element),
            expression=self.inner(element),
        )

    def authority(self, element: etree._Element) -> tuple[m.Reference, ...]:
        kinds = ("requiredAuthority", "requiredDecision", "requiredInput")
        return self.references(element, "authorityRequirement", *kinds)

    def knowledge_model(self, element: etree._Element) -> m.BusinessKnowledgeModel:
        name = self.name(element)
        logic = self.one(element, "encapsulatedLogic")
        return m.BusinessKnowledgeModel(
            **self.base(element),  # type: ignore[arg-type]
            name=name,
            variable=self.variable(self.one(element, "variable"), name),
            logic=self.function(logic) if logic is not None else None,
            knowledge=self.references(element, "knowledgeRequirement", "requiredKnowledge"),
            authority=self.authority(element),
        )

    def service(self, element: etree._Element) -> m.DecisionService:
        name = self.name(element)
        return m.DecisionService(
            **self.base(element),  # type: ignore[arg-type]
            name=name,
            variable=self.variable(self.one(element, "variable"), name),
            outputs=self.direct(element, "outputDecision"),
            encapsulated=self.direct(element, "encapsulatedDecision"),
            input_decisions=self.direct(element, "inputDecision"),
            input_data=self.direct(element, "inputData"),
        )

    def knowledge_source(self, element: etree._Element) -> m.KnowledgeSource:
        return m.KnowledgeSource(
            **self.base(element),  # type: ignore[arg-type]
            name=self.name(element),
            location=element.get("locationURI", ""),
            kind=self.text(element, "type").strip(),
            authority=self.authority(element),
        )

    # --- expressions ------------------------------------------------------------------------------------------------

    def inner(self, element: etree._Element | None) -> m.Expression | None:
        """The boxed expression inside an element; None when there is none."""
        if element is None:
            return None
        for tag, child in self.ours(element):
            if tag in _EXPRESSIONS:
                return self.expression(child)
        return None

    def expression(self, element: etree._Element) -> m.Expression | None:
        """One boxed expression."""
        self.depth += 1
        if self.depth > DEEPEST:
            self.find(element, "表达式嵌套太深", "请拆成几个决策")
            self.depth -= 1
            return None
        found = _EXPRESSIONS[_split(element.tag)[1]](self, element)
        self.depth -= 1
        return found

    def box(self, element: etree._Element) -> dict[str, object]:
        return {**self.base(element), "type_ref": self.type_ref(element)}

    def literal(self, element: etree._Element) -> m.Literal:
        """A literalExpression, inputExpression or outputEntry."""
        return m.Literal(
            **self.box(element),  # type: ignore[arg-type]
            text=self.text(element),
            language=modern(element.get("expressionLanguage", "")),
        )

    def context(self, element: etree._Element) -> m.Context:
        entries = []
        for child in self.all(element, "contextEntry"):
            variable = self.one(child, "variable")
            entries.append(
                m.Entry(
                    **self.base(child),  # type: ignore[arg-type]
                    variable=self.variable(variable) if variable is not None else None,
                    value=self.inner(child),
                )
            )
        return m.Context(**self.box(element), entries=tuple(entries))  # type: ignore[arg-type]

    def items(self, element: etree._Element) -> tuple[m.Expression | None, ...]:
        return tuple(self.expression(child) for tag, child in self.ours(element) if tag in _EXPRESSIONS)

    def list(self, element: etree._Element) -> m.ListOfExpressions:
        return m.ListOfExpressions(**self.box(element), items=self.items(element))  # type: ignore[arg-type]

    def relation(self, element: etree._Element) -> m.Relation:
        columns = tuple(self.variable(child) for child in self.all(element, "column"))
        rows, elements = [], self.all(element, "row")
        for child in elements:
            row = self.items(child)
            if len(row) != len(columns):
                self.find(child, f"有 {len(row)} 个值，而表有 {len(columns)} 列", "每行的值要与列一样多")
            rows.append(row)
        return m.Relation(
            **self.box(element),  # type: ignore[arg-type]
            columns=columns,
            rows=tuple(rows),
            row_elements=tuple(map(self.element, elements)),
        )

    def function(self, element: etree._Element) -> m.FunctionDefinition:
        """A functionDefinition, or a knowledge model's encapsulatedLogic."""
        return m.FunctionDefinition(
            **self.box(element),  # type: ignore[arg-type]
            kind=element.get("kind", "FEEL"),
            parameters=tuple(self.variable(child) for child in self.all(element, "formalParameter")),
            body=self.inner(element),
        )

    def invocation(self, element: etree._Element) -> m.Invocation:
        bindings = []
        for child in self.all(element, "binding"):
            parameter = self.one(child, "parameter")
            if parameter is None:
                self.find(child, "没有 <parameter>", "请写明给哪个参数")
                continue
            bindings.append(m.Binding(self.variable(parameter), self.inner(child)))
        return m.Invocation(
            **self.box(element),  # type: ignore[arg-type]
            callee=self.inner(element),
            bindings=tuple(bindings),
        )

    def holders(self, element: etree._Element, *names: str) -> tuple[m.Element, ...]:
        return tuple(self.element(self.one(element, name)) for name in names)

    def conditional(self, element: etree._Element) -> m.Conditional:
        return m.Conditional(
            **self.box(element),  # type: ignore[arg-type]
            condition=self.inner(self.one(element, "if")),
            then=self.inner(self.one(element, "then")),
            otherwise=self.inner(self.one(element, "else")),
            holders=self.holders(element, "if", "then", "else"),
        )

    def filter(self, element: etree._Element) -> m.Filter:
        return m.Filter(
            **self.box(element),  # type: ignore[arg-type]
            domain=self.inner(self.one(element, "in")),
            match=self.inner(self.one(element, "match")),
            holders=self.holders(element, "in", "match"),
        )

    def iteration(self, element: etree._Element) -> m.Iteration:
        kind = _split(element.tag)[1]
        variable = " ".join(element.get("iteratorVariable", "").split())
        if not variable:
            self.find(element, "没有 iteratorVariable", "请给循环变量起名")
        result = "return" if kind == "for" else "satisfies"
        return m.Iteration(
            **self.box(element),  # type: ignore[arg-type]
            kind=kind,
            variable=variable,
            domain=self.inner(self.one(element, "in")),
            body=self.inner(self.one(element, result)),
            holders=self.holders(element, "in", result),
        )

    def table(self, element: etree._Element) -> m.DecisionTable:
        inputs, outputs = self.all(element, "input"), self.all(element, "output")
        rules = [self.rule(child, len(inputs), len(outputs)) for child in self.all(element, "rule")]
        policy = element.get("hitPolicy", "UNIQUE").strip().upper()
        aggregation = element.get("aggregation", "").strip().upper()
        if policy not in HIT_POLICIES:
            self.find(element, f"没有命中策略“{policy}”", f"可用：{'、'.join(HIT_POLICIES)}")
        if aggregation and aggregation not in AGGREGATIONS:
            self.find(element, f"没有汇总方式“{aggregation}”", f"可用：{'、'.join(AGGREGATIONS)}")
        if not outputs:
            self.find(element, "决策表没有输出列", "请加一个 <output>")
        return m.DecisionTable(
            **self.box(element),  # type: ignore[arg-type]
            hit_policy=policy,
            aggregation=aggregation,
            output_label=element.get("outputLabel", ""),
            inputs=tuple(self.input_clause(child) for child in inputs),
            outputs=tuple(self.output_clause(child) for child in outputs),
            annotations=tuple(child.get("name", "") for child in self.all(element, "annotation")),
            rules=tuple(rules),
        )

    def input_clause(self, element: etree._Element) -> m.InputClause:
        expression = self.one(element, "inputExpression")
        if expression is None:
            self.find(element, "没有 <inputExpression>", "请写明这一列看什么")
        return m.InputClause(
            **self.base(element),  # type: ignore[arg-type]
            expression=self.literal(expression) if expression is not None else None,
            values=self.tests(self.one(element, "inputValues")),
        )

    def output_clause(self, element: etree._Element) -> m.OutputClause:
        default = self.one(element, "defaultOutputEntry")
        return m.OutputClause(
            **self.base(element),  # type: ignore[arg-type]
            name=" ".join(element.get("name", "").split()),
            type_ref=self.type_ref(element),
            values=self.tests(self.one(element, "outputValues")),
            default=self.literal(default) if default is not None else None,
        )

    def rule(self, element: etree._Element, inputs: int, outputs: int) -> m.TableRule:
        cells = [self.tests(child) or m.UnaryTests() for child in self.all(element, "inputEntry")]
        results = [self.literal(child) for child in self.all(element, "outputEntry")]
        if len(cells) != inputs:
            self.find(element, f"有 {len(cells)} 个条件格，而表有 {inputs} 个输入列", "每行每列要有一格，任意写 -")
        if len(results) != outputs:
            self.find(element, f"有 {len(results)} 个结果格，而表有 {outputs} 个输出列", "每行每列要有一格")
        return m.TableRule(
            **self.base(element),  # type: ignore[arg-type]
            inputs=tuple(cells),
            outputs=tuple(results),
            annotations=tuple(self.text(child) for child in self.all(element, "annotationEntry")),
        )


HIT_POLICIES = ("UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "RULE ORDER", "OUTPUT ORDER")
AGGREGATIONS = ("SUM", "COUNT", "MIN", "MAX")

_PARTS = frozenset(
    (
        "import",
        "itemDefinition",
        "inputData",
        "decision",
        "businessKnowledgeModel",
        "decisionService",
        "knowledgeSource",
    )
)

_EXPRESSIONS: dict[str, Callable[[_Reader, etree._Element], m.Expression]] = {
    "literalExpression": _Reader.literal,
    "context": _Reader.context,
    "list": _Reader.list,
    "relation": _Reader.relation,
    "functionDefinition": _Reader.function,
    "invocation": _Reader.invocation,
    "conditional": _Reader.conditional,
    "filter": _Reader.filter,
    "for": _Reader.iteration,
    "some": _Reader.iteration,
    "every": _Reader.iteration,
    "decisionTable": _Reader.table,
}
