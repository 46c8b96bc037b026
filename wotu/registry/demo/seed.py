"""Seeding the demonstration zone: resumable, safe to repeat, and refused where real enterprises are."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from wotu.registers.jobs import Progress, working
from wotu.registers.models import Job
from wotu.registry import attributes
from wotu.registry.demo import emit, load
from wotu.registry.demo import lake as demo_lake
from wotu.registry.demo.facts import blocks, generate
from wotu.registry.demo.population import Population, populate
from wotu.registry.demo.zone import PUBLISHED_ON, SIZES, Size
from wotu.registry.models import Attribute, Enterprise, Fact, Snapshot
from wotu.rulebook.findings import Finding

KIND = "demo"
VERSION = 2
"""Raised when the same size and day would give another zone."""
IN_DATABASE = 2
"""Blocks of facts that the database keeps where the rest goes to the lake: the bearers of the high-tech title."""


class DemoRefused(Exception):
    """The demonstration zone cannot be made here; `finding` says why and what to do."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(str(finding))


@dataclass(frozen=True, slots=True)
class Seeded:
    """A demonstration zone that is there: which, as of which day, and whether this call made it."""

    size: Size
    day: date
    fresh: bool
    resumed: bool
    job: Job


def existing() -> Job | None:
    """The job that made (or is making) this database's demonstration zone."""
    return Job.objects.filter(kind=KIND).order_by("pk").first()


def seed(size: str | None = None, day: date | None = None, say: Callable[[str], None] = lambda _: None) -> Seeded:
    """Make the zone, or go on where a killed run stopped, or say that it is there; raises `DemoRefused`.

    Without `size` and `day` those of the zone that is there count; else small and today.
    """
    today = timezone.localdate()
    if Enterprise.objects.filter(is_demo=False).exists():
        raise DemoRefused(
            Finding(
                "演示园区",
                "库里已有真实企业，演示数据不能混进去",
                "请另设数据目录再运行，例如 WOTU_VAR=演示目录 wotu demo",
            )
        )
    if size is not None and size not in SIZES:
        raise DemoRefused(Finding("演示园区", f"没有“{size}”这种规模", f"可选 {'、'.join(SIZES)}"))
    if day is not None and not PUBLISHED_ON < day <= today:
        raise DemoRefused(
            Finding(
                "演示园区",
                f"基准日 {day} 不行",
                f"请给出 {PUBLISHED_ON} 之后（公布数字的日期）、今天（{today}）及以前的日期，或不写（即今天）",
            )
        )
    with _alone():
        job = existing()
        if job is not None:
            _agree(job, size, day)
            made = SIZES[job.arguments["size"]], date.fromisoformat(job.arguments["day"])
            if job.state == Job.State.DONE:
                return Seeded(*made, fresh=False, resumed=False, job=job)
            resumed = True
        else:
            if Enterprise.objects.exists():
                raise DemoRefused(
                    Finding(
                        "演示园区",
                        "库里已有演示企业，却没有建园记录",
                        "请换一个空的数据目录（WOTU_VAR）或清空数据库后再运行",
                    )
                )
            made = SIZES[size or "small"], day or today
            job = Job.objects.create(
                kind=KIND,
                title=f"建演示园区（{made[0].id}，{made[1]}）",
                arguments={"size": made[0].id, "day": made[1].isoformat(), "version": VERSION},
            )
            resumed = False
        with working(job) as progress:
            _make(populate(*made), progress, say)
            job.message = f"演示园区已建好：{made[0].enterprises}家企业，基准日 {made[1]}。"
        return Seeded(*made, fresh=True, resumed=resumed, job=job)


def _agree(job: Job, size: str | None, day: date | None) -> None:
    """Refuse another size or day than that of the zone that is there."""
    there = job.arguments
    state = "已有" if job.state == Job.State.DONE else "已开始建"
    mend = "要换，请另设数据目录（例如 WOTU_VAR=另一目录 wotu demo …），或移走现有数据目录后重建；要看现有的，不带这个参数再运行一次"
    if size is not None and size != there["size"]:
        raise DemoRefused(Finding("演示园区", f"这个库里{state} {there['size']} 规模的演示园区，不能再建 {size}", mend))
    if day is not None and day.isoformat() != there["day"]:
        raise DemoRefused(
            Finding("演示园区", f"这个库里{state}基准日为 {there['day']} 的演示园区，不能改为 {day}", mend)
        )
    if job.state != Job.State.DONE and there.get("version") != VERSION:
        raise DemoRefused(
            Finding("演示园区", "上次由旧版本建到一半，新版本接不上", "请移走数据目录（WOTU_VAR）后重新运行")
        )


@contextmanager
def _alone() -> Iterator[None]:
    """Only one run seeds at a time."""
    folder = Path(settings.LAKE)
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".demo.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoRefused(
                Finding("演示园区", "另一个 wotu demo 正在建", "请等它结束后再运行；它若被中断，再运行一次即可接着建")
            ) from None
        yield


def _make(people: Population, progress: Progress, say: Callable[[str], None]) -> None:
    job, size = progress.job, people.size
    progress.expect(size.enterprises)
    if not job.cursor:
        with transaction.atomic():
            attributes.sync()
            first = (Enterprise.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
            fact = (Fact.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
            load.enterprises(people, first)
            load.kinds(people, first, emit.sources()["市场监管"].pk)
            load.former_names(people, first)
            load.settle_sequences()
            progress.advance(0, {"enterprise": first, "first_fact": fact, "fact": fact, "block": 0})
        say(f"企业 {size.enterprises} 家")
    ids = dict(Attribute.objects.values_list("code", "pk"))
    numbered = [ids[declared.code] for declared in attributes.catalogue().attributes]
    sources = [source.pk for source in emit.sources().values()]
    start, cursor = job.cursor["block"], dict(job.cursor)
    ends = [end for _, _, end in blocks(people)]
    last = IN_DATABASE if size.in_lake else len(ends)
    told = timezone.now()
    for number, block in generate(people, start) if start < last else ():
        with transaction.atomic():
            cursor["fact"] = load.facts(
                block, enterprise=cursor["enterprise"], fact=cursor["fact"], attributes=numbered, sources=sources
            )
            cursor["block"] = number + 1
            progress.advance(ends[number], dict(cursor))
        if (timezone.now() - told).total_seconds() > 5:
            told = timezone.now()
            say(f"事实 {cursor['fact'] - cursor['first_fact']} 条（{ends[number]}/{size.enterprises} 家）")
        if number + 1 >= last:
            break
    load.settle_sequences()
    if size.in_lake and not Snapshot.objects.filter(path__startswith="facts/").exists():
        say("其余事实直接写入数据湖……")
        made = demo_lake.write(
            people, enterprise=cursor["enterprise"], fact=cursor["first_fact"], sources=sources, moment=timezone.now()
        )
        say(f"数据湖 {made.facts} 条事实")
    progress.advance(size.enterprises, cursor)
