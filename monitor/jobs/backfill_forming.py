"""The pass in which stories form of what backfills found, in an order of its own."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from monitor.commit import Arrival, Committed
from monitor.jobs.watch import Watch
from monitor.model import PageRecord, Source
from monitor.urls import site_of
from spiders.units import Flagged, unpack_told

ARCHIVE = Source(id="archive", kind="section", url="", outlet="", enabled=False)
"""Where a page comes from whose site is none of the configured sources'."""


def form(watch: Watch, run_id: str) -> Iterator[Committed | None]:
    """Commit what was found in the order (published, canonical URL), and yield what it came to.

    A page leaves the waiting ones behind its commit; killed between the two, it is known here, and
    None is yielded in its place.
    """
    by_site = sources_by_site(watch)
    for waiting in watch.storage.coverage.iterate_found():
        flagged = unpack_told(zlib.decompress(waiting.payload))
        assert isinstance(flagged, Flagged)
        arrival = Arrival(
            prepared=flagged.prepared,
            run_id=run_id,
            source=find_source(flagged.prepared.final_url, by_site),
            body=flagged.body,
            headers=flagged.headers,
            historic=True,
        )
        committed = None
        known = find_known(watch, flagged)
        article_id = known.article_id if known is not None else None
        if article_id is None:
            committed = watch.committer.commit(arrival)
            article_id = committed.article_id
        with watch.storage.transaction():
            if article_id is not None:
                watch.storage.backfills.add_finding(
                    waiting.asked, article_id, origin=flagged.origin
                )
            if known is not None and known.run_id != run_id:  # else it was killed behind its commit
                watch.storage.coverage.count_known(run_id)
            watch.storage.coverage.remove_found([waiting.key])
        yield committed


def find_known(watch: Watch, flagged: Flagged) -> PageRecord | None:
    """Return how the very same page became an article before, or None.

    A page that was no match, by older keywords perhaps, has become none.
    """
    latest = watch.storage.pages.find_latest(flagged.prepared.url)
    if latest is None or latest.article_id is None:
        return None
    return latest if latest.body_sha256 == flagged.prepared.body_sha256 else None


def sources_by_site(watch: Watch) -> Mapping[str, Source]:
    """Return the first configured source of each site."""
    found: dict[str, Source] = {}
    for source in watch.sources:
        if site := site_of(source.url):
            found.setdefault(site, source)
    return found


def find_source(url: str, by_site: Mapping[str, Source]) -> Source:
    """Return the source whose site a page is of, or the archive with the page's host as outlet."""
    known = by_site.get(site_of(url) or "")
    return known or replace(ARCHIVE, outlet=urlsplit(url).hostname or url)
