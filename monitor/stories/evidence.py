"""A piece of evidence that two articles tell of one event, and how much a rare word tells: pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from monitor.model.grouping import TermCounts

# Words that few articles have, or none before, weigh so much more than common ones.
UNSEEN_ARTICLES = 30
ENOUGH_ARTICLES = 200

Counts = Mapping[str, TermCounts]
NO_COUNTS = TermCounts()


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One piece of evidence: what it adds to the log-odds, and a sentence for a person."""

    name: str
    odds: float
    because: str


def rarity(term: str, counts: TermCounts) -> float:
    """Return how much a term tells: 1 for one that is new, less the more articles have it."""
    seen, total = counts.count(term), counts.articles + UNSEEN_ARTICLES
    return math.log(total / (seen + 1.0)) / math.log(total)


def confidence(counts: TermCounts) -> float:
    """Return how far a name can be trusted to be rare: half, until enough articles were counted."""
    return 0.5 + 0.5 * min(1.0, counts.articles / ENOUGH_ARTICLES)


def join_words(words: Iterable[object]) -> str:
    """Return a list as a person reads it."""
    return ", ".join(map(str, words))
