"""The policy room's columns: answers of one rule that other rules stand on."""

from __future__ import annotations

from wotu.registers.columns import Column, Outcome

COLUMNS: tuple[Column, ...] = (
    Column(
        "is_sme",
        "属于中小企业",
        "boolean",
        "",
        "按《中小企业划型标准规定》划为中型、小型或微型",
        Outcome("中小企业划型标准", "属于中小企业"),
        "沃土",
    ),
)
