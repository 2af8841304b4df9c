"""What a feed says of a page that is there but not for us: prepared like a page, by a worker."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from monitor.errors import WorkerLost
from monitor.model import Level, Page, PendingEntry, Prepared
from spiders.work import PageWork
from spiders.workers import Limits, WorkerHost, WorkerPool


class FeedWords:
    """Prepare what feeds say; one worker, started when it is first needed."""

    def __init__(self, workers: Callable[[], WorkerHost]) -> None:
        self._workers = workers
        self._pool: WorkerPool | None = None

    def prepare(self, entry: PendingEntry, status: int | None, *, now: datetime) -> Prepared | None:
        """Return what the feed says of the page that answered `status`; None without a worker."""
        page = Page(
            url=entry.entry.url,
            final_url=entry.entry.url,
            status=status or 0,
            headers=(),
            body=b"",
            wire_body=b"",
            fetched_at=now,
        )
        if self._pool is None:
            self._pool = WorkerPool(self._workers(), size=1, limits=Limits())
        try:
            return self._pool.run(PageWork(page=page, entry=entry.entry)).result()
        except WorkerLost:
            return None

    def close(self) -> None:
        """End the worker, if there is one."""
        if self._pool is not None:
            self._pool.close()


def reaches(prepared: Prepared, least: Level) -> bool:
    """Say whether a page matches a topic at this level or above."""
    matches = prepared.analysis.matches if prepared.analysis is not None else ()
    return any(least is Level.MENTION or match.level is Level.REPORT for match in matches)
