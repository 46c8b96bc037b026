"""The requirements graph as boxes and lines: as the author laid it out (DMNDI), or laid out here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..dmn import model as m
from ..dmn.kept import DC, DI, DMNDI, MODEL
from ..infos import said_of
from .layout import MARGIN, Box, Size, place
from .names import has

FONT = 14.0
LINE = 1.35
WIDEST = 190.0
NARROWEST = 120.0
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Shape:
    """A box with its words; `kind` is input, decision, knowledge model, service, source, annotation or group."""

    id: str
    kind: str
    role: str
    box: Box
    lines: tuple[str, ...]
    font: float
    title: str = ""
    divider: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A requirement: information, knowledge or authority; or an association."""

    id: str
    kind: str
    points: tuple[Point, ...]
    curved: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole diagram."""

    name: str
    width: float
    height: float
    shapes: tuple[Shape, ...] = ()
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class _Node:
    id: str
    kind: str
    role: str
    label: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class _Need:
    id: str
    kind: str
    source: str
    target: str


@dataclass(slots=True)
class _Graph:
    nodes: dict[str, _Node] = field(default_factory=dict)
    needs: list[_Need] = field(default_factory=list)


def draw(model: m.Definitions) -> Drawing:
    """The diagram: the author's first one where there is one, else laid out here."""
    graph = _graph(model)
    for diagram in _diagrams(model):
        found = _as_drawn(model, diagram, graph)
        if found.shapes:
            return found
    return _laid_out(model, graph)


def dmndi(model: m.Definitions) -> m.Extension:
    """A layout made here, as DMN writes it."""
    drawing = _laid_out(model, _graph(model))
    parts: list[m.Extension] = []
    for shape in drawing.shapes:
        box = shape.box
        bounds = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
        inner = m.Extension(f"{{{DC}}}Bounds", {key: _number(value) for key, value in bounds.items()})
        parts.append(_ui("DMNShape", {"id": f"shape_{shape.id}", "dmnElementRef": shape.id}, (inner,)))
    for line in drawing.lines:
        points = tuple(m.Extension(f"{{{DI}}}waypoint", {"x": _number(x), "y": _number(y)}) for x, y in line.points)
        parts.append(_ui("DMNEdge", {"id": f"edge_{line.id}", "dmnElementRef": line.id}, points))
    own = {"id": f"diagram_{model.id or 'model'}", "name": model.name}
    return _ui("DMNDI", {}, (_ui("DMNDiagram", own, tuple(parts)),))


def _ui(name: str, attributes: Mapping[str, str], children: tuple[m.Extension, ...]) -> m.Extension:
    return m.Extension(f"{{{DMNDI}}}{name}", attributes, children=children)


def _number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


# --- what there is to draw ------------------------------------------------------------------------------------------


def _graph(model: m.Definitions) -> _Graph:
    graph = _Graph()
    for given in model.inputs:
        definition = said_of(given, "input").get("definition", "") or given.description
        graph.nodes[given.id] = _Node(given.id, "input", "", given.name, definition)
    for decision in model.decisions:
        role = next((each for each in ("clause", "eligible", "outcome", "part") if has(decision, each)), "")
        requires = said_of(decision, role).get("requires", "")
        graph.nodes[decision.id] = _Node(decision.id, "decision", role, decision.name, requires)
    for shared in model.knowledge_models:
        graph.nodes[shared.id] = _Node(shared.id, "knowledge model", "", shared.name, shared.description)
    for service in model.services:
        graph.nodes[service.id] = _Node(service.id, "service", "", service.name, service.description)
    for source in model.sources:
        graph.nodes[source.id] = _Node(source.id, "source", "", _short(source), source.name)
    imports = {item.namespace: item.name for item in model.imports}
    for node in model.nodes():
        groups: tuple[tuple[str, tuple[m.Reference, ...]], ...] = (
            ("information", getattr(node, "information", ())),
            ("knowledge", getattr(node, "knowledge", ())),
            ("authority", getattr(node, "authority", ())),
        )
        for kind, references in groups:
            for number, reference in enumerate(references, 1):
                needed = reference.id
                if reference.namespace and reference.namespace != model.namespace:
                    needed = f"{reference.namespace}#{reference.id}"
                    label = f"{imports.get(reference.namespace) or '引用'}：{reference.id}"
                    graph.nodes.setdefault(needed, _Node(needed, "decision", "imported", label, needed))
                if needed in graph.nodes:
                    id = reference.requirement.id or f"{node.id}_{kind}_{number}"
                    graph.needs.append(_Need(id, kind, needed, node.id))
    return graph


