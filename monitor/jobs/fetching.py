"""The settings a person wrote, as those that fetching takes, and the ways out of their sources."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from monitor.errors import UsageError
from monitor.model import Egress, NetworkSettings, Source
from monitor.urls import host_of, same_site
from spiders.leases import lease_file
from spiders.settings import FetchSettings


@dataclass(frozen=True, kw_only=True)
class Way:
    """How the sources of one crawl child go out: each child goes one way only."""

    egress: str
    browser: bool = False


def by_way(sources: Iterable[Source], network: NetworkSettings) -> dict[Way, list[Source]]:
    """Return the sources by the way they go out, those without a browser first."""
    ways: defaultdict[Way, list[Source]] = defaultdict(list)
    for source in sources:
        way = Way(egress=source.egress or network.egress, browser=source.browser)
        ways[way].append(source)
    return dict(sorted(ways.items(), key=lambda pair: (pair[0].browser, pair[0].egress)))


def egress_for(url: str, sources: Iterable[Source]) -> str | None:
    """Return the way out of the sources of the same site as `url`; None where none names one.

    What a person asks for once must not go past the proxy that the site is watched through.
    """
    for source in sources:
        if source.egress is not None and same_site(source.url, url):
            return source.egress
    return None


def pins_of(sources: Iterable[Source]) -> dict[str, tuple[str, ...]]:
    """Return the keys that are pinned, by host; what one source pins holds for its host."""
    pins: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for source in sources:
        if source.pins:
            pins[host_of(source.url)] += source.pins
    return dict(pins)


def fetch_settings(
    network: NetworkSettings,
    *,
    way: Way | None = None,
    pins: Mapping[str, tuple[str, ...]] | None = None,
    data: Path | None = None,
) -> FetchSettings:
    """Return how a crawl fetches; without a `way`, that of sources that name none.

    With `data`, its hosts are shared with every other program of that data folder.
    Raises UsageError for a way out that there is not: never is another taken in its place.
    """
    own = FetchSettings()
    chosen = way or Way(egress=network.egress)
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
        proxy=find_way(network, chosen.egress).proxy,
        pins=dict(pins or {}),
        render=chosen.browser,
        browser=network.browser,
        leases=lease_file(data) if data is not None and data.is_dir() else None,
    )


def find_way(network: NetworkSettings, name: str) -> Egress:
    """Return the way out called `name`."""
    for each in network.ways:
        if each.name == name:
            return each
    raise UsageError(
        f"while going out by {name!r}: there is no such way; name it in settings.toml:"
        f" [egress.{name}]"
    )
