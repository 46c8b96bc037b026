"""The types of FEEL trees before they run: what is surely wrong whatever the values turn out to be.

A type that can't be told is None, and nothing is said about it; null is of every type. After a problem the type is None too, so
one mistake is one finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..dmn.declared import bare
from ..documents import meant
from ..feel import FeelError, Scope
from ..feel import tree as t
from ..feel.known import ORDERED, compare, kind_of
from ..feel.literals import literal_value
from ..feel.members import PROPERTIES_OF
from ..feel.types import (
    ANY,
    BOOLEAN,
    DAYS_DURATION,
    NULL,
    NUMBER,
    SIMPLE,
    STRING,
    ContextOf,
    FunctionOf,
    ListOf,
    Named,
    RangeOf,
    Type,
)
from ..findings import Severity
from .combining import (
    DOING,
    DURATIONS,
    READ,
    alike,
    calculated,
    hint,
    is_builtin,
    is_subject,
    known_type,
    one_of,
    operands,
    types_in,
)
from .pieces import Piece, TableAt
from .signatures import WORDS, fits, forms, result_of, taken, word

LISTS = ("COLLECT", "RULE ORDER", "OUTPUT ORDER")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something surely wrong with a node, and the piece of text it stands in."""

    piece: Piece
    node: t.Node
    what: str
    how: str = ""
    severity: Severity = "error"


