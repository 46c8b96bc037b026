"""`wotu rules schema`: a rule's inputs and outputs as JSON schema."""

from __future__ import annotations

from pathlib import Path

from ..documents import write_json
from ..formats.schema import schema
from .arguments import Given
from .convert import put
from .given import rulebook


def run(given: Given) -> int:
    """Print it, or write it to the file named."""
    source = Path(given.words[0])
    put(write_json(schema(rulebook(source)), 2) + "\n", given.words[1:])
    return 0
