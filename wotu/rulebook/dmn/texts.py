"""Every FEEL text of a network of models with its tree, so that a piece of a tree can be shown where it stands."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..feel import FeelSyntaxError
from ..feel import tree as t


@dataclass(frozen=True, slots=True)
class Text:
    """One expression or cell as its author wrote it: what it belongs to, and the line of the file it stands in."""

    text: str
    title: str
    line: int
    tree: t.Node


@dataclass(frozen=True, slots=True)
class Place:
    """Where a piece of an expression stands: line and column count from 1; `shown` is that line with a caret below."""

    title: str
    file_line: int
    source: str
    """The piece as its author wrote it."""
    line: int
    column: int
    shown: str
    node: t.Node = field(compare=False, repr=False)


@dataclass
class Texts:
    """The texts, and which of them a node belongs to (nodes that say the same are told apart by identity)."""

    every: list[Text] = field(default_factory=list)
    _of: dict[int, Text] = field(default_factory=dict)

    def add(self, text: str, title: str, line: int, tree: t.Node) -> None:
        """Keep a text that has just been parsed."""
        self._of = {}
        self.every.append(Text(text, title, line, tree))

    def place(self, node: t.Node) -> Place | None:
        """Where a node stands; None for what no author wrote (a box, a table)."""
        while isinstance(node, t.Typed):
            node = node.value
        text = self._text(node)
        if text is None:
            return None
        start, end = node.span
        before = text.text[:start]
        line = before.count("\n")
        column = start - (before.rfind("\n") + 1)
        shown = FeelSyntaxError(text.text, start, "").findings[0].example or ""
        return Place(text.title, text.line, text.text[start:end].strip(), line + 1, column + 1, shown, node)

    def _text(self, node: t.Node) -> Text | None:
        """The index is made when first asked for: most evaluations never are."""
        if not self._of:
            self._of = {id(item): text for text in self.every for item in t.walk(text.tree)}
        return self._of.get(id(node))
