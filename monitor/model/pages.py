"""Pages, the articles in them, and what preparing a page comes to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.model.matches import Analysis

Header = tuple[str, str]


class Outcome(StrEnum):
    """The one counted end of every page.

    `FETCH_FAILED` is final (tries are used up, or the answer is a 404 or 410); a page that will be
    tried again has no outcome yet.
    """

    NEW = "new"  # an article not seen before that matches a topic
    UPDATED = "updated"  # a known article whose text changed
    UNCHANGED = "unchanged"  # a known article, or a 304
    DUPLICATE = "duplicate"  # the same article under another URL
    NO_MATCH = "no match"  # an article that matches nothing
    RULED_OUT = "ruled out"  # by the backfill filter, before extraction
    LEFT_OUT = "flagged but left out"  # by a backfill: outside of what it was asked for
    NOT_AN_ARTICLE = "not an article"  # a file, a picture, a list of links
    EXTRACTION_FAILED = (
        "extraction failed"  # no text could be had from a page that should have some
    )
    WORKER_LOST = "worker lost"  # the page killed its worker or used up its time or memory
    TOO_LARGE = "too large"
    ROBOTS = "robots"  # robots.txt forbids it
    REFUSED = "refused"  # an address or scheme that may not be contacted
    FETCH_FAILED = "fetch failed"
    PURGED = "purged"  # a person had it removed; it is not stored again


class ExtractionMethod(StrEnum):
    """The step of the fallback that gave the text."""

    TRAFILATURA = "trafilatura"
    JSON_LD = "json-ld"
    PARAGRAPHS = "paragraphs"  # where most of them stand; the page was too large for trafilatura
    EMBEDDED = "embedded data"  # a script's data, out of which the browser builds the page
    VISIBLE_TEXT = "visible text"
    FEED = "feed"  # the page could not be had; text is what the feed says
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Page:
    """Bytes fetched from a URL.

    `body` is decoded from transfer and content encoding; `wire_body` is what came over the network
    before content decoding (gzip, br), and is what evidence keeps.
    `headers` keeps order, case and repetitions as received.
    `charset` is the one the HTTP header declares, if any.
    `truncated` means that the connection ended early or the cap cut it.
    """

    url: str
    final_url: str
    status: int
    headers: tuple[Header, ...]
    body: bytes
    wire_body: bytes
    fetched_at: datetime
    charset: str | None = None
    truncated: bool = False


@dataclass(frozen=True, kw_only=True)
class Article:
    """What extraction makes of a page.

    `text` is paragraphs separated by one newline; `title` holds no newline. Both are free of NUL,
    surrogates and control characters but tab and newline.
    `published` and `modified` are what the page claims, not when it was seen; a date without a time
    of day is midnight UTC and `published_precision` says `day`.
    `language` is a BCP 47 tag found from the text, or None (`sr-Cyrl`, `zh-Hant` carry a script).
    `declared_language` is what the page claims.
    `paywalled` is set when the page says that the full text is not free
    (schema.org isAccessibleForFree=false).
    """

    url: str
    canonical_url: str
    title: str
    text: str
    author: str | None = None
    published: datetime | None = None
    published_precision: str | None = None
    modified: datetime | None = None
    language: str | None = None
    declared_language: str | None = None
    site_name: str | None = None
    method: ExtractionMethod = ExtractionMethod.TRAFILATURA
    paywalled: bool = False


@dataclass(frozen=True, kw_only=True)
class Fingerprint:
    """What identifies a text whatever surrounds it.

    `text_hash` is the hex SHA-256 of the normalised title and text.
    `hashes` are the kept shingle hashes (FracMinHash), signed 64-bit so that SQLite can hold them.
    """

    text_hash: str
    hashes: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What one page comes to before anything is known of the past.

    `article` is None where `outcome` says why; otherwise `outcome` is None and commit decides.
    `blocks` are hashes of the page's text blocks, counted for the site by commit.
    `rules_version` and `blocks_version` name the keywords and the snapshot it was matched with.
    """

    url: str
    final_url: str
    fetched_at: datetime
    status: int
    body_sha256: str
    article: Article | None = None
    analysis: Analysis | None = None
    fingerprint: Fingerprint | None = None
    outcome: Outcome | None = None
    reason: str | None = None
    blocks: tuple[int, ...] = ()
    rules_version: str = ""
    blocks_version: int = 0
