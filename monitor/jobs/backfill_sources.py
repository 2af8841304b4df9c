"""Which lists a backfill begins with, and what follows from one that was read: pure.

sources  ─▶ robots.txt (its sitemaps, or else the usual places), and the source itself
hosts    ─▶ the index of an archive            words ─▶ slices of a search
reading  ─▶ pages that may be of the period, further lists, and what was pruned
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from monitor.model import Source, SourceKind
from monitor.urls import canonical_url, host_of, site_of
from spiders.archive import CdxServer, FoundList, ListForm, ListReading, ListRow
from spiders.archive_dates import best_date, find_span, why_not_list, why_not_row
from spiders.archive_gdelt import GDELT, ask_gdelt
from spiders.archive_google import ask_google
from spiders.origins import origin_of
from spiders.units import Wanted
from storage.archive_lists import ArchiveList, NewEntry, NewList, make_key

DEEPEST_INDEX = 4
MOST_FOLLOWING = 500
"""Pages of one section or feed, one after the other; beyond, the report says so."""

SLICE = timedelta(days=31)
FIRST_SEARCH = datetime(2017, 1, 1, tzinfo=UTC)
"""GDELT's DOC API reaches back to 2017."""

SEARCHES = frozenset({"gdelt", "google"})
"""Lists that name pages of any site."""

FORMS: dict[SourceKind, ListForm] = {"sitemap": "sitemap", "feed": "feed", "section": "section"}


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What a backfill reads over the network.

    `sources` are asked for their own sitemaps and archives; `sitemaps` are addresses of further
    ones; `hosts` are looked up in the archive `server`; `searches` are words for a search: GDELT's,
    or Google's where the address of its feed is given.
    """

    sources: tuple[Source, ...] = ()
    sitemaps: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()
    server: CdxServer = field(default_factory=CdxServer)
    gdelt: str = GDELT
    google: str | None = None

    @property
    def is_empty(self) -> bool:
        """Say whether nothing is to be asked over the network."""
        return not (self.sources or self.sitemaps or self.hosts or self.searches)


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What one list comes to: pages and lists to ask for, and how many pages cannot be wanted."""

    entries: tuple[NewEntry, ...] = ()
    lists: tuple[NewList, ...] = ()
    pruned: int = 0
    problem: str | None = None
    oldest: datetime | None = None


def build_roots(inputs: Inputs, wanted: Wanted, *, now: datetime) -> tuple[NewList, ...]:
    """Return the lists to begin with, each address once."""
    roots: dict[str, NewList] = {}
    for root in _list_roots(inputs, wanted, now):
        roots.setdefault(root.url, root)
    return tuple(roots.values())


def _list_roots(inputs: Inputs, wanted: Wanted, now: datetime) -> Iterator[NewList]:
    for source in inputs.sources:
        robots = f"{origin_of(source.url)}/robots.txt"
        if source.kind in FORMS:
            yield NewList(url=robots, source_id=source.id, form="robots")
            yield NewList(url=source.url, source_id=source.id, form=FORMS[source.kind])
    for url in inputs.sitemaps:
        yield NewList(url=url, source_id=host_of(url), form="sitemap")
    for host in inputs.hosts:
        url = inputs.server.ask(host, wanted.since, wanted.until)
        yield NewList(url=url, source_id=archive_name(host), form="cdx")
    for words in inputs.searches:
        for start, end in cut_slices(wanted.since or FIRST_SEARCH, wanted.until or now):
            if inputs.google is not None:
                url = ask_google(inputs.google, words, start, end)
                yield NewList(url=url, source_id="search", form="google", dated=start)
            else:
                url = ask_gdelt(inputs.gdelt, words, start, end)
                yield NewList(url=url, source_id="search", form="gdelt", dated=start)


ARCHIVE_OF = "archive of "


def archive_name(host: str) -> str:
    """Return what the captures of a host are counted under."""
    return ARCHIVE_OF + host


def find_site(source_id: str, url: str) -> str:
    """Return an address of the site that a page is of: of a capture, not that of its archive."""
    if source_id.startswith(ARCHIVE_OF):
        return f"https://{source_id.removeprefix(ARCHIVE_OF)}/"
    return url


def cut_slices(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield a period in slices of a month, the newest first."""
    end = until
    while end > since:
        start = max(since, end - SLICE)
        yield start, end
        end = start


def take_listing(
    asked: ArchiveList,
    reading: ListReading,
    wanted: Wanted,
    *,
    server: CdxServer,
    rules: str,
    now: datetime,
) -> Taken:
    """Return what follows from a list that was read."""
    rows = [row for row in reading.rows if _is_wanted_site(asked, row, wanted)]
    kept = [row for row in rows if why_not_row(row, wanted.since, wanted.until, now=now) is None]
    dates = [date for row in rows if (date := best_date(row, now=now)) is not None]
    lists, said = _take_lists(asked, reading, wanted, rows=rows, kept=kept, now=now)
    entries: dict[str, NewEntry] = {}
    for row in kept:
        entry = _build_entry(asked, row, server=server, rules=rules, now=now)
        if entry is not None:
            entries.setdefault(entry.key, entry)
    problems = [text for text in (reading.problem, said) if text]
    return Taken(
        entries=tuple(entries.values()),
        lists=lists,
        pruned=len(reading.rows) - len(kept),
        problem="; ".join(problems) or None,
        oldest=min(dates, default=None),
    )


def _is_wanted_site(asked: ArchiveList, row: ListRow, wanted: Wanted) -> bool:
    """Say whether a row is of a wanted site: every list but a search was named for its site."""
    return asked.form not in SEARCHES or wanted.has_site(row.url)


def _take_lists(
    asked: ArchiveList,
    reading: ListReading,
    wanted: Wanted,
    *,
    rows: Sequence[ListRow],
    kept: Sequence[ListRow],
    now: datetime,
) -> tuple[tuple[NewList, ...], str | None]:
    said: str | None = None
    lists: list[NewList] = []
    for found in reading.lists:
        if why_not_list(found, wanted.since, wanted.until, now=now) is not None:
            continue
        numbered = found.following and found.form in ("feed", "section")
        if numbered and rows and not kept:
            continue  # everything on this page is older than the period: so is what follows
        if asked.depth >= (MOST_FOLLOWING if found.following else DEEPEST_INDEX):
            said = f"not read on behind {asked.depth} lists that led here"
            continue
        lists.append(_build_list(asked, found, now))
    return tuple(lists), said


def _build_list(asked: ArchiveList, found: FoundList, now: datetime) -> NewList:
    span = find_span(found.url, now=now) if found.form in ("sitemap", "guess") else None
    return NewList(
        url=found.url,
        source_id=asked.source_id,
        form=found.form,
        depth=asked.depth + 1,
        dated=span.start if span else found.changed,
    )


def _build_entry(
    asked: ArchiveList, row: ListRow, *, server: CdxServer, rules: str, now: datetime
) -> NewEntry | None:
    try:
        canonical = canonical_url(row.url)
    except ValueError:
        return None
    url = row.url
    is_capture = asked.form == "cdx" and row.captured is not None
    if is_capture and row.captured is not None:
        url = server.capture(row.url, row.captured)
    return NewEntry(
        key=make_key(canonical, row.digest if is_capture else None),
        url=url,
        source_id=asked.source_id if asked.form not in SEARCHES else site_of(row.url) or "search",
        host=urlsplit(url).hostname or "",
        rules=rules,
        replay=is_capture,
        published=row.published,
        dated=best_date(row, now=now),
    )
