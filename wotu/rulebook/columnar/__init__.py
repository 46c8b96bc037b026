"""Rules over a table of columns: columns in, outcomes out; no Django, no database.

`screen` and `decide` are the seam. Inside, each rule's FEEL trees become a plan over columns (`plan`), the conditions of all
rules one program over bit planes (`program`, `kernel`), and what a plan cannot say is asked of the interpreter; the answers
are the interpreter's in every case (`interpreted` keeps it as the measure for that). docs/screening.md tells the whole story.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wotu.rulebook.lazily import lazily

if TYPE_CHECKING:
    from wotu.rulebook.columnar.compiled import ENGINE, decide, screen
    from wotu.rulebook.columnar.interpreted import admissible, lacking
    from wotu.rulebook.columnar.outcomes import NUMBER, Outcomes, RuleOutcome
else:
    __getattr__ = lazily(
        __name__,
        {
            "compiled": "ENGINE decide screen",
            "interpreted": "admissible lacking",
            "outcomes": "NUMBER Outcomes RuleOutcome",
        },
    )

__all__ = ["ENGINE", "NUMBER", "Outcomes", "RuleOutcome", "admissible", "decide", "lacking", "screen"]
