"""A rulebook: one `.dmn` with what it imports, ready to be evaluated and explained.

    book = Rulebook.load(Path("高新技术企业认定.dmn"))
    book.inputs, book.decisions, book.clauses, book.eligible_name
    book.evaluate({"职工总数": 100, …}).values["符合"]            # True, False, None or Unknown
    book.explain({"职工总数": 100, …}).text

`Rulebook.load` and `Rulebook.from_bytes` raise RulebookError with a finding for each thing wrong in the model;
`Rulebook.lenient` keeps them in `.findings` instead, and what is wrong evaluates to null (as the conformance kit demands).

What explanations and plans need is in `book.logic[decision name]`, a `dmn.graph.Logic`: `.scope` (to compile pieces with),
`.tree` (FEEL tree, or None), `.table` (`dmn.table.Table`: `.inputs`, `.rows` of `.cells` and `.outputs`, trees all; or None),
and `book.needs(name)`: local name -> ("input" | "decision", its name here). `book.input_values(inputs)` gives the FEEL values
that evaluate would use, unknowns narrowed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from .dmn import model as m
from .dmn.declared import base_name
from .dmn.given import Refused, reader
from .dmn.graph import Key, Linked, Logic, Network, frame, link
from .dmn.possible import unknown_of
from .dmn.reader import read
from .dmn.texts import Place, Texts
from .feel import UNKNOWN, Limits, Run
from .feel.run import Diagnostic
from .feel.show import show
from .feel.types import ANY, Type
from .feel.values import Value
from .findings import Finding, RulebookError
from .infos import WOTU, Citation, Clause, DecisionInfo, InputInfo, clauses_of, decision_info, input_info, said_of
from .quick import Answer, Quick, quick_way
from .quick.runtime import Interpreter

if TYPE_CHECKING:
    from .explain import Explanation
    from .explain.trace import Trace

Null = Literal["unknown", "feel"]
ONCE_OR_TWICE = 2
"""Evaluations of a plan before its quick way is made."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Why something in a decision came out null."""

    decision: str
    expression: str
    why: str
    place: Place | None = None
    """Where the expression stands; None where no author wrote it (a table as a whole)."""


class Hit(NamedTuple):
    """A row of a decision table that matched (counted from 1), surely or only maybe, and what its author noted there."""

    row: int
    sure: bool
    annotations: tuple[str, ...] = ()


class Step(NamedTuple):
    """One decision evaluated: what it stood on, what it came to, and the rows of its table that matched."""

    decision: str
    needs: Mapping[str, Value]
    value: Value
    hits: tuple[Hit, ...] = ()


class Evaluation(NamedTuple):
    """What the decisions came to, by name: those asked for and those they stand on."""

    values: Mapping[str, Value]
    diagnostics: tuple[Remark, ...] = ()
    trace: tuple[Step, ...] = ()
    """Each decision in the order of evaluation, when asked for."""


@dataclass(frozen=True, slots=True)
class _Input:
    key: Key
    name: str
    kind: Type | None
    read: Callable[[Any, Value], Value]


@dataclass
class _Plan:
    """Decisions in the order of their evaluation, and the quick way through them once they have been asked for often."""

    steps: tuple[tuple[str, Logic], ...]
    asked: int = 0
    quick: Quick | None = None


