"""How long does a changed clause take with a registry loaded, a thousand changed enterprises, and one enterprise alone?"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from bench import synthetic
from wotu.rulebook import Rulebook
from wotu.rulebook.columnar.session import Change, Session

PAID = (
    '<decision id="d_pay" name="金额"><variable name="金额" typeRef="number"/>'
    '<informationRequirement><requiredDecision href="#d_符合"/></informationRequirement>'
    '<informationRequirement><requiredInput href="#in_{0}"/></informationRequirement>'
    "<literalExpression><text>if 符合 then min({0} * 0.15, 1000000) else null</text></literalExpression></decision>"
)
"""What a policy pays, added to the one that is tried."""
CALLS = 200


def answer(*, full: bool = False, huge: bool = False, threads: Sequence[int] = (1,)) -> dict[str, Any]:
    """Seconds of one what-if, of one update and of one enterprise's answers: steady state, one thread, no two calls alike."""
    rows, count = (1_000_000 if full else 100_000), 300
    table, policies = synthetic.table(rows), list(synthetic.policies(count))
    chosen, clauses = _chosen(policies)
    books = [_paid(policy) if policy is chosen else policy.book for policy in policies]
    session = Session(books, table)
    changes = {kind: _changes(kind, clause, atom) for kind, (clause, atom) in clauses.items()}
    measured = [
        _measured(f"改一个条款：{_KINDS[kind]}", rows, 1, lambda made=made: session.what_if(chosen.name, next(made)))
        for kind, made in changes.items()
    ]
    random = np.random.default_rng(1)
    some = [np.sort(random.choice(rows, 1000, replace=False)) for _ in range(20)]
    news = [synthetic.table(1000, seed=100 + number) for number in range(20)]
    ones = [news[0].slice(number, 1) for number in range(1000)]
    turns = iter(range(10**6))

    def update(news: list[pa.Table], size: int, columns: Sequence[str] | None = None) -> Callable[[], object]:
        def work() -> object:
            turn = next(turns)
            new = news[turn % len(news)]
            return session.update(some[turn % len(some)][:size], new if columns is None else new.select(columns))

        return work

    measured += [
        _measured("1,000 家有变化", rows, count, update(news, 1000)),
        _measured("1,000 家的一列有变化", rows, count, update(news, 1000, ["金额00"])),
        _measured("1 家有变化", rows, count, update(ones, 1)),
    ]
    enterprises = [dict(row) for row in news[1].to_pylist()]
    measured.append(
        _measured(
            "问一家（不在表内）", rows, count, lambda: session.answer(enterprises[next(turns) % len(enterprises)])
        )
    )
    return {"question": __doc__, "measured": measured}


_KINDS = {"least": "界限", "ratio": "比值的界限", "among": "名单"}


def _chosen(policies: Sequence[synthetic.Policy]) -> tuple[synthetic.Policy, dict[str, tuple[str, synthetic.Atom]]]:
    """A policy with most kinds of clauses that are one condition."""
    found = {}
    for policy in policies:
        own = {c[0].kind: (f"条款{n}", c[0]) for n, c in enumerate(policy.clauses, 1) if len(c) == 1}
        found[policy] = {kind: own[kind] for kind in _KINDS if kind in own}
    best = max(found, key=lambda policy: len(found[policy]))
    return best, found[best]


def _paid(policy: synthetic.Policy) -> Rulebook:
    column = next(atom.column for clause in policy.clauses for atom in clause if atom.column in synthetic.MONEY)
    text = synthetic.dmn(policy)
    return Rulebook.from_bytes(text.replace("</definitions>", PAID.format(column) + "</definitions>").encode())


def _changes(kind: str, clause: str, atom: synthetic.Atom) -> Iterator[Change]:
    words = synthetic.WORDS.get(atom.column, [])
    for number in range(10**6):
        if kind == "among":
            yield Change(clause, texts=tuple(words[(number + each) % len(words)] for each in range(1 + number % 5)))
        else:
            yield Change(clause, bound=atom.bound * Decimal(80 + number % 41) / 100 + Decimal(number % 7) / 100)


def _measured(tool: str, rows: int, policies: int, work: Callable[[], object]) -> dict[str, Any]:
    """The best of many calls, and the middle one: others may be using the machine."""
    spent = []
    for _ in range(CALLS):
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    spent.sort()
    return {
        "tool": f"{tool}（多半 {1000 * spent[CALLS // 2]:.2f} 毫秒）", "rows": rows, "policies": policies, "threads": 1,
        "seconds": spent[0], "median": spent[CALLS // 2],
    }  # fmt: skip
