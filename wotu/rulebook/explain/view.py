"""A rulebook as explanations see it: each decision's tree or table, what its names mean, and values of any piece of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from wotu.rulebook.feel import Env, Run, compile_expression
from wotu.rulebook.feel.tree import Name, Node, walk

if TYPE_CHECKING:
    from wotu.rulebook.dmn.graph import Network
    from wotu.rulebook.feel import Scope
    from wotu.rulebook.rulebook import Rulebook

Origin = Literal["input", "decision"]
Ref = tuple[Origin, str]


@dataclass(frozen=True, slots=True)
class InputView:
    """An input: its unit and its names in both languages."""

    name: str
    unit: str | None
    english: str
    type: str
    """The FEEL type below its item definition: number, string, boolean, date …"""
    choices: tuple[str, ...] = ()
    """Its allowed texts, where they are a closed list."""


@dataclass(frozen=True, slots=True)
class TableView:
    """A decision table as trees: the expressions under test, and for each rule the cells and the first output's tree."""

    inputs: tuple[Node, ...]
    rules: tuple[tuple[tuple[Node, ...], Node | None], ...]


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A decision: what its names stand for, and its logic as a tree or a table (None: some other boxed expression)."""

    name: str
    boolean: bool
    unit: str | None
    english: str
    scope: Scope
    needs: Mapping[str, Ref]
    logic: Node | TableView | None
    constants: Mapping[str, Any]
    """The functions its logic knows."""
    words: str = ""
    """What people should read in the place of its name, where its author says so."""

    def title(self, lang: str) -> str:
        """What it is called in the language."""
        return self.words or self.name if lang == "zh" else self.english or self.name

    def origin(self, local: str) -> Origin | None:
        """Whether a name in its logic is an input or a decision; None when it is neither."""
        return self.needs[local][0] if local in self.needs else None

    def decisions(self) -> Iterator[str]:
        """The decisions it stands on, in order."""
        return (name for origin, name in self.needs.values() if origin == "decision")


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause as the rule's author marked it."""

    name: str
    requires: str
    requires_english: str
    citation: Any
    evidence: str


@dataclass(frozen=True)
class View:
    """A rule ready to be explained; made once for a rulebook, used for any inputs."""

    rulebook: Rulebook
    name: str
    english: str
    edition: str
    eligible: str | None
    inputs: Mapping[str, InputView]
    decisions: Mapping[str, DecisionView]
    clauses: Mapping[str, Clause]
    compiled: dict[tuple[str, Node], Any] = field(default_factory=dict)
    lacks: dict[str, Any] = field(default_factory=dict)
    """What a decision asks clause by clause, when somebody has counted them."""
    watched: list[Network] = field(default_factory=list)
    """The rule compiled once more with a watcher on every table; empty until first traced."""

    def names(self, lang: str) -> dict[str, str]:
        """What each input and decision is called in the language."""
        inputs = {name: name if lang == "zh" else item.english or name for name, item in self.inputs.items()}
        return inputs | {name: item.title(lang) for name, item in self.decisions.items()}

    def levels(self) -> dict[str, int]:
        """The boolean decisions that the eligible decision stands on, through boolean decisions; with their depth."""
        found: dict[str, int] = {}
        if self.eligible is None:
            return {name: 1 for name in self.clauses if name in self.decisions}
        todo = [(name, 1) for name in self.decisions[self.eligible].decisions()]
        while todo:
            name, level = todo.pop(0)
            if self.decisions[name].boolean and name not in found:
                found[name] = level
                todo.extend((lower, level + 1) for lower in self.decisions[name].decisions())
        return found

    def results(self, inputs: Mapping[str, Any], decision: str | None = None) -> Mapping[str, Any]:
        """What the decision (None: every one) and those below it come to for FEEL values; RulebookError refuses a value."""
        if decision is None or decision in self.rulebook.logic:
            wanted = None if decision is None else (decision,)
            return self.rulebook.evaluate(inputs, wanted, null="feel").values
        # a goal: a condition of the asker's over decisions and inputs
        goal = self.decisions[decision]
        assert isinstance(goal.logic, Node)
        below = self.rulebook.evaluate(inputs, tuple(goal.decisions()), null="feel").values
        return {**below, decision: Case(self, inputs, below).value(decision, goal.logic)}

    def reads(self, decision: str) -> tuple[str, ...]:
        """Every input that a decision depends on, through others too."""
        found: list[str] = []
        seen: set[str] = set()
        todo = [decision]
        while todo:
            current = todo.pop(0)
            if current in seen:
                continue
            seen.add(current)
            for origin, name in self.decisions[current].needs.values():
                if origin == "decision":
                    todo.append(name)
                elif name not in found:
                    found.append(name)
        return tuple(found)


@dataclass(frozen=True)
class Case:
    """One set of inputs and what every decision came to; `values` are FEEL values, unknowns narrowed."""

    view: View
    inputs: Mapping[str, Any]
    results: Mapping[str, Any]

    def value(self, decision: str, node: Node, instead: Mapping[str, Any] | None = None) -> Any:
        """What a piece of a decision's logic comes to; `instead` overrides names of that decision."""
        owner = self.view.decisions[decision]
        key = (decision, node)
        run = self.view.compiled.get(key)
        if run is None:
            run = self.view.compiled[key] = compile_expression(node, owner.scope)
        values = {**owner.constants, **{local: self.of(ref) for local, ref in owner.needs.items()}}
        if instead:
            values.update(instead)
        return run(Env(values, run=Run()))

    def of(self, ref: Ref) -> Any:
        """The value of an input or a decision."""
        origin, name = ref
        return self.inputs[name] if origin == "input" else self.results.get(name)


def names_in(node: Node) -> tuple[str, ...]:
    """The names a tree uses, in reading order, each once."""
    return tuple(dict.fromkeys(part.name for part in walk(node) if isinstance(part, Name)))
