"""Counts of a block's bit planes, all rules at once: how many rows each way, which clause stops, which would settle.

Imported when something is first screened, like `machine`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wotu.rulebook.columnar.machine import compiled, counted


@compiled
def tally(outputs: Any, tail: Any, rules: Any, clauses: Any, nodes: Any, items: Any, found: Any) -> None:
    """Fills the counts and bitmaps of some rules.

    `rules` are (number, goal, short), then where its clauses, nodes and items begin and end; `clauses` are outputs; `nodes`
    are (output, parent), parents first, a rule's first one being its goal; `items` are the outputs of what the goal joins.
    `tail` says which rows of the last word there are.
    """
    counts, sides, shorts, stops, only, settled = found
    size = outputs.shape[2]
    one, two = np.empty(size, np.uint64), np.empty(size, np.uint64)
    for place in range(len(rules)):
        rule, goal, short, clause, others, node, end, item, last = rules[place]
        holds, fails, lacks = outputs[goal, 0], outputs[goal, 1], outputs[short, 1]
        for word in range(size):
            shorts[rule, word] = fails[word] & lacks[word]
        counts[rule, 0], counts[rule, 1], counts[rule, 2] = counted(holds), counted(fails), counted(shorts[rule])
        for at in range(clause, others):
            sides[at, 0], sides[at, 1] = counted(outputs[clauses[at], 0]), counted(outputs[clauses[at], 1])
        for at in range(node, end):
            stop = stops[at]
            if at == node:
                for word in range(size):
                    stop[word] = shorts[rule, word]
                continue
            above, lacks = stops[nodes[at, 1]], outputs[nodes[at, 0], 1]
            for word in range(size):
                stop[word] = above[word] & lacks[word]
                above[word] ^= stop[word]
        for at in range(node, end):
            only[at] = counted(stops[at])
        if item == last:
            continue
        one[:] = 0
        two[:] = 0
        for at in range(item, last):
            met = outputs[items[at], 0]
            for word in range(size):
                two[word] |= one[word] & ~met[word]
                one[word] |= ~met[word]
        for word in range(size):
            one[word] &= ~two[word] & ~holds[word] & ~fails[word]
        one[size - 1] &= tail
        for at in range(item, last):
            met = outputs[items[at], 0]
            for word in range(size):
                two[word] = one[word] & ~met[word]
            settled[at] = counted(two)


__all__ = ["tally"]
