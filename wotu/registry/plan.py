"""The profile's plan: declared derivations compiled once to DuckDB SQL, the same for one enterprise and for all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import duckdb

from wotu.registers.columns import (
    AnyOf,
    AsOf,
    Average,
    ByPrefix,
    Column,
    CompoundGrowth,
    Derivation,
    Enterprise,
    FirstOf,
    Growth,
    HeldUntil,
    Latest,
    Mean,
    Outcome,
    Ratio,
    SumOfYears,
    Year,
)
from wotu.registry.lake import literal

Value = Literal["number", "text", "day", "flag"]

SQL_TYPES = {"number": "DECIMAL(38,8)", "string": "VARCHAR", "boolean": "BOOLEAN", "date": "DATE"}
RATIO = "DECIMAL(38,24)"
MEAN = "DECIMAL(38,12)"
FIELDS: dict[str, Value] = {"number": "number", "string": "text", "boolean": "flag", "date": "day"}

MACROS = """
CREATE OR REPLACE MACRO units(x) AS (x::DECIMAL(30,8) * 100000000)::HUGEINT;
CREATE OR REPLACE MACRO assembled(q) AS
    (q // 1000000000000000000000000)::DECIMAL(14,0)::DECIMAL(38,24)
  + ((q // 1000000000000 % 1000000000000)::DECIMAL(12,0) * 0.000000000001::DECIMAL(12,12))::DECIMAL(38,24)
  + ((q % 1000000000000)::DECIMAL(12,0) * 0.000000000000000000000001::DECIMAL(24,24))::DECIMAL(38,24);
CREATE OR REPLACE MACRO mean(total, n) AS
    ((units(total) * 10000 // n) // 1000000000000)::DECIMAL(26,0)::DECIMAL(38,12)
  + ((units(total) * 10000 // n % 1000000000000)::DECIMAL(12,0) * 0.000000000001::DECIMAL(12,12))::DECIMAL(38,12);
"""
"""Division without floats: DuckDB divides decimals as doubles, so quotients are made of whole units by long division."""

LARGEST_QUOTIENT = 10**13
LARGEST_DIVISOR = 10**18
"""Beyond these the long division would leave 128 bits: the quotient is unknown."""

LONG_DIVISION: tuple[tuple[str, ...], ...] = (
    (
        "abs(units(x{k})) AS n{k}",
        f"CASE WHEN y{{k}} > 0 AND y{{k}} < {LARGEST_DIVISOR} THEN units(y{{k}}) END AS d{{k}}",
    ),
    ("n{k} // d{k} AS h{k}", "n{k} % d{k} * 1000000000000 AS m{k}"),
    ("m{k} // d{k} AS i{k}", "m{k} % d{k} * 1000000000000 // d{k} AS j{k}"),
    (
        f"CASE WHEN h{{k}} < {LARGEST_QUOTIENT} THEN CASE WHEN x{{k}} < 0 THEN -1 ELSE 1 END"
        " * (h{k} * 1000000000000000000000000 + i{k} * 1000000000000 + j{k}) END AS q{k}",
    ),
)
"""Steps from `x` and `y` to `q`, their quotient in units of 10^-24; a step reads only what earlier steps have made.

One expression for all of it would repeat its parts some hundred times: DuckDB shares nothing inside a CASE.
"""
SQUARE_ROOT: tuple[tuple[str, ...], ...] = (
    ("CASE WHEN q{k} >= 0 THEN (sqrt(q{k}::DOUBLE / 1e24) * 1e12)::HUGEINT END AS g{k}",),
    ("q{k} // nullif(g{k}, 0) AS a{k}", "q{k} % nullif(g{k}, 0) * 1000000000000 // nullif(g{k}, 0) AS b{k}"),
    ("CASE WHEN g{k} = 0 THEN 0 ELSE (g{k} * 1000000000000 + a{k} * 1000000000000 + b{k}) // 2 END AS t{k}",),
)
"""Steps from `q` to `t`, its square root in the same units: a first guess, then one step of Newton's in whole numbers."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One fact the plan picks for an enterprise: an attribute in an exact period, or the latest begun by a day."""

    attribute: str
    starts: date | None
    """First day of the exact period; None where the latest counts."""
    ends: date
    """Last day of the exact period; the latest day a period may begin; for `latest`, with `since`, not before that."""
    since: date | None = None
    label: str = ""
    """The period in words (2025年)."""


@dataclass(frozen=True, slots=True)
class Quotient:
    """`of` divided by `to`, both SQL over slots; `rooted`, the square root of that."""

    of: str
    to: str
    rooted: bool = False


@dataclass(slots=True)
class Plan:
    """Columns of a profile as SQL over slots: `values` maps a column's name to its expression, `uses` to its slots."""

    as_of: date
    columns: tuple[Column, ...]
    slots: list[Slot] = field(default_factory=list)
    picks: dict[str, str] = field(default_factory=dict)
    """Column to expression: one value of one slot's fact."""
    quotients: list[Quotient] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    uses: dict[str, tuple[int, ...]] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)

    def slot(self, slot: Slot) -> int:
        """The number of a slot, known or new."""
        if slot not in self.slots:
            self.slots.append(slot)
        return self.slots.index(slot)

    def quotient(self, quotient: Quotient) -> str:
        """The SQL of a quotient, known or new."""
        if quotient not in self.quotients:
            self.quotients.append(quotient)
        number = self.quotients.index(quotient)
        return f"assembled({'t' if quotient.rooted else 'q'}{number})"


def plan(columns: Iterable[Column], as_of: date) -> Plan:
    """Compile every column that comes from facts and the enterprise's record; outcomes of rules are added later."""
    made = Plan(as_of, tuple(c for c in columns if not isinstance(c.derive, Outcome)))
    for column in made.columns:
        used: list[int] = []
        expression, kind = _compile(column.derive, FIELDS[column.type], made, used)
        made.values[column.name] = expression
        made.types[column.name] = kind if column.type == "number" else SQL_TYPES[column.type]
        made.uses[column.name] = tuple(dict.fromkeys(used))
    return made


def year_ago(day: date, years: int) -> date:
    """The same day `years` earlier; 29 February falls back to the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _compile(derive: Derivation, want: Value, made: Plan, used: list[int]) -> tuple[str, str]:
    """The SQL of a derivation and the type of its numbers."""

    def pick(slot: Slot, value: Value) -> str:
        number = made.slot(slot)
        used.append(number)
        made.picks[f"s{number}_{value}"] = f"m[{number}].{value}"
        return f"s{number}_{value}"

    def part(inner: Derivation, value: Value = want) -> str:
        return _compile(inner, value, made, used)[0]

    def amount(inner: Derivation) -> str:
        sql, kind = _compile(inner, "number", made, used)
        if kind != number:
            raise TypeError(f"{inner} has more than 8 decimals: a quotient of it would not be exact")
        return sql

    number, as_of = SQL_TYPES["number"], made.as_of
    match derive:
        case Enterprise(name):
            return f"nullif(e.{name}::VARCHAR, '')" if want == "text" else f"e.{name}", number
        case AsOf():
            return f"DATE {literal(as_of)}", number
        case Latest(attribute, within):
            since = year_ago(as_of, within) if within is not None else None
            return pick(Slot(attribute, None, as_of, since, f"截至{as_of}"), want), number
        case Year(attribute, back):
            return pick(year_slot(attribute, as_of.year - back), want), number
        case SumOfYears(attribute, years):
            return _sum_of_years(attribute, years, as_of, pick), number
        case Average(attribute):
            ends = [pick(slot, "number") for slot in quarter_slots(attribute, as_of.year - 1)]
            total = " + ".join(f"{weight} * {end}" for weight, end in zip((1, 2, 2, 2, 1), ends, strict=True))
            return f"mean({total}, 8)", MEAN
        case Mean(parts):
            inner = [_compile(p, "number", made, used) for p in parts]
            if all(kind == RATIO for _, kind in inner):
                total = " + ".join(sql for sql, _ in inner)
                assert len(inner) == 2, "a mean of ratios is of two"
                return f"(({total})::DECIMAL(37,24) * 0.5)::{RATIO}", RATIO
            return f"mean({' + '.join(sql for sql, _ in inner)}, {len(inner)})", MEAN
        case Ratio(of, to):
            return made.quotient(Quotient(amount(of), amount(to))), RATIO
        case Growth(now, before):
            return made.quotient(Quotient(f"{amount(now)} - {amount(before)}", amount(before))), RATIO
        case CompoundGrowth(now, before):
            return f"{made.quotient(Quotient(amount(now), amount(before), rooted=True))} - 1", RATIO
        case HeldUntil(attribute, years, until):
            issued = pick(Slot(attribute, None, as_of, None, f"截至{as_of}"), "day")
            end = f"{issued} + INTERVAL {int(years)} YEAR"
            if until:
                end = f"make_date(year({issued}) + {int(years)}, {until[0]}, {until[1]}) + 1"
            today = f"DATE {literal(as_of)}"
            return f"CASE WHEN {issued} <= {today} THEN {today} < ({end}) END", number
        case AnyOf(parts):
            return "(" + " OR ".join(part(p, "flag") for p in parts) + ")", number
        case FirstOf(parts):
            inner = [_compile(p, want, made, used) for p in parts]
            kind = next((kind for _, kind in inner if kind == RATIO), inner[0][1])
            # a reported ratio of 10^14 or more is no ratio: unknown, not a failed run
            known = [f"TRY_CAST({sql} AS {kind})" if want == "number" else f"({sql})" for sql, _ in inner]
            return f"coalesce({', '.join(known)})", kind
        case ByPrefix(of, table):
            return _by_prefix(part(of, "text"), table), number
        case Outcome():
            raise TypeError("an outcome of a rule is a column of its own, not a part of another")


def year_slot(attribute: str, year: int) -> Slot:
    """The slot of a whole year."""
    return Slot(attribute, date(year, 1, 1), date(year, 12, 31), None, f"{year}年")


def quarter_slots(attribute: str, year: int) -> tuple[Slot, ...]:
    """The slots of the quarter before a year and of its four quarters."""
    return tuple(
        Slot(attribute, date(y, 3 * q - 2, 1), date(y, 3 * q, 31 if q in (1, 4) else 30), None, f"{y}年{q}季度")
        for y, q in ((year - 1, 4), (year, 1), (year, 2), (year, 3), (year, 4))
    )


def _sum_of_years(attribute: str, years: int, as_of: date, pick: object) -> str:
    """Years before the establishment count as none; established this year there is no full year to sum."""
    assert callable(pick)
    terms, last = [], as_of.year - 1
    for back in range(1, years + 1):
        year = as_of.year - back
        value = pick(year_slot(attribute, year), "number")
        terms.append(value if year == last else f"CASE WHEN year(e.established_on) > {year} THEN 0 ELSE {value} END")
    return f"({' + '.join(terms)})"


def _by_prefix(code: str, table: tuple[tuple[str, str], ...]) -> str:
    """The longest prefix wins; a code that is itself the beginning of a longer listed prefix stays unknown."""
    prefixes = sorted(table, key=lambda row: -len(row[0]))
    lines = [f"WHEN starts_with({code}, {literal(prefix)}) THEN {literal(value)}" for prefix, value in prefixes]
    short = [p for p, _ in prefixes]
    ambiguous = sorted({p[:n] for p in short for n in range(1, len(p))} - set(short))
    undecided = [f"WHEN {code} IN ({', '.join(literal(a) for a in ambiguous)}) THEN NULL"] if ambiguous else []
    return f"CASE {' '.join(undecided + lines)} END"


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Give a connection the plan's arithmetic."""
    connection.execute(MACROS)


def query(made: Plan, *, alive_only: bool, with_facts: bool = False) -> str:
    """The SELECT over tables `enterprises`, `facts` and `sources`: a row an enterprise, a column each in order.

    Of several facts for a slot the latest period wins, then a known value over a source's “unknown”, then the more
    trusted source, then the one recorded last. `with_facts` adds `fact_<n>`, the id behind each slot.
    """
    rows = ", ".join(
        f"({i}, {literal(s.attribute)}, {_date(s.starts)}, {_date(s.ends)}, {_date(s.since)})"
        for i, s in enumerate(made.slots)
    ) or "(-1, '', NULL::DATE, NULL::DATE, NULL::DATE)"  # fmt: skip
    picked = dict(made.picks)
    if with_facts:
        picked |= {f"fact_{i}": f"m[{i}].id" for i in range(len(made.slots))}
    picks = "".join(f", {expression} AS {name}" for name, expression in picked.items())
    values = ", ".join(f"({sql})::{made.types[name]} AS {identifier(name)}" for name, sql in made.values.items())
    ids = "".join(f", fact_{i}" for i in range(len(made.slots))) if with_facts else ""
    return f"""
WITH slots(slot, attribute, starts, ends, since) AS (VALUES {rows}),
chosen AS (
    SELECT f.enterprise_id, s.slot,
           arg_max(
               {{'id': f.id, 'number': f.number, 'text': f.text, 'day': f.day, 'flag': f.flag}},
               row(f.starts_on, NOT (f.number IS NULL AND f.text IS NULL AND f.day IS NULL AND f.flag IS NULL),
                   o.trust, f.recorded_at, f.id)
           ) AS p
    FROM facts f
    JOIN slots s ON f.attribute = s.attribute
    JOIN sources o ON o.id = f.source_id
    WHERE (f.starts_on = s.starts AND f.ends_on = s.ends)
       OR (s.starts IS NULL AND f.starts_on <= s.ends AND (s.since IS NULL OR f.ends_on > s.since))
    GROUP BY f.enterprise_id, s.slot
),
packed AS (SELECT enterprise_id, map_from_entries(list({{'k': slot, 'v': p}})) AS m FROM chosen GROUP BY enterprise_id),
wide AS MATERIALIZED (SELECT enterprise_id{picks} FROM packed)
SELECT e.id AS enterprise_id, {values}{ids}
FROM ({_stepwise(made, alive_only)}) e
ORDER BY e.id"""


def _stepwise(made: Plan, alive_only: bool) -> str:
    """Enterprises with their picked facts, and the columns that quotients need, each step a SELECT over the one before."""
    day = f"DATE {literal(made.as_of)}"
    alive = f"WHERE (e.established_on IS NULL OR e.established_on <= {day}) AND (e.closed_on IS NULL OR e.closed_on > {day})"
    parts = "".join(f", {each.of} AS x{k}, {each.to} AS y{k}" for k, each in enumerate(made.quotients))
    sql = (
        f"SELECT e.*, w.* EXCLUDE (enterprise_id){parts}"
        f" FROM enterprises e LEFT JOIN wide w ON w.enterprise_id = e.id {alive if alive_only else ''}"
    )
    every = range(len(made.quotients))
    rooted = [k for k in every if made.quotients[k].rooted]
    for numbers, steps in ((every, LONG_DIVISION), (rooted, SQUARE_ROOT)):
        for step in steps if numbers else ():
            sql = f"SELECT *, {', '.join(line.format(k=k) for k in numbers for line in step)} FROM ({sql})"
    return sql


def identifier(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _date(day: date | None) -> str:
    return f"DATE {literal(day)}" if day is not None else "NULL::DATE"
