"""The requirements graph: models linked by their imports, every decision compiled once, evaluated in order of need.

network = link((definitions, …), root)          # findings say what is missing, circular or malformed
plan = network.plan((key, …))                   # the decisions these stand on, each after what it needs
network.evaluate(plan, {input key: value}, run) # dict of key -> value
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Literal

from ..feel import Env, FeelError, Function, Run, Scope, coerce, compile_expression
from ..feel import tree as t
from ..feel.calls import enter
from ..feel.run import Diagnostic
from ..feel.types import ANY, ContextOf, FunctionOf, Type
from ..feel.values import Value
from ..findings import Finding, RulebookError
from . import model as m
from .boxed import FEW, HINTS, Maker, Watch
from .declared import bare
from .table import Table
from .texts import Texts
from .types import Types
from .undeclared import declare

Key = tuple[str, str]
"""On which way of imports (empty: the model asked about), id of the element."""
Path = tuple[str, ...]
"""How an expression names a requirement: its name, before it the import's."""
Source = Literal["input", "decision"]
MOST_MODELS = 200
"""Models in one network, at most."""


@dataclass(frozen=True)
class Logic:
    """A decision, compiled.

    `needs` says what each name in its scope stands for; `tree` is its FEEL, `table` its decision table (both None where
    there is no logic); `run(env)` is its value, converted to the type of its variable.
    """

    key: Key
    name: str
    decision: m.Decision
    kind: Type | None
    scope: Scope
    needs: Mapping[Path, tuple[Source, Key]]
    tree: t.Node | None
    whole: t.Node
    """All of its logic, with the conversions to its declared types."""
    table: Table | None
    run: Callable[[Env], Value]
    constants: dict[str, Value]
    """The functions it knows: knowledge models, services."""
    direct: tuple[tuple[str, Key], ...]
    nested: tuple[tuple[Path, Key], ...]


@dataclass
class Linked:
    """One model among those loaded together."""

    way: str
    definitions: m.Definitions
    types: Types
    imports: Mapping[str, Linked]
    """By the name of the import (its namespace where it has none)."""
    titles: Mapping[str, str]
    """What its elements are, by name, for hints."""

    def key(self, node: m.Node) -> Key:
        """What an element is known by among all models: its id, or its name where it has none."""
        return self.way, node.id or f"{type(node).__name__} {node.name}"


@dataclass
class Network:
    """All models loaded together, by the way of their import; the one asked about has the empty way."""

    models: dict[str, Linked] = field(default_factory=dict)
    nodes: dict[Key, m.Node] = field(default_factory=dict)
    logic: dict[Key, Logic] = field(default_factory=dict)
    inputs: dict[Key, Type | None] = field(default_factory=dict)
    functions: dict[Key, Function] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    texts: Texts = field(default_factory=Texts)

    def plan(self, wanted: Iterable[Key], given: frozenset[Key] = frozenset()) -> tuple[Logic, ...]:
        """The decisions needed, each after those it stands on; those given are not looked into."""
        done: dict[Key, Logic] = {}
        todo: list[tuple[Key, bool]] = [(key, False) for key in reversed(tuple(wanted))]
        while todo:
            key, expanded = todo.pop()
            if key in done or key in given or key not in self.logic:
                continue
            logic = self.logic[key]
            if expanded:
                done[key] = logic
                continue
            todo.append((key, True))
            todo.extend((need, False) for source, need in reversed(tuple(logic.needs.values())) if source == "decision")
        return tuple(done.values())

    def evaluate(
        self, plan: Sequence[Logic], values: dict[Key, Value], run: Run, marks: list[int] | None = None
    ) -> dict[Key, Value]:
        """The values with those of the plan's decisions added; `marks` gets how many diagnostics there were after each."""
        for logic in plan:
            values[logic.key] = logic.run(frame(logic, values, run))
            if marks is not None:
                marks.append(len(run.diagnostics or ()))
        return values


def frame(logic: Logic, values: Mapping[Key, Value], run: Run) -> Env:
    """What a decision sees: the functions it knows, and the values of what it requires."""
    names = dict(logic.constants)
    for name, key in logic.direct:
        names[name] = values.get(key)
    for path, key in logic.nested:
        _put(names, path, values.get(key))
    return Env(names, None, run)


def _put(names: dict[str, Value], path: Path, value: Value) -> None:
    """`a.b` as an entry of a context; contexts already there are copied, never changed."""
    if len(path) == 1:
        names[path[0]] = value
        return
    inner = names.get(path[0])
    names[path[0]] = copied = dict(inner) if isinstance(inner, dict) else {}
    _put(copied, path[1:], value)


def link(models: Sequence[m.Definitions], root: m.Definitions, watch: Watch | None = None) -> Network:
    """The models joined by their imports, everything compiled; what is wrong is in `findings`.

    `watch` sees every decision table run; without it nothing is paid for that.
    """
    return _Linker(models, root, watch).network