@dataclass
class Typist:
    """Types of the trees of one element; `problems` collects."""

    pieces: Mapping[int, Piece]
    """By the identity of their trees."""
    tables: Mapping[int, TableAt]
    problems: list[Problem] = field(default_factory=list)
    piece: Piece | None = None
    seen: set[int] = field(default_factory=set)

    def wrong(self, node: t.Node, what: str, how: str = "", severity: Severity = "error") -> None:
        """Note a problem; the type is then not known."""
        if self.piece is not None:
            self.problems.append(Problem(self.piece, node, what, how, severity))

    def of(self, node: t.Node, scope: Scope) -> Type | None:
        """The type of a tree."""
        piece = self.pieces.get(id(node))
        if piece is None:
            return self._of(node, scope)
        self.seen.add(id(node))
        outer, self.piece = self.piece, piece
        try:
            return self._of(node, scope)
        finally:
            self.piece = outer

    def _of(self, node: t.Node, scope: Scope) -> Type | None:
        match node:
            case t.NumberLiteral():
                return NUMBER
            case t.StringLiteral():
                return STRING
            case t.BooleanLiteral():
                return BOOLEAN
            case t.NullLiteral():
                return NULL
            case t.AtLiteral():
                return self.literal(node, '应如 @"2026-04-01"、@"P30D"')
            case t.ListLiteral(items=items):
                return ListOf(one_of([self.of(item, scope) for item in items]) or ANY)
            case t.ContextLiteral(entries=entries, apart=apart):
                return ContextOf(tuple(self.entries(entries, scope, apart)))
            case t.RangeLiteral():
                return self.range(node, scope)
            case t.UnaryRange(value=value):
                return RangeOf(self.of(value, scope) or ANY)
            case t.FunctionLiteral():
                return self.function(node, scope)
            case t.Name(name=name):
                return known_type(name, scope)
            case t.Path():
                return self.path(node, scope)
            case t.Filter():
                return self.filter(node, scope)
            case t.Call(function=function, arguments=arguments):
                return self.call(node, function, [self.of(item, scope) for item in arguments], scope)
            case t.NamedCall(function=function, arguments=named):
                return self.named_call(node, function, {name: self.of(item, scope) for name, item in named}, scope)
            case t.Negate(operand=operand):
                return self.negate(node, self.of(operand, scope))
            case t.Arithmetic():
                return self.arithmetic(node, self.of(node.left, scope), self.of(node.right, scope))
            case t.Comparison(operator=operator):
                left, right = self.of(node.left, scope), self.of(node.right, scope)
                self.compared(node, operator, left, right)
                return BOOLEAN
            case t.Between(value=value, low=low, high=high):
                kind = self.of(value, scope)
                self.compared(node, "<=", self.of(low, scope), kind)
                self.compared(node, "<=", kind, self.of(high, scope))
                return BOOLEAN
            case t.In(value=value, tests=tests):
                self.tests(tests, self.of(value, scope), scope)
                return BOOLEAN
            case t.InstanceOf(value=value, type=kind):
                self.of(value, scope)
                self.named(node, kind, scope)
                return BOOLEAN
            case t.And() | t.Or():
                for part in operands(node):
                    self.truth(part, self.of(part, scope), "and、or 的一边", "warning")
                return BOOLEAN
            case t.If():
                return self.conditional(node, scope)
            case t.For():
                return self.iteration(node, scope)
            case t.Some(iterators=iterators, condition=condition) | t.Every(iterators=iterators, condition=condition):
                inner = self.iterators(iterators, scope)
                self.truth(condition, self.of(condition, inner), "satisfies 后面")
                return BOOLEAN
            case t.UnaryTests(tests=tests):
                self.tests(tests, known_type("?", scope), scope)
                return BOOLEAN
            case t.CompareTest() | t.ValueTest():
                self.tests((node,), known_type("?", scope), scope)
                return BOOLEAN
            case t.Typed(value=value, type=kind):
                return self.typed(value, self.of(value, scope), kind)
            case t.Let(entries=entries, result=result):
                names = dict(self.entries(entries, scope, False))
                return self.of(result, Scope(dict(names), parent=scope))
            case t.Native():
                return self.table(node, scope)
        return None

    # --- literals ---------------------------------------------------------------------------------------------------

    def literal(self, node: t.Node, how: str) -> Type | None:
        """The type of a date, time or duration written out; a problem when there is no such value."""
        try:
            value = literal_value(node)
        except FeelError as problem:
            self.wrong(node, str(problem), how)
            return None
        return SIMPLE.get(kind_of(value))

    def entries(self, entries: Sequence[t.ContextEntry], scope: Scope, apart: bool) -> Iterator[tuple[str, Type]]:
        names: dict[str, Type | None] = {}
        for entry in entries:
            kind = self.of(entry.value, scope if apart else Scope(dict(names), parent=scope))
            names[entry.key] = kind
            yield entry.key, kind or ANY

    def range(self, node: t.RangeLiteral, scope: Scope) -> Type | None:
        ends = [end for end in (node.low, node.high) if end is not None]
        kinds = [self.of(end, scope) for end in ends]
        if len(kinds) == 2 and self.compared(node, "<=", kinds[0], kinds[1]):
            try:
                low, high = literal_value(ends[0]), literal_value(ends[1])
                if low is not None and high is not None and compare(low, high) > 0:
                    self.wrong(node, "区间的低端大于高端，什么都不在里面", "请对调两端")
            except FeelError:
                pass
        return RangeOf(one_of(kinds) or ANY)

    def function(self, node: t.FunctionLiteral, scope: Scope) -> Type | None:
        kinds = {item.name: self.resolved(item.type, scope) for item in node.parameters}
        parameters = tuple(kind or ANY for kind in kinds.values())
        if node.external:
            return FunctionOf(parameters, ANY)
        return FunctionOf(parameters, self.of(node.body, Scope(dict(kinds), parent=scope)) or ANY)

    # --- names ------------------------------------------------------------------------------------------------------

    def resolved(self, kind: Type | None, scope: Scope) -> Type | None:
        return scope.named_type(kind.name) if isinstance(kind, Named) else kind

    def named(self, node: t.Node, kind: Type, scope: Scope) -> None:
        """A type that an expression names must exist."""
        if isinstance(kind, Named) and scope.named_type(kind.name) is None:
            near = meant(kind.name, [*SIMPLE, *types_in(scope)])
            self.wrong(node, f"没有类型“{kind.name}”", f"是不是 {near}？" if near else "")

    def path(self, node: t.Path, scope: Scope) -> Type | None:
        outer = self.of(node.value, scope)
        kind = bare(outer)
        if isinstance(kind, ListOf):
            below = self.member(node, bare(kind.item))
            return ListOf(below) if below is not None else None
        return self.member(node, kind)

    def member(self, node: t.Path, kind: Type) -> Type | None:
        """The type of `.name` on a value of that type; a problem when there is no such thing."""
        if kind in (ANY, NULL) or isinstance(kind, FunctionOf):
            return None
        if isinstance(kind, ContextOf):
            known = dict(kind.fields)
            if node.name in known or not known:
                return known.get(node.name)
            near = meant(node.name, known)
            self.wrong(node, f"没有条目“{node.name}”", f"是不是“{near}”？" if near else f"有：{'、'.join(known)}")
            return None
        if isinstance(kind, ListOf):
            return None
        found = PROPERTIES_OF.get("range" if isinstance(kind, RangeOf) else str(kind), ())
        if node.name not in found:
            near = meant(node.name, found)
            how = f"是不是 {near}？" if near else f"可用：{'、'.join(found)}" if found else "它没有可取的部分"
            self.wrong(node, f"{word(kind)}没有 {node.name}", how)
            return None
        if isinstance(kind, RangeOf):
            return BOOLEAN if node.name.endswith("included") else kind.item
        return DAYS_DURATION if node.name == "time offset" else STRING if node.name == "timezone" else NUMBER

    def filter(self, node: t.Filter, scope: Scope) -> Type | None:
        kind = bare(self.of(node.value, scope))
        item = kind.item if isinstance(kind, ListOf) else kind
        below = bare(item)
        names: dict[str, Type | None] = {"item": None if below == ANY else item}
        if isinstance(below, ContextOf):
            names |= dict(below.fields)
        condition = self.of(node.condition, Scope(names, parent=scope, item=True))
        found = bare(condition)
        if found == NUMBER and not node.boolean:
            return None if below == ANY else item
        if found not in (ANY, NULL, BOOLEAN, NUMBER) or (found == NUMBER and node.boolean):
            self.wrong(node.condition, f"筛选条件是{word(found)}，要真假或位置", "请写成比较，如 [item > 5]")
            return None
        return ListOf(item) if found == BOOLEAN and below != ANY else None

    # --- calls ------------------------------------------------------------------------------------------------------

    def call(self, node: t.Call, function: t.Node, kinds: list[Type | None], scope: Scope) -> Type | None:
        if isinstance(function, t.Name) and is_builtin(function.name, scope):
            return self.builtin(node, function.name, kinds)
        kind = bare(self.of(function, scope))
        if isinstance(kind, FunctionOf):
            if kind.parameters and len(kinds) != len(kind.parameters):
                self.wrong(node, f"要 {len(kind.parameters)} 个参数，给了 {len(kinds)} 个")
                return None
            for place, (given, wanted) in enumerate(zip(kinds, kind.parameters, strict=False), 1):
                if not fits(given, wanted):
                    self.wrong(node, f"第 {place} 个参数是{word(given)}，要{word(wanted)}")
                    return None
            return None if kind.result == ANY else kind.result
        self.no_function(node, kind)
        return None

    def no_function(self, node: t.Node, kind: Type) -> None:
        if kind not in (ANY, NULL):
            self.wrong(node, f"{word(kind)}不是函数，不能调用")

    def builtin(self, node: t.Call, name: str, kinds: list[Type | None]) -> Type | None:
        every = forms(name)
        counted = [form for form in every if form.counts(len(kinds))]
        if not counted:
            takes = "；或 ".join(form.text or "无参数" for form in every[:3])
            self.wrong(node, f"{name} 不接受 {len(kinds)} 个参数", f"参数是：{takes}")
            return None
        fitting = [form for form in counted if form.wrong(kinds) is None]
        if not fitting:
            place = counted[0].wrong(kinds) or 0
            takes = "或".join(
                dict.fromkeys(WORDS.get(kind, kind) for form in counted for kind in form.parameters[place].takes)
            )
            given = node.arguments[place]
            self.wrong(given, f"{name} 的第 {place + 1} 个参数是{word(kinds[place])}，要{takes}")
            return None
        if len(node.arguments) == 1 and isinstance(node.arguments[0], t.StringLiteral) and name in READ:
            return self.literal(node, READ[name])
        return result_of(name, fitting[0], kinds)

    def named_call(
        self, node: t.NamedCall, function: t.Node, kinds: Mapping[str, Type | None], scope: Scope
    ) -> Type | None:
        if not (isinstance(function, t.Name) and is_builtin(function.name, scope)):
            kind = bare(self.of(function, scope))
            if isinstance(kind, FunctionOf):
                return None if kind.result == ANY else kind.result
            self.no_function(node, kind)
            return None
        name = function.name
        every = forms(name)
        for form in every:
            known = {parameter.name: parameter for parameter in form.parameters}
            required = {parameter.name for parameter in form.parameters if not parameter.optional}
            if kinds.keys() <= known.keys() and required <= kinds.keys():
                wrong = [each for each in kinds if not taken(kinds[each], known[each].takes)]
                if not wrong:
                    return result_of(name, form, [kinds[each] for each in known if each in kinds])
        known_names = dict.fromkeys(parameter.name for form in every for parameter in form.parameters)
        strange = [each for each in kinds if each not in known_names]
        if strange:
            near = meant(strange[0], known_names)
            how = f"是不是 {near}？" if near else f"参数有：{'、'.join(known_names)}"
            self.wrong(node, f"{name} 没有参数“{strange[0]}”", how)
        else:
            self.wrong(node, f"{name} 的参数不对", f"参数是：{'；或 '.join(form.text for form in every[:3])}")
        return None

    # --- operators --------------------------------------------------------------------------------------------------

    def negate(self, node: t.Node, kind: Type | None) -> Type | None:
        found = bare(kind)
        if found in (ANY, NULL, NUMBER, *DURATIONS):
            return None if found in (ANY, NULL) else found
        self.wrong(node, f"{word(kind)}没有相反数")
        return None

    def arithmetic(self, node: t.Arithmetic, left: Type | None, right: Type | None) -> Type | None:
        a, b = bare(left), bare(right)
        if node.operator == "/" and isinstance(node.right, t.NumberLiteral) and not node.right.value:
            self.wrong(node, "除以 0")
            return None
        if ANY in (a, b) or NULL in (a, b):
            return None
        found = calculated(node.operator, a, b)
        if found is None:
            self.wrong(node, f"{word(a)}与{word(b)}不能{DOING[node.operator]}", hint(node.operator, a, b))
        return found

    def compared(self, node: t.Node, operator: str, left: Type | None, right: Type | None) -> bool:
        """Whether two types can be compared; a problem when they surely cannot."""
        a, b = bare(left), bare(right)
        if ANY in (a, b) or NULL in (a, b):
            return True
        for kind in (a, b):
            if operator not in ("=", "!=") and str(kind) not in ORDERED:
                self.wrong(node, f"{word(kind)}没有大小，不能用 {operator} 比较")
                return False
        if not alike(a, b):
            self.wrong(node, f"{word(a)}不能与{word(b)}比较，结果总是 null", hint(operator, a, b))
            return False
        return True

    def truth(self, node: t.Node, kind: Type | None, what: str, severity: Severity = "error") -> None:
        """A condition must be true or false; beside a settled `and` or `or` it only counts as null."""
        found = bare(kind)
        if found not in (ANY, NULL, BOOLEAN):
            self.wrong(node, f"{what}是{word(found)}，要真假", "请写成比较，如 a > 5", severity)

    # --- control ----------------------------------------------------------------------------------------------------

    def conditional(self, node: t.If, scope: Scope) -> Type | None:
        kinds: list[Type | None] = []
        rest: t.Node = node
        while isinstance(rest, t.If):
            self.truth(rest.condition, self.of(rest.condition, scope), "if 的条件")
            kinds.append(self.of(rest.then, scope))
            rest = rest.otherwise
        kinds.append(self.of(rest, scope))
        return one_of(kinds)

    def iterators(self, iterators: Sequence[t.Iterator], scope: Scope) -> Scope:
        for one in iterators:
            kind = bare(self.of(one.domain, scope))
            if one.until is not None:
                self.compared(one, "<=", kind, self.of(one.until, scope))
                item: Type | None = kind
            else:
                item = kind.item if isinstance(kind, ListOf | RangeOf) else kind
            scope = Scope({one.name: None if item == ANY else item}, parent=scope)
        return scope

    def iteration(self, node: t.For, scope: Scope) -> Type | None:
        inner = self.iterators(node.iterators, Scope({"partial": ListOf(ANY)}, parent=scope))
        return ListOf(self.of(node.result, inner) or ANY)

    # --- unary tests ------------------------------------------------------------------------------------------------

    def tests(self, tests: Sequence[t.Node], subject: Type | None, scope: Scope) -> None:
        """Tests of a value of that type."""
        inner = Scope({"?": subject}, parent=scope)
        for test in tests:
            match test:
                case t.AnyTest():
                    continue
                case t.CompareTest(operator=operator, value=value):
                    self.compared(test, operator, subject, self.of(value, inner))
                case t.UnaryTests(tests=below):
                    self.tests(below, subject, scope)
                case t.ValueTest(value=value):
                    self.value_test(test, value, subject, inner)
                case _:
                    self.value_test(test, test, subject, inner)

    def value_test(self, test: t.Node, value: t.Node, subject: Type | None, scope: Scope) -> None:
        found, about = bare(self.of(value, scope)), bare(subject)
        if isinstance(value, t.UnaryRange) and isinstance(found, RangeOf):
            self.compared(test, value.operator, about, found.item)
        elif isinstance(found, RangeOf):
            self.compared(test, "<=", about, found.item)
        elif found == BOOLEAN and (about != BOOLEAN or any(is_subject(part) for part in t.walk(value))):
            return
        elif isinstance(found, ListOf):
            item = bare(found.item)
            if item not in (ANY, NULL) and not isinstance(item, ListOf | RangeOf | ContextOf) and about != found:
                self.compared(test, "=", about, item)
        else:
            self.compared(test, "=", about, found)

    # --- what boxes add ---------------------------------------------------------------------------------------------

    def typed(self, value: t.Node, kind: Type | None, wanted: Type) -> Type | None:
        if not fits(kind, wanted):
            outer, self.piece = self.piece, self.pieces.get(id(value), self.piece)
            self.wrong(value, f"得出的是{word(kind)}，声明的类型是 {wanted}", "请改表达式，或改声明的类型（typeRef）")
            self.piece = outer
        return wanted

    def table(self, node: t.Native, scope: Scope) -> Type | None:
        at = self.tables.get(id(node))
        if at is None:
            return None
        kinds = [self.of(condition, at.scope) for condition in at.table.inputs]
        outputs: list[list[Type | None]] = [[] for _ in at.box.outputs]
        for row in at.table.rows:
            for cell, kind in zip(row.cells, kinds, strict=False):
                piece = self.pieces.get(id(cell))
                if piece is not None:
                    self.seen.add(id(cell))
                    outer, self.piece = self.piece, piece
                    self.tests(cell.tests if isinstance(cell, t.UnaryTests) else (cell,), kind, at.scope)
                    self.piece = outer
            for place, result in enumerate(row.outputs[: len(outputs)]):
                outputs[place].append(self.of(result, at.scope))
        found = [one_of(column) for column in outputs]
        if at.box.aggregation:
            return NUMBER if at.box.aggregation == "COUNT" else None
        if len(found) == 1:
            one = found[0]
        else:
            one = ContextOf(tuple((name, kind or ANY) for name, kind in zip(at.table.output_names, found, strict=True)))
        return ListOf(one or ANY) if at.box.hit_policy in LISTS else one
