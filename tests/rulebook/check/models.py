"""Small models written out: inputs with their types, decisions as expressions or tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from wotu.rulebook import Finding, Rulebook
from wotu.rulebook.check import check

DMN = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def book(inputs: Mapping[str, str], *decisions: str, rule: bool = False, name: str = "规则") -> Rulebook:
    """A rulebook; an input's type reads `number`, or `number: >= 0` with its allowed values, or `number 元` with a unit."""
    parts = [f'<definitions xmlns="{DMN}" xmlns:wotu="https://wotu.dev/dmn/1" id="m" name="{name}" namespace="urn:m">']
    if rule:
        parts.append('<extensionElements><wotu:rule name="规则" edition="1"/></extensionElements>')
    for place, (title, kind) in enumerate(inputs.items()):
        kind, _, allowed = kind.partition(": ")
        kind, _, unit = kind.partition(" 单位")
        said = f'<extensionElements><wotu:input unit="{unit}"/></extensionElements>' if unit else ""
        reference = kind
        if allowed:
            reference = f"t{place}"
            text = f"<allowedValues><text>{escape(allowed)}</text></allowedValues>"
            parts.append(f'<itemDefinition name="{reference}"><typeRef>{kind}</typeRef>{text}</itemDefinition>')
        variable = f'<variable name={quoteattr(title)} typeRef="{reference}"/>'
        parts.append(f'<inputData id="{title}" name={quoteattr(title)}>{said}{variable}</inputData>')
    return Rulebook.lenient("\n".join([*parts, *decisions, "</definitions>"]).encode(), name=f"{name}.dmn")


def decision(name: str, logic: str, needs: str = "", kind: str = "boolean", says: str = "", cites: str = "") -> str:
    """A decision; `logic` is FEEL or a box; `needs` names inputs, and decisions with a `*` before them."""
    required = "".join(
        f'<informationRequirement><required{"Decision" if need[0] == "*" else "Input"} href="#{need.strip("*")}"/>'
        "</informationRequirement>"
        for need in needs.split()
    )
    if cites:
        required += f'<authorityRequirement><requiredAuthority href="#{cites}"/></authorityRequirement>'
    box = logic if logic.startswith("<") else f"<literalExpression><text>{escape(logic)}</text></literalExpression>"
    said = f"<extensionElements>{says}</extensionElements>" if says else ""
    return f'<decision id="{name}" name="{name}">{said}<variable name="{name}" typeRef="{kind}"/>{required}{box}</decision>'


def table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    policy: str = "UNIQUE",
    default: str = "",
    values: str = "",
    aggregation: str = "",
) -> str:
    """A decision table of one result: the conditions' expressions, and rows of cells with the result last."""
    inputs = "".join(
        f"<input><inputExpression><text>{escape(column)}</text></inputExpression></input>" for column in columns
    )
    listed = f"<outputValues><text>{escape(values)}</text></outputValues>" if values else ""
    usual = f"<defaultOutputEntry><text>{escape(default)}</text></defaultOutputEntry>" if default else ""
    rules = "".join(
        "<rule>"
        + "".join(f"<inputEntry><text>{escape(cell)}</text></inputEntry>" for cell in row[:-1])
        + f"<outputEntry><text>{escape(row[-1])}</text></outputEntry></rule>"
        for row in rows
    )
    sums = f' aggregation="{aggregation}"' if aggregation else ""
    return (
        f'<decisionTable hitPolicy="{policy}"{sums}>{inputs}<output name="结果">{listed}{usual}</output>{rules}'
        "</decisionTable>"
    )


def source(name: str, number: str = "1号", article: str = "第一条") -> str:
    """A knowledge source."""
    said = (
        f'<extensionElements><wotu:source document="办法" number="{number}" article="{article}"/></extensionElements>'
    )
    return f'<knowledgeSource id="{name}" name="{name}" locationURI="https://example.org">{said}</knowledgeSource>'


def told(about: Rulebook, severity: str | None = None) -> list[str]:
    """What is found, as `what`, of one severity or of all."""
    return [finding.what for finding in check(about) if severity in (None, finding.severity)]


def one(about: Rulebook, part: str) -> Finding:
    """The only finding that says so."""
    found = [finding for finding in check(about) if part in finding.what]
    assert len(found) == 1, [str(finding) for finding in check(about)]
    return found[0]
