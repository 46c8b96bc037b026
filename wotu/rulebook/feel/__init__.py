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
- `call_function(function, run, arguments)` calls a FEEL Function; `function_from(name, parameters, body, …)` makes one.
"""