@dataclass(frozen=True, eq=False)
class Rulebook:
    """One rule, compiled; evaluate it as often as you like, from any thread."""

    name: str
    sha256: str
    model: m.Definitions
    network: Network = field(repr=False)
    findings: tuple[Finding, ...]
    edition: str
    inputs: tuple[InputInfo, ...]
    decisions: tuple[DecisionInfo, ...]
    clauses: tuple[Clause, ...]
    eligible_name: str | None
    services: tuple[str, ...]
    logic: Mapping[str, Logic] = field(repr=False)
    _inputs: Mapping[str, _Input] = field(repr=False)
    _names: Mapping[Key, str] = field(repr=False)
    _plans: dict[tuple[str, ...] | None, _Plan] = field(default_factory=dict, repr=False)

    # --- making -----------------------------------------------------------------------------------------------------

    @classmethod
    def load(cls, path: Path | str) -> Rulebook:
        """The rulebook of a `.dmn` file; models it imports are found beside it."""
        file = Path(path)
        return cls.from_bytes(_read_bytes(file), name=file.name, beside=file.parent)

    @classmethod
    def from_bytes(cls, data: bytes, *, name: str = "model.dmn", beside: Path | None = None) -> Rulebook:
        """The rulebook of a document; `beside` is the folder of the models it imports."""
        made = cls.lenient(data, name=name, beside=beside)
        errors = tuple(finding for finding in made.findings if finding.severity == "error")
        if errors:
            raise RulebookError(errors)
        return made

    @classmethod
    def lenient(cls, data: bytes, *, name: str = "model.dmn", beside: Path | None = None) -> Rulebook:
        """Like from_bytes, but only a document that cannot be read at all is an error; the rest is in `.findings`."""
        model = read(data, name)
        network = link(tuple(_imported(model, beside)), model)
        return _describe(model, network, hashlib.sha256(data).hexdigest())

    # --- asking -----------------------------------------------------------------------------------------------------

    def evaluate(
        self,
        inputs: Mapping[str, Any],
        decisions: Sequence[str] | None = None,
        *,
        null: Null = "unknown",
        limits: Limits | None = None,
        trace: bool = False,
    ) -> Evaluation:
        """The values of the decisions (all of them by default) for these inputs; `trace` keeps how they came about.

        A missing input or None is UNKNOWN, narrowed to its allowed values; with null="feel" it is FEEL's null. Raises
        RulebookError for an input that does not exist, is of the wrong type or outside its allowed values.
        """
        plan = self._plans.get(None if decisions is None else tuple(decisions)) or self._plan(decisions)
        missing = None if null == "feel" else UNKNOWN
        quick = plan.quick if plan.asked > ONCE_OR_TWICE else self._quick(plan)
        answered = None
        if quick is not None:
            with suppress(Refused, ArithmeticError):  # the interpreter says what is wrong
                answered = quick(inputs, missing, limits, trace)
        found, interpreter, values = answered or self._interpreted(plan, inputs, missing, limits)
        remarks: tuple[Remark, ...] = ()
        if interpreter is not None and interpreter.noted:
            remarks = _remarks(self.network.texts, interpreter.owners, interpreter.noted)
        if not trace or values is None:
            return Evaluation(found, remarks)
        for name, logic in plan.steps:
            values[logic.key] = found[name]
        return Evaluation(found, remarks, tuple(_step(name, logic, values) for name, logic in plan.steps))

    def _interpreted(self, plan: _Plan, inputs: Mapping[str, Any], missing: Value, limits: Limits | None) -> Answer:
        """The values of a plan's decisions by the interpreter alone."""
        values = self._given(inputs, missing)
        interpreter = Interpreter(limits)
        found: dict[str, Value] = {}
        for name, logic in plan.steps:
            found[name] = values[logic.key] = interpreter.decide(logic, name, values)
        return found, interpreter, values

    def _quick(self, plan: _Plan) -> Quick | None:
        """The quick way through a plan, made when it is asked for once more: what is asked once is not worth it."""
        plan.asked += 1
        if plan.asked > ONCE_OR_TWICE:
            inputs = [(name, item.key, item.kind, item.read) for name, item in self._inputs.items()]
            plan.quick = quick_way(plan.steps, inputs)
        return plan.quick

    def explain(self, inputs: Mapping[str, Any], lang: str = "zh", *, null: Null = "unknown") -> Explanation:
        """Every clause's reason for these inputs."""
        from .explain import explain

        return explain(self, inputs, self.evaluate(inputs, null=null), null=null, lang=lang)

    def trace(
        self,
        inputs: Mapping[str, Any],
        decisions: Sequence[str] | None = None,
        *,
        null: Null = "unknown",
        lang: str = "zh",
    ) -> Trace:
        """Every decision with the rows that matched, the entries that failed, and why what is null is null."""
        from .explain.trace import trace

        return trace(self, inputs, decisions, null=null, lang=lang)

    def _repr_html_(self) -> str:
        """The rule in a notebook."""
        from .notebook import rule_html

        return rule_html(self)

    def input_values(self, inputs: Mapping[str, Any], *, null: Null = "unknown") -> dict[str, Value]:
        """The FEEL values of all inputs as evaluate takes them, by name."""
        values = self._given(inputs, None if null == "feel" else UNKNOWN)
        return {name: values[entry.key] for name, entry in self._inputs.items()}

    def needs(self, decision: str) -> dict[str, tuple[Literal["input", "decision"], str]]:
        """What each name in a decision's logic stands for: an input or a decision, by its name here."""
        needs = self.logic[decision].needs
        return {".".join(path): (source, self._names[key]) for path, (source, key) in needs.items()}

    def _plan(self, decisions: Sequence[str] | None) -> _Plan:
        wanted = None if decisions is None else tuple(decisions)
        plan = self._plans.get(wanted)
        if plan is None:
            for name in wanted or ():
                if name not in self.logic:
                    near = get_close_matches(name, self.logic, 1)
                    how = f"是不是“{near[0]}”？" if near else f"现有：{'、'.join(self.logic)}"
                    raise RulebookError(Finding(f"规则“{self.name}”", f"没有决策“{name}”", how))
            keys = [self.logic[name].key for name in (self.logic if wanted is None else wanted)]
            steps = self.network.plan(keys)
            named = tuple((self._names.get(step.key, step.name), step) for step in steps)
            plan = self._plans[wanted] = _Plan(named)
        return plan

    def _given(self, inputs: Mapping[str, Any], missing: Value) -> dict[Key, Value]:
        values: dict[Key, Value] = {}
        wrong: list[Finding] = []
        known = self._inputs
        for name, entry in known.items():
            try:
                values[entry.key] = entry.read(inputs.get(name), missing)
            except Refused as refused:
                where = f"规则“{self.name}”的输入“{name}”{refused.within}"
                wrong.append(Finding(where, refused.what, refused.wanted))
        if len(inputs) > len(known) or any(name not in known for name in inputs):
            wrong += [self._strange(name) for name in inputs if name not in known]
        if wrong:
            raise RulebookError(wrong)
        return values

    def _strange(self, name: object) -> Finding:
        near = get_close_matches(str(name), self._inputs, 1)
        how = f"是不是“{near[0]}”？" if near else f"输入有：{'、'.join(self._inputs)}"
        return Finding(f"规则“{self.name}”", f"没有输入“{name}”", how)


