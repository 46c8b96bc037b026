"""Text functions (DMN 10.3.4.3); positions count code points from 1."""

from __future__ import annotations

from decimal import Decimal

from ..known import TEXT_LIMIT
from ..patterns import compiled, replace_all, search, split_by
from ..unknown import UNKNOWN, Unknown
from ..values import FeelError, Function, Value
from .define import define, whole


def substring(text: str, start: Decimal, length: Decimal | None = None) -> Value:
    place = whole(start)
    if place == 0:
        raise FeelError("substring 的起点从 1 数起")
    begin = place - 1 if place > 0 else max(len(text) + place, 0)
    if place < 0 and -place > len(text):
        raise FeelError("substring 的起点在文字之前")
    if length is None:
        return text[begin:]
    count = whole(length)
    if count < 0:
        raise FeelError("substring 的长度是负数")
    return text[begin : begin + count]


def string_length(text: str) -> Value:
    return Decimal(len(text))


def substring_before(text: str, match: str) -> Value:
    return text.partition(match)[0] if match and match in text else ""


def substring_after(text: str, match: str) -> Value:
    return text.partition(match)[2] if match else text


def replace(text: str, pattern: str, replacement: str, flags: str | None = None) -> Value:
    return replace_all(compiled(pattern, flags or ""), text, replacement, literal="q" in (flags or ""))


def matches(text: str, pattern: str, flags: str | None = None) -> Value:
    return search(compiled(pattern, flags or ""), text)


def split(text: str, delimiter: str) -> Value:
    return split_by(compiled(delimiter, ""), text)


def string_join(parts: list[Value], delimiter: str | None = None) -> Value:
    if any(type(part) is Unknown for part in parts):
        return UNKNOWN
    if not all(part is None or isinstance(part, str) for part in parts):
        raise FeelError("string join 只连接文字")
    found = [part for part in parts if part is not None]
    if sum(map(len, found)) + len(delimiter or "") * len(found) > TEXT_LIMIT:
        raise FeelError("文字太长")
    return (delimiter or "").join(found)


FUNCTIONS: tuple[Function, ...] = (
    define("substring", "string: string, start position: number, [length: number?]", substring, result="string"),
    define("string length", "string: string", string_length, result="number"),
    define("upper case", "string: string", str.upper, result="string"),
    define("lower case", "string: string", str.lower, result="string"),
    define("substring before", "string: string, match: string", substring_before, result="string"),
    define("substring after", "string: string, match: string", substring_after, result="string"),
    define(
        "replace",
        "input: string, pattern: string, replacement: string, [flags: string?]",
        replace,
        result="string",
    ),
    define("contains", "string: string, match: string", lambda text, match: match in text, result="boolean"),
    define("starts with", "string: string, match: string", str.startswith, result="boolean"),
    define("ends with", "string: string, match: string", str.endswith, result="boolean"),
    define("matches", "input: string, pattern: string, [flags: string?]", matches, result="boolean"),
    define("split", "string: string, delimiter: string", split),
    define("string join", "list: list, [delimiter: string?]", string_join, result="string"),
)
