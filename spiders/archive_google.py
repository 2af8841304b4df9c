"""Google News' feed of what a search finds, by slices of time: the few addresses that it tells.

`after:` and `before:` in the words of a search are known to work and documented by nobody at
Google; since 2024 most links hold an id in place of the publisher's address.  What has no address
is counted and named, so that a person may look for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from monitor.model import Entry
from monitor.text.counting import plural
from monitor.urls.search_feeds import is_wrapped, unwrap_link
from spiders.archive import FoundList, ListReading, ListRow

GOOGLE = "https://news.google.com/rss/search"
MOST = 100
"""Reports of one answer; more are asked for in two halves."""

DAY = timedelta(days=1)
NAMED = 3


def ask_google(base: str, words: str, since: datetime, until: datetime) -> str:
    """Return the address of the feed of a period; its days are asked for with one to spare."""
    last = until + DAY
    return f"{base}?{urlencode({'q': f'{words} after:{since:%Y-%m-%d} before:{last:%Y-%m-%d}'})}"


def sort_google(entries: Sequence[Entry], url: str, problem: str | None) -> ListReading:
    """Return the entries of an answer whose address is told; a full answer is halved."""
    rows, hidden = [], []
    for entry in entries:
        link = unwrap_link(entry.url)
        if is_wrapped(link):
            hidden.append(entry.title)
        else:
            rows.append(ListRow(url=link, published=entry.published))
    said = [problem] if problem else []
    if hidden:
        named = "; ".join(title[:100] for title in hidden[:NAMED])
        said.append(
            f"of {plural(len(entries), 'report')} no address is told for {len(hidden)}: {named}"
        )
    lists = _halve(url) if len(entries) >= MOST else ()
    if len(entries) >= MOST and not lists:
        said.append(f"more than {MOST} reports on one day: the rest is unseen")
    return ListReading(rows=tuple(rows), lists=lists, problem="; ".join(said) or None)


def _halve(url: str) -> tuple[FoundList, ...]:
    parts = urlsplit(url)
    words, _, span = dict(parse_qsl(parts.query)).get("q", "").rpartition(" after:")
    first, _, last = span.partition(" before:")
    since = datetime.fromisoformat(first).replace(tzinfo=UTC)
    until = datetime.fromisoformat(last).replace(tzinfo=UTC) - DAY
    days = (until - since).days
    if days < 2:
        return ()
    middle = since + timedelta(days=days // 2)
    base = urlunsplit(parts._replace(query=""))
    return tuple(
        FoundList(url=ask_google(base, words, start, end), form="google", following=True)
        for start, end in ((middle, until), (since, middle))
    )
