"""The levers of firms with R&D: ratios and levels from which their facts are derived, moved by `tracks.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from wotu.registry.demo.population import COMPANY, INSTITUTION, Population, generator, young
from wotu.registry.demo.zone import CERTIFIED, CHANGED, trades
from wotu.registry.models import Kind

Levers = dict[str, np.ndarray]
LOGARITHMIC = {"revenue", "staff"}
"""Levers drawn evenly over their orders of magnitude."""
WHOLE = {"staff", "ip1", "ip2", "applied", "innovation_score", "platform_score", "srdi_score", "innovative_age",
         "srdi_age", "tech_sme_age", "market_rank"}  # fmt: skip
MEETS, OPEN, NATURAL = "meets", "open", "natural"


@dataclass(frozen=True, slots=True)
class Track:
    """A rule and how a firm stands to it: it meets it, is `short` of one clause (its name), or one fact is `open`."""

    rule: str
    state: str


@cache
def tracks() -> tuple[Track, ...]:
    """Every track; number 0 is a firm that nobody steered."""
    made = [Track("", NATURAL)]
    for rule, said in _spec().items():
        made += [Track(rule, MEETS), Track(rule, OPEN), *(Track(rule, clause) for clause in said["short"])]
    return (*made, Track("高新技术企业认定", "注册满一年"))


@cache
def _spec() -> dict[str, Any]:
    return yaml.safe_load(Path(__file__).with_name("tracks.yaml").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def open_attributes(rule: str) -> tuple[str, ...]:
    """The attributes of which a firm on this rule's open track lacks one."""
    return tuple(_spec()[rule]["open"])


def assign(people: Population) -> np.ndarray:
    """The track of each firm with R&D, drawn by the shares in `tracks.yaml`."""
    random = generator(people.size, people.day, 2)
    known = tracks()
    weights = np.zeros((2, len(known)))
    for rule, said in _spec().items():
        for column in (0, 1):
            weights[column, known.index(Track(rule, MEETS))] = said["share"]["meets"][column]
            weights[column, known.index(Track(rule, OPEN))] = said["share"]["open"][column]
            for clause in said["short"]:
                weights[column, known.index(Track(rule, clause))] = said["share"]["short"][column] / len(said["short"])
    weights[:, 0] = np.maximum(0, 1 - weights[:, 1:].sum(axis=1))
    titled = np.arange(people.size.tech) < CERTIFIED + CHANGED
    chosen = np.where(
        titled,
        random.choice(len(known), people.size.tech, p=weights[0] / weights[0].sum()),
        random.choice(len(known), people.size.tech, p=weights[1] / weights[1].sum()),
    )
    chosen[people.form[: people.size.tech] == INSTITUTION] = 0
    for kind in (Kind.LISTED, Kind.CENTRAL):
        large = people.of_kind(kind)
        chosen[large[large < people.size.tech]] = 0
    chosen[young(people.size)] = known.index(Track("高新技术企业认定", "注册满一年"))
    return chosen.astype(np.int16)


def levers(people: Population, numbers: np.ndarray, track: np.ndarray, random: np.random.Generator) -> Levers:
    """Levers of these firms: drawn from plausible distributions, then moved to where their track wants them."""
    drawn = _draw(people, numbers, random)
    for number in np.unique(track).tolist():
        chosen = tracks()[number]
        if chosen.state == NATURAL:
            continue
        said, at = _spec()[chosen.rule], np.flatnonzero(track == number)
        for lever, wanted in said["meets"].items():
            _move(drawn, lever, wanted, at, random, keep=True)
        for lever, wanted in said["short"].get(chosen.state, {}).items():
            _move(drawn, lever, wanted, at, random, keep=False)
    drawn["short"] = np.isin(track, [i for i, t in enumerate(tracks()) if t.state not in (MEETS, OPEN, NATURAL)])
    drawn["ip1"] = np.maximum(drawn["ip1"], drawn["applied"])
    return drawn


def _move(drawn: Levers, lever: str, wanted: Any, at: np.ndarray, random: np.random.Generator, *, keep: bool) -> None:
    values = drawn[lever]
    match wanted:
        case [low, high]:
            new = (
                np.exp(random.uniform(np.log(low), np.log(high), len(at)))
                if lever in LOGARITHMIC
                else random.uniform(low, high, len(at))
            )
            if lever in WHOLE:
                new = np.clip(np.round(new), low, high)
            inside = (values[at] >= low) & (values[at] <= high)
            values[at] = np.where(inside & keep, values[at], new)
        case {"one_of": options}:
            picked = np.array(options, dtype=object)[random.integers(0, len(options), len(at))]
            values[at] = picked if values.dtype == object else picked.astype(values.dtype)
        case None:
            values[at] = np.nan
        case _:
            values[at] = wanted


