"""What workers of a backfill do with a page: rule it out by its bytes, or prepare it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from monitor.errors import FilterMissing
from monitor.log import get_logger
from monitor.match.matcher import Matcher
from monitor.model import Entry, Outcome, Page, Prepared, SiteBlocks
from monitor.prepare import Preparer, load_preparer
from monitor.sieve import PageSieve

log = get_logger("spiders")


@dataclass(frozen=True, kw_only=True)
class SievingPreparer:
    """Prepare pages that the filter lets through; without a filter, every page."""

    preparer: Preparer
    sieve: PageSieve | None = None

    @property
    def rules_version(self) -> str:
        """Return the name of the rules that pages are matched with."""
        return self.preparer.rules_version

    @property
    def unfiltered(self) -> Preparer:
        """Return what prepares every page; this is what is warmed, past the filter."""
        return self.preparer

    def prepare(
        self, page: Page, entry: Entry | None = None, blocks: SiteBlocks | None = None
    ) -> Prepared:
        """Return what a page comes to; `ruled out` for one that can hold no match.

        No snapshot of blocks is used: what repeats on a site today says nothing of its past, and
        the same page comes to the same in a WARC file.
        """
        _ = blocks
        text = self.preparer.begin(page)
        if self.sieve is not None and self.sieve.rules_out(page, entry, text=text):
            return Prepared(
                url=page.url,
                final_url=page.final_url,
                fetched_at=page.fetched_at,
                status=page.status,
                body_sha256=hashlib.sha256(page.body).hexdigest(),
                outcome=Outcome.RULED_OUT,
                rules_version=self.rules_version,
            )
        return self.preparer.prepare(page, entry, text=text)


def load_sieving(keywords: str, cache: str | None = None, *, sieve: bool = True) -> SievingPreparer:
    """Return a preparer with the rules of the file `keywords`: the factory of workers."""
    preparer = load_preparer(keywords, cache)
    found, _ = load_filter(preparer, cache) if sieve else (None, "")
    return SievingPreparer(preparer=preparer, sieve=found)


def load_filter(preparer: Preparer, cache: str | None) -> tuple[PageSieve | None, str]:
    """Return the filter for a preparer's rules, or None and why there is none, which is logged."""
    assert isinstance(preparer.matcher, Matcher)
    try:
        return PageSieve.load(preparer.matcher, cache), ""
    except FilterMissing as missing:
        log.warning("no filter before extraction", reason=str(missing))
        return None, str(missing)
