"""A decision table on a sheet of its own.

决策表    规模
命中策略  首个
列        条件      条件        结果    说明
表达式    行业      从业人员    规模    说明
类型      文字      数字        文字
允许值
默认值
1         "工业"    >= 1000     "大型"  千人以上
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ..dmn import model as m
from ..documents import meant
from .columns import (
    AGGREGATION_SIGNS,
    AGGREGATION_WORDS,
    POLICY_LETTERS,
    POLICY_WORDS,
    TABLE,
    TYPE_WORDS,
)
from .grid import Places
from .workbook import Cell, Page, Sheet

POLICY, AGGREGATION, LABEL = "命中策略", "汇总", "标题"
COLUMN, EXPRESSION, TITLE, KIND, VALUES, DEFAULT = "列", "表达式", "列名", "类型", "允许值", "默认值"
HEADS = (EXPRESSION, TITLE, KIND, VALUES, DEFAULT)
CONDITION, RESULT, ANNOTATION = "条件", "结果", "说明"


@dataclass(frozen=True, slots=True)
class Read:
    """A table as read: the decision it belongs to, and where that is said."""

    name: str
    cell: Cell
    table: m.DecisionTable


def is_table(sheet: Sheet) -> bool:
    """Whether the sheet holds a decision table."""
    return bool(sheet.rows) and sheet.rows[0].get(1, Cell("", "", 0, 0)).text == TABLE


def read(sheet: Sheet, places: Places) -> Read | None:
    """The sheet's table; None, and findings, when it is none."""
    head: dict[str, Cell] = {}
    heads: dict[str, Mapping[int, Cell]] = {}
    rules: list[Mapping[int, Cell]] = []
    for row in sheet.rows:
        title = row[1].text if 1 in row else ""
        if not heads and title != COLUMN:
            if title in (TABLE, POLICY, AGGREGATION, LABEL):
                head[title] = sheet.cell(row, 2)
            else:
                first = next(iter(row.values()))
                near = meant(title, (POLICY, AGGREGATION, LABEL, COLUMN))
                places.find(
                    first,
                    f"不认识“{first.text}”",
                    f"是不是“{near}”？"
                    if near
                    else f"这里可写：{POLICY}、{AGGREGATION}、{LABEL}，然后是“{COLUMN}”一行",
                )
        elif title == COLUMN or (title in HEADS and not rules):
            heads[title] = row
        else:
            rules.append(row)
    name = head[TABLE]
    if not name.text:
        places.find(name, "没有写决策的名称", "请在 B1 写上它得出什么，如 规模")
    if COLUMN not in heads or EXPRESSION not in heads:
        lost = COLUMN if COLUMN not in heads else EXPRESSION
        places.find(name, f"这张决策表没有“{lost}”一行", f"A 列依次写：{COLUMN}、{EXPRESSION}、{KIND}，然后是各行")
        return None
    table = _Table(sheet, head, heads, rules, places).read()
    return Read(name.text, name, table) if table is not None else None


