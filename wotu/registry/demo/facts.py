"""What is known of the demonstration zone's enterprises: block by block, each block from its own random numbers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np

from wotu.registry.demo.emit import Emitter, Facts
from wotu.registry.demo.levers import OPEN, Levers, assign, levers, open_attributes, tracks
from wotu.registry.demo.population import COMPANY, INSTITUTION, NEVER, Population, generator, ordinal, years_later
from wotu.registry.demo.zone import CERTIFIED, CHANGED, PUBLISHED_ON, trades
from wotu.registry.models import Kind

BLOCKS = (1_000, 4_000, 10_000)
"""Enterprises in a block of each tier."""
GAP = 0.055
"""Share of a firm's attributes that nobody reported."""


def blocks(people: Population) -> tuple[tuple[int, int, int], ...]:
    """(tier, first, end) of each block, in order of the enterprises' numbers."""
    made = []
    bounds = (0, people.size.tech, people.size.tech + people.size.plain, people.enterprises)
    for tier in range(3):
        for first in range(bounds[tier], bounds[tier + 1], BLOCKS[tier]):
            made.append((tier, first, min(first + BLOCKS[tier], bounds[tier + 1])))
    return tuple(made)


def generate(people: Population, start: int = 0) -> Iterator[tuple[int, Facts]]:
    """The facts of each block from block `start` on, with the block's number."""
    track = assign(people)
    for number, (tier, first, end) in enumerate(blocks(people)):
        if number < start:
            continue
        random = generator(people.size, people.day, 100, number)
        out = Emitter(np.arange(first, end), people.day, random)
        match tier:
            case 0:
                _tech(people, out, track[first:end], random)
            case 1:
                _plain(people, out, random)
            case _:
                _micro(people, out, random)
        yield number, out.facts()


# -- firms with R&D --------------------------------------------------------------------------------------------------

FLAGS: tuple[tuple[str, str], ...] = (
    ("owns_core_ip", "owns_core_ip"), ("resident_enterprise", "resident"), ("restricted_product", "restricted"),
    ("serious_event", "violation"), ("major_violation_1y", "violation"), ("serious_event_3y", "violation"),
    ("abnormal_or_dishonest", "abnormal"), ("domestic_legal_person", "legal_person"),
    ("restricted_industry", "restricted_industry"), ("provincial_rd_institute", "institute"),
    ("led_standard_5y", "standard"), ("national_award_top3_5y", "national_award"),
    ("national_award_top3_3y", "national_award"), ("provincial_award_3y", "award"), ("award_rank_3y", "award"),
    ("provincial_award_top3_3y", "award"), ("maker_top500_3y", "maker500"), ("demonstration_enterprise", "demonstration"),
    ("strategic_field", "strategic"), ("key_field", "key_field"), ("chain_role", "chain"), ("own_brand", "brand"),
    ("digital_core", "digital"), ("certified", "certified"), ("rd_institute", "rd_unit"),
    ("market_position", "position"), ("reputation", "reputation"), ("is_review", "review"),
)  # fmt: skip
NEVER_SHORT = ("maker_top50_3y",)
RARE = {"market_position", "reputation", "is_review", "chain_role", "key_field", "maker_top500_3y"}
"""Judged by an authority, so known of fewer firms."""


