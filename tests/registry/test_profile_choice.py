"""Whatever is said by whomever, the profile is what a plain reading of the rules of choice and of arithmetic gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, localcontext
from math import isqrt
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wotu.registers.columns import (
    Column,
    CompoundGrowth,
    Derivation,
    FirstOf,
    Growth,
    Latest,
    Mean,
    Ratio,
    SumOfYears,
    Year,
)
from wotu.registry import lake
from wotu.registry.plan import plan, prepare, query

AS_OF = date(2025, 6, 30)
TRUST = {1: 50, 2: 90, 3: 50}
UNIT = Decimal(1).scaleb(-24)


@dataclass(frozen=True, slots=True)
class Fact:
    """A row of the lake's facts."""

    id: int
    enterprise_id: int
    attribute: str
    starts_on: date
    ends_on: date
    number: Decimal | None
    text: str | None
    day: date | None
    flag: bool | None
    source_id: int
    recorded_at: datetime

    @property
    def value(self) -> Any:
        return next((v for v in (self.number, self.text, self.day, self.flag) if v is not None), None)


# -- the plain reading -----------------------------------------------------------------------------------------------


def chosen(facts: Sequence[Fact], fits: Callable[[Fact], bool]) -> Any:
    """The latest period, then a known value, then the most trusted source, then the last recorded, then the last id."""
    found = [fact for fact in facts if fits(fact)]
    if not found:
        return None
    return max(found, key=lambda f: (f.starts_on, f.value is not None, TRUST[f.source_id], f.recorded_at, f.id)).value


def expected(derive: Derivation, facts: Sequence[Fact], born: date | None) -> Any:
    def part(inner: Derivation) -> Any:
        return expected(inner, facts, born)

    match derive:
        case Latest(attribute, within):
            since = AS_OF.replace(year=AS_OF.year - within) if within else date.min
            return chosen(facts, lambda f: f.attribute == attribute and f.starts_on <= AS_OF and f.ends_on > since)
        case Year(attribute, back):
            span = date(AS_OF.year - back, 1, 1), date(AS_OF.year - back, 12, 31)
            return chosen(facts, lambda f: f.attribute == attribute and (f.starts_on, f.ends_on) == span)
        case SumOfYears(attribute, years):
            terms = [part(Year(attribute, back)) for back in range(1, years + 1)]
            for back in range(2, years + 1):
                if born and born.year > AS_OF.year - back:
                    terms[back - 1] = Decimal(0)
            return None if None in terms else sum(terms)
        case Mean(parts):
            terms = [part(p) for p in parts]
            return None if None in terms else cut(sum(terms), len(terms), 12)
        case Ratio(of, to):
            return divided(part(of), part(to))
        case Growth(now, before):
            x, y = part(now), part(before)
            return None if x is None or y is None else divided(x - y, y)
        case CompoundGrowth(now, before):
            ratio = divided(part(now), part(before))
            return None if ratio is None or ratio < 0 else Decimal(isqrt(int(ratio / UNIT) * 10**24)) * UNIT - 1
        case FirstOf(parts):
            return next((v for p in parts if (v := part(p)) is not None and abs(v) < 10**14), None)
    raise AssertionError(derive)


def divided(x: Decimal | None, y: Decimal | None) -> Decimal | None:
    if x is None or y is None or not 0 < y < 10**18 or abs(x) / y >= 10**13:
        return None
    return cut(x, y, 24)


