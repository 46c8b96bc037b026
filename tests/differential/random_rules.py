"""Random rules over random tables: every construct an officer may write, with nulls, extremes and values at the thresholds."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from xml.sax.saxutils import escape

import pyarrow as pa

from wotu.rulebook import Rulebook

MODEL = "https://www.omg.org/spec/DMN/20230324/MODEL/"
TYPES: dict[str, tuple[str, str]] = {
    "n": ("number", ""),
    "money": ("number", ">= 0"),
    "other": ("number", ">= 0"),
    "share": ("number", "[0..1]"),
    "open": ("number", "(0..10)"),
    "few": ("number", "1, 2, 3"),
    "odd": ("number", "not(5)"),
    "b": ("boolean", ""),
    "c": ("boolean", ""),
    "s": ("string", '"甲", "乙", "丙"'),
    "t": ("string", ""),
    "d": ("date", ""),
    "e": ("date", '>= date("2020-01-01")'),
}
"""The inputs: base type, and allowed values."""
UNITS = {"money": "元", "other": "元", "n": "人", "share": "比率"}
GRAMMAR: dict[str, tuple[str, ...]] = {
    "TRUTH": (
        "(TRUTH and TRUTH)", "(TRUTH or TRUTH)", "not(TRUTH)", "(TERM RELATION BOUND)", "(TERM RELATION BOUND)",
        "(BOUND RELATION TERM)", "(TERM RELATION TERM)", "(TERM between BOUND and BOUND)", "(TERM in [BOUND..BOUND])",
        "(TERM in (BOUND, > BOUND, (BOUND..BOUND)))", '(s in ("甲", "丙"))', '(s = "乙")', '(t != "甲")', '(t < "乙")',
        "(DAY RELATION DATE)", "(d - e RELATION SPAN)", "(if TRUTH then TRUTH else TRUTH)", "(TERM = null)", "(b = TRUTH)",
        "(SCORE RELATION BOUND)", "(NUMBER RELATION BOUND)", "starts with(t, s)", "(some v in [TERM, BOUND] satisfies v > BOUND)",
        "(TERM RELATION BOUND and TERM RELATION BOUND)", "(DAY in [DATE..DATE])", "(DAY RELATION DAY)",
        "(NUMERIC * NUMERIC + TERM RELATION BOUND)", "(NUMERIC * NUMERIC RELATION NUMBER)", "(TERM RELATION NUMBER)",
        "(NUMBER RELATION NUMBER)", "(TERM * 100 RELATION BOUND)", "(NUMBER between BOUND and BOUND)", "(NUMBER in (BOUND, > BOUND))",
        "(years and months duration(DAY, DAY) RELATION YEARS)", "(DAY + YEARS RELATION DAY)", "(DAY - YEARS >= DATE)",
        "(DAY.year RELATION 2023)", "(years and months duration(DAY, d).years RELATION BOUND)", "((DAY - d).days RELATION 30)",
        "(every v in [TERM, NUMERIC] satisfies v RELATION BOUND)", "list contains([BOUND, BOUND, BOUND], NUMBER)",
        '(contains(t, "甲") and TRUTH)', "(string length(t) RELATION BOUND)", "(max(DAY, DAY) RELATION DATE)",
        "(some v in [BOUND, BOUND] satisfies TERM RELATION v)", "(count([TRUTH, TRUTH, TRUTH][item]) RELATION BOUND)",
        "(级(TERM) RELATION BOUND)", "(折(NUMERIC, NUMBER) RELATION BOUND)", "(档(NUMBER) RELATION NUMBER)", "(限(TERM, s) RELATION BOUND)",
    ),
    "TERM": (
        "NUMERIC", "NUMERIC", "(NUMERIC + NUMERIC)", "(NUMERIC - NUMERIC)", "(NUMERIC / NUMERIC)", "(NUMERIC / NUMERIC)",
        "((money + other) / n)", "(NUMERIC * FACTOR)", "(NUMERIC / FACTOR)", "(-NUMERIC)", "(money - other)",
        "((money - other) / other)", "(NUMERIC * FACTOR + NUMERIC)",
    ),
    "NUMBER": (
        "TERM", "(NUMERIC * NUMERIC)", "max(NUMBER, NUMBER)", "min(TERM, BOUND)", "ROUND(NUMBER, PLACES)", "floor(NUMBER)",
        "(if TRUTH then NUMBER else NUMBER)", "(if TRUTH then NUMBER else null)", "(NUMBER + NUMBER)", "abs(TERM)", "(NUMERIC ** 2)",
        "max(0, TERM) * FACTOR", "SCORE", "(NUMBER - SCORE)", "(NUMBER / NUMERIC)", "(1 - TERM)", "(TERM * 100)", "(TERM * FACTOR)",
        "(if NUMERIC = 0 then 0 else TERM)", "sum([NUMERIC, TERM, BOUND])", "ROUND(TERM, PLACES)", "ceiling(TERM)", "-NUMBER",
        "级(TERM)", "折(NUMERIC, TERM)", "(档(TERM) * NUMERIC)", "限(NUMERIC, s)",
        "abs(NUMBER)", "(TERM + TERM)", "(NUMERIC ** 3)", "max([TERM, NUMBER])", "DAY.month",
        "mean([NUMERIC, NUMERIC, TERM])", "mean(NUMERIC, NUMBER)",
    ),
    "SCORE": (
        "(if TRUTH then BOUND else BOUND)", "(if TERM RELATION BOUND then 10 else if TERM RELATION BOUND then 5 else 0)",
        "count([b, c])", "(SCORE + SCORE)", "max(SCORE, SCORE)", "(if b then null else 3)",
    ),
    "NUMERIC": ("n", "money", "other", "share", "open", "few", "odd"),
    "DAY": ("d", "e", '(d + duration("P30D"))', '(e - duration("P1D"))'),
    "DATE": ('date("2024-02-29")', 'date("2020-01-01")', '@"2023-12-31"'),
    "YEARS": ('duration("P1Y")', 'duration("P0M")', 'duration("P18M")', 'duration("P-1Y")'),
    "SPAN": ('duration("P30D")', 'duration("P365D")', 'duration("P0D")'),
    "RELATION": ("<", "<=", ">", ">=", "=", "!="),
    "BOUND": ("0", "1", "2", "5", "0.5", "0.03", "10", "-1", "1000000", "0.1", "3"),
    "FACTOR": ("2", "0.25", "0.1", "-1", "3", "5"),
    "ROUND": ("round half up", "round up", "round down", "decimal", "round half down"),
    "PLACES": ("0", "1", "2"),
}  # fmt: skip
LEAVES = {
    "TRUTH": ("b", "c", "(money >= 2)", "(share > 0.5)", "true"),
    "NUMBER": ("money", "n"),
    "SCORE": ("3", "(if b then 5 else 0)"),
}
WORD = re.compile(r"\b[A-Z]{3,}\b")


def expression(random: Random, kind: str, depth: int = 3) -> str:
    """Some FEEL of a kind."""

    def grown(found: re.Match[str]) -> str:
        name = found.group()
        return expression(random, name, depth - 1) if name in GRAMMAR else name

    options = LEAVES[kind] if depth <= 0 and kind in LEAVES else GRAMMAR[kind]
    return WORD.sub(grown, random.choice(options))


def table_logic(random: Random) -> str:
    """A decision table of any hit policy with numbers for outputs."""
    policy = random.choice(
        ["UNIQUE", "FIRST", "ANY", "PRIORITY", "COLLECT", "COLLECT SUM", "COLLECT MAX", "COLLECT COUNT", "RULE ORDER"]
    )
    name, _, aggregation = policy.partition(" ") if policy.startswith("COLLECT") else (policy, "", "")
    columns = random.sample([expression(random, "TERM", 1), "money", "n", "s", "b", "share", "d"], 2)
    cells = {
        "s": ('"甲"', '"乙", "丙"', "-", 'not("甲")'),
        "b": ("true", "false", "-"),
        "d": ('> date("2023-01-01")', "-", '<= @"2023-06-01"'),
    }
    numbers = ("> 1", "<= 1", "[0..2)", "[2..5]", "> 5", "-", "0", "not(1)", "0.5, 2")
    rows = []
    for _ in range(random.randint(1, 5)):
        entries = "".join(
            f"<inputEntry><text>{escape(random.choice(cells.get(column, numbers)))}</text></inputEntry>"
            for column in columns
        )
        output = random.choice(["0", "5", "10", "20", "null", *([] if random.random() < 0.8 else ["money * 2"])])
        rows.append(f"<rule>{entries}<outputEntry><text>{output}</text></outputEntry></rule>")
    values = "<outputValues><text>20, 10, 5, 0</text></outputValues>" if name == "PRIORITY" else ""
    inputs = "".join(
        f"<input><inputExpression><text>{escape(column)}</text></inputExpression></input>" for column in columns
    )
    aggregate = f' aggregation="{aggregation}"' if aggregation else ""
    return (
        f'<decisionTable hitPolicy="{name}"{aggregate}>{inputs}<output>{values}</output>{"".join(rows)}</decisionTable>'
    )


def unusual(
    random: Random, parts: list[str], decisions: list[tuple[str, str, str, str, list[str]]]
) -> tuple[str, list[str]]:
    """A goal that is no plain and or or of clauses, and the decisions it needs; groups may be added to these."""
    a, b = parts[0], parts[-1]
    if random.random() < 0.5:
        decisions.append(
            ("群", f"{a} {random.choice(['and', 'or'])} {random.choice(['b', f'not({b})', b])}", "", "boolean", parts)
        )
        a = "群"
    shapes = [
        f"{a} and not({b})", f"not({a} or {b})", f"not({a} and {b})", f"{a} and {b} and {parts[0]}", f"{a} and b", f"{a} or n > 2",
        f"if b then {a} else {b}", f"count([{', '.join([a, *parts])}][item = true]) >= 2", f"every v in [{a}, {b}] satisfies v",
        f"{a} and (if b then {b} else c)", f"{a} = {b}", f"{b} and ({a} and n > 2 or {parts[0]} and c)", f"{a} and share > 0.5",
        f"({a} or not({b})) and (b or {a})", f"some v in [{a}, {b}] satisfies v", "true and b", f"not(not({a}) or c)",
        "<decisionTable hitPolicy='FIRST'><input><inputExpression><text>"
        f"{a}</text></inputExpression></input><input><inputExpression><text>{b}</text></inputExpression></input><output/>"
        "<rule><inputEntry><text>true</text></inputEntry><inputEntry><text>false</text></inputEntry>"
        "<outputEntry><text>true</text></outputEntry></rule><rule><inputEntry><text>-</text></inputEntry>"
        "<inputEntry><text>-</text></inputEntry><outputEntry><text>b</text></outputEntry></rule></decisionTable>",
    ]  # fmt: skip
    return random.choice(shapes), [*dict.fromkeys([a, *parts])]


def rule(random: Random) -> tuple[str, Rulebook]:
    """A rule of some clauses, an eligible that joins them, and figures; and its text."""
    decisions: list[tuple[str, str, str, str, list[str]]] = []
    clauses = [f"条{number}" for number in range(1, random.randint(2, 5))]
    if random.random() < 0.5:
        decisions.append(("分", table_logic(random), "", "", []))
    score = [name for name, *_ in decisions]
    for name in clauses:
        text = expression(random, "TRUTH", random.randint(1, 3))
        if score and random.random() < 0.4:
            text = f"({text}) {random.choice(['and', 'or'])} 分 {random.choice(['>', '>=', '=', '<'])} {random.choice(['0', '5', '10'])}"
        decisions.append((name, text, "<wotu:clause/>", "boolean", [s for s in score if s in text]))
    if len(clauses) > 2 and random.random() < 0.4:
        inner = f" {random.choice(['and', 'or'])} ".join(clauses[:2])
        decisions.append(("组", inner, "<wotu:clause/>", "boolean", clauses[:2]))
        parts = ["组", *clauses[2:]]
    else:
        parts = clauses
    if len(parts) > 2 and random.random() < 0.4:
        goal = f"{parts[0]} and ({' or '.join(parts[1:])})"
    elif random.random() < 0.3:
        goal, parts = unusual(random, parts, decisions)
    else:
        goal = f" {random.choice(['and', 'and', 'or'])} ".join(parts)
    decisions.append(("符合", goal, "<wotu:eligible/>", "boolean", parts))
    amount = expression(random, "NUMBER", 3)
    shape = random.choice(["if 符合 then {} else null", "{}", "if 符合 then {} else 0"]).format(f"({amount})")
    kind = random.choice(["number", ""])
    decisions.append(("金额", shape, '<wotu:outcome kind="amount"/>', kind, ["符合"] if "符合" in shape else []))
    decisions.append(("评分", expression(random, "SCORE", 2), '<wotu:outcome kind="score"/>', "number", []))
    text = document(decisions)
    return text, Rulebook.from_bytes(text.encode())


KNOWLEDGE = {
    "级": (
        {"x": "number"},
        "<decisionTable hitPolicy='FIRST'><input><inputExpression><text>x</text></inputExpression></input><output/>"
        "<rule><inputEntry><text>&lt; 1</text></inputEntry><outputEntry><text>2</text></outputEntry></rule>"
        "<rule><inputEntry><text>[1..5], 10</text></inputEntry><outputEntry><text>5</text></outputEntry></rule>"
        "</decisionTable>",
    ),
    "限": (
        {"x": "Tshare", "k": "string"},
        "<decisionTable hitPolicy='UNIQUE'><input><inputExpression><text>x</text></inputExpression></input>"
        "<input><inputExpression><text>k</text></inputExpression></input><output/>"
        '<rule><inputEntry><text>&gt; 0.5</text></inputEntry><inputEntry><text>"甲"</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>'
        "<rule><inputEntry><text>&lt;= 0.5</text></inputEntry><inputEntry><text>-</text></inputEntry><outputEntry><text>0.5</text></outputEntry></rule>"
        "</decisionTable>",
    ),
    "折": (
        {"a": "number", "b": ""},
        "<context><contextEntry><variable name='半'/><literalExpression><text>a * 0.5</text></literalExpression></contextEntry>"
        "<contextEntry><literalExpression><text>半 + b</text></literalExpression></contextEntry></context>",
    ),
    "档": (
        {"x": "number"},
        "<conditional><if><literalExpression><text>x &gt;= 2</text></literalExpression></if>"
        "<then><literalExpression><text>x - 1</text></literalExpression></then>"
        "<else><literalExpression><text>0</text></literalExpression></else></conditional>",
    ),
}
"""Knowledge models: their parameters with types, and their logic."""


def knowledge() -> str:
    """The knowledge models that every decision may call."""
    found = []
    for name, (parameters, logic) in KNOWLEDGE.items():
        given = "".join(
            f'<formalParameter name="{key}"' + (f' typeRef="{kind}"/>' if kind else "/>")
            for key, kind in parameters.items()
        )
        found.append(
            f'<businessKnowledgeModel id="k_{name}" name="{name}"><variable name="{name}"/>'
            f"<encapsulatedLogic>{given}{logic}</encapsulatedLogic></businessKnowledgeModel>"
        )
    return "\n".join(found)


def document(decisions: list[tuple[str, str, str, str, list[str]]]) -> str:
    """The model around the decisions; each sees every input."""
    body = []
    for name, (base, allowed) in TYPES.items():
        tests = f"<allowedValues><text>{escape(allowed)}</text></allowedValues>" if allowed else ""
        body.append(f'<itemDefinition name="T{name}"><typeRef>{base}</typeRef>{tests}</itemDefinition>')
    for name in TYPES:
        unit = f'<extensionElements><wotu:input unit="{UNITS[name]}"/></extensionElements>' if name in UNITS else ""
        variable = f'<variable name="{name}" typeRef="T{name}"/>'
        body.append(f'<inputData id="in_{name}" name="{name}">{unit}{variable}</inputData>')
    inputs = "".join(
        f'<informationRequirement><requiredInput href="#in_{name}"/></informationRequirement>' for name in TYPES
    )
    body.append(knowledge())
    known = "".join(
        f'<knowledgeRequirement><requiredKnowledge href="#k_{name}"/></knowledgeRequirement>' for name in KNOWLEDGE
    )
    for name, logic, said, kind, needs in decisions:
        more = "".join(
            f'<informationRequirement><requiredDecision href="#d_{need}"/></informationRequirement>' for need in needs
        )
        box = logic if logic.startswith("<") else f"<literalExpression><text>{escape(logic)}</text></literalExpression>"
        typed = f' typeRef="{kind}"' if kind else ""
        extension = f"<extensionElements>{said}</extensionElements>" if said else ""
        body.append(
            f'<decision id="d_{name}" name="{name}">{extension}<variable name="{name}"{typed}/>{inputs}{more}{known}{box}</decision>'
        )
    head = f'<definitions xmlns="{MODEL}" xmlns:wotu="https://wotu.dev/dmn/1" name="试" namespace="urn:random">'
    return f"{head}\n" + "\n".join(body) + "\n</definitions>"


# --- tables ---------------------------------------------------------------------------------------------------------

NUMBERS = [Decimal(text) for text in (
    "0", "0", "1", "2", "5", "0.5", "0.03", "10", "-1", "1000000", "0.1", "3", "0.029999999999", "0.030000000001", "999999.99",
    "-0.5", "7", "33.33", "5.000000000001", "100000000000000000000", "-99999999999999999999999999", "12345678901234567.12",
)]  # fmt: skip


def cell(random: Random, name: str, gaps: float) -> Any:
    """A value of an input, at times none."""
    if random.random() < gaps:
        return None
    base, _ = TYPES[name]
    if base == "boolean":
        return random.random() < 0.6
    if base == "string":
        return random.choice(["甲", "乙", "丙", "丁", ""])
    if base == "date":
        return date(2024, 2, 29) + timedelta(random.choice([0, 0, 1, -1, -60, -59, 365, -1400, -1521, -1520, 3000]))
    if name in ("share", "open", "few") and random.random() < 0.8:
        return Decimal(random.choice(["0", "1", "0.5", "0.03", "2", "3", "9.99"]))
    return random.choice(NUMBERS[:18] if random.random() < 0.95 else NUMBERS)


def table(random: Random, rows: int) -> pa.Table:
    """Random rows; decimals of various scales, nulls of various frequency."""
    gaps = random.choice([0.0, 0.15, 0.5])
    scale = random.choice([12, 12, 13])
    kinds = {"number": pa.decimal128(38, scale), "boolean": pa.bool_(), "string": pa.string(), "date": pa.date32()}
    fits = Decimal(10) ** (38 - scale)
    columns = {}
    for name, (base, _) in TYPES.items():
        cells = [cell(random, name, gaps) for _ in range(rows)]
        columns[name] = pa.array([None if isinstance(c, Decimal) and abs(c) >= fits else c for c in cells], kinds[base])
    return pa.table(columns)
