"""YAML as people write it: exact numbers, dates kept as text, nothing said twice."""

from __future__ import annotations

import re
from collections.abc import Hashable
from decimal import Decimal
from typing import Any

import yaml

from .documents import DEEPEST, MOST_ITEMS, number, refuse

_NUMBER = r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?"


class _Loader(yaml.SafeLoader):
    """YAML 1.2's core values (yes, no and 12:30 are texts); dates are texts, numbers exact, a key said twice is refused."""

    where = ""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, _ in node.value:
                if key.tag == "tag:yaml.org,2002:merge":
                    continue
                name = key.value if isinstance(key, yaml.ScalarNode) else None
                if name is None:
                    raise refuse(_spot(self.where, key.start_mark), "名称不是文字", "名称请写成一个词")
                if name in seen:
                    raise refuse(_spot(self.where, key.start_mark), f"“{name}”出现了两次", "请只留一个")
                seen.add(name)
        return super().construct_mapping(node, deep)

    def flatten_mapping(self, node: Any) -> None:
        super().flatten_mapping(node)
        if len(node.value) > MOST_ITEMS // 20:
            raise refuse(_spot(self.where, node.start_mark), "合并（<<）展开后太大", "请减少别名的引用")


def _scalar(loader: _Loader, node: Any) -> Decimal:
    return number(
        node.value.replace("+", "", 1) if node.value.startswith("+") else node.value,
        _spot(loader.where, node.start_mark),
    )


def _not_a_number(loader: _Loader, node: Any) -> Any:
    raise refuse(_spot(loader.where, node.start_mark), f"{node.value} 不是数", "不知道的值请写 null")


_Loader.yaml_implicit_resolvers = {}
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(f"^{_NUMBER}$"), list("-+.0123456789"))
_Loader.add_implicit_resolver("!nan", re.compile(r"^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$"), list("-+."))
_Loader.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile(r"^<<$"), ["<"])
_Loader.add_constructor("tag:yaml.org,2002:float", _scalar)
_Loader.add_constructor("tag:yaml.org,2002:int", _scalar)
_Loader.add_constructor("!nan", _not_a_number)


def read_yaml(text: str, where: str) -> Any:
    """YAML with exact numbers and dates as text."""
    try:
        loader = _Loader(text)
        loader.where = where
        try:
            found = loader.get_single_data()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as problem:
        spot = _spot(where, problem.problem_mark or problem.context_mark)
        raise refuse(spot, f"不是 YAML（{_yaml_problem(problem)}）", "请检查缩进、冒号后的空格和引号") from None
    except yaml.YAMLError as problem:
        raise refuse(where, f"不是 YAML（{problem}）".replace("\n", " ")) from None
    except RecursionError:
        raise refuse(where, "嵌套太深", "请减少嵌套") from None
    _count(found, where)
    return found


def _count(value: Any, where: str) -> None:
    """Refuse what is too large or holds itself."""
    left = MOST_ITEMS
    todo: list[tuple[Any, int]] = [(value, 0)]
    while todo:
        item, depth = todo.pop()
        left -= 1
        if left < 0:
            raise refuse(where, f"展开后超过 {MOST_ITEMS} 个值", "请减少别名（*）的引用或拆成几个文件")
        if depth > DEEPEST:
            raise refuse(where, f"嵌套超过 {DEEPEST} 层，或引用了自己", "请减少嵌套")
        if isinstance(item, dict):
            todo += [(inner, depth + 1) for inner in item.values()]
        elif isinstance(item, list):
            todo += [(inner, depth + 1) for inner in item]


def _spot(where: str, mark: Any) -> str:
    return where if mark is None else f"{where} 第 {mark.line + 1} 行第 {mark.column + 1} 列"


_YAML_PROBLEMS = (
    ("found undefined alias", "没有定义过这个别名（*）"),
    ("found duplicate anchor", "锚点（&）重名"),
    ("could not determine a constructor", "有不认识的标签（!）"),
    ("found character '\\t'", "缩进里有制表符"),
    ("mapping values are not allowed", "这里不能有冒号"),
    ("expected ',' or '}'", "花括号没有闭合，或两项之间少了逗号"),
    ("expected ',' or ']'", "方括号没有闭合，或两项之间少了逗号"),
    ("found unexpected end of stream", "引号或括号没有闭合"),
    ("expected <block end>", "缩进不一致"),
    ("could not find expected ':'", "少了冒号"),
    ("expected a single document", "一个文件里只能有一份内容"),
)


def _yaml_problem(problem: yaml.MarkedYAMLError) -> str:
    said = f"{problem.context or ''} {problem.problem or ''}"
    return next((words for beginning, words in _YAML_PROBLEMS if beginning in said), "写法不对")
