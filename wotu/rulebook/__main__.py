"""`python -m wotu.rulebook …` is `wotu rules …`."""

from __future__ import annotations

import sys

from .cli import main

sys.exit(main(alone=True))
