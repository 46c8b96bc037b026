"""However a sentence is written down, it says the same: figures, units, order, punctuation, width, script, spacing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import opencc
import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.intel.reading.marks import entries, figures, kinds
from wotu.intel.reading import read_text
from wotu.intel.reading.normal import normal_form
from wotu.intel.reading.numbers import number_at

ON = date(2021, 11, 5)
FULL = {chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F) if chr(code) not in "\"'"}
SAYS = [
    entry["say"]
    for kind in kinds()
    if kind not in ("forms", "repairs")
    for entry in entries(kind)
    if "wants" not in entry
]

INDICATORS = {
    "企业": "家",
    "高新技术企业": "家",
    "项目": "个",
    "工业总产值": "元",
    "一般公共预算收入": "元",
    "建筑面积": "平方米",
    "常住人口": "人",
}
WRITTEN = {"家": "家", "个": "个", "元": "元", "平方米": "平方米", "人": "人"}
amounts = st.builds(lambda whole, part: Decimal(f"{whole}.{part}"), st.integers(2, 9999), st.integers(1, 99))
counts = st.integers(11, 99_999)


def shape(text: str) -> list[tuple[str, str, str]]:
    return [(str(got.value.normalize()), got.unit, got.period) for got in figures(text)]


def spans_are_slices(text: str) -> bool:
    return all(text[claim.span[0] : claim.span[1]] == claim.quote for claim in read_text(text, ON).claims)


@pytest.mark.parametrize("say", SAYS[::3], ids=lambda say: say[:16])
def test_full_width_says_the_same(say):
    wide = "".join(FULL.get(char, char) for char in say)
    assert shape(wide) == shape(say)
    assert spans_are_slices(wide)


@pytest.mark.parametrize("say", SAYS[1::3], ids=lambda say: say[:16])
def test_traditional_script_says_the_same(say):
    old = opencc.OpenCC("s2t").convert(say)
    assert shape(old) == shape(say)
    assert spans_are_slices(old)


@pytest.mark.parametrize("say", SAYS[2::3], ids=lambda say: say[:16])
def test_half_width_punctuation_and_spaced_figures_say_the_same(say):
    half = say.translate(str.maketrans("，；：（）％", ",;:()%"))
    assert shape(half) == shape(say)
    spaced = regex.sub(r"(?<=[\u4e00-\u9fff])(?=\d)|(?<=\d)(?=[\u4e00-\u9fff%])", " ", say)
    assert shape(spaced) == shape(say)
    assert spans_are_slices(half)
    assert spans_are_slices(spaced)


@given(
    st.sampled_from(sorted(INDICATORS)),
    amounts,
    st.sampled_from(["", "万", "亿"]),
    st.sampled_from(["达", "达到", "为", "超过", "约", ""]),
)
@settings(max_examples=80, deadline=None)
def test_any_figure_is_read_exactly(indicator, amount, size, link):
    unit = INDICATORS[indicator]
    text = f"2020年，全区{indicator}{link}{amount}{size}{WRITTEN[unit]}，成效明显。"
    scale = {"": 1, "万": 10**4, "亿": 10**8}[size]
    (claim,) = read_text(text, ON).claims
    assert (claim.value, claim.unit, claim.period, claim.indicator) == (amount * scale, unit, "2020", indicator)


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(INDICATORS)), counts), min_size=1, max_size=6, unique_by=lambda pair: pair[0]
    ),
    st.sampled_from(["，", "、", "；", ","]),
)
@settings(max_examples=60, deadline=None)
def test_lists_keep_each_figure_with_its_name_in_any_order(pairs, point):
    text = "全区现有" + point.join(f"{name}{count}{WRITTEN[INDICATORS[name]]}" for name, count in pairs) + "。"
    assert [(claim.indicator, claim.value) for claim in read_text(text, ON).claims] == [
        (name, Decimal(count)) for name, count in pairs
    ]
    assert spans_are_slices(text)


@given(st.lists(amounts, min_size=2, max_size=4), st.sampled_from(["增长", "同比增长", "下降"]))
@settings(max_examples=60, deadline=None)
def test_respectively_gives_each_its_own(rates, word):
    names = ["一般公共预算收入", "固定资产投资", "社会消费品零售总额", "出口总额"][: len(rates)]
    listed = "、".join(names[:-1]) + "和" + names[-1]
    text = f"今年前三季度，{listed}分别{word}{'、'.join(f'{rate}%' for rate in rates[:-1])}和{rates[-1]}%。"
    sign = -1 if word == "下降" else 1
    got = [(claim.indicator, claim.value, claim.kind, claim.period) for claim in read_text(text, ON).claims]
    assert got == [(name, rate * sign, "growth", "2021-01..2021-09") for name, rate in zip(names, rates, strict=True)]


@given(st.integers(1_000, 999_999_999))
@settings(max_examples=60, deadline=None)
def test_grouped_digits_are_one_number(number):
    text = f"累计服务企业{number:,}家次，"
    assert number_at(normal_form(text).text, text.index("业") + 1).value == number


@given(st.integers(11, 99_999_999))
@settings(max_examples=80, deadline=None)
def test_numbers_in_words_are_exact(number):
    import cn2an

    said = cn2an.an2cn(number)
    found = number_at(f"{said}家", 0)
    assert found is not None
    assert (found.value, found.stop) == (number, len(said))


@given(
    st.text(
        alphabet="全区企业家增长%亿元万0123456789.,，。、；（）“”年月日同比分别为占和达超近余\n 　-—〔〕", max_size=120
    )
)
@settings(max_examples=200, deadline=None)
def test_no_text_breaks_the_reader(text):
    reading = read_text(text, ON)
    assert all(text[claim.span[0] : claim.span[1]] == claim.quote for claim in reading.claims)


def test_the_same_text_reads_the_same_twice():
    text = "\n".join(SAYS)
    assert read_text(text, ON) == read_text(text, ON)
