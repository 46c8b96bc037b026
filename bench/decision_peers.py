"""One decision at a time in each engine, as its makers would have it: `python -m bench.decision_peers ENGINE`.

Reads a question (JSON, one line) from standard input and says whether it is ready; then runs as many rounds over the cases as
each further line says, and answers with the seconds they took. Only the standard library and the engine itself are needed, so
an engine whose requirements do not get on with ours can live in a virtual environment of its own (see peers.txt).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from typing import Any

Case = dict[str, Any]
Decide = Callable[[Case], Any]
Question = dict[str, Any]


class Missing(Exception):
    """The engine cannot be asked, and why."""


# --- ours -----------------------------------------------------------------------------------------------------------


def _book(question: Question) -> Any:
    from wotu.rulebook import Rulebook

    return Rulebook.from_bytes(question["dmn"].encode(), name="bench.dmn")


def wotu(question: Question) -> Decide:
    """The values of every decision."""
    evaluate, name = _book(question).evaluate, question["asked"]
    return lambda case: evaluate(case).values[name]


def wotu_steps(question: Question) -> Decide:
    """And each decision with what it stood on and the rows that matched."""
    evaluate, name = _book(question).evaluate, question["asked"]
    return lambda case: evaluate(case, trace=True).values[name]


def wotu_explained(question: Question) -> Decide:
    """The whole explanation: every clause's reason, distances, what is missing; of a table every row with what failed."""
    book, name = _book(question), question["asked"]
    if not book.clauses:
        return lambda case: book.trace(case, [name]).values[name]
    return lambda case: book.explain(case).eligible


# --- peers ----------------------------------------------------------------------------------------------------------


def by_hand(question: Question) -> Decide:
    """What a programmer would write for this one question."""
    return _grade if question["name"] == "grading" else _high_tech


def _grade(x: Case) -> str:
    industry, staff, revenue, share, age = x["industry"], x["staff"], x["revenue"], x["rd_share"], x["age"]
    if x["insolvent"]:
        return "refused"
    if staff < 3:
        return "too small"
    if age < 1:
        return "too young"
    if industry == "chips" and staff >= 500 and revenue >= 400000000 and share >= 0.15:
        return "A1"
    if industry == "chips" and staff >= 100 and revenue >= 100000000 and share >= 0.12:
        return "A2"
    if industry == "chips" and staff >= 20 and share >= 0.20 and age < 5:
        return "A3"
    if industry in ("medicine", "biology") and staff >= 200 and revenue >= 200000000 and share >= 0.10:
        return "A4"
    if industry in ("medicine", "biology") and 20 <= staff < 200 and share >= 0.15 and age < 8:
        return "A5"
    if industry == "software" and staff >= 300 and revenue >= 100000000 and share >= 0.15 and age >= 3:
        return "B1"
    if industry == "software" and 50 <= staff < 300 and revenue >= 20000000 and share >= 0.12 and age >= 2:
        return "B2"
    if industry == "software" and 10 <= staff < 50 and share >= 0.25 and age < 5:
        return "B3"
    if industry in ("machines", "materials") and staff >= 400 and revenue >= 300000000 and share >= 0.05 and age >= 3:
        return "B4"
    if (
        industry in ("machines", "materials")
        and 100 <= staff < 400
        and revenue >= 50000000
        and share >= 0.06
        and age >= 3
    ):
        return "B5"
    if industry in ("machines", "materials") and 20 <= staff < 100 and revenue >= 10000000 and share >= 0.08:
        return "B6"
    if industry == "energy" and revenue >= 100000000 and share >= 0.04 and age >= 5:
        return "C1"
    if industry == "energy" and revenue < 100000000 and share >= 0.08:
        return "C2"
    if staff >= 50 and revenue >= 50000000 and share >= 0.05 and age >= 3:
        return "C3"
    if staff >= 10 and revenue >= 5000000 and share >= 0.04 and age >= 2:
        return "D1"
    if revenue < 5000000 and share >= 0.03 and age < 3:
        return "D2"
    return "none"


FIELDS = frozenset(
    ("电子信息", "生物与新医药", "航空航天", "新材料", "高技术服务", "新能源与节能", "资源与环境", "先进制造与自动化")
)


def _high_tech(x: Case) -> bool:
    intensity = x["近三年研发费用"] / x["近三年销售收入"]
    sales = x["最近一年销售收入"]
    return (
        (date.fromisoformat(x["申请日期"]) - date.fromisoformat(x["成立日期"])).days >= 365
        and x["拥有核心知识产权"]
        and x["技术领域"] in FIELDS
        and x["科技人员数"] / x["职工总数"] >= 0.10
        and (intensity >= 0.05 or (sales > 50000000 and intensity >= 0.04) or (sales > 200000000 and intensity >= 0.03))
        and x["近三年境内研发费用"] / x["近三年研发费用"] >= 0.60
        and x["高新技术产品收入"] / x["总收入"] >= 0.60
        and x["创新能力得分"] > 70
        and not x["一年内重大事故或违法"]
    )


