"""Random tables: what is reported is so, and what is not reported never happens.

Every gap's inputs hit no rule, every overlap's hit both; where no gap, overlap, covered rule or dead cell is reported, random
inputs never find one.
"""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wotu.rulebook import Finding, Rulebook
from wotu.rulebook.check import check
from wotu.rulebook.check.ground import Ground

from .models import book, decision, table

INPUTS = {
    "分": "number: [0..10]",
    "数": "number",
    "业": 'string: "农", "工", "商"',
    "名": "string",
    "否": "boolean",
    "日": "date",
    "长": "dayTimeDuration",
    "月": "yearMonthDuration",
    "时": "time",
    "刻": "dateTime",
}
CELLS = {
    "分": ("-", "< 5", "[0..5)", "[5..10]", ">= 5", "3, 5, 7", "not(5)", "10", "(2..8)", "? > 1 and ? < 4", "< 数", "> 10"),
    "数": ("-", "<= 0", "> 0", "0", "[1..3]", "not([1..3])", "-1, 1", "!= 2", "? in (1, > 5)"),
    "业": ("-", '"农"', '"农", "工"', 'not("商")', '"渔"'),
    "名": ("-", '"甲"', '"甲", "乙"', 'not("甲")', 'contains(?, "甲")', '< "乙"'),
    "否": ("-", "true", "false", "not(true)"),
    "日": ("-", '< date("2024-01-02")', '>= date("2024-01-01")', '[date("2024-01-01")..date("2024-01-03")]', '@"2024-01-02"'),
    "长": ("-", '< duration("P1D")', '>= duration("P1D")', 'duration("PT12H")', '(duration("PT1H")..duration("P2D")]'),
    "月": ("-", '<= duration("P1Y")', '> duration("P11M")', '[duration("P1M")..duration("P2M")]'),
    "时": ("-", '< time("08:00:00")', '>= time("08:00:00")', '[time("08:00:00")..time("09:00:00")]'),
    "刻": ("-", '< @"2024-01-01T08:00:00"', '> @"2024-01-01T08:00:00"', '>= @"2024-01-01T08:00:00"'),
    "数 / 分": ("-", "< 0.5", ">= 0.5", "[0..1]", "null", "not(null)"),
    "分 + 1": ("-", "< 6", ">= 6", "[3..5]"),
}  # fmt: skip
VALUES: dict[str, tuple[Any, ...]] = {
    "分": (0, 1, 2, 3, 4, 4.5, 5, 6, 7, 8, 9, 10),
    "数": (-5, -1, 0, 0.5, 1, 2, 2.5, 3, 4, 6),
    "业": ("农", "工", "商"),
    "名": ("甲", "乙", "甲乙", "丙", ""),
    "否": (True, False),
    "日": ("2023-12-31", "2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04"),
    "长": ("PT0S", "PT1H", "PT12H", "P1D", "P1DT1S", "P2D", "P3D"),
    "月": ("P0M", "P1M", "P2M", "P11M", "P1Y", "P13M"),
    "时": ("07:59:59", "08:00:00", "08:30:00", "09:00:00", "09:00:01"),
    "刻": ("2023-01-01T00:00:00", "2024-01-01T07:59:59", "2024-01-01T08:00:00", "2024-01-01T08:00:01"),
}
RESULTS = ("1", "2", "3")


def random_table(chance: Random) -> tuple[Rulebook, str]:
    """A table of one to three conditions and up to six rows, and its hit policy."""
    policy = chance.choice(("UNIQUE", "FIRST", "ANY", "PRIORITY"))
    columns = chance.sample(list(CELLS), chance.randint(1, 3))
    rows = [
        [*(chance.choice(CELLS[name]) for name in columns), chance.choice(RESULTS)] for _ in range(chance.randint(1, 6))
    ]
    if chance.random() < 0.3:
        rows.append([*("-" for _ in columns), "1"])
    needs = " ".join(
        dict.fromkeys([*(name for column in columns for name in re.split(r" [/+] ?1?", column) if name), "数"])
    )
    logic = table(columns, rows, policy, values="3, 2, 1")
    return book(INPUTS, decision("果", logic, needs, "number")), policy


def hits(about: Rulebook, inputs: dict[str, Any]) -> list[int]:
    """The rows that match, counted from 1."""
    env = Ground(about).env("果", inputs)
    assert env is not None, inputs
    found = about.logic["果"].table
    assert found is not None
    return [row + 1 for row, sure in found.hits(env) if sure]


def numbers(finding: Finding) -> list[int]:
    return [int(number) for number in re.findall(r"第 (\d+) 行", finding.where.partition("决策")[2])]


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**40))
def test_what_is_reported_is_so_and_nothing_else_happens(seed: int) -> None:
    chance = Random(seed)
    about, policy = random_table(chance)
    found = check(about)
    gaps = [
        finding
        for finding in found
        if finding.what.startswith(("没有规则", "还有更多")) or "时没有规则" in finding.what
    ]
    overlaps = [finding for finding in found if "同时命中" in finding.what or "对规则重叠" in finding.what]
    covered = {number for finding in found if "轮不到" in finding.what for number in numbers(finding)}
    dead = {number for finding in found if "永远不成立" in finding.what for number in numbers(finding)}

    for finding in gaps:
        if finding.severity == "warning" and finding.example:
            assert hits(about, json.loads(finding.example)) == [], str(finding)
    for finding in overlaps:
        pair = [int(number) for number in re.findall(r"第 (\d+) 行", finding.what)]
        if finding.severity == "error":
            assert set(pair) <= set(hits(about, json.loads(finding.example or ""))), str(finding)

    looks_elsewhere = any("用到了别的值" in finding.what for finding in found)
    for _ in range(120):
        inputs = {name: chance.choice(values) for name, values in VALUES.items()}
        met = hits(about, inputs)
        if not gaps and not looks_elsewhere:
            assert met, inputs
        if policy == "UNIQUE" and not overlaps and not looks_elsewhere:
            assert len(met) <= 1, inputs
        for row in met:
            assert row not in dead, inputs
            if row in covered and policy == "FIRST":
                assert met[0] < row, inputs
