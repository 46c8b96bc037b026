"""Who is in the demonstration zone: one numpy column a property, the same for a size and a day.

Numbers 0..tech-1 are firms with R&D, then ordinary companies, then shops and the self-employed; within the first, the
bearers of the high-tech title come first. All days are days since 1970 (int32), -1 where there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from wotu.registry.demo import names
from wotu.registry.demo.zone import CERTIFIED, CHANGED, PUBLISHED_ON, STANDING, Size, divisions, trades
from wotu.registry.models import Kind

Days = np.ndarray
NEVER = -1
EPOCH = date(1970, 1, 1)
OPENED = date(1990, 11, 1)
"""The zone is developed from 1990 on."""

COMPANY, SELF_EMPLOYED, INSTITUTION = 1, 2, 0
"""Form of an enterprise; the first two are also the second character of their codes."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Enterprise `numbers` are of a kind from `since` until `until` (NEVER: still)."""

    kind: Kind
    numbers: np.ndarray
    since: Days
    until: Days


@dataclass(frozen=True, slots=True)
class Population:
    """Every enterprise of a zone of this size as of a day."""

    size: Size
    day: date
    form: np.ndarray
    trade: np.ndarray
    """Index into `zone.trades()`; the code is left empty where `coded` is false."""
    coded: np.ndarray
    area: np.ndarray
    """Index into `zone.divisions()`, -1 where the area is not known."""
    established: Days
    dated: np.ndarray
    """Whether the day of establishment is known."""
    closed: Days
    standings: tuple[Standing, ...]
    certificates: tuple[np.ndarray, np.ndarray]
    """高新技术企业 certificates: enterprise and day of issue, sorted."""
    renamed: np.ndarray
    """Numbers of enterprises that had another name."""
    renamed_on: Days

    @property
    def enterprises(self) -> int:
        """How many there are."""
        return self.size.enterprises

    def of_kind(self, kind: Kind) -> np.ndarray:
        """Numbers of the enterprises that are of a kind today."""
        found = [s.numbers[s.until == NEVER] for s in self.standings if s.kind == kind]
        return np.unique(np.concatenate(found)) if found else np.array([], dtype=np.int64)


YOUNG = 20


def young(size: Size) -> np.ndarray:
    """Numbers of the firms with R&D that are not yet a year old."""
    return np.arange(size.tech - 60, size.tech - 60 + YOUNG)


def ordinal(day: date) -> int:
    """Days since 1970."""
    return (day - EPOCH).days


def years_later(days: Days, years: int) -> Days:
    """The same day some years on (29 February becomes 28 February)."""
    d = days.astype("datetime64[D]")
    month = d.astype("datetime64[M]")
    offset = (d - month.astype("datetime64[D]")).astype(np.int64)
    target = month + 12 * years
    length = ((target + 1).astype("datetime64[D]") - target.astype("datetime64[D]")).astype(np.int64)
    later: Days = (target.astype("datetime64[D]").astype(np.int64) + np.minimum(offset, length - 1)).astype(np.int32)
    return later


def generator(size: Size, day: date, purpose: int, block: int = 0) -> np.random.Generator:
    """The random numbers of one purpose and block, the same every time."""
    return np.random.Generator(np.random.PCG64([20211105, size.enterprises, ordinal(day), purpose, block]))