def _short(source: m.KnowledgeSource) -> str:
    """A source as a box can hold it: number and article rather than the whole title."""
    own = said_of(source, "source")
    words = (own.get("number", ""), own.get("article", ""))
    return "\n".join(filter(None, words)) or source.name


# --- laid out here --------------------------------------------------------------------------------------------------


def _laid_out(model: m.Definitions, graph: _Graph) -> Drawing:
    words = {node.id: wrap(node.label, WIDEST - 24) for node in graph.nodes.values()}
    first: dict[str, str] = {}
    for need in graph.needs:
        if need.kind == "authority" and graph.nodes[need.source].kind == "source":
            first.setdefault(need.source, need.target)
    sizes = {}
    for node in graph.nodes.values():
        count = len(words[node.id])
        wide = max((text_width(line) for line in words[node.id]), default=0.0)
        rounding = 14 if node.kind in ("input", "source") else 0
        width = max(NARROWEST, min(WIDEST, wide + 28) + rounding)
        height = max(40.0, count * FONT * LINE + 18) + (8 if node.kind == "source" else 0)
        under = first.get(node.id) if node.kind == "source" else None
        if under is not None and graph.nodes[under].kind == "source":
            under = None
        late = node.kind in ("knowledge model", "source", "service")
        sizes[node.id] = Size(round(width), round(height), under, late)
    boxes, ways = place(sizes, [(need.source, need.target) for need in graph.needs])
    lines = tuple(
        Line(
            need.id, need.kind, _way(boxes[need.source], boxes[need.target], ways.get((need.source, need.target))), True
        )
        for need in graph.needs
    )
    shapes = tuple(
        Shape(node.id, node.kind, node.role, boxes[node.id], tuple(words[node.id]), FONT, node.title)
        for node in graph.nodes.values()
    )
    return _sized(model.name, shapes, lines)


def _way(a: Box, b: Box, passed: list[Point] | None) -> tuple[Point, ...]:
    """From the right of one box to the left of another; up or down where they stand in one column."""
    if a.x + a.width <= b.x:
        start, end = (a.x + a.width, a.middle[1]), (b.x, b.middle[1])
        return (start, *(passed or ()), end)
    if b.x + b.width <= a.x:
        return (a.x, a.middle[1]), (b.x + b.width, b.middle[1])
    if a.y >= b.y + b.height and a.y - b.y - b.height < 40:
        return (a.middle[0], a.y), (b.middle[0], b.y + b.height)
    # Another box of the same column may stand between: round it at the left.
    left = min(a.x, b.x) - 26
    return (a.x, a.middle[1]), (left, (a.middle[1] + b.middle[1]) / 2), (b.x, b.middle[1])


# --- as the author laid it out --------------------------------------------------------------------------------------


def _diagrams(model: m.Definitions) -> Iterator[m.Extension]:
    for other in model.others:
        if other.tag == f"{{{DMNDI}}}DMNDI":
            yield from (each for each in other.children if each.tag == f"{{{DMNDI}}}DMNDiagram")


def _as_drawn(model: m.Definitions, diagram: m.Extension, graph: _Graph) -> Drawing:
    kinds = {need.id: need.kind for need in graph.needs}
    others = {each.attributes["id"]: each for each in model.others if "id" in each.attributes}
    shapes: list[Shape] = []
    lines: list[Line] = []
    for part in diagram.children:
        target = part.attributes.get("dmnElementRef", "").rpartition(":")[2]
        bounds = next((each for each in part.children if each.tag == f"{{{DC}}}Bounds"), None)
        if part.tag == f"{{{DMNDI}}}DMNShape" and bounds is not None:
            node = graph.nodes.get(target) or _other(target, others.get(target))
            if node is not None:
                shapes.append(_fitted(node, Box(*(_float(bounds, key) for key in ("x", "y", "width", "height"))), part))
        elif part.tag == f"{{{DMNDI}}}DMNEdge":
            points = tuple(_points(part))
            if len(points) > 1:
                lines.append(Line(target, kinds.get(target, "association"), points))
    order = {"group": 0, "service": 1}
    shapes.sort(key=lambda shape: order.get(shape.kind, 2))
    return _sized(diagram.attributes.get("name") or model.name, tuple(shapes), tuple(lines))


def _other(id: str, element: m.Extension | None) -> _Node | None:
    """An annotation or a group."""
    if element is None:
        return None
    kind = {f"{{{MODEL}}}textAnnotation": "annotation", f"{{{MODEL}}}group": "group"}.get(element.tag)
    text = next((each.text for each in element.children if each.tag == f"{{{MODEL}}}text"), "")
    return _Node(id, kind, "", text or element.attributes.get("name", "")) if kind else None


