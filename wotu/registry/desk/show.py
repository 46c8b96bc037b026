"""How values are written on pages: 万元/亿元, %, periods in Chinese; unknown stays unknown."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

UNKNOWN = "未知"
_QUARTERS = {"1": "第一季度", "2": "第二季度", "3": "第三季度", "4": "第四季度"}


def number(value: Decimal | int | float, places: int = 2) -> str:
    """A number with thousands marks and at most `places` decimals, none of them idle.

    >>> number(Decimal("1234567.5000"))
    '1,234,567.5'
    """
    text = f"{Decimal(str(value)):,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(value: Decimal | int | float) -> str:
    """An amount in 元, 万元 or 亿元, whichever reads best.

    >>> money(Decimal("15000000")), money(980), money(Decimal("2.5e9"))
    ('1,500 万元', '980 元', '25 亿元')
    """
    amount = Decimal(str(value))
    if abs(amount) >= 10**8:
        return f"{number(amount / 10**8)} 亿元"
    if abs(amount) >= 10**4:
        return f"{number(amount / 10**4)} 万元"
    return f"{number(amount)} 元"


def ten_thousands(value: Decimal | int | float) -> str:
    """An amount in 元 as a number of 万元 with two decimals, for a column whose head names the unit.

    >>> ten_thousands(Decimal("84156100"))
    '8,415.61'
    """
    return f"{Decimal(str(value)) / 10**4:,.2f}"


def ratio(value: Decimal | int | float) -> str:
    """A fraction as a percentage with one decimal.

    >>> ratio(Decimal("0.0425"))
    '4.3%'
    """
    return f"{Decimal(str(value)) * 100:,.1f}%"


def period(text: str) -> str:
    """A period as people say it.

    >>> period("2024"), period("2024-Q3"), period("2024-09"), period("2021-01..2021-09"), period("2024-06-30")
    ('2024年', '2024年第三季度', '2024年9月', '2021年前9个月', '2024-06-30')
    >>> period("1990..2020")
    '1990—2020年'
    """
    if re.fullmatch(r"\d{4}", text):
        return f"{text}年"
    if found := re.fullmatch(r"(\d{4})\.\.(\d{4})", text):
        return f"{found[1]}—{found[2]}年"
    if found := re.fullmatch(r"(\d{4})-Q([1-4])", text):
        return f"{found[1]}年{_QUARTERS[found[2]]}"
    if found := re.fullmatch(r"(\d{4})-(\d\d)", text):
        return f"{found[1]}年{int(found[2])}月"
    if (found := re.fullmatch(r"(\d{4})-(\d\d)\.\.(\d{4})-(\d\d)", text)) is not None:
        if found[1] == found[3] and found[2] == "01":
            return f"{found[1]}年前{int(found[4])}个月"
        return f"{found[1]}年{int(found[2])}月至{found[3]}年{int(found[4])}月"
    return text


def is_ratio(unit: str, type: str = "number") -> bool:
    """Whether a number of this unit is a fraction to be shown as a percentage."""
    return type == "number" and unit in ("", "比率", "%", "比例")


def value(given: Any, unit: str = "", type: str = "") -> str:
    """Any value with its unit; None is 未知, whatever the type."""
    if given is None:
        return UNKNOWN
    if isinstance(given, bool):
        return "是" if given else "否"
    if isinstance(given, datetime):
        return given.strftime("%Y-%m-%d %H:%M")
    if isinstance(given, date):
        return given.isoformat()
    if isinstance(given, Decimal | int | float):
        if unit == "元":
            return money(given)
        if is_ratio(unit) and not isinstance(given, int):
            return ratio(given)
        return f"{number(given)} {unit}".rstrip()
    return str(given)


def exact(given: Any, unit: str = "") -> str:
    """The full value, as the hover text of a shortened one."""
    if given is None or isinstance(given, bool | date | str):
        return value(given, unit)
    return f"{number(given, 8)} {unit}".strip()
