"""The JSON schema of a rule is valid, says what the rule says of its inputs, and its own examples conform to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from wotu.rulebook import Rulebook
from wotu.rulebook.documents import write_json
from wotu.rulebook.examples import read_examples
from wotu.rulebook.formats.schema import schema

RULES = sorted((Path(__file__).parents[3] / "wotu/policy/rules").glob("*.dmn"))
MODEL = """<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" namespace="urn:m">
<itemDefinition name="t"><typeRef>{kind}</typeRef><allowedValues><text>{allowed}</text></allowedValues></itemDefinition>
<inputData id="i" name="x"><variable name="x" typeRef="t"/></inputData>
<decision id="d" name="y"><variable name="y" typeRef="number"/><informationRequirement><requiredInput href="#i"/>
</informationRequirement><literalExpression><text>1</text></literalExpression></decision></definitions>"""


def plain(value: Any) -> Any:
    return json.loads(write_json(value))


def of(kind: str, allowed: str) -> Any:
    """What is said of an input of that type."""
    text = allowed.replace("<", "&lt;")
    made = schema(Rulebook.from_bytes(MODEL.format(kind=kind, allowed=text).encode()))
    return plain(made)["$defs"]["inputs"]["properties"]["x"]


@pytest.mark.parametrize("file", RULES, ids=lambda file: file.stem)
def test_a_shipped_rules_examples_conform(file: Path) -> None:
    made = plain(schema(Rulebook.load(file)))
    jsonschema_rs.meta.validate(made)
    check = jsonschema_rs.validator_for(made, validate_formats=True)
    for example in read_examples(file.with_suffix(".examples.yaml")):
        check.validate(plain({"inputs": dict(example.inputs), "outputs": dict(example.expected)}))


def test_what_does_not_conform_is_refused() -> None:
    check = jsonschema_rs.validator_for(plain(schema(Rulebook.load(RULES[-1]))), validate_formats=True)
    for inputs in (
        {"职工总数": -1},
        {"职工总数": "十"},
        {"职工人数": 10},
        {"成立日期": "去年"},
        {"创新能力得分": 100.5},
    ):
        assert not check.is_valid({"inputs": inputs}), inputs


def test_an_input_is_described() -> None:
    made = plain(schema(Rulebook.load(next(file for file in RULES if file.stem == "高新技术企业认定"))))
    said = made["$defs"]["inputs"]["properties"]
    assert said["职工总数"] == {
        "type": ["number", "null"],
        "minimum": 0,
        "description": "在职人员加全年累计工作 183 天以上的兼职、临时聘用人员，按全年月平均数",
        "x-unit": "人",
        "x-period": "最近一年",
        "x-en": "Total staff",
    }
    assert said["技术领域"]["examples"][:2] == ["电子信息", "生物与新医药"]
    assert made["$defs"]["outputs"]["properties"]["符合"]["x-role"] == "eligible"


@pytest.mark.parametrize(
    ("kind", "allowed", "said"),
    [
        ("number", "(0..100]", {"type": ["number", "null"], "exclusiveMinimum": 0, "maximum": 100}),
        ("number", "1, 2", {"type": ["number", "null"], "enum": [1, 2, None]}),
        ("string", '"甲", "乙"', {"type": ["string", "null"], "enum": ["甲", "乙", None]}),
        (
            "date",
            '>= date("2024-01-01")',
            {"type": ["string", "null"], "format": "date", "x-allowed": '>= date("2024-01-01")'},
        ),
        ("number", "not(0)", {"type": ["number", "null"], "x-allowed": "not(0)"}),
    ],
)
def test_allowed_values_are_said_where_json_schema_can(kind: str, allowed: str, said: Any) -> None:
    assert of(kind, allowed) == said


def test_ranges_apart_are_alternatives() -> None:
    assert of("number", "< 0, 5, [10..20]")["anyOf"] == [
        {"const": 5},
        {"type": "number", "exclusiveMaximum": 0},
        {"type": "number", "minimum": 10, "maximum": 20},
        {"type": "null"},
    ]
