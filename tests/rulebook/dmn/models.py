"""Small models for tests, written as little XML as DMN allows."""

from __future__ import annotations

MODEL = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def definitions(body: str, name: str = "试", namespace: str = "urn:test") -> bytes:
    """A whole document around the body."""
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<definitions xmlns="{MODEL}" xmlns:wotu="https://wotu.dev/dmn/1"'
    return f'{head} name="{name}" namespace="{namespace}">\n{body}\n</definitions>'.encode()


def given(name: str, kind: str = "number") -> str:
    """An input."""
    return f'<inputData id="in_{name}" name="{name}"><variable name="{name}" typeRef="{kind}"/></inputData>'


def decided(name: str, logic: str, needs: str = "", kind: str = "") -> str:
    """A decision whose logic is FEEL text, or a boxed expression; needs are ids, `in_…` or `d_…` or `f_…`."""
    box = logic if logic.startswith("<") else f"<literalExpression><text><![CDATA[{logic}]]></text></literalExpression>"
    variable = f'<variable name="{name}"' + (f' typeRef="{kind}"' if kind else "") + "/>"
    return f'<decision id="d_{name}" name="{name}">{variable}{"".join(map(need, needs.split()))}{box}</decision>'


def need(id: str) -> str:
    """A requirement of an element by its id."""
    if id.startswith("f_"):
        return f'<knowledgeRequirement><requiredKnowledge href="#{id}"/></knowledgeRequirement>'
    kind = "requiredInput" if id.startswith("in_") else "requiredDecision"
    return f'<informationRequirement><{kind} href="#{id}"/></informationRequirement>'
