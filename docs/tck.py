"""Run the conformance kit and write its result into docs/rulebook.md: `python docs/tck.py ../shared/tck`."""

from __future__ import annotations

import sys
from pathlib import Path

from wotu.rulebook.tck import run

PAGE = Path(__file__).parent / "rulebook.md"
START, END = "<!-- tck -->\n", "<!-- /tck -->"
WORDS = {
    "compliance-level-2": "compliance level 2",
    "compliance-level-3": "compliance level 3",
    "non-compliant": "non-compliant (extensions of the kit)",
}


def table(levels: dict[str, dict[str, int]]) -> str:
    """The result by level."""
    lines = ["| TCK, DMN 1.5 | passed | failed |", "| --- | ---: | ---: |"]
    lines += [f"| {WORDS.get(level, level)} | {n['passed']:,} | {n['failed']:,} |" for level, n in levels.items()]
    return "\n".join(lines) + "\n"


def main(kit: Path) -> None:
    """Run and write."""
    text = PAGE.read_text(encoding="utf-8")
    head, rest = text.split(START, 1)
    PAGE.write_text(f"{head}{START}{table(run(kit).levels)}{END}{rest.split(END, 1)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
