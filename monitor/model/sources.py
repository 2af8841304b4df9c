"""What is watched, and what a look at it yields."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

SourceKind = Literal["feed", "sitemap", "section", "search"]
SourceClass = Literal["independent", "state", "public", "ngo", "diaspora", "official", "other"]


@dataclass(frozen=True, kw_only=True)
class SectionLinks:
    """How the article links of a section page are told: a CSS selector, a URL pattern, or neither.

    `selector` picks `a` elements or elements that hold them.
    `url` is a glob over the whole URL (`https://example.org/news/*`), never a regular expression.
    With neither, links are judged by their shape.
    """

    selector: str | None = None
    url: str | None = None


@dataclass(frozen=True, kw_only=True)
class Source:
    """Something that yields pages.

    `id` is a slug, unique in the list.
    `country` is ISO 3166-1 alpha-2 in upper case, `language` a BCP 47 primary subtag.
    `every` is the number of seconds from one look to the next; None leaves it to the schedule.
    `publisher` names who owns the outlet, where several outlets share one.
    `egress` names the way out that every request for the source takes (`direct`, `tor`, one of
    settings.toml); None leaves it to the settings.
    `pins` are SHA-256 hashes, in base64, of the keys that its host's certificate may have.
    `browser` opens it and its pages in a browser, for sites that are empty without JavaScript.
    A `search` feed tells its company what is looked for; its `url` is made from its query.
    """

    id: str
    kind: SourceKind
    url: str
    outlet: str
    country: str | None = None
    language: str | None = None
    publisher: str | None = None
    source_class: SourceClass = "other"
    every: int | None = None
    links: SectionLinks | None = None
    egress: str | None = None
    pins: tuple[str, ...] = ()
    browser: bool = False
    enabled: bool = True
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Validators:
    """What a server gave for a conditional request (RFC 9110, 8.8), sent back as it came."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One link that a source offers.

    `url` is absolute; `guid` is the feed's own word for the item, often missing or wrong.
    `published` is what the feed claims; it may be None, 1900 or 9999, and decides nothing.
    `updated` is when the source says the page last changed (Atom `updated`, sitemap `lastmod`).
    `title` and `summary` are plain text, bounded (2,000 and 20,000 characters).
    `publisher` is whom the feed names as the origin of the item (RSS `source`), where it does.
    """

    url: str
    guid: str | None = None
    title: str = ""
    summary: str = ""
    author: str | None = None
    published: datetime | None = None
    language: str | None = None
    updated: datetime | None = None
    publisher: str | None = None


@dataclass(frozen=True, kw_only=True)
class PendingEntry:
    """A stored entry without an outcome; `id` is its UUID, `attempts` counts fetches."""

    id: str
    source_id: str
    entry: Entry
    attempts: int = 0


@dataclass(frozen=True, kw_only=True)
class Look:
    """The answer of a source to one look.

    `status` is the HTTP status, or None when no answer came.
    `problem` is None when the source could be read; else one sentence for a person.
    `not_modified` is a 304: the source lives and offers nothing new.
    `salvaged` says that the bytes were broken and entries were saved from them.
    `moved_to` is the target of a permanent redirect (301 or 308), for a person to adopt.
    `retry_after` is in seconds, as asked by the server, capped at a day.
    `fresh_for` is for how many seconds the source says that nothing will change (RSS `ttl`,
    `Cache-Control: max-age`), the longer of them.
    `format` is what the bytes turned out to be (`rss`, `sitemap`, `html` …), `title` and `language`
    what they say of themselves; None and empty where nothing was read.
    `disguise` names what came instead (`a login page`); `feeds` are those that a web page names.
    `certificate` says why its certificate was accepted by a pinned key alone.
    `next_url` is the page of older entries that follows (RFC 5005, or as WordPress numbers them).
    """

    source_id: str
    looked_at: datetime
    status: int | None = None
    entries: tuple[Entry, ...] = ()
    validators: Validators = field(default_factory=Validators)
    problem: str | None = None
    not_modified: bool = False
    salvaged: bool = False
    moved_to: str | None = None
    retry_after: int | None = None
    fresh_for: int | None = None
    format: str | None = None
    title: str = ""
    language: str | None = None
    disguise: str | None = None
    feeds: tuple[str, ...] = ()
    next_url: str | None = None
    certificate: str | None = None


@dataclass(frozen=True, kw_only=True)
class SourceRhythm:
    """What past looks taught of a source; made by `monitor.feeds.schedule`, only kept by storage.

    `url` is the address it was learned from: another address begins anew.
    `rate` is new entries a second, averaged over about six hours; None before it can be known.
    `looked_at` is the last look, `answered_at` the last that could be read.
    `next_look_at` is None before the first look, and when looking has stopped.
    `failures` counts looks that failed in a row.
    `moved_to` and `moved_times` are the last permanent redirect and how often it came in a row.
    `older` is a page of older entries that is still to be read, after `older_tries` tries.
    `stopped` says why the source is not looked at any more (the server answered 410).
    """

    url: str
    rate: float | None = None
    looked_at: datetime | None = None
    answered_at: datetime | None = None
    next_look_at: datetime | None = None
    failures: int = 0
    moved_to: str | None = None
    moved_times: int = 0
    stopped: str | None = None
    older: str | None = None
    older_tries: int = 0
