"""What the rulebook has to say about a rule or its inputs: data first, exceptions only at the boundary."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend: where it is, what is wrong, how to mend it; `example` shows a right (or the offending) line."""

    where: str
    what: str
    how_to_mend: str = ""
    severity: Severity = "error"
    example: str | None = None

    def __str__(self) -> str:
        head = f"{self.where}：{self.what}" if self.where else self.what
        sentence = f"{head}。{self.how_to_mend}" if self.how_to_mend else head
        return f"{sentence}\n{self.example}" if self.example else sentence


class RulebookError(Exception):
    """Something the rulebook refuses; `findings` says what and how to mend it, `str()` is a clear Chinese sentence."""

    def __init__(self, findings: Finding | Iterable[Finding]) -> None:
        self.findings: tuple[Finding, ...] = (findings,) if isinstance(findings, Finding) else tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))
