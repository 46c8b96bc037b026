"""The conformance kit: every test file of a folder against the models beside it, with FEEL's own null.

    result = run(Path("../shared/tck"))
    result.passed, result.failed, result.levels, result.failures
    tck(Path("../shared/tck"))                      # the same as a dict

A folder is one topic: `.dmn` models and `.xml` lists of cases, each with input nodes, result nodes and expected values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import etree

from .dmn import model as m
from .dmn.declared import bare
from .dmn.graph import Key
from .feel import FeelError, Function, Run, call_named, coerce, text_of
from .feel.known import equal
from .feel.temporal import read_date, read_date_time, read_duration, read_time
from .feel.text import number_text
from .feel.types import ContextOf, ListOf, Type
from .feel.values import MATH, Date, DateTime, Time, Value
from .findings import Finding, RulebookError
from .rulebook import Rulebook

SPACE = "{http://www.omg.org/spec/DMN/20160719/testcase}"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
PLACES = 7
TOLERANCE = Decimal("1e-8")
"""An expected number with so many decimal places was rounded by the kit's author; it is met within the tolerance."""


class Untyped(str):
    """A value that the kit writes without saying its type; read as whatever it is to be."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One case that came out otherwise, or could not be run."""

    file: str
    case: str
    node: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.file} {self.case} {self.node}：应为 {self.expected}，实为 {self.found}"


@dataclass
class Result:
    """How many cases passed and failed, in all and by level (the folder that holds the topics)."""

    passed: int = 0
    failed: int = 0
    levels: dict[str, dict[str, int]] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)

    def add(self, level: str, wrong: list[Failure]) -> None:
        """Count one case."""
        counts = self.levels.setdefault(level, {"passed": 0, "failed": 0})
        counts["failed" if wrong else "passed"] += 1
        self.passed += not wrong
        self.failed += bool(wrong)
        self.failures += wrong


def tck(folder: Path) -> dict[str, Any]:
    """The result as plain data."""
    result = run(folder)
    return {
        "passed": result.passed,
        "failed": result.failed,
        "levels": result.levels,
        "failures": [str(failure) for failure in result.failures],
    }


def run(folder: Path) -> Result:
    """Every case below the folder; RulebookError when there is none."""
    result = Result()
    files = [file for file in sorted(folder.rglob("*.xml")) if _is_tests(file)]
    if not files:
        raise RulebookError(Finding(str(folder), "里面没有符合性测试文件（testCases 的 .xml）", "请指向 TCK 的文件夹"))
    for file in files:
        level = file.parent.parent.name if file.parent != folder else folder.parent.name
        for case, wrong in run_file(file):
            result.add(level, wrong)
            del case
    return result


def _is_tests(file: Path) -> bool:
    with file.open("rb") as stream:
        return b"testCases" in stream.read(4096)


def run_file(file: Path) -> Iterator[tuple[str, list[Failure]]]:
    """Each case of one test file with what went wrong in it."""
    root = etree.fromstring(file.read_bytes(), etree.XMLParser(resolve_entities=False, no_network=True))
    name = (root.findtext(f"{SPACE}modelName") or "").strip()
    label = f"{file.parent.name}/{file.name}"
    cases = list(root.iterchildren(f"{SPACE}testCase"))
    try:
        model = file.parent / name
        book = Rulebook.lenient(model.read_bytes(), name=name, beside=file.parent)
    except (RulebookError, OSError) as problem:
        for case in cases:
            yield case.get("id", ""), [Failure(label, case.get("id", ""), name, "模型可读", str(problem))]
        return
    for case in cases:
        yield case.get("id", ""), _run_case(book, case, label)


def _run_case(book: Rulebook, case: etree._Element, label: str) -> list[Failure]:
    wrong: list[Failure] = []
    id = case.get("id", "")
    inputs = [(n.get("name", ""), n.get("namespace"), value_of(n)) for n in case.iterchildren(f"{SPACE}inputNode")]
    for node in case.iterchildren(f"{SPACE}resultNode"):
        name = node.get("name", "")
        expected = value_of(node.find(f"{SPACE}expected"))
        found: Value
        try:
            found = _ask(book, case, name, node.get("namespace"), inputs)
        except RulebookError as problem:
            found = None if node.get("errorResult") == "true" else f"拒绝：{problem}"
        if not agrees(expected, found):
            wrong.append(Failure(label, id, name, _shown(expected), _shown(found)))
    return wrong


def _ask(
    book: Rulebook, case: etree._Element, name: str, namespace: str | None, inputs: list[tuple[str, str | None, Value]]
) -> Value:
    """The value of one result node."""
    kind = case.get("type", "decision")
    called = case.get("invocableName", "")
    if kind in ("bkm", "decisionService") and called:
        function = _function(book, called, case.get("namespace"))
        if function is None:
            raise RulebookError(Finding(called, "没有这个函数"))
        return _called(function, {given_name: value for given_name, _, value in inputs}, name)
    values = _values(book, inputs)
    keys = [key for key, logic in book.network.logic.items() if logic.name == name and _in(book, key, namespace)]
    keys.sort(key=lambda key: len(key[0]))
    if not keys:
        function = _function(book, name, namespace)
        if function is None:
            raise RulebookError(Finding(name, "没有这个决策"))
        return _called(function, {given_name: value for given_name, _, value in inputs}, name)
    plan = book.network.plan(keys[:1], frozenset(key for key in values if key in book.network.logic))
    return book.network.evaluate(plan, values, Run()).get(keys[0])


def _in(book: Rulebook, key: Key, namespace: str | None) -> bool:
    if namespace:
        return book.network.models[key[0]].definitions.namespace == namespace
    return True


