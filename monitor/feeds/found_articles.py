"""The list of articles that the GDELT DOC API answers with, as entries."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from monitor.feeds.item_links import resolve_link
from monitor.feeds.plain import LONGEST_TITLE, clean_text
from monitor.feeds.reading import FeedReading, Format
from monitor.model import Entry

MOST_ARTICLES = 10_000


def read_found_articles(body: bytes, *, url: str) -> FeedReading | None:
    """Return the articles in `body`, or None where it is no such list.

    `seendate` is when GDELT saw an article, which is as near to its publication as it says.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    listed = document.get("articles") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        return None
    found = [_read_article(each, url) for each in listed[:MOST_ARTICLES]]
    entries = tuple(entry for entry in found if entry is not None)
    return FeedReading(
        format=Format.OTHER_FEED, entries=entries, unusable=len(found) - len(entries)
    )


def _read_article(written: Any, url: str) -> Entry | None:
    if not isinstance(written, dict):
        return None
    link = resolve_link(url, _text(written.get("url")))
    if link is None:
        return None
    return Entry(
        url=link,
        title=clean_text(_text(written.get("title")) or "", LONGEST_TITLE),
        publisher=_text(written.get("domain")),
        published=_read_seen(_text(written.get("seendate"))),
    )


def _read_seen(written: str | None) -> datetime | None:
    try:
        return datetime.strptime(written or "", "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
