"""Worked cases of a rule: `{name, inputs, expected}` in YAML or JSON, run and compared exactly.

They lie beside the rule (`规则.examples.yaml`), or inside it in `<wotu:examples>` as YAML; or both.

    report = run_examples(rulebook, read_examples(Path("规则.examples.yaml")))
    report.failed                                   # 0
    report.differences[0].text                      # “第 3 个算例（…）：符合应为 是，实为 否”

An expected null is met by unknown or null. Numbers are compared by value, dates and durations as ISO text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .documents import meant, read_file, refuse
from .feel import Unknown, has_unknown, text_of
from .findings import RulebookError
from .yamls import read_yaml

if TYPE_CHECKING:
    from .rulebook import Null, Rulebook

KEYS = ("name", "inputs", "expected")
SUFFIX = ".examples.yaml"
WOTU = "{https://wotu.dev/dmn/1}"


@dataclass(frozen=True, slots=True)
class Example:
    """One case as it was written; `number` counts from 1."""

    number: int
    name: str
    inputs: Mapping[str, Any]
    expected: Mapping[str, Any]

    def __str__(self) -> str:
        return f"第 {self.number} 个算例" + (f"（{self.name}）" if self.name else "")


@dataclass(frozen=True, slots=True)
class Difference:
    """One decision that came out otherwise; `decision` is None when the case could not be evaluated at all."""

    example: Example
    decision: str | None
    expected: Any
    found: Any
    why: str = ""

    @property
    def text(self) -> str:
        """The difference in one sentence."""
        if self.decision is None:
            return f"{self.example}：{self.why}"
        told = f"{self.example}：{self.decision}应为 {shown(self.expected)}，实为 {shown(self.found)}"
        return f"{told}（{self.why}）" if self.why else told


@dataclass(frozen=True, slots=True)
class Report:
    """How a list of cases went; `notes` are things worth a look that fail nothing."""

    passed: int
    failed: int
    differences: tuple[Difference, ...]
    notes: tuple[str, ...] = ()


def beside(rule: Path) -> Path:
    """Where the cases of a rule file lie."""
    return rule.with_name(rule.name.removesuffix(".dmn") + SUFFIX)


def read_examples(path: Path) -> tuple[Example, ...]:
    """The cases in a file; RulebookError says which one is not shaped as a case."""
    return as_examples(read_file(path), str(path))


def examples_in(rulebook: Rulebook, where: str) -> tuple[Example, ...]:
    """The cases that the rule's file itself carries; none where it carries none."""
    found: list[Example] = []
    for element in rulebook.model.extensions:
        if element.tag == f"{WOTU}examples":
            found += as_examples(read_yaml(element.text, f"{where} 的 wotu:examples"), f"{where} 的 wotu:examples")
    return tuple(found)


def examples_of(rulebook: Rulebook, rule: Path) -> tuple[Example, ...]:
    """The cases that a rule's file carries, then those beside it; numbered through."""
    found = list(examples_in(rulebook, rule.name))
    if beside(rule).exists():
        found += read_examples(beside(rule))
    return tuple(replace(example, number=number) for number, example in enumerate(found, 1))


def as_examples(document: Any, where: str) -> tuple[Example, ...]:
    """A list of mappings as cases."""
    if isinstance(document, dict) and set(document) == {"examples"}:
        document = document["examples"]
    if not isinstance(document, list):
        raise refuse(where, "算例应是一个列表", "每个算例写成 {name, inputs, expected}，前面加“- ”")
    if not document:
        raise refuse(where, "没有算例", "请至少写一个 {inputs, expected}")
    return tuple(_as_example(item, number, f"{where} 第 {number} 个算例") for number, item in enumerate(document, 1))


