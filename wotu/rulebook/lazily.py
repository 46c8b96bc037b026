"""What a room gives, each name brought from its module when somebody asks for it (PEP 562).

Whoever screens with rules that are kept on disk needs a tenth of this library; to import all of it takes longer than the
screening. So the rooms that everybody passes through import nothing by themselves, and type checkers read the same names
under TYPE_CHECKING.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module


def lazily(room: str, homes: Mapping[str, str]) -> Callable[[str], object]:
    """The `__getattr__` of a room; `homes` says of each of its modules which names it gives, a space between them.

    A name must not be that of a module of the room, which would stand in its place once it is imported.
    """
    home = {name: module for module, names in homes.items() for name in names.split()}

    def given(name: str) -> object:
        if name not in home:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        found: object = getattr(import_module(f"{room}.{home[name]}"), name)
        setattr(sys.modules[room], name, found)
        return found

    return given


__all__ = ["lazily"]
