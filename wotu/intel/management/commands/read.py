"""`wotu read`: an article into claims, events and structures; needs no database."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from wotu.intel.reading import Unreadable, read_bytes
from wotu.intel.reading.show import as_json, as_lines


class Command(BaseCommand):
    """Read one article and say what it states."""

    help = "读一篇报道（文本、HTML、PDF、docx），列出其中的数字、事件与结构；不写入任何东西"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="报道文件；- 表示从标准输入读")
        parser.add_argument("--published", metavar="DATE", default="", help="发布日期，如 2021-11-05；不写则取页面上的")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            data = sys.stdin.buffer.read() if options["file"] == "-" else Path(options["file"]).read_bytes()
        except OSError as error:
            raise CommandError(f"“{options['file']}”打不开：{error.strerror}。请检查路径。", returncode=2) from error
        try:
            reading, paged = read_bytes(data, options["file"], _day(options["published"]))
        except Unreadable as error:
            if options["json"]:
                self.stdout.write(json.dumps({"claims": [], "error": str(error)}, ensure_ascii=False))
            raise CommandError(str(error), returncode=2) from error
        if options["json"]:
            self.stdout.write(json.dumps(as_json(reading, with_text=paged), ensure_ascii=False, indent=1))
        else:
            self.stdout.write("\n".join(as_lines(reading)))


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"“{text}”不是日期，请写成 2021-11-05 的样子。", returncode=2) from None
