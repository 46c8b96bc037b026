"""Context functions (DMN 10.3.4.10)."""

from __future__ import annotations

from ..unknown import UNKNOWN, Unknown
from ..values import FeelError, Function, Value
from .define import define


def get_value(source: dict[str, Value], key: str) -> Value:
    return source.get(key)


def get_value_by_path(source: dict[str, Value], keys: list[Value]) -> Value:
    found: Value = source
    for key in keys:
        if type(found) is Unknown or type(key) is Unknown:
            return UNKNOWN
        if not isinstance(found, dict) or not isinstance(key, str):
            return None
        found = found.get(key)
    return found


def get_entries(source: dict[str, Value]) -> Value:
    return [{"key": key, "value": value} for key, value in source.items()]


def context(entries: list[Value]) -> Value:
    found: dict[str, Value] = {}
    for entry in entries:
        if type(entry) is Unknown:
            return UNKNOWN
        if not isinstance(entry, dict) or "key" not in entry or "value" not in entry:
            raise FeelError("context 的条目要有 key 与 value")
        key = entry["key"]
        if type(key) is Unknown:
            return UNKNOWN
        if not isinstance(key, str) or key in found:
            raise FeelError("context 的 key 要是不重复的文字")
        found[key] = entry["value"]
    return found


def put(source: dict[str, Value], key: str, value: Value) -> Value:
    return {**source, key: value}


def put_by_path(source: dict[str, Value], keys: list[Value], value: Value) -> Value:
    if not keys:
        raise FeelError("context put 的 keys 是空的")
    first, rest = keys[0], keys[1:]
    if type(first) is Unknown:
        return UNKNOWN
    if not isinstance(first, str):
        raise FeelError("context put 的 keys 要是文字")
    if not rest:
        return {**source, first: value}
    below = source.get(first)
    if type(below) is Unknown:
        return UNKNOWN
    if not isinstance(below, dict):
        raise FeelError(f"{first} 不是 context")
    made = put_by_path(below, rest, value)
    return made if type(made) is Unknown else {**source, first: made}


def merge(contexts: list[Value]) -> Value:
    found: dict[str, Value] = {}
    for part in contexts:
        if type(part) is Unknown:
            return UNKNOWN
        if not isinstance(part, dict):
            raise FeelError("context merge 只合并 context")
        found.update(part)
    return found


FUNCTIONS: tuple[Function, ...] = (
    define("get value", "m: context, key: string", get_value, unknown="shallow"),
    define("get value", "m: context, keys: list", get_value_by_path, unknown="shallow"),
    define("get entries", "m: context", get_entries, unknown="shallow"),
    define("context", "entries: list", context, unknown="shallow"),
    define("context put", "context: context, key: string, value: any", put, unknown="shallow"),
    define("context put", "context: context, keys: list, value: any", put_by_path, unknown="shallow"),
    define("context merge", "contexts: list", merge, unknown="shallow"),
)
