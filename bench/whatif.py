"""How long does a changed threshold take with a registry loaded, and how long a thousand changed enterprises?"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from bench import peers, synthetic
from wotu.rulebook.columnar.session import Change, Session


def answer(*, full: bool = False, huge: bool = False, threads: Sequence[int] = (1,)) -> dict[str, Any]:
    """Seconds of one what-if and of one update, steady state, one thread."""
    rows, count = (1_000_000 if full else 100_000), 300
    table, policies = synthetic.table(rows), synthetic.policies(count)
    session = Session([policy.book for policy in policies], table)
    chosen = next(p for p in policies if any(len(c) == 1 and c[0].kind == "least" for c in p.clauses))
    clause = next(n for n, c in enumerate(chosen.clauses, 1) if len(c) == 1 and c[0].kind == "least")
    bound = chosen.clauses[clause - 1][0].bound
    session.what_if(chosen.name, Change(f"条款{clause}", bound=bound))
    bounds = iter(range(1, 10_000))
    what_if, _ = peers.timed(
        lambda: session.what_if(chosen.name, Change(f"条款{clause}", bound=bound * Decimal(100 + next(bounds)) / 100))
    )
    random = np.random.default_rng(1)
    some = np.sort(random.choice(rows, 1000, replace=False))
    changed, one = synthetic.table(1000, seed=8), synthetic.table(1, seed=9)
    # the answers alone; the table itself is put together again when next it is asked about
    update, _ = peers.timed(lambda: session.answered(some, changed))
    alone, _ = peers.timed(lambda: session.answered(some[:1], one))
    measured = [
        {"tool": "改一个界限（引擎内）", "rows": rows, "policies": 1, "threads": 1, "seconds": what_if},
        {"tool": "1,000 家有变化", "rows": rows, "policies": count, "threads": 1, "seconds": update},
        {"tool": "1 家有变化", "rows": rows, "policies": count, "threads": 1, "seconds": alone},
    ]
    return {"question": __doc__, "measured": measured}
