"""What a comparison measures: its name in words, its unit, and which value of an input would bring it to a threshold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from wotu.rulebook.feel import known
from wotu.rulebook.feel.temporal import date_of, day_number
from wotu.rulebook.feel.tree import (
    Arithmetic,
    Call,
    Comparison,
    If,
    ListLiteral,
    Name,
    Negate,
    Node,
    NumberLiteral,
    walk,
)
from wotu.rulebook.feel.unknown import has_unknown
from wotu.rulebook.feel.values import MATH, Date, DaysDuration, FeelError

from .view import Case, DecisionView, TableView, View, names_in
from .words import RATIO, say

MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}

STEPS = {
    "元": Decimal("0.01"), "人": Decimal(1), "项": Decimal(1), "名": Decimal(1), "分": Decimal("0.01"), "年": Decimal("0.01"),
    RATIO: Decimal("0.0001"),
}  # fmt: skip
STEP = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Measured:
    """A comparison turned so that the measure stands left and the constant right."""

    measure: Node
    operator: str
    threshold: Node


def measured(node: Comparison, constant: Any) -> Measured | None:
    """The comparison as measure against threshold; None when both or neither side is constant (`constant(node)`)."""
    left, right = constant(node.left), constant(node.right)
    if right and not left:
        return Measured(node.left, node.operator, node.right)
    if left and not right:
        return Measured(node.right, MIRRORED[node.operator], node.left)
    return None


def is_constant(owner: DecisionView, node: Node) -> bool:
    """No name of the decision's requirements in it."""
    return not any(name in owner.needs for name in names_in(node))


def unfold(view: View, owner: DecisionView, node: Node) -> tuple[DecisionView, Node]:
    """A name that stands for a decision with a formula becomes that formula, in its own decision; again and again."""
    for _ in range(len(view.decisions) + 1):
        if not isinstance(node, Name) or node.name not in owner.needs:
            break
        origin, name = owner.needs[node.name]
        if origin == "input":
            break
        lower = view.decisions[name]
        if lower.logic is None or isinstance(lower.logic, TableView):
            break
        owner, node = lower, lower.logic
    return owner, node


def unit_of(view: View, owner: DecisionView, node: Node) -> str | None:
    """元 / 元 is a ratio, 元 + 元 is 元, dates apart are days; None when it can't be told."""
    if isinstance(node, Name) and node.name in owner.needs:
        origin, name = owner.needs[node.name]
        return (
            view.inputs[name].unit if origin == "input" else view.decisions[name].unit or _inner_unit(view, owner, node)
        )
    if isinstance(node, Negate):
        return unit_of(view, owner, node.operand)
    if isinstance(node, Arithmetic):
        left, right = unit_of(view, owner, node.left), unit_of(view, owner, node.right)
        if node.operator == "/":
            return (
                RATIO
                if left == right and left is not None
                else (left if isinstance(node.right, NumberLiteral) else None)
            )
        if node.operator == "*":
            if left in (None, RATIO) or right in (None, RATIO):
                return right if left in (None, RATIO) else left
            return None
        return left if left == right else (left or right)
    if isinstance(node, Call) and node.arguments:
        units = {unit_of(view, owner, argument) for argument in node.arguments} - {None}
        return units.pop() if len(units) == 1 else None
    return None


def _inner_unit(view: View, owner: DecisionView, node: Node) -> str | None:
    lower, logic = unfold(view, owner, node)
    return None if isinstance(logic, Name) else unit_of(view, lower, logic)


def words_for(view: View, owner: DecisionView, node: Node, lang: str, show: Any) -> str:
    """The measure's name: an input's or decision's name, A占B for a ratio, A、B合计 for a sum; else the formula itself."""
    if isinstance(node, Name):
        if node.name not in owner.needs:
            return node.name
        origin, name = owner.needs[node.name]
        if origin == "decision":
            return view.decisions[name].title(lang)
        return name if lang == "zh" else view.inputs[name].english or name
    if isinstance(node, Arithmetic):
        left = words_for(view, owner, node.left, lang, show)
        right = words_for(view, owner, node.right, lang, show)
        if node.operator == "/" and unit_of(view, owner, node) == RATIO:
            return say(lang, "of", left, right)
        if node.operator == "+":
            return say(lang, "sum", f"{left}＋{right}" if lang == "zh" else f"{left} + {right}")
        if node.operator == "-" and _is_date(view, owner, node.left):
            return say(lang, "apart", left, right)
    return str(show(node))


def _is_date(view: View, owner: DecisionView, node: Node) -> bool:
    if not isinstance(node, Name) or node.name not in owner.needs:
        return False
    kind = owner.scope.type_of(node.name)
    return kind is not None and str(kind) == "date"


def leaves(case: Case, owner: DecisionView, node: Node) -> Iterator[str]:
    """The inputs in a measure, formulas of other decisions unfolded, first the one people would move (numerator, first addend)."""
    owner, node = unfold(case.view, owner, node)
    if isinstance(node, Name) and node.name in owner.needs:
        origin, name = owner.needs[node.name]
        if origin == "input":
            yield name
    elif isinstance(node, Arithmetic):
        yield from leaves(case, owner, node.left)
        yield from leaves(case, owner, node.right)
    elif isinstance(node, Negate):
        yield from leaves(case, owner, node.operand)
    elif isinstance(node, If):
        yield from leaves(case, owner, _taken(case, owner, node))
    elif isinstance(node, Call) and isinstance(node.function, Name) and node.function.name in RISING:
        for argument in _moving(node):
            yield from leaves(case, owner, argument)


