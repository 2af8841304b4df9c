"""Entries as they are offered to storage: each with the keys that it is known by."""

from __future__ import annotations

from monitor.feeds.identity import build_keys
from monitor.model import Look, OfferedEntry
from monitor.urls import canonical_url


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
