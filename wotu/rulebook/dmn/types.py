"""Item definitions -> FEEL types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..feel import FeelSyntaxError, Scope, parse, parse_type
from ..feel import tree as t
from ..feel.types import ANY, SIMPLE, Constrained, ContextOf, FunctionOf, ListOf, Type
from ..findings import Finding
from . import model as m
from .declared import Allowed


class Types:
    """The types of one model by name, those of imported models as `import.name`; made when first asked for."""

    def __init__(self, file: str, definitions: Iterable[m.ItemDefinition], imported: Mapping[str, Types]) -> None:
        self.file = file
        self.findings: list[Finding] = []
        self.definitions = {item.name: item for item in definitions}
        self.imported = imported
        self.known: dict[str, Type] = {}
        self.open: list[str] = []
        for name in self.definitions:
            self.named(name)
        for prefix, types in imported.items():
            for name, kind in types.known.items():
                self.known.setdefault(f"{prefix}.{name}" if prefix else name, kind)

    def scope(self) -> Scope:
        """The outermost scope of every expression of the model: no names, all types."""
        return Scope({}, self.known)

    def resolve(self, reference: str, element: m.Element, where: str) -> Type | None:
        """The type a typeRef means; None when it says nothing; a finding when there is no such type."""
        text = " ".join(reference.split())
        if not text:
            return None
        found = self.look_up(text)
        if found is None and "<" in text:
            try:
                found = parse_type(text, Scope({}, self.known))
            except FeelSyntaxError:
                found = None
        if found is None:
            where = f"{self.file} 第 {element.line} 行 {where}" if element.line else f"{self.file} {where}"
            names = "、".join(self.definitions)
            self.findings.append(
                Finding(
                    where,
                    f"没有类型“{reference}”",
                    f"请用 FEEL 的类型（number、string、boolean、date …）或本模型的类型{f'：{names}' if names else ''}",
                )
            )
        return found

    def look_up(self, name: str) -> Type | None:
        """A type by name, with or without a prefix."""
        found = self.named(name)
        if found is not None:
            return found
        _prefix, colon, rest = name.partition(":")
        return self.named(rest) if colon else None

    def named(self, name: str) -> Type | None:
        if name in self.known:
            return self.known[name]
        if name not in self.definitions:
            if name in SIMPLE:
                return SIMPLE[name]
            for prefix, types in self.imported.items():
                if name.startswith(f"{prefix}.") and prefix:
                    return types.named(name[len(prefix) + 1 :])
            return None
        if name in self.open:
            if any(self.definitions[item].components for item in self.open[self.open.index(name) :]):
                return ANY  # a tree of itself: what stands inside is not looked at again
            circle = " → ".join((*self.open[self.open.index(name) :], name))
            item = self.definitions[name]
            self.findings.append(
                Finding(f"{self.file} 第 {item.line} 行 类型“{name}”", f"类型绕成一圈：{circle}", "请断开其中一处")
            )
            return ANY
        self.open.append(name)
        found = self.made(self.definitions[name], name)
        self.open.pop()
        self.known[name] = found
        return found

    def made(self, item: m.ItemDefinition, name: str) -> Type:
        """The type of a definition or component."""
        base = self.base(item, name)
        if item.is_collection:
            inner = self.constrained(name, base, item.allowed)
            return self.constrained(name, ListOf(inner if item.allowed else base), item.constraint, always=True)
        return self.constrained(
            name, self.constrained(name, base, item.constraint), item.allowed, always=item.constraint is None
        )

    def base(self, item: m.ItemDefinition, name: str) -> Type:
        title = f"类型“{name}”"
        if item.components:
            return ContextOf(tuple((part.name, self.made(part, f"{name}.{part.name}")) for part in item.components))
        if item.is_function:
            parameters = tuple(self.resolve(part.type_ref, part, title) or ANY for part in item.parameters)
            return FunctionOf(parameters, self.resolve(item.output_type_ref, item, title) or ANY)
        return self.resolve(item.type_ref, item, title) or ANY

    def constrained(self, name: str, base: Type, tests: m.UnaryTests | None, always: bool = False) -> Type:
        """The type with its allowed values; the base alone when there are none, unless it is to bear the name."""
        allows = self.allowed(name, base, tests) if tests is not None and tests.text.strip() else None
        return Constrained(name, base, allows) if allows is not None or always else base

    def allowed(self, name: str, base: Type, tests: m.UnaryTests) -> Allowed | None:
        scope = Scope({}, self.known)
        text = tests.text.strip()
        try:
            tree = parse(text, Scope({"?": base}, parent=scope), kind="unary tests")
        except FeelSyntaxError as problem:
            for finding in problem.findings:
                where = f"{self.file} 第 {tests.line} 行 类型“{name}”的允许值，{finding.where}"
                self.findings.append(Finding(where, finding.what, finding.how_to_mend, example=finding.example))
            return None
        assert isinstance(tree, t.UnaryTests)
        return Allowed(text, tree, scope)
