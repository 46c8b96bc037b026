"""How a rule, a decision table and an explanation look in a Jupyter notebook; `_repr_html_` of each comes here.

Plain HTML with its styles beside each element; everything that a rule or its inputs say is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from .explain.words import citation_words, evidence_words, show_value

if TYPE_CHECKING:
    from .dmn import model as m
    from .explain.model import ClauseReason, Explanation, Part
    from .rulebook import Rulebook

STYLE = """<style>.wotu-nb table{border-collapse:collapse;font-size:13px;margin:6px 0}
.wotu-nb th,.wotu-nb td{border:1px solid #c9d2cc;padding:4px 8px;text-align:left;vertical-align:top}
.wotu-nb th{background:#e8eee9}.wotu-nb caption{text-align:left;font-weight:600}.wotu-nb .first{border-left:3px double #7d8d84}
.wotu-nb ul{margin:2px 0;padding-left:18px}.wotu-nb .met{color:#1f6b43}.wotu-nb .not-met{color:#a3281f}
.wotu-nb .unknown{color:#8a6a12}.wotu-nb .state,.wotu-nb td:first-child{white-space:nowrap}</style>"""
_WORDS = {
    "zh": {"met": "✓ 满足", "not met": "✗ 不满足", "unknown": "? 未知"},
    "en": {"met": "✓ met", "not met": "✗ not met", "unknown": "? not known"},
}
_HEADS = {
    "zh": ("条款", "状态", "理由", "出处"),
    "en": ("Clause", "State", "Reason", "Source"),
}
POLICIES = {"UNIQUE": "U", "FIRST": "F", "PRIORITY": "P", "ANY": "A", "COLLECT": "C", "RULE ORDER": "R"}
AGGREGATIONS = {"SUM": "+", "COUNT": "#", "MIN": "<", "MAX": ">"}


def rule_html(book: Rulebook) -> str:
    """A rule: its name, its clauses with their sources, its results, its inputs, its diagram behind a fold."""
    from .formats.diagram import svg

    clauses = [
        (clause.name, clause.requires, citation_words(clause.citation) if clause.citation else clause.article)
        for clause in book.clauses
    ]
    roles = {"eligible": "总判断", "outcome": "结果", "part": "中间值", "clause": "条款"}
    results = [
        (info.name, roles[info.role], info.base, info.unit or "") for info in book.decisions if info.role != "clause"
    ]
    inputs = [(info.name, info.base, info.unit or "", info.period, info.definition) for info in book.inputs]
    parts = [f"<h4>{escape(book.name)}{f'（{escape(book.edition)}）' if book.edition else ''}</h4>"]
    if book.model.description:
        parts.append(f"<p>{escape(book.model.description)}</p>")
    if clauses:
        parts.append(_grid(("条款", "要求", "出处"), clauses))
    parts.append(_grid(("结果", "种类", "类型", "单位"), results))
    parts.append(_fold("输入", _grid(("输入", "类型", "单位", "期间", "口径"), inputs)))
    parts.append(_fold("决策要求图", svg(book.model)))
    for finding in book.findings:
        parts.append(f'<p class="not-met">{escape(str(finding))}</p>')
    return _whole("".join(parts))


def table_html(table: m.DecisionTable, name: str = "") -> str:
    """A decision table as the standard draws it: conditions, a double line, results, then annotations."""
    sign = POLICIES.get(table.hit_policy, "O") + AGGREGATIONS.get(table.aggregation, "")
    head = [_cell("th", sign)]
    for clause in table.inputs:
        text = clause.label or (clause.expression.text if clause.expression is not None else "")
        head.append(_cell("th", _with(text, clause.values)))
    for number, output in enumerate(table.outputs):
        title = output.label or output.name or table.output_label
        head.append(_cell("th", _with(title, output.values), first=number == 0))
    head += [_cell("th", note) for note in table.annotations]
    rows = []
    for number, rule in enumerate(table.rules, 1):
        cells = [_cell("td", str(number)), *(_cell("td", cell.text or "-") for cell in rule.inputs)]
        for place, box in enumerate(rule.outputs):
            cells.append(_cell("td", getattr(box, "text", ""), first=place == 0))
        cells += [_cell("td", note) for note in rule.annotations]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    title = name or table.output_label
    caption = f"<caption>{escape(title)}</caption>" if title else ""
    return _whole(f"<table>{caption}<tr>{''.join(head)}</tr>{''.join(rows)}</table>")


def explanation_html(found: Explanation) -> str:
    """An explanation: the answer, each clause with its reason and source, the results, what would settle what is open."""
    state = {True: "met", False: "not met", None: "unknown"}[found.eligible]
    parts = [f'<p class="{_class(state)}"><b>{escape(found.text)}</b></p>']
    heads = _HEADS.get(found.lang, _HEADS["zh"])
    rows = "".join(_clause(clause, found.lang) for clause in found.clauses)
    parts.append(f"<table><tr>{''.join(_cell('th', head) for head in heads)}</tr>{rows}</table>")
    if found.outcomes:
        values = [
            (name, show_value(value, found.units.get(name), found.lang)) for name, value in found.outcomes.items()
        ]
        parts.append(_grid(("结果", "值") if found.lang == "zh" else ("Result", "Value"), values))
    if found.unknown_inputs:
        names = ("、" if found.lang == "zh" else ", ").join(each.name for each in found.unknown_inputs)
        words = "还不知道：" if found.lang == "zh" else "Not known yet: "
        parts.append(f"<p>{words}{escape(names)}</p>")
    return _whole("".join(parts))


def _clause(clause: ClauseReason, lang: str) -> str:
    words = _WORDS.get(lang, _WORDS["zh"])[clause.state]
    source = citation_words(clause.citation) if clause.citation else ""
    evidence = evidence_words(clause.evidence, lang) if clause.evidence else ""
    reason = escape(clause.text) + (_parts(clause.parts) if len(clause.parts) > 1 else "")
    deep = 8 + 16 * (clause.level - 1)
    return (
        f'<tr><td style="padding-left:{deep}px">{escape(clause.label or clause.name)}</td>'
        f'<td class="state {_class(clause.state)}">{escape(words)}</td><td>{reason}</td>'
        f"<td>{escape('　'.join(filter(None, (source, evidence))))}</td></tr>"
    )


def _parts(parts: Iterable[Part]) -> str:
    """The pieces of a reason, one below the other."""
    items = (
        f'<li class="{_class(part.state)}">{escape(part.text)}{_parts(part.parts) if part.parts else ""}</li>'
        for part in parts
    )
    return f"<ul>{''.join(items)}</ul>"


def _grid(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(_cell("th", text) for text in heads)
    body = "".join(f"<tr>{''.join(_cell('td', text) for text in row)}</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _fold(title: str, inner: str) -> str:
    return f"<details><summary>{escape(title)}</summary>{inner}</details>"


def _with(text: str, values: m.UnaryTests | None) -> str:
    """A heading with the column's allowed values below it."""
    return f"{text}\n{values.text}" if values is not None and values.text else text


def _cell(tag: str, text: str, first: bool = False) -> str:
    mark = ' class="first"' if first else ""
    return f"<{tag}{mark}>{escape(text).replace(chr(10), '<br/>')}</{tag}>"


def _class(state: str) -> str:
    return state.replace(" ", "-")


def _whole(inner: str) -> str:
    return f'{STYLE}<div class="wotu-nb">{inner}</div>'
