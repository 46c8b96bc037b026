"""Of objects that were kept on disk, what most runs never look at: made again when somebody asks for it."""

from __future__ import annotations

import pickle
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

Found = TypeVar("Found", bound="Later")


class Later:
    """An object of which one field, named by `LATER`, is kept as something that makes it: a tree, by its bytes.

    So a kept program imports nothing of what its trees and types are made of until one of them is wanted.
    """

    LATER: ClassVar[str]

    def __getstate__(self) -> dict[str, Any]:
        state = dict(self.__dict__)
        if self.LATER in state:
            data = pickle.dumps(state.pop(self.LATER), pickle.HIGHEST_PROTOCOL)
            state["making"] = partial(pickle.loads, data)
        return state

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            if name != self.LATER or "making" not in self.__dict__:
                raise AttributeError(name)
            found = self.__dict__[name] = self.__dict__["making"]()
            return found


def made_by(kind: type[Found], making: partial[Any]) -> Found:
    """One of whose fields nothing is known but how the one for later is made."""
    found = kind.__new__(kind)
    found.__dict__["making"] = making
    return found


__all__ = ["Later", "made_by"]
