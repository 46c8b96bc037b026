"""All rules over a table's conditions and, before a block's planes leave the nearest cache, what is to be said of each rule.

Imported when something is first screened, like `machine`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wotu.rulebook.columnar.machine import BLOCK, combine, compiled, counted, fill


@compiled
def tally(
    planes: Any, operands: Any, stage: Any, rule: Any, parents: Any, tail: Any, first: int,
    holds: Any, fails: Any, stops: Any, only: Any, settled: Any, lacking: Any, one: Any, two: Any,
) -> Any:  # fmt: skip
    """One rule, one block: who is eligible, who not, who is one short and of which decision; how many are one short.

    A stage's operands are the registers of the goal, of what is short, of the rule's nodes and of its items. `rule` says where
    its nodes begin and end, and its items; nodes come parents first, the goal before all (`parents` are counted from it);
    items are what the goal joins. `first` is the block's first word, `tail` the rows that there are.
    """
    start, node, end, item, last = stage[1], rule[0], rule[1], rule[2], rule[3]
    goal, short = planes[operands[start]], planes[operands[start + 1]]
    for word in range(BLOCK):
        holds[first + word] = goal[0, word]
        fails[first + word] = goal[1, word]
        lacking[0, word] = goal[1, word] & short[1, word]
    many = counted(lacking[0])
    if many:
        for at in range(node + 1, end):
            stop, above = lacking[at - node], lacking[parents[at]]
            lacks = planes[operands[start + 2 + at - node], 1]
            for word in range(BLOCK):
                stop[word] = above[word] & lacks[word]
                above[word] ^= stop[word]
        for at in range(node, end):
            only[at] += counted(lacking[at - node])
            for word in range(BLOCK):
                stops[at, first + word] = lacking[at - node, word]
    else:
        for at in range(node, end):
            for word in range(BLOCK):
                stops[at, first + word] = 0
    if item == last:
        return many
    start += 2 + end - node
    for word in range(BLOCK):
        one[word], two[word] = 0, 0
    for at in range(last - item):
        met = planes[operands[start + at], 0]
        for word in range(BLOCK):
            two[word] |= one[word] & ~met[word]
            one[word] |= ~met[word]
    for word in range(BLOCK):
        one[word] &= tail[word] & ~two[word] & ~goal[0, word] & ~goal[1, word]
    for at in range(last - item):
        met = planes[operands[start + at], 0]
        for word in range(BLOCK):
            two[word] = one[word] & ~met[word]
        settled[item + at] += counted(two)
    return many


@compiled
def sweep(
    conditions: Any, wide: Any, middle: Any, narrow: Any, known: Any, given: Any,
    steps: Any, operands: Any, registers: int, stages: Any, rules: Any, parents: Any, tail: Any,
    counts: Any, short: Any, holds: Any, fails: Any, stops: Any, only: Any, settled: Any,
) -> None:  # fmt: skip
    """Every block, every rule: `counts` of what the steps count, and of each rule what `tally` says.

    `holds` and `fails` are [rule, word], `stops` [node, word], with room for whole blocks; `tail` are the last block's rows.
    """
    planes = np.zeros((registers, 2, BLOCK), np.uint64)
    found, one, two = np.zeros(BLOCK, np.uint64), np.zeros(BLOCK, np.uint64), np.zeros(BLOCK, np.uint64)
    whole = np.full(BLOCK, 2**64 - 1, np.uint64)
    most = 1
    for rule in range(len(rules)):
        most = max(most, rules[rule, 1] - rules[rule, 0])
    lacking = np.empty((most, BLOCK), np.uint64)
    for block in range(len(wide)):
        fill(conditions, wide[block], middle[block], narrow[block], known[block], given[block], planes, found)
        there = tail if block == len(wide) - 1 else whole
        begin = 0
        for rule in range(len(rules)):
            combine(steps[begin : stages[rule, 0]], operands, planes, counts)
            begin = stages[rule, 0]
            short[rule] += tally(
                planes, operands, stages[rule], rules[rule], parents, there, block * BLOCK,
                holds[rule], fails[rule], stops, only, settled, lacking, one, two,
            )  # fmt: skip


__all__ = ["sweep"]
