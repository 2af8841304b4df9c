"""What every job works with: one writer's storage and the configuration, made by `wiring`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.alerts.sender import Sender
from monitor.clock import Clock
from monitor.evidence.store import EvidenceStore
from monitor.model import Keywords, Settings, Source, Subscriber
from storage.database import Storage

if TYPE_CHECKING:  # half a second of processor time, which commands that only read do not spend
    from monitor.commit import Committer
    from spiders.robots_memory import RobotsMemory
    from spiders.workers import WorkerHost

Progress = Callable[[int, int], None]
"""Called with how much is done and how much there is; the latter may grow."""


Aside = Callable[[Path, Storage, Settings, tuple[Source, ...]], "Watch"]
"""Makes a watch over another database with the same keywords and workers: data folder, storage,
settings, sources."""


def ignore_progress(_done: int, _total: int) -> None:
    """Show nothing."""


@dataclass(frozen=True, kw_only=True)
class Watch:
    """One configured watch, open for writing.

    `workers` starts the worker host on first use, and `make_committer` is called on the first
    commit: a job that reads no pages pays nothing for either.
    `aside` makes a watch over another database, for what may not touch this one.
    `chance` gives random numbers from 0 to 1, for jitter.
    """

    data: Path
    storage: Storage
    evidence: EvidenceStore
    make_committer: Callable[[], Committer]
    keywords: Keywords
    settings: Settings
    sources: tuple[Source, ...]
    make_sender: Callable[[Subscriber], Sender]
    workers: Callable[[], WorkerHost]
    clock: Clock
    chance: Callable[[], float]
    aside: Aside | None = None

    @cached_property
    def committer(self) -> Committer:
        """Return what writes prepared pages."""
        return self.make_committer()

    @cached_property
    def robots(self) -> RobotsMemory:
        """Return what remembers every robots.txt while the watch is open, at most a day."""
        from spiders.robots_memory import RobotsMemory  # noqa: PLC0415  # 0.1 s: see above

        return RobotsMemory()

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