class _Table:
    def __init__(
        self,
        sheet: Sheet,
        head: Mapping[str, Cell],
        heads: Mapping[str, Mapping[int, Cell]],
        rules: list[Mapping[int, Cell]],
        places: Places,
    ) -> None:
        self.sheet, self.head, self.heads, self.rules, self.places = sheet, head, heads, rules, places
        self.name = head[TABLE].text
        self.roles: dict[int, str] = {}

    def read(self) -> m.DecisionTable | None:
        for number, cell in self.heads[COLUMN].items():
            if number == 1:
                continue
            if cell.text not in (CONDITION, RESULT, ANNOTATION):
                self.places.find(cell, f"没有“{cell.text}”这种列", f"可写：{CONDITION}、{RESULT}、{ANNOTATION}")
            else:
                self.roles[number] = cell.text
        inputs, outputs, notes = (self.of(role) for role in (CONDITION, RESULT, ANNOTATION))
        if not outputs:
            self.places.find(self.heads[COLUMN][1], "没有结果列", f"请加一列，在“{COLUMN}”一行写 {RESULT}")
            return None
        policy, aggregation = self.policy()
        first = self.heads[COLUMN][1]
        return m.DecisionTable(
            line=self.places.mark(self.head[TABLE]),
            hit_policy=policy,
            aggregation=aggregation,
            output_label=self.head[LABEL].text if LABEL in self.head else self.name,
            inputs=tuple(map(self.input, inputs)),
            outputs=tuple(self.output(number, single=len(outputs) == 1) for number in outputs),
            annotations=tuple(self.at(EXPRESSION, number).text for number in notes),
            rules=tuple(self.rule(row, inputs, outputs, notes, first) for row in self.rules),
        )

    def of(self, role: str) -> list[int]:
        return [number for number, found in self.roles.items() if found == role]

    def at(self, head: str, number: int) -> Cell:
        row = self.heads.get(head)
        return self.sheet.cell(row, number) if row else Cell("", self.sheet.name, self.head[TABLE].row, number)

    def policy(self) -> tuple[str, str]:
        cell = self.head.get(POLICY)
        text = " ".join(cell.text.upper().split()) if cell is not None else ""
        if cell is None or not text:
            return "UNIQUE", ""
        sign = AGGREGATION_SIGNS.get(text[1:].strip(), "") if text[0] == "C" else ""
        word = text[0] if sign else text
        policy = POLICY_WORDS.get(word) or POLICY_LETTERS.get(word) or (word if word in POLICY_WORDS.values() else "")
        if not policy:
            self.places.find(cell, f"没有命中策略“{cell.text}”", f"可写：{'、'.join(POLICY_WORDS)}")
        said = self.head.get(AGGREGATION)
        if said is None or not said.text:
            return policy or "UNIQUE", sign
        found = AGGREGATION_WORDS.get(said.text, said.text.upper())
        if found not in AGGREGATION_WORDS.values():
            self.places.find(said, f"没有汇总方式“{said.text}”", f"可写：{'、'.join(AGGREGATION_WORDS)}")
            found = ""
        return policy or "UNIQUE", found

    def kind(self, number: int) -> str:
        text = self.at(KIND, number).text
        return TYPE_WORDS.get(text, text)

    def values(self, number: int) -> m.UnaryTests | None:
        cell = self.at(VALUES, number)
        return m.UnaryTests(text=cell.text, line=self.places.mark(cell)) if cell.text else None

    def input(self, number: int) -> m.InputClause:
        cell = self.at(EXPRESSION, number)
        if not cell.text:
            self.places.find(cell, "没有写这一列看什么", "请写输入或结果的名称，或 FEEL 表达式")
        default = self.at(DEFAULT, number)
        if default.text:
            self.places.find(default, "条件列没有默认值", "请删去；默认值只写在结果列")
        line = self.places.mark(cell)
        expression = m.Literal(text=cell.text, line=line, type_ref=self.kind(number))
        label = self.at(TITLE, number).text
        return m.InputClause(line=line, label=label, expression=expression, values=self.values(number))

    def output(self, number: int, single: bool) -> m.OutputClause:
        cell, default = self.at(EXPRESSION, number), self.at(DEFAULT, number)
        if not cell.text and not single:
            self.places.find(cell, "没有写这一列结果的名称", "有几个结果列时，每列都要有名称")
        return m.OutputClause(
            line=self.places.mark(cell),
            name=cell.text,
            label=self.at(TITLE, number).text,
            type_ref=self.kind(number),
            values=self.values(number),
            default=m.Literal(text=default.text, line=self.places.mark(default)) if default.text else None,
        )

    def rule(
        self, row: Mapping[int, Cell], inputs: list[int], outputs: list[int], notes: list[int], first: Cell
    ) -> m.TableRule:
        for number, cell in row.items():
            if number != 1 and number not in self.roles:
                self.places.find(cell, "这一列没有写是条件、结果还是说明", f"请在第 {first.row} 行写上，或删去这一格")
        cells = []
        for number in inputs:
            cell = self.sheet.cell(row, number)
            cells.append(m.UnaryTests(text=cell.text or "-", line=self.places.mark(cell)))
        results = []
        for number in outputs:
            cell = self.sheet.cell(row, number)
            results.append(m.Literal(text=cell.text, line=self.places.mark(cell)))
        return m.TableRule(
            line=self.places.mark(next(iter(row.values()))),
            inputs=tuple(cells),
            outputs=tuple(results),
            annotations=tuple(self.sheet.cell(row, number).text for number in notes),
        )


