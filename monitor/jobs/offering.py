"""Entries as they are offered to storage: each with the keys that it is known by."""

from __future__ import annotations

from dataclasses import replace

from monitor.feeds.identity import build_keys
from monitor.match.outlet_country import country_of_outlet
from monitor.model import Look, OfferedEntry, PendingEntry, Prepared, Source
from monitor.urls import canonical_url, site_of
from monitor.urls.search_feeds import is_wrapped


def offered_entries(look: Look) -> list[OfferedEntry]:
    """Return the entries of a look with the keys that they are known by."""
    offered = []
    for entry, known in zip(look.entries, build_keys(look.entries), strict=True):
        try:
            key = canonical_url(entry.url)
        except ValueError:
            continue  # no address at all; storage counts it as refused
        aliases = tuple(alias for alias in (known.guid, known.content) if alias is not None)
        offered.append(OfferedEntry(entry=entry, key=key, aliases=aliases))
    return offered


def as_found(source: Source, entry: PendingEntry | None, prepared: Prepared) -> Source:
    """Return `source` as an article's: of what a search feed found, the publisher is another."""
    if source.kind != "search":
        return source
    said = entry.entry.publisher if entry is not None else None
    if is_wrapped(prepared.final_url):
        return replace(source, outlet=said or source.outlet, publisher=said, country=None)
    site = site_of(prepared.final_url)
    country = country_of_outlet(prepared.final_url)
    return replace(source, outlet=said or site, publisher=None, country=country)
