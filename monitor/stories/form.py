"""Stories formed anew from a set of articles, whatever order they were found in: pure.

What a backfill finds comes in the order of archives.  Grouping depends on order, so a final pass
takes the articles by (published, canonical URL), with words counted over all of them beforehand,
and decides as commit does.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from monitor.model import JoinEvidence
from monitor.model.grouping import StoryFeatures, StoryMember, TermCounts
from monitor.stories.choose import choose_story
from monitor.stories.evidence import Counts
from monitor.stories.keys import counted_terms, index_keys

MOST_RELATED = 12
MOST_FOR_ONE_KEY = 48
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class FoundArticle:
    """One article to be put into a story.

    `copy_of` is the id of the article whose text it repeats; `pinned` the id of the story into
    which a person put it, which it never leaves.
    """

    article_id: str
    canonical_url: str
    features: StoryFeatures
    copy_of: str | None = None
    pinned: str | None = None


@dataclass(frozen=True, kw_only=True)
class FormedArticle:
    """Where an article came to stand: `story` is a pinned story's id, or its first article's.

    `probably` is a story that tells of the same event by weak evidence.
    """

    article_id: str
    story: str
    evidence: JoinEvidence | None = None
    probably: str | None = None


def form_stories(articles: Iterable[FoundArticle]) -> tuple[FormedArticle, ...]:
    """Return the story of each article, in the order (published, canonical URL).

    The same set gives the same stories in whatever order it is handed in.
    """
    ordered = sorted(articles, key=_order)
    counts = count_all([article.features for article in ordered])
    pass_ = _Pass(counts)
    # what a person pinned is there before everything else, whenever it came out
    for article in ordered:
        if article.pinned is not None:
            pass_.put(article, article.pinned)
    originals = [a for a in ordered if a.copy_of is None]
    formed = {a.article_id: pass_.form(a) for a in originals}
    for article in ordered:
        if article.article_id not in formed:
            formed[article.article_id] = pass_.follow(article)
    return tuple(formed[article.article_id] for article in ordered)


def _order(article: FoundArticle) -> tuple[datetime, str]:
    return article.features.moment or _LAST, article.canonical_url


def count_all(features: Sequence[StoryFeatures]) -> Counts:
    """Return in how many of all articles each word, name and figure stands."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    articles: Counter[str] = Counter()
    for each in features:
        for pool, terms in counted_terms(each).items():
            counts[pool].update(set(terms))
            articles[pool] += 1
    return {
        pool: TermCounts(articles=articles[pool], counts=found) for pool, found in counts.items()
    }


class _Pass:
    """The stories as they form, with an index of what their articles are found by."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._members: dict[str, StoryMember] = {}
        self._by_key: defaultdict[str, list[str]] = defaultdict(list)

    def put(self, article: FoundArticle, story: str) -> None:
        """Put an article into a story, to be found by those that follow."""
        self._members[article.article_id] = StoryMember(
            article_id=article.article_id, story_id=story, features=article.features
        )
        for key in index_keys(article.features, self._counts):
            self._by_key[key].append(article.article_id)

    def form(self, article: FoundArticle) -> FormedArticle:
        """Put an article into the likeliest story, or begin one."""
        if article.pinned is not None:
            return FormedArticle(article_id=article.article_id, story=article.pinned)
        choice = choose_story(article.features, self._find_related(article), self._counts)
        firm = choice is not None and choice.firm
        story = choice.story_id if choice is not None and firm else article.article_id
        self.put(article, story)
        return FormedArticle(
            article_id=article.article_id,
            story=story,
            evidence=choice.evidence if choice is not None and firm else None,
            probably=choice.story_id if choice is not None and not firm else None,
        )

    def follow(self, article: FoundArticle) -> FormedArticle:
        """Put a copy beside its original; one whose original is not there is formed by itself."""
        original = self._members.get(article.copy_of or "")
        if original is None:
            return self.form(article)
        self.put(article, original.story_id)
        return FormedArticle(
            article_id=article.article_id,
            story=original.story_id,
            evidence=JoinEvidence(kind="near-duplicate", because=("a copy of its text",)),
        )

    def _find_related(self, article: FoundArticle) -> list[StoryMember]:
        weights: defaultdict[str, float] = defaultdict(float)
        for key in index_keys(article.features, self._counts):
            found = self._by_key[key][-MOST_FOR_ONE_KEY:]
            for each in found:
                weights[each] += 1.0 / (1.0 + len(found)) ** 0.5
        best = sorted(weights, key=lambda each: (-weights[each], each))[:MOST_RELATED]
        return [self._members[each] for each in best]
