"""Where the parser stands in the text: blanks, words, names in scope; what is wrong is pointed at with a caret."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from functools import cache
from itertools import islice
from typing import TypeVar

from ..findings import Finding, RulebookError
from . import tree as t
from .names import BLANK, RUN, SYMBOLS, WORD, NameTable
from .run import Scope
from .types import (
    Constrained,
    ContextOf,
    FunctionOf,
    ListOf,
    Named,
    RangeOf,
    Type,
)

Result = TypeVar("Result", t.Node, Type)

DEPTH = 120
"""Brackets inside brackets, at most."""
LENGTH = 1_000_000
"""Characters in one expression, at most."""

PROPERTIES = ("time offset", "start included", "end included")
"""Members with blanks that built-in values have."""


class FeelSyntaxError(RulebookError):
    """The text is not FEEL; the finding says where, with a caret."""

    def __init__(self, text: str, position: int, what: str, how_to_mend: str = "") -> None:
        self.position = position
        before = text[:position]
        line = before.count("\n") + 1
        column = position - (before.rfind("\n") + 1)
        source = text.split("\n")[line - 1].replace("\t", " ")
        start = max(0, column - 60)
        width = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in source[start:column])
        example = f"{source[start : start + 120]}\n{' ' * width}^"
        super().__init__(Finding(f"第 {line} 行第 {column + 1} 列", what, how_to_mend, "error", example))


@cache
def _builtin_names() -> NameTable:
    from .builtins import BUILTINS

    return NameTable(BUILTINS)


def members(kind: Type | None) -> dict[str, Type]:
    """The entries a value of this type has, also through a list of it."""
    for _ in range(20):
        if isinstance(kind, Constrained):
            kind = kind.base
        elif isinstance(kind, ListOf):
            kind = kind.item
        else:
            break
    return dict(kind.fields) if isinstance(kind, ContextOf) else {}


def item_type(kind: Type | None) -> Type | None:
    """What is in a list of this type; the type itself when it is no list."""
    while isinstance(kind, Constrained):
        kind = kind.base
    return kind.item if isinstance(kind, ListOf | RangeOf) else kind


class Lesson:
    """What a mapping of names to types teaches a parser; read on when the mapping has grown."""

    __slots__ = ("entries", "mapping", "read", "table")

    def __init__(self, mapping: Mapping[str, Type | None]) -> None:
        self.mapping = mapping
        self.read = 0
        self.table = NameTable(())
        """Its names of several pieces."""
        self.entries: set[str] = set()
        """The entries of several pieces that its types have, for values whose own type is not known."""

    def read_on(self) -> None:
        """Read what has been added since."""
        size = len(self.mapping)
        for name, kind in islice(self.mapping.items(), self.read, size):
            self.table.add(name)
            self._learn(kind, 0)
        self.read = size

    def _learn(self, kind: Type | None, depth: int) -> None:
        if depth > 8:
            return
        if isinstance(kind, FunctionOf):
            self._learn(kind.result, depth + 1)
        for name, below in members(kind).items():
            if " " in name or not WORD.fullmatch(name):
                self.entries.add(name)
            self._learn(below, depth + 1)


_KEPT: dict[int, Lesson] = {}
"""Of the larger mappings, since a model's types and names are those of all its expressions."""


def lesson(mapping: Mapping[str, Type | None]) -> Lesson:
    """What the mapping teaches."""
    found = _KEPT.get(id(mapping))
    if found is None or found.mapping is not mapping:
        found = Lesson(mapping)
        if len(mapping) > 8:
            if len(_KEPT) >= 64:
                _KEPT.clear()
            _KEPT[id(mapping)] = found
    found.read_on()
    return found


