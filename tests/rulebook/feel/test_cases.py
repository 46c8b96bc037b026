"""FEEL by example: files of `expression -> value` that anybody can add to."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from wotu.rulebook.feel import Date, Env, FeelSyntaxError, Run, Scope, compile_expression, parse, text_of
from wotu.rulebook.feel.show import show
from wotu.rulebook.feel.types import DATE, NUMBER, STRING, ContextOf, ListOf

CASES = Path(__file__).parent / "cases"
FIRM = ContextOf((("名称", STRING), ("注册 日期", DATE)))
ROW = ContextOf((("名称", STRING), ("人数", NUMBER)))
SCOPE = Scope(
    {
        "年收入": NUMBER,
        "年 收入": NUMBER,
        "first name": STRING,
        "a+b": NUMBER,
        "a": None,
        "其中：研发费用": NUMBER,
        "A-B": NUMBER,
        "x": ContextOf((("y 大小", ContextOf((("z", NUMBER),))),)),
        "企业": FIRM,
        "企业列表": ListOf(ROW),
    }
)
VALUES: dict[str, Any] = {
    "年收入": Decimal(100),
    "年 收入": Decimal(7),
    "first name": "Ada",
    "a+b": Decimal(42),
    "a": "不是数",
    "其中：研发费用": Decimal(4),
    "A-B": Decimal(5),
    "x": {"y 大小": {"z": Decimal(9)}},
    "企业": {"名称": "甲公司", "注册 日期": Date(2020, 1, 1)},
    "企业列表": [{"名称": "甲", "人数": Decimal(10)}, {"名称": "乙", "人数": Decimal(20)}],
}


def cases() -> list[Any]:
    """Every case; the last arrow of a line stands before its value."""
    found = []
    for file in sorted(CASES.glob("*.txt")):
        for line in file.read_text(encoding="utf-8").splitlines():
            text, arrow, value = line.rpartition(" -> ")
            if arrow and not line.startswith("#"):
                found.append(pytest.param(text, value, id=f"{file.stem}: {text}"))
    return found


def value_of(text: str, scope: Scope, values: dict[str, Any]) -> Any:
    return compile_expression(parse(text, scope), scope)(Env(values, run=Run()))


@pytest.mark.parametrize(("text", "value"), cases())
def test_an_expression_has_its_value(text: str, value: str) -> None:
    found = value_of(text, SCOPE, VALUES)

    assert text_of(found, nested=True) == text_of(value_of(value, Scope(), {}), nested=True)


@pytest.mark.parametrize(("text", "value"), cases())
def test_a_tree_shown_as_text_reads_as_the_same_tree(text: str, value: str) -> None:
    tree = parse(text, SCOPE)

    assert parse(show(tree), SCOPE) == tree


@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        ("1 +", 1, 4, "到此为止"),
        ("(1 + 2", 1, 7, "到此为止，缺少“)”"),
        ("1 2", 1, 3, "这里多出了“2”"),
        ("if a then 1", 1, 12, "“else”"),
        ("1 +\n  * 2", 2, 3, "这里应是"),
        ('"没有结尾', 1, 1, "文字"),
        ("研发 占比 > 1", 1, 4, "这里多出了“占比”"),
        ("f(a: 1, 2)", 1, 10, "按名与按位"),
        ("", 1, 1, "到此为止"),
    ],
)
def test_what_is_no_feel_is_pointed_at(text: str, line: int, column: int, said: str) -> None:
    with pytest.raises(FeelSyntaxError) as refused:
        parse(text, {"a": None})

    finding = refused.value.findings[0]
    assert said in finding.what
    assert finding.where == f"第 {line} 行第 {column} 列"
