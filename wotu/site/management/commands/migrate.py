"""`wotu migrate`: Django's own, and then what code declares and the database must know: the roles of the staff."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate

from wotu.site import staff


class Command(migrate.Command):
    """Bring the database up to date; after it a fresh zone has its six roles."""

    help = "更新数据库结构，并备好六个角色"

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if not (options["check_unapplied"] or options["plan"] or options["app_label"]):
            made = staff.seed_roles(using=options["database"])
            if made and options["verbosity"] > 0:
                self.stdout.write(f"角色已备好：{'、'.join(made)}。")
