"""The `wotu` command: the main jobs by name, Django's own commands behind it."""

from __future__ import annotations

import os
import sys

MAIN = (
    ("demo", "建起演示园区（--size small|zone|city）"),
    ("serve", "启动工作台与后台任务，打印网址"),
    ("import FILE --source NAME", "导入一张表格（--dry-run 只看不写）"),
    ("read FILE", "读一篇报道，列出其中的数字与事件"),
    ("articles FOLDER", "收录一个文件夹的报道，待审"),
    ("snapshot", "把事实写成 Parquet 快照"),
    ("profile [--as-of DATE]", "由快照算出全部企业的画像表（Parquet）"),
    ("screen [--as-of DATE]", "用全部规则筛查全部企业"),
    ("screen RULES_DIR --table FILE --out DIR", "用一个文件夹的规则筛查一张画像表（不需要数据库）"),
    ("rules run|test|check|tck|eval …", "运行、测试、检查规则（不需要数据库）"),
    ("migrate", "更新数据库结构"),
    ("help [COMMAND]", "全部命令，或某个命令的用法"),
)

TABLE = ("--table", "--out", "--engine", "--master")
"""Options of `wotu screen` that speak of a table in Parquet rather than of the enterprises in the database."""


def main(argv: list[str] | None = None) -> int:
    """Run one `wotu` command; `rules`, and `screen` of a table, run without Django."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    of_a_table = arguments[:1] == ["screen"] and any(word.partition("=")[0] in TABLE for word in arguments)
    if arguments[:1] == ["rules"] or of_a_table:
        from wotu.rulebook.cli import main as rules

        return rules(arguments if of_a_table else arguments[1:], alone=argv is None)
    if not arguments or arguments == ["--help"]:
        print("沃土：科技园区的政策、企业与数字\n")
        for name, what in MAIN:
            print(f"  wotu {name:<34} {what}")
        return 0
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wotu.site.settings")
    return _django(arguments)


def _django(arguments: list[str]) -> int:
    """Run one of Django's commands; what is not there yet, or mistyped, is said in a sentence."""
    from difflib import get_close_matches

    import django
    from django.core.management import execute_from_command_line, get_commands
    from django.db import DatabaseError

    django.setup()
    name = arguments[0]
    if not name.startswith("-") and name not in get_commands() and name not in ("help", "version"):
        near = get_close_matches(name, get_commands(), 1)
        print(
            f"没有“{name}”这个命令{f'，是不是 {near[0]}' if near else ''}。单独运行 wotu 看主要命令。", file=sys.stderr
        )
        return 2
    try:
        execute_from_command_line(["wotu", *arguments])
    except DatabaseError as error:
        what = str(error).strip().splitlines()[0]
        missing = "no such table" in what or "does not exist" in what or "no such column" in what
        mend = "请先运行 wotu migrate。" if missing else "请检查 WOTU_DATABASE 或 WOTU_VAR，再运行一次。"
        print(f"数据库{'还没有建好' if missing else '用不了'}（{what}）。{mend}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
