"""What a changed keywords file would add and lose, over texts that are at hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from monitor.model.matches import Analysis, Match

Kind = Literal["added", "lost", "raised", "lowered"]


class Matches(Protocol):
    """What is needed of a matcher."""

    def match(self, title: str, text: str, *, language: str | None = None) -> Analysis:
        """Return what the rules say of one article."""
        ...


@dataclass(frozen=True, kw_only=True)
class StoredText:
    """One article to compare over; `id` is whatever tells it apart."""

    id: str
    title: str
    text: str
    language: str | None = None


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One topic of one article that the two files judge differently; None is no match."""

    article: str
    title: str
    topic: str
    kind: Kind
    before: Match | None
    after: Match | None


def compare(old: Matches, new: Matches, articles: Iterable[StoredText]) -> Iterator[Difference]:
    """Yield every difference of level, article by article, so that a long run can be followed."""
    for article in articles:
        before, after = _by_topic(old, article), _by_topic(new, article)
        for topic in dict.fromkeys((*before, *after)):
            kind = decide_kind(before.get(topic), after.get(topic))
            if kind is not None:
                yield Difference(
                    article=article.id,
                    title=article.title,
                    topic=topic,
                    kind=kind,
                    before=before.get(topic),
                    after=after.get(topic),
                )


def _by_topic(matcher: Matches, article: StoredText) -> dict[str, Match]:
    analysis = matcher.match(article.title, article.text, language=article.language)
    return {match.topic: match for match in analysis.matches}


def decide_kind(before: Match | None, after: Match | None) -> Kind | None:
    """Return what has changed, or None where the level is the same."""
    if before is None and after is None:
        return None
    if before is None:
        return "added"
    if after is None:
        return "lost"
    if before.level is after.level:
        return None
    return "raised" if after.level.value == "report" else "lowered"
