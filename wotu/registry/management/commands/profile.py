"""`wotu profile`: the profile of every enterprise as of a day, as one Parquet file that rules can be screened with."""

from __future__ import annotations

import json
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from wotu.registers.days import day
from wotu.registers.jobs import working
from wotu.registers.models import Job
from wotu.registry import lake, profiles
from wotu.rulebook.findings import RulebookError


class Command(BaseCommand):
    """Build the table from the command line, with its progress kept as a job; a killed run goes on where it was."""

    help = "由最新快照算出全部企业的画像表（Parquet）"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as-of", metavar="DATE", help="基准日（如 2026-06-30），不写即今天")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: Any, **options: Any) -> None:
        as_of = day(options["as_of"]) if options["as_of"] else timezone.localdate()
        began = time.monotonic()
        job = Job.objects.create(kind="profile", title=f"画像 {as_of}")
        try:
            with working(job) as progress:
                made = profiles.build(lake.latest(), as_of, progress=progress)
                job.message = f"{as_of} 的画像：{made.rows}家企业，{len(made.columns)}列。"
        except (lake.LakeError, RulebookError) as error:
            raise CommandError(str(error), returncode=2) from error
        seconds = round(time.monotonic() - began, 2)
        if options["json"]:
            said = {
                "as_of": as_of.isoformat(),
                "known_at": made.known_at.isoformat(),
                "path": str(made.file),
                "rows": made.rows,
                "columns": len(made.columns),
                "sha256": made.sha256,
                "seconds": seconds,
            }
            self.stdout.write(json.dumps(said, ensure_ascii=False))
            return
        self.stdout.write(f"{job.message}用时{seconds}秒，写在 {made.file}")