def cut(x: Decimal, y: Decimal | int, places: int) -> Decimal:
    """The quotient without what comes after its places, by whole numbers."""
    top, bottom = int(x * 10**8) * 10**places, int(y * 10**8)
    return Decimal(top // bottom if top >= 0 else -(-top // bottom)).scaleb(-places)


# -- what is asked ---------------------------------------------------------------------------------------------------

COLUMNS = {
    "当年": ("number", Year("a")),
    "最近": ("number", Latest("a")),
    "近一年的": ("boolean", Latest("f", within=1)),
    "类别": ("string", Latest("t")),
    "日期": ("date", Latest("d")),
    "三年合计": ("number", SumOfYears("a", 3)),
    "占比": ("number", Ratio(Year("a"), Year("b"))),
    "合计之比": ("number", Ratio(SumOfYears("a", 2), SumOfYears("b", 2))),
    "增长": ("number", Growth(Year("a", 1), Year("a", 2))),
    "复合增长": ("number", CompoundGrowth(Year("a", 1), Year("a", 3))),
    "均值": ("number", Mean((Year("a", 1), Year("b", 1)))),
    "算得或上报": ("number", FirstOf((Ratio(Year("a"), Year("b")), Year("r")))),
}
MADE = plan(tuple(Column(n, n, kind, "", "", derive, "统计") for n, (kind, derive) in COLUMNS.items()), AS_OF)  # type: ignore[arg-type]

KINDS = {"a": "number", "b": "number", "r": "number", "t": "text", "f": "flag", "d": "day"}
NUMBERS = st.sampled_from(
    ["0", "1", "-1", "3", "100", "105.00000001", "0.01", "99999999999.99", "99999999999999999999"]
)
VALUES = {
    "number": NUMBERS.map(Decimal),
    "text": st.sampled_from(["Ⅰ类", "Ⅱ类", "无"]),
    "flag": st.booleans(),
    "day": st.dates(date(2022, 1, 1), date(2026, 1, 1)),
}
YEARS = st.sampled_from([2022, 2023, 2023, 2024, 2024, 2024, 2025]).map(lambda y: (date(y, 1, 1), date(y, 12, 31)))
DAYS = st.sampled_from([date(2024, 6, 30), date(2024, 7, 1), date(2025, 6, 30), date(2025, 7, 1)]).map(lambda d: (d, d))
HALVES = st.just((date(2024, 1, 1), date(2024, 6, 30)))


@st.composite
def registries(draw: st.DrawFn) -> tuple[dict[int, date | None], list[Fact]]:
    """Some enterprises with what is said of them: ties, unknowns, years missing, periods to come, three sources."""
    born = draw(st.lists(st.sampled_from([None, date(2010, 1, 1), date(2023, 5, 1), date(2024, 2, 1)]), min_size=3, max_size=3))  # fmt: skip
    facts = []
    for number in range(draw(st.integers(0, 40) | st.integers(30, 60))):
        attribute = draw(st.sampled_from("aaaabbbrtfd"))
        starts, ends = draw(YEARS | YEARS | YEARS | DAYS | HALVES)
        said: dict[str, Any] = {"number": None, "text": None, "day": None, "flag": None}
        said[KINDS[attribute]] = draw(st.one_of(VALUES[KINDS[attribute]], VALUES[KINDS[attribute]], st.none()))
        recorded = datetime(2025, 1, draw(st.integers(1, 2)), tzinfo=UTC)
        who, source = draw(st.integers(1, 3)), draw(st.integers(1, 3))
        facts.append(Fact(number + 1, who, attribute, starts, ends, **said, source_id=source, recorded_at=recorded))
    return dict(enumerate(born, start=1)), draw(st.permutations(facts))


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        prepare(opened)
        opened.execute("CREATE TABLE sources (id INTEGER, trust SMALLINT)")
        opened.executemany("INSERT INTO sources VALUES (?, ?)", list(TRUST.items()))
        for name, schema in (("enterprises", lake.ENTERPRISES), ("facts", lake.FACTS)):
            opened.from_arrow(schema.empty_table()).create(name)
        yield opened


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(registry=registries())
def test_the_profile_is_the_plain_reading_of_whatever_is_said(
    connection: duckdb.DuckDBPyConnection, registry: tuple[dict[int, date | None], list[Fact]]
):
    born, facts = registry
    people = [
        {"id": pk, "code": "", "name": "", "industry": "", "area": None, "established_on": day, "closed_on": None, "is_demo": True}
        for pk, day in born.items()
    ]  # fmt: skip
    for name, rows, schema in (("enterprises", people, lake.ENTERPRISES), ("facts", map(asdict, facts), lake.FACTS)):
        connection.execute(f"DELETE FROM {name}")
        connection.from_arrow(pa.Table.from_pylist(list(rows), schema=schema)).insert_into(name)
    found = {row.pop("enterprise_id"): row for row in connection.sql(query(MADE, alive_only=False)).to_arrow_table().to_pylist()}  # fmt: skip
    for pk, day in born.items():
        theirs = [fact for fact in facts if fact.enterprise_id == pk]
        with localcontext(prec=90):
            want = {name: expected(derive, theirs, day) for name, (_, derive) in COLUMNS.items()}
            root, root_found = want.pop("复合增长"), found[pk].pop("复合增长")
            assert found[pk] == want
            assert (root is None) is (root_found is None)
            # one step of Newton's from a guess of 12 decimals: a root near nothing has fewer exact ones
            assert root is None or abs(root - root_found) <= UNIT * (1 + (1 / (root + 1) if root > -1 else 0))
