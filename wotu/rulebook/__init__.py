"""Rules as DMN with FEEL, where what is not known stays unknown; stands alone, without Django.

from wotu.rulebook import Rulebook

book = Rulebook.load("高新技术企业认定.dmn")
book.evaluate({"职工总数": 100, "科技人员数": 12}).values["科技人员占比"]      # True
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .lazily import lazily

if TYPE_CHECKING:
    from .feel.unknown import UNKNOWN
    from .findings import Finding, RulebookError
    from .rulebook import Evaluation, Rulebook
else:
    __getattr__ = lazily(
        __name__,
        {"feel.unknown": "UNKNOWN", "findings": "Finding RulebookError", "rulebook": "Evaluation Rulebook"},
    )

__all__ = ["UNKNOWN", "Evaluation", "Finding", "Rulebook", "RulebookError"]
