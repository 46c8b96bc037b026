"""What other rooms hang on the page of an enterprise: a tab each, declared from the room's `AppConfig.ready`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.http import HttpRequest

from wotu.registry import profiles
from wotu.registry.models import Enterprise
from wotu.registry.profiles import Profile


@dataclass(frozen=True)
class Subject:
    """The enterprise a page is about and the day it is looked at from; its profile is read once, when first asked for."""

    enterprise: Enterprise
    as_of: date

    @cached_property
    def profile(self) -> Profile:
        """The typed row as of the day, with the facts behind each value."""
        return profiles.profile(self.enterprise, self.as_of)


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: `context` reads what `template` shows; only roles that may enter `room` see it."""

    id: str
    name: str
    room: str
    order: int
    template: str
    context: Callable[[HttpRequest, Subject], dict[str, Any]]
    summary: str = ""
    """Address (before the enterprise's id) of what the overview shows of this tab, read after the page itself."""
    style: str = ""
    """Static path of the style sheet that its template and its summary need."""


_tabs: dict[str, Tab] = {}


def declare(*tabs: Tab) -> None:
    """Make tabs known; safe to repeat."""
    _tabs.update({tab.id: tab for tab in tabs})


def tabs() -> tuple[Tab, ...]:
    """Every tab in its order."""
    return tuple(sorted(_tabs.values(), key=lambda tab: tab.order))