HIGH_TECH = {
    "成立日期": "established", "申请日期": "applied", "拥有核心知识产权": "owns_ip", "技术领域": "field",
    "科技人员数": "tech_staff", "职工总数": "staff", "近三年研发费用": "rd", "近三年销售收入": "sales",
    "最近一年销售收入": "sales_last", "近三年境内研发费用": "rd_domestic", "高新技术产品收入": "hitech_income",
    "总收入": "income", "创新能力得分": "score", "一年内重大事故或违法": "violation",
}  # fmt: skip
"""Names for engines that want them in ASCII."""


def _renamed(decide: Decide) -> Decide:
    return lambda case: decide({HIGH_TECH[name]: value for name, value in case.items()})


def zen(question: Question, options: dict[str, Any] | None = None) -> Decide:
    """GoRules' engine: a decision table node, or an expression node with a key for each clause."""
    engine = _import("zen")
    if question["name"] == "grading":
        middle = {"id": "t", "type": "decisionTableNode", "name": "t", "content": _zen_table(question)}
    else:
        expressions = [{"id": f"e{n}", "key": key, "value": value} for n, (key, value) in enumerate(_ZEN_HIGH_TECH)]
        middle = {"id": "t", "type": "expressionNode", "name": "t", "content": {"expressions": expressions}}
    graph = {
        "nodes": [
            {"id": "i", "type": "inputNode", "name": "i"},
            middle,
            {"id": "o", "type": "outputNode", "name": "o"},
        ],
        "edges": [
            {"id": "1", "type": "edge", "sourceId": "i", "targetId": "t"},
            {"id": "2", "type": "edge", "sourceId": "t", "targetId": "o"},
        ],
    }
    evaluate = engine.ZenEngine().create_decision(json.dumps(graph)).evaluate
    name = question["asked"]
    if question["name"] == "grading":
        return lambda case: evaluate(case, options)["result"][name]
    # names in ASCII are prepared outside the timed loop, as the cases come
    return lambda case: evaluate(case, options)["result"]["eligible"]


def zen_traced(question: Question) -> Decide:
    """The same with its trace."""
    return zen(question, {"trace": True})


_ZEN_HIGH_TECH = (
    ("year", "date(applied) - date(established) >= duration('365d')"),
    ("ip", "owns_ip"),
    ("in_field", "field in [" + ", ".join(f"'{field}'" for field in sorted(FIELDS)) + "]"),
    ("people", "tech_staff / staff >= 0.10"),
    ("intensity", "rd / sales"),
    (
        "research",
        "$.intensity >= 0.05 or (sales_last > 50000000 and $.intensity >= 0.04)"
        " or (sales_last > 200000000 and $.intensity >= 0.03)",
    ),
    ("domestic", "rd_domestic / rd >= 0.60"),
    ("products", "hitech_income / income >= 0.60"),
    ("innovation", "score > 70"),
    ("clean", "not violation"),
    (
        "eligible",
        "$.year and $.ip and $.in_field and $.people and $.research and $.domestic and $.products and $.innovation and $.clean",
    ),
)


def _zen_table(question: Question) -> dict[str, Any]:
    columns = question["inputs"]
    rules = []
    for number, row in enumerate(question["rules"]):
        cells = {f"i{place}": _zen_cell(cell, columns[place]["type"]) for place, cell in enumerate(row[:-1])}
        rules.append({"_id": f"r{number}", **cells, "o": f"'{row[-1]}'"})
    return {
        "hitPolicy": "first",
        "inputs": [
            {"id": f"i{n}", "name": c["name"], "type": "expression", "field": c["name"]} for n, c in enumerate(columns)
        ],
        "outputs": [{"id": "o", "name": "grade", "type": "expression", "field": question["asked"]}],
        "rules": rules,
    }


def _zen_cell(cell: Any, kind: str) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if kind == "string":
        return ", ".join(f"'{text.strip()}'" for text in cell.split(","))
    low, dots, high = cell.partition("..")
    return f"[{low}..{high})" if dots else str(cell)


def bkflow(question: Question) -> Decide:
    """Tencent's: FEEL parsed anew at every decision."""
    api = _import("bkflow_dmn.api")
    if question["name"] != "grading":
        raise Missing("只有单张决策表，写不出这条规则")
    columns = question["inputs"]

    def cell(value: Any, kind: str) -> str:
        if value is None:
            return ""
        if isinstance(value, bool):
            return str(value).lower()
        if kind == "string":
            return ", ".join(f'"{text.strip()}"' for text in value.split(","))
        low, dots, high = value.partition("..")
        return f"[{low}..{high})" if dots else str(value)

    rows = [[cell(c, columns[n]["type"]) for n, c in enumerate(row[:-1])] for row in question["rules"]]
    table = {
        "title": "grading",
        "hit_policy": "First",
        "inputs": {"cols": [{"id": column["name"]} for column in columns], "rows": rows},
        "outputs": {"cols": [{"id": question["asked"]}], "rows": [[f'"{row[-1]}"'] for row in question["rules"]]},
    }
    return lambda case: api.decide_single_table(table, case)[0][question["asked"]]