def populate(size: Size, day: date) -> Population:
    """Everybody in the zone; counts on the published day and on `day` are the published ones."""
    random = generator(size, day, 1)
    n, today, published = size.enterprises, ordinal(day), ordinal(PUBLISHED_ON)
    tier = np.full(n, 2, dtype=np.int8)
    tier[: size.tech + size.plain] = 1
    tier[: size.tech] = 0

    certificates = _certificates(size, day, random)
    standings = _standings(size, day, random)
    trade = _trades(random, tier)
    form = np.full(n, COMPANY, dtype=np.int8)
    form[size.tech + size.plain :] = np.where(random.random(n - size.tech - size.plain) < 0.62, SELF_EMPLOYED, COMPANY)
    for standing in standings:
        if standing.kind == Kind.INSTITUTE:
            form[standing.numbers] = INSTITUTION
            trade[standing.numbers] = next(i for i, t in enumerate(trades()) if t.code == "M7320")

    latest = np.full(n, today - 20, dtype=np.int64)
    latest[: size.tech] = today - 1_150
    first = np.full(n, ordinal(OPENED), dtype=np.int64)
    first[size.tech + size.plain :] = ordinal(date(2008, 1, 1))
    owner, issued = certificates
    earliest = np.full(n, np.iinfo(np.int64).max)
    np.minimum.at(earliest, owner, issued)
    latest = np.minimum(latest, np.where(earliest < np.iinfo(np.int64).max, earliest - 400, latest))
    fixed = earliest < np.iinfo(np.int64).max
    for standing in standings:
        latest[standing.numbers] = np.minimum(latest[standing.numbers], standing.since - 30)
        fixed[standing.numbers] = True
    youth = random.beta(2.4, 1.3, n)
    established = np.minimum((first + (latest - first) * youth).astype(np.int64), latest)
    low, high = today - 364, min(today - 300, ordinal(date(day.year - 1, 12, 15)))
    established[young(size)] = random.integers(low, max(high, low + 30), YOUNG)
    established = _newcomers(size, random, established, fixed | (tier == 0), tier).astype(np.int32)

    closed = np.full(n, NEVER, dtype=np.int32)
    may_close = ~fixed & (tier > 0) & (established < today - 420) & (random.random(n) < np.where(tier == 2, 0.11, 0.04))
    span = np.maximum(today - established - 240, 1)
    closed[may_close] = (established + 220 + span * random.random(n))[may_close]

    renamed = np.flatnonzero((random.random(n) < 0.035) & (tier < 2) & (established < today - 900))
    renamed_on = (
        established[renamed] + 400 + (today - established[renamed] - 500) * random.random(len(renamed))
    ).astype(np.int32)
    dated = fixed | (tier == 0) | (random.random(n) > 0.004)
    return Population(
        size=size,
        day=day,
        form=form,
        trade=trade,
        coded=fixed | (random.random(n) > np.choose(tier, (0.012, 0.03, 0.02))),
        area=_areas(random, trade),
        established=established,
        dated=dated | _in_windows(size, established),
        closed=closed,
        standings=(*standings, *_derived(size, today, published, random, form, standings, established)),
        certificates=certificates,
        renamed=renamed,
        renamed_on=renamed_on,
    )


