"""`wotu rules …` and `python -m wotu.rulebook …`: run, test and try rules from a shell; no database, no settings.

Exit status: 0 all well, 1 a case failed or a rule is wrong, 2 bad use or a bad file, said in one Chinese sentence on stderr.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from io import TextIOWrapper

from ..documents import meant, refuse
from ..findings import RulebookError
from . import arguments
from .arguments import Option

NULL = Option(
    "null", "unknown|feel", "null 与没给的输入：unknown＝不知道，feel＝标准的 null（没有值）", ("unknown", "feel")
)
JSON = Option("json", "", "输出一个 JSON 文档")

COMMANDS: dict[str, tuple[str, tuple[str, ...], tuple[Option, ...]]] = {
    "run": (
        "给规则一组输入，看每个决策的结果",
        ("FILE",),
        (
            Option("inputs", "JSON|FILE", "输入：{ 开头的 JSON、.json/.yaml 文件，或 - 从标准输入读"),
            Option("decision", "NAME", "只要这个决策（可重复）", many=True),
            Option("explain", "", "逐条说明：满足 ✓、不满足 ✗、不知道 ?，用了什么值、要求、差距、出处"),
            Option("trace", "", "怎样得出的：每个决策用了什么、判定表命中哪一行、其他行哪一格不合、为何 null"),
            Option("how", "", "怎样才能符合：最小的改动，每个都重新判断过"),
            Option("want", "CONDITION", "怎样才能达到这个条件，如 '等级 = \"A\"'、'总分 >= 60'（可重复）", many=True),
            Option("change", "INPUT", "--how、--want 只改这个输入（可重复；不给则都可改）", many=True),
            Option("as-of", "DATE", "用这一天施行的版本；FILE 可以是文件夹，或 文件夹/规则名"),
            NULL,
            Option("lang", "zh|en", "说明用中文或英文", ("zh", "en")),
            JSON,
        ),
    ),
    "test": (
        "用算例检验规则；FILE 可以是文件夹",
        ("FILE",),
        (
            Option("examples", "CASES", "算例文件（YAML 或 JSON），不给则用规则里和旁边 <规则名>.examples.yaml 的"),
            Option("coverage", "", "--json 里也写出算例没有走到的条款和判定表的行"),
            NULL,
            JSON,
        ),
    ),
    "check": ("检查规则：写错、类型、要求、判定表的遗漏与重叠、出处；可以是文件夹", ("FILE…",), (JSON,)),
    "diff": ("比较规则的两个版本：改了什么、谁的结果会变，各举一例", ("OLD", "NEW"), (JSON,)),
    "eval": (
        "算一个 FEEL 表达式",
        ("EXPRESSION",),
        (
            Option("context", "JSON|FILE", "表达式里的名称和值"),
            Option(
                "null", "feel|unknown", "上面的 null：feel＝标准的 null（默认），unknown＝不知道", ("feel", "unknown")
            ),
            JSON,
        ),
    ),
    "convert": ("换一种写法：.dmn 与 .xlsx 互转；.dmn 转 .dmn 统一成 DMN 1.5", ("IN", "OUT"), ()),
    "template": ("写出填规则用的空白表格（.xlsx）", ("OUT.xlsx",), ()),
    "text": ("把规则印成条文：要求、判定、依据、分档表、口径", ("FILE", "[OUT.txt]"), ()),
    "schema": ("输入和结果的 JSON schema（2020-12）", ("FILE", "[OUT.json]"), ()),
    "diagram": ("把决策要求图画成 SVG；没有版面的自动排", ("FILE", "[OUT.svg]"), ()),
    "repl": ("一句一句地算 FEEL，可以装入规则", ("[FILE]",), ()),
    "plan": ("看每个决策怎样按列计算；不能的说明原因", ("FILE",), (JSON,)),
    "screen": (
        "用一个文件夹的规则筛查整张画像表；内存有上限，中断后接着做",
        ("RULES_DIR",),
        (
            Option("table", "PROFILE.parquet", "画像表：Parquet 文件，或装着同构文件的文件夹；列名就是规则的输入名"),
            Option("out", "DIR", "结果文件夹（不能已有别的筛查结果）"),
            Option("as-of", "DATE", "基准日，选当日有效的版本；默认今天"),
            Option("threads", "N", "线程数；默认全部核"),
            Option("memory", "SIZE", "内存预算，如 1GiB、512MiB；默认 1GiB"),
            Option("engine", "local|spark", "在本机（默认）或 Spark 集群上算", ("local", "spark")),
            Option("master", "URL", "Spark 的主节点，如 local[2]、yarn、k8s://…；不给就用 spark-submit 或配置文件里的"),
            Option("conf", "KEY=VALUE", "Spark 的设置，如 spark.executor.memory=4g（可重复）", many=True),
            Option("id", "COLUMN", "企业标识列；默认 enterprise_id、id 或 统一社会信用代码，没有就用行号"),
            Option(
                "unfit",
                "refuse|unknown",
                "不在允许值之内的值：refuse＝拒绝（默认），unknown＝当作不知道",
                ("refuse", "unknown"),
            ),
            Option(
                "distances",
                "auto|yes|no",
                "是否逐家列出差一项的距离；默认 auto：行数×规则数不超过一亿才列",
                ("auto", "yes", "no"),
            ),
            JSON,
        ),
    ),
    "tck": ("跑一遍 DMN 一致性测试（TCK）", ("DIR",), (JSON,)),
}
MODULES = {
    "run": "run",
    "test": "test",
    "check": "check",
    "diff": "diff",
    "eval": "evaluate",
    "plan": "plan",
    "screen": "screen",
    "tck": "conformance",
} | {name: name for name in ("convert", "template", "text", "schema", "diagram", "repl")}

SETTINGS = {"OPENBLAS_NUM_THREADS": "1", "MIMALLOC_PURGE_DELAY": "-1"}
"""Read when numpy and Arrow are imported: no threads for matrices, which are not multiplied here, and memory that a block needed
is kept for the next one."""

OVERVIEW = """沃土规则：DMN 1.5 / FEEL，区分“没有值”（null）与“不知道”（unknown）

