"""The program of a folder of rules, kept on disk: reading 300 rules takes longer than screening a million rows with them.

What is kept is known by the bytes of every rule and of this code, so that nothing out of date is ever taken. It lies in the
user's own cache folder (`XDG_CACHE_HOME`, or `~/.cache`), and only there: a pickle is trusted like code, so a folder that
belongs to somebody else, or that others may write to, is neither read nor written.
"""

from __future__ import annotations

import gc
import hashlib
import os
import pickle
import stat
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from wotu.rulebook.columnar.batch import Batches, batches
from wotu.rulebook.columnar.library import Library, library

CODE = Path(__file__).parent.parent
MOST = 20
"""Programs kept; of more the oldest go."""


def prepared(folder: Path, as_of: date) -> tuple[Library, Batches]:
    """The rules in force and their program, as it was kept or made now."""
    place = _place()
    file = None if place is None or not folder.exists() else place / f"{_key(folder, as_of)}.rules"
    known = None if file is None else _read(file)
    if known is not None:
        return known
    collecting = gc.isenabled()
    gc.disable()  # all that is made here stays; looking again and again for what does not takes a third of the time
    try:
        rules = library(folder, as_of)
        made = batches(rules.rules)
    finally:
        if collecting:
            gc.enable()
    if file is not None:
        _write(file, (rules, made))
    return rules, made


def _key(folder: Path, as_of: date) -> str:
    found = hashlib.sha256(f"{sys.version} {as_of} {folder.resolve()}".encode())
    for file in sorted(CODE.rglob("*.py")):
        said = file.stat()
        found.update(f"{file.relative_to(CODE)} {said.st_size} {said.st_mtime_ns}\n".encode())
    beside = folder.parent if folder.is_file() else folder  # a rule may import those beside it
    for file in sorted(beside.glob("*.dmn")):
        data = file.read_bytes()
        found.update(f"{file.name} {len(data)}\n".encode() + data)
    return found.hexdigest()


def _place() -> Path | None:
    """The folder; None where there is none that is the user's alone."""
    if not hasattr(os, "getuid"):
        return None
    try:
        place = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wotu" / "rules"
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        said = place.stat()
    except (OSError, RuntimeError):
        return None
    alone = said.st_uid == os.getuid() and not said.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return place if alone else None


def _read(file: Path) -> tuple[Library, Batches] | None:
    try:
        found: tuple[Library, Batches] = pickle.loads(file.read_bytes())
    except (OSError, EOFError, AttributeError, ImportError, IndexError, pickle.UnpicklingError):
        return None
    return found


def _write(file: Path, made: tuple[Library, Batches]) -> None:
    """Kept unless the rules hold something that lives in memory only, as decisions do that are left to the interpreter."""
    try:
        data = pickle.dumps(made, pickle.HIGHEST_PROTOCOL)
    except (pickle.PicklingError, AttributeError, TypeError, RecursionError):
        return
    part = file.with_suffix(f".{os.getpid()}.part")
    try:
        part.write_bytes(data)
        part.replace(file)
        for old in list(_newest(file.parent))[MOST:]:
            old.unlink(missing_ok=True)
    except OSError:
        part.unlink(missing_ok=True)


def _newest(place: Path) -> Iterator[Path]:
    yield from sorted(place.glob("*.rules"), key=lambda file: file.stat().st_mtime, reverse=True)


__all__ = ["prepared"]
