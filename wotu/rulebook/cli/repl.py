"""`wotu rules repl`: FEEL line by line, with names that stay, history and completion; a rule's inputs can be set one by one."""

from __future__ import annotations

import atexit
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..documents import meant, read_file
from ..examples import shown
from ..feel import BUILTINS, UNKNOWN, FeelSyntaxError
from ..feel.names import KEYWORDS
from ..findings import RulebookError
from ..formats.names import wide_signs
from ..rulebook import Rulebook
from .arguments import Given
from .evaluate import answer, kind_name, told
from .given import rulebook

PROMPT, MORE = "feel> ", "  ... "
HELP = """直接写 FEEL 表达式，回车得到它的值
  x = 3            给名称一个值（要比较请写 (x = 3)）；x = ? 表示不知道
  load FILE        装入规则（.dmn）：输入先都不知道，用 名称 = 值 逐个给出；.json、.yaml 是一批名称和值
  :type EXPR       只看它的类型
  :names           现有的名称和值
  :explain         已装入的规则，逐条说明
  :clear           忘掉所有名称
  :quit            退出（也可以按 Ctrl-D）
行末写 \\ 或括号没有闭合时，下一行接着写；Tab 补全名称"""
COMMANDS = (":type ", ":names", ":explain", ":clear", ":help", ":quit", "load ")
_ASSIGNMENT = re.compile(r"\s*([^\W\d]\w*(?: \w+)*)\s*=(?!=)\s*(.+)", re.DOTALL)
_DELIMITERS = ' \t\n()[]{},+-*/<>=":.;'


class Session:
    """The names that stay from line to line, and the rule whose inputs and decisions are names too."""

    def __init__(self) -> None:
        self.own: dict[str, Any] = {}
        self.book: Rulebook | None = None
        self.given: dict[str, Any] = {}

    # --- names ------------------------------------------------------------------------------------------------------

    def context(self) -> dict[str, Any]:
        """All names with their values: the rule's decisions for the inputs given, its inputs, what was set here."""
        names: dict[str, Any] = {}
        if self.book is not None:
            names |= self.book.evaluate(self.given).values
            names |= {self._input(name): value for name, value in self.book.input_values(self.given).items()}
            functions = self.book.network.functions
            names |= {function.name: function for key, function in functions.items() if not key[0]}
        return names | self.own

    def _input(self, name: str) -> str:
        """An input that shares its name with a decision is named apart."""
        assert self.book is not None
        return f"{name}（输入）" if name in self.book.logic else name

    def names(self) -> list[str]:
        """All names, for completion."""
        book = self.book
        found = set(self.own)
        if book is not None:
            found |= {self._input(info.name) for info in book.inputs} | set(book.logic)
        return sorted(found)

    # --- lines ------------------------------------------------------------------------------------------------------

    def line(self, text: str) -> Iterator[str]:
        """What one line answers."""
        text = text.strip()
        word, _, rest = text.partition(" ")
        if not text or text.startswith("//"):
            return
        if word.startswith(":"):
            yield from self.command(word, rest.strip())
        elif word == "load" and rest:
            yield from self.load(Path(rest.strip().strip("\"'")).expanduser())
        elif (found := _ASSIGNMENT.fullmatch(text)) and found[1].split()[0] not in KEYWORDS:
            yield from self.assign(" ".join(found[1].split()), found[2])
        else:
            yield told(*answer(text, self.context()))

    def command(self, word: str, rest: str) -> Iterator[str]:
        match word:
            case ":help" | ":h":
                yield HELP
            case ":type" | ":t":
                yield kind_name(answer(rest, self.context())[0])
            case ":names":
                for name, value in self.context().items():
                    if kind_name(value) != "function" or name in self.own:
                        yield f"{name} = {shown(value)}"
            case ":clear":
                self.own, self.book, self.given = {}, None, {}
            case ":explain" if self.book is not None:
                yield str(self.book.explain(self.given).text)
            case ":explain":
                yield "还没有装入规则：load 规则.dmn"
            case _:
                near = meant(word, COMMANDS)
                yield f"没有命令“{word}”。{f'是不是 {near.strip()}？' if near else ':help 看有哪些'}"

    def assign(self, name: str, text: str) -> Iterator[str]:
        value = UNKNOWN if text.strip() == "?" else None
        if value is None:
            value, why = answer(text, self.context())
            if why:
                yield told(value, why)
        if self.book is not None and any(info.name == name for info in self.book.inputs):
            given = {key: item for key, item in self.given.items() if key != name}
            if value is not UNKNOWN and value is not None:
                given[name] = value
            self.book.input_values(given)
            self.given = given
        else:
            self.own[name] = value
        yield f"{name} = {shown(value)}"

    def load(self, path: Path) -> Iterator[str]:
        if path.suffix.lower() in (".json", ".yaml", ".yml"):
            found = read_file(path)
            for name, value in found.items() if isinstance(found, dict) else ():
                self.own[str(name)] = UNKNOWN if value is None else value
            yield f"已装入 {len(found) if isinstance(found, dict) else 0} 个名称"
            return
        self.book, self.given = rulebook(path), {}
        inputs, decisions = len(self.book.inputs), len(self.book.decisions)
        yield f"已装入“{self.book.name}”：{inputs} 个输入，{decisions} 个决策；:names 看名称，:explain 看说明"

    # --- completion -------------------------------------------------------------------------------------------------

    def completions(self, line: str) -> list[str]:
        """What the end of a line may become: each whole, from where the name begins."""
        candidates = [*self.names(), *(f"{name}(" for name in BUILTINS), *sorted(KEYWORDS - {"external"})]
        if not line.strip() or line.lstrip().startswith((":", "l")):
            candidates += COMMANDS
        starts = [0, *(place + 1 for place, sign in enumerate(line) if sign in _DELIMITERS and sign != ":")]
        for start in starts:
            head = line[start:]
            found = [each for each in candidates if head and each.startswith(head) and each != head]
            if found:
                return sorted(set(found))
        return []


