"""`wotu rules diagram`: a rule's requirements as SVG."""

from __future__ import annotations

from pathlib import Path

from ..formats.diagram import svg
from .arguments import Given
from .convert import put
from .given import rulebook


def run(given: Given) -> int:
    """Print it, or write it to the file named."""
    source = Path(given.words[0])
    put(svg(rulebook(source).model), given.words[1:])
    return 0
