"""FEEL (DMN 1.5, level 3): text -> tree -> closure -> value.

    scope = Scope({"年收入": NUMBER, "applicant": ContextOf((("first name", STRING),))}, types={"tLoan": …})
    node = parse("年收入 * 0.1 > 100", scope)                     # FeelSyntaxError (a RulebookError) with a caret
    run = Run(limits=Limits(), diagnostics=[])                    # diagnostics=None: nothing is collected, nothing is paid
    value = compile_expression(node, scope)(Env({"年收入": Decimal(5000)}, run=run))

    tests = parse("[18..60], > 100, not relevant", scope, kind="unary tests")
    holds = compile_tests(tests, scope)(env, value)               # True | False | None | Unknown (of those)

- `Scope(names, types=…, parent=…)`: names with their types (None: not known), and named item definitions for `instance of`.
- `Env(values, parent=None, run=run)`: the same shape at run time; look-up walks from inner to outer by compiled distance,
  so nest Envs exactly as the Scopes given to parse and compile are nested.
- A failed evaluation is null, with a `Diagnostic(node, why)` in `run.diagnostics` when that is a list.
- Going over a limit (steps, depth, sizes) raises `LimitError` (a RulebookError).
- `call_function(function, run, arguments)` calls a FEEL Function; `make_function(name, parameters, body, env, types, result)`
  makes one; `coerce(value, type)` converts as a typed variable does (FeelError: does not conform).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazily import lazily

if TYPE_CHECKING:
    from .builtins import BUILTINS
    from .calls import call_function, call_named
    from .compile import compile_expression, compile_tests, contains, make_function, resolve_type
    from .conform import coerce, is_instance
    from .java import external_function
    from .parser import FeelSyntaxError, parse, parse_type
    from .run import DepthError, Diagnostic, Env, LimitError, Limits, Run, Scope
    from .text import text_of
    from .unknown import (
        UNKNOWN,
        Choices,
        Interval,
        Sublist,
        Unknown,
        choices,
        has_unknown,
        join,
        possible_values,
        truths,
    )
    from .values import (
        MATH,
        Date,
        DateTime,
        DaysDuration,
        FeelError,
        Function,
        Range,
        Time,
        Value,
        YearsDuration,
        Zone,
    )
else:
    __getattr__ = lazily(
        __name__,
        {
            "builtins": "BUILTINS",
            "calls": "call_function call_named",
            "compile": "compile_expression compile_tests contains make_function resolve_type",
            "conform": "coerce is_instance",
            "java": "external_function",
            "parser": "FeelSyntaxError parse parse_type",
            "run": "DepthError Diagnostic Env LimitError Limits Run Scope",
            "text": "text_of",
            "unknown": "UNKNOWN Choices Interval Sublist Unknown choices has_unknown join possible_values truths",
            "values": "MATH Date DateTime DaysDuration FeelError Function Range Time Value YearsDuration Zone",
        },
    )

__all__ = [
    "BUILTINS",
    "MATH",
    "UNKNOWN",
    "Choices",
    "Date",
    "DateTime",
    "DaysDuration",
    "DepthError",
    "Diagnostic",
    "Env",
    "FeelError",
    "FeelSyntaxError",
    "Function",
    "Interval",
    "LimitError",
    "Limits",
    "Range",
    "Run",
    "Scope",
    "Sublist",
    "Time",
    "Unknown",
    "Value",
    "YearsDuration",
    "Zone",
    "call_function",
    "call_named",
    "choices",
    "coerce",
    "compile_expression",
    "compile_tests",
    "contains",
    "external_function",
    "has_unknown",
    "is_instance",
    "join",
    "make_function",
    "parse",
    "parse_type",
    "possible_values",
    "resolve_type",
    "text_of",
    "truths",
]