def _function(book: Rulebook, name: str, namespace: str | None) -> Function | None:
    for key, node in book.network.nodes.items():
        if key in book.network.functions and node.name == name and _in(book, key, namespace):
            return book.network.functions[key]
    return None


def _called(function: Function, arguments: Mapping[str, Value], name: str) -> Value:
    """A function called by name; what is not given is null. Of several results the one asked for."""
    every = {parameter: arguments.get(parameter) for parameter in function.parameters}
    try:
        found = call_named(function, Run(), every)
    except FeelError:
        return None
    return found[name] if isinstance(found, dict) and name in found and name != function.name else found


def _values(book: Rulebook, inputs: list[tuple[str, str | None, Value]]) -> dict[Key, Value]:
    """Inputs by key: by name (an imported one too), with its namespace, by path, or in a context named like an import."""
    values: dict[Key, Value] = dict.fromkeys(book.network.inputs)
    for name, namespace, value in inputs:
        _put(book, "", name, namespace, value, values)
    return values


def _put(book: Rulebook, way: str, name: str, namespace: str | None, value: Value, values: dict[Key, Value]) -> None:
    inner = f"{way}{name}."
    if inner in book.network.models and isinstance(value, dict):
        for below, item in value.items():
            _put(book, inner, below, None, item, values)
        return
    nodes = {key: node for key, node in book.network.nodes.items() if isinstance(node, m.InputData | m.Decision)}
    if namespace:
        fitting = [key for key, node in nodes.items() if node.name == name and _in(book, key, namespace)]
    else:
        fitting = [key for key, node in nodes.items() if f"{key[0]}{node.name}" == f"{way}{name}"]
        fitting = fitting or [key for key, node in nodes.items() if node.name == name]
    given_data = [key for key in fitting if isinstance(nodes[key], m.InputData)]
    for key in given_data or fitting:
        kind = book.network.inputs[key] if key in book.network.inputs else book.network.logic[key].kind
        values[key] = _given(value, kind)


def _given(value: Value, kind: Type | None) -> Value:
    """As an input of that type; null when it does not conform."""
    try:
        return coerce(_shaped(value, kind), kind)
    except (FeelError, ArithmeticError):
        return None


def _shaped(value: Value, kind: Type | None) -> Value:
    """What the kit leaves open filled in: types not said, entries not given."""
    below = bare(kind)
    if isinstance(value, Untyped):
        read = _BY_TYPE.get(str(below))
        return str(value) if read is None else read(value.strip())
    if isinstance(value, list):
        return [_shaped(item, below.item if isinstance(below, ListOf) else None) for item in value]
    if isinstance(value, dict):
        known = dict(below.fields) if isinstance(below, ContextOf) else {}
        return {**dict.fromkeys(known), **{name: _shaped(item, known.get(name)) for name, item in value.items()}}
    return value


# --- values ---------------------------------------------------------------------------------------------------------

_READERS: dict[str, Any] = {
    "boolean": lambda text: text in ("true", "1"),
    "date": read_date,
    "time": read_time,
    "dateTime": read_date_time,
    "duration": read_duration,
    "dayTimeDuration": read_duration,
    "yearMonthDuration": read_duration,
}
_BY_TYPE: dict[str, Any] = {
    "number": MATH.create_decimal,
    "boolean": _READERS["boolean"],
    "date": read_date,
    "time": read_time,
    "date and time": read_date_time,
    "days and time duration": read_duration,
    "years and months duration": read_duration,
}
_NUMBERS = ("decimal", "double", "float", "integer", "int", "long", "short")


def value_of(element: etree._Element | None) -> Value:
    """A value as the kit writes it: a typed value, components, or a list."""
    if element is None or element.get(NIL) == "true":
        return None
    parts = [child for child in element.iterchildren(tag=etree.Element) if child.tag != f"{SPACE}extensionElements"]
    if not parts:
        return None
    first = parts[0]
    if first.tag == f"{SPACE}list":
        return None if first.get(NIL) == "true" else [value_of(item) for item in first.iterchildren(f"{SPACE}item")]
    if first.tag == f"{SPACE}component":
        return {part.get("name", ""): value_of(part) for part in parts}
    if first.get(NIL) == "true":
        return None
    text = first.text or ""
    kind = (first.get(TYPE) or "").rpartition(":")[2]
    if kind in _NUMBERS:
        return MATH.create_decimal(text.strip())
    if kind in _READERS:
        return _READERS[kind](text.strip())
    return text if kind == "string" else Untyped(text)


def agrees(expected: Value, found: Value) -> bool:
    """Whether a value is what a case expects."""
    if isinstance(expected, Decimal) and isinstance(found, Decimal):
        places = -int(expected.as_tuple().exponent)
        return expected == found or (places >= PLACES and abs(MATH.subtract(expected, found)) <= TOLERANCE)
    if isinstance(expected, Untyped):
        return expected == _text(found)
    if isinstance(expected, list):
        return isinstance(found, list) and len(expected) == len(found) and all(map(agrees, expected, found))
    if isinstance(expected, dict):
        if not isinstance(found, dict) or expected.keys() != found.keys():
            return False
        return all(agrees(value, found[key]) for key, value in expected.items())
    if isinstance(expected, Date | Time | DateTime):
        return expected == found or text_of(expected) == _text(found)
    if expected is None or found is None:
        return expected is found
    try:
        return type(expected) is type(found) and equal(expected, found)
    except FeelError:
        return False


def _text(value: Value) -> str:
    try:
        return text_of(value)
    except FeelError:
        return ""


def _shown(value: Value) -> str:
    if isinstance(value, Decimal):
        return number_text(value)
    try:
        return text_of(value, True)
    except FeelError:
        return repr(value)
