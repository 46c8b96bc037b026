"""`wotu migrate`: Django's own, and then what code declares and the database must know: roles, attributes, rule editions."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate

from wotu.policy import editions
from wotu.registry import attributes
from wotu.site import staff


class Command(migrate.Command):
    """Bring the database up to date; after it a zone has its six roles, the attributes and the rules that files declare."""

    help = "更新数据库结构，并备好角色、指标与规则版本"

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if not (options["check_unapplied"] or options["plan"] or options["app_label"]):
            attributes.sync()
            editions.sync()
            made = staff.seed_roles(using=options["database"])
            if made and options["verbosity"] > 0:
                self.stdout.write(f"角色已备好：{'、'.join(made)}。")
