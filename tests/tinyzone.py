"""A zone of nine enterprises whose every number can be counted by hand, for the tests of numbers, panels and the wall."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.test import Client
from stdnum.cn import uscc

from wotu.registers.roles import Role
from wotu.registry import attributes, claims
from wotu.registry.models import Area, Attribute, Enterprise, EnterpriseKind, Fact, Kind, Source

NAMES = ("青禾电子", "白露软件", "谷雨医疗", "惊蛰机械", "立夏商贸", "芒种材料", "寒露物流", "霜降仪器", "小满餐饮")


def code(number: int) -> str:
    """A valid credit code."""
    base = f"91320505MA{number:07d}"
    return base + uscc.calc_check_digit(base)


def sign_in(*roles: Role) -> Client:
    """A client signed in with these roles."""
    user = User.objects.create_user(f"u{User.objects.count()}", is_staff=True)
    user.groups.set([Group.objects.get_or_create(name=role.name)[0] for role in roles])
    client = Client()
    client.force_login(user)
    return client


def certify(enterprise: Enterprise, day: date, attribute: str = "hte_issued_on", **more: object) -> Fact:
    """A certificate of a day, said by the science department."""
    source, _ = Source.objects.get_or_create(name="科技局", defaults={"kind": Source.Kind.AUTHORITY, "trust": 80})
    return Fact.objects.create(
        enterprise=enterprise,
        attribute=Attribute.objects.get(code=attribute),
        period=day.isoformat(),
        starts_on=day,
        ends_on=day,
        day=day,
        source=source,
        **more,
    )


def build() -> dict[str, Enterprise]:
    """The zone, by name: two areas, one without an area, one closed, one of unknown age, one invented."""
    cache.clear()
    attributes.sync()
    claims.sync()
    north = Area.objects.create(code="north", name="北片", outline=[[0, 0], [20, 0], [20, 10], [0, 10]])
    south = Area.objects.create(code="south", name="南片综合保税区", outline=[[0, 10], [20, 10], [20, 20], [0, 20]])
    made = {}
    for number, name in enumerate(NAMES):
        made[name] = Enterprise.objects.create(
            code=code(number),
            name=f"{name}有限公司",
            industry="C3972",
            area=(north, south, north)[number % 3] if number < 8 else None,
            established_on=date(2018 + number % 5, 3, 1 + number) if number != 7 else None,
            closed_on=date(2023, 6, 30) if name == "寒露物流" else None,
            is_demo=name == "小满餐饮",
        )
    office = Source.objects.create(name="市场监管局", kind=Source.Kind.AUTHORITY, trust=90)
    for name, kind, since, until in (
        ("青禾电子", Kind.FOREIGN, date(2019, 1, 1), None),
        ("白露软件", Kind.FOREIGN, date(2020, 1, 1), date(2022, 12, 31)),
        ("青禾电子", Kind.JAPANESE, date(2019, 1, 1), None),
        ("谷雨医疗", Kind.LISTED, date(2021, 5, 6), None),
        ("寒露物流", Kind.FOREIGN, date(2020, 6, 1), None),
    ):
        EnterpriseKind.objects.create(enterprise=made[name], kind=kind, since=since, until=until, source=office)
    certify(made["青禾电子"], date(2021, 6, 1))
    certify(made["惊蛰机械"], date(2023, 11, 15))
    certify(made["立夏商贸"], date(2024, 2, 29))
    certify(made["白露软件"], date(2024, 3, 20), "tech_sme_registered_on")
    return made