def _points(part: m.Extension) -> Iterator[Point]:
    for each in part.children:
        if each.tag == f"{{{DI}}}waypoint":
            yield _float(each, "x"), _float(each, "y")


def _float(element: m.Extension, key: str) -> float:
    text = element.attributes.get(key, "0")
    return float(text) if re.fullmatch(r"-?\d{1,7}(\.\d*)?(e-?\d{1,2})?", text, re.IGNORECASE) else 0.0


def _fitted(node: _Node, box: Box, part: m.Extension) -> Shape:
    """The words as large as the box allows, down to a size that can still be read; the rest is cut."""
    divider = next((each for each in part.children if each.tag == f"{{{DMNDI}}}DMNDecisionServiceDividerLine"), None)
    font, lines = FONT, [""]
    room = box.height - (18 if node.kind == "source" else 8)
    for font in (14.0, 13.0, 12.0, 11.0, 10.0):
        lines = wrap(node.label, max(20.0, (box.width - (28 if node.kind == "input" else 14)) * FONT / font))
        if len(lines) * font * LINE <= room:
            break
    else:
        fit = max(1, int(room / (font * LINE)))
        if len(lines) > fit:
            lines = [*lines[: fit - 1], lines[fit - 1][:-1] + "…"]
    points = tuple(_points(divider)) if divider is not None else ()
    return Shape(node.id, node.kind, node.role, box, tuple(lines), font, node.title, points)


def _sized(name: str, shapes: tuple[Shape, ...], lines: tuple[Line, ...]) -> Drawing:
    """The drawing moved so that its corner is at the margin, and as large as it is."""
    xs = [x for line in lines for x, _ in line.points] + [shape.box.x for shape in shapes]
    ys = [y for line in lines for _, y in line.points] + [shape.box.y for shape in shapes]
    if not xs:
        return Drawing(name, 2 * MARGIN, 2 * MARGIN, shapes, lines)
    dx, dy = MARGIN - min(xs), MARGIN - min(ys)
    moved = tuple(
        Shape(
            shape.id,
            shape.kind,
            shape.role,
            Box(shape.box.x + dx, shape.box.y + dy, shape.box.width, shape.box.height),
            shape.lines,
            shape.font,
            shape.title,
            tuple((x + dx, y + dy) for x, y in shape.divider),
        )
        for shape in shapes
    )
    drawn = tuple(
        Line(line.id, line.kind, tuple((x + dx, y + dy) for x, y in line.points), line.curved) for line in lines
    )
    right = max([x + dx for x in xs] + [shape.box.x + shape.box.width for shape in moved])
    low = max([y + dy for y in ys] + [shape.box.y + shape.box.height for shape in moved])
    return Drawing(name, round(right + MARGIN), round(low + MARGIN), moved, drawn)


# --- words ----------------------------------------------------------------------------------------------------------


def text_width(text: str, font: float = FONT) -> float:
    """About how wide the text is: Chinese as wide as high, Latin a bit more than half."""
    return sum(font if unicodedata.east_asian_width(sign) in "WFA" else font * 0.56 for sign in text)


_NOT_FIRST = "，。、；：？！）》〉】」』〕”’%,.;:?!)]}"
_NOT_LAST = "（《〈【「『〔“‘([{"


def wrap(text: str, width: float) -> list[str]:
    """The text in as few lines of at most that width, about equally long."""
    lines = [line for paragraph in text.split("\n") for line in _even(paragraph, width)]
    return lines or [""]


def _even(text: str, width: float) -> list[str]:
    lines = _broken(text, width)
    if len(lines) > 1:
        narrow = text_width(text) / len(lines)
        while narrow < width:
            found = _broken(text, narrow)
            if len(found) == len(lines) and all(text_width(line) <= width for line in found):
                return found
            narrow += FONT / 2
    return lines


def _broken(text: str, width: float) -> list[str]:
    """Broken between Chinese signs or at blanks, never before a closing sign; a longer word is cut."""
    lines: list[str] = []
    line = ""
    for piece in re.findall(r"[!-~\u00c0-\u024f]+|\s+|.", text):
        if line and text_width(line + piece.rstrip()) > width and piece[0] not in _NOT_FIRST:
            carried = ""
            while line and line[-1] in _NOT_LAST:
                line, carried = line[:-1], line[-1] + carried
            lines.append(line.rstrip())
            line = carried + piece.lstrip()
        else:
            line += piece
        while text_width(line) > width * 1.3:
            cut = max(1, int(len(line) * width / text_width(line)))
            lines.append(line[:cut])
            line = line[cut:]
    lines.append(line.rstrip())
    return [line for line in lines if line]
