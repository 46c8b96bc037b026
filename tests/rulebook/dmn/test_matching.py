"""The rows looked up along a column's constants are the rows that trying every cell would find."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest

from wotu.rulebook.dmn.matching import Column
from wotu.rulebook.feel import Env, Interval, Scope, Unknown, compile_tests, parse
from wotu.rulebook.feel.known import kind_of

SCOPE = Scope({"?": None})
KINDS = {
    "number": [str(number) for number in range(-2, 4)] + ["0.5"],
    "string": ['"a"', '"b"', '"c"', '"d"'],
    "date": ['@"2024-01-01"', '@"2024-02-29"', '@"2025-01-01"'],
    "duration": ['@"P1D"', '@"P2D"', '@"PT1H"'],
}


def cell(random: Random, points: list[str]) -> str:
    def one() -> str:
        low, high = sorted(random.sample(range(len(points)), 2))
        point = random.choice(points)
        return random.choice(
            [
                point,
                f"{random.choice(['<', '<=', '>', '>='])} {point}",
                f"{random.choice('[(')}{points[low]}..{points[high]}{random.choice(')]')}",
            ]
        )

    tests = ", ".join(one() for _ in range(random.randint(1, 3)))
    return random.choice(["-", tests, tests, tests, f"not({tests})"])


@pytest.mark.parametrize("kind", KINDS)
def test_every_place_of_the_line(kind: str) -> None:
    random = Random(kind)
    for _ in range(60):
        texts = [cell(random, KINDS[kind]) for _ in range(random.randint(1, 8))]
        trees = [parse(text, SCOPE, kind="unary tests") for text in texts]
        tests = [None if text == "-" else compile_tests(tree, SCOPE) for text, tree in zip(texts, trees, strict=True)]
        column = Column(trees, tests)
        if not column.line:
            continue
        expected = []
        for low, high in pairwise([None, *column.points, None]):
            gap = Unknown(Interval(kind_of(column.points[0]), low, high, False, False))
            expected.append(column.way(gap, Env({})))
            expected += [column.way(high, Env({}))] if high is not None else []
        assert column.line == expected, texts