def _step(name: str, logic: Logic, values: Mapping[Key, Value]) -> Step:
    needs = {local: values.get(key) for local, key in logic.direct}
    needs |= {".".join(path): values.get(key) for path, key in logic.nested}
    table = logic.table
    if table is None:
        return Step(name, needs, values[logic.key])
    rows = table.hits(frame(logic, values, Run()))
    hits = tuple(Hit(index + 1, sure, table.rows[index].annotations) for index, sure in rows)
    return Step(name, needs, values[logic.key], hits)


def _remarks(texts: Texts, owners: Sequence[str], noted: Sequence[Diagnostic]) -> tuple[Remark, ...]:
    """The diagnostics, each with the decision during which it was noted and its place."""
    found: list[Remark] = []
    for name, item in zip(owners, noted, strict=True):
        place = texts.place(item.node)
        found.append(Remark(name, place.source if place else show(item.node), item.why, place))
    return tuple(found)


# --- reading --------------------------------------------------------------------------------------------------------


def _read_bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise RulebookError(Finding(str(file), "没有这个文件", "请检查路径")) from None
    except OSError as problem:
        raise RulebookError(Finding(str(file), f"读不了（{problem.strerror}）", "请检查路径和权限")) from None


def _imported(model: m.Definitions, beside: Path | None) -> Iterable[m.Definitions]:
    """The models that this one imports, directly or not, found by file name or by namespace in the same folder."""
    wanted = [item for item in model.imports if not item.kind or "DMN" in item.kind]
    if beside is None or not wanted:
        return ()
    found: dict[str, m.Definitions] = {}
    every: list[m.Definitions] | None = None
    while wanted:
        item = wanted.pop()
        if item.namespace in found or item.namespace == model.namespace:
            continue
        if every is None:
            every = list(_models_in(beside))
        match = next((other for other in every if other.namespace == item.namespace), None)
        if match is not None:
            found[item.namespace] = match
            wanted += match.imports
    return found.values()


