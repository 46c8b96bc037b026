"""The diagram: the author's layout where there is one, else layers with few crossings; every element and requirement drawn."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from lxml import etree

from wotu.rulebook.dmn import model as m
from wotu.rulebook.dmn.kept import DMNDI
from wotu.rulebook.dmn.reader import read
from wotu.rulebook.dmn.writer import write
from wotu.rulebook.formats.diagram import svg
from wotu.rulebook.formats.drawing import Drawing, dmndi, draw, text_width, wrap
from wotu.rulebook.formats.layout import Size, place

RULES = sorted((Path(__file__).parents[3] / "wotu/policy/rules").glob("*.dmn"))
SVG = "{http://www.w3.org/2000/svg}"


def bare(file: Path) -> m.Definitions:
    """The rule without its author's layout."""
    return replace(read(file.read_bytes(), file.name), others=())


def overlaps(drawing: Drawing) -> list[tuple[str, str]]:
    return [
        (a.id, b.id)
        for a, b in combinations(drawing.shapes, 2)
        if a.box.x < b.box.x + b.box.width
        and b.box.x < a.box.x + a.box.width
        and a.box.y < b.box.y + b.box.height
        and b.box.y < a.box.y + a.box.height
    ]


@pytest.mark.parametrize("file", RULES, ids=lambda file: file.stem)
def test_a_rule_without_a_layout_is_laid_out(file: Path) -> None:
    model = bare(file)
    drawing = draw(model)
    assert {shape.id for shape in drawing.shapes} == {node.id for node in model.nodes()}
    needs = [
        reference.requirement.id
        for node in (*model.decisions, *model.knowledge_models, *model.sources)
        for reference in (*getattr(node, "information", ()), *getattr(node, "knowledge", ()), *node.authority)
    ]
    assert sorted(line.id for line in drawing.lines) == sorted(needs)
    assert overlaps(drawing) == []
    boxes = {shape.id: shape for shape in drawing.shapes}
    for shape in drawing.shapes:
        assert all(text_width(line, shape.font) <= shape.box.width for line in shape.lines), shape.lines
        assert shape.box.x > 0
        assert shape.box.x + shape.box.width < drawing.width
    # What a decision needs stands left of it.
    for decision in model.decisions:
        for reference in decision.information:
            needed = boxes[reference.id].box
            assert needed.x + needed.width < boxes[decision.id].box.x


def test_what_can_be_drawn_without_a_crossing_is() -> None:
    sizes = {name: Size(100, 40) for name in "abcdefghi"}
    lines = [("a", "h"), ("b", "g"), ("c", "i"), ("d", "g"), ("e", "h"), ("f", "i"), ("a", "g"), ("c", "h")]
    boxes, _ = place(sizes, lines)
    drawn = [(boxes[a].y, boxes[b].y) for a, b in lines]
    assert not any((a - c) * (b - d) < 0 for (a, b), (c, d) in combinations(drawn, 2))


def test_circles_and_lonely_boxes_are_drawn_too() -> None:
    boxes, _ = place({name: Size(50, 20) for name in "abc"}, [("a", "b"), ("b", "a"), ("a", "a")])
    assert len({(box.x, box.y) for box in boxes.values()}) == 3


@pytest.mark.parametrize("file", RULES, ids=lambda file: file.stem)
def test_the_authors_layout_is_used(file: Path) -> None:
    model = read(file.read_bytes(), file.name)
    drawn = {shape.id: shape.box for shape in draw(model).shapes}
    bounds = {
        shape.attributes["dmnElementRef"]: shape.children[0].attributes
        for shape in model.others[0].children[0].children
        if shape.tag == f"{{{DMNDI}}}DMNShape"
    }
    assert set(drawn) == set(bounds)
    dx = {round(drawn[id].x - float(box["x"]), 3) for id, box in bounds.items()}
    dy = {round(drawn[id].y - float(box["y"]), 3) for id, box in bounds.items()}
    assert (len(dx), len(dy)) == (1, 1)


@pytest.mark.parametrize("file", RULES[:2], ids=lambda file: file.stem)
def test_the_svg_is_well_formed_and_says_every_name(file: Path) -> None:
    for model in (bare(file), read(file.read_bytes(), file.name)):
        root = etree.fromstring(svg(model).encode())
        assert root.tag == f"{SVG}svg"
        assert not list(root.iter(f"{SVG}script"))
        for item in (*model.inputs, *model.decisions):
            group = root.find(f".//{SVG}g[@data-id='{item.id}']")
            assert group is not None
            said = "".join(each.text or "" for each in group.iter(f"{SVG}text"))
            assert said.replace(" ", "") == item.name.replace(" ", "")


def test_names_are_escaped() -> None:
    item = m.InputData(id="i<", name="<script>&\"'", variable=m.Variable(name="x"))
    root = etree.fromstring(svg(m.Definitions(name="a<b", namespace="urn:x", inputs=(item,))).encode())
    assert "<script>&\"'" in "".join(root.itertext())


def test_a_layout_made_here_is_dmns_own(shared: Path) -> None:
    model = bare(RULES[-1])
    written = write(replace(model, others=(dmndi(model),)))
    etree.XMLSchema(etree.parse(str(shared / "tck/DMN15.xsd"))).assertValid(etree.fromstring(written))
    again = draw(read(written, "x.dmn"))
    assert [(shape.id, shape.box) for shape in again.shapes] == [(shape.id, shape.box) for shape in draw(model).shapes]


def test_every_diagram_of_the_kit_is_drawn(shared: Path) -> None:
    for file in sorted((shared / "tck").rglob("*.dmn")):
        model = read(file.read_bytes(), file.name)
        etree.fromstring(svg(model).encode())
        assert overlaps(draw(replace(model, others=()))) == []


def test_words_are_wrapped_by_width_and_never_before_a_closing_sign() -> None:
    assert wrap("近三年研发费用", 200) == ["近三年研发费用"]
    assert wrap("国科发火〔2016〕32号（第十一条）", 120) == ["国科发火〔2016〕", "32号（第十一条）"]
    assert wrap("Credit contingency factor table", 130) == ["Credit", "contingency", "factor table"] or all(
        text_width(line) <= 130 for line in wrap("Credit contingency factor table", 130)
    )
    assert all(text_width(line) <= 130 for line in wrap("x" * 90, 100))
    assert wrap("", 100) == [""]
