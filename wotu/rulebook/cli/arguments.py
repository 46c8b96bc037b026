"""Reading a command line: a few options, said in Chinese when something is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..documents import meant, refuse


@dataclass(frozen=True, slots=True)
class Option:
    """`--name VALUE`, or a mere switch when `value` is empty; `among` are the values it may have."""

    name: str
    value: str
    what: str
    among: tuple[str, ...] = ()
    many: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """What was given: the plain arguments, each option's values, and the switches."""

    words: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]]
    alone: bool = False
    """Whether nothing else runs in this process."""

    def one(self, name: str, default: str = "") -> str:
        """The value of an option that may be given once."""
        return self.values[name][-1] if name in self.values else default

    def has(self, name: str) -> bool:
        """Whether an option or switch was given."""
        return name in self.values


def read(arguments: Sequence[str], options: Sequence[Option], words: tuple[str, ...], command: str) -> Given:
    """The arguments taken apart; RulebookError when they do not fit. `words` names the plain arguments, all needed.

    The last of them may be given several times when its name ends in `…`; those in square brackets may be left out.
    """
    known = {f"--{option.name}": option for option in options}
    where = f"wotu rules {command}"
    found: list[str] = []
    values: dict[str, list[str]] = {}
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word == "--":
            found += rest
            break
        if not word.startswith("--"):
            found.append(word)
            continue
        name, equals, text = word.partition("=")
        option = known.get(name)
        if option is None:
            near = meant(name, known)
            raise refuse(where, f"没有选项 {name}", f"是不是 {near}？" if near else f"可用：{'、'.join(known)}")
        if option.value and not equals:
            if not rest:
                raise refuse(where, f"{name} 后面缺少 {option.value}", option.what)
            text = rest.pop(0)
        elif not option.value and equals:
            raise refuse(where, f"{name} 不带值", option.what)
        if option.among and text not in option.among:
            raise refuse(where, f"{name} 不能是“{text}”", f"可用：{'、'.join(option.among)}")
        if option.name in values and not option.many:
            raise refuse(where, f"{name} 给了两次", "请只留一个")
        values.setdefault(option.name, []).append(text)
    if len(found) < sum(not word.startswith("[") for word in words):
        raise refuse(where, f"缺少 {words[len(found)]}", f"用法见 {where} --help")
    if len(found) > len(words) and not (words and words[-1].endswith("…")):
        raise refuse(where, f"多了“{found[len(words)]}”", f"用法见 {where} --help")
    return Given(tuple(found), {name: tuple(each) for name, each in values.items()})