def _as_example(item: Any, number: int, where: str) -> Example:
    if not isinstance(item, dict):
        raise refuse(where, "不是 {inputs, expected}", "请写 inputs（输入）和 expected（应得的结果）")
    strange = [key for key in item if key not in KEYS]
    if strange:
        near = meant(str(strange[0]), KEYS)
        hint = f"是不是 {near}？" if near else "可以写 name、inputs、expected"
        raise refuse(where, f"有不认识的项“{strange[0]}”", hint)
    for key in ("inputs", "expected"):
        if key not in item:
            raise refuse(where, f"缺少 {key}", "没有输入时写 inputs: {}" if key == "inputs" else "请写应得的结果")
        if item[key] is not None and not isinstance(item[key], dict):
            raise refuse(f"{where}的 {key}", "不是“名称: 值”的形式", "例如 {职工总数: 100}")
    name = item.get("name")
    if name is not None and not isinstance(name, str):
        name = shown(name)
    if not item["expected"]:
        raise refuse(f"{where}的 expected", "没有任何结果", "请至少写一个决策")
    return Example(number, name or "", item["inputs"] or {}, item["expected"])


def run_examples(rulebook: Rulebook, examples: Sequence[Example], *, null: Null = "unknown") -> Report:
    """Evaluate every case and compare whatever it expects."""
    known = [info.name for info in rulebook.decisions]
    inputs = [info.name for info in rulebook.inputs]
    differences: list[Difference] = []
    notes: dict[str, None] = {}
    failed = 0
    for example in examples:
        for name in example.inputs:
            if name not in inputs:
                notes.setdefault(f"{example}：规则没有输入“{name}”，未使用{_perhaps(name, inputs)}")
        found = _run(rulebook, example, known, inputs, null)
        differences += found
        failed += bool(found)
    return Report(len(examples) - failed, failed, tuple(differences), tuple(notes))


def _run(rulebook: Rulebook, example: Example, known: list[str], inputs: list[str], null: Null) -> list[Difference]:
    differences: list[Difference] = []
    wanted = [name for name in example.expected if name in known]
    for name, value in example.expected.items():
        if name not in known:
            differences.append(Difference(example, name, value, None, f"没有这个决策{_perhaps(name, known)}"))
    given = {name: value for name, value in example.inputs.items() if name in inputs}
    try:
        values = rulebook.evaluate(given, decisions=wanted, null=null).values
    except RulebookError as refused:
        return [Difference(example, None, None, None, str(refused).replace("\n", "；"))]
    for name in wanted:
        if not agrees(example.expected[name], values[name]):
            why = why_of(rulebook, given, name, null)
            differences.append(Difference(example, name, example.expected[name], values[name], why))
    return differences


def why_of(rulebook: Rulebook, inputs: Mapping[str, Any], decision: str, null: Null) -> str:
    """What the engine says of how a decision came about, in one sentence."""
    step = rulebook.trace(inputs, [decision], null=null).steps[-1]
    if step.nulls:
        return step.nulls[0].why
    if step.reason is not None:
        return step.reason.text
    if step.table is not None and step.table.hits:
        return f"命中第 {'、'.join(str(row.number) for row in step.table.hits)} 行"
    return f"缺 {'、'.join(step.lacks)}" if step.lacks else ""


def _perhaps(name: str, names: Sequence[str]) -> str:
    near = meant(name, names)
    return f"，是不是“{near}”？" if near else ""


def agrees(expected: Any, value: Any) -> bool:
    """Whether a FEEL value is what a case says; null agrees with null and with not known."""
    if expected is None:
        return value is None or has_unknown(value)
    if isinstance(value, Unknown) or value is None:
        return False
    if isinstance(expected, bool) or isinstance(value, bool):
        return expected is value
    if isinstance(expected, Decimal) or isinstance(value, Decimal):
        return isinstance(expected, Decimal) and isinstance(value, Decimal) and expected == value
    if isinstance(expected, list):
        return isinstance(value, list) and len(expected) == len(value) and all(map(agrees, expected, value))
    if isinstance(expected, dict):
        return (
            isinstance(value, dict)
            and expected.keys() == value.keys()
            and all(agrees(item, value[key]) for key, item in expected.items())
        )
    if isinstance(value, str):
        return bool(expected == value)
    return isinstance(expected, str) and not isinstance(value, list | dict) and text_of(value) == expected


def shown(value: Any) -> str:
    """A value of a case or of FEEL, in words."""
    if isinstance(value, Unknown):
        return "未知"
    if value is True or value is False:
        return "是" if value else "否"
    if has_unknown(value):
        return "未知（部分）"
    return "null" if value is None else f"“{value}”" if isinstance(value, str) else text_of(value)
