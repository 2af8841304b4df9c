"""The bytes that a source answered with → the entries in them."""

from __future__ import annotations

from dataclasses import replace

from monitor.feeds.autodiscovery import find_feeds
from monitor.feeds.decode import Decoded, decode_to_utf8
from monitor.feeds.disguise import unmask
from monitor.feeds.found_articles import read_found_articles
from monitor.feeds.json_feed import read_json_feed
from monitor.feeds.markup import Prolog, read_prolog
from monitor.feeds.reading import Disguise, FeedReading, Format
from monitor.feeds.second_opinion import ask_again
from monitor.feeds.section import read_section
from monitor.feeds.sitemap import read_sitemap, read_text_sitemap
from monitor.feeds.unpack import LONGEST_BODY, unpack
from monitor.feeds.xml_feed import read_xml_feed
from monitor.model import Entry, Header, SectionLinks, SourceKind
from monitor.urls.search_feeds import find_engine_of_link, is_wrapped, unwrap_link

_FEEDS = frozenset({"rss", "rdf", "feed", "channel"})
_SITEMAPS = frozenset({"urlset", "sitemapindex"})
_HTML = frozenset({"html", "head", "body", "div", "script", "meta", "title", "p", "br", "center"})
_NAMES = {
    "feed": "feed",
    "sitemap": "sitemap",
    "section": "list of articles",
    "search": "search feed",
}


def read_entries(
    body: bytes,
    *,
    kind: SourceKind,
    url: str,
    headers: tuple[Header, ...] = (),
    links: SectionLinks | None = None,
    language: str | None = None,
) -> FeedReading:
    """Read what `body`, fetched from the final `url`, offers; `kind` is what was expected.

        gzip → charset → what it really is → entries

    A feed or sitemap is read as what it is, whichever was expected. `links` is for section pages;
    `language` is the source's, and helps where a charset is wrong and for dates.
    Raises nothing on hostile bytes: what cannot be read is a `problem`, with the entries that
    could. Opens no file and no connection.
    """
    unpacked = unpack(body)
    problem = unpacked.problem
    if len(unpacked.body) > LONGEST_BODY:
        unpacked = replace(unpacked, body=unpacked.body[:LONGEST_BODY])
        problem = f"it holds more than {LONGEST_BODY:,} bytes: the rest was cut"
    decoded = decode_to_utf8(unpacked.body, headers, language=language)
    del unpacked  # a body may be large, and there is one more copy of it while it is read
    reading = _read(decoded, kind=kind, url=url, links=links, language=language)
    return _add_doubts(_unwrap(reading), decoded, problem)


def _unwrap(reading: FeedReading) -> FeedReading:
    """Return the reading with links that lead to publishers, not by way of a search company."""
    if not any(is_wrapped(entry.url) for entry in reading.entries):
        return reading
    return replace(reading, entries=tuple(map(_unwrap_entry, reading.entries)))


def _unwrap_entry(entry: Entry) -> Entry:
    if not is_wrapped(entry.url):
        return entry
    title = entry.title
    if entry.publisher:
        title = title.removesuffix(f" - {entry.publisher}")
    # The summary of Google News is a list of other outlets' headlines: not what this one says.
    summary = "" if find_engine_of_link(entry.url) == "google-news" else entry.summary
    return replace(entry, url=unwrap_link(entry.url), title=title, summary=summary)


def _read(
    decoded: Decoded,
    *,
    kind: SourceKind,
    url: str,
    links: SectionLinks | None,
    language: str | None,
) -> FeedReading:
    body = decoded.body
    if not body.strip():
        return _say_disguise(Disguise.EMPTY, body, kind=kind, url=url)
    if body[:64].lstrip()[:1] in {b"{", b"["}:
        reading = read_json_feed(body, url=url, language=language)
        if reading is None:
            reading = read_found_articles(body, url=url)
        if reading is not None:
            return reading
    prolog = read_prolog(body)
    reading = _read_xml(body, prolog, url=url, language=language)
    if reading is not None:
        return reading
    if kind == "section":
        return read_section(body, url=url, links=links)
    if kind == "sitemap" and (prolog is None or prolog.junk):
        reading = read_text_sitemap(body, url=url)
        if reading is not None:
            return reading
    return _say_disguise(_find_disguise(body, prolog, url), body, kind=kind, url=url)


def _read_xml(
    body: bytes, prolog: Prolog | None, *, url: str, language: str | None
) -> FeedReading | None:
    """Return what a feed or sitemap holds, or None where `body` is neither."""
    if prolog is None or prolog.root in _HTML:
        return None
    if prolog.root in _SITEMAPS:
        return read_sitemap(body, prolog, url=url)
    reading = read_xml_feed(body, prolog, url=url, language=language)
    if prolog.root in _FEEDS:
        return ask_again(reading, body[prolog.start :], url=url)
    if not reading.entries:
        return None
    return replace(reading, format=Format.OTHER_FEED)  # items under a root of its own making


def _find_disguise(body: bytes, prolog: Prolog | None, url: str) -> Disguise:
    if prolog is None and b"<" not in body[:1000]:
        return Disguise.UNKNOWN
    if prolog is not None and prolog.root not in _HTML:
        return Disguise.OTHER_XML
    return unmask(body, url)


def _say_disguise(disguise: Disguise, body: bytes, *, kind: SourceKind, url: str) -> FeedReading:
    """Return a reading without entries that says what came, and which feeds it names."""
    is_page = disguise not in {Disguise.EMPTY, Disguise.OTHER_XML, Disguise.UNKNOWN}
    feeds = find_feeds(body, url) if is_page else ()
    cure = f"try {feeds[0].url}" if feeds else "look at the address in a browser"
    return FeedReading(
        format=Format.HTML if is_page else Format.NONE,
        feeds=feeds,
        problem=f"the address answers with {disguise.value} where a {_NAMES[kind]} was expected:"
        f" {cure}",
        disguise=disguise,
    )


def _add_doubts(reading: FeedReading, decoded: Decoded, problem: str | None) -> FeedReading:
    """Return the reading with what was wrong with its bytes; what stopped it stands first."""
    notes = reading.notes if decoded.doubt is None else (*reading.notes, decoded.doubt)
    if problem is not None:
        salvaged = reading.salvaged or bool(reading.entries)
        reading = replace(reading, problem=reading.problem or problem, salvaged=salvaged)
    return replace(reading, notes=notes)