def _tech(people: Population, out: Emitter, track: np.ndarray, random: np.random.Generator) -> None:
    numbers = out.numbers
    n = len(numbers)
    level = levers(people, numbers, track, random)
    steered = track > 0
    last = people.day.year - 1
    established = people.established[numbers]
    missing = _missing(track, random)

    def known(code: str, share: float = 1.0) -> np.ndarray:
        """Where an attribute is reported: nearly always where a track needs it, else with gaps."""
        gap = random.random(n) < np.where(steered, 0.0, GAP + (1 - share))
        reported: np.ndarray = ~gap & ~missing.get(code, np.zeros(n, dtype=bool))
        return reported

    years = _years(people, level, established, random)
    money = {name: np.round(values, 2) for name, values in years.items()}
    for back in (1, 2, 3):
        year = last + 1 - back
        alive = established < ordinal(date(year, 12, 20))
        for code, name in (("revenue", "revenue"), ("main_revenue", "main"), ("rd_expense", "rd"), ("domestic_rd_expense", "domestic"), ("total_assets", "assets"), ("employees", "staff")):  # fmt: skip
            where = alive & (known(code) if back == 1 else known(code, 0.98))
            if code == "employees" and back == 1:
                where = _dirty_staff(out, money[f"{name}{back}"], year, where, steered, random)
            out.year(code, year, money[f"{name}{back}"], where)
        out.year("equity_financing", year, level[f"equity{back}"], alive & known("equity_financing", 0.85))
        if back < 3:
            out.year("total_liabilities", year, money[f"liabilities{back}"], alive & known("total_liabilities"))
    alive = established < ordinal(date(last, 12, 20))
    revenue, staff = money["revenue1"], money["staff1"]
    total = staff + np.floor(staff * random.uniform(0, 0.03, n) * ~steered)
    share = level["tech_ratio"] * total
    technical = np.where(level["short"].astype(bool), np.floor(share + 1e-9), np.ceil(share - 1e-9))
    technical = np.minimum(technical, total)
    income = np.round(revenue * np.where(steered, 1.0, random.uniform(1, 1.06, n)), 2)
    cost = np.round(revenue * level["cost_ratio"], 2)
    profit = np.round(revenue - cost + revenue * random.normal(0, 0.01, n), 2)
    taxable = np.where(np.isnan(level["taxable"]), profit * 0.85, level["taxable"]).round(2)
    for code, values in (
        ("total_staff", total), ("tech_staff", technical), ("rd_staff", np.floor(technical * random.uniform(0.6, 0.98, n))),
        ("college_staff", np.floor(total * random.uniform(0.3, 0.9, n))), ("total_income", income),
        ("hitech_income", np.round(income * level["hitech_ratio"], 2)),
        ("rd_expense_deductible", np.round(money["rd1"] * level["deductible_ratio"], 2)), ("cost_expense", cost),
        ("profit", profit), ("taxable_income", taxable), ("tax_paid", np.round(revenue * random.uniform(0.02, 0.07, n), 2)),
        ("insured", np.floor(staff * random.uniform(0.7, 1, n))),
    ):  # fmt: skip
        out.year(code, last, values, alive & known(code))
    out.year("market_share", last, np.round(level["market_share"], 4), alive & known("market_share", 0.6))
    out.year("market_rank", last, level["market_rank"], alive & known("market_rank", 0.5))
    out.year("platform_score", last + 1, level["platform_score"], known("platform_score", 0.75))
    out.year(
        "platform_score",
        last,
        np.clip(level["platform_score"] - random.integers(-2, 7, n), 0, 100),
        alive & ~steered & known("platform_score", 0.5),
    )
    out.blank("profit", last - 1, alive & (random.random(n) < 0.03))
    out.blank("exports", last, alive & (random.random(n) < 0.05))
    out.year("exports", last - 1, np.round(revenue * 0.3, 2), alive & (random.random(n) < 0.2))
    _history(out, money, established, last, random)
    _quarters(out, people, money["staff1"], money["assets1"], level["steady"].astype(bool), established, known, random)
    _contradictions(out, money, last, alive & ~steered, random)

    day = ordinal(people.day)
    recent = day - random.integers(200, 340, n)  # so that the zone can be screened as of earlier this year, too
    stale = day - random.integers(400, 900, n)
    for code, lever in FLAGS:
        seen = known(code, 0.55 if code in RARE else 0.94)
        old = ~steered & (random.random(n) < 0.06)
        out.since(code, np.maximum(np.where(old, stale, recent), established + 1), level[lever], seen)
    out.since("maker_top50_3y", recent, np.zeros(n), known("maker_top50_3y", 0.9))
    for code, values in (
        ("tech_field", level["field"]), ("ip_class1", level["ip1"]), ("ip_class2", level["ip2"]),
        ("ip1_applied", level["applied"]), ("best_ip", level["best_ip"]), ("niche_years", level["niche_years"]),
        ("innovation_score", level["innovation_score"]), ("srdi_score", level["srdi_score"]),
    ):  # fmt: skip
        out.since(
            code, np.maximum(recent - 12, established + 1), values, known(code, 0.8 if code.endswith("score") else 0.95)
        )
    earlier = day - random.integers(400, 760, n)
    out.since("ip_class1", earlier, np.floor(level["ip1"] * 0.7), (random.random(n) < 0.6) & (earlier > established))
    capital = np.round(np.maximum(revenue * random.uniform(0.05, 0.5, n), 1e5), -4)
    out.since("registered_capital", established.astype(np.int64), capital, np.ones(n, dtype=bool))
    _titles(people, out, level, established, random)


