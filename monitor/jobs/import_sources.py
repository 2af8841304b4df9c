"""A list of feeds from another program → sources that are not watched yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from monitor.config.places import country_codes, language_codes
from monitor.config.reader import WrongValue
from monitor.config.sources import check_web_address
from monitor.feeds.opml import OpmlFeed, read_opml
from monitor.jobs.find_sources import build_id, key_of
from monitor.model import Source
from monitor.urls import host_of

LONGEST_OUTLET = 200


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A feed of the list that was not taken, and why."""

    url: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Import:
    """What a list comes to: new sources, and what was left out."""

    sources: tuple[Source, ...]
    left_out: tuple[LeftOut, ...]


def read_import(body: bytes, known: Iterable[Source]) -> Import:
    """Return the feeds of an OPML list as sources, without those whose address is known.

    A folder named by two letters of a country, as `sources export` writes it, is the country.
    Raises FeedError for what is no OPML.
    """
    watched = {key_of(source.url): source.id for source in known}
    taken = set(watched.values()) | {source.id for source in known}
    sources: list[Source] = []
    left_out: list[LeftOut] = []
    for feed in read_opml(body):
        try:
            check_web_address(feed.url)
            key = key_of(feed.url)
            if key in watched:
                reason = f"it is on the list already, as {watched[key]!r}"
                left_out.append(LeftOut(url=feed.url, reason=reason))
                continue
            source = build_source(feed, taken)
        except WrongValue as wrong:
            left_out.append(LeftOut(url=feed.url, reason=f"{wrong.problem}: {wrong.cure}"))
            continue
        except ValueError as error:
            left_out.append(LeftOut(url=feed.url, reason=str(error)))
            continue
        watched[key] = source.id
        taken.add(source.id)
        sources.append(source)
    return Import(sources=tuple(sources), left_out=tuple(left_out))


def build_source(feed: OpmlFeed, taken: Iterable[str]) -> Source:
    """Return the source of one feed; raises ValueError for an address without a host."""
    language = (feed.language or "").partition("-")[0].lower()
    countries = [name for name in feed.folders if name in country_codes()]
    return Source(
        id=build_id(feed.url, taken),
        kind="feed",
        url=feed.url,
        outlet=(feed.title or host_of(feed.url))[:LONGEST_OUTLET],
        country=countries[-1] if countries else None,
        language=language if language in language_codes() else None,
    )