def run(given: Given) -> int:
    """Read lines until there are no more; a wrong one is said and forgotten."""
    session = Session()
    asked = sys.stdin.isatty()
    if asked:
        _readline(session)
        print("沃土 FEEL。:help 看怎么用，Ctrl-D 退出")
    if given.words:
        _say(session, f"load {given.words[0]}")
    kept = ""
    while True:
        try:
            text = input((MORE if kept else PROMPT) if asked else "")
        except EOFError:
            if asked:
                print()
            return 0
        except KeyboardInterrupt:
            kept = ""
            print()
            continue
        whole = f"{kept}{text}"
        if text.endswith("\\") or _open(whole):
            kept = whole.removesuffix("\\") + "\n"
            continue
        kept = ""
        if whole.strip() in (":quit", ":q", "exit", "quit"):
            return 0
        _say(session, whole)


def _say(session: Session, text: str) -> None:
    try:
        for line in session.line(text):
            print(line)
    except FeelSyntaxError as problem:
        hint = wide_signs(text)
        print(f"{problem}\n{hint}" if hint else problem)
    except RulebookError as problem:
        print(problem)
    except KeyboardInterrupt:
        print("已停止。")


def _open(text: str) -> bool:
    """Whether a bracket waits to be closed."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", text)
    pairs = ("()", "{}") if ".." in bare else ("()", "{}", "[]")  # (1..5[ is a range
    return any(bare.count(pair[0]) > bare.count(pair[1]) for pair in pairs)


def _readline(session: Session) -> None:
    """History in a file of the user's, and completion by Tab, where the system has them."""
    try:
        import readline
    except ImportError:
        return
    file = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state") / "wotu" / "feel_history"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.exists():
            readline.read_history_file(file)
        atexit.register(_keep, file)
    except OSError:
        pass
    found: list[str] = []

    def complete(text: str, state: int) -> str | None:
        if state == 0:
            line = readline.get_line_buffer()[: readline.get_endidx()]
            found[:] = [_rest(each, line, text) for each in session.completions(line)]
        return found[state] if state < len(found) else None

    readline.set_completer_delims(_DELIMITERS)
    readline.set_completer(complete)
    readline.parse_and_bind("tab: complete")


def _rest(candidate: str, line: str, text: str) -> str:
    """The part of a candidate that stands in the place of the word at the cursor: names may hold blanks."""
    for start in range(len(line) + 1):
        head = line[start:]
        if candidate.startswith(head):
            return candidate[len(head) - len(text) :]
    return candidate


def _keep(file: Path) -> None:
    import readline

    try:
        readline.set_history_length(1000)
        readline.write_history_file(file)
    except OSError:
        pass