def texts(box: m.Expression | None) -> Iterator[tuple[str, int, bool]]:
    """The FEEL texts of a formula or a table with their places, and whether they are unary tests."""
    if isinstance(box, m.Literal):
        if box.text:
            yield box.text, box.line, False
    elif isinstance(box, m.DecisionTable):
        for clause in box.inputs:
            yield from texts(clause.expression)
        for rule in box.rules:
            for cell in rule.inputs:
                if cell.text not in ("", "-"):
                    yield cell.text, cell.line, True
            for result in rule.outputs:
                if isinstance(result, m.Literal) and result.text != "-":
                    yield from texts(result)
        for output in box.outputs:
            yield from texts(output.default)


def with_ids(table: m.DecisionTable, decision: str) -> m.DecisionTable:
    """The table with ids that its decision's name begins."""
    return replace(
        table,
        id=f"{decision}_table",
        inputs=tuple(
            replace(
                clause,
                id=f"{decision}_input{number}",
                expression=replace(clause.expression, id=f"{decision}_input{number}_expression")
                if clause.expression is not None
                else None,
            )
            for number, clause in enumerate(table.inputs, 1)
        ),
        outputs=tuple(
            replace(clause, id=f"{decision}_output{number if len(table.outputs) > 1 else ''}")
            for number, clause in enumerate(table.outputs, 1)
        ),
        rules=tuple(replace(rule, id=f"{decision}_rule{number}") for number, rule in enumerate(table.rules, 1)),
    )


# --- writing --------------------------------------------------------------------------------------------------------


def page(name: str, decision: str, table: m.DecisionTable) -> Page:
    """The sheet of a table; `name` is the sheet's."""
    policies = {code: word for word, code in POLICY_WORDS.items()}
    aggregations = {code: word for word, code in AGGREGATION_WORDS.items()}
    types = {code: word for word, code in TYPE_WORDS.items()}
    rows = [[TABLE, decision], [POLICY, policies[table.hit_policy]]]
    if table.aggregation:
        rows.append([AGGREGATION, aggregations[table.aggregation]])
    if table.output_label != decision:
        rows.append([LABEL, table.output_label])
    inputs, outputs, notes = table.inputs, table.outputs, table.annotations
    start = len(rows)
    expressions = [clause.expression or m.Literal() for clause in inputs]
    labels = [*(clause.label for clause in inputs), *(clause.label for clause in outputs)]
    kinds = [*(each.type_ref for each in expressions), *(clause.type_ref for clause in outputs)]
    values = [*(clause.values for clause in inputs), *(clause.values for clause in outputs)]
    rows += [
        [COLUMN, *(CONDITION for _ in inputs), *(RESULT for _ in outputs), *(ANNOTATION for _ in notes)],
        [EXPRESSION, *(each.text for each in expressions), *(clause.name for clause in outputs), *notes],
        *([[TITLE, *labels]] if any(labels) else []),
        [KIND, *(types.get(kind, kind) for kind in kinds)],
        [VALUES, *(tests.text if tests is not None else "" for tests in values)],
        [DEFAULT, *("" for _ in inputs), *(_literal(clause.default) for clause in outputs)],
    ]
    for number, rule in enumerate(table.rules, 1):
        cells = [cell.text or "-" for cell in rule.inputs]
        rows.append([str(number), *cells, *map(_literal, rule.outputs), *rule.annotations])
    width = len(rows[start])
    widths = [10, *(22 for _ in inputs), *(18 for _ in outputs), *(28 for _ in notes)]
    choices = {(2, 2): tuple(POLICY_WORDS)}
    choices |= {(start + 1, column): (CONDITION, RESULT, ANNOTATION) for column in range(2, width + 1)}
    return Page(name, rows, header=0, widths=widths, choices_at=choices)


def _literal(box: m.Expression | None) -> str:
    return box.text if isinstance(box, m.Literal) else ""
