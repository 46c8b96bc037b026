"""A model written is the model read: nothing of a document is lost, and what is written is valid DMN 1.5."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from wotu.rulebook import Rulebook, RulebookError
from wotu.rulebook.dmn import model as m
from wotu.rulebook.dmn.reader import read
from wotu.rulebook.dmn.writer import write

RULES = sorted((Path(__file__).parents[3] / "wotu/policy/rules").glob("*.dmn"))
NEW = "https://www.omg.org/spec/DMN/20230324/"
OLD = (
    "http://www.omg.org/spec/DMN/20180521/",
    "https://www.omg.org/spec/DMN/20191111/",
    NEW.replace("230324", "211108"),
)
BARE = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" namespace="urn:m" {}>{}</definitions>'
)


@pytest.fixture(scope="session")
def schema(shared: Path) -> etree.XMLSchema:
    """DMN 1.5's own schema."""
    return etree.XMLSchema(etree.parse(str(shared / "tck/DMN15.xsd")))


def again(model: m.Definitions) -> m.Definitions:
    return read(write(model), model.file)


@pytest.mark.parametrize("file", RULES, ids=lambda file: file.stem)
def test_a_shipped_rule_is_written_byte_for_byte(file: Path) -> None:
    assert write(read(file.read_bytes(), file.name)).decode() == file.read_text()


def test_every_model_of_the_kit_is_written_whole_and_valid(shared: Path, schema: etree.XMLSchema) -> None:
    files = [*RULES, *sorted((shared / "tck").rglob("*.dmn"))]
    assert len(files) > 150
    wrong = []
    for file in files:
        model = read(file.read_bytes(), file.name)
        written = write(model)
        if read(written, file.name) != model or write(again(model)) != written:
            wrong.append(f"{file.name} is not the same again")
        if not schema.validate(etree.fromstring(written)):
            wrong.append(f"{file.name}: {schema.error_log[0].message}")
    assert wrong == []


def test_nothing_of_the_kit_is_lost(shared: Path) -> None:
    def said(element: etree._Element) -> list[str]:
        """Every element with its attributes and text, but for what says nothing."""
        defaults = {("hitPolicy", "UNIQUE"), ("kind", "FEEL"), ("isCollection", "false"), ("locationURI", "")}
        return sorted(
            f"{each.tag} {sorted(pair for pair in each.attrib.items() if pair not in defaults)} {(each.text or '').strip()}"
            for each in element.iter(etree.Element)
            if len(each) or each.attrib or (each.text or "").strip()
        )

    for file in sorted((shared / "tck").rglob("*.dmn")):
        before = etree.fromstring(file.read_bytes())
        after = etree.fromstring(write(read(file.read_bytes(), file.name)))
        for element in after.iter(f"{{{NEW}MODEL/}}decisionTable"):
            if element.get("hitPolicy") == "UNIQUE":
                del element.attrib["hitPolicy"]
        written = {line.replace("  ", " ") for line in said(after)}
        missing = [line for line in said(before) if line.replace("  ", " ") not in written]
        assert missing == [], file.name


@pytest.mark.parametrize("old", OLD)
def test_an_older_edition_becomes_the_same_model(old: str) -> None:
    file = RULES[0]
    data = file.read_bytes()
    model = read(data.replace(NEW.encode(), old.encode()), file.name)
    assert model == read(data, file.name)
    assert write(model) == write(read(data, file.name))


def test_strangers_elements_and_prefixes_stay() -> None:
    inner = (
        "<description>说明</description><extensionElements>"
        '<q:a xmlns:q="urn:q" q:b="1 &lt; 2&#10;行" plain="&quot;">混 <q:c/> 排 <q:d>x</q:d>\t</q:a>'
        '<bare xmlns="" x="1"> 空 <!-- 注 --> 格 </bare></extensionElements>'
        '<decision id="d" name="d"><decisionMaker href="#boss"/><usingTask href="urn:t#1"/>'
        '<literalExpression><text>\n  a ]]&gt; b &amp; "c"\n</text></literalExpression></decision>'
        '<organizationUnit id="boss" name="局"><decisionMade href="#d"/></organizationUnit>'
    )
    model = read(BARE.format('xmlns:dmndi="urn:not-dmndi" dmndi:mark="x" exporter="e"', inner).encode(), "m.dmn")
    assert again(model) == model
    written = etree.fromstring(write(model))
    mixed = written.find(".//{urn:q}a")
    assert mixed is not None
    assert "".join(mixed.itertext()) == "混  排 x\t"
    assert written.find(".//bare") is not None
    assert (written.get("{urn:not-dmndi}mark"), written.get("exporter")) == ("x", "e")
    assert model.decisions[0].kept[0].attributes == {"href": "#boss"}
    assert model.others[0].tag.endswith("organizationUnit")


def test_a_model_made_by_hand_is_valid(schema: etree.XMLSchema) -> None:
    given = m.InputData(id="i", name="年收入", variable=m.Variable(name="年收入", type_ref="number"))
    table = m.DecisionTable(
        hit_policy="FIRST",
        inputs=(m.InputClause(expression=m.Literal(text="年收入")),),
        outputs=(m.OutputClause(name="档", values=m.UnaryTests(text='"大", "小"')),),
        annotations=("说明",),
        rules=(
            m.TableRule(inputs=(m.UnaryTests(text="> 5"),), outputs=(m.Literal(text='"大"'),), annotations=("五以上",)),
            m.TableRule(inputs=(m.UnaryTests(text="-"),), outputs=(m.Literal(text='"小"'),), annotations=("",)),
        ),
    )
    decided = m.Decision(
        id="d",
        name="规模",
        variable=m.Variable(name="规模", type_ref="string"),
        information=(m.Reference("", "i", kind="requiredInput"),),
        expression=table,
    )
    model = m.Definitions(id="x", name="x", namespace="urn:x", inputs=(given,), decisions=(decided,))
    written = write(model)
    schema.assertValid(etree.fromstring(written))
    assert read(written, "") == model
    assert Rulebook.from_bytes(written).evaluate({"年收入": 3}).values == {"规模": "小"}


def test_a_character_that_xml_cannot_hold_is_refused() -> None:
    with pytest.raises(RulebookError, match="U\\+0001"):
        write(m.Definitions(name="x", namespace="urn:x", description="a\x01b"))
