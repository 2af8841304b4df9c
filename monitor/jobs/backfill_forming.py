"""The pass in which stories form of what backfills found, in an order of its own."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import urlsplit

from monitor.commit import Arrival, Committed
from monitor.jobs.watch import Watch
from monitor.model import PageRecord, Source
from monitor.urls import site_of
from spiders.units import Flagged, unpack_told
from storage.coverage import FoundPage

ARCHIVE = Source(id="archive", kind="section", url="", outlet="", enabled=False)
"""Where a page comes from whose site is none of the configured sources'."""


TOGETHER = 10
"""Pages that are stored in one transaction: a fifth of a second of work, one wait for the disk."""


def form(watch: Watch, run_id: str) -> Iterator[Committed | None]:
    """Commit what was found in the order (published, canonical URL), and yield what it came to.

    Some are stored together, and wait no more then. None is yielded in the place of one that was
    an article before.
    """
    by_site = sources_by_site(watch)
    waiting = watch.storage.coverage.iterate_found()
    while together := [*islice(waiting, TOGETHER)]:
        with watch.storage.transaction():
            formed = [_form_one(watch, run_id, each, by_site) for each in together]
            for each in formed:
                _settle(watch, run_id, each)
        watch.committer.record_links()
        yield from (each.committed for each in formed)


@dataclass(frozen=True, kw_only=True)
class _Formed:
    """A flagged page that is stored: what it came to, or as what it was `known` before."""

    waiting: FoundPage
    origin: str
    known: PageRecord | None
    committed: Committed | None

    @property
    def article_id(self) -> str | None:
        by = self.known or self.committed
        return by.article_id if by is not None else None


def _form_one(
    watch: Watch, run_id: str, waiting: FoundPage, by_site: Mapping[str, Source]
) -> _Formed:
    flagged = unpack_told(zlib.decompress(waiting.payload))
    assert isinstance(flagged, Flagged)
    known, committed = find_known(watch, flagged), None
    if known is None:
        arrival = Arrival(
            prepared=flagged.prepared,
            run_id=run_id,
            source=find_source(flagged.prepared.final_url, by_site),
            body=flagged.body,
            headers=flagged.headers,
            historic=True,
            features=flagged.features,
        )
        committed = watch.committer.commit(arrival)
    return _Formed(waiting=waiting, origin=flagged.origin, known=known, committed=committed)


def _settle(watch: Watch, run_id: str, formed: _Formed) -> None:
    """Write that a page waits no more, inside a transaction."""
    if formed.article_id is not None:
        watch.storage.backfills.add_finding(
            formed.waiting.asked, formed.article_id, origin=formed.origin
        )
    if formed.known is not None and formed.known.run_id != run_id:  # else killed behind its commit
        watch.storage.coverage.count_known(run_id)
    watch.storage.coverage.remove_found([formed.waiting.key])


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
