"""Placing an article among those stored, and keeping what the next ones are held against.

decide (monitor.stories) ← what is stored (storage) ; what an article tells of (features)
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor.features import find_features
from monitor.model import (
    Analysis,
    Article,
    Candidate,
    Fingerprint,
    StoredArticle,
    Story,
    StoryArticle,
)
from monitor.model.grouping import StoryFeatures, StoryMember, TermCounts
from monitor.stories.decide import Kind, Placement, decide_placement
from monitor.stories.keys import counted_terms, find_moments
from monitor.stories.publishers import find_origin, is_independent, publisher_key
from storage.database import Storage


class StoredMemory:
    """What the database knows, as deciding asks for it."""

    def __init__(self, storage: Storage) -> None:
        self._articles = storage.articles
        self._grouping = storage.grouping

    def find_by_url(self, canonical_url: str) -> StoredArticle | None:
        """Return the article with this canonical URL."""
        return self._articles.find_by_url(canonical_url)

    def find_by_text_hash(self, text_hash: str) -> StoredArticle | None:
        """Return the first article that ever had this text."""
        return self._articles.find_by_text_hash(text_hash)

    def find_candidates(self, hashes: Sequence[int], *, limit: int) -> Sequence[Candidate]:
        """Return the articles that share shingle hashes, the most first."""
        return self._articles.find_candidates(hashes, limit=limit)

    def get(self, article_id: str) -> StoredArticle:
        """Return an article."""
        return self._articles.get(article_id)

    def count_terms(self, pool: str, terms: Sequence[str]) -> TermCounts:
        """Return in how many articles each term stands."""
        return self._grouping.count_terms(pool, terms)

    def find_related(
        self, keys: Sequence[str], *, around: Sequence[datetime], within: timedelta
    ) -> Sequence[str]:
        """Return the ids of the articles near any of some moments that share most keys."""
        return self._grouping.find_related(keys, around=around, within=within)

    def read_members(self, article_ids: Sequence[str]) -> Sequence[StoryMember]:
        """Return those of the articles that stand in a story, with their features."""
        return self._grouping.read_members(article_ids)


class Grouper:
    """Place articles among those of one database; commit and `group` go through here alike."""

    def __init__(self, storage: Storage, *, home: frozenset[str] = frozenset()) -> None:
        """Take the countries that host no event of the subject (`home` in keywords.yaml)."""
        self._storage = storage
        self._home = home
        self._memory = StoredMemory(storage)

    def place(
        self,
        article: Article,
        analysis: Analysis,
        fingerprint: Fingerprint,
        *,
        seen_at: datetime | None,
        features: StoryFeatures | None = None,
    ) -> Placement:
        """Return what an article is to what is stored; writes nothing.

        `features` are those of the article, where they were found before.
        """

        def find() -> StoryFeatures:
            if features is not None:
                return features
            return find_features(article, analysis, seen_at=seen_at, home=self._home)

        return decide_placement(article, fingerprint, memory=self._memory, find_features=find)

    def keep(self, article_id: str, placement: Placement) -> None:
        """Keep what later articles are held against; in the transaction that stores the article."""
        self._storage.grouping.add(
            article_id,
            placement.features,
            keys=placement.keys,
            moments=find_moments(placement.features),
            terms=counted_terms(placement.features),
        )


def judge_report(
    article: Article,
    placement: Placement,
    members: Sequence[StoryArticle],
    *,
    publisher: str | None,
    outlet: str,
) -> tuple[bool, str | None]:
    """Return whether an article is a report of its own in its story, and its agency if any."""
    agency = find_origin(article)
    key = publisher_key(publisher, url=article.url, outlet=outlet)
    independent = is_independent(
        publisher=key, agency=agency, is_copy=placement.kind is Kind.COPY, members=members
    )
    return independent, agency


def settle_reports(storage: Storage, story_id: str) -> Story:
    """Say of each article of a story anew whether it is a report of its own; return the story.

    For a story whose articles a person has changed: the first one always is, a copy never becomes
    one beside its original, and no publisher or agency counts twice.
    """
    story = storage.stories.get(story_id)
    before: list[StoryArticle] = []
    for article in story.articles:
        if article.weak:
            continue
        key = publisher_key(article.publisher, url=article.url, outlet=article.outlet)
        independent = not before or is_independent(
            publisher=key,
            agency=article.agency,
            is_copy=not article.independent,
            members=before,
        )
        storage.grouping.attribute(
            article.article_id, independent=independent, agency=article.agency
        )
        before.append(article)
    return storage.stories.get(story_id)
