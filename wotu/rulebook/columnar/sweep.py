"""All rules over a table's conditions and, before a block's planes leave the nearest cache, what is to be said of each rule.

A file of kernels, like `machine`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wotu.rulebook.columnar.kernel import BLOCK
from wotu.rulebook.columnar.machine import combine, fill
from wotu.rulebook.columnar.native import I16x3, I32x3, I64x1, I64x2, I64x3, U64x2, U64x3, U64x4, kernel

if TYPE_CHECKING:
    from wotu.rulebook.columnar import tallies


def tally(
    planes: Any, operands: Any, stage: Any, number: Any, rule: Any, parents: Any, tail: Any, first: int,
    holds: Any, fails: Any, stops: Any, only: Any, settled: Any, lacking: Any, one: Any,
) -> Any:  # fmt: skip
    """One rule, one block: who is eligible, who not, who is one short and of which decision; how many are one short.

    A stage's operands are the registers of the goal, of what the rule's nodes lack and of its items. `rule` says where its
    nodes begin and end, and its items; nodes come parents first, the goal before all (`parents` are counted from it); items
    are what the goal joins. `first` is the block's first word, `tail` the rows that there are.
    """
    start, node, end, item, last = stage[1], rule[0], rule[1], rule[2], rule[3]
    goal = operands[start]
    many = tallies.opened(planes, goal, operands[start + 1], holds, fails, number, first, lacking)
    if many:
        for at in range(1, end - node):
            tallies.parted(planes, operands[start + 1 + at], lacking, at, parents[node + at])
        for at in range(node, end):
            only[at] += tallies.kept(lacking, at - node, stops, at, first)
    else:
        for at in range(node, end):
            tallies.nothing(stops, at, first)
    if item == last:
        return many
    start += 1 + end - node
    if tallies.undecided(planes, operands, start, start + last - item, goal, tail, one):
        for at in range(last - item):
            settled[item + at] += tallies.missed(planes, operands[start + at], one)
    return many


@kernel
def sweep(
    conditions: I64x2, wide: I64x3, middle: I32x3, narrow: I16x3, known: U64x3, given: U64x4,
    steps: I64x2, operands: I64x1, stages: I64x2, rules: I64x2, parents: I64x1, tail: U64x2,
    counts: I64x2, short: I64x1, holds: U64x2, fails: U64x2, stops: U64x2, only: I64x1, settled: I64x1,
    planes: U64x3, room: U64x2, lacking: U64x2,
) -> None:  # fmt: skip
    """Every block, every rule: `counts` of what the steps count, and of each rule what `tally` says.

    `holds` and `fails` are [rule, word], `stops` [node, word], with room for whole blocks; `tail` are the rows of a whole block and of
    the last one. `planes` is room for the registers, `room` for three planes, `lacking` for the nodes of any rule.
    """
    for block in range(len(wide)):
        fill(conditions, wide[block], middle[block], narrow[block], known[block], given[block], planes, room)
        there = tail[1] if block == len(wide) - 1 else tail[0]
        begin = 0
        for rule in range(len(rules)):
            combine(steps[begin : stages[rule, 0]], operands, planes, counts)
            begin = stages[rule, 0]
            short[rule] += tally(
                planes, operands, stages[rule], rule, rules[rule], parents, there, block * BLOCK,
                holds, fails, stops, only, settled, lacking, room[0],
            )  # fmt: skip


__all__ = ["sweep"]
