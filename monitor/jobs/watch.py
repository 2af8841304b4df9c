"""What every job works with: one writer's storage and the configuration, made by `wiring`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from monitor.alerts.sender import Sender
from monitor.clock import Clock
from monitor.commit import Committer
from monitor.evidence.store import EvidenceStore
from monitor.model import Keywords, Settings, Source, Subscriber
from spiders.robots_memory import RobotsMemory
from spiders.workers import WorkerHost
from storage.database import Storage

Progress = Callable[[int, int], None]
"""Called with how much is done and how much there is; the latter may grow."""


def ignore_progress(_done: int, _total: int) -> None:
    """Show nothing."""


@dataclass(frozen=True, kw_only=True)
class Watch:
    """One configured watch, open for writing.

    `workers` starts the worker host on first use: a job that reads no pages pays nothing for it.
    `chance` gives random numbers from 0 to 1, for jitter. `robots` remembers every robots.txt for
    as long as the watch is open, at most a day.
    """

    data: Path
    storage: Storage
    evidence: EvidenceStore
    committer: Committer
    keywords: Keywords
    settings: Settings
    sources: tuple[Source, ...]
    make_sender: Callable[[Subscriber], Sender]
    workers: Callable[[], WorkerHost]
    clock: Clock
    chance: Callable[[], float]
    robots: RobotsMemory = field(default_factory=RobotsMemory)

    @property
    def subscribers(self) -> tuple[Subscriber, ...]:
        """Return who hears of what."""
        return self.settings.subscribers

    @property
    def silent_topics(self) -> frozenset[str]:
        """Return the topics that alert nobody who does not ask for them by name."""
        return frozenset(topic.id for topic in self.keywords.topics if not topic.alert)

    @property
    def topic_titles(self) -> Mapping[str, str]:
        """Return the titles of the topics by id."""
        return {topic.id: topic.title for topic in self.keywords.topics}
