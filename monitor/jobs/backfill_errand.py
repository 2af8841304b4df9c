"""What one run of a backfill over the network carries with it: plan, patience, crawl children.

Shared by the reading of lists and the fetching of pages.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from monitor.jobs.backfill_sources import Inputs, find_site
from monitor.jobs.fetching import Way, egress_for, fetch_settings, pins_of
from monitor.jobs.watch import Watch
from monitor.model import Source
from monitor.urls import host_of
from spiders.crawl import CrawlChild
from spiders.frames import SourceTask
from spiders.reach import RECHECK, Reach, say_nothing
from spiders.settings import MEGABYTE, FetchSettings
from spiders.units import Wanted
from spiders.workers import WorkerHost
from storage.database import Storage

CHILD_SECONDS = 1800.0
SPARE_SECONDS = 300.0
"""A child is ended so much later than its sources are, which would cost their pages a try."""

PAGES_SECONDS = 120.0
"""So long the pages of one site are asked for in one child: no other site waits for a slow one."""

LIST_SECONDS = 120.0
LARGEST_LIST = 64 * MEGABYTE
"""Sitemaps have 50 MB at the most by their protocol, and take their time."""

Tell = Callable[[str, int, int], None]
"""Called with what is done, how much of it, and how much there is."""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long is waited for what fails: seconds before each further try, and at the most.

    `silent_batches` are those in which a source gave no answer at all, before it is left for the
    next run.  `recheck` seconds after nothing at all could be reached, it is tried once more.
    """

    waits: tuple[float, ...] = (30.0, 120.0, 600.0)
    longest: float = 3600.0
    silent_batches: int = 3
    recheck: float = RECHECK


@dataclass(frozen=True, kw_only=True)
class NetworkPlan:
    """What is asked over the network, for which rules, and seconds between requests to an archive.

    `asked` is the name that all of it is kept under.
    """

    asked: str
    inputs: Inputs
    wanted: Wanted
    rules: str
    archive_delay: float = 2.5
    patience: Patience = field(default_factory=Patience)

    @property
    def archive_host(self) -> str:
        """Return the host that captures are asked of."""
        return host_of(self.inputs.server.replay)


@dataclass(kw_only=True)
class Errand:
    """One run over the network; `left` says in words what was left for the next one.

    `known` is the main database, where the errand's own is another one.
    """

    watch: Watch
    plan: NetworkPlan
    workers: Callable[[], WorkerHost]
    known: Storage | None = None
    run_id: str = ""
    tell: Tell = say_nothing
    reach: Reach = field(default_factory=Reach)
    stop: Callable[[], bool] = lambda: False
    silent: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    left: list[str] = field(default_factory=list)

    def now(self) -> datetime:
        """Return the present time."""
        return self.watch.clock.now()

    def is_silent(self, source_id: str) -> bool:
        """Say whether a source is left for the next run."""
        return self.silent[source_id] >= self.plan.patience.silent_batches

    @property
    def silent_sources(self) -> tuple[str, ...]:
        """Return the sources that are left for the next run."""
        return tuple(each for each in self.silent if self.is_silent(each))

    def note_silence(self, source_id: str) -> None:
        """Note that a source gave no answer in a whole batch."""
        self.silent[source_id] += 1
        if self.silent[source_id] == self.plan.patience.silent_batches:
            self.left.append(f"{source_id}: it did not answer; the rest of it is for the next run")

    def gives_up(self, ask_again: Callable[[], None]) -> bool:
        """Say whether nothing at all can be reached; asked once more, which is said beforehand."""
        if self.reach.is_offline and self.stop():
            return self.reach.given_up
        seconds = self.plan.patience.recheck
        return self.reach.gives_up(ask_again, seconds=seconds, sleep=self.sleep)

    def sleep(self, seconds: float, tell: Callable[[], None] = say_nothing) -> None:
        """Wait so long, or until the run is told to stop; `tell` is called now and then."""
        clock = self.watch.clock
        ends = clock.monotonic() + seconds
        while clock.monotonic() < ends and not self.stop():
            tell()
            time.sleep(min(0.5, max(0.01, ends - clock.monotonic())))

    def later(self, attempts: int, retry_after: float | None) -> datetime:
        """Return when to try again what has failed so often; as asked, where that was said."""
        waits = self.plan.patience.waits
        seconds = waits[min(attempts, len(waits) - 1)] if retry_after is None else retry_after
        return self.now() + timedelta(seconds=seconds)

    def source_of(self, source_id: str, url: str) -> Source:
        """Return the source whose way out is taken, under the address that is asked.

        What none of the sources stands for, such as a page that a search found, goes out the way
        that its site is watched. So do an archive's captures of a site: whoever keeps the archive
        must not learn what the site must not.
        """
        known = next((each for each in self.watch.sources if each.id == source_id), None)
        if known is None:
            egress = egress_for(find_site(source_id, url), self.watch.sources)
            return Source(id=url, kind="sitemap", url=url, outlet=source_id, egress=egress)
        return replace(known, id=url, url=url, browser=False)

    def start(self, tasks: Sequence[SourceTask], way: Way, *, replay: bool) -> CrawlChild:
        """Return a crawl child that is ready to be started."""
        workers = self.workers()
        child = CrawlChild(
            tasks,
            workers=workers,
            settings=self._settings(way, replay=replay),
            rules_version=workers.rules_version,
            deadline=CHILD_SECONDS + SPARE_SECONDS,
            robots=self.watch.robots,
            meanwhile=lambda: child.stop("the backfill ends") if self.stop() else None,
        )
        return child

    def _settings(self, way: Way, *, replay: bool) -> FetchSettings:
        pins = pins_of(self.watch.sources)
        network = self.watch.settings.network
        own = fetch_settings(network, way=way, pins=pins, data=self.watch.data)
        return replace(
            own,
            max_source_bytes=max(own.max_source_bytes, LARGEST_LIST),
            source_deadline=max(own.source_deadline, LIST_SECONDS),
            feed_seconds=max(own.feed_seconds, LIST_SECONDS),
            source_seconds=CHILD_SECONDS if replay else PAGES_SECONDS,
            delay=max(own.delay, self.plan.archive_delay) if replay else own.delay,
            replay=replay,
            gives_way=True,
        )
