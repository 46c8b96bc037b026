"""The cross-check: differences from the count, contradictions, old figures told as new, what follows by arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import count

import pytest

from tests import tinyzone
from wotu.intel import crosscheck
from wotu.intel.crosscheck import Line
from wotu.intel.explain import explanations
from wotu.registry.models import Source, ZoneClaim

NUMBERS: Iterator[int] = count()


@pytest.fixture(autouse=True)
def _zone(db: None) -> None:
    tinyzone.build()
    ZoneClaim.objects.all().delete()


def told(
    name: str,
    value: str,
    period: str = "",
    *,
    unit: str = "家",
    modifier: str = "",
    by: str = "甲报",
    on: str = "2021-11-05",
) -> ZoneClaim:
    """A figure that was published."""
    source, _ = Source.objects.get_or_create(
        name=f"{by} {on}",
        defaults={"kind": Source.Kind.ARTICLE, "publisher": by, "published_on": date.fromisoformat(on)},
    )
    return ZoneClaim.objects.create(
        key=f"t{next(NUMBERS)}",
        name=name,
        value=Decimal(value),
        unit=unit,
        modifier=modifier,
        period=period,
        source=source,
    )


def line(name: str) -> Line:
    return next(one for one in crosscheck.lines(crosscheck.published()) if one.series.name == name)


def texts(name: str, shape: str) -> list[str]:
    return [finding.text for finding in line(name).findings if finding.shape == shape]


def test_a_figure_stands_beside_the_count_of_its_own_day() -> None:
    told("外资企业", "3", "2021-11-05")
    compared = line("外资企业").comparison
    assert compared is not None
    assert (compared.counted.value, compared.difference, compared.agrees) == (3, Decimal(0), True)


def test_a_difference_is_explained_by_the_day_on_which_the_count_was_that() -> None:
    figure = told("外资企业", "2", "2023-12-31")
    assert line("外资企业").differs
    [other] = [f for f in explanations(figure) if "正是这个数" in f.text]
    assert other.text == "台账在 2023-05-31 正是这个数：公布的可能是较早的数"
    assert other.door.endswith("as_of=2023-05-31")


def test_a_difference_opens_the_rows_that_were_counted() -> None:
    figure = told("外资企业", "9", "2021-11-05")
    assert any("/registry/measures/registry.foreign/rows/" in f.door for f in explanations(figure))


def test_a_like_number_that_fits_is_named() -> None:
    figure = told("国家高新技术企业", "1", "2024-06-30")
    said = [f.text for f in explanations(figure)]
    assert any("科技型中小企业" in text and "可能用了这个口径" in text for text in said)


def test_what_nothing_counts_says_so() -> None:
    figure = told("湿地公园", "1", "2021")
    assert line("湿地公园").comparison is None
    assert [f.text for f in explanations(figure)] == ["这件事还没有登记可数，只能与别的报道对照"]


def test_the_base_follows_from_the_growth() -> None:
    told("新增市场主体", "22473", "2021-01..2021-09")
    told("新增市场主体增长", "206.7", "2021-01..2021-09", unit="%")
    assert texts("新增市场主体", "follows") == ["22,473 家、增长 206.7%，推得2020年前9个月约 7,327 家"]


@pytest.mark.parametrize(("before", "shape"), [("7327", "plain"), ("9000", "contradiction")])
def test_the_base_is_held_against_what_was_said_then(before: str, shape: str) -> None:
    told("新增市场主体", before, "2020-01..2020-09", by="乙报", on="2020-10-20")
    told("新增市场主体", "22473", "2021-01..2021-09")
    told("新增市场主体增长", "206.7", "2021-01..2021-09", unit="%")
    [said] = texts("新增市场主体", shape)
    assert said.startswith("乙报 2020-10-20说2020年前9个月为")


def test_two_articles_that_cannot_both_be_right() -> None:
    told("上市企业", "22", "2021-11-05")
    told("上市企业", "25", "2021-11-05", by="乙报")
    [said] = texts("上市企业", "contradiction")
    assert said == "2021-11-05：甲报 2021-11-05说 22 家，乙报 2021-11-05说 25 家，两个说法不能同时成立"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("40", "余"), ("42", "")),
        (("1000", "超"), ("1100", "")),
        (("1000", "近"), ("980", "")),
        (("500", "约"), ("510", "")),
    ],
)
def test_modifiers_leave_room(one: tuple[str, str], other: tuple[str, str]) -> None:
    told("央企", one[0], "2021", modifier=one[1])
    told("央企", other[0], "2021", modifier=other[1], by="乙报")
    assert texts("央企", "contradiction") == []


def test_a_rounded_figure_and_the_full_one_do_not_contradict() -> None:
    told("高层次人才", "39000", "2021", unit="人")
    told("高层次人才", "38950", "2021", unit="人", by="乙报")
    told("新兴产业产值占比", "62.8", "2020", unit="%")
    told("新兴产业产值占比", "62.84", "2020", unit="%", by="乙报")
    assert texts("高层次人才", "contradiction") == texts("新兴产业产值占比", "contradiction") == []


def test_an_old_figure_told_as_new_is_noticed() -> None:
    told("新兴产业产值占比", "62.8", "2020", unit="%", by="统计公报", on="2021-02-20")
    told("新兴产业产值占比", "62.8", "", unit="%", on="2021-11-05")
    [said] = texts("新兴产业产值占比", "old")
    assert "与统计公报 2021-02-20说的2020年的数一字不差" in said


def test_a_figure_without_a_time_told_again_a_year_later_is_noticed() -> None:
    told("新兴产业产值占比", "62.8", unit="%")
    told("新兴产业产值占比", "62.8", "2022-09", unit="%", by="乙报", on="2022-10-12")
    [said] = texts("新兴产业产值占比", "old")
    assert said.startswith("乙报 2022-10-12所说的 62.8%，与甲报 2021-11-05说的数（当时也没有说明期间）一字不差")


def test_the_same_figure_told_again_for_its_own_year_is_no_old_figure() -> None:
    told("新兴产业产值占比", "62.8", "2020", unit="%", by="统计公报", on="2021-02-20")
    told("新兴产业产值占比", "62.8", "2020", unit="%", on="2021-11-05")
    assert texts("新兴产业产值占比", "old") == []


def test_a_count_over_other_months_is_said_to_be_one() -> None:
    told("新增市场主体", "3", "2021-08")
    assert texts("新增市场主体", "ask") == ["公布的是2021年8月，台账数的是2021年前6个月，期间不同"]


def test_figures_with_no_time_say_so() -> None:
    told("新兴产业产值占比", "62.8", unit="%")
    assert texts("新兴产业产值占比", "ask") == ["原文没有说明是什么时候的数，按发布日期比较"]
