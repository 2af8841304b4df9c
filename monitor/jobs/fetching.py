"""The settings a person wrote, as those that fetching takes."""

from __future__ import annotations

from monitor.model import NetworkSettings
from spiders.settings import FetchSettings


def fetch_settings(network: NetworkSettings) -> FetchSettings:
    """Return how a crawl fetches."""
    own = FetchSettings()
    return FetchSettings(
        user_agent=network.user_agent or own.user_agent,
        page_deadline=network.page_deadline,
        source_deadline=network.feed_deadline,
        max_page_bytes=network.most_page_bytes,
        max_source_bytes=network.most_feed_bytes,
        delay=network.delay,
        concurrent_requests=network.at_once,
        workers=network.workers,
        page_seconds=network.worker_deadline,
        feed_seconds=min(network.worker_deadline, own.feed_seconds),
        allow_private=network.allow_private,
    )
