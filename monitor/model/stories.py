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
class StoryArticle:
    """One article as a story lists it."""

    article_id: str
    url: str
    title: str
    outlet: str
    country: str | None
    language: str | None
    published: datetime | None
    first_seen: datetime


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
