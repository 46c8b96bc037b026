"""How an answer came about: each decision in order, its table's rows with the entries that failed, each null with its cause.

    trace = book.trace({"科技人员数": 0, "职工总数": 0})
    trace.steps[0].table.rows[0].failed            # the entries of the first rule that the values did not meet
    trace.nulls[0].cause, trace.nulls[0].why       # "division by zero", "除以 0"

Everything is worked out from an evaluation that is over; evaluating itself does nothing for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wotu.rulebook.dmn.graph import Logic
from wotu.rulebook.dmn.texts import Place
from wotu.rulebook.feel import has_unknown
from wotu.rulebook.feel.show import show
from wotu.rulebook.feel.tree import (
    And,
    Arithmetic,
    Between,
    Call,
    Comparison,
    If,
    Name,
    Negate,
    Node,
    NullLiteral,
    Or,
    Path,
    children,
)

from .build import bare, case_of, view_of
from .measure import unit_of
from .model import Part, Used
from .reasons import Asker, explain_decision, missing
from .tables import TableTrace, has_tables, table_trace, tables_run
from .view import Case, DecisionView, TableView, names_in
from .why import Cause, why
from .words import listed, say, show_value

if TYPE_CHECKING:
    from wotu.rulebook.feel import Limits
    from wotu.rulebook.rulebook import Evaluation, Null, Remark, Rulebook, Step


@dataclass(frozen=True, slots=True)
class NullReason:
    """Why an expression is null: what kind of cause, in words, and where it stands; `lacks` are the names without a value."""

    decision: str
    expression: str
    cause: Cause
    why: str
    place: Place | None = None
    lacks: tuple[str, ...] = ()
    follows: bool = False
    """It is null because a piece of it is, which has its own reason."""


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One decision: what it stood on, what it came to, and how."""

    decision: str
    label: str
    unit: str | None
    used: tuple[Used, ...]
    value: Any
    table: TableTrace | None
    inner: tuple[TableTrace, ...]
    """Tables run inside it: of knowledge models and services that it calls, and of its boxes."""
    reason: Part | None
    """Of a yes-or-no decision: met, not met or not known, the value used, what is needed, the distance."""
    nulls: tuple[NullReason, ...]
    lacks: tuple[str, ...]
    """The inputs not known that keep it open."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Every decision in the order of evaluation."""

    rule: str
    edition: str
    steps: tuple[TraceStep, ...]
    values: Mapping[str, Any]
    lang: str
    names: Mapping[str, str]
    """What inputs and decisions are called in the language."""

    @property
    def nulls(self) -> tuple[NullReason, ...]:
        """Every null with a cause of its own."""
        return tuple(each for step in self.steps for each in step.nulls if not each.follows)

    def step(self, decision: str) -> TraceStep:
        """The step of a decision; KeyError when it was not evaluated."""
        for step in self.steps:
            if step.decision == decision:
                return step
        raise KeyError(decision)


def trace(
    book: Rulebook,
    inputs: Mapping[str, Any],
    decisions: Sequence[str] | None = None,
    *,
    null: Null = "unknown",
    lang: str = "zh",
    limits: Limits | None = None,
) -> Trace:
    """Evaluate, and say how each decision came about. Raises RulebookError where evaluating would."""
    found = book.evaluate(inputs, decisions, null=null, limits=limits, trace=True)
    whole = found if decisions is None else book.evaluate(inputs, null=null, limits=limits)
    case = case_of(view_of(book), inputs, whole, null)
    ask = Asker(case, lang)
    names = case.view.names(lang)
    return Trace(book.name, book.edition, tuple(_steps(book, found, ask)), found.values, lang, names)


def _steps(book: Rulebook, found: Evaluation, ask: Asker) -> Iterator[TraceStep]:
    for step in found.trace:
        owner = ask.case.view.decisions.get(step.decision)
        if owner is None:
            used = tuple(Used(name, value, None) for name, value in step.needs.items())
            yield TraceStep(step.decision, step.decision, None, used, step.value, None, (), None, (), ())
            continue
        logic = book.logic.get(step.decision)
        tables = _tables(ask.case, logic, step) if logic is not None and has_tables(logic) else []
        table = tables.pop(0) if tables and not tables[0].title else None
        remarks = [remark for remark in found.diagnostics if remark.decision == step.decision]
        tree = None if isinstance(owner.logic, TableView) else owner.logic
        lacks: tuple[str, ...] = ()
        if has_unknown(step.value):
            lacks = table.lacks if table is not None else missing(ask.case, owner, tree, "unknown")
        yield TraceStep(
            decision=step.decision,
            label=owner.title(ask.lang),
            unit=owner.unit,
            used=tuple(
                Used(name, value, unit_of(ask.case.view, owner, Name(name))) for name, value in step.needs.items()
            ),
            value=step.value,
            table=table,
            inner=tuple(tables),
            reason=explain_decision(ask, step.decision) if owner.boolean else None,
            nulls=tuple(_nulls(ask, owner, step, remarks, table)),
            lacks=lacks,
        )


