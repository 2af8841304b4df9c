"""Where an article belongs: itself again, a copy, a story's next report, or a story's beginning.

    canonical URL ─ identical text ─ near-duplicate text ─ the same event ─ a new story

Deciding is pure: whatever is known is asked of a `Memory`, which the database implements.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit

from monitor.model import Article, Candidate, Fingerprint, JoinEvidence, StoredArticle
from monitor.model.grouping import StoryFeatures, StoryMember, TermCounts
from monitor.stories.choose import WINDOW, Choice, choose_story
from monitor.stories.copies import Fact, Written, compare_texts, find_contradictions
from monitor.stories.evidence import Counts
from monitor.stories.keys import counted_terms, find_moments, index_keys
from monitor.stories.versions import Version, VersionChange, compare_versions

# Near-duplicates by their hashes; held against the text itself, the likeliest first.
MOST_CANDIDATES = 8
MOST_COMPARED = 5


class Kind(StrEnum):
    """What an article is to what is known."""

    UNCHANGED = "unchanged"  # the same address, nothing new in it
    UPDATED = "updated"  # the same address, another text
    COPY = "copy"  # another address, the same text
    EVENT = "event"  # another text of an event that a story tells of
    NEW = "new"


class Memory(Protocol):
    """What has to be known of the past; the database implements it."""

    def find_by_url(self, canonical_url: str) -> StoredArticle | None:
        """Return the article with this canonical URL."""
        ...

    def find_by_text_hash(self, text_hash: str) -> StoredArticle | None:
        """Return the first article that ever had this text."""
        ...

    def find_candidates(self, hashes: Sequence[int], *, limit: int) -> Sequence[Candidate]:
        """Return the articles that share shingle hashes, the most first."""
        ...

    def get(self, article_id: str) -> StoredArticle:
        """Return an article."""
        ...

    def count_terms(self, pool: str, terms: Sequence[str]) -> TermCounts:
        """Return in how many articles each term stands."""
        ...

    def find_related(
        self, keys: Sequence[str], *, around: Sequence[datetime], within: timedelta
    ) -> Sequence[str]:
        """Return the ids of the articles near any of some moments that share most keys."""
        ...

    def read_members(self, article_ids: Sequence[str]) -> Sequence[StoryMember]:
        """Return those of the articles that stand in a story, with their features."""
        ...


@dataclass(frozen=True, kw_only=True)
class Placement:
    """What an article is to what is known, and by what evidence.

    `of` is the known article it is, copies, or is likest to; `story_id` the story of one event.
    `probably` is a story that tells of the same event by weak evidence: it is shown there, and
    nothing is suppressed. `version` says what a new version changed.
    """

    kind: Kind
    of: StoredArticle | None = None
    evidence: JoinEvidence | None = None
    story_id: str | None = None
    probably: Choice | None = None
    version: VersionChange | None = None
    features: StoryFeatures = StoryFeatures()  # noqa: RUF009  a frozen value
    keys: tuple[str, ...] = ()


def decide_placement(
    article: Article,
    fingerprint: Fingerprint,
    *,
    memory: Memory,
    find_features: Callable[[], StoryFeatures],
) -> Placement:
    """Return what `article` is, given what `memory` knows.

    `find_features` is called where what it tells of matters. By evidence alone: neither outlet nor
    order of arrival counts.
    """
    by_url = memory.find_by_url(article.canonical_url)
    if by_url is not None and by_url.text_hash == fingerprint.text_hash:
        return _same_address(by_url, VersionChange(kind=Version.UNCHANGED))
    features = find_features()
    counts = read_counts(features, memory)
    keys = index_keys(features, counts)
    if by_url is not None:
        return _same_address(by_url, compare_versions(by_url.article, article), features, keys)
    found = _find_copied(article, fingerprint, memory)
    if found.of is not None:
        return Placement(
            kind=Kind.COPY, of=found.of, evidence=found.evidence, features=features, keys=keys
        )
    return _place_by_event(article, features, keys, counts, memory, phrases=found.phrases)


def _same_address(
    known: StoredArticle,
    change: VersionChange,
    features: StoryFeatures = StoryFeatures(),  # noqa: B008  a frozen value
    keys: tuple[str, ...] = (),
) -> Placement:
    same = change.kind is Version.UNCHANGED
    return Placement(
        kind=Kind.UNCHANGED if same else Kind.UPDATED,
        of=known,
        evidence=JoinEvidence(
            kind="canonical url", because=(f"the same address: {known.article.canonical_url}",)
        ),
        version=change,
        features=features,
        keys=keys,
    )


def read_counts(features: StoryFeatures, memory: Memory) -> Counts:
    """Return how often the words, names and figures of an article stand in what is stored."""
    return {
        pool: memory.count_terms(pool, terms) for pool, terms in counted_terms(features).items()
    }


@dataclass(frozen=True, kw_only=True)
class _Copied:
    """What a text is a copy of, or else how much of it stands in other sites' texts, by article."""

    of: StoredArticle | None = None
    evidence: JoinEvidence | None = None
    phrases: Mapping[str, float] = field(default_factory=dict)


