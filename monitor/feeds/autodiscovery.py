"""Which feeds and sitemaps a site names: in its pages, in robots.txt, and at the usual places."""

from __future__ import annotations

import re
from collections.abc import Iterator

from monitor.feeds.elements import Element
from monitor.feeds.html_links import find_page_base, parse_page
from monitor.feeds.item_links import resolve_link
from monitor.feeds.plain import LONGEST_TITLE, clean_text, unescape
from monitor.feeds.reading import FoundFeed
from monitor.urls import join

MOST_FOUND = 200
HEAD = 2_000_000  # bytes of a page that are looked through

# Media types of feeds; `application/json` is one only where the address does not say otherwise.
TYPES = frozenset({
    "application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json",
    "application/rss", "application/atom", "application/xml", "text/xml", "text/rss+xml",
    "application/json",
})  # fmt: skip
# Where feeds, sitemaps and news sitemaps are when nothing names them, the most common first.
USUAL_PLACES = (
    "/feed/", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/feed", "/index.xml", "/rss/",
    "/feeds/posts/default", "/?feed=rss2", "/rss/all.xml", "/rss/news.xml", "/feed.json",
    "/news-sitemap.xml", "/sitemap-news.xml", "/sitemap_news.xml", "/sitemap.xml",
    "/sitemap_index.xml", "/wp-sitemap.xml", "/sitemap.xml.gz", "/robots.txt",
)  # fmt: skip

_LOOKS_LIKE_FEED = re.compile(
    r"(?i)(?:^|[/._?=&-])(?:rss(?:\d|feed)?|feeds?|atom|rdf)(?:\.(?:xml|php|aspx?|json))?(?:[/._?=&-]|$)"
)
_NOT_FOR_US = re.compile(r"(?i)comment|oembed|wp-json|/activity|podcast")
_ROBOTS_SITEMAP = re.compile(r"(?im)^[ \t]*sitemap[ \t]*:[ \t]*(\S{1,2048})")


def find_feeds(body: bytes, url: str) -> tuple[FoundFeed, ...]:
    """Return the feeds that a UTF-8 HTML page names, each address once, the likeliest first.

    Those that the page declares (`link rel=alternate`), then links that look like feeds; feeds of
    comments and the like last. Nothing is fetched: any of them may be dead.
    """
    root = parse_page(body[:HEAD])
    if root is None:
        return ()
    base = find_page_base(root, url)
    found: dict[str, FoundFeed] = {}
    for feed in [*_list_declared(root, base), *_list_linked(root, base)]:
        if feed.url != url:
            found.setdefault(feed.url, feed)
    ranked = sorted(
        found.values(), key=lambda feed: bool(_NOT_FOR_US.search(feed.url + feed.title))
    )
    return tuple(ranked[:MOST_FOUND])


def find_sitemaps(robots: str, url: str) -> tuple[FoundFeed, ...]:
    """Return the sitemaps that the text of a robots.txt names (RFC 9309, 2.2.4), each once."""
    links = (join(url, found[1]) for found in _ROBOTS_SITEMAP.finditer(robots[:HEAD]))
    unique = dict.fromkeys(link for link in links if link is not None)
    return tuple(FoundFeed(url=link, declared="sitemap") for link in list(unique)[:MOST_FOUND])


def list_usual_places(url: str) -> tuple[str, ...]:
    """Return where to look for feeds and sitemaps of the site of `url` when nothing names any."""
    places = (join(url, place) for place in USUAL_PLACES)
    return tuple(place for place in places if place is not None)


def _list_declared(root: Element, base: str) -> Iterator[FoundFeed]:
    for link in root.iter("link"):
        relations = (link.get("rel") or "").lower().split()
        declared = (link.get("type") or "").lower().partition(";")[0].strip()
        is_feed = "alternate" in relations and declared in TYPES
        if not (is_feed or "feed" in relations or "sitemap" in relations):
            continue
        href = resolve_link(base, link.get("href"))
        if href is None or (declared in {"application/json", "text/xml"} and "oembed" in href):
            continue
        title = clean_text(unescape(link.get("title") or ""), LONGEST_TITLE)
        yield FoundFeed(url=href, title=title, declared=declared or None)


def _list_linked(root: Element, base: str) -> Iterator[FoundFeed]:
    for count, anchor in enumerate(root.iter("a")):
        if count > 5000:
            return
        href = anchor.get("href") or ""
        if len(href) > 500 or not _LOOKS_LIKE_FEED.search(href):
            continue
        link = resolve_link(base, href)
        if link is not None:
            text = clean_text("".join(anchor.itertext()), LONGEST_TITLE)
            yield FoundFeed(url=link, title=text)
