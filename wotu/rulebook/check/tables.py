"""Decision tables: what no rule covers, what several cover, which rules, cells and results can never count.

Cells that look at more than their column's value and constants count as possibly holding anywhere: no gap is reported that
they may cover, no overlap and no covered rule that rests on them.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_FLOOR, Decimal
from itertools import combinations, islice

from ..dmn import model as m
from ..documents import write_json
from ..feel import Env, FeelError, Scope, coerce, compile_expression, compile_tests, parse, text_of
from ..feel import tree as t
from ..feel.known import same
from ..feel.show import show
from ..feel.values import Value
from ..findings import Finding, RulebookError, Severity
from ..plain import plain
from .axes import Part, cuts_of, is_any
from .boxes import Box, Effort, common, covered, holes, meets, within
from .grid import WHOLE, Grid, grid
from .ground import example
from .pieces import Subject, TableAt, Unit

MOST = 10
"""So many findings of one sort are given for a table; the rest is counted."""


def tables(subject: Subject) -> Iterator[Finding]:
    """Every decision table of the model."""
    for unit in subject.units:
        for at in unit.tables:
            yield from _results(unit, at)
            found = grid(subject, unit, at)
            if found is not None:
                yield from _opaque(found)
                yield from _gaps(found)
                yield from _overlaps(found)
                yield from _never(found)
                yield from _mergeable(found)


# --- gaps -----------------------------------------------------------------------------------------------------------


def _gaps(table: Grid) -> Iterator[Finding]:
    box = table.at.box
    policy = box.hit_policy
    if any(clause.default is not None for clause in box.outputs):
        return
    if policy in ("COLLECT", "RULE ORDER", "OUTPUT ORDER") and box.aggregation in ("", "COUNT"):
        return  # no rule is an empty list, or none
    effort = Effort()
    plain_space = tuple(one.full & ~one.null or one.full for one in table.axes)
    found = list(islice(holes(plain_space, table.possible, effort), MOST + 1))
    for hole in found[:MOST]:
        yield _gap(table, hole)
    if len(found) > MOST or effort.spent:
        more = "还有更多没有规则的情形，这里只列出一部分" if found else "表太大，没有查完有没有遗漏的情形"
        yield table.unit.finding(more, "请先补上已列出的", "info", at=box)
    for place, one in enumerate(table.axes):
        null = one.full & ~plain_space[place]
        if null and null != one.full and not found:
            space: Box = (*plain_space[:place], null, *plain_space[place + 1 :])
            first = next(holes(space, table.possible, Effort()), None)
            inputs = table.inputs(first) if first is not None else None
            if inputs is not None:
                what = f"{show(one.node)} 没有值（例如除以 0）时没有规则，结果为 null"
                yield table.unit.finding(what, "如果应有结果，请加一行“-”", "info", at=box, example=example(inputs))


def _gap(table: Grid, hole: Box) -> Finding:
    inputs = table.inputs(hole)
    severity: Severity = "warning"
    how = "请补一行，或设默认结果"
    if not _reachable_in_whole(table, hole):
        severity, how = "info", "数量只取整数时不会遇到；否则请补一行"
    elif inputs is None and table.ground is not None:
        severity, how = "info", "没有试出能到这里的输入；如果到得了，请补一行"
    what = f"没有规则：{table.words(hole)}"
    return table.unit.finding(what, how, severity, at=table.at.box, example=_example(table, hole))


def _example(table: Grid, box: Box) -> str:
    """Inputs that lead into the box, or else what the conditions come to there."""
    inputs = table.inputs(box)
    if inputs is not None:
        return example(inputs)
    values = {show(one.node): part.sample for one, part in zip(table.axes, table.samples(box), strict=True)}
    return write_json({name: plain(value) for name, value in values.items() if value is not None})


def _reachable_in_whole(table: Grid, box: Box) -> bool:
    """Whether counted things (people, items) can be in the box as whole numbers."""
    for one, bits in zip(table.axes, box, strict=True):
        if table.measure(one.node) in WHOLE and not any(map(_has_whole, one.of(bits))):
            return False
    return True


def _has_whole(part: Part) -> bool:
    if part.shape != "stretch" or not isinstance(part.low, Decimal) or not isinstance(part.high, Decimal):
        return True
    return part.low.to_integral_value(ROUND_FLOOR) + 1 < part.high


# --- overlaps -------------------------------------------------------------------------------------------------------


def _overlaps(table: Grid) -> Iterator[Finding]:
    policy = table.at.box.hit_policy
    if policy not in ("UNIQUE", "ANY"):
        return
    found: list[Finding] = []
    count = 0
    for first, second in combinations(range(len(table.sure)), 2):
        shared = common(table.sure[first], table.sure[second])
        if shared is None:
            continue
        severity: Severity = "error"
        names = f"第 {first + 1} 行与第 {second + 1} 行"
        if policy == "ANY":
            a, b = table.results(first), table.results(second)
            if a is not None and b is not None:
                if all(map(same, a, b)):
                    continue
                what = f"{names}同时命中而结果不同，命中策略 ANY 不允许，结果为 null"
            elif table.at.table.rows[first].outputs == table.at.table.rows[second].outputs:
                continue
            else:
                severity = "info"
                what = f"{names}同时命中，结果是算出来的，须相同（命中策略 ANY）"
        else:
            what = f"{names}同时命中，而命中策略 UNIQUE 只许一行，结果为 null"
        count += 1
        if len(found) >= MOST:
            continue
        how = "请把其中一行改窄，或改用 FIRST"
        if table.ground is not None and table.inputs(shared) is None:
            severity = "warning" if severity == "error" else severity
            how = "没有试出能同时命中的输入；如果到得了，请改窄其中一行"
        where = table.words(shared)
        rule = table.at.box.rules[second]
        found.append(table.unit.finding(f"{what}：{where}", how, severity, at=rule, example=_example(table, shared)))
    yield from found
    if count > len(found):
        yield table.unit.finding(f"还有 {count - len(found)} 对规则重叠", "请先改已列出的", "warning", at=table.at.box)


# --- what never counts ----------------------------------------------------------------------------------------------


def _never(table: Grid) -> Iterator[Finding]:
    """Cells that never hold, and rules that others always forestall."""
    rules = table.at.box.rules
    for place, row in enumerate(table.at.table.rows):
        if any(map(_speaks_of_null, row.cells)):
            continue
        empty = [at for at, bits in enumerate(table.possible[place]) if not bits]
        for at in empty:
            one = table.axes[at]
            what = f"{show(one.node)} 的这个条件永远不成立，这一行不会命中"
            how = "请对照输入的允许值改正" if len(one.parts) > 1 else f"{show(one.node)} 只会是另外的值"
            yield table.unit.finding(what, how, "warning", at=rules[place], example=_cell_text(table, place, at))
        if empty:
            continue
        covers = _before(table, place)
        if covers and covered(table.possible[place], covers, Effort()):
            by = [
                number + 1 for number in _rules_before(table, place) if meets(table.sure[number], table.possible[place])
            ]
            what = f"轮不到这一行：第 {'、'.join(map(str, by[:8]))}{'…' if len(by) > 8 else ''} 行已全部覆盖它"
            every = all(map(is_any, row.cells))
            how = "没有知道的值才会到这里；不需要就删去" if every else "请删去，或调整次序和条件"
            yield table.unit.finding(what, how, "info" if every else "warning", at=rules[place])


def _speaks_of_null(cell: t.Node) -> bool:
    return any(isinstance(node, t.NullLiteral) for node in t.walk(cell))


def _cell_text(table: Grid, rule: int, place: int) -> str:
    one = table.axes[place]
    for at, node in enumerate(table.at.table.inputs):
        if (node.value if isinstance(node, t.Typed) else node) == one.node:
            return table.at.box.rules[rule].inputs[at].text.strip()
    return ""


def _rules_before(table: Grid, rule: int) -> list[int]:
    """The rules that win over this one where both match."""
    policy = table.at.box.hit_policy
    if policy == "FIRST":
        return list(range(rule))
    if policy == "PRIORITY":
        ranks = _ranks(table)
        if ranks is not None:
            return [other for other, rank in enumerate(ranks) if rank < ranks[rule]]
    return []


def _before(table: Grid, rule: int) -> list[Box]:
    return [table.sure[other] for other in _rules_before(table, rule)]


def _ranks(table: Grid) -> list[tuple[int, ...]] | None:
    """Each rule's place in the order of the output values; None where results or order are not constants."""
    orders: list[list[Value]] = []
    for clause in table.at.box.outputs:
        tree = _tests(clause.values, table.at.scope)
        cuts = None if tree is None else cuts_of(tree)
        orders.append([] if cuts is None else list(cuts.points))
    found: list[tuple[int, ...]] = []
    for rule in range(len(table.sure)):
        results = table.results(rule)
        if results is None or len(results) != len(orders):
            return None
        rank = []
        for value, order in zip(results, orders, strict=True):
            rank.append(next((at for at, other in enumerate(order) if same(value, other)), len(order)))
        found.append(tuple(rank))
    return found