def _models_in(folder: Path) -> Iterable[m.Definitions]:
    for file in sorted(folder.glob("*.dmn")):
        try:
            yield read(_read_bytes(file), file.name)
        except RulebookError:
            continue


# --- describing -----------------------------------------------------------------------------------------------------


def _describe(model: m.Definitions, network: Network, sha256: str) -> Rulebook:
    """What the model says about itself, in the words of the wotu extension."""
    rule = said_of(model, "rule")
    names: dict[Key, str] = {}
    logic: dict[str, Logic] = {}
    inputs: dict[str, _Input] = {}
    root = network.models[""]
    for decision in model.decisions:
        key = root.key(decision)
        names[key] = decision.name
        logic[decision.name] = network.logic[key]
    for item in model.inputs:
        key = root.key(item)
        names[key] = item.name
        inputs[item.name] = _input(key, item.name, network.inputs[key])
    infos = tuple(input_info(item, network.inputs[root.key(item)]) for item in model.inputs)
    _imported_names(root, network, "", names, inputs)
    imported = tuple(
        InputInfo(entry.key[1], entry.name, entry.kind or ANY, base_name(entry.kind), allowed=unknown_of(entry.kind))
        for entry in inputs.values()
        if entry.key[0]
    )
    decisions = tuple(decision_info(item, logic[item.name]) for item in model.decisions)
    eligible = next((info.name for info in decisions if info.role == "eligible"), None)
    sources = {item.id: item for item in model.sources}
    return Rulebook(
        name=rule.get("name") or model.name,
        sha256=sha256,
        model=model,
        network=network,
        findings=tuple(network.findings),
        edition=rule.get("edition", ""),
        inputs=infos + imported,
        decisions=decisions,
        clauses=clauses_of(model, sources),
        eligible_name=eligible,
        services=tuple(service.name for service in model.services),
        logic=logic,
        _inputs=inputs,
        _names=names,
    )


def _input(key: Key, name: str, kind: Type | None) -> _Input:
    return _Input(key, name, kind, reader(kind))


def _imported_names(
    linked: Linked, network: Network, prefix: str, names: dict[Key, str], inputs: dict[str, _Input]
) -> None:
    """Imported inputs and decisions, by their qualified names."""
    for item in linked.definitions.imports:
        inner = linked.imports.get(item.name or item.namespace)
        if inner is None:
            continue
        whole = f"{prefix}{item.name}." if item.name else prefix
        for decision in inner.definitions.decisions:
            names[inner.key(decision)] = f"{whole}{decision.name}"
        for entry in inner.definitions.inputs:
            key = inner.key(entry)
            names[key] = f"{whole}{entry.name}"
            inputs[names[key]] = _input(key, names[key], network.inputs[key])
        _imported_names(inner, network, whole, names, inputs)


__all__ = [
    "WOTU",
    "Citation",
    "Clause",
    "DecisionInfo",
    "Evaluation",
    "Hit",
    "InputInfo",
    "Null",
    "Remark",
    "Rulebook",
    "Step",
]
