"""Rules over a table of columns: columns in, outcomes out; no Django, no database.

`screen` is the seam: what is inside may change (this first plan asks the interpreter once for each distinct set of
inputs), what goes in and comes out may not.
"""

from __future__ import annotations

from wotu.rulebook.columnar.interpreted import ENGINE, admissible, decide, lacking, screen
from wotu.rulebook.columnar.outcomes import NUMBER, Outcomes, RuleOutcome

__all__ = ["ENGINE", "NUMBER", "Outcomes", "RuleOutcome", "admissible", "decide", "lacking", "screen"]
