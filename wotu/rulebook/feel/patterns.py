"""Regular expressions as XPath/XQuery define them (F&O 5.6, as DMN asks), on the `regex` module; they cannot run away."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import regex

from .known import TEXT_LIMIT
from .values import FeelError

SECONDS = 1.0
"""A match that takes longer is an error."""
LENGTH = 10_000
"""Characters in one pattern, at most."""

_NAME_START = r"\p{L}_:\p{Nl}"
_CLASSES = {
    "i": _NAME_START,
    "c": _NAME_START + r"\p{M}\p{Nd}.\-\u00b7",
    "d": r"\p{Nd}",
    "w": r"\p{L}\p{M}\p{N}\p{S}",
    "s": r" \t\n\r",
}
_META = frozenset("\\|.?*+(){}[]^$-")
_CONTROL = {"n": "\\n", "r": "\\r", "t": "\\t"}


@lru_cache(maxsize=1024)
def compiled(pattern: str, flags: str) -> Any:
    """The pattern, ready to match; FeelError when it or a flag is not allowed."""
    if any(flag not in "smixq" for flag in flags):
        raise FeelError(f"正则表达式没有这个标志：{flags[:10]}")
    if len(pattern) > LENGTH:
        raise FeelError("正则表达式太长")
    options = regex.VERSION1 | regex.UNICODE
    if "i" in flags:
        options |= regex.IGNORECASE
    if "m" in flags:
        options |= regex.MULTILINE
    if "s" in flags:
        options |= regex.DOTALL
    try:
        translated = regex.escape(pattern) if "q" in flags else _Translator(pattern, flags).whole()
        return regex.compile(translated, options)
    except (regex.error, RecursionError, OverflowError, MemoryError) as problem:
        raise FeelError(f"正则表达式不对：{pattern[:40]}") from problem


def search(pattern: Any, text: str) -> bool:
    """Whether the pattern matches somewhere in the text."""
    try:
        return pattern.search(text, timeout=SECONDS) is not None
    except TimeoutError as problem:
        raise FeelError("正则表达式算得太久") from problem


def split_by(pattern: Any, text: str) -> list[str]:
    """The parts between matches, empty ones included."""
    parts: list[str] = []
    place = 0
    try:
        for match in pattern.finditer(text, timeout=SECONDS):
            if match.end() == match.start() and match.start() in (0, len(text)):
                continue
            parts.append(text[place : match.start()])
            place = match.end()
    except TimeoutError as problem:
        raise FeelError("正则表达式算得太久") from problem
    return [*parts, text[place:]]


def replace_all(pattern: Any, text: str, replacement: str, literal: bool = False) -> str:
    """Every match replaced; `$1` stands for a group, `\\$` and `\\\\` for the signs themselves."""
    template: list[str | int] = [replacement] if literal else _template(replacement, pattern.groups)
    parts: list[str] = []
    place = size = 0
    try:
        if pattern.search("", timeout=SECONDS) is not None:
            raise FeelError("这个正则表达式也匹配空文字，不能用于 replace")
        for match in pattern.finditer(text, timeout=SECONDS):
            made = "".join(part if isinstance(part, str) else (match[part] or "") for part in template)
            parts += [text[place : match.start()], made]
            size += len(made)
            if size > TEXT_LIMIT:
                raise FeelError("文字太长")
            place = match.end()
    except TimeoutError as problem:
        raise FeelError("正则表达式算得太久") from problem
    return "".join([*parts, text[place:]])


def _template(replacement: str, groups: int) -> list[str | int]:
    found: list[str | int] = []
    place = 0
    while place < len(replacement):
        sign = replacement[place]
        if sign == "\\":
            if replacement[place + 1 : place + 2] not in ("\\", "$"):
                raise FeelError("replace 的替换文字里 \\ 后面只能是 \\ 或 $")
            found.append(replacement[place + 1])
            place += 2
        elif sign == "$":
            end = place + 1
            if not replacement[end : end + 1].isdecimal():
                raise FeelError("replace 的替换文字里 $ 后面要有组号")
            while (
                end < len(replacement)
                and replacement[end].isdecimal()
                and (end == place + 1 or int(replacement[place + 1 : end + 1]) <= groups)
            ):
                end += 1
            group = int(replacement[place + 1 : end])
            found.append(group if group <= groups else "")
            place = end
        else:
            found.append(sign)
            place += 1
    return found


class _Translator:
    """XPath pattern -> `regex` pattern."""

    def __init__(self, pattern: str, flags: str) -> None:
        self.text = _without_blanks(pattern) if "x" in flags else pattern
        self.place = 0
        self.multiline = "m" in flags
        self.dot_all = "s" in flags
        self.groups = 0
        self.open: list[int] = []

    def whole(self) -> str:
        out: list[str] = []
        while self.place < len(self.text):
            out.append(self.atom())
        if self.open:
            raise FeelError("正则表达式的括号没有闭合")
        return "".join(out)

    def atom(self) -> str:
        sign = self.text[self.place]
        self.place += 1
        if sign == "\\":
            return self.escape()
        if sign == "[":
            return self.characters()
        if sign == "]" or sign == "}":
            raise FeelError(f"正则表达式里多出了 {sign}")
        if sign == "(":
            return self.group()
        if sign == ")":
            if not self.open:
                raise FeelError("正则表达式的括号没有闭合")
            self.open.pop()
            return sign
        if sign == "{":
            return self.quantity()
        if sign in "*+?":
            after = self.text[self.place : self.place + 1]
            if sign != "?" and after == "+":
                raise FeelError("正则表达式的量词不对")
            return sign
        if sign == "^":
            return "^" if self.multiline else r"\A"
        if sign == "$":
            return "$" if self.multiline else r"\Z"
        if sign == ".":
            return "." if self.dot_all else r"[^\n\r]"
        return regex.escape(sign) if sign not in "|" else sign

    def group(self) -> str:
        if self.text.startswith("?", self.place):
            if not self.text.startswith("?:", self.place):
                raise FeelError("正则表达式不支持 (?…)")
            self.place += 2
            self.open.append(0)
            return "(?:"
        self.groups += 1
        self.open.append(self.groups)
        return "("

    def quantity(self) -> str:
        end = self.text.find("}", self.place)
        found = regex.fullmatch(r"(\d{1,6})(?:,(\d{0,6}))?", self.text[self.place : end]) if end >= 0 else None
        if not found:
            raise FeelError("正则表达式的次数不对")
        if max(int(found[1]), int(found[2] or 0)) > 10_000:
            raise FeelError("正则表达式的次数太大")
        self.place = end + 1
        return f"{{{found[0]}}}"

    def escape(self) -> str:
        sign = self.text[self.place : self.place + 1]
        self.place += 1
        if sign.isdecimal():
            return self.back_reference(sign)
        simple = _CONTROL.get(sign) or ("\\" + sign if sign in _META else None)
        if simple:
            return simple
        if sign == "$":
            return r"\$"
        if sign.lower() in _CLASSES and sign:
            return f"[{'^' if sign.isupper() else ''}{_CLASSES[sign.lower()]}]"
        if sign in ("p", "P"):
            return self.category(sign)
        raise FeelError(f"正则表达式里没有 \\{sign}")

    def back_reference(self, digit: str) -> str:
        number = digit
        while (more := self.text[self.place : self.place + 1]).isdecimal() and int(number + more) <= self.groups:
            number += more
            self.place += 1
        if not 1 <= int(number) <= self.groups or int(number) in self.open:
            raise FeelError("正则表达式引用了不存在的组")
        return f"(?:\\{number})"

    def category(self, sign: str) -> str:
        end = self.text.find("}", self.place)
        name = self.text[self.place + 1 : end] if self.text.startswith("{", self.place) and end >= 0 else ""
        self.place = end + 1
        if regex.fullmatch(r"[LMNPZSC][a-z]?", name):
            return f"\\{sign}{{{name}}}"
        if regex.fullmatch(r"Is[A-Za-z0-9\-]+", name):
            return f"\\{sign}{{In{name[2:]}}}"
        raise FeelError("正则表达式里没有这一类字符")

    def characters(self) -> str:
        """What stands after `[`, up to its `]`."""
        negated = self.text.startswith("^", self.place)
        self.place += negated
        out: list[str] = []
        start = self.place
        while True:
            if self.place >= len(self.text):
                raise FeelError("正则表达式的 [ 没有闭合")
            sign = self.text[self.place]
            self.place += 1
            if sign == "]":
                if self.place == start + 1:
                    raise FeelError("正则表达式的 [] 是空的")
                break
            if sign == "-" and self.text.startswith("[", self.place):
                self.place += 1
                inner = self.characters()
                if not self.text.startswith("]", self.place):
                    raise FeelError("正则表达式的 [ 没有闭合")
                self.place += 1
                kept = f"[{'^' if negated else ''}{''.join(out)}]"
                return f"(?:(?!{inner}){kept})"
            if sign == "[":
                raise FeelError("正则表达式的 [ 里不能再有 [")
            if sign == "\\":
                following = self.text[self.place : self.place + 1]
                if following.isdecimal():
                    raise FeelError("正则表达式的 [] 里不能引用组")
                made = self.escape()
                if made.startswith("[^"):
                    made = f"[^{made[2:]}"
                elif made.startswith("["):
                    made = made[1:-1]
                out.append(made)
            elif sign == "-":
                last = self.place == start + 1 or self.text.startswith("]", self.place)
                out.append(r"\-" if last else "-")
            else:
                out.append("\\" + sign if sign in "&|~^[]" else sign)
        return f"[{'^' if negated else ''}{''.join(out)}]"


def _without_blanks(pattern: str) -> str:
    """Flag x: white space outside character classes means nothing."""
    out: list[str] = []
    depth = 0
    place = 0
    while place < len(pattern):
        sign = pattern[place]
        if sign == "\\" and place + 1 < len(pattern):
            following = pattern[place + 1]
            if depth or following not in "\t\n\r ":
                out.append(sign + following)
                place += 2
                continue
            place += 1
            while place < len(pattern) and pattern[place] in "\t\n\r ":
                place += 1
            out.append(sign)
            continue
        depth += (sign == "[") - (sign == "]")
        if depth or sign not in "\t\n\r ":
            out.append(sign)
        place += 1
    return "".join(out)