def _certificates(size: Size, day: date, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Certificates of three years, renewed before they end: 972 valid on the published day and on `day`."""
    today, published = ordinal(day), ordinal(PUBLISHED_ON)
    changed = CHANGED if today - published > 800 else 0
    kept, lost, won = CERTIFIED - changed, changed, changed
    owners: list[np.ndarray] = []
    days: list[np.ndarray] = []

    def chain(numbers: np.ndarray, first: Days, last: Days) -> None:
        issued = first.astype(np.int64)
        while len(numbers):
            owners.append(numbers)
            days.append(issued)
            following = years_later(issued, 3).astype(np.int64) - random.integers(1, 26, len(issued))
            going = following <= last
            numbers, issued, last = numbers[going], following[going], last[going]

    def season(low: int, high: int, count: int) -> Days:
        """Days between October and December, after `low` and up to `high`."""
        years = random.integers(date.fromordinal(low + 719163).year, date.fromordinal(high + 719163).year + 1, count)
        starts = np.array([ordinal(date(int(y), 10, 8)) for y in years])
        picked = starts + random.integers(0, 75, count)
        return np.where((picked > low) & (picked <= high), picked, random.integers(low + 1, high + 1, count))

    start = published - 3 * 365 + 5
    first = season(start, published, kept)
    early = random.random(kept) < 0.45
    first = np.where(early, first - 3 * 365 + random.integers(2, 20, kept), first)
    everybody = np.full(kept, today)
    chain(np.arange(kept), first, everybody)
    if changed:
        end = min(published, today - 3 * 366)
        last = season(published - 3 * 365 + 3, end, lost)
        before = random.random(lost) < 0.5
        numbers = np.arange(kept, kept + lost)
        owners.append(numbers)
        days.append(last)
        owners.append(numbers[before])
        days.append(last[before] - 3 * 365 + random.integers(2, 20, int(before.sum())))
        chain(np.arange(kept + lost, kept + lost + won), season(published, today, won), np.full(won, today))
    owner, issued = np.concatenate(owners), np.concatenate(days)
    order = np.lexsort((issued, owner))
    return owner[order], issued[order].astype(np.int32)


def certified(certificates: tuple[np.ndarray, np.ndarray], day: date) -> np.ndarray:
    """Numbers of the enterprises whose certificate is within its three years on a day."""
    owner, issued = certificates
    valid = (issued <= ordinal(day)) & (ordinal(day) < years_later(issued, 3))
    return np.unique(owner[valid])


def _standings(size: Size, day: date, random: np.random.Generator) -> list[Standing]:
    """Kinds with a published count: the same number on both days, a few of them other enterprises."""
    today, published = ordinal(day), ordinal(PUBLISHED_ON)
    far = today - published > 800
    first_plain = size.tech
    pools = {
        Kind.FOREIGN: np.concatenate(
            (random.permutation(size.tech - 200)[: min(900, size.tech // 2)], np.arange(first_plain + 100, first_plain + 1_700))
        ),
        Kind.CENTRAL: np.concatenate((np.arange(size.tech - 100, size.tech - 75), np.arange(first_plain, first_plain + 17))),
        Kind.INSTITUTE: np.arange(size.tech - 200, size.tech - 100),
    }  # fmt: skip
    made: list[Standing] = []
    foreign = random.permutation(pools[Kind.FOREIGN])
    taken: dict[Kind, np.ndarray] = {}
    for kind, (count, changed) in STANDING.items():
        changed = changed if far else 0
        if kind == Kind.FOREIGN:
            pool = foreign
        elif kind == Kind.JAPANESE:
            pool = np.concatenate((_split(taken[Kind.FOREIGN], 2_000, STANDING[Kind.FOREIGN][1] if far else 0),))
        elif kind == Kind.REGIONAL_HQ:
            stay = _split(taken[Kind.FOREIGN], 2_000, STANDING[Kind.FOREIGN][1] if far else 0)
            pool = stay[stay >= size.tech]
        elif kind == Kind.LISTED:
            pool = np.arange(0, 60)
        else:
            pool = pools[kind]
        numbers = pool[: count + changed]
        assert len(numbers) == count + changed, f"{kind}: too few enterprises in {size.id}"
        taken[kind] = numbers
        since = np.full(len(numbers), published) - random.integers(60, 6_000, len(numbers))
        until = np.full(len(numbers), NEVER)
        if changed:
            since[count:] = random.integers(published + 30, today - 30, changed)
            until[:changed] = random.integers(published + 30, today - 30, changed)
        made.append(Standing(kind, numbers, since.astype(np.int32), until.astype(np.int32)))
    return made


def _split(numbers: np.ndarray, count: int, changed: int) -> np.ndarray:
    """Those that are of the kind all the time."""
    return numbers[changed:count]


def _derived(
    size: Size, today: int, published: int, random: np.random.Generator, form: np.ndarray,
    standings: list[Standing], established: Days,
) -> tuple[Standing, ...]:  # fmt: skip
    """Kinds without a published count: 民营 for the companies that nobody else owns, 国企 for a few."""
    owned = np.zeros(size.enterprises, dtype=bool)
    for standing in standings:
        owned[standing.numbers] = True
    free = np.flatnonzero(~owned & (form == COMPANY))
    state = random.random(len(free)) < 0.012
    return tuple(
        Standing(kind, numbers, established[numbers], np.full(len(numbers), NEVER, dtype=np.int32))
        for kind, numbers in ((Kind.STATE, free[state]), (Kind.PRIVATE, free[~state]))
    )


def _trades(random: np.random.Generator, tier: np.ndarray) -> np.ndarray:
    weights = np.array([t.weights for t in trades()])
    trade = np.empty(len(tier), dtype=np.int16)
    for number in range(3):
        of = tier == number
        share = weights[:, number] / weights[:, number].sum()
        trade[of] = random.choice(len(share), int(of.sum()), p=share)
    return trade


def _areas(random: np.random.Generator, trade: np.ndarray) -> np.ndarray:
    places = [t.place for t in trades()]
    area = np.full(len(trade), -1, dtype=np.int8)
    for place in sorted(set(places)):
        draws = np.array([d.draws[place] for d in divisions()], dtype=float)
        of = np.isin(trade, [i for i, p in enumerate(places) if p == place])
        area[of] = random.choice(len(draws), int(of.sum()), p=draws / draws.sum())
    area[random.random(len(trade)) < 0.006] = -1
    return area


def _newcomers(
    size: Size, random: np.random.Generator, established: np.ndarray, fixed: np.ndarray, tier: np.ndarray
) -> np.ndarray:
    """Move establishments so that the published windows hold exactly their counts."""
    if not size.newcomers:
        return established
    days = established.copy()
    for low, high, _ in size.newcomers:
        inside = (days >= ordinal(low)) & (days <= ordinal(high))
        days[inside & ~fixed] = ordinal(high) + 1 + random.integers(0, 45, int((inside & ~fixed).sum()))
        days[inside & fixed] = ordinal(low) - 1 - random.integers(0, 45, int((inside & fixed).sum()))
    movable = random.permutation(np.flatnonzero(~fixed & (tier > 0)))
    start = 0
    for low, high, count in size.newcomers:
        chosen = movable[start : start + count]
        assert len(chosen) == count, f"{size.id}: too few enterprises for the newcomers"
        days[chosen] = random.integers(ordinal(low), ordinal(high) + 1, count)
        start += count
    return days


def _in_windows(size: Size, established: Days) -> np.ndarray:
    inside = np.zeros(len(established), dtype=bool)
    for low, high, _ in size.newcomers:
        inside |= (established >= ordinal(low)) & (established <= ordinal(high))
    return inside


# -- words -----------------------------------------------------------------------------------------------------------

ADDED = list("和合同共元初新上中正平安宁清明川")
SHOPS = ("店", "经营部", "商行", "工作室")


def called(people: Population, numbers: np.ndarray) -> tuple[list[str], list[str], list[str]]:
    """Names, codes and addresses of enterprises by their numbers."""
    brand = names.brands(numbers % names.room_for_brands())
    cycle = (numbers // names.room_for_brands()).tolist()
    kinds = {k: set(people.of_kind(k).tolist()) for k in (Kind.FOREIGN, Kind.JAPANESE, Kind.CENTRAL, Kind.REGIONAL_HQ)}
    titles, addresses = [], []
    what, where = trades(), divisions()
    for number, mark, turn, form, trade, area in zip(
        numbers.tolist(), brand, cycle, people.form[numbers].tolist(), people.trade[numbers].tolist(),
        people.area[numbers].tolist(), strict=True,
    ):  # fmt: skip
        words = what[trade].words
        word = words[number % len(words)]
        if turn:
            mark += ADDED[(turn - 1) % len(ADDED)]
        if form == INSTITUTION:
            title = f"{mark}{word}院苏州分院"
        elif form == SELF_EMPLOYED:
            title = f"苏州高新区{mark}{word}{SHOPS[number % 4]}"
        elif number in kinds[Kind.REGIONAL_HQ]:
            title = f"{mark}（中国）投资有限公司"
        elif number in kinds[Kind.JAPANESE]:
            title = f"{mark}精工{word}（苏州）有限公司"
        elif number in kinds[Kind.FOREIGN]:
            title = f"{mark}{word}（苏州）有限公司"
        elif number in kinds[Kind.CENTRAL]:
            title = f"{mark}集团苏州{word}有限公司"
        elif number % 23 == 0:
            title = f"苏州{mark}{word}股份有限公司"
        else:
            title = f"苏州{mark}{word}有限公司"
        titles.append(title)
        road = f"{names.ROADS[number % len(names.ROADS)]}路{number % 880 + 1}号"
        addresses.append(f"苏州高新区{where[area].name if area >= 0 else ''}{road}（演示地址）")
    return titles, names.credit_codes(numbers, np.where(people.form[numbers] == SELF_EMPLOYED, 2, 1)), addresses


def iso(day: int) -> str:
    """A day since 1970 as an ISO date."""
    return (EPOCH + timedelta(days=int(day))).isoformat()
