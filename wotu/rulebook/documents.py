"""JSON and YAML as people write them: exact numbers, dates kept as text, nothing said twice; and JSON out again, exact.

    read_json('{"收入": 0.1}', "--inputs")          # {"收入": Decimal("0.1")}
    read_file(Path("cases.yaml"))                   # .json, .yaml, .yml
    write_json({"收入": Decimal("0.10")})           # '{"收入": 0.10}'

What cannot be read raises RulebookError with the place: file, line and column.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from .findings import Finding, RulebookError

MOST_BYTES = 64 * 1024 * 1024
"""Larger files are refused."""
MOST_ITEMS = 2_000_000
"""More values than this (YAML aliases counted each time) are refused."""
DIGITS = 34
HIGHEST = 6144
DEEPEST = 200


def refuse(where: str, what: str, how: str = "") -> RulebookError:
    """The error for one place."""
    return RulebookError(Finding(where, what, how))


def meant(name: str, names: Iterable[str]) -> str:
    """The name somebody probably meant; empty when none is near."""
    close = get_close_matches(name, list(names), 1, 0.5 if len(name) <= 3 else 0.6)
    return close[0] if close else ""


def read_file(path: Path) -> Any:
    """The content of a .json, .yaml or .yml file."""
    suffix = path.suffix.lower()
    if suffix not in (".json", ".yaml", ".yml"):
        raise refuse(str(path), "不是 JSON 或 YAML 文件", "请用 .json、.yaml 或 .yml 文件")
    text = read_text(path)
    if suffix == ".json":
        return read_json(text, str(path))
    from .yamls import read_yaml  # which imports a library that nobody else needs

    return read_yaml(text, str(path))


def read_text(path: Path) -> str:
    """A file's text in UTF-8, with or without a byte order mark."""
    try:
        if path.is_dir():
            raise refuse(str(path), "是文件夹，不是文件")
        if path.stat().st_size > MOST_BYTES:
            raise refuse(str(path), f"超过 {MOST_BYTES // 1024 // 1024} MB", "请拆成几个文件")
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise refuse(str(path), "没有这个文件", "请检查路径") from None
    except UnicodeDecodeError as problem:
        raise refuse(str(path), f"第 {problem.start + 1} 个字节起不是 UTF-8 文字", "请另存为 UTF-8") from None
    except (OSError, ValueError) as problem:
        raise refuse(
            str(path), f"读不了（{getattr(problem, 'strerror', None) or problem}）", "请检查路径和权限"
        ) from None


def number(text: str, where: str) -> Decimal:
    """A number as FEEL holds it; refused where it has more digits than FEEL keeps, or is too large."""
    if len(text) > 10_000:
        raise refuse(where, f"数“{text[:20]}…”太长", f"请写成不超过 {DIGITS} 位有效数字的数")
    shown = text if len(text) <= 40 else text[:37] + "…"
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise refuse(where, f"数“{shown}”超出范围") from None
    if not value:
        return Decimal(0)
    if value.adjusted() > HIGHEST or value.adjusted() < -HIGHEST + 1:
        raise refuse(where, f"数“{shown}”超出范围", f"绝对值须小于 1E+{HIGHEST + 1}，不为 0 时不小于 1E-{HIGHEST - 1}")
    if len(value.as_tuple().digits) - _zeros(value) > DIGITS:
        raise refuse(where, f"数“{shown}”超过 {DIGITS} 位有效数字", "请先四舍五入")
    return value


def _zeros(value: Decimal) -> int:
    digits = value.as_tuple().digits
    count = 0
    while count < len(digits) and digits[-1 - count] == 0:
        count += 1
    return count


# --- JSON -----------------------------------------------------------------------------------------------------------


def read_json(text: str, where: str) -> Any:
    """JSON with exact numbers; a name said twice, NaN and Infinity are refused."""

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in items:
            if key in found:
                raise refuse(where, f"“{key}”出现了两次", "请只留一个")
            found[key] = value
        return found

    def constant(name: str) -> Any:
        raise refuse(where, f"{name} 不是数", "不知道的值请写 null")

    def parsed(digits: str) -> Decimal:
        return number(digits, where)

    if text.count("[") + text.count("{") > DEEPEST and _depth(text) > DEEPEST:
        raise refuse(where, f"嵌套超过 {DEEPEST} 层", "请减少嵌套")
    try:
        return json.loads(text, object_pairs_hook=pairs, parse_constant=constant, parse_float=parsed, parse_int=parsed)
    except json.JSONDecodeError as problem:
        spot = f"{where} 第 {problem.lineno} 行第 {problem.colno} 列"
        raise refuse(
            spot, f"不是 JSON（{_json_problem(problem.msg)}）", '名称和文字要用英文双引号，如 {"年收入": 120}'
        ) from None


def _depth(text: str) -> int:
    deepest = depth = 0
    inside = escaped = False
    for sign in text:
        if inside:
            inside = escaped or sign != '"'
            escaped = sign == "\\" and not escaped
        elif sign == '"':
            inside = True
        elif sign in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in "]}":
            depth -= 1
    return deepest


_JSON_PROBLEMS = {
    "Expecting property name enclosed in double quotes": "这里应是用双引号括起的名称",
    "Expecting value": "这里应有一个值",
    "Expecting ':' delimiter": "名称后面少了冒号",
    "Expecting ',' delimiter": "两项之间少了逗号",
    "Extra data": "后面还有多余的内容",
    "Unterminated string starting at": "双引号没有闭合",
    "Invalid control character at": "文字里有控制字符",
    "Illegal trailing comma before end of object": "最后一项后面多了逗号",
    "Illegal trailing comma before end of array": "最后一项后面多了逗号",
}


def _json_problem(message: str) -> str:
    return _JSON_PROBLEMS.get(message, "写法不对")


def write_json(value: Any, indent: int | None = None, level: int = 0) -> str:
    """JSON with decimals as numbers, every digit kept."""
    if isinstance(value, Decimal):
        return _number_text(value)
    if isinstance(value, dict):
        items: Iterable[str] = (
            f"{_PLAIN(str(key))}: {write_json(item, indent, level + 1)}" for key, item in value.items()
        )
        return _bracketed("{", "}", list(items), indent, level)
    if isinstance(value, list | tuple):
        return _bracketed("[", "]", [write_json(item, indent, level + 1) for item in value], indent, level)
    return _PLAIN(value)


_PLAIN = json.JSONEncoder(ensure_ascii=False).encode


def _bracketed(start: str, end: str, items: list[str], indent: int | None, level: int) -> str:
    if indent is None or not items:
        return start + ", ".join(items) + end
    if len(items) == 1 and "\n" not in items[0] and len(items[0]) < 80:
        return start + items[0] + end
    pad = "\n" + " " * indent * (level + 1)
    return start + pad + ("," + pad).join(items) + "\n" + " " * indent * level + end


def _number_text(value: Decimal) -> str:
    if not value:
        return "0"
    if -30 < value.adjusted() < 60:
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return f"{value.normalize():E}"