class _Linker:
    """Compiles the elements of all models: types, then functions, then decisions."""

    def __init__(self, models: Sequence[m.Definitions], root: m.Definitions, watch: Watch | None = None) -> None:
        self.network = Network()
        self.watch = watch
        self.findings = self.network.findings
        self.by_namespace = {definitions.namespace: definitions for definitions in models}
        self.by_namespace[root.namespace] = root
        self.types: dict[Key, FunctionOf] = {}
        self.model("", root, ())
        every = tuple(self.network.models.values())
        for linked in every:
            for node in linked.definitions.nodes():
                self.network.nodes[linked.key(node)] = node
        for linked in every:
            self.inputs(linked)
        bodies = [body for linked in every for body in self.functions(linked)]
        for body in bodies:
            body()
        for linked in every:
            for decision in linked.definitions.decisions:
                self.decision(linked, decision)
        for linked in every:
            self.findings += linked.types.findings
        self.circles()
        declare(self.network)

    # --- models -----------------------------------------------------------------------------------------------------

    def model(self, way: str, definitions: m.Definitions, above: tuple[str, ...]) -> Linked:
        """The model and those it imports, imported types first."""
        imports: dict[str, Linked] = {}
        for item in definitions.imports:
            if item.kind and "DMN" not in item.kind:
                continue
            where = f"{definitions.file} 第 {item.line} 行 引用“{item.name}”"
            if item.namespace in (*above, definitions.namespace):
                self.findings.append(Finding(where, "模型互相引用，绕成一圈", "请断开其中一处"))
            elif item.namespace not in self.by_namespace:
                what = f"没有找到命名空间为“{item.namespace}”的模型"
                self.findings.append(Finding(where, what, "请把它的 .dmn 放在同一文件夹里"))
            elif len(self.network.models) >= MOST_MODELS:
                self.findings.append(Finding(where, f"引用的模型超过 {MOST_MODELS} 个", "请减少引用"))
            else:
                name = item.name or item.namespace
                inner = self.by_namespace[item.namespace]
                imports[name] = self.model(f"{way}{name}.", inner, (*above, definitions.namespace))
        read = [item for item in definitions.imports if (item.name or item.namespace) in imports]
        named = {item.name: imports[item.name or item.namespace].types for item in read}
        titles = {node.name: m.TITLES[type(node)] for node in definitions.nodes()}
        made = Linked(way, definitions, Types(definitions.file, definitions.types, named), imports, titles)
        self.network.models[way] = made
        return made

    def maker(self, linked: Linked, title: str) -> Maker:
        return Maker(
            linked.definitions.file,
            linked.types,
            title,
            self.findings,
            linked.titles,
            texts=self.network.texts,
            watch=self.watch,
        )

    def target(self, linked: Linked, reference: m.Reference, title: str) -> tuple[Key, m.Node] | None:
        """What a reference points at; a finding when there is no such element."""
        space = reference.namespace or linked.definitions.namespace
        owner = _model_of(linked, space)
        key = (owner.way, reference.id) if owner is not None else None
        if key is not None and key in self.network.nodes:
            return key, self.network.nodes[key]
        ids = [id for way, id in self.network.nodes if way == linked.way] if len(self.findings) < HINTS else []
        near = get_close_matches(reference.id, ids[:FEW], 1)
        self.findings.append(
            Finding(
                f"{linked.definitions.file} 第 {reference.line} 行 {title}",
                f"要求的元素“{reference.id}”不存在",
                f"是不是“{near[0]}”？" if near else "请改正 href，或补上这个元素",
            )
        )
        return None

    def path(self, linked: Linked, key: Key, name: str) -> Path:
        """How the model's expressions name an element."""
        for item in linked.definitions.imports:
            inner = linked.imports.get(item.name or item.namespace)
            if inner is not None and inner.way == key[0] and item.name:
                return (item.name, name)
        return (name,)

    def inputs(self, linked: Linked) -> None:
        for item in linked.definitions.inputs:
            maker = self.maker(linked, f"输入“{item.name}”")
            kind = maker.type_of(item.variable.type_ref, item.variable)
            self.network.inputs[linked.key(item)] = kind

    # --- functions --------------------------------------------------------------------------------------------------

    def functions(self, linked: Linked) -> list[Callable[[], None]]:
        """Knowledge models and services as functions that may know each other; their bodies are made by what is returned."""
        bodies: list[Callable[[], None]] = []
        for item in linked.definitions.knowledge_models:
            bodies.append(self.knowledge_model(linked, item))
        for service in linked.definitions.services:
            bodies.append(self.service(linked, service))
        return bodies

    def knowledge_model(self, linked: Linked, item: m.BusinessKnowledgeModel) -> Callable[[], None]:
        key = linked.key(item)
        maker = self.maker(linked, f"业务知识模型“{item.name}”")
        logic = item.logic or m.FunctionDefinition()
        _, kinds = maker.parameters(logic.parameters)
        declared = maker.type_of(item.variable.type_ref, item.variable)
        below = bare(declared)
        result = below.result if isinstance(below, FunctionOf) else None if below == ANY else declared
        made: list[Value] = []

        def call(run: Run, arguments: Sequence[Value]) -> Value:
            if not made or type(made[0]) is not Function:
                raise FeelError(f"{item.name} 没有可用的逻辑")
            return coerce(made[0].call(run, arguments), result)

        self.network.functions[key] = Function(item.name, tuple(kinds), call, tuple(kinds.values()), result)
        says = result or maker.types.look_up(logic.body.type_ref if logic.body is not None else "") or ANY
        self.types[key] = FunctionOf(tuple(kind or ANY for kind in kinds.values()), says)

        def body() -> None:
            if item.logic is None:
                maker.find(item, "没有 <encapsulatedLogic>", "请写出它的逻辑")
                return
            scope, constants, _ = self.scope(linked, (), item.knowledge, maker.title)
            constants.setdefault(item.name, self.network.functions[key])  # a function may call itself
            scope = Scope({item.name: self.types[key], **scope.names}, linked.types.known)
            tree = maker.function(logic, scope)
            notes: list[Diagnostic] = []
            made.append(self.compiled(tree, scope, maker, item)(Env(constants, run=Run(diagnostics=notes))))
            for note in notes:
                maker.find(item, note.why, "外部函数只能用允许的 java.lang 方法，其余请改写成 FEEL")

        return body

    def service(self, linked: Linked, item: m.DecisionService) -> Callable[[], None]:
        network = self.network
        key = linked.key(item)
        maker = self.maker(linked, f"决策服务“{item.name}”")
        given = self.nodes(linked, item.input_data, maker.title) | self.nodes(linked, item.input_decisions, maker.title)
        outputs = self.nodes(linked, item.outputs, maker.title)
        names = tuple(node.name for node in given.values())
        kinds = tuple(self.variable_type(found, node) for found, node in given.items())
        plans: list[tuple[Logic, ...]] = []
        declared = bare(maker.type_of(item.variable.type_ref, item.variable))
        returns = declared.result if isinstance(declared, FunctionOf) else None

        def call(run: Run, arguments: Sequence[Value]) -> Value:
            if len(arguments) != len(names):
                raise FeelError(f"{item.name} 要 {len(names)} 个参数，给了 {len(arguments)} 个")
            if not plans:
                plans.append(network.plan(outputs, frozenset(given)))
            values = {k: coerce(v, kind) for k, v, kind in zip(given, arguments, kinds, strict=True)}
            enter(run)
            network.evaluate(plans[0], values, run)
            run.depth -= 1
            if len(outputs) == 1:
                return coerce(values.get(next(iter(outputs))), returns)
            return coerce({node.name: values.get(found) for found, node in outputs.items()}, returns)

        network.functions[key] = Function(item.name, names, call, kinds)
        if len(outputs) == 1:
            result = self.variable_type(*next(iter(outputs.items()))) or ANY
        else:
            result = ContextOf(tuple((node.name, self.variable_type(k, node) or ANY) for k, node in outputs.items()))
        self.types[key] = FunctionOf(tuple(kind or ANY for kind in kinds), result)
        return lambda: None

    def nodes(self, linked: Linked, references: Iterable[m.Reference], title: str) -> dict[Key, m.Node]:
        found = (self.target(linked, reference, title) for reference in references)
        return dict(item for item in found if item is not None)

    def variable_type(self, key: Key, node: m.Node) -> Type | None:
        """The type of an input's or a decision's variable."""
        if isinstance(node, m.InputData):
            return self.network.inputs.get(key)
        if isinstance(node, m.Decision):
            return self.network.models[key[0]].types.look_up(node.variable.type_ref)
        return None

    # --- decisions --------------------------------------------------------------------------------------------------

    def scope(
        self, linked: Linked, information: Iterable[m.Reference], knowledge: Iterable[m.Reference], title: str
    ) -> tuple[Scope, dict[str, Value], dict[Path, tuple[Source, Key]]]:
        """The names that requirements bring: with their types, with the functions' values, and what the others stand for."""
        names: dict[str, Type | None] = {}
        constants: dict[str, Value] = {}
        needs: dict[Path, tuple[Source, Key]] = {}
        for reference in information:
            found = self.target(linked, reference, title)
            if found is None:
                continue
            key, node = found
            if not isinstance(node, m.InputData | m.Decision):
                self.wrong(linked, reference, title, node, "输入或决策")
                continue
            path = self.path(linked, key, node.name)
            needs[path] = ("input" if isinstance(node, m.InputData) else "decision", key)
            _name(names, path, self.variable_type(key, node))
        for reference in knowledge:
            found = self.target(linked, reference, title)
            if found is None:
                continue
            key, node = found
            if not isinstance(node, m.BusinessKnowledgeModel | m.DecisionService):
                self.wrong(linked, reference, title, node, "业务知识模型或决策服务")
                continue
            path = self.path(linked, key, node.name)
            _put(constants, path, self.network.functions[key])
            _name(names, path, self.types[key])
        return Scope(names, linked.types.known), constants, needs

    def wrong(self, linked: Linked, reference: m.Reference, title: str, node: m.Node, wanted: str) -> None:
        where = f"{linked.definitions.file} 第 {reference.line} 行 {title}"
        what = f"要求的“{node.name}”是{m.TITLES[type(node)]}，这里要{wanted}"
        self.findings.append(Finding(where, what, "请改正 href 或要求的种类"))

    def decision(self, linked: Linked, decision: m.Decision) -> None:
        """Compile one decision."""
        key = linked.key(decision)
        maker = self.maker(linked, f"决策“{decision.name}”")
        scope, constants, needs = self.scope(linked, decision.information, decision.knowledge, maker.title)
        kind = maker.type_of(decision.variable.type_ref, decision.variable)
        tree = None
        whole: t.Node = t.NullLiteral()
        box = decision.expression
        if box is None:
            where = f"{maker.where(decision)}"
            self.findings.append(Finding(where, "没有逻辑，结果总是 null", "请写出它的表达式", "warning"))
        else:
            tree = maker.plain(box, scope, decision)
            whole = maker.typed(maker.typed(tree, box.type_ref, box), decision.variable.type_ref, decision.variable)
        self.network.logic[key] = Logic(
            key=key,
            name=decision.name,
            decision=decision,
            kind=kind,
            scope=scope,
            needs=needs,
            tree=None if isinstance(tree, t.Native) else tree,
            whole=whole,
            table=maker.table if isinstance(tree, t.Native) else None,
            run=self.compiled(whole, scope, maker, decision),
            constants=constants,
            direct=tuple((path[0], need) for path, (_, need) in needs.items() if len(path) == 1),
            nested=tuple((path, need) for path, (_, need) in needs.items() if len(path) > 1),
        )

    def compiled(self, tree: t.Node, scope: Scope, maker: Maker, element: m.Element) -> Callable[[Env], Value]:
        """The tree's closure; null, and a finding, when it is too deep."""
        try:
            return compile_expression(tree, scope)
        except RulebookError as problem:
            for finding in problem.findings:
                maker.find(element, finding.what, finding.how_to_mend)
            return lambda env: None

    def circles(self) -> None:
        """Decisions that stand on themselves: a finding for each circle, and null for its decisions."""
        logic = self.network.logic
        state: dict[Key, int] = {}
        for start in logic:
            way: list[Key] = []
            todo: list[tuple[Key, bool]] = [(start, False)]
            while todo:
                key, leaving = todo.pop()
                if leaving:
                    state[key] = 2
                    way.pop()
                    continue
                if state.get(key) == 2 or key not in logic:
                    continue
                if state.get(key) == 1:
                    self.circle(way[way.index(key) :])
                    continue
                state[key] = 1
                way.append(key)
                todo.append((key, True))
                todo += [(need, False) for source, need in logic[key].needs.values() if source == "decision"]

    def circle(self, keys: list[Key]) -> None:
        names = [self.network.logic[key].name for key in keys]
        first = self.network.logic[keys[0]].decision
        file = self.network.models[keys[0][0]].definitions.file
        where = f"{file} 第 {first.line} 行 决策“{first.name}”"
        self.findings.append(Finding(where, f"决策绕成一圈：{' → '.join([*names, names[0]])}", "请去掉其中一条要求"))
        for key in keys:
            self.network.logic[key] = replace(
                self.network.logic[key], needs={}, direct=(), nested=(), run=lambda env: None
            )


def _model_of(linked: Linked, namespace: str) -> Linked | None:
    """The model itself or an imported one by its namespace; those directly imported first."""
    if namespace == linked.definitions.namespace:
        return linked
    direct = next((inner for inner in linked.imports.values() if inner.definitions.namespace == namespace), None)
    if direct is not None:
        return direct
    further = (_model_of(inner, namespace) for inner in linked.imports.values())
    return next((found for found in further if found is not None), None)


def _name(names: dict[str, Type | None], path: Path, kind: Type | None) -> None:
    """A name with its type; imported ones are entries of their import's context."""
    if len(path) == 1:
        names[path[0]] = kind
        return
    outer = names.get(path[0])
    fields = outer.fields if isinstance(outer, ContextOf) else ()
    names[path[0]] = ContextOf((*fields, (path[1], kind or ANY)))