def _draw(people: Population, numbers: np.ndarray, random: np.random.Generator) -> Levers:
    n = len(numbers)
    titled = numbers < CERTIFIED + CHANGED
    form = people.form[numbers]

    def of(kind: Kind) -> np.ndarray:
        return np.isin(numbers, people.of_kind(kind))

    what = trades()
    field = np.array([t.field for t in what], dtype=object)[people.trade[numbers]]
    works = np.array([t.place == "works" for t in what])[people.trade[numbers]]
    size = random.normal(0, 1.35, n) + np.where(titled, 0.55, 0) + np.where(of(Kind.FOREIGN), 0.7, 0)
    large = of(Kind.LISTED) | of(Kind.CENTRAL)
    revenue = np.exp(np.log(22e6) + size) * np.where(large, 40, 1) * np.where(form == INSTITUTION, 0.4, 1)
    each = np.exp(random.normal(np.log(np.where(works, 950e3, 620e3)), 0.5))
    staff = np.maximum(3, np.round(revenue / each))
    strength = np.exp(random.normal(np.log(np.where(titled, 0.066, 0.036)), 0.5)) * np.where(revenue > 2e8, 0.75, 1)
    strength = np.clip(strength, 0.002, 0.6)
    quality = random.random(n) + np.where(titled, 0.35, 0)
    ip1 = random.poisson(np.clip(quality * 3.2 * np.sqrt(revenue / 3e7), 0, 60))
    ip2 = random.poisson(np.clip(quality * 9 * np.sqrt(revenue / 3e7), 0, 160))
    age = np.maximum(0, (people.day.toordinal() - 719163 - people.established[numbers]) / 365.25)
    market = np.clip(random.beta(1.1, 22, n) * (0.6 + quality), 0.0005, 0.6)

    def often(share: float | np.ndarray) -> np.ndarray:
        return (random.random(n) < share).astype(np.int8)

    def ages(share: np.ndarray, longest: int) -> np.ndarray:
        return np.where(random.random(n) < share, random.integers(15, longest, n), np.nan)

    invested = often(0.05 + 0.05 * quality).astype(bool)
    money = np.round(np.exp(random.normal(np.log(9e6), 1.1, n)), -4)
    when = random.integers(0, 3, n)
    best = np.select(
        [ip1 > 4, ip1 > 0, ip2 > 0],
        [
            np.where(random.random(n) < 0.5, "Ⅰ类高价值", "自主研发Ⅰ类"),
            np.where(random.random(n) < 0.6, "自主研发Ⅰ类", "Ⅰ类"),
            "Ⅱ类",
        ],
        "无",
    ).astype(object)
    return {
        "revenue": revenue,
        "growth1": np.clip(random.normal(0.07, 0.2, n), -0.7, 2.5),
        "growth2": np.clip(random.normal(0.08, 0.2, n), -0.7, 2.5),
        "staff": staff,
        "main_ratio": np.clip(1 - random.beta(1.3, 9, n), 0.3, 1),
        "debt_ratio": np.clip(random.normal(0.48, 0.19, n), 0.03, 1.3),
        "assets_ratio": np.exp(random.normal(0.1, 0.45, n)),
        "rd1": strength,
        "rd2": strength * np.exp(random.normal(0, 0.18, n)),
        "rd3": strength * np.exp(random.normal(0, 0.22, n)),
        "domestic_ratio": np.where(random.random(n) < 0.8, 1.0, random.uniform(0.5, 1, n)),
        "hitech_ratio": np.clip(random.beta(6, 2.2, n) * np.where(titled, 1.05, 0.8), 0, 0.995),
        "tech_ratio": np.clip(random.beta(2.6, 7, n) * np.where(titled, 1.15, 0.85) + 0.02, 0, 0.9),
        "deductible_ratio": np.clip(random.normal(0.9, 0.08, n), 0.5, 1),
        "cost_ratio": np.clip(random.normal(0.93, 0.08, n), 0.5, 1.6),
        "taxable": np.full(n, np.nan),
        "equity1": np.where(invested & (when == 0), money, 0),
        "equity2": np.where(invested & (when == 1), money, 0),
        "equity3": np.where(invested & (when == 2), money, 0),
        "niche_years": np.floor(np.minimum(age, random.uniform(0.5, 16, n)) * 2) / 2,
        "ip1": ip1.astype(float),
        "ip2": ip2.astype(float),
        "applied": np.floor(ip1 * random.uniform(0.2, 0.9, n)),
        "best_ip": best,
        "innovation_score": np.clip(np.round(random.normal(np.where(titled, 76, 66), 9, n)), 20, 98),
        "srdi_score": np.clip(np.round(random.normal(54 + 8 * quality, 10, n)), 10, 97),
        "platform_score": np.clip(np.round(random.normal(46 + 8 * quality, 10, n)), 8, 95),
        "market_share": market,
        "market_rank": np.maximum(1, np.round(0.9 / market ** 0.7)),
        "field": np.where(field == "", "先进制造与自动化", field).astype(object),
        "owns_core_ip": ((ip1 > 0) | (ip2 > 2)).astype(np.int8),
        "legal_person": (form == COMPANY).astype(np.int8),
        "resident": often(0.995),
        "restricted": often(0.006),
        "restricted_industry": often(0.004),
        "abnormal": often(0.015),
        "violation": often(0.008),
        "award": often(0.012 * (1 + quality)),
        "national_award": often(0.0015),
        "institute": often(np.clip((revenue / 3e8) * 0.3 + 0.01, 0, 0.5)),
        "standard": often(0.02 * quality),
        "strategic": often(np.where(field != "", 0.55, 0.1)),
        "key_field": often(0.42),
        "chain": often(0.4),
        "brand": often(0.6),
        "digital": often(0.75),
        "certified": often(np.where(works, 0.78, 0.5)),
        "rd_unit": often(0.35 + 0.3 * quality),
        "position": often(0.2 + 0.3 * quality),
        "reputation": often(0.12 + 0.2 * quality),
        "demonstration": often(0.02 * quality),
        "maker500": often(0.01),
        "review": often(0.02),
        "steady": np.zeros(n, dtype=np.int8),
        "title_lapsed": np.zeros(n, dtype=np.int8),
        "innovative_age": ages(0.06 + 0.16 * quality, 1500),
        "srdi_age": ages(0.015 + 0.06 * quality, 1400),
        "giant_age": np.where((revenue > 6e7) & (random.random(n) < 0.035 * quality), random.integers(20, 1300, n), np.nan),
        "tech_sme_age": ages(0.10 + 0.3 * quality * (revenue < 2e8), 900),
    }  # fmt: skip