# --- what could be one ----------------------------------------------------------------------------------------------


def _mergeable(table: Grid) -> Iterator[Finding]:
    """Rules with the same results of which one holds the other, or that differ in one condition only."""
    policy = table.at.box.hit_policy
    rules = table.at.box.rules
    if not table.clear:
        return
    found: list[Finding] = []
    for first, second in combinations(range(len(table.sure)), 2):
        a, b = table.sure[first], table.sure[second]
        if table.at.table.rows[first].outputs != table.at.table.rows[second].outputs or not all(a) or not all(b):
            continue
        if rules[first].annotations != rules[second].annotations and any(rules[second].annotations):
            continue  # kept apart on purpose
        between = range(first + 1, second)
        if policy == "FIRST" and any(
            meets(table.possible[other], b) or meets(table.possible[other], a) for other in between
        ):
            continue
        if policy not in ("UNIQUE", "ANY", "FIRST", "PRIORITY") and meets(a, b):
            continue  # counted twice where both match
        differing = sum(x != y for x, y in zip(a, b, strict=True))
        names = f"第 {first + 1} 行与第 {second + 1} 行结果相同"
        if within(a, b) or (within(b, a) and policy in ("ANY", "PRIORITY")):
            inner = first if within(a, b) else second
            what = f"{names}，第 {inner + 1} 行多余：另一行已包含它"
        elif differing == 1 and len(table.axes) > 0:
            what = f"{names}，只有一个条件不同，可以合成一行"
        else:
            continue
        found.append(table.unit.finding(what, "可以不改", "info", at=rules[second]))
    yield from found[:MOST]


