"""`wotu rules eval`: one FEEL expression, its value and type; for null, why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..documents import write_json
from ..examples import shown
from ..explain.why import why as cause_of
from ..feel import (
    UNKNOWN,
    Diagnostic,
    Env,
    FeelSyntaxError,
    Run,
    Scope,
    Unknown,
    compile_expression,
    parse,
    text_of,
)
from ..feel.known import kind_of
from ..feel.types import ANY, ContextOf, ListOf, Type
from ..findings import Finding
from ..plain import plain, possible
from .arguments import Given
from .given import mapping


def run(given: Given) -> int:
    """Print the value of an expression; null with its reason is an answer too."""
    text = given.words[0]
    context = mapping(given.one("context", "{}"), "--context")
    if given.one("null") == "unknown":
        context = {name: _unknown(value) for name, value in context.items()}
    value, why = answer(text, context)
    if given.has("json"):
        print(write_json(_document(value, why), 2))
    else:
        print(told(value, why))
    return 0


def answer(text: str, context: Mapping[str, Any]) -> tuple[Any, list[Finding]]:
    """The expression's value among these names, and for null, why."""
    scope = Scope({name: _type(value) for name, value in context.items()})
    diagnostics: list[Diagnostic] = []
    tree = parse(text, scope)
    value = compile_expression(tree, scope)(Env(dict(context), run=Run(diagnostics=diagnostics)))
    return value, [_finding(text, each) for each in diagnostics] if value is None else []


def told(value: Any, why: list[Finding]) -> str:
    """The value with its type, and for null the first reason."""
    return "\n".join((_line(value), *(f"原因：{finding}" for finding in why[:1])))


def _unknown(value: Any) -> Any:
    if value is None:
        return UNKNOWN
    if isinstance(value, list):
        return [_unknown(item) for item in value]
    return {key: _unknown(item) for key, item in value.items()} if isinstance(value, dict) else value


def _type(value: Any) -> Type | None:
    """What the parser needs to know: which entries a context has (their names may hold blanks)."""
    if isinstance(value, Mapping):
        return ContextOf(tuple((str(name), _type(item) or ANY) for name, item in value.items()))
    if isinstance(value, list) and value:
        return ListOf(_type(value[0]) or ANY)
    return None


def _finding(text: str, each: Diagnostic) -> Finding:
    return FeelSyntaxError(text, each.node.span[0], each.why).findings[0]


def kind_name(value: Any) -> str:
    """The value's type; unknown for what is not known."""
    return "unknown" if isinstance(value, Unknown) else kind_of(value)


def _line(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, Unknown):
        left = possible(value)
        return f"未知{f'，可能是 {write_json(left)}' if left else ''}"
    try:
        return f"{text_of(value, True)}（{kind_name(value)}）"
    except ValueError:
        return shown(value)


def _document(value: Any, why: list[Finding]) -> dict[str, Any]:
    said: dict[str, Any] = {"value": plain(value), "type": kind_name(value)}
    if isinstance(value, Unknown):
        said["possible"] = possible(value)
    if why:
        said["diagnostics"] = [
            {"where": each.where, "cause": cause_of(each.what, "zh")[0], "why": each.what, "source": each.example}
            for each in why
        ]
    return said
