"""Declared types as the others see them: what is below their names, and their allowed values, to be asked and looked into."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ..feel.types import ANY, Constrained, ContextOf, FunctionOf, ListOf, Named, Type

if TYPE_CHECKING:
    from ..feel import Scope, Value
    from ..feel.tree import UnaryTests


class Allowed:
    """The allowed values of a type: `allowed(value)` is True, False, None or unknown of these; `tests` is their tree.

    One that was kept on disk is compiled again when it is first asked.
    """

    __slots__ = ("holds", "scope", "tests", "text")

    def __init__(self, text: str, tests: UnaryTests, scope: Scope) -> None:
        self.text = text
        self.tests = tests
        self.scope = scope
        self.holds: Callable[[Value], Value] | None = _asking(tests, scope)

    def __call__(self, value: Value) -> Value:
        if self.holds is None:
            self.holds = _asking(self.tests, self.scope)
        return self.holds(value)

    def __getstate__(self) -> tuple[Any, ...]:
        """With the model's types only where one of the tests names a type."""
        from ..feel import Scope
        from ..feel import tree as t

        typed = any(isinstance(part, t.InstanceOf | t.Parameter | t.Typed) for part in t.walk(self.tests))
        return self.text, self.tests, self.scope if typed else Scope()

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.text, self.tests, self.scope = state
        self.holds = None


def _asking(tests: UnaryTests, scope: Scope) -> Callable[[Value], Value]:
    from ..feel import Env, Run, compile_tests  # whoever only names types does without the compiler

    holds = compile_tests(tests, scope)
    return lambda value: holds(Env({}, run=Run()), value)


def allowed_of(kind: Type | None) -> Iterator[Allowed]:
    """The allowed values of a type and of those below it."""
    while isinstance(kind, Constrained):
        if isinstance(kind.allows, Allowed):
            yield kind.allows
        kind = kind.base


def bare(kind: Type | None) -> Type:
    """The type without names and allowed values."""
    while isinstance(kind, Constrained):
        kind = kind.base
    return ANY if kind is None or isinstance(kind, Named) else kind


def base_name(kind: Type | None) -> str:
    """number, string, boolean, date …, list, context, function, Any: what a type is below its names."""
    found = bare(kind)
    if isinstance(found, ListOf):
        return "list"
    if isinstance(found, ContextOf):
        return "context"
    return "function" if isinstance(found, FunctionOf) else str(found)
