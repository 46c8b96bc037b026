"""`wotu articles FOLDER`: every article in a folder read and kept for review, with progress; may be stopped and run again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from wotu.intel.tasks import ENDINGS, load
from wotu.registers.jobs import working
from wotu.registers.models import Job


class Command(BaseCommand):
    """Load a folder of articles from the command line, its progress kept as a job; files stay where they are."""

    help = "读一个文件夹里的报道（文本、HTML、PDF、docx），收录待审；已经收录的自动跳过"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="FOLDER", help="放报道的文件夹，子文件夹也读")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(options["folder"]).resolve()
        if not folder.is_dir():
            raise CommandError(f"没有“{folder}”这个文件夹，请检查路径。", returncode=2)
        files = sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix.lower() in ENDINGS)
        if not files:
            raise CommandError(f"“{folder}”里没有可读的文件（{'、'.join(ENDINGS)}）。", returncode=2)
        names = [str(file.relative_to(folder)) for file in files]
        wanted = {"folder": str(folder), "names": names, "keep": True}
        job = Job.objects.create(kind="articles", title=f"读 {len(files)} 篇文章", arguments=wanted)
        with working(job) as progress:
            load(files, None, progress)
        self.stdout.write(job.message)
