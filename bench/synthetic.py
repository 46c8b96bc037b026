"""A registry and policies that look like real ones: deterministic, of any size, with nulls and values at the thresholds.

A policy is data here (`Policy`), so that it can be said in DMN, in polars, in SQL and in zen's language alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import pyarrow as pa

from wotu.rulebook import Rulebook

MODEL = "https://www.omg.org/spec/DMN/20230324/MODEL/"
MONEY = [f"金额{n:02}" for n in range(24)]
COUNTS = [f"数量{n:02}" for n in range(12)]
SHARES = [f"比率{n:02}" for n in range(10)]
FLAGS = [f"是否{n:02}" for n in range(10)]
DAYS = ["成立日期", "迁入日期"]
TEXTS = ["行业", "区域"]
WORDS = {"行业": [f"行业{n:02}" for n in range(20)], "区域": [f"片区{n}" for n in range(8)]}
COLUMNS = [*MONEY, *COUNTS, *SHARES, *FLAGS, *DAYS, *TEXTS]
KINDS = {
    **dict.fromkeys(MONEY, "number"), **dict.fromkeys(COUNTS, "number"), **dict.fromkeys(SHARES, "number"),
    **dict.fromkeys(FLAGS, "boolean"), **dict.fromkeys(DAYS, "date"), **dict.fromkeys(TEXTS, "string"),
}  # fmt: skip
SCALES = {**dict.fromkeys(MONEY, 2), **dict.fromkeys(SHARES, 4), **dict.fromkeys(COUNTS, 0), **dict.fromkeys(DAYS, 0)}


@dataclass(frozen=True)
class Atom:
    """A condition: `kind` is least, most, ratio, flag, not flag, among or since."""

    kind: str
    column: str
    bound: Decimal = Decimal(0)
    under: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Policy:
    """All clauses must hold; a clause holds where any of its conditions does."""

    name: str
    clauses: tuple[tuple[Atom, ...], ...]

    @cached_property
    def book(self) -> Rulebook:
        """The policy as DMN."""
        return Rulebook.from_bytes(dmn(self).encode())


def table(rows: int, seed: int = 7) -> pa.Table:
    """So many enterprises with 60 columns, 3% of the cells not known."""
    random = np.random.default_rng(seed)
    made: dict[str, pa.Array] = {}

    def nulls() -> np.ndarray:
        return random.random(rows) < 0.03

    for name in MONEY:
        cents = (10 ** random.uniform(4, 9, rows)).astype(np.int64) * 100
        cents[random.random(rows) < 0.02] = 0
        made[name] = decimals(cents, 2, nulls())
    for name in COUNTS:
        made[name] = pa.array(random.integers(0, 1000, rows).astype(np.int32), mask=nulls())
    for name in SHARES:
        made[name] = decimals(random.integers(0, 10_001, rows), 4, nulls())
    for name in FLAGS:
        made[name] = pa.array(random.random(rows) < 0.8, mask=nulls())
    for name in DAYS:
        made[name] = pa.array(random.integers(12_000, 20_500, rows).astype(np.int32), mask=nulls()).cast(pa.date32())
    for name in TEXTS:
        words = WORDS[name]
        codes = pa.array(random.integers(0, len(words), rows).astype(np.int32), mask=nulls())
        made[name] = pa.DictionaryArray.from_arrays(codes, pa.array(words))
    return pa.table({name: made[name] for name in COLUMNS})


def decimals(values: np.ndarray, scale: int, mask: np.ndarray) -> pa.Array:
    """Scaled integers as a decimal column."""
    both = np.stack([values.astype(np.int64), values.astype(np.int64) >> 63], axis=1)
    valid = pa.py_buffer(np.packbits(~mask, bitorder="little").tobytes())
    kind = pa.decimal128(18, scale)
    return pa.Array.from_buffers(kind, len(values), [valid, pa.py_buffer(both.tobytes())])


def policies(count: int, seed: int = 11) -> tuple[Policy, ...]:
    """So many policies of 4 to 12 clauses, a third of these with alternatives; conditions recur from policy to policy."""
    random = np.random.default_rng(seed)
    pool = list(atoms(random))
    made = []
    for number in range(count):
        clauses = []
        for _ in range(int(random.integers(4, 13))):
            some = int(random.integers(2, 4)) if random.random() < 0.33 else 1
            clauses.append(tuple(pool[int(place)] for place in random.choice(len(pool), some, replace=False)))
        made.append(Policy(f"政策{number:04}", tuple(clauses)))
    return tuple(made)


def atoms(random: np.random.Generator) -> Iterator[Atom]:
    """Some 520 distinct conditions."""
    for name in MONEY:
        for power in random.uniform(5, 8.5, 9):
            yield Atom("least" if random.random() < 0.7 else "most", name, Decimal(int(10**power) // 1000 * 1000))
    for name in COUNTS:
        for bound in random.choice(900, 8, replace=False):
            yield Atom("least" if random.random() < 0.5 else "most", name, Decimal(int(bound)))
    for name in SHARES:
        for bound in random.choice(90, 8, replace=False):
            yield Atom("least", name, Decimal(int(bound) + 1) / 100)
    for _ in range(90):
        over, under = random.choice(MONEY, 2, replace=False)
        yield Atom("ratio", str(over), Decimal(int(random.integers(1, 60))) / 100, str(under))
    for name in FLAGS:
        yield Atom("flag", name)
        yield Atom("not flag", name)
    for name in DAYS:
        for bound in random.choice(8000, 6, replace=False):
            yield Atom("since", name, Decimal(12_000 + int(bound)))
    for name in TEXTS:
        words = WORDS[name]
        for _ in range(12):
            chosen = random.choice(words, int(random.integers(2, len(words) // 2 + 1)), replace=False)
            yield Atom("among", name, words=tuple(sorted(map(str, chosen))))


def feel(atom: Atom) -> str:
    """A condition in FEEL."""
    match atom.kind:
        case "least":
            return f"{atom.column} >= {atom.bound}"
        case "most":
            return f"{atom.column} <= {atom.bound}"
        case "ratio":
            return f"{atom.column} / {atom.under} >= {atom.bound}"
        case "flag":
            return atom.column
        case "not flag":
            return f"not({atom.column})"
        case "since":
            return f'{atom.column} <= date("{np.datetime64(int(atom.bound), "D")}")'
    words = ", ".join(f'"{word}"' for word in atom.words)
    return f"{atom.column} in ({words})"


def dmn(policy: Policy) -> str:
    """A policy as DMN."""
    used = dict.fromkeys(
        column for clause in policy.clauses for atom in clause for column in (atom.column, atom.under) if column
    )
    parts = [
        f'<inputData id="in_{name}" name="{name}"><variable name="{name}" typeRef="{KINDS[name]}"/></inputData>'
        for name in used
    ]
    names = []
    for number, clause in enumerate(policy.clauses, 1):
        names.append(f"条款{number}")
        parts.append(_decision(names[-1], " or ".join(map(feel, clause)), [f"in_{c}" for c in _read(clause)]))
    parts.append(_decision("符合", " and ".join(names), [f"d_{name}" for name in names]))
    head = f'<definitions xmlns="{MODEL}" name="{policy.name}" namespace="urn:bench">'
    return head + "".join(parts) + "</definitions>"


def written(folder: Path, policies: Sequence[Policy]) -> Path:
    """A folder of policies as DMN files."""
    folder.mkdir()
    for policy in policies:
        (folder / f"{policy.name}.dmn").write_text(dmn(policy), encoding="utf-8")
    return folder


def _read(clause: tuple[Atom, ...]) -> list[str]:
    return list(dict.fromkeys(column for atom in clause for column in (atom.column, atom.under) if column))


def _decision(name: str, text: str, needs: list[str]) -> str:
    wanted = "".join(
        f'<informationRequirement><required{"Input" if need.startswith("in_") else "Decision"} href="#{need}"/></informationRequirement>'
        for need in needs
    )
    return (
        f'<decision id="d_{name}" name="{name}"><variable name="{name}" typeRef="boolean"/>{wanted}'
        f"<literalExpression><text>{escape(text)}</text></literalExpression></decision>"
    )