class Cursor:
    """A place in a text, and the names known there."""

    def __init__(self, text: str, scope: Scope) -> None:
        self.text = text
        self.position = 0
        self.depth = 0
        self.scope = scope
        self.tables: list[NameTable] = []
        self.known_members: set[str] = set(PROPERTIES)
        self.member_table: NameTable | None = None
        self.types: dict[int, tuple[t.Node, Type | None]] = {}
        level: Scope | None = scope
        while level is not None:
            names, types = lesson(level.names), lesson(level.types)
            self.tables.insert(0, names.table)
            self.known_members |= names.entries
            self.known_members |= types.entries
            level = level.parent

    # --- text ---------------------------------------------------------------------------------------------------------

    def whole(self, rule: Callable[[], Result]) -> Result:
        """The rule on the whole text."""
        if len(self.text) > LENGTH:
            raise FeelSyntaxError("", 0, f"表达式超过 {LENGTH} 个字符")
        try:
            found = rule()
        except RecursionError as problem:
            raise self.error("表达式嵌套太深", "请拆成几个决策") from problem
        self.skip()
        if self.position < len(self.text):
            raise self.error(f"这里多出了“{self._glimpse()}”", "请检查名称是否在范围内、运算符与括号是否齐全")
        return found

    def _glimpse(self) -> str:
        word = RUN.match(self.text, self.position)
        return word[0][:20] if word else self.text[self.position : self.position + 1]

    def error(self, what: str, how: str = "", position: int | None = None) -> FeelSyntaxError:
        return FeelSyntaxError(self.text, self.position if position is None else position, what, how)

    def unexpected(self, wanted: str) -> FeelSyntaxError:
        if self.position >= len(self.text):
            return self.error(f"到此为止，缺少{wanted}")
        return self.error(f"这里应是{wanted}，却是“{self._glimpse()}”")

    def deeper(self) -> None:
        """One bracket further in."""
        self.depth += 1
        if self.depth > DEPTH:
            raise self.error("表达式嵌套太深", "请拆成几个决策")

    def skip(self) -> None:
        blank = BLANK.match(self.text, self.position)
        if blank:
            self.position = blank.end()

    def sees(self, token: str) -> bool:
        self.skip()
        return self.text.startswith(token, self.position)

    def takes(self, token: str) -> bool:
        if self.sees(token):
            self.position += len(token)
            return True
        return False

    def needs(self, token: str) -> None:
        if not self.takes(token):
            raise self.unexpected(f"“{token}”")

    def peek_word(self) -> str:
        self.skip()
        word = WORD.match(self.text, self.position)
        return word[0] if word else ""

    def takes_word(self, word: str) -> bool:
        if self.peek_word() == word:
            self.position += len(word)
            return True
        return False

    def needs_word(self, word: str) -> None:
        if not self.takes_word(word):
            raise self.unexpected(f"“{word}”")

    # --- scope --------------------------------------------------------------------------------------------------------

    def enter(self, names: Mapping[str, Type | None], item: bool = False) -> None:
        self.scope = Scope(names, parent=self.scope, item=item)
        self.tables.append(NameTable(names))

    def leave(self) -> None:
        assert self.scope.parent is not None
        self.scope = self.scope.parent
        self.tables.pop()

    def known_name(self) -> tuple[str, int] | None:
        """The longest known name of several pieces that stands here."""
        best: tuple[str, int] | None = None
        for table in (*reversed(self.tables), _builtin_names()):
            found = table.match(self.text, self.position)
            if found and (best is None or found[1] > best[1]):
                best = found
        return best

    def typed(self, node: t.Node, kind: Type | None) -> t.Node:
        if kind is not None:
            self.types[id(node)] = (node, kind)
        return node

    def type_of(self, node: t.Node) -> Type | None:
        found = self.types.get(id(node))
        kind = found[1] if found else None
        if isinstance(kind, Named):
            return self.scope.named_type(kind.name)
        return kind

    def free_name(self, stop: str = "", stop_word: str = "") -> str:
        """A new name as written, one blank for any: up to a sign that is not part of names, or the stop word."""
        self.skip()
        if not WORD.match(self.text, self.position):
            return ""
        parts: list[str] = []
        end = self.position
        while True:
            blank = BLANK.match(self.text, end)
            place = blank.end() if blank else end
            run = RUN.match(self.text, place)
            piece = run[0] if run else self.text[place : place + 1]
            if not piece or (parts and piece == stop_word) or (run is None and (piece not in SYMBOLS)):
                break
            if blank and parts:
                parts.append(" ")
            parts.append(piece)
            end = place + len(piece)
        self.position = end
        return "".join(parts)
