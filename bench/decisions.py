"""How many decisions a second, one at a time on one thread, and how does that compare with other engines?

Every engine answers in a process of its own, all cases are checked to have their expected answers, and the ratio to an engine
is the median of pairs measured turn by turn, so that what else the machine is doing does not decide.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import yaml

from bench.decision_peers import ENGINES

ROOT = Path(__file__).parent.parent
RULE = ROOT / "wotu" / "policy" / "rules" / "高新技术企业认定.dmn"
SECONDS = 0.15
"""How long one turn takes."""
TURNS = 7


class Engine:
    """One engine, waiting in its process."""

    def __init__(self, name: str, question: dict[str, Any]) -> None:
        self.name = name
        self.title = ENGINES[name][0]
        self.cases = len(question["cases"])
        self.said: dict[str, Any] = {}
        apart = os.environ.get("WOTU_BENCH_PEERS", "")
        for python in (sys.executable, *([apart] if apart and not name.startswith("wotu") else [])):
            command = [python, "-m", "bench.decision_peers", name]
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT
            )
            self.said = self._ask(json.dumps(question, ensure_ascii=True))
            if "missing" not in self.said:
                break
            self.close()
        self.rounds = 1
        if "missing" not in self.said:
            while (taken := self.turn()) < SECONDS / 3 and self.rounds < 10**6:
                self.rounds = max(self.rounds + 1, int(self.rounds * min(20.0, SECONDS / max(taken, 1e-6))))

    def _ask(self, line: str) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        return json.loads(answer) if answer else {"missing": "没有答复就结束了"}

    def turn(self) -> float:
        """Seconds of its rounds."""
        return float(self._ask(str(self.rounds)))

    def rate(self) -> float:
        """Decisions a second, now."""
        return self.rounds * self.cases / self.turn()

    def close(self) -> None:
        """Let its process end."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.wait(timeout=10)


def answer(full: bool = False, huge: bool = False, threads: tuple[int, ...] = (1,)) -> dict[str, Any]:
    """Both questions, measured."""
    return {
        "question": (__doc__ or "").partition("\n")[0],
        "tables": [_measured(item) for item in (grading(), high_tech())],
    }


def _measured(question: dict[str, Any]) -> dict[str, Any]:
    expected = question.pop("expected")
    engines = [Engine(name, question) for name in ENGINES]
    missing = {engine.title: engine.said["missing"] for engine in engines if "missing" in engine.said}
    asked = [engine for engine in engines if "missing" not in engine.said]
    for engine in asked:
        if engine.said["answers"] != expected:
            raise AssertionError(f"{engine.title} 的答案是 {engine.said['answers']}，应为 {expected}")
    rates: dict[str, list[float]] = {engine.name: [] for engine in asked}
    for _ in range(TURNS):
        for engine in asked:
            rates[engine.name].append(engine.rate())
    for engine in asked:
        engine.close()
    ours = {name: rates[name] for name in rates if name.startswith("wotu")}
    lines = []
    for engine in asked:
        mine = rates[engine.name]
        ratios = {
            name: statistics.median(a / b for a, b in zip(turns, mine, strict=True)) for name, turns in ours.items()
        }
        lines.append(
            {
                "engine": engine.title,
                "version": engine.said["version"],
                "decisions_per_second": round(statistics.median(mine)),
                "times": {name: float(f"{ratio:.3g}") for name, ratio in ratios.items()},
            }
        )
    return {"name": question["title"], "lines": lines, "missing": missing}


def shown(answer: dict[str, Any]) -> str:
    """The answer as text: ours against each, in the three ways of asking us."""
    parts = [answer["question"]]
    for table in answer["tables"]:
        parts.append(f"\n{table['name']}（每秒决策数；右边三列：沃土是它的几倍）")
        parts.append(f"{'每秒':>10} {'只要结果':>9} {'逐步留痕':>9} {'全部理由':>9}  引擎")
        for line in table["lines"]:
            times = line["times"]
            columns = "".join(
                f"{times[name]:>12.3g}×" for name in ("wotu", "wotu-steps", "wotu-explained") if name in times
            )
            parts.append(f"{line['decisions_per_second']:>12,} {columns}  {line['engine']} {line['version']}")
        for name, why in table["missing"].items():
            parts.append(f"{'没有比':>10} {name}：{why}")
    return "\n".join(parts)


# --- questions ------------------------------------------------------------------------------------------------------


def grading() -> dict[str, Any]:
    """A table of 20 rules over 6 inputs, FIRST."""
    read = yaml.safe_load((Path(__file__).parent / "fixtures" / "decisions" / "grading.yaml").read_text("utf-8"))
    cases = read.pop("cases")
    expected = [case.pop("expected") for case in cases]
    title = f"{len(read['rules'])} 条规则 × {len(read['inputs'])} 个输入的决策表（FIRST）"
    return {
        **read,
        "title": title,
        "asked": read["output"]["name"],
        "cases": cases,
        "expected": expected,
        "dmn": _dmn(read),
    }


def high_tech() -> dict[str, Any]:
    """The rule for high and new technology enterprises, on those of its examples where everything is known."""
    examples = yaml.safe_load(RULE.with_suffix(".examples.yaml").read_text("utf-8"))
    known = [e for e in examples if None not in e["inputs"].values() and None not in e["expected"].values()]
    return {
        "name": "high-tech",
        "title": "高新技术企业认定（9 条）",
        "asked": "符合",
        "cases": [example["inputs"] for example in known],
        "expected": [example["expected"]["符合"] for example in known],
        "dmn": RULE.read_text("utf-8"),
    }


def _dmn(read: dict[str, Any]) -> str:
    """The table as a DMN document."""
    inputs = read["inputs"]
    name = read["output"]["name"]
    data = "".join(
        f'<inputData id="in_{i["name"]}" name="{i["name"]}"><variable name="{i["name"]}" typeRef="{i["type"]}"/></inputData>'
        for i in inputs
    )
    needs = "".join(
        f'<informationRequirement><requiredInput href="#in_{i["name"]}"/></informationRequirement>' for i in inputs
    )
    columns = "".join(
        f'<input id="c_{i["name"]}" label="{i["name"]}"><inputExpression typeRef="{i["type"]}"><text>{i["name"]}</text>'
        "</inputExpression></input>"
        for i in inputs
    )
    rows = []
    for row in read["rules"]:
        cells = "".join(
            f"<inputEntry><text>{escape(_cell(cell, i['type']))}</text></inputEntry>"
            for cell, i in zip(row, inputs, strict=False)
        )
        rows.append(f'<rule>{cells}<outputEntry><text>"{row[-1]}"</text></outputEntry></rule>')
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="grading" name="grading" namespace="urn:bench">'
        f'{data}<decision id="d" name="{name}"><variable name="{name}" typeRef="string"/>{needs}'
        f'<decisionTable hitPolicy="FIRST">{columns}<output name="{name}" label="{name}" typeRef="string"/>{"".join(rows)}'
        "</decisionTable></decision></definitions>"
    )


def _cell(cell: Any, kind: str) -> str:
    if cell is None:
        return "-"
    if isinstance(cell, bool):
        return str(cell).lower()
    if kind == "string":
        return ", ".join(f'"{text.strip()}"' for text in cell.split(","))
    low, dots, high = cell.partition("..")
    return f"[{low}..{high})" if dots else str(cell)


if __name__ == "__main__":
    print(shown(answer()))
