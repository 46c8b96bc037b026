"""One evaluation: the names in scope with their values, its limits, and why something came out null."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic

from ..findings import Finding, RulebookError
from .temporal import now_utc
from .tree import Node
from .types import Type
from .values import DateTime, Value


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one evaluation may do."""

    steps: int = 2_000_000
    """Iterations, calls, items made and long texts, together."""
    depth: int = 60
    """Calls of FEEL functions inside each other."""
    seconds: float = 20.0
    """By the clock, from the first work that is worth looking at it."""


LOOK = 4096
"""Steps between two looks at the clock."""
LONG = 1000
"""Characters of a text that cost nothing."""
_HEAVY = frozenset((list, dict, str))


class LimitError(RulebookError):
    """The evaluation asked for more steps, depth or time than it may use."""

    def __init__(self, what: str, how_to_mend: str = "请缩小列表、区间或减少递归") -> None:
        super().__init__(Finding("", what, how_to_mend))


class DepthError(LimitError):
    """Calls inside calls, too deep."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Why an expression came out null."""

    node: Node
    why: str


class Run:
    """What an evaluation shares among all its expressions."""

    __slots__ = ("depth", "diagnostics", "limits", "look", "now", "steps", "until")

    def __init__(
        self, limits: Limits | None = None, diagnostics: list[Diagnostic] | None = None, now: DateTime | None = None
    ) -> None:
        self.limits = limits or Limits()
        self.steps = self.limits.steps
        self.look = self.steps - LOOK
        self.until = 0.0
        self.depth = 0
        self.diagnostics = diagnostics
        self.now = now

    def spend(self, steps: int = 1) -> None:
        """Count steps; LimitError when there are none left."""
        self.steps -= steps
        if self.steps < self.look:
            if self.steps < 0:
                raise LimitError(f"计算超过 {self.limits.steps} 步")
            self.look = max(0, self.steps - LOOK)
            self.tick()

    def tick(self) -> None:
        """Look at the clock; LimitError when time is up. For what takes long in one step: whole lists, patterns."""
        now = monotonic()
        if not self.until:
            self.until = now + self.limits.seconds
        elif now > self.until:
            raise LimitError(f"计算超过 {self.limits.seconds:g} 秒")

    def made(self, value: Value) -> None:
        """Count a list, context or text just made: every item however deep, each time it can be reached, and characters.

        What is shared counts wherever it stands, since whatever walks the value will meet it there.
        """
        todo = [value]
        while todo:
            item = todo.pop()
            if type(item) is str:
                if len(item) > LONG:
                    self.spend(len(item) >> 4)
                continue
            self.spend(len(item))
            todo += [below for below in (item.values() if type(item) is dict else item) if type(below) in _HEAVY]

    def moment(self) -> DateTime:
        """now(), the same during the whole run."""
        if self.now is None:
            self.now = now_utc()
        return self.now


class Env:
    """The values of one scope, inside another."""

    __slots__ = ("parent", "run", "values")

    def __init__(self, values: dict[str, Value], parent: Env | None = None, run: Run | None = None) -> None:
        self.values = values
        self.parent = parent
        self.run: Run = run if run is not None else (parent.run if parent is not None else Run())

    def find(self, name: str) -> Value:
        """The value of a name, from inside out; KeyError when there is none."""
        env: Env | None = self
        while env is not None:
            if name in env.values:
                return env.values[name]
            env = env.parent
        raise KeyError(name)

    def fail(self, node: Node, why: str) -> Value:
        """The answer is null; note why, if anybody asks."""
        if self.run.diagnostics is not None:
            self.run.diagnostics.append(Diagnostic(node, why))
        return None


@dataclass(frozen=True)
class Scope:
    """The names an expression may use, with their types where known, and the item definitions by name."""

    names: Mapping[str, Type | None] = field(default_factory=dict)
    types: Mapping[str, Type] = field(default_factory=dict)
    parent: Scope | None = None
    item: bool = False
    """Inside a filter: the entries of the item under test are names too."""

    def type_of(self, name: str) -> Type | None:
        """What is known of a name's type."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return None

    def named_type(self, name: str) -> Type | None:
        """The item definition of that name."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.types:
                return scope.types[name]
            scope = scope.parent
        return None
