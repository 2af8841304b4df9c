"""What reading the bytes of a source comes to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.model import Entry


class Format(StrEnum):
    """What the bytes turned out to be, whatever they were said to be."""

    RSS = "rss"
    RDF = "rdf"
    ATOM = "atom"
    JSON_FEED = "json feed"
    OTHER_FEED = "other feed"  # items under a root element of its own making
    SITEMAP = "sitemap"
    SITEMAP_INDEX = "sitemap index"
    TEXT_SITEMAP = "text sitemap"
    SECTION = "section"
    HTML = "html"  # where something else was expected
    NONE = "none"


class Disguise(StrEnum):
    """What came with status 200 in place of what was asked for (FAULTS C15)."""

    EMPTY = "nothing at all"
    LOGIN = "a login page"
    CONSENT = "a consent page"
    CAPTCHA = "a captcha or bot check"
    BLOCKED = "a page that says it is blocked"
    PARKED = "the page of a parked domain"
    NOT_FOUND = "a page-not-found text"
    WEB_PAGE = "a web page"
    OTHER_XML = "other XML"
    UNKNOWN = "bytes of an unknown kind"


@dataclass(frozen=True, kw_only=True)
class ChildSitemap:
    """A sitemap that a sitemap index names; `lastmod` is what the index claims."""

    url: str
    lastmod: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class FoundFeed:
    """A feed or sitemap that a page or robots.txt names; `declared` is its media type, if said."""

    url: str
    title: str = ""
    declared: str | None = None


@dataclass(frozen=True, kw_only=True)
class FeedReading:
    """The entries of one body, and how far they can be trusted.

    `problem` is None when everything could be read; else one sentence for a person.
    `salvaged` says that the bytes were broken and the entries are what could be saved.
    `disguise` names what came instead of a feed, a sitemap or a list of links.
    `unusable` counts items without any link that could be fetched, `foreign` those that a sitemap
    lists for another site; neither is among `entries`.
    `notes` are faults of the bytes that were set right (a charset declared wrongly).
    `next_url` is the following page of a paged feed or archive (RFC 5005).
    `ttl` is in seconds. `feeds` are what an HTML page names as its feeds.
    """

    format: Format
    entries: tuple[Entry, ...] = ()
    sitemaps: tuple[ChildSitemap, ...] = ()
    feeds: tuple[FoundFeed, ...] = ()
    salvaged: bool = False
    problem: str | None = None
    notes: tuple[str, ...] = ()
    disguise: Disguise | None = None
    unusable: int = 0
    foreign: int = 0
    title: str = ""
    language: str | None = None
    ttl: int | None = None
    next_url: str | None = None
