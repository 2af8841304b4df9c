"""How pages are fetched: our own settings, and what Scrapy is told, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class FetchSettings:
    """How a crawl fetches; times are in seconds, sizes in bytes after decompression.

    `user_agent` must name neither the organisation nor the subject.
    `page_deadline` and `source_deadline` hold for a whole request with its redirects, waiting for
    one's turn excepted (FAULTS C3, P5).
    `delay` is the least time between two requests to a host, of which one runs at a time.
    `allow_private` names private places that may be contacted (`127.0.0.1:8080`, `10.0.0.0/8`).
    `lookup` is a `module:function` that resolves names in place of the system, for tests.
    """

    user_agent: str = "Mozilla/5.0 (compatible; newsreader/1.0)"
    page_deadline: float = 60.0
    source_deadline: float = 30.0
    lookup_deadline: float = 10.0
    max_page_bytes: int = 8 * MEGABYTE
    max_source_bytes: int = 20 * MEGABYTE
    delay: float = 1.0
    longest_delay: float = 60.0
    concurrent_requests: int = 32
    concurrent_sources: int = 64
    workers: int = 2
    feed_seconds: float = 30.0
    page_seconds: float = 60.0
    worker_memory: int = 768 * MEGABYTE
    obey_robots: bool = True
    allow_private: tuple[str, ...] = ()
    ca_file: str | None = None
    lookup: str | None = None


def scrapy_settings(fetch: FetchSettings) -> dict[str, Any]:
    """Return what Scrapy is told."""
    return {"USER_AGENT": fetch.user_agent}
