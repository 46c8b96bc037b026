"""What a model says, element by element: each piece of FEEL with its text, place and scope, and each decision table.

subject = Subject(book)
subject.units[0].title, .tree, .pieces, .tables
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ..dmn import model as m
from ..dmn.boxed import Maker
from ..dmn.graph import Linked
from ..dmn.table import Trees, table_trees
from ..feel import FeelSyntaxError, Scope
from ..feel import tree as t
from ..feel.conform import function_type
from ..feel.types import ANY, Type
from ..findings import Finding, Severity
from ..rulebook import Rulebook
from .ground import Ground


@dataclass(frozen=True, slots=True)
class Piece:
    """One text of FEEL as it was read."""

    text: str
    tree: t.Node
    scope: Scope
    element: m.Element


@dataclass(frozen=True, slots=True)
class TableAt:
    """A decision table where it stands; `node` stands for it in the tree around it."""

    box: m.DecisionTable
    table: Trees
    scope: Scope
    node: t.Native
    top: bool
    """The whole logic of a decision."""


@dataclass
class _Listener(Maker):
    """Makes trees as the engine does, and notes what they were made of."""

    pieces: list[Piece] = field(default_factory=list)
    tables: list[TableAt] = field(default_factory=list)
    top: m.Expression | None = None

    def parsed(self, text: str, language: str, scope: Scope, element: m.Element, kind: str = "expression") -> t.Node:
        tree = super().parsed(text, language, scope, element, kind)
        self.pieces.append(Piece(text, tree, scope, element))
        return tree

    def plain(self, box: m.Expression, scope: Scope, owner: m.Element) -> t.Node:
        if not isinstance(box, m.DecisionTable):
            return super().plain(box, scope, owner)
        table = table_trees(box, scope, self)
        for clause in box.outputs:
            self.tree(clause.default, scope, clause)
        node = t.Native(lambda env: None, self.title)
        self.tables.append(TableAt(box, table, scope, node, box is self.top))
        return node


@dataclass(frozen=True)
class Unit:
    """A decision or a knowledge model: its tree (before conversion to its own type), and what it was made of."""

    file: str
    node: m.Decision | m.BusinessKnowledgeModel
    title: str
    scope: Scope
    kind: Type | None
    """The type its variable declares."""
    tree: t.Node
    pieces: tuple[Piece, ...]
    tables: tuple[TableAt, ...]
    rows: Mapping[int, str]
    """What a table's row or cell is called, by the identity of its element."""

    def where(self, element: m.Element | None = None) -> str:
        """File, line, element, and the row of a table."""
        element = element or self.node
        line = f" 第 {element.line} 行" if element.line else ""
        return f"{self.file}{line} {self.title}{self.rows.get(id(element), '')}"

    def finding(
        self,
        what: str,
        how: str = "",
        severity: Severity = "error",
        *,
        at: m.Element | None = None,
        example: str | None = None,
    ) -> Finding:
        """Something about the whole, or about one element of it."""
        return Finding(self.where(at), what, how, severity, example)

    def inside(self, piece: Piece, node: t.Node, what: str, how: str, severity: Severity) -> Finding:
        """Something about a node of a piece, with a caret under it."""
        caret = FeelSyntaxError(piece.text, node.span[0], what, how).findings[0]
        return Finding(self.where(piece.element), f"{caret.where}：{what}", how, severity, caret.example)

    def names(self) -> Iterator[tuple[str, ...]]:
        """Every name its texts use, and every path that begins with a name."""
        for piece in self.pieces:
            for node in t.walk(piece.tree):
                if isinstance(node, t.Name):
                    yield (node.name,)
                elif isinstance(node, t.Path) and isinstance(node.value, t.Name):
                    yield (node.value.name, node.name)


@dataclass(frozen=True)
class Subject:
    """A rulebook under examination."""

    book: Rulebook

    @cached_property
    def file(self) -> str:
        """The file's name, as findings give it."""
        return self.book.model.file

    @cached_property
    def root(self) -> Linked:
        """The model itself, without those it imports."""
        return self.book.network.models[""]

    @cached_property
    def ground(self) -> Ground:
        """Where the rule is tried out."""
        return Ground(self.book)

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """The model's own decisions and knowledge models."""
        model = self.book.model
        return (*map(self._decision, model.decisions), *map(self._knowledge_model, model.knowledge_models))

    def where(self, node: m.Node) -> str:
        """The place of an element of the graph."""
        line = f" 第 {node.line} 行" if node.line else ""
        return f"{self.file}{line} {m.TITLES[type(node)]}“{node.name}”"

    def listener(self, title: str) -> _Listener:
        return _Listener(self.file, self.root.types, title)

    def _decision(self, node: m.Decision) -> Unit:
        logic = self.book.network.logic[self.root.key(node)]
        listener = self.listener(f"决策“{node.name}”")
        tree: t.Node = t.NullLiteral()
        if node.expression is not None:
            listener.top = node.expression
            tree = listener.tree(node.expression, logic.scope, node)
        return self._unit(node, listener, logic.scope, logic.kind, tree)

    def _knowledge_model(self, node: m.BusinessKnowledgeModel) -> Unit:
        network = self.book.network
        listener = self.listener(f"业务知识模型“{node.name}”")
        names: dict[str, Type | None] = {}
        for reference in node.knowledge:
            for linked in network.models.values():
                function = network.functions.get((linked.way, reference.id))
                fits = not reference.namespace or linked.definitions.namespace == reference.namespace
                if function is not None and fits:
                    names.setdefault(function.name, function_type(function))
                    for prefix, inner in self.root.imports.items():
                        names.setdefault(prefix, ANY) if inner is linked else None
        own = network.functions[self.root.key(node)]
        scope = Scope({node.name: function_type(own), **names}, self.root.types.known)
        tree = listener.function(node.logic, scope) if node.logic is not None else t.NullLiteral()
        declared = self.root.types.look_up(node.variable.type_ref)
        return self._unit(node, listener, scope, declared, tree)

    def _unit(
        self,
        node: m.Decision | m.BusinessKnowledgeModel,
        listener: _Listener,
        scope: Scope,
        kind: Type | None,
        tree: t.Node,
    ) -> Unit:
        rows: dict[int, str] = {}
        for at in listener.tables:
            for number, rule in enumerate(at.box.rules, 1):
                rows[id(rule)] = f"的第 {number} 行"
                rows.update((id(cell), f"的第 {number} 行第 {place} 列") for place, cell in enumerate(rule.inputs, 1))
                rows.update((id(cell), f"的第 {number} 行结果") for cell in rule.outputs)
        return Unit(
            self.file, node, listener.title, scope, kind, tree, tuple(listener.pieces), tuple(listener.tables), rows
        )
