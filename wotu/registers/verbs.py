"""The verb register: the only door through which records change.

A verb checks who may and from which state, changes rows in one transaction, writes the audit line and says what
happened. The desk's buttons, the API's operations and the permissions all come from the same declaration.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, cast

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db import models, transaction

from wotu.registers.models import AuditLine
from wotu.registers.roles import ADMIN, Role

P = ParamSpec("P")

Actor = AbstractBaseUser | AnonymousUser | None
"""Who acts: somebody signed in, or None for the system itself (command line, worker)."""


class Refused(Exception):
    """The record is not in a state that allows the verb; the message says which state it is in and what to do."""


@dataclass(frozen=True, slots=True)
class Verb:
    """A declared change of one kind of record."""

    id: str
    model: type[models.Model]
    name: str
    label: str
    by: tuple[Role, ...]
    when: tuple[str, ...]
    then: str
    room: str
    run: Callable[..., Any]

    @property
    def permission(self) -> str:
        """Codename of the permission that carries this verb."""
        return f"{self.name}_{self.model._meta.model_name}"

    def allowed(self, user: Any) -> bool:
        """Whether this user's roles carry the verb."""
        return may(user, self.by)

    def ready(self, record: models.Model) -> bool:
        """Whether the record is in a state from which the verb starts."""
        return not self.when or getattr(record, "state", None) in self.when


class Door(Protocol):
    """A declared verb as its callers use it; `verb` is the declaration behind it."""

    verb: Verb

    def __call__(self, record: Any, by: Actor, *, key: str | None = None, **arguments: Any) -> Any: ...


_verbs: dict[str, Verb] = {}


def role_names(user: Any) -> frozenset[str]:
    """Names of the roles (groups) a user holds, read once per user object."""
    cached = getattr(user, "_role_names", None)
    if cached is None:
        cached = frozenset(user.groups.values_list("name", flat=True)) if user.is_authenticated else frozenset()
        user._role_names = cached
    return cached


def may(user: Any, by: tuple[Role, ...]) -> bool:
    """Whether a user holds one of the roles; the administrator and superusers hold all."""
    if user is None or not user.is_active:
        return False
    return user.is_superuser or ADMIN.name in role_names(user) or any(role.name in role_names(user) for role in by)


def verb(
    model: type[models.Model],
    name: str,
    label: str,
    *,
    by: Role | tuple[Role, ...],
    room: str,
    when: str | tuple[str, ...] = (),
    then: str = "",
) -> Callable[[Callable[Concatenate[Any, Any, P], Any]], Door]:
    """Declare a verb; the function gets `(record, by, **arguments)` inside the transaction, the row locked and re-read.

    Callers pass the user as `by` (None is the system itself, for the command line and the worker) and may pass
    `key=`, under which a repeated call changes nothing. Raises `PermissionDenied` or `Refused`.
    """
    roles = by if isinstance(by, tuple) else (by,)
    states = when if isinstance(when, tuple) else (when,)

    def declare(function: Callable[..., Any]) -> Door:
        @wraps(function)
        def door(record: Any, by: Actor, *, key: str | None = None, **arguments: Any) -> Any:
            if by is not None and not may(by, roles):
                raise PermissionDenied(f"“{label}”须由{'、'.join(r.name for r in roles)}办理，您的账号没有这个角色。")
            with transaction.atomic():
                if key is not None and AuditLine.objects.filter(key=key).exists():
                    return record
                if record.pk is not None:
                    record = model._default_manager.select_for_update().get(pk=record.pk)
                if states and record.state not in states:
                    shown = dict(record._meta.get_field("state").flatchoices).get(record.state, record.state)
                    raise Refused(f"{record} 现为“{shown}”，不能{label}。")
                before = _plain(record) if record.pk is not None else {}
                result = function(record, by, **arguments)
                if then:
                    record.state = then
                    record.save(update_fields=["state"])
                after = _plain(record)
                changes = {k: [before.get(k), v] for k, v in after.items() if before.get(k) != v}
                AuditLine.objects.create(
                    by=cast(User | None, by),
                    verb=declared.id,
                    subject_type=model._meta.label,
                    subject_id=str(record.pk),
                    subject=str(record)[:200],
                    changes=changes,
                    note=str(arguments.get("note", "")),
                    key=key,
                )
                return record if result is None else result

        declared = Verb(f"{room}.{name}", model, name, label, roles, states, then, room, door)
        _verbs[declared.id] = declared
        opened = cast(Door, door)
        opened.verb = declared
        return opened

    return declare


def verbs(model: type[models.Model] | None = None) -> tuple[Verb, ...]:
    """Every declared verb, or those of one kind of record."""
    return tuple(v for v in _verbs.values() if model is None or v.model is model)


def _plain(record: models.Model) -> dict[str, Any]:
    return {f.attname: f.value_to_string(record) for f in record._meta.concrete_fields if not f.primary_key}
