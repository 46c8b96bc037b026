"""`wotu snapshot`: the facts known now (or then) into the lake."""

from __future__ import annotations

import json
import time
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from wotu.registers.jobs import working
from wotu.registers.models import Job
from wotu.registry import lake
from wotu.registry.snapshots import summary


class Command(BaseCommand):
    """Take a snapshot from the command line, with its progress kept as a job."""

    help = "把事实写成 Parquet 快照"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--known-at", metavar="TIME", help="知识时点（如 2026-03-31T18:00），不写即现在")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: Any, **options: Any) -> None:
        known_at = _moment(options["known_at"]) if options["known_at"] else None
        began = time.monotonic()
        job = Job.objects.create(kind="snapshot", title=f"快照 {timezone.localtime():%Y-%m-%d %H:%M}")
        try:
            with working(job) as progress:
                made = lake.snapshot(known_at, progress=progress)
                job.message = summary(made)
        except lake.LakeError as error:
            raise CommandError(str(error), returncode=2) from error
        if options["json"]:
            said = {
                "known_at": made.known_at.isoformat(),
                "path": str(lake.folder(made.path)),
                "enterprises": made.enterprises,
                "facts": made.facts,
                "sha256": made.sha256,
                "seconds": round(time.monotonic() - began, 2),
            }
            self.stdout.write(json.dumps(said, ensure_ascii=False))
            return
        self.stdout.write(f"{job.message}用时{time.monotonic() - began:.1f}秒，写在 {lake.folder(made.path)}")


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"时间“{text}”看不懂；请写成 2026-03-31T18:00 的样子。", returncode=2) from None
    return moment if moment.tzinfo else timezone.make_aware(moment)