def spiff(question: Question) -> Decide:
    """SpiffWorkflow: cells are Python expressions that its script engine evaluates; it stops at the first row (UNIQUE)."""
    model = _import("SpiffWorkflow.dmn.specs.model")
    engine_of = _import("SpiffWorkflow.dmn.engine.DMNEngine").DMNEngine
    scripts = _import("SpiffWorkflow.bpmn.script_engine").PythonScriptEngine()
    if question["name"] != "grading":
        raise Missing("决策之间的依赖要画成流程，不在这里比")
    table = model.DecisionTable("t", "t", "UNIQUE")
    columns = [model.Input(c["name"], c["name"], c["name"], c["name"], c["type"]) for c in question["inputs"]]
    out = model.Output("o", "o", question["asked"], "string")
    for number, row in enumerate(question["rules"]):
        rule = model.Rule(str(number))
        for column, value in zip(columns, row, strict=False):
            if value is None:
                continue
            entry = model.InputEntry(f"{number}{column.id}", column)
            entry.lhs = [_python_cell(value, column.typeRef)]
            rule.inputEntries.append(entry)
        result = model.OutputEntry(f"o{number}", out)
        result.text = repr(row[-1])
        rule.outputEntries.append(result)
        table.rules.append(rule)
    engine = engine_of(table)

    class Task:
        """As much of a task as a decision needs."""

        def __init__(self, data: Case) -> None:
            self.data = data
            self.workflow = self
            self.script_engine = scripts

    return lambda case: engine.result(Task(dict(case)))[question["asked"]]


def _python_cell(value: Any, kind: str) -> str:
    if isinstance(value, bool):
        return str(value)
    if kind == "string":
        return f"? in {tuple(text.strip() for text in value.split(','))}"
    low, dots, high = value.partition("..")
    return f"{low} <= ? < {high}" if dots else f"? {value}"


def pydmnrules(question: Question) -> Decide:
    """pyDMNrules: reads the same DMN document."""
    module = _import("pyDMNrules")
    if question["name"] != "grading":
        raise Missing("读不了这条规则的 DMN")
    rules = module.DMN()
    status = rules.useXML(question["dmn"])
    if status.get("errors"):
        raise Missing(f"读不了这张表：{status['errors'][0]}")

    def decide(case: Case) -> Any:
        status, result = rules.decide(dict(case))
        if status.get("errors"):
            raise Missing(str(status["errors"][0]))
        last = result[-1] if isinstance(result, list) else result
        return last["Result"][question["asked"]]

    return decide


def _import(name: str) -> Any:
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError as problem:
        raise Missing(f"没有安装（{problem.name}）") from None


ENGINES: dict[str, tuple[str, Callable[[Question], Decide], str]] = {
    "wotu": ("沃土", wotu, "wotu"),
    "wotu-steps": ("沃土，逐步留痕", wotu_steps, "wotu"),
    "wotu-explained": ("沃土，全部理由", wotu_explained, "wotu"),
    "by-hand": ("手写的 Python 判断", by_hand, ""),
    "zen": ("zen-engine", zen, "zen-engine"),
    "zen-traced": ("zen-engine，留痕", zen_traced, "zen-engine"),
    "bkflow": ("bkflow-dmn", bkflow, "bkflow-dmn"),
    "spiff": ("SpiffWorkflow", spiff, "SpiffWorkflow"),
    "pydmnrules": ("pyDMNrules", pydmnrules, "pyDMNrules"),
}
"""By name: what to call it, how to ask it, and its package."""


def serve(name: str) -> None:
    """Answer the questions on standard input."""
    question = json.loads(sys.stdin.readline())
    _, make, package = ENGINES[name]
    cases = question["cases"]
    if name.startswith("zen") and question["name"] != "grading":
        cases = [{HIGH_TECH[key]: value for key, value in case.items()} for case in cases]
    try:
        decide = make(question)
        answers = [decide(case) for case in cases]
    except Missing as missing:
        print(json.dumps({"missing": str(missing)}), flush=True)
        return
    try:
        found = version(package) if package else ""
    except PackageNotFoundError:
        found = ""
    print(json.dumps({"version": found, "answers": answers}, default=str), flush=True)
    clock = time.perf_counter
    for line in sys.stdin:
        began = clock()
        for _ in range(int(line)):
            for case in cases:
                decide(case)
        print(clock() - began, flush=True)


if __name__ == "__main__":
    serve(sys.argv[1])