def _missing(track: np.ndarray, random: np.random.Generator) -> dict[str, np.ndarray]:
    """For firms one fact away from an answer: which attribute is theirs to supply."""
    missing: dict[str, np.ndarray] = {}
    for number in np.unique(track).tolist():
        chosen = tracks()[number]
        if chosen.state != OPEN:
            continue
        codes = open_attributes(chosen.rule)
        pick = random.integers(0, len(codes), len(track))
        for index, code in enumerate(codes):
            missing[code] = missing.get(code, np.zeros(len(track), dtype=bool)) | ((track == number) & (pick == index))
    return missing


def _years(
    people: Population, level: Levers, established: np.ndarray, random: np.random.Generator
) -> dict[str, np.ndarray]:
    """Amounts of the last three years, by name and years back; a firm's first year is only the part it lived."""
    made: dict[str, np.ndarray] = {"revenue1": level["revenue"], "staff1": level["staff"]}
    made["revenue2"] = made["revenue1"] / (1 + level["growth1"])
    made["revenue3"] = made["revenue2"] / (1 + level["growth2"])
    n = len(established)
    for back in (1, 2, 3):
        revenue = made[f"revenue{back}"]
        made[f"main{back}"] = revenue * level["main_ratio"]
        made[f"rd{back}"] = np.round(revenue * level[f"rd{back}"], 2)
        made[f"domestic{back}"] = made[f"rd{back}"] * level["domestic_ratio"]
        if back > 1:
            drift = np.clip(made[f"revenue{back}"] / made["revenue1"], 0.3, 2) ** 0.6 * random.uniform(0.95, 1.05, n)
            made[f"staff{back}"] = np.maximum(1, np.round(level["staff"] * drift))
        made[f"assets{back}"] = level["assets_ratio"] * level["revenue"] * (1 - 0.07 * (back - 1))
        made[f"liabilities{back}"] = made[f"assets{back}"] * level["debt_ratio"] * (1 + 0.01 * (back - 1))
    return made


def _history(
    out: Emitter, money: dict[str, np.ndarray], established: np.ndarray, last: int, random: np.random.Generator
) -> None:
    """Earlier years for charts: revenue, R&D, staff and assets back to the establishment, eight years at most."""
    revenue, rd, staff, assets = (money[f"{name}3"].copy() for name in ("revenue", "rd", "staff", "assets"))
    n = len(established)
    for back in range(4, 9):
        growth = np.clip(random.normal(0.1, 0.16, n), -0.4, 1)
        revenue, assets = revenue / (1 + growth), assets / (1 + growth * 0.8)
        rd = rd / (1 + growth) * random.uniform(0.85, 1.05, n)
        staff = np.maximum(1, np.round(staff / (1 + growth * 0.5)))
        year = last + 1 - back
        alive = (established < ordinal(date(year, 6, 30))) & (random.random(n) > 0.04)
        for code, values in (("revenue", revenue), ("rd_expense", rd), ("total_assets", assets)):
            out.year(code, year, np.round(values, 2), alive)
        out.year("employees", year, staff, alive)


