"""The comparison with the interpreter is worth something: each fault put into the plan or its machine code is seen."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest

from wotu.rulebook.columnar import admitting, amounts, bind, codes, kernel, laying, machine, program, rewriting

from .random_rules import rule, table
from .test_random_rules import differences


def flipped_comparison(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(laying, "at_least", bind.above)


def flipped_sides(patch: pytest.MonkeyPatch) -> None:
    right = machine.screen

    def screen(*given: Any) -> None:
        right(*given)
        given[9][:] = given[9][:, ::-1].copy()

    patch.setattr(machine, "screen", screen)


def dropped_null_mask(patch: pytest.MonkeyPatch) -> None:
    right = laying._Layout.plane
    patch.setattr(laying._Layout, "plane", lambda self, rows: right(self, np.full_like(rows, ~np.uint64(0))))


def division_by_zero_is_a_number(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(bind.Quotients, "null", lambda self: np.zeros_like(self.known))


def sign_of_the_divisor_forgotten(patch: pytest.MonkeyPatch) -> None:
    right = laying.Factors.table
    patch.setattr(laying.Factors, "table", lambda self, middle, positive: right(self, middle, True))


def any_of_for_all_of(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(program, "AND", kernel.OR)


def unknown_for_false(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(codes, "open_answers", lambda bound, test: [])


def refused_values_let_through(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(admitting, "admitted", lambda test, numbers, view: np.ones(len(numbers.values), np.bool_))


def ends_of_intervals_moved(patch: pytest.MonkeyPatch) -> None:
    line = codes.Line.place
    patch.setattr(codes.Line, "place", lambda self, number: line(self, number) + 1)


def rounded_the_other_way(patch: pytest.MonkeyPatch) -> None:
    right = amounts.rounded
    patch.setattr(amounts, "rounded", lambda values, unit, way: right(values, unit, "floor"))


def months_begun_for_whole(patch: pytest.MonkeyPatch) -> None:
    right = amounts.months_between
    patch.setattr(amounts, "months_between", lambda start, end: right(start, end + 1))


def arguments_of_models_all_alike(patch: pytest.MonkeyPatch) -> None:
    right = rewriting.Rewriting.given
    patch.setattr(
        rewriting.Rewriting,
        "given",
        lambda self, name, place, node: self.among(node, []) or right(self, name, place, node),
    )


FAULTS: tuple[Callable[[pytest.MonkeyPatch], None], ...] = (
    flipped_comparison,
    flipped_sides,
    dropped_null_mask,
    division_by_zero_is_a_number,
    sign_of_the_divisor_forgotten,
    any_of_for_all_of,
    unknown_for_false,
    refused_values_let_through,
    ends_of_intervals_moved,
    rounded_the_other_way,
    months_begun_for_whole,
    arguments_of_models_all_alike,
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_fault_is_seen(fault: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch) -> None:
    fault(monkeypatch)
    for seed in range(200):
        random = Random(seed)
        _, book = rule(random)
        try:
            if differences(book, table(random, 25)):
                return
        except (AssertionError, IndexError, ValueError):
            return
    pytest.fail("no random rule told the faulty plan from the right one")
