"""`wotu demo`: a demonstration zone from nothing to its first screening; may be stopped and run again at any point."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from wotu.policy.models import Screening
from wotu.registers.days import day
from wotu.registers.measures import Reading
from wotu.registers.roles import ADMIN, ROLES
from wotu.registry import claims, lake
from wotu.registry.demo import sheet
from wotu.registry.demo.seed import DemoRefused, Seeded, seed
from wotu.registry.demo.zone import PUBLISHED_ON, SIZES
from wotu.registry.desk.show import ratio
from wotu.registry.measures import MEASURES
from wotu.registry.models import Fact, Snapshot, ZoneClaim
from wotu.rulebook.findings import RulebookError
from wotu.site.zone import DEMO_MAIL, DEMO_PASSWORD


class Command(BaseCommand):
    """Bring up the demonstration zone and say what was made, beside the published totals."""

    help = "建起演示园区：企业、事实、账号、快照与首次筛查（可重复运行）"

    def add_arguments(self, parser: CommandParser) -> None:
        sizes = "、".join(f"{size.id} {size.enterprises}家" for size in SIZES.values())
        parser.add_argument("--size", metavar="|".join(SIZES), help=f"规模：{sizes}；不写即已有的，没有则 small")
        parser.add_argument("--day", metavar="DATE", help="基准日（如 2026-06-30），不写即已有的，没有则今天")
        parser.add_argument("--no-screening", action="store_true", help="不做快照和首次筛查")

    def handle(self, *args: Any, **options: Any) -> None:
        on = day(options["day"]) if options["day"] else None
        began = time.monotonic()
        try:
            self._migrate()
            with self._timed("企业与事实"):
                made = seed(options["size"], on, say=lambda text: self.stdout.write(f"  {text}"))
            sheet.send_in(made.day)
            added, changed = claims.sync()
            users = accounts()
            screening = None if options["no_screening"] else self._screen(made)
        except DemoRefused as error:
            raise CommandError(str(error), returncode=2) from error
        except (lake.LakeError, RulebookError, claims.BadClaims) as error:
            raise CommandError(
                f"{error}\n演示园区已建到这一步；排除后再运行一次 wotu demo 即可接着做。", returncode=2
            ) from error
        self._tell(made, added + changed, screening)
        self._logins(users)
        self.stdout.write(f"用时 {time.monotonic() - began:.1f} 秒。")

    def _migrate(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            with self._timed("数据库结构"):
                call_command("migrate", verbosity=0, interactive=False)

    def _screen(self, made: Seeded) -> Screening:
        from wotu.policy.demo import first_screening

        finished = made.job.finished_at
        taken = (
            Snapshot.objects.exists() if made.size.in_lake else Snapshot.objects.filter(known_at__gte=finished).exists()
        )
        if not taken:
            with self._timed("快照"):
                lake.snapshot()
        with self._timed("首次筛查"):
            screening, _ = first_screening(made.day)
        return screening

    def _tell(self, made: Seeded, published: int, screening: Screening | None) -> None:
        where = f"{made.size.id} 规模，基准日 {made.day}，{made.size.enterprises} 家企业，全部为演示数据"
        if made.fresh:
            self.stdout.write(f"演示园区{'接着上次' if made.resumed else ''}建好了：{where}。")
        else:
            self.stdout.write(f"演示园区已经建好（{where}），什么也没有改。")
        self.stdout.write(
            f"事实 {Fact.objects.count()} 条" + (f"，公布数字更新 {published} 条。" if published else "。")
        )
        self.stdout.write(
            f"\n{pad('指标', 26)}{pad(str(PUBLISHED_ON), 12, True)}{pad(str(made.day), 14, True)}  公布（国际商报 2021-11-05）"
        )
        published_figures = claims.beside(*MEASURES)
        for measure in MEASURES:
            then, now = measure.read(PUBLISHED_ON), measure.read(made.day)
            words = beside(published_figures.get(measure.id), then, made)
            self.stdout.write(
                f"{pad(measure.name, 26)}{pad(shown(then, measure.unit), 12, True)}{pad(shown(now, measure.unit), 14, True)}  {words}"
            )
        if screening is not None:
            self.stdout.write(f"\n首次筛查（{screening.as_of}，{screening.enterprises} 家在册企业）")
            for rule in screening.rules.select_related("edition__policy").order_by("edition__policy_id"):
                if rule.grades:
                    counts = "  ".join(f"{grade['value']} {grade['count']}" for grade in rule.grades)
                    self.stdout.write(f"{pad(str(rule.edition), 40)} {counts}  未知 {rule.unknown}")
                    continue
                self.stdout.write(
                    f"{pad(str(rule.edition), 40)} 符合 {rule.eligible:>6}  差一项 {rule.near_miss:>5}  未知 {rule.unknown:>6}  不符合 {rule.not_eligible:>6}"
                )

    def _logins(self, users: list[tuple[str, str]]) -> None:
        self.stdout.write(
            f"\n演示账号（密码都是 {DEMO_PASSWORD}）：" + "、".join(f"{login}（{name}）" for login, name in users)
        )

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        if (seconds := time.monotonic() - began) > 0.5:
            self.stdout.write(f"{what} {seconds:.1f} 秒")
            self.stdout.flush()


def accounts() -> list[tuple[str, str]]:
    """One demonstration login a role, made if it is not there; only called for a zone of demonstration data alone."""
    users = get_user_model()
    with transaction.atomic():
        for role in ROLES:
            group, _ = Group.objects.get_or_create(name=role.name)
            if users.objects.filter(username=role.id).exists():
                continue
            user = users.objects.create_user(
                role.id, f"{role.id}{DEMO_MAIL}", DEMO_PASSWORD, is_staff=True, is_superuser=role == ADMIN,
                first_name=f"{role.name}（演示）",
            )  # fmt: skip
            user.groups.add(group)
    return [(role.id, role.name) for role in ROLES]


def beside(claim: ZoneClaim | None, counted: Reading, made: Seeded) -> str:
    """The published figure in words, and whether the count agrees; a small zone has no newcomers' total."""
    if claim is None:
        return "—"
    words = claims.said(claim)
    if counted.value is None:
        return f"{words}（{counted.why.split('：')[0]}）"
    if claim.name.startswith("新增市场主体") and not made.size.newcomers:
        return f"{words}（{claim.period}；small 是小样本，不对这一项）"
    return f"{words}  {'相符' if claims.compare(claim, counted).agrees else '不符'}"


def shown(reading: Reading, unit: str) -> str:
    """A reading for the terminal."""
    if reading.value is None:
        return "未知"
    return ratio(reading.value) if unit == "%" else str(reading.value)


def pad(text: str, width: int, right: bool = False) -> str:
    """Text filled to a width in which a Chinese character counts two."""
    room = " " * max(0, width - sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text))
    return room + text if right else text + room
