"""The requirements graph as SVG, in the standard's own shapes: nothing to load, nothing that runs."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import pairwise

from ..dmn import model as m
from .drawing import LINE, Drawing, Line, Point, Shape, draw
from .layout import Box

STYLE = """
.wotu-drd text{font-family:"Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",sans-serif;fill:#1d2a24}
.wotu-drd .shape{fill:#fff;stroke:#3c4d45;stroke-width:1.4}
.wotu-drd .input .shape{fill:#eef4f1}.wotu-drd .source .shape{fill:#faf7ef;stroke:#7a6f52}.wotu-drd .source text{fill:#5a5138}
.wotu-drd .eligible .shape{fill:#dcefe3;stroke:#1f6b43;stroke-width:2.4}.wotu-drd .eligible text{font-weight:600}
.wotu-drd .outcome .shape{fill:#fdf3dc;stroke:#9a6a12}.wotu-drd .part .shape{fill:#f5f6f7}
.wotu-drd .imported .shape{stroke-dasharray:2 3}.wotu-drd .service .shape{stroke-width:2.6;fill-opacity:.6}
.wotu-drd .group .shape{fill:none;stroke-dasharray:8 4 2 4}.wotu-drd .annotation .shape{fill:none}
.wotu-drd .line{fill:none;stroke:#5d6f66;stroke-width:1.2}
.wotu-drd .knowledge,.wotu-drd .authority{stroke-dasharray:6 4}.wotu-drd .association{stroke-dasharray:1.5 3.5}
""".replace("\n", "")

_MARKERS = (
    '<marker id="{0}-information" viewBox="0 0 10 10" refX="9.5" refY="5" markerWidth="9" markerHeight="9" orient="auto">'
    '<path d="M0 1L10 5L0 9z" fill="#5d6f66"/></marker>'
    '<marker id="{0}-knowledge" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="10" markerHeight="10" orient="auto">'
    '<path d="M1 1L9 5L1 9" fill="none" stroke="#5d6f66" stroke-width="1.3"/></marker>'
    '<marker id="{0}-authority" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="8" markerHeight="8" orient="auto">'
    '<circle cx="5" cy="5" r="3.6" fill="#5d6f66"/></marker>'
)
KINDS = {
    "input": "输入",
    "decision": "决策",
    "knowledge model": "业务知识模型",
    "service": "决策服务",
    "source": "知识来源",
    "annotation": "注释",
    "group": "分组",
}
_ROLES = {"clause": "条款", "eligible": "总判断", "outcome": "结果", "part": "中间值", "imported": "引用的元素"}


def svg(model: m.Definitions) -> str:
    """The model's diagram as an SVG document."""
    drawing = draw(model)
    return "\n".join(_document(drawing)) + "\n"


def _document(drawing: Drawing) -> Iterator[str]:
    width, height = _number(drawing.width), _number(drawing.height)
    title = escape(f"{drawing.name}：决策要求图")
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="wotu-drd" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" aria-label="{title}">'
    )
    yield f"<title>{title}</title><style>{STYLE}</style><defs>{_MARKERS.format('wotu')}</defs>"
    for shape in drawing.shapes:
        if shape.kind in ("group", "service"):
            yield _shape(shape)
    yield from map(_line, drawing.lines)
    for shape in drawing.shapes:
        if shape.kind not in ("group", "service"):
            yield _shape(shape)
    yield "</svg>"


def _line(line: Line) -> str:
    marker = "" if line.kind == "association" else f' marker-end="url(#wotu-{line.kind})"'
    path = _curve(line.points) if line.curved else "M" + "L".join(map(_point, line.points))
    return f'<path class="line {line.kind}" data-id="{escape(line.id)}" d="{path}"{marker}/>'


def _curve(points: tuple[Point, ...]) -> str:
    """A line that leaves and arrives level, and passes between smoothly."""
    if len(points) == 3 and points[1][0] < min(points[0][0], points[2][0]):
        (x0, y0), (x1, _), (x2, y2) = points
        return f"M{_point((x0, y0))}C{_point((x1, y0))} {_point((x1, y2))} {_point((x2, y2))}"
    path = "M" + _point(points[0])
    for (x0, y0), (x1, y1) in pairwise(points):
        if abs(x1 - x0) < 1 or abs(y1 - y0) < 1:
            path += "L" + _point((x1, y1))
        else:
            middle = (x0 + x1) / 2
            path += f"C{_point((middle, y0))} {_point((middle, y1))} {_point((x1, y1))}"
    return path


def _shape(shape: Shape) -> str:
    title = "：".join(filter(None, (_ROLES.get(shape.role) or KINDS[shape.kind], shape.title or "".join(shape.lines))))
    style = f"{shape.kind.replace(' ', '-')} {shape.role}".strip()
    parts = [f'<g class="{style}" data-id="{escape(shape.id)}"><title>{escape(title)}</title>', _outline(shape)]
    if shape.divider:
        parts.append(f'<path class="line" d="M{"L".join(map(_point, shape.divider))}"/>')
    parts += _words(shape)
    return "".join(parts) + "</g>"


def _outline(shape: Shape) -> str:
    box = shape.box
    x, y, w, h = box.x, box.y, box.width, box.height
    match shape.kind:
        case "input":
            return _rectangle(box, min(h, w) / 2)
        case "knowledge model":
            cut = min(14.0, h / 3)
            corners = [(x + cut, y), (x + w, y), (x + w, y + h - cut), (x + w - cut, y + h), (x, y + h), (x, y + cut)]
            return f'<path class="shape" d="M{"L".join(map(_point, corners))}z"/>'
        case "source":
            low, wave = y + h - 7, 7.0
            return (
                f'<path class="shape" d="M{_point((x, low))}L{_point((x, y))}L{_point((x + w, y))}L{_point((x + w, low))}'
                f"C{_point((x + w * 0.75, low - wave * 1.6))} {_point((x + w * 0.6, low - wave))} {_point((x + w / 2, low))}"
                f'S{_point((x + w * 0.25, low + wave * 1.6))} {_point((x, low))}z"/>'
            )
        case "service":
            return _rectangle(box, 16)
        case "group":
            return _rectangle(box, 10)
        case "annotation":
            return f'<path class="shape" d="M{_point((x + 12, y))}L{_point((x, y))}L{_point((x, y + h))}L{_point((x + 12, y + h))}"/>'
    return _rectangle(box, 2)


def _rectangle(box: Box, radius: float) -> str:
    x, y, w, h = map(_number, (box.x, box.y, box.width, box.height))
    return f'<rect class="shape" x="{x}" y="{y}" width="{w}" height="{h}" rx="{_number(radius)}"/>'


def _words(shape: Shape) -> Iterator[str]:
    box, font = shape.box, shape.font
    high = font * LINE
    middle = box.y + (box.height - (10 if shape.kind == "source" else 0)) / 2
    top = middle - len(shape.lines) * high / 2 + font
    if shape.kind in ("service", "group") and shape.box.height > 90:
        top = box.y + font + 8
    left = shape.kind == "annotation"
    x = box.x + 8 if left else box.middle[0]
    for number, line in enumerate(shape.lines):
        anchor = "start" if left else "middle"
        y = _number(top + number * high)
        yield f'<text x="{_number(x)}" y="{y}" font-size="{_number(font)}" text-anchor="{anchor}">{escape(line)}</text>'


def _point(point: Point) -> str:
    return f"{_number(point[0])},{_number(point[1])}"


def _number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".") or "0"
