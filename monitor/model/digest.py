"""What a subscriber is owed for one local day or week, and how the watch stood in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from monitor.model.matches import Level
from monitor.model.pages import Outcome

DigestPeriod = Literal["day", "week"]
DigestStatus = Literal["new", "grown", "corrected"]


@dataclass(frozen=True, kw_only=True)
class DueDigest:
    """One digest whose moment has come.

    `id` is made of (subscriber, period, local date), so it is the same however often it is asked.
    `late` says that its moment passed on an earlier local day, while nothing ran.
    """

    id: str
    subscriber: str
    period: DigestPeriod
    local_date: date
    due_at: datetime
    late: bool = False


@dataclass(frozen=True, kw_only=True)
class Quote:
    """A slice of the original with its context: `marks` are (start, end) offsets into `text`.

    `cut_before` and `cut_after` say that the original goes on there.
    """

    text: str
    marks: tuple[tuple[int, int], ...] = ()
    cut_before: bool = False
    cut_after: bool = False


@dataclass(frozen=True, kw_only=True)
class AlsoReported:
    """Another article of the same story; `weak` is "probably also reported by"."""

    title: str
    url: str
    outlet: str
    language: str | None = None
    weak: bool = False


@dataclass(frozen=True, kw_only=True)
class DigestStory:
    """One story as a digest tells it.

    `title`, `url`, `outlet`, `language` and `published` are those of the article that made it
    speak; `title_marks` are offsets into that title. `story_title` is set where the story began
    under another headline.
    `articles` counts those that are firmly in it, `publishers` the independent ones among them;
    `first` is the outlet that had it first. `outlets` are the names in the order of arrival.
    `also` are the other articles, those included that only probably belong to it, and `more` is
    how many of them it leaves out.
    `because` are the rules that counted, best first; `topics` are all topics it was flagged for.
    `changes` say what is new (`first report`, `new country`), oldest first.
    `score` stands against `report_at` and `mention_at`.
    `told_in_digest_of` is the date of a digest that told all of it before a backup was put back.
    """

    story_id: str
    status: DigestStatus
    topic: str
    topics: tuple[str, ...]
    countries: tuple[str, ...]
    title: str
    language: str | None
    url: str
    outlet: str
    outlets: tuple[str, ...]
    articles: int
    publishers: int
    first_seen: datetime
    published: datetime | None
    score: float
    because: tuple[str, ...]
    quotes: tuple[Quote, ...]
    level: Level = Level.REPORT
    report_at: float = 0.0
    mention_at: float = 0.0
    title_marks: tuple[tuple[int, int], ...] = ()
    story_title: str | None = None
    changes: tuple[str, ...] = ()
    also: tuple[AlsoReported, ...] = ()
    first: str = ""
    more: int = 0
    told_in_digest_of: date | None = None


@dataclass(frozen=True, kw_only=True)
class DigestGroup:
    """The stories of one topic and one host country; `country` None is "country not known"."""

    topic: str
    topic_title: str
    country: str | None
    stories: tuple[DigestStory, ...]


@dataclass(frozen=True, kw_only=True)
class SourceTrouble:
    """A source that could not be read, or that says nothing, and why."""

    name: str
    why: str
    since: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class FailedDelivery:
    """A message that did not arrive: `what` it was, over which channel, why, and what comes next.

    `dead` means that it will not be tried again.
    """

    what: str
    channel: str
    why: str
    at: datetime
    dead: bool = True


@dataclass(frozen=True, kw_only=True)
class DayCount:
    """How many reports of one topic were first seen on one local day."""

    day: date
    topic: str
    reports: int


@dataclass(frozen=True, kw_only=True)
class WatchState:
    """How the watch stood between `since` and `until`: the part of a digest that proves silence.

    `pages` is what was fetched; `outcomes` should add up to it, and the digest says so if not.
    `suppressed` counts by reason whatever was held back (duplicates, caps, muted rules, robots).
    `canary_at` is when the last synthetic report came through the whole chain; None where there is
    no canary, and `canary_problem` says what broke.
    `not_running` are local days on which nothing ran at all.
    `seen_elsewhere` are reports that the last recall check found elsewhere and the watch has not
    (empty where that check is off): the outlet, and what became of it here.
    """

    since: datetime | None
    until: datetime
    sources_asked: int = 0
    sources_failed: tuple[SourceTrouble, ...] = ()
    sources_silent: tuple[SourceTrouble, ...] = ()
    pages: int = 0
    outcomes: Mapping[Outcome, int] = field(default_factory=dict)
    suppressed: Mapping[str, int] = field(default_factory=dict)
    deliveries_failed: tuple[FailedDelivery, ...] = ()
    canary_at: datetime | None = None
    canary_problem: str | None = None
    history: tuple[DayCount, ...] = ()
    not_running: tuple[date, ...] = ()
    seen_elsewhere: tuple[SourceTrouble, ...] = ()

    @property
    def sums_agree(self) -> bool:
        """Return whether every page has exactly one outcome."""
        return sum(self.outcomes.values()) == self.pages


@dataclass(frozen=True, kw_only=True)
class Digest:
    """All that one digest says; `after_commit` < commit <= `to_commit` is its window.

    `topic_titles` maps the topics of `groups` and of the history to the names people gave them.
    """

    id: str
    subscriber: str
    period: DigestPeriod
    local_date: date
    time_zone: str
    after_commit: int
    to_commit: int
    groups: tuple[DigestGroup, ...]
    mentions: tuple[DigestStory, ...]
    watch: WatchState
    created_at: datetime
    topic_titles: Mapping[str, str] = field(default_factory=dict)

    @property
    def stories(self) -> tuple[DigestStory, ...]:
        """Return every story once, in the order shown, mentions apart."""
        return tuple(story for group in self.groups for story in group.stories)
