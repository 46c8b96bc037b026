"""What a rule asks clause by clause, as values of a program: the same pieces that explanations count, for all rows."""

from __future__ import annotations

from dataclasses import dataclass

from wotu.rulebook.columnar.conditions import Settled, Truth
from wotu.rulebook.columnar.kernel import AND, NOT, OR, SHORT_AND, SHORT_OR
from wotu.rulebook.columnar.plan import RulePlan
from wotu.rulebook.columnar.program import Program
from wotu.rulebook.explain.lacking import Asked, Every, Group, Itself, Lack, Least, gathered, only_clauses
from wotu.rulebook.explain.view import View
from wotu.rulebook.feel.tree import Node


@dataclass(frozen=True, slots=True)
class Step:
    """A clause that a row may lack: its name (none: still the goal), what is short of it, and the place of the step above."""

    clause: str | None
    short: int
    above: int


@dataclass(frozen=True, slots=True)
class Lacking:
    """One rule's pieces in a program."""

    program: Program
    planned: RulePlan
    view: View

    def short(self, lack: Lack) -> int:
        """The value that says what a piece lacks: where nothing, and where exactly one clause unmet and none unknown."""
        match lack:
            case Asked(decision=decision, wanted=wanted):
                return self.so(self.planned.truth(decision), wanted)
            case Itself(decision=decision, node=node, wanted=wanted):
                return self.so(self.condition(decision, node), wanted)
            case Least(decision=decision, node=node, wanted=wanted, parts=parts):
                own = self.so(self.condition(decision, node), wanted)
                each = [self.short(part) for part in parts]
                if decision == self.view.eligible and not only_clauses(self.view, decision):
                    # what fails by something that is no clause, all clauses being met, lacks none of them
                    own = self.program.value(OR, own, self.program.value(AND, self.program.value(NOT, own), *each))
                return self.program.value(SHORT_OR, own, *each)
        values = [self.short(part) for part in gathered(lack)]
        return self.program.value(SHORT_AND, *values) if values else self.program.truth(Settled(True))

    def so(self, truth: Truth, wanted: bool) -> int:
        found = self.program.truth(truth)
        return found if wanted else self.program.value(NOT, found)

    def condition(self, decision: str, node: Node | None) -> Truth:
        """Where a piece of a decision's logic holds; nowhere known where columns cannot say it."""
        if node is None or node is self.view.decisions[decision].logic:
            return self.planned.truth(decision)
        planner = self.planned.planner
        logic = planner.logic(decision)
        found = None if logic is None else planner.condition(logic, planner.flat(logic, node))
        return Settled(None) if found is None else found

    def steps(self, lack: Lack) -> list[Step]:
        """The clauses on the ways down through all-of, each after the one above; under a clause's own name (under none: the
        goal) stay the rows that lack one of several alternatives, or what the clause itself asks."""
        found = [Step(None, self.short(lack), 0)]
        take = self.step if isinstance(lack, Asked | Group) else self.below
        take(lack, None, 0, found)
        return found

    def below(self, lack: Lack, name: str | None, above: int, steps: list[Step]) -> None:
        match lack:
            case Group(part=part):
                self.below(part, name, above, steps)
            case Every(parts=parts) | Least(parts=(_,) as parts):
                for part in parts:
                    self.step(part, name, above, steps)

    def step(self, lack: Lack, name: str | None, above: int, steps: list[Step]) -> None:
        match lack:
            case Asked(decision=decision) | Group(decision=decision):
                name = decision
            case Every() | Least(parts=(_,)):
                pass
            case _:
                return
        place = len(steps)
        steps.append(Step(name, self.short(lack), above))
        self.below(lack, name, place, steps)

    def joined(self, lack: Lack) -> dict[str, int]:
        """The clauses that a goal joins, and where each is as it must be; none where anything else is asked too."""
        asked = (lack,) if isinstance(lack, Asked | Group) else lack.parts if isinstance(lack, Every) else ()
        found = [part for part in asked if isinstance(part, Asked | Group)]
        if len(found) < len(asked):
            return {}
        return {part.decision: self.so(self.planned.truth(part.decision), part.wanted) for part in found}


__all__ = ["Lacking", "Step"]
