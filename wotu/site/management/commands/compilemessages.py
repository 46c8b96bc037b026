"""`wotu compilemessages`: the .mo files beside our .po files, in pure Python, so that nobody needs gettext's tools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from wotu.site import catalog


class Command(BaseCommand):
    help = "把 wotu/locale 下的 .po 编译成 .mo"
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        for folder in settings.LOCALE_PATHS:
            for file in sorted(Path(folder).rglob("*.po")):
                try:
                    messages = catalog.entries(file)
                except catalog.BadCatalog as error:
                    raise CommandError(str(error)) from None
                file.with_suffix(".mo").write_bytes(catalog.compiled(messages))
                self.stdout.write(f"{file.parent.parent.name}/{file.name}：{len(messages) - 1} 条")
