"""Stories, the articles in them, and what makes them speak."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ChangeKind(StrEnum):
    """What makes a story speak."""

    FIRST_REPORT = "first report"
    NEW_COUNTRY = "new country"
    INDEPENDENT_REPORT = "independent report"
    FOLLOW_UP = "follow-up"
    CORRECTION = "correction"


@dataclass(frozen=True, kw_only=True)
class JoinEvidence:
    """Why an article stands in a story; kept, so that the decision can be undone.

    `kind` says what the decision went by ("canonical url", "identical text", "near-duplicate",
    "same event", "by hand"); `because` are sentences for a person.
    `score` is None where there is nothing to measure.
    """

    kind: str
    because: tuple[str, ...] = ()
    score: float | None = None


@dataclass(frozen=True, kw_only=True)
class StoryArticle:
    """One article as a story lists it.

    `weak` means "probably also reported by": it suppresses nothing.
    `independent` is False for a copy, and for what its publisher or agency had reported already;
    `agency` is the news agency, or the outlet, whose report it says it tells.
    """

    article_id: str
    url: str
    title: str
    outlet: str
    country: str | None
    language: str | None
    published: datetime | None
    first_seen: datetime
    publisher: str | None = None
    weak: bool = False
    historic: bool = False
    evidence: JoinEvidence | None = None
    independent: bool = True
    agency: str | None = None


@dataclass(frozen=True, kw_only=True)
class Story:
    """The articles that tell of one event; the first of `articles` is the one that began it."""

    id: str
    title: str
    topics: tuple[str, ...]
    countries: tuple[str, ...]
    level: str
    first_seen: datetime
    articles: tuple[StoryArticle, ...] = ()
    historic: bool = False


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing new about a story; `commit` is the commit sequence number that digests go by."""

    id: str
    story_id: str
    article_id: str
    kind: ChangeKind
    commit: int
    at: datetime
