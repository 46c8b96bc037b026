"""The program of a folder of rules, kept on disk: reading 300 rules takes longer than screening a million rows with them.

What is kept is known by the bytes of every rule and of this code, so that nothing out of date is ever taken. It lies in the
user's own cache folder (`XDG_CACHE_HOME`, or `~/.cache`), and only there: a pickle is trusted like code, so a folder that
belongs to somebody else, or that others may write to, is neither read nor written.
"""

from __future__ import annotations

import gc
import hashlib
import io
import os
import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from wotu.rulebook.columnar import private
from wotu.rulebook.columnar.batch import Batches, Part, batches
from wotu.rulebook.columnar.conditions import All, Any_, Coded, Compare, Lookup, Named, Not, Of, Truth, Whole
from wotu.rulebook.columnar.later import made_by
from wotu.rulebook.columnar.library import Library, library
from wotu.rulebook.columnar.terms import View

CODE = Path(__file__).parent.parent
MOST = 20
"""Programs kept; of more the oldest go."""


def prepared(folder: Path, as_of: date) -> tuple[Library, Batches]:
    """The rules in force and their program, as it was kept or made now."""
    place = private.folder("rules")
    file = None if place is None or not folder.exists() else place / f"{_key(folder, as_of)}.rules"
    with _uncollected():
        known = None if file is None else _read(file)
        if known is not None:
            return known
        rules = library(folder, as_of)
        made = batches(rules.rules)
        if file is not None:
            _write(file, rules, made)
    return rules, made


@contextmanager
def _uncollected() -> Iterator[None]:
    """All that is made here stays; looking again and again for what does not takes a third of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _key(folder: Path, as_of: date) -> str:
    found = hashlib.sha256(f"{sys.version} {as_of} {folder.resolve()}".encode())
    for name, said in sorted(_code(str(CODE))):
        found.update(f"{name} {said.st_size} {said.st_mtime_ns}\n".encode())
    beside = folder.parent if folder.is_file() else folder  # a rule may import those beside it
    for name in sorted(os.listdir(beside)):
        if name.endswith(".dmn"):
            with open(beside / name, "rb", buffering=0) as stream:
                data = stream.read()
            found.update(f"{name} {len(data)}\n".encode() + data)
    return found.hexdigest()


def _code(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    """The files of this library with what the system says of them."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                yield entry.path, entry.stat()
            elif entry.is_dir(follow_symlinks=False) and entry.name != "__pycache__":
                yield from _code(entry.path)


def _read(file: Path) -> tuple[Library, Batches] | None:
    try:
        rules, made = pickle.loads(file.read_bytes())
    except (OSError, EOFError, AttributeError, ImportError, IndexError, pickle.UnpicklingError):
        return None
    return rules, made


def _write(file: Path, rules: Library, made: Batches) -> None:
    """Kept unless the rules hold something that lives in memory only."""
    try:
        data = _kept(rules, made)
    except (pickle.PicklingError, AttributeError, TypeError, RecursionError):
        return
    private.keep(file, data, MOST)


# --- what is kept of a program ---------------------------------------------------------------------------------------


def _kept(rules: Library, made: Batches) -> bytes:
    """The rules, their program, and what was found out of its conditions, so that a run need not ask the interpreter."""
    from wotu.rulebook.columnar.codes import never
    from wotu.rulebook.columnar.lookups import verdicts_of

    found = made.compiled.conditions.found  # the very same that the other program has
    for place, leaf in enumerate(made.compiled.leaves):
        if isinstance(leaf, Compare):
            found["never", place] = never(leaf)
        elif isinstance(leaf, Lookup) and (said := verdicts_of(leaf)) is not None:
            found["verdicts", place] = said
    stream = io.BytesIO()
    _Pickler(stream, made.parts).dump((rules, made))
    return stream.getvalue()


class _Pickler(pickle.Pickler):
    """Equal views are kept once; a decision known by its codes is kept as its place in its rule, which is read when it is asked."""

    def __init__(self, stream: io.BytesIO, parts: tuple[Part, ...]) -> None:
        super().__init__(stream, pickle.HIGHEST_PROTOCOL)
        self.views: dict[View, View] = {}
        self.places = {coded: (part, place) for part in parts for place, coded in enumerate(_coded(part))}

    def reducer_override(self, made: Any) -> Any:
        if type(made) is View and (first := self.views.setdefault(made, made)) is not made:
            return _same, (first,)
        if type(made) is Of and made.coded in self.places:
            return made_by, (Of, partial(_coded_at, *self.places[made.coded]))
        return NotImplemented


def _same(view: View) -> View:
    return view


def _coded_at(part: Part, place: int) -> Coded:
    return _coded(part)[place]


def _coded(part: Part) -> tuple[Coded, ...]:
    """The decisions known by their codes that a rule's conditions ask, always in the same order."""
    found: dict[Coded, None] = {}
    todo: list[Truth] = [part.plan.truth(name) for name in (part.decision, *part.clauses)]
    while todo:
        match todo.pop():
            case Of(coded=coded):
                found[coded] = None
            case Named(truth=below) | Whole(part=below) | Not(part=below):
                todo.append(below)
            case All(parts=parts) | Any_(parts=parts):
                todo += parts
    return tuple(found)


__all__ = ["prepared"]