def _tables(case: Case, logic: Logic, step: Step) -> list[TableTrace]:
    """The tables that the decision ran, its own first."""
    values = {key: step.needs[".".join(path)] for path, (_, key) in logic.needs.items()}
    own = logic.decision.expression
    return [
        table_trace(case, seen, step.decision if seen.box is own else None)
        for seen in tables_run(case.view, logic.key, values)
    ]


# --- nulls ----------------------------------------------------------------------------------------------------------


def _nulls(
    ask: Asker, owner: DecisionView, step: Step, remarks: Sequence[Remark], table: TableTrace | None
) -> Iterator[NullReason]:
    """The remarks of a decision, each with its cause; and a reason for a null that came without one."""
    seen: list[NullReason] = []
    for remark in remarks:
        reason = _of_remark(ask, owner, step, remark)
        if reason.place is not None and any(_inside(other.place, reason.place) for other in seen):
            reason = NullReason(
                reason.decision, reason.expression, reason.cause, reason.why, reason.place, reason.lacks, True
            )
        if table is not None and reason.cause == "follows" and not reason.lacks:
            continue  # a cell met a column's null: the table says so itself
        if reason not in seen:
            seen.append(reason)
    yield from seen
    if step.value is None and not seen:
        yield _silent(ask, owner, step, table)


def _inside(small: Place | None, large: Place) -> bool:
    """Whether a place lies within another one of the same text."""
    if small is None or small.title != large.title or small.file_line != large.file_line or small == large:
        return False
    return large.node.span[0] <= small.node.span[0] and small.node.span[1] <= large.node.span[1]


def _of_remark(ask: Asker, owner: DecisionView, step: Step, remark: Remark) -> NullReason:
    cause, words = why(remark.why, ask.lang)
    names = names_in(remark.place.node) if remark.place is not None else ()
    lacks = tuple(name for name in names if name in step.needs and step.needs[name] is None)
    if lacks and "null" in remark.why:
        cause, words = _lacking(ask, owner, lacks)
    elif "null" in remark.why and cause == "type mismatch":
        cause = "follows"
    return NullReason(step.decision, remark.expression, cause, words, remark.place, lacks)


def _lacking(ask: Asker, owner: DecisionView, lacks: Sequence[str]) -> tuple[Cause, str]:
    """Names without a value: inputs are missing, decisions have their own reason."""
    inputs = [name for name in lacks if owner.origin(name) == "input"]
    if inputs:
        return "missing input", say(ask.lang, "has no value", listed(inputs, ask.lang))
    return "follows", say(ask.lang, "came to null", listed(lacks, ask.lang))


def _silent(ask: Asker, owner: DecisionView, step: Step, table: TableTrace | None) -> NullReason:
    """Why a decision is null though nothing failed: no row matched, a value is missing, or the rule says null."""
    name = step.decision
    if table is not None:
        title = say(ask.lang, "table of", name)
        if table.hits:
            numbers = listed((str(row.number) for row in table.hits), ask.lang)
            return NullReason(name, title, "says null", say(ask.lang, "row says null", numbers))
        lacks = tuple(column for column, value in table.values if value is None)
        if lacks:
            words = say(ask.lang, "no row without", listed(lacks, ask.lang))
        else:
            values = (f"{column} {show_value(value, None, ask.lang)}" for column, value in table.values)
            words = say(ask.lang, "no row", listed(values, ask.lang))
        return NullReason(name, title, "unmatched table", words, None, lacks)
    if owner.logic is None or isinstance(owner.logic, TableView):
        lacks = tuple(local for local, value in step.needs.items() if value is None)
        cause, words = _lacking(ask, owner, lacks) if lacks else ("says null", say(ask.lang, "no reason"))
        return NullReason(name, name, cause, words, None, lacks)
    node = _origin(ask.case, owner, owner.logic)
    place = ask.case.view.rulebook.network.texts.place(node)
    expression = place.source if place is not None else show(node)
    if isinstance(node, Name) and node.name in owner.needs:
        cause, words = _lacking(ask, owner, (node.name,))
        return NullReason(name, expression, cause, words, place, (node.name,))
    words = say(ask.lang, "says null") if isinstance(node, NullLiteral) else say(ask.lang, "no reason")
    return NullReason(name, expression, "says null", words, place)


OPERATIONS = (Path, Call, Negate, Arithmetic, Comparison, Between, And, Or)
"""What has operands that can be looked at alone; other constructs give their pieces names of their own."""


def _origin(case: Case, owner: DecisionView, node: Node) -> Node:
    """The lowest piece that is null without a failure: a name, a literal, the branch taken."""
    while True:
        node = bare(node)
        if isinstance(node, If):
            node = node.then if case.value(owner.name, node.condition) is True else node.otherwise
            continue
        if not isinstance(node, OPERATIONS):
            return node
        below = [item for item in children(node) if not isinstance(item, Name) or item.name in owner.needs]
        null = next((item for item in below if case.value(owner.name, bare(item)) is None), None)
        if null is None:
            return node
        node = null
