"""What feedparser makes of a feed that our own reader finds nothing in.

The two have nothing in common, so what one overlooks the other may see. It is asked only then: it
takes five times as long, and raises on some hostile items (FAULTS, facts on feedparser).
"""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from monitor.feeds.dates import bound_date
from monitor.feeds.item_links import LONGEST_LINK, resolve_link
from monitor.feeds.plain import (
    LONGEST_NAME,
    LONGEST_SUMMARY,
    LONGEST_TITLE,
    clean_text,
    read_html_text,
)
from monitor.feeds.reading import FeedReading
from monitor.model import Entry

LONGEST_BODY = 250_000  # more would take it longer than a feed may take

_ITEM = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?(?:item|entry)[\s>]", re.IGNORECASE)


def ask_again(reading: FeedReading, body: bytes, *, url: str) -> FeedReading:
    """Return `reading`, with feedparser's entries where it has none and `body` holds items.

    `body` is UTF-8 without a document type that is worth anything. Raises nothing; opens nothing.
    """
    if reading.entries or len(body) > LONGEST_BODY or _ITEM.search(body) is None:
        return reading
    # feedparser costs 0.2 s to import, and hardly any process ever asks it.
    import feedparser  # noqa: PLC0415

    try:
        # BytesIO: bare bytes that look like a path would be opened as a file.
        parsed = feedparser.parse(
            io.BytesIO(body),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
        entries = tuple(
            entry for item in parsed["entries"] if (entry := _build_entry(item, url)) is not None
        )
    except Exception:  # one source; its crash sites are many and change with its version
        return reading
    if not entries:
        return reading
    return replace(reading, entries=entries, unusable=len(parsed["entries"]) - len(entries))


def _build_entry(item: Any, base: str) -> Entry | None:
    link = resolve_link(base, item.get("link"))
    if link is None:
        return None
    summary = max(
        [item.get("summary") or "", *(c["value"] for c in item.get("content", ()))], key=len
    )
    return Entry(
        url=link,
        guid=clean_text(item.get("id") or "", LONGEST_LINK) or None,
        title=read_html_text(item.get("title") or "", LONGEST_TITLE),
        summary=read_html_text(summary, LONGEST_SUMMARY),
        author=read_html_text(item.get("author") or "", LONGEST_NAME) or None,
        published=_build_date(item.get("published_parsed") or item.get("updated_parsed")),
    )


def _build_date(parts: Any) -> datetime | None:
    if parts is None:
        return None
    year, month, day, hour, minute, second = parts[:6]
    return bound_date(datetime(year, month, day, hour, minute, second, tzinfo=UTC))
