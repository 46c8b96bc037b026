"""`wotu rules text`: a rule as readable Chinese text."""

from __future__ import annotations

from pathlib import Path

from ..formats.text import text
from .arguments import Given
from .convert import put
from .given import rulebook


def run(given: Given) -> int:
    """Print it, or write it to the file named."""
    source = Path(given.words[0])
    put(text(rulebook(source)), given.words[1:])
    return 0
