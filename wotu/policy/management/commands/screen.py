"""`wotu screen`: every rule in force over every enterprise."""

from __future__ import annotations

import json
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from wotu.policy.models import Screening
from wotu.policy.screening import screen
from wotu.registers.days import day
from wotu.registers.jobs import working
from wotu.registers.models import Job
from wotu.registry import lake


class Command(BaseCommand):
    """Run a screening from the command line, with its progress kept as a job."""

    help = "用全部规则筛查全部企业"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as-of", metavar="DATE", help="基准日（如 2026-06-30），不写即今天")
        parser.add_argument("--rules", nargs="+", metavar="NAME", help="只筛查这些规则（写规则名），不写即全部")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: Any, **options: Any) -> None:
        as_of = day(options["as_of"]) if options["as_of"] else timezone.localdate()
        rules = [name for given in options["rules"] or () for name in given.replace("，", ",").split(",") if name]
        began = time.monotonic()
        job = Job.objects.create(
            kind="screening", title=f"筛查 {as_of}", arguments={"as_of": as_of.isoformat(), "rules": rules}
        )
        try:
            with working(job) as progress:
                made = screen(as_of, rules=rules or None, job=progress)
                job.message = f"{made.as_of} 筛查完成：{made.enterprises}家企业。"
        except lake.LakeError as error:
            raise CommandError(str(error), returncode=2) from error
        seconds = time.monotonic() - began
        if options["json"]:
            self.stdout.write(json.dumps({**shown(made), "wall_seconds": round(seconds, 2)}, ensure_ascii=False))
            return
        self.stdout.write(
            f"{made.as_of} 筛查 {made.enterprises} 家企业，用时 {seconds:.1f} 秒（{lake.folder(made.path)}）"
        )
        for rule in shown(made)["rules"]:
            amount = f"，金额 {rule['amount']} 元" if rule["amount"] is not None else ""
            if rule["grades"]:
                counts = "，".join(f"{grade['value']} {grade['count']}" for grade in rule["grades"])
                self.stdout.write(f"  {rule['rule']}（{rule['edition']}版）：{counts}，未知 {rule['unknown']}")
                continue
            self.stdout.write(
                f"  {rule['rule']}（{rule['edition']}版）：符合 {rule['eligible']}，差一项 {rule['near_miss']}，"
                f"未知 {rule['unknown']}，不符合 {rule['not_eligible']}{amount}"
            )


def shown(screening: Screening) -> dict[str, Any]:
    """A screening's counts as plain data."""
    return {
        "id": screening.pk,
        "as_of": screening.as_of.isoformat(),
        "known_at": screening.known_at.isoformat(),
        "enterprises": screening.enterprises,
        "seconds": screening.seconds,
        "path": str(lake.folder(screening.path)),
        "rules": [
            {
                "rule": rule.edition.policy.name,
                "edition": rule.edition.edition,
                "eligible": rule.eligible,
                "not_eligible": rule.not_eligible,
                "unknown": rule.unknown,
                "near_miss": rule.near_miss,
                "amount": None if rule.amount is None else str(rule.amount),
                "clauses": rule.clauses,
                "grades": rule.grades,
                "engine": rule.engine,
            }
            for rule in screening.rules.select_related("edition__policy").order_by("edition__policy__name")
        ],
    }
