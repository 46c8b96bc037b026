"""Template tags of the policy pages."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()


@register.inclusion_tag("policy/match/bar.html")
def bar(met: int, not_met: int, unknown: int, words: str = "符合 不符合 未知") -> dict[str, Any]:
    """Three counts as one bar of 100; the words say what the counts are, for those who do not see it."""
    total = (met + not_met + unknown) or 1
    wide = [100 * count / total for count in (met, not_met, unknown)]
    starts = (0.0, wide[0], wide[0] + wide[1])
    parts = [
        (kind, f"{start:.2f}", f"{width:.2f}")
        for kind, start, width in zip(("yes", "no", "ask"), starts, wide, strict=True)
    ]
    labels = "，".join(f"{word} {count}" for word, count in zip(words.split(), (met, not_met, unknown), strict=True))
    return {"parts": parts, "labels": labels}
