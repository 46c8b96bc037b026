"""Files in the user's own cache folder (`XDG_CACHE_HOME`, or `~/.cache`), for what is trusted like code: programs, machine code.

A folder that belongs to somebody else, or that others may write to, is neither read nor written.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path


def folder(name: str) -> Path | None:
    """The folder; None where there is none that is the user's alone."""
    if not hasattr(os, "getuid"):
        return None
    try:
        place = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wotu" / name
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        said = place.stat()
    except (OSError, RuntimeError):
        return None
    alone = said.st_uid == os.getuid() and not said.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return place if alone else None


def keep(file: Path, data: bytes, most: int) -> None:
    """Write a file whole or not at all; of those with its ending the newest `most` stay. Nothing is said if it cannot be."""
    with contextlib.suppress(OSError):
        handle, part = tempfile.mkstemp(".part", dir=file.parent)
        try:
            with open(handle, "wb") as into:
                into.write(data)
            os.replace(part, file)
        except OSError:
            os.unlink(part)
            raise
        for old in sorted(file.parent.glob(f"*{file.suffix}"), key=_age)[most:]:
            old.unlink(missing_ok=True)


def _age(file: Path) -> float:
    try:
        return -file.stat().st_mtime
    except OSError:  # another process has thrown it away
        return 0


__all__ = ["folder", "keep"]
