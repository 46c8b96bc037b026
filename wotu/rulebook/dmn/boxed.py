"""Boxed expressions -> FEEL trees: whatever a box says, FEEL has a node for; a decision table becomes a compiled one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice

from ..feel import BUILTINS, Env, FeelSyntaxError, Scope, Value, parse
from ..feel import tree as t
from ..feel.cursor import item_type, members
from ..feel.types import ANY, ContextOf, FunctionOf, ListOf, Type
from ..findings import Finding
from . import model as m
from .declared import bare
from .names import strange
from .table import Table, compile_table
from .texts import Texts
from .types import Types

HINTS = 200
"""Findings with a guess at what was meant; a model with more has other troubles."""
STRANGE = 50
"""Unknown names of one text that are reported, at most."""
FEW = 2000
"""Names that are compared for a guess, at most."""
LANGUAGES = ("", "feel")
"""Expression languages that are FEEL: an address that ends so, or nothing."""

Watch = Callable[[Table, m.DecisionTable, Scope, str], Callable[[Env], Value]]
"""Given a table, its box, its scope and what it belongs to: how to run it."""


@dataclass
class Maker:
    """Makes the trees of one element of the graph; what is wrong becomes findings, and the piece becomes null."""

    file: str
    types: Types
    title: str
    findings: list[Finding] = field(default_factory=list)
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    """Names of the model's elements, with what they are, for hints."""
    table: Table | None = None
    """The decision table at the top, when the logic is one."""
    texts: Texts = field(default_factory=Texts)
    watch: Watch | None = None
    """Who wants to see every table run, as tracing does."""

    # --- findings ---------------------------------------------------------------------------------------------------

    def where(self, element: m.Element) -> str:
        """File, line and what the element belongs to."""
        return f"{self.file} 第 {element.line} 行 {self.title}" if element.line else f"{self.file} {self.title}"

    def find(self, element: m.Element, what: str, how: str = "", example: str | None = None) -> None:
        """Note what is wrong."""
        self.findings.append(Finding(self.where(element), what, how, example=example))

    def parsed(self, text: str, language: str, scope: Scope, element: m.Element, kind: str = "expression") -> t.Node:
        """FEEL text as a tree; null (or a test that never holds), and a finding, when it is none."""
        wrong = t.UnaryTests((t.ValueTest(t.NullLiteral()),)) if kind == "unary tests" else t.NullLiteral()
        if language.rstrip("/").rpartition("/")[2].lower() not in LANGUAGES:
            self.find(element, f"表达式语言“{language}”不支持", "请改用 FEEL")
            return wrong
        try:
            found = parse(text, scope, kind="unary tests" if kind == "unary tests" else "expression")
        except FeelSyntaxError as problem:
            self.find_in(element, problem)
            return wrong
        self.texts.add(text, self.title, element.line, found)
        for name in islice(strange(found, scope), STRANGE):
            self.find_in(
                element, FeelSyntaxError(text, name.span[0], f"没有“{name.name}”", self.hint(name.name, scope))
            )
        return found

    def find_in(self, element: m.Element, problem: FeelSyntaxError) -> None:
        """Note what is wrong inside a text, with the place in it."""
        for finding in problem.findings:
            self.find(element, f"{finding.where}：{finding.what}", finding.how_to_mend, finding.example)

    def hint(self, name: str, scope: Scope) -> str:
        """What was probably meant by a name that nothing stands for."""
        if name in self.elsewhere:
            return f"模型里有{self.elsewhere[name]}“{name}”，请在这里加上对它的要求（informationRequirement 或 knowledgeRequirement）"
        known: list[str] = []
        level: Scope | None = scope
        while level is not None:
            known += level.names
            level = level.parent
        if len(self.findings) > HINTS:
            return "请检查名称"
        near = get_close_matches(name, [*known, *self.elsewhere, *BUILTINS][:FEW], 1)
        if near:
            return f"是不是“{near[0]}”？"
        more = " 等" if len(known) > 20 else ""
        return f"这里可以用：{'、'.join(known[:20])}{more}" if known else "请检查名称"

    def type_of(self, reference: str, element: m.Element) -> Type | None:
        """The type that a typeRef means."""
        return self.types.resolve(reference, element, self.title)

    def typed(self, node: t.Node, reference: str, element: m.Element) -> t.Node:
        """The value converted to its declared type."""
        kind = self.type_of(reference, element)
        if kind is None or kind == ANY or (isinstance(node, t.Typed) and node.type == kind):
            return node
        return t.Typed(node, kind, span=node.span)

    # --- boxes ------------------------------------------------------------------------------------------------------

    def tree(self, box: m.Expression | None, scope: Scope, owner: m.Element) -> t.Node:
        """The tree of a boxed expression; null when there is none."""
        if box is None:
            return t.NullLiteral()
        return self.typed(self.plain(box, scope, owner), box.type_ref, box)

    def plain(self, box: m.Expression, scope: Scope, owner: m.Element) -> t.Node:
        """The tree before it is converted to the box's own type."""
        match box:
            case m.Literal(text=text, language=language):
                if not text.strip():
                    self.find(box if box.line else owner, "表达式是空的", "请写出 FEEL 表达式")
                    return t.NullLiteral()
                return self.parsed(text, language, scope, box)
            case m.Context():
                return self.context(box, scope)
            case m.ListOfExpressions(items=items):
                return t.ListLiteral(tuple(self.tree(item, scope, box) for item in items))
            case m.Relation():
                return self.relation(box, scope)
            case m.FunctionDefinition():
                return self.function(box, scope)
            case m.Invocation():
                return self.invocation(box, scope)
            case m.Conditional(condition=condition, then=then, otherwise=otherwise):
                if condition is None:
                    self.find(box, "没有 <if>", "请写出条件")
                parts = (self.tree(part, scope, box) for part in (condition, then, otherwise))
                return t.If(*parts)
            case m.Filter():
                return self.filter(box, scope)
            case m.Iteration():
                return self.iteration(box, scope)
            case m.DecisionTable():
                table = compile_table(box, scope, self)
                self.table = table
                run = table.run if self.watch is None else self.watch(table, box, scope, self.title)
                return t.Native(run, self.title)
        return t.NullLiteral()

    def context(self, box: m.Context, scope: Scope) -> t.Node:
        """Entries in order, each a name for the later ones; the entry without a name is the result."""
        entries: list[t.ContextEntry] = []
        names: dict[str, Type | None] = {}
        inner = Scope(names, parent=scope)
        result: t.Node | None = None
        for entry in box.entries:  # each sees the entries before it
            value = self.tree(entry.value, inner, entry)
            if entry.variable is None or not entry.variable.name:
                result = value
                continue
            name = entry.variable.name
            if name in names:
                self.find(entry, f"条目“{name}”出现两次", "请改其中一个的名字")
            value = self.typed(value, entry.variable.type_ref, entry.variable)
            kind = self.type_of(entry.variable.type_ref, entry.variable) or self.kind(entry.value, value, inner)
            names[name] = kind
            entries.append(t.ContextEntry(name, value))
        if result is None:
            return t.ContextLiteral(tuple(entries))
        return t.Let(tuple(entries), result)

    def kind(self, box: m.Expression | None, node: t.Node, scope: Scope) -> Type | None:
        """What is known of a box's type, so that names of its entries can be told."""
        match node:
            case t.Typed(type=kind):
                return kind
            case t.Name(name=name):
                return scope.type_of(name)
        match box:
            case m.FunctionDefinition(parameters=parameters, body=body):
                kinds = tuple(self.types.look_up(item.type_ref) or ANY for item in parameters)
                return FunctionOf(kinds, (self.types.look_up(body.type_ref) if body is not None else None) or ANY)
            case m.Relation(columns=columns):
                return ListOf(ContextOf(tuple((c.name, self.types.look_up(c.type_ref) or ANY) for c in columns)))
            case m.Context(entries=entries) if all(entry.variable is not None for entry in entries):
                named = [entry.variable for entry in entries if entry.variable is not None]
                return ContextOf(tuple((item.name, self.types.look_up(item.type_ref) or ANY) for item in named))
            case m.DecisionTable(outputs=outputs) if len(outputs) > 1:
                return ContextOf(tuple((o.name, self.types.look_up(o.type_ref) or ANY) for o in outputs))
        return None

    def relation(self, box: m.Relation, scope: Scope) -> t.Node:
        rows = []
        for row in box.rows:
            entries = []
            for column, cell in zip(box.columns, row, strict=False):
                value = self.typed(self.tree(cell, scope, box), column.type_ref, column)
                entries.append(t.ContextEntry(column.name, value))
            rows.append(t.ContextLiteral(tuple(entries), apart=True))
        return t.ListLiteral(tuple(rows))

    def parameters(self, variables: Sequence[m.Variable]) -> tuple[tuple[t.Parameter, ...], dict[str, Type | None]]:
        """Formal parameters, and the names that they are in the body."""
        kinds = {item.name: self.type_of(item.type_ref, item) for item in variables}
        return tuple(t.Parameter(name, kind) for name, kind in kinds.items()), kinds

    def function(self, box: m.FunctionDefinition, scope: Scope) -> t.Node:
        parameters, kinds = self.parameters(box.parameters)
        if box.kind.upper() == "FEEL":
            return t.FunctionLiteral(parameters, self.tree(box.body, Scope(kinds, parent=scope), box), False)
        body = self.tree(box.body, scope, box)
        return t.FunctionLiteral(parameters, t.ContextLiteral((t.ContextEntry(box.kind.lower(), body),)), external=True)

    def invocation(self, box: m.Invocation, scope: Scope) -> t.Node:
        callee = self.tree(box.callee, scope, box)
        named = []
        for binding in box.bindings:
            value = self.tree(binding.value, scope, binding.parameter)
            value = self.typed(value, binding.parameter.type_ref, binding.parameter)
            named.append((binding.parameter.name, value))
        return t.NamedCall(callee, tuple(named)) if named else t.Call(callee, ())

    def filter(self, box: m.Filter, scope: Scope) -> t.Node:
        domain = self.tree(box.domain, scope, box)
        inner = item_type(self.kind(box.domain, domain, scope))
        names: dict[str, Type | None] = {"item": inner, **members(inner)}
        match = self.tree(box.match, Scope(names, parent=scope, item=True), box)
        return t.Filter(domain, match, boolean=True)

    def iteration(self, box: m.Iteration, scope: Scope) -> t.Node:
        domain = self.tree(box.domain, scope, box)
        kind = self.kind(box.domain, domain, scope)
        names: dict[str, Type | None] = {box.variable: item_type(kind) if isinstance(bare(kind), ListOf) else None}
        if box.kind == "for":
            names["partial"] = None
        body = self.tree(box.body, Scope(names, parent=scope), box)
        iterators = (t.Iterator(box.variable, domain),)
        if box.kind == "for":
            return t.For(iterators, body)
        return t.Some(iterators, body) if box.kind == "some" else t.Every(iterators, body)
