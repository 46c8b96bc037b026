"""Random FEEL with unknown inputs: what they are, what they can turn out to be, and whether an answer allowed for that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import strategies as st

from wotu.rulebook.feel import Choices, Date, FeelError, Interval, Range, Sublist, Unknown
from wotu.rulebook.feel.known import compare, kind_of

NUMBERS = (
    st.integers(-6, 12).map(Decimal) | st.decimals(-4, 9, places=1) | st.sampled_from([Decimal(0), Decimal("0.1")])
)
DATES = st.builds(Date, st.integers(2023, 2025), st.integers(1, 12), st.integers(1, 28))
WORDS = st.sampled_from(["a", "b", "c", "新材料", ""])
ANYTHING = NUMBERS | WORDS | st.booleans() | st.none() | DATES | st.lists(NUMBERS, max_size=3)


def number(low: int | None, high: int | None, low_closed: bool = True, high_closed: bool = True) -> Unknown:
    """An unknown number between two ends."""
    ends = (None if low is None else Decimal(low), None if high is None else Decimal(high))
    return Unknown(Interval("number", *ends, low_closed, high_closed))


INPUTS: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "n": (number(None, None), NUMBERS),
    "m": (number(0, None), NUMBERS.filter(lambda value: value >= 0)),
    "score": (number(0, 10), NUMBERS.filter(lambda value: 0 <= value <= 10)),
    "open": (number(0, 10, False, False), NUMBERS.filter(lambda value: 0 < value < 10)),
    "few": (Unknown(Choices((Decimal(1), Decimal(2), None))), st.sampled_from([Decimal(1), Decimal(2), None])),
    "maybe": (
        Unknown(Interval("number", Decimal(-2), Decimal(5)), True),
        st.none() | NUMBERS.filter(lambda v: -2 <= v <= 5),
    ),
    "b": (Unknown(Choices((True, False))), st.booleans()),
    "b2": (Unknown(Choices((True, False, None))), st.sampled_from([True, False, None])),
    "s": (Unknown(Choices(("a", "b", "新材料"))), st.sampled_from(["a", "b", "新材料"])),
    "t": (Unknown(Interval("string")), WORDS),
    "d": (Unknown(Interval("date")), DATES),
    "e": (
        Unknown(Interval("date", Date(2024, 1, 1), Date(2024, 12, 31))),
        DATES.filter(lambda value: value.year == 2024),
    ),
    "x": (Unknown(), ANYTHING),
}
"""What each input is when it is not known, and values that it can turn out to have."""


def admits(answer: Any, value: Any) -> bool:
    """Whether an answer, possibly unknown, allows for that value."""
    if isinstance(answer, Unknown):
        return _possible(answer, value)
    if type(answer) is not type(value):
        return False
    if isinstance(answer, list):
        return len(answer) == len(value) and all(map(admits, answer, value))
    if isinstance(answer, Mapping):
        return list(answer) == list(value) and all(admits(item, value[name]) for name, item in answer.items())
    if isinstance(answer, Range):
        same = (answer.low_closed, answer.high_closed, answer.operator) == (
            value.low_closed, value.high_closed, value.operator,
        )  # fmt: skip
        return same and admits(answer.low, value.low) and admits(answer.high, value.high)
    return bool(answer == value)


def _possible(answer: Unknown, value: Any) -> bool:
    match answer.possible:
        case None:
            return True
        case Choices(values=values):
            return any(admits(choice, value) for choice in values)
        case Interval(kind=kind, low=low, high=high, low_closed=low_closed, high_closed=high_closed):
            if value is None:
                return answer.or_null
            if kind_of(value) != kind:
                return False
            try:
                above = low is None or (order := compare(value, low)) > 0 or (order == 0 and low_closed)
                below = high is None or (order := compare(value, high)) < 0 or (order == 0 and high_closed)
            except FeelError:
                return True
            return above and below
        case Sublist(items=items, sure=sure):
            return isinstance(value, list) and _embeds(list(zip(items, sure, strict=True)), value)
    return False


def _embeds(items: list[tuple[Any, bool]], value: list[Any]) -> bool:
    """Whether the list is these items in order, without some that may be missing."""
    if not items:
        return not value
    (first, sure), rest = items[0], items[1:]
    if value and admits(first, value[0]) and _embeds(rest, value[1:]):
        return True
    return not sure and _embeds(rest, value)


# --- expressions ----------------------------------------------------------------------------------------------------

GRAMMAR: dict[str, tuple[str, ...]] = {
    "NUMBER": (
        "(NUMBER SIGN NUMBER)", "(NUMBER SIGN NUMBER)", "(if TRUTH then NUMBER else NUMBER)", "ROUND(NUMBER)", "(-NUMBER)",
        "(NUMBER ** POWER)", "FOLD(LIST)", "PICK(NUMBER, NUMBER, NUMBER)", "count(LIST)", "modulo(NUMBER, NUMBER)",
        "decimal(NUMBER, 1)", "LIST[PLACE]", "string length(TEXT)", "DATE.PART", '((DATE - DATE) / duration("P1D"))',
        "number(TEXT, null, null)", "{a: NUMBER, c: a + 1}.c", "abs(NUMBER)", "round half up(NUMBER, 0)",
        "(if TRUTH then LIST else null)[1]", "get value({k: NUMBER}, TEXT)", "LIST[item RELATION NUMBER][1]",
        "(SPAN / SPAN)", "SPAN.days",
    ),
    "TRUTH": (
        "(NUMBER RELATION NUMBER)", "(NUMBER RELATION NUMBER)", "(TEXT RELATION TEXT)", "(DATE RELATION DATE)",
        '(DATE RELATION date("2024-06-15"))', '(DATE - DATE >= duration("P30D"))', "(TRUTH JOIN TRUTH)", "not(TRUTH)",
        "(NUMBER between NUMBER and NUMBER)", "(NUMBER in [LITERAL..LITERAL])", "(NUMBER in (LITERAL, > NUMBER, [1..3)))",
        '(TEXT in ("a", "新材料"))', "(some v in LIST satisfies v > NUMBER)", "(every v in LIST satisfies v >= NUMBER)",
        "list contains(LIST, NUMBER)", "WHOLE([TRUTH, TRUTH])", "(LIST = LIST)", "(NUMBER instance of number)",
        "(if TRUTH then TRUTH else TRUTH)", "contains(TEXT, TEXT)", 'starts with(TEXT, "a")', "is(NUMBER, NUMBER)",
        "(NUMBER = null)", "(NUMBER in LIST)", '(DATE + duration("P1M") < DATE)', "before(NUMBER, [LITERAL..LITERAL])",
        "(TEXT = null)", "(LIST[1] > NUMBER)", "(every v in LIST satisfies TRUTH)", "({a: NUMBER} = {a: NUMBER})",
        "(SPAN RELATION SPAN)", "(DATE in [d..e])",
    ),
    "TEXT": (
        "(TEXT + TEXT)", "(if TRUTH then TEXT else TEXT)", "string(NUMBER)", "upper case(TEXT)", "substring(TEXT, NUMBER)",
        'string join([TEXT, TEXT], "-")', "string(DATE)", "substring before(TEXT, TEXT)", "[TEXT, TEXT][NUMBER]",
    ),
    "LIST": (
        "[NUMBER, NUMBER, NUMBER]", "LIST[item > NUMBER]", "(for v in LIST return v SIGN NUMBER)", "append(LIST, NUMBER)",
        "concatenate(LIST, LIST)", "distinct values(LIST)", "reverse(LIST)", "sort(LIST, function(p, q) p < q)",
        "(if TRUTH then LIST else LIST)", "remove(LIST, 1)", "index of(LIST, NUMBER)", "flatten([LIST, NUMBER])",
        "sublist(LIST, 2)", "(for v in 1..NUMBER return v)", "LIST[TRUTH]", "insert before(LIST, 1, NUMBER)", "union(LIST, LIST)",
        "[{a: NUMBER}, {a: NUMBER}][a > LITERAL].a",
    ),
    "DATE": (
        "d", "e", '(DATE + duration("P40D"))', 'date("2024-02-29")', "(if TRUTH then d else e)", "(DATE - SPAN)",
        "PICK(DATE, DATE)", "date(2024, 1, NUMBER)",
    ),
    "SPAN": (
        "(DATE - DATE)", 'duration("P10D")', "(SPAN * NUMBER)", "(SPAN + SPAN)", "(SPAN - SPAN)", "sum([SPAN, SPAN])", "abs(SPAN)",
        "max(SPAN, SPAN)", "(-SPAN)", "(SPAN / NUMBER)", "mean([SPAN, SPAN])",
    ),
    "SIGN": ("+", "-", "*", "/"),
    "RELATION": ("<", "<=", ">", ">=", "=", "!="),
    "JOIN": ("and", "or"),
    "POWER": ("2", "3", "0.5", "-1"),
    "PLACE": ("1", "2", "-1", "NUMBER"),
    "PART": ("year", "month", "day", "weekday"),
    "ROUND": ("floor", "ceiling", "sqrt", "exp", "abs"),
    "FOLD": ("min", "max", "sum", "mean", "product", "median"),
    "PICK": ("min", "max", "sum"),
    "WHOLE": ("all", "any"),
    "LITERAL": ("0", "1", "2", "3", "5", "10", "0.5", "-1", "0.1"),
}  # fmt: skip
LEAVES: dict[str, tuple[str, ...]] = {
    "NUMBER": ("n", "m", "score", "open", "few", "maybe", "x", "LITERAL"),
    "TRUTH": ("b", "b2", "x", "true", "null", "(m RELATION LITERAL)", "(score RELATION LITERAL)", "(s RELATION s)"),
    "TEXT": ("s", "t", "x", '"a"', '""', "null"),
    "LIST": ("[n, LITERAL]", "[few, m]", "[1, 2, 3]", "[]"),
    "DATE": ("d", "e"),
    "SPAN": ("(d - e)", 'duration("P10D")', "(e - d)"),
}
"""What ends a branch."""
_SYMBOL = re.compile(r"\b(?:" + "|".join(GRAMMAR) + r")\b")


def expression(kind: str, chance: Random, depth: int) -> str:
    """FEEL text over the inputs, drawn from the grammar; no deeper than this."""
    choices = LEAVES.get(kind) if depth <= 0 or chance.random() < 0.15 else None
    text = chance.choice(choices or GRAMMAR[kind])
    return _SYMBOL.sub(lambda symbol: expression(symbol[0], chance, depth - 1), text)
