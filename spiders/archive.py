"""What archives are made of: lists of addresses, read one after the other, and captures of pages.

    robots.txt ─▶ sitemap index ─▶ sitemap ─▶ rows        section ─▶ following page ─▶ …
    CDX server ─▶ rows, resume key ─▶ rows …              feed ─▶ older page ─▶ …

A list is one address and what is expected there; reading it gives rows (addresses of pages) and
further lists. Pure values: nothing here asks anybody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import urlencode, urlsplit

from monitor.urls import join

ListForm = Literal["robots", "guess", "sitemap", "feed", "section", "cdx", "gdelt", "google"]
"""What is expected at an address; `guess` is a sitemap that nobody named and that may not exist."""

WAYBACK = "https://web.archive.org"
CDX_LIMIT = 10_000
"""Rows of one answer: a few megabytes, and what is asked again at most after a break."""

GUESSES = ("/sitemap.xml", "/sitemap_index.xml", "/wp-sitemap.xml")
"""Where most sites have a sitemap that robots.txt does not name, the most common first."""

_CAPTURE = re.compile(r"/(\d{14})id_/(https?:/{1,2}.+)$", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class ListRow:
    """One page that a list names; what is not said is None.

    `published` is the claimed day of publication, `changed` when the page last changed, `captured`
    when an archive took it, `digest` the archive's word for its content.
    """

    url: str
    published: datetime | None = None
    changed: datetime | None = None
    captured: datetime | None = None
    digest: str | None = None


@dataclass(frozen=True, kw_only=True)
class FoundList:
    """A further list that a list names; `following` is one that goes on where this one ends."""

    url: str
    form: ListForm
    changed: datetime | None = None
    following: bool = False


@dataclass(frozen=True, kw_only=True)
class ListReading:
    """What one list holds; `problem` is None when all of it could be read."""

    rows: tuple[ListRow, ...] = ()
    lists: tuple[FoundList, ...] = ()
    problem: str | None = None
    full: bool = False


@dataclass(frozen=True, kw_only=True)
class Listing:
    """One list as it was asked for: read, or why not.

    `retry` says that it is to be asked for again (after `retry_after` seconds); `gone` that there
    is nothing at the address (404, 410); `size` is in bytes as they came.
    """

    url: str
    reading: ListReading | None = None
    problem: str | None = None
    status: int | None = None
    retry: bool = False
    retry_after: int | None = None
    asked: bool = True
    gone: bool = False
    forbidden: bool = False
    size: int = 0


@dataclass(frozen=True, kw_only=True)
class CdxServer:
    """An archive of captures: where its index is asked, and where its captures are.

    `base` is `https://web.archive.org`, or the address of a collection of another archive
    (`https://archive.example/collection`), as pywb serves it.
    """

    base: str = WAYBACK

    @property
    def is_wayback(self) -> bool:
        """Say whether it speaks the Wayback Machine's dialect, not pywb's."""
        host = urlsplit(self.base).hostname or ""
        return host == "web.archive.org" or "/cdx/search" in self.base

    @property
    def index(self) -> str:
        """Return the address of its CDX API."""
        if "/cdx/search" in self.base:
            return self.base
        root = self.base.rstrip("/")
        return f"{root}/cdx/search/cdx" if self.is_wayback else f"{root}/cdx"

    @property
    def replay(self) -> str:
        """Return what the address of a capture begins with."""
        root = self.base.partition("/cdx/search")[0].rstrip("/")
        return f"{root}/web" if self.is_wayback else root

    def ask(self, host: str, since: datetime | None, until: datetime | None) -> str:
        """Return the address that lists the HTML captures of a host and those below it.

        `until` is not included. Where the index has pages, the first answer says how many.
        """
        fields: list[tuple[str, str]] = [("url", host), ("matchType", "domain")]
        if since is not None:
            fields.append(("from", f"{since:%Y%m%d%H%M%S}"))
        if until is not None:
            last = datetime.fromtimestamp(until.timestamp() - 1, UTC)
            fields.append(("to", f"{last:%Y%m%d%H%M%S}"))
        fields += [("output", "json"), ("limit", str(CDX_LIMIT))]
        if self.is_wayback:
            fields += [
                ("fl", "timestamp,original,mimetype,statuscode,digest"),
                ("filter", "!statuscode:[345].."),
                ("showResumeKey", "true"),
            ]
        else:
            fields += [("fl", "timestamp,url,mime,status,digest"), ("showNumPages", "true")]
        return f"{self.index}?{urlencode(fields)}"

    def capture(self, url: str, captured: datetime) -> str:
        """Return the address of a capture as it was received (`id_`), nothing rewritten."""
        return f"{self.replay}/{captured:%Y%m%d%H%M%S}id_/{url}"


@dataclass(frozen=True, kw_only=True)
class Captured:
    """What the address of a capture says: of which page, and when it was taken."""

    url: str
    at: datetime


def read_capture(url: str) -> Captured | None:
    """Return what the address of a capture says, or None where it is none."""
    found = _CAPTURE.search(url)
    moment = read_stamp(found[1]) if found else None
    if found is None or moment is None:
        return None
    original = re.sub(r"^(https?):/{1,2}", r"\1://", found[2])  # proxies join double slashes
    return Captured(url=original, at=moment)


def read_stamp(text: str) -> datetime | None:
    """Return the time of a timestamp of an archive (`20240305093000`), or None."""
    if not re.fullmatch(r"\d{4}(\d\d){0,5}", text):
        return None
    filled = text + "00000101000000"[len(text) :]
    try:
        return datetime.strptime(filled, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def guess_sitemaps(url: str) -> list[FoundList]:
    """Return where a site may have sitemaps that nothing names."""
    places = (join(url, place) for place in GUESSES)
    return [FoundList(url=place, form="guess") for place in places if place is not None]
