"""The questions, by name; each module has `answer(full=…, huge=…, threads=…)`, and `shown(answer)` where the table has columns of its own."""

from __future__ import annotations

QUESTIONS = ("screening", "whatif", "decisions", "scale", "profiles")