# --- results --------------------------------------------------------------------------------------------------------


def _results(unit: Unit, at: TableAt) -> Iterator[Finding]:
    """Constant results, and defaults, against the values they may have; an order for the policies that need one."""
    box = at.box
    for place, clause in enumerate(box.outputs):
        tree = _tests(clause.values, at.scope)
        holds = None if tree is None else compile_tests(tree, at.scope)
        if box.hit_policy in ("PRIORITY", "OUTPUT ORDER") and tree is None:
            what = f"命中策略 {box.hit_policy} 按输出值的次序取舍，而输出列没有列出输出值"
            yield unit.finding(what, "请在 <outputValues> 里从先到后列出", "warning", at=clause)
        for number, row in enumerate(at.table.rows):
            if place < len(row.outputs):
                yield from _result(unit, at, number, place, row.outputs[place], clause, holds)


def _result(
    unit: Unit, at: TableAt, number: int, place: int, node: t.Node, clause: m.OutputClause, holds: object
) -> Iterator[Finding]:
    inner = node.value if isinstance(node, t.Typed) else node
    if any(isinstance(part, t.Name) for part in t.walk(inner)):
        return
    env = Env({})
    value = compile_expression(inner, at.scope)(env)
    if value is None:
        return
    rule = at.box.rules[number]
    element = rule.outputs[place] or rule
    text = text_of(value, True)
    if callable(holds) and holds(env, value) is False:
        allowed = clause.values.text.strip() if clause.values is not None else ""
        yield unit.finding(f"结果 {text} 不在这一列的输出值之内", f"输出值有 {allowed}", at=element)
        return
    kinds = [node.type] if isinstance(node, t.Typed) else []
    collects = at.box.hit_policy in ("COLLECT", "RULE ORDER", "OUTPUT ORDER")
    if at.top and unit.kind is not None and len(at.box.outputs) == 1 and not collects:
        kinds.append(unit.kind)
    for kind in kinds:
        try:
            coerce(value, kind)
        except FeelError:
            yield unit.finding(f"结果 {text} 不符合类型 {kind}，会变成 null", "请改结果，或改类型的允许值", at=element)
            return


def _tests(values: m.UnaryTests | None, scope: Scope) -> t.Node | None:
    if values is None or values.text.strip() in ("", "-"):
        return None
    try:
        return parse(values.text, Scope({"?": None}, parent=scope), kind="unary tests")
    except RulebookError:
        return None


# --- what cannot be looked into -------------------------------------------------------------------------------------


def _opaque(table: Grid) -> Iterator[Finding]:
    """Say which cells were taken as possibly holding anywhere."""
    cells = [
        f"第 {number} 行第 {place} 列"
        for number, row in enumerate(table.at.table.rows, 1)
        for place, cell in enumerate(row.cells, 1)
        if not is_any(cell) and cuts_of(cell) is None
    ]
    if cells:
        shown = "、".join(cells[:4]) + (f" 等 {len(cells)} 格" if len(cells) > 4 else "")
        what = f"{shown}用到了别的值或函数，查遗漏和重叠时当作“可能命中”"
        yield table.unit.finding(what, "写成与常数的比较就能查得更准", "info", at=table.at.box)
