"""`wotu rules diff`: what changed between two versions of a rule, and an example of each decision that comes out otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..check.diff import Change, Difference, Outcome, diff
from ..check.ground import example
from ..documents import write_json
from ..examples import examples_of
from ..explain.words import show_value
from ..plain import plain
from ..rulebook import Rulebook
from .arguments import Given
from .given import rulebook

TITLES = {"input": "输入", "decision": "决策", "clause": "条款", "line": "界线", "table": "判定表"}


def run(given: Given) -> int:
    """Print what is different; the worked cases of both are where it starts looking."""
    paths = [Path(word) for word in given.words]
    before, after = map(rulebook, paths)
    cases = [case.inputs for book, path in zip((before, after), paths, strict=True) for case in examples_of(book, path)]
    found = diff(before, after, cases)
    if given.has("json"):
        print(write_json(_document(found), 2))
    else:
        print("\n".join(_told(before, after, found)))
    return 0


def _document(found: Difference) -> dict[str, Any]:
    return {
        "changes": [
            {"what": each.what, "name": each.name, "before": each.before, "after": each.after} for each in found.said
        ],
        "outcomes": [
            {
                "decision": each.decision,
                "inputs": {name: plain(value) for name, value in each.inputs.items()},
                "before": plain(each.before),
                "after": plain(each.after),
                "by": list(each.by),
            }
            for each in found.outcomes
        ],
        "same": [{"decision": each.decision, "proven": each.proven} for each in found.same],
    }


def _told(before: Rulebook, after: Rulebook, found: Difference) -> Iterator[str]:
    yield f"{before.name} {before.edition} → {after.name} {after.edition}".replace("  ", " ").strip()
    for what, title in TITLES.items():
        changes = [each for each in found.said if each.what == what]
        if changes:
            yield f"{title}："
            yield from map(_change, changes)
    if found.outcomes:
        yield "结果变了的决策，各举一例："
        units = {info.name: info.unit for info in after.decisions}
        for each in found.outcomes:
            yield from _outcome(each, units.get(each.decision))
    proven = [each.decision for each in found.same if each.proven]
    tried = [each.decision for each in found.same if not each.proven]
    if proven:
        yield f"没有变的决策：{'、'.join(proven)}"
    if tried:
        yield f"没有试出差别的决策：{'、'.join(tried)}"


def _change(each: Change) -> str:
    if not each.before:
        return f"  ＋ {each.name}：{each.after}"
    if not each.after:
        return f"  － {each.name}：{each.before}"
    return f"  ～ {each.name}：{each.before} → {each.after}"


def _outcome(each: Outcome, unit: str | None) -> Iterator[str]:
    yield f"  {each.decision}：{show_value(each.before, unit, 'zh')} → {show_value(each.after, unit, 'zh')}"
    if each.by:
        yield f"    因为 {'、'.join(each.by)}"
    yield f"    {example(each.inputs)}"
