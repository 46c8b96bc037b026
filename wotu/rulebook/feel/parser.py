"""FEEL text -> tree. Aware of scope: names may hold blanks, operators and Chinese, and the longest known name wins."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from . import tree as t
from .cursor import FeelSyntaxError, item_type, members
from .names import BLANK, KEYWORDS, RUN, WORD, NameTable
from .run import Scope
from .types import (
    ANY,
    SIMPLE,
    Constrained,
    ContextOf,
    FunctionOf,
    ListOf,
    RangeOf,
    Type,
)
from .typetext import TypeReader
from .values import MATH

Kind = Literal["expression", "unary tests"]
_NUMBER = re.compile(r"(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{6}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "'": "'", '"': '"', "\\": "\\"}
_OPERATOR = re.compile(r"\*\*|<=|>=|!=|[-+*/<>=]")
_COMPARISONS = ("<", "<=", ">", ">=", "=", "!=")

OR, AND, COMPARE, ADD, MULTIPLY, POWER = range(1, 7)
_LEVELS = {"+": ADD, "-": ADD, "*": MULTIPLY, "/": MULTIPLY, "**": POWER} | dict.fromkeys(_COMPARISONS, COMPARE)


def parse(
    text: str, scope: Scope | Mapping[str, Type | None] | Iterable[str] | None = None, kind: Kind = "expression"
) -> t.Node:
    """The tree of an expression or of unary tests (a decision table's cell); FeelSyntaxError when it is neither."""
    parser = _Parser(text, _as_scope(scope))
    return parser.whole(parser.unary_tests if kind == "unary tests" else parser.expression)


def parse_type(text: str, scope: Scope | None = None) -> Type:
    """`list<number>`, `date and time`, `tLoan`…; FeelSyntaxError when it is no type."""
    parser = _Parser(text, _as_scope(scope))
    return parser.whole(parser.type)


def _as_scope(scope: Scope | Mapping[str, Type | None] | Iterable[str] | None) -> Scope:
    if isinstance(scope, Scope):
        return scope
    if isinstance(scope, Mapping):
        return Scope(scope)
    return Scope(dict.fromkeys(scope or ()))


class _Parser(TypeReader):
    """Reads expressions and unary tests."""

    # --- expressions --------------------------------------------------------------------------------------------------

    def expression(self) -> t.Node:
        self.deeper()
        found = self.binary(OR)
        self.depth -= 1
        return found

    def binary(self, level: int, left: t.Node | None = None, range_end: bool = False) -> t.Node:
        """Operators of this level and tighter, from the left."""
        self.skip()
        start = left.span[0] if left else self.position
        left = left or self.unary(range_end)
        while True:
            self.skip()
            operator = _OPERATOR.match(self.text, self.position)
            if operator:
                found = _LEVELS[operator[0]]
                if found < level:
                    return left
                self.position = operator.end()
                right = self.binary(found + 1, range_end=range_end)
                span = (start, self.position)
                if found == COMPARE:
                    left = t.Comparison(operator[0], left, right, span=span)  # type: ignore[arg-type]
                else:
                    kind = self.type_of(left) if found == ADD else None
                    left = self.typed(t.Arithmetic(operator[0], left, right, span=span), kind)  # type: ignore[arg-type]
                continue
            word = self.peek_word()
            if word == "and" and level <= AND:
                self.position += 3
                left = t.And(left, self.binary(COMPARE), span=(start, self.position))
            elif word == "or" and level <= OR:
                self.position += 2
                left = t.Or(left, self.binary(AND), span=(start, self.position))
            elif word == "between" and level <= COMPARE:
                self.position += 7
                low = self.binary(ADD)
                self.needs_word("and")
                left = t.Between(left, low, self.binary(ADD), span=(start, self.position))
            elif word == "in" and level <= COMPARE:
                self.position += 2
                tests = self.in_tests()
                left = t.In(left, tests, span=(start, self.position))
            else:
                return left

    def in_tests(self) -> tuple[t.Node, ...]:
        """What follows `in`: one test, or several in brackets."""
        self.skip()
        start = self.position
        if not self.takes("("):
            return (self.positive_test(COMPARE + 1),)
        self.deeper()
        first = self.positive_test(OR)
        if self.sees(","):
            tests = [first]
            while self.takes(","):
                tests.append(self.positive_test(OR))
            self.needs(")")
            self.depth -= 1
            return tuple(tests)
        self.depth -= 1
        node = self.after_bracket(start, first)
        return (t.ValueTest(self.binary(COMPARE + 1, self.postfix(node)), span=(start, self.position)),)

    def after_bracket(self, start: int, first: t.Node) -> t.Node:
        """What an opening `(` has begun: a range, a range by comparison, or an expression in brackets."""
        if isinstance(first, t.CompareTest):
            self.needs(")")
            return t.UnaryRange(first.operator, first.value, span=(start, self.position))
        inner = first.value if isinstance(first, t.ValueTest) else first
        if self.takes(".."):
            return self.range_end(start, inner, False)
        self.needs(")")
        return inner

    def range_end(self, start: int, low: t.Node | None, low_closed: bool) -> t.Node:
        high: t.Node | None = self.binary(ADD, range_end=True)
        if self.takes("]"):
            closed = True
        elif self.takes(")") or self.takes("["):
            closed = False
        else:
            raise self.unexpected("区间的结尾 ] 或 )")
        return self.typed(
            t.RangeLiteral(low, high, low_closed, closed, span=(start, self.position)),
            RangeOf(self.type_of(low) or ANY) if low is not None else None,
        )

    def unary(self, range_end: bool = False) -> t.Node:
        self.skip()
        start = self.position
        if self.text.startswith("-", start):
            self.position += 1
            self.deeper()
            operand = self.unary(range_end)
            self.depth -= 1
            return self.typed(t.Negate(operand, span=(start, self.position)), self.type_of(operand))
        node = self.postfix(self.primary(), range_end)
        while self.peek_word() == "instance":
            self.position += len("instance")
            self.needs_word("of")
            node = t.InstanceOf(node, self.type(), span=(start, self.position))
        return node

    def postfix(self, node: t.Node, range_end: bool = False) -> t.Node:
        start = node.span[0]
        while True:
            self.skip()
            here = self.text[self.position : self.position + 2]
            if here[:1] == "." and here != "..":
                self.position += 1
                node = self.path(start, node)
            elif here[:1] == "[" and not (range_end and self._closes_range()):
                self.position += 1
                node = self.filter(start, node)
            elif here[:1] == "(":
                self.position += 1
                node = self.call(start, node)
            else:
                return node

    def _closes_range(self) -> bool:
        """Whether `[` here ends a range (`]1..10[`) rather than beginning a filter."""
        blank = BLANK.match(self.text, self.position + 1)
        place = blank.end() if blank else self.position + 1
        rest = self.text[place : place + 1]
        if not rest or rest in ")],}=<>!+*/.;":
            return True
        word = WORD.match(self.text, place)
        return bool(
            word and word[0] in ("and", "or", "then", "else", "return", "satisfies", "in", "between", "instance")
        )

    def path(self, start: int, node: t.Node) -> t.Node:
        self.skip()
        kind = self.type_of(node)
        known = members(kind)
        found = NameTable(known).match(self.text, self.position)
        if found is None:
            word = RUN.match(self.text, self.position)
            if word is None or word[0] not in known:
                if self.member_table is None:
                    self.member_table = NameTable(self.known_members)
                found = self.member_table.match(self.text, self.position)
        if found is None:
            word = RUN.match(self.text, self.position)
            if word is None:
                raise self.unexpected("名称")
            found = (word[0], word.end())
        name, self.position = found
        below = known.get(name)
        if below is not None and isinstance(item_type(kind), ContextOf | Constrained) and kind is not item_type(kind):
            below = ListOf(below)
        return self.typed(t.Path(node, name, span=(start, self.position)), below)

    def filter(self, start: int, node: t.Node) -> t.Node:
        kind = self.type_of(node)
        inner = item_type(kind)
        names: dict[str, Type | None] = {"item": inner}
        names.update(members(inner) or dict.fromkeys(self.known_members))
        self.enter(names, item=True)
        condition = self.expression()
        self.leave()
        self.needs("]")
        positional = isinstance(condition, t.NumberLiteral)
        return self.typed(t.Filter(node, condition, span=(start, self.position)), inner if positional else kind)

    def call(self, start: int, function: t.Node) -> t.Node:
        self.deeper()
        kind = self.type_of(function)
        while isinstance(kind, Constrained):
            kind = kind.base
        result = kind.result if isinstance(kind, FunctionOf) else None
        if self.takes(")"):
            self.depth -= 1
            return self.typed(t.Call(function, (), span=(start, self.position)), result)
        named: list[tuple[str, t.Node]] = []
        positional: list[t.Node] = []
        while True:
            name = self.argument_name()
            if name is not None:
                named.append((name, self.expression()))
            else:
                positional.append(self.expression())
            if named and positional:
                raise self.error("按名与按位的参数不能混用")
            if not self.takes(","):
                break
        self.needs(")")
        self.depth -= 1
        if result is None and isinstance(function, t.Name) and positional:
            result = _passed_on(function.name, [self.type_of(argument) for argument in positional])
        node: t.Node
        if named:
            node = t.NamedCall(function, tuple(named), span=(start, self.position))
        else:
            node = t.Call(function, tuple(positional), span=(start, self.position))
        return self.typed(node, result)

    def argument_name(self) -> str | None:
        """`name:` of a named argument, when that is what stands here."""
        start = self.position
        name = self.free_name(stop=":")
        if name and self.takes(":"):
            return name
        self.position = start
        return None

    # --- primaries ----------------------------------------------------------------------------------------------------

    def primary(self) -> t.Node:
        self.skip()
        text, start = self.text, self.position
        sign = text[start : start + 1]
        if sign == '"':
            return t.StringLiteral(self.string(), span=(start, self.position))
        if sign.isdigit() or (sign == "." and text[start + 1 : start + 2].isdigit()):
            return self.number()
        if sign == "(":
            return self.bracket()
        if sign == "[":
            self.position += 1
            return self.list_or_range(start)
        if sign == "]":
            self.position += 1
            self.deeper()
            low = self.binary(ADD)
            self.needs("..")
            self.depth -= 1
            return self.range_end(start, low, False)
        if sign == "{":
            self.position += 1
            return self.context(start)
        if sign == "@":
            self.position += 1
            self.skip()
            return t.AtLiteral(self.string(), span=(start, self.position))
        if sign == "?":
            self.position += 1
            return self.typed(t.Name("?", span=(start, self.position)), self.scope.type_of("?"))
        return self.word()

    def bracket(self) -> t.Node:
        start = self.position
        self.position += 1
        self.deeper()
        first = self.positive_test(OR)
        self.depth -= 1
        return self.after_bracket(start, first)

    def string(self) -> str:
        match = _STRING.match(self.text, self.position)
        if match is None:
            if self.sees('"'):
                raise self.error("这段文字没有结束", "请在末尾加上引号")
            raise self.unexpected("引号中的文字")
        self.position = match.end()
        return unescape(match[1])

    def number(self) -> t.Node:
        start = self.position
        match = _NUMBER.match(self.text, start)
        if match is None:
            raise self.unexpected("数")
        self.position = match.end()
        try:
            value = MATH.create_decimal(match[0])
        except ArithmeticError as problem:
            raise self.error("数太大", position=start) from problem
        return self.typed(t.NumberLiteral(value, span=(start, self.position)), SIMPLE["number"])

    def list_or_range(self, start: int) -> t.Node:
        if self.takes("]"):
            return t.ListLiteral((), span=(start, self.position))
        first = self.expression()
        if self.takes(".."):
            return self.range_end(start, first, True)
        items = [first]
        while self.takes(","):
            items.append(self.expression())
        self.needs("]")
        kind = self.type_of(first)
        return self.typed(t.ListLiteral(tuple(items), span=(start, self.position)), ListOf(kind) if kind else None)

    def context(self, start: int) -> t.Node:
        self.deeper()
        entries: list[t.ContextEntry] = []
        kinds: list[tuple[str, Type]] = []
        names: dict[str, Type | None] = {}
        self.enter(names)
        if not self.takes("}"):
            while True:
                entry, kind = self.entry()
                entries.append(entry)
                kinds.append((entry.key, kind or ANY))
                names[entry.key] = kind
                self.tables[-1].add(entry.key)
                if not self.takes(","):
                    break
            self.needs("}")
        self.leave()
        self.depth -= 1
        return self.typed(t.ContextLiteral(tuple(entries), span=(start, self.position)), ContextOf(tuple(kinds)))

    def entry(self) -> tuple[t.ContextEntry, Type | None]:
        self.skip()
        start = self.position
        key = self.string() if self.sees('"') else self.free_name(stop=":")
        if not key and self.text[start : start + 1] != '"':
            raise self.unexpected("条目的名称")
        self.needs(":")
        if " " in key or not WORD.fullmatch(key):
            self.known_members.add(key)
            self.member_table = None
        value = self.expression()
        return t.ContextEntry(key, value, span=(start, self.position)), self.type_of(value)

    def word(self) -> t.Node:
        start = self.position
        known = self.known_name()
        word = self.peek_word()
        if known is not None:
            name, self.position = known
            return self.typed(t.Name(name, span=(start, self.position)), self.scope.type_of(name))
        if not word:
            raise self.unexpected("表达式")
        if word not in KEYWORDS:
            self.position += len(word)
            return self.typed(t.Name(word, span=(start, self.position)), self.scope.type_of(word))
        rule: Callable[[int], t.Node] | None = {
            "if": self.conditional,
            "for": self.iteration,
            "some": self.some,
            "every": self.every,
            "function": self.function,
        }.get(word)
        if rule is not None:
            self.position += len(word)
            self.deeper()
            node = rule(start)
            self.depth -= 1
            return node
        if word in ("true", "false"):
            self.position += len(word)
            return t.BooleanLiteral(word == "true", span=(start, self.position))
        if word == "null":
            self.position += len(word)
            return t.NullLiteral(span=(start, self.position))
        raise self.unexpected("表达式")

    def conditional(self, start: int) -> t.Node:
        arms: list[tuple[int, t.Node, t.Node]] = []
        while True:
            condition = self.expression()
            self.needs_word("then")
            arms.append((start, condition, self.expression()))
            self.needs_word("else")
            self.skip()
            start = self.position
            if self.known_name() is not None or not self.takes_word("if"):
                break
        node = self.expression()
        kind = self.type_of(arms[0][2])
        for start, condition, then in reversed(arms):
            node = self.typed(t.If(condition, then, node, span=(start, self.position)), kind)
        return node

    def iterators(self) -> list[t.Iterator]:
        """`a in x, b in 1..2`; each is in scope of the next."""
        found: list[t.Iterator] = []
        while True:
            self.skip()
            start = self.position
            name = self.free_name(stop_word="in")
            if not name:
                raise self.unexpected("名称")
            self.needs_word("in")
            domain = self.binary(OR)
            until = self.binary(ADD) if self.takes("..") else None
            found.append(t.Iterator(name, domain, until, span=(start, self.position)))
            self.enter({name: item_type(self.type_of(domain))})
            if not self.takes(","):
                return found

    def iteration(self, start: int) -> t.Node:
        iterators = self.iterators()
        self.needs_word("return")
        self.enter({"partial": None})
        result = self.expression()
        for _ in range(len(iterators) + 1):
            self.leave()
        kind = self.type_of(result)
        return self.typed(t.For(tuple(iterators), result, span=(start, self.position)), ListOf(kind) if kind else None)

    def some(self, start: int) -> t.Node:
        iterators, condition = self.quantified()
        return t.Some(iterators, condition, span=(start, self.position))

    def every(self, start: int) -> t.Node:
        iterators, condition = self.quantified()
        return t.Every(iterators, condition, span=(start, self.position))

    def quantified(self) -> tuple[tuple[t.Iterator, ...], t.Node]:
        iterators = self.iterators()
        self.needs_word("satisfies")
        condition = self.expression()
        for _ in iterators:
            self.leave()
        return tuple(iterators), condition

    def function(self, start: int) -> t.Node:
        self.needs("(")
        parameters: list[t.Parameter] = []
        if not self.takes(")"):
            while True:
                self.skip()
                place = self.position
                name = self.free_name(stop=":")
                if not name:
                    raise self.unexpected("参数的名称")
                kind = self.type() if self.takes(":") else None
                parameters.append(t.Parameter(name, kind, span=(place, self.position)))
                if not self.takes(","):
                    break
            self.needs(")")
        external = self.takes_word("external")
        self.enter({parameter.name: self._resolved(parameter.type) for parameter in parameters})
        body = self.expression()
        self.leave()
        node = t.FunctionLiteral(tuple(parameters), body, external, span=(start, self.position))
        kinds = tuple(parameter.type or ANY for parameter in parameters)
        return self.typed(node, FunctionOf(kinds, self.type_of(body) or ANY))

    def unary_tests(self) -> t.Node:
        self.skip()
        start = self.position
        if self.takes("-"):
            self.skip()
            if self.position == len(self.text):
                return t.UnaryTests((t.AnyTest(span=(start, start + 1)),), span=(start, self.position))
            self.position = start
        if self.known_name() is None and self.takes_word("not"):
            if self.takes("("):
                tests = self.tests_until_end()
                self.needs(")")
                self.skip()
                if self.position == len(self.text):
                    return t.UnaryTests(tests, True, span=(start, self.position))
            self.position = start
        return t.UnaryTests(self.tests_until_end(), span=(start, self.position))

    def tests_until_end(self) -> tuple[t.Node, ...]:
        tests = [self.positive_test(OR)]
        while self.takes(","):
            tests.append(self.positive_test(OR))
        return tuple(tests)

    def positive_test(self, level: int) -> t.Node:
        self.skip()
        start = self.position
        operator = _OPERATOR.match(self.text, start)
        if operator and operator[0] in _COMPARISONS:
            self.position = operator.end()
            return t.CompareTest(operator[0], self.binary(ADD), span=(start, self.position))  # type: ignore[arg-type]
        value = self.expression() if level == OR else self.binary(level)
        return t.ValueTest(value, span=(start, self.position))


_FIRST_ARGUMENT = frozenset(
    (
        "append",
        "concatenate",
        "union",
        "remove",
        "reverse",
        "sort",
        "sublist",
        "flatten",
        "insert before",
        "distinct values",
        "list replace",
    )
)


def _passed_on(name: str, kinds: list[Type | None]) -> Type | None:
    """The type of a built-in call whose result is made of its first argument (for the names in paths after it)."""
    return kinds[0] if name in _FIRST_ARGUMENT else None


def unescape(text: str) -> str:
    r"""The text with its escapes resolved: \n \r \t \' \" \\ \uXXXX \UXXXXXX; surrogate pairs are joined."""
    if "\\" not in text:
        return text

    def resolve(match: re.Match[str]) -> str:
        code = match[1]
        if len(code) > 1:
            value = int(code[1:], 16)
            return chr(value) if value <= 0x10FFFF else match[0]
        return _ESCAPES.get(code, match[0])

    found = _ESCAPE.sub(resolve, text)
    if any("\ud800" <= character <= "\udfff" for character in found):
        found = found.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return found


__all__ = ["FeelSyntaxError", "parse", "parse_type"]
