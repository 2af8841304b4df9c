"""Where an article belongs: itself again, a copy of another, or the beginning of a story: pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from monitor.model import Article, Fingerprint, JoinEvidence, StoredArticle


class Kind(StrEnum):
    """What an article is to what is known."""

    UNCHANGED = "unchanged"  # the same address, the same text
    UPDATED = "updated"  # the same address, another text
    COPY = "copy"  # another address, the same text
    NEW = "new"


@dataclass(frozen=True, kw_only=True)
class Placement:
    """What an article is to what is known, and by what evidence; `of` is the known one."""

    kind: Kind
    of: StoredArticle | None = None
    evidence: JoinEvidence | None = None


def decide_placement(
    article: Article,
    fingerprint: Fingerprint,
    *,
    by_url: StoredArticle | None,
    by_text: StoredArticle | None,
) -> Placement:
    """Return what `article` is, given those known under its canonical URL and under its text."""
    if by_url is not None:
        same = by_url.text_hash == fingerprint.text_hash
        return Placement(
            kind=Kind.UNCHANGED if same else Kind.UPDATED,
            of=by_url,
            evidence=JoinEvidence(
                kind="canonical url", because=(f"the same address: {article.canonical_url}",)
            ),
        )
    if by_text is not None:
        return Placement(
            kind=Kind.COPY,
            of=by_text,
            evidence=JoinEvidence(
                kind="identical text",
                because=(f"word for word the text of {by_text.article.url}",),
                score=1.0,
            ),
        )
    return Placement(kind=Kind.NEW)