def _quarters(
    out: Emitter, people: Population, staff: np.ndarray, assets: np.ndarray, steady: np.ndarray, established: np.ndarray,
    known: object, random: np.random.Generator,
) -> None:  # fmt: skip
    """Staff and assets at the ends of the quarters that last year's averages need, and of this year's so far."""
    assert callable(known)
    year, n = people.day.year - 1, len(staff)
    whole = known("assets_quarter_end"), known("employees_quarter_end")
    hole = (random.random(n) < 0.05) & ~steady
    lost = random.integers(0, 5, n)
    quarters = [(year - 1, 4), *((year, q) for q in range(1, 5)), *((year + 1, q) for q in range(1, 5))]
    for index, (y, q) in enumerate(quarters):
        alive = established < ordinal(date(y, 3 * q, 28))
        alive &= ~(hole & (lost == index))
        swing = np.where(steady, 1.0, random.uniform(0.96, 1.03, n))
        out.quarter("employees_quarter_end", y, q, np.round(staff * swing), alive & whole[1])
        out.quarter("assets_quarter_end", y, q, np.round(assets * swing, 2), alive & whole[0])


def _dirty_staff(
    out: Emitter, staff: np.ndarray, year: int, where: np.ndarray, steered: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    """Some first reported last year's staff wrongly and corrected it; the rest is left to be reported plainly."""
    corrected = where & ~steered & (random.random(len(staff)) < 0.05)
    out.corrected("employees", year, np.round(staff * random.uniform(1.1, 1.8, len(staff))) + 1, staff, corrected)
    plain: np.ndarray = where & ~corrected
    return plain


def _contradictions(
    out: Emitter, money: dict[str, np.ndarray], last: int, where: np.ndarray, random: np.random.Generator
) -> None:
    """Other sources that say otherwise: a firm's own figure a little off, an old ledger that mixed up 千元 and 万元."""
    n = len(where)
    own = where & (random.random(n) < 0.08)
    out.year("revenue", last, np.round(money["revenue1"] * random.uniform(0.97, 1.04, n), -3), own, voice="企业填报")
    ledger = where & (random.random(n) < 0.025)
    out.year("revenue", last, np.round(money["revenue1"] * 10, -4), ledger, voice="旧台账")
    out.year(
        "employees",
        last,
        np.round(money["staff1"] * random.uniform(0.8, 1.3, n)),
        where & (random.random(n) < 0.04),
        voice="人社",
    )
    out.year(
        "rd_expense",
        last,
        np.round(money["rd1"] * random.uniform(0.85, 0.99, n), 2),
        where & (random.random(n) < 0.05),
        voice="税务",
    )


def _titles(
    people: Population, out: Emitter, level: Levers, established: np.ndarray, random: np.random.Generator
) -> None:
    """Certificates and titles with their days of issue, earlier ones included."""
    numbers, day = out.numbers, ordinal(people.day)
    n = len(numbers)
    owner, issued = people.certificates
    inside = (owner >= numbers[0]) & (owner <= numbers[-1])
    for position in range(int(np.bincount(owner[inside]).max()) if inside.any() else 0):
        days = np.full(n, NEVER, dtype=np.int64)
        mine, when = owner[inside], issued[inside]
        rank = np.arange(len(mine)) - np.searchsorted(mine, mine)
        days[mine[rank == position] - numbers[0]] = when[rank == position]
        out.since("hte_issued_on", days, days)
        numerals = np.char.add("GR", np.char.add((days // 365.2425 + 1970).astype(int).astype(str), np.char.add("32D", (numbers + 100_000).astype(str))))  # fmt: skip
        out.since("hte_certificate_no", days, numerals.astype(object))
    untitled = numbers >= CERTIFIED + CHANGED
    lapsed = untitled & (level["title_lapsed"].astype(bool) | (random.random(n) < 0.12))
    published, end = ordinal(PUBLISHED_ON), int(years_later(np.array([day]), -3)[0])
    low, high = (published + 1, end) if end > published + 60 else (published - 1_900, published - 3 * 366)
    old = random.integers(low, high, n)
    out.since("hte_issued_on", old, old, lapsed & (old > established + 300))
    for code, lever, years in (
        ("innovative_sme_on", "innovative_age", 3), ("provincial_srdi_on", "srdi_age", 3), ("national_srdi_on", "giant_age", 3),
    ):  # fmt: skip
        held = ~np.isnan(level[lever])
        days = np.where(held, day - np.nan_to_num(level[lever]), NEVER).astype(np.int64)
        out.since(code, days, days, held)
        before = years_later(days, -years).astype(np.int64) + 10
        out.since(
            code,
            before,
            before,
            held & (before > established + 400) & (before > ordinal(date(2019, 1, 1))) & (random.random(n) < 0.3),
        )
    held = ~np.isnan(level["tech_sme_age"])
    days = np.where(held, day - np.nan_to_num(level["tech_sme_age"]), NEVER).astype(np.int64)
    out.since("tech_sme_registered_on", days, days, held)
    for back in (1, 2):
        before = days - 365 * back + random.integers(-40, 40, n)
        out.since(
            "tech_sme_registered_on", before, before, held & (before > established + 200) & (random.random(n) < 0.6)
        )
    listed = np.isin(numbers, people.of_kind(Kind.LISTED))
    stock = np.array([f"演示{688_900 + int(i):06d}" for i in numbers], dtype=object)
    out.since("stock_code", np.full(n, day - 400), stock, listed)


# -- ordinary companies, shops and the self-employed -----------------------------------------------------------------


def _plain(people: Population, out: Emitter, random: np.random.Generator) -> None:
    numbers, last, day = out.numbers, people.day.year - 1, ordinal(people.day)
    n = len(numbers)
    established, closed = people.established[numbers], people.closed[numbers]
    place = np.array([t.place for t in trades()])[people.trade[numbers]]
    foreign = np.isin(numbers, people.of_kind(Kind.FOREIGN)) | np.isin(numbers, people.of_kind(Kind.CENTRAL))
    revenue = np.exp(random.normal(np.log(np.where(place == "works", 9e6, 4.5e6)), 1.5, n)) * np.where(foreign, 9, 1)
    staff = np.maximum(1, np.round(revenue / np.exp(random.normal(np.log(750e3), 0.6, n))))
    assets = revenue * np.exp(random.normal(0.05, 0.6, n))
    steady = np.zeros(n, dtype=bool)
    nearly = random.random(n)
    few, many, rich = nearly < 0.012, (nearly >= 0.012) & (nearly < 0.022), (nearly >= 0.022) & (nearly < 0.03)
    taxable = revenue * random.normal(0.055, 0.07, n)
    taxable = np.where(few, random.uniform(3_000_100, 3_200_000, n), taxable)
    staff = np.where(many, random.integers(302, 315, n), np.where(few | rich, np.minimum(staff, 250), staff))
    assets = np.where(
        rich, random.uniform(50_200_000, 53_000_000, n), np.where(few | many, np.minimum(assets, 4.4e7), assets)
    )
    taxable = np.where(many | rich, np.clip(taxable, -1e6, 2.8e6), taxable)
    steady |= few | many | rich
    institution = people.form[numbers] == INSTITUTION

    def known(code: str, share: float = 0.86) -> np.ndarray:
        return steady | (random.random(n) < share)

    for back in (1, 2, 3):
        year = last + 1 - back
        alive = (established < ordinal(date(year, 12, 20))) & (
            (closed == NEVER) | (closed > ordinal(date(year, 12, 31)))
        )
        shrink = 1 / (1 + random.normal(0.05, 0.12, n).clip(-0.5, 1)) if back > 1 else np.ones(n)
        revenue, assets, staff = revenue * shrink, assets * shrink, np.maximum(1, np.round(staff * shrink**0.5))
        out.year("revenue", year, np.round(revenue, 2), alive & known("revenue", 0.9 - 0.07 * back))
        out.year("employees", year, staff, alive & known("employees", 0.88 - 0.07 * back))
        out.year("total_assets", year, np.round(assets, 2), alive & known("total_assets", 0.86 - 0.08 * back))
        if back == 1:
            out.year("taxable_income", year, np.round(taxable, 2), alive & known("taxable_income"))
            out.year("total_staff", year, staff, alive & (random.random(n) < 0.3))
            out.year(
                "total_liabilities", year, np.round(assets * random.beta(4, 4, n), 2), alive & (random.random(n) < 0.45)
            )
            research = random.random(n)
            out.blank("rd_expense", year, alive & (research < 0.12))
            spent = np.round(revenue * random.beta(1, 60, n), 2)
            out.year("rd_expense", year, spent, alive & (research > 0.9))
            _quarters(out, people, staff, assets, steady, established, lambda code: known(code, 0.7), random)
            corrected = alive & (random.random(n) < 0.015)
            out.corrected("tax_paid", year, np.round(revenue * 0.04, 2), np.round(revenue * 0.035, 2), corrected)
            out.year("employees", year, np.round(staff * random.uniform(0.7, 1.2, n)), alive & (random.random(n) < 0.05), voice="旧台账")  # fmt: skip
    recent = np.maximum(day - random.integers(4, 320, n), established + 1)
    for code, share, reported in (
        ("abnormal_or_dishonest", 0.035, 0.95), ("restricted_industry", 0.012, 0.8), ("serious_event", 0.006, 0.6),
        ("restricted_product", 0.012, 0.35),
    ):  # fmt: skip
        out.since(code, recent, random.random(n) < share * ~steady, known(code, reported))
    out.since(
        "domestic_legal_person",
        established.astype(np.int64) + 1,
        (people.form[numbers] == COMPANY) & ~institution,
        random.random(n) < 0.9,
    )
    out.since("resident_enterprise", established.astype(np.int64) + 30, np.ones(n), random.random(n) < 0.8)
    out.since(
        "registered_capital",
        established.astype(np.int64),
        np.round(np.maximum(revenue * 0.2, 1e5), -4),
        random.random(n) < 0.9,
    )


def _micro(people: Population, out: Emitter, random: np.random.Generator) -> None:
    numbers, last, day = out.numbers, people.day.year - 1, ordinal(people.day)
    n = len(numbers)
    established, closed = people.established[numbers], people.closed[numbers]
    company = people.form[numbers] == COMPANY
    staff = 1 + random.poisson(np.where(company, 4, 1.2))
    revenue = staff * np.exp(random.normal(np.log(140e3), 0.7, n))
    alive = (established < ordinal(date(last, 12, 20))) & ((closed == NEVER) | (closed > ordinal(date(last, 12, 31))))
    taxed = alive & company & (random.random(n) < 0.5)
    out.year("revenue", last, np.round(revenue, 2), taxed)
    out.year(
        "taxable_income", last, np.round(revenue * random.normal(0.06, 0.08, n), 2), taxed & (random.random(n) < 0.8)
    )
    out.year("employees", last, staff, alive & (random.random(n) < 0.3))
    recent = np.maximum(day - random.integers(4, 600, n), established + 1)
    out.since("domestic_legal_person", established.astype(np.int64) + 1, company, random.random(n) < 0.6)
    out.since("abnormal_or_dishonest", recent, random.random(n) < 0.06, random.random(n) < 0.4)
