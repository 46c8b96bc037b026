"""What each kind of derivation makes of the facts, exactly; built over small Arrow tables, no database."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pytest

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
    Ratio,
    SumOfYears,
    Year,
)
from wotu.registry import lake
from wotu.registry.plan import plan, prepare, query

AS_OF = date(2025, 6, 30)


def fact(attribute: str, period: str, value: Any, *, source: int = 1, recorded: int = 1) -> dict[str, Any]:
    """A fact of enterprise 1: periods as 2024, 2024-Q3 or 2024-05-01."""
    if "Q" in period:
        year, quarter = int(period[:4]), int(period[-1])
        starts, ends = date(year, 3 * quarter - 2, 1), date(year, 3 * quarter, 31 if quarter in (1, 4) else 30)
    elif len(period) == 4:
        starts, ends = date(int(period), 1, 1), date(int(period), 12, 31)
    else:
        starts = ends = date.fromisoformat(period)
    kinds = {bool: "flag", str: "text", date: "day"}
    field = kinds.get(type(value), "number")
    said = {"number": None, "text": None, "day": None, "flag": None}
    if value is not None:
        said[field] = Decimal(str(value)) if field == "number" else value
    return {
        "id": 0, "enterprise_id": 1, "attribute": attribute, "starts_on": starts, "ends_on": ends, **said,
        "source_id": source, "recorded_at": datetime(2025, 1, recorded, tzinfo=UTC),
    }  # fmt: skip


def derived(
    derive: Derivation,
    *facts: dict[str, Any],
    type: str = "number",
    born: date | None = date(2010, 1, 1),
    industry: str = "",
) -> Any:
    """The value of one column for enterprise 1, and the ids (from 1, as given) of the facts behind it."""
    column = Column("c", "列", type, "", "", derive, "企业填报")  # type: ignore[arg-type]
    made = plan((column,), AS_OF)
    rows = [{**f, "id": i} for i, f in enumerate(facts, start=1)]
    enterprise = {
        "id": 1, "code": "x", "name": "甲", "industry": industry, "area": None, "established_on": born,
        "closed_on": None, "is_demo": False,
    }  # fmt: skip
    with duckdb.connect() as connection:
        prepare(connection)
        connection.register("enterprises", pa.Table.from_pylist([enterprise], schema=lake.ENTERPRISES))
        connection.register("facts", pa.Table.from_pylist(rows, schema=lake.FACTS))
        connection.register("sources", pa.table({"id": [1, 2], "trust": [50, 90]}))
        [row] = connection.sql(query(made, alive_only=True, with_facts=True)).to_arrow_table().to_pylist()
    return row["列"], sorted(v for k, v in row.items() if k.startswith("fact_") and v)


def test_a_year_is_the_fact_of_exactly_that_year():
    assert derived(Year("revenue"), fact("revenue", "2023", 5), fact("revenue", "2024", 7)) == (Decimal(7), [2])


def test_a_missing_year_is_unknown_and_not_zero():
    assert derived(Year("revenue"), fact("revenue", "2023", 5)) == (None, [])


def test_the_more_trusted_source_wins_however_early_it_was_recorded():
    assert derived(
        Year("revenue"), fact("revenue", "2024", 7, recorded=9), fact("revenue", "2024", 8, source=2, recorded=2)
    ) == (Decimal(8), [2])


def test_between_equals_the_one_recorded_last_wins():
    assert derived(Year("revenue"), fact("revenue", "2024", 7, recorded=9), fact("revenue", "2024", 8)) == (
        Decimal(7),
        [1],
    )


def test_a_source_that_does_not_know_yields_to_one_that_does():
    assert derived(Year("revenue"), fact("revenue", "2024", None, source=2), fact("revenue", "2024", 7)) == (
        Decimal(7),
        [2],
    )


def test_the_latest_is_the_newest_period_begun_by_the_day():
    facts = (fact("field", "2024-01-01", "甲"), fact("field", "2025-06-30", "乙"), fact("field", "2025-07-01", "丙"))
    assert derived(Latest("field"), *facts, type="string") == ("乙", [2])


def test_a_latest_that_is_too_old_is_unknown():
    assert derived(Latest("flag", within=3), fact("flag", "2022-06-30", True), type="boolean") == (None, [])
    assert derived(Latest("flag", within=3), fact("flag", "2022-07-01", True), type="boolean") == (True, [1])


def test_a_sum_needs_every_year_since_the_establishment():
    years = [fact("rd", str(y), y) for y in (2022, 2023, 2024)]
    assert derived(SumOfYears("rd"), *years) == (Decimal(2022 + 2023 + 2024), [1, 2, 3])
    assert derived(SumOfYears("rd"), *years[1:])[0] is None
    assert derived(SumOfYears("rd"), *years[1:], born=date(2023, 5, 1)) == (Decimal(2023 + 2024), [1, 2])
    assert derived(SumOfYears("rd"), *years[1:], born=None)[0] is None
    assert derived(SumOfYears("rd"), born=date(2025, 2, 1))[0] is None


RD_RATIO = Ratio(Year("rd"), Year("revenue"))


@pytest.mark.parametrize(
    ("rd", "revenue", "reaches"),
    [
        ("299700", "9990000", True),
        ("299699.99", "9990000", False),
        ("28000000000.00", "933333333333.33", True),
        ("27999999999.99", "933333333333.33", False),
    ],
)
def test_a_ratio_meets_its_threshold_exactly_or_misses_it_by_a_fen(rd: str, revenue: str, reaches: bool):
    value, _ = derived(RD_RATIO, fact("rd", "2024", Decimal(rd)), fact("revenue", "2024", Decimal(revenue)))
    assert (value >= Decimal("0.03")) is reaches


@pytest.mark.parametrize("revenue", [0, -5])
def test_a_ratio_to_nothing_does_not_exist(revenue: int):
    assert derived(RD_RATIO, fact("rd", "2024", 1), fact("revenue", "2024", revenue))[0] is None


def test_growth_can_be_negative_and_exact():
    growth = Growth(Year("main", 1), Year("main", 2))
    assert derived(growth, fact("main", "2024", 95), fact("main", "2023", 100))[0] == Decimal("-0.05")


def test_the_mean_of_two_growths():
    mean = Mean((Growth(Year("m", 1), Year("m", 2)), Growth(Year("m", 2), Year("m", 3))))
    facts = (fact("m", "2024", 121), fact("m", "2023", 110), fact("m", "2022", 100))
    assert derived(mean, *facts)[0] == Decimal("0.1")


@pytest.mark.parametrize(("now", "reaches"), [("110250000", True), ("110249999.99", False), ("110250000.01", True)])
def test_compound_growth_of_two_years_meets_five_percent_exactly(now: str, reaches: bool):
    growth = CompoundGrowth(Year("revenue", 1), Year("revenue", 3))
    value, _ = derived(growth, fact("revenue", "2024", Decimal(now)), fact("revenue", "2022", 100000000))
    assert (value >= Decimal("0.05")) is reaches


def test_a_mean_of_amounts_keeps_the_half_fen():
    mean = Mean((Year("rd", 1), Year("rd", 2)))
    assert derived(mean, fact("rd", "2024", Decimal("0.01")), fact("rd", "2023", Decimal("0.02")))[0] == Decimal(
        "0.015"
    )


def test_quarters_average_their_beginnings_and_ends():
    facts = [fact("staff", p, n) for p, n in (("2023-Q4", 280), ("2024-Q1", 300), ("2024-Q2", 301), ("2024-Q3", 299))]
    last = fact("staff", "2024-Q4", 322)
    assert derived(Average("staff"), *facts, last)[0] == Decimal("300.25")
    assert derived(Average("staff"), *facts)[0] is None


@pytest.mark.parametrize(
    ("issued", "held"),
    [(date(2022, 7, 1), True), (date(2022, 6, 30), False), (date(2025, 6, 30), True), (None, None)],
)
def test_a_certificate_holds_to_its_own_end(issued: date | None, held: bool | None):
    facts = [fact("certificate", issued.isoformat(), issued)] if issued else []
    assert derived(HeldUntil("certificate", 3), *facts, type="boolean")[0] is held


@pytest.mark.parametrize(("until", "held"), [((6, 30), True), ((6, 29), False)])
def test_a_title_may_run_to_a_fixed_day_of_the_next_year(until: tuple[int, int], held: bool):
    registered = fact("registered", "2024-05-01", date(2024, 5, 1))
    assert derived(HeldUntil("registered", 1, until), registered, type="boolean")[0] is held


@pytest.mark.parametrize(
    ("first", "second", "any"), [(True, None, True), (False, None, None), (False, False, False), (None, None, None)]
)
def test_any_of_is_true_as_soon_as_one_is(first: bool | None, second: bool | None, any: bool | None):
    facts = [fact(n, "2024-01-01", v) for n, v in (("a", first), ("b", second)) if v is not None]
    assert derived(AnyOf((Latest("a"), Latest("b"))), *facts, type="boolean")[0] is any


@pytest.mark.parametrize(
    ("industry", "named"),
    [("C3569", "工业"), ("K7010", "开发"), ("K70", None), ("K704", "其他"), ("", None), ("T97", None)],
)
def test_the_longest_prefix_names_the_industry(industry: str, named: str | None):
    table = ByPrefix(Enterprise("industry"), (("C", "工业"), ("K701", "开发"), ("K702", "物业"), ("K704", "其他")))
    assert derived(table, type="string", industry=industry)[0] == named


def test_the_day_itself_and_the_record():
    assert derived(AsOf(), type="date")[0] == AS_OF
    assert derived(Enterprise("established_on"), type="date", born=None)[0] is None


def test_the_first_known_of_computed_and_reported():
    debt = FirstOf((Ratio(Year("debt"), Year("assets")), Year("debt_ratio")))
    reported = fact("debt_ratio", "2024", Decimal("0.7"))
    assert derived(debt, reported, fact("debt", "2024", 1), fact("assets", "2024", 2))[0] == Decimal("0.5")
    assert derived(debt, reported, fact("debt", "2024", 1))[0] == Decimal("0.7")