RISING = ("sum", "max", "min", "mean", "floor", "ceiling", "decimal",
          "round up", "round down", "round half up", "round half down")  # fmt: skip
"""Built-ins that can be turned round, or nearly: what comes of it is tried before it is said."""


ROUNDING = RISING[4:]


def targets(view: View, owner: DecisionView, node: Node, constant: Any) -> tuple[Any, ...]:
    """What the measure may be brought to so that it passes a constant: that, and where it is rounded, a step further."""
    below, tree = unfold(view, owner, node)
    rounds = any(
        isinstance(part, Call) and isinstance(part.function, Name) and part.function.name in ROUNDING
        for part in walk(tree)
    )
    if not rounds or not isinstance(constant, Decimal):
        return (constant,)
    step = STEPS.get(unit_of(view, owner, node) or unit_of(view, below, tree) or "", STEP)
    return (constant, constant + step, constant - step)


def _taken(case: Case, owner: DecisionView, node: If) -> Node:
    """The branch that the values there are lead to."""
    return node.then if case.value(owner.name, node.condition) is True else node.otherwise


def _moving(node: Call) -> tuple[Node, ...]:
    """The arguments that a built-in's result moves with: all items of a list, else the first (the others are settings)."""
    assert isinstance(node.function, Name)
    if node.function.name in ("sum", "max", "min", "mean"):
        first = node.arguments[0] if len(node.arguments) == 1 else None
        return first.items if isinstance(first, ListLiteral) else node.arguments
    return node.arguments[:1]


def solve(case: Case, owner: DecisionView, node: Node, name: str, target: Any) -> Any:
    """The value of that input which makes the measure come to the target, all else as it is; None when there is none."""
    view = case.view
    owner, node = unfold(view, owner, node)
    if isinstance(node, Name):
        return target if owner.needs.get(node.name) == ("input", name) else None
    try:
        if isinstance(node, Negate):
            return solve(case, owner, node.operand, name, known.negate(target))
        if isinstance(node, Arithmetic):
            return _solve_arithmetic(case, owner, node, name, target)
        if isinstance(node, If):
            return solve(case, owner, _taken(case, owner, node), name, target)
        if isinstance(node, Call) and isinstance(node.function, Name) and node.function.name in RISING:
            return _solve_call(case, owner, node, name, target)
    except FeelError:
        return None
    return None


def _solve_arithmetic(case: Case, owner: DecisionView, node: Arithmetic, name: str, target: Any) -> Any:
    on_left = name in leaves(case, owner, node.left)
    on_right = name in leaves(case, owner, node.right)
    if on_left == on_right:
        return None
    moved, fixed = (node.left, node.right) if on_left else (node.right, node.left)
    other = case.value(owner.name, fixed)
    if other is None or has_unknown(other):
        return None
    if node.operator == "+":
        wanted = known.subtract(target, other)
    elif node.operator == "-":
        wanted = known.add(target, other) if on_left else known.subtract(other, target)
    elif node.operator == "*":
        wanted = known.divide(target, other)
    elif node.operator == "/":
        wanted = known.multiply(target, other) if on_left else known.divide(other, target)
    else:
        return None
    return solve(case, owner, moved, name, wanted)


def _solve_call(case: Case, owner: DecisionView, node: Call, name: str, target: Any) -> Any:
    """The one argument that holds the input takes the target: all of it, or what the others of a sum leave."""
    assert isinstance(node.function, Name)
    arguments = _moving(node)
    moved = [argument for argument in arguments if name in leaves(case, owner, argument)]
    if len(moved) != 1:
        return None
    others = [case.value(owner.name, argument) for argument in arguments if argument is not moved[0]]
    if node.function.name in ("sum", "mean"):
        if any(other is None or has_unknown(other) for other in others):
            return None
        if node.function.name == "mean":
            target = known.multiply(target, Decimal(len(arguments)))
        for other in others:
            target = known.subtract(target, other)
    return solve(case, owner, moved[0], name, target)


def around(value: Any, unit: str | None) -> tuple[Any, ...]:
    """Values an input can really take at and next to a computed one: whole people, cents, days; the exact one first."""
    if isinstance(value, Decimal):
        step = STEPS.get(unit or "", STEP)
        low = MATH.multiply(MATH.divide(value, step).to_integral_value(ROUND_FLOOR), step)
        high = MATH.multiply(MATH.divide(value, step).to_integral_value(ROUND_CEILING), step)
        found = [low, high, high + step, low - step]
        return tuple(dict.fromkeys(found))
    if isinstance(value, Date):
        day = day_number(value)
        return (value, date_of(day + 1), date_of(day - 1))
    return (value,)


def difference(new: Any, old: Any) -> Decimal | None:
    """How far two values of one kind are apart, as a number (dates in days); None when that means nothing."""
    if isinstance(new, Decimal) and isinstance(old, Decimal):
        return abs(MATH.subtract(new, old))
    if isinstance(new, Date) and isinstance(old, Date):
        return Decimal(abs(day_number(new) - day_number(old)))
    if isinstance(new, DaysDuration) and isinstance(old, DaysDuration):
        return abs(Decimal(new.nanos) - Decimal(old.nanos)) / Decimal(86_400 * 1_000_000_000)
    return None
