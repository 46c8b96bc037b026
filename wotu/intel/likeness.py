"""Recognising an article again: the same text by its digest, a reworded or re-published one by sampled fragments.

Both are taken from the letters, digits and characters of the article alone, in simplified and half-width form, so that
punctuation, spacing, width and script make no difference. The fragments are hashes: the text can't be had back from them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from django.db.models import Count

from wotu.intel.models import Article, Shingle

WIDTH = 4
"""Characters of one fragment."""
KEPT = 64
"""Fragments kept of an article: those with the smallest hashes, so that like articles keep like ones."""
REPRINT = 0.4
"""Share of the fragments in common from which an article counts as published again."""


def letters(text: str, asides: Iterable[Sequence[int]] = ()) -> str:
    """What a text says, without what is not the article, in one form.

    >>> letters("累計集聚 ９７２ 家，上市企业22家。") == letters("累计集聚972家,上市企业 22 家")
    True
    """
    from wotu.intel.reading.normal import normal_form  # loaded only by who reads an article

    kept, place = [], 0
    for start, stop in sorted((a[0], a[1]) for a in asides):
        kept.append(text[place : max(place, start)])
        place = max(place, stop)
    plain = normal_form("".join((*kept, text[place:]))).text
    return "".join(char for char in plain if char.isalnum())


def digest(said: str) -> str:
    """The digest of what `letters` gave."""
    return hashlib.sha256(said.encode()).hexdigest()


def marks(said: str) -> tuple[int, ...]:
    """Hashes of the sampled fragments of what `letters` gave, smallest first."""
    fragments = {said[place : place + WIDTH] for place in range(max(1, len(said) - WIDTH + 1))}
    hashed = (int.from_bytes(hashlib.blake2b(f.encode(), digest_size=8).digest(), "big") >> 1 for f in fragments if f)
    return tuple(sorted(hashed)[:KEPT])


def reprint_of(sampled: Sequence[int]) -> Article | None:
    """The article that one with these fragments publishes again, or None; the first one published where several do."""
    if not sampled:
        return None
    shared = (
        Shingle.objects.filter(mark__in=sampled)
        .values("article")
        .annotate(shared=Count("pk"))
        .filter(shared__gte=max(3, int(REPRINT * len(sampled))))
        .order_by("-shared", "article")[:5]
    )
    likeliest = [line["article"] for line in shared]
    first = Article.objects.filter(pk__in=likeliest).order_by("published_on", "pk").first()
    return first.republishes or first if first else None


def keep(article: Article, sampled: Sequence[int]) -> None:
    """Remember an article's fragments."""
    Shingle.objects.bulk_create(Shingle(article=article, mark=mark) for mark in sampled)
