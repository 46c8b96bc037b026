"""The roles of a zone's staff; verbs name them, the shell seeds them as groups."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Role:
    """A post in the zone: who may see which rooms and carry out which verbs."""

    id: str
    name: str
    rooms: tuple[str, ...]
    writes: bool = True


ROOMS: dict[str, str] = {
    "registry": "企业",
    "policy": "政策",
    "attract": "招商",
    "space": "载体",
    "capital": "资本",
    "talent": "人才",
    "intel": "情报",
    "strategy": "战略",
    "cockpit": "大屏",
}
EVERY_ROOM = tuple(ROOMS)

ADMIN = Role("admin", "系统管理员", EVERY_ROOM)
POLICY_OFFICER = Role("policy", "政策专员", ("registry", "policy", "intel", "cockpit"))
INVESTMENT_OFFICER = Role("attract", "招商专员", ("registry", "attract", "intel", "cockpit"))
SITE_OPERATOR = Role("space", "载体运营", ("registry", "space", "cockpit"))
REVIEWER = Role("review", "情报审核", ("registry", "intel", "cockpit"))
AUDITOR = Role("audit", "审计", EVERY_ROOM, writes=False)
LEADER = Role("leader", "领导", ("registry", "policy", "intel", "strategy", "cockpit"), writes=False)

ROLES: tuple[Role, ...] = (ADMIN, POLICY_OFFICER, INVESTMENT_OFFICER, SITE_OPERATOR, REVIEWER, AUDITOR, LEADER)
