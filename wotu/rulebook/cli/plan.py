"""`wotu rules plan`: how each decision of a rule is answered over a table, and why where the interpreter does it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..columnar.figures import figure
from ..columnar.plan import RulePlan, plan
from ..documents import write_json
from ..rulebook import Rulebook
from . import given as g
from .arguments import Given


def run(given: Given) -> int:
    """Print the plan of every decision."""
    book = g.rulebook(Path(given.words[0]))
    said = decisions(book, plan(book))
    if given.has("json"):
        print(write_json({"rule": book.name, "decisions": said}, 2))
        return 0
    width = max((len(each["decision"]) for each in said), default=0)
    for each in said:
        why = f"：{each['why']}" if each["why"] else ""
        print(f"{each['decision']:　<{width}}  {each['how']}{why}")
    left = sum(each["how"] == INTERPRETED for each in said)
    print(f"{len(said)} 个决策，{len(said) - left} 个按列计算，{left} 个由解释器按不同的值计算")
    return 0


PLANES, CODES, FIGURES, INSIDE, INTERPRETED = "位平面", "分档", "整数列", "并入上级", "解释器"


def decisions(book: Rulebook, planned: RulePlan) -> list[dict[str, Any]]:
    """Each decision with the way it is answered; the reason where that is the interpreter."""
    found = []
    for info in book.decisions:
        how, why = _how(book, planned, info.name)
        found.append({"decision": info.name, "how": how, "compiled": how != INTERPRETED, "why": why})
    return found


def _how(book: Rulebook, planned: RulePlan, name: str) -> tuple[str, str]:
    if name in planned.truths:
        below = planned.below(name)
        return (PLANES, "") if below is None else (INTERPRETED, planned.reasons.get(below, ""))
    if planned.planner.term_decision(name) is not None:
        return INSIDE, ""
    if not planned.interpreted(name):
        return CODES, ""
    if figure(book, name) is not None:
        return FIGURES, ""
    return INTERPRETED, planned.reasons.get(name, "")
