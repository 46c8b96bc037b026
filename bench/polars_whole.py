"""From zstd Parquet to results on disk in polars, tuned; a program by itself, so that it pays for nothing but polars.

`python bench/polars_whole.py JOB.json`, where the job names table, out and the policies: `atoms` are conditions, a policy is a
list of clauses, a clause a list of atoms' numbers. Prints the totals (eligible, not) of each policy as JSON.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import polars as pl


def condition(atom: dict[str, Any]) -> pl.Expr:
    """A condition on columns of scaled integers."""
    column = pl.col(atom["column"])
    match atom["kind"]:
        case "least":
            return column >= atom["bound"]
        case "most" | "since":
            return column <= atom["bound"]
        case "flag":
            return column
        case "not flag":
            return ~column
        case "among":
            return column.is_in(atom["words"])
    under = pl.col(atom["under"])
    return pl.when(under != 0).then(column * 100 >= under * atom["bound"])


def joined(parts: list[pl.Expr], *, any_of: bool) -> pl.Expr:
    """Three-valued or / and."""
    found = parts[0]
    for part in parts[1:]:
        found = (found | part) if any_of else (found & part)
    return found


def main() -> None:
    """Only the columns that are read, each condition once, a code column a policy: 1 eligible, 0 not, 2 not known."""
    with open(sys.argv[1], encoding="utf-8") as stream:
        job = json.load(stream)
    used = {name for atom in job["atoms"] for name in (atom["column"], atom["under"]) if name}
    frame = pl.scan_parquet(job["table"])
    kinds = frame.collect_schema()
    whole = [
        pl.col(name).to_physical().cast(pl.Int64) if isinstance(kinds[name], pl.Decimal | pl.Date) else pl.col(name)
        for name in kinds
        if name in used
    ]
    atoms = [condition(atom).alias(f"a{number}") for number, atom in enumerate(job["atoms"])]
    codes = [
        joined([joined([pl.col(f"a{n}") for n in clause], any_of=True) for clause in clauses], any_of=False)
        .cast(pl.Int8)
        .fill_null(2)
        .alias(f"p{number}")
        for number, clauses in enumerate(job["policies"])
    ]
    found = frame.select(whole).select(atoms).select(codes).collect()
    totals = found.select(
        [(pl.col(name) == code).sum().alias(f"{name}_{code}") for name in found.columns for code in (1, 0)]
    ).row(0)
    found.write_parquet(job["out"], compression="zstd", compression_level=1, statistics=False)
    print(json.dumps(list(zip(totals[::2], totals[1::2], strict=True))))


if __name__ == "__main__":
    main()