def _find_copied(article: Article, fingerprint: Fingerprint, memory: Memory) -> _Copied:
    identical = memory.find_by_text_hash(fingerprint.text_hash)
    if identical is not None and article.text.strip():
        because = f"word for word the text of {identical.article.url}"
        evidence = JoinEvidence(kind="identical text", because=(because,), score=1.0)
        return _Copied(of=identical, evidence=evidence)
    written = as_written(article)
    best: tuple[float, StoredArticle] | None = None
    phrases: dict[str, float] = {}
    found = memory.find_candidates(fingerprint.hashes, limit=MOST_CANDIDATES)
    for candidate in found[:MOST_COMPARED]:
        stored = memory.get(candidate.article_id)
        copying = compare_texts(written, as_written(stored.article))
        if copying.is_copy and (best is None or copying.containment > best[0]):
            best = (copying.containment, stored)
        if not copying.contradictions and not _of_one_site(article, stored.article):
            phrases[candidate.article_id] = copying.containment
    if best is None:
        return _Copied(phrases=phrases)
    containment, original = best
    because = f"{containment:.0%} of its words stand in {original.article.url}"
    evidence = JoinEvidence(kind="near-duplicate", because=(because,), score=round(containment, 3))
    return _Copied(of=original, evidence=evidence)


def _of_one_site(one: Article, other: Article) -> bool:
    """Say whether two articles share a host: it has its own furniture and its own background."""
    return urlsplit(one.url).hostname == urlsplit(other.url).hostname


def as_written(article: Article) -> Written:
    """Return an article as its text is compared."""
    return Written(
        title=article.title,
        text=article.text,
        language=article.language,
        moment=article.published,
    )


def _place_by_event(
    article: Article,
    features: StoryFeatures,
    keys: tuple[str, ...],
    counts: Counts,
    memory: Memory,
    *,
    phrases: Mapping[str, float],
) -> Placement:
    related = memory.find_related(keys, around=find_moments(features), within=WINDOW)
    members = memory.read_members(list(dict.fromkeys((*related, *phrases))))
    written = as_written(article)

    def contradict(member: StoryMember) -> str | None:
        known = as_written(memory.get(member.article_id).article)
        found = find_contradictions(written, known)
        return next((each.said for each in found if each.fact is not Fact.NUMBER), None)

    choice = choose_story(features, members, counts, contradict=contradict, phrases=phrases)
    if choice is None:
        return Placement(kind=Kind.NEW, features=features, keys=keys)
    if not choice.firm:
        return Placement(kind=Kind.NEW, probably=choice, features=features, keys=keys)
    return Placement(
        kind=Kind.EVENT,
        of=memory.get(choice.member.article_id),
        story_id=choice.story_id,
        evidence=choice.evidence,
        features=features,
        keys=keys,
    )
