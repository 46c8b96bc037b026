"""What a screening of a table gives: for each rule one table with as many rows as went in."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa

NUMBER = pa.decimal128(38, 12)
"""Numbers of outcomes; FEEL's 34 digits are cut to 12 decimals here, after every comparison has been made."""
CUT = Decimal("1e-12")
HELD = 26
"""Digits before the point that such a number has room for."""

CLAUSE = "条款:"
VALUE = "结果:"
STOPS = "差在:"


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """One rule's answers, row for row.

    `table` has `eligible` (null: not known), for a row one clause short `near` (that clause), `distance`,
    `distance_unit` and `distance_text`, `settles` (the clause whose answer would settle an unknown row), then
    `条款:<name>` for each clause (boolean) and `结果:<name>` for each outcome decision (number, text or boolean).
    """

    name: str
    sha256: str
    engine: str
    eligible_name: str | None
    clauses: tuple[str, ...]
    outcomes: tuple[str, ...]
    amount: str | None
    """The outcome decision that is an amount in 元, if the rule has one."""
    table: pa.Table


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The answers of every rule asked, in the order asked."""

    rules: tuple[RuleOutcome, ...]
