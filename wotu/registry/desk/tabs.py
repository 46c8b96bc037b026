"""What other rooms hang on the page of an enterprise: a tab each, declared from the room's `AppConfig.ready`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest

from wotu.registry.models import Enterprise


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: `context` reads what `template` shows; only roles that may enter `room` see it."""

    id: str
    name: str
    room: str
    order: int
    template: str
    context: Callable[[HttpRequest, Enterprise, date], dict[str, Any]]


_tabs: dict[str, Tab] = {}


def declare(*tabs: Tab) -> None:
    """Make tabs known; safe to repeat."""
    _tabs.update({tab.id: tab for tab in tabs})


def tabs() -> tuple[Tab, ...]:
    """Every tab in its order."""
    return tuple(sorted(_tabs.values(), key=lambda tab: tab.order))
