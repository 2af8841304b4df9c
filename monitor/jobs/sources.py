"""Ask sources now, as the watch would, and store nothing: what they offer, what of it is new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from monitor.errors import StorageError
from monitor.jobs.fetching import by_way, fetch_settings, pins_of
from monitor.jobs.offering import offered_entries
from monitor.model import Entry, Look, Settings, Source
from spiders.crawl import CrawlChild, Lost
from spiders.frames import Looked, RobotsRead, RobotsRecord, SourceTask
from spiders.origins import origin_of
from spiders.robots_memory import RobotsMemory
from spiders.settings import FetchSettings
from spiders.workers import WorkerHost
from storage.database import Storage
from storage.offers import entry_id


class Asker:
    """Look at sources with the watch's politeness and limits; each robots.txt is read once.

    `robots` are the robots.txt files that were read so far, by origin. With `data`, hosts are
    shared with the programs of that data folder.
    """

    def __init__(
        self, settings: Settings, workers: WorkerHost, *, data: Path | None = None
    ) -> None:
        self._data = data
        self._network = settings.network
        self._workers = workers
        self._memory = RobotsMemory()
        self.robots: dict[str, RobotsRecord] = {}

    def ask(self, sources: Sequence[Source]) -> dict[str, Look]:
        """Return one look at each of `sources` by id; one that failed is a look with a problem."""
        looks: dict[str, Look] = {}
        pins = pins_of(sources)
        for way, batch in by_way(sources, self._network).items():
            fetch = fetch_settings(self._network, way=way, pins=pins, data=self._data)
            self._ask(batch, fetch, looks)
        return {
            source.id: looks.get(source.id) or no_answer(source.id, "no answer came; try again")
            for source in sources
        }

    def _ask(
        self, sources: Sequence[Source], settings: FetchSettings, looks: dict[str, Look]
    ) -> None:
        child = CrawlChild(
            [SourceTask(source=source) for source in sources],
            workers=self._workers,
            settings=settings,
            rules_version=self._workers.rules_version,
            robots=self._memory,
        )
        with child:
            for message in child:
                match message:
                    case Looked(look=look):
                        looks[look.source_id] = look
                        child.fetch(look.source_id)
                    case RobotsRead(record=record):
                        self.robots[record.origin] = record
                    case Lost(reason=reason, sources=lost):
                        for source_id in lost:
                            looks.setdefault(source_id, no_answer(source_id, reason))

    def find_robots(self, url: str) -> RobotsRecord | None:
        """Return what the robots.txt of the site of `url` said, if it was read."""
        return self.robots.get(origin_of(url))


def no_answer(source_id: str, reason: str) -> Look:
    """Return the look of a source that did not get its turn."""
    return Look(source_id=source_id, looked_at=datetime.now(UTC), problem=reason)


@dataclass(frozen=True, kw_only=True)
class Tested:
    """What a look at `source` brought; nothing of it was stored.

    `new` are the addresses that the watch has not seen yet, None where there is no watch.
    """

    source: Source
    look: Look
    robots: RobotsRecord | None
    new: frozenset[str] | None

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Return what the source offers, in its own order."""
        return self.look.entries


def look_now(source: Source, asker: Asker, storage: Storage | None) -> Tested:
    """Ask `source` once, and say which of its entries the watch would take as new."""
    look = asker.ask([source])[source.id]
    return Tested(
        source=source,
        look=look,
        robots=asker.find_robots(source.url),
        new=None if storage is None else find_new(look, storage),
    )


def find_new(look: Look, storage: Storage) -> frozenset[str]:
    """Return the URLs of the entries whose canonical URL is not stored.

    An entry whose address changed is known to the watch by its GUID, and counts as new here.
    """
    return frozenset(
        offered.entry.url
        for offered in offered_entries(look)
        if not _is_known(offered.key, storage)
    )


def _is_known(key: str, storage: Storage) -> bool:
    try:
        storage.entries.get(entry_id(key))
    except StorageError:
        return False
    return True
