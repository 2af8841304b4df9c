"""What robots.txt files have said, kept by the service from one crawl to the next.

A crawl child lives for minutes and holds nothing; without this each poll would ask every site for
its robots.txt again. RFC 9309 (2.4) lets it be used for 24 hours.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from spiders.frames import RobotsRecord
from spiders.origins import origin_of

FRESH = timedelta(hours=24)
MOST_BYTES = 32 * 1024 * 1024


def utc_now() -> datetime:
    """Return the present time, aware and in UTC."""
    return datetime.now(UTC)


class RobotsMemory:
    """Records by origin, the oldest forgotten first; safe from several threads."""

    def __init__(self, *, now: Callable[[], datetime] = utc_now) -> None:
        self._records: OrderedDict[str, RobotsRecord] = OrderedDict()
        self._bytes = 0
        self._now = now
        self._lock = threading.Lock()

    def remember(self, record: RobotsRecord) -> None:
        """Keep what a site said; a site that could not say anything is asked again next time."""
        with self._lock:
            old = self._records.pop(record.origin, None)
            self._bytes -= len(old.text) if old else 0
            if record.verdict == "forbid":
                return
            self._records[record.origin] = record
            self._bytes += len(record.text)
            while self._bytes > MOST_BYTES:
                _, oldest = self._records.popitem(last=False)
                self._bytes -= len(oldest.text)

    def records_for(self, urls: Iterable[str]) -> tuple[RobotsRecord, ...]:
        """Return the fresh records of the origins of `urls`."""
        origins = dict.fromkeys(origin_of(url) for url in urls)
        now = self._now()
        with self._lock:
            found = [self._records[origin] for origin in origins if origin in self._records]
        return tuple(record for record in found if now - record.fetched_at < FRESH)