{commands}

例：
  wotu rules run 高新技术企业认定.dmn --inputs '{{"职工总数": 100, "科技人员数": 12}}' --explain
  wotu rules test wotu/policy/rules
  wotu rules eval 'if 年收入 > 100 then "大" else "小"' --context '{{"年收入": 120}}'

某个命令的选项：wotu rules run --help
退出码：0 正常；1 有不通过的；2 用法或文件有误。"""


def main(argv: Sequence[str] | None = None, *, alone: bool = False) -> int:
    """Run one command; the exit status. `alone`: nothing else runs in this process, before or after."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(
                errors="backslashreplace"
            )  # a console without ✓ or half a character must not end in a fault
    given = list(sys.argv[1:] if argv is None else argv)
    if not given or given[0] in ("--help", "-h", "help"):
        print(OVERVIEW.format(commands="\n".join(_lines())))
        return 0
    name, *rest = given
    try:
        if name not in COMMANDS:
            near = meant(name, COMMANDS)
            hint = f"是不是 {near}？" if near else f"可用：{'、'.join(COMMANDS)}"
            raise refuse("wotu rules", f"没有命令“{name}”", hint)
        what, words, options = COMMANDS[name]
        if "--help" in rest or "-h" in rest:
            print(_help(name, what, words, options))
            return 0
        if alone:
            for setting, value in SETTINGS.items():
                os.environ.setdefault(setting, value)
        run: Callable[[arguments.Given], int] = import_module(f".{MODULES[name]}", __name__).run
        return run(replace(arguments.read(rest, options, words, name), alone=alone))
    except RulebookError as refused:
        print(refused, file=sys.stderr)
        return 2
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        print("已停止。", file=sys.stderr)
        return 130


def _lines() -> list[str]:
    usages = {name: f"wotu rules {name} {' '.join(words)}" for name, (_, words, _) in COMMANDS.items()}
    width = max(map(len, usages.values())) + 3
    return [f"  {usages[name]:<{width}}{what}" for name, (what, _, _) in COMMANDS.items()]


def _help(name: str, what: str, words: tuple[str, ...], options: tuple[Option, ...]) -> str:
    lines = [f"wotu rules {name} {' '.join(words)}{' [选项]' if options else ''}", f"  {what}"]
    if not options:
        return "\n".join(lines)
    lines += ["", "选项："]
    shown = [f"--{option.name} {option.value}".rstrip() for option in options]
    width = max(map(len, shown)) + 2
    lines += [f"  {text:<{width}}{option.what}" for text, option in zip(shown, options, strict=True)]
    return "\n".join(lines)
