"""Days that people write to commands."""

from __future__ import annotations

from datetime import date

from django.core.management.base import CommandError


def day(text: str) -> date:
    """The day; CommandError with how to write it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"日期“{text}”看不懂；请写成 2026-06-30 的样子。", returncode=2) from None
