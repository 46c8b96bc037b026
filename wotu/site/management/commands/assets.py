"""`wotu assets`: bring the front-end files (ECharts, htmx, dmn-js) through npm."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from wotu.site import assets


class Command(BaseCommand):
    help = "取前端文件（ECharts、htmx、dmn-js），按锁定版本，取过就不再取"
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        if assets.present():
            self.stdout.write("前端文件已在。")
            return
        try:
            assets.fetch()
        except assets.AssetsFailed as error:
            raise CommandError(str(error)) from None
        self.stdout.write("前端文件已取到。")
