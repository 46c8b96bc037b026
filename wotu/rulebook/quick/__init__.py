"""The quick way through a plan of decisions: one generated Python function for inputs that are known and plain.

    quick = quick_way(plan, inputs)
    found, interpreter, values = quick({"职工总数": 100, …}, UNKNOWN, None, False)    # None where inputs are refused or strange

Every decision is written as one Python expression over its inputs and the decisions before it. Where one of these is
unknown, null or of another kind, or where the expression comes upon something that FEEL answers with null, that decision
alone is left to the interpreter, which is the meaning of everything here: a test holds the two to the same answers.
Programs consist of text made here only; whatever the author of a model wrote stands beside it as a value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..dmn.graph import Key, Logic
from ..feel import Limits
from ..feel.types import Type
from ..feel.values import Value
from .code import ANY, COUNTED, DATE, NULL, PLAIN, Cannot, Code, Program, kind_of_type, program, value_of
from .expressions import Writer
from .inputs import read
from .runtime import Interpreter
from .tables import table_code

Reader = Callable[[Any, Value], Value]
Answer = tuple[dict[str, Value], Interpreter | None, dict[Key, Value] | None]
"""The decisions' values, the interpreter where it was needed, and the inputs' values where they were asked for."""
Quick = Callable[[Mapping[str, Any], Value, Limits | None, bool], Answer | None]
MOST_DECISIONS = 300
"""A plan of more decisions has no quick way: it would be compiled for too long."""


@dataclass(frozen=True, slots=True)
class _Known:
    """An input or a decision already computed: its code, the text of its FEEL value, and when it is of its kind."""

    code: Code
    value: str
    plain: str
    sure: bool
    """It is of its kind wherever nothing so far was unusual."""


def quick_way(
    plan: Sequence[tuple[str, Logic]], inputs: Sequence[tuple[str, Key, Type | None, Reader]]
) -> Quick | None:
    """The quick way through the plan; None when there is hardly anything that it could do."""
    if len(plan) > MOST_DECISIONS:
        return None
    made = program()
    known: dict[Key, _Known] = {}
    lines = ["get = given.get", "ok = True", "absent = False", "s = None"]
    for name, key, kind, reader in inputs:
        given = read(made, name, kind, reader)
        lines += given.lines
        known[key] = _Known(given.code, given.value, given.plain, given.code.kind != ANY)
    names = made.constant(frozenset(name for name, *_ in inputs))
    lines.append(f"if (absent or len(given) != {len(inputs)}) and not {names}.issuperset(given): return None")
    results: list[str] = []
    written = 0
    for name, logic in plan:
        found, more, well = _decision(made, name, logic, known)
        known[logic.key] = found
        lines += more
        written += well
        results.append(f"{made.constant(name)}: {found.value}")
    if not written:
        return None
    values = ", ".join(f"{made.constant(key)}: {known[key].value}" for _, key, *_ in inputs)
    lines.append(f"return {{{', '.join(results)}}}, s, {{{values}}} if whole else None")
    body = "\n".join(f"    {line}" for line in lines)
    try:
        code = compile(f"def quick(given, missing, limits, whole=False):\n{body}\n", "<wotu.rulebook.quick>", "exec")
    except (SyntaxError, RecursionError, MemoryError):  # deeper than Python reads
        return None
    exec(code, made.names)  # text from code.py and its neighbours alone, never an author's
    quick: Quick = made.names["quick"]
    return quick


def _decision(made: Program, name: str, logic: Logic, known: Mapping[Key, _Known]) -> tuple[_Known, list[str], bool]:
    """How a decision is known afterwards, the lines that compute it, and whether they do so without the interpreter."""
    value = made.fresh("d")
    title, whole = made.constant(name), made.constant(logic)
    needs = {path: known[key] for path, (_, key) in logic.needs.items() if key in known}
    frame = ", ".join(f"{made.constant(key)}: {known[key].value}" for _, key in logic.needs.values() if key in known)
    interpreter = "if s is None: s = Interpreter(limits)"
    ask = f"{value} = s.decide({whole}, {title}, {{{frame}}})"
    names = {path[0]: found for path, found in needs.items() if len(path) == 1}
    writer = Writer(
        made,
        {local: found.code for local, found in names.items()},
        {local: function for local, function in logic.constants.items() if local not in names},
        table_code(logic.table) if logic.table is not None else None,
    )
    try:
        code = writer.write(logic.whole)
    except Cannot:
        found, more = _known(value, Code(value, ANY, True), logic)
        return found, ["ok = False", interpreter, ask, *more], False
    found, more = _known(value, code, logic)
    counted = code.kind in COUNTED
    attempt = [f"{value}n = {code.text}" if counted else f"{value} = {code.text}"]
    if counted:
        attempt.append(f"{value} = {value_of(replace(code, text=f'{value}n'))}")
    if writer.calls:
        attempt.append(f"s.own({title})")
    tried = ["try:", *_in(attempt), "except UNUSUAL: pass"]
    guard = _guard([names[local] for local in sorted(writer.used) if local in names])
    lines = [f"if {guard}:", *_in(tried)] if guard else tried
    before = [f"{value} = MISSING", *([interpreter, "mark = s.mark()"] if writer.calls else [])]
    after = [interpreter, *(["s.back(mark)"] if writer.calls else []), ask]
    long_way = ["ok = False", *after, *(more if counted else [])]
    return found, [*before, *lines, f"if {value} is MISSING:", *_in(long_way), *([] if counted else more)], True


def _known(value: str, code: Code, logic: Logic) -> tuple[_Known, list[str]]:
    """How a decision is known to later ones, and the lines for its number where it is a date or duration."""
    kind, sure = code.kind, not code.null
    if kind in (ANY, NULL):
        kind, sure = kind_of_type(logic.kind), False
    if kind in COUNTED:
        python, number = COUNTED[kind]
        python = "Date" if kind == DATE else python
        line = f"{value}n = number_or_none({value}, {python}, {number})"
        return _Known(Code(f"{value}n", kind, False, True, True), value, f"{value}n is not None", sure), [line]
    if kind in PLAIN:
        return _Known(Code(value, kind, False, True, True), value, f"type({value}) is {PLAIN[kind]}", sure), []
    return _Known(Code(value, ANY, True, True, True), value, "", False), []


def _guard(used: Sequence[_Known]) -> str:
    """The text of whether a decision's names are all of their kinds; empty when that goes without saying."""
    usual = [item.plain for item in used if item.sure and item.plain]
    others = [item.plain for item in used if not item.sure and item.plain]
    parts = [f"(ok or ({' and '.join(usual)}))", *others] if usual else others
    return " and ".join(parts)


def _in(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]
