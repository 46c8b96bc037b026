"""Types as FEEL writes them: `list<number>`, `context<a: string>`, `function<a> -> b`, names of item definitions."""

from __future__ import annotations

from .cursor import Cursor
from .names import WORD, NameTable
from .run import Scope
from .types import (
    ANY,
    SIMPLE,
    ContextOf,
    FunctionOf,
    ListOf,
    Named,
    RangeOf,
    Type,
)


class TypeReader(Cursor):
    """Reads types."""

    def _resolved(self, kind: Type | None) -> Type | None:
        return self.scope.named_type(kind.name) if isinstance(kind, Named) else kind

    # --- types --------------------------------------------------------------------------------------------------------

    def type(self) -> Type:
        self.deeper()
        found = self._type()
        self.depth -= 1
        return found

    def _type(self) -> Type:
        start = self.position
        word = self.peek_word()
        start = self.position
        if word in ("list", "range", "context", "function"):
            self.position += len(word)
            if self.takes("<"):
                return self.generic(word)
            if word == "function":
                return FunctionOf((), ANY)
            self.position = start
        level: Scope | None = self.scope
        names: set[str] = set(SIMPLE)
        while level is not None:
            names.update(level.types)
            level = level.parent
        found = NameTable(names).match(self.text, start)
        if found:
            name, self.position = found
        else:
            name = word
            if not name:
                raise self.unexpected("类型")
            self.position = start + len(name)
            while self.text.startswith(".", self.position) and WORD.match(self.text, self.position + 1):
                part = WORD.match(self.text, self.position + 1)
                assert part is not None
                name, self.position = f"{name}.{part[0]}", part.end()
        return self.scope.named_type(name) or SIMPLE.get(name) or Named(name)

    def generic(self, word: str) -> Type:
        if word in ("list", "range"):
            inner = self.type()
            self.needs(">")
            return ListOf(inner) if word == "list" else RangeOf(inner)
        if word == "context":
            fields: list[tuple[str, Type]] = []
            if not self.takes(">"):
                while True:
                    name = self.free_name(stop=":")
                    self.needs(":")
                    fields.append((name, self.type()))
                    if not self.takes(","):
                        break
                self.needs(">")
            return ContextOf(tuple(fields))
        parameters: list[Type] = []
        if not self.takes(">"):
            while True:
                parameters.append(self.type())
                if not self.takes(","):
                    break
            self.needs(">")
        self.needs("->")
        return FunctionOf(tuple(parameters), self.type())

    # --- unary tests --------------------------------------------------------------------------------------------------
